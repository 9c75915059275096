"""cpe --fleet: its sessions, its report and its journal against what the server stored."""

import collector
import pytest

from certificates import Authority
from fleet import ROOT, Fleet, device_id
from lab.programs import wait_until
from scripted_acs import Reply, ScriptedAcs
from steps import FIRMWARE, device_row, execute, put_file, stored

COUNTERS = [f"{ROOT}LANDevice.1.LANEthernetInterfaceConfig.{i // 4 + 1}.Stats."
            f"{('BytesReceived', 'BytesSent', 'PacketsReceived', 'PacketsSent')[i % 4]}" for i in range(6)]


@pytest.fixture
def start_fleet(folder, sanitizers):
    """start_fleet(acs.urls["cwmp"], 10, sessions=100): a fleet, stopped at the end."""
    fleets = []

    def start(url, devices, **options):
        fleets.append(Fleet(folder / f"fleet-{len(fleets)}", url, devices, sanitizers.environment, **options))
        return fleets[-1]

    yield start
    for fleet in fleets:
        fleet.program.stop()


@pytest.fixture
def scripted():
    acs = ScriptedAcs()
    yield acs
    acs.close()


def counters(number, session, change):
    """The rule that cpe --help tells."""
    values = [number] * len(COUNTERS)
    for s in range(1, session + 1):
        for turn in range((s - 1) * change, s * change):
            values[turn % len(COUNTERS)] = number + s
    return values


def test_report_and_journal_agree_with_what_the_server_stored(acs, database, start_fleet):
    fleet = start_fleet(acs.urls["cwmp"], 20, sessions=200, concurrency=5, change=2, seed=3,
                        mix="periodic=80,boot=10,value-change=10", source_addresses="127.0.0.0/8")
    report = fleet.finish()
    assert report["sessions"] == {"ok": 200, "failed": 0} and report["failures"] == {}
    assert report["requests"] == 400 and report["devices"] == 20
    assert report["latency_ms"]["inform"]["p50"] <= report["latency_ms"]["session"]["max"]
    acknowledged = fleet.entries("acknowledged", method="Inform")
    assert len(acknowledged) == 200 == len(fleet.entries("session", outcome="ok"))
    assert {event["code"] for entry in acknowledged for event in entry["events"]} == {
        "2 PERIODIC", "1 BOOT", "4 VALUE CHANGE"}
    told = {entry["device"] for entry in acknowledged}
    assert told == {row[0] for row in database.query("SELECT id FROM device")}
    for number in range(1, 21):
        sessions = sum(entry["device"] == device_id(number) for entry in acknowledged)
        values = stored(database, device_id(number))
        assert [int(values[name][0]) for name in COUNTERS] == counters(number, sessions, 2)
        assert device_row(database, device_id(number), "last_inform > now() - interval '1 minute'") == "t"


def test_each_method_is_executed_or_refused_as_it_says(acs, start_fleet):
    """One device of three is asked; the others, which share its tree, stay as they were."""
    fleet = start_fleet(acs.urls["cwmp"], 3, rate=0, storm=True, seconds=100, listen="127.0.0.1:0",
                        reboot_seconds=1, connection_request_username="acs",
                        connection_request_password="knock {serial}")
    fleet.wait_for_entries(3, "session")
    one, other = device_id(2), device_id(3)
    acs.api.put(f"/api/v1/credentials/{one}", {"username": one, "password": "x", "connection_request_username": "acs",
                                               "connection_request_password": "knock F00000002"})

    def done(method, **arguments):
        task = execute(acs.api, one, method, **arguments)
        assert task["state"] == "done", task
        return task["result"]

    methods = done("GetRPCMethods")["methods"]
    assert "AddObject" in methods and "ChangeDUState" not in methods
    assert execute(acs.api, one, "CancelTransfer", command_key="none")["fault"]["code"] == 9000

    interval = ROOT + "ManagementServer.PeriodicInformInterval"
    done("SetParameterValues", parameters=[{"name": interval, "value": 77, "type": "xsd:unsignedInt"}])
    assert done("GetParameterValues", names=[interval])["parameters"][0]["value"] == "77"
    wrong = execute(acs.api, one, "SetParameterValues", parameters=[{"name": interval, "value": "often"}])
    assert wrong["fault"]["code"] == 9003

    rows = ROOT + "Layer3Forwarding.Forwarding."
    assert done("AddObject", object=rows)["instance_number"] == 1
    assert done("AddObject", object=rows)["instance_number"] == 2
    done("DeleteObject", object=rows + "1.")
    assert {p["name"] for p in done("GetParameterNames", path=rows, next_level=True)["parameters"]} == {rows + "2."}
    count = ROOT + "Layer3Forwarding.ForwardNumberOfEntries"
    assert done("GetParameterValues", names=[count])["parameters"][0]["value"] == "1"

    done("SetParameterAttributes", parameters=[{"name": interval, "notification": 2}])
    assert done("GetParameterAttributes", names=[interval])["parameters"][0]["notification"] == 2

    put_file(acs.api, "image", FIRMWARE, kind="firmware", version="2")
    assert done("Download", file="image", wait=30)["status"] == 0
    assert done("Upload", file_type="1 Vendor Configuration File")["status"] == 0
    assert done("GetAllQueuedTransfers")["transfers"] == []
    done("ScheduleInform", delay_seconds=1)
    fleet.wait_for_entries(2, "acknowledged", device=one, method="TransferComplete", fault=0)

    done("Reboot")
    fleet.wait_for_entries(1, "boot", device=one, reason="reboot")
    done("FactoryReset")
    fleet.wait_for_entries(1, "boot", device=one, reason="factory-reset")
    wait_until(lambda: "0 BOOTSTRAP" in codes(fleet, one), 30, "0 BOOTSTRAP")
    assert {"3 SCHEDULED", "M ScheduleInform", "M Reboot", "7 TRANSFER COMPLETE", "M Download", "M Upload",
            "6 CONNECTION REQUEST"} <= codes(fleet, one)
    assert codes(fleet, other) == {"1 BOOT"}
    report = fleet.stop()
    assert report["sessions"]["failed"] == 0
    assert report["rpcs"]["GetParameterValues"] >= 2 and report["rpcs"]["Reboot"] == 1


def codes(fleet, device):
    entries = fleet.entries("acknowledged", device=device, method="Inform")
    return {event["code"] for entry in entries for event in entry["events"]}
