"""agent: a `cpe` process and the folder in which it keeps its state."""

import json
import os
import subprocess
from pathlib import Path

from lab.programs import Program, wait_until


class Agent:
    """Options are the program's, with underscores: serial="1", reboot_seconds=1; True is a bare flag.

    Below `folder` are state/ (the agent's own), trace/ (every envelope) and log.
    """

    defaults = {"listen": "127.0.0.1:0", "reboot_seconds": 1}

    def __init__(self, binary, folder, acs_url, env=None, **options):
        self.binary, self.folder, self.env = binary, Path(folder), {**os.environ, **(env or {})}
        self.state, self.trace = self.folder / "state", self.folder / "trace"
        self.log = self.folder / "log"
        self.trace.mkdir(parents=True)
        self.options = {**self.defaults, "acs_url": acs_url, "state_dir": self.state,
                        "trace_dir": self.trace, **options}
        self.program = None

    def start(self):
        arguments = []
        for name, value in self.options.items():
            flag = "--" + name.replace("_", "-")
            arguments += [flag] if value is True else [flag, value]
        self.program = Program([self.binary, *arguments], self.log, self.env)
        return self

    def stop(self, timeout=30):
        return self.program.stop(timeout)

    def command(self, *words):
        """`cpe set --state-dir D NAME=VALUE`, `cpe reboot --state-dir D`."""
        return subprocess.run([str(self.binary), words[0], "--state-dir", str(self.state), *words[1:]],
                              text=True, capture_output=True, cwd="/", check=False, env=self.env)

    # The state folder.

    def journal(self):
        """What was acknowledged to the agent and what it executed, oldest first."""
        path = self.state / "journal.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text().splitlines()]

    def saved(self):
        """The last saved state.json."""
        return json.loads((self.state / "state.json").read_text())

    def entries(self, kind, **fields):
        """The journal entries of that kind whose fields are as given."""
        return [entry for entry in self.journal() if entry["kind"] == kind
                and all(entry.get(name) == value for name, value in fields.items())]

    def wait_for_entry(self, kind, timeout=30, count=1, **fields):
        """The count-th journal entry of that kind with those fields, as soon as it is there."""

        def look():
            found = self.entries(kind, **fields)
            return found[count - 1] if len(found) >= count else None

        return wait_until(look, timeout, f"{count} × {kind} {fields} in the agent's journal")
