"""Listeners: TLS with and without client certificates, IPv6, several event loops."""

import signal
import socket
import ssl
import time

import pytest

import envelope
from certificates import Authority
from device import Device, trusting
from lab.programs import wait_until
from places import MODELS
from steps import FIRMWARE, execute, onboarded, put_file, queue, task


@pytest.fixture
def authority(folder):
    return Authority(folder)


@pytest.fixture
def tls_options(authority):
    certificate, key = authority.issue("acs.example")
    return {"cwmp.tls_listen": "127.0.0.1:0", "files.tls_listen": "127.0.0.1:0",
            "tls.certificate": str(certificate), "tls.key": str(key)}


@pytest.fixture
def tls_acs(start_acs, tls_options):
    return start_acs(tls_options)


def test_a_session_over_tls_is_like_any_other(tls_acs, authority):
    device = Device(tls_acs.urls["cwmp_tls"], tls=trusting(authority.certificate))
    device.run_session("1 BOOT")
    task_id = queue(tls_acs.api, device.id, "GetRPCMethods")
    device.run_session(answers={"GetRPCMethods": envelope.methods_response(["Inform"])})
    assert task(tls_acs.api, task_id)["state"] == "done"


def test_plain_and_tls_listeners_serve_side_by_side(tls_acs, authority):
    assert tls_acs.urls["cwmp"].startswith("http://")
    assert tls_acs.urls["cwmp_tls"].startswith("https://")
    assert tls_acs.urls["files_tls"].startswith("https://")
    tls_acs.device().run_session("1 BOOT")
    Device(tls_acs.urls["cwmp_tls"], tls=trusting(authority.certificate)).run_session("1 BOOT")


@pytest.mark.parametrize("version,is_spoken", [(ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True),
                                               (ssl.TLSVersion.TLSv1_3, True)])
def test_tls_1_2_is_the_oldest_version_spoken(tls_acs, authority, version, is_spoken):
    context = trusting(authority.certificate)
    context.minimum_version = min(version, ssl.TLSVersion.TLSv1_1)
    context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    device = Device(tls_acs.urls["cwmp_tls"], tls=context)
    if is_spoken:
        assert device.inform("1 BOOT").status == 200
    else:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            device.inform("1 BOOT")


def test_plain_text_on_the_tls_listener_does_no_harm(tls_acs, authority):
    port = int(tls_acs.urls["cwmp_tls"].split(":")[2].strip("/"))
    with socket.create_connection(("127.0.0.1", port), 10) as plain:
        plain.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200" not in plain.recv(100)
    Device(tls_acs.urls["cwmp_tls"], tls=trusting(authority.certificate)).run_session("1 BOOT")


def test_with_a_client_ca_a_certificate_of_it_is_required(start_acs, tls_options, authority, folder):
    acs = start_acs({**tls_options, "tls.client_ca": str(authority.certificate)})
    device = Device(acs.urls["cwmp_tls"], product_class="")
    identity = f"{device.identity[1]}-{device.identity[3]}"
    device.tls = trusting(authority.certificate, *authority.issue(identity, names=None))
    assert device.inform("1 BOOT").status == 200
    with pytest.raises((ssl.SSLError, ConnectionError, OSError)):
        Device(acs.urls["cwmp_tls"], tls=trusting(authority.certificate)).inform("1 BOOT")
    stranger = Authority(folder, "stranger")
    with pytest.raises((ssl.SSLError, ConnectionError, OSError)):
        Device(acs.urls["cwmp_tls"], tls=trusting(authority.certificate, *stranger.issue("x"))).inform("1 BOOT")


def test_sighup_reads_the_certificate_again(tls_acs, authority, tls_options):
    before = fingerprint(tls_acs, authority)
    certificate, key = authority.issue("renewed")
    for new, old in ((certificate, tls_options["tls.certificate"]), (key, tls_options["tls.key"])):
        with open(old, "wb") as file:
            file.write(new.read_bytes())
    tls_acs.program.signal(signal.SIGHUP)
    wait_until(lambda: fingerprint(tls_acs, authority) != before, 10, "the new certificate")


def fingerprint(acs, authority):
    device = Device(acs.urls["cwmp_tls"], tls=trusting(authority.certificate))
    device.connect()
    certificate = device.socket.getpeercert(True)
    device.close()
    return certificate


