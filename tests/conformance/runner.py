"""runner: runs items and deliberate faults, several at a time, and tells what came out.

A half is what the items of one side run against. It offers
    numbers                    the items that are its own
    workers                    how many of them may run at once
    prepare(item, spoil=None)  a context manager that gives the subject; with a spoil, a spoiled one
    innocent                   the spoil that spoils nothing
    close()                    ends what it started; returns what went wrong with that, as texts
"""

import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from items import NotApplicable

PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not applicable"


class Result:
    def __init__(self, subject, outcome, seconds=0.0, detail="", trace=""):
        self.subject, self.outcome, self.seconds = subject, outcome, seconds
        self.detail, self.trace = detail, trace  # one line; and what a reader needs to find the cause


def judge(item, half, spoil=None):
    """The item's Result. Whatever else an item raises is a failure too: its subject made it."""
    begun = time.monotonic()
    outcome, detail, trace = PASS, "", ""
    try:
        with half.prepare(item, spoil) as subject:
            item.check(subject)
    except NotApplicable as reason:
        outcome, detail = NOT_APPLICABLE, str(reason)
    except Exception as error:  # pylint: disable=broad-except
        outcome, detail, trace = FAIL, described(error), traceback.format_exc()
    return Result(item, outcome, time.monotonic() - begun, detail, trace)


def described(error):
    """An error in one line."""
    text = " ".join(str(error).split()) or source_line(error)
    return f"{type(error).__name__}: {text}"[:200]


def source_line(error):
    return traceback.extract_tb(error.__traceback__)[-1].line or ""


def verdict(fault, unspoiled, spoiled):
    """A fault is caught when its item fails with it, and passes by the same way without it."""
    if unspoiled.outcome != PASS:
        return Result(fault, FAIL, unspoiled.seconds, f"unspoiled: {unspoiled.detail}", unspoiled.trace)
    if spoiled.outcome == FAIL:
        return Result(fault, PASS, spoiled.seconds, spoiled.detail)
    return Result(fault, FAIL, spoiled.seconds, f"not caught: {spoiled.outcome} {spoiled.detail}")


class Job:
    def __init__(self, item, spoil=None):
        self.item, self.spoil, self.result = item, spoil, None

    def run(self, half):
        self.result = judge(self.item, half, self.spoil)


def run(chosen, chosen_faults, items, half):
    """(results of the items, results of the faults), each in the order given."""
    plain = [Job(item) for item in chosen]
    unspoiled = {fault.number: Job(items[fault.number], half.innocent) for fault in chosen_faults}
    spoiled = [Job(items[fault.number], fault.spoil) for fault in chosen_faults]
    together = [job for job in plain if not job.item.runs_alone] + [*unspoiled.values(), *spoiled]
    with ThreadPoolExecutor(half.workers) as pool:
        list(pool.map(lambda job: job.run(half), sorted(together, key=lambda job: not job.item.is_slow)))
    for job in plain:
        if job.item.runs_alone:
            job.run(half)
    return ([job.result for job in plain],
            [verdict(fault, unspoiled[fault.number].result, job.result)
             for fault, job in zip(chosen_faults, spoiled)])
