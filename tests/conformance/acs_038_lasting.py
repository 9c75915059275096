"""CWMP-038 … 047: sessions that pause, break off, are superseded or share a connection (TR-069 3.7.2)."""

from urllib.parse import urlsplit

from acs_steps import values_of
from acs_subject import secret_name
from items import item


@item(38, "Idle for 29 s between messages: the session is alive", profile="hasty")
def cwmp_038(acs):
    device = acs.device()
    device.inform("2 PERIODIC")
    for _ in range(2):
        acs.wait(acs.seconds(29))
        assert device.send("<cwmp:GetRPCMethods/>").method == "GetRPCMethodsResponse"
    assert device.empty().status == 204


@item(39, "SessionTimeout of 120 s and 90 s idle: the session is alive", unconfirmed=True, profile="hasty")
def cwmp_039(acs):
    device = acs.device()
    device.inform("2 PERIODIC", header=f"<cwmp:SessionTimeout>{acs.seconds(120):.0f}</cwmp:SessionTimeout>")
    acs.wait(acs.seconds(90))
    assert device.send("<cwmp:GetRPCMethods/>").method == "GetRPCMethodsResponse"
    assert device.empty().status == 204


@item(40, "Idle beyond the limit, then an empty POST: not resumed, the task is still queued", profile="hasty")
def cwmp_040(acs):
    device = acs.known_device()
    task = acs.operator.queue(device, "GetParameterValues", names=["InternetGatewayDevice.A"])
    device.inform("2 PERIODIC")
    acs.wait(acs.fact("idle_seconds") + 1.5)
    reply = device.empty()
    assert 400 <= reply.status < 500, reply
    assert acs.operator.task(task)["state"] == "queued"


@item(41, "Connection dropped after a request was delivered: delivered again in the next session")
def cwmp_041(acs):
    device = acs.known_device()
    task = acs.operator.queue(device, "GetParameterValues", names=["InternetGatewayDevice.A"])
    assert device.begin_session("2 PERIODIC").method == "GetParameterValues"
    device.hang_up()
    again, = device.run_session("2 PERIODIC", answers={"GetParameterValues": values_of})
    assert again.texts("ParameterNames/string") == ["InternetGatewayDevice.A"]
    assert acs.operator.task(task)["state"] == "done"


@item(42, "Second Inform of the same device during a session: the old one is abandoned, the new one served")
def cwmp_042(acs):
    old = acs.tempted_device()
    old.cookies = {}
    old.inform("2 PERIODIC")
    new = acs.twin(old)
    assert new.inform("1 BOOT").method == "InformResponse"
    reply = old.empty()
    assert 400 <= reply.status < 500 and b"Envelope" not in reply.body, reply
    assert new.empty().method == "GetParameterValues"


@item(43, "Two devices interleaved on one connection, told apart by cookies: no mixing")
def cwmp_043(acs):
    one, two = acs.tempted_device(), acs.tempted_device()
    for device in (one, two):
        device.cookies = {}
    two.close()
    assert one.inform("2 PERIODIC").method == "InformResponse"
    two.socket = one.socket
    assert two.inform("2 PERIODIC").method == "InformResponse"
    assert not one.cookies.items() & two.cookies.items()
    requests = [(device, device.empty()) for device in (one, two)]
    for device, request in requests:
        assert request.envelope.texts("ParameterNames/string") == [secret_name(device)]
    for device, request in reversed(requests):
        assert device.answer(request, values_of(request.envelope)).status == 204


@item(44, "Keep-alive: 20 transactions on one TCP connection")
def cwmp_044(acs):
    device = acs.device()
    device.inform("2 PERIODIC")
    connection = device.socket
    for n in range(18):
        assert device.send("<cwmp:GetRPCMethods/>", id=str(n)).envelope.id == str(n)
    assert device.empty().status == 204
    assert connection and connection is device.socket


@item(45, "Late empty POST after the closing 204: 204 again")
def cwmp_045(acs):
    device = acs.device()
    assert device.begin_session("2 PERIODIC").status == 204
    assert device.empty().status == 204
    device.connect()
    assert device.empty().status == 204


@item(46, "Overload: 503, never a truncated 200", profile="crowded")
def cwmp_046(acs):
    statuses = []
    for _ in range(acs.fact("sessions") + 3):
        reply = acs.device().inform("2 PERIODIC")
        assert reply.status == 503 or reply.method == "InformResponse", reply
        statuses.append(reply.status)
    assert 503 in statuses, statuses


@item(47, "Redirect, if configured: 302 or 307 with an absolute Location", profile="redirecting")
def cwmp_047(acs):
    reply = acs.device().inform("2 PERIODIC")
    assert reply.status in (302, 307), reply
    location = urlsplit(reply.headers["Location"])
    assert location.scheme in ("http", "https") and location.netloc, reply.headers["Location"]
