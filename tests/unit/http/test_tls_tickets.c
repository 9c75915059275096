/* Session tickets: what they are good for, where, and for how long. */
#include "tls_lab.h"

static int set_up(void **state)
{
	(void)state;
	tls_lab_begin();
	make_authority("root");
	make_authority("other");
	make_certificate("server", "root", "DNS:localhost,IP:127.0.0.1");
	make_certificate("device", "root", "DNS:00D09E-123,DNS:cpe.example");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return tls_lab_end();
}

/* Is it the same key that sealed both tickets? Its name stands in front (RFC 5077, section 4). */
static bool have_one_key(const SSL_SESSION *a, const SSL_SESSION *b)
{
	enum { NAME_BYTES = 16 };
	const unsigned char *ticket_a, *ticket_b;
	size_t length_a, length_b;
	SSL_SESSION_get0_ticket(a, &ticket_a, &length_a);
	SSL_SESSION_get0_ticket(b, &ticket_b, &length_b);
	assert_true(length_a > NAME_BYTES && length_b > NAME_BYTES);
	return memcmp(ticket_a, ticket_b, NAME_BYTES) == 0;
}

static void test_tickets_are_good_after_a_reload_and_on_another_node(void **state)
{
	(void)state;
	struct node first, second;
	const struct http_tls_server_options options = server_options(
		file("server.pem"), file("server.key"), NULL);
	node_start(&first, &options);
	node_start(&second, &options);
	for (size_t i = 0; i < LENGTH_OF(versions); i++) {
		struct raw here = { .lab = &first.lab }, there = { .lab = &second.lab };
		SSL_SESSION *session = raw_session(&here, versions[i]);
		SSL_SESSION *other = raw_session(&there, versions[i]);
		assert_true(have_one_key(session, other));
		SSL_SESSION_free(other);
		node_reload(&first, &options);
		assert_true(raw_resumes(&here, versions[i], session));
		assert_true(raw_resumes(&there, versions[i], session));
		SSL_SESSION_free(session);
	}
	node_stop(&first);
	node_stop(&second);
}

static void test_a_ticket_is_of_no_use_where_other_authorities_are_trusted(void **state)
{
	(void)state;
	struct node one, two;
	char both[256];
	snprintf(both, sizeof(both), "%s,%s", file("root.pem"), file("other.pem"));
	struct http_tls_server_options options = server_options(
		file("server.pem"), file("server.key"), file("root.pem"));
	node_start(&one, &options);
	options.client_cas = both;
	node_start(&two, &options);
	for (size_t i = 0; i < LENGTH_OF(versions); i++) {
		struct raw strict = { .lab = &one.lab, .certificate = "device" };
		struct raw wider = { .lab = &two.lab, .certificate = "device" };
		SSL_SESSION *session = raw_session(&strict, versions[i]);
		assert_true(raw_resumes(&strict, versions[i], session));
		assert_false(raw_resumes(&wider, versions[i], session));
		SSL_SESSION_free(session);
	}
	node_stop(&one);
	node_stop(&two);
}

static void test_a_ticket_outlives_its_key_by_one_period_only(void **state)
{
	(void)state;
	struct node node;
	struct http_ticket_keys *keys = http_ticket_keys_new(TICKET_SECONDS);
	struct http_tls_server_options options = server_options(
		file("server.pem"), file("server.key"), NULL);
	options.tickets = keys;
	set_ticket_keys(keys, '0', '1');
	node_start(&node, &options);
	for (size_t i = 0; i < LENGTH_OF(versions); i++) {
		struct raw raw = { .lab = &node.lab };
		set_ticket_keys(keys, '0', '1');
		SSL_SESSION *first = raw_session(&raw, versions[i]);
		set_ticket_keys(keys, '1', '2');
		SSL_SESSION *second = raw_session(&raw, versions[i]);
		assert_false(have_one_key(first, second));
		assert_true(raw_resumes(&raw, versions[i], first));
		set_ticket_keys(keys, '2', '3');
		assert_false(raw_resumes(&raw, versions[i], first));
		assert_true(raw_resumes(&raw, versions[i], second));
		SSL_SESSION_free(first);
		SSL_SESSION_free(second);
	}
	node_stop(&node);
	http_ticket_keys_free(keys);
}

/* The next one is known long before it counts: all nodes begin with it at once, asking nobody. */
static void test_a_key_of_the_future_seals_nothing_yet(void **state)
{
	(void)state;
	struct node now, later;
	struct http_ticket_keys *keys = http_ticket_keys_new(TICKET_SECONDS);
	const uint8_t all[HTTP_TICKET_KEYS][HTTP_TICKET_KEY_BYTES] = { "a", "b", "c" };
	struct http_tls_server_options options = server_options(
		file("server.pem"), file("server.key"), NULL);
	node_start(&now, &options);
	options.tickets = keys;
	http_ticket_keys_set(keys, http_ticket_keys_period(keys) - 1, all, LENGTH_OF(all));
	node_start(&later, &options);
	struct raw here = { .lab = &now.lab }, there = { .lab = &later.lab };
	SSL_SESSION *one = raw_session(&here, TLS1_3_VERSION);
	SSL_SESSION *other = raw_session(&there, TLS1_3_VERSION);
	assert_true(have_one_key(one, other));
	SSL_SESSION_free(one);
	SSL_SESSION_free(other);
	node_stop(&now);
	node_stop(&later);
	http_ticket_keys_free(keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tickets_are_good_after_a_reload_and_on_another_node),
		cmocka_unit_test(test_a_ticket_is_of_no_use_where_other_authorities_are_trusted),
		cmocka_unit_test(test_a_ticket_outlives_its_key_by_one_period_only),
		cmocka_unit_test(test_a_key_of_the_future_seals_nothing_yet),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
