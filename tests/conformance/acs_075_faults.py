"""CWMP-075 … 082: faults both ways, and answers that are none (TR-069 3.5, A.5)."""

import re

import envelope
from acs_steps import CODE, ROOT
from envelope import CWMP
from items import item


def awaiting(acs, method="GetParameterValues", **arguments):
    """(device, task, reply): the device has been sent the request of a task."""
    device = acs.known_device()
    task = acs.operator.queue(device, method, **(arguments or {"names": [CODE]}))
    reply = device.begin_session("2 PERIODIC")
    assert reply.method == method, reply
    return device, task, reply


def assert_works(acs, device):
    """Nothing of what happened keeps the device from its next session."""
    device.close()
    twin = acs.twin(device)
    twin.run_session("2 PERIODIC", answers={"GetParameterValues": envelope.values_response({CODE: "v"})})


@item(75, "Unknown RPC: fault 8000 with faultcode Client, faultstring CWMP fault, its ID, HTTP 200")
def cwmp_075(acs):
    device = acs.device()
    device.inform("2 PERIODIC")
    reply = device.send("<cwmp:X_ACME_Foo><Bar>1</Bar></cwmp:X_ACME_Foo>", id="unknown 1")
    assert reply.status == 200 and reply.method == "Fault", reply
    fault = reply.envelope
    assert fault.fault_code == 8000 and fault.id == "unknown 1"
    assert fault.text("faultcode").rpartition(":")[2] == "Client"
    assert fault.text("faultstring") == "CWMP fault"
    assert device.empty().status == 204


@item(76, "Known RPC without a mandatory argument: fault 8003")
def cwmp_076(acs):
    device, nameless = acs.device(), acs.device()
    device.inform("2 PERIODIC")
    for body in (envelope.transfer_complete("key").replace("<CommandKey>key</CommandKey>", ""),
                 "<cwmp:TransferComplete/>"):
        assert_invalid(device.send(body, id="lacks"))
    assert device.empty().status == 204
    for part in ("SerialNumber", "DeviceId"):
        body = re.sub(f"<{part}>.*</{part}>", "", envelope.inform(nameless.identity))
        assert_invalid(nameless.send(body, id="lacks"))


def assert_invalid(reply):
    assert reply.status == 200 and reply.method == "Fault", reply
    assert reply.envelope.fault_code == 8003 and reply.envelope.id == "lacks"


@item(77, "Fault in answer to a request of the ACS: recorded with code, string and parameters")
def cwmp_077(acs):
    device, task, request = awaiting(acs, "SetParameterValues", parameters=[
        {"name": CODE, "value": "a"}, {"name": ROOT + "X", "value": "b"}])
    bad = [(CODE, 9007, "too short"), (ROOT + "X", 9005, "no such")]
    assert device.answer(request, envelope.fault(9003, "Invalid arguments", bad)).status == 204
    found = acs.operator.task(task)
    assert found["state"] == "failed", found
    fault = found["fault"]
    assert (fault["code"], fault["message"]) == (9003, "Invalid arguments"), fault
    assert [(p["name"], p["code"], p["message"]) for p in fault["parameters"]] == bad, fault
    assert any(told["code"] == 9003 for told in acs.operator.faults(device))


@item(78, "Fault without detail: a failure, and the session is not wedged")
def cwmp_078(acs):
    device, task, request = awaiting(acs)
    reply = device.answer(request, "<soap:Fault><faultcode>Client</faultcode>"
                                   "<faultstring>CWMP fault</faultstring></soap:Fault>")
    assert reply.status == 204 or 400 <= reply.status < 500, reply
    assert acs.operator.task(task)["state"] != "done"
    assert_works(acs, device)


@item(79, "The ACS never answers a response or a fault with a fault")
def cwmp_079(acs):
    nonsense = (envelope.values_response({}), "<cwmp:GetParameterValuesResponse/>", "<cwmp:X_ACME_FooResponse/>",
                envelope.fault(9999, "x"), envelope.fault(9002, ""), envelope.status_response("SetParameterValues"),
                "<soap:Fault/>", "<cwmp:RebootResponse><Extra/></cwmp:RebootResponse>")
    for body in nonsense:
        for is_asked in (True, False):
            device = acs.tempted_device()
            device.cookies = {}
            device.inform("2 PERIODIC")
            request = device.empty() if is_asked else None
            reply = device.send(body, id=request.envelope.id if request and request.body else "never sent")
            assert not reply.body.lstrip().startswith(b"<") or reply.method != "Fault", (body, reply)


def is_not_accepted(acs, answer):
    """answer(device, request) sends what is no answer: the task must not be done by it."""
    device, task, request = awaiting(acs)
    reply = answer(device, request)
    assert reply.status != 200 or reply.method != "Fault", reply
    found = acs.operator.task(task)
    assert found["state"] != "done" and not found["result"], found
    assert acs.operator.parameters(device).get(CODE, {}).get("value") != "smuggled"
    assert_works(acs, device)


@item(80, "Response with another ID than the request's: not accepted as its answer")
def cwmp_080(acs):
    smuggled = envelope.values_response({CODE: "smuggled"})
    for request_id in ("another", "0", "x" * 64):
        is_not_accepted(acs, lambda device, _, wrong=request_id: device.send(smuggled, id=wrong))


@item(81, "Response of another method than asked: not accepted as its answer")
def cwmp_081(acs):
    for body in (envelope.status_response("SetParameterValues"), envelope.names_response({CODE: True}),
                 envelope.empty_response("Reboot"), "<cwmp:X_ACME_FooResponse/>"):
        is_not_accepted(acs, lambda device, request, wrong=body: device.answer(request, wrong))


@item(82, "A body that is no SOAP, in mid-session, is not taken for an empty POST")
def cwmp_082(acs):
    for body in (b"garbage", b"<html><body>error</body></html>", b"{}", b"\0\0\0\0",
                 f'<GetRPCMethods xmlns="{CWMP}1-0"/>'.encode()):
        device = acs.tempted_device()
        device.cookies = {}
        device.inform("2 PERIODIC")
        reply = device.post(body)
        assert 400 <= reply.status < 500, (body, reply)
        assert b"GetParameterValues" not in reply.body, (body, reply)
