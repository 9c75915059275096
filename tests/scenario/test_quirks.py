"""Device quirks: each shipped row against a device that behaves that way, without the row and with it."""

import csv
import re

import pytest

import envelope
from device import device_id
from lab.api import Api
from lab.programs import wait_until
from places import MODELS, REPOSITORY
from steps import (FIRMWARE, device_path, execute, put_file, queue, stored, task, wait_until_registered)

IGD = "InternetGatewayDevice."
KEPT = ("DeviceID.", "InternetGatewayDevice.DeviceInfo", "InternetGatewayDevice.ManagementServer",
        "InternetGatewayDevice.DeviceSummary", "InternetGatewayDevice.Time")


# The table.

def quirk(api, name):
    answer = api.get(f"/api/v1/quirks/{name}")
    assert answer.status == 200, answer
    return answer.json


def put(api, name, **changes):
    """Changes a quirk, or makes one."""
    old = api.get(f"/api/v1/quirks/{name}")
    answer = api.put(f"/api/v1/quirks/{name}", {**(old.json if old.status == 200 else {}), **changes})
    assert answer.status in (200, 201), answer
    return answer.json


def disable(api, name):
    return put(api, name, enabled=False)


def restore(api, name):
    assert api.delete(f"/api/v1/quirks/{name}").status == 204


def no_onboarding(api):
    assert api.put("/api/v1/onboarding", {"tasks": []}).status == 200


SHIPPED = {
    "orange-tr069agent", "netcwmp", "tr069tc", "genieacs-sim", "anlix-sim", "tp-link", "mikrotik", "cisco-867vae",
    "grandstream", "draytek-vigor-2860", "yeacomm-p11", "zhone-znid", "zte", "huawei-820", "huawei-8245",
    "speedtouch-780", "zyxel-p-2602",
}


def test_shipped_quirks_are_listed_in_their_order(api):
    quirks = api.get("/api/v1/quirks").json["quirks"]
    assert {q["name"] for q in quirks} == SHIPPED
    assert {q["origin"] for q in quirks} == {"shipped"}
    assert [q["position"] for q in quirks] == sorted(q["position"] for q in quirks)
    assert all(q["settings"] and q["note"] for q in quirks)


def test_settings_and_shipped_rows_are_described_alike_everywhere(api):
    listed = api.get("/api/v1/quirks").json
    settings = {s["name"]: s for s in listed["settings"]}
    schema = api.get("/api/v1/openapi.json").json["components"]["schemas"]["QuirkSettings"]["properties"]
    assert set(schema) == set(settings)
    for name, setting in settings.items():
        assert schema[name].get("enum", []) == setting["choices"], name
        assert schema[name].get("maximum") == setting["most"], name
        assert setting["help"]
    text = (REPOSITORY / "docs/quirks.md").read_text(encoding="utf-8")
    settings_text, rows_text = text.split("\n## ")[2:4]
    documented = re.findall(r"^\| `([a-z_]+)`", settings_text, re.M)
    assert sorted(documented) == sorted(settings)
    assert set(re.findall(r"^\| `([a-z0-9-]+)`", rows_text, re.M)) == SHIPPED


def test_a_shipped_quirk_is_changed_and_restored(api):
    shipped = quirk(api, "grandstream")
    changed = put(api, "grandstream", settings={"names_per_request": 4}, note="")
    assert changed == {**shipped, "settings": {"names_per_request": 4}, "note": "", "origin": "changed"}
    assert quirk(api, "grandstream") == changed
    assert len(api.get("/api/v1/quirks").json["quirks"]) == len(SHIPPED)
    restore(api, "grandstream")
    assert quirk(api, "grandstream") == shipped
    assert api.delete("/api/v1/quirks/grandstream").status == 409
    assert quirk(api, "grandstream") == shipped


def test_an_own_quirk_is_made_replaced_and_deleted(api):
    made = api.put("/api/v1/quirks/lab", {"oui": "00D09E", "settings": {"names": "levels"}})
    assert (made.status, made.headers["Location"]) == (201, "/api/v1/quirks/lab")
    assert made.json == {"name": "lab", "enabled": True, "position": 1000, "manufacturer": None, "oui": "00D09E",
                         "product_class": None, "software_version": None, "settings": {"names": "levels"},
                         "note": "", "origin": "own"}
    assert api.put("/api/v1/quirks/lab", {"settings": {}}).status == 200
    assert quirk(api, "lab")["oui"] is None
    assert api.delete("/api/v1/quirks/lab").status == 204
    for answer in (api.get("/api/v1/quirks/lab"), api.delete("/api/v1/quirks/lab")):
        assert answer.status == 404


