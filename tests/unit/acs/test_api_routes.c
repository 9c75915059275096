/* The admin API's table of routes, its description, and its cursors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "acs/api/internal.h"
#include "acs/api/openapi.h"
#include "acs/api/page.h"

static int begin(void **state)
{
	*state = arena_new();
	return 0;
}

static int end(void **state)
{
	arena_free(*state);
	return 0;
}

static struct api_match find(void **state, const char *method, const char *path)
{
	struct api_match match;
	api_route_find(*state, method, path, &match);
	return match;
}

static void test_a_path_finds_its_route_and_its_segments_as_received(void **state)
{
	const struct api_match match = find(state, "PUT", "/api/v1/devices/A-B%252DC/tags/x%20y");
	assert_non_null(match.route);
	assert_ptr_equal(match.route->handle, devices_put_tag);
	assert_string_equal(match.segments[0], "A-B%252DC");
	assert_string_equal(match.segments[1], "x%20y");
}

static void test_head_finds_the_route_of_get(void **state)
{
	assert_ptr_equal(find(state, "HEAD", "/healthz").route->handle, health_get);
}

static void test_a_wrong_method_tells_the_right_ones(void **state)
{
	const struct api_match match = find(state, "POST", "/api/v1/files/x");
	assert_null(match.route);
	assert_string_equal(match.allow, "GET, PUT, DELETE");
}

static void test_other_paths_are_not_found(void **state)
{
	static const char *const paths[] = { "", "/", "*", "/api", "/api/v1", "/api/v1/",
		"/api/v1/device", "/api/v1/devicesx", "/api/v1/devices/", "/api/v1/devices//tasks",
		"/api/v1/devices/x/", "/api/v1/devices/x/tags", "/api/v1/devices/x/tags/",
		"/api/v1/devices/x/tags/y/z", "//healthz", "/healthz/", "/api/v1/{device}" };
	for (size_t i = 0; i < LENGTH_OF(paths); i++)
		assert_string_equal(find(state, "GET", paths[i]).allow, "");
}

static void test_a_route_knows_its_query_and_nothing_else(void **state)
{
	const struct api_route *route = find(state, "GET", "/api/v1/devices").route;
	assert_true(api_route_knows(route, "limit"));
	assert_true(api_route_knows(route, "q"));
	assert_true(api_route_knows(route, "parameter.Device.X"));
	assert_false(api_route_knows(route, "lim"));
	assert_false(api_route_knows(route, "limits"));
	assert_false(api_route_knows(route, ""));
	assert_false(api_route_knows(route, "parameter"));
	assert_false(api_route_knows(find(state, "GET", "/healthz").route, "q"));
}

/* Does the list of OpenAPI parameters have that name in the query? */
static bool describes_query(const json_t *parameters, const char *name)
{
	size_t i;
	json_t *parameter;
	json_array_foreach (parameters, i, parameter) {
		const char *given = json_string_value(json_object_get(parameter, "name"));
		if (strcmp(given, name) == 0 ||
			(strcmp(name, "parameter.") == 0 && strcmp(given, "parameters") == 0))
			return true;
	}
	return false;
}

static json_t *description_of(json_t *document, const struct api_route *route)
{
	char method[8] = "";
	for (size_t i = 0; route->method[i]; i++)
		method[i] = (char)(route->method[i] | 0x20);
	json_t *path = json_object_get(json_object_get(document, "paths"), route->path);
	return json_object_get(path, method);
}

static void check_query(const struct api_route *route, const json_t *operation)
{
	const json_t *parameters = json_object_get(operation, "parameters");
	size_t names = 0;
	for (const char *known = route->query; *known; known += strcspn(known, " ") + 1, names++) {
		char name[32] = "";
		memcpy(name, known, strcspn(known, " "));
		assert_true(describes_query(parameters, name));
	}
	assert_int_equal(json_array_size(parameters), names);
}

static void test_every_route_is_described_with_its_query_and_role(void **state)
{
	(void)state;
	size_t count;
	const struct api_route *routes = api_routes(&count);
	json_t *document = json_loads(openapi_document, 0, NULL);
	assert_non_null(document);
	for (size_t i = 0; i < count; i++) {
		json_t *operation = description_of(document, &routes[i]);
		if (!operation)
			fail_msg("not described: %s %s", routes[i].method, routes[i].path);
		check_query(&routes[i], operation);
		const json_t *needs = json_object_get(operation, "description");
		assert_int_equal(routes[i].role != ROLE_NOBODY, needs != NULL);
		if (needs)
			assert_non_null(
				strstr(json_string_value(needs), api_role_name(routes[i].role)));
		assert_int_equal(routes[i].body != BODY_NONE,
			json_object_get(operation, "requestBody") != NULL);
	}
	json_decref(document);
}

