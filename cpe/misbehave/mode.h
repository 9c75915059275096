/* misbehave_mode: what a row in the tables of misbehaviour says.
 * Private to the files misbehave*.c; a row fills the stages at which its mode acts. */
#ifndef CPE_MISBEHAVE_MODE_H
#define CPE_MISBEHAVE_MODE_H

#include <stddef.h>

#include "cpe/misbehave/misbehave.h"
#include "cpe/misbehave/text.h"

enum { MODE_EDITS_MAX = 6 };

enum misbehave_kind { MODE_PLAIN, MODE_NUMBER, MODE_TEXT };

/* An envelope that is about to leave. */
struct misbehave_envelope {
	const struct misbehave_choice *choice;
	const struct cwmp_message *message; /* as it was encoded */
	struct buffer *text;
};

/* What they are given tells, as choice, for which mode they are called. */
typedef void misbehave_turn_fn(struct misbehave_turn *turn);
typedef void misbehave_envelope_fn(struct misbehave_envelope *envelope);
typedef void misbehave_post_fn(struct misbehave_post *post);

struct misbehave_mode {
	const char *name;
	const char *help;
	const char *seen; /* with which devices, NULL for tests of our own */
	enum misbehave_kind kind;
	size_t field; /* offset in struct misbehaviour of what keeps the value, 0 for none */
	misbehave_turn_fn *on_request, *on_answer;
	/* Once the ACS has answered that message of ours. */
	enum cwmp_method after;
	enum misbehave_step step;
	/* Envelopes of that message only ("Inform", "RebootResponse", "Fault"); NULL: all. */
	const char *only_in;
	struct text_edit edits[MODE_EDITS_MAX];
	misbehave_envelope_fn *on_envelope;
	misbehave_post_fn *on_post;
};

/* Keeps the value in the member of that name: a bool, for MODE_TEXT a const char *. */
#define MODE_FIELD(member) .field = offsetof(struct misbehaviour, member)

/* The value is borrowed, for the arena's life. */
void post_set_header(struct misbehave_post *post, const char *name, const char *value);

struct misbehave_group {
	const char *title;
	const struct misbehave_mode *modes;
	size_t count;
};

/* All of them, in the order of the help. */
const struct misbehave_group *const *misbehave_groups(size_t *count);

extern const struct misbehave_group misbehave_session_group, misbehave_methods_group,
	misbehave_envelope_group, misbehave_content_group, misbehave_http_group,
	misbehave_door_group;

#endif
