/* Digest and Basic arithmetic against the RFCs' own examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "http/digest.h"
#include "http/http.h"

static struct arena *arena;
static const uint8_t key[32] = "a key of thirty-two bytes here.";

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct http_authorization parsed(const char *header)
{
	struct http_authorization a;
	assert_true(http_authorization_parse(arena, header, &a));
	return a;
}

static bool fits(const char *header, const char *user, const char *password, const char *method)
{
	const struct http_authorization a = parsed(header);
	const char *ha1 = digest_ha1(
		arena, a.algorithm, user, a.realm ? a.realm : "cwmp", password);
	return digest_matches(arena, &a, ha1, method);
}

static void test_the_example_of_rfc_2617_fits(void **state)
{
	(void)state;
	const char *header =
		"Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
		"nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, "
		"nc=00000001, cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\", "
		"opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
	assert_true(fits(header, "Mufasa", "Circle Of Life", "GET"));
	assert_false(fits(header, "Mufasa", "Circle of Life", "GET"));
	assert_false(fits(header, "Mufasa", "Circle Of Life", "POST"));
}

#define RFC_7616 \
	"Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", " \
	"nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, " \
	"cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "

static void test_the_examples_of_rfc_7616_fit(void **state)
{
	(void)state;
	assert_true(fits(RFC_7616 "response=\"8ca523f5e9506fed4657c9700eebdbec\", algorithm=MD5",
		"Mufasa", "Circle of Life", "GET"));
	assert_true(fits(RFC_7616
		"algorithm=SHA-256, response="
		"\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"",
		"Mufasa", "Circle of Life", "GET"));
}

static void test_odd_spacing_and_upper_case_hex_fit(void **state)
{
	(void)state;
	assert_true(fits("digest  username = acs,realm=\"cwmp\" ,, nonce=abc123,uri=/cr/8f3a,"
			 "nc=\"00000001\" cnonce=\"0a4f113b\",qop=\"auth\","
			 "response=\"155B29ADB06DB248A2BC8FE8930B7131\" ,",
		"acs", "pw", "GET"));
	assert_true(fits("Digest username=\"acs\",realm=\"cwmp\",nonce=\"abc123\",uri=\"/cr/8f3a\","
			 "nc=00000001,cnonce=\"0a4f113b\",qop=auth,"
			 "response=\"0123456789abcdef0123456789abcdef\"",
			    "acs", "pw", "GET") == false);
}

/* md5(md5("u:r:p") ":n:" md5("POST:")), an empty uri as netcwmp sends it. */
static void test_rfc_2069_with_an_empty_uri_fits(void **state)
{
	(void)state;
	const char *ha1 = digest_ha1(arena, DIGEST_MD5, "u", "r", "p");
	assert_string_equal(ha1, "44add22b6f3179b751eafd68ee370f7d");
	assert_true(fits("Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"\", "
			 "response=\"fe753f61f1b0761925cab3a5849ee261\"",
		"u", "p", "POST"));
}

static void test_auth_int_and_missing_counts_never_fit(void **state)
{
	(void)state;
	static const char *const headers[] = {
		"Digest username=u, realm=r, nonce=n, uri=/, response=x, qop=auth-int, nc=1, cnonce=c",
		"Digest username=u, realm=r, nonce=n, uri=/, response=x, qop=auth, cnonce=c",
		"Digest username=u, realm=r, nonce=n, uri=/, response=x, qop=auth, nc=1",
		"Digest username=u, realm=r, nonce=n, uri=/, response=x, algorithm=MD5-sess",
		"Digest username=u, realm=r, nonce=n, uri=/",
		"Digest username=u, realm=r, nonce=n, response=x",
		"Digest username=u, realm=r, uri=/, response=x",
		"Digest",
	};
	for (size_t i = 0; i < LENGTH_OF(headers); i++)
		assert_false(fits(headers[i], "u", "p", "GET"));
}

