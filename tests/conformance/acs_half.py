"""acs_half: what the items of the ACS run against: our own servers, or a foreign one by its URL.

An item names the profile that it needs (acs_profiles.py). Of ours each is a server of its own, started
when an item first asks for it; a foreign ACS is one profile or several, as its options say.
"""

import contextlib

from acs_foreign import ForeignAcs
from acs_own import OwnServers
from spoil import Innocent, Proxy


class AcsHalf:
    numbers = range(1, 200)
    workers = 12
    innocent = Innocent

    def __init__(self, arguments):
        self.source = ForeignAcs(arguments) if arguments.acs else OwnServers()

    @staticmethod
    def add_arguments(parser):
        group = parser.add_argument_group("a foreign ACS")
        group.add_argument("--acs", metavar="URL", help="where it takes Informs")
        ForeignAcs.add_arguments(group)

    @contextlib.contextmanager
    def prepare(self, item, spoil=None):
        acs = self.source.acs(item.needs.get("profile", "open"))
        with contextlib.ExitStack() as stack:
            if spoil:
                acs = acs.reached_at(stack.enter_context(Proxy(acs.url, spoil())).url)
            stack.callback(acs.close)
            yield acs

    def close(self):
        return self.source.close()
