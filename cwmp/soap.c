/* soap: gSOAP's parser and printer, reading from and writing to memory.
 * frecv hands out little at a time and looks at the CPU clock: gSOAP compares each attribute name
 * with all it has seen, so a hostile envelope could otherwise keep a thread for seconds. */
#include "cwmp/soap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cwmp/cwmp.h"

#define READ_AT_ONCE 4096
#define NS_PER_MS 1000000

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED
#endif
#endif

/* Sanitizers make everything slower, and find texts that are used too late only if none is kept. */
#ifdef IS_SANITIZED
enum { CPU_FACTOR = 10, KEPT_SCRATCH = 0 };
#else
enum { CPU_FACTOR = 1, KEPT_SCRATCH = 1024 * 1024 };
#endif

const struct cwmp_limits cwmp_default_limits = {
	.depth = 32,
	.text_bytes = 2 * 1024 * 1024,
	.list_items = 100000,
	.cpu_ms = 50 * CPU_FACTOR,
	.cpu_ms_per_mb = 40 * CPU_FACTOR,
};

/* libgsoap refers to this table; every codec sets its own. */
SOAP_NMAC struct Namespace namespaces[] = { { NULL, NULL, NULL, NULL } };

/* Prefix, URI, and a pattern of URIs that are as good; SOAP 1.2's is there to be told apart. */
#define SOAP_NAMESPACES \
	{ "SOAP-ENV", "http://schemas.xmlsoap.org/soap/envelope/", \
		"http://www.w3.org/*/soap-envelope", NULL }, \
		{ "SOAP-ENC", "http://schemas.xmlsoap.org/soap/encoding/", \
			"http://schemas.xmlsoap.org/soap/encoding", NULL }, \
		{ "xsi", "http://www.w3.org/2001/XMLSchema-instance", \
			"http://www.w3.org/*/XMLSchema-instance", NULL }, \
	{ \
		"xsd", "http://www.w3.org/2001/XMLSchema", "http://www.w3.org/*/XMLSchema", NULL \
	}

#define WRITING_NAMESPACES(uri) \
	{ \
		SOAP_NAMESPACES, { "cwmp", uri, NULL, NULL }, \
		{ \
			NULL, NULL, NULL, NULL \
		} \
	}

enum { CWMP_ENTRY = 4, ENTRIES };

static const struct Namespace reading_namespaces[ENTRIES + 1] = {
	SOAP_NAMESPACES,
	{ "cwmp", "urn:dslforum-org:cwmp-1-0", "urn:dslforum-org:cwmp-*", NULL },
	{ NULL, NULL, NULL, NULL },
};

static const struct Namespace writing_namespaces[CWMP_NS_COUNT][ENTRIES + 1] = {
	[CWMP_NS_1_0] = WRITING_NAMESPACES("urn:dslforum-org:cwmp-1-0"),
	[CWMP_NS_1_1] = WRITING_NAMESPACES("urn:dslforum-org:cwmp-1-1"),
	[CWMP_NS_1_2] = WRITING_NAMESPACES("urn:dslforum-org:cwmp-1-2"),
	[CWMP_NS_1_3] = WRITING_NAMESPACES("urn:dslforum-org:cwmp-1-3"),
	[CWMP_NS_1_4] = WRITING_NAMESPACES("urn:dslforum-org:cwmp-1-4"),
};

const char *cwmp_namespace_uri(enum cwmp_namespace ns)
{
	return writing_namespaces[ns][CWMP_ENTRY].ns;
}

static int64_t thread_cpu_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

static size_t receive(struct soap *soap, char *bytes, size_t size)
{
	struct cwmp_codec *codec = soap->user;
	if (thread_cpu_now() > codec->cpu_end) {
		codec->over_budget = true;
		return 0;
	}
	size_t n = size < READ_AT_ONCE ? size : READ_AT_ONCE;
	if (n > codec->input.length)
		n = codec->input.length;
	memcpy(bytes, codec->input.data, n);
	codec->input.data += n;
	codec->input.length -= n;
	return n;
}

static int send_bytes(struct soap *soap, const char *bytes, size_t length)
{
	struct cwmp_codec *codec = soap->user;
	buffer_append(codec->output, bytes, length);
	return SOAP_OK;
}

