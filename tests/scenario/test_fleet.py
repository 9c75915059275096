"""cpe --fleet: its sessions, its report and its journal against what the server stored."""

import ssl
import subprocess
import time

import pytest

import collector
import envelope
from acs_requests import (attributes, cancel, download, operate, read_attributes, schedule, strings, upload, voucher,
                          vouchers)
from certificates import Authority
from file_server import Files
from fleet import ROOT, Fleet, device_id
from lab.programs import wait_until
from places import BINARIES
from scripted_acs import Reply, ScriptedAcs
from secret_log import SECRET
from steps import FIRMWARE, device_row, execute, put_file, queue, stored

UUID = "12345678-1234-1234-1234-123456789abc"
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
                        connection_request_password=SECRET + " {serial}")
    fleet.wait_for_entries(3, "session")
    one, other = device_id(2), device_id(3)
    acs.api.put(f"/api/v1/credentials/{one}", {"username": one, "password": SECRET, "connection_request_username": "acs",
                                               "connection_request_password": SECRET + " F00000002"})

    def done(method, **arguments):
        task = execute(acs.api, one, method, **arguments)
        assert task["state"] == "done", task
        return task["result"]

    methods = done("GetRPCMethods")["methods"]
    assert len(methods) == 20 and {"AddObject", "ChangeDUState", "SetVouchers"} <= set(methods)

    interval = ROOT + "ManagementServer.PeriodicInformInterval"
    done("SetParameterValues", parameters=[{"name": interval, "value": 77, "type": "xsd:unsignedInt"}])
    assert done("GetParameterValues", names=[interval])["parameters"][0]["value"] == "77"
    wrong = execute(acs.api, one, "SetParameterValues",
                    parameters=[{"name": ROOT + "DeviceInfo.HardwareVersion", "value": "2", "type": "xsd:string"}])
    assert wrong["fault"]["code"] == 9003 and wrong["fault"]["parameters"][0]["code"] == 9008

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


@pytest.fixture
def files():
    files = Files()
    yield files
    files.close()


