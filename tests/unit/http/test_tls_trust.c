/* Whose certificates a server believes: authorities, revocation lists, fingerprints. */
#include "tls_lab.h"

static int set_up(void **state)
{
	(void)state;
	tls_lab_begin();
	make_authority("root");
	make_authority("other");
	make_certificate("server", "root", "DNS:localhost,IP:127.0.0.1");
	make_certificate("device", "root", "DNS:00D09E-123,DNS:cpe.example");
	make_certificate("stranger", "other", "DNS:x");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return tls_lab_end();
}

static const char *write_file(const char *name, const char *text)
{
	FILE *out = fopen(file(name), "we");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0 && fclose(out) == 0);
	return file(name);
}

static void assert_refused(const struct http_tls_server_options *options, const char *why)
{
	char text[256] = "";
	assert_null(http_tls_server(options, text, sizeof(text)));
	if (!strstr(text, why))
		fail_msg("no <%s> in <%s>", why, text);
}

static void test_files_that_say_nothing_clear_are_not_begun_with(void **state)
{
	(void)state;
	struct http_tls_server_options options = server_options(
		file("server.pem"), file("server.key"), file("root.pem"));
	options.revoked = write_file("listed", "# none so far\n\nAB:CD\n");
	assert_refused(&options, "listed:3: is no SHA-256 fingerprint");
	options.revoked = NULL;
	options.crls = file("root.pem");
	assert_refused(&options, "root.pem: has something that is no CRL");
	options.crls = write_file("empty", "");
	assert_refused(&options, "empty: holds nothing in PEM form");
	options.crls = file("missing");
	assert_refused(&options, "missing: No such file or directory");
	options.crls = NULL;
	options.expired_cas = file("root.key");
	assert_refused(&options, "has something that is not among the authorities");
	options.expired_cas = file("other.pem");
	assert_refused(&options, "has something that is not among the authorities");
	options.expired_cas = NULL;
	options.keys = "";
	assert_refused(&options, "one key for each certificate");
}

static void test_a_remark_may_stand_behind_a_fingerprint(void **state)
{
	(void)state;
	char listed[8192], why[256] = "";
	struct http_tls_server_options options = server_options(
		file("server.pem"), file("server.key"), file("root.pem"));
	run("(echo \"$(openssl x509 -in device.pem -noout -fingerprint -sha256) # stolen = gone\" &&"
	    " openssl x509 -in stranger.pem -noout -fingerprint -sha256 | sed 's/.*=//; s/$/#/' &&"
	    " printf '# %0600d\\n' 0) >listed");
	options.revoked = file("listed");
	struct http_tls *tls = http_tls_server(&options, why, sizeof(why));
	assert_string_equal(why, "");
	http_tls_free(tls);
	snprintf(listed, sizeof(listed), "AB:CD # %0600d\n", 0);
	options.revoked = write_file("listed", listed);
	assert_refused(&options, "listed:1: is no SHA-256 fingerprint");
}

/* Makes AUTHORITY.crl, which is due again in so many seconds. */
static void make_crl(const char *authority, int seconds)
{
	char command[512];
	snprintf(command, sizeof(command),
		"touch %s.index && printf '[ca]\ndefault_ca=a\n[a]\ndatabase=%s.index\n"
		"default_md=sha256\nrand_serial=yes\nnew_certs_dir=.\npolicy=p\n[p]\ncommonName=supplied\n' >%s.cnf && openssl ca -batch -config %s.cnf -cert %s.pem "
		"-keyfile %s.key -gencrl -crlsec %d -out %s.crl",
		authority, authority, authority, authority, authority, authority, seconds,
		authority);
	run(command);
}

static void revoke_certificate(const char *authority, const char *certificate)
{
	char command[256];
	snprintf(command, sizeof(command),
		"openssl ca -batch -config %s.cnf -cert %s.pem -keyfile %s.key -revoke %s.pem",
		authority, authority, authority, certificate);
	run(command);
}

enum { HOUR = 3600 };

static void test_an_authority_without_a_list_revokes_nothing(void **state)
{
	(void)state;
	static const char *const devices[] = { "device", "stranger" };
	struct node node;
	char both[256];
	snprintf(both, sizeof(both), "%s,%s", file("root.pem"), file("other.pem"));
	struct http_tls_server_options options = server_options(
		file("server.pem"), file("server.key"), both);
	make_crl("root", HOUR);
	options.crls = file("root.crl");
	node_start(&node, &options);
	for (size_t i = 0; i < LENGTH_OF(devices); i++) {
		struct raw raw = { .lab = &node.lab, .certificate = devices[i] };
		assert_true(raw_open(&raw, TLS1_3_VERSION, NULL));
		raw_get(&raw);
		raw_close(&raw);
	}
	node_stop(&node);
}

