/* Tests of cwmp/secret_names: names that devices have, and the operator's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "cwmp/secret_names.h"

#define IGD "InternetGatewayDevice."
#define AP "Device.WiFi.AccessPoint.1.Security."

static void test_secrets_of_the_published_models_are_known(void **state)
{
	static const char *const names[] = { IGD "ManagementServer.Password",
		IGD "ManagementServer.ConnectionRequestPassword",
		IGD "LANDevice.1.WLANConfiguration.1.KeyPassphrase",
		IGD "LANDevice.1.WLANConfiguration.1.PreSharedKey.1.PreSharedKey",
		IGD "LANDevice.1.WLANConfiguration.1.WEPKey.4.WEPKey",
		IGD "WANDevice.1.WANConnectionDevice.1.WANPPPConnection.1.Password",
		AP "SAEPassphrase", AP "RadiusSecret", AP "SecondaryRadiusSecret",
		"Device.Users.User.1.Password", "Device.IPsec.Profile.1.PreSharedKey",
		"Device.WiFi.AccessPoint.1.WPS.PIN", "Device.Cellular.Interface.1.USIM.PIN",
		"Device.Services.VoiceService.1.VoiceProfile.1.Line.1.SIP.AuthPassword" };
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(names); i++)
		if (!cwmp_name_is_secret(names[i], ""))
			fail_msg("%s", names[i]);
}

static void test_case_and_digits_behind_a_name_do_not_matter(void **state)
{
	(void)state;
	assert_true(cwmp_name_is_secret("Device.X_ACME_wifi.WPA_PSK", ""));
	assert_true(cwmp_name_is_secret("Device.X_ACME_Wifi.WEPKey2", ""));
	assert_true(cwmp_name_is_secret("Device.X_ACME_Web.password10", ""));
	assert_true(cwmp_name_is_secret("password", ""));
}

static void test_what_is_no_secret_is_shown(void **state)
{
	static const char *const names[] = { "Device.ManagementServer.ParameterKey",
		"Device.ManagementServer.Username", "Device.DeviceInfo.SerialNumber",
		"Device.WiFi.SSID.1.SSID", "Device.IP.Diagnostics.IPPing",
		"Device.Users.User.1.PasswordChangeRequired", AP "PreSharedKey.1.", "" };
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(names); i++)
		if (cwmp_name_is_secret(names[i], ""))
			fail_msg("%s", names[i]);
}

static void test_operators_add_names_of_their_vendors(void **state)
{
	static const char more[] = "X_ACME_Code, Wifi.Phrase";
	(void)state;
	assert_true(cwmp_name_is_secret("Device.X_ACME_Code", more));
	assert_true(cwmp_name_is_secret("Device.WIFI.phrase3", more));
	assert_false(cwmp_name_is_secret("Device.Phrase", more));
	assert_false(cwmp_name_is_secret("Device.X_ACME_Code", ""));
	assert_false(cwmp_name_is_secret("Device.X_ACME_Code", ", ,"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secrets_of_the_published_models_are_known),
		cmocka_unit_test(test_case_and_digits_behind_a_name_do_not_matter),
		cmocka_unit_test(test_what_is_no_secret_is_shown),
		cmocka_unit_test(test_operators_add_names_of_their_vendors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
