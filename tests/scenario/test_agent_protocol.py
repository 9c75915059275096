"""The agent against an ACS played by the test: order, authentication, cookies, faults and retries."""

import hashlib
import re
import time
import urllib.request

import pytest

import envelope
from places import MODELS
from scripted_acs import Reply, ScriptedAcs
from secret_log import SECRET

MODEL = MODELS / "gateway-tr098.csv"
IGD = "InternetGatewayDevice."
SSID = IGD + "LANDevice.1.WLANConfiguration.1.SSID"


@pytest.fixture
def scripted():
    acs = ScriptedAcs()
    yield acs
    acs.close()


@pytest.fixture
def start_agent(scripted, start_cpe):
    def start(**options):
        return start_cpe(scripted.url, is_acs_ours=False, **{"data_model": MODEL, "retry_scale": 0.02, **options})

    return start


def run_once(start_agent, **options):
    """One session; the agent must end well."""
    agent = start_agent(once=True, **options)
    assert agent.program.wait(60) == 0, agent.program.tail()
    return agent


def request(method, content=""):
    return f"<cwmp:{method}>{content}</cwmp:{method}>"


def read(*names):
    strings = "".join(f"<string>{name}</string>" for name in names)
    return request("GetParameterValues", f'<ParameterNames soapenc:arrayType="xsd:string[{len(names)}]">{strings}'
                   "</ParameterNames>")


def write(values, key=""):
    return request("SetParameterValues", envelope.values_xml(values) + f"<ParameterKey>{key}</ParameterKey>")


# Order and form.

def test_a_session_is_inform_empty_post_answers_and_204(scripted, start_agent):
    scripted.requests = [read(SSID), request("GetRPCMethods")]
    run_once(start_agent)
    assert [r.method for r in scripted.received] == [
        "Inform", None, "GetParameterValuesResponse", "GetRPCMethodsResponse"]


def test_the_first_inform_tells_who_and_why(scripted, start_agent):
    run_once(start_agent, oui="00D09E", product_class="Lab", serial="S 1")
    inform = scripted.received[0].envelope
    assert [inform.text(f"DeviceId/{n}") for n in ("OUI", "ProductClass", "SerialNumber")] == ["00D09E", "Lab", "S 1"]
    assert scripted.received[0].events == {("0 BOOTSTRAP", ""), ("1 BOOT", "")}
    assert (inform.text("MaxEnvelopes"), inform.text("RetryCount")) == ("1", "0")
    names = {name for name, _, _ in inform.parameters}
    assert {IGD + n for n in ("DeviceSummary", "DeviceInfo.SpecVersion", "DeviceInfo.HardwareVersion",
                              "DeviceInfo.SoftwareVersion", "DeviceInfo.ProvisioningCode",
                              "ManagementServer.ConnectionRequestURL", "ManagementServer.ParameterKey")} <= names


def test_an_empty_post_has_no_content_type_and_a_response_an_empty_soapaction(scripted, start_agent):
    scripted.requests = [request("GetRPCMethods")]
    run_once(start_agent)
    empty, answer = scripted.received[1:3]
    assert (empty.headers["Content-Length"], empty.headers["Content-Type"], empty.headers["SOAPAction"]) == (
        "0", None, None)
    assert answer.headers["Content-Type"].startswith("text/xml")
    assert answer.headers["SOAPAction"] == ""


def test_the_acs_id_is_echoed_exactly(scripted, start_agent):
    odd = "id & <1> \"x\""
    scripted.interfere = lambda r: Reply(200, envelope.wrap(request("GetRPCMethods"), "1-2", odd)) \
        if r.method is None else None
    run_once(start_agent)
    assert scripted.wait_for_method("GetRPCMethodsResponse").envelope.id == odd


@pytest.mark.parametrize("reply", [Reply(204), Reply(200)])
def test_204_and_an_empty_200_both_end_the_session(scripted, start_agent, reply):
    scripted.interfere = lambda r: reply if r.method is None else None
    run_once(start_agent)
    assert len(scripted.received) == 2


