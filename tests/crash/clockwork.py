"""clockwork: a calendar for one program that can be set while it runs, by libfaketime.

The monotonic clock goes on as it does when somebody sets the real one."""

import re
import subprocess
from pathlib import Path

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


def why_not():
    """Why no clock can be set, or None."""
    return None if LIBRARIES else "setting the server's clock needs the Debian package faketime"


def sanitizer_runtimes(binary):
    """What a program with sanitizers needs to have loaded first."""
    told = subprocess.run(["ldd", str(binary)], capture_output=True, text=True, check=True).stdout
    return re.findall(r"=> (/\S*/libasan\S*)", told)


class Calendar:
    """`environment` makes the program `binary` live by it."""

    def __init__(self, folder, binary):
        self.file = folder / "calendar"
        self.environment = {
            "LD_PRELOAD": " ".join([*sanitizer_runtimes(binary), str(LIBRARIES[0])]),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.set(0)

    def set(self, seconds):
        """So many seconds ahead of the real time; noticed within a second."""
        self.file.write_text(f"{seconds:+d}\n")
