"""The table of limits: each number that bounds what a peer may do, crossed by a test.

A number in the configuration that no test is named for, and that is not told to be no limit, fails.
"""

import re
import socket
import ssl
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import envelope
from certificates import Authority
from device import trusting
from lab.programs import wait_until
from lab.prometheus import metrics
from places import BINARIES
from steps import device_path, put_file, queue, task_states
from test_hostile_urls import Endless, told
from test_overload import Jam

TESTS = Path(__file__).parent.parent
KINDS = ("cwmp", "admin", "files")
IGD = "InternetGatewayDevice."

# Here, by the decorator below; elsewhere, as file and test.
CROSSED = {
    "server.worker_jobs": "scenario/test_overload.py test_large_envelopes_beyond_the_workers_queue_get_503",
    "server.inform_cache_bytes": "unit/acs/test_inform_cache.c test_a_device_that_comes_often_stays_while_others_come_and_go",
    "database.in_flight": "unit/db/test_db.c test_more_in_flight_than_allowed_are_refused",
    "cwmp.nonce_seconds": "scenario/test_auth.py test_an_old_nonce_is_stale_and_the_session_goes_on_with_a_new_one",
    "cwmp.session_idle_seconds": "scenario/test_robustness.py test_an_idle_session_ends_and_its_task_stays",
    "cwmp.sessions": "scenario/test_robustness.py test_more_sessions_than_the_limit_get_503",
    "cwmp.overload_ms": "unit/acs/test_overload.c test_a_queue_that_stands_refuses_until_somebody_comes_through_in_time",
    "cwmp.waiting": "scenario/test_overload.py test_while_the_database_is_jammed_newcomers_wait_their_turn_elsewhere",
    "cwmp.informs_per_minute": "scenario/test_pace.py test_a_device_that_retries_in_a_loop_is_slowed_alone_and_let_in_when_it_was_told_to_come",
    "cwmp.boots_per_hour": "scenario/test_pace.py test_a_device_that_boots_in_a_loop_is_slowed_alone_and_told_once",
    "cwmp.xml_depth": "scenario/test_metrics.py test_envelopes_beyond_a_limit_of_xml_are_counted_by_name",
    "cwmp.xml_text_bytes": "scenario/test_metrics.py test_envelopes_beyond_a_limit_of_xml_are_counted_by_name",
    "cwmp.xml_items": "scenario/test_metrics.py test_envelopes_beyond_a_limit_of_xml_are_counted_by_name",
    "cwmp.parameters_per_device": "scenario/test_robustness.py test_parameters_over_the_devices_limit_are_dropped_and_the_rest_is_kept",
    "admin.failures": "scenario/test_operators.py test_guessing_is_slowed_down_by_account_and_by_address",
    "admin.passwords_waiting": "scenario/test_operators.py test_beyond_a_number_passwords_are_checked_later_and_counted",
    "admin.lockout_seconds": "unit/acs/test_lockout.c test_the_wait_doubles_with_each_failure_up_to_the_most",
    "admin.searched_parameters": "scenario/test_searched_parameters.py test_beyond_the_limit_the_slow_way_stays",
    "audit.refusals_per_minute": "scenario/test_audit.py test_refusals_are_bounded_for_an_address_and_in_all",
    "files.max_bytes": "scenario/test_downloads.py test_a_file_over_the_limit_is_refused",
    "files.downloads": "scenario/test_links.py test_downloads_beyond_the_limits_are_told_to_come_back",
    "files.downloads_per_device": "scenario/test_links.py test_downloads_beyond_the_limits_are_told_to_come_back",
    "files.bytes_per_second": "scenario/test_links.py test_downloads_are_no_faster_than_their_rate",
    "files.download_bytes_per_second": "scenario/test_links.py test_downloads_are_no_faster_than_their_rate",
    "files.link_seconds": "scenario/test_downloads.py test_a_link_dies_when_its_time_is_over",
    "tasks.attempts": "scenario/test_tasks.py test_a_task_fails_after_the_last_attempt",
    "tasks.queue": "scenario/test_metrics.py test_limits_that_were_met_are_counted_by_name",
    "connection_request.connect_seconds": "scenario/test_hostile_urls.py test_no_answer_is_endless",
    "connection_request.response_seconds": "scenario/test_hostile_urls.py test_no_answer_is_endless",
    "connection_request.retries": "scenario/test_connection_requests.py test_a_busy_device_is_asked_again",
}

# Numbers that bound nothing a peer could grow.
NO_LIMITS = {
    "how the server is built": ["server.loops", "server.workers", "database.connections", "database.batch",
                                "database.linger_us", "tasks.refresh_batch", "cwmp.compression_min_bytes"],
    "what the server does by itself, and when": [
        "server.stop_seconds", "server.sweep_seconds", "tasks.retry_seconds", "tasks.expires_seconds",
        "tasks.transfer_seconds", "connection_request.retry_seconds", "tls.ticket_seconds",
        "database.connect_timeout_ms"],
    "what refused peers are told": ["cwmp.retry_after_seconds", "cwmp.retry_after_max_seconds"],
    "how long things are kept": ["events.days", "session_log.days", "history.days"],
}


