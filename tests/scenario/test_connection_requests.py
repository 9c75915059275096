"""Connection requests: the server calls a device, and every way in which that can go wrong."""

import hashlib
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import envelope
from lab.programs import wait_until
from places import MODELS
from secret_log import OTHER, SECRET
from steps import device_path, execute, onboarded, queue, task

URL = "InternetGatewayDevice.ManagementServer.ConnectionRequestURL"


class Listener:
    """A device's connection-request listener, played by a test: challenges with what it is told."""

    def __init__(self, username="cr", password=SECRET, algorithm="MD5", qop=True, opaque=None, mode="digest",
                 busy=0, redirect=(302, None), closes=False):
        self.username, self.password, self.mode, self.busy = username, password, mode, busy
        self.redirect, self.closes = redirect, closes
        self.algorithm, self.qop, self.opaque = algorithm, qop, opaque
        self.requests, self.on_accept = [], lambda: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.handle(self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/cr/8f3a?x=1"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def handle(self, request):
        header = request.headers.get("Authorization")
        self.requests.append((request.path, header, dict(request.headers)))
        status = 200
        if self.busy:
            self.busy -= 1
            status = 503
        elif self.mode == "silent":
            time.sleep(3)
        elif self.mode == "redirect":
            status = self.redirect[0]
        elif self.mode == "digest" and not self.is_right(request, header):
            status = 401
        request.send_response(status)
        if status == 401:
            request.send_header("WWW-Authenticate", self.challenge())
        if self.mode == "redirect":
            request.send_header("Location", self.redirect[1] or self.url + "/elsewhere")
        if self.closes:
            request.send_header("Connection", "close")
        request.send_header("Content-Length", "0")
        request.end_headers()
        if status == 200:
            self.on_accept()

    def challenge(self):
        parts = ['realm="cwmp"', 'nonce="abc123"']
        parts += [f"algorithm={self.algorithm}"] if self.algorithm else []
        parts += ['qop="auth"'] if self.qop else []
        parts += [f'opaque="{self.opaque}"'] if self.opaque else []
        return "Digest " + ", ".join(parts)

    def is_right(self, request, header):
        if not header:
            return False
        fields = {n: q or t for n, q, t in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)}
        hash_of = hashlib.sha256 if self.algorithm == "SHA-256" else hashlib.md5
        digest = lambda text: hash_of(text.encode()).hexdigest()
        ha1 = digest(f"{self.username}:cwmp:{self.password}")
        ha2 = digest(f"GET:{request.path}")
        if self.qop:
            expected = digest(f"{ha1}:abc123:{fields.get('nc')}:{fields.get('cnonce')}:auth:{ha2}")
        else:
            expected = digest(f"{ha1}:abc123:{ha2}")
        omitted = [n for n, there in (("qop", self.qop), ("cnonce", self.qop), ("nc", self.qop),
                                      ("algorithm", self.algorithm), ("opaque", self.opaque))
                   if not there and n in fields]
        return fields.get("response") == expected and fields.get("uri") == request.path and not omitted


@pytest.fixture
def listen():
    listeners = []

    def start(**options):
        listeners.append(Listener(**options))
        return listeners[-1]

    yield start
    for listener in listeners:
        listener.close()


def device_with(acs, url, **credentials):
    """A device that has told its connection-request URL, and whose secrets the server knows."""
    device = acs.device()
    device.run_session("1 BOOT", parameters={URL: url})
    secrets = {"connection_request_username": "cr", "connection_request_password": SECRET, **credentials}
    answer = acs.api.put(f"/api/v1/credentials/{device.id}", {"username": "u", "password": SECRET, **secrets})
    assert answer.status in (200, 201, 204), answer
    return device


def call(acs, device, query=""):
    return acs.api.post(device_path(device.id, f"/connection-request{query}"))


def error_of(answer):
    """The reason in a 504's problem document."""
    assert answer.status == 504, answer
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    return answer.body.decode()


@pytest.mark.parametrize("algorithm", [None, "MD5", "SHA-256"])
@pytest.mark.parametrize("qop", [True, False])
@pytest.mark.parametrize("opaque", [None, "xyz"])
def test_any_digest_challenge_is_answered_in_its_own_terms(acs, listen, algorithm, qop, opaque):
    listener = listen(algorithm=algorithm, qop=qop, opaque=opaque)
    answer = call(acs, device_with(acs, listener.url))
    assert answer.status == 200, answer
    assert answer.json["path"] == "http"
    assert answer.json["elapsed_ms"] >= 0
    assert [path for path, _, _ in listener.requests] == ["/cr/8f3a?x=1"] * 2


def test_a_listener_without_authentication_is_woken_by_one_request(acs, listen):
    listener = listen(mode="open")
    assert call(acs, device_with(acs, listener.url)).status == 200
    assert len(listener.requests) == 1
    assert listener.requests[0][1] is None


