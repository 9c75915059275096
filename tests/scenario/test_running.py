"""Starting, configuring and stopping: command line, file and environment, migrations, signals, private cluster."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

import envelope
from lab.api import Api
from lab.postgres import private_database
from lab.programs import ProgramError, wait_until
from places import BINARIES
from steps import device_path, queue, task

ACS = BINARIES / "acs"


@pytest.fixture
def run(sanitizers):
    """run("check-config", "--config", path): the finished process."""

    def run(*words, env=None):
        return subprocess.run([str(ACS), *map(str, words)], text=True, capture_output=True, check=False, cwd="/",
                              timeout=60, env={**os.environ, **sanitizers.environment, **(env or {})})

    return run


# The command line.

def test_version_is_told(run):
    done = run("version")
    assert done.returncode == 0
    assert done.stdout.strip()


@pytest.mark.parametrize("words", [[], ["nonsense"], ["serve", "--no.such=1"], ["serve", "--cwmp.auth=maybe"],
                                   ["serve", "--cwmp.listen=nonsense"], ["token", "create", "--role", "admin"],
                                   ["token", "create", "--name", "x", "--role", "king"]])
def test_a_usage_error_is_status_2_with_a_reason(run, words, database):
    done = run(*words, *([f"--database.url={database.url}"] if words else []))
    assert done.returncode == 2, done
    assert done.stderr.strip()


def test_help_lists_every_setting_with_its_default(run):
    done = run("serve", "--help")
    assert done.returncode == 0
    for setting in ("cwmp.listen", "admin.listen", "files.listen", "cwmp.auth", "database.url", "data.dir", "tls.key"):
        assert setting in done.stdout
    assert "7547" in done.stdout and "7557" in done.stdout and "7567" in done.stdout


@pytest.mark.parametrize("words,form", [
    (["token", "--help"], "acs token create --name NAME --role read|operate|admin"),
    (["user", "add", "--help"], "acs user passwd --name NAME"),
    (["rotate-secrets", "--help"], "acs rotate-secrets [--new-key]"),
])
def test_help_of_a_command_with_options_is_about_them(run, words, form):
    done = run(*words)
    assert done.returncode == 0 and form in done.stdout and "--cwmp.listen" not in done.stdout


def test_a_listener_that_is_taken_is_status_1(acs, run, database, folder):
    done = run("serve", f"--cwmp.listen={acs.urls['cwmp'].split('//')[1].rstrip('/')}", "--admin.listen=127.0.0.1:0",
               "--files.listen=127.0.0.1:0", f"--database.url={database.url}", f"--data.dir={folder}/data")
    assert done.returncode == 1
    assert "in use" in done.stderr


def test_a_secret_on_the_command_line_is_overwritten_at_once(start_acs, database):
    acs = start_acs({"secrets.key": "ab" * 32})
    assert ("ab" * 32).encode() not in Path(f"/proc/{acs.program.pid}/cmdline").read_bytes()


# Settings.

def test_check_config_tells_every_error_with_its_line(run, folder):
    path = folder / "acs.conf"
    path.write_text("[cwmp]\nauth = maybe\nlisten = [::]:7547\n\n[nonsense]\nx = 1\n[tasks]\nattempts = many\n")
    done = run("check-config", "--config", path)
    assert done.returncode == 2
    told = done.stdout + done.stderr
    for line in (2, 6, 8):
        assert f"acs.conf:{line}:" in told, told


def test_check_config_is_silent_about_a_good_file(run, folder):
    path = folder / "acs.conf"
    path.write_text("; a comment\n[cwmp]\nauth = digest\nlisten = 127.0.0.1:0\n[tasks]\nattempts = 3\n")
    assert run("check-config", "--config", path).returncode == 0


def test_the_command_line_goes_before_the_environment_and_that_before_the_file(start_acs, folder, sanitizers):
    path = folder / "acs.conf"
    path.write_text("[cwmp]\nauth = digest\nrealm = from file\n")
    sanitizers.environment["ACS_CWMP_REALM"] = "from environment"
    acs = start_acs({"config": str(path), "cwmp.auth": "digest"})
    assert 'realm="from environment"' in acs.device().inform("1 BOOT").headers["WWW-Authenticate"]
    acs = start_acs({"config": str(path), "cwmp.auth": "digest", "cwmp.realm": "from command line"})
    assert 'realm="from command line"' in acs.device().inform("1 BOOT").headers["WWW-Authenticate"]


# Migrations.

def test_migrations_may_be_applied_twice(run, worker_cluster):
    url = worker_cluster.create("migrated").url
    try:
        assert run("migrate", f"--database.url={url}").returncode == 0
        tables = worker_cluster.database("migrated").query(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        assert ["device"] in tables and ["task"] in tables
        assert run("migrate", f"--database.url={url}").returncode == 0
        assert worker_cluster.database("migrated").query(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1") == tables
    finally:
        worker_cluster.drop("migrated")


def test_a_database_without_the_schema_is_refused(start_acs, worker_cluster):
    url = worker_cluster.create("empty").url
    try:
        with pytest.raises(ProgramError, match="status 1"):
            start_acs({"database.url": url}, token="x")
    finally:
        worker_cluster.drop("empty")


def test_an_unreachable_database_fails_migrate_with_a_reason(run):
    done = run("migrate", "--database.url=host=/nowhere dbname=x")
    assert done.returncode == 1
    assert "/nowhere" in done.stderr


# Signals.

def test_sigterm_ends_an_idle_server_cleanly(acs):
    assert acs.stop() == 0


def test_sigterm_lets_a_session_finish_but_begins_no_new_one(start_acs):
    acs = start_acs({"server.stop_seconds": "20"})
    device = acs.device()
    device.run_session("1 BOOT")
    task_id = queue(acs.api, device.id, "GetRPCMethods")
    device.inform("2 PERIODIC")
    request = device.empty()
    acs.program.signal(signal.SIGTERM)
    acs.program.wait_for_output("event=stopping")
    assert not begins_a_session(acs.device(timeout=2))
    assert device.answer(request, envelope.methods_response(["Inform"])).status == 204
    assert acs.program.wait(20) == 0
    restarted = start_acs()
    assert task(restarted.api, task_id)["state"] == "done"


def begins_a_session(device):
    try:
        return device.inform("2 PERIODIC").status == 200
    except OSError:
        return False


def test_sigterm_does_not_wait_for_a_session_for_ever(start_acs):
    acs = start_acs({"server.stop_seconds": "1"})
    device = acs.device()
    device.inform("2 PERIODIC")
    started = time.monotonic()
    assert acs.stop() == 0
    assert time.monotonic() - started < 10


def test_sighup_changes_nothing_that_runs(acs):
    device = acs.device()
    device.inform("2 PERIODIC")
    acs.program.signal(signal.SIGHUP)
    time.sleep(0.3)
    assert device.empty().status == 204
    assert acs.device().inform("2 PERIODIC").status == 200


def test_sighup_keeps_the_log_level_of_the_command_line(start_acs):
    acs = start_acs({"log.level": "warning"})
    acs.program.signal(signal.SIGHUP)
    time.sleep(0.3)
    acs.device().run_session("1 BOOT")
    assert "level=info" not in acs.output


@pytest.mark.parametrize("setting", ["secrets.key=12", "connection_request.allow=10.0.0.0/40", "tls.key=/nowhere.pem",
                                     "cwmp.exempt_addresses=proxy", "files.public_url=files.example"])
def test_check_config_refuses_what_would_only_fail_in_use(run, setting):
    done = run("check-config", f"--{setting}")
    assert done.returncode == 2
    assert setting.split("=")[0] in done.stderr


# The log.

def test_every_turn_leaves_one_line_with_device_and_session(acs):
    device = acs.device()
    device.run_session("1 BOOT")
    lines = [line for line in acs.output.splitlines() if f"device={device.id}" in line and "event=turn" in line]
    assert len(lines) == 2
    assert all("session=" in line for line in lines)


def test_a_forged_line_break_does_not_reach_the_log(acs):
    device = acs.device(serial="evil\nlevel=error event=forged")
    device.inform("1 BOOT")
    assert not any(line.startswith("level=error event=forged") for line in acs.output.splitlines())


# The private cluster.

def test_without_a_url_the_server_keeps_a_cluster_of_its_own(start_acs, folder):
    acs = start_acs(own_cluster=True)
    acs.device().run_session("1 BOOT")
    database = private_database(folder / "data")
    assert database.value("SELECT count(*) FROM device") == "1"
    pid = postmaster(folder)
    assert acs.stop() == 0
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), 10, "the end of PostgreSQL")
    again = start_acs({"data.dir": acs.options["data.dir"]}, own_cluster=True)
    assert len(again.api.get("/api/v1/devices").json["devices"]) == 1


def postmaster(folder):
    return int(next((folder / "data").glob("postgresql/**/postmaster.pid")).read_text().split()[0])


def test_a_left_over_cluster_is_adopted(start_acs, folder):
    acs = start_acs(own_cluster=True)
    acs.device().run_session("1 BOOT")
    pid = postmaster(folder)
    acs.program.kill()
    assert Path(f"/proc/{pid}").exists()
    again = start_acs({"data.dir": acs.options["data.dir"]}, own_cluster=True)
    assert len(again.api.get("/api/v1/devices").json["devices"]) == 1
    assert again.stop() == 0
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), 10, "the end of PostgreSQL")


def test_two_servers_do_not_share_a_private_cluster(start_acs, folder):
    acs = start_acs(own_cluster=True)
    with pytest.raises(ProgramError):
        start_acs({"data.dir": acs.options["data.dir"]}, own_cluster=True)
    acs.device().run_session("1 BOOT")


def test_a_killed_private_postgresql_is_started_again(start_acs, folder):
    acs = start_acs(own_cluster=True)
    acs.device().run_session("1 BOOT")
    os.kill(postmaster(folder), signal.SIGKILL)
    wait_until(lambda: is_ready(acs), 30, "the database's return")
    assert len(acs.api.get("/api/v1/devices").json["devices"]) == 1


def is_ready(acs):
    time.sleep(0.5)
    return Api(acs.urls["admin"]).get("/readyz").status == 200


def test_a_token_is_made_while_the_server_runs_and_while_it_does_not(start_acs, folder):
    acs = start_acs(own_cluster=True)
    running = acs.create_token("running", "read")
    assert acs.stop() == 0
    stopped = acs.create_token("stopped", "read")
    again = start_acs({"data.dir": acs.options["data.dir"]}, own_cluster=True)
    assert again.api.get("/api/v1/devices").status == 200
    for token in (running, stopped):
        assert Api(again.urls["admin"], token).get("/api/v1/devices").status == 200


def test_the_device_survives_a_restart_of_the_server(start_acs):
    acs = start_acs()
    device = acs.device()
    device.run_session("1 BOOT")
    task_id = queue(acs.api, device.id, "GetRPCMethods")
    acs.stop()
    acs = start_acs()
    device = acs.device(serial=device.identity[3])
    device.run_session(answers={"GetRPCMethods": envelope.methods_response(["Inform"])})
    assert task(acs.api, task_id)["state"] == "done"
    assert acs.api.get(device_path(device.id)).status == 200