static void test_malformed_headers_are_refused(void **state)
{
	(void)state;
	static const char *const headers[] = { "", "  ", "Digest username=\"open", "Digest =x",
		"Digest nonce=a, nonce=b", "Digest username=a, USERNAME=b", "Digest algorithm=MD4",
		"Digest stray", "Basic !!!", "Basic bm9jb2xvbg==", "Basic dQA6cA==", "Bearer",
		"Digest a=,b=,c=,d=,e=,f=,g=,h=,i=,j=,k=,l=,m=,n=,o=,p=,q=,r=,s=,t=,u=,v=,w=,x=,y=,z=,"
		"aa=,ab=,ac=,ad=,ae=,af=,ag=,ah=" };
	struct http_authorization a;
	for (size_t i = 0; i < LENGTH_OF(headers); i++)
		assert_false(http_authorization_parse(arena, headers[i], &a));
}

static void test_other_schemes_are_told_apart(void **state)
{
	(void)state;
	struct http_authorization a = parsed("Basic dXNlcjpwYTpzcw==");
	assert_int_equal(a.scheme, HTTP_AUTH_BASIC);
	assert_string_equal(a.username, "user");
	assert_string_equal(a.password, "pa:ss");
	a = parsed("basic  Og==");
	assert_string_equal(a.username, "");
	assert_string_equal(a.password, "");
	a = parsed("Bearer tok.en ");
	assert_int_equal(a.scheme, HTTP_AUTH_BEARER);
	assert_string_equal(a.token, "tok.en");
	assert_int_equal(parsed("Negotiate abc").scheme, HTTP_AUTH_OTHER);
	assert_int_equal(parsed(NULL).scheme, HTTP_AUTH_NONE);
	a = parsed("Digest username=\"a \\\"b\\\" c\"");
	assert_string_equal(a.username, "a \"b\" c");
}

static void test_nonce_of_another_key_is_foreign(void **state)
{
	(void)state;
	const uint8_t other[32] = "another key";
	const char *nonce = digest_nonce(arena, other, 1000);
	assert_int_equal(digest_nonce_check(key, nonce, 1000, 60), NONCE_FOREIGN);
	assert_int_equal(digest_nonce_check(key, "abc123", 1000, 60), NONCE_FOREIGN);
	assert_int_equal(digest_nonce_check(key, "", 1000, 60), NONCE_FOREIGN);
}

static void test_nonce_ages(void **state)
{
	(void)state;
	char *nonce = digest_nonce(arena, key, 1000);
	assert_int_equal(digest_nonce_check(key, nonce, 1000, 60), NONCE_FRESH);
	assert_int_equal(digest_nonce_check(key, nonce, 1060, 60), NONCE_FRESH);
	assert_int_equal(digest_nonce_check(key, nonce, 1061, 60), NONCE_STALE);
	assert_int_equal(digest_nonce_check(key, nonce, 990, 60), NONCE_FRESH);
	assert_string_not_equal(nonce, digest_nonce(arena, key, 1000));
	nonce[15] = nonce[15] == '0' ? '1' : '0';
	assert_int_equal(digest_nonce_check(key, nonce, 1000, 60), NONCE_FOREIGN);
}

