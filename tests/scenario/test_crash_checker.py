"""The checker of crash tests bites: a life in which all is well, and every way to spoil its evidence."""

import copy
from datetime import datetime, timedelta, timezone

import pytest

import checker
from evidence import Evidence

DEVICE = "00D09E-HG7100-1"
CODE = "Device.DeviceInfo.ProvisioningCode"
NOW = datetime(2026, 1, 1, 13, tzinfo=timezone.utc)
FIRMWARE_TASK, REBOOT, ADD, SET, RESET, READ, CANCELLED, UPLOAD, SCHEDULED = range(1, 10)


def at(second, kind, **fields):
    return {"time": f"2026-01-01T12:00:{second:02d}.000Z", "kind": kind, **fields}


def inform(second, *events):
    return at(second, "acknowledged", method="Inform",
              events=[{"code": code, "command_key": key} for code, key in events])


def executed(second, method, key, fault=0, **fields):
    return at(second, "executed", method=method, id=f"{key}-1", fault=fault, **fields)


def boot(second, reason="power", key="", version="1"):
    return at(second, "boot", reason=reason, command_key=key, software_version=version)


def complete(second, key, fault=0):
    return at(second, "acknowledged", method="TransferComplete", command_key=key, fault=fault, acs_fault=0)


def task(task_id, method, state="done", attempts=1, **columns):
    return {"task_id": task_id, "device": DEVICE, "method": method, "state": state, "attempts": attempts,
            "awaits": None, "not_before": None, "retry_at": None, "created": "2026-01-01T11:59:59+00:00",
            "finished": "2026-01-01T12:00:50+00:00", "fault": None, "actor": "test", "arguments": {}, **columns}


def good():
    """A device boots, takes a firmware, is rebooted, and its other tasks are done; one Download failed first."""
    journal = [
        boot(0), inform(1, ("0 BOOTSTRAP", ""), ("1 BOOT", "")),
        executed(2, "AddObject", "3.1"), executed(3, "SetParameterValues", "4.1", parameters={CODE: "x"}),
        executed(4, "Download", "1.1", command_key="1.1"), at(5, "session", outcome="ok"),
        at(6, "transfer", command_key="1.1", fault=9015), inform(7, ("7 TRANSFER COMPLETE", "")),
        complete(8, "1.1", 9015), executed(9, "Download", "1.2", command_key="1.2"),
        at(10, "transfer", command_key="1.2", fault=0), boot(11, "firmware", version="2"),
        inform(12, ("1 BOOT", ""), ("7 TRANSFER COMPLETE", ""), ("M Download", "1.2")), complete(13, "1.2"),
        executed(14, "Reboot", "2.1", command_key="2.1"), boot(15, "reboot", "2.1", "2"),
        inform(16, ("1 BOOT", ""), ("M Reboot", "2.1")), executed(17, "FactoryReset", "5.1"),
        boot(18, "factory-reset", version="2"), inform(19, ("0 BOOTSTRAP", ""), ("1 BOOT", "")),
        executed(20, "SetParameterValues", "4.2", parameters={CODE: "y"}),
        executed(21, "GetParameterValues", "6.1", fault=9005), executed(21, "Upload", "8.1", command_key="8.1"),
        at(21, "transfer", command_key="8.1", fault=0), executed(21, "ScheduleInform", "9.1", command_key="9.1"),
        inform(22, ("2 PERIODIC", "")),
    ]
    tasks = [
        task(FIRMWARE_TASK, "Download", attempts=2, arguments={"file": "fw"}), task(REBOOT, "Reboot"),
        task(ADD, "AddObject"), task(SET, "SetParameterValues", attempts=2), task(RESET, "FactoryReset"),
        task(READ, "GetParameterValues", "failed", fault={"code": 9005, "message": "Invalid parameter name"}),
        task(CANCELLED, "Reboot", "cancelled", attempts=0), task(UPLOAD, "Upload"), task(SCHEDULED, "ScheduleInform"),
    ]
    device = {"id": DEVICE, "last_inform": "2026-01-01T12:00:21.999+00:00", "software_version": "2",
              "last_boot": "2026-01-01T12:00:18.9+00:00", "last_bootstrap": "2026-01-01T12:00:18.9+00:00",
              "events": [{"code": "2 PERIODIC", "command_key": ""}], "tags": ["vip"]}
    events = {("0 BOOTSTRAP", ""): 2, ("1 BOOT", ""): 4, ("M Download", "1.2"): 1, ("M Reboot", "2.1"): 1}
    ledger = [{"what": "task", "id": str(t["task_id"]), "device": DEVICE, "method": t["method"]} for t in tasks]
    ledger += [{"what": "cancelled", "id": str(CANCELLED)}, {"what": "file", "name": "fw", "sha256": "abc"},
               {"what": "tag", "device": DEVICE, "tag": "vip"}, {"what": "ended", "id": str(READ), "state": "failed"}]
    return Evidence({DEVICE: journal}, ledger, {
        "devices": [device], "tasks": tasks, "transfers": [],
        "files": [{"name": "fw", "sha256": "abc", "size": 3, "version": "3"}],
        "values": [{"device": DEVICE, "name": CODE, "value": "y"}], "inconsistencies": [],
        "events": [{"device": DEVICE, "code": code, "command_key": key, "count": count}
                   for (code, key), count in events.items()],
        "audited": [{"task": str(t["task_id"])} for t in tasks]})


