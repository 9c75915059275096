/* soap: gSOAP's parser and printer, and what the method files need around it.
 * Private to cwmp/: only files that turn gSOAP's structs into plain ones include this. */
#ifndef CWMP_SOAP_H
#define CWMP_SOAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cwmpH.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "cwmp/codec.h"
#include "cwmp/repair.h"

struct cwmp_codec {
	struct soap soap;
	struct cwmp_limits limits;
	/* Rewritten input, in the order of time; kept for the next message. */
	struct buffer converted, repaired, escaped, joined, retagged;

	struct span input; /* what the parser has not yet had */
	int64_t cpu_end;   /* of this thread's CPU clock, nanoseconds */
	bool over_budget;
	bool skipped;                   /* an element that no struct has room for */
	bool skipped_ours;              /* such a one may be one of ours, differently qualified */
	bool not_understood;            /* such a one was a header that must be understood */
	struct Namespace namespaces[6]; /* of writing, in a version that we do not know */
	struct buffer *output;
	struct buffer informed[CWMP_NS_COUNT][2]; /* by encode.c; without and with a declaration */
};

/* Begins a parse of text. mode: 0, or SOAP_XML_IGNORENS. False as all of gSOAP's readers. */
bool soap_reading_begin(struct cwmp_codec *codec, struct span text, soap_mode mode) MUST_CHECK;
/* Frees what the parse took, but not its text: there may be a second parse. */
void soap_reading_end(struct cwmp_codec *codec);
/* Frees the texts that preparing an envelope made, if they are large. */
void soap_scratch_end(struct cwmp_codec *codec);
/* Sets the CPU time that preparing and parsing one envelope may take together. */
void soap_budget_begin(struct cwmp_codec *codec, size_t length);
/* Why the last read failed. */
const char *soap_reading_error(const struct cwmp_codec *codec);
/* Which limit that was, if any. */
enum cwmp_limit soap_reading_limit(const struct cwmp_codec *codec);
/* The namespace that the envelope bound for CWMP; the nearest one for URIs that we do not know. */
enum cwmp_namespace soap_reading_namespace(struct cwmp_codec *codec);
/* Its URI when it is "urn:dslforum-org:cwmp-N-M" but not one of ours, else NULL. */
const char *soap_reading_unknown_uri(struct cwmp_codec *codec);

/* uri NULL: that of ns. */
void soap_writing_begin(struct cwmp_codec *codec, enum cwmp_namespace ns, const char *uri,
	bool declaration, struct buffer *out);
void soap_writing_end(struct cwmp_codec *codec);

/* Decoding of a Body element into a message. */
struct decoding {
	struct soap *soap;
	struct arena *arena;
	struct cwmp_message *message;
	struct span text;    /* all of the envelope */
	const char *missing; /* name of the first mandatory argument that was absent, else NULL */
};

void note_repair(struct decoding *d, enum cwmp_repair repair);

/* Note that the mandatory argument `name` is absent unless it is there. */
void require(struct decoding *d, bool is_there, const char *name);
/* A copy in the arena; "" for NULL. */
const char *text_in(struct decoding *d, const char *text);
/* The same without blanks around it: names, types and all that is not free text. */
const char *token_in(struct decoding *d, const char *text);
/* 0 for what is no number, which is noted; values beyond the type's range become its largest. */
unsigned number_in(struct decoding *d, const char *text);
int signed_in(struct decoding *d, const char *text);
uint64_t long_in(struct decoding *d, const char *text);
/* Any number but 0, or "true". */
bool boolean_in(struct decoding *d, const char *text);
bool is_blank_text(const char *text);  /* NULL, empty or all blanks */
bool is_number_text(const char *text); /* unsigned, blanks around it allowed */

/* Encoding of a message's Body element. */
struct encoding {
	struct soap *soap;
	struct arena *arena; /* for what gSOAP's structs point to */
	const struct cwmp_message *message;
	const char *tag; /* "cwmp:InformResponse" */
	bool booleans_as_words;
};

/* text itself, or a copy in which U+FFFD stands for what XML cannot carry. NULL gives "". */
char *text_out(struct encoding *e, const char *text);
/* NULL, which leaves the element out, for an empty text. */
char *optional_out(struct encoding *e, const char *text);
char *number_out(struct encoding *e, uint64_t number);
/* A hint of 32 bits: what does not fit is sent as 0, unknown. */
char *file_size_out(struct encoding *e, uint64_t size);
char *boolean_out(struct encoding *e, bool value);
/* Empty becomes the unknown time. */
char *time_out(struct encoding *e, const char *time);
/* "cwmp:EventStruct[3]" */
char *array_type_out(struct encoding *e, const char *type, size_t count);

#endif
