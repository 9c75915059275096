"""programs: processes that are started, watched and stopped.

What a program prints goes to a file, so that it never waits for somebody to read a pipe.
"""

import os
import re
import signal
import subprocess
import time
from pathlib import Path


class ProgramError(Exception):
    pass


def wait_until(condition, timeout, what, pause=0.02):
    """Returns what condition() gives as soon as that is true; ProgramError after timeout seconds."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise ProgramError(f"{what} did not happen within {timeout} s")
        time.sleep(pause)


class Program:
    """A running process whose output is appended to the file `log`."""

    def __init__(self, argv, log, env=None, cwd="/"):
        self.name = Path(argv[0]).name
        self.log = Path(log)
        self.log_start = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                [str(arg) for arg in argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                cwd=cwd,
                # Ctrl-C at the terminal reaches only the tour, which stops the programs in order.
                start_new_session=True,
            )

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def output(self):
        """What this process has printed, without what earlier ones left in the file."""
        return self.log.read_bytes()[self.log_start :].decode(errors="replace")

    def wait_for_output(self, pattern, timeout=20):
        """The first match of pattern in the output, as soon as it is there."""

        def look():
            found = re.search(pattern, self.output(), re.MULTILINE)
            if not found and not self.is_running():
                status = self.process.returncode
                raise ProgramError(f"{self.name} ended with status {status}:\n{self.tail()}")
            return found

        try:
            return wait_until(look, timeout, f"{self.name} printing {pattern!r}")
        except ProgramError as error:
            raise ProgramError(f"{error}\n{self.tail()}") from None

    def tail(self, lines=30):
        return "\n".join(self.output().splitlines()[-lines:])

    def signal(self, number):
        if self.is_running():
            self.process.send_signal(number)

    def wait(self, timeout=30):
        return self.process.wait(timeout)

    def stop(self, timeout=30):
        """SIGTERM and the exit status; SIGKILL when that is not heeded in time."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ProgramError(f"{self.name} did not stop within {timeout} s\n{self.tail()}") from None

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()
