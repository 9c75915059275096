"""rounds: the long form. Round after round on changing stages, faults at random under load, then the checker.

Every round begins with an empty database. What a violation leaves is kept for inspection.
"""

import argparse
import json
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "scenario"), str(HERE.parents[1] / "tools")]

from load import Operator, prepare  # noqa: E402
from stage import FAULTS, STAGES  # noqa: E402

AGENTS = 4
FLEET_DEVICES, FLEET_RATE = 50, 40  # so many, and sessions of theirs a second


def arguments():
    parser = argparse.ArgumentParser(prog="tests/crash/run", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10 ** 9),
                        help="repeats the dice of a run")
    parser.add_argument("--kinds", type=lambda text: text.split(","), default=list(FAULTS), metavar="LIST",
                        help="which faults, separated by commas: " + ", ".join(FAULTS))
    parser.add_argument("--binaries", type=Path, default=HERE.parents[1] / "build/release/bin", metavar="DIR",
                        help="where acs and cpe are (build/release/bin)")
    parser.add_argument("--round-seconds", type=float, default=45, help="of faults, before the checker looks")
    parser.add_argument("--report", type=Path, metavar="FILE", help="the result as JSON")
    options = parser.parse_args()
    for kind in options.kinds:
        if kind not in FAULTS:
            parser.error(f"no such kind of fault: {kind}")
    return options


class Round:
    """One life: `result` tells of it."""

    def __init__(self, options, stage_class, seed):
        self.options, self.seed, self.dice = options, seed, random.Random(seed)
        self.folder = Path(tempfile.mkdtemp(prefix="acs-crash-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.faults = {kind: weight for kind, weight in stage_class.faults.items() if kind in options.kinds}
        self.stage = stage_class(options.binaries.resolve(), self.folder)
        self.result = {"stage": stage_class.name, "seed": seed, "problems": []}

    def play(self):
        began = time.monotonic()
        problems = self.result["problems"]
        try:
            prepare(self.stage.life, AGENTS)
            self.stage.start_fleet(FLEET_DEVICES, rate=FLEET_RATE, concurrency=10, seed=1, seconds=3600)
            self.suffer()
            self.stage.wait_until_ready()
            self.stage.life.settle(timeout=90)
            problems += self.stage.life.violations()
            self.count()
        except Exception as error:  # whatever it is, the state is worth keeping and the next round worth playing
            problems.append(f"{type(error).__name__}: {error}")
        finally:
            problems += self.stage.close()
        self.result.update(seconds=round(time.monotonic() - began, 1),
                           faults=dict(Counter(fault["kind"] for fault in self.stage.fallen)))
        if problems:
            self.result["kept"] = str(self.folder)
        else:
            self.stage.remove()
        return self.result

    def suffer(self):
        deadline = time.monotonic() + self.options.round_seconds
        with Operator(self.stage.life, f"operator {self.seed}"):
            while time.monotonic() < deadline:
                time.sleep(self.dice.uniform(0, 0.3))
                kind = self.dice.choices(list(self.faults), list(self.faults.values()))[0]
                self.stage.befall(kind, self.dice)

    def count(self):
        life = self.stage.life
        evidence = life.evidence()
        ends = sorted(datetime.fromisoformat(entry["time"].replace("Z", "+00:00")).timestamp()
                      for device in evidence.journals
                      for entry in evidence.journal(device, "session", outcome="ok"))
        self.result.update(
            sessions=len(ends), promises=len(life.ledger),
            broken_sessions=sum(len(evidence.journal(device, "session", outcome="failed"))
                                for device in evidence.journals),
            tasks=dict(Counter(f"{task['method']} {task['state']}" for task in evidence.tasks)),
            repeated_tasks=sum(task["attempts"] > 1 for task in evidence.tasks),
            start_seconds=self.stage.starts,
            return_seconds=returns(self.stage.fallen, ends))


def returns(faults, ends):
    """For each fault that was over: how long until a session came to its end."""
    return [after for after in (next((end - fault["time"] for end in ends if end > fault["time"]), None)
                                for fault in faults) if after is not None]


def stages(options):
    """The stages that have any of the wanted faults and can be set up here."""
    found = []
    for stage in STAGES.values():
        reason = stage.why_not()
        if not set(stage.faults) & set(options.kinds):
            continue
        if reason:
            print(f"stage {stage.name} is skipped: {reason}")
        else:
            found.append(stage)
    return found


def line(number, result):
    faults = ", ".join(f"{kind} {count}" for kind, count in sorted(result["faults"].items()))
    return (f"round {number} {result['stage']} seed {result['seed']}: {result.get('sessions', 0)} sessions, "
            f"{sum(result.get('tasks', {}).values())} tasks, {len(result['problems'])} violations, "
            f"{result['seconds']:.0f} s; {faults}")


def table(rounds):
    """The sum of all rounds as text."""
    total = Counter()
    tasks = Counter()
    for result in rounds:
        total.update(result["faults"])
        tasks.update(result.get("tasks", {}))
    rows = [(kind, total[kind]) for kind in FAULTS if total[kind]]
    rows += [("faults in all", sum(total.values())), ("server killed", total["server"] + total["server-and-postgres"])]
    rows += [(name, sum(result.get(name.replace(" ", "_"), 0) for result in rounds))
             for name in ("sessions", "broken sessions", "promises", "repeated tasks")]
    rows += [(f"tasks {name}", tasks[name]) for name in sorted(tasks)]
    rows += [("violations", sum(len(result["problems"]) for result in rounds))]
    starts = sorted(second for result in rounds for second in result.get("start_seconds", []))
    waits = sorted(second for result in rounds for second in result.get("return_seconds", []))
    for name, seconds in (("exec to ready", starts), ("fault to next session", waits)):
        if len(seconds) > 1:
            cuts = statistics.quantiles(seconds, n=20)
            rows.append((name, f"p50 {statistics.median(seconds):.2f} s, p95 {cuts[-1]:.2f} s"))
    return "\n".join(f"{name:<32} {value:>10}" for name, value in rows)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    options = arguments()
    print(f"seed {options.seed}, programs of {options.binaries}", flush=True)
    choice = stages(options)
    if not choice:
        sys.exit("none of these faults is possible here")
    deadline, rounds = time.monotonic() + 60 * options.minutes, []
    while time.monotonic() < deadline:
        number = len(rounds)
        rounds.append(Round(options, choice[number % len(choice)], f"{options.seed}-{number}").play())
        print(line(number, rounds[-1]), *rounds[-1]["problems"][:20], sep="\n    ", flush=True)
        if options.report:
            options.report.write_text(json.dumps({"seed": options.seed, "rounds": rounds}, indent=1))
    print(table(rounds))
    sys.exit(any(result["problems"] for result in rounds))


if __name__ == "__main__":
    main()