@pytest.mark.parametrize("field,body", [
    ("settings", {}),
    ("settings", {"settings": []}),
    ("settings.names_per_request", {"settings": {"names_per_request": 0}}),
    ("settings.booleans", {"settings": {"booleans": "yes"}}),
    ("settings.what_is_this", {"settings": {"what_is_this": True}}),
    ("settings.unsupported_methods", {"settings": {"unsupported_methods": ["Inform"]}}),
    ("enabled", {"settings": {}, "enabled": "yes"}),
    ("position", {"settings": {}, "position": -1}),
    ("position", {"settings": {}, "position": "1"}),
    ("oui", {"settings": {}, "oui": 5}),
    ("manufacturer", {"settings": {}, "manufacturer": "x" * 256}),
    ("note", {"settings": {}, "note": 5}),
    ("name", {"settings": {}, "name": "other"}),
    ("pattern", {"settings": {}, "pattern": "x"}),
])
def test_a_bad_quirk_is_refused_and_the_field_named(api, field, body):
    answer = api.put("/api/v1/quirks/lab", body)
    assert (answer.status, answer.json["field"]) == (400, field), answer
    assert api.get("/api/v1/quirks/lab").status == 404


def test_only_an_admin_changes_quirks_and_it_is_audited(acs, tokens):
    for role, changed in (("read", 403), ("operate", 403), ("admin", 201)):
        api = Api(acs.urls["admin"], tokens[role])
        assert api.get("/api/v1/quirks").status == 200
        assert api.put("/api/v1/quirks/lab", {"settings": {"booleans": "words"}}).status == changed
    restored = acs.api.delete("/api/v1/quirks/lab")
    assert restored.status == 204
    entries = [(e["action"], e["target"], (e["before"] or e["after"])["settings"])
               for e in acs.api.pages("/api/v1/audit?outcome=done", "audit") if "quirks" in e["action"]]
    assert entries == [("DELETE /api/v1/quirks/{quirk}", "lab", {"booleans": "words"}),
                       ("PUT /api/v1/quirks/{quirk}", "lab", {"booleans": "words"})]


def shown(api, device):
    return api.get(device_path(device.id)).json["quirks"]


def test_a_device_shows_its_quirks_merged_in_order(acs):
    device = acs.device(manufacturer="huawei technologies", product_class="HG8245H")
    device.run_session("1 BOOT", parameters={IGD + "DeviceInfo.SoftwareVersion": "V3.1"})
    assert shown(acs.api, device) == {"rows": ["huawei-8245"], "settings": {"transfer_success": "version"}}
    put(acs.api, "first", position=1, oui="00d0??", settings={"transfer_success": "told", "names_per_request": 5})
    put(acs.api, "last", software_version="V3*", settings={"names_per_request": 7})
    put(acs.api, "other", software_version="V4*", settings={"names_per_request": 9})
    put(acs.api, "off", enabled=False, settings={"names_per_request": 11})
    assert shown(acs.api, device) == {"rows": ["first", "huawei-8245", "last"],
                                      "settings": {"transfer_success": "version", "names_per_request": 7}}


def test_a_device_without_quirks_shows_none(acs, device):
    device.run_session("1 BOOT")
    assert shown(acs.api, device) == {"rows": [], "settings": {}}
    patched = acs.api.patch(device_path(device.id), {"tags": ["x"]})
    assert patched.json["quirks"] == {"rows": [], "settings": {}}


def test_another_node_follows_within_seconds(start_acs):
    one, other = start_acs({"server.sweep_seconds": "1"}), start_acs({"server.sweep_seconds": "1"})
    device = one.device()
    device.run_session("1 BOOT")
    put(one.api, "lab", settings={"booleans": "words"})
    wait_until(lambda: shown(other.api, device)["rows"] == ["lab"], 10, "the other node to load the quirk")


def test_a_quirk_counts_from_the_next_inform_on(acs, device):
    assert device.inform("1 BOOT").body.startswith(b"<?xml")
    put(acs.api, "lab", oui="00D09E", settings={"xml_declaration": False})
    assert device.empty().status == 204
    assert not device.inform("2 PERIODIC").body.startswith(b"<?xml")


