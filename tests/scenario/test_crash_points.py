"""kill -9 of the server at each named point of a device's life. It comes back, the device tries again, and
in the end everything queued is done: see tests/crash/checker.py for what that means.
"""

import pytest

from life import IGD, SETTINGS, TABLE, Life, fixed_listeners
from lab.programs import wait_until
from steps import FIRMWARE

SSID = IGD + "LANDevice.1.WLANConfiguration.1.SSID"
CODE = IGD + "DeviceInfo.ProvisioningCode"
LAN = IGD + "LANDevice.1.WLANConfiguration.1."

UNKNOWN = ("failed", "outcome unknown")
DONE = ("done", "")


@pytest.fixture
def life(start_acs, start_cpe, database, folder):
    """A server without onboarding tasks, still alive."""
    life = Life(start_acs({**SETTINGS, **fixed_listeners()}), database, start_cpe, folder)
    assert life.api.put("/api/v1/onboarding", {"tasks": []}).status == 200
    return life


def all_moments(method):
    return [f"asking:{method}", f"committed:{method}", f"reply:{method}"]


def die_at_each(life, points, keep_busy=lambda: None):
    """The server that is up is killed; each that follows dies at the next point; the last one stays."""
    life.kill()
    for point in points:
        life.start(point)
        life.wait_for_death(point, keep_busy)
    life.start()
    life.settle()


def die_at_sending(life, device, queue_one):
    """The server dies with a task claimed, and with its request not yet written. None was open before."""
    for point in ("committed:empty", "reply:empty"):
        queue_one()
        life.kill()
        life.start(point)
        life.wait_for_death(point, lambda: life.wake(device))
        life.start()
        life.settle()


def ends(life, device):
    """How each task ended, in order: its state and how its explanation begins."""
    return [(state, message.partition(":")[0]) for _, state, _, message in life.tasks(device)]


# Tasks.

REPEATED = {
    "GetRPCMethods": {},
    "GetParameterNames": {"path": LAN, "next_level": True},
    "GetParameterValues": {"names": [LAN, CODE]},
    "SetParameterValues": {"parameters": [{"name": SSID, "value": "after all"}], "parameter_key": "mine"},
    "AddObject": {"object": TABLE},
    "DeleteObject": {},
}
# What becomes of the tasks: before the commit of the answer, after it, before the reply to it; twice at sending.
NOT_REPEATED = {
    "Reboot": [DONE, DONE, DONE, UNKNOWN, UNKNOWN],  # the first by its M Reboot, which is told with the second
    "FactoryReset": [UNKNOWN, DONE, DONE, UNKNOWN, UNKNOWN],
    "Download": [DONE, DONE, DONE, UNKNOWN, UNKNOWN],
    "Upload": [DONE, DONE, DONE, UNKNOWN, UNKNOWN],
}
ARGUMENTS = {"Download": {"file": "fw.bin"}, "Upload": {"file_type": "1 Vendor Configuration File"}}


def keep_queueing(life, device, queue_one):
    """A function that sees to it that a task waits or is under way."""

    def keep_busy():
        if life.open_count(device) == 0:
            queue_one()
        life.wake(device)

    return keep_busy


def die_at_all_of(life, device, response, method, arguments):
    """Three tasks or more whose answers meet a dying server, and two that meet it on their way out."""

    def queue_one():
        life.queue(device, method, **arguments())

    die_at_each(life, all_moments(response), keep_queueing(life, device, queue_one))
    die_at_sending(life, device, queue_one)


@pytest.mark.parametrize("method", REPEATED)
def test_a_task_that_may_be_repeated_is_done_wherever_the_server_dies(life, method):
    rows = iter(range(1, 100))

    def arguments():
        return {"object": f"{TABLE}{next(rows)}."} if method == "DeleteObject" else REPEATED[method]

    device = life.add_known_agent()
    die_at_all_of(life, device, f"{method}Response", method, arguments)
    assert set(ends(life, device)) == {DONE}
    if method == "AddObject":
        assert life.executed_count(device, method) == len(life.tasks(device))
    assert life.violations() == []


