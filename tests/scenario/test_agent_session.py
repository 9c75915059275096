"""The agent's sessions: versions, requests on hold, compression, what Informs carry, and doors that close."""

import gzip
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

import pytest

import envelope
from lab.programs import wait_until
from places import MODELS
from scripted_acs import Reply, ScriptedAcs

ROOT = "Device."
SERVER = ROOT + "ManagementServer."
MODEL = MODELS / "gateway-tr181.csv"
KICKED = ["kicked", "command=c"]


@pytest.fixture
def scripted():
    acs = ScriptedAcs()
    yield acs
    acs.close()


@pytest.fixture
def start_agent(scripted, start_cpe):
    def start(**options):
        return start_cpe(scripted.url, is_acs_ours=False,
                         **{"data_model": MODEL, "retry_scale": 0.02, "reboot_seconds": 0, **options})

    return start


@pytest.fixture
def agent(start_agent):
    agent = start_agent()
    agent.wait_for_entry("session", outcome="ok")
    return agent


def request(method, content=""):
    return f"<cwmp:{method}>{content}</cwmp:{method}>"


def write(*values):
    """(name, value, type)."""
    return request("SetParameterValues", envelope.values_xml(list(values)) + "<ParameterKey/>")


def inform_response(received, header="", namespace="1-2"):
    body = "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>"
    return Reply(200, envelope.wrap(body, namespace, received.envelope.id, header))


def look(agent, event="X 00D09E Look"):
    """A session; waits for its end."""
    done = len(agent.entries("session"))
    assert agent.command("send", "event", event).returncode == 0
    return agent.wait_for_entry("session", count=done + 1)


def last_inform(scripted):
    return [r for r in scripted.received if r.method == "Inform"][-1]


# Versions.

def header_text(received, name):
    (namespace,) = {e.tag.split("}")[0] for e in received.envelope.header if e.tag.endswith("}ID")}
    return received.envelope.header.findtext(f"{namespace}}}{name}")


def test_a_1_4_agent_offers_its_versions_and_keeps_to_the_one_agreed(scripted, start_agent):
    use = '<cwmp:UseCWMPVersion soap:mustUnderstand="1">1.1</cwmp:UseCWMPVersion>'
    scripted.interfere = lambda r: inform_response(r, use) if r.method == "Inform" else None
    scripted.requests = [request("GetRPCMethods")]
    start_agent(cwmp_version="1.4").wait_for_entry("session", outcome="ok")
    assert header_text(scripted.received[0], "SupportedCWMPVersions") == "1.0,1.1,1.2,1.3,1.4"
    assert int(header_text(scripted.received[0], "SessionTimeout")) >= 30
    methods = scripted.wait_for_method("GetRPCMethodsResponse").envelope.texts("MethodList/string")
    assert "GetAllQueuedTransfers" in methods and "ScheduleDownload" not in methods


def test_an_acs_of_a_lower_namespace_is_spoken_to_in_it(scripted, start_agent):
    scripted.namespace, scripted.requests = "1-0", [request("GetRPCMethods")]
    start_agent(cwmp_version="1.4").wait_for_entry("session", outcome="ok")
    answer = scripted.wait_for_method("GetRPCMethodsResponse").envelope
    assert answer.namespace == "1-0"
    assert "GetAllQueuedTransfers" not in answer.texts("MethodList/string")


def test_fault_8006_makes_it_offer_a_lower_version_next(scripted, start_agent):
    def refuse(received):
        if received.method != "Inform" or received.envelope.namespace == "1-0":
            scripted.namespace = "1-0"
            return None
        fault = envelope.fault(8006, "version")
        return Reply(200, envelope.wrap(fault, received.envelope.namespace, received.envelope.id))

    scripted.interfere = refuse
    agent = start_agent(cwmp_version="1.4")
    agent.wait_for_entry("session", outcome="ok")
    namespaces = [r.envelope.namespace for r in scripted.received if r.method == "Inform"]
    assert namespaces == ["1-2", "1-2", "1-2", "1-1", "1-0"]
    assert header_text(scripted.received[1], "SupportedCWMPVersions") is None


def test_a_header_that_must_be_understood_is_refused_and_the_session_goes_on(scripted, start_agent):
    odd = '<x:Odd xmlns:x="urn:odd" soap:mustUnderstand="1"/>'
    asked = iter([request("GetRPCMethods")])

    def ask(received):
        body = next(asked, None) if received.method is None else None
        return Reply(200, envelope.wrap(body, "1-2", "odd", odd)) if body else None

    scripted.interfere = ask
    start_agent().wait_for_entry("session", outcome="ok")
    fault = scripted.wait_for_method("Fault").envelope
    assert (fault.text("faultcode").rpartition(":")[2], fault.id) == ("MustUnderstand", "odd")