# Devices.

def write_model(path, **identity):
    """The gateway model, cut to a few objects, with another identity."""
    with open(MODELS / "gateway-tr098.csv", newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    kept = [row for row in rows if row[0].startswith(KEPT) or row[0] + "." == IGD]
    for row in kept:
        row[3] = identity.get(row[0].removeprefix("DeviceID."), row[3])
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *kept])
    return path


class Player:
    """An agent of a vendor that misbehaves, and what its server makes of it."""

    def __init__(self, acs, start_cpe, folder):
        self.acs, self.api, self.start_cpe, self.folder = acs, acs.api, start_cpe, folder
        self.agent = None

    def start(self, manufacturer, product_class, misbehave, oui="00D09E", serial="Q1", **options):
        model = write_model(self.folder / "model.csv", Manufacturer=manufacturer, OUI=oui,
                            ProductClass=product_class, SerialNumber=serial)
        self.id = device_id(oui, product_class, serial)
        self.agent = self.start_cpe(self.acs.urls["cwmp"], data_model=model, misbehave=misbehave,
                                    retry_scale=0.02, response_seconds=5, **options)
        return self

    def registered(self):
        wait_until_registered(self.api, self.id)
        self.agent.wait_for_entry("session", outcome="ok")
        return self

    def execute(self, method, **arguments):
        return execute(self.api, self.id, method, **arguments)

    def calls(self, method, **fields):
        return self.agent.entries("executed", method=method, **fields)


@pytest.fixture
def play(start_acs, start_cpe, folder):
    """play({"cwmp.xml_declaration": "false"}): a server without onboarding, and a player to start on it."""

    def begin(options=None):
        acs = start_acs({"tasks.retry_seconds": "1", **(options or {})})
        no_onboarding(acs.api)
        return Player(acs, start_cpe, folder)

    return begin


@pytest.mark.parametrize("row,manufacturer", [("netcwmp", "ChinaNMS"), ("orange-tr069agent", "Orange Labs")])
def test_an_agent_that_cannot_read_declarations_gets_none(play, row, manufacturer):
    player = play()
    disable(player.api, row)
    player.start(manufacturer, "OT2800", "refuses-declaration")
    player.agent.wait_for_entry("session", outcome="failed")
    assert not player.agent.entries("session", outcome="ok")
    restore(player.api, row)
    player.registered()
    assert player.execute("GetParameterValues", names=[IGD + "DeviceSummary"])["state"] == "done"


def test_a_huawei_820_gets_declarations_where_others_get_none(play):
    player = play({"cwmp.xml_declaration": "false"})
    disable(player.api, "huawei-820")
    player.start("Huawei", "HG820a", "needs-declaration")
    player.agent.wait_for_entry("session", outcome="failed")
    assert not player.agent.entries("session", outcome="ok")
    restore(player.api, "huawei-820")
    player.registered()
    assert player.execute("GetParameterValues", names=[IGD + "DeviceSummary"])["state"] == "done"


def test_tr069tc_may_answer_with_a_constant_id(play):
    player = play()
    disable(player.api, "tr069tc")
    player.start("Owera", "Client", "constant-id").registered()
    refused = queue(player.api, player.id, "GetParameterValues", names=[IGD + "DeviceSummary"])
    player.api.post(device_path(player.id, "/connection-request?session=10"))
    player.agent.wait_for_entry("session", outcome="failed")
    assert task(player.api, refused)["state"] != "done"
    restore(player.api, "tr069tc")
    player.api.post(device_path(player.id, "/connection-request?session=10"))
    wait_until(lambda: task(player.api, refused)["state"] == "done", 20, "the answer with a constant ID")


@pytest.mark.parametrize("method", ["GetRPCMethods", "Reboot"])
def test_genieacs_sim_is_not_sent_what_it_does_not_have(play, method):
    player = play()
    assert quirk(player.api, "genieacs-sim")["enabled"] is False
    player.start("Huawei", "BM632w", f"method-missing={method}", oui="202BC1").registered()
    assert player.execute(method)["fault"]["code"] == 9000
    assert len(player.calls(method)) == 1
    put(player.api, "genieacs-sim", enabled=True)
    failed = player.execute(method)
    assert failed["state"] == "failed" and failed["fault"]["code"] is None
    assert method in failed["fault"]["message"]
    assert len(player.calls(method)) == 1


