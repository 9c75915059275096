/* misbehave_text: edits of an envelope's text, for what no encoder would write.
 * They know elements by their names as written, prefix included, and no more of XML. */
#ifndef CPE_MISBEHAVE_TEXT_H
#define CPE_MISBEHAVE_TEXT_H

#include "base/buffer.h"

enum text_edit_kind {
	TEXT_REPLACE,        /* every occurrence of the text */
	TEXT_REPLACE_ONE,    /* the first occurrence */
	TEXT_PREPEND,        /* before everything */
	TEXT_SET,            /* the content of every element of that name */
	TEXT_DROP,           /* every element of that name */
	TEXT_DROP_ATTRIBUTE, /* every attribute of that name */
	TEXT_DOUBLE,         /* the first element of that name is written twice */
	TEXT_DROP_PARAMETER, /* the ParameterValueStruct whose Name ends so */
};

struct text_edit {
	enum text_edit_kind kind;
	const char *what;
	const char *with; /* NULL: what the caller of text_apply() chose */
};

void text_apply(struct buffer *text, const struct text_edit *edit, const char *chosen);

/* For edits that depend on more than the text. */
void text_replace(struct buffer *text, const char *what, const char *with);
void text_set(struct buffer *text, const char *element, const char *content);

/* Every element of that name gets its content from rewrite(), which appends to out. */
typedef void text_rewrite_fn(struct buffer *out, const char *content, size_t length);
void text_rewrite(struct buffer *text, const char *element, text_rewrite_fn *rewrite);
/* Calls piece() for every tag, from '<' to '>', and copies what is between them. */
void text_rewrite_tags(struct buffer *text, text_rewrite_fn *rewrite);

#endif