def test_what_takes_time_is_carried_out_and_told(acs, database, files, start_fleet):
    """Transfers, modules and options of one device, asked for at the API; the other stays as it was."""
    fleet = start_fleet(acs.urls["cwmp"], 2, rate=0, storm=True, seconds=100, listen="127.0.0.1:0",
                        reboot_seconds=1)
    fleet.wait_for_entries(2, "session")
    one, other = device_id(1), device_id(2)
    interval, version = (ROOT + name for name in ("ManagementServer.PeriodicInformInterval",
                                                  "DeviceInfo.SoftwareVersion"))
    files.content = {"/fw": FIRMWARE, "/1": f"CPE-MODULE {UUID} 1\n".encode(), "/2": f"CPE-MODULE {UUID} 2\n".encode(),
                     "/config": f"Parameter,Object,Writable,Value,Value type\n{interval},false,true,77,xsd:unsignedInt\n"
                     f"{version},false,false,hacked,xsd:string\n".encode()}

    def call(method, **arguments):
        return execute(acs.api, one, method, **arguments)

    def done(method, **arguments):
        task = call(method, **arguments)
        assert task["state"] == "done", task
        return task["result"]

    def values(*names):
        return [p["value"] for p in done("GetParameterValues", names=list(names))["parameters"]]

    at_once, too_late = {"start": 0, "end": 600, "mode": "1 At Any Time"}, {"start": 0, "end": 1, "mode": "2 Immediately"}
    done("ScheduleDownload", file_type="3 Vendor Configuration File", url=files.url + "/config", windows=[at_once])
    assert values(interval, version) == ["77", "1.0.0"]
    missed = call("ScheduleDownload", file_type="2 Web Content", url=files.url + "/none", windows=[
        {**too_late, "max_retries": 5}])
    assert missed["fault"]["code"] == 9020
    confirmed = call("ScheduleDownload", file_type="2 Web Content", url=files.url + "/none", windows=[
        {**at_once, "mode": "4 Confirmation Needed"}])
    assert confirmed["fault"]["code"] == 9016

    later = queue(acs.api, one, "ScheduleDownload", file_type="2 Web Content", url=files.url + "/fw", file_size=7,
                  target_file_name="t", windows=[{"start": 500, "end": 600, "mode": "3 When Idle"}])
    queued = done("GetAllQueuedTransfers")["transfers"]
    assert [(t["state"], t["file_type"], t["file_size"], t["target_file_name"]) for t in queued] == [
        (1, "2 Web Content", 7, "t")]
    assert done("GetQueuedTransfers")["transfers"] == [{"command_key": queued[0]["command_key"], "state": 1}]
    done("CancelTransfer", task=later)
    assert done("GetQueuedTransfers")["transfers"] == []

    done("Download", file_type="1 Firmware Upgrade Image", url=files.url + "/fw")
    assert values(version) == ["9.9.9"] and device_row(database, one, "software_version") == "9.9.9"
    assert fleet.entries("boot", device=one)[-1]["reason"] == "firmware"
    assert call("Download", file_type="1 Firmware Upgrade Image", url=files.url + "/1")["fault"]["code"] == 9018
    done("Upload", file_type="1 Vendor Configuration File", url=files.url + "/up")
    assert f"{interval},false,true,77,xsd:unsignedInt".encode() in files.taken["/up"]

    install, update = ({"operation": kind, "url": f"{files.url}/{n}"} for kind, n in (("Install", 1), ("Update", 2)))
    assert done("ChangeDUState", operations=[install])["results"][0]["version"] == "1"
    failed = call("ChangeDUState", operations=[install, {**update, "uuid": UUID},
                                               {"operation": "Uninstall", "uuid": UUID, "version": "7"}])
    assert [(r["current_state"], (r["fault"] or {}).get("code", 0)) for r in failed["result"]["results"]] == [
        ("Failed", 9026), ("Installed", 0), ("Failed", 9028)]
    unit = ROOT + "SoftwareModules.DeploymentUnit.1."
    assert values(unit + "Version", unit + "URL") == ["2", files.url + "/2"]
    done("SetParameterAttributes", parameters=[{"name": ROOT, "notification": 0}])
    done("ChangeDUState", operations=[{"operation": "Uninstall", "uuid": UUID}])
    assert values(ROOT + "SoftwareModules.DeploymentUnitNumberOfEntries") == ["0"]

    assert done("GetOptions")["options"] == []
    done("SetVouchers", vouchers=[voucher("Fast"), voucher("Far")])
    assert [o["option_name"] for o in done("GetOptions", option_name="Far")["options"]] == ["Far"]
    assert call("SetVouchers", vouchers=["QUJD"])["fault"]["code"] == 9003

    done("FactoryReset")
    wait_until(lambda: "0 BOOTSTRAP" in codes(fleet, one), 30, "0 BOOTSTRAP")
    assert values(version) == ["9.9.9"] and values(interval) != ["77"] and done("GetOptions")["options"] == []
    names = {p["name"] for p in done("GetParameterNames", path=ROOT, next_level=True)["parameters"]}
    assert ROOT + "SoftwareModules." not in names
    assert {"M ScheduleDownload", "11 DU STATE CHANGE COMPLETE", "M ChangeDUState", "4 VALUE CHANGE"} <= codes(fleet, one)
    assert codes(fleet, other) == {"1 BOOT"}
    report = fleet.stop()
    assert report["sessions"]["failed"] == 0 and report["rss_bytes"] > 0


