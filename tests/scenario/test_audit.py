"""The audit: who did what from where, on which device, what it was before and after, and what was refused."""

import base64
import json
import signal
import time
from datetime import datetime, timedelta, timezone
from urllib.parse import quote, urlencode

import pytest

from calls import basic
from lab.api import Api
from lab.programs import wait_until
from secret_log import OTHER
from steps import device_path, queue

AUDIT = "/api/v1/audit"
PATCH = "PATCH /api/v1/devices/{device}"
QUIRK = "/api/v1/quirks/odd-router"


def entries(api, **filters):
    """Newest first. What made the tokens of all tests is left out, as it came from the machine itself."""
    return [e for e in api.pages(f"{AUDIT}?{urlencode(filters)}", "audit") if e["address"]]


def entries_soon(api, count=1, **filters):
    """Those of what was refused are written in the background."""
    deadline = time.monotonic() + 10
    while len(found := entries(api, **filters)) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@pytest.fixture
def known(device):
    device.run_session("1 BOOT")
    return device


@pytest.fixture
def operator(acs, tokens):
    return Api(acs.urls["admin"], tokens["operate"])


def test_a_change_tells_who_did_what_from_where_on_which_device(api, operator, known):
    operator.patch(device_path(known.id), {"tags": ["north"]})
    entry, = entries(api, device=known.id)
    assert entry["actor"] == "test operate"
    assert entry["address"] == "127.0.0.1"
    assert entry["action"] == PATCH
    assert entry["device"] == entry["target"] == known.id
    assert entry["outcome"] == "done"
    assert (entry["before"], entry["after"]) == ({"tags": []}, {"tags": ["north"]})
    task = queue(operator, known.id, "Reboot")
    operator.delete(f"/api/v1/tasks/{task}")
    cancelled, queued, _ = entries(api, device=known.id)
    assert queued["action"] == "POST /api/v1/devices/{device}/tasks"
    assert queued["detail"] == {"task": task, "method": "Reboot"}
    assert (cancelled["action"], cancelled["target"]) == ("DELETE /api/v1/tasks/{task}", task)


def changes(api, path):
    """What each change of a setting left behind, the oldest first: after as the next one's before."""
    return [(e["before"], e["after"]) for e in reversed(entries(api)) if e["target"] == path]


def check_tags(api, known):
    api.put(device_path(known.id, "/tags/a"))
    api.put(device_path(known.id, "/tags/b"))
    api.put(device_path(known.id, "/tags/b"))
    api.delete(device_path(known.id, "/tags/a"))
    assert [(e["before"]["tags"], e["after"]["tags"]) for e in reversed(entries(api, device=known.id))] == [
        ([], ["a"]), (["a"], ["a", "b"]), (["a", "b"], ["b"])]


def check_quirks(api):
    for enabled in (True, False):
        assert api.put(QUIRK, {"oui": "00D09E", "enabled": enabled, "settings": {}}).status < 300
    api.delete(QUIRK)
    made, changed, gone = changes(api, "odd-router")
    assert made[0] is None and made[1]["oui"] == "00D09E" and made[1]["enabled"]
    assert changed == (made[1], {**made[1], "enabled": False})
    assert gone == (changed[1], None)


def check_shipped_quirk(api):
    shipped = api.get("/api/v1/quirks").json["quirks"][0]
    path = f"/api/v1/quirks/{quote(shipped['name'], safe='')}"
    facts = {key: shipped[key] for key in ("enabled", "position", "manufacturer", "oui", "product_class",
                                           "software_version", "settings", "note")}
    api.put(path, {**facts, "note": "ours"})
    api.delete(path)
    ours = {**facts, "note": "ours"}
    assert changes(api, shipped["name"]) == [(facts, ours), (ours, facts)]


def check_files(api):
    for version in ("1", "2"):
        api.put(f"/api/v1/files/fw?kind=firmware&version={version}&oui=00D09E", b"CPE-FIRMWARE " + version.encode())
    api.delete("/api/v1/files/fw")
    made, changed, gone = changes(api, "fw")
    assert made[0] is None and made[1]["version"] == "1"
    assert changed[0] == made[1] and changed[1]["version"] == "2" and changed[1]["sha256"] != made[1]["sha256"]
    assert gone == (changed[1], None)


