/* route: every call that the admin API has, in one table. */
#ifndef ACS_API_ROUTE_H
#define ACS_API_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compiler.h"

struct api_call;
typedef void api_handler_fn(struct api_call *call);

/* Each may do what those before it may. A route that needs nobody still wants a reader's token from
 * peers that are not on loopback. */
enum api_role { ROLE_NOBODY, ROLE_READ, ROLE_OPERATE, ROLE_ADMIN };
const char *api_role_name(enum api_role role);
/* False for a name that is none of read, operate, admin. */
bool api_role_read(const char *name, enum api_role *role) MUST_CHECK;

enum api_body { BODY_NONE, BODY_JSON, BODY_BYTES };

/* What a caller who does not reach all devices may do with a route. */
enum api_scope {
	SCOPE_REFUSED,   /* nothing: what a route is that says nothing of it */
	SCOPE_NO_DEVICE, /* all: it tells nothing of devices or how they are treated */
	SCOPE_DEVICE,    /* the {device} of the path must be one that he reaches, else it is 404 */
	SCOPE_TASK,      /* likewise the {task}'s device */
	SCOPE_LIST,      /* the handler leaves out what is not in call->scope */
};

struct api_route {
	const char *method;
	const char *path; /* "{…}" stands for one segment */
	enum api_role role;
	api_handler_fn *handle; /* when the body is there; with BODY_BYTES before any of it */
	enum api_body body;
	const char *query; /* names, each followed by a blank; "parameter." is a prefix */
	enum api_scope scope;
};

/* The whole table. */
const struct api_route *api_routes(size_t *count);

enum { API_SEGMENTS = 2 };
struct api_match {
	const struct api_route *route;      /* NULL: no such path, or not with this method */
	const char *segments[API_SEGMENTS]; /* what stands for "{…}", as received */
	const char *allow; /* methods that the path has, "GET, PUT"; "" for an unknown path */
};

/* HEAD finds the route of GET. path is as received, without query. */
void api_route_find(
	struct arena *arena, const char *method, const char *path, struct api_match *match);
/* May the route's query have this name? */
bool api_route_knows(const struct api_route *route, const char *name);

/* Handlers, by the file that has them. */
api_handler_fn devices_get_list, devices_get_one, devices_patch, devices_remove, devices_put_tag,
	devices_remove_tag, devices_get_parameters, devices_post;
api_handler_fn tasks_post, tasks_get_of_device, tasks_get_list, tasks_get_one, tasks_remove,
	tasks_post_retry;
api_handler_fn files_get_list, files_get_one, files_get_bytes, files_put, files_remove;
api_handler_fn credentials_put_one, credentials_get_one, credentials_remove, credentials_post_reopen;
api_handler_fn device_classes_get_list, device_classes_get_one, device_classes_put_one,
	device_classes_remove;
api_handler_fn connection_request_post;
api_handler_fn onboarding_get, onboarding_put;
api_handler_fn quirks_get_list, quirks_get_one, quirks_put_one, quirks_remove;
api_handler_fn searched_parameters_get_list, searched_parameters_put_one,
	searched_parameters_remove;
api_handler_fn faults_get_list, events_get_list, sessions_get_list, session_log_get_list,
	audit_get_list;
api_handler_fn tokens_get_list, tokens_post, tokens_remove;
api_handler_fn users_get_list, users_post, users_put_password, users_remove;
api_handler_fn health_get, ready_get, metrics_get, openapi_get;

#endif
