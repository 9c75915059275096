"""A walk of all routes on all listeners: nobody reaches anything but health, and each caller only what it may.

The routes are those that the server itself describes; a unit test compares that description with its table.
"""

import re

import pytest

import envelope
from calls import basic, bearer, call, status_before_body
from certificates import Authority
from device import Device, trusting
from steps import device_path, queue

ROLES = ("read", "operate", "admin")
FOR_ALL = {"/healthz", "/readyz", "/metrics"}
ADMIN, DEVICES = ("admin", "admin_tls"), ("cwmp", "cwmp_tls", "files", "files_tls", "files_legacy")


class Route:
    def __init__(self, path, method, operation):
        self.path, self.method = path, method.upper()
        needs = re.search(r"Needs the role `(\w+)`", operation.get("description", ""))
        self.role = needs.group(1) if needs else None
        self.has_body = "requestBody" in operation

    def filled(self, device="00D09E-No-One", task="1"):
        return re.sub(r"\{\w+\}", "x", self.path.replace("{device}", device).replace("{task}", task))

    def __repr__(self):
        return f"{self.method} {self.path}"


@pytest.fixture
def world(start_acs, folder):
    return World(start_acs, folder)


class World:
    """A server with every listener on, and two devices that have something in every list."""

    def __init__(self, start_acs, folder):
        authority = Authority(folder)
        certificate, key = authority.issue("acs.example")
        legacy, legacy_key = authority.issue("legacy.example", key_type="rsa")
        self.acs = start_acs({
            "cwmp.auth": "digest", "admin.failures": "0", "cwmp.tls_listen": "127.0.0.1:0",
            "files.tls_listen": "127.0.0.1:0", "admin.tls_listen": "127.0.0.1:0",
            "files.legacy_tls_listen": "127.0.0.1:0", "tls.legacy_certificate": str(legacy),
            "tls.legacy_key": str(legacy_key), "tls.certificate": str(certificate), "tls.key": str(key)})
        self.urls, self.tls = self.acs.urls, trusting(authority.certificate)
        document = self.acs.api.get("/api/v1/openapi.json").json
        self.routes = [Route(path, method, operation) for path, operations in document["paths"].items()
                       for method, operation in operations.items() if method != "parameters"]
        self.mine, self.other = self.make_device("AAAAAA"), self.make_device("BBBBBB")
        self.acs.api.put(device_path(self.mine.id, "/tags/mine"))

    def make_device(self, oui):
        """With a task, a fault, an event, past sessions, credentials and an open session."""
        device = Device(self.urls["cwmp"], oui=oui, username=f"u{oui}", password=f"password of {oui}")
        self.acs.api.put(f"/api/v1/credentials/{device.id}", {"username": device.username, "password": device.password})
        device.run_session("0 BOOTSTRAP", "1 BOOT")  # it refuses what onboarding asks
        assert device.inform("2 PERIODIC").status == 200
        device.send(envelope.autonomous_transfer_complete("http://files.example/x"))
        device.task = queue(self.acs.api, device.id, "Reboot")
        return device

    def call(self, listener, route, headers, **kwargs):
        body = {} if route.has_body else None
        return call(self.urls[listener], route.method, route.filled(**kwargs), headers, body, tls=self.tls)


def tables(database):
    """Everything that calls can change, but what an operator's use leaves."""
    names = ("device", "parameter", "task", "file", "credential", "setting", "quirk", "searched_parameter", "api_user")
    return {name: database.value(f"SELECT md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM {name} t")
            for name in names}


def test_nobody_reaches_anything_but_health(world, database):
    expired = world.acs.create_token("expired", "admin", "--expires-in", "3600")
    database.query("UPDATE api_token SET expires = now() WHERE name = 'expired'")
    revoked = world.acs.create_token("revoked", "admin")
    assert world.acs.api.delete("/api/v1/tokens/revoked").status == 204
    proofs = [{}, bearer("x" * 40), bearer(expired), bearer(revoked), {"X-API-Key": "wrong"}, {"Authorization": "None"}]
    before = tables(database)
    for listener in ADMIN:
        for route in world.routes:
            for headers in proofs:
                answer = world.call(listener, route, headers, device=world.mine.id, task=world.mine.task)
                if route.path in FOR_ALL:
                    assert route.role is None
                    continue
                assert answer.status == 401, (listener, route, headers, answer)
                assert "WWW-Authenticate" in answer.headers
                assert world.mine.id not in answer.body.decode()
    assert tables(database) == before


def test_nobody_is_told_what_there_is_nor_heard_out(world, tokens):
    for listener in ADMIN:
        for method, path in (("GET", "/"), ("GET", "/api/v1/nonsense"), ("POST", "/api/v1/devices"), ("TRACE", "/"),
                             ("OPTIONS", "/api/v1/tokens"), ("DELETE", "/healthz"), ("GET", "/api/v1/devices/../tokens")):
            assert call(world.urls[listener], method, path, tls=world.tls).status == 401, (listener, method, path)
        for route in world.routes:
            if route.has_body:
                who_may_not_is_refused_before_the_body(world, listener, route, tokens["read"])
    what_a_proxy_passes_on_is_not_local(world)


def what_a_proxy_passes_on_is_not_local(world):
    for path in FOR_ALL:
        for name, value in (("X-Forwarded-For", "192.0.2.1"), ("Forwarded", "for=192.0.2.1"), ("Via", "1.1 proxy")):
            assert call(world.urls["admin"], "GET", path, {name: value}).status == 401, (path, name)