# Requests on hold.

HOLD, FREE = (f'<cwmp:HoldRequests soap:mustUnderstand="1">{n}</cwmp:HoldRequests>' for n in (1, 0))


def test_requests_on_hold_wait_until_the_acs_lets_go(scripted, agent):
    asked = iter([(request("GetRPCMethods"), HOLD), (request("GetRPCMethods"), FREE)])

    def hold(received):
        if received.method == "Inform":
            return inform_response(received, HOLD)
        body, header = next(asked, (None, "")) if received.method in (None, "GetRPCMethodsResponse") else (None, "")
        return Reply(200, envelope.wrap(body, "1-2", "h", header)) if body else None

    scripted.interfere = hold
    start = len(scripted.received)
    assert agent.command("send", *KICKED).returncode == 0
    agent.wait_for_entry("session", outcome="ok", count=2)
    assert [r.method for r in scripted.received[start:]] == [
        "Inform", None, "GetRPCMethodsResponse", "GetRPCMethodsResponse", "Kicked", None]


def test_what_is_on_hold_to_the_end_is_told_in_another_session(scripted, agent):
    held = iter([True])
    scripted.interfere = lambda r: inform_response(r, HOLD) if r.method == "Inform" and next(held, False) else None
    assert agent.command("send", *KICKED).returncode == 0
    agent.wait_for_entry("acknowledged", method="Kicked")
    assert agent.entries("session", outcome="failed")
    assert sum(("5 KICKED", "") in r.events for r in scripted.received if r.method == "Inform") == 2


def test_any_fault_but_8005_answers_a_request_for_good(scripted, agent):
    scripted.interfere = lambda r: Reply(200, scripted.wrap(envelope.fault(8000, "no"), r.envelope.id)) \
        if r.method == "Kicked" else None
    done = len(agent.entries("session"))
    assert agent.command("send", *KICKED).returncode == 0
    assert agent.wait_for_entry("acknowledged", method="Kicked")["acs_fault"] == 8000
    agent.wait_for_entry("session", count=done + 1)
    look(agent)
    assert [r.method for r in scripted.received].count("Kicked") == 1
    assert ("5 KICKED", "") not in last_inform(scripted).events


# Compression.

@pytest.mark.parametrize("value,coding", [("GZIP", "gzip"), ("Deflate", "deflate")])
def test_envelopes_are_compressed_as_the_acs_wants(scripted, agent, value, coding):
    scripted.requests = [write((SERVER + "HTTPCompression", value, "xsd:string"))]
    look(agent)
    start = len(scripted.received)
    look(agent)
    assert [(r.method, r.headers["Content-Encoding"]) for r in scripted.received[start:]] == [
        ("Inform", coding), (None, None)]


def test_a_compressed_answer_is_inflated(scripted, agent):
    def compress(received):
        reply = scripted.answer(received)
        if reply.body:
            reply.body = gzip.compress(reply.body)
            reply.headers.append(("Content-Encoding", "gzip"))
        return reply

    scripted.interfere, scripted.requests = compress, [request("GetRPCMethods")]
    assert look(agent)["outcome"] == "ok"
    assert scripted.wait_for_method("GetRPCMethodsResponse")


def test_an_acs_that_cannot_inflate_gets_plain_text_in_the_next_session(scripted, agent):
    scripted.requests = [write((SERVER + "HTTPCompression", "GZIP", "xsd:string"))]
    look(agent)
    scripted.interfere = lambda r: Reply(415) if r.headers["Content-Encoding"] else None
    assert look(agent)["outcome"] == "failed"
    agent.wait_for_entry("session", outcome="ok", count=3)
    assert last_inform(scripted).headers["Content-Encoding"] is None


# What Informs carry.

def model_with(folder, *rows):
    path = folder / "model.csv"
    path.write_text(MODEL.read_text() + "".join(",".join(row) + "\n" for row in rows))
    return path


def row(name, value, type):
    return (name, "false", "true", value, type)


