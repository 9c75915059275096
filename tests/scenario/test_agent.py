"""The agent: its events, its data model, its retries, and what it remembers."""

import time

import pytest

from envelope import Envelope
from lab.programs import wait_until
from places import MODELS
from secret_log import SECRET
from steps import (FIRMWARE, device_path, execute, onboarded, put_file, queue, stored_value, task,
                   wait_until_idle)

IGD = "InternetGatewayDevice."
SSID = IGD + "LANDevice.1.WLANConfiguration.1.SSID"
MODEL = MODELS / "gateway-tr098.csv"


@pytest.fixture
def start_agent(acs, start_cpe, database):
    """An agent that has bootstrapped and been learned; `.id` is its device."""

    def start(**options):
        agent = start_cpe(acs.urls["cwmp"], **{"data_model": MODEL, **options})
        agent.id = wait_until(lambda: database.value("SELECT id FROM device"), 30, "the agent's Inform")
        onboarded(acs.api, agent.id)
        return agent

    return start


@pytest.fixture
def agent(start_agent):
    return start_agent()


def events_of(entry):
    return {(e["code"], e["command_key"]) for e in entry["events"]}


def informs(agent):
    return agent.entries("acknowledged", method="Inform")


def restart(agent):
    """Stops and starts the agent, and waits for its first session."""
    before = len(agent.entries("session"))
    assert agent.stop() == 0
    agent.start()
    agent.wait_for_entry("session", outcome="ok", count=before + 1)


def test_the_first_inform_is_bootstrap_and_boot(agent):
    assert events_of(informs(agent)[0]) == {("0 BOOTSTRAP", ""), ("1 BOOT", "")}


def test_a_plain_restart_is_a_boot_without_bootstrap(agent):
    before = len(informs(agent))
    restart(agent)
    assert ("1 BOOT", "") in events_of(informs(agent)[before])
    assert all(("0 BOOTSTRAP", "") not in events_of(entry) for entry in informs(agent)[1:])


def test_a_reboot_reports_boot_and_m_reboot_with_its_key(agent, acs):
    before = len(informs(agent))
    done = execute(acs.api, agent.id, "Reboot")
    entry = agent.wait_for_entry("acknowledged", method="Inform", count=before + 2)
    assert {("1 BOOT", ""), ("M Reboot", done["command_key"])} <= events_of(entry)
    assert agent.entries("boot", reason="reboot", command_key=done["command_key"])


def test_a_factory_reset_bootstraps_and_forgets_what_was_set(agent, acs, database):
    before = stored_value(database, agent.id, SSID)
    execute(acs.api, agent.id, "SetParameterValues", parameters=[{"name": SSID, "value": "changed"}])
    execute(acs.api, agent.id, "FactoryReset")
    agent.wait_for_entry("boot", reason="factory-reset")
    wait_until(lambda: sum(("0 BOOTSTRAP", "") in events_of(e) for e in informs(agent)) == 2, 30,
               "the second BOOTSTRAP")
    wait_until_idle(acs.api, agent.id)
    assert stored_value(database, agent.id, SSID) == before


def test_a_value_set_by_the_acs_is_kept_over_a_restart_and_raises_no_event(agent, acs):
    execute(acs.api, agent.id, "SetParameterValues", parameters=[{"name": SSID, "value": "Café 1 & 2"}])
    restart(agent)
    done = execute(acs.api, agent.id, "GetParameterValues", names=[SSID])
    assert done["result"]["parameters"][0]["value"] == "Café 1 & 2"
    assert not any(code == "4 VALUE CHANGE" for entry in informs(agent) for code, _ in events_of(entry))


def test_a_local_change_is_told_as_value_change(agent, acs, database):
    name = IGD + "DeviceInfo.ProvisioningCode"
    assert agent.command("set", f"{name}=changed here").returncode == 0
    wait_until(lambda: any(("4 VALUE CHANGE", "") in events_of(e) for e in informs(agent)), 30, "4 VALUE CHANGE")
    wait_until(lambda: stored_value(database, agent.id, name) == "changed here", 10, "the value in the database")


def test_a_local_reboot_is_a_boot_without_m_reboot(agent):
    before = len(informs(agent))
    assert agent.command("reboot").returncode == 0
    entry = agent.wait_for_entry("acknowledged", method="Inform", count=before + 1)
    codes = {code for code, _ in events_of(entry)}
    assert "1 BOOT" in codes and "M Reboot" not in codes