def test_what_the_fleet_answers_is_for_the_judge(scripted, files, start_fleet):
    """Every method in one session, and what follows; each answer is a response."""
    files.content = {"/1": f"CPE-MODULE {UUID} 1\n".encode()}
    interval, rows = ROOT + "ManagementServer.PeriodicInformInterval", ROOT + "Layer3Forwarding.Forwarding."
    value = f"<ParameterValueStruct><Name>{interval}</Name><Value>99</Value></ParameterValueStruct>"
    key = "<ParameterKey>k</ParameterKey>"
    requests = [
        ("GetRPCMethods", ""), ("GetParameterNames", f"<ParameterPath>{ROOT}</ParameterPath><NextLevel>0</NextLevel>"),
        ("GetParameterValues", strings("ParameterNames", ROOT)),
        ("SetParameterValues", f"<ParameterList{envelope.array('cwmp:ParameterValueStruct', [value])}</ParameterList>{key}"),
        attributes((interval, 2, ["Subscriber"])), read_attributes(interval),
        ("AddObject", f"<ObjectName>{rows}</ObjectName>{key}"), ("DeleteObject", f"<ObjectName>{rows}1.</ObjectName>{key}"),
        download("a", files.url + "/1", "2 Web Content"), upload("b", files.url + "/up"),
        schedule("c", files.url + "/1", (0, 60, "1 At Any Time", 0), file_type="2 Web Content"),
        schedule("d", files.url + "/1", (500, 600, "1 At Any Time", 0)), cancel("d"),
        ("GetQueuedTransfers", ""), ("GetAllQueuedTransfers", ""), operate("e", ("Install", {"URL": files.url + "/1"})),
        vouchers(voucher("Fast")), ("GetOptions", "<OptionName/>"),
        ("ScheduleInform", "<DelaySeconds>1</DelaySeconds><CommandKey>f</CommandKey>"),
        ("Reboot", "<CommandKey>g</CommandKey>")]
    scripted.requests = [f"<cwmp:{method}>{content}</cwmp:{method}>" for method, content in requests]
    fleet = start_fleet(scripted.url, 1, rate=0, storm=True, seconds=100, reboot_seconds=0)
    scripted.wait_for_method("TransferComplete", 3)
    scripted.wait_for_method("DUStateChangeComplete")
    fleet.stop()
    answers = [r.method for r in scripted.received if r.method and r.method.endswith(("Response", "Fault"))]
    assert answers == [f"{method}Response" for method, _ in requests]
    for received in scripted.received:
        if received.body:
            collector.add(received.body)


def test_each_device_informs_by_its_own_interval(scripted, start_fleet):
    """All by that of the command line but one, for which the ACS sets another and then none."""
    interval, enable = (ROOT + "ManagementServer.PeriodicInform" + end for end in ("Interval", "Enable"))

    def set_value(name, value):
        struct = f"<ParameterValueStruct><Name>{name}</Name><Value>{value}</Value></ParameterValueStruct>"
        return (f"<cwmp:SetParameterValues><ParameterList{envelope.array('cwmp:ParameterValueStruct', [struct])}"
                "</ParameterList><ParameterKey/></cwmp:SetParameterValues>")

    scripted.requests = [set_value(interval, 1)]
    fleet = start_fleet(scripted.url, 5, periodic=True, periodic_interval=4, concurrency=2)
    (changed,) = fleet.wait_for_entries(1, "executed", method="SetParameterValues", fault=0)
    quick = changed["device"]
    fleet.wait_for_entries(6, "session", device=quick)
    scripted.requests = [set_value(enable, "false")]
    silent = fleet.wait_for_entries(2, "executed", method="SetParameterValues", fault=0)[-1]["device"]
    sessions = len(fleet.entries("session"))
    fleet.wait_for_entries(sessions + 6, "session")
    report = fleet.stop()
    informs = fleet.entries("acknowledged", method="Inform")
    assert report["sessions"] == {"ok": len(informs), "failed": 0}
    assert all(entry["events"] == [{"code": "2 PERIODIC", "command_key": ""}] for entry in informs)
    assert {entry["device"] for entry in informs} == {device_id(number) for number in range(1, 6)}
    assert silent not in [entry["device"] for entry in fleet.entries("session")[sessions + 1:]]


def codes(fleet, device):
    entries = fleet.entries("acknowledged", device=device, method="Inform")
    return {event["code"] for entry in entries for event in entry["events"]}


def put_credentials(acs, count, password=SECRET):
    for number in range(1, count + 1):
        body = {"username": device_id(number), "password": password}
        assert acs.api.put(f"/api/v1/credentials/{device_id(number)}", body).status == 201