@pytest.mark.parametrize("method", NOT_REPEATED)
def test_a_task_that_must_not_be_repeated_is_settled_or_told_to_be_unknown(life, method):
    life.put_file("fw.bin", FIRMWARE, "kind=firmware&version=9.9.9")
    arguments = ARGUMENTS.get(method, {})
    device = life.add_known_agent()
    die_at_all_of(life, device, f"{method}Response", method, lambda: arguments)
    ended = ends(life, device)
    assert ended == NOT_REPEATED[method]
    # Three, and one more for each transfer that the device reported as failed: only those are sent again.
    failed = int(life.database.value("SELECT count(*) FROM fault WHERE method = 'TransferComplete'"))
    assert life.executed_count(device, method) == 3 + failed
    assert life.violations() == []


def test_a_fault_ends_its_task_wherever_the_server_dies(life):
    device = life.add_known_agent()
    nothing = {"names": [IGD + "Nothing"]}
    die_at_all_of(life, device, "Fault", "GetParameterValues", lambda: nothing)
    assert {(state, code) for _, state, code, _ in life.tasks(device)} == {("failed", "9005")}
    assert life.violations() == []


def test_a_passing_fault_is_retried_wherever_the_server_dies(life):
    device = life.add_known_agent(misbehave="gpv-limit=1")
    two = {"names": [SSID, CODE]}
    life.queue(device, "GetParameterValues", **two)
    die_at_each(life, all_moments("Fault"), lambda: life.wake(device))
    assert {(state, code) for _, state, code, _ in life.tasks(device)} == {("failed", "9004")}
    assert life.violations() == []


def test_a_refresh_is_done_wherever_the_server_dies(life):
    device = life.add_known_agent()
    # What values bring is kept until the last of them, and written at once.
    points = ["committed:GetParameterNamesResponse", "reply:GetParameterValuesResponse#2",
              "asking:GetParameterValuesResponse", "committed:GetParameterValuesResponse"]
    life.queue(device, "Refresh", path=IGD + "LANDevice.")
    die_at_each(life, points, lambda: life.wake(device))
    assert set(ends(life, device)) == {DONE}
    assert life.violations() == []


def test_a_transfer_complete_settles_its_task_wherever_the_server_dies(life):
    life.put_file("fw.bin", FIRMWARE, "kind=firmware&version=9.9.9")
    device = life.add_known_agent()
    task_id = life.queue(device, "Download", file="fw.bin")
    die_at_each(life, all_moments("TransferComplete"), lambda: life.wake(device))
    assert ends(life, device) == [DONE]
    told = life.agents[device].entries("acknowledged", method="TransferComplete")
    assert [(entry["command_key"], entry["fault"]) for entry in told] == [(f"{task_id}.1", 0)]
    assert life.violations() == []


# Informs.

def test_a_bootstrap_is_taken_wherever_the_server_dies(life):
    onboarding = [{"method": "SetParameterValues", "parameters": [{"name": CODE, "value": "onboarded"}]},
                  {"method": "GetRPCMethods"}]
    assert life.api.put("/api/v1/onboarding", {"tasks": onboarding}).status == 200
    device = life.add_agent()
    die_at_each(life, all_moments("Inform"))
    tasks = [(method, state) for method, state, _, _ in life.tasks(device) if state != "cancelled"]
    assert tasks == [("SetParameterValues", "done"), ("GetRPCMethods", "done")]
    assert life.violations() == []


@pytest.mark.parametrize("code", ["1 BOOT", "2 PERIODIC", "4 VALUE CHANGE", "M Reboot"])
def test_an_event_is_told_until_it_is_acknowledged_wherever_the_server_dies(life, code):
    device = life.add_known_agent(**OPTIONS.get(code, {}))
    agent = life.agents[device]
    CAUSES[code](life, device, agent)
    die_at_each(life, all_moments("Inform"))
    wait_until(lambda: code in acknowledged_codes(agent), 10, f"acknowledgement of {code}")
    assert life.violations() == []


OPTIONS = {"2 PERIODIC": {"periodic_interval": 1}, "M Reboot": {"reboot_seconds": 1}}


def boot(life, _, agent):
    life.kill()
    assert agent.command("reboot").returncode == 0


def change(life, _, agent):
    life.kill()
    assert agent.command("set", f"{CODE}=changed here").returncode == 0


def boot_by_task(life, device, agent):
    life.queue(device, "Reboot")
    life.wake(device)
    agent.wait_for_entry("session", outcome="ok", requests=1)


CAUSES = {"1 BOOT": boot, "2 PERIODIC": lambda *_: None, "4 VALUE CHANGE": change, "M Reboot": boot_by_task}


def acknowledged_codes(agent):
    return {event["code"] for entry in agent.entries("acknowledged", method="Inform") for event in entry["events"]}
