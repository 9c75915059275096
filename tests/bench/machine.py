"""machine: on what the figures were measured. Without it, no rate and no latency means anything."""

import os
import subprocess
from pathlib import Path

from lab.postgres import bin_folder


def cpu_model():
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))


def fsync(folder):
    """What one commit costs this disk; fdatasync is PostgreSQL's way on Linux."""
    file = folder / "fsync-test"
    done = subprocess.run([bin_folder() / "pg_test_fsync", "-s", "1", "-f", file],
                          capture_output=True, text=True, check=True)
    return next(" ".join(line.split()) for line in done.stdout.splitlines() if line.split()[:1] == ["fdatasync"])


def postgres_version():
    done = subprocess.run([bin_folder() / "postgres", "--version"], capture_output=True, text=True, check=True)
    return done.stdout.split("(")[1].split()[1] if "(" in done.stdout else done.stdout.split()[-1]


def busy_ticks():
    """Of all processes since the machine started, without idle and waiting ones."""
    fields = [int(field) for field in Path("/proc/stat").read_text(encoding="utf-8").split("\n")[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4]


def describe(folder):
    """Lines for the head of the tables, by name."""
    memory = next(line.split()[1] for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines())
    return {
        "CPUs": f"{os.cpu_count()} × {cpu_model()}",
        "memory": f"{int(memory) >> 20} GB",
        "kernel": os.uname().release,
        "PostgreSQL": postgres_version(),
        "pg_test_fsync": fsync(folder),
        "load average": f"{os.getloadavg()[0]:.1f} before",
    }
