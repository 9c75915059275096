/* question: parameters and the list of statements that a question is.
 * Arrays travel in PostgreSQL's binary form, so no text in them needs quoting. */
#include "db/db.h"

#include <assert.h>
#include <endian.h>
#include <limits.h>
#include <string.h>

#include "db/question.h"

/* From pg_type.dat; they never change. */
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25 };
enum { ARRAY_HEAD_BYTES = 20, MOST_PARAMETERS = 65535 };

struct db_value db_null(void)
{
	return (struct db_value){ .bytes = NULL };
}

struct db_value db_text(const char *text)
{
	return (struct db_value){ .bytes = text, .length = -1 };
}

struct db_value db_text_of(const char *text, size_t length)
{
	assert(length <= INT_MAX);
	return (struct db_value){ .bytes = text, .length = (int)length };
}

struct db_value db_bytea(const void *bytes, size_t length)
{
	assert(length <= INT_MAX);
	return (struct db_value){
		.bytes = bytes ? bytes : "", .length = (int)length, .is_binary = true
	};
}

struct db_value db_bool(bool value)
{
	return db_text(value ? "t" : "f");
}

struct db_value db_int(struct arena *arena, int64_t value)
{
	return db_text(arena_printf(arena, "%lld", (long long)value));
}

static char *put_int32(char *at, int32_t value)
{
	const uint32_t wire = htobe32((uint32_t)value);
	memcpy(at, &wire, sizeof(wire));
	return at + sizeof(wire);
}

static char *put_item(char *at, const void *bytes, size_t length)
{
	at = put_int32(at, (int32_t)length);
	memcpy(at, bytes, length);
	return at + length;
}

/* One dimension counted from 1; an empty array has none. */
static char *put_array_head(char *at, bool has_null, int32_t item_oid, size_t count)
{
	at = put_int32(at, count ? 1 : 0);
	at = put_int32(at, has_null);
	at = put_int32(at, item_oid);
	if (!count)
		return at;
	at = put_int32(at, (int32_t)count);
	return put_int32(at, 1);
}

static struct db_value array_value(const char *bytes, const char *end)
{
	assert(end - bytes <= INT_MAX);
	return (struct db_value){ .bytes = bytes, .length = (int)(end - bytes), .is_binary = true };
}

struct db_value db_int_array(struct arena *arena, const int64_t *items, size_t count)
{
	char *bytes = arena_alloc(arena, ARRAY_HEAD_BYTES + count * (4 + sizeof(int64_t)));
	char *at = put_array_head(bytes, false, OID_INT8, count);
	for (size_t i = 0; i < count; i++) {
		const uint64_t wire = htobe64((uint64_t)items[i]);
		at = put_item(at, &wire, sizeof(wire));
	}
	return array_value(bytes, at);
}

struct db_value db_bool_array(struct arena *arena, const bool *items, size_t count)
{
	char *bytes = arena_alloc(arena, ARRAY_HEAD_BYTES + count * (4 + 1));
	char *at = put_array_head(bytes, false, OID_BOOL, count);
	for (size_t i = 0; i < count; i++)
		at = put_item(at, items[i] ? "\1" : "\0", 1);
	return array_value(bytes, at);
}

static struct db_value bytes_array(
	struct arena *arena, const struct db_bytes *items, size_t count, int32_t item_oid)
{
	size_t size = ARRAY_HEAD_BYTES;
	bool has_null = false;
	for (size_t i = 0; i < count; i++) {
		size += 4 + items[i].length;
		has_null |= !items[i].bytes;
	}
	char *bytes = arena_alloc(arena, size);
	char *at = put_array_head(bytes, has_null, item_oid, count);
	for (size_t i = 0; i < count; i++)
		at = items[i].bytes ? put_item(at, items[i].bytes, items[i].length) : put_int32(at, -1);
	return array_value(bytes, at);
}

