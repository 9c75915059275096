"""judgement: prints figures as they come, and remembers whether one of them is not as it must be."""

import json


class Judgement:
    def __init__(self):
        self.has_failed = False

    def __call__(self, what, figure, is_good=None):
        self.has_failed |= is_good is False
        print(f"{what:58} {figure:>16}" + ("" if is_good is None else "  good" if is_good else "  FAILED"), flush=True)

    def load(self, report):
        """What the load did, by its own report."""
        seconds, sessions, latency = report["seconds"], report["sessions"], report["latency_ms"]
        self("sessions begun, per second", f"{(sessions['ok'] + sessions['failed']) / seconds:.0f}")
        self("… admitted and ended well, per second", f"{sessions['ok'] / seconds:.0f}")
        self("… that failed, by kind", json.dumps(report["failures"]))
        self("… that failed after their InformResponse", report["failed_after_inform"],
             report["failed_after_inform"] == 0)
        for name, what in (("admitted", "an admitted session takes"), ("inform", "… to its InformResponse"),
                           ("late", "the load itself is late")):
            each = latency[name]
            self(f"{what}: p50, p99, max, ms", f"{each['p50']:.0f}, {each['p99']:.0f}, {each['max']:.0f}")
        self("CPU of the load, of one core", f"{report['cpu_seconds'] / seconds:.2f}")

    def refusals(self, watch):
        values = sorted(watch.retry_after)
        self("Retry-After told to newcomers", f"{values[0]}..{values[-1]} s" if values else "none", len(set(values)) > 2)
        self("calls and probes without an answer", watch.unanswered, watch.unanswered == 0)

    def curve(self, watch):
        print(f"{'seconds':>12} {'sessions/s':>12} {'refused/s':>12} {'RSS MB':>8}")
        for begin, end, ended, refused, megabytes in watch.curve():
            print(f"{begin:>5.0f}..{end:<5.0f} {ended:>12.0f} {refused:>12.0f} {megabytes:>8.0f}")
