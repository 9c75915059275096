"""Secrets: sealed where they are stored, shown nowhere, and opened with keys that change."""

import base64
import os
import signal
import subprocess
from pathlib import Path

import pytest

import envelope
import secret_log
from lab.api import Api
from lab.postgres import bin_folder
from lab.programs import wait_until
from places import BINARIES
from running_server import DEFAULTS
from secret_forms import found_in
from steps import device_path, queue, stored_value, task

WIFI = "Device.WiFi.AccessPoint.1.Security."
HIDDEN = "********"


def dump(database):
    """All that a backup of the database holds; binary columns as they are."""
    done = subprocess.run([str(bin_folder() / "pg_dump"), "--inserts", "-d", database.url], capture_output=True,
                          cwd="/", check=True)
    text = done.stdout
    for word in text.split(b"'\\x")[1:]:
        digits = word.partition(b"'")[0]
        text += bytes.fromhex(digits.decode()) + b"\n"
    return text


def assert_not_in(data, *secrets):
    for secret in secrets:
        assert not found_in(secret, data), secret


def value(name, text):
    return {"name": name, "value": text, "type": "xsd:string"}


ORDERS = {
    "SetParameterValues": lambda s: {"parameters": [value(WIFI + "KeyPassphrase", s), value(WIFI + "X_ACME_Code", s),
                                                    value("Device.X_ACME.URL", f"http://user:{s}@h/")]},
    "Download": lambda s: {"file_type": "3 Vendor Configuration File", "url": f"http://files.example/a?token={s}",
                           "username": "u", "password": s, "success_url": f"http://u:{s}@h/done?{s}"},
    "Upload": lambda s: {"file_type": "1 Vendor Configuration File", "url": f"http://files.example/in?{s}",
                         "username": "u", "password": s},
    "ChangeDUState": lambda s: {"operations": [{"operation": "Install", "url": f"http://x/du?{s}", "username": "u",
                                                "password": s}]},
    "SetVouchers": lambda s: {"vouchers": [base64.b64encode(s.encode()).decode()]},
    "X_ACME_Join": lambda s: {"xml": f"<Network><Key>{s}</Key></Network>"},
}


@pytest.fixture
def started(start_acs):
    return start_acs({"secrets.parameters": "X_ACME_Code"})


@pytest.mark.parametrize("method", ORDERS)
def test_a_tasks_secrets_are_sealed_shown_nowhere_and_sent(started, method, tokens, database):
    acs, secret = started, secret_log.new()
    device = acs.device(namespace="1-2")
    device.run_session("1 BOOT")
    made = acs.api.post(device_path(device.id, "/tasks"), {"method": method, **ORDERS[method](secret)})
    task_id = made.json["id"]
    stored = dump(database)
    quoted = "" if method in ("SetVouchers", "X_ACME_Join") else secret  # as it was given, and not a part of it
    device.run_session("2 PERIODIC", answers={method: envelope.fault(9002, f"no: {quoted}")})
    reader = Api(acs.urls["admin"], tokens["read"])
    assert acs.api.delete(f"/api/v1/tasks/{task_id}").status == 200
    answers = [made, reader.get(f"/api/v1/tasks/{task_id}"), reader.get("/api/v1/tasks"), reader.get("/api/v1/faults"),
               acs.api.post(f"/api/v1/tasks/{task_id}/retry")]
    assert all(answer.status in (200, 202) for answer in answers)
    sent = device.run_session("2 PERIODIC", answers={method: envelope.fault(9001, "Request denied")})
    shown = b"".join(answer.body for answer in answers)
    spelled = base64.b64encode(secret.encode()) if method == "SetVouchers" else secret.encode()
    assert sent[0].method == method and spelled in sent[0].data
    assert_not_in(stored + dump(database) + shown, secret)


def test_what_a_device_tells_of_secrets_is_not_kept(started, database):
    acs, device = started, started.device()
    name, secrets = WIFI + "SAEPassphrase", [secret_log.new() for _ in range(4)]
    told = {name: secrets[0], WIFI + "ModeEnabled": "WPA3", "Device.X_ACME.URL": f"http://u:{secrets[1]}@h/"}
    device.run_session("1 BOOT", parameters=told)
    queue(acs.api, device.id, "GetParameterValues", names=[WIFI])
    queue(acs.api, device.id, "X_ACME_Show")
    xml = (f'<Wifi pin="{secrets[2]}"><Password>{secrets[2]}</Password><Open>seen</Open>'
           f"<Name>{name}</Name><Value>{secrets[2]}</Value></Wifi>")
    device.run_session("2 PERIODIC", answers={
        "GetParameterValues": envelope.values_response({name: secrets[3], WIFI + "ModeEnabled": "WPA3"}),
        "X_ACME_Show": f"<cwmp:X_ACME_ShowResponse>{xml}</cwmp:X_ACME_ShowResponse>"})
    tasks = acs.api.get("/api/v1/tasks").body
    shown = acs.api.get(device_path(device.id, "/parameters?prefix=Device.")).body
    assert b"WPA3" in shown and b"WPA3" in tasks and b"<Open>seen</Open>" in tasks
    assert stored_value(database, device.id, name) == ""
    assert_not_in(dump(database) + shown + tasks, *secrets)


