/* certificate: does a client certificate belong to the device that an Inform names? (TR-069 3.4.4)
 * A form is held against a name from left to right, each part against what the Inform says. */
#include "acs/certificate.h"

#include <string.h>
#include <strings.h>

#include "acs/config.h"
#include "http/server.h"
#include "http/url.h"

/* Where a form has its words. */
static const struct word {
	const char *text;
	size_t offset; /* in struct cwmp_device_id */
	bool any_case;
} words[] = {
	{ "{oui}", offsetof(struct cwmp_device_id, oui), true },
	{ "{product_class}", offsetof(struct cwmp_device_id, product_class), false },
	{ "{serial}", offsetof(struct cwmp_device_id, serial_number), false },
};

static const struct word *word_at(const char *form)
{
	for (size_t i = 0; i < LENGTH_OF(words); i++)
		if (strncmp(form, words[i].text, strlen(words[i].text)) == 0)
			return &words[i];
	return NULL;
}

/* Steps over the word's value in name; NULL when it is not there. */
static const char *skip_value(
	const char *name, const struct word *word, const struct cwmp_device_id *device)
{
	const char *value = *(const char *const *)((const char *)device + word->offset);
	const size_t length = strlen(value);
	const bool is_there = word->any_case ? strncasecmp(name, value, length) == 0
					     : strncmp(name, value, length) == 0;
	return is_there ? name + length : NULL;
}

static bool has_form(const char *name, const char *form, const struct cwmp_device_id *device)
{
	while (*form) {
		const struct word *word = word_at(form);
		if (word) {
			name = skip_value(name, word, device);
			form += strlen(word->text);
		} else if (*name++ != *form++) {
			return false;
		}
		if (!name)
			return false;
	}
	return *name == '\0';
}

/* The next of several texts, without the blanks around it; NULL at the end. */
static const char *next_text(struct arena *arena, const char **at, const char *separator)
{
	*at += strspn(*at, separator);
	*at += strspn(*at, " ");
	if (!**at)
		return NULL;
	size_t length = strcspn(*at, separator);
	const char *text = *at;
	*at += length;
	while (length && text[length - 1] == ' ')
		length--;
	return arena_strndup(arena, text, length);
}

static bool has_any_form(struct arena *arena, const char *name, const char *forms,
	const struct cwmp_device_id *device)
{
	for (const char *form; (form = next_text(arena, &forms, ",")) != NULL;)
		if (has_form(name, form, device))
			return true;
	return false;
}

bool certificate_names_device(struct arena *arena, const char *forms, const char *names,
	const struct cwmp_device_id *device)
{
	if (!names)
		return false;
	for (const char *name; (name = next_text(arena, &names, "\n")) != NULL;) {
		const char *decoded = http_percent_decode(arena, name);
		if (has_any_form(arena, name, forms, device) ||
			(decoded && has_any_form(arena, decoded, forms, device)))
			return true;
	}
	return false;
}

/* A form without a word would be every device's. */
bool certificate_forms_are_good(const char *forms)
{
	struct arena *arena = arena_new();
	unsigned count = 0;
	bool ok = true;
	for (const char *form; (form = next_text(arena, &forms, ",")) != NULL; count++) {
		const char *brace = strchr(form, '{');
		ok = ok && brace;
		for (; brace; brace = strchr(brace + 1, '{'))
			ok = ok && word_at(brace);
	}
	arena_free(arena);
	return ok && count > 0;
}

static bool is_asked(const struct config *config, const struct http_request *request)
{
	return request->is_tls && *config->tls.client_ca;
}

bool certificate_admits(const struct config *config, const struct http_request *request,
	const struct cwmp_device_id *device)
{
	return !is_asked(config, request) ||
	       certificate_names_device(request->arena, config->tls.client_identity,
		       http_client_certificate_name(request), device);
}

bool certificate_is_enough(const struct config *config, const struct http_request *request)
{
	return is_asked(config, request) && config->tls.client_certificate_is_enough;
}