def test_a_simulator_that_crashes_on_a_method_is_spared_it(play):
    player = play()
    player.start("Anlix", "Sim", "crash-on-method=GetRPCMethods").registered()
    first = queue(player.api, player.id, "GetRPCMethods")
    player.api.post(device_path(player.id, "/connection-request?session=10"))
    player.agent.wait_for_entry("session", outcome="failed")
    assert task(player.api, first)["state"] in ("sent", "queued")
    put(player.api, "anlix-sim", enabled=True, manufacturer="Anlix*")
    second = player.execute("GetParameterValues", names=[IGD + "DeviceSummary"])
    assert second["state"] == "done"
    assert task(player.api, first)["state"] == "failed"


ENABLE = [{"name": IGD + "ManagementServer.PeriodicInformEnable", "value": True, "type": "xsd:boolean"}]


def test_tp_link_gets_digits_whatever_others_get(play):
    player = play()
    put(player.api, "general", position=0, settings={"booleans": "words"})
    disable(player.api, "tp-link")
    player.start("TP-LINK", "TD-W9970", "boolean-digits").registered()
    assert player.execute("SetParameterValues", parameters=ENABLE)["fault"]["code"] == 9007
    restore(player.api, "tp-link")
    assert player.execute("SetParameterValues", parameters=ENABLE)["state"] == "done"


def test_digits_are_what_a_device_without_quirks_gets(play):
    player = play().start("Example", "X", "boolean-digits").registered()
    assert player.execute("SetParameterValues", parameters=ENABLE)["state"] == "done"


def test_a_device_that_wants_words_gets_them(play):
    player = play().start("Example", "X", "boolean-words").registered()
    assert player.execute("SetParameterValues", parameters=ENABLE)["fault"]["code"] == 9007
    put(player.api, "lab", product_class="X", settings={"booleans": "words"})
    assert player.execute("SetParameterValues", parameters=ENABLE)["state"] == "done"


@pytest.mark.parametrize("given", ["1", "true"])
def test_booleans_may_be_sent_as_given(acs, device, given):
    put(acs.api, "lab", settings={"booleans": "as-given"})
    device.run_session("1 BOOT")
    queue(acs.api, device.id, "SetParameterValues", parameters=[{**ENABLE[0], "value": given}])
    (request,) = device.run_session(answers={"SetParameterValues": envelope.status_response("SetParameterValues")})
    assert request.text("ParameterList/ParameterValueStruct/Value") == given


def open_sessions(player):
    return player.api.get("/api/v1/sessions").json["sessions"]


def test_mikrotik_ends_its_session_with_transfer_complete_response(play):
    player = play({"cwmp.session_idle_seconds": "600"})
    put_file(player.api, "fw.bin", FIRMWARE, kind="firmware", version="9.9.9")
    disable(player.api, "mikrotik")
    player.start("MikroTik", "RB951", "hang-after-transfer").registered()
    for row_counts in (False, True):
        if row_counts:
            restore(player.api, "mikrotik")
        told = len(player.agent.entries("acknowledged", method="TransferComplete"))
        download = queue(player.api, player.id, "Download", file="fw.bin")
        player.api.post(device_path(player.id, "/connection-request?session=10"))
        player.agent.wait_for_entry("acknowledged", method="TransferComplete", count=told + 1)
        assert task(player.api, download)["state"] == "done"
        assert bool(open_sessions(player)) != row_counts


def batches(player):
    """Refreshes, and tells the largest batch and the faults that it made."""
    before = len(player.calls("GetParameterValues"))
    done = player.execute("Refresh")
    assert done["state"] == "done", done
    calls = player.calls("GetParameterValues")[before:]
    # What was refused is not told.
    return max(len(call.get("names", [])) for call in calls), {call["fault"] for call in calls} - {0}


@pytest.mark.parametrize("row,manufacturer,product_class,misbehave,fault,most", [
    ("cisco-867vae", "Cisco", "CISCO867VAE-K9", "gpv-limit=16", 9004, 16),
    ("grandstream", "Grandstream", "GXV3275", "names-limit=31", 9002, 8),
])
def test_small_batches_spare_a_device_the_faults_that_large_ones_make(
        play, row, manufacturer, product_class, misbehave, fault, most):
    player = play()
    player.start(manufacturer, product_class, misbehave).registered()
    assert batches(player) == (most, set())
    disable(player.api, row)
    size, faults = batches(player)
    assert size > most and faults == {fault}


