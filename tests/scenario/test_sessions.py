"""Sessions: who may continue one, what compresses, who speaks first, and what two servers make of one device."""

import gzip
import re
import threading
import time
import zlib

import pytest

import envelope
from certificates import Authority
from device import Device, trusting
from lab.programs import wait_until
from places import MODELS
from secret_log import OTHER, SECRET
from steps import device_row, queue, stored_value, task
from test_auth import put_credentials
from test_connection_requests import Listener, URL, call

METHODS = envelope.methods_response(["Inform", "GetRPCMethods"])
IGD = "InternetGatewayDevice."


def raw_deflate(data):
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


def raw_inflate(data):
    return zlib.decompress(data, wbits=-15)


CODINGS = {
    "gzip": ("gzip", gzip.compress, gzip.decompress),
    "x-gzip": ("x-gzip", gzip.compress, gzip.decompress),
    "deflate": ("deflate", zlib.compress, zlib.decompress),
    "raw deflate": ("deflate", raw_deflate, raw_inflate),
}


# Compression.

def inform_of(device, **kwargs):
    return device.wrap(envelope.inform(device.identity, **kwargs))


@pytest.mark.parametrize("coding", CODINGS)
def test_a_compressed_request_is_read_and_answered_in_kind(device, database, coding):
    name, compress, decompress = CODINGS[coding]
    body = compress(inform_of(device, parameters={IGD + "X": "packed"}))
    reply = device.post(body, {"Content-Encoding": name})
    assert reply.status == 200, reply
    assert reply.headers["Content-Encoding"] == name.removeprefix("x-")
    assert envelope.Envelope(decompress(reply.body)).method == "InformResponse"
    assert stored_value(database, device.id, IGD + "X") == "packed"
    assert device.empty().status == 204


def test_a_plain_request_is_answered_plainly_whatever_came_before(acs, device):
    assert device.post(gzip.compress(inform_of(device)), {"Content-Encoding": "gzip"}).status == 200
    queue(acs.api, device.id, "GetRPCMethods")
    reply = device.empty()
    assert (reply.method, reply.headers["Content-Encoding"]) == ("GetRPCMethods", None)
    compressed = gzip.compress(device.wrap(METHODS, id=reply.envelope.id))
    assert device.post(compressed, {"Content-Encoding": "gzip"}).status == 204


def test_small_answers_are_not_compressed(start_acs):
    device = start_acs({"cwmp.compression_min_bytes": "100000"}).device()
    reply = device.post(gzip.compress(inform_of(device)), {"Content-Encoding": "gzip"})
    assert (reply.method, reply.headers["Content-Encoding"]) == ("InformResponse", None)


def test_compression_may_be_switched_off(start_acs):
    device = start_acs({"cwmp.compression": "false"}).device()
    reply = device.post(gzip.compress(inform_of(device)), {"Content-Encoding": "gzip"})
    assert (reply.status, reply.headers["Accept-Encoding"]) == (415, "identity")


def test_an_encoding_that_is_not_known_is_415_and_tells_which_are(device):
    reply = device.post(b"x", {"Content-Encoding": "br"})
    assert (reply.status, reply.headers["Accept-Encoding"]) == (415, "gzip, deflate")


@pytest.mark.parametrize("spoil", [lambda data: data[:-9], lambda data: data[:20] + b"\xff" + data[21:],
                                   lambda data: b"<?xml", lambda data: data[:-6] + b"\0" + data[-5:]])
def test_a_broken_stream_is_400_and_costs_nothing_but_itself(device, acs, spoil):
    body = spoil(gzip.compress(inform_of(device)))
    assert device.post(body, {"Content-Encoding": "gzip"}).status == 400
    acs.device().run_session("1 BOOT")


def test_a_bomb_is_refused_before_it_has_grown(start_acs):
    acs = start_acs({"cwmp.body_bytes": "1M"})
    text = inform_of(acs.device()) + b" " * 200_000_000
    bomb = gzip.compress(text)
    before = resident_kb(acs)
    for _ in range(20):
        device = acs.device()
        assert device.post(bomb, {"Content-Encoding": "gzip"}).status == 413
        device.close()
    # Sanitizers keep what was freed; one bomb let loose would be 200 MB.
    assert resident_kb(acs) - before < 100_000
    acs.device().run_session("1 BOOT")


