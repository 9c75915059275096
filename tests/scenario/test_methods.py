"""The methods beyond the everyday ones: what is sent for a task, what its answer becomes, and what devices
tell on their own. Everything is written by hand on the device's side.
"""

import urllib.request
from urllib.parse import quote

import pytest

import envelope
from secret_log import SECRET
from steps import device_path, execute, put_file, queue, stored, task, task_states

IGD = "InternetGatewayDevice."
MANAGEMENT = IGD + "ManagementServer."
UUID = "01234567-89ab-cdef-0123-456789abcdef"
FIRMWARE_TYPE = "1 Firmware Upgrade Image"
WINDOWS = [{"start": 0, "end": 60, "mode": "2 Immediately"},
           {"start": 60, "end": 120, "mode": "X ACME Whenever", "user_message": "<now & then>", "max_retries": -1}]
OPERATIONS = [{"operation": "Install", "url": "http://x/du", "username": "u", "password": SECRET},
              {"operation": "Update", "uuid": UUID, "version": "2"},
              {"operation": "Uninstall", "uuid": UUID, "execution_env_ref": "Device.SoftwareModules.ExecEnv.1"}]


@pytest.fixture
def known(acs):
    """A device of version 1.2 that has informed once."""
    device = acs.device(namespace="1-2")
    device.run_session("1 BOOT")
    yield device
    device.close()


def perform(device, api, method, answer, **arguments):
    """One task in one session: the request that was sent for it, and the task afterwards."""
    task_id = queue(api, device.id, method, **arguments)
    (request,) = device.run_session(answers={method: answer})
    return request, task(api, task_id)


def events(api, device, query=""):
    listed = api.pages(f"/api/v1/events?device={quote(device.id)}{query}", "events")
    return [(event["kind"], event["detail"]) for event in listed]


# Every method in every namespace that has it.

SIMPLE = {
    "1-0": {
        "GetRPCMethods": ({}, envelope.methods_response(["GetRPCMethods", "Reboot", "FactoryReset"])),
        "GetParameterNames": ({"path": IGD, "next_level": True}, envelope.names_response({IGD + "A": True})),
        "GetParameterValues": ({"names": [IGD + "A"]}, envelope.values_response({IGD + "A": "1"})),
        "SetParameterValues": ({"parameters": [{"name": IGD + "A", "value": "2"}]},
                               envelope.status_response("SetParameterValues")),
        "GetParameterAttributes": ({"names": [IGD + "A"]}, envelope.attributes_response({IGD + "A": (0, [])})),
        "SetParameterAttributes": ({"parameters": [{"name": IGD + "A", "notification": 2, "access_list": []}]},
                                   envelope.empty_response("SetParameterAttributes")),
        "AddObject": ({"object": IGD + "T."}, envelope.add_object_response(1)),
        "DeleteObject": ({"object": IGD + "T.1."}, envelope.status_response("DeleteObject")),
        "Download": ({"file_type": "3 Vendor Configuration File", "url": "http://x/y"}, envelope.download_response(0)),
        "Upload": ({"file_type": "1 Vendor Configuration File", "url": "http://x/y"}, envelope.upload_response(0)),
        "ScheduleInform": ({"delay_seconds": 60}, envelope.empty_response("ScheduleInform")),
        "GetQueuedTransfers": ({}, envelope.queued_response([])),
        "GetOptions": ({}, envelope.options_response("VPN")),
        "SetVouchers": ({"vouchers": ["QUJD"]}, envelope.empty_response("SetVouchers")),
    },
    "1-1": {"GetAllQueuedTransfers": ({}, envelope.all_queued_response([]))},
    "1-2": {"CancelTransfer": ({"command_key": "x"}, envelope.empty_response("CancelTransfer"))},
}
LAST = {method: ({}, envelope.empty_response(method)) for method in ("Reboot", "FactoryReset")}


@pytest.mark.parametrize("namespace", ["1-0", "1-1", "1-2", "1-3", "1-4"])
def test_every_method_is_sent_in_the_namespace_of_the_device(acs, api, namespace):
    device = acs.device(namespace=namespace)
    device.run_session("1 BOOT")
    methods = {m: how for since, listed in SIMPLE.items() if since <= namespace for m, how in listed.items()}
    del methods["GetRPCMethods"]  # whose answer would forbid the rest
    ids = [queue(api, device.id, method, **arguments) for method, (arguments, _) in methods.items()]
    received = device.run_session(answers={method: answer for method, (_, answer) in methods.items()})
    assert [(r.method, r.namespace) for r in received] == [(method, namespace) for method in methods]
    assert {task(api, i)["state"] for i in ids} == {"done"}
    for method, (arguments, answer) in ({"GetRPCMethods": SIMPLE["1-0"]["GetRPCMethods"]} | LAST).items():
        _, done = perform(device, api, method, answer, **arguments)
        assert done["state"] == "done"
    device.close()


