"""cpe_half: what the items of the CPE run against: our own agent, or a foreign CPE by its command line.

Each item has a CPE that was never switched on before, and a scripted ACS of its own.
"""

import contextlib
import os
import shlex
import shutil
import signal
import ssl
import tempfile
from pathlib import Path

import cpe_schemas
from certificates import Authority
from cpe_acs import ScriptedAcs
from cpe_subject import Cpe
from places import BINARIES, MODELS
from spoil import Innocent, Proxy

AGENT = shlex.quote(str(BINARIES / "cpe"))
OWN_COMMAND = (f"{AGENT} --acs-url {{acs_url}} --data-model {shlex.quote(str(MODELS / 'gateway-tr098.csv'))}"
               " --state-dir {state_dir} --username {username} --password {password} --ca-file {ca_file}")
OWN_HOOKS = {"set": AGENT + " set --state-dir {state_dir} {name}={value}",
             "reboot": AGENT + " reboot --state-dir {state_dir}"}
OWN_TIMERS = {name: f"--{name.replace('_', '-')} {{}}" for name in (
    "retry_scale", "response_seconds", "reboot_seconds", "connection_request_limit")}
OWN_FILE = b"Parameter,Object,Writable,Value,Value type\n"


class Kind:
    """How a CPE is started, and what can be done beside it. file: what Download gives it."""

    def __init__(self, arguments):
        is_own = not arguments.cpe
        self.is_own = is_own
        self.command = arguments.cpe or OWN_COMMAND
        given = {"set": arguments.cpe_set, "reboot": arguments.cpe_reboot}
        self.hooks = OWN_HOOKS if is_own else given
        self.time_scale = arguments.cpe_time_scale or (0.05 if is_own else 1)
        timers = dict(text.split("=", 1) for text in arguments.cpe_timer)
        self.timers = OWN_TIMERS if is_own and self.time_scale < 1 else timers
        self.file = OWN_FILE if is_own else arguments.cpe_file and Path(arguments.cpe_file).read_bytes()
        self.file_type = arguments.cpe_file_type


class CpeHalf:
    numbers = range(200, 300)
    workers = 16
    innocent = Innocent

    def __init__(self, arguments):
        self.kind = Kind(arguments)
        self.folder = Path(tempfile.mkdtemp(prefix="conformance-cpe-"))
        self.reports = self.folder / "sanitizers"
        self.reports.mkdir()
        self.tls = make_tls(self.folder)
        self.problems = []

    @staticmethod
    def add_arguments(parser):
        group = parser.add_argument_group(
            "a foreign CPE", "In commands {acs_url}, {state_dir}, {username}, {password} and {ca_file} are filled in.")
        group.add_argument("--cpe", metavar="COMMAND", help="starts it; a fresh state_dir is a factory-new device")
        group.add_argument("--cpe-set", metavar="COMMAND", help="changes {name} to {value} on the spot")
        group.add_argument("--cpe-reboot", metavar="COMMAND", help="reboots it; else it is killed and started")
        group.add_argument("--cpe-file", metavar="FILE", help="a file that it takes by Download")
        group.add_argument("--cpe-file-type", metavar="TYPE", default="3 Vendor Configuration File",
                           help="its FileType")
        group.add_argument("--cpe-timer", metavar="NAME=OPTIONS", action="append", default=[],
                           help="options that set one of " + ", ".join(OWN_TIMERS) + " to {}; else true times count")
        group.add_argument("--cpe-time-scale", metavar="FACTOR", type=float,
                           help="shortens delays that the ACS chooses (our agent 0.05, else 1)")

    @contextlib.contextmanager
    def prepare(self, item, spoil=None):
        """The CPE, switched on; its first Inform is on its way unless the item needs it `off`."""
        needs = dict(item.needs)
        is_on, is_tls = not needs.pop("off", False), needs.pop("tls", False)
        folder = Path(tempfile.mkdtemp(prefix=f"{item.number}-", dir=self.folder))
        acs = ScriptedAcs(tls=self.tls if is_tls else None)
        cpe = Cpe(self.kind, folder, acs, needs, self.environment())
        with contextlib.ExitStack() as stack:
            stack.callback(acs.close)
            stack.callback(self.end, cpe)
            self.spoil(stack, cpe, spoil)
            if is_on:
                cpe.start()
            yield cpe
            if not spoil:
                problem = cpe_schemas.problem([post.body for post in acs.posts if post.body], folder)
                assert not problem, f"sent {problem}"
        shutil.rmtree(folder, ignore_errors=True)

    def spoil(self, stack, cpe, spoil):
        """Puts a proxy before the ACS, or starts the CPE with other timers or to misbehave."""
        if isinstance(spoil, dict):
            cpe.started_with |= spoil
        elif isinstance(spoil, str):
            cpe.misbehaviour = ["--misbehave", spoil]
        elif spoil:
            cpe.acs.url = stack.enter_context(Proxy(cpe.acs.url, spoil())).url

    def environment(self):
        common = f"log_path={self.reports}/report:abort_on_error=1"
        return {**os.environ, "ASAN_OPTIONS": f"{common}:detect_leaks=1", "LSAN_OPTIONS": "print_suppressions=0",
                "UBSAN_OPTIONS": f"{common}:print_stacktrace=1:halt_on_error=1"}

    def end(self, cpe):
        status = cpe.stop() if cpe.program else 0
        if status not in (0, -signal.SIGTERM, -signal.SIGKILL) and self.kind.is_own:
            self.problems.append(f"{cpe.folder.name}: the agent ended with status {status}\n{cpe.program.tail()}")

    def close(self):
        self.problems += [path.read_text(errors="replace")[:8000] for path in sorted(self.reports.iterdir())]
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.problems


def make_tls(folder):
    """The TLS context of an ACS that ca.pem vouches for."""
    certificate, key = Authority(folder).issue("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
