/* misbehave: deviations seen in the field, acted out for tests of an ACS (--misbehave).
 * The modes stand in tables by stage; here they are chosen and called. */
#include "cpe/misbehave/misbehave.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpe/misbehave/mode.h"
#include "cwmp/cwmp.h"

static const struct misbehave_group *const groups[] = {
	&misbehave_session_group,
	&misbehave_methods_group,
	&misbehave_envelope_group,
	&misbehave_content_group,
	&misbehave_http_group,
	&misbehave_door_group,
};

const struct misbehave_group *const *misbehave_groups(size_t *count)
{
	*count = LENGTH_OF(groups);
	return groups;
}

static const struct misbehave_mode *find_mode(const char *name)
{
	for (size_t g = 0; g < LENGTH_OF(groups); g++)
		for (size_t i = 0; i < groups[g]->count; i++)
			if (strcmp(groups[g]->modes[i].name, name) == 0)
				return &groups[g]->modes[i];
	return NULL;
}

static bool parse_number(const char *text, unsigned *number)
{
	char *end;
	errno = 0;
	const unsigned long value = strtoul(text, &end, 10);
	*number = (unsigned)value;
	return *text >= '0' && *text <= '9' && !*end && !errno && value <= UINT32_MAX;
}

/* value NULL: the mode was given without one. */
static bool fill_choice(struct misbehave_choice *choice, const char *value)
{
	switch (choice->mode->kind) {
	case MODE_PLAIN:
		return value == NULL;
	case MODE_NUMBER:
		return value && parse_number(value, &choice->number);
	case MODE_TEXT:
		choice->text = value ? strdup(value) : NULL;
		return value != NULL;
	}
	return false;
}

static void set_field(struct misbehaviour *misbehaviour, const struct misbehave_choice *choice)
{
	void *field = (char *)misbehaviour + choice->mode->field;
	if (!choice->mode->field)
		return;
	if (choice->mode->kind == MODE_TEXT)
		*(const char **)field = choice->text;
	else
		*(bool *)field = true;
}

static const char *choose(struct misbehaviour *misbehaviour, const char *name, const char *value)
{
	struct misbehave_choice choice = { .mode = find_mode(name) };
	if (!choice.mode)
		return "no such mode";
	if (misbehaviour->choice_count == MISBEHAVE_CHOICES_MAX)
		return "too many modes";
	if (!fill_choice(&choice, value))
		return "not a value for this mode";
	misbehaviour->choices[misbehaviour->choice_count++] = choice;
	set_field(misbehaviour, &choice);
	return NULL;
}

bool misbehave_parse(
	struct misbehaviour *misbehaviour, const char *list, char *why, size_t why_size)
{
	char *copy = strdup(list), *rest = copy, *name;
	const char *problem = NULL;
	while (!problem && (name = strsep(&rest, ","))) {
		char *value = strchr(name, '=');
		if (value)
			*value++ = '\0';
		problem = choose(misbehaviour, name, value);
		if (problem)
			snprintf(why, why_size, "%s: %s", name, problem);
	}
	free(copy);
	return !problem;
}

void misbehave_clear(struct misbehaviour *misbehaviour)
{
	for (size_t i = 0; i < misbehaviour->choice_count; i++)
		free(misbehaviour->choices[i].text);
}

static void print_mode(FILE *out, const struct misbehave_mode *mode)
{
	static const char *const values[] = { "", "=N", "=TEXT" };
	fprintf(out, "    %s%-*s %s", mode->name, (int)(26 - strlen(mode->name)),
		values[mode->kind], mode->help);
	if (mode->seen)
		fprintf(out, " [%s]", mode->seen);
	fputc('\n', out);
}

void misbehave_print_help(FILE *out)
{
	for (size_t g = 0; g < LENGTH_OF(groups); g++) {
		fprintf(out, "  %s:\n", groups[g]->title);
		for (size_t i = 0; i < groups[g]->count; i++)
			print_mode(out, &groups[g]->modes[i]);
	}
}

/* The stages: every chosen mode has its say, in the order of the command line. */

void misbehave_on_request(const struct misbehaviour *misbehaviour, struct misbehave_turn *turn)
{
	for (size_t i = 0; i < misbehaviour->choice_count; i++) {
		turn->choice = &misbehaviour->choices[i];
		if (turn->choice->mode->on_request)
			turn->choice->mode->on_request(turn);
	}
}

void misbehave_on_answer(const struct misbehaviour *misbehaviour, struct misbehave_turn *turn)
{
	for (size_t i = 0; i < misbehaviour->choice_count; i++) {
		turn->choice = &misbehaviour->choices[i];
		if (turn->choice->mode->on_answer)
			turn->choice->mode->on_answer(turn);
	}
}

/* Informing again has an end: after as many times as the mode's number says, or once. */
static bool is_over(const struct misbehave_choice *choice, unsigned informs)
{
	const unsigned most = choice->mode->kind == MODE_NUMBER ? choice->number : 1;
	const bool repeats = choice->mode->step == MISBEHAVE_INFORM_AGAIN ||
			     choice->mode->step == MISBEHAVE_INFORM_ANEW;
	return repeats && informs > most;
}

enum misbehave_step misbehave_after(
	const struct misbehaviour *misbehaviour, enum cwmp_method method, unsigned informs)
{
	for (size_t i = 0; i < misbehaviour->choice_count; i++) {
		const struct misbehave_choice *choice = &misbehaviour->choices[i];
		const struct misbehave_mode *mode = choice->mode;
		if (mode->step && mode->after == method && !is_over(choice, informs))
			return mode->step;
	}
	return MISBEHAVE_GO_ON;
}

bool misbehave_can_read(const struct misbehaviour *misbehaviour, const char *envelope)
{
	const bool is_declared = strncmp(envelope, "<?xml", 5) == 0;
	return is_declared ? !misbehaviour->refuses_declaration : !misbehaviour->needs_declaration;
}

/* Is name, as "Inform", "InformResponse" or "Fault", what the message is called? */
static bool is_called(const struct cwmp_message *message, const char *name)
{
	if (message->kind == CWMP_FAULT)
		return strcmp(name, "Fault") == 0;
	const char *method = cwmp_method_name(message->method);
	const size_t length = strlen(method);
	return strncmp(name, method, length) == 0 &&
	       strcmp(name + length, message->kind == CWMP_RESPONSE ? "Response" : "") == 0;
}

static void rewrite(struct misbehave_envelope *envelope)
{
	const struct misbehave_mode *mode = envelope->choice->mode;
	for (size_t i = 0; i < MODE_EDITS_MAX && mode->edits[i].what; i++)
		text_apply(envelope->text, &mode->edits[i], envelope->choice->text);
	if (mode->on_envelope)
		mode->on_envelope(envelope);
}

void misbehave_on_envelope(const struct misbehaviour *misbehaviour,
	const struct cwmp_message *message, struct buffer *text)
{
	struct misbehave_envelope envelope = { .message = message, .text = text };
	for (size_t i = 0; i < misbehaviour->choice_count; i++) {
		envelope.choice = &misbehaviour->choices[i];
		const char *only_in = envelope.choice->mode->only_in;
		if (!only_in || is_called(message, only_in))
			rewrite(&envelope);
	}
}

void misbehave_on_post(const struct misbehaviour *misbehaviour, struct misbehave_post *post)
{
	for (size_t i = 0; i < misbehaviour->choice_count; i++) {
		post->choice = &misbehaviour->choices[i];
		if (post->choice->mode->on_post)
			post->choice->mode->on_post(post);
	}
}
