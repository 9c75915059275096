"""The agent's methods and its own requests, one by one, against an ACS played by the test."""

import pytest

from acs_requests import (attributes, cancel, download, operate, read_attributes, schedule, strings, upload, voucher,
                          vouchers)
from file_server import Files
from lab.programs import wait_until
from places import MODELS
from scripted_acs import Reply, ScriptedAcs
from secret_log import SECRET
from steps import FIRMWARE

ROOT = "Device."
UUID = "12345678-1234-1234-1234-123456789abc"
CODE = ROOT + "DeviceInfo.ProvisioningCode"
SSID = ROOT + "WiFi.SSID.1.SSID"


@pytest.fixture
def scripted():
    acs = ScriptedAcs()
    yield acs
    acs.close()


@pytest.fixture
def start_agent(scripted, start_cpe):
    """An agent whose first session is over; its later ones are what the test is about."""

    def start(**options):
        agent = start_cpe(scripted.url, is_acs_ours=False,
                          **{"data_model": MODELS / "gateway-tr181.csv", "retry_scale": 0.02, **options})
        agent.wait_for_entry("session", outcome="ok")
        return agent

    return start


@pytest.fixture
def files():
    files = Files()
    yield files
    files.close()


def call(scripted, agent, *requests):
    """Sends requests in a session that a local event begins; the envelopes of the answers, in order."""
    before = len(scripted.received)
    scripted.requests = [f"<cwmp:{method}>{content}</cwmp:{method}>" for method, content in requests]
    done = len(agent.entries("session", outcome="ok"))
    assert agent.command("send", "event", "X 00D09E Look").returncode == 0
    agent.wait_for_entry("session", outcome="ok", count=done + 1)
    answers = [r for r in scripted.received[before:] if r.method and r.method.endswith(("Response", "Fault"))]
    return [answer.envelope for answer in answers[:len(requests)]]


def is_ok(answer, method):
    assert answer.method == f"{method}Response", answer.data
    return answer


def transfer_of(scripted, count=1):
    """(key, fault code) of the count-th TransferComplete."""
    complete = scripted.wait_for_method("TransferComplete", count).envelope
    return complete.text("CommandKey"), int(complete.text("FaultStruct/FaultCode"))


def events_before(scripted, method):
    """The events of the Inform of the session in which the first message of that method came."""
    scripted.wait_for_method(method)
    informs = []
    for received in scripted.received:
        if received.method == "Inform":
            informs.append(received.events)
        if received.method == method:
            return informs[-1]
    return None


# What it has.

SINCE = {"1.0": {"GetRPCMethods", "SetParameterAttributes", "Upload", "ScheduleInform", "GetOptions", "SetVouchers",
                 "GetQueuedTransfers", "X_000000_Echo"},
         "1.1": {"GetAllQueuedTransfers"},
         "1.2": {"ScheduleDownload", "CancelTransfer", "ChangeDUState"}}


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_the_methods_of_a_version_are_those_it_lists_and_has(scripted, start_agent, version):
    scripted.namespace = version.replace(".", "-")
    agent = start_agent(cwmp_version=version)
    answer, other = call(scripted, agent, ("GetRPCMethods", ""), cancel("x"))
    methods = answer.texts("MethodList/string")
    assert len(set(methods)) == len(methods)
    for since, names in SINCE.items():
        assert names <= set(methods) if since <= version else not names & set(methods)
    assert other.is_fault == (version != "1.2")
    if other.is_fault:
        assert other.fault_code == 9000


def everything_old(version, url):
    """A request of each method that a CPE of that version has and other tests do not ask it for."""
    return [read_attributes(SSID), attributes((SSID, 1, None)), vouchers(voucher("Fast")), ("GetOptions", "<OptionName/>"),
            ("ScheduleInform", "<DelaySeconds>600</DelaySeconds><CommandKey>k</CommandKey>"),
            ("GetQueuedTransfers", ""), *([("GetAllQueuedTransfers", "")] if version == "1.1" else []), upload("u", url)]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_agent_of_an_older_version_speaks_it(scripted, start_agent, files, version):
    scripted.namespace = version.replace(".", "-")
    agent = start_agent(cwmp_version=version)
    requests = everything_old(version, f"{files.url}/u")
    for (method, _), answer in zip(requests, call(scripted, agent, *requests), strict=True):
        assert is_ok(answer, method).namespace == scripted.namespace
    scripted.wait_for_method("TransferComplete")
    for kind in ["kicked", "request-download", *(["autonomous-transfer"] if version == "1.1" else [])]:
        method, _, arguments = OWN[kind]
        assert agent.command("send", kind, *arguments).returncode == 0
        assert scripted.wait_for_method(method).envelope.namespace == scripted.namespace


