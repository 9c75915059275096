"""CWMP-111 … 120: the ACS calls devices, minds their faults, and bears many of them (TR-069 3.2.2, A.5)."""

import socket

import envelope
from acs_steps import CALL_URL, ROOT, values_of
from acs_subject import secret_name
from call_listener import PASSWORD, USERNAME, CallListener, challenge, is_right
from items import NotApplicable, item
from lab.programs import wait_until

SESSIONS = 1000


def call(acs, url):
    """Has the ACS call a device that told this URL; "ok" or why not."""
    device = acs.device()
    device.run_session("1 BOOT", parameters={CALL_URL: url})
    return acs.operator.connection_request(device, USERNAME, PASSWORD)


@item(111, "Connection request: GET without body, Digest with and without qop; 200 and 204 are success")
def cwmp_111(acs):
    for qop in (True, False):
        for status in (200, 204):
            def answer(received, qop=qop, status=status):
                return (status, {}) if is_right(received, qop) else (401, challenge(qop))

            with CallListener(answer) as listener:
                assert call(acs, listener.url) == "ok", (qop, status)
            assert [received.method for received in listener.calls] == ["GET", "GET"]
            assert not any(received.body for received in listener.calls)
            assert {received.path for received in listener.calls} == {"/cr/8f3a?x=1"}


@item(112, "Connection request answered 401 twice: told as a matter of credentials, no loop")
def cwmp_112(acs):
    with CallListener(lambda received: (401, challenge())) as listener:
        assert call(acs, listener.url) == "unauthorized"
        count = len(listener.calls)
        acs.wait(1)
    assert count == len(listener.calls) and 2 <= count <= 3, count


@item(113, "Connection request answered 503: told as busy, repeated, not within 30 s without a session",
      profile="hasty")
def cwmp_113(acs):
    with CallListener(lambda received: (503, {})) as listener:
        assert call(acs, listener.url) == "busy"
        wait_until(lambda: len(listener.calls) > 1, acs.seconds(150), "a second request")
    times = [received.time for received in listener.calls]
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    assert min(gaps) > acs.seconds(30) - 0.05, gaps


@item(114, "Connection closed after the 401: one retry on a fresh connection")
def cwmp_114(acs):
    def answer(received):
        return (204, {}) if is_right(received) else (401, {**challenge(), "X-Close": "1"})

    with CallListener(answer) as listener:
        assert call(acs, listener.url) == "ok"
    assert len(listener.calls) == 2
    assert len({received.peer for received in listener.calls}) == 2


@item(115, "Target must be an http URL of the device; no redirect to a foreign host is followed")
def cwmp_115(acs):
    def welcome(_):
        return 200, {}

    with CallListener(welcome) as foreign, CallListener(welcome, another_address()) as other:
        with CallListener(lambda _: (302, {"Location": foreign.url})) as listener:
            assert call(acs, listener.url) != "ok"
            assert len(listener.calls) == 1
        port = foreign.server.server_port
        for url in (other.url, f"ftp://127.0.0.1:{port}/", f"127.0.0.1:{port}", "file:///etc/passwd", ""):
            assert call(acs, url) != "ok", url
        assert not foreign.calls and not other.calls


def another_address():
    """One of this host from which the scripted devices do not come."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError as error:
            raise NotApplicable("this host has one address only") from error
        return probe.getsockname()[0]


@item(116, "UDP connection request: the signature verifies with the example key; copies are identical")
def cwmp_116(acs):
    raise NotApplicable("connection requests by UDP come later")


@item(117, "Fault of SetParameterValues with per-parameter codes leaves the ACS's cache unchanged")
def cwmp_117(acs):
    device = acs.device()
    good, bad = ROOT + "X_Good", ROOT + "X_Bad"
    device.run_session("1 BOOT", parameters={good: "old", bad: "old"})
    acs.operator.queue(device, "SetParameterValues",
                       parameters=[{"name": good, "value": "new"}, {"name": bad, "value": "new"}])
    device.run_session("2 PERIODIC", parameters={}, answers={
        "SetParameterValues": envelope.fault(9003, "Invalid arguments", [(bad, 9007, "Invalid parameter value")])})
    stored = acs.operator.parameters(device)
    assert (stored[good]["value"], stored[bad]["value"]) == ("old", "old"), stored


@item(118, "9005 on a batch read: the bad name is isolated, the other values are obtained")
def cwmp_118(acs):
    names = [f"{ROOT}X_Table.{n}" for n in range(12)]
    bad = names[7]
    device = acs.device()
    device.run_session("1 BOOT", parameters={ROOT + "DeviceSummary": "x"})
    task = acs.operator.queue(device, "Refresh")
    answers = {"GetParameterNames": lambda request: names_below(request, names),
               "GetParameterValues": lambda request: envelope.fault(9005, "Invalid parameter name")
               if bad in request.texts("ParameterNames/string") else values_of(request)}
    for _ in range(10):
        device.run_session("2 PERIODIC", parameters={}, answers=answers)
        if acs.operator.task(task)["state"] == "done":
            break
    stored = acs.operator.parameters(device)
    assert acs.operator.task(task)["state"] == "done", acs.operator.task(task)
    assert {name for name in names if stored.get(name, {}).get("value") == "v"} == set(names) - {bad}


def names_below(request, names):
    """All of them, or the next level only."""
    path = request.text("ParameterPath")
    below = {name[len(path):] for name in names if name.startswith(path)}
    if request.text("NextLevel") in ("1", "true"):
        below = {rest.partition(".")[0] + rest.partition(".")[1] for rest in below}
    return envelope.names_response({path + rest: False for rest in sorted(below)})


@item(119, "9000 on an optional RPC: not sent again to that device and version")
def cwmp_119(acs):
    device = acs.known_device(namespace="1-2")
    for expected in (["Upload"], []):
        task = acs.operator.queue(device, "Upload", file_type="2 Vendor Log File", url="http://192.0.2.1/log")
        assert [request.method for request in device.run_session("2 PERIODIC")] == expected
        assert acs.operator.task(task)["state"] == "failed"


@item(120, "1000 parallel sessions, each Inform, GetParameterValues, end: all 204, none mixed", alone=True)
def cwmp_120(acs):
    devices = [acs.device(timeout=60) for _ in range(SESSIONS)]
    at_once(devices, inform_of, 200)
    at_once(devices, lambda device: b"", 204)
    for device in devices:
        device.close()
        device.cookies = {}
        device.is_collected = False  # of one kind all that comes now
        acs.operator.queue(device, "GetParameterValues", names=[secret_name(device)])
    at_once(devices, inform_of, 200)
    requests = at_once(devices, lambda device: b"", 200)
    for device in devices:
        assert requests[device].envelope.texts("ParameterNames/string") == [secret_name(device)]
    at_once(devices, lambda device: device.wrap(values_of(requests[device].envelope), id=requests[device].envelope.id),
            204)


def inform_of(device):
    return device.wrap(envelope.inform(device.identity))


def at_once(devices, body, status):
    """All of them send; only then the replies are read, and have this status. A first 401 is answered."""
    for device in devices:
        device.write(device.request(body(device)))
    replies = {device: device.read() for device in devices}
    challenged = [device for device, reply in replies.items() if reply.status == 401 and device.take_challenge(reply)]
    if challenged:
        replies |= at_once(challenged, body, status)
    assert all(reply.status == status for reply in replies.values())
    return replies
