"""kill -9 of the server at random moments, with several agents and an operator at work all the time.

ACS_CRASH_SEED repeats a run's dice. The long form, with faults of all kinds, is tests/crash/run.
"""

import os
import random

import pytest

from life import SETTINGS, Life, fixed_listeners
from load import kill_at_random, prepare

AGENTS = 4
KILLS = 30


@pytest.fixture
def life(start_acs, start_cpe, database, folder):
    life = Life(start_acs({**SETTINGS, "log.level": "info", **fixed_listeners()}), database, start_cpe, folder)
    assert life.api.put("/api/v1/onboarding", {"tasks": []}).status == 200
    return life


def test_nothing_is_lost_and_nothing_done_twice_when_the_server_is_killed_at_random(life):
    seed = int(os.environ.get("ACS_CRASH_SEED") or random.SystemRandom().randrange(10 ** 9))
    print(f"seed {seed}")
    prepare(life, AGENTS)
    kill_at_random(life, seed, KILLS)
    life.settle()
    violations = life.violations()
    print(f"{KILLS} kills, {len(life.tasks())} tasks: {summary(life)}")
    assert not violations, "\n".join(violations)


def summary(life):
    rows = life.database.query("SELECT method, state, count(*) FROM task GROUP BY 1, 2 ORDER BY 1, 2")
    repeated = life.database.value("SELECT count(*) FROM task WHERE attempts > 1")
    broken = sum(len(agent.entries("session", outcome="failed")) for agent in life.agents.values())
    told = ", ".join(f"{method} {state} {count}" for method, state, count in rows)
    return f"{broken} sessions broke, {repeated} tasks were repeated; {told}"
