"""retention: what forgetting a backlog costs, and what devices feel of it.

The same paced load runs twice: with nothing to forget, and right after old rows have come into being. What the second
costs more is the price of forgetting, autovacuum included as far as it came meanwhile.
"""

import time

from accounting import TICK_US, Sample

OLD = "now() - interval '400 days'"
DEVICES = "(SELECT device_id, row_number() OVER () - 1 AS k FROM device) d JOIN generate_series(1, :rows) n" \
    " ON d.k = n % (SELECT count(*) FROM device)"
# Numbers grow with time, and retention relies on it: nothing younger may lie in front of what is old.
BACKLOG = f"""
DELETE FROM event;
SET acs.retention = on;
DELETE FROM audit;

INSERT INTO event (device_id, at, kind, detail)
SELECT device_id, {OLD}, 'boot', '{{"command_key": "none"}}' FROM {DEVICES};

INSERT INTO audit (at, actor, action, target, detail)
SELECT {OLD}, 'token operator', 'PATCH /api/v1/devices/{{id}}', 'device ' || n, '{{"tags": ["north"]}}'
FROM generate_series(1, :rows) n;

SELECT format('CREATE TABLE session_log_%s PARTITION OF session_log FOR VALUES FROM (%L) TO (%L)',
	to_char(day, 'YYYYMMDD'), day, day + 1) FROM (SELECT ({OLD})::date AS day) old \\gexec
INSERT INTO session_log (device_id, begun, ended, bytes_in, bytes_out, turns, requests, faults, source_address, session,
	events, outcome, node)
SELECT device_id, ({OLD})::date + interval '6 hours', ({OLD})::date + interval '6 hours', 3000, 500, 3, 0, 0,
	'192.0.2.1', 'sess' || n, '2 PERIODIC', 'ended', 'node' FROM {DEVICES};
"""
LEFT = " + ".join(f"(SELECT count(*) FROM {table} WHERE {when} < now() - interval '390 days')"
                  for table, when in (("event", "at"), ("audit", "at"), ("session_log", "begun")))


class Phase:
    """One run of the load, and what it cost."""

    def __init__(self, stand, arguments):
        begin = Sample(stand)
        fleet = stand.fleet(arguments.devices, seconds=arguments.seconds, rate=arguments.rate, concurrency=200,
                            challenge_each_session=True, mix=arguments.mix)
        self.report = fleet.finish(may_fail=True)
        end = Sample(stand)
        self.server_us = (end.server - begin.server) * TICK_US
        self.postgres_us = (end.postgres - begin.postgres) * TICK_US
        self.wal = end.wal - begin.wal

    def tell(self, judge, what):
        latency, count = self.report["latency_ms"], self.report["sessions"]["ok"]
        judge(f"{what}: sessions that failed", self.report["sessions"]["failed"],
              self.report["sessions"]["failed"] == 0)
        for name in ("inform", "admitted"):
            each = latency[name]
            judge(f"{what}: {name}, p50, p99, max, ms", f"{each['p50']:.1f}, {each['p99']:.1f}, {each['max']:.0f}")
        judge(f"{what}: CPU of server, PostgreSQL, µs per session",
              f"{self.server_us / count:.0f}, {self.postgres_us / count:.0f}")


def rows_left(stand):
    return int(stand.database.value(f"SELECT {LEFT}"))


def retention(stand, arguments, judge):
    Phase(stand, arguments)  # warms up what is remembered of devices
    quiet = Phase(stand, arguments)
    quiet.tell(judge, "nothing to forget")
    stand.database.query(BACKLOG, rows=arguments.backlog)
    forgetting = Phase(stand, arguments)
    forgetting.tell(judge, "while forgetting")
    left = rows_left(stand)
    gone = 3 * arguments.backlog - left
    judge(f"rows forgotten in these {arguments.seconds} s, of {3 * arguments.backlog}", gone, gone > 0)
    judge("PostgreSQL's CPU for each, µs", f"{(forgetting.postgres_us - quiet.postgres_us) / gone:.2f}")
    judge("server's CPU for each, µs", f"{(forgetting.server_us - quiet.server_us) / gone:.2f}")
    judge("write-ahead log for each, bytes", f"{(forgetting.wal - quiet.wal) / gone:.0f}")
    begin = time.monotonic()
    while left and time.monotonic() - begin < 120:
        time.sleep(1)
        left = rows_left(stand)
    judge("seconds until all were gone, after the load", f"{time.monotonic() - begin:.0f}", left == 0)