def test_a_vendors_method_is_answered_with_what_it_was_sent(scripted, start_agent):
    (answer,) = call(scripted, start_agent(), ("X_000000_Echo", "<Say>a &amp; b</Say>"))
    assert is_ok(answer, "X_000000_Echo").text("Say") == "a & b"


def test_a_vendors_method_with_prefixes_of_the_envelope_is_not_echoed(scripted, start_agent):
    (answer,) = call(scripted, start_agent(), ("X_000000_Echo", '<Say soapenc:root="1"/>'))
    assert answer.fault_code == 9003


# Attributes.

def test_attributes_are_kept_over_a_restart(scripted, start_agent):
    agent = start_agent()
    answers = call(scripted, agent, attributes((SSID, 1, [])), read_attributes(SSID),
                   read_attributes(CODE))
    is_ok(answers[0], "SetParameterAttributes")
    assert answers[2].texts("ParameterList/ParameterAttributeStruct/AccessList/string") == ["Subscriber"]
    agent.stop()
    agent.start()
    agent.wait_for_entry("session", outcome="ok", count=3)
    again = call(scripted, agent, read_attributes(SSID))[0]
    for answer in (answers[1], again):
        struct = "ParameterList/ParameterAttributeStruct/"
        assert (answer.text(struct + "Name"), answer.text(struct + "Notification")) == (SSID, "1")
        assert answer.texts(struct + "AccessList/string") == []


@pytest.mark.parametrize("changes,code", [
    ([(CODE, 0, None)], 9009),  # forced
    ([(SSID, 1, None), (ROOT + "Nothing", 1, None)], 9005),
    ([(ROOT + "DeviceInfo.UpTime", 2, None)], 9009),
    ([(SSID, 3, None)], 9003),  # lightweight notification came with 1.4
    ([(SSID, None, ["Everybody"])], 9003),
])
def test_attributes_that_cannot_be_are_refused_and_none_is_set(scripted, start_agent, changes, code):
    fault, answer = call(scripted, start_agent(), attributes((SSID, 1, None), *changes), read_attributes(SSID))
    assert fault.fault_code == code
    assert answer.text("ParameterList/ParameterAttributeStruct/Notification") == "0"


def test_a_passive_change_waits_for_the_next_inform_and_an_active_one_makes_it(scripted, start_agent):
    agent = start_agent()
    call(scripted, agent, attributes((SSID, 1, None)))
    sessions = len(agent.entries("session"))
    assert agent.command("set", f"{SSID}=passive").returncode == 0
    assert len(agent.entries("session")) == sessions
    call(scripted, agent, attributes((SSID, 2, None)))
    inform = [r for r in scripted.received if r.method == "Inform"][-1]
    assert ("4 VALUE CHANGE", "") in inform.events
    assert (SSID, "passive") in [(n, v) for n, v, _ in inform.envelope.parameters]
    count = sum(r.method == "Inform" for r in scripted.received)
    assert agent.command("set", f"{SSID}=active").returncode == 0
    inform = scripted.wait_for_method("Inform", count + 1)
    assert inform.events == {("4 VALUE CHANGE", "")}
    assert (SSID, "active") in [(n, v) for n, v, _ in inform.envelope.parameters]


def test_an_empty_access_list_keeps_the_subscriber_out(scripted, start_agent):
    agent = start_agent()
    call(scripted, agent, attributes((SSID, None, [])))
    assert agent.command("set", f"{SSID}=mine").returncode == 1


# Transfers.

