"""sessions: what the fleet's sessions cost, whatever they are about."""

from collections import defaultdict

from accounting import Sample, costs
from cpe_fleet import refused

PERCENTILES = ("p50", "p95", "p99", "max")
DRAWN = 100_000  # of a million devices, those that inform


def figures_of(stand, begin, report):
    """One row: costs for each of the report's sessions since begin."""
    sessions, latency = report["sessions"]["ok"], report["latency_ms"]["session"]
    return {
        "sessions": sessions,
        "rate": report["sessions_per_second"],
        **costs(stand, begin, sessions, report["cpu_seconds"]),
        **{f"{p}_ms": latency[p] for p in PERCENTILES},
        "challenges": report["challenges"] / sessions,
        "refused": refused(report),
    }


def load(run, stand, devices, **options):
    """Sessions of devices drawn from so many, for the run's seconds."""
    begin = Sample(stand)
    report = stand.fleet(devices, seconds=run.seconds, concurrency=min(run.concurrency, devices), **run.scenario.load, **options).finish()
    return figures_of(stand, begin, report)


def measure(run):
    run.stand.settle()
    with run.stand.serving(run.scenario.is_tls, run.scenario.key_type) as stand:
        return load(run, stand, stand.population.devices)


def measure_changes(run, is_known=False):
    """With values that change; acknowledged means stored, so they are read back. is_known: the server has heard each
    device before."""
    run.stand.settle()
    run.stand.is_touched = True
    with run.stand.serving() as stand:
        if is_known:
            stand.inform_once(stand.population.devices)
        since = stand.database.value("SELECT now()")
        figures = load(run, stand, stand.population.devices)
        check_counters(stand.database, since, run.scenario.load["change"], figures)
        return figures


def measure_known_changes(run):
    return measure_changes(run, is_known=True)


def counters_after(changes, count, change):
    """How much each of a device's counters exceeds its number: in which of its changes it changed last
    (cpe/fleet/model.h)."""
    turns = changes * change
    return sorted(0 if turns <= i else (turns - 1 - (turns - 1 - i) % count) // change + 1 for i in range(count))


def check_counters(database, since, change, figures):
    """Each device that informed shows the values of its last session, and all sessions are in them. Those that were
    refused changed values, too, which the device's next session tells."""
    stored = defaultdict(list)
    for number, value in database.query(
            """SELECT substr(serial_number, 2)::integer, value FROM device_live JOIN device USING (device_id)
               JOIN parameter USING (device_id) JOIN path USING (path_id)
               WHERE last_inform >= :'since' AND name LIKE '%.Stats.%'""", since=since):
        stored[number].append(int(value) - int(number))
    for number, above in stored.items():
        expected = counters_after(max(above), len(above), change)
        if sorted(above) != expected:
            raise RuntimeError(f"device {number} is stored with {sorted(above)}, it told {expected}")
    changes, sessions = sum(map(max, stored.values())), figures["sessions"]
    if not sessions <= changes <= sessions + figures["refused"]:
        raise RuntimeError(f"{changes} changes are stored, {sessions} were acknowledged")


def measure_some(run):
    """Devices out of a million: their rows lie far apart, and the indexes are those of a million."""
    devices = min(DRAWN, run.stand.population.devices)
    with run.stand.serving() as stand:
        stand.inform_once(devices)
    with run.stand.serving() as stand:
        return load(run, stand, devices)
