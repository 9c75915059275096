/* Captured device traffic is read to what its index says, and broken traffic is refused.
 * Reads the folder that ACS_SHARED names; skips when it is not there. */
#include "harness.h"

#include <unistd.h>

#include "base/buffer.h"
#include "cwmp/cwmp.h"
#include "samples.h"

struct expectation {
	const char *file;
	enum cwmp_kind kind;
	enum cwmp_namespace ns;
	const char *method; /* NULL for faults */
	const char *id;     /* NULL: none */
	size_t count;       /* parameters of Inform, items of a list response */
	const char *detail; /* serial number, command key, or NULL */
};

static const struct expectation expectations[] = {
	{ "airvana-Inform-2", CWMP_REQUEST, CWMP_NS_1_0, "Inform", "1", 7, "0005B9423910" },
	{ "airvana-TransferComplete-1", CWMP_REQUEST, CWMP_NS_1_0, "TransferComplete", "0", 0,
		"0005B9AAAA22" },
	{ "alcatel-AutonomousTransferComplete-1", CWMP_REQUEST, CWMP_NS_1_0,
		"AutonomousTransferComplete", "1", 0, "http://transferURL_FwUpgr" },
	{ "alcatel-Inform-1", CWMP_REQUEST, CWMP_NS_1_0, "Inform", "1", 10, "4321" },
	{ "cavium-Inform-1", CWMP_REQUEST, CWMP_NS_1_0, "Inform", "CPE_1002", 15, "10.18.104.79" },
	{ "cwmpex-TransferComplete-1", CWMP_REQUEST, CWMP_NS_1_0, "TransferComplete", "1", 0,
		"AutoconfFirmwareUpgrade" },
	{ "cytco-Inform-1", CWMP_REQUEST, CWMP_NS_1_0, "Inform", "31645", 8,
		"00100400FV020010000000a859f6a238" },
	{ "jiuzhou-Inform-1", CWMP_REQUEST, CWMP_NS_1_1, "Inform", NULL, 6,
		"00100199010211400000D0154AD4934C" },
	{ "jiuzhou-RebootResponse-1", CWMP_RESPONSE, CWMP_NS_1_0, "Reboot", "", 0, NULL },
	{ "moonar-GetParameterValuesResponse-1", CWMP_RESPONSE, CWMP_NS_1_0, "GetParameterValues",
		"", 5, NULL },
	{ "pace-GetParameterNamesResponse-1", CWMP_RESPONSE, CWMP_NS_1_0, "GetParameterNames", NULL,
		2, NULL },
	{ "pace-GetParameterValuesResponse-1", CWMP_RESPONSE, CWMP_NS_1_0, "GetParameterValues",
		NULL, 2, NULL },
	{ "reyronald-GetParameterValuesResponse-1", CWMP_RESPONSE, CWMP_NS_1_0,
		"GetParameterValues", NULL, 13, NULL },
	{ "sagemcom-Inform-1", CWMP_REQUEST, CWMP_NS_1_0, "Inform", "0", 8, "LK14183DP340340" },
	{ "scty-Inform-1", CWMP_REQUEST, CWMP_NS_1_0, "Inform", "19665046", 11,
		"4685040F420F87E30" },
	{ "thomson-Fault-1", CWMP_FAULT, CWMP_NS_1_0, NULL, "22_THOM_TR69_ID", 0, NULL },
	{ "thomson-GetParameterAttributesResponse-1", CWMP_RESPONSE, CWMP_NS_1_0,
		"GetParameterAttributes", "11_THOM_TR69_ID", 2, NULL },
	{ "thomson-GetParameterNamesResponse-6", CWMP_RESPONSE, CWMP_NS_1_0, "GetParameterNames",
		"OWERA-1177601341804", 3457, NULL },
	{ "thomson-GetParameterValuesResponse-2", CWMP_RESPONSE, CWMP_NS_1_0, "GetParameterValues",
		"226_THOM_TR69_ID", 6, NULL },
	{ "thomson-GetRPCMethodsResponse-1", CWMP_RESPONSE, CWMP_NS_1_0, "GetRPCMethods",
		"22_THOM_TR69_ID", 9, NULL },
	{ "thomson-Inform-1", CWMP_REQUEST, CWMP_NS_1_0, "Inform", "22_THOM_TR69_ID", 12,
		"CP0636JT3SH" },
	{ "thomson-Inform-4", CWMP_REQUEST, CWMP_NS_1_0, "Inform", "THOM_CPE_ALC_ID_9", 11,
		"CP0636JT3SH" },
	{ "thomson-Inform-7", CWMP_REQUEST, CWMP_NS_1_0, "Inform", "0_THOM_TR69_ID", 1,
		"CP0611JTLNW" },
	{ "unknown-TransferComplete-1", CWMP_REQUEST, CWMP_NS_1_0, "TransferComplete",
		"XXXXXXXYYYYZZZ", 0, "" },
	{ "zhone-Inform-1", CWMP_REQUEST, CWMP_NS_1_0, "Inform", "946498461", 8, "00255e71f7ac" },
	{ "zte-GetParameterNamesResponse-1", CWMP_RESPONSE, CWMP_NS_1_0, "GetParameterNames",
		"OWERA-0", 1384, NULL },
	{ "zte-Inform-1", CWMP_REQUEST, CWMP_NS_1_0, "Inform", "1", 10, "FakeSerialNumber" },
	{ "zyxel-Inform-1", CWMP_REQUEST, CWMP_NS_1_0, "Inform", "100", 8, "EC43F69AF408" },
	{ "zyxel-Inform-2", CWMP_REQUEST, CWMP_NS_1_0, "Inform", "844317904", 8, "S140Y24025829" },
};