# Tasks that are over with their answer.

def test_attributes_are_read_and_stored(known, api, database):
    name = MANAGEMENT + "ParameterKey"
    answer = envelope.attributes_response({name: (2, ["Subscriber", "X_ACME"]), IGD + "Unheard": (1, [])})
    request, done = perform(known, api, "GetParameterAttributes", answer, names=[MANAGEMENT])
    assert request.texts("ParameterNames/string") == [MANAGEMENT]
    assert done["result"]["parameters"][0] == {
        "name": name, "notification": 2, "access_list": ["Subscriber", "X_ACME"]}
    listed = api.get(device_path(known.id, f"/parameters?prefix={name}")).json["parameters"]
    assert [p["notification"] for p in listed] == [2]
    assert IGD + "Unheard" not in stored(database, known.id)


def test_attributes_are_set(known, api):
    request, done = perform(
        known, api, "SetParameterAttributes", envelope.empty_response("SetParameterAttributes"),
        parameters=[{"name": MANAGEMENT, "notification": 1},
                    {"name": MANAGEMENT + "ParameterKey", "access_list": ["Subscriber"]}])
    struct = "ParameterList/SetParameterAttributesStruct/"
    assert request.texts(struct + "Name") == [MANAGEMENT, MANAGEMENT + "ParameterKey"]
    assert [t in ("1", "true") for t in request.texts(struct + "NotificationChange")] == [True, False]
    assert [t in ("1", "true") for t in request.texts(struct + "AccessListChange")] == [False, True]
    assert request.texts(struct + "AccessList/string") == ["Subscriber"]
    assert done["result"] == {}
    listed = api.get(device_path(known.id, f"/parameters?prefix={MANAGEMENT}")).json["parameters"]
    assert {p["notification"] for p in listed} == {1}


def test_an_inform_is_scheduled_with_our_key(known, api):
    request, done = perform(known, api, "ScheduleInform", envelope.empty_response("ScheduleInform"), delay_seconds=30)
    assert request.text("DelaySeconds") == "30"
    assert request.text("CommandKey") == done["command_key"]
    assert (done["state"], done["result"]) == ("done", {})
    known.run_session("3 SCHEDULED", ("M ScheduleInform", done["command_key"]))
    assert [kind for kind, _ in events(api, known)] == ["M ScheduleInform", "scheduled", "boot"]


def test_queued_transfers_are_listed(known, api):
    _, done = perform(known, api, "GetQueuedTransfers", envelope.queued_response([("17.1", 1), ("x", 3)]))
    assert done["result"] == {"transfers": [{"command_key": "17.1", "state": 1}, {"command_key": "x", "state": 3}]}
    answer = envelope.all_queued_response([("17.1", 2, True, FIRMWARE_TYPE, 4711, "fw")])
    _, done = perform(known, api, "GetAllQueuedTransfers", answer)
    assert done["result"] == {"transfers": [
        {"command_key": "17.1", "state": 2, "is_download": True, "file_type": FIRMWARE_TYPE,
         "file_size": 4711, "target_file_name": "fw"}]}


def test_options_and_vouchers(known, api):
    request, done = perform(known, api, "GetOptions", envelope.options_response("VPN", 7), option_name="VPN")
    assert request.text("OptionName") == "VPN"
    assert done["result"]["options"] == [
        {"option_name": "VPN", "voucher_sn": 7, "state": 1, "mode": 2, "start_date": "2026-01-01T00:00:00Z",
         "expiration_date": "", "is_transferable": True}]
    request, done = perform(known, api, "SetVouchers", envelope.empty_response("SetVouchers"), vouchers=["QUJD"])
    assert request.texts("VoucherList/base64") == ["QUJD"]
    assert done["result"] == {}


def test_a_vendors_method_goes_through_as_it_is(known, api):
    answer = '<cwmp:X_ACME_FooResponse><B a="1">&lt;ok&gt;</B></cwmp:X_ACME_FooResponse>'
    request, done = perform(known, api, "X_ACME_Foo", answer, xml="<A>1 &amp; 2</A><A/>")
    assert [a.text for a in request.content.findall("A")] == ["1 & 2", None]
    assert done["state"] == "done"
    assert done["result"]["xml"].strip() == '<B a="1">&lt;ok&gt;</B>'


