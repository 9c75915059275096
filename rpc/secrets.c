/* secrets: what tasks and devices' words look like to people: without what only devices may know.
 * One walk over a document hides by the names of its members, so that no method needs a rule of its own. */
#include "rpc/secrets.h"

#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "cwmp/secret_names.h"
#include "rpc/method.h"

struct hiding {
	const char *more;
	json_t *found; /* or NULL */
	struct arena *arena;
	bool has_words; /* {words} stand for what is made for each device */
	unsigned count;
};

/* Texts. */

static const char ends_url[] = " \t\r\n\"'<>";

/* at is behind "://". Returns where the rest of the text begins. */
static const char *append_url(struct buffer *out, const char *at, bool hides_query)
{
	const size_t length = strcspn(at, ends_url), authority = strcspn(at, "/?#");
	const char *end = at + length;
	const char *user_end = memrchr(at, '@', authority < length ? authority : length);
	if (user_end) {
		buffer_append_text(out, SECRET_SHOWN);
		at = user_end;
	}
	const char *query = memchr(at, '?', (size_t)(end - at));
	if (!query || !hides_query) {
		buffer_append(out, at, (size_t)(end - at));
		return end;
	}
	buffer_append(out, at, (size_t)(query + 1 - at));
	if (query + 1 < end)
		buffer_append_text(out, SECRET_SHOWN);
	return end;
}

static const char *hide_in_urls(struct arena *arena, const char *text, bool hides_query)
{
	static const char scheme_end[] = "://";
	struct buffer out = { 0 };
	if (!strstr(text, scheme_end) || !strpbrk(text, hides_query ? "@?" : "@"))
		return text;
	for (const char *found; (found = strstr(text, scheme_end)) != NULL;) {
		found += strlen(scheme_end);
		buffer_append(&out, text, (size_t)(found - text));
		text = append_url(&out, found, hides_query);
	}
	buffer_append_text(&out, text);
	const char *shown = arena_strndup(arena, out.data, out.length);
	buffer_clear(&out);
	return shown;
}

const char *secrets_text(struct arena *arena, const char *text)
{
	return hide_in_urls(arena, text, true);
}

const char *secrets_value(struct arena *arena, const char *value)
{
	return hide_in_urls(arena, value, false);
}

static bool is_blank(const char *text, size_t length)
{
	return strspn(text, " \t\r\n") >= length;
}

/* XML. */

struct xml_walk {
	const char *more;
	struct buffer out;
	bool is_value_secret; /* an element Name told so: of the Value that follows */
};

static const char *next_quote(const char *at, const char *end)
{
	while (at < end && *at != '"' && *at != '\'')
		at++;
	return at < end ? at : NULL;
}

/* Attributes of secret names lose their values. [at, end) is a tag's inside. */
static void append_tag(struct xml_walk *walk, const char *at, const char *end)
{
	char name[128];
	for (const char *quote; (quote = next_quote(at, end)) != NULL;) {
		const char *close = memchr(quote + 1, *quote, (size_t)(end - quote - 1));
		const char *name_end = quote;
		if (!close)
			break;
		while (name_end > at && strchr(" \t\r\n=", name_end[-1]))
			name_end--;
		const char *name_begin = name_end;
		while (name_begin > at && !strchr(" \t\r\n:", name_begin[-1]))
			name_begin--;
		snprintf(name, sizeof(name), "%.*s", (int)(name_end - name_begin), name_begin);
		buffer_append(&walk->out, at, (size_t)(quote + 1 - at));
		if (cwmp_name_is_secret(name, walk->more))
			buffer_append_text(&walk->out, SECRET_SHOWN);
		else
			buffer_append(&walk->out, quote + 1, (size_t)(close - quote - 1));
		buffer_append(&walk->out, close, 1);
		at = close + 1;
	}
	buffer_append(&walk->out, at, (size_t)(end - at));
}

/* The end tag of the element whose content begins at `at`: another of the same name inside ends it early, which hides
 * less than nothing of what is behind. */
