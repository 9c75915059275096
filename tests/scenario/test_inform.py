"""A device informs: what is stored of it, and how its session goes on and ends."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import envelope
from device import Device, new_serial
from envelope import FORCED
from steps import device_path, device_row, queue, stored, stored_value, task

IGD = "InternetGatewayDevice."


def test_an_inform_of_an_unknown_device_creates_it(device, database):
    assert device.inform("1 BOOT").status == 200
    row = database.query("SELECT oui, product_class, serial_number, manufacturer, root, cwmp_version,"
                         " software_version, hardware_version, connection_request_url"
                         " FROM device WHERE id = :'id'", id=device.id)
    manufacturer, oui, product_class, serial = device.identity
    assert row == [[oui, product_class, serial, manufacturer, IGD, "1.0", "1.0.0", "HW 1",
                    FORCED["ManagementServer.ConnectionRequestURL"]]]


def test_the_answer_to_an_inform_is_an_inform_response(device):
    reply = device.inform("1 BOOT", id="A & 1")
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/xml")
    assert reply.method == "InformResponse"
    assert reply.envelope.id == "A & 1"
    assert reply.envelope.text("MaxEnvelopes") == "1"


def test_every_parameter_of_an_inform_is_stored_with_its_type(device, database):
    parameters = [
        (IGD + "DeviceInfo.SoftwareVersion", "1.2", "xsd:string"),
        (IGD + "DeviceInfo.UpTime", "17", "xsd:unsignedInt"),
        (IGD + "Time.Enable", "1", "xsd:boolean"),
        (IGD + "X_LAB_Text", "a < b & c\n\u4e2d", "xsd:string"),
    ]
    device.inform("1 BOOT", parameters=parameters)
    known = stored(database, device.id)
    for name, value, type in parameters:
        assert known[name][:2] == (value, type)


def test_a_periodic_inform_of_the_same_values_moves_only_the_time(device, database, api):
    device.run_session("1 BOOT")
    before = device_row(database, device.id, "last_inform")
    updated = database.query("SELECT path_id, updated FROM parameter ORDER BY path_id")
    device.run_session("2 PERIODIC")
    assert device_row(database, device.id, "last_inform") > before
    assert database.query("SELECT path_id, updated FROM parameter ORDER BY path_id") == updated
    assert [e["code"] for e in api.get(device_path(device.id)).json["events"]] == ["2 PERIODIC"]


def test_a_changed_value_in_an_inform_is_stored(device, database):
    name = IGD + "DeviceInfo.ProvisioningCode"
    device.run_session("1 BOOT", parameters={name: "one"})
    device.run_session("4 VALUE CHANGE", parameters={name: "two"})
    assert stored_value(database, device.id, name) == "two"
    device.run_session("4 VALUE CHANGE", parameters={name: "one"})
    assert stored_value(database, device.id, name) == "one"


# As the answer to SetParameterValues is settled: the fence of the session, then the device.
LATE_ANSWER = """BEGIN;
SELECT FROM device_live JOIN device USING (device_id) WHERE id = :'id' FOR SHARE OF device_live;
SELECT pg_sleep(1);
UPDATE device SET expected_key = 'late' WHERE id = :'id';
COMMIT"""


def test_an_inform_and_a_late_answer_of_the_older_session_do_not_lock_each_other_out(device, database):
    device.run_session("1 BOOT")
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(database.query, LATE_ANSWER, id=device.id)
        time.sleep(0.4)
        assert device.inform("4 VALUE CHANGE", parameters={IGD + "A": "new"}).status == 200
        answer.result()
    assert device_row(database, device.id, "expected_key") == "late"


def test_a_changed_connection_request_url_replaces_the_old_one(device, database):
    name = IGD + "ManagementServer.ConnectionRequestURL"
    device.run_session("1 BOOT", parameters={name: "http://192.0.2.1:7547/a"})
    device.run_session("2 PERIODIC", parameters={name: "http://192.0.2.2:7547/b"})
    assert device_row(database, device.id, "connection_request_url") == "http://192.0.2.2:7547/b"


def test_a_device_tree_is_recognised_by_its_root(acs, database):
    device = acs.device()
    device.run_session("1 BOOT", parameters={"Device.DeviceInfo.SoftwareVersion": "9",
                                             "Device.RootDataModelVersion": "2.11"})
    assert device_row(database, device.id, "root") == "Device."
    assert device_row(database, device.id, "software_version") == "9"


def test_a_new_manufacturer_name_is_not_a_new_device(acs, database):
    serial = new_serial()
    for manufacturer in ("Alpha", "Beta"):
        acs.device(serial=serial, manufacturer=manufacturer).run_session("1 BOOT")
    assert database.query("SELECT manufacturer FROM device WHERE serial_number = :'s'", s=serial) == [["Beta"]]


@pytest.mark.parametrize("oui,product_class,serial", [
    ("00255e", "Class", "lower"),
    ("00D09E", "", "without class"),
    ("00D09E", "FRITZ!Box (UI)", "a-b.c"),
    ("00D09E", "Gateway", "colon:percent%slash/space " + "x" * 38),
])
def test_any_identity_is_accepted_and_found_in_the_api(acs, oui, product_class, serial):
    device = acs.device(oui=oui, product_class=product_class, serial=serial)
    device.run_session("1 BOOT")
    answer = acs.api.get(device_path(device.id))
    assert answer.status == 200, answer
    found = answer.json
    assert (found["oui"].upper(), found["product_class"], found["serial_number"]) == (
        oui.upper(), product_class, serial)
    assert acs.api.get("/api/v1/devices/" + device.id).json == found
    twice = device_path(device.id).replace("%", "%25")
    assert acs.api.get(twice).json == found


@pytest.mark.parametrize("code", [
    "0 BOOTSTRAP", "1 BOOT", "2 PERIODIC", "3 SCHEDULED", "4 VALUE CHANGE", "5 KICKED", "6 CONNECTION REQUEST",
    "7 TRANSFER COMPLETE", "8 DIAGNOSTICS COMPLETE", "9 REQUEST DOWNLOAD", "10 AUTONOMOUS TRANSFER COMPLETE",
    "11 DU STATE CHANGE COMPLETE", "12 AUTONOMOUS DU STATE CHANGE COMPLETE", "13 WAKEUP", "14 HEARTBEAT",
    "M Reboot", "M Download", "X 00D09E Something", "X ACME FOO", "99 FUTURE THING", "1 Boot",
])
def test_every_event_is_accepted_and_shown(device, api, code):
    reply = device.inform((code, "key" if code.startswith("M ") else ""))
    assert reply.method == "InformResponse"
    events = api.get(device_path(device.id)).json["events"]
    assert events == [{"code": code, "command_key": "key" if code.startswith("M ") else ""}]


def test_sixty_four_events_are_accepted(device, api):
    events = [("M Download", f"key {i}") for i in range(64)]
    assert device.inform(*events).method == "InformResponse"
    assert len(api.get(device_path(device.id)).json["events"]) == 64


def test_an_inform_without_events_and_parameters_is_accepted(device):
    body = envelope.inform(device.identity, (), {})
    assert device.post(device.wrap(body)).method == "InformResponse"


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00", "0000-00-00T00:00:00",
                                  "2024-05-01T10:00:00.123+02:00", "yesterday", ""])
def test_a_device_clock_is_never_a_reason_to_refuse(device, database, time):
    assert device.inform("1 BOOT", current_time=time).method == "InformResponse"
    assert device_row(database, device.id, "last_inform > now() - interval '1 minute'") == "t"


def test_an_empty_post_with_nothing_queued_ends_the_session(device):
    device.inform("2 PERIODIC")
    reply = device.empty()
    assert (reply.status, reply.body, reply.headers["Content-Type"]) == (204, b"", None)


def test_a_late_empty_post_is_answered_by_204_again(device):
    device.inform("2 PERIODIC")
    assert [device.empty().status for _ in range(3)] == [204, 204, 204]


def test_boot_and_bootstrap_leave_their_times(device, database):
    device.inform("0 BOOTSTRAP", "1 BOOT")
    assert device_row(database, device.id, "last_boot IS NOT NULL AND last_bootstrap IS NOT NULL") == "t"


def test_bootstrap_voids_what_was_learned(device, database, api):
    name = IGD + "X_LAB_Old"
    device.run_session("1 BOOT", parameters={name: "old"})
    device.inform("0 BOOTSTRAP", parameters={IGD + "DeviceSummary": "new"})
    listed = {p["name"] for p in api.pages(device_path(device.id, "/parameters"), "parameters")
              if p["value"] is not None}
    assert name not in listed


def test_a_second_inform_of_the_device_supersedes_its_session(acs):
    first = acs.device()
    first.inform("2 PERIODIC")
    queue(acs.api, first.id, "GetRPCMethods")
    second = acs.device(serial=first.identity[3])
    assert second.inform("2 PERIODIC").status == 200
    assert second.empty().method == "GetRPCMethods"
    reply = first.empty()
    assert reply.status != 200 or not reply.body


def test_a_session_continues_on_a_new_connection_by_its_cookie(acs):
    device = acs.device()
    device.inform("2 PERIODIC")
    queue(acs.api, device.id, "GetRPCMethods")
    device.connect()
    reply = device.empty()
    assert reply.method == "GetRPCMethods"
    device.connect()
    assert device.answer(reply, envelope.methods_response(["Inform"])).status == 204


def test_a_device_that_returns_no_cookie_is_known_by_its_connection(acs):
    device = acs.device()
    device.inform("2 PERIODIC")
    task_id = queue(acs.api, device.id, "GetRPCMethods")
    device.cookies = {}
    reply = device.empty()
    assert reply.method == "GetRPCMethods"
    device.cookies = {}
    assert device.answer(reply, envelope.methods_response(["Inform"])).status == 204
    assert task(acs.api, task_id)["state"] == "done"


@pytest.mark.parametrize("form", ['{n}="{v}"', '$Version="0"; {n}={v};$Path=/', "other=1; {n}={v}; third=x",
                                  "other=1,{n}={v}"])
def test_a_cookie_is_recognised_in_any_form(acs, form):
    device = acs.device()
    device.inform("2 PERIODIC")
    queue(acs.api, device.id, "GetRPCMethods")
    ((name, value),) = device.cookies.items()
    device.connect()
    reply = device.post(headers={"Cookie": form.format(n=name, v=value)})
    assert reply.method == "GetRPCMethods"


def test_a_stale_cookie_does_not_hinder_a_new_session(device):
    device.run_session("2 PERIODIC")
    assert device.inform("2 PERIODIC").method == "InformResponse"
    device.cookies = {name: "unknown" for name in device.cookies}
    assert device.inform("2 PERIODIC").method == "InformResponse"


@pytest.mark.parametrize("cookies", [{}, {"session": "unknown"}])
def test_an_empty_post_without_a_session_gets_no_request(acs, cookies):
    device = acs.device()
    device.run_session("2 PERIODIC")
    queue(acs.api, device.id, "GetRPCMethods")
    device.close()
    device.cookies = cookies
    reply = device.empty()
    assert reply.status in (204, 400) and not reply.body.startswith(b"<?xml")


def test_a_session_must_begin_with_an_inform(acs, database):
    device = acs.device()
    reply = device.send(envelope.transfer_complete("1.1"))
    assert reply.status == 400
    assert database.value("SELECT count(*) FROM device") == "0"


def test_two_devices_on_one_connection_are_told_apart_by_cookie(acs):
    first, second = acs.device(), acs.device()
    first.inform("2 PERIODIC")
    second.socket = first.socket
    second.inform("2 PERIODIC")
    queue(acs.api, first.id, "GetRPCMethods")
    queue(acs.api, second.id, "GetParameterValues", names=["InternetGatewayDevice."])
    assert first.empty().method == "GetRPCMethods"
    assert second.empty().method == "GetParameterValues"


def test_twenty_sessions_go_over_one_connection(device):
    socket = None
    for _ in range(20):
        device.cookies = {}
        assert device.inform("2 PERIODIC").status == 200
        assert device.empty().status == 204
        assert socket in (None, device.socket)
        socket = device.socket


def test_the_device_may_ask_for_the_servers_methods(device):
    device.inform("2 PERIODIC")
    reply = device.send("<cwmp:GetRPCMethods/>", id="42")
    assert (reply.method, reply.envelope.id) == ("GetRPCMethodsResponse", "42")
    assert {"Inform", "GetRPCMethods", "TransferComplete"} <= set(reply.envelope.texts("MethodList/string"))


@pytest.mark.parametrize("request_", ["<cwmp:X_ACME_Foo/>", "<cwmp:Reboot><CommandKey>k</CommandKey></cwmp:Reboot>",
                                      "<cwmp:GetParameterValues/>"], ids=["vendor", "ours", "ours without arguments"])
def test_an_unknown_request_of_the_device_is_fault_8000(device, request_):
    device.inform("2 PERIODIC")
    reply = device.send(request_, id="7")
    assert (reply.status, reply.method, reply.envelope.id) == (200, "Fault", "7")
    assert reply.envelope.fault_code == 8000
    assert reply.envelope.text("faultstring") == "CWMP fault"
    assert device.empty().status == 204


@pytest.mark.parametrize("namespace", ["1-0", "1-1", "1-2", "1-3", "1-4"])
def test_the_answer_is_in_the_namespace_of_the_inform(acs, namespace):
    device = acs.device(namespace=namespace)
    reply = device.inform("2 PERIODIC")
    assert reply.envelope.namespace == namespace
    task_id = queue(acs.api, device.id, "GetRPCMethods")
    request = device.empty()
    assert request.envelope.namespace == namespace
    assert device.answer(request, envelope.methods_response(["Inform"])).status == 204
    assert task(acs.api, task_id)["state"] == "done"
    fault = acs.device(namespace=namespace)
    fault.inform("2 PERIODIC")
    assert fault.send("<cwmp:X_ACME_Foo/>").envelope.namespace == namespace


def test_an_api_client_sees_the_device_online_after_its_inform(device, api):
    device.inform("2 PERIODIC")
    assert api.get(device_path(device.id)).json["online"] is True


def test_the_device_document_has_every_field(device, api):
    device.inform("1 BOOT")
    assert set(api.get(device_path(device.id)).json) >= {
        "id", "oui", "product_class", "serial_number", "manufacturer", "root", "cwmp_version", "software_version",
        "hardware_version", "connection_request_url", "registered", "last_inform", "last_boot", "last_bootstrap",
        "events", "tags", "online"}


def test_a_hundred_devices_in_parallel_are_not_mixed(acs):
    devices = [acs.device() for _ in range(100)]
    for device in devices:
        assert device.inform("2 PERIODIC").status == 200
    for device in devices:
        queue(acs.api, device.id, "GetParameterValues", names=[f"InternetGatewayDevice.X_{device.identity[3]}"])
    for device in devices:
        request = device.empty()
        assert request.envelope.texts("ParameterNames/string") == [f"InternetGatewayDevice.X_{device.identity[3]}"]
        name = request.envelope.texts("ParameterNames/string")[0]
        assert device.answer(request, envelope.values_response({name: device.identity[3]})).status == 204
        device.close()