def resident_kb(acs):
    with open(f"/proc/{acs.program.pid}/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def test_the_limit_of_a_body_holds_for_what_it_inflates_to(start_acs):
    acs = start_acs({"cwmp.body_bytes": "40000"})
    texts = {size: {IGD + f"P{i}": f"{i * 7919 % 100_003:05}" for i in range(size)} for size in (100, 1000)}
    for size, status in ((100, 200), (1000, 413)):
        device = acs.device()
        body = gzip.compress(inform_of(device, parameters=texts[size]))
        assert len(body) < 40_000
        assert device.post(body, {"Content-Encoding": "gzip"}).status == status


def test_nobody_who_is_going_to_be_challenged_has_anything_inflated(start_acs):
    acs = start_acs({"cwmp.auth": "digest"})
    device = acs.device()
    for body in (b"no gzip at all", gzip.compress(inform_of(device))):
        assert device.post(body, {"Content-Encoding": "gzip"}).status == 401
    known = acs.device(username="user", password=SECRET)
    put_credentials(acs, known, password=SECRET)
    assert known.post(gzip.compress(inform_of(known)), {"Content-Encoding": "gzip"}).status == 200
    queue(acs.api, known.id, "GetRPCMethods")
    known.cookies = {}
    reply = known.empty()
    packed = gzip.compress(known.wrap(METHODS, id=reply.envelope.id))
    assert known.post(packed, {"Content-Encoding": "gzip", "Authorization": None}).status == 204


# HoldRequests.

def hold_of(reply):
    found = re.search(rb"<cwmp:HoldRequests[^>]*>([01])<", reply.body)
    return found and int(found[1])


@pytest.fixture
def holding(start_acs):
    acs = start_acs({"cwmp.hold_requests": "true"})
    device = acs.device()
    device.run_session("1 BOOT")
    return acs, device


def test_a_device_with_tasks_holds_its_requests_until_they_are_done(holding, database):
    acs, device = holding
    task_id = queue(acs.api, device.id, "GetParameterValues", names=[IGD])
    device.cookies = {}
    assert hold_of(device.inform("7 TRANSFER COMPLETE")) == 1
    reply = device.empty()
    assert (reply.method, hold_of(reply)) == ("GetParameterValues", None)
    reply = device.answer(reply, envelope.values_response({IGD + "X": "1"}))
    assert (reply.method, hold_of(reply)) == ("GetRPCMethods", 0)
    assert device.answer(reply, METHODS).status == 204
    assert task(acs.api, task_id)["state"] == "done"
    assert "GetRPCMethods" in device_row(database, device.id, "methods")
    reply = device.send(envelope.transfer_complete("1.1"), id="own")
    assert (reply.method, reply.envelope.id) == ("TransferCompleteResponse", "own")
    assert device.empty().status == 204
    assert device.empty().status == 204


def test_a_device_without_tasks_is_not_held(holding):
    acs, device = holding
    device.cookies = {}
    reply = device.inform("2 PERIODIC")
    assert (reply.method, hold_of(reply)) == ("InformResponse", None)
    assert device.empty().status == 204
    assert device.send(envelope.transfer_complete("1.1")).status == 400


@pytest.mark.parametrize("method", ["Reboot", "FactoryReset"])
def test_what_must_be_the_last_request_lifts_the_hold_itself(holding, method):
    acs, device = holding
    queue(acs.api, device.id, method)
    device.cookies = {}
    assert hold_of(device.inform("2 PERIODIC")) == 1
    reply = device.empty()
    assert (reply.method, hold_of(reply)) == (method, 0)
    assert device.answer(reply, envelope.empty_response(method)).status == 204


def test_a_fault_to_the_request_that_lifts_the_hold_harms_nobody(holding):
    acs, device = holding
    task_id = queue(acs.api, device.id, "GetParameterValues", names=[IGD])
    answers = {"GetParameterValues": envelope.values_response({IGD + "X": "1"}),
               "GetRPCMethods": envelope.fault(9002, "Internal error")}
    device.run_session(answers=answers)
    assert task(acs.api, task_id)["state"] == "done"
    assert acs.api.get(f"/api/v1/faults?device={device.id}").json["faults"] == []


def test_without_the_setting_nobody_is_held(acs, device):
    device.run_session("1 BOOT")
    queue(acs.api, device.id, "GetRPCMethods")
    device.cookies = {}
    assert hold_of(device.inform("2 PERIODIC")) is None


# Who continues a session.

@pytest.fixture
def proved(start_acs):
    """A device in a session that has a task, on a server that asks for a digest."""
    acs = start_acs({"cwmp.auth": "digest"})
    device = acs.device(username="user", password=SECRET)
    put_credentials(acs, device, password=SECRET)
    assert device.inform("1 BOOT").status == 200
    return acs, device, queue(acs.api, device.id, "GetRPCMethods")


def silent(device, headers=None):
    """An empty POST as it is, without an answer to a challenge."""
    device.write(device.request(b"", headers))
    return device.read()


def test_a_new_connection_must_prove_itself_and_the_session_waits(proved):
    acs, device, task_id = proved
    device.connect()
    reply = silent(device, {"Authorization": None})
    assert reply.status == 401 and b"Envelope" not in reply.body
    reply = silent(device)
    assert reply.method == "GetRPCMethods"
    assert silent_answer(device, reply).status == 204
    assert task(acs.api, task_id)["state"] == "done"


def silent_answer(device, reply, headers=None):
    device.write(device.request(device.wrap(METHODS, id=reply.envelope.id), headers))
    return device.read()


def test_the_connection_that_was_proved_is_not_asked_again(proved):
    acs, device, task_id = proved
    reply = silent(device, {"Authorization": None})
    assert reply.method == "GetRPCMethods"
    assert silent_answer(device, reply, {"Authorization": None}).status == 204


@pytest.mark.parametrize("is_new", [False, True])
def test_what_is_said_to_prove_it_must_be_true(proved, is_new):
    acs, device, task_id = proved
    other = acs.device(username="other", password=OTHER)
    put_credentials(acs, other, username="other", password=OTHER)
    assert other.inform("1 BOOT").status == 200
    if is_new:
        device.connect()
    wrong = [other.authorization(), device.authorization(password="wrong"), "Basic dXNlcjpzZWNyZXQ=", "nonsense"]
    for header in wrong:
        assert silent(device, {"Authorization": header}).status == 401
    assert task(acs.api, task_id)["state"] == "queued"
    assert silent(device).method == "GetRPCMethods"


def test_an_old_nonce_goes_on_within_its_session(start_acs):
    acs = start_acs({"cwmp.auth": "digest", "cwmp.nonce_seconds": "1"})
    device = acs.device(username="user", password=SECRET)
    put_credentials(acs, device, password=SECRET)
    assert device.inform("1 BOOT").status == 200
    time.sleep(2.1)
    assert silent(device).status == 204


def test_a_device_without_cookies_that_closes_each_connection_is_known_by_its_digest(proved):
    acs, device, task_id = proved

    def come_back():
        device.cookies = {}
        device.connect()

    come_back()
    reply = silent(device)
    assert reply.method == "GetRPCMethods"
    come_back()
    assert silent(device, {"Authorization": None}).status == 401
    come_back()
    assert silent_answer(device, reply).status == 204
    assert task(acs.api, task_id)["state"] == "done"


def test_an_address_and_a_user_name_alone_open_no_session_and_break_none(proved):
    acs, device, task_id = proved
    device.cookies = {}
    reply = silent(device)
    assert reply.method == "GetRPCMethods"
    stranger = acs.device(username="user", password="guess")
    stranger.challenge = dict(device.challenge)
    for body in (b"", stranger.wrap(METHODS, id="wrong"), stranger.wrap(METHODS, id=reply.envelope.id), b"<garbage"):
        stranger.connect()
        stranger.write(stranger.request(body))
        assert stranger.read().status in (400, 401)
        assert task(acs.api, task_id)["state"] == "sent"
    device.cookies = {}
    assert silent_answer(device, reply).status == 204
    assert task(acs.api, task_id)["state"] == "done"


def test_a_cookie_alone_breaks_no_session(proved):
    acs, device, task_id = proved
    reply = silent(device)
    thief = acs.device()
    thief.cookies = dict(device.cookies)
    for body in (b"", thief.wrap(METHODS, id="wrong"), b"<garbage", thief.wrap("<cwmp:TransferComplete/>")):
        thief.connect()
        assert thief.post(body).status in (400, 401, 200)
        assert task(acs.api, task_id)["state"] == "sent"
    assert silent_answer(device, reply).status == 204
    assert task(acs.api, task_id)["state"] == "done"


def test_two_devices_of_one_user_name_are_told_apart_by_cookies_only(proved):
    acs, device, task_id = proved
    twin = acs.device(username="user", password=SECRET)
    put_credentials(acs, twin, password=SECRET)
    assert twin.inform("1 BOOT").status == 200
    for one in (device, twin):
        cookies, one.cookies = one.cookies, {}
        one.connect()
        assert silent(one).status == 400
        one.cookies = cookies
    device.connect()
    assert silent(device).method == "GetRPCMethods"


def test_without_authentication_a_stranger_without_cookie_gets_nothing(acs, device):
    device.inform("1 BOOT")
    queue(acs.api, device.id, "GetRPCMethods")
    device.cookies = {}
    device.connect()
    reply = device.empty()
    assert reply.status == 400 and b"Envelope" not in reply.body


def test_a_late_empty_post_without_cookie_is_204_too(device):
    device.inform("1 BOOT")
    for _ in range(3):
        device.cookies = {}
        assert device.empty().status == 204


@pytest.mark.parametrize("garbage", [b"hello", b"<html><body>502</body></html>", b"\0\1\2", b"<?xml version='1.0'?>"])
def test_garbage_within_a_session_is_refused_and_the_task_goes_out_again(acs, device, garbage):
    device.run_session("1 BOOT")
    task_id = queue(acs.api, device.id, "GetRPCMethods")
    reply = device.begin_session()
    assert reply.method == "GetRPCMethods"
    assert device.post(garbage).status == 400
    assert task(acs.api, task_id)["state"] != "done"
    device.run_session(answers={"GetRPCMethods": METHODS})
    assert task(acs.api, task_id)["state"] == "done"


@pytest.mark.parametrize("options,timeout,lives", [
    ({}, "", 2), ({}, "6", 6), ({"cwmp.session_idle_max_seconds": "3"}, "600", 3)])
def test_the_devices_session_timeout_counts_within_its_limits(start_acs, options, timeout, lives):
    acs = start_acs({"cwmp.session_idle_seconds": "2", **options})
    device = acs.device()
    header = f"<cwmp:SessionTimeout>{timeout}</cwmp:SessionTimeout>" if timeout else ""
    started = time.monotonic()
    device.inform("2 PERIODIC", header=header)
    wait_until(lambda: not acs.api.get("/api/v1/sessions").json["sessions"], 20, "the end of the session")
    assert lives <= time.monotonic() - started + 0.1 < lives + 3.5


# Several servers.

@pytest.fixture
def pair(start_acs):
    return start_acs(), start_acs()


def test_a_new_inform_at_another_server_supersedes_the_session(pair):
    first, second = pair
    device = first.device()
    device.run_session("1 BOOT")
    task_id = queue(first.api, device.id, "GetRPCMethods")
    reply = device.begin_session()
    assert reply.method == "GetRPCMethods"
    elsewhere = second.device(serial=device.identity[3])
    again = elsewhere.begin_session()
    assert again.method == "GetRPCMethods"
    stale = device.answer(reply, METHODS)
    assert stale.status == 400 and b"Envelope" not in stale.body
    assert task(first.api, task_id)["state"] == "sent"
    assert elsewhere.answer(again, METHODS).status == 204
    assert task(first.api, task_id)["state"] == "done"


def test_a_superseded_session_gets_no_task_of_the_other(pair):
    first, second = pair
    device = first.device()
    device.run_session("1 BOOT")
    device.cookies = {}
    device.inform("2 PERIODIC")
    elsewhere = second.device(serial=device.identity[3])
    assert elsewhere.inform("2 PERIODIC").status == 200
    queue(first.api, device.id, "GetRPCMethods")
    stale = device.empty()
    assert stale.status in (204, 400) and not stale.body.startswith(b"<")
    assert elsewhere.inform("2 PERIODIC").status == 200
    assert elsewhere.empty().method == "GetRPCMethods"


def test_a_cookie_of_another_server_is_no_session_here(pair):
    first, second = pair
    device = first.device()
    device.inform("1 BOOT")
    queue(first.api, device.id, "GetRPCMethods")
    lost = second.device(serial=device.identity[3])
    lost.cookies = dict(device.cookies)
    assert lost.empty().status == 400
    assert device.empty().method == "GetRPCMethods"


def test_many_devices_keep_their_own_sessions_over_one_connection_each(acs):
    devices = [acs.device() for _ in range(40)]
    for device in devices:
        device.run_session("1 BOOT")
    tasks = {device: queue(acs.api, device.id, "GetParameterValues", names=[IGD + "X"]) for device in devices}

    def session(device):
        answers = {"GetParameterValues": envelope.values_response({IGD + "X": device.identity[3]})}
        device.run_session(answers=answers)

    threads = [threading.Thread(target=session, args=(device,)) for device in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for device, task_id in tasks.items():
        (parameter,) = task(acs.api, task_id)["result"]["parameters"]
        assert parameter["value"] == device.identity[3]


# Namespaces.

def test_an_unknown_namespace_is_answered_as_it_is_and_logged(acs):
    device = acs.device(namespace="2-7")
    reply = device.inform("1 BOOT")
    assert (reply.method, reply.envelope.namespace) == ("InformResponse", "2-7")
    queue(acs.api, device.id, "GetRPCMethods")
    reply = device.empty()
    assert (reply.method, reply.envelope.namespace) == ("GetRPCMethods", "2-7")
    assert device.answer(reply, METHODS).status == 204
    assert "urn:dslforum-org:cwmp-2-7" in acs.output


def test_the_namespace_of_the_inform_counts_for_the_whole_session(acs, device):
    device.namespace = "1-2"
    device.inform("1 BOOT")
    device.namespace = "1-0"
    reply = device.send(envelope.transfer_complete("1.1"))
    assert (reply.method, reply.envelope.namespace) == ("TransferCompleteResponse", "1-2")
    reply = device.send("<cwmp:X_LAB_Unknown/>")
    assert (reply.method, reply.envelope.namespace) == ("Fault", "1-2")


# Redirects.

def test_every_device_may_be_sent_elsewhere_once_it_is_known(start_acs, database):
    target = "https://other.example:7548/cwmp?x=1"
    acs = start_acs({"cwmp.auth": "digest", "cwmp.redirect_url": target})
    device = acs.device(username="user", password=SECRET)
    put_credentials(acs, device, password=SECRET)
    stranger = acs.device().inform("1 BOOT")
    assert (stranger.status, stranger.headers["Location"]) == (401, None)
    reply = device.inform("1 BOOT")
    assert (reply.status, reply.headers["Location"], reply.headers["Set-Cookie"]) == (307, target, None)
    assert database.value("SELECT count(*) FROM device WHERE registered IS NOT NULL") == "0"


def test_the_agent_follows_a_redirect(start_acs, start_cpe, database):
    target = start_acs()
    front = start_acs({"cwmp.redirect_url": target.urls["cwmp"]})
    agent = start_cpe(front.urls["cwmp"], data_model=MODELS / "gateway-tr098.csv", once=True)
    assert agent.program.wait(60) == 0, agent.program.tail()
    assert database.value("SELECT count(*) FROM device WHERE registered IS NOT NULL") == "1"


# Client certificates.

@pytest.fixture
def authority(folder):
    return Authority(folder)


@pytest.fixture
def start_certified(start_acs, authority):
    certificate, key = authority.issue("acs.example")

    def start(**options):
        return start_acs({"cwmp.tls_listen": "127.0.0.1:0", "tls.certificate": str(certificate),
                          "tls.key": str(key), "tls.client_ca": str(authority.certificate), **options})

    return start


def certified(acs, authority, name, **options):
    """A device whose certificate calls it name(its identity)."""
    device = Device(acs.urls["cwmp_tls"], **options)
    device.tls = trusting(authority.certificate, *authority.issue(name(*device.identity[1:]), names=None))
    return device


@pytest.mark.parametrize("name", [
    lambda oui, product_class, serial: f"{oui}-{product_class}-{serial}",
    lambda oui, product_class, serial: f"{oui.lower()} {serial}",
    lambda oui, product_class, serial: f"{oui}-{product_class}%2D1-{serial}",
])
def test_a_certificate_lets_its_own_device_in(start_certified, authority, name):
    acs = start_certified()
    product_class = "Gateway-1" if "%2D" in name("", "", "") else "Gateway"
    device = certified(acs, authority, lambda o, _, s: name(o, "Gateway", s), product_class=product_class)
    assert device.inform("1 BOOT").status == 200
    assert device.empty().status == 204


def test_a_certificate_of_another_device_is_403(start_certified, authority, database):
    acs = start_certified()
    device = certified(acs, authority, lambda oui, _, serial: f"{oui}-{serial}1")
    assert device.inform("1 BOOT").status == 403
    assert database.value("SELECT count(*) FROM device") == "0"
    assert "the client certificate is another device's" in acs.output


def test_a_certificate_of_a_type_counts_only_where_it_is_listed(start_certified, authority):
    acs = start_certified()
    device = certified(acs, authority, lambda oui, product_class, _: f"{oui}-{product_class}")
    assert device.inform("1 BOOT").status == 403
    acs = start_certified(**{"tls.client_identity": "{oui}-{product_class}"})
    device.url = certified(acs, authority, lambda *_: "x").url
    device.close()
    assert device.inform("1 BOOT").status == 200


@pytest.mark.parametrize("is_enough,status", [("true", 200), ("false", 401)])
def test_a_certificate_stands_for_a_password_only_by_the_setting(start_certified, authority, is_enough, status):
    acs = start_certified(**{"cwmp.auth": "digest", "tls.client_certificate_is_enough": is_enough})
    device = certified(acs, authority, lambda oui, _, serial: f"{oui}-{serial}")
    assert device.inform("1 BOOT").status == status
    plain = acs.device()
    assert plain.inform("1 BOOT").status == 401


def test_a_session_is_continued_with_its_own_certificate_only(start_certified, authority):
    acs = start_certified()
    device = certified(acs, authority, lambda oui, _, serial: f"{oui}-{serial}")
    assert device.inform("1 BOOT").status == 200
    queue(acs.api, device.id, "GetRPCMethods")
    thief = certified(acs, authority, lambda oui, _, serial: f"{oui}-{serial}")
    thief.cookies = dict(device.cookies)
    assert thief.empty().status == 403
    device.connect()
    assert device.empty().method == "GetRPCMethods"


# Connection requests.

def test_a_busy_device_that_comes_by_itself_is_not_called_again(start_acs):
    acs = start_acs({"connection_request.retry_seconds": "20"})
    listener = Listener(busy=99)
    try:
        device = acs.device()
        device.run_session("1 BOOT", parameters={URL: listener.url})
        later = threading.Timer(1.5, device.run_session)
        later.start()
        started = time.monotonic()
        assert call(acs, device).status == 200
        assert time.monotonic() - started < 15
        later.join()
        assert len(listener.requests) == 1
    finally:
        listener.close()
