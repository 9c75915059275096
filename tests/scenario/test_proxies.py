"""Through haproxy and nginx as well as directly: no request is smuggled past them, no body is lost, and who stands
behind them is who they say, while nobody else's word counts."""

import re
import socket

import pytest

import envelope
from certificates import Authority
from device import Device, new_serial, trusting
from lab.programs import wait_until
from proxies import Proxy
from secret_log import SECRET

QUIET_SECONDS = 0.5
POST = b"POST / HTTP/1.1\r\nHost: acs\r\nContent-Type: text/xml\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def inform(serial):
    return envelope.wrap(envelope.inform(("Lab", "00D09E", "Gateway", serial)))


def length(body):
    return b"%d" % len(body)


def chunks(body, extension=b"", trailer=b""):
    return b"%x%s\r\n%s\r\n0\r\n%s\r\n" % (len(body), extension, body, trailer)


# Each is an Inform with a request behind it, as two or more programs may understand it.
PLAIN = {
    "a length": lambda b: POST + b"Content-Length: " + length(b) + b"\r\n\r\n" + b,
    "line breaks around": lambda b: b"\r\n" + POST + b"Content-Length: " + length(b) + b"\r\n\r\n" + b + b"\r\n",
    "chunks": lambda b: CHUNKED + chunks(b),
    "a chunk's extension": lambda b: CHUNKED + chunks(b, b';name="a b"'),
    "a trailer": lambda b: CHUNKED + chunks(b, trailer=b"X-Trailer: t\r\n"),
    "an absolute URI": lambda b: b"POST http://acs/ HTTP/1.1\r\nHost: acs\r\nContent-Length: " + length(b)
                                 + b"\r\n\r\n" + b,
}
AMBIGUOUS = {
    "a folded header": lambda b, s: POST + b"X-Folded: a\r\n b\r\nContent-Length: " + length(b) + b"\r\n\r\n" + b + s,
    "a blank before the colon": lambda b, s: POST + b"Content-Length : " + length(b) + b"\r\n\r\n" + b + s,
    "two lengths, the first is right": lambda b, s: POST + b"Content-Length: " + length(b) + b"\r\nContent-Length: "
                                                    + length(b + s) + b"\r\n\r\n" + b + s,
    "two lengths, the second is right": lambda b, s: POST + b"Content-Length: " + length(b + s)
                                                     + b"\r\nContent-Length: " + length(b) + b"\r\n\r\n" + b + s,
    "a list of lengths": lambda b, s: POST + b"Content-Length: " + length(b) + b", " + length(b) + b"\r\n\r\n" + b + s,
    "a plus": lambda b, s: POST + b"Content-Length: +" + length(b) + b"\r\n\r\n" + b + s,
    "a hexadecimal length": lambda b, s: POST + b"Content-Length: 0x%x" % len(b) + b"\r\n\r\n" + b + s,
    "a length in two lines": lambda b, s: POST + b"Content-Length: 1\r\n 0\r\n\r\n" + b + s,
    "a length in the next line": lambda b, s: POST + b"Content-Length:\r\n " + length(b) + b"\r\n\r\n" + b + s,
    "an empty length": lambda b, s: POST + b"Content-Length:\r\n\r\n" + s,
    "an underscore": lambda b, s: POST + b"Content_Length: " + length(b) + b"\r\n\r\n" + s,
    "a length, and then chunks": lambda b, s: POST + b"Content-Length: " + length(chunks(b) + s)
                                              + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(b) + s,
    "chunks, and then a length": lambda b, s: POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"
                                              + chunks(s + b),
    "chunks under a blank before the colon": lambda b, s: POST + b"Transfer-Encoding : chunked\r\nContent-Length: "
                                                          + length(chunks(b) + s) + b"\r\n\r\n" + chunks(b) + s,
    "chunks in the next line": lambda b, s: POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n" + chunks(b) + s,
    "chunks behind a vertical tab": lambda b, s: POST + b"Transfer-Encoding: \vchunked\r\n\r\n" + chunks(b) + s,
    "no coding": lambda b, s: POST + b"Transfer-Encoding:\r\n\r\n" + chunks(b) + s,
    "another coding": lambda b, s: POST + b"Transfer-Encoding: xchunked\r\n\r\n" + chunks(b) + s,
    "chunks twice": lambda b, s: POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + chunks(b) + s,
    "chunks and another coding": lambda b, s: POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n"
                                              + chunks(b) + s,
    "identity beside a length": lambda b, s: POST + b"Transfer-Encoding: identity\r\nContent-Length: " + length(b)
                                             + b"\r\n\r\n" + b + s,
    "a chunk's size with a blank": lambda b, s: CHUNKED + b"%x \r\n" % len(b) + b + b"\r\n0\r\n\r\n" + s,
    "a chunk's size with a prefix": lambda b, s: CHUNKED + b"0x%x\r\n" % len(b) + b + b"\r\n0\r\n\r\n" + s,
    "a chunk's size and a bare line feed": lambda b, s: CHUNKED + b"%x\n" % len(b) + b + b"\r\n0\r\n\r\n" + s,
    "a line feed in an extension": lambda b, s: CHUNKED + b"%x;a\nb\r\n" % len(b) + b + b"\r\n0\r\n\r\n" + s,
    "a chunk longer than its size": lambda b, s: CHUNKED + b"%x\r\n" % len(b) + b + b"xx0\r\n\r\n" + s,
    "a bare carriage return": lambda b, s: POST + b"X: a\rContent-Length: 5\r\nContent-Length: " + length(b)
                                           + b"\r\n\r\n" + b + s,
    "a NUL": lambda b, s: POST + b"X: a\0b\r\nContent-Length: " + length(b) + b"\r\n\r\n" + b + s,
    "line feeds alone": lambda b, s: POST.replace(b"\r", b"") + b"Content-Length: " + length(b) + b"\n\n" + b + s,
    "no host": lambda b, s: b"POST / HTTP/1.1\r\nContent-Length: " + length(b) + b"\r\n\r\n" + b + s,
    "two hosts": lambda b, s: POST + b"Host: other\r\nContent-Length: " + length(b) + b"\r\n\r\n" + b + s,
    "chunks of HTTP/1.0": lambda b, s: CHUNKED.replace(b"1.1", b"1.0") + chunks(b) + s,
    "a length behind an expectation": lambda b, s: POST + b"Expect: 100-continue\r\nContent-Length: " + length(b)
                                                   + b"\r\n\r\n" + b + s,
}