def test_settings_have_a_before_and_an_after(api, known):
    check_tags(api, known)
    check_quirks(api)
    check_shipped_quirk(api)
    check_files(api)


def test_the_onboarding_document_has_a_before_and_an_after_without_secrets(api, database):
    path, secret = "/api/v1/onboarding", "SquirrelsNeverForget"
    first = api.get(path).json

    def document(interval):
        values = {"{root}ManagementServer.PeriodicInformInterval": interval, "{root}WLAN.1.KeyPassphrase": secret}
        return {"tasks": [{"method": "SetParameterValues",
                           "parameters": [{"name": name, "value": value} for name, value in values.items()]}]}
    for interval in ("600", "900"):
        assert api.put(path, document(interval)).status == 200
    made, changed = [(e["before"], e["after"]) for e in reversed(entries(api, action=f"PUT {path}"))]
    assert made[0]["tasks"][0]["method"] == first["tasks"][0]["method"]
    assert changed[0] == made[1]
    assert [p["value"] for p in changed[1]["tasks"][0]["parameters"]] == ["900", "********"]
    assert secret not in str(database.query("SELECT * FROM audit"))


def test_credentials_are_named_and_not_told(api, database):
    path, device = "/api/v1/credentials/00D09E-X-7", "00D09E-X-7"
    for name in ("one", "two"):
        api.put(path, {"username": name, "password": f"hidden {name} password",
                       "connection_request_username": f"{name}-cr", "connection_request_password": OTHER})
    api.delete(path)
    first, second = ({"username": name, "connection_request_username": f"{name}-cr"} for name in ("one", "two"))
    assert [(e["before"], e["after"]) for e in reversed(entries(api, device=device))] == [
        (None, first), (first, second), (second, None)]
    assert "hidden" not in str(database.query("SELECT * FROM audit"))


def test_settings_that_a_server_is_told_are_audited_where_they_have_changed(start_acs, database, folder):
    secret, file = "0123456789abcdef" * 4, folder / "acs.conf"

    def tell(realm):
        file.write_text(f"[cwmp]\nrealm = {realm}\n")

    def told():
        rows = database.query("SELECT action, before, after FROM audit WHERE actor = 'acs' ORDER BY audit_id")
        return [(action, json.loads(before or "null"), json.loads(after)) for action, before, after in rows]
    tell("here")
    acs = start_acs({"config": str(file), "secrets.old_keys": secret})
    for realm in ("here", "here", "there"):
        tell(realm)
        acs.stop()
        acs.restart()
    tell("yonder")
    acs.program.process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(told()) == 4, 10, "the entry of the reload")
    first, with_ports, changed, last = told()
    assert first[:2] == ("start", None) and first[2]["cwmp.realm"] == "here"
    assert first[2]["secrets.old_keys"] == "********"
    assert with_ports[1].keys() == with_ports[2].keys() == {"cwmp.listen", "admin.listen", "files.listen"}
    assert changed == ("start", {"cwmp.realm": "here"}, {"cwmp.realm": "there"})
    assert last == ("reload", {"cwmp.realm": "there"}, {"cwmp.realm": "yonder"})
    assert secret not in str(database.query("SELECT * FROM audit")) + str(database.query("SELECT * FROM setting"))


def test_who_may_come_in_has_a_before_and_an_after(api):
    """Operators, kinds of devices, and devices that were registered."""
    api.post("/api/v1/tokens", {"name": "day", "role": "read"})
    api.delete("/api/v1/tokens/day")
    made, gone = changes(api, "day")
    assert made == (None, {"role": "read", "expires": None, "tags": None, "ouis": None}) and gone == made[::-1]
    path = "/api/v1/device-classes/phones"
    for position in (1, 2):
        body = {"oui": "00D09E", "position": position, "username": "all", "password": OTHER}
        assert api.put(path, body).status < 300
    api.delete(path)
    made, changed, gone = changes(api, "phones")
    assert made[0] is None and (made[1]["position"], made[1]["username"]) == (1, "all")
    assert changed == (made[1], {**made[1], "position": 2}) and gone == (changed[1], None)
    assert OTHER not in str((made, changed, gone))
    api.post("/api/v1/devices", {"devices": [{"oui": "00D09E", "serial_number": f"{n}"} for n in range(3)],
                                 "tags": ["new"]})
    registered, = entries(api, device="00D09E-1")
    assert (registered["before"], registered["after"]["tags"]) == (None, ["new"])