def test_a_refused_password_is_told_and_not_tried_again(acs, listen):
    listener = listen(password=OTHER)
    assert "unauthorized" in error_of(call(acs, device_with(acs, listener.url)))
    assert len(listener.requests) == 2


def test_a_password_sealed_with_another_key_is_told_so(acs, listen, database):
    device = device_with(acs, listen().url)
    assert call(acs, device).status == 200
    database.query("UPDATE credential SET connection_request_password = decode(repeat('ab', 40), 'hex')")
    answer = call(acs, device)
    assert answer.json["error"] == "unauthorized"
    assert "another secrets.key" in answer.json["detail"]


def test_a_closed_port_is_told_as_refused(acs):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert "refused" in error_of(call(acs, device_with(acs, f"http://127.0.0.1:{port}/")))


def test_a_silent_device_is_told_as_timeout(start_acs, listen):
    acs = start_acs({"connection_request.response_seconds": "1"})
    listener = listen(mode="silent")
    started = time.monotonic()
    assert "timeout" in error_of(call(acs, device_with(acs, listener.url)))
    assert time.monotonic() - started < 3


def test_a_device_without_a_url_is_told_so(acs):
    device = acs.device()
    device.run_session("1 BOOT", parameters={"InternetGatewayDevice.DeviceSummary": "x"})
    assert "no-url" in error_of(call(acs, device))


def test_a_busy_device_is_asked_again(start_acs, listen):
    acs = start_acs({"connection_request.retry_seconds": "1", "connection_request.retries": "2"})
    listener = listen(busy=2)
    assert call(acs, device_with(acs, listener.url)).status == 200
    stubborn = listen(busy=99)
    assert "busy" in error_of(call(acs, device_with(acs, stubborn.url)))
    assert len(stubborn.requests) == 3


def test_redirects_are_not_followed(acs, listen):
    listener = listen(mode="redirect")
    assert call(acs, device_with(acs, listener.url)).status == 504
    assert len(listener.requests) == 1


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/passwd", "http://user:pass@127.0.0.1/", "nonsense",
                                 "http://127.0.0.1:0/", "http://"])
def test_a_url_that_is_no_http_url_is_never_dialled(acs, url):
    assert call(acs, device_with(acs, url)).status == 504


def test_an_address_other_than_the_informs_source_is_not_dialled(acs):
    answer = call(acs, device_with(acs, "http://127.0.0.2:7547/"))
    assert answer.status == 504


def test_a_listed_range_may_be_dialled(start_acs, listen):
    listener = listen(mode="open")
    url = listener.url.replace("127.0.0.1", "localhost")
    acs = start_acs({"connection_request.allow": "127.0.0.0/8"})
    assert call(acs, device_with(acs, url)).status == 200


def test_a_task_with_wait_wakes_the_device_and_answers_when_it_is_done(acs, listen):
    listener = listen()
    device = device_with(acs, listener.url)
    listener.on_accept = lambda: threading.Thread(target=device.run_session, args=("6 CONNECTION REQUEST",), kwargs={
        "answers": {"GetRPCMethods": envelope.methods_response(["Inform"])}}).start()
    done = execute(acs.api, device.id, "GetRPCMethods", wait=20)
    assert (done["state"], done["result"]) == ("done", {"methods": ["Inform"]})
    assert len(listener.requests) == 2


def test_a_task_that_is_not_finished_in_time_is_accepted_and_stays_queued(acs, listen):
    device = device_with(acs, listen().url)
    started = time.monotonic()
    answer = acs.api.post(device_path(device.id, "/tasks?wait=1"), {"method": "Reboot"})
    assert answer.status == 202
    assert 0.9 < time.monotonic() - started < 5
    assert answer.json["state"] == "queued"


def test_a_failed_connection_request_answers_at_once_and_keeps_the_task(acs, listen):
    device = device_with(acs, listen(password=OTHER).url)
    started = time.monotonic()
    answer = acs.api.post(device_path(device.id, "/tasks?wait=30"), {"method": "Reboot"})
    assert answer.status == 202
    assert answer.json["connection_request"]["error"] == "unauthorized"
    assert time.monotonic() - started < 10


def test_a_busy_answer_does_not_end_the_wait_while_the_device_is_in_a_session(start_acs, listen):
    acs = start_acs({"connection_request.retries": "0"})
    listener = listen(busy=99)
    device = device_with(acs, listener.url)
    device.cookies = {}
    assert device.inform("2 PERIODIC", parameters={URL: listener.url}).status == 200
    time.sleep(4)  # by now the session is not relied on, and the device is called
    answers = {"GetRPCMethods": envelope.methods_response(["Inform"])}

    def go_on():
        reply = device.empty()
        assert reply.method == "GetRPCMethods"
        assert device.answer(reply, answers[reply.method]).status == 204

    later = threading.Timer(1, go_on)
    later.start()
    assert execute(acs.api, device.id, "GetRPCMethods", wait=20)["state"] == "done"
    later.join()
    assert len(listener.requests) == 1