def test_devices_are_not_found_by_a_secret(acs):
    answer = acs.api.get(f"/api/v1/devices?parameter.{WIFI}KeyPassphrase=guess")
    assert answer.status == 400 and "secret" in answer.json["detail"]


def test_what_an_older_server_kept_is_not_shown(acs, device, database):
    secret, name = secret_log.new(), WIFI + "KeyPassphrase"
    device.run_session("1 BOOT", parameters={name: "x"})
    database.query("UPDATE parameter SET value = :'v' FROM path WHERE path.path_id = parameter.path_id AND name = :'n'",
                   v=secret, n=name)
    answer = acs.api.get(device_path(device.id, f"/parameters?prefix={name}"))
    assert answer.json["parameters"][0]["value"] == HIDDEN


def onboarding(secret):
    return {"tasks": [{"method": "SetParameterValues", "parameters": [
        value("{root}ManagementServer.ConnectionRequestPassword", "{connection-request-password}"),
        value("{root}X_ACME.Password", secret)]}]}


def test_a_secret_of_the_onboarding_document_is_sealed_and_reaches_devices(acs, tokens, database):
    secret = secret_log.new()
    answers = [acs.api.put("/api/v1/onboarding", onboarding(secret)), acs.api.get("/api/v1/onboarding"),
               Api(acs.urls["admin"], tokens["read"]).get("/api/v1/onboarding")]
    for answer in answers:
        shown = answer.json["tasks"][0]
        assert [p["value"] for p in shown["parameters"]] == ["{connection-request-password}", HIDDEN]
        assert "sealed" not in shown
    refused = acs.api.put("/api/v1/onboarding", answers[0].json)
    assert refused.status == 400 and HIDDEN in refused.json["detail"]
    device = acs.device()
    sent = device.run_session("0 BOOTSTRAP", answers={
        "SetParameterValues": envelope.status_response("SetParameterValues")})
    assert sent[0].parameters[1][1] == secret
    assert_not_in(dump(database), secret)


# Keys.

@pytest.fixture
def run_acs(folder, database, sanitizers):
    """run_acs("serve", {"secrets.key": …}): a command that ends by itself; its status and what it said."""

    def run(*words, **options):
        settings = {**DEFAULTS, "data.dir": str(folder / "data"), "database.url": database.url, **options}
        done = subprocess.run([str(BINARIES / "acs"), *words, *(f"--{n}={v}" for n, v in settings.items())],
                              capture_output=True, text=True, cwd="/", check=False, timeout=60,
                              env={**os.environ, **sanitizers.environment})
        return done.returncode, done.stdout + done.stderr

    return run


def test_the_keys_of_nonces_and_links_are_sealed(start_acs, database, run_acs):
    acs = start_acs()
    for name in ("nonce", "link"):
        assert database.value(f"SELECT value ->> '{name}' FROM setting WHERE name = 'keys'").startswith("sealed:")
    acs.stop()
    status, told = run_acs("serve", **{"secrets.key": "cd" * 32})
    assert status == 1 and "another secrets.key" in told


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_key_file_that_others_may_read_is_refused(folder, run_acs, mode):
    (folder / "data").mkdir()
    path = folder / "data/secret.key"
    path.write_text("ab" * 32)
    path.chmod(mode)
    status, told = run_acs("serve")
    assert status == 1 and "chmod 600" in told and "abab" not in told


def called(acs, device_id):
    return acs.api.post(device_path(device_id, "/connection-request"))


def reload(acs):
    lines = acs.output.count("event=reloaded")
    acs.program.signal(signal.SIGHUP)
    wait_until(lambda: acs.output.count("event=reloaded") > lines, 10, "the reload")


