/* misbehave_session: devices that end, hold up or muddle the session.
 * What a flag says is done in session.c and device.c; the rest here. */
#include "cpe/misbehave/mode.h"

static void drop_request(struct misbehave_turn *turn)
{
	if (turn->number == turn->choice->number)
		turn->act = MISBEHAVE_DROP;
}

static void answer_empty(struct misbehave_turn *turn)
{
	if (turn->number_in_session == 1)
		turn->act = MISBEHAVE_EMPTY;
}

static void answer_late(struct misbehave_turn *turn)
{
	if (turn->number_in_session == 1)
		turn->act = MISBEHAVE_LATE;
}

static void answer_slowly(struct misbehave_turn *turn)
{
	turn->act = MISBEHAVE_SLOW;
	turn->seconds = turn->choice->number;
}

/* As if the file were fetched first. */
static void answer_download_slowly(struct misbehave_turn *turn)
{
	if (turn->request.kind == CWMP_REQUEST && turn->request.method == CWMP_DOWNLOAD)
		answer_slowly(turn);
}

static void inform_instead(struct misbehave_turn *turn)
{
	if (turn->number == 1)
		turn->act = MISBEHAVE_INFORM;
}

static void answer_garbage(struct misbehave_envelope *e)
{
	if (e->message->kind == CWMP_REQUEST)
		return;
	buffer_reset(e->text);
	buffer_append_text(e->text, "<html>Internal error</p>");
}

static void limit_requests(struct misbehave_turn *turn)
{
	if (turn->number_in_session > turn->choice->number)
		turn->act = MISBEHAVE_DROP;
}

static const struct misbehave_mode modes[] = {
	{ "late-empty", "posts once more after the closing 204", "SpeedTouch 780",
		MODE_FIELD(late_empty) },
	{ "no-transfer-complete", "ends downloads in silence", "MikroTik",
		MODE_FIELD(no_transfer_complete) },
	{ "false-transfer-complete", "reports firmware as installed and goes on with the old",
		"Huawei 8245", MODE_FIELD(false_transfer_complete) },
	{ "hang-after-inform", "never continues after InformResponse", "TP-Link TD-W8980",
		.after = CWMP_INFORM, .step = MISBEHAVE_HANG },
	{ "hang-after-transfer", "never continues after TransferCompleteResponse", "MikroTik",
		.after = CWMP_TRANSFER_COMPLETE, .step = MISBEHAVE_LEAVE },
	{ "needs-declaration", "reads no envelope without <?xml ...?>", "Huawei 820",
		MODE_FIELD(needs_declaration) },
	{ "refuses-declaration", "reads no envelope with <?xml ...?>", "netcwmp, Orange",
		MODE_FIELD(refuses_declaration) },
	{ "own-namespace", "uses the URIs cwmp-1-3 and cwmp-1-4", "several",
		MODE_FIELD(own_namespace) },
	{ "second-inform", "sends its Inform twice on one connection", "cwmp-sim",
		.after = CWMP_INFORM, .step = MISBEHAVE_INFORM_AGAIN },
	{ "inform-storm", "sends its Inform N times more, on new connections", "TP-Link TD-W8980",
		MODE_NUMBER, .after = CWMP_INFORM, .step = MISBEHAVE_INFORM_ANEW },
	{ "overlapping-inform", "answers its first request by an Inform on a new connection",
		"cwmp-sim", .on_answer = inform_instead },
	{ "late-answer", "answers the first request of each session when the ACS has ended it",
		"Yeacomm", .on_answer = answer_late },
	{ "slow-answers", "answers after N seconds", "Huawei EG8145V5", MODE_NUMBER,
		.on_answer = answer_slowly },
	{ "slow-download", "answers a Download after N seconds, as if it fetched the file first",
		"anlix", MODE_NUMBER, .on_answer = answer_download_slowly },
	{ "garbage-answers", "answers by what is no XML", "freeacs#186",
		.on_envelope = answer_garbage },
	{ "empty-answer", "answers the first request of each session by an empty POST", "Yeacomm",
		.on_answer = answer_empty },
	{ "drop-session", "executes the Nth request and hangs up instead of answering", NULL,
		MODE_NUMBER, .on_answer = drop_request },
	{ "drop-request", "hangs up on receiving the Nth request", NULL, MODE_NUMBER,
		.on_request = drop_request },
	{ "requests-limit", "hangs up on the request after the Nth of a session", "ZyXEL",
		MODE_NUMBER, .on_request = limit_requests },
};

const struct misbehave_group misbehave_session_group = { "sessions", modes, LENGTH_OF(modes) };