def test_an_upload_puts_the_configuration_which_a_download_takes_back(scripted, start_agent, files):
    files.password = SECRET
    agent = start_agent()
    (answer,) = call(scripted, agent, upload("up", files.url + "/config", username="u", password=SECRET))
    assert is_ok(answer, "Upload").text("Status") == "1"
    assert transfer_of(scripted) == ("up", 0)
    assert {("7 TRANSFER COMPLETE", ""), ("M Upload", "up")} <= events_before(scripted, "TransferComplete")
    config = files.taken["/config"].decode()
    assert config.startswith("Parameter,Object,Writable,Value,Value type\n")
    line = next(line for line in config.splitlines() if line.startswith(SSID + ","))
    assert "Password,false,true,,xsd:string" in config
    files.password = None
    files.content["/config"] = config.replace(line, f"{SSID},false,true,taken back,xsd:string").encode()
    call(scripted, agent, download("down", files.url + "/config"))
    assert transfer_of(scripted, 2) == ("down", 0)
    (values,) = call(scripted, agent, ("GetParameterValues", strings("ParameterNames", SSID)))
    assert values.parameters[0][1] == "taken back"


def test_an_uploaded_log_is_the_journal(scripted, start_agent, files):
    call(scripted, start_agent(), upload("log", files.url + "/log", "2 Vendor Log File"))
    assert transfer_of(scripted) == ("log", 0)
    assert b'"kind":"boot"' in files.taken["/log"]


@pytest.mark.parametrize("request_,code", [
    (upload("k", "ftp://127.0.0.1/x"), 9013),
    (upload("k", "http://127.0.0.1/x", "9 Holiday Pictures"), 9003),
    (download("k", "http://127.0.0.1/x", "9 Holiday Pictures"), 9003),
    (schedule("k", "http://127.0.0.1/x", (5, 5, "1 At Any Time", 0)), 9003),
    (schedule("k", "http://127.0.0.1/x", (0, 9, "2 Immediately", 0), (8, 20, "2 Immediately", 0)), 9003),
])
def test_a_transfer_that_cannot_be_is_refused_at_once(scripted, start_agent, request_, code):
    (fault,) = call(scripted, start_agent(), request_)
    assert fault.fault_code == code


def test_an_upload_to_a_server_that_refuses_the_password_is_9012(scripted, start_agent, files):
    files.password = SECRET
    call(scripted, start_agent(), upload("up", files.url + "/config", username="u", password="wrong"))
    assert transfer_of(scripted) == ("up", 9012)


def test_a_scheduled_download_happens_in_its_window(scripted, start_agent, files):
    files.content["/fw"] = FIRMWARE
    agent = start_agent()
    (answer,) = call(scripted, agent, schedule("win", files.url + "/fw", (1, 30, "2 Immediately", 0),
                                               file_type="1 Firmware Upgrade Image"))
    is_ok(answer, "ScheduleDownload")
    assert transfer_of(scripted) == ("win", 0)
    assert {("7 TRANSFER COMPLETE", ""), ("M ScheduleDownload", "win"), ("1 BOOT", "")} <= events_before(
        scripted, "TransferComplete")


def test_a_download_that_nobody_confirms_misses_its_windows(scripted, start_agent, files):
    call(scripted, start_agent(), schedule("late", files.url + "/none", (0, 1, "4 Confirmation Needed", 0),
                                           (1, 2, "4 Confirmation Needed", 0)))
    assert transfer_of(scripted) == ("late", 9020)


def test_a_scheduled_download_is_tried_again_as_often_as_its_window_says(scripted, start_agent, files):
    agent = start_agent()
    call(scripted, agent, schedule("again", files.url + "/none", (0, 60, "1 At Any Time", 1)))
    assert transfer_of(scripted) == ("again", 9016)
    assert len(agent.entries("transfer", command_key="again")) == 2


def test_a_change_of_modules_goes_on_after_a_restart(scripted, start_agent, files):
    files.content = {"/1": f"CPE-MODULE {UUID} 1\n".encode()}
    agent = start_agent()
    call(scripted, agent, operate("i", ("Uninstall", {"UUID": UUID}), ("Install", {"URL": files.url + "/1"})))
    agent.program.kill()
    agent.start()
    assert [(state, fault) for _, _, state, fault in results(scripted)] == [("Failed", 9028), ("Installed", 0)]