def crosses(*settings):
    def note(test):
        CROSSED.update(dict.fromkeys(settings, f"scenario/{Path(__file__).name} {test.__name__}"))
        return test
    return note


def numbers():
    """Every setting whose default is a number."""
    told = subprocess.run([str(BINARIES / "acs"), "check-config", "--sample"], capture_output=True, text=True, check=True,
                          cwd="/").stdout
    section, found = "", []
    for line in told.splitlines():
        if re.fullmatch(r"\[\w+\]", line):
            section = line[1:-1]
        elif match := re.fullmatch(r"[;#]?\s*(\w+) = (\d+)[KMG]?", line):
            found.append(f"{section}.{match[1]}")
    assert len(found) > 60, told
    return found


@pytest.mark.parametrize("setting", numbers() if (BINARIES / "acs").exists() else [])
def test_every_limit_is_crossed_by_a_test(setting):
    if any(setting in settings for settings in NO_LIMITS.values()):
        return
    assert setting in CROSSED, f"{setting}: name the test that crosses it, or say why it is no limit"
    file, test = CROSSED[setting].split(" ")
    assert re.search(rf"\b{test}\(", (TESTS / file).read_text()), CROSSED[setting]


def test_nothing_is_named_that_is_no_setting():
    named = [*CROSSED, *(name for settings in NO_LIMITS.values() for name in settings)]
    assert set(named) == set(numbers()) and len(named) == len(set(named))


def test_the_table_of_limits_has_each():
    table = (TESTS.parent / "docs" / "limits.md").read_text()
    for setting in CROSSED:
        section, _, name = setting.partition(".")
        assert f"`{setting}`" in table or (section in KINDS and f"`{name}`" in table), setting


# Heads and connections, of each kind of listener.

GET = b"GET /x HTTP/1.1\r\nHost: h\r\n"


def of_all(**settings):
    return {f"{kind}.{name}": value for kind in KINDS for name, value in settings.items()}


def names_of_all(*names):
    return [f"{kind}.{name}" for kind in KINDS for name in names]


def connect(url, source="127.0.0.1", tls=None):
    where = urlsplit(url)
    peer = socket.create_connection((where.hostname, where.port), 10, (source, 0))
    return tls.wrap_socket(peer, server_hostname=where.hostname) if tls else peer


def head_of(peer):
    """Of the next answer, whose body is not read; empty when the connection ends first."""
    head = b""
    while b"\r\n\r\n" not in head:
        try:
            piece = peer.recv(4096)
        except ConnectionError:
            piece = b""
        if not piece:
            return b""
        head += piece
    return head


def exchange(peer, request):
    peer.sendall(request)
    return head_of(peer)


@crosses(*names_of_all("header_bytes", "requests_per_connection"), "cwmp.body_bytes", "admin.body_bytes")
def test_a_request_and_their_number_are_bounded(start_acs):
    acs = start_acs({**of_all(header_bytes="1024", requests_per_connection="3"), "cwmp.body_bytes": "32768",
                     "admin.body_bytes": "1024"})
    for kind in KINDS:
        url = acs.urls[kind]
        assert exchange(connect(url), GET + b"X: " + b"x" * 1100 + b"\r\n\r\n").startswith(b"HTTP/1.1 431 "), kind
        peer = connect(url)
        heads = [exchange(peer, GET + b"\r\n") for _ in range(3)]
        assert [b"\r\nConnection: close\r\n" in head for head in heads] == [False, False, True], kind
    assert acs.device().post(b"x" * 33000).status == 413
    assert acs.api.put("/api/v1/onboarding", {"tasks": ["x" * 1100]}).status == 413
    told_limits = metrics(acs.api)
    assert told_limits("acs_limit_hits_total", limit="header_bytes") == 3
    assert told_limits("acs_limit_hits_total", limit="body_bytes") == 2


@crosses(*names_of_all("connections", "connections_per_address"))
def test_connections_are_bounded_of_an_address_and_in_all(start_acs):
    acs = start_acs({**of_all(connections="5", connections_per_address="2"), "server.loops": "1"})
    for kind in KINDS:
        url = acs.urls[kind]
        peers = [connect(url, "127.0.0.7") for _ in range(2)]
        assert all(exchange(peer, GET + b"\r\n") for peer in peers)
        refused = head_of(connect(url, "127.0.0.7"))
        assert refused.startswith(b"HTTP/1.1 503 ") and b"\r\nRetry-After: " in refused, kind
        peers += [connect(url, f"127.0.0.{10 + i}") for i in range(4)]
        time.sleep(0.2)
        assert head_of(peers[0]) == b"", "who waited longest makes room"
        assert exchange(peers[-1], GET + b"\r\n"), kind
        for peer in peers:
            peer.close()


