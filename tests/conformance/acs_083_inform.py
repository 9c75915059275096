"""CWMP-083 … 096: what an Inform tells, and what becomes of it (TR-069 3.7.1.5, A.3.3.1)."""

import envelope
from acs_steps import CALL_URL, CODE, ROOT, assert_informed, values_of
from call_listener import PASSWORD, USERNAME, CallListener
from items import item

KEY = ROOT + "ManagementServer.ParameterKey"

EVENTS = [
    "0 BOOTSTRAP", "1 BOOT", "2 PERIODIC", "3 SCHEDULED", "4 VALUE CHANGE", "5 KICKED", "6 CONNECTION REQUEST",
    "7 TRANSFER COMPLETE", "8 DIAGNOSTICS COMPLETE", "9 REQUEST DOWNLOAD", "10 AUTONOMOUS TRANSFER COMPLETE",
    "11 DU STATE CHANGE COMPLETE", "12 AUTONOMOUS DU STATE CHANGE COMPLETE", "13 WAKEUP", "14 HEARTBEAT",
    ("M Reboot", "key"), ("M ScheduleInform", "key"), ("M Download", "key"), ("M ScheduleDownload", "key"),
    ("M Upload", "key"), ("M ChangeDUState", "key"), ("M X_ACME_Method", "key"), "X 00D09E Something",
    "X ACME Something",
]


@item(83, "Every event code of the standard alone: InformResponse")
def cwmp_083(acs):
    for event in EVENTS:
        device = acs.device(namespace="1-2")
        assert_informed(device.inform(event), event)


@item(84, "64 events in one Inform: accepted")
def cwmp_084(acs):
    device = acs.device()
    assert_informed(device.inform("7 TRANSFER COMPLETE", *(("M Download", f"key {n}") for n in range(63))))
    assert device.empty().status == 204


@item(85, "Unknown events: accepted and stored")
def cwmp_085(acs):
    device = acs.device()
    device.run_session("X ACME FOO", "99 FUTURE THING", ("M X_ACME_Bar", "key 7"))
    stored = [(event["code"], event["command_key"]) for event in acs.operator.device(device)["events"]]
    assert sorted(stored) == [("99 FUTURE THING", ""), ("M X_ACME_Bar", "key 7"), ("X ACME FOO", "")], stored


@item(86, "Empty Event array and empty ParameterList: accepted")
def cwmp_086(acs):
    device = acs.device()
    body = envelope.inform(device.identity, parameters={})
    start, end = body.index("<EventStruct>"), body.index("</Event>")
    for text in (body, body[:start].replace("EventStruct[1]", "EventStruct[0]") + body[end:]):
        assert_informed(device.post(device.wrap(text)), text)
        assert device.empty().status == 204


@item(87, "0 BOOTSTRAP: cached values and attributes of the device are invalidated")
def cwmp_087(acs):
    device = acs.known_device()
    name = ROOT + "X_Learned"
    acs.operator.queue(device, "GetParameterValues", names=[name])
    device.run_session("2 PERIODIC", answers={"GetParameterValues": values_of})
    assert acs.operator.parameters(device)[name]["value"] == "v"
    assert_informed(acs.twin(device).inform("0 BOOTSTRAP"))
    assert acs.operator.parameters(device).get(name, {}).get("value") is None


@item(88, "Identity is OUI, ProductClass and SerialNumber: another Manufacturer makes no new device")
def cwmp_088(acs):
    device = acs.known_device()
    before = acs.operator.device(device)
    device.identity = ("Bought by Another", *device.identity[1:])
    device.run_session("1 BOOT")
    after = acs.operator.device(device)
    assert (after["id"], after["registered"]) == (before["id"], before["registered"])
    assert after["manufacturer"] == "Bought by Another"
    other = acs.device(product_class="Another", serial=device.identity[3])
    other.run_session("1 BOOT")
    assert acs.operator.device(other)["id"] != before["id"]


@item(89, "Empty ProductClass: accepted")
def cwmp_089(acs):
    device = acs.device_called(product_class="")
    device.run_session("1 BOOT")
    found = acs.operator.device(device)
    assert (found["product_class"], found["serial_number"]) == ("", device.identity[3])


@item(90, "Lower-case OUI, serial of 64 characters with : % / and space: accepted, addressable")
def cwmp_090(acs):
    start = acs.device().identity[3] + ":%/ 4%41?#&"
    device = acs.device_called(oui="00d09e", serial=start.ljust(64, "x"))
    device.run_session("1 BOOT")
    assert acs.operator.device(device)["serial_number"] == device.identity[3]
    acs.operator.queue(device, "GetParameterValues", names=[CODE])
    assert [r.method for r in device.run_session("2 PERIODIC")] == ["GetParameterValues"]


@item(91, "CurrentTime unknown, without a zone, or garbage: accepted")
def cwmp_091(acs):
    for time in ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00", "2011-04-05T06:07:08", "1970-01-01T00:00:00+00:00",
                 "9999-12-31T23:59:59Z", "2024-02-30T25:61:61Z", "garbage", ""):
        assert_informed(acs.device().inform("2 PERIODIC", current_time=time), time)


@item(92, "RetryCount is stored and shown")
def cwmp_092(acs):
    device = acs.device()
    for retry_count in (3, 0):
        device.run_session("2 PERIODIC", retry_count=retry_count)
        assert acs.operator.device(device)["retry_count"] == retry_count


@item(93, "All parameters of the Inform are stored with type and time")
def cwmp_093(acs):
    device = acs.device()
    told = [(ROOT + "A", "text", "xsd:string"), (ROOT + "B", "1", "xsd:boolean"), (ROOT + "C", "7", "xsd:unsignedInt"),
            (ROOT + "D", "-7", "xsd:int"), (ROOT + "E", "2024-01-01T00:00:00Z", "xsd:dateTime"),
            (ROOT + "F", "", "xsd:string")]
    device.run_session("2 PERIODIC", parameters=told)
    stored = acs.operator.parameters(device)
    assert [(n, stored[n]["value"], stored[n]["type"]) for n, _, _ in told] == told, stored
    assert all(stored[name]["updated"] for name, _, _ in told)


@item(94, "Roots InternetGatewayDevice and Device: both recognised from the parameters")
def cwmp_094(acs):
    for root in ("InternetGatewayDevice.", "Device."):
        device = acs.device()
        device.run_session("1 BOOT", root=root)
        assert acs.operator.device(device)["root"] == root


@item(95, "A changed ConnectionRequestURL is used for the next connection request")
def cwmp_095(acs):
    device = acs.device()
    with CallListener(lambda call: (200, {})) as first, CallListener(lambda call: (200, {})) as second:
        for listener, other in ((first, second), (second, first)):
            other.calls.clear()
            device.run_session("4 VALUE CHANGE", parameters={CALL_URL: listener.url})
            assert acs.operator.connection_request(device, USERNAME, PASSWORD) == "ok"
            assert len(listener.calls) == 1 and not other.calls


@item(96, "A ParameterKey other than the expected one triggers re-provisioning")
def cwmp_096(acs):
    device = acs.known_device()
    acs.operator.queue(device, "SetParameterValues", parameters=[{"name": CODE, "value": "v"}], parameter_key="k1")
    request, = device.run_session("2 PERIODIC", answers={
        "SetParameterValues": envelope.status_response("SetParameterValues")})
    assert request.text("ParameterKey") == "k1"
    assert not device.run_session("2 PERIODIC", parameters={KEY: "k1"})
    again = device.run_session("2 PERIODIC", parameters={KEY: "lost"})
    assert "SetParameterValues" in [request.method for request in again], again