def test_a_chunked_answer_is_read(scripted, start_agent):
    def chunked(received):
        reply = scripted.answer(received)
        reply.is_chunked = bool(reply.body)
        return reply

    scripted.interfere, scripted.requests = chunked, [request("GetRPCMethods")]
    run_once(start_agent)
    assert scripted.wait_for_method("GetRPCMethodsResponse")


def test_the_session_goes_on_when_the_acs_closes_after_each_answer(scripted, start_agent):
    def closing(received):
        reply = scripted.answer(received)
        reply.headers.append(("Connection", "close"))
        return reply

    scripted.interfere, scripted.requests = closing, [request("GetRPCMethods"), read(SSID)]
    run_once(start_agent)
    assert [r.method for r in scripted.received][-1] == "GetParameterValuesResponse"


def test_every_cookie_comes_back_in_the_session_and_not_in_the_next(scripted, start_agent):
    cookies = [("Set-Cookie", "a=" + "x" * 600 + "; Path=/; HttpOnly"), ("Set-Cookie", "b=2")]

    def baking(received):
        reply = scripted.answer(received)
        reply.headers += cookies if received.method == "Inform" else []
        return reply

    scripted.interfere, scripted.requests = baking, [request("GetRPCMethods")]
    agent = start_agent()
    first, *later = scripted.wait_for(3)
    assert first.headers["Cookie"] is None
    for received in later:
        assert f"a={'x' * 600}" in received.headers["Cookie"] and "b=2" in received.headers["Cookie"]
    agent.wait_for_entry("session")
    agent.command("reboot")
    assert scripted.wait_for_method("Inform", 2).headers["Cookie"] is None


# Authentication.

