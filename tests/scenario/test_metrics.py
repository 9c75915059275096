"""What /metrics tells: in the form that Prometheus reads, and true."""

import re
import time
from pathlib import Path

from lab.programs import wait_until
from lab.prometheus import metrics
from steps import queue

GUIDE = Path(__file__).parents[2] / "docs/operators-guide.md"


def test_every_metric_is_told_in_prometheus_form_and_described_in_the_guide(acs, device):
    device.run_session("2 PERIODIC")
    told = metrics(acs.api)
    described = set(re.findall(r"`((?:acs|process)_[a-z_]+)", GUIDE.read_text()))
    missing = set(told.families) - described
    assert not missing, f"not in the guide: {missing}"


def test_sessions_turns_and_their_times_are_counted(acs, device):
    for _ in range(3):
        device.run_session("2 PERIODIC")
    device.post(b"nonsense")
    told = metrics(acs.api)
    assert told("acs_turns_total", method="Inform", status="200") == 3
    assert told("acs_turns_total", method="empty", status="204") == 3
    assert told("acs_turns_total", status="400") == 1
    assert told("acs_turn_seconds_count") == 7
    assert told("acs_decode_seconds_count") == 4
    assert told("acs_encode_seconds_count") == 3
    assert told("acs_database_wait_seconds_count") >= 1
    assert told("acs_sessions_begun_total") == told("acs_sessions_total", outcome="ended") == 3
    assert told("acs_sessions_open") == 0


def test_a_session_in_progress_and_its_connection_are_seen(acs, device):
    assert device.inform("2 PERIODIC").status == 200
    told = metrics(acs.api)
    assert told("acs_sessions_open") == 1 and told("acs_connections_open", listener="cwmp") == 1
    device.empty()
    device.close()
    wait_until(lambda: metrics(acs.api)("acs_connections_open", listener="cwmp") == 0, 10, "the connection's end")
    assert metrics(acs.api)("acs_sessions_open") == 0


def test_open_tasks_are_counted_for_the_next_call(acs, device):
    device.run_session("2 PERIODIC")
    queue(acs.api, device.id, "Reboot")
    wait_until(lambda: metrics(acs.api)("acs_tasks_open", state="queued") == 1, 10, "the count")
    assert metrics(acs.api)("acs_tasks_open", state="sent") == 0


def test_limits_that_were_met_are_counted_by_name(start_acs):
    acs = start_acs({"cwmp.sessions": "1", "cwmp.body_bytes": "32768", "tasks.queue": "1"})
    first, second = acs.device(), acs.device()
    assert acs.device().post(b"x" * 40000).status == 413
    assert first.inform("2 PERIODIC").status == 200
    assert second.inform("2 PERIODIC").status == 503
    queue(acs.api, first.id, "Reboot")
    refused = acs.api.post(f"/api/v1/devices/{first.id}/tasks", {"method": "Reboot"})
    assert refused.status == 429
    told = metrics(acs.api)
    for limit in ("cwmp.sessions", "body_bytes", "tasks.queue"):
        assert told("acs_limit_hits_total", limit=limit) == 1, limit


def test_envelopes_beyond_a_limit_of_xml_are_counted_by_name(start_acs):
    acs = start_acs({"cwmp.xml_items": "64", "cwmp.xml_text_bytes": "1024"})
    path = "InternetGatewayDevice.X_00D09E_Item.{}.Value"
    many, long = {path.format(i): "v" for i in range(80)}, {path.format(1): "v" * 2000}
    assert acs.device().inform("2 PERIODIC", parameters=many).status == 400
    assert acs.device().inform("2 PERIODIC", parameters=long).status == 400
    assert acs.device().post(b"<a>" * 40 + b"</a>" * 40).status == 400
    told = metrics(acs.api)
    for limit in ("cwmp.xml_items", "cwmp.xml_text_bytes", "cwmp.xml_depth"):
        assert told("acs_limit_hits_total", limit=limit) == 1, limit


def test_the_process_tells_its_memory_descriptors_and_age(acs):
    told = metrics(acs.api)
    assert abs(told("process_start_time_seconds") - time.time()) < 60
    status = Path(f"/proc/{acs.program.pid}/status").read_text()
    resident = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024
    assert abs(told("process_resident_memory_bytes") / resident - 1) < 0.2
    descriptors = len(list(Path(f"/proc/{acs.program.pid}/fd").iterdir()))
    assert abs(told("process_open_fds") - descriptors) <= 2
    assert 0 < told("process_cpu_seconds_total") < 60
    assert told("acs_database_connections") == 6
    wait_until(lambda: metrics(acs.api)("acs_database_connections_up") == 6, 10, "the count of connections")
