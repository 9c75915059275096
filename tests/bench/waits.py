"""waits: how long an operator waits who sets a value on an idle device and wants to know that it is set."""

import socket
import time
from statistics import quantiles

from accounting import Sample, costs
from lab.api import path_part
from populations import OUI, PRODUCT_CLASS

DEVICES, CALLS = 100, 500
NAME = "InternetGatewayDevice.ManagementServer.PeriodicInformInterval"
SECRETS = {"connection_request_username": "acs", "connection_request_password": "call me"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def set_value(stand, device, value):
    """Milliseconds of one POST …/tasks?wait=5."""
    begin = time.monotonic()
    answer = stand.api.post(f"/api/v1/devices/{path_part(device)}/tasks?wait=5", {
        "method": "SetParameterValues", "parameters": [{"name": NAME, "value": value, "type": "xsd:unsignedInt"}]})
    took = 1000 * (time.monotonic() - begin)
    if answer.status != 200 or answer.json["state"] != "done":
        raise RuntimeError(f"the call ended with {answer.status} {answer.body}")
    return took


def give_credentials(stand, device):
    """A password of a connection request is sealed by the server, so SQL cannot write it."""
    answer = stand.api.put(f"/api/v1/credentials/{path_part(device)}",
                           {"username": device, "password": "secret", **SECRETS})
    assert answer.status < 300, answer


def measure(run):
    """One call after the other, each on the device that was called the longest ago."""
    with run.stand.serving() as stand:
        first = stand.strangers(DEVICES)
        devices = [f"{OUI}-{PRODUCT_CLASS}-{serial}" for serial in stand.serials(first, DEVICES)]
        listening = {"first_serial": first, "listen": f"127.0.0.1:{free_port()}", **SECRETS}
        for device in devices:
            give_credentials(stand, device)
        stand.fleet(DEVICES, sessions=DEVICES, concurrency=10, in_turn=True, mix="boot=100", **listening).finish()
        fleet = stand.fleet(DEVICES, seconds=120, concurrency=10, rate=0, **listening)
        try:
            time.sleep(1)
            begin = Sample(stand)
            times = [set_value(stand, devices[i % DEVICES], str(3600 + i)) for i in range(CALLS)]
            accounts = costs(stand, begin, CALLS, 0)
        finally:
            fleet.stop()
    cut = quantiles(times, n=100)
    return {"sessions": CALLS, "rate": 1000 * CALLS / sum(times), **accounts, "p50_ms": cut[49], "p95_ms": cut[94],
            "p99_ms": cut[98], "max_ms": max(times)}