/* "ID" in a namespace that is not CWMP's is the header ID for all that. */
static bool is_header_of_ours(const char *tag)
{
	static const char *const names[] = { "ID", "HoldRequests", "NoMoreRequests",
		"SessionTimeout", "SupportedCWMPVersions", "UseCWMPVersion" };
	const char *colon = strchr(tag, ':');
	for (size_t i = 0; i < LENGTH_OF(names); i++) {
		if (strcmp(names[i], colon ? colon + 1 : tag) == 0)
			return true;
	}
	return false;
}

/* Called for each element that no struct has room for. Headers by the names of ours, and elements
 * with a prefix of CWMP's namespace (the schema leaves all but the outermost unqualified), deserve
 * a second look. */
static int note_ignored(struct soap *soap, const char *tag)
{
	struct cwmp_codec *codec = soap->user;
	bool is_header = soap->part == SOAP_IN_HEADER;
	if (is_header && soap->mustUnderstand)
		codec->not_understood = true;
	if (is_header ? is_header_of_ours(tag)
		      : strchr(tag, ':') && soap_match_tag(soap, tag, "cwmp:") == SOAP_OK)
		codec->skipped_ours = true;
	codec->skipped = true;
	return SOAP_OK;
}

struct cwmp_codec *cwmp_codec_new(const struct cwmp_limits *limits)
{
	struct cwmp_codec *codec = calloc(1, sizeof(*codec));
	if (!codec)
		abort();
	codec->limits = *limits;
	struct soap *soap = &codec->soap;
	soap_init1(soap, SOAP_XML_TREE | SOAP_C_UTFSTRING | SOAP_ENC_PLAIN);
	soap->user = codec;
	soap->frecv = receive;
	soap->fsend = send_bytes;
	soap->fignore = note_ignored;
	soap->maxlevel = limits->depth;
	soap->maxlength = (long)limits->text_bytes;
	soap->maxoccurs = limits->list_items;
	return codec;
}

void cwmp_codec_free(struct cwmp_codec *codec)
{
	if (!codec)
		return;
	soap_destroy(&codec->soap);
	soap_end(&codec->soap);
	soap_done(&codec->soap);
	buffer_clear(&codec->converted);
	buffer_clear(&codec->repaired);
	buffer_clear(&codec->escaped);
	buffer_clear(&codec->joined);
	buffer_clear(&codec->retagged);
	for (int ns = 0; ns < CWMP_NS_COUNT; ns++)
		for (int declaration = 0; declaration < 2; declaration++)
			buffer_clear(&codec->informed[ns][declaration]);
	free(codec);
}

void soap_budget_begin(struct cwmp_codec *codec, size_t length)
{
	int64_t per_mb = (int64_t)codec->limits.cpu_ms_per_mb * NS_PER_MS;
	int64_t budget = (int64_t)codec->limits.cpu_ms * NS_PER_MS +
			 (int64_t)(length / 1024) * (per_mb / 1024);
	codec->cpu_end = thread_cpu_now() + budget;
	codec->over_budget = false;
}

bool soap_reading_begin(struct cwmp_codec *codec, struct span text, soap_mode mode)
{
	struct soap *soap = &codec->soap;
	codec->input = text;
	codec->skipped = false;
	codec->skipped_ours = false;
	codec->not_understood = false;
	soap_set_namespaces(soap, reading_namespaces);
	soap_clr_imode(soap, SOAP_XML_IGNORENS);
	soap_set_imode(soap, mode);
	soap->recv_maxlength = text.length + 1;
	soap->header = NULL;
	soap->fault = NULL;
	return soap_begin_recv(soap) == SOAP_OK;
}

void soap_reading_end(struct cwmp_codec *codec)
{
	struct soap *soap = &codec->soap;
	if (soap->error)
		soap_end(soap);
	else
		soap_dealloc(soap, NULL);
	soap->error = SOAP_OK;
}

static void forget_large(struct buffer *buffer)
{
	if (buffer->capacity > KEPT_SCRATCH)
		buffer_clear(buffer);
}

void soap_scratch_end(struct cwmp_codec *codec)
{
	forget_large(&codec->converted);
	forget_large(&codec->repaired);
	forget_large(&codec->escaped);
	forget_large(&codec->joined);
	forget_large(&codec->retagged);
}

