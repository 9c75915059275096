"""checker: compares the witnesses. Each rule yields one sentence per violation; none means that all is well.

The rules follow from three laws: what was acknowledged is committed, what must not be repeated happens at
most once for each task, and nothing waits for ever.
"""

from collections import Counter
from datetime import datetime, timedelta, timezone

from evidence import attempt_of

FINAL = ("done", "failed", "expired", "cancelled")
NEVER_REPEATED = ("Reboot", "FactoryReset", "ScheduleInform", "Download", "Upload", "AddObject")
TRANSFERS = ("Download", "Upload")
# Ends that tell honestly that nobody can know, or that the device has forgotten.
EXPLANATIONS = ("outcome unknown", "the device was bootstrapped", "no answer: the session broke off")
# Journals cut their times to milliseconds.
PRECISION = timedelta(milliseconds=1)
# What devices of a fleet change in each session, in turn, and how many of them at once.
STATS = "InternetGatewayDevice.LANDevice.1.LANEthernetInterfaceConfig."
COUNTERS = [f"{STATS}{i // 4 + 1}.Stats.{name}" for i, name in enumerate(
    ("BytesReceived", "BytesSent", "PacketsReceived", "PacketsSent", "BytesReceived", "BytesSent"))]
CHANGE = 2


def check(evidence, now=None):
    """All violations, as sentences."""
    now = now or datetime.now(timezone.utc)
    found = [text for rule in RULES for text in rule(evidence)]
    return found + [text for task in evidence.tasks for text in stuck(task, now)]


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def name_of(task):
    return f"task {task['task_id']} ({task['method']}, {task['state']})"


# What devices were told.

def last_inform_is_stored(e):
    for device, row, informs in acknowledged_informs(e):
        if row is None:
            yield f"{device}: an Inform was acknowledged and the device is not in the database"
            continue
        stored, last = moment(row["last_inform"]), moment(informs[-1]["time"]) + PRECISION
        if len(informs) > 1 and stored <= moment(informs[-2]["time"]):
            yield f"{device}: the Inform acknowledged at {last} is missing, the last one is of {stored}"
        elif stored <= last and row["events"] != informs[-1]["events"]:
            yield f"{device}: events {row['events']} are not those acknowledged, {informs[-1]['events']}"


def acknowledged_informs(e):
    for device in e.journals:
        informs = e.journal(device, "acknowledged", method="Inform")
        if informs:
            yield device, e.device(device), informs


def boots_are_stored(e):
    columns = {"1 BOOT": "last_boot", "0 BOOTSTRAP": "last_bootstrap"}
    for device, row, informs in acknowledged_informs(e):
        for code, column in columns.items():
            at = [i for i, inform in enumerate(informs) if code in {ev["code"] for ev in inform["events"]}]
            if not row or not at:
                continue
            since = moment(informs[at[-1] - 1]["time"]) if at[-1] else None
            if not row[column] or (since and moment(row[column]) <= since):
                yield f"{device}: {code} acknowledged at {informs[at[-1]]['time']}, but {column} is {row[column]}"


def software_version_is_stored(e):
    for device, row, informs in acknowledged_informs(e):
        boots = [b for b in e.journal(device, "boot")
                 if "software_version" in b and b["time"] <= informs[-1]["time"]]
        if row and boots and row["software_version"] != boots[-1]["software_version"]:
            yield f"{device}: runs {boots[-1]['software_version']}, stored is {row['software_version']}"


def values_are_stored(e):
    """The last value that each parameter was given, by a task or on the device, is the stored one."""
    stored = {(row["device"], row["name"]): row["value"] for row in e.values}
    for device in e.journals:
        for name, value in last_values(e, device).items():
            if stored.get((device, name)) != value:
                yield f"{device}: {name} is {value!r}, stored is {stored.get((device, name))!r}"


def counters_are_stored(e):
    """A fleet's counters tell which session brought them: one at least as late as the last one acknowledged."""
    stored = {(row["device"], row["name"]): int(row["value"]) for row in e.values if row["name"] in COUNTERS}
    for device, _, informs in acknowledged_informs(e):
        number, _, session = informs[-1].get("id", "").rpartition("-")[2].partition(".")
        values = [stored.get((device, name)) for name in COUNTERS]
        if not (number.startswith("F") and session) or None in values:
            continue
        number, session = int(number[1:]), int(session)
        if max(values) < number + session or values != counters_at(number, max(values) - number):
            yield f"{device}: session {session} of device {number} was acknowledged, stored counters are {values}"


def counters_at(number, session):
    """The rule that cpe --help tells of --change: each session changes the next CHANGE counters, in turn."""
    last = [0] * len(COUNTERS)
    for turn in range(max(0, CHANGE * session - len(COUNTERS)), CHANGE * session):
        last[turn % len(COUNTERS)] = turn // CHANGE + 1
    return [number + session for session in last]


