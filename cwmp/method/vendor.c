/* vendor: methods that we do not know, whose content goes in and out as XML text.
 * What callers send has passed cwmp_xml_is_content(). */
#include <string.h>

#include "cwmp/methods.h"
#include "cwmp/tags.h"

enum { BODY_DEPTH = 1, METHOD_DEPTH };

/* What the element in the Body holds. The parser has been there: the text is well-formed. */
static struct span method_content(struct span text)
{
	struct tags tags = { text.data, text.data + text.length };
	struct span content = { text.data, 0 };
	size_t depth = 0;
	bool in_body = false;
	for (struct tag tag; tags_next(&tags, &tag);) {
		if (depth == METHOD_DEPTH && in_body && tag.kind != TAG_CLOSE)
			return tags_skip_element(&tags, &tag, &content)
				       ? content
				       : (struct span){ text.data, 0 };
		if (depth == BODY_DEPTH && tag.kind == TAG_OPEN)
			in_body = span_is(span_local_name(tag.name), "Body");
		depth += tag.kind == TAG_OPEN;
		depth -= tag.kind == TAG_CLOSE && depth > 0;
	}
	return content;
}

/* The parser only has to pass over the element: what it ignores there is not lost. */
static const char *decode_content(struct decoding *d)
{
	struct cwmp_codec *codec = d->soap->user;
	bool skipped_ours = codec->skipped_ours, skipped = codec->skipped;
	if (!soap_in_cwmp__Empty(d->soap, NULL, NULL, NULL))
		return NULL;
	codec->skipped_ours = skipped_ours;
	codec->skipped = skipped;
	struct span content = method_content(d->text);
	return arena_strndup(d->arena, content.data, content.length);
}

static bool decode_request(struct decoding *d)
{
	return (d->message->request.xml = decode_content(d)) != NULL;
}

static bool decode_response(struct decoding *d)
{
	return (d->message->response.xml = decode_content(d)) != NULL;
}

static int put_content(struct encoding *e, const char *xml)
{
	struct soap *soap = e->soap;
	if (soap_element_begin_out(soap, e->tag, 0, NULL) ||
		(xml && soap_send_raw(soap, xml, strlen(xml))))
		return soap->error;
	return soap_element_end_out(soap, e->tag);
}

static int encode_request(struct encoding *e)
{
	return put_content(e, e->message->request.xml);
}

static int encode_response(struct encoding *e)
{
	return put_content(e, e->message->response.xml);
}

const struct method_message vendor_request = { decode_request, encode_request };
const struct method_message vendor_response = { decode_response, encode_response };