# Time.

def drip(begin, text):
    """Sends byte after byte until there is an answer or an end; returns it and the seconds it took from the start."""
    started = time.monotonic()
    peer = begin()
    peer.settimeout(0.1)
    for at in range(100):
        try:
            peer.sendall(text[at:at + 1])
            answer = peer.recv(100)
        except TimeoutError:
            continue
        except OSError:
            answer = b""
        return answer, time.monotonic() - started
    raise AssertionError("no end")


class Dripped:
    """Connections of all kinds to one server, in each of which something never comes to its end: (name, how it
    begins, what is dripped)."""

    def __init__(self, acs, tls):
        self.acs, self.tls = acs, tls
        device = acs.device()
        device.run_session("1 BOOT")
        queue(acs.api, device.id, "Upload", file_type="2 Vendor Log File")
        self.upload = urlsplit(device.begin_session().envelope.text("URL")).path

    def cases(self):
        head = GET + b"X-Long: " + b"x" * 99
        for kind in KINDS:
            plain, secure = self.acs.urls[kind], self.acs.urls[f"{kind}_tls"]
            yield f"head {kind}", partial(connect, plain), head
            yield f"head {kind} tls", partial(connect, secure, tls=self.tls), head
            yield f"handshake {kind}", partial(connect, secure), client_hello()
            yield f"body {kind}", partial(self.with_head, kind), b"x" * 100
            yield f"idle {kind}", partial(self.after_one, plain), b""

    def with_head(self, kind):
        lines = {"cwmp": "POST / HTTP/1.1", "admin": "PUT /api/v1/onboarding HTTP/1.1\r\nContent-Type: application/json",
                 "files": f"PUT {self.upload} HTTP/1.1"}
        peer = connect(self.acs.urls[kind])
        peer.sendall(f"{lines[kind]}\r\nHost: h\r\nAuthorization: Bearer {self.acs.api.token}\r\n"
                     "Content-Length: 1000\r\n\r\n".encode())
        return peer

    def after_one(self, url):
        peer = connect(url)
        assert exchange(peer, GET + b"\r\n")
        return peer