def test_a_download_that_is_confirmed_happens(scripted, start_agent, files):
    agent = start_agent()
    call(scripted, agent, schedule("ask", files.url + "/none", (0, 60, "4 Confirmation Needed", 0)))
    assert agent.command("send", "confirm", "command_key=ask").returncode == 0
    assert transfer_of(scripted) == ("ask", 9016)


def test_queued_transfers_are_told_cancelled_and_kept_over_a_restart(scripted, start_agent, files):
    agent = start_agent()
    answers = call(scripted, agent, download("a", files.url + "/a", delay=600),
                   upload("b", files.url + "/b", "4 Vendor Log File 1", delay=600),
                   schedule("c", files.url + "/c", (600, 700, "1 At Any Time", 0)), ("GetQueuedTransfers", ""))
    path = "TransferList/QueuedTransferStruct/"
    assert (answers[3].texts(path + "CommandKey"), answers[3].texts(path + "State")) == (["a", "b", "c"], ["1"] * 3)
    agent.stop()
    agent.start()
    agent.wait_for_entry("session", outcome="ok", count=3)
    again, cancelled, unknown, rest = call(scripted, agent, ("GetAllQueuedTransfers", ""), cancel("b"), cancel("z"),
                                           ("GetQueuedTransfers", ""))
    path = "TransferList/AllQueuedTransferStruct/"
    assert again.texts(path + "IsDownload") == ["1", "0", "1"] or again.texts(path + "IsDownload") == [
        "true", "false", "true"]
    assert again.texts(path + "FileType")[1] == "7 Vendor Log File 1"
    is_ok(cancelled, "CancelTransfer"), is_ok(unknown, "CancelTransfer")
    assert rest.texts("TransferList/QueuedTransferStruct/CommandKey") == ["a", "c"]
    assert not [r for r in scripted.received if r.method == "TransferComplete"]


def test_three_transfers_at_least_may_wait_and_a_key_is_not_used_twice(scripted, start_agent, files):
    requests = [download(f"k{i}", files.url, delay=600) for i in range(3)] + [download("k1", files.url, delay=600)]
    answers = call(scripted, start_agent(), *requests)
    assert [a.method for a in answers] == ["DownloadResponse"] * 3 + ["Fault"]


# Scheduled Informs.

def test_scheduled_informs_are_told_with_their_keys_even_after_a_restart(scripted, start_agent):
    agent = start_agent()

    def at(seconds, key):
        return ("ScheduleInform", f"<DelaySeconds>{seconds}</DelaySeconds><CommandKey>{key}</CommandKey>")

    answers = call(scripted, agent, at(1, "one"), at(2, "two"), at(0, "never"))
    assert [a.method for a in answers] == ["ScheduleInformResponse"] * 2 + ["Fault"]
    agent.stop()
    agent.start()
    told = set()

    def all_told():
        for received in list(scripted.received):
            told.update(received.events if received.method == "Inform" else ())
        return {("3 SCHEDULED", ""), ("M ScheduleInform", "one"), ("M ScheduleInform", "two")} <= told

    wait_until(all_told, 15, "both scheduled Informs")


# Reboots.

def test_every_reboot_of_a_session_is_told(scripted, start_agent):
    agent = start_agent()
    call(scripted, agent, *(("Reboot", f"<CommandKey>{key}</CommandKey>") for key in ("r1", "r2", "r1")))
    inform = scripted.wait_for_event("M Reboot", "r1")
    assert ("1 BOOT", "") in inform.events
    assert {("M Reboot", "r1"), ("M Reboot", "r2")} <= inform.events


# Software modules.

def results(scripted, method="DUStateChangeComplete", count=1):
    """[(UUID, version, state, fault code)] of a report."""
    found = scripted.wait_for_method(method, count).envelope
    return [(r.findtext("UUID"), r.findtext("Version") or "", r.findtext("CurrentState"),
             int(r.findtext("Fault/FaultCode"))) for r in found.content.iter() if r.find("CurrentState") is not None]


