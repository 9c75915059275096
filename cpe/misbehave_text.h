/* misbehave_text: edits of an envelope's text, for what no encoder would write.
 * They know elements by their names as written, prefix included, and no more of XML. */
#ifndef CPE_MISBEHAVE_TEXT_H
#define CPE_MISBEHAVE_TEXT_H

#include "base/buffer.h"

enum text_edit_kind {
	TEXT_REPLACE,        /* every occurrence of the text */
	TEXT_REPLACE_ONE,    /* the first occurrence */
	TEXT_SET,            /* the content of every element of that name */
	TEXT_DROP,           /* every element of that name */
	TEXT_DROP_PARAMETER, /* the ParameterValueStruct whose Name ends so */
	TEXT_APPEND,         /* what, behind everything */
};

struct text_edit {
	enum text_edit_kind kind;
	const char *what;
	const char *with; /* NULL: nothing */
};

void text_apply(struct buffer *text, const struct text_edit *edit);

/* The same as functions, for edits that depend on more than the text. */
void text_replace(struct buffer *text, const char *what, const char *with);
void text_set(struct buffer *text, const char *element, const char *content);

#endif
