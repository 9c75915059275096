"""Who a device is: no authentication, Basic and Digest, and the credentials of the admin API."""

import time

import pytest

import envelope
import secret_log
from device import Device
from places import MODELS
from secret_log import NEW, SECRET
from steps import device_path, queue

PASSWORD = secret_log.new('pässword "1" ')


def put_credentials(acs, device, username="user", password=PASSWORD, **more):
    answer = acs.api.put(f"/api/v1/credentials/{device.id}",
                         {"username": username, "password": password, **more})
    assert answer.status in (200, 201, 204), answer
    return answer


@pytest.fixture
def digest_acs(start_acs):
    return start_acs({"cwmp.auth": "digest"})


@pytest.fixture
def known(digest_acs):
    """A device that has credentials."""
    device = digest_acs.device(username="user", password=PASSWORD)
    put_credentials(digest_acs, device)
    return device


def test_an_inform_without_credentials_is_challenged(digest_acs, database):
    device = digest_acs.device()
    reply = device.inform("1 BOOT")
    assert reply.status == 401
    assert b"Envelope" not in reply.body
    challenges = reply.headers.get_all("WWW-Authenticate")
    assert any(c.startswith("Digest ") and 'qop="auth"' in c for c in challenges)
    assert database.value("SELECT count(*) FROM device WHERE registered IS NOT NULL") == "0"


def test_the_right_digest_lets_the_device_in(known, database):
    assert known.inform("1 BOOT").method == "InformResponse"
    assert database.value("SELECT count(*) FROM device WHERE registered IS NOT NULL") == "1"
    assert known.empty().status == 204


def test_after_the_first_challenge_no_second_one_comes_in_the_session(known, digest_acs):
    known.inform("1 BOOT")
    queue(digest_acs.api, known.id, "GetRPCMethods")
    known.write(known.request(b""))
    reply = known.read()
    assert reply.status == 200
    known.write(known.request(known.wrap(envelope.methods_response(["Inform"]), id=reply.envelope.id)))
    assert known.read().status == 204


def test_a_nonce_serves_on_another_connection(known):
    known.inform("1 BOOT")
    known.connect()
    known.write(known.request(known.wrap(envelope.inform(known.identity))))
    assert known.read().status == 200


def test_a_wrong_password_is_refused(digest_acs, known):
    known.password = "wrong"
    assert known.inform("1 BOOT").status in (401, 403)


def test_credentials_of_another_device_are_refused(digest_acs, known, database):
    other = digest_acs.device(username="other", password=PASSWORD)
    put_credentials(digest_acs, other, username="other")
    known.username = "other"
    assert known.inform("1 BOOT").status in (401, 403)
    assert database.value("SELECT count(*) FROM device WHERE registered IS NOT NULL") == "0"


def test_an_unknown_device_is_refused(digest_acs, database):
    stranger = digest_acs.device(username="user", password=PASSWORD)
    assert stranger.inform("1 BOOT").status in (401, 403)
    assert database.value("SELECT count(*) FROM device") == "0"


@pytest.mark.parametrize("field,value", [("uri", "/elsewhere"), ("method", "GET")])
def test_a_digest_over_something_else_is_refused(known, field, value):
    known.write(known.request(known.wrap(envelope.inform(known.identity))))
    known.take_challenge(known.read())
    claim = {"uri": {"uri": value}, "method": {"method": value}}[field]
    header = known.authorization(**claim)
    if field == "uri":
        header = header.replace(f'uri="{value}"', 'uri="/"')
    body = known.wrap(envelope.inform(known.identity))
    known.write(known.request(body, {"Authorization": header}))
    assert known.read().status == 401


def test_a_digest_without_cnonce_is_refused_when_qop_was_offered(known):
    known.write(known.request(known.wrap(envelope.inform(known.identity))))
    known.take_challenge(known.read())
    header = known.authorization()
    header = ", ".join(p for p in header.split(", ") if not p.startswith(("cnonce=", "nc=")))
    known.write(known.request(known.wrap(envelope.inform(known.identity)), {"Authorization": header}))
    assert known.read().status in (400, 401)