def last_values(e, device):
    values, told = {}, last_told(e, device)
    for entry in e.journals[device]:
        if entry["kind"] == "boot" and entry["reason"] == "factory-reset":
            values.clear()
        elif entry["kind"] == "changed" and entry["time"] < told:
            values[entry["name"]] = entry["value"]
        elif entry["kind"] == "executed" and entry["fault"] == 0:
            set_values(e, values, entry)
            forget_below(values, entry)
    return values


def last_told(e, device):
    """When an Inform was last acknowledged: what is changed on devices here is told by every one of them."""
    return max((inform["time"] for inform in e.journal(device, "acknowledged", method="Inform")), default="")


def set_values(e, values, entry):
    """Nobody needs to know what a task set that did not end as done. Hidden values are written as ""."""
    task = e.task(attempt_of(entry["id"])[0])
    is_done = task and task["state"] == "done"
    for name, value in entry.get("parameters", {}).items():
        values.pop(name, None)
        if is_done and value:
            values[name] = value


def forget_below(values, entry):
    if entry["method"] == "DeleteObject":
        for name in [name for name in values if name.startswith(entry["object"])]:
            del values[name]


def transfers_are_settled(e):
    for device in e.journals:
        for entry in e.journal(device, "acknowledged", method="TransferComplete"):
            task = e.task(attempt_of(entry["command_key"])[0])
            if entry["acs_fault"]:
                yield f"{device}: TransferComplete {entry['command_key']} got fault {entry['acs_fault']}"
            elif not task:
                yield f"{device}: TransferComplete {entry['command_key']} was acknowledged, its task is gone"
            elif task["state"] not in FINAL and not (entry["fault"] and is_due(task)):
                yield f"{name_of(task)}: its TransferComplete was acknowledged"
            elif entry["fault"] == 0 and task["state"] != "done" and not is_explained(task):
                yield f"{name_of(task)}: its TransferComplete told of success"


# Told by every Inform of its kind, or by the request that follows: not kept.
UNKEPT = ("2 PERIODIC", "4 VALUE CHANGE", "5 KICKED", "6 CONNECTION REQUEST", "7 TRANSFER COMPLETE",
          "9 REQUEST DOWNLOAD", "10 AUTONOMOUS TRANSFER COMPLETE", "11 DU STATE CHANGE COMPLETE",
          "12 AUTONOMOUS DU STATE CHANGE COMPLETE")


def events_are_stored(e):
    """As many as were acknowledged; more when an acknowledgement was lost and the device told them again."""
    stored = {(row["device"], row["code"], row["command_key"]): row["count"] for row in e.events}
    for device, _, informs in acknowledged_informs(e):
        told = Counter((device, event["code"], event["command_key"]) for inform in informs
                       for event in inform["events"] if event["code"] not in UNKEPT)
        for key, count in told.items():
            if stored.get(key, 0) < count:
                yield f"{device}: {key[1:]} was acknowledged {count} times, stored {stored.get(key, 0)} times"


# What operators were told.

def api_kept_its_word(e):
    for record in e.ledger:
        yield from PROMISES[record["what"]](e, record)


def task_is_there(e, record):
    task = e.task(int(record["id"]))
    if not task:
        yield f"task {record['id']} ({record['method']}) was acknowledged and is missing"
    elif (task["device"], task["method"]) != (record["device"], record["method"]):
        yield f"{name_of(task)} of {task['device']} was acknowledged as {record['method']} of {record['device']}"
    elif record["id"] not in e.audited_tasks:
        yield f"{name_of(task)} was acknowledged and is not in the audit"


def task_ended_so(e, record):
    task = e.task(int(record["id"]))
    if not task or task["state"] != record["state"]:
        yield f"task {record['id']}: its end was told as {record['state']}, it is {task and task['state']}"


def tag_is_there(e, record):
    if record["tag"] not in (e.device(record["device"]) or {"tags": []})["tags"]:
        yield f"{record['device']}: {record['tag']} was acknowledged and is missing"


def task_is_cancelled(e, record):
    task = e.task(int(record["id"]))
    if not task or task["state"] != "cancelled":
        yield f"task {record['id']}: its cancellation was acknowledged, it is {task and task['state']}"


def file_is_there(e, record):
    if not any((row["name"], row["sha256"]) == (record["name"], record["sha256"]) for row in e.files):
        yield f"file {record['name']} was acknowledged and is missing or different"


PROMISES = {"task": task_is_there, "ended": task_ended_so, "cancelled": task_is_cancelled,
            "file": file_is_there, "tag": tag_is_there}


# What devices did.

def executions_were_ordered(e):
    """All that was executed is a task of that device, at an attempt that was made."""
    for device in e.journals:
        for entry in e.journal(device, "executed"):
            task_id, attempt = attempt_of(entry["id"])
            task = e.task(task_id)
            if not task or task["device"] != device or not is_asked_by(entry["method"], task["method"]):
                yield f"{device}: executed {entry['method']} {entry['id']}, which nobody ordered"
            elif attempt > task["attempts"]:
                yield f"{name_of(task)}: attempt {attempt} was executed, {task['attempts']} were recorded"


