"""Tasks: queued by an operator, sent in order, and what becomes of them."""

import time

import pytest

import envelope
from lab.programs import wait_until
from steps import device_path, queue, stored, stored_value, task, task_states

IGD = "InternetGatewayDevice."
SSID = IGD + "LANDevice.1.WLANConfiguration.1.SSID"


@pytest.fixture
def known(device):
    """A device that has informed once."""
    device.run_session("1 BOOT")
    return device


def test_a_task_waits_for_the_next_session_and_is_done_in_it(known, api):
    task_id = queue(api, known.id, "GetRPCMethods")
    waiting = task(api, task_id)
    assert (waiting["state"], waiting["attempts"], waiting["sent"], waiting["finished"]) == ("queued", 0, None, None)
    received = known.run_session(answers={"GetRPCMethods": envelope.methods_response(["Reboot", "X_A"])})
    assert [r.method for r in received] == ["GetRPCMethods"]
    done = task(api, task_id)
    assert (done["state"], done["attempts"], done["fault"]) == ("done", 1, None)
    assert done["result"] == {"methods": ["Reboot", "X_A"]}
    assert done["created"] <= done["sent"] <= done["finished"]


def test_a_task_document_has_every_field(known, api):
    document = task(api, queue(api, known.id, "Reboot"))
    assert set(document) >= {"id", "device", "method", "arguments", "state", "attempts", "command_key", "created",
                             "sent", "finished", "result", "fault", "actor"}
    assert (document["device"], document["method"], document["actor"]) == (known.id, "Reboot", "test admin")


def test_queueing_answers_with_the_location_of_the_task(known, api):
    answer = api.post(device_path(known.id, "/tasks"), {"method": "Reboot"})
    assert answer.status == 202
    assert api.get(answer.headers["Location"]).json["id"] == answer.json["id"]


def test_tasks_go_out_one_at_a_time_in_order_and_in_one_session(known, api):
    names = [IGD + "A", IGD + "B", IGD + "C"]
    ids = [queue(api, known.id, "GetParameterValues", names=[name]) for name in names]
    received = known.run_session(answers={"GetParameterValues": values_of({n: n[-1] for n in names})})
    assert [r.texts("ParameterNames/string") for r in received] == [[n] for n in names]
    assert [task(api, i)["state"] for i in ids] == ["done"] * 3
    assert len({r.id for r in received}) == 3
    assert all(r.id_element.get(f"{{{envelope.SOAP}}}mustUnderstand") == "1" for r in received)


def values_of(known_values, type="xsd:string"):
    """Answers a GetParameterValues from a dictionary."""

    def answer(request):
        names = request.texts("ParameterNames/string")
        return envelope.values_response([(n, known_values[n], type) for n in names])

    return answer


def test_a_request_of_the_device_is_answered_before_its_tasks_are_sent(known, api):
    queue(api, known.id, "GetRPCMethods")
    known.inform("2 PERIODIC")
    assert known.send("<cwmp:GetRPCMethods/>").method == "GetRPCMethodsResponse"
    assert known.empty().method == "GetRPCMethods"


def test_values_learned_are_stored_with_their_type(known, api, database):
    values = [(IGD + "X.Flag", "true", "xsd:boolean"), (IGD + "X.Count", "7", "xsd:unsignedInt"),
              (IGD + "X.Text", "<a> & 'b' \u4e2d\n", "xsd:string")]
    task_id = queue(api, known.id, "GetParameterValues", names=[name for name, _, _ in values])
    known.run_session(answers={"GetParameterValues": envelope.values_response(values)})
    known_values = stored(database, known.id)
    for name, value, type in values:
        assert known_values[name][:2] == (value, type)
    assert task(api, task_id)["result"] == {
        "parameters": [{"name": n, "value": v, "type": t} for n, v, t in values]}


def test_names_learned_are_stored_with_whether_they_are_writable(known, api, database):
    names = {IGD + "Time.": False, IGD + "Time.Enable": True, IGD + "Time.Status": False}
    task_id = queue(api, known.id, "GetParameterNames", path=IGD + "Time.", next_level=False)
    (request,) = known.run_session(answers={"GetParameterNames": envelope.names_response(names)})
    assert (request.text("ParameterPath"), request.text("NextLevel")) == (IGD + "Time.", "0")
    known_names = stored(database, known.id)
    assert {n: known_names[n][2] for n in names} == {n: "t" if w else "f" for n, w in names.items()}
    assert task(api, task_id)["result"] == {"parameters": [{"name": n, "writable": w} for n, w in names.items()]}


