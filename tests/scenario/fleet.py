"""fleet: a `cpe --fleet` process, its report and its journal."""

import json
from pathlib import Path

from lab.programs import Program, wait_until
from places import BINARIES

MANUFACTURER_ID = "00D09E-HG7100"
ROOT = "InternetGatewayDevice."


def device_id(number):
    return f"{MANUFACTURER_ID}-F{number:08}"


class Fleet:
    """Options are the program's, with underscores: concurrency=10; True is a bare flag."""

    def __init__(self, folder, acs_url, devices, env, binary=BINARIES / "cpe", **options):
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.log, self.report_file = self.folder / "log", self.folder / "report.json"
        self.journal_file = self.folder / "journal.jsonl"
        options = {"fleet": devices, "acs_url": acs_url, "report": self.report_file,
                   "journal": self.journal_file, **options}
        arguments = []
        for name, value in options.items():
            arguments += ["--" + name.replace("_", "-")] + ([] if value is True else [value])
        self.program = Program([binary, *arguments], self.log, env)

    def finish(self, timeout=60, status=0):
        """The report, once the fleet has ended by itself."""
        assert self.program.wait(timeout) == status, self.program.tail()
        return self.report()

    def stop(self):
        """The report of a fleet that is told to end now."""
        self.program.stop()
        return self.report()

    def report(self):
        return json.loads(self.report_file.read_text())

    def entries(self, kind, **fields):
        """The journal entries of that kind whose fields are as given."""
        if not self.journal_file.exists():
            return []
        entries = map(json.loads, self.journal_file.read_text().splitlines())
        return [entry for entry in entries if entry["kind"] == kind
                and all(entry.get(name) == value for name, value in fields.items())]

    def wait_for_entries(self, count, kind, timeout=30, **fields):
        def look():
            found = self.entries(kind, **fields)
            return found if len(found) >= count else None

        return wait_until(look, timeout, f"{count} × {kind} {fields} in the fleet's journal")
