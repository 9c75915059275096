"""evidence: what is left to be compared when the dust has settled.

Three witnesses that know nothing of each other: the journal of each agent, the database, and the ledger
of what the admin API acknowledged. No program of ours is asked.
"""

import json
from collections import defaultdict
from functools import cached_property
from pathlib import Path

TABLES = {
    "devices": """SELECT d.*, l.last_inform, l.session_epoch FROM device d JOIN device_live l USING (device_id)
                  WHERE d.registered IS NOT NULL""",
    "tasks": "SELECT t.*, d.id AS device FROM task t JOIN device d USING (device_id) ORDER BY task_id",
    "transfers": "SELECT * FROM transfer",
    "files": "SELECT name, sha256, size, version FROM file",
    "values": """SELECT d.id AS device, path.name, p.value FROM parameter p JOIN device d USING (device_id)
                 JOIN path USING (path_id) WHERE p.value IS NOT NULL""",
    "events": """SELECT d.id AS device, e.detail ->> 'code' AS code, e.detail ->> 'command_key' AS command_key,
                        count(*) AS count
                 FROM event e JOIN device d USING (device_id) WHERE e.detail ? 'code' GROUP BY 1, 2, 3""",
    "audited": "SELECT detail ->> 'task' AS task FROM audit WHERE action LIKE 'POST /api/v1/devices/{%}/tasks'",
    "inconsistencies": """
        SELECT 'device without its live part' AS what, id AS which FROM device LEFT JOIN device_live l USING (device_id)
         WHERE registered IS NOT NULL AND l.device_id IS NULL
        UNION ALL SELECT 'value of a name that is not there', p.path_id::text
         FROM parameter p LEFT JOIN path USING (path_id) WHERE path.path_id IS NULL
        UNION ALL SELECT 'transfer of another device than its task', t.task_id::text
         FROM transfer t JOIN task USING (task_id) WHERE t.device_id <> task.device_id
        UNION ALL SELECT 'progress of a task that is over', task_id::text
         FROM task_progress JOIN task USING (task_id) WHERE state NOT IN ('queued', 'sent')
        UNION ALL SELECT 'state and awaits disagree', task_id::text
         FROM task WHERE (state = 'sent') <> (awaits IS NOT NULL)
        UNION ALL SELECT 'sent in a session that never was', task_id::text
         FROM task JOIN device_live l USING (device_id) WHERE task.session_epoch > l.session_epoch
        UNION ALL SELECT 'file whose content is not what it says', name FROM file
         WHERE size <> (SELECT coalesce(sum(length(bytes)), 0) FROM file_chunk c WHERE c.content_id = file.content_id)
            OR sha256 <> (SELECT encode(sha256(coalesce(string_agg(bytes, '' ORDER BY chunk), '')), 'hex')
                          FROM file_chunk c WHERE c.content_id = file.content_id)
        UNION ALL SELECT 'content that no file has and nobody will remove', content_id::text
         FROM (SELECT DISTINCT content_id FROM file_chunk) c
         LEFT JOIN file USING (content_id) LEFT JOIN file_loose USING (content_id)
         WHERE file.content_id IS NULL AND file_loose.content_id IS NULL""",
}


class Evidence:
    """journals: {device id: [entry]}; ledger: [record]; tables: {name: [row]}, times as PostgreSQL's JSON."""

    def __init__(self, journals, ledger, tables):
        self.journals, self.ledger, self.tables = journals, ledger, tables

    def __getattr__(self, name):
        try:
            return self.__dict__["tables"][name]
        except KeyError:
            raise AttributeError(name) from None

    def device(self, device_id):
        return next((row for row in self.devices if row["id"] == device_id), None)

    def file(self, name):
        return next((row for row in self.files if row["name"] == name), None)

    @cached_property
    def audited_tasks(self):
        return {row["task"] for row in self.audited}

    @cached_property
    def _tasks(self):
        return {row["task_id"]: row for row in self.tasks}

    def task(self, task_id):
        return self._tasks.get(task_id)

    def journal(self, device_id, kind, **fields):
        return with_fields(self._by_kind[device_id, kind], fields)

    @cached_property
    def _by_kind(self):
        found = defaultdict(list)
        for device, entries in self.journals.items():
            for entry in entries:
                found[device, entry["kind"]].append(entry)
        return found

    @cached_property
    def _by_task(self):
        found = defaultdict(list)
        for (device, kind), entries in self._by_kind.items():
            for entry in entries:
                key = entry.get("id") if kind == "executed" else entry.get("command_key")
                found[device, kind, attempt_of(key)[0]].append(entry)
        return found

    def executed(self, task, **fields):
        """The executions of a task in its device's journal."""
        return with_fields(self._by_task[task["device"], "executed", task["task_id"]], fields)

    def transfers_of(self, task, **fields):
        """The ends of a task's transfers in its device's journal."""
        return with_fields(self._by_task[task["device"], "transfer", task["task_id"]], fields)


def with_fields(entries, fields):
    return [entry for entry in entries if all(entry.get(name) == value for name, value in fields.items())]


def attempt_of(key):
    """(task id, attempt) of a CommandKey "7.2" or of a request's ID "7.2-1"; (0, 0) of anything else."""
    task, dot, rest = (key or "").partition(".")
    attempt = rest.partition("-")[0]
    return (int(task), int(attempt)) if dot and task.isdigit() and attempt.isdigit() else (0, 0)


def read_rows(database, sql):
    return json.loads(database.value(f"SELECT coalesce(json_agg(r), '[]') FROM ({sql}) r"))


def read_journal(state_folder):
    """The lines of a journal; one that a crash cut short says nothing."""
    entries = []
    for line in (Path(state_folder) / "journal.jsonl").read_text().splitlines():
        try:
            entries.append(json.loads(line))
        except ValueError:
            continue
    return entries


def collect(database, state_folders, ledger, fleet_folder=None):
    """state_folders: {device id: folder}; fleet_folder: of the journal that the devices of a fleet share."""
    journals = defaultdict(list, {device: read_journal(folder) for device, folder in state_folders.items()})
    for entry in read_journal(fleet_folder) if fleet_folder else []:
        journals[entry["device"]].append(entry)
    return Evidence(dict(journals), list(ledger), {name: read_rows(database, sql) for name, sql in TABLES.items()})