def test_periodic_informs_come_at_the_interval(agent, acs):
    execute(acs.api, agent.id, "SetParameterValues", parameters=[
        {"name": IGD + "ManagementServer.PeriodicInformInterval", "value": 1, "type": "xsd:unsignedInt"}])
    before = len(informs(agent))
    started = time.monotonic()
    agent.wait_for_entry("acknowledged", method="Inform", count=before + 4)
    assert 2 <= time.monotonic() - started <= 10
    assert ("2 PERIODIC", "") in events_of(informs(agent)[-1])
    execute(acs.api, agent.id, "SetParameterValues", parameters=[
        {"name": IGD + "ManagementServer.PeriodicInformEnable", "value": False, "type": "xsd:boolean"}])
    quiet = len(informs(agent))
    time.sleep(2.5)
    assert len(informs(agent)) <= quiet + 1


def test_the_parameter_key_of_a_set_is_in_the_next_inform(agent, acs, database):
    execute(acs.api, agent.id, "SetParameterValues", parameter_key="key-1",
            parameters=[{"name": SSID, "value": "x"}])
    assert acs.api.post(device_path(agent.id, "/connection-request?session=20")).status == 200
    wait_until(lambda: stored_value(database, agent.id, IGD + "ManagementServer.ParameterKey") == "key-1", 10,
               "the ParameterKey")


@pytest.mark.parametrize("name,value,type,code", [
    (IGD + "X.Nothing", "1", "xsd:string", 9005),
    (IGD + "ManagementServer.PeriodicInformInterval", "1", "xsd:boolean", 9006),
    (IGD + "DeviceInfo.SoftwareVersion", "1", "xsd:string", 9008),
])
def test_one_bad_value_of_several_changes_nothing_and_is_named(agent, acs, name, value, type, code):
    failed = execute(acs.api, agent.id, "SetParameterValues", parameters=[
        {"name": SSID, "value": "must not stay"}, {"name": name, "value": value, "type": type}])
    assert (failed["state"], failed["fault"]["code"]) == ("failed", 9003)
    assert [(p["name"], p["code"]) for p in failed["fault"]["parameters"]] == [(name, code)]
    done = execute(acs.api, agent.id, "GetParameterValues", names=[SSID])
    assert done["result"]["parameters"][0]["value"] != "must not stay"


def test_an_unknown_name_fails_the_whole_read(agent, acs):
    failed = execute(acs.api, agent.id, "GetParameterValues", names=[SSID, IGD + "Nothing"])
    assert (failed["state"], failed["fault"]["code"]) == ("failed", 9005)


def test_partial_paths_are_read_whole(agent, acs):
    done = execute(acs.api, agent.id, "GetParameterValues", names=[IGD + "DeviceInfo."])
    names = [p["name"] for p in done["result"]["parameters"]]
    assert IGD + "DeviceInfo.SoftwareVersion" in names
    assert all(name.startswith(IGD + "DeviceInfo.") for name in names)


def test_passwords_read_back_empty(agent, acs):
    done = execute(acs.api, agent.id, "GetParameterValues", names=[IGD + "ManagementServer.ConnectionRequestPassword"])
    assert [p["value"] for p in done["result"]["parameters"]] == [""]


def test_names_of_the_next_level_are_the_children_only(agent, acs):
    done = execute(acs.api, agent.id, "GetParameterNames", path=IGD + "LANDevice.", next_level=True)
    assert [p["name"] for p in done["result"]["parameters"]] == [IGD + "LANDevice.1."]
    done = execute(acs.api, agent.id, "GetParameterNames", path=IGD + "LANDevice.", next_level=False)
    assert done["result"]["parameters"][0]["name"] == IGD + "LANDevice."


def test_a_row_is_added_learned_and_deleted(agent, acs, database):
    table = IGD + "Layer3Forwarding.Forwarding."
    added = execute(acs.api, agent.id, "AddObject", object=table)
    assert added["state"] == "done", added
    row = f"{table}{added['result']['instance_number']}."
    done = execute(acs.api, agent.id, "GetParameterNames", path=row, next_level=False)
    assert done["result"]["parameters"][0] == {"name": row, "writable": True}
    restart(agent)
    assert execute(acs.api, agent.id, "DeleteObject", object=row)["result"]["status"] == 0
    again = execute(acs.api, agent.id, "DeleteObject", object=row)
    assert (again["state"], again["fault"]["code"]) == ("failed", 9005)
    next_row = execute(acs.api, agent.id, "AddObject", object=table)
    assert next_row["result"]["instance_number"] > added["result"]["instance_number"]


