"""The log of sessions: what is kept of each, how it is read, and what becomes of it."""

import signal

from lab.programs import wait_until
from lab.server import Server
from places import BINARIES
from steps import device_path, queue

LOG = "/session-log"


def read_log(api, device_id, count=1):
    """As soon as that many sessions are in it."""

    def look():
        answer = api.get(device_path(device_id, LOG))
        return answer.json["sessions"] if answer.status == 200 and len(answer.json["sessions"]) >= count else None

    return wait_until(look, 10, f"{count} sessions of {device_id} in the log", pause=0.05)


def test_a_session_that_ended_is_told_with_what_it_did(acs, api, device):
    device.run_session("1 BOOT", "4 VALUE CHANGE")
    queue(api, device.id, "GetRPCMethods")
    device.run_session("2 PERIODIC")
    latest, first = read_log(api, device.id, 2)
    assert first["events"] == ["1 BOOT", "4 VALUE CHANGE"]
    assert (first["turns"], first["requests"], first["faults"], first["outcome"]) == (2, 0, 0, "ended")
    assert latest["events"] == ["2 PERIODIC"]
    assert (latest["turns"], latest["requests"], latest["faults"]) == (3, 1, 1)  # a GetRPCMethods, answered 9000
    assert latest["source_address"].startswith("127.") and latest["bytes_in"] > 500 and latest["bytes_out"] > 500
    assert latest["node"].endswith(":" + acs.urls["cwmp"].rstrip("/").rsplit(":", 1)[1])
    assert first["begun"] <= first["ended"] <= latest["begun"] <= latest["ended"]
    assert f"session={latest['session']}" in acs.output


def test_a_session_that_another_superseded_is_told_too(api, device):
    device.inform()
    device.cookies = {}
    device.close()
    device.run_session()
    assert [s["outcome"] for s in read_log(api, device.id, 2)] == ["ended", "superseded"]


def test_the_log_is_read_in_pages_latest_first(api, device):
    for _ in range(5):
        device.run_session()
    whole = [s["session"] for s in read_log(api, device.id, 5)]
    paged = [s["session"] for s in api.pages(device_path(device.id, LOG + "?limit=2"), "sessions")]
    assert paged == whole and len(set(whole)) == 5


def test_the_log_of_a_device_that_is_not_there_is_not_found(api):
    assert api.get(device_path("00D09E-Gateway-NONE", LOG)).status == 404


def test_a_deleted_device_takes_its_log_along(api, database, device):
    device.run_session()
    read_log(api, device.id)
    assert api.delete(device_path(device.id)).status == 204
    assert database.value("SELECT count(*) FROM session_log") == "0"


def test_nothing_is_kept_where_the_log_is_off(start_acs, database):
    acs = start_acs({"session_log.enabled": "false"})
    device = acs.device()
    device.run_session()
    device.close()
    acs.stop()
    assert database.value("SELECT count(*) FROM session_log") == "0"


def test_a_clean_stop_writes_what_waits(acs, database):
    """The stop comes before the log's pause is over; one session is still open then."""
    devices = [acs.device() for _ in range(3)]
    devices[0].inform()
    for device in devices[1:]:
        device.run_session()
    acs.program.signal(signal.SIGTERM)
    for device in devices:
        device.close()
    assert acs.program.wait() == 0
    outcomes = database.query("SELECT outcome FROM session_log ORDER BY 1")
    assert [row[0] for row in outcomes] == ["ended", "ended", "stopped"]


def test_a_session_that_ends_without_a_database_is_written_when_it_is_back(start_acs, cluster, folder):
    """Its row waits in memory; without tasks the end of a session asks nothing."""
    target = cluster.create("acs")
    tool = Server(BINARIES / "acs", {"database.url": target.url, "data.dir": str(folder / "data")}, folder / "tool.log")
    assert tool.tool("migrate").returncode == 0
    acs = start_acs({"database.url": target.url}, token=tool.create_token("test"))
    device = acs.device()
    device.run_session("1 BOOT")
    read_log(acs.api, device.id)
    device.inform()
    cluster.kill()
    assert device.empty().status == 204
    device.close()
    cluster.start()
    wait_until(lambda: acs.api.get("/readyz").status == 200, 20, "the database's return")
    assert [s["events"] for s in read_log(acs.api, device.id, 2)] == [["2 PERIODIC"], ["1 BOOT"]]


def test_partitions_are_made_ahead_and_dropped_when_their_days_are_over(start_acs, database):
    database.query("""CREATE TABLE session_log_20200101 PARTITION OF session_log
        FOR VALUES FROM ('2020-01-01 00:00+00') TO ('2020-01-02 00:00+00')""")
    early = "INSERT INTO session_log SELECT 1, {0}, {0}, 0, 0, 0, 0, 0, NULL, 's', '', 'ended', 'n'"
    database.query(early.format("now()") + ";" + early.format("now() - interval '90 days'"))
    start_acs({"server.sweep_seconds": "1", "session_log.days": "30"})

    def partitions():
        rows = database.query("""SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE inhparent = 'session_log'::regclass AND relname ~ '[0-9]' ORDER BY 1""")
        return [row[0] for row in rows]

    days = database.query("""SELECT 'session_log_' || to_char((now() AT TIME ZONE 'UTC')::date + ahead, 'YYYYMMDD')
        FROM generate_series(0, 3) AS ahead ORDER BY 1""")
    wait_until(lambda: partitions() == [row[0] for row in days], 20, "the partitions of today and three days more")
    # The row of today has moved into its partition, the one that is too old is gone.
    assert database.query("SELECT tableoid::regclass FROM session_log") == [days[0]]