def test_set_parameter_values_sends_the_learned_type(known, api, database):
    known.run_session("1 BOOT", parameters=[(IGD + "X.Flag", "0", "xsd:boolean")])
    task_id = queue(api, known.id, "SetParameterValues", parameter_key="key",
                    parameters=[{"name": IGD + "X.Flag", "value": True}, {"name": SSID, "value": "a & <b>"},
                                {"name": IGD + "X.Count", "value": 12, "type": "xsd:unsignedInt"}])
    (request,) = known.run_session(answers={"SetParameterValues": envelope.status_response("SetParameterValues")})
    sent = {name: (value, type) for name, value, type in request.parameters}
    assert sent[IGD + "X.Flag"] in (("1", "xsd:boolean"), ("true", "xsd:boolean"))
    assert sent[SSID] == ("a & <b>", "xsd:string")
    assert sent[IGD + "X.Count"] == ("12", "xsd:unsignedInt")
    assert request.text("ParameterKey") == "key"
    assert task(api, task_id)["result"] == {"status": 0}
    assert stored_value(database, known.id, SSID) == "a & <b>"


def test_arrays_that_the_server_sends_are_counted_rightly(known, api):
    queue(api, known.id, "GetParameterValues", names=[IGD + "A", IGD + "B"])
    known.inform("2 PERIODIC")
    request = known.empty()
    names = request.envelope.content.find("ParameterNames")
    assert names.get("{http://schemas.xmlsoap.org/soap/encoding/}arrayType") == "xsd:string[2]"


def test_a_refused_set_leaves_the_stored_values_and_shows_every_reason(known, api, database):
    known.run_session("1 BOOT", parameters={SSID: "before"})
    task_id = queue(api, known.id, "SetParameterValues", parameters=[{"name": SSID, "value": "after"}])
    fault = envelope.fault(9003, "Invalid arguments", [(SSID, 9007, "Too long"), (IGD + "B", 9008, "Read only")])
    known.run_session(parameters={IGD + "DeviceSummary": "x"}, answers={"SetParameterValues": fault})
    failed = task(api, task_id)
    assert failed["state"] == "failed"
    assert failed["fault"] == {"code": 9003, "message": "Invalid arguments", "parameters": [
        {"name": SSID, "code": 9007, "message": "Too long"},
        {"name": IGD + "B", "code": 9008, "message": "Read only"}]}
    assert stored_value(database, known.id, SSID) == "before"


def test_an_object_is_added_and_deleted(known, api):
    table = IGD + "Layer3Forwarding.Forwarding."
    add = queue(api, known.id, "AddObject", object=table)
    delete = queue(api, known.id, "DeleteObject", object=table + "7.")
    received = known.run_session(answers={"AddObject": envelope.add_object_response(7),
                                          "DeleteObject": envelope.status_response("DeleteObject", 1)})
    assert [r.text("ObjectName") for r in received] == [table, table + "7."]
    assert task(api, add)["result"] == {"instance_number": 7, "status": 0}
    assert task(api, delete)["result"] == {"status": 1}


def test_a_deleted_object_is_forgotten_with_all_below_it(known, api, database):
    names = [IGD + "T.1.Name", IGD + "T.1.Sub.Value", IGD + "T.10.Name"]
    known.run_session("1 BOOT", parameters={n: "x" for n in names})
    queue(api, known.id, "DeleteObject", object=IGD + "T.1.")
    known.run_session(answers={"DeleteObject": envelope.status_response("DeleteObject")})
    left = {p["name"] for p in api.pages(device_path(known.id, "/parameters"), "parameters")}
    assert names[2] in left and not {names[0], names[1]} & left


@pytest.mark.parametrize("method", ["Reboot", "FactoryReset"])
def test_after_a_reboot_nothing_more_is_sent_in_that_session(known, api, method):
    first, second = queue(api, known.id, method), queue(api, known.id, "GetRPCMethods")
    received = known.run_session(answers={method: envelope.empty_response(method)})
    assert [r.method for r in received] == [method]
    assert task(api, first)["state"] == "done"
    assert task(api, second)["state"] == "queued"


