/* config_told: the settings as the audit shows them: those that differ from their defaults, without secrets. */
#include "acs/config.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "acs/config_table.h"
#include "base/buffer.h"
#include "rpc/secrets.h"

static json_t *text_of(struct arena *arena, const char *text, const struct setting *setting)
{
	if (config_is_secret(setting) && *text)
		return json_string(SECRET_SHOWN);
	return json_string(secrets_text(arena, text));
}

static json_t *value_of(struct arena *arena, struct config *config, const struct setting *setting)
{
	const void *field = config_field(config, setting);
	switch (setting->type) {
	case NUMBER:
		return json_integer(*(const unsigned *)field);
	case BYTES:
		return json_integer((json_int_t) * (const uint64_t *)field);
	case BOOLEAN:
		return json_boolean(*(const bool *)field);
	case CHOICE:
		return json_string(setting->choices[*(const unsigned *)field]);
	default:
		return text_of(arena, *(char *const *)field, setting);
	}
}

/* NULL where it depends on the user and the machine. */
static json_t *default_of(struct arena *arena, const struct setting *setting)
{
	struct config config = { 0 };
	struct buffer why = { 0 };
	json_t *value = NULL;
	const struct source source = { &config, &why, "default" };
	if (setting->initial && config_set(&source, setting, setting->initial))
		value = value_of(arena, &config, setting);
	if (config_is_text(setting))
		free(*(char **)config_field(&config, setting));
	buffer_clear(&why);
	return value;
}

const char *config_told(struct arena *arena, const struct config *config)
{
	struct config copy = *config; /* config_field() would have one that may be changed */
	json_t *told = json_object();
	for (size_t i = 0; i < config_setting_count; i++) {
		const struct setting *setting = &config_settings[i];
		json_t *value = value_of(arena, &copy, setting);
		json_t *usual = default_of(arena, setting);
		if (value && !(usual && json_equal(value, usual)))
			json_object_set(told, setting->key, value);
		json_decref(value);
		json_decref(usual);
	}
	char *json = json_dumps(told, JSON_COMPACT);
	const char *text = arena_strdup(arena, json);
	free(json);
	json_decref(told);
	return text;
}