def test_a_vigor_2860_is_never_asked_for_what_makes_it_reboot(play):
    player = play()
    disable(player.api, "draytek-vigor-2860")
    player.start("DrayTek", "Vigor2860n", "crash-on-names=8").registered()
    crashing = queue(player.api, player.id, "Refresh")
    player.api.post(device_path(player.id, "/connection-request?session=10"))
    player.agent.wait_for_entry("session", outcome="failed")
    assert player.api.delete(f"/api/v1/tasks/{crashing}").status in (200, 204, 409)
    restore(player.api, "draytek-vigor-2860")
    crashes = len(player.agent.entries("session", outcome="failed"))
    assert batches(player) == (8, set())
    assert len(player.agent.entries("session", outcome="failed")) == crashes
    assert all(call["next_level"] for call in player.calls("GetParameterNames")[1:])


def test_a_yeacomm_is_asked_for_its_names_level_by_level(play, database):
    player = play()
    disable(player.api, "yeacomm-p11")
    player.start("Yeacomm", "P11", "no-deep-names").registered()
    refresh = queue(player.api, player.id, "Refresh")
    player.api.post(device_path(player.id, "/connection-request?session=10"))
    player.agent.wait_for_entry("session", outcome="failed")
    assert task(player.api, refresh)["state"] != "done"
    restore(player.api, "yeacomm-p11")
    player.api.post(device_path(player.id, "/connection-request?session=10"))
    wait_until(lambda: task(player.api, refresh)["state"] == "done", 30, "a tree learned level by level")
    assert IGD + "DeviceInfo.MemoryStatus.Free" in stored(database, player.id)


def test_a_level_that_holds_the_whole_tree_is_asked_once(play, database):
    player = play()
    put(player.api, "lab", settings={"names": "levels"})
    player.start("Example", "X", "full-tree-levels").registered()
    assert player.execute("Refresh")["state"] == "done"
    assert len(player.calls("GetParameterNames")) == 1
    assert IGD + "DeviceInfo.MemoryStatus.Free" in stored(database, player.id)


# A Zhone's levels are wrong below WANDevice; its whole tree is right, when it has the time to tell it.

def busy_once(answer):
    """Faults 9002 the first time."""
    calls = []

    def tell(request):
        calls.append(request)
        return envelope.fault(9002, "busy") if len(calls) == 1 else answer(request)

    return tell


ZHONE = {IGD: False, IGD + "WANDevice.": False, IGD + "WANDevice.1.": True, IGD + "WANDevice.1.Enable": True}


def zhone_names(request):
    if request.text("NextLevel") in ("1", "true"):
        path = request.text("ParameterPath")
        return envelope.names_response({IGD + "WANDevice.": False} if path == IGD else {})
    return envelope.names_response(ZHONE)


def zhone_refreshed(acs, database):
    """The names known after a Refresh of a device that is busy at first."""
    device = acs.device(manufacturer="Zhone", product_class="ZNID")
    device.run_session("1 BOOT", parameters={IGD + "DeviceSummary": "x"})
    refresh = queue(acs.api, device.id, "Refresh")
    answers = {"GetParameterNames": busy_once(zhone_names),
               "GetParameterValues": envelope.values_response({IGD + "WANDevice.1.Enable": "1"})}

    def is_done():
        device.run_session("2 PERIODIC", parameters={IGD + "DeviceSummary": "x"}, answers=answers)
        return task(acs.api, refresh)["state"] == "done"

    wait_until(is_done, 20, "the end of the Refresh", pause=0.5)
    return set(stored(database, device.id))


def test_of_a_zhone_only_the_whole_tree_is_believed(start_acs, database):
    acs = start_acs({"tasks.retry_seconds": "1"})
    no_onboarding(acs.api)
    assert set(ZHONE) <= zhone_refreshed(acs, database)
    disable(acs.api, "zhone-znid")
    assert IGD + "WANDevice.1.Enable" not in zhone_refreshed(acs, database)


def test_a_zhone_is_asked_for_its_whole_tree(play, database):
    player = play().start("Zhone", "ZNID", "bad-level-names").registered()
    assert player.execute("Refresh")["state"] == "done"
    assert not any(call["next_level"] for call in player.calls("GetParameterNames"))
    assert IGD + "DeviceInfo.MemoryStatus.Free" in stored(database, player.id)


