"""responses: what one GetParameterValuesResponse costs, from the socket to the commit.

One device is asked again and again in one session, so that all that is measured is such answers:
decoded, stored, their task finished and the next one claimed in the same commit.
"""

import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenario"))

import envelope  # noqa: E402
from device import Device  # noqa: E402

RESPONSES, WARMUP = 300, 20
SETTINGS = {"tasks.per_session": "100000"}

# What a row is called: parameters in a response, and whether all their values are new each time.
ROWS = {
    "gpv-1000": (1000, False),
    "gpv-1000, all changed": (1000, True),
}

COLUMNS = ["scenario", "responses", "bytes", "server µs", "backends µs", "PostgreSQL µs", "WAL bytes", "RSS MB",
           "p50 ms"]


def values(count, turn):
    return [(f"InternetGatewayDevice.LANDevice.{i // 20}.Hosts.Host.{i % 20}.X_00D09E_HostStatistics.BytesReceived",
             str(1_000_000_000 + i + turn * count), "xsd:unsignedInt") for i in range(count)]


class Asked:
    """A device with credentials that is in a session and has been sent its first request."""

    def __init__(self, bench, name):
        self.device = Device(bench.server.urls["cwmp"], username="user", password="secret",
                             serial=name.replace(" ", "").replace(",", ""))
        credentials = {"username": "user", "password": "secret"}
        assert bench.api.put(f"/api/v1/credentials/{self.device.id}", credentials).status < 300
        assert self.device.inform("1 BOOT").status == 200 and self.device.empty().status == 204
        for _ in range(RESPONSES + WARMUP):
            task = {"method": "GetParameterValues", "names": ["InternetGatewayDevice."]}
            assert bench.api.post(f"/api/v1/devices/{self.device.id}/tasks", task).status == 202
        self.reply = self.device.begin_session()

    def answer(self, body):
        """Milliseconds until the next request came."""
        data = self.device.wrap(body, id=self.reply.envelope.id)
        begin = time.monotonic()
        self.reply = self.device.post(data)
        assert self.reply.status in (200, 204), self.reply
        return 1000 * (time.monotonic() - begin), len(data)


def measure(bench, name, sample):
    """One row. sample() notes the CPU times of server and PostgreSQL."""
    count, changes = ROWS[name]
    asked, times = Asked(bench, name), []
    for turn in range(RESPONSES + WARMUP):
        if turn == WARMUP:
            begin = sample()
        took, length = asked.answer(envelope.values_response(values(count, turn if changes else 0)))
        times.append(took)
    end = sample()
    assert asked.reply.status == 204, asked.reply
    check_stored(bench, asked.device, count, turn if changes else 0)
    return [name, str(RESPONSES), str(length), *bench.costs(begin, end, RESPONSES), f"{median(times[WARMUP:]):.1f}"]


def check_stored(bench, device, count, turn):
    """Acknowledged is stored: every value is the last one told."""
    stored = int(bench.database.value(
        "SELECT sum(value::bigint) FROM parameter JOIN device USING (device_id)"
        " WHERE id = :'id' AND type = 'xsd:unsignedInt'", id=device.id))
    expected = sum(int(value) for _, value, _ in values(count, turn))
    assert stored == expected, f"the device's values sum to {expected}, the stored to {stored}"
