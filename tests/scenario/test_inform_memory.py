"""What a node remembers of devices' latest Informs and of their credentials: never believed when it is not true any more."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from lab.prometheus import metrics

import envelope
from device import Device
from envelope import FORCED
from secret_log import NEW, OLD
from steps import device_path, device_row, queue, stored_value
from test_auth import put_credentials

ROOT = "InternetGatewayDevice."
CODE = ROOT + "DeviceInfo.ProvisioningCode"


def told(**changes):
    values = {ROOT + name: value for name, value in FORCED.items()}
    return values | {ROOT + name.replace("__", "."): value for name, value in changes.items()}


def touches(node):
    """Informs that went the cheap way, and those that tried."""
    counters = metrics(node.api)
    hits = counters("acs_cache_hits_total", cache="inform")
    return hits, hits + counters("acs_cache_misses_total", cache="inform")


def at(node, device):
    """The same device, at another node."""
    return Device(node.urls["cwmp"], serial=device.identity[3], username=device.username, password=device.password)


def let_in(device):
    device.run_session()
    return True


def is_refused(device):
    refused = device.inform().status == 401
    device.close()
    return refused


@pytest.fixture
def nodes(start_acs):
    settings = {"cwmp.auth": "digest"}
    return start_acs(settings), start_acs(settings)


@pytest.fixture
def remembered(nodes):
    """One device at each of two nodes that remember it: its last Informs there were touches."""
    first = nodes[0].device(username="user", password=OLD)
    put_credentials(nodes[0], first, password=OLD)
    pair = [first, at(nodes[1], first)]
    first.run_session("1 BOOT")
    for device in pair + pair:
        let_in(device)
    for node in nodes:
        assert touches(node)[0] >= 1
    return pair


WRITERS = {
    "by the API of one node": lambda nodes, device, database: put_credentials(nodes[0], device, password=NEW),
    "by the API of the other": lambda nodes, device, database: put_credentials(nodes[1], device, password=NEW),
    "removed": lambda nodes, device, database: nodes[0].api.delete(f"/api/v1/credentials/{device.id}"),
    "deleted with the device": lambda nodes, device, database: nodes[0].api.delete(device_path(device.id)),
    "by a program that knows no hash": lambda nodes, device, database: database.query(
        "UPDATE credential SET ha1_md5 = md5('another'), ha1_sha256 = 'another'"),
}


@pytest.mark.parametrize("change", WRITERS.values(), ids=WRITERS)
def test_an_old_password_is_refused_at_once_on_both_nodes(nodes, remembered, database, change):
    change(nodes, remembered[0], database)
    epoch = database.value("SELECT max(session_epoch) FROM device_live")
    assert is_refused(remembered[0])
    assert is_refused(remembered[1])
    assert database.value("SELECT max(session_epoch) FROM device_live") == epoch


def test_an_old_password_stays_refused_after_the_new_one_was_used_elsewhere(nodes, remembered):
    """The values, and so nearly all of the hash, are the same again."""
    put_credentials(nodes[0], remembered[0], password=NEW)
    renewed = at(nodes[0], remembered[0])
    renewed.password = NEW
    let_in(renewed)
    let_in(renewed)
    assert is_refused(remembered[1])
    assert is_refused(remembered[0])
    remembered[1].password = NEW
    assert let_in(remembered[1])


def test_a_password_that_came_back_is_good_again(nodes, remembered):
    put_credentials(nodes[0], remembered[0], password=NEW)
    put_credentials(nodes[0], remembered[0], password=OLD)
    assert let_in(remembered[0])
    assert let_in(remembered[1])


def test_what_a_node_remembers_challenges_nobody(nodes, remembered):
    """The new password is right though the node remembers the old one."""
    put_credentials(nodes[1], remembered[0], password=NEW)
    for device in remembered:
        device.password = NEW
        assert let_in(device)


def test_an_inform_restores_what_a_task_has_changed(acs, device, database):
    device.run_session("1 BOOT")
    device.run_session()
    queue(acs.api, device.id, "GetParameterValues", names=[CODE])
    device.run_session(answers={"GetParameterValues": envelope.values_response({CODE: "by hand"})})
    assert stored_value(database, device.id, CODE) == "by hand"
    device.run_session()
    assert stored_value(database, device.id, CODE) == ""


def test_changed_values_and_events_go_the_cheap_way(acs, device, database):
    device.run_session("1 BOOT")
    device.run_session()
    before = touches(acs)
    for number in range(5):
        changes = {"DeviceInfo__ProvisioningCode": f"code {number} ä",
                   "WANDevice__1__WANConnectionDevice__1__WANIPConnection__1__ExternalIPAddress": f"192.0.2.{number}"}
        device.run_session("4 VALUE CHANGE" if number % 2 else "2 PERIODIC", parameters=told(**changes),
                           retry_count=number)
        assert stored_value(database, device.id, CODE) == f"code {number} ä"
    after = touches(acs)
    assert (after[0] - before[0], after[1] - before[1]) == (5, 5)
    assert device_row(database, device.id, "events ->> 0") == '{"code": "2 PERIODIC", "command_key": ""}'
    assert device_row(database, device.id, "retry_count") == "4"


def test_a_node_that_heard_nothing_of_the_device_sees_what_changed(nodes, remembered, start_acs, database):
    stranger = start_acs({"cwmp.auth": "digest"})
    at(stranger, remembered[0]).run_session(parameters=told(DeviceInfo__ProvisioningCode="changed"))
    assert touches(stranger) == (1, 1)
    assert stored_value(database, remembered[0].id, CODE) == "changed"


def test_a_node_that_heard_of_another_value_asks_again_before_it_asks_in_full(nodes, remembered, database):
    here, there = remembered
    here.run_session(parameters=told(DeviceInfo__ProvisioningCode="changed"))
    hits, tries = touches(nodes[1])
    there.run_session("4 VALUE CHANGE", parameters=told(DeviceInfo__ProvisioningCode="again"))
    assert touches(nodes[1]) == (hits + 1, tries + 2)
    assert stored_value(database, here.id, CODE) == "again"
    assert device_row(database, here.id, "events ->> 0") == '{"code": "4 VALUE CHANGE", "command_key": ""}'


def test_columns_of_the_device_are_stored_in_full(acs, device, database):
    device.run_session("1 BOOT")
    device.run_session(parameters=told(DeviceInfo__SoftwareVersion="2.0.0"))
    assert device_row(database, device.id, "software_version") == "2.0.0"


def test_a_parameter_that_was_never_told_is_stored(acs, device, database):
    device.run_session("1 BOOT")
    hits, tries = touches(acs)
    device.run_session(parameters=told(DeviceInfo__ProvisioningCode="c", X__New="first", X__Other="too"))
    assert touches(acs) == (hits, tries + 1)
    assert stored_value(database, device.id, ROOT + "X.New") == "first"
    assert stored_value(database, device.id, CODE) == "c"


def test_what_a_node_has_forgotten_is_not_written_again(start_acs, database):
    acs = start_acs({"server.inform_cache_bytes": "0"})
    device = acs.device()
    device.run_session("1 BOOT")
    row = database.value("SELECT xmin FROM device")
    device.run_session("1 BOOT")
    assert database.value("SELECT xmin FROM device") != row
    device.run_session()
    row = database.value("SELECT xmin FROM device")
    device.run_session()
    assert database.value("SELECT xmin FROM device") == row


def test_many_devices_inform_at_once(start_acs, database):
    acs = start_acs({"server.loops": "2", "database.linger_us": "20000"})
    devices = [acs.device() for _ in range(40)]
    with ThreadPoolExecutor(len(devices)) as threads:
        for round_number in range(4):
            list(threads.map(lambda d: d.run_session(
                "1 BOOT" if round_number == 0 else "2 PERIODIC",
                parameters=told(DeviceInfo__ProvisioningCode=f"{d.id} {round_number}")), devices))
    for device in devices:
        assert stored_value(database, device.id, CODE) == f"{device.id} 3"


def test_the_later_of_two_informs_at_once_supersedes(start_acs, database):
    """Both may wait for one batch; a device is in each only once."""
    acs = start_acs({"server.loops": "1", "database.linger_us": "100000"})
    first = acs.device()
    first.run_session("1 BOOT")
    first.run_session()
    epoch = int(database.value("SELECT session_epoch FROM device_live"))
    with ThreadPoolExecutor(2) as threads:
        pair = [at(acs, first), at(acs, first)]
        replies = list(threads.map(lambda d: d.inform(), pair))
    assert [reply.method for reply in replies] == ["InformResponse"] * 2
    assert int(database.value("SELECT session_epoch FROM device_live")) == epoch + 2
    assert sorted(device.empty().status for device in pair) == [204, 400]


def test_a_row_that_somebody_holds_delays_no_other_device(start_acs, database):
    acs = start_acs({"server.loops": "1", "cwmp.auth": "none"})
    held, other = acs.device(), acs.device()
    for device in (held, other):
        device.run_session("1 BOOT")
        device.run_session()
    with ThreadPoolExecutor(2) as threads:
        holding = threads.submit(database.query, "SELECT l.device_id, pg_sleep(3) FROM device_live l JOIN device d"
                                 " USING (device_id) WHERE id = :'id' FOR UPDATE OF l", id=held.id)
        while database.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "0":
            time.sleep(0.02)
        waiting = threads.submit(held.inform)
        for _ in range(5):
            let_in(other)
        assert not holding.done()
        assert waiting.result().status == 200