def who_may_not_is_refused_before_the_body(world, listener, route, reader):
    path, tls = route.filled(world.mine.id, world.mine.task), world.tls if "tls" in listener else None
    assert status_before_body(world.urls[listener], route.method, path, {}, tls) == 401, route
    assert status_before_body(world.urls[listener], route.method, path, bearer(reader), tls) == 403, route


def test_each_role_reaches_what_it_may_and_nothing_else(world, tokens, database):
    before = tables(database)
    wanted = [route for route in world.routes if route.role]
    for route in wanted:
        for role in ROLES[:ROLES.index(route.role)]:
            answer = world.call("admin", route, bearer(tokens[role]), device=world.mine.id, task=world.mine.task)
            assert answer.status == 403, (route, role, answer)
    assert tables(database) == before
    for route in wanted:
        for role in ROLES[ROLES.index(route.role):]:
            answer = world.call("admin", route, bearer(tokens[role]))
            assert answer.status not in (401, 403, 405) and answer.status < 500, (route, role, answer)
    for route in world.routes:
        if route.method == "GET":
            head = call(world.urls["admin"], "HEAD", route.filled(), bearer("wrong"))
            assert head.status == (401 if route.role else 200), route


def test_a_scope_ends_at_its_devices_on_every_route(world, database):
    """What names a device beyond the scope is not there, and no list tells of one."""
    for name, scope in {"by tag": ("--tag", "mine"), "by OUI": ("--oui", "aaaaaa"),
                        "by either": ("--tag", "none", "--oui", "AAAAAA")}.items():
        walk_with_scope(world, database, bearer(world.acs.create_token(name, "operate", *scope)))


OPEN_TO_SCOPES = {f"/api/v1/{path}" for path in ("devices", "tasks", "faults", "events", "sessions", "openapi.json")}


def test_with_a_scope_no_call_is_about_all_devices_or_lets_one_in(world, database):
    token = bearer(world.acs.create_token("by tag", "operate", "--tag", "mine"))
    before = tables(database)
    for route in world.routes:
        decides = re.search(r"/tags/|/reopen$", route.path) or (route.method, route.path) in {
            ("PATCH", "/api/v1/devices/{device}"), ("DELETE", "/api/v1/devices/{device}"),
            ("DELETE", "/api/v1/credentials/{device}")}
        if not route.role or not decides and ("{device}" in route.path or "{task}" in route.path):
            continue
        answer = world.call("admin", route, token, device=world.mine.id)
        is_open = route.method == "GET" and route.path in OPEN_TO_SCOPES
        assert answer.status == (200 if is_open else 403), (route, answer)
    assert tables(database) == before


def walk_with_scope(world, database, token):
    before = tables(database)
    told = {}
    for route in world.routes:
        answer = world.call("admin", route, token, device=world.other.id, task=world.other.task)
        assert answer.status < 500, (route, answer)
        if "{device}" in route.path or "{task}" in route.path:
            assert answer.status in (403, 404), (route, answer)
        assert world.other.id not in answer.body.decode(), (route, answer)
        assert world.other.identity[3] not in answer.body.decode(), (route, answer)
        told[str(route)] = answer
    assert tables(database) == before
    for path in ("devices", "tasks", "events", "sessions"):
        answer = told[f"GET /api/v1/{path}"]
        assert answer.status == 200 and world.mine.id in answer.body.decode(), (path, answer)
    assert told["GET /api/v1/faults"].status == 200
    for path in ("", "/tasks", "/parameters", "/session-log"):
        assert call(world.urls["admin"], "GET", device_path(world.mine.id, path), token).status == 200
    assert call(world.urls["admin"], "GET", f"/api/v1/tasks/{world.mine.task}", token).status == 200
    for query in (f"?oui={world.other.identity[1]}", f"?q={world.other.identity[3]}"):
        assert call(world.urls["admin"], "GET", f"/api/v1/devices{query}", token).json["devices"] == []
    for path in ("tasks", "faults", "events", "sessions"):
        answer = call(world.urls["admin"], "GET", f"/api/v1/{path}?device={world.other.id}", token)
        assert answer.json[path] == [], path


def test_listeners_for_devices_serve_no_operator(world, tokens):
    for listener in DEVICES:
        for route in world.routes:
            for headers in ({}, bearer(tokens["admin"])):
                answer = world.call(listener, route, headers, device=world.mine.id, task=world.mine.task)
                assert answer.status in (400, 401, 403, 404, 405), (listener, route, answer)
                assert world.mine.id not in answer.body.decode()


def test_a_device_reaches_nothing_without_an_answer_to_its_challenge(world, database):
    before = tables(database)
    for listener in ("cwmp", "cwmp_tls"):
        device = Device(world.urls[listener], tls=world.tls if "tls" in listener else None)
        for body in (device.wrap(envelope.inform(device.identity)), b"", b"nonsense"):
            for path in ("/", "/x", "/d/x/y", "/api/v1/devices"):
                answer = call(world.urls[listener], "POST", path, {"Content-Type": "text/xml"}, body, tls=world.tls)
                assert answer.status in (400, 401, 404), (listener, path, body[:20], answer)
                assert not answer.headers.get("Set-Cookie")
    for listener in ("files", "files_tls", "files_legacy"):
        for method, path in (("GET", "/d/x/y"), ("PUT", "/u/x/y"), ("POST", "/u/x/y"), ("GET", "/"), ("GET", "/d/../d/x/y")):
            answer = call(world.urls[listener], method, path, basic(world.mine.username, world.mine.password), tls=world.tls)
            assert answer.status in (401, 403, 404, 405), (listener, method, path, answer)
    assert tables(database) == before
