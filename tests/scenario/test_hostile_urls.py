"""Connection requests to where a hostile device wishes: nothing but the device itself is ever called."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from name_server import NameServer
from secret_log import SECRET
from steps import device_path
from test_connection_requests import call, listen, URL  # noqa: F401, the fixture

EVERYWHERE = "0.0.0.0/0,::/0"


@pytest.fixture
def resolve():
    """resolve({"host.test": [["127.0.0.1"]]}): the name server that the server under test asks."""
    servers = []

    def start(answers=None):
        servers.append(NameServer(answers or {}))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def tell(device, url):
    device.run_session("4 VALUE CHANGE", parameters={URL: url})


def told(acs, url):
    """A device that informs from loopback and has told this URL."""
    device = acs.device()
    device.run_session("1 BOOT", parameters={URL: url})
    answer = acs.api.put(f"/api/v1/credentials/{device.id}", {
        "username": "u", "password": SECRET, "connection_request_username": "cr",
        "connection_request_password": SECRET})
    assert answer.status in (200, 201), answer
    return device


def informs_from(database, device, address):
    """As if the device's latest Inform had come from there."""
    database.query("UPDATE device SET source_address = :'address' WHERE id = :'id'", address=address, id=device.id)


def refusal(acs, device):
    """The detail of a call that failed."""
    answer = call(acs, device)
    assert answer.status == 504, answer
    return answer.json["error"], answer.json["detail"]


METADATA = ["169.254.169.254", "100.100.100.200", "[fd00:ec2::254]", "[::ffff:169.254.169.254]",
            "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "0.0.0.0", "[::]", "255.255.255.255", "224.0.0.1",
            "[fe80::1]", "[ff02::1]"]
NOT_AN_ADDRESS = ["2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"]


def test_addresses_that_no_device_has_are_not_called_even_where_all_are_allowed(start_acs, resolve):
    names = resolve({"metadata.test": [["169.254.169.254"]], "mapped.test": [["::ffff:169.254.169.254"]]})
    acs = start_acs({"connection_request.allow": EVERYWHERE, "connection_request.name_servers": names.address})
    device = told(acs, "http://127.0.0.1/")
    for host in [*METADATA, "metadata.test", "mapped.test"]:
        tell(device, f"http://{host}/latest/meta-data/")
        error, detail = refusal(acs, device)
        assert error == "refused" and "connection_request.allow" in detail, (host, detail)
    for host in NOT_AN_ADDRESS:
        tell(device, f"http://{host}/")
        assert "is not known" in refusal(acs, device)[1], host


def test_loopback_is_not_called_for_a_device_from_elsewhere(start_acs, resolve, listen, database):
    listener = listen(mode="open")
    port = listener.server.server_port
    names = resolve({"home.test": [["127.0.0.1"]], "six.test": [["::1"]]})
    acs = start_acs({"connection_request.allow": EVERYWHERE, "connection_request.name_servers": names.address})
    device = told(acs, listener.url)
    assert call(acs, device).status == 200
    for host in ("127.0.0.1", "127.1.2.3", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::7f00:1]", "home.test",
                 "six.test", "2130706433", "127.1", "0x7f000001"):
        tell(device, f"http://{host}:{port}/")
        informs_from(database, device, "192.0.2.1")
        assert call(acs, device).status == 504, host
    assert len(listener.requests) == 1


def test_ports_that_are_not_for_devices_are_not_called(start_acs, listen):
    listener = listen(mode="open")
    acs = start_acs()
    device = told(acs, listener.url)
    assert call(acs, device).status == 200
    for port in (1, 22, 25, 53, 1023):
        tell(device, f"http://127.0.0.1:{port}/")
        assert "connection_request.ports" in refusal(acs, device)[1]
    acs.stop()
    acs.options["connection_request.ports"] = "80,7547"
    acs.restart()
    tell(device, listener.url)
    assert "connection_request.ports" in refusal(acs, device)[1]
    assert len(listener.requests) == 1


def test_the_server_does_not_call_itself(acs):
    device = told(acs, "http://127.0.0.1/")
    for name in ("admin", "cwmp", "files"):
        port = acs.urls[name].rstrip("/").rpartition(":")[2]
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.9.9.9"):
            tell(device, f"http://{host}:{port}/marked-path")
            assert refusal(acs, device)[1] == "the URL is that of this server itself"
    assert "marked-path" not in acs.output