def test_a_digest_challenge_is_answered_with_the_same_inform(scripted, start_agent):
    def guard(received):
        if received.headers["Authorization"]:
            return None
        return Reply(401, headers=[("WWW-Authenticate", 'Digest realm="r", nonce="n1", qop="auth", algorithm=MD5')])

    scripted.interfere, scripted.requests = guard, [request("GetRPCMethods")]
    run_once(start_agent, username="user", password=SECRET)
    first, second, *rest = scripted.received
    assert first.body == second.body
    assert all(r.headers["Authorization"] for r in rest)
    fields = {n: q or t for n, q, t in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', second.headers["Authorization"])}
    ha1, ha2 = md5(f"user:r:{SECRET}"), md5("POST:/acs")
    assert fields["response"] == md5(f"{ha1}:n1:{fields['nc']}:{fields['cnonce']}:auth:{ha2}")


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def test_a_second_401_fails_the_session_and_is_retried_later(scripted, start_agent):
    scripted.interfere = lambda r: Reply(401, headers=[("WWW-Authenticate", 'Digest realm="r", nonce="n"')])
    agent = start_agent(username="user", password="wrong")
    agent.wait_for_entry("session", outcome="failed", count=2)
    assert not agent.entries("acknowledged")


@pytest.mark.parametrize("status", [302, 307])
def test_redirects_are_followed_with_the_same_body(scripted, start_agent, status):
    def redirect(received):
        if received.path == "/acs":
            return Reply(status, headers=[("Location", scripted.url + "/elsewhere")])
        return None

    scripted.interfere = redirect
    run_once(start_agent)
    first, second = scripted.received[:2]
    assert (second.path, second.body) == ("/acs/elsewhere", first.body)


def test_a_circle_of_redirects_ends(scripted, start_agent):
    scripted.interfere = lambda r: Reply(302, headers=[("Location", scripted.url)])
    agent = start_agent()
    agent.wait_for_entry("session", outcome="failed")
    assert len(scripted.received) >= 6


# What it executes.

def test_an_unknown_rpc_is_fault_9000(scripted, start_agent):
    scripted.requests = [request("X_ACME_Foo")]
    run_once(start_agent)
    fault = scripted.wait_for_method("Fault").envelope
    assert (fault.fault_code, fault.text("faultstring")) == (9000, "CWMP fault")


def test_a_set_is_all_or_nothing(scripted, start_agent):
    scripted.requests = [write({SSID: "no", IGD + "Nothing": "x"}, "key"), read(SSID),
                         write({SSID: "yes"}, "key"), read(SSID, IGD + "ManagementServer.ParameterKey")]
    run_once(start_agent)
    answers = scripted.received[2:]
    assert [r.method for r in answers] == ["Fault", "GetParameterValuesResponse", "SetParameterValuesResponse",
                                           "GetParameterValuesResponse"]
    assert answers[1].envelope.parameters[0][1] != "no"
    assert [v for _, v, _ in answers[3].envelope.parameters] == ["yes", "key"]


@pytest.mark.parametrize("value,type,code", [("x", "xsd:unsignedInt", 9007), ("1", "xsd:boolean", 9006)])
def test_a_value_that_does_not_fit_is_named_with_its_reason(scripted, start_agent, value, type, code):
    name = IGD + "ManagementServer.PeriodicInformInterval"
    scripted.requests = [write([(SSID, "no", "xsd:string"), (name, value, type)])]
    run_once(start_agent)
    fault = scripted.wait_for_method("Fault").envelope
    (detail,) = fault.content.iter("SetParameterValuesFault")
    assert (fault.fault_code, detail.findtext("ParameterName"), int(detail.findtext("FaultCode"))) == (9003, name, code)


def test_an_empty_set_sets_the_parameter_key_only(scripted, start_agent):
    scripted.requests = [write({}, "key"), read(IGD + "ManagementServer.ParameterKey")]
    run_once(start_agent)
    assert scripted.received[3].envelope.parameters[0][1] == "key"


def test_an_envelope_of_32768_bytes_is_accepted(scripted, start_agent):
    body = write({SSID: "x" * 32})
    scripted.requests = [body.replace("<ParameterKey>", "<!--" + "x" * (32768 - len(scripted.wrap(body, "acs-0")) - 7)
                                      + "--><ParameterKey>")]
    run_once(start_agent)
    assert scripted.received[2].method == "SetParameterValuesResponse"


@pytest.mark.parametrize("url,code", [("http://127.0.0.1:1/none", {9010, 9015}), ("gopher://127.0.0.1/x", {9013})])
def test_a_download_that_cannot_be_is_reported(scripted, start_agent, url, code):
    scripted.requests = [request("Download", f"<CommandKey>k1</CommandKey><FileType>1 Firmware Upgrade Image</FileType>"
                                 f"<URL>{url}</URL><Username/><Password/><FileSize>0</FileSize><TargetFileName/>"
                                 "<DelaySeconds>0</DelaySeconds><SuccessURL/><FailureURL/>")]
    run_once(start_agent)
    reported = [r.envelope for r in scripted.received if r.method in ("Fault", "TransferComplete")]
    codes = {e.fault_code if e.is_fault else int(e.text("FaultStruct/FaultCode")) for e in reported}
    assert codes and codes <= code


def test_a_transfer_complete_is_repeated_until_it_is_acknowledged(scripted, start_agent):
    refused = []

    def refuse_twice(received):
        if received.method == "TransferComplete" and len(refused) < 2:
            refused.append(received)
            return Reply(is_silent=True)
        return None

    scripted.interfere = refuse_twice
    scripted.requests = [request("Download", "<CommandKey>k1</CommandKey><FileType>1 Firmware Upgrade Image</FileType>"
                                 "<URL>http://127.0.0.1:1/x</URL><Username/><Password/><FileSize>0</FileSize>"
                                 "<TargetFileName/><DelaySeconds>0</DelaySeconds><SuccessURL/><FailureURL/>")]
    agent = start_agent()
    agent.wait_for_entry("acknowledged", method="TransferComplete", command_key="k1")
    completes = [r for r in scripted.received if r.method == "TransferComplete"]
    assert len(completes) == 3
    informs = [r for r in scripted.received if r.method == "Inform"][1:]
    assert all(("M Download", "k1") in r.events and ("7 TRANSFER COMPLETE", "") in r.events for r in informs)


# Failures and retries.

def test_retries_wait_longer_each_time_and_are_counted(scripted, start_agent):
    scripted.interfere = lambda r: Reply(503)
    start_agent(retry_scale=0.1)
    informs = scripted.wait_for(4)
    assert [r.envelope.text("RetryCount") for r in informs] == ["0", "1", "2", "3"]
    waits = [b.time - a.time for a, b in zip(informs, informs[1:])]
    for wait, (low, high) in zip(waits, [(0.5, 1.0), (1.0, 2.0), (2.0, 4.0)]):
        assert low - 0.05 <= wait <= high + 0.5, waits


def test_success_sets_the_retry_count_back(scripted, start_agent):
    failures = iter([True, True])
    scripted.interfere = lambda r: Reply(500) if next(failures, False) else None
    agent = start_agent()
    agent.wait_for_entry("session", outcome="ok")
    agent.command("reboot")
    counts = [scripted.wait_for_method("Inform", n).envelope.text("RetryCount") for n in (1, 2, 3, 4)]
    assert counts == ["0", "1", "2", "0"]


def test_events_of_a_failed_session_come_again(scripted, start_agent):
    failures = iter([True])
    scripted.interfere = lambda r: Reply(500) if next(failures, False) else None
    start_agent()
    assert scripted.wait_for_method("Inform", 2).events == {("0 BOOTSTRAP", ""), ("1 BOOT", "")}


def test_a_connection_request_whose_session_failed_is_forgotten(scripted, start_agent):
    agent = start_agent(retry_scale=0.02)
    agent.wait_for_entry("session", outcome="ok")
    url = dict((n, v) for n, v, _ in scripted.received[0].envelope.parameters)[IGD + "ManagementServer.ConnectionRequestURL"]
    scripted.interfere = lambda r: Reply(500)
    assert urllib.request.urlopen(url, timeout=5).status == 200
    agent.wait_for_entry("session", outcome="failed")
    scripted.interfere = lambda r: None
    time.sleep(0.5)  # a retry would come after 0.1 to 0.2 seconds
    agent.command("send", "event", "X 000000 News")
    agent.wait_for_entry("session", outcome="ok", count=2)
    informs = [(r.events, r.envelope.text("RetryCount")) for r in scripted.received if r.method == "Inform"][1:]
    assert informs == [({("6 CONNECTION REQUEST", "")}, "0"), ({("X 000000 News", "")}, "1")]


def test_fault_8005_makes_it_send_the_same_inform_at_once(scripted, start_agent):
    faults = iter([True])

    def retry(received):
        if received.method == "Inform" and next(faults, False):
            return Reply(200, scripted.wrap(envelope.fault(8005, "Retry request"), received.envelope.id))
        return None

    scripted.interfere = retry
    run_once(start_agent)
    first, second = scripted.received[:2]
    assert first.body == second.body
    assert second.time - first.time < 2


@pytest.mark.parametrize("body", [b"<broken", b"", b"<a/>"])
def test_an_answer_that_is_no_inform_response_fails_the_session(scripted, start_agent, body):
    scripted.interfere = lambda r: Reply(200, body) if r.method == "Inform" else None
    agent = start_agent()
    agent.wait_for_entry("session", outcome="failed")
    assert [r.method for r in scripted.received][0] == "Inform"
    assert not agent.entries("acknowledged")


def test_any_other_fault_to_inform_fails_the_session(scripted, start_agent):
    scripted.interfere = lambda r: Reply(200, scripted.wrap(envelope.fault(8002, "no"), r.envelope.id)) \
        if r.method == "Inform" else None
    agent = start_agent()
    agent.wait_for_entry("session", outcome="failed")
    assert scripted.wait_for_method("Inform", 2).envelope.text("RetryCount") == "1"


def test_a_silent_acs_is_given_up(scripted, start_agent):
    release = []

    def hang(received):
        import time
        while not release:
            time.sleep(0.05)

    scripted.interfere = hang
    agent = start_agent(response_seconds=1)
    try:
        agent.wait_for_entry("session", outcome="failed", timeout=10)
    finally:
        release.append(True)


def test_a_killed_agent_resumes_from_its_state_folder(scripted, start_agent):
    scripted.requests = [write({SSID: "kept"})]
    agent = start_agent()
    agent.wait_for_entry("session", outcome="ok")
    agent.program.kill()
    scripted.requests = [read(SSID)]
    agent.start()
    second = scripted.wait_for_method("Inform", 2)
    assert second.events == {("1 BOOT", "")}
    assert scripted.wait_for_method("GetParameterValuesResponse").envelope.parameters[0][1] == "kept"
