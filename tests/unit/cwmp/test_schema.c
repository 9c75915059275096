/* Every envelope we write is valid by the official schemas.
 * Namespaces 1-3 and 1-4, which the schemas do not have, are rewritten to 1-2 first. */
#include "harness.h"

#include <sys/stat.h>
#include <unistd.h>

#include "samples.h"

static char folder[] = "/tmp/cwmp-schema-XXXXXX";
static char validator[512];

static int find_validator(void **state)
{
	(void)state;
	snprintf(validator, sizeof(validator), "%s/xsd/validate.sh", shared_folder());
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static void rewrite_namespace(struct buffer *envelope)
{
	char *uri = strstr(envelope->data, "urn:dslforum-org:cwmp-1-");
	assert_non_null(uri);
	char *minor = uri + strlen("urn:dslforum-org:cwmp-1-");
	if (*minor > '2')
		*minor = '2';
}

static void assert_valid(
	struct fixture *f, const struct cwmp_message *m, const struct cwmp_encode_options *options)
{
	struct buffer envelope = { 0 };
	cwmp_encode(f->codec, m, options, &envelope);
	rewrite_namespace(&envelope);
	char path[64], command[640];
	snprintf(path, sizeof(path), "%s/envelope.xml", folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(envelope.data, 1, envelope.length, file), envelope.length);
	fclose(file);
	snprintf(command, sizeof(command), "%s %s", validator, path);
	int status = system(command);
	if (status != 0)
		print_message("%s\n", envelope.data);
	assert_int_equal(status, 0);
	unlink(path);
	buffer_clear(&envelope);
}

static void skip_without_validator(void)
{
	if (access(validator, X_OK) == 0)
		return;
	print_message("no validator at %s: set ACS_SHARED\n", validator);
	skip();
}

static void each_method_is_valid(struct fixture *f, enum cwmp_kind kind)
{
	skip_without_validator();
	for (int ns = 0; ns < CWMP_NS_COUNT; ns++) {
		for (int method = CWMP_INFORM; method < CWMP_METHOD_COUNT; method++) {
			struct cwmp_message m;
			sample_message(&m, (enum cwmp_namespace)ns, (enum cwmp_method)method, kind);
			if ((int)cwmp_method_since(m.method) > ns)
				continue; /* the schema does not have it */
			assert_valid(f, &m, NULL);
		}
	}
}

static void test_requests_are_valid_in_every_namespace(void **state)
{
	each_method_is_valid(*state, CWMP_REQUEST);
}

static void test_responses_are_valid_in_every_namespace(void **state)
{
	each_method_is_valid(*state, CWMP_RESPONSE);
}

static void test_every_fault_code_is_valid_in_every_namespace(void **state)
{
	static const unsigned codes[] = { 0, 7, 8000, 8005, 8006, 8007, 8800, 8999, 9000, 9003,
		9013, 9014, 9015, 9019, 9020, 9021, 9022, 9032, 9033, 9799, 9800, 9899, 9900 };
	skip_without_validator();
	for (int ns = 0; ns < CWMP_NS_COUNT; ns++) {
		for (size_t i = 0; i < LENGTH_OF(codes); i++) {
			struct cwmp_message request, fault;
			sample_message(
				&request, (enum cwmp_namespace)ns, CWMP_REBOOT, CWMP_REQUEST);
			cwmp_make_fault(&fault, &request, codes[i], NULL);
			assert_valid(*state, &fault, NULL);
		}
	}
}

static void test_parameter_faults_are_valid_in_every_namespace(void **state)
{
	skip_without_validator();
	for (int ns = 0; ns < CWMP_NS_COUNT; ns++) {
		struct cwmp_message m;
		sample_message(&m, (enum cwmp_namespace)ns, CWMP_UNKNOWN_METHOD, CWMP_FAULT);
		assert_valid(*state, &m, NULL);
	}
}

static void test_every_transfer_fault_is_valid_in_every_namespace(void **state)
{
	static const unsigned codes[] = { 0, 9000, 9001, 9010, 9013, 9016, 9018, 9020, 9021, 9032,
		9033, 9800, 8002, 1 };
	skip_without_validator();
	for (int ns = 0; ns < CWMP_NS_COUNT; ns++) {
		for (size_t i = 0; i < LENGTH_OF(codes); i++) {
			struct cwmp_message m;
			sample_message(
				&m, (enum cwmp_namespace)ns, CWMP_TRANSFER_COMPLETE, CWMP_REQUEST);
			m.request.transfer_complete.fault.code = codes[i];
			assert_valid(*state, &m, NULL);
		}
	}
}

static void test_every_fault_of_a_deployment_unit_is_valid(void **state)
{
	skip_without_validator();
	for (unsigned code = 8999; code <= 9034; code++) {
		struct cwmp_message m;
		sample_message(&m, CWMP_NS_1_2, CWMP_DU_STATE_CHANGE_COMPLETE, CWMP_REQUEST);
		m.request.du_state_change.results[0].fault.code = code;
		assert_valid(*state, &m, NULL);
	}
}

static void test_results_without_uuid_and_times_are_valid(void **state)
{
	skip_without_validator();
	struct cwmp_message m;
	sample_message(&m, CWMP_NS_1_2, CWMP_DU_STATE_CHANGE_COMPLETE, CWMP_REQUEST);
	struct cwmp_du_result *result = &m.request.du_state_change.results[0];
	result->uuid = "";
	result->start_time = "";
	result->complete_time = "";
	assert_valid(*state, &m, NULL);
}

static void test_all_headers_are_valid(void **state)
{
	skip_without_validator();
	struct cwmp_message m;
	sample_message(&m, CWMP_NS_1_4, CWMP_INFORM, CWMP_REQUEST);
	m.hold_requests = 0;
	m.session_timeout = 120;
	m.supported_versions = "1.0,1.4";
	m.use_version = "1.4";
	assert_valid(*state, &m, NULL);
}

static void test_unencodable_characters_file_sizes_and_absent_times_are_valid(void **state)
{
	skip_without_validator();
	struct cwmp_message m;
	sample_message(&m, CWMP_NS_1_2, CWMP_DOWNLOAD, CWMP_REQUEST);
	m.request.download.file_size = 1ull << 32;
	m.request.download.password = "a\x01\x02\xFF\xED\xA0\x80z";
	assert_valid(*state, &m, NULL);
	sample_message(&m, CWMP_NS_1_2, CWMP_TRANSFER_COMPLETE, CWMP_REQUEST);
	m.request.transfer_complete.start_time = "";
	assert_valid(*state, &m, NULL);
}

static void test_boolean_words_are_valid(void **state)
{
	skip_without_validator();
	const struct cwmp_encode_options options = { .booleans_as_words = true };
	struct cwmp_message m;
	sample_message(&m, CWMP_NS_1_0, CWMP_GET_PARAMETER_NAMES, CWMP_RESPONSE);
	assert_valid(*state, &m, &options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_requests_are_valid_in_every_namespace),
		TEST(test_responses_are_valid_in_every_namespace),
		TEST(test_every_fault_code_is_valid_in_every_namespace),
		TEST(test_parameter_faults_are_valid_in_every_namespace),
		TEST(test_every_transfer_fault_is_valid_in_every_namespace),
		TEST(test_every_fault_of_a_deployment_unit_is_valid),
		TEST(test_results_without_uuid_and_times_are_valid),
		TEST(test_all_headers_are_valid),
		TEST(test_unencodable_characters_file_sizes_and_absent_times_are_valid),
		TEST(test_boolean_words_are_valid),
	};
	return cmocka_run_group_tests(tests, find_validator, remove_folder);
}
