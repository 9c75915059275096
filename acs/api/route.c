/* route: every call that the admin API has, in one table.
 * openapi.json describes the same calls to the outside; a test compares the two. */
#include "acs/api/route.h"

#include <string.h>

#define DEVICE "/api/v1/devices/{device}"

static const struct api_route routes[] = {
	{ "GET", "/api/v1/devices", ROLE_READ, devices_get_list, BODY_NONE,
		"limit after oui product_class serial_number software_version admission tag parameter. q ",
		SCOPE_LIST },
	{ "POST", "/api/v1/devices", ROLE_OPERATE, devices_post, BODY_JSON, "", SCOPE_REFUSED },
	{ "GET", DEVICE, ROLE_READ, devices_get_one, BODY_NONE, "", SCOPE_DEVICE },
	{ "PATCH", DEVICE, ROLE_OPERATE, devices_patch, BODY_JSON, "", SCOPE_REFUSED },
	{ "DELETE", DEVICE, ROLE_OPERATE, devices_remove, BODY_NONE, "", SCOPE_REFUSED },
	{ "PUT", DEVICE "/tags/{tag}", ROLE_OPERATE, devices_put_tag, BODY_NONE, "",
		SCOPE_REFUSED },
	{ "DELETE", DEVICE "/tags/{tag}", ROLE_OPERATE, devices_remove_tag, BODY_NONE, "",
		SCOPE_REFUSED },
	{ "GET", DEVICE "/parameters", ROLE_READ, devices_get_parameters, BODY_NONE,
		"limit after prefix objects ", SCOPE_DEVICE },
	{ "GET", DEVICE "/tasks", ROLE_READ, tasks_get_of_device, BODY_NONE, "limit after state ",
		SCOPE_DEVICE },
	{ "POST", DEVICE "/tasks", ROLE_OPERATE, tasks_post, BODY_JSON, "wait ", SCOPE_DEVICE },
	{ "GET", DEVICE "/session-log", ROLE_READ, session_log_get_list, BODY_NONE, "limit after ",
		SCOPE_DEVICE },
	{ "POST", DEVICE "/connection-request", ROLE_OPERATE, connection_request_post, BODY_NONE,
		"session ", SCOPE_DEVICE },
	{ "GET", "/api/v1/tasks", ROLE_READ, tasks_get_list, BODY_NONE, "limit after state device ",
		SCOPE_LIST },
	{ "GET", "/api/v1/tasks/{task}", ROLE_READ, tasks_get_one, BODY_NONE, "", SCOPE_TASK },
	{ "DELETE", "/api/v1/tasks/{task}", ROLE_OPERATE, tasks_remove, BODY_NONE, "", SCOPE_TASK },
	{ "POST", "/api/v1/tasks/{task}/retry", ROLE_OPERATE, tasks_post_retry, BODY_NONE, "",
		SCOPE_TASK },
	{ "GET", "/api/v1/files", ROLE_READ, files_get_list, BODY_NONE, "limit after ",
		SCOPE_REFUSED },
	{ "GET", "/api/v1/files/{file}", ROLE_READ, files_get_one, BODY_NONE, "", SCOPE_REFUSED },
	{ "GET", "/api/v1/files/{file}/content", ROLE_OPERATE, files_get_bytes, BODY_NONE, "",
		SCOPE_REFUSED },
	{ "PUT", "/api/v1/files/{file}", ROLE_OPERATE, files_put, BODY_BYTES,
		"kind version oui product_class file_type ", SCOPE_REFUSED },
	{ "DELETE", "/api/v1/files/{file}", ROLE_OPERATE, files_remove, BODY_NONE, "",
		SCOPE_REFUSED },
	{ "PUT", "/api/v1/credentials/{device}", ROLE_OPERATE, credentials_put_one, BODY_JSON, "",
		SCOPE_DEVICE },
	{ "GET", "/api/v1/credentials/{device}", ROLE_READ, credentials_get_one, BODY_NONE, "",
		SCOPE_DEVICE },
	{ "DELETE", "/api/v1/credentials/{device}", ROLE_OPERATE, credentials_remove, BODY_NONE, "",
		SCOPE_REFUSED },
	{ "POST", "/api/v1/credentials/{device}/reopen", ROLE_OPERATE, credentials_post_reopen,
		BODY_JSON, "", SCOPE_REFUSED },
	{ "GET", "/api/v1/device-classes", ROLE_READ, device_classes_get_list, BODY_NONE, "",
		SCOPE_REFUSED },
	{ "GET", "/api/v1/device-classes/{class}", ROLE_READ, device_classes_get_one, BODY_NONE, "",
		SCOPE_REFUSED },
	{ "PUT", "/api/v1/device-classes/{class}", ROLE_ADMIN, device_classes_put_one, BODY_JSON,
		"", SCOPE_REFUSED },
	{ "DELETE", "/api/v1/device-classes/{class}", ROLE_ADMIN, device_classes_remove, BODY_NONE,
		"", SCOPE_REFUSED },
	{ "GET", "/api/v1/onboarding", ROLE_READ, onboarding_get, BODY_NONE, "", SCOPE_REFUSED },
	{ "PUT", "/api/v1/onboarding", ROLE_ADMIN, onboarding_put, BODY_JSON, "", SCOPE_REFUSED },
	{ "GET", "/api/v1/quirks", ROLE_READ, quirks_get_list, BODY_NONE, "", SCOPE_REFUSED },
	{ "GET", "/api/v1/quirks/{quirk}", ROLE_READ, quirks_get_one, BODY_NONE, "",
		SCOPE_REFUSED },
	{ "PUT", "/api/v1/quirks/{quirk}", ROLE_ADMIN, quirks_put_one, BODY_JSON, "",
		SCOPE_REFUSED },
	{ "DELETE", "/api/v1/quirks/{quirk}", ROLE_ADMIN, quirks_remove, BODY_NONE, "",
		SCOPE_REFUSED },
	{ "GET", "/api/v1/searched-parameters", ROLE_READ, searched_parameters_get_list, BODY_NONE,
		"", SCOPE_REFUSED },
	{ "PUT", "/api/v1/searched-parameters/{name}", ROLE_ADMIN, searched_parameters_put_one,
		BODY_NONE, "", SCOPE_REFUSED },
	{ "DELETE", "/api/v1/searched-parameters/{name}", ROLE_ADMIN, searched_parameters_remove,
		BODY_NONE, "", SCOPE_REFUSED },
	{ "GET", "/api/v1/faults", ROLE_READ, faults_get_list, BODY_NONE, "limit after device ",
		SCOPE_LIST },
	{ "GET", "/api/v1/events", ROLE_READ, events_get_list, BODY_NONE,
		"limit after device kind ", SCOPE_LIST },
	{ "GET", "/api/v1/sessions", ROLE_READ, sessions_get_list, BODY_NONE, "device ",
		SCOPE_LIST },
	{ "GET", "/api/v1/audit", ROLE_ADMIN, audit_get_list, BODY_NONE,
		"limit after device address actor action outcome since until ", SCOPE_REFUSED },
	{ "GET", "/api/v1/tokens", ROLE_ADMIN, tokens_get_list, BODY_NONE, "limit after ",
		SCOPE_REFUSED },
	{ "POST", "/api/v1/tokens", ROLE_ADMIN, tokens_post, BODY_JSON, "", SCOPE_REFUSED },
	{ "DELETE", "/api/v1/tokens/{token}", ROLE_ADMIN, tokens_remove, BODY_NONE, "",
		SCOPE_REFUSED },
	{ "GET", "/api/v1/users", ROLE_ADMIN, users_get_list, BODY_NONE, "limit after ",
		SCOPE_REFUSED },
	{ "POST", "/api/v1/users", ROLE_ADMIN, users_post, BODY_JSON, "", SCOPE_REFUSED },
	{ "PUT", "/api/v1/users/{user}/password", ROLE_ADMIN, users_put_password, BODY_JSON, "",
		SCOPE_REFUSED },
	{ "DELETE", "/api/v1/users/{user}", ROLE_ADMIN, users_remove, BODY_NONE, "",
		SCOPE_REFUSED },
	{ "GET", "/api/v1/openapi.json", ROLE_READ, openapi_get, BODY_NONE, "", SCOPE_NO_DEVICE },
	{ "GET", "/healthz", ROLE_NOBODY, health_get, BODY_NONE, "", SCOPE_NO_DEVICE },
	{ "GET", "/readyz", ROLE_NOBODY, ready_get, BODY_NONE, "", SCOPE_NO_DEVICE },
	{ "GET", "/metrics", ROLE_NOBODY, metrics_get, BODY_NONE, "", SCOPE_REFUSED },
};