# Transfers.

def put(url, data):
    request = urllib.request.Request(url, data=data, method="PUT")
    with urllib.request.urlopen(request, timeout=20) as response:
        return response.status


def test_an_upload_lands_in_the_catalogue(known, api):
    request, sent = perform(known, api, "Upload", envelope.upload_response(1), file_type="2 Vendor Log File")
    assert request.text("FileType") == "2 Vendor Log File"
    assert request.text("CommandKey") == sent["command_key"]
    assert sent["state"] == "sent"
    assert put(request.text("URL"), b"the log") in (200, 201, 204)
    known.inform("7 TRANSFER COMPLETE", ("M Upload", sent["command_key"]))
    assert known.send(envelope.transfer_complete(sent["command_key"])).method == "TransferCompleteResponse"
    assert known.empty().status == 204
    done = task(api, sent["id"])
    assert (done["state"], done["result"]["file"]) == ("done", f"upload-{sent['id']}")
    assert api.get(f"/api/v1/files/{done['result']['file']}/content").body == b"the log"


def test_an_upload_to_the_operators_own_place_has_no_file_here(known, api):
    request, done = perform(known, api, "Upload", envelope.upload_response(0), file_type="1 Vendor Configuration File",
                            url="http://files.example/in?x=1", username="u", password=SECRET)
    assert request.text("URL") == "http://files.example/in?x=1"
    assert (request.text("Username"), request.text("Password")) == ("u", SECRET)
    assert (done["state"], done["result"]["file"], done["result"]["status"]) == ("done", None, 0)
    assert SECRET not in str(done)


def test_a_scheduled_download_carries_its_windows_and_awaits_its_completion(known, api):
    request, sent = perform(
        known, api, "ScheduleDownload", envelope.empty_response("ScheduleDownload"),
        file_type=FIRMWARE_TYPE, url="http://x/fw", target_file_name="fw", file_size=17, windows=WINDOWS)
    window = "TimeWindowList/TimeWindowStruct/"
    assert request.texts(window + "WindowStart") == ["0", "60"]
    assert request.texts(window + "WindowEnd") == ["60", "120"]
    assert request.texts(window + "WindowMode") == ["2 Immediately", "X ACME Whenever"]
    assert request.texts(window + "UserMessage") == ["", "<now & then>"]
    assert request.texts(window + "MaxRetries") == ["0", "-1"]
    assert (request.text("FileSize"), request.text("TargetFileName")) == ("17", "fw")
    assert sent["state"] == "sent"
    known.inform("7 TRANSFER COMPLETE", ("M ScheduleDownload", sent["command_key"]))
    known.send(envelope.transfer_complete(sent["command_key"], 9020, "too late"))
    assert known.empty().status == 204
    failed = task(api, sent["id"])
    assert (failed["state"], failed["fault"]["code"]) == ("failed", 9020)


def test_a_task_that_is_no_transfer_cannot_be_cancelled_as_one(known, api):
    _, done = perform(known, api, "GetRPCMethods", envelope.methods_response(["GetRPCMethods"]))
    answer = api.post(device_path(known.id) + "/tasks", {"method": "CancelTransfer", "task": done["id"]})
    assert (answer.status, answer.json["field"]) == (400, "task")


@pytest.mark.parametrize("by", ["task", "command_key"])
def test_a_transfer_is_cancelled(known, api, by):
    _, sent = perform(known, api, "Download", envelope.download_response(1), file_type="2 Web Content", url="http://x/y")
    named = {"task": sent["id"]} if by == "task" else {"command_key": sent["command_key"]}
    request, done = perform(known, api, "CancelTransfer", envelope.empty_response("CancelTransfer"), **named)
    assert request.text("CommandKey") == sent["command_key"]
    assert (done["state"], done["result"]) == ("done", {})
    cancelled = task(api, sent["id"])
    assert (cancelled["state"], cancelled["fault"]["message"]) == ("failed", "cancelled by CancelTransfer")
    known.inform("7 TRANSFER COMPLETE")
    assert known.send(envelope.transfer_complete(sent["command_key"])).method == "TransferCompleteResponse"
    assert task(api, sent["id"])["state"] == "failed"


