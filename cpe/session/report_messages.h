/* report_messages: how each report of reports.c is written as a CWMP request.
 * The content is JSON, as the state keeps it; texts are copied into the message's arena. */
#ifndef CPE_REPORT_MESSAGES_H
#define CPE_REPORT_MESSAGES_H

#include <jansson.h>

#include "base/arena.h"
#include "cwmp/message.h"

/* Fills the arguments of out, whose frame stands. */
typedef void report_build_fn(struct arena *arena, const json_t *content, struct cwmp_message *out);
/* Adds to a journal entry what is worth checking. */
typedef void report_witness_fn(
	json_t *entry, const json_t *content, const struct cwmp_message *answer);

/* {"command_key","fault","started","completed"}: seconds, 0 for never */
report_build_fn report_build_transfer;
report_witness_fn report_witness_transfer;
/* {"announce_url","transfer_url","is_download","file_type","file_size","target_file_name","fault",
 * "started","completed"} */
report_build_fn report_build_autonomous_transfer;
/* {"command_key","results":[{"uuid","reference","version","state","resolved","executions",
 * "started","completed","fault","operation"}]}, for both DU messages */
report_build_fn report_build_du_change;
report_witness_fn report_witness_du_change;
/* {"file_type","arguments":{name: value}} */
report_build_fn report_build_request_download;
/* {"command","referer","argument","next"} */
report_build_fn report_build_kicked;
report_witness_fn report_witness_kicked;
/* GetRPCMethods has no arguments. */
report_build_fn report_build_nothing;
report_witness_fn report_witness_methods;

#endif