def own_address():
    """An address of this machine that is not loopback; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return probe.getsockname()[0]


def test_an_address_of_the_servers_own_is_not_called_unless_it_is_listed(start_acs, database):
    address = own_address()
    acs = start_acs()
    device = told(acs, f"http://{address}:7547/")
    informs_from(database, device, address)
    assert "this server's own" in refusal(acs, device)[1]


def test_a_proxy_is_not_called_unless_it_is_listed(start_acs, database):
    acs = start_acs({"server.proxies": "192.0.2.0/24"})
    device = told(acs, "http://192.0.2.9:7547/")
    informs_from(database, device, "192.0.2.9")
    assert "its proxy's" in refusal(acs, device)[1]


def test_who_came_by_a_proxy_on_loopback_is_not_taken_for_a_device_there(start_acs, listen):
    """The proxy told nobody behind it, or nobody that could be read."""
    acs, local = start_acs({"server.proxies": "127.0.0.1"}), listen()
    assert "its proxy's" in refusal(acs, told(acs, local.url))[1]
    assert not local.requests


# Names that change.

def test_a_name_that_changes_after_the_challenge_is_judged_anew(start_acs, resolve, listen):
    names = resolve({"device.test": [["127.0.0.1"], ["169.254.169.254"]]})
    acs = start_acs({"connection_request.name_servers": names.address})
    listener = listen(closes=True)
    device = told(acs, listener.url.replace("127.0.0.1", "device.test"))
    error, detail = refusal(acs, device)
    assert error == "refused" and "connection_request.allow" in detail
    assert len(listener.requests) == 1
    assert names.asked("device.test") == 2


def test_what_was_judged_is_what_is_dialled(start_acs, resolve, listen):
    """One question for one connection: nothing lies between the check of an address and its use."""
    names = resolve({"device.test": [["127.0.0.1"], ["169.254.169.254"]]})
    acs = start_acs({"connection_request.name_servers": names.address})
    listener = listen(mode="open")
    device = told(acs, listener.url.replace("127.0.0.1", "device.test"))
    assert call(acs, device).status == 200
    assert names.asked("device.test") == 1


def test_of_several_addresses_only_the_devices_own_is_dialled(start_acs, resolve, listen):
    names = resolve({"device.test": [["169.254.169.254", "fd00:ec2::254", "127.0.0.1", "100.100.100.200"]]})
    acs = start_acs({"connection_request.name_servers": names.address, "connection_request.connect_seconds": "2"})
    listener = listen(mode="open")
    device = told(acs, listener.url.replace("127.0.0.1", "device.test"))
    assert call(acs, device).status == 200
    assert len(listener.requests) == 1


# Answers.

@pytest.mark.parametrize("target", ["http://169.254.169.254/", "http://127.0.0.1:{other}/", "/elsewhere"])
def test_no_redirect_is_followed(acs, listen, target):
    other = listen(mode="open")
    device = told(acs, "http://127.0.0.1/")
    for status in (300, 301, 302, 303, 307, 308):
        listener = listen(mode="redirect", redirect=(status, target.format(other=other.server.server_port)))
        tell(device, listener.url)
        assert f"answered {status}" in refusal(acs, device)[1]
        assert len(listener.requests) == 1
    assert not other.requests


class Endless:
    """A device that never comes to an end of its answer; counts what it could send."""

    def __init__(self, begin, again, pause=0):
        self.begin, self.again, self.pause, self.sent = begin, again, pause, 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d/" % self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        try:
            while True:
                peer, _ = self.socket.accept()
                threading.Thread(target=self.answer, args=(peer,), daemon=True).start()
        except OSError:
            pass

    def answer(self, peer):
        try:
            peer.recv(4096)
            peer.sendall(self.begin)
            while True:
                peer.sendall(self.again)
                self.sent += len(self.again)
                time.sleep(self.pause)
        except OSError:
            peer.close()


BLOCK = b"x" * 4096
OK, CHALLENGE = b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "nothing": (b"", b"", 1),
    "a dripped status line": (b"HTTP/1.1 200 ", b"O", 0.2),
    "a dripped head": (OK, b"a", 0.2),
    "endless headers": (OK, b"X-Header: " + BLOCK + b"\r\n", 0),
    "an endless header": (OK + b"X: ", BLOCK, 0),
    "a dripped body": (OK + b"Content-Length: 100\r\n\r\n", b"x", 0.2),
    "an endless body": (OK + b"\r\n", BLOCK, 0),
    "an endless body of a challenge": (CHALLENGE + b"\r\n", BLOCK, 0),
    "a dripped body of a challenge": (CHALLENGE + b"\r\n", b"x", 0.2),
    "endless chunks": (OK + CHUNKED, b"400\r\n" + b"x" * 1024 + b"\r\n", 0),
    "an endless chunk extension": (OK + CHUNKED + b"1;", BLOCK, 0),
    "endless trailers": (OK + CHUNKED + b"0\r\n", b"X-Trailer: " + BLOCK + b"\r\n", 0),
    "endless interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0),
    "dripped interim answers": (b"", b"HTTP/1.1 102 Processing\r\n\r\n", 0.3),
}


def test_no_answer_is_endless(start_acs):
    acs = start_acs({"connection_request.response_seconds": "2", "connection_request.connect_seconds": "2"})
    peers = {name: Endless(*how) for name, how in ENDLESS.items()}
    peers["a silent handshake"] = Endless(b"", b"", 1)
    peers["a silent handshake"].url = peers["a silent handshake"].url.replace("http:", "https:")
    devices = {name: told(acs, peer.url) for name, peer in peers.items()}

    def timed(name):
        started = time.monotonic()
        return name, *refusal(acs, devices[name]), time.monotonic() - started

    with ThreadPoolExecutor(len(peers)) as pool:
        results = list(pool.map(timed, peers))
    for name, error, detail, seconds in results:
        assert seconds < 8, (name, seconds)
        assert "too large" in detail if "endless" in name else error == "timeout", (name, error, detail)
    sent = {name: peer.sent for name, peer in peers.items()}
    assert all(count < 16_000_000 for count in sent.values()), sent
    assert acs.api.get(device_path(devices["nothing"].id)).status == 200