FLEET_DEVICE = "00D09E-HG7100-F00000007"


def fleet():
    """Of a fleet, the device with number 7, whose third session was the last one acknowledged."""
    e = good()
    e.devices.append({**e.devices[0], "id": FLEET_DEVICE})
    e.journals[FLEET_DEVICE] = [{**inform(22, ("2 PERIODIC", "")), "id": "F00000007.3"}]
    e.values.extend({"device": FLEET_DEVICE, "name": name, "value": value}
                    for name, value in zip(checker.COUNTERS, ("8", "8", "9", "9", "10", "10")))
    return e


def drop(e, **fields):
    """Takes the journal entries with these fields out."""
    e.journals[DEVICE] = [entry for entry in e.journals[DEVICE]
                          if any(entry.get(name) != value for name, value in fields.items())]


def repeat(e, **fields):
    """What was executed so is executed once more, at the end."""
    entry = next(entry for entry in e.journals[DEVICE] if all(entry.get(n) == v for n, v in fields.items()))
    e.journals[DEVICE].append({**copy.deepcopy(entry), "time": "2026-01-01T12:00:30.000Z"})


def change(rows, **columns):
    rows.update(columns)


UNKNOWN = {"code": None, "message": "outcome unknown: the answer was lost with its session"}
TIMEOUT = {"code": 9015, "message": "Unable to contact file server"}

# What is spoiled, and a word of the sentence that must tell.
SPOILINGS = {
    "a device is lost": (lambda e: e.devices.clear(), "not in the database"),
    "the last Inform is lost": (lambda e: change(e.devices[0], last_inform="2026-01-01T12:00:18+00:00"), "is missing"),
    "an event is lost": (lambda e: e.events.pop(), "('M Reboot', '2.1') was acknowledged"),
    "one of several events is lost": (lambda e: change(e.events[1], count=3), "stored 3 times"),
    "a row is wrong": (
        lambda e: e.inconsistencies.append({"what": "file whose content is not what it says", "which": "fw"}), "fw"),
    "an audit entry is lost": (lambda e: e.audited.pop(), "not in the audit"),
    "a tag is lost": (lambda e: change(e.devices[0], tags=[]), "vip"),
    "an end was told and came otherwise": (lambda e: change(e.ledger[-1], state="done"), "was told as done"),
    "the events of the last Inform are lost": (lambda e: change(e.devices[0], events=[]), "not those acknowledged"),
    "a boot is lost": (lambda e: change(e.devices[0], last_boot="2026-01-01T12:00:16+00:00"), "last_boot"),
    "a bootstrap is lost": (lambda e: change(e.devices[0], last_bootstrap=None), "last_bootstrap"),
    "a version is lost": (lambda e: change(e.devices[0], software_version="1"), "runs 2"),
    "a value is lost": (lambda e: e.values.clear(), "stored is None"),
    "an older value came back": (lambda e: change(e.values[0], value="x"), "stored is 'x'"),
    "a task is lost": (lambda e: e.tasks.pop(REBOOT - 1), "is missing"),
    "a task went to another device": (lambda e: change(e.tasks[ADD - 1], device="other"), "was acknowledged as"),
    "a cancellation is lost": (lambda e: change(e.tasks[CANCELLED - 1], state="done"), "cancellation"),
    "a file is lost": (lambda e: e.files.clear(), "file fw"),
    "a file is another": (lambda e: change(e.files[0], sha256="abd"), "file fw"),
    "a TransferComplete is lost": (lambda e: change(e.tasks[0], state="sent", awaits="transfer"), "TransferComplete"),
    "a TransferComplete was refused": (lambda e: change(e.journals[DEVICE][13], acs_fault=8002), "got fault 8002"),
    "a success counts as failure": (lambda e: change(e.tasks[0], state="failed", fault=TIMEOUT), "told of success"),
    "a Reboot happened twice": (lambda e: repeat(e, method="Reboot"), "and then attempt"),
    "a Reboot was sent twice": (lambda e: (
        e.journals[DEVICE].append(executed(30, "Reboot", "2.2", command_key="2.2")),
        change(e.tasks[REBOOT - 1], attempts=2)), "and then attempt 2"),
    "a FactoryReset happened twice": (lambda e: repeat(e, method="FactoryReset"), "and then attempt"),
    "an Upload happened twice": (lambda e: repeat(e, method="Upload"), "and then attempt"),
    "a ScheduleInform happened twice": (lambda e: repeat(e, method="ScheduleInform"), "and then attempt"),
    "an object was added twice": (lambda e: repeat(e, method="AddObject"), "and then attempt"),
    "a Download happened twice": (lambda e: repeat(e, method="Download", id="1.2-1"), "and then attempt"),
    "a Download was repeated without a fault": (
        lambda e: drop(e, kind="transfer", fault=9015), "attempt 1 was executed, and then attempt 2"),
    "a device booted twice": (lambda e: repeat(e, kind="boot", reason="reboot"), "booted 2 times"),
    "nobody ordered it": (lambda e: e.journals[DEVICE].append(executed(30, "Reboot", "99.1")), "nobody ordered"),
    "an attempt was forgotten": (lambda e: change(e.tasks[SET - 1], attempts=1), "attempt 2 was executed"),
    "done was never executed": (lambda e: drop(e, kind="executed", method="FactoryReset"), "never executed"),
    "a Download was done without a transfer": (lambda e: drop(e, kind="transfer", fault=0), "never executed"),
    "a success was forgotten": (lambda e: change(e.tasks[ADD - 1], state="failed", fault=TIMEOUT), "with success"),
    "a cancelled task was executed": (
        lambda e: change(e.tasks[REBOOT - 1], state="cancelled", finished="2026-01-01T12:00:13+00:00"),
        "executed all the same"),
    "a fault was invented": (lambda e: change(e.tasks[READ - 1], fault=TIMEOUT), "never told"),
    "a task is stuck as sent": (lambda e: change(e.tasks[ADD - 1], state="sent", awaits="answer"), "stuck"),
    "a task is stuck in the queue": (lambda e: change(e.tasks[ADD - 1], state="queued"), "stuck"),
    "a retry is overdue": (lambda e: change(
        e.tasks[ADD - 1], state="queued", retry_at="2026-01-01T12:59:00+00:00"), "stuck"),
    "an end has no time": (lambda e: change(e.tasks[ADD - 1], finished=None), "finished None"),
    "a transfer is left": (lambda e: e.transfers.append({"task_id": FIRMWARE_TASK}), "still open"),
}


