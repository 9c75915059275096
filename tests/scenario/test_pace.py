"""A device that informs or boots in a loop is slowed down, alone, and shown."""

import time

from lab.prometheus import metrics
from steps import device_path, queue
import envelope


def slowed(acs, device):
    return acs.api.get(device_path(device.id)).json["slowed"]


def test_a_device_that_boots_in_a_loop_is_slowed_alone_and_told_once(start_acs):
    acs = start_acs({"cwmp.boots_per_hour": "3"})
    device, other = acs.device(), acs.device()
    for _ in range(3):
        device.run_session("1 BOOT")
    assert slowed(acs, device) is None
    waits = []
    for _ in range(5):
        reply = device.inform("1 BOOT")
        assert reply.status == 503
        waits.append(int(reply.headers["Retry-After"]))
        device.close()
    assert all(1100 < wait <= 1200 for wait in waits)
    assert slowed(acs, device)["limit"] == "cwmp.boots_per_hour" and slowed(acs, device)["refused"] == 5
    other.run_session("1 BOOT")
    assert slowed(acs, other) is None
    told = metrics(acs.api)
    assert told("acs_devices_slowed") == 1
    assert told("acs_limit_hits_total", limit="cwmp.boots_per_hour") == 5
    assert acs.output.count("event=device-slowed") == 1


def test_a_device_that_retries_in_a_loop_is_slowed_alone_and_let_in_when_it_was_told_to_come(start_acs):
    acs = start_acs({"cwmp.informs_per_minute": "30"})
    device, others = acs.device(), [acs.device() for _ in range(3)]
    for _ in range(30):
        assert device.inform("2 PERIODIC").status == 200
        device.close()
    reply = device.inform("2 PERIODIC")
    assert reply.status == 503 and reply.headers["Connection"] == "close"
    wait = int(reply.headers["Retry-After"])
    assert 1 <= wait <= 2
    for other in others:
        other.run_session("1 BOOT", "4 VALUE CHANGE")
    assert metrics(acs.api)("acs_devices_slowed") == 1 and slowed(acs, device)["limit"] == "cwmp.informs_per_minute"
    time.sleep(wait)
    device.run_session("2 PERIODIC")


def test_what_a_slowed_device_does_by_our_order_passes(start_acs):
    acs = start_acs({"cwmp.boots_per_hour": "1", "cwmp.informs_per_minute": "2"})
    device = acs.device()
    device.run_session("1 BOOT")
    queue(acs.api, device.id, "FactoryReset")
    device.run_session("2 PERIODIC", answers={"FactoryReset": envelope.empty_response("FactoryReset")})
    device.run_session("0 BOOTSTRAP", "1 BOOT")
    assert device.inform("1 BOOT").status == 503
    device.close()
    for event in ("6 CONNECTION REQUEST", "7 TRANSFER COMPLETE", "M Reboot"):
        device.run_session(event)


def test_an_interval_of_a_second_is_no_loop(acs, device):
    for _ in range(65):
        device.run_session("2 PERIODIC")
    assert slowed(acs, device) is None