static void test_a_route_that_says_nothing_of_it_is_not_for_callers_with_a_scope(void **state)
{
	(void)state;
	const struct api_route forgotten = { "GET", "/x", ROLE_READ, devices_get_list,
		.query = "" };
	assert_int_equal(forgotten.scope, SCOPE_REFUSED);
}

static void test_scopes_fit_what_a_path_names(void **state)
{
	(void)state;
	size_t count;
	const struct api_route *routes = api_routes(&count);
	for (size_t i = 0; i < count; i++) {
		const struct api_route *r = &routes[i];
		const bool names_device = strstr(r->path, "{device}"),
			   names_task = strstr(r->path, "{task}");
		if (r->scope == SCOPE_REFUSED)
			continue;
		assert_true(r->role < ROLE_ADMIN);
		assert_int_equal(r->scope == SCOPE_DEVICE, names_device);
		assert_int_equal(r->scope == SCOPE_TASK, names_task);
		if (r->scope == SCOPE_NO_DEVICE || r->scope == SCOPE_LIST)
			assert_string_equal(r->method, "GET");
	}
}

static void test_nothing_is_described_that_has_no_route(void **state)
{
	const char *path, *method;
	json_t *operations, *operation;
	json_t *document = json_loads(openapi_document, 0, NULL);
	json_object_foreach (json_object_get(document, "paths"), path, operations) {
		json_object_foreach (operations, method, operation) {
			char upper[8] = "";
			if (strcmp(method, "parameters") == 0)
				continue;
			for (size_t i = 0; method[i]; i++)
				upper[i] = (char)(method[i] & ~0x20);
			if (!find(state, upper, path).route)
				fail_msg("no route: %s %s", upper, path);
		}
	}
	json_decref(document);
}

static void test_a_cursor_gives_its_key_back_to_its_own_list_only(void **state)
{
	static const char *const keys[] = { "1", "9223372036854775807", "Device.größe." };
	for (size_t i = 0; i < LENGTH_OF(keys); i++) {
		const char *cursor = api_cursor_make(*state, "/api/v1/devices", keys[i]);
		assert_string_equal(api_cursor_read(*state, "/api/v1/devices", cursor), keys[i]);
		assert_null(api_cursor_read(*state, "/api/v1/tasks", cursor));
	}
}

static void test_texts_that_are_no_cursors_are_refused(void **state)
{
	static const char *const texts[] = { "", "1", "garbage", "AAAAAAAA", "%%%%",
		"YWJjZGVmZ2hpamts" };
	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		assert_null(api_cursor_read(*state, "/api/v1/devices", texts[i]));
}

static void test_decoded_dashes_have_every_reading(void **state)
{
	const char *readings[12];
	assert_int_equal(api_device_readings(*state, "A-B-C-D", readings, LENGTH_OF(readings)), 3);
	assert_string_equal(readings[0], "A-B%2DC%2DD");
	assert_string_equal(readings[1], "A-B-C%2DD");
	assert_string_equal(readings[2], "A-B%2DC-D");
	assert_int_equal(api_device_readings(*state, "A-B-C", readings, LENGTH_OF(readings)), 0);
	assert_int_equal(
		api_device_readings(*state, "--------------", readings, LENGTH_OF(readings)), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_path_finds_its_route_and_its_segments_as_received),
		TEST(test_head_finds_the_route_of_get),
		TEST(test_a_wrong_method_tells_the_right_ones),
		TEST(test_other_paths_are_not_found),
		TEST(test_a_route_knows_its_query_and_nothing_else),
		TEST(test_every_route_is_described_with_its_query_and_role),
		TEST(test_a_route_that_says_nothing_of_it_is_not_for_callers_with_a_scope),
		TEST(test_scopes_fit_what_a_path_names),
		TEST(test_nothing_is_described_that_has_no_route),
		TEST(test_a_cursor_gives_its_key_back_to_its_own_list_only),
		TEST(test_texts_that_are_no_cursors_are_refused),
		TEST(test_decoded_dashes_have_every_reading),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
