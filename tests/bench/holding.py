"""holding: the memory of sessions that are open at once, each past its InformResponse, and of their connections."""

import time

from accounting import descriptors, status_kb

SESSIONS, RATE, HOLD_SECONDS = 8000, 400, 35  # the first one ends long after the last one has begun
ADDRESSES = "127.0.0.0/8"  # one address may have 1,000 connections (cwmp.connections_per_address)


def resident_mb(stand):
    return status_kb(stand.server_pid, "VmRSS") / 1024


def measure(run):
    """Resident memory of the server: idle, at its most, and when all have ended with 204."""
    run.stand.is_touched = True  # by the addresses
    with run.stand.serving(run.scenario.is_tls) as stand:
        idle, idle_files = resident_mb(stand), descriptors(stand.server_pid)
        fleet = stand.fleet(SESSIONS, sessions=SESSIONS, concurrency=SESSIONS, rate=RATE, hold=HOLD_SECONDS,
                            in_turn=True, source_addresses=ADDRESSES, **run.scenario.load)
        most, files = idle, idle_files
        while fleet.is_running():
            most, files = max(most, resident_mb(stand)), max(files, descriptors(stand.server_pid))
            time.sleep(0.1)
        fleet.finish()
        if files - idle_files < SESSIONS:
            raise RuntimeError(f"{files - idle_files} connections were open at once, {SESSIONS} should be")
        after = resident_mb(stand)
        return {"idle_mb": idle, "above_idle_mb": max(most, after) - idle, "after_mb": after, "descriptors": files}