def client_hello():
    """The first bytes of a handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="h").do_handshake()
    return outgoing.read()


@crosses(*names_of_all("head_seconds", "body_seconds", "idle_seconds"))
def test_nothing_may_be_dripped_or_kept_idle_for_ever(start_acs, folder):
    authority = Authority(folder)
    certificate, key = authority.issue("acs.example")
    acs = start_acs({**of_all(head_seconds="1", body_seconds="1", idle_seconds="1"), "tls.certificate": str(certificate),
                     "tls.key": str(key), **{f"{kind}.tls_listen": "127.0.0.1:0" for kind in KINDS}})
    cases = list(Dripped(acs, trusting(authority.certificate)).cases())
    with ThreadPoolExecutor(len(cases)) as pool:
        ends = list(pool.map(lambda case: (case[0], *drip(case[1], case[2])), cases))
    for name, answer, seconds in ends:
        assert 0.9 < seconds < 9, (name, seconds)
        expected = b"HTTP/1.1 408 " if name.startswith(("head", "body")) else b""
        assert answer.startswith(expected) and bool(answer) == bool(expected), (name, answer)
    told_limits = metrics(acs.api)
    assert told_limits("acs_limit_hits_total", limit="head_seconds") >= 6
    assert told_limits("acs_limit_hits_total", limit="body_seconds") == 3


@crosses("server.write_seconds", "server.write_bytes_per_second")
def test_an_answer_may_not_be_taken_byte_by_byte(start_acs, folder):
    authority = Authority(folder)
    certificate, key = authority.issue("acs.example")
    acs = start_acs({"server.write_seconds": "1", "server.write_bytes_per_second": "500000",
                     "files.tls_listen": "127.0.0.1:0", "tls.certificate": str(certificate), "tls.key": str(key)})
    put_file(acs.api, "large", b"x" * 30_000_000, kind="firmware", version="2")
    path = link_to(acs, "large")
    peers = [slow_reader(acs.urls["files"], path),
             slow_reader(acs.urls["files_tls"], path, trusting(authority.certificate))]
    deadline = time.monotonic() + 15
    while metrics(acs.api)("acs_limit_hits_total", limit="server.write_seconds") < 2:
        assert time.monotonic() < deadline
        for peer in peers:
            peer.recv(10)
        time.sleep(0.1)


def link_to(acs, name):
    device = acs.device()
    device.run_session("1 BOOT")
    queue(acs.api, device.id, "Download", file=name)
    return urlsplit(device.begin_session().envelope.text("URL")).path


def slow_reader(url, path, tls=None):
    where = urlsplit(url)
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect((where.hostname, where.port))
    peer = tls.wrap_socket(peer, server_hostname=where.hostname) if tls else peer
    peer.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
    return peer


# Sessions and what they may hold.

@crosses("cwmp.session_seconds", "cwmp.session_idle_max_seconds", "tasks.per_session")
def test_a_session_is_bounded_in_time_and_requests(start_acs):
    acs = start_acs({"cwmp.session_seconds": "3", "cwmp.session_idle_max_seconds": "2", "tasks.per_session": "2"})
    silent, busy, many = acs.device(namespace="1-2"), acs.device(), acs.device()
    many.run_session("1 BOOT")
    for _ in range(3):
        queue(acs.api, many.id, "GetRPCMethods")
    answers = {"GetRPCMethods": envelope.methods_response(["Inform", "GetRPCMethods"])}
    assert [len(many.run_session(answers=answers)) for _ in range(2)] == [2, 1]
    silent.inform("1 BOOT", header="<cwmp:SessionTimeout>600</cwmp:SessionTimeout>")
    busy.inform("1 BOOT")
    statuses = []
    while len(statuses) < 10 and statuses[-1:] != [400]:
        statuses.append(busy.send("<cwmp:GetRPCMethods/>").status)
        time.sleep(0.6)
    assert statuses[:2] == [200, 200] and statuses[-1] == 400
    assert silent.send("<cwmp:GetRPCMethods/>").status == 400


@crosses("database.statement_timeout_ms")
def test_a_turn_waits_for_the_database_no_longer_than_it_may(start_acs, database):
    acs = start_acs({"database.statement_timeout_ms": "1000"})
    device = acs.device()
    device.run_session("1 BOOT")
    with Jam(database):
        started = time.monotonic()
        reply = device.inform("1 BOOT")
        assert reply.status == 503 and int(reply.headers["Retry-After"]) > 0
        assert 0.9 < time.monotonic() - started < 8
    device.run_session("1 BOOT")


@crosses("cwmp.parse_ms", "cwmp.parse_ms_per_mb", "cwmp.parameter_names")
def test_what_an_envelope_costs_is_bounded(start_acs, database):
    acs = start_acs({"cwmp.parse_ms": "4", "cwmp.parse_ms_per_mb": "1", "cwmp.parameter_names": "1000"})
    device = acs.device()
    costly = "".join(f"<x:e{i} xmlns:x='urn:{i}' a{i}='&#38;'/>" for i in range(40_000))
    body = envelope.inform(device.identity).replace("<RetryCount>", f"{costly}<RetryCount>")
    assert device.post(device.wrap(body)).status == 400
    assert metrics(acs.api)("acs_limit_hits_total", limit="cwmp.parse_ms") == 1
    for turn in range(3):
        device.run_session("1 BOOT", parameters={f"{IGD}X_{turn}.{i}.V": "v" for i in range(500)})
    assert 900 < int(database.value("SELECT count(*) FROM path")) <= 1000


@crosses("server.body_bytes")
def test_bodies_of_all_together_are_bounded(start_acs):
    acs = start_acs({"server.body_bytes": "32M", "cwmp.body_bytes": "32M"})
    second = acs.device()

    def beside(patience):
        """The reply to 5 MB while 30 MB of another's are held, if they have been read by then."""
        first = acs.device()
        first.write(first.request(b"", {"Content-Length": "31000000", "Content-Type": "text/xml"}) + b"x" * 30_000_000)
        time.sleep(patience)
        reply = second.post(b"x" * 5_000_000)
        first.hang_up()
        return reply

    replies = []
    while not replies or replies[-1].status != 503:
        assert len(replies) < 5, replies
        replies.append(beside(0.3 * 2 ** len(replies)))
    assert int(replies[-1].headers["Retry-After"]) > 0
    assert metrics(acs.api)("acs_limit_hits_total", limit="server.body_bytes") >= 1
    wait_until(lambda: second.post(b"x" * 5_000_000).status == 400, 10, "room")


@crosses("connection_request.in_flight")
def test_calls_to_devices_are_bounded(start_acs):
    acs = start_acs({"connection_request.in_flight": "1", "connection_request.response_seconds": "1"})
    peer = Endless(b"", b"", 1)
    devices = [told(acs, peer.url) for _ in range(8)]
    with ThreadPoolExecutor(len(devices)) as pool:
        answers = list(pool.map(lambda d: acs.api.post(device_path(d.id, "/connection-request")), devices))
    errors = [answer.json["error"] for answer in answers]
    assert set(errors) == {"busy", "timeout"} and errors.count("busy") <= 3
    assert metrics(acs.api)("acs_limit_hits_total", limit="connection_request.in_flight") == errors.count("busy")
