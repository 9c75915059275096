"""More than the server can take: newcomers are told to come back, the others are served, and then all are."""

import re
import subprocess
import threading
import time

from lab.programs import wait_until
from lab.prometheus import metrics

FEW = {"server.loops": "1", "cwmp.waiting": "3", "cwmp.retry_after_seconds": "7", "cwmp.retry_after_max_seconds": "9"}


class Jam:
    """Nobody can be told to have been seen while it lasts: the database waits for a lock."""

    def __init__(self, database):
        self.database = database

    def __enter__(self):
        self.psql = subprocess.Popen(["psql", "-X", "-q", "-d", self.database.url], stdin=subprocess.PIPE, text=True,
                                     cwd="/")
        self.psql.stdin.write("BEGIN; LOCK TABLE device_live, device;\n")
        self.psql.stdin.flush()
        wait_until(self.is_locked, 10, "the lock")

    def is_locked(self):
        return self.database.value("SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock'"
                                   " AND relation = 'device'::regclass") == "1"

    def __exit__(self, *_):
        self.psql.communicate("COMMIT;\n", timeout=10)


def inform_in_background(device, replies):
    thread = threading.Thread(target=lambda: replies.append(device.inform("2 PERIODIC").status))
    thread.start()
    return thread


def test_while_the_database_is_jammed_newcomers_wait_their_turn_elsewhere(start_acs, database):
    acs = start_acs(FEW)
    inside = acs.device()
    assert inside.inform("1 BOOT").status == 200
    replies = []
    with Jam(database):
        threads = [inform_in_background(acs.device(), replies) for _ in range(3)]
        wait_until(lambda: metrics(acs.api)("acs_turns_waiting") == 3, 10, "the jam")
        waits = [turned_away(acs.device()) for _ in range(20)]
        assert inside.empty().status == 204
    assert set(waits) <= {7, 8, 9} and len(set(waits)) > 1
    for thread in threads:
        thread.join(10)
    assert replies == [200] * 3
    late = acs.device()
    assert late.inform("2 PERIODIC").status == 200 and late.empty().status == 204
    assert metrics(acs.api)("acs_limit_hits_total", limit="cwmp.overload_ms") == 20


def turned_away(device):
    """Its Retry-After."""
    started = time.monotonic()
    reply = device.inform("2 PERIODIC")
    assert reply.status == 503 and reply.headers["Connection"] == "close"
    assert time.monotonic() - started < 2
    return int(reply.headers["Retry-After"])


def test_overload_is_one_line_a_second_and_not_one_for_each_who_was_refused(start_acs):
    acs = start_acs({"cwmp.sessions": "1"})
    assert acs.device().inform("2 PERIODIC").status == 200
    started = time.monotonic()
    for _ in range(30):
        turned_away(acs.device())
    most_lines = time.monotonic() - started + 2

    def told():
        return [int(count) for count in re.findall(r"event=overload refused=(\d+)", acs.output)]

    wait_until(lambda: sum(told()) == 30, 10, "the log")
    assert len(told()) <= most_lines
    assert "status=503" not in acs.output


def test_large_envelopes_beyond_the_workers_queue_get_503(start_acs):
    acs = start_acs({"server.workers": "1", "server.worker_jobs": "1"})
    parameters = {f"InternetGatewayDevice.X_00D09E_Item.{i}.Value": "v" * 200 for i in range(5000)}
    devices, replies = [acs.device() for _ in range(6)], []

    def inform(device):
        replies.append(device.inform("2 PERIODIC", parameters=parameters))

    threads = [threading.Thread(target=inform, args=(device,)) for device in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    statuses = [reply.status for reply in replies]
    assert set(statuses) == {200, 503}
    assert metrics(acs.api)("acs_limit_hits_total", limit="server.worker_jobs") == statuses.count(503)
    late = acs.device()
    assert late.inform("2 PERIODIC", parameters=parameters).status == 200