def test_a_reboot_carries_the_tasks_command_key(known, api):
    task_id = queue(api, known.id, "Reboot")
    (request,) = known.run_session(answers={"Reboot": envelope.empty_response("Reboot")})
    key = task(api, task_id)["command_key"]
    assert request.text("CommandKey") == key
    assert key.endswith(".1") and len(key) <= 32


def test_a_final_fault_ends_the_task_and_the_next_one_is_sent(known, api):
    first = queue(api, known.id, "GetParameterValues", names=[IGD + "Nothing"])
    second = queue(api, known.id, "GetRPCMethods")
    known.run_session(answers={"GetParameterValues": envelope.fault(9005, "Invalid parameter name"),
                               "GetRPCMethods": envelope.methods_response(["Inform"])})
    failed = task(api, first)
    assert (failed["state"], failed["fault"]["code"], failed["fault"]["message"]) == (
        "failed", 9005, "Invalid parameter name")
    assert task(api, second)["state"] == "done"


def test_a_fault_without_detail_fails_the_task_and_not_the_session(known, api):
    task_id = queue(api, known.id, "GetRPCMethods")
    bare = "<soap:Fault><faultcode>Server</faultcode><faultstring>broken</faultstring></soap:Fault>"
    known.run_session(answers={"GetRPCMethods": bare})
    assert task(api, task_id)["state"] == "failed"


def test_faults_of_devices_are_listed(known, api):
    queue(api, known.id, "Reboot")
    known.run_session(answers={"Reboot": envelope.fault(9001, "Request denied")})
    queue(api, known.id, "GetParameterValues", names=["X."])
    listed = api.get("/api/v1/faults").json["faults"]
    assert [f["code"] for f in listed] == [9001]


@pytest.mark.parametrize("code", [9001, 9002, 9004, 9010])
def test_a_passing_fault_is_retried_later_and_holds_the_queue(start_acs, code):
    acs = start_acs({"tasks.retry_seconds": "1"})
    device = acs.device()
    device.run_session("1 BOOT")
    first = queue(acs.api, device.id, "GetRPCMethods")
    second = queue(acs.api, device.id, "GetParameterValues", names=[IGD + "A"])
    assert len(device.run_session(answers={"GetRPCMethods": envelope.fault(code)})) == 1
    assert [task(acs.api, t)["state"] for t in (first, second)] == ["queued", "queued"]
    time.sleep(1.2)
    device.run_session(answers={"GetRPCMethods": envelope.methods_response(["Inform"]),
                                "GetParameterValues": envelope.values_response({IGD + "A": "1"})})
    assert [task(acs.api, t)["state"] for t in (first, second)] == ["done", "done"]
    assert task(acs.api, first)["attempts"] == 2


def test_a_task_fails_after_the_last_attempt(start_acs):
    acs = start_acs({"tasks.retry_seconds": "1", "tasks.attempts": "2"})
    device = acs.device()
    device.run_session("1 BOOT")
    task_id = queue(acs.api, device.id, "GetRPCMethods")
    for _ in range(3):
        device.run_session(answers={"GetRPCMethods": envelope.fault(9002, "Internal error")})
        time.sleep(1.2)
    failed = task(acs.api, task_id)
    assert (failed["state"], failed["attempts"], failed["fault"]["code"]) == ("failed", 2, 9002)


def test_a_failed_task_is_queued_again_by_retry(known, api):
    task_id = queue(api, known.id, "GetParameterValues", names=[IGD + "A"])
    known.run_session(answers={"GetParameterValues": envelope.fault(9005)})
    answer = api.post(f"/api/v1/tasks/{task_id}/retry")
    assert answer.status in (200, 202), answer
    known.run_session(answers={"GetParameterValues": envelope.values_response({IGD + "A": "1"})})
    done = task(api, task_id)
    assert (done["state"], done["fault"]) == ("done", None)


def test_a_task_that_is_not_final_cannot_be_retried(known, api):
    assert api.post(f"/api/v1/tasks/{queue(api, known.id, 'Reboot')}/retry").status == 409