/* Each challenge that a server may make is answered so that the server's half agrees. */
static void test_answers_fit_their_challenges(void **state)
{
	(void)state;
	static const char *const challenges[] = {
		"Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5, opaque=\"o\"",
		"Digest realm=\"a \\\"b\\\"\", nonce=\"n\", qop=\"auth-int,auth\"",
		"Digest realm=r,nonce=n",
		"Digest realm=\"r\", nonce=\"n\", algorithm=\"MD5-sess\", qop=\"auth\"",
		"Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess",
		"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"",
		"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256-sess, qop=\"auth\"",
	};
	for (size_t i = 0; i < LENGTH_OF(challenges); i++) {
		const struct http_header header = { "www-authenticate", challenges[i] };
		struct http_challenge *c = http_challenge_choose(arena, &header, 1, false);
		assert_non_null(c);
		const char *first = http_challenge_answer(arena, c, "GET", "/x", "us\"er", "pass");
		const char *second = http_challenge_answer(arena, c, "GET", "/x", "us\"er", "pass");
		assert_true(fits(first, "us\"er", "pass", "GET"));
		assert_true(fits(second, "us\"er", "pass", "GET"));
		assert_false(fits(second, "us\"er", "wrong", "GET"));
		const struct http_authorization a = parsed(second), offered = parsed(challenges[i]);
		assert_int_equal(a.nc != NULL, offered.qop != NULL);
		if (a.nc)
			assert_string_equal(a.nc, "00000002");
		assert_int_equal(a.opaque != NULL, offered.opaque != NULL);
	}
}

static const char *answer_to(const struct http_header *headers, size_t count, bool allow_basic)
{
	struct http_challenge *c = http_challenge_choose(arena, headers, count, allow_basic);
	return c ? http_challenge_answer(arena, c, "GET", "/", "user", "pass") : NULL;
}

static void test_the_strongest_challenge_is_chosen(void **state)
{
	(void)state;
	const struct http_header several[] = {
		{ "WWW-Authenticate", "Basic realm=\"b\", Digest realm=\"m\", nonce=\"n\"" },
		{ "WWW-Authenticate",
			"Digest realm=\"s\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"" },
		{ "WWW-Authenticate", "Digest realm=\"x\", nonce=\"n\", algorithm=SHA-512-256" },
	};
	assert_string_equal(parsed(answer_to(several, 3, true)).realm, "s");
	assert_string_equal(parsed(answer_to(several, 1, true)).realm, "m");
	const struct http_header basic = { "WWW-Authenticate", "Basic realm=\"b\"" };
	assert_null(answer_to(&basic, 1, false));
	assert_string_equal(answer_to(&basic, 1, true), "Basic dXNlcjpwYXNz");
	const struct http_header unusable[] = { { "WWW-Authenticate", "Negotiate abc==" },
		{ "WWW-Authenticate", "Digest realm=r, nonce=n, qop=\"auth-int\"" },
		{ "WWW-Authenticate", "Digest realm=r, realm=s, nonce=n" },
		{ "WWW-Authenticate", "Digest realm=\"r" } };
	assert_null(answer_to(unusable, LENGTH_OF(unusable), true));
}

static void test_our_own_challenge_can_be_answered(void **state)
{
	(void)state;
	const char *nonce = digest_nonce(arena, key, 1000);
	const char *value = digest_challenge(arena, "my \"realm\"", nonce, DIGEST_MD5, true);
	assert_non_null(strstr(value, "stale=true"));
	const struct http_header header = { "WWW-Authenticate", value };
	const char *answer = answer_to(&header, 1, false);
	assert_true(fits(answer, "user", "pass", "GET"));
	assert_string_equal(parsed(answer).nonce, nonce);
	assert_string_equal(parsed(answer).realm, "my \"realm\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_example_of_rfc_2617_fits),
		cmocka_unit_test(test_the_examples_of_rfc_7616_fit),
		cmocka_unit_test(test_odd_spacing_and_upper_case_hex_fit),
		cmocka_unit_test(test_rfc_2069_with_an_empty_uri_fits),
		cmocka_unit_test(test_auth_int_and_missing_counts_never_fit),
		cmocka_unit_test(test_malformed_headers_are_refused),
		cmocka_unit_test(test_other_schemes_are_told_apart),
		cmocka_unit_test(test_nonce_of_another_key_is_foreign),
		cmocka_unit_test(test_nonce_ages),
		cmocka_unit_test(test_answers_fit_their_challenges),
		cmocka_unit_test(test_the_strongest_challenge_is_chosen),
		cmocka_unit_test(test_our_own_challenge_can_be_answered),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
