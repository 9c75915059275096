"""The benchmark runs, judges what it reads, and prints what it promises. How fast things are is not judged here."""

import json
import subprocess
import sys

import pytest

from places import BINARIES, REPOSITORY

RUN = REPOSITORY / "tests/bench/run"
sys.path.append(str(RUN.parent))

from sessions import check_counters, counters_after  # noqa: E402


def bench(*words):
    return subprocess.run([str(RUN), "--binaries", str(BINARIES), *map(str, words)], text=True, capture_output=True,
                          check=False, timeout=120)


def test_benchmark_prints_a_row_for_each_scenario_and_keeps_the_figures(tmp_path):
    figures = tmp_path / "figures.json"
    done = bench("--devices", 400, "--seconds", 1, "--concurrency", 8, "--only", "unchanged,changed", "--markdown",
                 "--json", figures)
    assert done.returncode == 0, done.stderr
    head, _, unchanged, changed = [line for line in done.stdout.splitlines() if line.startswith("| ")][:4]
    titles, cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in (head, unchanged))
    assert titles[:4] == ["scenario", "sessions/s", "server µs", "PostgreSQL µs"]
    assert cells[0] == "unchanged" and changed.startswith("| changed")
    assert all(float(cell) > 0 for cell in cells[1:7]), cells
    assert "pg_test_fsync: fdatasync" in done.stdout
    assert "changed: more than unchanged" in done.stdout
    runs = json.loads(figures.read_text(encoding="utf-8"))["runs"]["current"]
    assert runs["unchanged"][0]["sessions"] > 0 and runs["changed"][0]["wal_bytes"] > 0


def test_benchmark_refuses_a_scenario_that_it_does_not_have():
    done = bench("--only", "faster")
    assert done.returncode == 2
    assert "no such scenario: faster" in done.stderr


@pytest.mark.parametrize("count, change, changes, expected", [
    (6, 2, 0, [0, 0, 0, 0, 0, 0]),
    (6, 2, 1, [0, 0, 0, 0, 1, 1]),
    (6, 2, 4, [2, 2, 3, 3, 4, 4]),
    (3, 2, 2, [1, 2, 2]),  # counters 0 and 1, then 2 and 0
])
def test_counters_are_expected_to_stand_where_their_sessions_left_them(count, change, changes, expected):
    assert counters_after(changes, count, change) == expected


def test_values_that_are_not_those_of_the_last_session_are_noticed():
    class Stored:
        """Device 7 with two counters that show changes 1 and 3: the second change is lost."""

        @staticmethod
        def query(_sql, **_values):
            return [["7", "8"], ["7", "10"]]

    with pytest.raises(RuntimeError, match="device 7 is stored with"):
        check_counters(Stored, "now", 1, {"sessions": 3, "refused": 0})


def test_changes_that_are_missing_are_noticed():
    class Stored:
        """Device 7 after one change of its only counter."""

        @staticmethod
        def query(_sql, **_values):
            return [["7", "8"]]

    check_counters(Stored, "now", 1, {"sessions": 1, "refused": 0})
    with pytest.raises(RuntimeError, match="1 changes are stored, 2 were acknowledged"):
        check_counters(Stored, "now", 1, {"sessions": 2, "refused": 1})
