/* The first look at a CPE's credentials, and the challenges it gets.
 * Answers to challenges are made by the client's half of http/digest.h, as a device would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "acs/auth.h"
#include "acs/server.h"
#include "http/digest.h"

enum { NOW = 1700000000, NONCE_SECONDS = 300 };

static struct config config;
static struct server server;
static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	config = (struct config){ .cwmp = { .auth = AUTH_DIGEST,
					  .realm = "lab",
					  .nonce_seconds = NONCE_SECONDS,
					  .shared_nonces = true } };
	server = (struct server){ .config = &config, .challenge_key = "the key of our nonces" };
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static enum config_auth scheme_of(bool is_tls)
{
	return auth_scheme(&config, (enum config_auth)config.cwmp.auth, is_tls);
}

static enum auth_result screen(const char *authorization, bool is_tls, time_t now)
{
	struct http_authorization ignored;
	const struct http_header header = { "Authorization", authorization };
	const struct http_request request = {
		.method = "POST",
		.target = "/cpe?x=1",
		.path = "/cpe",
		.headers = &header,
		.header_count = authorization ? 1 : 0,
		.is_tls = is_tls,
		.arena = arena,
	};
	return auth_screen(&server, scheme_of(request.is_tls), &request, now, &ignored);
}

/* What a device sends that was challenged at NOW. */
static char *answer_for(const char *target)
{
	struct http_header challenges[2];
	const size_t count = auth_challenges(arena, &server, AUTH_DIGEST, false, NOW, challenges);
	struct http_challenge *chosen = http_challenge_choose(arena, challenges, count, true);
	assert_non_null(chosen);
	return http_challenge_answer(arena, chosen, "POST", target, "cpe", "secret");
}

static void test_without_authentication_anything_passes(void **state)
{
	(void)state;
	config.cwmp.auth = AUTH_NONE;
	assert_int_equal(screen(NULL, false, NOW), AUTH_ACCEPTED);
	assert_int_equal(screen("Basic !", false, NOW), AUTH_ACCEPTED);
}

static void test_basic_on_a_plain_listener_becomes_digest_unless_allowed(void **state)
{
	(void)state;
	config.cwmp.auth = AUTH_BASIC;
	assert_int_equal(scheme_of(true), AUTH_BASIC);
	assert_int_equal(scheme_of(false), AUTH_DIGEST);
	config.cwmp.basic_over_http = true;
	assert_int_equal(scheme_of(false), AUTH_BASIC);
}

static void test_request_without_credentials_is_challenged(void **state)
{
	(void)state;
	assert_int_equal(screen(NULL, false, NOW), AUTH_CHALLENGE);
}

static void test_credentials_of_the_other_kind_are_challenged(void **state)
{
	(void)state;
	assert_int_equal(screen("Basic Y3BlOnNlY3JldA==", false, NOW), AUTH_CHALLENGE);
	config.cwmp.auth = AUTH_BASIC;
	assert_int_equal(screen("Basic Y3BlOnNlY3JldA==", true, NOW), AUTH_ACCEPTED);
	assert_int_equal(screen(answer_for("/cpe?x=1"), true, NOW), AUTH_CHALLENGE);
}

static void test_malformed_credentials_are_refused(void **state)
{
	(void)state;
	assert_int_equal(screen("Digest username=\"a\", username=\"b\"", false, NOW), AUTH_REFUSED);
}

static void test_answer_to_our_nonce_passes_until_it_is_stale(void **state)
{
	(void)state;
	const char *answer = answer_for("/cpe?x=1");
	assert_int_equal(screen(answer, false, NOW), AUTH_ACCEPTED);
	assert_int_equal(screen(answer, false, NOW + NONCE_SECONDS - 1), AUTH_ACCEPTED);
	assert_int_equal(screen(answer, false, NOW + NONCE_SECONDS + 1), AUTH_STALE);
}

static void test_nonce_of_another_key_is_challenged_as_new(void **state)
{
	(void)state;
	const char *answer = answer_for("/cpe?x=1");
	server.challenge_key[0] ^= 1;
	assert_int_equal(screen(answer, false, NOW), AUTH_CHALLENGE);
}

static void test_uri_may_be_the_target_its_path_or_empty_and_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(screen(answer_for("/cpe"), false, NOW), AUTH_ACCEPTED);
	assert_int_equal(screen(answer_for(""), false, NOW), AUTH_ACCEPTED);
	assert_int_equal(screen(answer_for("/other"), false, NOW), AUTH_REFUSED);
}

static void test_digest_is_offered_with_md5_first_and_sha256_second(void **state)
{
	struct http_header challenges[2];
	(void)state;
	assert_int_equal(auth_challenges(arena, &server, AUTH_DIGEST, false, NOW, challenges), 2);
	assert_string_equal(challenges[0].name, "WWW-Authenticate");
	assert_string_equal(challenges[1].name, "WWW-Authenticate");
	assert_non_null(strstr(challenges[0].value, "realm=\"lab\""));
	assert_non_null(strstr(challenges[0].value, "MD5"));
	assert_non_null(strstr(challenges[1].value, "SHA-256"));
	assert_null(strstr(challenges[0].value, "stale"));
}

static void test_stale_nonce_is_told_so(void **state)
{
	struct http_header challenges[2];
	(void)state;
	auth_challenges(arena, &server, AUTH_DIGEST, true, NOW, challenges);
	assert_non_null(strstr(challenges[0].value, "stale=true"));
	assert_non_null(strstr(challenges[1].value, "stale=true"));
}

static void test_basic_is_offered_alone(void **state)
{
	struct http_header challenges[2];
	(void)state;
	assert_int_equal(auth_challenges(arena, &server, AUTH_BASIC, false, NOW, challenges), 1);
	assert_string_equal(challenges[0].value, "Basic realm=\"lab\"");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_without_authentication_anything_passes),
		TEST(test_basic_on_a_plain_listener_becomes_digest_unless_allowed),
		TEST(test_request_without_credentials_is_challenged),
		TEST(test_credentials_of_the_other_kind_are_challenged),
		TEST(test_malformed_credentials_are_refused),
		TEST(test_answer_to_our_nonce_passes_until_it_is_stale),
		TEST(test_nonce_of_another_key_is_challenged_as_new),
		TEST(test_uri_may_be_the_target_its_path_or_empty_and_nothing_else),
		TEST(test_digest_is_offered_with_md5_first_and_sha256_second),
		TEST(test_stale_nonce_is_told_so),
		TEST(test_basic_is_offered_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