def is_asked_by(method, task_method):
    refresh = ("GetParameterNames", "GetParameterValues")
    return method == task_method or (task_method == "Refresh" and method in refresh)


def nothing_happened_twice(e):
    for task in e.tasks:
        if task["device"] not in e.journals or task["method"] not in NEVER_REPEATED:
            continue
        attempts = [attempt_of(entry["id"])[1] for entry in e.executed(task, fault=0)]
        for before, after in zip(attempts, attempts[1:]):
            if after <= before or not has_failed(e, task, before):
                yield f"{name_of(task)}: attempt {before} was executed, and then attempt {after}"


def has_failed(e, task, attempt):
    """A transfer that was accepted, and then failed, may be tried again."""
    return any(entry["fault"] for entry in e.transfers_of(task)
               if attempt_of(entry["command_key"])[1] == attempt)


def no_boot_happened_twice(e):
    for device in e.journals:
        keys = Counter(entry["command_key"] for entry in e.journal(device, "boot", reason="reboot")
                       if "command_key" in entry)
        for key, count in keys.items():
            if count > 1:
                yield f"{device}: booted {count} times for Reboot {key}"


# What became of the tasks.

def done_means_executed(e):
    for task in e.tasks:
        if task["device"] in e.journals and task["state"] == "done" and not was_done(e, task):
            yield f"{name_of(task)}: never executed"


def was_done(e, task):
    if task["method"] in TRANSFERS:
        return bool(e.transfers_of(task, fault=0)) or runs_its_version(e, task)
    if task["method"] == "DeleteObject" and task["attempts"] > 1 and e.executed(task, fault=9005):
        return True
    return bool(e.executed(task, fault=0))


def runs_its_version(e, task):
    """Whichever transfer brought it: a device that starts with the wanted version needs no other."""
    file = e.file(task["arguments"].get("file"))
    return bool(file and file["version"]) and any(
        boot.get("software_version") == file["version"] and moment(boot["time"]) >= moment(task["created"])
        for boot in e.journal(task["device"], "boot"))


def executed_means_done(e):
    """What succeeded on the device ends as done, or says that its outcome is unknown."""
    for task in e.tasks:
        if task["device"] not in e.journals or task["method"] == "Refresh" or task["actor"] == "onboarding":
            continue
        executed = e.executed(task)
        if task["state"] in ("cancelled", "expired") and was_executed_after(executed, task["finished"]):
            yield f"{name_of(task)}: executed all the same"
        elif task["state"] == "failed" and executed and not executed[-1]["fault"] and not is_explained(task) \
                and (task["method"] not in TRANSFERS or e.transfers_of(task, fault=0)):
            yield f"{name_of(task)}: executed with success, but {task['fault']}"


def was_executed_after(executed, ended):
    """A task that waited for its repetition may be cancelled too."""
    return any(moment(entry["time"]) > moment(ended) for entry in executed)


def failures_have_their_reason(e):
    for task in e.tasks:
        if task["device"] in e.journals and task["state"] == "failed" and not is_explained(task) \
                and task["fault"]["code"] not in faults_told(e, task):
            yield f"{name_of(task)}: the device never told of {task['fault']}"


def faults_told(e, task):
    return {entry["fault"] for entry in e.executed(task) + e.transfers_of(task)}


def is_explained(task):
    fault = task["fault"]
    return bool(fault) and fault["code"] is None and fault["message"].startswith(EXPLANATIONS)


def is_due(task, now=None):
    """Queued with a date on which it goes on."""
    now = now or datetime.now(timezone.utc)
    dates = [moment(task[column]) for column in ("not_before", "retry_at") if task[column]]
    return task["state"] == "queued" and any(date > now for date in dates)


def stuck(task, now):
    if task["state"] not in FINAL and not is_due(task, now):
        yield f"{name_of(task)}: stuck, awaits {task['awaits']}, attempts {task['attempts']}"
    elif task["state"] in FINAL and (not task["finished"] or task["awaits"]):
        yield f"{name_of(task)}: finished {task['finished']}, awaits {task['awaits']}"


def no_transfer_is_left(e):
    for transfer in e.transfers:
        task = e.task(transfer["task_id"])
        if task["state"] != "sent":
            yield f"{name_of(task)}: its transfer is still open"


def database_is_consistent(e):
    """Each row found is a wrong one."""
    for row in e.inconsistencies:
        yield f"{row['what']}: {row['which']}"


RULES = (last_inform_is_stored, events_are_stored, boots_are_stored, software_version_is_stored, values_are_stored,
         counters_are_stored,
         transfers_are_settled, api_kept_its_word, executions_were_ordered, nothing_happened_twice,
         no_boot_happened_twice, done_means_executed, executed_means_done, failures_have_their_reason,
         no_transfer_is_left, database_is_consistent)