def test_keys_are_changed_while_a_server_runs(acs, folder, run_acs, database):
    secret, key_file = secret_log.new(), folder / "data/secret.key"
    device = acs.device()
    device.run_session("1 BOOT")
    acs.api.put(f"/api/v1/credentials/{device.id}", {
        "username": "u", "password": secret_log.new(), "connection_request_username": "cr",
        "connection_request_password": secret_log.new()})
    acs.api.put("/api/v1/onboarding", onboarding(secret_log.new()))
    task_id = queue(acs.api, device.id, "SetParameterValues", parameters=[value(WIFI + "KeyPassphrase", secret)])
    columns = ("SELECT string_agg(sealed::text, ' ') FROM task", "SELECT value FROM setting WHERE name = 'keys'",
               "SELECT connection_request_password FROM credential", "SELECT value FROM setting WHERE name = 'onboarding'")
    before = [database.value(column) for column in columns]
    assert run_acs("rotate-secrets", "--new-key")[0] == 0
    assert len(key_file.read_text().split()) == 2 and key_file.stat().st_mode & 0o777 == 0o600
    reload(acs)
    status, told = run_acs("rotate-secrets")
    assert status == 0 and "could not open 0" in told, told
    after = [database.value(column) for column in columns]
    assert not set(before) & set(after)
    key_file.write_text(key_file.read_text().split()[0])
    reload(acs)
    sent = device.run_session("2 PERIODIC", answers={
        "SetParameterValues": envelope.status_response("SetParameterValues")})
    assert sent[0].parameters[0][1] == secret
    assert task(acs.api, task_id)["state"] == "done"
    assert database.value("SELECT count(*) FROM audit WHERE action = 'acs rotate-secrets'") == "2"
    acs.stop()
    acs.restart()  # the keys of nonces and links open with the new key
    assert run_acs("rotate-secrets") == (0, "sealed 2, forgot 0, could not open 0\n")


def test_the_wrong_key_seals_nothing(start_acs, database, run_acs):
    acs = start_acs()
    acs.api.put("/api/v1/onboarding", onboarding(secret_log.new()))
    acs.stop()
    kept = ("SELECT string_agg(value::text, ' ' ORDER BY name) FROM setting", "SELECT count(*) FROM audit")
    before = [database.value(question) for question in kept]
    status, told = run_acs("rotate-secrets", **{"secrets.key": "cd" * 32})
    assert status == 1 and "another secrets.key" in told and "sealed 1" not in told
    assert [database.value(question) for question in kept] == before


CLEAR = "INSERT INTO setting VALUES ('keys', jsonb_build_object('nonce', repeat('ab', 32), 'link', repeat('cd', 32)))"


def test_beside_older_servers_nothing_is_sealed_that_they_could_not_read(start_acs, database, run_acs):
    database.query(CLEAR)
    acs, secrets = start_acs(), [secret_log.new() for _ in range(3)]
    device = acs.device()
    device.run_session("1 BOOT", parameters={WIFI + "KeyPassphrase": "x"})
    task_id = queue(acs.api, device.id, "SetParameterValues", parameters=[value(WIFI + "KeyPassphrase", secrets[0])])
    acs.api.put("/api/v1/onboarding", onboarding(secrets[1]))
    database.query("UPDATE parameter SET value = :'v' FROM path WHERE path.path_id = parameter.path_id"
                   " AND name LIKE '%KeyPassphrase'", v=secrets[2])
    assert "secrets-in-old-form" in acs.output
    assert all(found_in(secret, dump(database)) for secret in secrets)
    assert_not_in(acs.api.get("/api/v1/onboarding").body + acs.api.get("/api/v1/tasks").body, *secrets)
    status, told = run_acs("rotate-secrets")
    assert status == 0, told
    assert_not_in(dump(database), *secrets, "ab" * 32, "cd" * 32)
    reload(acs)
    sent = device.run_session("2 PERIODIC", answers={
        "SetParameterValues": envelope.status_response("SetParameterValues")})
    assert sent[0].parameters[0][1] == secrets[0]
    assert task(acs.api, task_id)["state"] == "done"


# What the machine shows of the process.

def test_the_process_shows_no_key_and_dumps_no_core(start_acs, monkeypatch):
    key = os.urandom(32).hex()
    secret_log.use(key, "ACS_SECRETS_KEY")
    monkeypatch.setenv("ACS_SECRETS_KEY", key)
    acs = start_acs()
    monkeypatch.delenv("ACS_SECRETS_KEY")
    proc = Path(f"/proc/{acs.program.pid}")
    assert key.encode() not in (proc / "environ").read_bytes() + (proc / "cmdline").read_bytes()
    limit = next(line for line in (proc / "limits").read_text().splitlines() if line.startswith("Max core file size"))
    assert limit.split()[4:6] == ["0", "0"]
