/* The address rules of connection requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>

#include "acs/address.h"
#include "acs/callee.h"
#include "base/compiler.h"

static bool allowed(const char *address, const char *source, const char *ranges)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
		return address_is_allowed((struct sockaddr *)&v4, source, ranges);
	assert_int_equal(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
	return address_is_allowed((struct sockaddr *)&v6, source, ranges);
}

static void test_the_informs_own_address_is_allowed_and_no_other(void **state)
{
	(void)state;
	assert_true(allowed("192.0.2.1", "192.0.2.1", ""));
	assert_true(allowed("192.0.2.1", "::ffff:192.0.2.1", ""));
	assert_true(allowed("2001:db8::1", "2001:db8::1", ""));
	assert_false(allowed("192.0.2.2", "192.0.2.1", ""));
	assert_false(allowed("2001:db8::2", "2001:db8::1", ""));
	assert_false(allowed("192.0.2.1", NULL, ""));
}

static void test_listed_ranges_are_allowed_to_the_bit(void **state)
{
	(void)state;
	static const char ranges[] = "10.0.0.0/8, 192.0.2.64/26 fd00::/8,198.51.100.7";
	assert_true(allowed("10.255.0.1", "192.0.2.1", ranges));
	assert_true(allowed("192.0.2.127", NULL, ranges));
	assert_false(allowed("192.0.2.128", NULL, ranges));
	assert_true(allowed("fdff::1", NULL, ranges));
	assert_false(allowed("fe00::1", NULL, ranges));
	assert_true(allowed("198.51.100.7", NULL, ranges));
	assert_false(allowed("198.51.100.8", NULL, ranges));
	assert_true(allowed("203.0.113.9", NULL, "0.0.0.0/0"));
	assert_false(allowed("2001:db8::1", NULL, "0.0.0.0/0"));
}

static void test_ranges_are_told_good_from_bad(void **state)
{
	(void)state;
	assert_true(address_ranges_are_good(""));
	assert_true(address_ranges_are_good("10.0.0.0/8, fd00::/8 192.0.2.7"));
	assert_false(address_ranges_are_good("10.0.0.0/33"));
	assert_false(address_ranges_are_good("10.0.0.0/"));
	assert_false(address_ranges_are_good("10.0.0.0/-1"));
	assert_false(address_ranges_are_good("10.0.0.0/8, example.net"));
	assert_false(address_ranges_are_good("fd00::/129"));
}

static void test_a_mapped_address_is_in_an_ipv4_range(void **state)
{
	(void)state;
	struct sockaddr_in6 peer = { .sin6_family = AF_INET6 };
	assert_int_equal(inet_pton(AF_INET6, "::ffff:100.64.1.2", &peer.sin6_addr), 1);
	assert_true(address_is_in((struct sockaddr *)&peer, "fd00::/8,100.64.0.0/10"));
	assert_false(address_is_in((struct sockaddr *)&peer, "100.128.0.0/10"));
	assert_false(address_is_in((struct sockaddr *)&peer, ""));
}

static void test_a_malformed_range_allows_nothing(void **state)
{
	(void)state;
	static const char *const ranges[] = { "10.0.0.0/33", "10.0.0.0/x", "10.0.0/8", "/",
		"fd00::/129", "10.0.0.0/8x",
		"0123456789012345678901234567890123456789012345678901234567890123456789" };
	for (size_t i = 0; i < LENGTH_OF(ranges); i++)
		assert_false(allowed("10.0.0.1", NULL, ranges[i]));
}

static void test_loopback_is_for_devices_on_loopback(void **state)
{
	(void)state;
	assert_true(allowed("127.0.0.1", "127.0.0.1", ""));
	assert_true(allowed("127.0.0.1", "::1", ""));
	assert_true(allowed("::1", "127.0.0.1", ""));
	assert_true(allowed("127.0.0.2", "127.0.0.1", ""));
	assert_false(allowed("127.0.0.1", "192.0.2.1", "127.0.0.0/8, 0.0.0.0/0"));
	assert_false(allowed("::1", "192.0.2.1", "::/0"));
	assert_false(allowed("::ffff:127.0.0.1", "192.0.2.1", "::/0"));
}

static void test_special_addresses_are_for_nobody(void **state)
{
	(void)state;
	static const char *const addresses[] = { "0.0.0.0", "0.1.2.3", "169.254.169.254",
		"224.0.0.1", "239.255.255.255", "255.255.255.255", "::", "fe80::1", "febf::1",
		"ff02::1", "::ffff:169.254.169.254", "100.100.100.200", "fd00:ec2::254" };
	for (size_t i = 0; i < LENGTH_OF(addresses); i++)
		assert_false(allowed(addresses[i], addresses[i], "0.0.0.0/0, ::/0"));
}

static void test_an_address_that_stands_for_a_forbidden_one_is_forbidden(void **state)
{
	(void)state;
	static const char *const addresses[] = { "64:ff9b::169.254.169.254", "64:ff9b::127.0.0.1",
		"64:ff9b:1::169.254.169.254", "2002:a9fe:a9fe::1",
		"2002:7f00:1::", "::ffff:0:169.254.169.254", "2001:0:c000:201::5601:5601",
		"::169.254.169.254", "::127.0.0.1", "::ffff:127.0.0.1" };
	for (size_t i = 0; i < LENGTH_OF(addresses); i++)
		assert_false(allowed(addresses[i], "192.0.2.1", "0.0.0.0/0, ::/0"));
	assert_true(allowed("64:ff9b::192.0.2.7", "192.0.2.1", "64:ff9b::/96"));
	assert_true(allowed("2002:c000:207::1", "2002:c000:207::1", ""));
	assert_false(allowed("64:ff9b::169.254.169.254", "64:ff9b::169.254.169.254", ""));
}

static void test_a_port_is_in_a_list_of_ports_and_ranges(void **state)
{
	(void)state;
	static const char ports[] = "80, 443,1024-65535";
	static const uint16_t in[] = { 80, 443, 1024, 7547, 65535 }, out[] = { 0, 22, 81, 1023 };
	for (size_t i = 0; i < LENGTH_OF(in); i++)
		assert_true(port_is_in(in[i], ports));
	for (size_t i = 0; i < LENGTH_OF(out); i++)
		assert_false(port_is_in(out[i], ports));
	assert_false(port_is_in(80, ""));
}

static void test_lists_of_ports_are_told_good_from_bad(void **state)
{
	(void)state;
	static const char *const bad[] = { "x", "80x", "-80", "80-", "90-80", "65536", "0",
		"80;443", "1-2-3" };
	assert_true(ports_are_good("80"));
	assert_true(ports_are_good("80,443 1024-65535"));
	for (size_t i = 0; i < LENGTH_OF(bad); i++)
		assert_false(ports_are_good(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_informs_own_address_is_allowed_and_no_other),
		cmocka_unit_test(test_listed_ranges_are_allowed_to_the_bit),
		cmocka_unit_test(test_ranges_are_told_good_from_bad),
		cmocka_unit_test(test_a_mapped_address_is_in_an_ipv4_range),
		cmocka_unit_test(test_a_malformed_range_allows_nothing),
		cmocka_unit_test(test_loopback_is_for_devices_on_loopback),
		cmocka_unit_test(test_special_addresses_are_for_nobody),
		cmocka_unit_test(test_an_address_that_stands_for_a_forbidden_one_is_forbidden),
		cmocka_unit_test(test_a_port_is_in_a_list_of_ports_and_ranges),
		cmocka_unit_test(test_lists_of_ports_are_told_good_from_bad),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
