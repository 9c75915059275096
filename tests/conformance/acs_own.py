"""acs_own: our own servers, one per profile, on a PostgreSQL cluster of this run."""

import shutil
import tempfile
import threading
from itertools import count
from pathlib import Path

from acs_profiles import PROFILES, SCALES, certified
from acs_subject import Acs
from lab.api import Api, path_part
from lab.postgres import Cluster
from lab.programs import ProgramError
from lab.server import Server
from operators import Operator
from places import BINARIES

NUMBERS = {"body_bytes": "cwmp.body_bytes", "idle_seconds": "cwmp.session_idle_seconds",
           "nonce_seconds": "cwmp.nonce_seconds", "sessions": "cwmp.sessions"}
PASSWORD = 'pässword "1"'


class OwnServers:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="acs-conformance-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.reports = self.folder / "sanitizers"
        self.reports.mkdir()
        self.reports.chmod(0o777)
        self.lock, self.locks = threading.Lock(), {name: threading.Lock() for name in PROFILES}
        self.cluster, self.servers, self.attempts = None, {}, count()

    def acs(self, profile):
        with self.locks[profile]:
            if profile not in self.servers:
                self.servers[profile] = self.start(profile)
        server = self.servers[profile]
        return Acs(server.urls["cwmp"], Operator(server.api), equipper(server),
                   SCALES.get(profile, 1.0), **server.facts)

    def start(self, profile):
        options, authorities = {**PROFILES["open"], **PROFILES[profile]}, {}
        if "cwmp.tls_listen" in options:
            authorities, settings = certified(self.folder / "certificates")
            options |= settings
        options["data.dir"] = str(self.folder / profile)
        options["database.url"] = self.database(profile).url
        server = Server(BINARIES / "acs", options, self.folder / f"{profile}.log", self.sanitizers())
        done = server.tool("migrate")
        assert done.returncode == 0, done.stderr
        server.start()
        server.api = Api(server.urls["admin"], server.create_token("conformance"))
        server.facts = facts(server) | authorities
        return server

    def database(self, name):
        with self.lock:
            self.cluster = self.cluster or Cluster()
            return self.cluster.create(f"{name}_{next(self.attempts)}")

    def sanitizers(self):
        common = f"log_path={self.reports}/report:abort_on_error=1"
        return {"ASAN_OPTIONS": f"{common}:detect_leaks=1", "LSAN_OPTIONS": "print_suppressions=0",
                "UBSAN_OPTIONS": f"{common}:print_stacktrace=1:halt_on_error=1"}

    def close(self):
        """Stops all; servers that did not end well keep the folder."""
        problems = [problem for server in self.servers.values() for problem in ended(server)]
        problems += [path.read_text(errors="replace")[:8000] for path in sorted(self.reports.iterdir())]
        if self.cluster:
            self.cluster.stop()
            shutil.rmtree(self.cluster.folder, ignore_errors=True)
        if problems:
            return [*problems, f"left for inspection: {self.folder}"]
        shutil.rmtree(self.folder, ignore_errors=True)
        return []


def facts(server):
    settings = {name: int(server.options[key]) for name, key in NUMBERS.items() if key in server.options}
    return {**settings, "pid": server.program.pid, "tls_url": server.urls.get("cwmp_tls")}


def equipper(server):
    """What gives a device credentials, where the server asks for them."""

    def equip(device):
        device.username, device.password = "user " + device.id, PASSWORD
        answer = server.api.put(f"/api/v1/credentials/{path_part(device.id)}",
                                {"username": device.username, "password": device.password})
        assert answer.status in (200, 201), answer

    return (lambda device: None) if server.options["cwmp.auth"] == "none" else equip


def ended(server):
    if not server.program.is_running():
        return [f"{server.log} ended by itself:\n{server.program.tail()}"]
    try:
        status = server.stop()
    except ProgramError as error:
        return [str(error)]
    return [f"{server.log} ended with status {status}:\n{server.program.tail()}"] if status else []
