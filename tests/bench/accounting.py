"""accounting: CPU time of server and PostgreSQL, write-ahead log, memory and descriptors, as /proc tells them.

CPU time is what a session costs on any machine that is busy with other things too; rates are not.
"""

import os
import time
from pathlib import Path

from machine import busy_ticks

TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")
PARENT, TIMES_OF_OWN, TIMES_WITH_ENDED = 1, slice(11, 13), slice(11, 15)


def stat_fields(pid):
    """The fields of /proc/PID/stat behind the name; [] when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def ticks(pid, which=TIMES_OF_OWN):
    return sum(int(field) for field in stat_fields(pid)[which])


def children(pid):
    processes = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [process for process in processes if stat_fields(process)[PARENT : PARENT + 1] == [str(pid)]]


def cluster_ticks(postmaster):
    """Of all processes of a cluster, those included that have ended."""
    return ticks(postmaster, TIMES_WITH_ENDED) + sum(map(ticks, children(postmaster)))


def status_kb(pid, field):
    """VmRSS (resident now) or VmHWM (its peak); 0 when the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(field + ":")), 0)


def descriptors(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


class Sample:
    """The accounts of a stand at one moment."""

    def __init__(self, stand):
        self.time = time.monotonic()
        self.server = ticks(stand.server_pid)
        self.postgres = cluster_ticks(stand.postmaster)
        self.wal = int(stand.database.value("SELECT pg_current_wal_lsn() - '0/0'"))
        self.machine = busy_ticks()


def costs(stand, begin, count, load_seconds):
    """Since begin, for each of count sessions; and how busy others kept the machine meanwhile."""
    end = Sample(stand)
    server, postgres = end.server - begin.server, end.postgres - begin.postgres
    others = (end.machine - begin.machine - server - postgres) * TICK_US - load_seconds * 1_000_000
    return {
        "server_us": server * TICK_US / count,
        "postgres_us": postgres * TICK_US / count,
        "load_us": load_seconds * 1_000_000 / count,
        "wal_bytes": (end.wal - begin.wal) / count,
        "rss_mb": status_kb(stand.server_pid, "VmRSS") / 1024,
        "others_cpus": max(0, others) / 1_000_000 / (end.time - begin.time),
    }