def test_modules_are_installed_updated_and_uninstalled(scripted, start_agent, files):
    files.content = {"/1": f"CPE-MODULE {UUID} 1.9\nx".encode(), "/2": f"CPE-MODULE {UUID} 1.10\nx".encode()}
    agent = start_agent()
    (answer,) = call(scripted, agent, operate("i", ("Install", {"URL": files.url + "/1"})))
    is_ok(answer, "ChangeDUState")
    assert results(scripted) == [(UUID, "1.9", "Installed", 0)]
    assert {("11 DU STATE CHANGE COMPLETE", ""), ("M ChangeDUState", "i")} <= events_before(
        scripted, "DUStateChangeComplete")
    unit = ROOT + "SoftwareModules.DeploymentUnit.1."
    (values,) = call(scripted, agent, ("GetParameterValues", strings("ParameterNames", ROOT + "SoftwareModules.")))
    shown = {name: value for name, value, _ in values.parameters}
    assert (shown[unit + "UUID"], shown[unit + "Version"]) == (UUID, "1.9")
    assert shown[ROOT + "SoftwareModules.DeploymentUnitNumberOfEntries"] == "1"
    call(scripted, agent, operate("u", ("Update", {"UUID": UUID, "URL": files.url + "/2"})))
    assert results(scripted, count=2) == [(UUID, "1.10", "Installed", 0)]
    call(scripted, agent, operate("d", ("Uninstall", {"UUID": UUID})))
    assert results(scripted, count=3) == [(UUID, "1.10", "Uninstalled", 0)]
    (values,) = call(scripted, agent, ("GetParameterValues", strings("ParameterNames", ROOT + "SoftwareModules.")))
    assert unit + "UUID" not in [name for name, _, _ in values.parameters]


def test_each_operation_that_fails_says_why_and_hinders_no_other(scripted, start_agent, files):
    files.content = {"/1": f"CPE-MODULE {UUID} 2\n".encode(), "/old": f"CPE-MODULE {UUID} 1\n".encode(),
                     "/bad": b"MZ"}
    url = files.url
    cases = [(("Install", {"URL": url + "/1"}), 0), (("Install", {"URL": url + "/1"}), 9026),
             (("Install", {"URL": url + "/bad"}), 9018), (("Install", {"URL": url + "/none"}), 9016),
             (("Install", {"URL": "ftp://127.0.0.1/x"}), 9013),
             (("Install", {"URL": url + "/1", "ExecutionEnvRef": "Device.SoftwareModules.ExecEnv.7"}), 9023),
             (("Update", {"UUID": UUID, "URL": url + "/old"}), 9030),
             (("Update", {"UUID": UUID, "URL": url + "/1"}), 9032),
             (("Update", {"UUID": UUID.replace("1", "2"), "URL": url + "/1"}), 9028),
             (("Uninstall", {"UUID": UUID, "Version": "7"}), 9028)]
    call(scripted, start_agent(), operate("all", *(operation for operation, _ in cases)))
    assert [fault for _, _, _, fault in results(scripted)] == [fault for _, fault in cases]


# Options.

def test_vouchers_make_options(scripted, start_agent):
    done, answer, one, fault = call(scripted, start_agent(), vouchers(voucher("Fast"), voucher("Far")),
                                    ("GetOptions", "<OptionName/>"), ("GetOptions", "<OptionName>Far</OptionName>"),
                                    vouchers("bm90aGluZw=="))
    is_ok(done, "SetVouchers")
    path = "OptionList/OptionStruct/"
    assert answer.texts(path + "OptionName") == ["Fast", "Far"]
    assert (answer.texts(path + "VoucherSN")[0], answer.texts(path + "State")[0]) == ("987", "3")
    assert answer.texts(path + "StartDate")[0] == "2025-10-25T12:06:34Z"
    assert answer.texts(path + "ExpirationDate")[0] == "2025-10-27T12:06:34Z"
    assert one.texts(path + "OptionName") == ["Far"]
    assert fault.fault_code == 9003


# What it says by itself.