static const char *content_end(const char *at, const char *name)
{
	const size_t length = strlen(name);
	for (; (at = strstr(at, "</")) != NULL; at += 2)
		if (strncmp(at + 2, name, length) == 0 && strchr("> \t\r\n", at[2 + length]))
			return at;
	return NULL;
}

/* An element's start tag was written; its content may have to be hidden. Returns where to go on. */
static const char *append_content(struct xml_walk *walk, const char *name, const char *at)
{
	char text[1024];
	const char *colon = strchr(name, ':'), *local = colon ? colon + 1 : name;
	const char *end = content_end(at, name);
	const bool is_value = strcasecmp(local, "Value") == 0;
	if (!end)
		return at;
	snprintf(text, sizeof(text), "%.*s", (int)(end - at), at);
	if (strcasecmp(local, "Name") == 0)
		walk->is_value_secret = cwmp_name_is_secret(text, walk->more);
	const bool is_secret = cwmp_name_is_secret(local, walk->more) ||
			       (is_value && walk->is_value_secret);
	if (is_value)
		walk->is_value_secret = false;
	if (!is_secret || is_blank(at, (size_t)(end - at)))
		return at;
	buffer_append_text(&walk->out, SECRET_SHOWN);
	return end;
}

/* A '>' may stand between quotes. NULL: the tag has no end. */
static const char *tag_end(const char *at)
{
	char quote = '\0';
	for (; *at; at++) {
		if (*at == quote)
			quote = '\0';
		else if (!quote && (*at == '"' || *at == '\''))
			quote = *at;
		else if (!quote && *at == '>')
			return at;
	}
	return NULL;
}

const char *secrets_xml(struct arena *arena, const char *xml, const char *more)
{
	struct xml_walk walk = { .more = more };
	char name[128];
	for (const char *open; (open = strchr(xml, '<')) != NULL;) {
		const char *close = tag_end(open);
		if (!close)
			break;
		buffer_append(&walk.out, xml, (size_t)(open - xml));
		append_tag(&walk, open, close);
		buffer_append_text(&walk.out, ">");
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(open + 1, " \t\r\n/>"), open + 1);
		xml = close + 1;
		if (*name && *name != '!' && close[-1] != '/')
			xml = append_content(&walk, name, xml);
	}
	buffer_append_text(&walk.out, xml);
	const char *shown = secrets_text(
		arena, arena_strndup(arena, walk.out.data, walk.out.length));
	buffer_clear(&walk.out);
	return shown;
}

/* Documents. */

static void note(struct hiding *hiding, const char *hidden)
{
	hiding->count++;
	if (hiding->found)
		json_array_append_new(hiding->found, json_string(hidden));
}

static void replace(struct hiding *hiding, json_t *value, const char *shown)
{
	if (!json_is_string(value) || strcmp(json_string_value(value), shown) == 0)
		return;
	note(hiding, json_string_value(value));
	json_string_set(value, shown);
}

/* "{connection-request-password}" */
static bool is_word(const char *text)
{
	const size_t length = strlen(text);
	return *text == '{' && length > 2 && text[length - 1] == '}' &&
	       strspn(text + 1, "abcdefghijklmnopqrstuvwxyz-") == length - 2;
}

static void hide_text(struct hiding *hiding, json_t *value)
{
	if (json_string_length(value) > 0 &&
		!(hiding->has_words && is_word(json_string_value(value))))
		replace(hiding, value, SECRET_SHOWN);
}

/* A number or boolean may be a secret, too: a PIN. */
static void hide_value(struct hiding *hiding, json_t *object)
{
	json_t *value = json_object_get(object, "value");
	if (json_is_string(value)) {
		hide_text(hiding, value);
	} else if (value && !json_is_null(value)) {
		note(hiding, json_value_text(hiding->arena, value));
		json_object_set_new(object, "value", json_string(SECRET_SHOWN));
	}
}

static void hide_all(struct hiding *hiding, json_t *list)
{
	size_t i;
	json_t *item;
	json_array_foreach (list, i, item)
		hide_text(hiding, item);
}

static void walk(struct hiding *hiding, json_t *value);

static void leave_out(struct hiding *hiding, json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	if (text)
		note(hiding, text);
	json_object_del(object, name);
}

