"""dripping: what becomes of honest devices while slow connections take every descriptor that there is."""

import json
import re
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

from accounting import TICK_US, status_kb, ticks
from cpe_fleet import Fleet
from lab.prometheus import metrics
from stand import tell

HONEST, PERIOD = 100, 10  # devices, half of them under TLS, and the seconds between two sessions of each
MORE = 1.25  # slow connections for each descriptor that the server may have: three programs share them
LEAST, P99_MS = 8000, 2000
# The share of the connections that each has.
DRIPS = (("head", "cwmp", 0.4), ("body", "cwmp", 0.2), ("handshake", "cwmp_tls", 0.4))


class Drips:
    """The programs that drip, and what they told last."""

    def __init__(self, urls, connections, seconds, rate):
        self.programs = []
        for kind, listener, share in DRIPS:
            target = re.sub(r"^.*//|/$", "", urls[listener])
            command = [sys.executable, Path(__file__).with_name("drip.py"), target, "--kind", kind, "--seconds", seconds,
                       "--connections", round(connections * share), "--rate", round(rate * share)]
            self.programs.append(subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True))
        self.told = [{} for _ in DRIPS]
        for number, program in enumerate(self.programs):
            threading.Thread(target=self._listen, args=(number, program), daemon=True).start()

    def _listen(self, number, program):
        for line in program.stdout:
            self.told[number] = json.loads(line)

    def count(self, what):
        return sum(told.get(what, 0) for told in self.told)

    def stop(self):
        for program in self.programs:
            program.terminate()
            program.wait()


def open_connections(stand):
    """As the server counts them on the listeners for devices."""
    told = metrics(stand.api)
    return sum(told("acs_connections_open", listener=listener) for listener in ("cwmp", "cwmp_tls"))


def devices(stand, seconds):
    """The reports of two fleets that run at once, over plain HTTP and over TLS."""
    fleets = []
    for number, listener in enumerate(("cwmp", "cwmp_tls")):
        folder = stand.folder / listener
        folder.mkdir(exist_ok=True)
        trust = {"ca_file": stand.authority} if listener == "cwmp_tls" else {}
        fleets.append(Fleet(stand.side.load, stand.server.urls[listener], folder, fleet=HONEST // 2, seconds=seconds,
                            first_serial=1 + number * HONEST // 2, concurrency=HONEST // 2,
                            rate=HONEST / 2 / PERIOD, connections="per-session", challenge_each_session=True, **trust))
    return [fleet.finish(may_fail=True) for fleet in fleets]


class Gauge(threading.Thread):
    """Looks at the server's connections, once a second, inside `with`."""

    def __init__(self, stand):
        super().__init__(daemon=True)
        self.stand, self.is_over, self.seen = stand, threading.Event(), []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.join()

    def run(self):
        while not self.is_over.wait(1):
            self.seen.append(open_connections(self.stand))


def judge_devices(judge, when, reports):
    for report, how in zip(reports, ("plain", "TLS")):
        sessions, latency = report["sessions"], report["latency_ms"]["session"]
        judge(f"{when}: sessions over {how} that ended well, that failed", f"{sessions['ok']}, {sessions['failed']}",
              sessions["ok"] > 0 and sessions["failed"] == 0)
        judge("… by kind of failure", json.dumps(report["failures"]))
        judge("… take, p50, p99, max, ms", f"{latency['p50']:.0f}, {latency['p99']:.0f}, {latency['max']:.0f}",
              latency["p99"] < P99_MS)


def judge_drips(stand, judge, drips, wanted, seconds):
    thrown_out, busy, begin = drips.count("thrown_out"), ticks(stand.server_pid), time.monotonic()
    with Gauge(stand) as gauge:
        reports = devices(stand, seconds)
    took = time.monotonic() - begin
    judge("slow connections that their own side holds", drips.count("open"))
    judge("connections that the server holds, least and most", f"{min(gauge.seen):.0f}, {max(gauge.seen):.0f}",
          min(gauge.seen) > min(LEAST, 0.8 * wanted))
    judge("slow ones thrown out, per second", f"{(drips.count('thrown_out') - thrown_out) / took:.0f}")
    judge("CPU of the server, of one core", f"{(ticks(stand.server_pid) - busy) * TICK_US / 1e6 / took:.2f}")
    judge("memory of the server, MB", f"{status_kb(stand.server_pid, 'VmRSS') / 1024:.0f}")
    judge_devices(judge, "beside them", reports)


def dripping(stand, arguments, judge):
    wanted = arguments.concurrency or round(MORE * resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    judge_devices(judge, "alone", devices(stand, 10))
    drips = Drips(stand.server.urls, wanted, 20 + arguments.seconds, max(1000, wanted // 10))
    try:
        begin = time.monotonic()
        while drips.count("open") < 0.9 * wanted and time.monotonic() - begin < 15:
            time.sleep(0.2)
        tell(f"{drips.count('open')} slow connections after {time.monotonic() - begin:.0f} s")
        judge_drips(stand, judge, drips, wanted, arguments.seconds)
    finally:
        drips.stop()
    judge("made room for newcomers", f"{metrics(stand.api)('acs_limit_hits_total', limit='descriptors'):.0f}")