def test_a_proxy_that_is_believed_tells_where_a_call_comes_from(start_acs):
    acs = start_acs({"server.proxies": "127.0.0.1"})
    acs.api.call("PUT", "/api/v1/files/f?kind=other", b"f", headers={"X-Forwarded-For": "192.0.2.9, 198.51.100.77"})
    Api(acs.urls["admin"]).call("DELETE", "/api/v1/files/f", headers={"X-Forwarded-For": "2001:db8::7"})
    assert [e["address"] for e in entries_soon(acs.api, 2)] == ["2001:db8::7", "198.51.100.77"]


# What was refused, or failed.

def test_a_role_that_is_too_small_is_refused_and_audited(acs, api, tokens, known):
    reader = Api(acs.urls["admin"], tokens["read"])
    assert reader.patch(device_path(known.id), {"tags": ["x"]}).status == 403
    entry, = entries_soon(api, outcome="refused")
    assert (entry["actor"], entry["action"], entry["device"]) == ("test read", PATCH, known.id)
    assert entry["detail"] == {"status": 403, "left_out": 0}
    assert entry["address"] == "127.0.0.1"


def test_an_unknown_token_is_refused_and_audited_without_the_token(acs, api, database):
    guess = "guessed-token-0123456789"
    for headers in ({"Authorization": f"Bearer {guess}"}, {"X-API-Key": guess},
                    {"Authorization": "Basic " + base64.b64encode(f"{guess}:{guess}".encode()).decode()}):
        assert Api(acs.urls["admin"]).delete("/api/v1/files/fw", headers=headers).status == 401
    entry, = entries_soon(api, outcome="refused")
    assert (entry["actor"], entry["action"], entry["target"]) == (
        "unknown", "DELETE /api/v1/files/{file}", "fw")
    assert guess not in str(database.query("SELECT * FROM audit"))


def test_a_wrong_password_is_audited_with_the_user_that_was_named(acs, api, known):
    assert api.post("/api/v1/users", {"name": "alice", "role": "read", "password": OTHER}).status == 201
    for path in ("/api/v1/devices", device_path(known.id)):
        for name in ("alice", "nobody's name"):
            assert Api(acs.urls["admin"]).get(path, headers=basic(name, "wrong")).status == 401
    told = {(e["actor"], e["target"], e["device"]) for e in entries_soon(api, 4, outcome="refused")}
    assert told == {("unknown", known.id, known.id), ("unknown", "alice", known.id),
                    ("unknown", None, None), ("unknown", "alice", None)}


def test_a_change_that_fails_is_audited(api, operator, known):
    task = queue(operator, known.id, "Reboot")
    assert operator.post(f"/api/v1/tasks/{task}/retry").status == 409
    assert operator.get("/api/v1/tasks/1234567").status == 404
    entry, = entries_soon(api, outcome="failed")
    assert (entry["target"], entry["detail"]["status"]) == (task, 409)
    assert operator.post(device_path(known.id, "/connection-request")).status == 504
    entry, _ = entries_soon(api, 2, outcome="failed")
    assert (entry["device"], entry["detail"]["status"]) == (known.id, 504)


def test_the_same_refusal_is_written_once_a_minute(acs, api, tokens, known):
    reader = Api(acs.urls["admin"], tokens["read"])
    for _ in range(30):
        reader.delete(device_path(known.id))
    reader.delete("/api/v1/files/last")
    assert [e["target"] for e in entries_soon(api, 2, outcome="refused")] == ["last", known.id]