@pytest.fixture
def start_proxy(folder, request):
    proxies = []

    def start(kind, url):
        proxies.append(Proxy(kind, folder, url))
        return proxies[-1]

    yield start
    for proxy in proxies:
        proxy.stop()


@pytest.fixture
def behind(start_acs, start_proxy):
    """behind("haproxy"): a server that believes the proxy, and where devices reach them; "direct": there is none."""

    def start(kind, **options):
        acs = start_acs({"server.proxies": "127.0.0.1", **options})
        proxy = None if kind == "direct" else start_proxy(kind, acs.urls["cwmp"])
        return acs, proxy, proxy.url if proxy else acs.urls["cwmp"]

    return start


def talk(url, stream, source="127.0.0.1"):
    """All that comes back until the peer closes, or says nothing for a while."""
    host, port = re.search(r"//(.*):(\d+)", url).groups()
    answer = b""
    with socket.create_connection((host, int(port)), QUIET_SECONDS, (source, 0)) as peer:
        peer.sendall(stream)
        try:
            while piece := peer.recv(65536):
                answer += piece
        except OSError:
            pass
    return answer


def assert_no_body_is_lost(name, answer):
    """Done, or refused: never taken for the empty POST that a session or a challenge ends with."""
    statuses = [int(status) for status in re.findall(rb"^HTTP/1\.[01] (\d+)", answer, re.MULTILINE)]
    final = [status for status in statuses if status != 100]
    assert not final or final[0] in (200, 400, 411, 413, 501, 505), (name, answer[:300])
    assert not final or final[0] != 200 or b"InformResponse" in answer, (name, answer[:300])


def assert_answers_are_ours(url, name):
    """What a case may have left behind in the proxy's connection would be found by the next ones."""
    for number in range(2):
        device = Device(url)
        reply = device.inform("2 PERIODIC", id=f"{number} {name}")
        assert reply.status == 200 and f"{number} {name}".encode() in reply.body, (name, reply)
        device.close()


def registered(database):
    return {serial for serial, in database.query("SELECT serial_number FROM device")}


FRONTS = ["direct", "haproxy", "nginx"]


@pytest.mark.parametrize("front", FRONTS)
def test_an_inform_arrives_whole_however_it_is_framed(behind, database, front):
    _, _, url = behind(front)
    for name, framed in PLAIN.items():
        serial = new_serial()
        answer = talk(url, framed(inform(serial)) + b"GET /x HTTP/1.1\r\nHost: acs\r\nConnection: close\r\n\r\n")
        assert_no_body_is_lost(name, answer)
        assert b"InformResponse" in answer and serial in registered(database), (name, answer[:300])
        assert_answers_are_ours(url, name)