/* A certificate of root that is good for so many seconds. */
static void make_brief_certificate(const char *name, int seconds)
{
	char command[512];
	snprintf(command, sizeof(command),
		"openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %s.key -out "
		"%s.csr -subj '/CN=%s' && openssl ca -batch -config root.cnf -cert root.pem -keyfile "
		"root.key -enddate $(date -u -d '+%d seconds' +%%Y%%m%%d%%H%%M%%SZ) "
		"-notext -in %s.csr -out %s.pem",
		name, name, name, seconds, name, name);
	run(command);
}

/* A list of revoked certificates is over, too: its authority may have revoked anything since. */
static void test_what_runs_out_while_a_session_lasts_ends_it(void **state)
{
	(void)state;
	enum { SECONDS = 5, CASES = 3 };
	static const struct {
		const char *device;
		unsigned status;
	} cases[CASES] = { { "device", 403 }, { "brief", 403 }, { "brief", 200 } };
	struct node nodes[CASES];
	SSL_SESSION *sessions[CASES];
	struct http_tls_server_options options[CASES];
	make_crl("root", SECONDS);
	make_brief_certificate("brief", SECONDS);
	for (size_t i = 0; i < CASES; i++)
		options[i] = server_options(
			file("server.pem"), file("server.key"), file("root.pem"));
	options[0].crls = file("root.crl");
	options[2].expired_cas = file("root.pem");
	for (size_t i = 0; i < CASES; i++) {
		struct raw raw = { .lab = &nodes[i].lab, .certificate = cases[i].device };
		node_start(&nodes[i], &options[i]);
		sessions[i] = raw_session(&raw, TLS1_3_VERSION);
	}
	usleep(SECONDS * 1000000 + 1000000);
	for (size_t i = 0; i < CASES; i++) {
		struct raw raw = { .lab = &nodes[i].lab, .certificate = cases[i].device };
		assert_int_equal(raw_open(&raw, TLS1_2_VERSION, NULL), cases[i].status == 200);
		raw_close(&raw);
		assert_true(raw_open(&raw, TLS1_3_VERSION, sessions[i]));
		assert_true(SSL_session_reused(raw.ssl));
		assert_int_equal(raw_status(&raw), cases[i].status);
		raw_close(&raw);
		SSL_SESSION_free(sessions[i]);
		node_stop(&nodes[i]);
	}
	assert_refused(&options[0], "its next update is due");
}

/* Devices send the authorities between theirs and one that is trusted. */
static void test_what_stands_between_device_and_authority_may_be_revoked_too(void **state)
{
	(void)state;
	struct node node;
	struct raw raw = { .lab = &node.lab, .certificate = "chained" };
	struct http_tls_server_options options = server_options(
		file("server.pem"), file("server.key"), file("root.pem"));
	make_certificate("between", "root", "DNS:between\nbasicConstraints=CA:TRUE");
	make_certificate("chained", "between", "DNS:chained");
	run("cat between.pem | tee -a chained.pem");
	make_crl("root", HOUR);
	options.crls = file("root.crl");
	node_start(&node, &options);
	SSL_SESSION *session = raw_session(&raw, TLS1_2_VERSION);
	assert_true(raw_resumes(&raw, TLS1_2_VERSION, session));
	assert_true(raw_open(&raw, TLS1_2_VERSION, NULL));
	raw_get(&raw);
	revoke_certificate("root", "between");
	make_crl("root", HOUR);
	node_reload(&node, &options);
	assert_int_equal(raw_status(&raw), 403);
	raw_close(&raw);
	assert_false(raw_open(&raw, TLS1_2_VERSION, session));
	raw_close(&raw);
	SSL_SESSION_free(session);
	node_stop(&node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_that_say_nothing_clear_are_not_begun_with),
		cmocka_unit_test(test_a_remark_may_stand_behind_a_fingerprint),
		cmocka_unit_test(test_an_authority_without_a_list_revokes_nothing),
		cmocka_unit_test(test_what_runs_out_while_a_session_lasts_ends_it),
		cmocka_unit_test(test_what_stands_between_device_and_authority_may_be_revoked_too),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