def test_refusals_are_bounded_for_an_address_and_in_all(start_acs, tokens):
    acs = start_acs({"audit.refusals_per_minute": "40", "admin.failures": "0"})
    for number in range(30):
        Api(acs.urls["admin"]).delete(f"/api/v1/files/f{number}", headers={"X-API-Key": "wrong"})
    Api(acs.urls["admin"], tokens["read"]).delete("/api/v1/files/last")
    assert len(entries_soon(acs.api, 4, outcome="refused")) == 4
    left_out = 'acs_limit_hits_total{limit="audit.refusals_per_minute"} 27'
    assert left_out in acs.api.get("/metrics").body.decode()


def test_no_refusal_is_written_where_none_is_wanted(start_acs):
    acs = start_acs({"audit.refusals_per_minute": "0"})
    Api(acs.urls["admin"]).delete("/api/v1/files/f", headers={"X-API-Key": "wrong"})
    acs.api.put("/api/v1/files/g?kind=other", b"g")
    assert [e["outcome"] for e in entries(acs.api)] == ["done"]


# Looking things up.

def test_every_filter_finds_its_own(acs, api, tokens, operator, known):
    operator.patch(device_path(known.id), {"tags": ["x"]})
    api.put("/api/v1/files/fw?kind=other", b"f")
    Api(acs.urls["admin"], tokens["read"]).delete("/api/v1/files/fw")
    entries_soon(api, 3)
    for filters, actors in (
            ({"device": known.id}, ["test operate"]), ({"actor": "test admin"}, ["test admin"]),
            ({"action": PATCH}, ["test operate"]), ({"outcome": "refused"}, ["test read"]),
            ({"outcome": "done"}, ["test admin", "test operate"]), ({"address": "127.0.0.1"}, 3),
            ({"address": "192.0.2.1"}, []), ({"address": "::1"}, []), ({"device": "00D09E-no-one"}, []),
            ({"outcome": "done", "actor": "test read"}, []),
            ({"outcome": "done", "address": "127.0.0.1", "action": PATCH, "device": known.id}, ["test operate"])):
        found = entries(api, **filters)
        assert (len(found) if isinstance(actors, int) else [e["actor"] for e in found]) == actors, filters


def test_entries_are_found_by_time_and_page_by_page(api):
    for number in range(7):
        api.put(f"/api/v1/files/f{number}?kind=other", b"f")
    everything = entries(api)
    assert [e["target"] for e in everything] == [f"f{number}" for number in reversed(range(7))]
    assert list(api.pages(f"{AUDIT}?actor=test+admin", "audit", limit=2)) == everything
    now = datetime.now(timezone.utc)
    hour = timedelta(hours=1)
    for since, until, count in ((now - hour, now + hour, 7), (now + hour, now + 2 * hour, 0),
                                (now - 2 * hour, now - hour, 0)):
        found = entries(api, since=since.isoformat(), until=until.isoformat())
        assert len(found) == count
    third = everything[4]["at"]
    assert third in [e["at"] for e in entries(api, since=third)]
    assert third not in [e["at"] for e in entries(api, until=third)]


def test_a_filter_that_cannot_be_read_is_400(api):
    for query in ("since=yesterday", "until=2026-02-30T00:00:00Z", "address=localhost", "outcome=good",
                  "device=nonsense", "after=x", "who=me"):
        assert api.get(f"{AUDIT}?{query}").status == 400, query


# Nobody takes anything back.

def test_below_admin_the_audit_is_neither_read_nor_changed(acs, tokens):
    for role in ("read", "operate"):
        api = Api(acs.urls["admin"], tokens[role])
        assert api.get(AUDIT).status == 403
        for method in ("PUT", "POST", "PATCH", "DELETE"):
            assert api.call(method, AUDIT, {}).status in (403, 404, 405)
            assert api.call(method, f"{AUDIT}/1", {}).status in (403, 404, 405)


def test_the_database_keeps_entries_as_they_are(api, database):
    api.put("/api/v1/files/f?kind=other", b"f")
    before = database.query("SELECT * FROM audit")
    for statement in ("UPDATE audit SET actor = 'somebody else'", "TRUNCATE audit",
                      "UPDATE audit SET actor = 'nobody' WHERE false"):
        with pytest.raises(Exception, match="append-only"):
            database.query(statement)
    database.query("DELETE FROM audit")
    assert database.query("SELECT * FROM audit") == before
