"""cpe_subject: the CPE as an item sees it: a process, the ACS it talks to, and somebody standing beside it."""

import shlex
import subprocess
import time
from urllib.parse import urlsplit

import cpe_digest
from cpe_acs import PATIENCE
from cpe_http import Connection
from items import NotApplicable
from lab.programs import Program
from spoil import Message

USERNAME, PASSWORD = "conformance", "conformance-secret"
KNOCK_USERNAME, KNOCK_PASSWORD = "knock", "knock-secret"
EARLY, LATE = 0.02, 0.8  # seconds by which a timer of an operating system may be wrong
# What our agent's timers are set to unless an item asks for others.
TIMERS = {"retry_scale": 0.05, "response_seconds": None, "reboot_seconds": 0, "connection_request_limit": None}


class Cpe:
    """One CPE in a folder of its own. `acs` is the ACS that it is told to talk to."""

    def __init__(self, kind, folder, acs, timers, environment):
        self.kind, self.folder, self.acs, self.environment = kind, folder, acs, environment
        self.timers = {**TIMERS, **timers}
        # A deliberate fault may start it with other timers than the item knows of, or our agent's modes.
        self.started_with, self.misbehaviour = dict(self.timers), []
        self.program = None

    # Life.

    def start(self, acs_url=None, **timers):
        """Switches it on."""
        facts = {"acs_url": acs_url or self.acs.url, "state_dir": self.folder / "state", "username": USERNAME,
                 "password": PASSWORD, "ca_file": self.folder.parent / "ca.pem"}
        words = [word.format(**facts) for word in shlex.split(self.kind.command)]
        for name, value in {**self.started_with, **timers}.items():
            if value is not None and name in self.kind.timers:
                words += [word.format(value) for word in shlex.split(self.kind.timers[name])]
        self.program = Program(words + self.misbehaviour, self.folder / "log", self.environment)

    def stop(self):
        """Ends it as a service manager would; its exit status."""
        return self.program.stop() if self.program.is_running() else self.program.process.returncode

    def power_cycle(self, **how):
        """Pulls the plug and puts it back."""
        self.program.kill()
        self.start(**how)

    # Somebody beside it.

    def set(self, name, value):
        """Changes a parameter by other means than the ACS."""
        self.run_hook("set", name=name, value=value)

    def reboot(self):
        """Reboots it on the spot, or by its plug when there is no other way."""
        if self.kind.hooks["reboot"]:
            self.run_hook("reboot")
        else:
            self.power_cycle()

    def run_hook(self, hook, **facts):
        if not self.kind.hooks[hook]:
            raise NotApplicable(f"needs --cpe-{hook}")
        facts["state_dir"] = self.folder / "state"
        words = [word.format(**facts) for word in shlex.split(self.kind.hooks[hook])]
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=self.environment)
        assert done.returncode == 0, f"{hook}: {done.stderr}"

    # Time.

    def seconds(self, seconds, least=2):
        """A delay that the ACS may choose, shortened; whole seconds, as CWMP counts them."""
        return max(least, round(seconds * self.kind.time_scale))

    def timer(self, name):
        """What a timer is set to; None when this CPE has no such option."""
        return self.timers[name] if name in self.kind.timers else None

    @property
    def retry_scale(self):
        return self.timer("retry_scale") or 1

    def retry_window(self, least, most):
        """Seconds between which a retry may come, with what a busy machine adds."""
        return least * self.retry_scale - EARLY, most * self.retry_scale + LATE

    # What items often do.

    def session(self, timeout=PATIENCE):
        return self.acs.session(timeout)

    def allow_knocks(self, session):
        """Gives the CPE the credentials with which `knock` comes."""
        session.set(("ManagementServer.ConnectionRequestUsername", KNOCK_USERNAME, "string"),
                    ("ManagementServer.ConnectionRequestPassword", KNOCK_PASSWORD, "string"))
        return session

    def knock(self, inform, password=KNOCK_PASSWORD):
        """A connection request with credentials; the last response."""
        refusal = self.knock_blindly(inform)
        if refusal.status != 401:
            return refusal
        asked = next(v for n, v in refusal.headers if n.lower() == "www-authenticate" and "SHA" not in v)
        path = request_target(inform)
        proof = cpe_digest.answer(asked, KNOCK_USERNAME, password, "GET", path)
        return self.knock_blindly(inform, [("Authorization", proof)])

    def knock_blindly(self, inform, headers=()):
        """One GET of the connection request URL as it is."""
        url = urlsplit(inform.value("ManagementServer.ConnectionRequestURL"))
        connection = Connection.to(url.hostname, url.port or 80)
        try:
            host = ("Host", url.netloc)
            connection.send(Message(f"GET {request_target(inform)} HTTP/1.1", [host, *headers]))
            response = connection.read()
            assert response, "the connection request was not answered"
            return response
        finally:
            connection.close()

    def call_home(self, inform):
        """Makes it open a session by a connection request, which it may put off a while."""
        deadline = time.monotonic() + PATIENCE
        while (status := self.knock(inform).status) == 503 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert status in (200, 204), f"connection request answered {status}"
        return self.session()


def request_target(inform):
    url = urlsplit(inform.value("ManagementServer.ConnectionRequestURL"))
    return (url.path or "/") + (f"?{url.query}" if url.query else "")
