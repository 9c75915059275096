"""Several nodes on one database: what one begins another continues, hears of, or takes over."""

import signal
import socket
import threading
import time
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

import envelope
from balancer import Balancer
from lab.programs import wait_until
from places import MODELS
from secret_log import SECRET
from steps import FIRMWARE, device_path, execute, onboarded, put_file, queue, task

NAME = "InternetGatewayDevice.DeviceInfo.ProvisioningCode"
ANSWERS = {"GetParameterValues": envelope.values_response({NAME: "x"})}


@pytest.fixture
def nodes(start_acs):
    """Two nodes that hear each other and look for nothing by themselves."""

    def start(**options):
        settings = {"server.sweep_seconds": "3600", **{name.replace("__", "."): v for name, v in options.items()}}
        pair = [start_acs(settings), start_acs(settings)]
        for node in pair:
            node.program.wait_for_output(r"event=peers-heard")
        return pair

    return start


def hear(node, kind):
    """Waits until the node was told that by the other."""
    node.program.wait_for_output(rf"event=peer-told kind={kind}\b")


class Call(threading.Thread):
    """An API call under way; `answer` and `seconds` once it is over."""

    def __init__(self, make):
        super().__init__(daemon=True)
        self.make, self.answer, self.seconds = make, None, None
        self.start()

    def run(self):
        began = time.monotonic()
        self.answer = self.make()
        self.seconds = time.monotonic() - began

    def result(self):
        self.join(60)
        return self.answer


def test_a_call_hears_of_a_task_that_another_node_has_finished(nodes, start_cpe):
    a, b = nodes()
    agent = start_cpe(b.urls["cwmp"], data_model=MODELS / "gateway-tr098.csv", serial="N1")
    device = "00D09E-HG7100-N1"
    onboarded(b.api, device)
    began = time.monotonic()
    done = execute(a.api, device, "GetParameterValues", wait=30, names=[NAME])
    assert done["state"] == "done"
    assert time.monotonic() - began < 15
    hear(a, "finished")
    assert agent.program.is_running()


def test_a_task_is_sent_in_the_session_that_is_open_on_another_node(nodes):
    a, b = nodes()
    device = b.device()
    device.run_session("1 BOOT")
    device.cookies = {}
    assert device.inform().method == "InformResponse"
    task_id = queue(a.api, device.id, "GetParameterValues", names=[NAME])
    hear(b, "queued")
    reply = device.empty()
    assert reply.method == "GetParameterValues", reply
    assert device.answer(reply, ANSWERS["GetParameterValues"]).status == 204
    assert task(a.api, task_id)["state"] == "done"


def test_a_call_waits_for_another_nodes_session_though_the_device_cannot_be_called(nodes):
    a, b = nodes()
    device = b.device()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/silent"
        told = {"InternetGatewayDevice.ManagementServer.ConnectionRequestURL": url}
        device.run_session("1 BOOT", parameters=told)
        device.cookies = {}
        assert device.inform(parameters=told).method == "InformResponse"
        call = Call(lambda: a.api.post(device_path(device.id, "/tasks?wait=40"),
                                       {"method": "GetParameterValues", "names": [NAME]}))
        connection, _ = listener.accept()
        hear(b, "queued")
        hear(a, "taken")
        connection.close()  # a failure that would have ended the API call before the word came
    a.program.wait_for_output(r"event=connection-request .*outcome=refused")
    assert device.answer(device.empty(), ANSWERS["GetParameterValues"]).status == 204
    assert call.result().status == 200, call.answer


def test_a_connection_request_hears_of_the_session_that_begins_on_another_node(nodes, start_cpe):
    a, b = nodes()
    start_cpe(b.urls["cwmp"], data_model=MODELS / "gateway-tr098.csv", serial="N2")
    device = "00D09E-HG7100-N2"
    onboarded(b.api, device)
    call = Call(lambda: a.api.post(device_path(device, "/connection-request?session=20")))
    assert call.result().status == 200, call.answer
    hear(a, "session")


def test_a_node_that_was_deaf_looks_for_what_it_missed(nodes, database):
    a, _ = nodes()
    device = a.device()
    device.run_session("1 BOOT")
    device.cookies = {}
    device.inform()  # its session is open, so the call waits for it
    call = Call(lambda: a.api.post(device_path(device.id, "/tasks?wait=50"),
                                   {"method": "GetParameterValues", "names": [NAME]}))
    wait_until(lambda: database.value("SELECT 1 FROM task WHERE awaited_by IS NOT NULL"), 10, "a task with a waiter")
    time.sleep(0.2)  # until the call has read it
    # What another node does, but for its word.
    database.query("UPDATE task SET state = 'done', finished = now(), result = '{}'")
    database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                   " WHERE application_name = 'acs-listen' AND datname = current_database()")
    assert call.result().status == 200, call.answer
    assert call.seconds < 20
    device.close()