def test_modules_are_changed_and_their_results_awaited(known, api):
    request, sent = perform(known, api, "ChangeDUState", envelope.empty_response("ChangeDUState"),
                            operations=OPERATIONS)
    assert request.text("CommandKey") == sent["command_key"]
    assert request.text("Operations[1]/URL") == "http://x/du"
    assert request.text("Operations[2]/Version") == "2"
    assert request.text("Operations[3]/UUID") == UUID
    assert SECRET not in str(sent)
    results = [envelope.du_result(UUID, "Device.X.1"), envelope.du_result(UUID, state="Failed", code=9028, text="no"),
               envelope.du_result(UUID, state="Uninstalled")]
    known.inform("11 DU STATE CHANGE COMPLETE", ("M ChangeDUState", sent["command_key"]))
    reply = known.send(envelope.du_state_change_complete(sent["command_key"], results))
    assert reply.method == "DUStateChangeCompleteResponse"
    failed = task(api, sent["id"])
    assert (failed["state"], failed["fault"]["code"]) == ("failed", 9028)
    assert [r["current_state"] for r in failed["result"]["results"]] == ["Installed", "Failed", "Uninstalled"]
    assert failed["result"]["results"][1]["fault"] == {"code": 9028, "message": "no"}


# What is not sent.

def test_a_method_newer_than_the_device_fails_at_once(acs, api):
    device = acs.device(namespace="1-0")
    device.run_session("1 BOOT")
    failed = execute(api, device.id, "ScheduleDownload", file_type=FIRMWARE_TYPE, url="http://x/y", windows=WINDOWS)
    assert failed["state"] == "failed"
    assert failed["fault"]["message"] == "ScheduleDownload needs CWMP 1.2, the device speaks 1.0"
    assert device.run_session() == []


def test_a_method_that_the_device_does_not_list_fails_at_once(known, api):
    methods = ["GetRPCMethods", "GetParameterValues", "Upload"]
    perform(known, api, "GetRPCMethods", envelope.methods_response(methods))
    assert api.get(device_path(known.id)).json["methods"] == methods
    failed = execute(api, known.id, "FactoryReset")
    assert failed["state"] == "failed" and "does not list FactoryReset" in failed["fault"]["message"]
    assert known.run_session() == []


def test_a_method_answered_with_9000_is_not_sent_again_until_the_software_changes(known, api):
    order = {"file_type": "2 Vendor Log File"}
    _, failed = perform(known, api, "Upload", envelope.fault(9000, "Method not supported"), **order)
    assert failed["fault"]["code"] == 9000
    assert api.get(device_path(known.id)).json["refused_methods"] == ["Upload"]
    again = execute(api, known.id, "Upload", **order)
    assert again["state"] == "failed" and "9000" in again["fault"]["message"]
    other = {IGD + name: value for name, value in envelope.FORCED.items()}
    other[IGD + "DeviceInfo.SoftwareVersion"] = "2.0.0"
    known.run_session("1 BOOT", parameters=other)
    assert api.get(device_path(known.id)).json["refused_methods"] == []
    task_id = queue(api, known.id, "Upload", **order)
    assert task(api, task_id)["state"] == "queued"


# What devices tell on their own.

OWN_REQUESTS = {
    "TransferComplete": (envelope.transfer_complete("nobody's"), "transfer complete"),
    "AutonomousTransferComplete": (envelope.autonomous_transfer_complete("http://x/y", code=9016, text="gone"),
                                   "autonomous transfer complete"),
    "RequestDownload": (envelope.request_download(FIRMWARE_TYPE, [("Version", "2.0")]), "request download"),
    "Kicked": (envelope.kicked("http://x/next?a=1&b=2"), "kicked"),
    "DUStateChangeComplete": (envelope.du_state_change_complete("nobody's", [envelope.du_result(UUID)]),
                              "du state change complete"),
    "AutonomousDUStateChangeComplete": (
        envelope.autonomous_du_state_change_complete([envelope.du_result(UUID, operation="Install")]),
        "autonomous du state change complete"),
}


OWN_SINCE = {"AutonomousTransferComplete": "1-1", "DUStateChangeComplete": "1-2",
             "AutonomousDUStateChangeComplete": "1-2"}


@pytest.mark.parametrize("namespace", ["1-0", "1-1", "1-2", "1-4"])
def test_what_a_device_tells_is_answered_in_its_namespace(acs, namespace):
    device = acs.device(namespace=namespace)
    device.inform("1 BOOT")
    for method, (body, _) in OWN_REQUESTS.items():
        if namespace < OWN_SINCE.get(method, "1-0"):
            continue
        reply = device.send(body)
        assert (reply.method, reply.envelope.namespace) == (method + "Response", namespace)
    assert device.empty().status == 204
    device.close()