static void walk_object(struct hiding *hiding, json_t *object)
{
	const char *key, *name = json_string_value(json_object_get(object, "name"));
	json_t *member;
	leave_out(hiding, object, "password");
	if (name && cwmp_name_is_secret(name, hiding->more))
		hide_value(hiding, object);
	hide_all(hiding, json_object_get(object, "vouchers"));
	json_object_foreach (object, key, member) {
		if (json_is_string(member) && strcmp(key, "value") == 0)
			replace(hiding, member,
				secrets_value(hiding->arena, json_string_value(member)));
		else
			walk(hiding, member);
	}
}

static void walk(struct hiding *hiding, json_t *value)
{
	size_t i;
	json_t *item;
	if (json_is_object(value))
		walk_object(hiding, value);
	else if (json_is_string(value))
		replace(hiding, value, secrets_text(hiding->arena, json_string_value(value)));
	json_array_foreach (value, i, item)
		walk(hiding, item);
}

void secrets_hide(json_t *document, const char *more, json_t *found)
{
	struct hiding hiding = { .more = more, .found = found, .arena = arena_new() };
	walk(&hiding, document);
	arena_free(hiding.arena);
}

/* xml is a vendor's method's. */
static void walk_arguments(struct hiding *hiding, json_t *arguments)
{
	hide_text(hiding, json_object_get(arguments, "xml"));
	walk(hiding, arguments);
}

static bool hide_arguments(json_t *arguments, const char *more, bool has_words)
{
	struct hiding hiding = { .more = more, .arena = arena_new(), .has_words = has_words };
	walk_arguments(&hiding, arguments);
	arena_free(hiding.arena);
	return hiding.count > 0;
}

const char *secrets_document(struct arena *arena, const char *json, const char *more)
{
	json_t *document = json_loads(json, 0, NULL);
	if (!document)
		return json;
	secrets_hide(document, more, NULL);
	const char *shown = json_text(arena, document);
	json_decref(document);
	return shown;
}

bool secrets_hide_arguments(json_t *arguments, const char *more)
{
	return hide_arguments(arguments, more, false);
}

bool secrets_hide_onboarding(json_t *task, const char *more)
{
	return hide_arguments(task, more, true);
}

static void hide_task(struct arena *arena, json_t *task, const char *more)
{
	json_t *result = json_object_get(task, "result");
	const char *xml = json_string_value(json_object_get(result, "xml"));
	secrets_hide_arguments(json_object_get(task, "arguments"), more);
	secrets_hide(result, more, NULL);
	if (xml)
		json_object_set_new(result, "xml", json_string(secrets_xml(arena, xml, more)));
}

const char *secrets_task(struct arena *arena, const char *json, const char *more)
{
	json_t *task = json_loads(json, 0, NULL);
	if (!task)
		return json;
	hide_task(arena, task, more);
	const char *shown = json_text(arena, task);
	json_decref(task);
	return shown;
}

/* Faults. */

static const char *without(struct arena *arena, const char *text, const char *secret)
{
	struct buffer out = { 0 };
	const size_t length = strlen(secret);
	if (!length || !strstr(text, secret))
		return text;
	for (const char *found; (found = strstr(text, secret)) != NULL; text = found + length) {
		buffer_append(&out, text, (size_t)(found - text));
		buffer_append_text(&out, SECRET_SHOWN);
	}
	buffer_append_text(&out, text);
	const char *shown = arena_strndup(arena, out.data, out.length);
	buffer_clear(&out);
	return shown;
}

json_t *secrets_of(const json_t *arguments, const char *more)
{
	json_t *copy = json_deep_copy(arguments);
	struct hiding hiding = { .more = more, .found = json_array(), .arena = arena_new() };
	walk_arguments(&hiding, copy);
	json_decref(copy);
	arena_free(hiding.arena);
	return hiding.found;
}

const char *secrets_unquoted(struct arena *arena, const char *text, const json_t *secrets)
{
	for (size_t i = 0; i < json_array_size(secrets); i++)
		text = without(arena, text, json_string_value(json_array_get(secrets, i)));
	return secrets_text(arena, text);
}
