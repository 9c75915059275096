"""runner: runs items and deliberate faults, several at a time, and tells what came out.

A half is what the items of one side run against. It offers
    numbers                    the items that are its own
    workers                    how many of them may run at once
    prepare(item, spoil=None)  a context manager that gives the subject; with a spoil, a spoiled one
    innocent                   the spoil that spoils nothing, or None
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


def judge_fault(fault, item, half):
    """A fault is caught when its item fails with it, and not without it by the same way."""
    if half.innocent:
        before = judge(item, half, half.innocent)
        if before.outcome != PASS:
            return Result(fault, FAIL, before.seconds, f"unspoiled: {before.detail}", before.trace)
    spoiled = judge(item, half, fault.spoil)
    if spoiled.outcome == FAIL:
        return Result(fault, PASS, spoiled.seconds, spoiled.detail)
    return Result(fault, FAIL, spoiled.seconds, f"not caught: {spoiled.outcome} {spoiled.detail}")


def run_items(chosen, half):
    """The results of a half's items, in their order."""
    together = [item for item in chosen if not item.runs_alone]
    results = in_parallel(lambda item: judge(item, half), together, half.workers)
    results += [judge(item, half) for item in chosen if item.runs_alone]
    return sorted(results, key=lambda result: result.subject.number)


def run_faults(chosen, items, half):
    return in_parallel(lambda fault: judge_fault(fault, items[fault.number], half), chosen, half.workers)


def in_parallel(work, subjects, workers):
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, subjects))
