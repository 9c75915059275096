/* Official data-model documents become trees; whatever else comes is refused with its reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "cpe/model/datamodel.h"
#include "cpe/model/objects.h"

#define DOCUMENT(content) "<dm:document xmlns:dm=\"urn:x\">" content "</dm:document>"
#define MODEL(content) DOCUMENT("<model name=\"Device:2.11\">" content "</model>")
#define OBJECT(name, content) \
	"<object name=\"" name "\" access=\"readOnly\" minEntries=\"1\" maxEntries=\"1\">" content \
	"</object>"
#define PARAMETER(name, syntax) \
	"<parameter name=\"" name "\" access=\"readWrite\"><syntax>" syntax "</syntax></parameter>"

static struct datamodel *parse(const char *xml)
{
	char why[200];
	struct datamodel *model = datamodel_parse_xml(xml, strlen(xml), why, sizeof(why));
	if (!model)
		print_message("%s\n", why);
	assert_non_null(model);
	return model;
}

static void assert_refused(const char *xml, const char *expected)
{
	char why[200];
	assert_null(datamodel_parse_xml(xml, strlen(xml), why, sizeof(why)));
	if (!strstr(why, expected))
		print_message("%s\n", why);
	assert_non_null(strstr(why, expected));
}

static struct node *find(const struct datamodel *model, const char *path)
{
	struct node *node = datamodel_find(model, path);
	if (!node)
		print_message("%s is not there\n", path);
	assert_non_null(node);
	return node;
}

static void assert_parameter(
	const struct datamodel *model, const char *path, const char *type, const char *value)
{
	const struct node *node = find(model, path);
	assert_string_equal(node->type, type);
	assert_string_equal(node->value, value);
}

static void test_types_and_defaults_are_taken_from_the_syntax(void **state)
{
	(void)state;
	struct datamodel *model = parse(DOCUMENT(
		"<dataType name=\"Base\"><description/><unsignedInt/></dataType>"
		"<dataType name=\"Counter\" base=\"Base\"><size maxLength=\"3\"/></dataType>"
		"<model name=\"Device:2.11\">" OBJECT("Device.",
			PARAMETER("Text",
				"<string><size maxLength=\"4\"/></string>"
				"<default type=\"factory\" value=\"a&lt;b\"/>") PARAMETER("Number",
				"<int><range minInclusive=\"-1\"/></int>"
				"<default type=\"object\" value=\"-1\"/>") PARAMETER("Flag",
				"<boolean/>") PARAMETER("Time", "<dateTime/>") PARAMETER("Bytes",
				"<base64/>") PARAMETER("Counted",
				"<dataType ref=\"Counter\"/>") PARAMETER("Several",
				"<list/><unsignedInt/><default type=\"object\" value=\"1,2\"/>")
				PARAMETER("Wrong",
					"<unsignedInt/><default type=\"object\" value=\"none\"/>")
					PARAMETER("Withdrawn",
						"<string/><default type=\"object\" value=\"x\""
						" status=\"deleted\"/>")) "</model>"));
	assert_parameter(model, "Device.Text", "xsd:string", "a<b");
	assert_parameter(model, "Device.Number", "xsd:int", "-1");
	assert_parameter(model, "Device.Flag", "xsd:boolean", "false");
	assert_parameter(model, "Device.Time", "xsd:dateTime", "0001-01-01T00:00:00Z");
	assert_parameter(model, "Device.Bytes", "xsd:base64Binary", "");
	assert_parameter(model, "Device.Counted", "xsd:unsignedInt", "0");
	assert_parameter(model, "Device.Several", "xsd:string", "1,2");
	assert_parameter(model, "Device.Wrong", "xsd:unsignedInt", "0");
	assert_parameter(model, "Device.Withdrawn", "xsd:string", "");
	datamodel_free(model);
}

static void test_access_hiding_and_notification_are_kept(void **state)
{
	(void)state;
	struct datamodel *model = parse(MODEL(OBJECT("Device.",
		"<parameter name=\"Read\" access=\"readOnly\" activeNotify=\"forceDefaultEnabled\">"
		"<syntax><string/></syntax></parameter>"
		"<parameter name=\"Secret\" access=\"readWrite\">"
		"<syntax hidden=\"true\"><string/><default type=\"factory\" value=\"pw\"/></syntax>"
		"</parameter>"
		"<parameter name=\"Gone\" access=\"readOnly\" status=\"deleted\">"
		"<syntax><string/></syntax></parameter>")));
	assert_false(find(model, "Device.Read")->is_writable);
	assert_int_equal(find(model, "Device.Read")->notification, NOTIFICATION_ACTIVE);
	const struct node *secret = find(model, "Device.Secret");
	assert_true(secret->is_writable);
	assert_true(node_is_hidden(secret));
	assert_string_equal(secret->value, "pw");
	assert_string_equal(node_readable(secret), "");
	assert_null(datamodel_find(model, "Device.Gone"));
	datamodel_free(model);
}

#define TABLES \
	MODEL(OBJECT("Device.", \
		PARAMETER("RowNumberOfEntries", "<unsignedInt/>") PARAMETER( \
			"FixedNumberOfEntries", \
			"<unsignedInt/>")) "<object name=\"Device.Row.{i}.\" access=\"readWrite\" minEntries=\"0\"" \
					   " maxEntries=\"unbounded\">" PARAMETER("Name", \
						   "<string/><default type=\"object\" value=\"new\"/>") "</object>" \
													"<object name=\"Device.Row.{i}.Inner.{i}.\" access=\"readOnly\" minEntries=\"2\"" \
													" maxEntries=\"2\">" PARAMETER( \
														"Number", \
														"<int/>") "</object>" \
															  "<object name=\"Device.Fixed.{i}.\" access=\"readOnly\" minEntries=\"3\"" \
															  " maxEntries=\"3\">" PARAMETER( \
																  "Name", \
																  "<string/>") "</object>")

static void test_fixed_tables_are_full_and_others_are_filled_by_the_acs(void **state)
{
	(void)state;
	struct datamodel *model = parse(TABLES);
	assert_non_null(datamodel_find(model, "Device.Fixed.3.Name"));
	assert_null(datamodel_find(model, "Device.Fixed.4."));
	assert_parameter(model, "Device.FixedNumberOfEntries", "xsd:unsignedInt", "3");
	assert_null(datamodel_find(model, "Device.Row.1."));
	assert_int_equal(model->change_count, 0);

	unsigned instance = 0;
	assert_int_equal(objects_add(model, "Device.Row.", &instance), 0);
	assert_int_equal(instance, 1);
	assert_parameter(model, "Device.Row.1.Name", "xsd:string", "new");
	assert_non_null(datamodel_find(model, "Device.Row.1.Inner.2.Number"));
	assert_parameter(model, "Device.RowNumberOfEntries", "xsd:unsignedInt", "1");
	assert_int_equal(objects_add(model, "Device.Fixed.", &instance), 9005);
	assert_int_equal(objects_delete(model, "Device.Row.1."), 0);
	assert_int_equal(objects_delete(model, "Device.Fixed.1."), 9005);
	datamodel_free(model);
}

static void test_documents_that_need_others_are_refused(void **state)
{
	(void)state;
	assert_refused(DOCUMENT("<import file=\"tr-106.xml\"/>"), "not a full document");
	assert_refused(MODEL("<component ref=\"Device2\"/>"), "not a full document");
	assert_refused(DOCUMENT("<model name=\"Device:2.11\" base=\"Device:2.10\"/>"),
		"not a full document");
	assert_refused(
		MODEL("<object base=\"Device.\" access=\"readOnly\"/>"), "not a full document");
}

static void test_what_is_no_document_is_refused(void **state)
{
	(void)state;
	assert_refused("", "line 1");
	assert_refused("Parameter,Object,Writable,Value,Value type", "line 1");
	assert_refused("<html/>", "not a data-model document");
	assert_refused(DOCUMENT(""), "one root object");
	assert_refused(MODEL(""), "one root object");
	assert_refused(
		DOCUMENT("<model name=\"a:1\"/><model name=\"b:1\"/>"), "more than one model");
	assert_refused(
		"<!DOCTYPE d [<!ENTITY a \"b\">]>" MODEL(OBJECT("Device.", "")), "document type");
	assert_refused(MODEL(OBJECT("Device", "")), "not an object's name");
	assert_refused(MODEL(OBJECT("Device..", "")), "not an object's name");
	assert_refused(MODEL(OBJECT("{i}.", "")), "not an object's name");
	assert_refused(
		MODEL(OBJECT("Device.", PARAMETER("a.b", "<string/>"))), "not a parameter's name");
	assert_refused(
		MODEL(OBJECT("Device.", PARAMETER("a", "<string/>") PARAMETER("a", "<string/>"))),
		"not a parameter's name");
	assert_refused(
		MODEL(OBJECT("Device.", PARAMETER("a", "<string/>")) OBJECT("Device.a.", "")),
		"not an object's name");
}

static void test_tables_in_tables_cannot_grow_without_measure(void **state)
{
	(void)state;
	struct buffer xml = { 0 }, path = { 0 };
	buffer_append_text(&xml, "<document><model name=\"Device:2\">" OBJECT("Device.", ""));
	buffer_append_text(&path, "Device.");
	for (int i = 0; i < 6; i++) {
		buffer_printf(&path, "T%d.{i}.", i);
		buffer_printf(&xml, "<object name=\"%s\" access=\"readOnly\" minEntries=\"1000\"/>",
			path.data);
	}
	buffer_append_text(&xml, "</model></document>");
	assert_refused(xml.data, "more than");
	buffer_clear(&xml);
	buffer_clear(&path);
}

static size_t count_parameters(const struct node *node)
{
	size_t count = !node->is_object;
	for (size_t i = 0; i < node->child_count; i++)
		if (!node->children[i]->is_template)
			count += count_parameters(node->children[i]);
	return count;
}

static void test_published_documents_become_devices(void **state)
{
	(void)state;
	static const struct {
		const char *file, *version_name, *version;
		size_t least;
	} documents[] = {
		{ "tr-181-2-11-0-full.xml", "Device.RootDataModelVersion", "2.11", 800 },
		{ "tr-098-1-8-0-full.xml", "InternetGatewayDevice.DeviceSummary",
			"InternetGatewayDevice:1.14[]()", 200 },
		{ "tr-104-2-0-2-cwmp-full.xml", "Device.RootDataModelVersion", "2.11", 100 },
	};
	const char *folder = getenv("ACS_SHARED") ? getenv("ACS_SHARED") : "../shared";
	for (size_t i = 0; i < LENGTH_OF(documents); i++) {
		char path[512], why[200];
		snprintf(path, sizeof(path), "%s/datamodels/%s", folder, documents[i].file);
		if (access(path, R_OK) != 0)
			skip();
		struct datamodel *model = datamodel_load(path, why, sizeof(why));
		if (!model)
			print_message("%s\n", why);
		assert_non_null(model);
		print_message("%s: %zu parameters\n", documents[i].file,
			count_parameters(datamodel_root(model)));
		assert_true(count_parameters(datamodel_root(model)) >= documents[i].least);
		assert_string_equal(
			find(model, documents[i].version_name)->value, documents[i].version);
		assert_string_equal(datamodel_text(model, "DeviceInfo.SoftwareVersion"), "1.0");
		assert_non_null(datamodel_at(model, "ManagementServer.ConnectionRequestURL"));
		datamodel_free(model);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types_and_defaults_are_taken_from_the_syntax),
		cmocka_unit_test(test_access_hiding_and_notification_are_kept),
		cmocka_unit_test(test_fixed_tables_are_full_and_others_are_filled_by_the_acs),
		cmocka_unit_test(test_documents_that_need_others_are_refused),
		cmocka_unit_test(test_what_is_no_document_is_refused),
		cmocka_unit_test(test_tables_in_tables_cannot_grow_without_measure),
		cmocka_unit_test(test_published_documents_become_devices),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