@pytest.mark.parametrize("method", OWN_REQUESTS)
def test_what_a_device_tells_is_answered_and_kept_as_an_event(known, api, method):
    body, kind = OWN_REQUESTS[method]
    known.inform("2 PERIODIC")
    assert known.send(body).method == method + "Response"
    assert known.empty().status == 204
    (own, _) = events(api, known)
    assert own[0] == kind
    assert own[1].get("results", [{"uuid": UUID}])[0]["uuid"] == UUID


def test_the_acs_tells_all_its_methods(known):
    known.inform("2 PERIODIC")
    reply = known.send("<cwmp:GetRPCMethods/>")
    assert set(reply.envelope.texts("MethodList/string")) == {"Inform", "GetRPCMethods", *OWN_REQUESTS}


def test_a_kicked_browser_goes_on_where_the_device_or_the_operator_says(start_acs):
    def next_url(acs):
        device = acs.device()
        device.inform("5 KICKED")
        return device.send(envelope.kicked("http://x/next")).envelope.text("NextURL")

    assert next_url(start_acs()) == "http://x/next"
    assert next_url(start_acs({"cwmp.kicked_next_url": "https://portal.example/?a=b"})) == "https://portal.example/?a=b"


def test_a_requested_download_follows_in_the_same_session(known, api):
    put_file(api, "old.bin", b"1", kind="firmware", version="1.5.0", oui="00D09E")
    put_file(api, "new.bin", b"2", kind="firmware", version="2.0.0", oui="00d09e", product_class="Gateway")
    put_file(api, "other.bin", b"3", kind="firmware", version="3.0.0", oui="FFFFFF")
    put_file(api, "for-all.bin", b"4", kind="firmware", version="3.0.0")
    known.inform("9 REQUEST DOWNLOAD")
    assert known.send(envelope.request_download(FIRMWARE_TYPE)).method == "RequestDownloadResponse"
    reply = known.empty()
    assert reply.method == "Download"
    assert reply.envelope.text("URL").endswith("/new.bin")
    assert known.answer(reply, envelope.download_response(1)).status == 204
    (listed,) = api.pages(device_path(known.id, "/tasks"), "tasks")
    assert (listed["actor"], listed["state"]) == ("request-download", "sent")
    known.inform("9 REQUEST DOWNLOAD")
    known.send(envelope.request_download(FIRMWARE_TYPE))
    assert known.empty().status == 204


def test_events_page_and_filter(known, api):
    for key in "abc":
        known.run_session(("M Reboot", key), "1 BOOT")
    kinds = [kind for kind, _ in events(api, known, "&limit=2")]
    assert kinds == ["boot", "M Reboot"] * 3 + ["boot"]
    assert [d["command_key"] for _, d in events(api, known, "&kind=M%20Reboot")] == ["c", "b", "a"]
    (event, *_) = api.get("/api/v1/events?kind=boot&limit=1").json["events"]
    assert set(event) == {"id", "device", "at", "kind", "detail"}
    assert event["device"] == known.id
    assert api.get("/api/v1/events?after=nonsense").status == 400
    assert api.get("/api/v1/events?kinds=boot").status == 400


def test_the_retry_count_is_shown(known, api):
    known.inform("2 PERIODIC", retry_count=4)
    assert api.get(device_path(known.id)).json["retry_count"] == 4
    known.inform("2 PERIODIC")
    assert api.get(device_path(known.id)).json["retry_count"] == 0


def with_key(key):
    return {IGD + name: value for name, value in (envelope.FORCED | {"ManagementServer.ParameterKey": key}).items()}


def test_a_device_that_lost_its_configuration_is_onboarded_again(known, api):
    onboarding = {"tasks": [{"method": "GetRPCMethods"}]}
    assert api.put("/api/v1/onboarding", onboarding).status == 200
    _, done = perform(known, api, "SetParameterValues", envelope.status_response("SetParameterValues"),
                      parameters=[{"name": IGD + "A", "value": "x"}])
    assert known.run_session(parameters=with_key(done["command_key"])) == []
    received = known.run_session(parameters=with_key(""))
    assert [r.method for r in received] == ["GetRPCMethods"]
    assert ("configuration lost", {"parameter_key": "", "expected": done["command_key"]}) in events(api, known)
    assert known.run_session(parameters=with_key("")) == []
    assert len(task_states(api, known.id)) == 2