def test_a_foreign_nonce_is_challenged_anew(known):
    known.write(known.request(known.wrap(envelope.inform(known.identity))))
    known.take_challenge(known.read())
    known.challenge["nonce"] = "forged" + known.challenge["nonce"][6:]
    known.write(known.request(known.wrap(envelope.inform(known.identity))))
    assert known.read().status == 401


def test_an_old_nonce_is_stale_and_the_session_goes_on_with_a_new_one(start_acs):
    acs = start_acs({"cwmp.auth": "digest", "cwmp.nonce_seconds": "1"})
    device = acs.device(username="user", password=PASSWORD)
    put_credentials(acs, device)
    assert device.inform("1 BOOT").status == 200
    time.sleep(2.1)
    device.cookies = {}
    device.connect()
    device.write(device.request(device.wrap(envelope.inform(device.identity))))
    reply = device.read()
    assert reply.status == 401
    assert "stale=true" in reply.headers["WWW-Authenticate"].lower()
    assert device.inform("2 PERIODIC").status == 200


def test_a_cookie_without_authorization_never_reaches_another_devices_session(digest_acs, known):
    known.inform("1 BOOT")
    queue(digest_acs.api, known.id, "GetRPCMethods")
    thief = digest_acs.device()
    thief.cookies = dict(known.cookies)
    assert thief.inform("2 PERIODIC").status == 401


def test_basic_is_not_accepted_where_it_is_not_configured(digest_acs, known):
    known.challenge = {"scheme": "Basic"}
    known.write(known.request(known.wrap(envelope.inform(known.identity))))
    assert known.read().status == 401


def test_basic_is_not_asked_for_over_plain_http(start_acs):
    acs = start_acs({"cwmp.auth": "basic"})
    device = acs.device(username="user", password=SECRET)
    put_credentials(acs, device, password=SECRET)
    device.challenge = {"scheme": "Basic"}
    device.write(device.request(device.wrap(envelope.inform(device.identity))))
    reply = device.read()
    assert reply.status == 401
    assert not any(c.startswith("Basic") for c in reply.headers.get_all("WWW-Authenticate"))


def test_basic_over_plain_http_needs_the_explicit_setting(start_acs):
    acs = start_acs({"cwmp.auth": "basic", "cwmp.basic_over_http": "true"})
    device = acs.device(username="user", password=SECRET)
    put_credentials(acs, device, password=SECRET)
    assert device.inform("1 BOOT").method == "InformResponse"
    device.password = "wrong"
    device.cookies = {}
    device.close()
    assert device.inform("1 BOOT").status == 401


def test_credentials_create_a_device_that_is_not_registered_yet(digest_acs):
    device = digest_acs.device(username="user", password=PASSWORD)
    put_credentials(digest_acs, device)
    found = digest_acs.api.get(device_path(device.id)).json
    assert (found["registered"], found["last_inform"]) == (None, None)


def test_passwords_never_come_back(digest_acs, database):
    device = digest_acs.device()
    answer = put_credentials(digest_acs, device, password="Secret-Number-One",
                             connection_request_username="cr",
                             connection_request_password="Secret-Number-Two")
    told = answer.body + digest_acs.api.get(device_path(device.id)).body
    told += digest_acs.api.get(f"/api/v1/credentials/{device.id}").body
    told += str(database.query("SELECT * FROM credential")).encode()
    told += str(database.query("SELECT * FROM audit")).encode()
    told += digest_acs.output.encode()
    assert b"Secret-Number" not in told


def test_new_credentials_replace_the_old_ones(digest_acs, known):
    put_credentials(digest_acs, known, username="user", password=NEW)
    assert known.inform("1 BOOT").status in (401, 403)
    known.password, known.challenge = NEW, None
    known.close()
    assert known.inform("1 BOOT").status == 200


def test_the_agent_authenticates_with_digest(digest_acs, start_cpe, database):
    device = Device(digest_acs.urls["cwmp"], product_class="Agent")
    put_credentials(digest_acs, device, password=SECRET)
    agent = start_cpe(digest_acs.urls["cwmp"], data_model=MODELS / "gateway-tr098.csv",
                      oui=device.identity[1], product_class="Agent", serial=device.identity[3],
                      username="user", password=SECRET, once=True)
    assert agent.program.wait(60) == 0, agent.program.tail()
    assert database.value("SELECT count(*) FROM device WHERE registered IS NOT NULL") == "1"