def zte_after_refreshes(acs, database):
    """What is known of a device that never lists one of its parameters, and does not list another any more."""
    device = acs.device(manufacturer="ZTE", product_class="F660")
    device.run_session("1 BOOT", parameters={IGD + "DeviceSummary": "x"})
    hidden, listed, passing = IGD + "X_ZTE-COM_Hidden", IGD + "Listed", IGD + "Passing"
    queue(acs.api, device.id, "GetParameterValues", names=[hidden])
    for names in ([listed, passing], [listed]):
        queue(acs.api, device.id, "Refresh")
        device.run_session("2 PERIODIC", parameters={IGD + "DeviceSummary": "x"}, answers={
            "GetParameterNames": envelope.names_response({IGD: False, **dict.fromkeys(names, False)}),
            "GetParameterValues": lambda request: envelope.values_response(
                {name: "1" for name in request.texts("ParameterNames/string")})})
    known = set(stored(database, device.id))
    assert listed in known and passing not in known
    return hidden in known


def test_what_a_zte_never_lists_is_not_forgotten(acs, database):
    no_onboarding(acs.api)
    assert zte_after_refreshes(acs, database)
    disable(acs.api, "zte")
    assert not zte_after_refreshes(acs, database)


def flashed(player, **row):
    """The Download of new firmware to a device that pretends to have installed it, once it has come to its end."""
    told = len(player.agent.entries("acknowledged", method="TransferComplete"))
    download = queue(player.api, player.id, "Download", file="fw.bin")
    player.api.post(device_path(player.id, "/connection-request?session=10"))
    player.agent.wait_for_entry("acknowledged", method="TransferComplete", count=told + 1)
    wait_until(lambda: task(player.api, download)["state"] in ("done", "failed"), 20, "the end of the Download")
    return task(player.api, download)


def test_a_huawei_8245_is_believed_when_its_version_shows(play):
    player = play({"tasks.transfer_seconds": "6", "server.sweep_seconds": "1"})
    put_file(player.api, "fw.bin", FIRMWARE, kind="firmware", version="9.9.9")
    disable(player.api, "huawei-8245")
    player.start("Huawei", "HG8245H", "false-transfer-complete").registered()
    assert flashed(player)["state"] == "done"  # though nothing was installed
    restore(player.api, "huawei-8245")
    failed = flashed(player)
    assert failed["state"] == "failed" and "version did not change" in failed["fault"]["message"]


def test_a_huawei_8245_that_tells_the_truth_is_done(play):
    player = play()
    put_file(player.api, "fw.bin", FIRMWARE, kind="firmware", version="9.9.9")
    player.start("Huawei", "HG8245H", "late-empty").registered()
    assert flashed(player)["state"] == "done"


@pytest.mark.parametrize("names", ["whole", "levels"])
def test_a_refresh_takes_as_many_sessions_as_a_device_of_few_requests_needs(play, database, names):
    player = play({"server.sweep_seconds": "1"})
    lab = put(player.api, "lab", settings={"names_per_request": 20, "names": names})
    player.start("Example", "X", "requests-limit=4").registered()
    broken = queue(player.api, player.id, "Refresh")
    player.api.post(device_path(player.id, "/connection-request?session=10"))
    player.agent.wait_for_entry("session", outcome="failed")
    assert player.api.delete(f"/api/v1/tasks/{broken}").status in (200, 204, 409)
    put(player.api, "lab", settings={**lab["settings"], "requests_per_session": 4})
    failures = len(player.agent.entries("session", outcome="failed"))
    refresh = player.execute("Refresh", wait=60)
    assert refresh["state"] == "done", refresh
    assert refresh["attempts"] == 1
    known = stored(database, player.id)
    assert refresh["result"]["values"] == sum(not name.endswith(".") for name in known)
    assert refresh["result"]["names"] >= len(known)
    assert all(value[0] != "" or value[1] for name, value in known.items() if not name.endswith("."))
    assert len(player.agent.entries("session", outcome="failed")) == failures
    assert max(s["requests"] for s in player.agent.entries("session", outcome="ok")) == 4
    assert database.value("SELECT count(*) FROM task_progress") == "0"


