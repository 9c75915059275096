/* journal: what the ACS acknowledged and what the device executed, as lines that are on disk
 * before the answer they belong to leaves. The witness of crash tests.
 *
 * journal.jsonl holds one JSON object a line; each has "time" (UTC, milliseconds) and "kind":
 *   "acknowledged"  the ACS answered a message of ours. "method" is "Inform" (with "id",
 *                   "events": [{"code","command_key"}], "retry_count"), or another request of a
 *                   CPE's, with "id", "command_key" ("" without one) and "acs_fault" (0, or that
 *                   of a fault as answer); TransferComplete also with "fault": 0 or the code
 *                   reported, the DU messages with "results", Kicked with "next_url",
 *                   GetRPCMethods with "methods".
 *   "executed"      an RPC of the ACS was carried out or refused: "method", "id" (null without
 *                   one), "fault" (0 when it succeeded) and what is worth checking:
 *                   SetParameterValues "parameters" {name: value} and "parameter_key";
 *                   AddObject "object", "instance", "parameter_key"; DeleteObject "object",
 *                   "parameter_key"; GetParameterNames "path", "next_level", "count";
 *                   GetParameterValues "names" [..], "count"; SetParameterAttributes
 *                   "notifications" {name: number or null}; Download and Upload "command_key",
 *                   "file_type", "url", "delay_seconds", Download "file_size";
 *                   ScheduleDownload "command_key", "file_type", "url", "windows";
 *                   ScheduleInform "command_key", "delay_seconds"; Reboot and CancelTransfer
 *                   "command_key"; ChangeDUState "command_key", "operations"; SetVouchers
 *                   "vouchers"; the other Gets "count".
 *   "transfer"      a try of a transfer ended: "command_key", "file_type", "url", "fault", "bytes".
 *   "module"        an operation of a ChangeDUState ended: "command_key", "operation", "uuid",
 *                   "version", "fault".
 *   "boot"          the device started: "reason" ("power", "reboot", "factory-reset", "firmware",
 *                   "local"), "command_key", "software_version".
 *   "session"       a session ended: "outcome" ("ok" or "failed"), "reason", "requests" (of the
 *                   ACS), "retry_count".
 *   "changed"       a value was changed locally: "name", "value".
 * A fleet's has "device", its id, in each line.
 * Secrets (passwords and keys) are written as "". */
#ifndef CPE_JOURNAL_H
#define CPE_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct journal;

/* Appends to DIR/journal.jsonl; a line that a crash cut short is ended first. NULL and why. */
struct journal *journal_open(const char *dir, char *why, size_t why_size);
/* The same with a file of any name, which is not synced: for what needs to outlive the ACS, but not this
 * machine. */
struct journal *journal_open_file(const char *path, char *why, size_t why_size);
/* Writes entry with the time and syncs it to disk. Takes the reference. False on failure. */
bool journal_add(struct journal *journal, const char *kind, json_t *entry);
void journal_close(struct journal *journal);

#endif