OWN = {
    "kicked": ("Kicked", "5 KICKED", ["command=c", "next=http://n/"]),
    "request-download": ("RequestDownload", "9 REQUEST DOWNLOAD", ["file_type=2 Web Content", "Version=7"]),
    "autonomous-transfer": ("AutonomousTransferComplete", "10 AUTONOMOUS TRANSFER COMPLETE", ["url=http://f/x"]),
    "autonomous-du-change": ("AutonomousDUStateChangeComplete", "12 AUTONOMOUS DU STATE CHANGE COMPLETE",
                             ["operation=Install", f"uuid={UUID}", "version=3"]),
}


@pytest.mark.parametrize("kind", OWN)
def test_a_request_of_its_own_is_repeated_with_its_event_until_answered(scripted, start_agent, kind):
    method, event, arguments = OWN[kind]
    agent = start_agent()
    lost = iter([True])
    scripted.interfere = lambda r: Reply(500) if r.method == method and next(lost, False) else None
    assert agent.command("send", kind, *arguments).returncode == 0
    agent.wait_for_entry("acknowledged", method=method)
    assert [r.method for r in scripted.received].count(method) == 2
    informs = [r for r in scripted.received if r.method == "Inform" and (event, "") in r.events]
    assert len(informs) == 2


def test_it_asks_the_acs_for_its_methods(scripted, start_agent):
    agent = start_agent()
    assert agent.command("send", "get-rpc-methods").returncode == 0
    assert agent.wait_for_entry("acknowledged", method="GetRPCMethods")["methods"] == ["Inform"]


@pytest.mark.parametrize("words,event", [
    (["diagnostics"], "8 DIAGNOSTICS COMPLETE"), (["wakeup"], "13 WAKEUP"), (["heartbeat"], "14 HEARTBEAT"),
    (["event", "X 00D09E Too = hot"], "X 00D09E Too = hot")])
def test_events_are_told_on_demand(scripted, start_agent, words, event):
    agent = start_agent(cwmp_version="1.4")
    assert agent.command("send", *words).returncode == 0
    wait_until(lambda: any(r.method == "Inform" and (event, "") in r.events for r in scripted.received), 10, event)


def test_what_a_version_does_not_have_is_not_sent(start_agent):
    agent = start_agent(cwmp_version="1.2")
    assert agent.command("send", "heartbeat").returncode == 1
    assert agent.command("send", "nothing").returncode == 1
    assert agent.command("send", "event", "0 BOOTSTRAP").returncode == 1


@pytest.mark.parametrize("words,why", [
    (["kicked", "command=c", "bogus=1"], "cpe: send kicked: there is no argument bogus\n"),
    (["confirm", "command_ke=x"], "cpe: send confirm: there is no argument command_ke\n"),
    (["diagnostics", "upload=1"], "cpe: send diagnostics: there is no argument upload\n"),
    (["kicked", "command"], "cpe: send kicked: command is not KEY=VALUE\n"),
    (["kicked", "=x"], "cpe: send kicked: =x is not KEY=VALUE\n")])
def test_an_argument_that_a_kind_does_not_have_is_refused(scripted, start_agent, words, why):
    agent = start_agent()
    refused = agent.command("send", *words)
    assert (refused.returncode, refused.stderr, refused.stdout) == (2, why, "")
    assert len([r for r in scripted.received if r.method == "Inform"]) == 1


def test_what_an_older_acs_could_not_read_is_dropped(scripted, start_agent):
    scripted.namespace = "1-0"
    agent = start_agent(cwmp_version="1.2")
    method, event, arguments = OWN["autonomous-du-change"]
    assert agent.command("send", "autonomous-du-change", *arguments).returncode == 0
    agent.wait_for_entry("session", outcome="ok", count=2)
    assert agent.command("send", "event", "X 00D09E News").returncode == 0
    agent.wait_for_entry("session", outcome="ok", count=3)
    assert [r.method for r in scripted.received if r.method == method] == []
    informs = [r.events for r in scripted.received if r.method == "Inform"]
    assert (event, "") in informs[1] and informs[2] == {("X 00D09E News", "")}
