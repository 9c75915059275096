/* certificate: does a client certificate belong to the device that an Inform names? (TR-069 3.4.4)
 * A form is held against a name from left to right, each part against what the Inform says. */
#include "acs/certificate.h"

#include <ctype.h>
#include <string.h>

#include "acs/config.h"
#include "base/crypto.h"
#include "base/list.h"
#include "http/server.h"

enum { MAC_DIGITS = 12 };

/* A name is read from left to right; a step returns what follows, NULL when something else is there. */
typedef const char *skip_fn(const char *name, const char *value, const char *separators);

static skip_fn skip_text, skip_any_case, skip_mac;

/* Where a form has its words. */
static const struct word {
	const char *text;
	size_t offset; /* in struct cwmp_device_id */
	skip_fn *skip;
} words[] = {
	{ "{oui}", offsetof(struct cwmp_device_id, oui), skip_any_case },
	{ "{product_class}", offsetof(struct cwmp_device_id, product_class), skip_text },
	{ "{serial}", offsetof(struct cwmp_device_id, serial_number), skip_text },
	{ "{mac}", offsetof(struct cwmp_device_id, serial_number), skip_mac },
};

static const struct word *word_at(const char *form)
{
	for (size_t i = 0; i < LENGTH_OF(words); i++)
		if (strncmp(form, words[i].text, strlen(words[i].text)) == 0)
			return &words[i];
	return NULL;
}

/* The character at name, which may stand there as %41. What separates words must: "A-B" and "C" would
 * else be called like "A" and "B-C". */
static const char *skip_character(const char *name, char character, const char *separators)
{
	if (*name == '%') {
		const int high = hex_digit(name[1]), low = high < 0 ? -1 : hex_digit(name[2]);
		if (low >= 0)
			return (high << 4 | low) == (unsigned char)character ? name + 3 : NULL;
	}
	return *name == character && !strchr(separators, character) ? name + 1 : NULL;
}

static const char *skip_text(const char *name, const char *value, const char *separators)
{
	for (; name && *value; value++)
		name = skip_character(name, *value, separators);
	return name;
}

static const char *skip_any_case(const char *name, const char *value, const char *separators)
{
	for (; name && *value; value++) {
		const char *next = skip_character(
			name, (char)toupper((unsigned char)*value), separators);
		name = next ? next
			    : skip_character(
				      name, (char)tolower((unsigned char)*value), separators);
	}
	return name;
}

/* Behind two digits there may be a separator. */
static const char *skip_mac_separator(const char *text, int digits)
{
	return digits % 2 == 0 && digits > 0 && *text && strchr(":-.", *text) ? text + 1 : text;
}

/* A serial number that is a MAC address, however both sides write it. */
static const char *skip_mac(const char *name, const char *value, const char *separators)
{
	(void)separators;
	for (int i = 0; i < MAC_DIGITS; i++) {
		name = skip_mac_separator(name, i);
		value = skip_mac_separator(value, i);
		if (hex_digit(*value) < 0 || hex_digit(*value++) != hex_digit(*name++))
			return NULL;
	}
	return *value == '\0' ? name : NULL;
}

static bool has_form(const char *name, const char *form, const struct cwmp_device_id *device,
	const char *separators)
{
	while (name && *form) {
		const struct word *word = word_at(form);
		if (!word && *name++ != *form++)
			return false;
		if (!word)
			continue;
		name = word->skip(name, *(const char *const *)((const char *)device + word->offset),
			separators);
		form += strlen(word->text);
	}
	return name && *name == '\0';
}

/* All that stands between words in any of the forms and is no letter or digit. */
static const char *separators_of(struct arena *arena, const char *forms)
{
	char *separators = arena_alloc(arena, strlen(forms) + 1), *end = separators;
	while (*forms) {
		const struct word *word = word_at(forms);
		forms += word ? strlen(word->text) : 0;
		if (!word && !isalnum((unsigned char)*forms) && *forms != ',')
			*end++ = *forms;
		forms += !word;
	}
	return separators;
}

static bool has_any_form(struct arena *arena, const char *name, const char *forms,
	const struct cwmp_device_id *device)
{
	const char *separators = separators_of(arena, forms);
	for (const char *form; (form = list_next(arena, &forms, ',')) != NULL;)
		if (has_form(name, form, device, separators))
			return true;
	return false;
}

bool certificate_names_device(struct arena *arena, const char *forms, const char *names,
	const struct cwmp_device_id *device)
{
	if (!names)
		return false;
	for (const char *name; (name = list_next(arena, &names, '\n')) != NULL;)
		if (has_any_form(arena, name, forms, device))
			return true;
	return false;
}

/* A form without a word would be every device's. */
bool certificate_forms_are_good(const char *forms)
{
	struct arena *arena = arena_new();
	unsigned count = 0;
	bool ok = true;
	for (const char *form; (form = list_next(arena, &forms, ',')) != NULL; count++) {
		const char *brace = strchr(form, '{');
		ok = ok && brace;
		for (; brace; brace = strchr(brace + 1, '{'))
			ok = ok && word_at(brace);
	}
	arena_free(arena);
	return ok && count > 0;
}

bool certificate_admits(const struct config *config, const struct http_request *request,
	const struct cwmp_device_id *device)
{
	return !http_client_certificate_is_demanded(request) ||
	       certificate_names_device(request->arena, config->tls.client_identity,
		       http_client_certificate_name(request), device);
}

bool certificate_is_enough(const struct config *config, const struct http_request *request)
{
	return config->tls.client_certificate_is_enough &&
	       http_client_certificate_is_demanded(request);
}