def test_a_changed_quirk_counts_on_the_other_node_at_once(nodes, database):
    a, b = nodes()
    answer = a.api.put("/api/v1/quirks/mine", {"manufacturer": "Nobody", "settings": {"names_per_request": 3}})
    assert answer.status == 201, answer
    version = database.value("SELECT value FROM setting WHERE name = 'quirks_version'")
    b.program.wait_for_output(rf"event=quirks-loaded version={version}\b")


def test_quirks_that_go_back_with_their_database_count_too(start_acs, database):
    acs = start_acs({"server.sweep_seconds": "1"})
    database.query("UPDATE setting SET value = '0' WHERE name = 'quirks_version'")
    acs.program.wait_for_output(r"event=quirks-loaded version=0\b")


def test_a_nonce_of_one_node_is_good_on_the_other(nodes):
    a, b = nodes(cwmp__auth="digest")
    device = a.device(username="u", password=SECRET)
    a.api.put(f"/api/v1/credentials/{device.id}", {"username": "u", "password": SECRET})
    device.run_session("1 BOOT")
    device.url = urlsplit(b.urls["cwmp"])
    device.cookies = {}
    device.write(device.request(device.wrap(envelope.inform(device.identity, ("2 PERIODIC",)), id="1")))
    assert device.read().method == "InformResponse"  # without another 401


def test_a_device_that_moves_within_its_session_begins_afresh(nodes):
    a, b = nodes()
    device = a.device()
    device.run_session("1 BOOT")
    task_id = queue(a.api, device.id, "GetParameterValues", names=[NAME])
    request = device.begin_session()
    assert request.method == "GetParameterValues"
    there, cookies = device.url, dict(device.cookies)
    device.close()

    device.url = urlsplit(b.urls["cwmp"])
    assert device.empty().status == 400  # a cookie of the other node
    again = device.begin_session()
    assert again.method == "GetParameterValues"  # its answer was lost, and it may be repeated
    device.close()

    here, device.url = device.url, there
    new_cookies, device.cookies = device.cookies, cookies
    assert device.answer(request, ANSWERS["GetParameterValues"]).status == 400  # superseded
    assert task(a.api, task_id)["state"] == "sent"
    device.close()
    device.url, device.cookies = here, new_cookies
    assert device.answer(again, ANSWERS["GetParameterValues"]).status == 204
    assert task(a.api, task_id)["state"] == "done"


def test_a_link_signed_by_one_node_is_served_by_the_other(nodes):
    a, b = nodes()
    put_file(a.api, "fw.bin", FIRMWARE, kind="firmware", version="9.9.9")
    device = a.device()
    device.run_session("1 BOOT")
    queue(a.api, device.id, "Download", file="fw.bin")
    request = device.begin_session().envelope
    path = urlsplit(request.text("URL")).path
    with urlopen(b.urls["files"].rstrip("/") + path) as response:
        assert response.read() == FIRMWARE
    device.close()


def test_what_one_node_does_for_all_another_takes_over(start_acs, database):
    settings = {"server.sweep_seconds": "1"}
    pair = [start_acs(settings), start_acs(settings)]
    holder = lambda: database.value("SELECT node FROM lease WHERE name = 'housekeeping'")
    first = wait_until(holder, 10, "a node that keeps house")
    by_node = {node.program.wait_for_output(r"event=peers-heard node=(\d+)").group(1): node for node in pair}
    by_node[first].program.kill()
    survivor = next(node for node in pair if node.program.is_running())
    device = survivor.device()
    device.run_session("1 BOOT")
    task_id = queue(survivor.api, device.id, "GetParameterValues", names=[NAME], expires_in=1)
    wait_until(lambda: task(survivor.api, task_id)["state"] == "expired", 15, "expiry on the other node")
    assert holder() != first


@pytest.mark.parametrize("stickiness", ["cookie", "source"])
def test_a_device_behind_haproxy_survives_its_node(nodes, start_cpe, folder, stickiness):
    pair = nodes()
    balancer = Balancer(folder, pair, stickiness)
    try:
        agent = start_cpe(balancer.url, data_model=MODELS / "gateway-tr098.csv", serial=f"H{stickiness}",
                          retry_scale="0.02")
        device = f"00D09E-HG7100-H{stickiness}"
        onboarded(pair[0].api, device)
        served = [node for node in pair if f"event=turn device={device}" in node.output]
        assert len(served) == 1  # it stuck to one node for all of its onboarding
        served[0].program.signal(signal.SIGKILL)
        other = next(node for node in pair if node is not served[0])
        done = execute(other.api, device, "GetParameterValues", wait=30, names=[NAME])
        assert done["state"] == "done"
        assert agent.program.is_running()
    finally:
        balancer.stop()