const char *soap_reading_error(const struct cwmp_codec *codec)
{
	static const struct {
		int error;
		const char *text;
	} texts[] = {
		{ SOAP_EOF, "the envelope ends early" },
		{ SOAP_LEVEL, "elements are nested too deep" },
		{ SOAP_LENGTH, "a text is too long" },
		{ SOAP_OCCURS, "a list has too many items" },
		{ SOAP_MUSTUNDERSTAND, "a header that must be understood is unknown" },
		{ SOAP_VERSIONMISMATCH, "not an envelope of SOAP 1.1" },
		{ SOAP_TAG_MISMATCH, "an element is not where SOAP has it" },
	};
	if (codec->over_budget)
		return "the envelope takes too long to parse";
	for (size_t i = 0; i < LENGTH_OF(texts); i++) {
		if (texts[i].error == codec->soap.error)
			return texts[i].text;
	}
	return "not well-formed XML";
}

enum cwmp_limit soap_reading_limit(const struct cwmp_codec *codec)
{
	if (codec->over_budget)
		return CWMP_LIMIT_CPU;
	switch (codec->soap.error) {
	case SOAP_LEVEL:
		return CWMP_LIMIT_DEPTH;
	case SOAP_LENGTH:
		return CWMP_LIMIT_TEXT;
	case SOAP_OCCURS:
		return CWMP_LIMIT_ITEMS;
	default:
		return CWMP_WITHIN_LIMITS;
	}
}

enum cwmp_namespace soap_reading_namespace(struct cwmp_codec *codec)
{
	const struct Namespace *bound = codec->soap.local_namespaces;
	const char *uri = bound ? bound[CWMP_ENTRY].out : NULL;
	static const char form[] = "urn:dslforum-org:cwmp-%2u-%2u";
	unsigned major = 1, minor = 0;
	if (uri &&
		sscanf(uri, form, &major, &minor) != 2) /* NOLINT(cert-err34-c): two digits fit */
		return CWMP_NS_1_0;
	if (major != 1)
		return major > 1 ? CWMP_NS_1_4 : CWMP_NS_1_0;
	return minor < CWMP_NS_COUNT ? (enum cwmp_namespace)minor : CWMP_NS_1_4;
}

/* "urn:dslforum-org:cwmp-12-34" and nothing behind it. */
static bool is_version_uri(const char *uri)
{
	static const char prefix[] = "urn:dslforum-org:cwmp-", digits[] = "0123456789";
	if (strncmp(uri, prefix, strlen(prefix)) != 0)
		return false;
	const char *at = uri + strlen(prefix);
	size_t major = strspn(at, digits);
	if (major == 0 || major > 4 || at[major] != '-')
		return false;
	at += major + 1;
	size_t minor = strspn(at, digits);
	return minor > 0 && minor <= 4 && at[minor] == '\0';
}

const char *soap_reading_unknown_uri(struct cwmp_codec *codec)
{
	const struct Namespace *bound = codec->soap.local_namespaces;
	const char *uri = bound ? bound[CWMP_ENTRY].out : NULL;
	if (!uri || !is_version_uri(uri))
		return NULL;
	for (int ns = 0; ns < CWMP_NS_COUNT; ns++) {
		if (strcmp(uri, cwmp_namespace_uri((enum cwmp_namespace)ns)) == 0)
			return NULL;
	}
	return uri;
}

static const struct Namespace *table_for(
	struct cwmp_codec *codec, enum cwmp_namespace ns, const char *uri)
{
	if (!uri)
		return writing_namespaces[ns];
	_Static_assert(sizeof(codec->namespaces) == sizeof(writing_namespaces[0]), "same tables");
	memcpy(codec->namespaces, writing_namespaces[ns], sizeof(codec->namespaces));
	codec->namespaces[CWMP_ENTRY].ns = uri;
	return codec->namespaces;
}

void soap_writing_begin(struct cwmp_codec *codec, enum cwmp_namespace ns, const char *uri,
	bool declaration, struct buffer *out)
{
	static const char xml[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
	struct soap *soap = &codec->soap;
	codec->output = out;
	soap_set_namespaces(soap, table_for(codec, ns, uri));
	soap->prolog = declaration ? xml : "";
	soap->encodingStyle = NULL;
	soap->version = 1;
	soap_begin(soap);
	if (soap_begin_send(soap) != SOAP_OK)
		abort();
}

void soap_writing_end(struct cwmp_codec *codec)
{
	struct soap *soap = &codec->soap;
	/* Writing to memory fails only when there is none. */
	if (soap->error || soap_end_send(soap) != SOAP_OK)
		abort();
	soap->header = NULL;
	soap->fault = NULL;
	soap_dealloc(soap, NULL);
}
