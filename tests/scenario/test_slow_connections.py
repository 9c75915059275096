"""As many slow connections as the server takes are held open, dripping: honest devices do not notice."""

import subprocess
import sys
import time

import pytest

from certificates import Authority
from device import Device, trusting
from lab.programs import wait_until
from lab.prometheus import metrics
from places import REPOSITORY

ROOM, SLOW, SECONDS = 100, 150, 20  # connections of a listener, those that drip, and for how long at most


@pytest.fixture
def crowded(start_acs, folder):
    """A server whose listeners have little room, and time for whoever drips."""
    authority = Authority(folder)
    certificate, key = authority.issue("acs")
    acs = start_acs({"server.loops": "1", "cwmp.connections": str(ROOM), "cwmp.head_seconds": "60",
                     "cwmp.tls_listen": "127.0.0.1:0", "tls.certificate": str(certificate), "tls.key": str(key)})
    acs.authority = authority.certificate
    return acs


@pytest.fixture
def drip():
    programs = []

    def start(url, kind):
        command = [sys.executable, REPOSITORY / "tests/load/drip.py", url.split("//")[1].rstrip("/"), "--kind", kind,
                   "--connections", SLOW, "--rate", SLOW, "--interval", 1, "--seconds", SECONDS]
        programs.append(subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL))

    yield start
    for program in programs:
        program.kill()
        program.wait()


def made_room(acs):
    return metrics(acs.api)("acs_limit_hits_total", limit="connections")


@pytest.mark.parametrize("kind, listener", [("head", "cwmp"), ("body", "cwmp"), ("handshake", "cwmp_tls")])
def test_a_crowd_that_drips_keeps_nobody_out(crowded, drip, kind, listener):
    drip(crowded.urls[listener], kind)
    wait_until(lambda: metrics(crowded.api)("acs_connections_open", listener=listener) == ROOM, 10, "a full listener")
    wait_until(lambda: made_room(crowded) >= SLOW - ROOM, 10, "more of them")
    tls = trusting(crowded.authority) if listener == "cwmp_tls" else None
    for _ in range(20):
        device = Device(crowded.urls[listener], tls=tls)
        assert device.inform("2 PERIODIC").status == 200
        time.sleep(0.05)
        assert device.empty().status == 204
        device.close()
    assert made_room(crowded) > SLOW - ROOM


def test_a_device_in_its_session_keeps_its_connection(crowded, drip):
    device = Device(crowded.urls["cwmp"])
    assert device.inform("2 PERIODIC").status == 200
    connection = device.socket
    drip(crowded.urls["cwmp"], "head")
    wait_until(lambda: made_room(crowded) > 2 * ROOM, 10, "a crowd that changes")
    assert device.empty().status == 204 and device.socket is connection


def test_a_dripped_head_and_handshake_end_at_their_limit(start_acs, folder):
    authority = Authority(folder)
    certificate, key = authority.issue("acs")
    acs = start_acs({"cwmp.head_seconds": "1", "cwmp.tls_listen": "127.0.0.1:0", "tls.certificate": str(certificate),
                     "tls.key": str(key)})
    for listener, answer in (("cwmp", b"HTTP/1.1 408 "), ("cwmp_tls", b"")):
        device = Device(acs.urls[listener])
        begin = time.monotonic()
        device.write(b"POST / HTTP/1.1\r\nX: " if listener == "cwmp" else b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc")
        device.socket.settimeout(0.1)
        while (piece := receive(device)) is None:
            device.write(b"a")
        assert piece.startswith(answer) and 0.8 < time.monotonic() - begin < 5
        device.close()
    assert metrics(acs.api)("acs_limit_hits_total", limit="head_seconds") == 2


def receive(device):
    try:
        return device.socket.recv(1000)
    except TimeoutError:
        return None