def test_the_agent_tells_its_methods(agent, acs):
    done = execute(acs.api, agent.id, "GetRPCMethods")
    assert {"GetRPCMethods", "GetParameterNames", "GetParameterValues", "SetParameterValues", "AddObject",
            "DeleteObject", "Download", "Reboot", "FactoryReset"} <= set(done["result"]["methods"])


def test_the_agent_retries_until_the_server_is_back(start_acs, start_cpe, database):
    acs = start_acs()
    url = acs.urls["cwmp"]
    acs.stop()
    agent = start_cpe(url, data_model=MODEL, retry_scale=0.05)
    agent.wait_for_entry("session", outcome="failed", count=2)
    acs.restart()
    agent.wait_for_entry("session", outcome="ok")
    first = informs(agent)[0]
    assert first["retry_count"] >= 2
    assert ("0 BOOTSTRAP", "") in events_of(first)


def test_a_transfer_complete_is_told_even_after_kill_9(agent, acs):
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="9.9.9")
    task_id = queue(acs.api, agent.id, "Download", file="fw.bin")
    acs.api.post(device_path(agent.id, "/connection-request"))
    agent.wait_for_entry("executed", method="Download")
    agent.program.kill()
    agent.start()
    wait_until(lambda: task(acs.api, task_id)["state"] == "done", 40, "the end of the transfer")
    key = task(acs.api, task_id)["command_key"]
    assert agent.entries("acknowledged", method="TransferComplete", command_key=key)


@pytest.mark.parametrize("misbehaviour", ["no-cookie", "close-each", "late-empty", "own-namespace"])
def test_the_server_bears_a_device_with_bad_manners(start_agent, acs, misbehaviour):
    agent = start_agent(misbehave=misbehaviour)
    assert execute(acs.api, agent.id, "GetParameterValues", names=[SSID])["state"] == "done"


def test_a_second_agent_does_not_take_the_same_state_folder(agent, start_cpe, acs):
    second = start_cpe(acs.urls["cwmp"], data_model=MODEL, state_dir=agent.state)
    assert second.program.wait(20) != 0


@pytest.mark.parametrize("version,namespace", [("1.0", "1-0"), ("1.1", "1-1"), ("1.2", "1-2"), ("1.3", "1-2"),
                                               ("1.4", "1-2")])
def test_every_method_works_in_every_version(start_agent, acs, version, namespace):
    agent = start_agent(cwmp_version=version)
    table = IGD + "Layer3Forwarding.Forwarding."
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="9.9.9")
    added = execute(acs.api, agent.id, "AddObject", object=table)
    row = f"{table}{added['result']['instance_number']}."
    steps = [("GetRPCMethods", {}), ("GetParameterNames", {"path": IGD, "next_level": True}),
             ("GetParameterValues", {"names": [SSID]}),
             ("SetParameterValues", {"parameters": [{"name": SSID, "value": "x"}]}), ("DeleteObject", {"object": row}),
             ("Download", {"file": "fw.bin"}), ("Reboot", {}), ("FactoryReset", {})]
    for method, arguments in steps:
        done = execute(acs.api, agent.id, method, wait=40, **arguments)
        assert done["state"] == "done", done
    assert execute(acs.api, agent.id, "GetParameterValues", names=["X.Y"])["state"] == "failed"
    assert namespaces_in(agent) == {namespace}


def namespaces_in(agent):
    return {Envelope(path.read_bytes()).namespace for path in agent.trace.glob("*.xml")}


def test_once_ends_with_the_session(acs, start_cpe):
    agent = start_cpe(acs.urls["cwmp"], data_model=MODEL, once=True)
    assert agent.program.wait(60) == 0
    nobody = start_cpe("http://127.0.0.1:1/", data_model=MODEL, once=True)
    assert nobody.program.wait(60) != 0


def test_a_password_is_neither_logged_nor_left_in_the_command_line(start_agent):
    agent = start_agent(username="user", password=SECRET)
    told = agent.log.read_bytes() + (agent.state / "journal.jsonl").read_bytes()
    assert SECRET.encode() not in told
    assert SECRET.encode() not in open(f"/proc/{agent.program.pid}/cmdline", "rb").read()
