/* Deviations of known devices and SOAP toolkits that have no test of their own elsewhere.
 * Each is read without loss, and without a word where nothing had to be mended. */
#include "harness.h"

#include "cwmp/cwmp.h"
#include "envelopes.h"

static void assert_decodes(struct fixture *f, const char *envelope)
{
	enum cwmp_decode_result result = decode(f, envelope, strlen(envelope));
	if (result != CWMP_DECODED)
		print_message("%s\n%s\n", f->why, envelope);
	assert_int_equal(result, CWMP_DECODED);
}

static void test_fields_may_come_in_any_order(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		ENVELOPE("<cwmp:Inform>" VALUES(VALUE("Device.X", "<Value>1</Value>")) TIMES
			"<Event><EventStruct><CommandKey>k</CommandKey>"
			"<EventCode>M Reboot</EventCode></EventStruct>"
			"<EventStruct><EventCode>0 BOOTSTRAP</EventCode></EventStruct></Event>" DEVICE_ID
			"</cwmp:Inform>"));
	assert_string_equal(f->message.request.inform.device.oui, "00A0C9");
	assert_int_equal(f->message.request.inform.event_count, 2);
	assert_string_equal(f->message.request.inform.events[0].command_key, "k");
	assert_string_equal(f->message.request.inform.events[1].code, "0 BOOTSTRAP");
	assert_int_equal(f->message.request.inform.parameters.count, 1);
	assert_int_equal(f->message.repairs, 0);
}

static void test_older_schemas_and_encoding_styles_are_read(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		"<SOAP-ENV:Envelope xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'"
		" xmlns:soap='http://schemas.xmlsoap.org/soap/encoding'"
		" xmlns:xsd='http://www.w3.org/1999/XMLSchema'"
		" xmlns:xsi='http://www.w3.org/1999/XMLSchema-instance'"
		" xmlns:cwmp1='urn:dslforum-org:cwmp-1-0'"
		" SOAP-ENV:encodingStyle='http://schemas.xmlsoap.org/soap/encoding/'>"
		"<SOAP-ENV:Body SOAP-ENV:encodingStyle='http://schemas.xmlsoap.org/soap/encoding/'>"
		"<cwmp1:Inform>" DEVICE_ID "<Event xsi:type='soap:Array'/>" TIMES
		"<ParameterList xsi:type='soap:Array' soap:arrayType='cwmp1:ParameterValueStruct[16]'>"
		"<ParameterValueStruct xsi:type='cwmp1:ParameterValueStruct'>"
		"<Name xsi:type='xsd:string'>Device.X</Name><Value xsi:type='xsd:int'>7</Value>"
		"</ParameterValueStruct></ParameterList></cwmp1:Inform>"
		"</SOAP-ENV:Body></SOAP-ENV:Envelope>");
	assert_int_equal(f->message.request.inform.parameters.count, 1);
	assert_string_equal(f->message.request.inform.parameters.items[0].type, "xsd:int");
}

static void test_fields_may_have_a_namespace_of_their_own(void **state)
{
	struct fixture *f = *state;
	assert_decodes(
		f, ENVELOPE("<Inform xmlns=\"urn:dslforum-org:cwmp-1-0\"><DeviceId>"
			    "<Manufacturer xmlns=\"\">A</Manufacturer><OUI>00a0c9</OUI>"
			    "<ProductClass>SpeedTouch 706</ProductClass>"
			    "<SerialNumber>10.18.104.79</SerialNumber>"
			    "<WanIPAddress>10.0.0.1</WanIPAddress></DeviceId>" TIMES "</Inform>"));
	const struct cwmp_device_id *device = &f->message.request.inform.device;
	assert_string_equal(device->manufacturer, "A");
	assert_string_equal(device->oui, "00a0c9");
	assert_string_equal(device->product_class, "SpeedTouch 706");
	assert_string_equal(device->serial_number, "10.18.104.79");
	assert_true(f->message.repairs & 1u << CWMP_REPAIR_IGNORED);
}

static void test_odd_events_names_times_and_counts_are_kept_as_told(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		ENVELOPE(
			"<cwmp:Inform>" DEVICE_ID "<Event><EventStruct>"
			"<EventCode>X CT-COM BIND</EventCode>"
			"<CommandKey>0123456789012345678901234567890123</CommandKey></EventStruct>"
			"<EventStruct><EventCode>1 Boot</EventCode></EventStruct></Event>"
			"<CurrentTime>1970-01-01T00:01:02.345</CurrentTime>"
			"<RetryCount>05</RetryCount>" VALUES(VALUE(".Device.X",
				"<Value xsi:type=\"xsd:dateTime\">"
				"0000-00-00T00:00:00</Value>") VALUE("Device.Y",
				"<Value xsi:type=\"xsd:unsignedInt\">"
				"not a number</Value>") VALUE("Device.Y",
				"<Value xsi:type=\"xsd:boolean\">TRUE</Value>")) ""
										 "</cwmp:Inform>"));
	const struct cwmp_inform *inform = &f->message.request.inform;
	assert_string_equal(inform->events[0].code, "X CT-COM BIND");
	assert_int_equal(strlen(inform->events[0].command_key), 34);
	assert_string_equal(inform->events[1].code, "1 Boot");
	assert_string_equal(inform->current_time, "1970-01-01T00:01:02.345");
	assert_int_equal(inform->retry_count, 5);
	assert_int_equal(inform->parameters.count, 3);
	assert_string_equal(inform->parameters.items[0].name, ".Device.X");
	assert_string_equal(inform->parameters.items[0].value, "0000-00-00T00:00:00");
	assert_string_equal(inform->parameters.items[1].value, "not a number");
	assert_string_equal(inform->parameters.items[2].value, "TRUE");
	assert_int_equal(f->message.repairs, 0);
}

