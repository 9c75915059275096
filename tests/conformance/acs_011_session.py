"""CWMP-011 … 023: cookies, and who may speak when in a session (TR-069 3.7.1, 3.7.2)."""

import envelope
from acs_steps import values_of
from items import NotApplicable, item


def cookie_attributes(reply):
    """{name in lower case: value} of what stands behind each cookie of a reply."""
    for cookie in reply.headers.get_all("Set-Cookie", []):
        parts = [part.strip().partition("=") for part in cookie.split(";")[1:]]
        yield {name.lower(): value for name, _, value in parts}


@item(11, "InformResponse carries Set-Cookie that is usable for the path posted to")
def cwmp_011(acs):
    device = acs.device()
    reply = device.inform("2 PERIODIC")
    attributes = list(cookie_attributes(reply))
    assert attributes, "no Set-Cookie"
    for found in attributes:
        assert acs.url_path().startswith(found.get("path", "/")), found
        assert "secure" not in found or acs.url.startswith("https"), found
    device.connect()
    assert device.empty().status == 204


@item(12, "Cookie quoted, or joined with others by ; or , : recognised")
def cwmp_012(acs):
    for form in ('{0}="{1}"', "other=1; {0}={1}; more=2", "other=1, {0}={1}", "{0}={1},more=2",
                 '$Version=1; {0}="{1}"'):
        device = acs.device()
        device.inform("2 PERIODIC")
        (name, value), *_ = device.cookies.items()
        device.connect()
        reply = device.post(b"", {"Cookie": form.format(name, value)})
        assert reply.status == 204, (form, reply)


@item(13, "Stale cookie of an ended session with an Inform: a new session is opened")
def cwmp_013(acs):
    device = acs.device()
    device.begin_session("2 PERIODIC")
    reply = device.inform("2 PERIODIC")
    assert reply.status == 200 and reply.method == "InformResponse", reply
    assert device.send("<cwmp:GetRPCMethods/>").method == "GetRPCMethodsResponse"
    assert device.empty().status == 204


@item(14, "Unknown cookie and empty POST: 4xx or 204, no request delivered")
def cwmp_014(acs):
    device = acs.tempted_device()
    (name, value), *_ = device.cookies.items()
    for cookie in (f"{name}={value[::-1]}", f"{name}=", "unknown=1"):
        device.connect()
        reply = device.post(b"", {"Cookie": cookie})
        assert reply.status == 204 or 400 <= reply.status < 500, (cookie, reply)
        assert b"Envelope" not in reply.body, reply


@item(15, "First message is a TransferComplete: refused, nothing recorded")
def cwmp_015(acs):
    device = acs.known_device()
    task = acs.operator.queue(device, "Download", file_type="1 Firmware Upgrade Image", url="http://127.0.0.1:1/f")
    download, = device.run_session("2 PERIODIC", answers={"Download": envelope.download_response(1)})
    twin = acs.twin(device)
    reply = twin.send(envelope.transfer_complete(download.text("CommandKey"), 9010, "early"))
    assert 400 <= reply.status < 500, reply
    assert acs.operator.task(task)["state"] == "sent"
    assert not acs.operator.faults(device)


@item(16, "First message empty, without cookie: no request leaks")
def cwmp_016(acs):
    reply = acs.twin(acs.tempted_device()).empty()
    assert reply.status == 204 or 400 <= reply.status < 500, reply
    assert b"Envelope" not in reply.body, reply


@item(17, "InformResponse: status 200, Content-Type text/xml, MaxEnvelopes 1")
def cwmp_017(acs):
    reply = acs.device().inform("1 BOOT")
    assert reply.status == 200
    assert reply.headers.get_content_type() == "text/xml", reply.headers["Content-Type"]
    assert reply.method == "InformResponse" and reply.envelope.text("MaxEnvelopes") == "1"


@item(18, "Empty POST with nothing queued: 204, no body, no Content-Type")
def cwmp_018(acs):
    device = acs.device()
    assert device.inform("2 PERIODIC").method == "InformResponse"
    reply = device.empty()
    assert reply.status == 204 and not reply.body, reply
    assert reply.headers["Content-Type"] is None
    assert reply.headers["Content-Length"] in (None, "0")


@item(19, "Empty POST with a task queued: 200 with exactly one request envelope")
def cwmp_019(acs):
    device = acs.known_device()
    acs.operator.queue(device, "GetParameterValues", names=["InternetGatewayDevice.A"])
    reply = device.begin_session("2 PERIODIC")
    assert reply.status == 200 and reply.body.count(b"Envelope>") == 1, reply
    assert reply.method == "GetParameterValues" and reply.envelope.texts("ParameterNames/string") == [
        "InternetGatewayDevice.A"]


@item(20, "Response to that request, no more tasks: 204")
def cwmp_020(acs):
    device = acs.known_device()
    acs.operator.queue(device, "GetParameterValues", names=["InternetGatewayDevice.A"])
    request = device.begin_session("2 PERIODIC")
    assert request.method == "GetParameterValues"
    reply = device.answer(request, values_of(request.envelope))
    assert reply.status == 204 and not reply.body, reply


@item(21, "Three queued tasks: one per HTTP response, in order")
def cwmp_021(acs):
    device = acs.known_device()
    names = [f"InternetGatewayDevice.X{n}" for n in range(3)]
    for name in names:
        acs.operator.queue(device, "GetParameterValues", names=[name])
    requests = device.run_session("2 PERIODIC", answers={"GetParameterValues": values_of})
    assert [request.texts("ParameterNames/string") for request in requests] == [[name] for name in names]


@item(22, "Request of the CPE while tasks wait: the reply is its response, not a task")
def cwmp_022(acs):
    device = acs.known_device()
    acs.operator.queue(device, "GetParameterValues", names=["InternetGatewayDevice.A"])
    device.inform("2 PERIODIC")
    reply = device.send("<cwmp:GetRPCMethods/>", id="mine")
    assert reply.method == "GetRPCMethodsResponse" and reply.envelope.id == "mine", reply
    assert device.empty().method == "GetParameterValues"


@item(23, "HoldRequests, if ever sent as 1, is lifted before the closing 204", unconfirmed=True, profile="holding")
def cwmp_023(acs):
    device = acs.known_device()
    for n in range(2):
        acs.operator.queue(device, "GetParameterValues", names=[f"InternetGatewayDevice.X{n}"])
    held_answers = {"GetParameterValues": values_of,
                    "GetRPCMethods": lambda _: envelope.methods_response(["Inform"])}
    holds = []
    device.cookies = {}
    reply = device.inform("2 PERIODIC")
    while reply.status == 200 and reply.body:
        holds.append(hold_of(reply.envelope))
        reply = device.empty() if reply.method == "InformResponse" else device.answer(
            reply, held_answers[reply.method](reply.envelope))
    assert reply.status == 204, reply
    stated = [hold for hold in holds if hold is not None]
    if not any(stated):
        raise NotApplicable("it never sends HoldRequests 1")
    assert stated[-1] is False, holds


def hold_of(message):
    """HoldRequests of an envelope, None without it."""
    for element in message.header if message.header is not None else ():
        if element.tag.endswith("}HoldRequests"):
            return element.text.strip() in ("1", "true")
    return None