def test_a_paused_refresh_begins_anew_after_bootstrap(acs, database):
    no_onboarding(acs.api)
    put(acs.api, "lab", settings={"names_per_request": 1, "requests_per_session": 2})
    device = acs.device()
    device.run_session("1 BOOT", parameters={IGD + "DeviceSummary": "x"})
    refresh = queue(acs.api, device.id, "Refresh")
    names = {IGD + "A": False, IGD + "B": False, IGD + "C": False}
    answers = {"GetParameterNames": envelope.names_response({IGD: False, **names}),
               "GetParameterValues": lambda request: envelope.values_response(
                   {name: "1" for name in request.texts("ParameterNames/string")})}

    def asked(event):
        received = device.run_session(event, parameters={IGD + "DeviceSummary": "x"}, answers=answers)
        return [r.texts("ParameterNames/string") or r.text("ParameterPath") for r in received]

    assert asked("2 PERIODIC") == [IGD, [IGD + "A"]]
    assert asked("0 BOOTSTRAP") == [IGD, [IGD + "A"]]
    assert asked("2 PERIODIC") == [[IGD + "B"], [IGD + "C"]]
    done = task(acs.api, refresh)
    assert (done["state"], done["result"]) == ("done", {"names": 4, "values": 3, "skipped": []})


WITHOUT_KEY = pytest.mark.parametrize("row,manufacturer,product_class", [
    ("speedtouch-780", "THOMSON", "SpeedTouch 780"), ("zyxel-p-2602", "ZyXEL", "P-2602HWL-D1A")])
NO_KEY = {IGD + "ManagementServer.ParameterKey": ""}


def add_object_after_a_lost_answer(acs, manufacturer, product_class):
    """An AddObject that a device executes and never answers, and what the next session asks for."""
    device = acs.device(manufacturer=manufacturer, product_class=product_class)
    device.run_session("1 BOOT", parameters=NO_KEY)
    added = queue(acs.api, device.id, "AddObject", object=IGD + "Layer3Forwarding.Forwarding.")
    assert device.begin_session("2 PERIODIC", parameters=NO_KEY).method == "AddObject"
    device.hang_up()
    asked = device.run_session("2 PERIODIC", parameters=NO_KEY,
                               answers={"AddObject": envelope.add_object_response(2)})
    return [request.method for request in asked], task(acs.api, added)


@WITHOUT_KEY
def test_an_object_is_not_added_twice_to_a_device_that_does_not_return_the_key(
        acs, row, manufacturer, product_class):
    no_onboarding(acs.api)
    disable(acs.api, row)
    asked, done = add_object_after_a_lost_answer(acs, manufacturer, product_class)
    assert (asked, done["state"]) == (["AddObject"], "done")  # it has two now
    restore(acs.api, row)
    asked, failed = add_object_after_a_lost_answer(acs, manufacturer, product_class)
    assert (asked, failed["state"]) == ([], "failed")
    assert failed["fault"]["message"].startswith("outcome unknown")


def kinds_of_events(database, device):
    return {kind for (kind,) in database.query(
        "SELECT kind FROM event JOIN device USING (device_id) WHERE id = :'id'", id=device.id)}


def lose_the_key(acs, database, manufacturer, product_class):
    """A device that shows the ParameterKey once, as it was set, and never again; the events that this makes."""
    device = acs.device(manufacturer=manufacturer, product_class=product_class)
    device.run_session("1 BOOT", parameters=NO_KEY)
    queue(acs.api, device.id, "SetParameterValues", parameters=ENABLE, parameter_key="ours")
    device.run_session(parameters=NO_KEY, answers={
        "SetParameterValues": envelope.status_response("SetParameterValues")})
    device.run_session(parameters={IGD + "ManagementServer.ParameterKey": "ours"})
    device.run_session(parameters=NO_KEY)
    return kinds_of_events(database, device)


@WITHOUT_KEY
def test_a_key_that_is_not_returned_is_no_lost_configuration(acs, database, row, manufacturer, product_class):
    no_onboarding(acs.api)
    assert "configuration lost" not in lose_the_key(acs, database, manufacturer, product_class)
    disable(acs.api, row)
    assert "configuration lost" in lose_the_key(acs, database, manufacturer, product_class)


def test_a_device_that_never_shows_its_key_is_managed_like_others(play):
    player = play().start("ZyXEL", "P-2602HWL", "no-parameter-key,late-empty").registered()
    assert player.execute("SetParameterValues", parameters=ENABLE, parameter_key="ours")["state"] == "done"
    assert player.execute("GetParameterValues", names=[IGD + "DeviceSummary"])["state"] == "done"
