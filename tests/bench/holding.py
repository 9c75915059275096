"""holding: the memory of sessions that are open at once, each past its InformResponse, and of their connections."""

import time

from accounting import Sample, descriptors, status_kb
from sessions import figures_of

SESSIONS, HOLD_SECONDS = 8000, 25
ADDRESSES = "127.0.0.0/8"  # one address may have 1,000 connections (cwmp.connections_per_address)


def measure(run):
    """Resident memory of the server above idle at its most, and what it keeps when all have ended with 204."""
    with run.stand.serving(**run.scenario.settings) as stand:
        begin, idle = Sample(stand), status_kb(stand.server_pid, "VmRSS")
        fleet = stand.fleet(SESSIONS, url=run.scenario.url, sessions=SESSIONS, concurrency=SESSIONS,
                            hold=HOLD_SECONDS, in_turn=True, source_addresses=ADDRESSES, **run.scenario.load)
        most, files = idle, 0
        while fleet.is_running():
            most = max(most, status_kb(stand.server_pid, "VmRSS"))
            files = max(files, descriptors(stand.server_pid))
            time.sleep(0.1)
        report = fleet.finish()
        return {**figures_of(stand, begin, report), "above_idle_mb": (most - idle) / 1024, "descriptors": files}
