"""Onboarding: what is queued for a device when it bootstraps."""

import envelope
from lab.programs import wait_until
from secret_log import SECRET
from steps import device_row, queue, stored_value, task_states

IGD = "InternetGatewayDevice."
MANAGEMENT = IGD + "ManagementServer."


def accept_everything():
    return {
        "SetParameterValues": envelope.status_response("SetParameterValues"),
        "GetParameterNames": envelope.names_response({IGD: False, IGD + "DeviceSummary": False}),
        "GetParameterValues": envelope.values_response({IGD + "DeviceSummary": "x"}),
    }


def test_by_default_a_new_device_gets_an_interval_secrets_and_a_refresh(device, api, database):
    received = device.run_session("0 BOOTSTRAP", "1 BOOT", answers=accept_everything())
    assert [r.method for r in received][:2] == ["SetParameterValues", "GetParameterNames"]
    sent = {name: (value, type) for name, value, type in received[0].parameters}
    assert set(sent) == {MANAGEMENT + n for n in (
        "PeriodicInformEnable", "PeriodicInformInterval", "PeriodicInformTime",
        "ConnectionRequestUsername", "ConnectionRequestPassword")}
    assert sent[MANAGEMENT + "PeriodicInformTime"][1] == "xsd:dateTime"
    assert len(sent[MANAGEMENT + "ConnectionRequestPassword"][0]) >= 12
    assert set(task_states(api, device.id)) == {"done"}


def test_each_device_gets_secrets_and_a_time_of_its_own(acs):
    def onboarding():
        (request, *_) = acs.device().run_session("0 BOOTSTRAP", answers=accept_everything())
        values = {name: value for name, value, _ in request.parameters}
        return [values[MANAGEMENT + n] for n in ("ConnectionRequestPassword", "PeriodicInformTime")]

    first, second = onboarding(), onboarding()
    assert first[0] != second[0] and first[1] != second[1]


def test_the_secret_is_nowhere_in_clear(device, acs, database):
    (request, *_) = device.run_session("0 BOOTSTRAP", answers=accept_everything())
    secret = dict((n, v) for n, v, _ in request.parameters)[MANAGEMENT + "ConnectionRequestPassword"]
    for table in ("task", "parameter", "credential", "setting", "audit"):
        assert secret not in str(database.query(f"SELECT * FROM {table}")), table
    assert secret not in acs.output
    assert stored_value(database, device.id, MANAGEMENT + "ConnectionRequestPassword") in ("", None)


def test_operators_choose_the_onboarding_tasks(device, api):
    assert api.put("/api/v1/onboarding", {"tasks": [{"method": "GetRPCMethods"}]}).status in (200, 204)
    assert api.get("/api/v1/onboarding").json["tasks"] == [{"method": "GetRPCMethods"}]
    received = device.run_session("0 BOOTSTRAP", answers={"GetRPCMethods": envelope.methods_response(["Inform"])})
    assert [r.method for r in received] == ["GetRPCMethods"]


def test_an_onboarding_task_that_cannot_be_sent_is_refused(api):
    answer = api.put("/api/v1/onboarding", {"tasks": [{"method": "GetParameterValues"}]})
    assert answer.status == 400
    assert "names" in answer.body.decode()


def test_onboarding_runs_once_for_each_bootstrap_inform(device, api):
    api.put("/api/v1/onboarding", {"tasks": [{"method": "GetRPCMethods"}]})
    answers = {"GetRPCMethods": envelope.methods_response(["Inform"])}
    assert len(device.run_session("0 BOOTSTRAP", answers=answers)) == 1
    assert device.run_session("2 PERIODIC", answers=answers) == []
    assert len(device.run_session("0 BOOTSTRAP", answers=answers)) == 1


def test_tasks_queued_before_the_first_contact_are_kept(acs, database):
    device = acs.device()
    acs.api.put("/api/v1/onboarding", {"tasks": []})
    acs.api.put(f"/api/v1/credentials/{device.id}", {"username": "u", "password": SECRET})
    queue(acs.api, device.id, "GetRPCMethods")
    received = device.run_session("0 BOOTSTRAP", answers={"GetRPCMethods": envelope.methods_response(["Inform"])})
    assert [r.method for r in received] == ["GetRPCMethods"]
    assert device_row(database, device.id, "registered IS NOT NULL") == "t"


def test_a_device_that_lacks_a_parameter_gets_the_others(acs, start_cpe, database, shared):
    agent = start_cpe(acs.urls["cwmp"], data_model=shared / "datamodels/huawei-bm632w.csv")
    wait_until(lambda: [t for t in acs.api.pages("/api/v1/tasks", "tasks") if t["method"] == "SetParameterValues"
                        and t["state"] in ("done", "failed")], 30, "the end of onboarding's values")
    (task,) = [t for t in acs.api.pages("/api/v1/tasks", "tasks") if t["method"] == "SetParameterValues"]
    assert task["state"] == "done", task
    assert task["result"] == {"status": 0, "skipped": [MANAGEMENT + "PeriodicInformTime"]}
    assert agent.saved()["tree"]["values"][MANAGEMENT + "ConnectionRequestUsername"]