@pytest.mark.parametrize("front", FRONTS)
def test_nothing_is_smuggled_past_a_proxy(behind, database, front):
    _, proxy, url = behind(front)
    for name, framed in AMBIGUOUS.items():
        serial = new_serial()
        body = inform(serial)
        smuggled = (b"POST /%s HTTP/1.1\r\nHost: acs\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                    % (serial.encode(), len(body), body))
        answer = talk(url, framed(inform(new_serial()), smuggled))
        assert_no_body_is_lost(name, answer)
        assert_answers_are_ours(url, name)
        if serial in registered(database):
            forwarded = proxy.forwarded() if proxy else direct_pipelines(name, serial)
            assert f"POST /{serial} HTTP/1.1" in forwarded, name


def direct_pipelines(name, serial):
    """By itself the server reads these as RFC 9112 has it: the second request is one."""
    fine = ("a folded header", "a length in the next line", "chunks in the next line", "an underscore", "a length behind an expectation")
    return [f"POST /{serial} HTTP/1.1"] * (name in fine)


@pytest.mark.parametrize("front", ["haproxy", "nginx"])
def test_devices_that_share_a_proxys_connection_are_not_taken_for_each_other(behind, front):
    _, _, url = behind(front)
    device, other = Device(url), Device(url)
    assert device.inform("2 PERIODIC").status == 200
    reply = other.empty()
    assert reply.status == 400 and b"begins with an Inform" in reply.body
    assert device.empty().status == 204


@pytest.fixture
def proven(behind):
    """proven("haproxy"): a device in its session, which it began by Digest."""

    def begin(front):
        acs, _, url = behind(front, **{"cwmp.auth": "digest"})
        device = Device(url, username="u", password=SECRET)
        acs.api.put(f"/api/v1/credentials/{device.id}", {"username": "u", "password": SECRET})
        assert device.inform("2 PERIODIC").status == 200
        return device

    return begin


@pytest.mark.parametrize("has_cookies", [True, False])
@pytest.mark.parametrize("front", ["haproxy", "nginx"])
def test_a_device_proves_itself_through_a_proxy(proven, front, has_cookies):
    device = proven(front)
    device.cookies = device.cookies if has_cookies else {}
    assert device.empty().status == 204


@pytest.mark.parametrize("front", ["haproxy", "nginx"])
def test_a_cookie_alone_proves_nothing_through_a_proxy(proven, front):
    device = proven(front)
    thief = Device(device.url.geturl())
    thief.cookies = dict(device.cookies)
    assert thief.empty().status == 401
    assert device.empty().status == 204


def peer_seen(acs, url, source):
    """Whom the server takes for the peer of a call to its files, one that forges as much as it can."""
    seen = len(peers(acs))
    answer = talk(url, b"GET /d/none/x HTTP/1.1\r\nHost: acs\r\nConnection: close\r\n"
                       b"X-Forwarded-For: 198.51.100.66\r\nForwarded: for=198.51.100.66\r\n\r\n", source)
    assert b" 404 " in answer
    wait_until(lambda: len(peers(acs)) > seen, 5, "a line about the file")
    return peers(acs)[-1]


def peers(acs):
    return re.findall(r"event=file peer=(\S+)", acs.output)


@pytest.mark.parametrize("front", ["haproxy", "nginx"])
def test_the_proxy_is_believed_and_nobody_else(start_acs, start_proxy, front):
    acs = start_acs({"server.proxies": "127.0.0.1"})
    proxy = start_proxy(front, acs.urls["files"])
    assert peer_seen(acs, proxy.url, "127.0.0.5") == "127.0.0.5"
    assert peer_seen(acs, acs.urls["files"], "127.0.0.6") == "127.0.0.6"


@pytest.mark.parametrize("front", ["haproxy", "nginx"])
def test_a_proxy_that_is_not_named_is_the_peer(start_acs, start_proxy, front):
    acs = start_acs()
    proxy = start_proxy(front, acs.urls["files"])
    assert peer_seen(acs, proxy.url, "127.0.0.5") == "127.0.0.1"


def test_a_proxy_introduces_each_connection(start_acs, start_proxy):
    acs = start_acs({"server.proxies": "127.0.0.1", "files.proxy_protocol": "true"})
    proxy = start_proxy("haproxy-tcp", acs.urls["files"])
    assert peer_seen(acs, proxy.url, "127.0.0.5") == "127.0.0.5"
    assert talk(acs.urls["files"], b"GET / HTTP/1.1\r\nHost: acs\r\n\r\n") == b"", "from a proxy, unintroduced"
    assert peer_seen(acs, acs.urls["files"], "127.0.0.6") == "127.0.0.6"


def test_a_proxy_introduces_a_device_that_then_speaks_tls(start_acs, start_proxy, folder):
    authority = Authority(folder)
    certificate, key = authority.issue("acs")
    acs = start_acs({"server.proxies": "127.0.0.1", "cwmp.proxy_protocol": "true", "cwmp.tls_listen": "127.0.0.1:0",
                     "tls.certificate": str(certificate), "tls.key": str(key)})
    proxy = start_proxy("haproxy-tcp", acs.urls["cwmp_tls"])
    device = Device(proxy.url, tls=trusting(authority.certificate))
    assert device.inform("2 PERIODIC").status == 200
    assert device.empty().status == 204
