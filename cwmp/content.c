/* content: is an XML text fit to stand inside an element of ours?
 * Asked of what operators give as a vendor method's arguments; expat answers. */
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "cwmp/cwmp.h"

/* The prefixes that every envelope of ours binds. */
#define WRAPPER_BEGIN \
	"<cwmp:x xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\"" \
	" xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\"" \
	" xmlns:SOAP-ENC=\"http://schemas.xmlsoap.org/soap/encoding/\"" \
	" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"" \
	" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">"
#define WRAPPER_END "</cwmp:x>"
#define CONTENT_DEPTH_MAX 24 /* the envelope around it counts towards a peer's limit, too */

struct content {
	XML_Parser parser;
	unsigned depth;
};

static void XMLCALL on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct content *content = arg;
	(void)name;
	(void)attributes;
	if (++content->depth > CONTENT_DEPTH_MAX)
		XML_StopParser(content->parser, XML_FALSE);
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
	struct content *content = arg;
	(void)name;
	content->depth--;
}

/* SOAP 1.1, 3: no processing instructions. */
static void XMLCALL on_instruction(void *arg, const XML_Char *target, const XML_Char *data)
{
	struct content *content = arg;
	(void)target;
	(void)data;
	XML_StopParser(content->parser, XML_FALSE);
}

static bool parse(struct content *content, const char *text, bool is_final)
{
	return XML_Parse(content->parser, text, (int)strlen(text), is_final) == XML_STATUS_OK;
}

bool cwmp_xml_is_content(const char *text)
{
	struct content content = { .parser = XML_ParserCreateNS("UTF-8", ' ') };
	if (!content.parser)
		abort();
	XML_SetUserData(content.parser, &content);
	XML_SetElementHandler(content.parser, on_start, on_end);
	XML_SetProcessingInstructionHandler(content.parser, on_instruction);
	bool is_content = parse(&content, WRAPPER_BEGIN, false) && parse(&content, text, false) &&
			  content.depth == 1 && parse(&content, WRAPPER_END, true);
	XML_ParserFree(content.parser);
	return is_content;
}