static void skip_without_corpus(void)
{
	char index[512];
	snprintf(index, sizeof(index), "%s/corpus/INDEX.tsv", shared_folder());
	if (access(index, R_OK) == 0)
		return;
	print_message("no corpus at %s: set ACS_SHARED\n", index);
	skip();
}

static void read_file(const char *name, struct buffer *out)
{
	char path[512], bytes[65536];
	snprintf(path, sizeof(path), "%s/corpus/%s.xml", shared_folder(), name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	for (size_t n; (n = fread(bytes, 1, sizeof(bytes), file)) > 0;)
		buffer_append(out, bytes, n);
	fclose(file);
}

static size_t list_count(const struct cwmp_message *m)
{
	switch (m->method) {
	case CWMP_INFORM:
		return m->request.inform.parameters.count;
	case CWMP_GET_RPC_METHODS:
		return m->response.methods.count;
	case CWMP_GET_PARAMETER_NAMES:
		return m->response.names.count;
	case CWMP_GET_PARAMETER_VALUES:
		return m->response.values.count;
	case CWMP_GET_PARAMETER_ATTRIBUTES:
		return m->response.attributes.count;
	default:
		return 0;
	}
}

static const char *detail(const struct cwmp_message *m)
{
	if (m->method == CWMP_INFORM)
		return m->request.inform.device.serial_number;
	if (m->method == CWMP_AUTONOMOUS_TRANSFER_COMPLETE)
		return m->request.autonomous_transfer.transfer_url;
	return m->method == CWMP_TRANSFER_COMPLETE ? m->request.transfer_complete.command_key
						   : NULL;
}

static void assert_same_text(const char *actual, const char *expected)
{
	if (expected) {
		assert_non_null(actual);
		assert_string_equal(actual, expected);
	} else {
		assert_null(actual);
	}
}

static void test_every_capture_is_read_to_what_it_says(void **state)
{
	struct fixture *f = *state;
	skip_without_corpus();
	for (size_t i = 0; i < LENGTH_OF(expectations); i++) {
		const struct expectation *e = &expectations[i];
		struct buffer file = { 0 };
		read_file(e->file, &file);
		assert_int_equal(decode(f, file.data, file.length), CWMP_DECODED);
		assert_int_equal(f->message.kind, e->kind);
		assert_int_equal(f->message.ns, e->ns);
		assert_same_text(f->message.method_name, e->method);
		assert_same_text(f->message.id, e->id);
		assert_int_equal(list_count(&f->message), e->count);
		assert_same_text(detail(&f->message), e->detail);
		buffer_clear(&file);
	}
}

static void test_the_index_lists_what_is_expected_here(void **state)
{
	skip_without_corpus();
	(void)state;
	char path[512], line[4096];
	snprintf(path, sizeof(path), "%s/corpus/INDEX.tsv", shared_folder());
	FILE *index = fopen(path, "r");
	assert_non_null(index);
	size_t found = 0;
	assert_non_null(fgets(line, sizeof(line), index)); /* heading */
	while (fgets(line, sizeof(line), index)) {
		char *end = strstr(line, ".xml\t");
		assert_non_null(end);
		*end = '\0';
		for (size_t i = 0; i < LENGTH_OF(expectations); i++)
			found += strcmp(expectations[i].file, line) == 0;
	}
	fclose(index);
	assert_int_equal(found, LENGTH_OF(expectations));
}

static void test_odd_content_of_captures_is_kept(void **state)
{
	struct fixture *f = *state;
	skip_without_corpus();
	struct buffer file = { 0 };
	read_file("thomson-Fault-1", &file);
	assert_int_equal(decode(f, file.data, file.length), CWMP_DECODED);
	assert_int_equal(f->message.fault.code, 9001);
	assert_string_equal(f->message.fault.text, "Request Denied");
	buffer_reset(&file);
	read_file("unknown-TransferComplete-1", &file);
	assert_int_equal(decode(f, file.data, file.length), CWMP_DECODED);
	assert_int_equal(f->message.request.transfer_complete.fault.code, 9015);
	buffer_reset(&file);
	read_file("scty-Inform-1", &file);
	assert_int_equal(decode(f, file.data, file.length), CWMP_DECODED);
	assert_int_equal(f->message.request.inform.event_count, 3);
	assert_string_equal(f->message.request.inform.events[2].code, "X CT-COM BIND");
	buffer_reset(&file);
	read_file("jiuzhou-RebootResponse-1", &file);
	assert_int_equal(decode(f, file.data, file.length), CWMP_DECODED);
	assert_int_equal(f->message.hold_requests, 0);
	buffer_clear(&file);
}

static void test_every_capture_cut_short_is_refused(void **state)
{
	enum { CUTS = 50 };
	struct fixture *f = *state;
	skip_without_corpus();
	for (size_t i = 0; i < LENGTH_OF(expectations); i++) {
		struct buffer file = { 0 };
		read_file(expectations[i].file, &file);
		size_t length = file.length; /* without what follows the last '>' */
		while (file.data[length - 1] != '>')
			length--;
		for (size_t cut = 0; cut < CUTS; cut++) {
			assert_int_not_equal(
				decode(f, file.data, length * cut / CUTS), CWMP_DECODED);
			assert_non_null(f->why);
		}
		assert_int_not_equal(decode(f, file.data, length - 1), CWMP_DECODED);
		buffer_clear(&file);
	}
}

/* We write a type where the device gave none, and 9010 where 1-0 has no 9015. */
static void make_writable(struct cwmp_message *m)
{
	struct cwmp_values *values = m->method == CWMP_INFORM ? &m->request.inform.parameters
				     : m->method == CWMP_GET_PARAMETER_VALUES ? &m->response.values
									      : NULL;
	for (size_t i = 0; values && i < values->count; i++) {
		if (!values->items[i].type)
			values->items[i].type = "xsd:string";
	}
	if (m->method == CWMP_TRANSFER_COMPLETE)
		m->ns = CWMP_NS_1_1;
}

static void test_every_capture_survives_our_own_encoding(void **state)
{
	struct fixture *f = *state;
	skip_without_corpus();
	for (size_t i = 0; i < LENGTH_OF(expectations); i++) {
		struct buffer file = { 0 }, before = { 0 }, after = { 0 };
		read_file(expectations[i].file, &file);
		assert_int_equal(decode(f, file.data, file.length), CWMP_DECODED);
		make_writable(&f->message);
		tell_message(&before, &f->message);
		buffer_reset(&file);
		cwmp_encode(f->codec, &f->message, NULL, &file);
		assert_int_equal(decode(f, file.data, file.length), CWMP_DECODED);
		tell_message(&after, &f->message);
		assert_string_equal(after.data, before.data);
		buffer_clear(&file);
		buffer_clear(&before);
		buffer_clear(&after);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_capture_is_read_to_what_it_says),
		TEST(test_the_index_lists_what_is_expected_here),
		TEST(test_odd_content_of_captures_is_kept),
		TEST(test_every_capture_cut_short_is_refused),
		TEST(test_every_capture_survives_our_own_encoding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