def test_a_queued_task_is_cancelled_and_never_sent(known, api):
    task_id = queue(api, known.id, "Reboot")
    assert api.delete(f"/api/v1/tasks/{task_id}").status in (200, 204)
    assert task(api, task_id)["state"] == "cancelled"
    assert known.run_session() == []


def test_a_task_under_way_cannot_be_cancelled(known, api):
    task_id = queue(api, known.id, "Reboot")
    known.inform("2 PERIODIC")
    known.empty()
    assert api.delete(f"/api/v1/tasks/{task_id}").status == 409


def test_a_task_expires_unsent(start_acs):
    acs = start_acs({"server.sweep_seconds": "1"})
    device = acs.device()
    device.run_session("1 BOOT")
    task_id = queue(acs.api, device.id, "Reboot", expires_in=1)
    wait_until(lambda: task(acs.api, task_id)["state"] == "expired", 10, "expiry")
    assert device.run_session() == []


def test_a_task_past_its_time_is_not_sent_even_before_it_is_swept(known, api):
    task_id = queue(api, known.id, "Reboot", expires_in=1)
    time.sleep(1.2)
    assert known.run_session() == []
    assert task(api, task_id)["state"] in ("queued", "expired")


def test_a_task_that_is_not_due_yet_lets_others_pass(known, api):
    late = queue(api, known.id, "Reboot", not_before="2999-01-01T00:00:00Z")
    queue(api, known.id, "GetRPCMethods")
    received = known.run_session(answers={"GetRPCMethods": envelope.methods_response(["Inform"])})
    assert [r.method for r in received] == ["GetRPCMethods"]
    assert task(api, late)["state"] == "queued"


def test_a_lost_answer_to_a_harmless_request_makes_it_go_out_again(known, api):
    task_id = queue(api, known.id, "GetRPCMethods")
    known.inform("2 PERIODIC")
    assert known.empty().method == "GetRPCMethods"
    known.hang_up()
    known.run_session(answers={"GetRPCMethods": envelope.methods_response(["Inform"])})
    done = task(api, task_id)
    assert (done["state"], done["attempts"]) == ("done", 2)


def test_a_lost_answer_to_a_reboot_is_never_repeated_but_settled_by_its_event(known, api):
    task_id = queue(api, known.id, "Reboot")
    known.inform("2 PERIODIC")
    key = known.empty().envelope.text("CommandKey")
    known.hang_up()
    assert known.run_session("1 BOOT", ("M Reboot", key)) == []
    assert task(api, task_id)["state"] == "done"


def test_a_reboot_whose_outcome_stays_unknown_fails(known, api):
    task_id = queue(api, known.id, "Reboot")
    known.inform("2 PERIODIC")
    known.empty()
    known.hang_up()
    assert known.run_session("2 PERIODIC") == []
    failed = task(api, task_id)
    assert failed["state"] == "failed"
    assert "unknown" in failed["fault"]["message"]


def test_a_lost_factory_reset_is_settled_by_bootstrap(start_acs):
    acs = start_acs()
    acs.api.put("/api/v1/onboarding", {"tasks": []})
    device = acs.device()
    device.run_session("1 BOOT")
    task_id = queue(acs.api, device.id, "FactoryReset")
    device.inform("2 PERIODIC")
    assert device.empty().method == "FactoryReset"
    device.hang_up()
    device.run_session("0 BOOTSTRAP", "1 BOOT")
    assert task(acs.api, task_id)["state"] == "done"


def test_a_lost_add_object_is_found_out_by_its_parameter_key(known, api):
    table = IGD + "Layer3Forwarding.Forwarding."
    task_id = queue(api, known.id, "AddObject", object=table)
    known.inform("2 PERIODIC")
    key = known.empty().envelope.text("ParameterKey")
    assert key
    known.hang_up()
    received = known.run_session("2 PERIODIC", parameters={IGD + "ManagementServer.ParameterKey": key})
    assert "AddObject" not in [r.method for r in received]
    assert task(api, task_id)["state"] == "done"


def test_deleting_what_is_gone_already_counts_as_done_on_the_repeat(known, api):
    task_id = queue(api, known.id, "DeleteObject", object=IGD + "T.1.")
    known.inform("2 PERIODIC")
    known.empty()
    known.hang_up()
    known.run_session(answers={"DeleteObject": envelope.fault(9005)})
    assert task(api, task_id)["state"] == "done"