struct db_value db_bytea_array(struct arena *arena, const struct db_bytes *items, size_t count)
{
	return bytes_array(arena, items, count, OID_BYTEA);
}

struct db_value db_text_array(struct arena *arena, const char *const *items, size_t count)
{
	struct db_bytes *texts = arena_array(arena, count, sizeof(*texts));
	for (size_t i = 0; i < count; i++)
		texts[i] = (struct db_bytes){ items[i], items[i] ? strlen(items[i]) : 0 };
	return bytes_array(arena, texts, count, OID_TEXT);
}

struct db_question db_question(struct arena *arena)
{
	return (struct db_question){ .arena = arena };
}

static struct db_step *new_step(struct db_question *question)
{
	if (question->count == question->room) {
		const size_t room = question->room ? 2 * question->room : 4;
		struct db_step *steps = arena_array(question->arena, room, sizeof(*steps));
		if (question->count)
			memcpy(steps, question->steps, question->count * sizeof(*steps));
		question->steps = steps;
		question->room = room;
	}
	return &question->steps[question->count++];
}

/* libpq takes a text parameter up to its NUL only. */
static const char *terminated(struct arena *arena, const struct db_value *value)
{
	if (!value->bytes || value->is_binary)
		return value->bytes;
	const char *text = value->bytes;
	return arena_strndup(arena, text, value->length < 0 ? strlen(text) : (size_t)value->length);
}

size_t db_add(struct db_question *question, const struct db_statement *statement,
	const struct db_value *values, size_t count)
{
	assert(count <= MOST_PARAMETERS);
	struct arena *arena = question->arena;
	struct db_step *step = new_step(question);
	step->statement = statement;
	step->count = (int)count;
	step->values = arena_array(arena, count, sizeof(*step->values));
	step->lengths = arena_array(arena, count, sizeof(*step->lengths));
	step->is_binary = arena_array(arena, count, sizeof(*step->is_binary));
	for (size_t i = 0; i < count; i++) {
		step->values[i] = terminated(arena, &values[i]);
		step->lengths[i] = values[i].length;
		step->is_binary[i] = values[i].is_binary;
	}
	return question->count - 1;
}

/* Length of the UTF-8 sequence at the start of text, 0 when it is none (RFC 3629, table 3-7 of Unicode). */
static size_t sequence_length(const unsigned char *text, size_t left)
{
	static const struct {
		unsigned char first_min, first_max, second_min, second_max, length;
	} forms[] = {
		{ 0xC2, 0xDF, 0x80, 0xBF, 2 },
		{ 0xE0, 0xE0, 0xA0, 0xBF, 3 },
		{ 0xE1, 0xEC, 0x80, 0xBF, 3 },
		{ 0xED, 0xED, 0x80, 0x9F, 3 },
		{ 0xEE, 0xEF, 0x80, 0xBF, 3 },
		{ 0xF0, 0xF0, 0x90, 0xBF, 4 },
		{ 0xF1, 0xF3, 0x80, 0xBF, 4 },
		{ 0xF4, 0xF4, 0x80, 0x8F, 4 },
	};
	for (size_t f = 0; f < LENGTH_OF(forms); f++) {
		if (text[0] < forms[f].first_min || text[0] > forms[f].first_max)
			continue;
		if (left < forms[f].length || text[1] < forms[f].second_min ||
			text[1] > forms[f].second_max)
			return 0;
		for (size_t i = 2; i < forms[f].length; i++)
			if ((text[i] & 0xC0) != 0x80)
				return 0;
		return forms[f].length;
	}
	return 0;
}

bool db_text_is_storable(const char *text, size_t length, size_t limit)
{
	if (length > limit)
		return false;
	const unsigned char *bytes = (const unsigned char *)text;
	for (size_t i = 0; i < length;) {
		const size_t step = bytes[i] && bytes[i] < 0x80
					    ? 1
					    : sequence_length(bytes + i, length - i);
		if (!step)
			return false;
		i += step;
	}
	return true;
}