def test_waiters_share_one_connection_request(acs, listen):
    listener = listen(mode="open")
    device = device_with(acs, listener.url)
    answers = {"GetRPCMethods": envelope.methods_response(["Inform"])}
    sessions = []

    def session():
        time.sleep(1)
        device.run_session("6 CONNECTION REQUEST", answers=answers)

    def on_accept():
        if not sessions:
            sessions.append(threading.Thread(target=session))
            sessions[0].start()

    listener.on_accept = on_accept
    results = []
    calls = [threading.Thread(target=lambda: results.append(execute(acs.api, device.id, "GetRPCMethods", wait=20)))
             for _ in range(4)]
    for thread in calls:
        thread.start()
    for thread in calls:
        thread.join()
    assert [r["state"] for r in results] == ["done"] * 4
    assert len(listener.requests) < 4


def test_the_caller_may_wait_for_the_devices_session(acs, listen):
    listener = listen(mode="open")
    device = device_with(acs, listener.url)
    listener.on_accept = lambda: threading.Timer(0.5, device.run_session, ("6 CONNECTION REQUEST",)).start()
    started = time.monotonic()
    assert call(acs, device, "?session=20").status == 200
    assert 0.4 < time.monotonic() - started < 10
    wait_until(lambda: device.socket is None, 10, "the end of the session")


def test_a_connection_request_wakes_the_agent(acs, start_cpe, database):
    agent = start_cpe(acs.urls["cwmp"], data_model=MODELS / "gateway-tr098.csv")
    device_id = wait_until(lambda: database.value("SELECT id FROM device"), 30, "the agent's Inform")
    onboarded(acs.api, device_id)
    assert acs.api.post(device_path(device_id, "/connection-request?session=20")).status == 200
    events = agent.wait_for_entry("acknowledged", method="Inform", count=2)["events"]
    assert {"code": "6 CONNECTION REQUEST", "command_key": ""} in events


RETRIES_SOON = {"tasks.retry_seconds": "1", "tasks.attempts": "2", "server.sweep_seconds": "1"}


def test_the_agent_is_called_for_a_retry(start_acs, start_cpe, database):
    acs = start_acs(RETRIES_SOON)
    agent = start_cpe(acs.urls["cwmp"], data_model=MODELS / "gateway-tr098.csv")
    device_id = wait_until(lambda: database.value("SELECT id FROM device"), 30, "the agent's Inform")
    onboarded(acs.api, device_id)
    download = queue(acs.api, device_id, "Download", file_type="1 Firmware Upgrade Image", url="http://127.0.0.1:9/f")
    assert agent.command("send", "event", "X 00D09E Look").returncode == 0
    wait_until(lambda: task(acs.api, download)["state"] == "failed", 30, "the last attempt")
    assert task(acs.api, download)["attempts"] == 2
    called = [entry for entry in agent.entries("acknowledged", method="Inform")
              if {"code": "6 CONNECTION REQUEST", "command_key": ""} in entry["events"]]
    assert len(called) == 1


def faulted_for_now(acs, listener):
    """A device with a task that waits for its retry."""
    acs.api.put("/api/v1/onboarding", {"tasks": []})
    device = device_with(acs, listener.url)
    task_id = queue(acs.api, device.id, "GetRPCMethods")
    device.run_session(parameters={URL: listener.url}, answers={"GetRPCMethods": envelope.fault(9002)})
    assert task(acs.api, task_id)["state"] == "queued"


def test_one_of_two_nodes_calls_a_device_for_a_retry_and_once(start_acs, listen):
    one, _ = start_acs(RETRIES_SOON), start_acs(RETRIES_SOON)
    listener = listen(mode="open")
    faulted_for_now(one, listener)
    wait_until(lambda: listener.requests, 10, "the call")
    time.sleep(2.5)
    assert len(listener.requests) == 1


def test_no_device_is_called_for_a_retry_where_that_is_off(start_acs, listen):
    acs = start_acs({**RETRIES_SOON, "tasks.wake_for_retry": "false"})
    listener = listen(mode="open")
    faulted_for_now(acs, listener)
    time.sleep(3.5)
    assert not listener.requests


def test_the_agent_opens_no_session_for_a_stranger(acs, start_cpe, database):
    import urllib.error
    import urllib.request

    agent = start_cpe(acs.urls["cwmp"], data_model=MODELS / "gateway-tr098.csv",
                      connection_request_username="u", connection_request_password=SECRET)
    url = wait_until(lambda: database.value("SELECT connection_request_url FROM device"), 30, "the agent's Inform")
    agent.wait_for_entry("session")
    before = len(agent.journal())
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url, timeout=10)
    assert refused.value.code == 401
    time.sleep(1)
    assert len(agent.entries("acknowledged", method="Inform")) == 1
    assert before