const struct api_route *api_routes(size_t *count)
{
	*count = LENGTH_OF(routes);
	return routes;
}

static const char *const role_names[] = {
	[ROLE_NOBODY] = "nobody",
	[ROLE_READ] = "read",
	[ROLE_OPERATE] = "operate",
	[ROLE_ADMIN] = "admin",
};

const char *api_role_name(enum api_role role)
{
	return role_names[role];
}

bool api_role_read(const char *name, enum api_role *role)
{
	for (unsigned i = ROLE_READ; i < LENGTH_OF(role_names); i++) {
		if (strcmp(name, role_names[i]) == 0) {
			*role = (enum api_role)i;
			return true;
		}
	}
	return false;
}

/* Compares segment by segment; a "{…}" takes any that is not empty. */
static bool matches(
	struct arena *arena, const char *pattern, const char *path, const char **segments)
{
	unsigned taken = 0;
	while (*pattern == '/' && *path == '/') {
		pattern++, path++;
		const size_t wanted = strcspn(pattern, "/"), given = strcspn(path, "/");
		if (*pattern == '{' && given > 0)
			segments[taken++] = arena_strndup(arena, path, given);
		else if (wanted != given || memcmp(pattern, path, given) != 0)
			return false;
		pattern += wanted, path += given;
	}
	return *pattern == '\0' && *path == '\0';
}

void api_route_find(
	struct arena *arena, const char *method, const char *path, struct api_match *match)
{
	const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
	*match = (struct api_match){ .allow = "" };
	for (size_t i = 0; i < LENGTH_OF(routes); i++) {
		if (!matches(arena, routes[i].path, path, match->segments))
			continue;
		match->allow = arena_printf(
			arena, "%s%s%s", match->allow, *match->allow ? ", " : "", routes[i].method);
		if (strcmp(routes[i].method, wanted) == 0)
			match->route = &routes[i];
	}
}

bool api_route_knows(const struct api_route *route, const char *name)
{
	for (const char *known = route->query; *known; known += strcspn(known, " ") + 1) {
		const size_t length = strcspn(known, " ");
		const bool is_prefix = known[length - 1] == '.';
		if (strncmp(known, name, length) == 0 && (is_prefix || name[length] == '\0'))
			return true;
	}
	return false;
}
