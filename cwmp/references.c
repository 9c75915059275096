/* references: SOAP's multi-reference values (SOAP 1.1, 5.4.1), written where they are referred to.
 * <a href="#1"/> … <multiRef id="1">text</multiRef> becomes <a>text</a>. No
 * device is known to need it, but it is legal, and some SOAP toolkits do it. */
#include <stdlib.h>
#include <string.h>

#include "cwmp/message.h"
#include "cwmp/tags.h"

#define DEPTH_MAX 64
#define GROWTH_MAX \
	(64 * 1024) /* beyond twice the text, of what is read again and of what is written */
#define BODY_CHILD_DEPTH 2

/* An element with an id. */
struct target {
	struct span id;
	struct span attributes, content;
	bool stands_alone; /* directly in the Body, there only to be referred to */
	bool is_referred_to;
	bool is_open; /* being written: a reference to it from inside would have no end */
};

struct joining {
	struct arena *arena;
	struct buffer *out;
	struct target *targets; /* sorted by id: no peer can choose ids that make a search slow */
	size_t count;
	size_t reread; /* bytes of targets; much may be read for little that is written */
	size_t limit;  /* of reread and of out's length */
	size_t references;
	const char *why;
};

static struct tags tags_of(struct span text)
{
	return (struct tags){ text.data, text.data + text.length };
}

static int compare_spans(struct span a, struct span b)
{
	int order = memcmp(a.data, b.data, a.length < b.length ? a.length : b.length);
	return order ? order : (a.length > b.length) - (a.length < b.length);
}

static int compare_ids(const void *id, const void *target)
{
	return compare_spans(*(const struct span *)id, ((const struct target *)target)->id);
}

static int compare_targets(const void *a, const void *b)
{
	return compare_ids(&((const struct target *)a)->id, b);
}

static struct target *find_target(struct joining *j, struct span id)
{
	return bsearch(&id, j->targets, j->count, sizeof(*j->targets), compare_ids);
}

static bool has_id(const struct tag *tag, struct span *id)
{
	return tag->kind != TAG_CLOSE && tag_attribute(tag, "id", id) && id->length > 0;
}

static size_t count_ids(struct span text)
{
	struct tags tags = tags_of(text);
	struct span id;
	size_t count = 0;
	for (struct tag tag; tags_next(&tags, &tag);)
		count += has_id(&tag, &id);
	return count;
}

static void add_target(struct joining *j, const struct tag *tag, struct tags rest, size_t depth)
{
	struct span id, content;
	if (!has_id(tag, &id) || !tags_skip_element(&rest, tag, &content))
		return;
	j->targets[j->count++] = (struct target){
		.id = id,
		.attributes = tag->attributes,
		.content = content,
		.stands_alone = depth == BODY_CHILD_DEPTH,
	};
}

static void find_targets(struct joining *j, struct span text)
{
	struct tags tags = tags_of(text);
	size_t depth = 0;
	size_t count = count_ids(text);
	if (count == 0)
		return;
	j->targets = arena_array(j->arena, count, sizeof(*j->targets));
	for (struct tag tag; tags_next(&tags, &tag);) {
		add_target(j, &tag, tags, depth);
		depth += tag.kind == TAG_OPEN;
		depth -= tag.kind == TAG_CLOSE && depth > 0;
	}
	qsort(j->targets, j->count, sizeof(*j->targets), compare_targets);
}

/* The element that `tag` refers to, or NULL: no reference, or one to nothing here. */
static struct target *referred(struct joining *j, const struct tag *tag)
{
	struct span href;
	if (tag->kind == TAG_CLOSE || !tag_attribute(tag, "href", &href) || href.length < 2 ||
		*href.data != '#')
		return NULL;
	return find_target(j, (struct span){ href.data + 1, href.length - 1 });
}

static void find_references(struct joining *j, struct span text)
{
	struct tags tags = tags_of(text);
	for (struct tag tag; tags_next(&tags, &tag);) {
		struct target *target = referred(j, &tag);
		if (!target)
			continue;
		target->is_referred_to = true;
		j->references++;
	}
}

static void append_span(struct joining *j, struct span span)
{
	buffer_append(j->out, span.data, span.length);
}

static void append_attributes(struct joining *j, struct span attributes)
{
	for (struct attribute a; tag_next_attribute(&attributes, &a);) {
		if (span_is(a.name, "id"))
			continue;
		buffer_append_text(j->out, " ");
		append_span(j, a.whole);
	}
}

static void join(struct joining *j, struct span text, size_t depth);

/* <name, the target's attributes>, the target's content, </name> */
static void join_target(
	struct joining *j, const struct tag *reference, struct target *target, size_t depth)
{
	if (target->is_open)
		j->why = "multi-reference values go in a circle";
	else if (depth == DEPTH_MAX || j->out->length > j->limit || j->reread > j->limit)
		j->why = "multi-reference values grow without measure";
	if (j->why)
		return;
	target->is_open = true;
	j->reread += target->content.length;
	buffer_append_text(j->out, "<");
	append_span(j, reference->name);
	append_attributes(j, target->attributes);
	buffer_append_text(j->out, ">");
	join(j, target->content, depth + 1);
	buffer_append_text(j->out, "</");
	append_span(j, reference->name);
	buffer_append_text(j->out, ">");
	target->is_open = false;
}

/* An element that only stands there to be referred to. */
static bool is_used_up(struct joining *j, const struct tag *tag)
{
	struct span id;
	if (!has_id(tag, &id))
		return false;
	const struct target *target = find_target(j, id);
	return target && target->stands_alone && target->is_referred_to &&
	       target->attributes.data == tag->attributes.data;
}

static void join(struct joining *j, struct span text, size_t depth)
{
	struct tags tags = tags_of(text);
	const char *unwritten = text.data, *end = text.data + text.length;
	for (struct tag tag; !j->why && tags_next(&tags, &tag);) {
		struct target *target = referred(j, &tag);
		struct span content;
		if (!target && !is_used_up(j, &tag))
			continue;
		buffer_append(j->out, unwritten, (size_t)(tag.whole.data - unwritten));
		if (target)
			join_target(j, &tag, target, depth);
		if (!tags_skip_element(&tags, &tag, &content))
			j->why = "not well-formed XML";
		unwritten = tags.at;
	}
	if (!j->why)
		buffer_append(j->out, unwritten, (size_t)(end - unwritten));
}

const char *repair_references(
	struct span *text, struct buffer *scratch, struct arena *arena, unsigned *repairs)
{
	/* Most envelopes have no '#', which is found sooner than a word. */
	if (!memchr(text->data, '#', text->length) ||
		!memmem(text->data, text->length, "href", strlen("href")))
		return NULL;
	struct joining j = {
		.arena = arena,
		.out = scratch,
		.limit = 2 * text->length + GROWTH_MAX,
	};
	find_targets(&j, *text);
	if (j.count == 0)
		return NULL;
	find_references(&j, *text);
	if (j.references > 0) {
		buffer_reset(scratch);
		join(&j, *text, 0);
		*text = (struct span){ scratch->data, scratch->length };
		*repairs |= 1u << CWMP_REPAIR_REFERENCES;
	}
	return j.why;
}