def test_a_life_in_which_all_is_well_has_no_violation():
    assert checker.check(good(), NOW) == []


@pytest.mark.parametrize("spoiling", SPOILINGS)
def test_the_checker_tells_when(spoiling):
    spoil, word = SPOILINGS[spoiling]
    evidence = good()
    spoil(evidence)
    found = checker.check(evidence, NOW)
    assert any(word in text for text in found), found


def test_an_unknown_outcome_is_no_violation():
    evidence = good()
    change(evidence.tasks[REBOOT - 1], state="failed", fault=UNKNOWN)
    assert checker.check(evidence, NOW) == []


def test_a_task_that_waits_for_its_time_is_not_stuck():
    evidence = good()
    later = (NOW + timedelta(hours=1)).isoformat()
    evidence.tasks.append(task(10, "Reboot", "queued", attempts=0, finished=None, not_before=later))
    assert checker.check(evidence, NOW) == []


def test_a_delete_that_was_repeated_in_vain_is_done():
    evidence = good()
    evidence.tasks.append(task(10, "DeleteObject", attempts=2))
    evidence.journals[DEVICE].append(executed(30, "DeleteObject", "10.2", fault=9005, object="Device.T.1."))
    assert checker.check(evidence, NOW) == []


def test_a_task_may_be_cancelled_while_it_waits_for_its_repetition():
    evidence = good()
    evidence.tasks.append(task(10, "GetRPCMethods", "cancelled"))
    evidence.journals[DEVICE].append(executed(30, "GetRPCMethods", "10.1"))
    assert checker.check(evidence, NOW) == []


def test_a_version_that_another_transfer_brought_is_good_enough():
    evidence = good()
    change(evidence.files[0], version="2")
    evidence.tasks.append(task(10, "Download", arguments={"file": "fw"}))
    assert checker.check(evidence, NOW) == []


def test_the_counters_of_a_fleet_are_as_acknowledged_or_later():
    evidence = fleet()
    assert checker.check(evidence, NOW) == []
    change(evidence.values[1], value="11")
    change(evidence.values[2], value="11")
    assert checker.check(evidence, NOW) == []


@pytest.mark.parametrize("row,value", [(6, "7"), (1, "9")])
def test_a_counter_of_a_fleet_that_is_older_or_of_another_session_is_told(row, value):
    evidence = fleet()
    change(evidence.values[row], value=value)
    assert any("stored counters" in text for text in checker.check(evidence, NOW))