def test_a_nonce_serves_many_sessions_unless_each_is_to_be_challenged(start_acs, start_fleet):
    acs = start_acs({"cwmp.auth": "digest"})
    put_credentials(acs, 4)
    options = {"password": SECRET, "sessions": 40, "concurrency": 2}
    report = start_fleet(acs.urls["cwmp"], 4, **options).finish()
    assert (report["challenges"], report["requests"]) == (4, 84)
    report = start_fleet(acs.urls["cwmp"], 4, challenge_each_session=True, **options).finish()
    assert (report["challenges"], report["requests"]) == (40, 120)
    report = start_fleet(acs.urls["cwmp"], 1, **{**options, "password": "wrong", "sessions": 1}).finish(status=1)
    assert report["failures"] == {"http-401": 1}


def test_stale_nonce_is_replaced(scripted, start_fleet):
    """The ACS takes each nonce twice."""

    def challenge(received):
        given = received.headers.get("Authorization", "")
        if f'nonce="{len(nonces)}"' in given and "nc=00000003" not in given:
            return None
        nonces.append(received)
        return Reply(401, headers=[("WWW-Authenticate", f'Digest realm="r", nonce="{len(nonces)}", qop="auth", '
                                                        f'stale={str(bool(given)).lower()}')])

    nonces = []
    scripted.interfere = challenge
    report = start_fleet(scripted.url, 1, sessions=5, concurrency=1, password=SECRET).finish()
    assert report["sessions"] == {"ok": 5, "failed": 0} and report["challenges"] == 5


def test_sessions_at_a_rate_are_late_when_the_acs_is(scripted, start_fleet):
    """Twenty a second for one connection, and an ACS that needs a tenth of a second for each request."""
    scripted.interfere = lambda received: time.sleep(0.1)
    report = start_fleet(scripted.url, 10, sessions=20, rate=20, concurrency=1).finish()
    assert report["latency_ms"]["session"]["max"] > 2500 and report["latency_ms"]["request"]["p50"] < 250


def test_a_session_is_held_open(scripted, start_fleet):
    report = start_fleet(scripted.url, 3, sessions=3, concurrency=3, hold=0.7).finish()
    assert report["latency_ms"]["session"]["p50"] >= 700 > report["latency_ms"]["inform"]["max"]


def test_storm_goes_on_until_each_device_is_in(scripted, start_fleet):
    """The first 15 Informs of 10 devices meet an ACS that is too busy; the devices heed what it says."""

    def too_busy(received):
        if received.method == "Inform" and len(refused) < 15:
            refused.append(received)
            return Reply(503, headers=[("Retry-After", "1")])
        return None

    refused = []
    scripted.interfere = too_busy
    fleet = start_fleet(scripted.url, 10, storm=True, concurrency=10, retry_scale=0.01)
    report = fleet.finish(status=1)
    assert report["sessions"] == {"ok": 10, "failed": 15} and report["failures"] == {"http-503": 15}
    assert report["retry_after"] == 15 and report["storm_seconds"] >= 1
    informs = {}
    for inform in [r for r in scripted.received if r.method == "Inform"]:
        assert inform.events == {("1 BOOT", "")}
        informs.setdefault(inform.envelope.content.findtext("DeviceId/SerialNumber"), []).append(inform)
    assert len(informs) == 10
    for tries in informs.values():
        assert [int(r.envelope.content.findtext("RetryCount")) for r in tries] == list(range(len(tries)))
        assert all(later.time - earlier.time >= 1 for earlier, later in zip(tries, tries[1:]))


def wrong_id(_received):
    response = "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>"
    return Reply(200, envelope.wrap(response, "1-2", "another"))


def two_envelopes(received):
    response = "<cwmp:InformResponse><MaxEnvelopes>2</MaxEnvelopes></cwmp:InformResponse>"
    return Reply(200, envelope.wrap(response, "1-2", received.envelope.id if received.envelope else "none"))


@pytest.mark.parametrize("kind, reply", [
    ("http-500", lambda received: Reply(500)),
    ("bad-envelope", lambda received: Reply(200, b"<html/>")),
    ("bad-envelope", two_envelopes),
    ("wrong-id", wrong_id),
    ("timeout", lambda received: time.sleep(2)),
    ("disconnected", lambda received: Reply(is_silent=True)),
])
def test_failures_have_names(kind, reply, scripted, start_fleet):
    scripted.interfere = reply
    report = start_fleet(scripted.url, 1, sessions=1, response_seconds=1).finish(status=1)
    assert report["failures"] == {kind: 1}


