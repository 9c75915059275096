/* forwarded: who stands behind the proxies in front of us, by what the proxies say.
 * Each appends to the list whom it forwards for, so it is read from its end, as long as those named are
 * proxies themselves: what stands before that a peer may have made up. */
#include "http/forwarded.h"

#include <string.h>
#include <strings.h>

#include "http/address.h"

/* "192.0.2.1", and what its proxy was spoken to by. */
struct hop {
	const char *node, *proto; /* NULL: not told */
};

/* The last ones of a list, which a peer can make long. */
enum { HOPS_MAX = 16 };

struct hops {
	struct arena *arena;
	struct hop of[HOPS_MAX];
	size_t count;
};

static const char blanks[] = " \t";

/* Up to one of the ends that stands outside of quotes. */
static size_t span(const char *text, const char *ends)
{
	bool is_quoted = false;
	size_t i = 0;
	for (; text[i] && (is_quoted || !strchr(ends, text[i])); i++) {
		if (is_quoted && text[i] == '\\' && text[i + 1])
			i++;
		else if (text[i] == '"')
			is_quoted = !is_quoted;
	}
	return i;
}

/* False where a quote is left open: a peer may have, to hide what a proxy appended. */
static bool closes_quotes(const char *text)
{
	bool is_quoted = false;
	for (; *text; text++) {
		if (is_quoted && *text == '\\' && text[1])
			text++;
		else if (*text == '"')
			is_quoted = !is_quoted;
	}
	return !is_quoted;
}

static char *trim(struct arena *arena, const char *text, size_t length)
{
	const size_t blank = strspn(text, blanks);
	const char *begin = text + (blank < length ? blank : length), *end = text + length;
	while (end > begin && strchr(blanks, end[-1]))
		end--;
	if (end - begin >= 2 && *begin == '"' && end[-1] == '"') {
		begin++;
		end--;
	}
	return arena_strndup(arena, begin, (size_t)(end - begin));
}

/* One element of RFC 7239: pairs joined by ';'. */
static struct hop read_pairs(struct arena *arena, const char *text)
{
	struct hop hop = { 0 };
	while (*text) {
		const size_t length = span(text, ";"), name = strcspn(text, "=;");
		if (text[name] == '=') {
			const char *key = trim(arena, text, name);
			const char *value = trim(arena, text + name + 1, length - name - 1);
			if (strcasecmp(key, "for") == 0)
				hop.node = value;
			else if (strcasecmp(key, "proto") == 0)
				hop.proto = value;
		}
		text += length + (text[length] == ';');
	}
	return hop;
}

static void add_hop(struct hops *hops, bool is_rfc_7239, const char *element)
{
	if (hops->count == HOPS_MAX)
		memmove(hops->of, hops->of + 1, --hops->count * sizeof(*hops->of));
	hops->of[hops->count++] = is_rfc_7239 ? read_pairs(hops->arena, element)
					      : (struct hop){ .node = element };
}

static void read_list(struct hops *hops, bool is_rfc_7239, const char *list)
{
	const bool has_quotes = is_rfc_7239 && closes_quotes(list); /* X-Forwarded-For knows none */
	for (size_t length; *list; list += length + (list[length] == ',')) {
		length = has_quotes ? span(list, ",") : strcspn(list, ",");
		add_hop(hops, is_rfc_7239, trim(hops->arena, list, length));
	}
}

/* Lines of one name are one list, in their order (RFC 9110, 5.3). */
static struct hops read_hops(const struct http_request *request, const char *name, bool is_rfc_7239)
{
	struct hops hops = { .arena = request->arena };
	for (size_t i = 0; i < request->header_count; i++)
		if (strcasecmp(request->headers[i].name, name) == 0)
			read_list(&hops, is_rfc_7239, request->headers[i].value);
	return hops;
}

static bool is_https(const char *proto)
{
	return proto && strcasecmp(proto, "https") == 0;
}

/* X-Forwarded-For says nothing of TLS; the last word of the nearest proxy does. */
static const char *last_proto(const struct http_request *request)
{
	const struct hops words = read_hops(request, "X-Forwarded-Proto", false);
	return words.count ? words.of[words.count - 1].node : NULL;
}

void forwarded_read(struct http_request *request, const struct http_listener_options *options)
{
	const bool is_rfc_7239 = options->forwarded == HTTP_FORWARDED;
	const struct hops hops = read_hops(
		request, is_rfc_7239 ? "Forwarded" : "X-Forwarded-For", is_rfc_7239);
	const char *proto = is_rfc_7239 ? NULL : last_proto(request);
	struct sockaddr_storage peer;
	bool is_proxy = true;
	for (size_t i = hops.count; i-- > 0 && is_proxy;) {
		const struct hop *hop = &hops.of[i];
		if (!hop->node || !address_parse(hop->node, &peer))
			break;
		request->peer = peer;
		if (is_rfc_7239)
			proto = hop->proto;
		is_proxy = options->is_proxy((const struct sockaddr *)&peer, options->arg);
	}
	if (proto)
		request->is_tls = is_https(proto);
}
