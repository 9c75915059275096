"""PostgreSQL stops, restarts and dies, the network to it is cut, the disk fills, the calendar is set: one of each
under load, with a fleet. tests/crash/run has them befall at random, for as long as one likes.
"""

import random

import pytest

from load import Operator, prepare
from places import BINARIES
from stage import STAGES

SHORT = {
    "private": ["postgres-fast", "agent", "server-and-postgres", "backend"],
    "far": ["clock-jump", "network-cut", "server", "clock-jump"],
    "small-disk": ["disk-full", "server"],
}


@pytest.mark.parametrize("name", STAGES)
def test_nothing_is_lost_and_nothing_done_twice(name, folder):
    reason = STAGES[name].why_not()
    if reason:
        pytest.skip(reason)
    seed = random.SystemRandom().randrange(10 ** 9)
    print(f"seed {seed}")
    stage, dice = STAGES[name](BINARIES, folder), random.Random(seed)
    try:
        prepare(stage.life, 2)
        stage.start_fleet(10, rate=20, concurrency=5, seconds=3600)
        with Operator(stage.life, f"operator {seed}"):
            for kind in SHORT[name]:
                stage.befall(kind, dice)
        stage.life.settle()
        violations = stage.life.violations()
    finally:
        problems = stage.close()
        stage.leave()
    assert not violations + problems, "\n".join(violations + problems)