def test_an_inform_carries_what_the_acs_wants_with_its_events(scripted, start_agent, folder):
    one, table = SERVER + "InformParameter.1", SERVER + "InformParameter"
    model = model_with(folder, (table, "true", "true", "", ""), (one, "true", "true", "", ""),
                       row(one + ".Enable", "true", "xsd:boolean"),
                       row(one + ".ParameterName", ROOT + "WiFi.SSID.*.SSID", "xsd:string"),
                       row(one + ".EventList", '"1 BOOT, 8 DIAGNOSTICS COMPLETE"', "xsd:string"))
    agent = start_agent(data_model=model)
    agent.wait_for_entry("session", outcome="ok")

    def carried():
        return {n for n, _, _ in last_inform(scripted).envelope.parameters if n.endswith(".SSID")}

    assert {ROOT + "WiFi.SSID.1.SSID", ROOT + "WiFi.SSID.2.SSID"} <= carried()
    look(agent)
    assert not carried()
    scripted.requests = [write((one + ".ParameterName", ROOT + "DeviceInfo.SoftwareVersion", "xsd:string"))]
    look(agent)
    assert scripted.wait_for_method("Fault").envelope.fault_code == 9003


def test_a_heartbeat_is_told_at_its_interval_and_alone(scripted, start_agent, folder):
    policy = SERVER + "HeartbeatPolicy"
    model = model_with(folder, (policy, "true", "false", "", ""), row(policy + ".Enable", "true", "xsd:boolean"),
                       row(policy + ".ReportingInterval", "30", "xsd:unsignedInt"),
                       # The next one is due in a moment, whatever the time.
                       row(policy + ".InitiationTime", moment(2), "xsd:dateTime"))
    start_agent(data_model=model, cwmp_version="1.4")
    wait_until(lambda: {("14 HEARTBEAT", "")} in [r.events for r in scripted.received if r.method == "Inform"], 15,
               "the heartbeat")


def moment(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


# Sets that steer the agent.

def test_another_acs_is_gone_to_after_the_session_with_all_orders_void(scripted, agent):
    other = ScriptedAcs()
    try:
        scripted.requests = [request("ScheduleInform", "<DelaySeconds>600</DelaySeconds><CommandKey>k</CommandKey>"),
                             write((SERVER + "URL", other.url, "xsd:string")), request("GetRPCMethods")]
        look(agent)
        assert scripted.wait_for_method("SetParameterValuesResponse").envelope.text("Status") == "1"
        assert scripted.wait_for_method("GetRPCMethodsResponse")
        assert other.wait_for(1)[0].events == {("0 BOOTSTRAP", "")}
        agent.wait_for_entry("session", outcome="ok", count=3)
        assert agent.saved()["scheduled_informs"] == []
    finally:
        agent.stop()
        other.close()


@pytest.mark.parametrize("name,value,type", [
    ("URL", "ftp://acs/", "xsd:string"), ("URL", "http://acs/" + "x" * 250, "xsd:string"),
    ("HTTPCompression", "Brotli", "xsd:string"), ("CWMPRetryMinimumWaitInterval", "0", "xsd:unsignedInt"),
    ("CWMPRetryIntervalMultiplier", "999", "xsd:unsignedInt")])
def test_values_that_the_model_does_not_allow_are_9007(scripted, agent, name, value, type):
    scripted.requests = [write((SERVER + name, value, type))]
    look(agent)
    fault = scripted.wait_for_method("Fault").envelope
    assert [int(f.text) for f in fault.content.iter("FaultCode")] == [9003, 9007]


def test_a_name_that_stands_twice_is_9003(scripted, agent):
    twice = (ROOT + "DeviceInfo.ProvisioningCode", "x", "xsd:string")
    scripted.requests = [write(twice, twice)]
    look(agent)
    fault = scripted.wait_for_method("Fault").envelope
    assert [(d.findtext("ParameterName"), d.findtext("FaultCode")) for d in fault.content.iter(
        "SetParameterValuesFault")] == [(twice[0], "9003")]


def test_the_door_for_connection_requests_can_be_closed_and_opened(scripted, agent):
    url = dict((n, v) for n, v, _ in scripted.received[0].envelope.parameters)[SERVER + "ConnectionRequestURL"]

    def enable(value):
        scripted.requests = [write((SERVER + "HTTPConnectionRequestEnable", value, "xsd:boolean"))]
        look(agent)
        look(agent)
        return dict((n, v) for n, v, _ in last_inform(scripted).envelope.parameters)[SERVER + "ConnectionRequestURL"]

    assert enable("0") == ""
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=5)
    assert enable("1") == url
    assert urllib.request.urlopen(url, timeout=5).status == 200