def test_an_answer_with_another_id_is_not_taken(known, api):
    task_id = queue(api, known.id, "GetRPCMethods")
    known.inform("2 PERIODIC")
    known.empty()
    reply = known.send(envelope.methods_response(["Inform"]), id="something else")
    assert reply.status != 200 or reply.body == b""
    assert task(api, task_id)["state"] != "done"


def test_an_answer_to_another_method_is_not_taken(known, api):
    task_id = queue(api, known.id, "GetRPCMethods")
    known.inform("2 PERIODIC")
    known.answer(known.empty(), envelope.status_response("SetParameterValues"))
    assert task(api, task_id)["state"] != "done"


def test_an_answer_without_an_id_is_taken_by_the_order_of_the_session(known, api):
    task_id = queue(api, known.id, "GetRPCMethods")
    known.inform("2 PERIODIC")
    known.empty()
    known.send(envelope.methods_response(["Inform"]), id=None)
    assert task(api, task_id)["state"] == "done"


def test_an_empty_post_instead_of_an_answer_ends_the_session_and_keeps_the_task(known, api):
    task_id = queue(api, known.id, "GetRPCMethods")
    known.inform("2 PERIODIC")
    known.empty()
    reply = known.empty()
    assert reply.status in (204, 400) and b"Envelope" not in reply.body
    known.run_session(answers={"GetRPCMethods": envelope.methods_response(["Inform"])})
    assert task(api, task_id)["state"] == "done"


def test_the_server_never_answers_a_response_with_a_fault(known):
    known.inform("2 PERIODIC")
    reply = known.send(envelope.status_response("SetParameterValues"))
    assert reply.status in (204, 400)


def test_a_waiting_client_is_answered_as_soon_as_the_session_has_finished_the_task(known, acs):
    import threading
    answers = []
    call = threading.Thread(target=lambda: answers.append(acs.api.post(
        device_path(known.id, "/tasks?wait=20"), {"method": "GetRPCMethods"})))
    # The device has no reachable connection-request URL, so the client gets 202 at once.
    call.start()
    call.join(20)
    (answer,) = answers
    assert answer.status == 202
    assert answer.json["connection_request"]["error"] in ("refused", "timeout", "no-url")
    assert answer.json["connection_request"]["detail"]


def test_tasks_are_listed_by_device_and_state(acs):
    devices = [acs.device(), acs.device()]
    for device in devices:
        device.run_session("1 BOOT")
        queue(acs.api, device.id, "Reboot")
    first = devices[0]
    first.run_session(answers={"Reboot": envelope.empty_response("Reboot")})
    queue(acs.api, first.id, "GetRPCMethods")
    assert sorted(task_states(acs.api, first.id)) == ["done", "queued"]
    queued = acs.api.get("/api/v1/tasks?state=queued&limit=10").json["tasks"]
    assert sorted(t["method"] for t in queued) == ["GetRPCMethods", "Reboot"]


def test_more_open_tasks_than_the_limit_are_refused(start_acs):
    acs = start_acs({"tasks.queue": "3"})
    device = acs.device()
    device.run_session("1 BOOT")
    for _ in range(3):
        queue(acs.api, device.id, "Reboot")
    assert acs.api.post(device_path(device.id, "/tasks"), {"method": "Reboot"}).status in (409, 429)


def test_bootstrap_keeps_queued_tasks_and_fails_transfers(start_acs):
    acs = start_acs()
    acs.api.put("/api/v1/onboarding", {"tasks": []})
    device = acs.device()
    device.run_session("1 BOOT")
    transfer = queue(acs.api, device.id, "Download", file_type="1 Firmware Upgrade Image", url="http://192.0.2.1/f")
    device.run_session(answers={"Download": envelope.download_response(1)})
    reboot = queue(acs.api, device.id, "Reboot")
    received = device.run_session("0 BOOTSTRAP", answers={"Reboot": envelope.empty_response("Reboot")})
    assert [r.method for r in received] == ["Reboot"]
    assert task(acs.api, transfer)["state"] == "failed"
    assert task(acs.api, reboot)["state"] == "done"