def test_the_agent_comes_over_tls_and_fetches_over_tls(tls_acs, authority, start_cpe, database):
    start_cpe(tls_acs.urls["cwmp_tls"], data_model=MODELS / "gateway-tr098.csv", ca_file=authority.certificate)
    device_id = wait_until(lambda: database.value("SELECT id FROM device"), 30, "the agent's Inform")
    onboarded(tls_acs.api, device_id)
    put_file(tls_acs.api, "fw.bin", FIRMWARE, kind="firmware", version="9.9.9")
    done = execute(tls_acs.api, device_id, "Download", wait=40, file="fw.bin")
    assert done["state"] == "done", done


def test_the_agent_trusts_nobody_without_reason(tls_acs, start_cpe, database):
    agent = start_cpe(tls_acs.urls["cwmp_tls"], data_model=MODELS / "gateway-tr098.csv", once=True)
    assert agent.program.wait(60) != 0
    assert database.value("SELECT count(*) FROM device") == "0"


def test_a_ca_file_joins_the_agents_trust_store_and_is_used_from_then_on(start_acs, tls_options, authority, start_cpe,
                                                                         database):
    """The agent fetches a CA over plain HTTP; only then does it believe the TLS file server."""
    tls_acs = start_acs({**tls_options, "tasks.attempts": "1"})
    start_cpe(tls_acs.urls["cwmp"], data_model=MODELS / "gateway-tr098.csv")
    device_id = wait_until(lambda: database.value("SELECT id FROM device"), 30, "the agent's Inform")
    onboarded(tls_acs.api, device_id)
    put_file(tls_acs.api, "fw.bin", FIRMWARE, kind="firmware", version="9.9.9")
    put_file(tls_acs.api, "ca.pem", authority.certificate.read_bytes(), kind="ca",
             file_type="X 00D09E Certificate Authority")
    secure = Device(tls_acs.urls["cwmp_tls"], tls=trusting(authority.certificate))
    secure.run_session("1 BOOT")
    queue(tls_acs.api, secure.id, "Download", file="fw.bin")
    (request,) = secure.run_session(answers={"Download": envelope.download_response(1)})
    url = request.text("URL")
    assert url.startswith("https://")
    firmware = {"file_type": "1 Firmware Upgrade Image", "url": url, "expires_in": 60}
    assert execute(tls_acs.api, device_id, "Download", wait=40, **firmware)["state"] == "failed"
    assert execute(tls_acs.api, device_id, "Download", wait=40, file="ca.pem")["state"] == "done"
    assert execute(tls_acs.api, device_id, "Download", wait=40, **firmware)["state"] == "done"


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")
def test_every_listener_speaks_ipv6(start_acs, database):
    acs = start_acs({f"{name}.listen": "[::1]:0" for name in ("cwmp", "admin", "files")})
    assert acs.urls["cwmp"].startswith("http://[::1]:")
    device = acs.device()
    device.run_session("1 BOOT")
    assert acs.api.get("/api/v1/devices").json["devices"][0]["id"] == device.id
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    queue(acs.api, device.id, "Download", file="fw.bin")
    (request,) = device.run_session(answers={"Download": envelope.download_response(1)})
    assert request.text("URL").startswith("http://[::1]:")


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")
def test_a_wildcard_listener_takes_both_families(start_acs):
    acs = start_acs({"cwmp.listen": "[::]:0"})
    assert acs.urls["cwmp"].startswith("http://127.0.0.1:")
    acs.device().run_session("1 BOOT")
    Device(acs.urls["cwmp"].replace("127.0.0.1", "[::1]")).run_session("1 BOOT")


def test_sessions_move_between_event_loops(start_acs):
    acs = start_acs({"server.loops": "4"})
    devices = [acs.device() for _ in range(12)]
    for device in devices:
        device.inform("2 PERIODIC")
        queue(acs.api, device.id, "GetRPCMethods")
        device.connect()
        request = device.empty()
        assert request.method == "GetRPCMethods"
        device.connect()
        assert device.answer(request, envelope.methods_response(["Inform"])).status == 204


def test_an_idle_connection_is_closed_in_the_end(start_acs):
    acs = start_acs({"cwmp.idle_seconds": "1"})
    device = acs.device()
    device.inform("2 PERIODIC")
    device.socket.settimeout(10)
    started = time.monotonic()
    assert device.socket.recv(1) == b""
    assert time.monotonic() - started < 6
    device.close()
    assert device.empty().status == 204