def test_nobody_listens(start_fleet):
    report = start_fleet("http://127.0.0.1:9/", 1, sessions=2, retry="never").finish(status=1)
    assert report["failures"] == {"connect": 2}


class TlsAcs(ScriptedAcs):
    """`resumed`: for each connection, whether its TLS session was one from before."""

    def __init__(self, authority):
        super().__init__()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.issue("localhost"))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = self.url.replace("http:", "https:")
        self.connections = {}

    def handle(self, handler):
        self.connections[handler.client_address] = handler.connection.session_reused
        super().handle(handler)

    @property
    def resumed(self):
        return list(self.connections.values())


@pytest.fixture
def tls_acs(folder):
    acs = TlsAcs(Authority(folder))
    acs.authority = folder / "ca.pem"
    yield acs
    acs.close()


@pytest.mark.parametrize("resume, resumed", [("yes", [False] + 5 * [True]), ("no", 6 * [False])])
def test_tls_is_resumed_or_not(resume, resumed, tls_acs, start_fleet):
    start_fleet(tls_acs.url, 10, sessions=6, concurrency=1, connections="per-session", tls_resume=resume,
                ca_file=tls_acs.authority).finish()
    assert tls_acs.resumed == resumed


def test_connections_are_kept_and_come_from_addresses_of_their_own(tls_acs, folder, start_fleet):
    options = {"sessions": 12, "concurrency": 3, "source_addresses": "127.0.8.0/24"}
    start_fleet(tls_acs.url, 10, ca_file=tls_acs.authority, **options).finish()
    assert {address for address, _ in tls_acs.connections} == {"127.0.8.1", "127.0.8.2", "127.0.8.3"}
    assert len(tls_acs.connections) == 3
    other = Authority(folder, "other").certificate
    report = start_fleet(tls_acs.url, 1, ca_file=other, sessions=1).finish(status=1)
    assert report["failures"] == {"tls": 1}


def test_what_a_template_makes_is_what_the_codec_makes(scripted, start_fleet):
    """All kinds of Inform go to the judge of envelopes, and each tells its device."""
    fleet = start_fleet(scripted.url, 50, sessions=50, change=1, parameters=30, cwmp_version="1.0",
                        mix="periodic=1,boot=1,value-change=1,bootstrap=1,connection-request=1")
    fleet.finish()
    informs = [r for r in scripted.received if r.method == "Inform"]
    told = {event for r in informs for event, _ in r.events}
    assert told == {"0 BOOTSTRAP", "1 BOOT", "2 PERIODIC", "4 VALUE CHANGE", "6 CONNECTION REQUEST"}
    for inform in informs:
        collector.add(inform.body)
        content = inform.envelope.content
        assert inform.envelope.id.startswith(content.findtext("DeviceId/SerialNumber"))
        assert len(content.findall("ParameterList/ParameterValueStruct")) == 30


@pytest.mark.parametrize("options, complaint", [
    (["--change", "7"], "--change"),
    (["--parameters", "3"], "--parameters"),
    (["--mix", "weekly=1"], "--mix"),
    (["--mix", "periodic=0"], "--mix"),
    (["--connections", "many"], "--connections"),
    (["--source-addresses", "127.0.0.0/33"], "--source-addresses"),
    (["--concurrency", "200"], "--concurrency: 200 connections need"),
])
def test_what_cannot_be_is_refused(options, complaint):
    command = [str(BINARIES / "cpe"), "--fleet", "1000", "--acs-url", "http://127.0.0.1:9/", *options]
    limited = ["sh", "-c", 'ulimit -n 120 && exec "$@"', "sh", *command]
    done = subprocess.run(limited, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and complaint in done.stderr


def test_a_hundred_thousand_devices_are_small(scripted, start_fleet):
    report = start_fleet(scripted.url, 100_000, sessions=20).finish()
    if b"__asan_init" in (BINARIES / "cpe").read_bytes():
        pytest.skip("a sanitizer's shadow is larger than the devices")
    assert report["rss_bytes"] < 32 * 1024 * 1024
