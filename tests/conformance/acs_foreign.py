"""acs_foreign: an ACS that somebody else runs, known by what the command line tells of it."""

import threading
from pathlib import Path

from acs_subject import Acs
from items import NotApplicable
from operators import HookOperator, NoOperator


class ForeignAcs:
    """The profiles that every ACS fits are "open", "digest" (with credentials) and "hasty" (in true time)."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.operator = HookOperator(arguments.hook) if arguments.hook else NoOperator()
        self.identities = read_identities(arguments.device_file)
        self.lock = threading.Lock()

    @staticmethod
    def add_arguments(group):
        group.add_argument("--username", help="credentials of all scripted devices")
        group.add_argument("--password", default="")
        group.add_argument("--device-file", type=Path, metavar="FILE",
                           help="devices that it knows: lines of OUI CLASS SERIAL [USERNAME PASSWORD]")
        group.add_argument("--hook", metavar="COMMAND",
                           help="queues tasks and tells states: see docs/conformance.md")
        group.add_argument("--tls-url", metavar="URL", help="where it takes Informs over TLS")
        group.add_argument("--body-bytes", type=int, metavar="N", help="its limit for an envelope")
        group.add_argument("--idle-seconds", type=float, metavar="S", default=60,
                           help="how long it keeps an idle session (default 60)")

    def acs(self, profile):
        if profile == "digest" and not self.has_credentials():
            raise NotApplicable("needs credentials (--username or --device-file)")
        if profile == "small" and not self.arguments.body_bytes:
            raise NotApplicable("its limit for an envelope is not known (--body-bytes)")
        if profile not in ("open", "digest", "hasty", "small", "holding", "tls"):
            raise NotApplicable(f"needs an ACS that is set up for it ({profile})")
        facts = {name: getattr(self.arguments, name) for name in ("tls_url", "body_bytes", "idle_seconds")}
        return Acs(self.arguments.acs, self.operator, self.equip, **facts)

    def has_credentials(self):
        return self.arguments.username is not None or any(len(line) > 3 for line in self.identities)

    def equip(self, device):
        device.username, device.password = self.arguments.username, self.arguments.password
        self.identify(device)
        self.introduce(device)

    def identify(self, device):
        """Makes the device one of those that the ACS knows, while there are any."""
        with self.lock:
            if not self.identities:
                return
            oui, product_class, serial, *credentials = self.identities.pop(0)
        device.identity = (device.identity[0], oui, product_class, serial)
        if credentials:
            device.username, device.password = credentials

    @staticmethod
    def introduce(device):
        """What the ACS has to ask of a device that it sees first is over before an item begins."""
        device.run_session("1 BOOT")
        device.cookies, device.challenge = {}, None

    def close(self):
        return []


def read_identities(path):
    if not path:
        return []
    return [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
