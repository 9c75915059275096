"""The systemd unit: what it forbids, and that the server with its private PostgreSQL needs none of it."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from places import BINARIES, REPOSITORY
from running_server import DEFAULTS, RunningServer
from steps import device_path

CONFINE = Path(__file__).with_name("confine.py")
# What systemd itself calls "OK" ends at 4.9; a service without any restriction has 9.6.
MOST_EXPOSURE = 1.5

pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is missing")


@pytest.fixture
def unit(folder):
    """The unit as it is installed below /usr, but for this build's program."""
    text = (REPOSITORY / "packaging/acs.service.in").read_text()
    text = text.replace("@CMAKE_INSTALL_PREFIX@/@bin@/acs", str(BINARIES / "acs"))
    path = folder / "acs.service"
    path.write_text(re.sub(r"@\w+@", "/usr", text))
    return path


@pytest.fixture
def confined(folder, unit):
    """confined("PROGRAM", …): the command that runs it as the unit wants, free to write below folder/state only."""
    state = folder / "state"
    state.mkdir()
    shutil.chown(state, 65534 if os.geteuid() == 0 else None)

    def command(*words):
        return [sys.executable, str(CONFINE), str(unit), str(state), "--", *map(str, words)]
    return command


def test_the_unit_says_nothing_that_systemd_does_not_understand(unit):
    told = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")


def test_the_unit_has_its_user(unit):
    users = REPOSITORY / "packaging/acs.sysusers"
    subprocess.run(["systemd-sysusers", "--dry-run", users], check=True)
    name = users.read_text().splitlines()[-1].split()[1]
    assert f"\nUser={name}\n" in unit.read_text()


def test_the_unit_exposes_little(unit):
    told = subprocess.run(["systemd-analyze", "security", "--offline=yes", f"--threshold={round(MOST_EXPOSURE * 10)}",
                           "--no-pager", unit], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


PROBE = """
import ctypes, errno, json, mmap, os, socket, sys
def outcome(attempt):
    try:
        attempt()
    except OSError as e:
        return errno.errorcode[e.errno]
def write(path):
    open(path, "w").write("x")
print(json.dumps({
    "own": outcome(lambda: write(sys.argv[1])), "foreign": outcome(lambda: write("/etc/acs-was-here")),
    "packet": outcome(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)),
    "writable code": outcome(lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)),
    "privileges": next(l.split()[1] for l in open("/proc/self/status") if l.startswith("CapBnd")),
    "user": os.getuid()}))
sys.stdout.flush()
ctypes.CDLL(None).ptrace(0, 0, 0, 0)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_what_the_unit_forbids_fails(folder, confined):
    done = subprocess.run(confined("/usr/bin/python3", "-c", PROBE, folder / "state/own"), capture_output=True,
                          text=True, check=False)
    assert done.returncode == -signal.SIGSYS, done.stderr
    assert json.loads(done.stdout) == {"own": None, "foreign": "EROFS", "packet": "EAFNOSUPPORT",
                                       "writable code": "EPERM", "privileges": "0000000000000000", "user": 65534}


def create_token_outside(program, data_folder):
    """As `runuser -u acs` does it, in none of the service's confines."""
    user = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    words = ["token", "create", "--name", "night", "--role", "admin", f"--data.dir={data_folder}"]
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False, cwd="/", **user)
    assert done.returncode == 0, done.stderr


def test_server_and_private_postgresql_do_without_what_the_unit_forbids(folder, confined):
    program = folder / "acs"
    shutil.copy(BINARIES / "acs", folder / "program")
    program.write_text(f"#!/bin/sh\nexec {shlex.join(confined(folder / 'program'))} \"$@\"\n")
    program.chmod(0o755)
    # Leaks are looked for by ptrace, which no service may.
    environment = {"ASAN_OPTIONS": "detect_leaks=0", "XDG_RUNTIME_DIR": str(folder / "state")}
    server = RunningServer(program, {**DEFAULTS, "data.dir": str(folder / "state/data"), "admin.auth": "false"},
                           folder / "acs.log", environment)
    server.serve(None)
    try:
        device = server.device()
        device.run_session("0 BOOTSTRAP")
        assert server.api.get(device_path(device.id)).status == 200
        assert server.api.put("/api/v1/files/fw?kind=other", os.urandom(3 << 20)).status == 201
        assert len(server.api.get("/api/v1/files/fw/content").body) == 3 << 20
        assert server.api.post(device_path(device.id, "/connection-request")).status == 504
        create_token_outside(folder / "program", folder / "state/data")
        server.program.process.send_signal(signal.SIGHUP)
        assert server.api.get("/readyz").status == 200
    finally:
        assert server.stop() == 0, server.program.tail()
