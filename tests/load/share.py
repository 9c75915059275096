"""share: less of a CPU for the server and its PostgreSQL, so that a load beside them can be more than they can take.

A group of the kernel's CPU controller (cpu.cfs_quota_us, or cpu.max), with a period of 10 ms: what is used up is
continued in the next one. Needs root.
"""

import contextlib
import os
import time
from pathlib import Path

from accounting import children

PERIOD_US = 10_000
VERSION_1, VERSION_2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")


def limits(share):
    """The controller's folder, and what is written where."""
    quota = int(share * PERIOD_US)
    if (VERSION_1 / "cpu.cfs_quota_us").exists():
        return VERSION_1, {"cpu.cfs_period_us": PERIOD_US, "cpu.cfs_quota_us": quota}
    return VERSION_2, {"cpu.max": f"{quota} {PERIOD_US}"}


@contextlib.contextmanager
def cpu_share(stand, share):
    """What serves inside has that share of one CPU; 0: all it can get."""
    if not share:
        yield
        return
    controller, files = limits(share)
    group = controller / f"acs-load-{os.getpid()}"
    group.mkdir()
    try:
        for name, value in files.items():
            (group / name).write_text(str(value), encoding="ascii")
        move(group, stand)
        yield
    finally:
        move(controller, stand)
        group.rmdir()


def move(group, stand):
    """What they start later is in the group of its parent."""
    for process in [stand.server_pid, stand.postmaster, *children(stand.postmaster)]:
        with contextlib.suppress(ProcessLookupError):  # ended meanwhile
            (group / "cgroup.procs").write_text(str(process), encoding="ascii")
    time.sleep(0.1)  # for those that were just begun