static void test_responses_may_lack_times_and_values(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, ENVELOPE("<cwmp:DownloadResponse><Status>1</Status><StartTime/>"
				   "</cwmp:DownloadResponse>"));
	assert_int_equal(f->message.response.transfer.status, 1);
	assert_string_equal(f->message.response.transfer.start_time, "");
	assert_string_equal(f->message.response.transfer.complete_time, "");
	assert_decodes(f, ENVELOPE("<cwmp:GetParameterValuesResponse><ParameterList/>"
				   "</cwmp:GetParameterValuesResponse>"));
	assert_int_equal(f->message.response.values.count, 0);
	assert_decodes(
		f, ENVELOPE("<cwmp:TransferComplete><CommandKey/><FaultStruct>0</FaultStruct>"
			    "<StartTime>0001-01-01</StartTime></cwmp:TransferComplete>"));
	assert_int_equal(f->message.request.transfer_complete.fault.code, 0);
}

static void test_a_code_that_the_namespace_does_not_have_is_kept(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		ENVELOPE(
			"<soap:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring>"
			"<detail><cwmp:Fault><FaultCode>9015</FaultCode></cwmp:Fault></detail>"
			"</soap:Fault>"));
	assert_int_equal(f->message.ns, CWMP_NS_1_0);
	assert_int_equal(f->message.fault.code, 9015);
}

#define ATTRIBUTES(item) \
	ENVELOPE( \
		"<cwmp:GetParameterAttributesResponse><ParameterList><" item \
		"><Name>Device.X</Name>" \
		"<Notification>2</Notification><AccessList><string>subscriber</string></AccessList>" \
		"</" item "></ParameterList></cwmp:GetParameterAttributesResponse>")

static void test_members_of_every_list_may_be_called_item(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f, ATTRIBUTES("item"));
	assert_int_equal(f->message.response.attributes.count, 1);
	assert_int_equal(f->message.response.attributes.items[0].notification, 2);
	assert_string_equal(
		f->message.response.attributes.items[0].access_list.items[0], "subscriber");
	assert_decodes(
		f, ENVELOPE("<cwmp:GetAllQueuedTransfersResponse><TransferList><item>"
			    "<CommandKey>k</CommandKey><State>2</State></item></TransferList>"
			    "</cwmp:GetAllQueuedTransfersResponse>"));
	assert_int_equal(f->message.response.queued.count, 1);
	assert_int_equal(f->message.response.queued.items[0].state, 2);
	assert_decodes(f, ENVELOPE("<cwmp:GetOptionsResponse><OptionList><item>"
				   "<OptionName>n</OptionName></item></OptionList>"
				   "</cwmp:GetOptionsResponse>"));
	assert_int_equal(f->message.response.options.count, 1);
	assert_decodes(f, ENVELOPE("<cwmp:RequestDownload><FileType>1 Firmware Upgrade Image"
				   "</FileType><FileTypeArg><item><Name>n</Name></item>"
				   "</FileTypeArg></cwmp:RequestDownload>"));
	assert_int_equal(f->message.request.request_download.argument_count, 1);
	assert_decodes(f, ENVELOPE("<cwmp:SetVouchers><VoucherList><item>Zm9v</item></VoucherList>"
				   "</cwmp:SetVouchers>"));
	assert_string_equal(f->message.request.vouchers.items[0], "Zm9v");
	assert_true(f->message.repairs & 1u << CWMP_REPAIR_ITEMS);
}

static void test_operations_keep_their_order_whatever_prefix_their_type_has(void **state)
{
	struct fixture *f = *state;
	assert_decodes(f,
		ENVELOPE(
			"<cwmp:ChangeDUState><Operations xsi:type=\"x:UpdateOpStruct\""
			" xmlns:x=\"urn:dslforum-org:cwmp-1-0\"><URL>u</URL></Operations>"
			"<Operations xsi:type=\"InstallOpStruct\"><UUID>id</UUID><URL>i</URL></Operations>"
			"<CommandKey>k</CommandKey></cwmp:ChangeDUState>"));
	const struct cwmp_change_du_state *change = &f->message.request.change_du_state;
	assert_int_equal(change->count, 2);
	assert_int_equal(change->operations[0].kind, CWMP_DU_UPDATE);
	assert_string_equal(change->operations[0].url, "u");
	assert_int_equal(change->operations[1].kind, CWMP_DU_INSTALL);
	assert_string_equal(change->operations[1].uuid, "id");
	assert_string_equal(change->command_key, "k");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fields_may_come_in_any_order),
		TEST(test_older_schemas_and_encoding_styles_are_read),
		TEST(test_fields_may_have_a_namespace_of_their_own),
		TEST(test_odd_events_names_times_and_counts_are_kept_as_told),
		TEST(test_responses_may_lack_times_and_values),
		TEST(test_a_code_that_the_namespace_does_not_have_is_kept),
		TEST(test_members_of_every_list_may_be_called_item),
		TEST(test_operations_keep_their_order_whatever_prefix_their_type_has),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
