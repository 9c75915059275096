"""Who belongs: credentials that devices share and those of their own, answers that were overheard, blocked and unknown devices.

Devices of one test have an OUI of their own, so that one server does for most tests.
"""

import shutil
import tempfile
from itertools import count
from pathlib import Path

import pytest

import envelope
from conftest import end
from device import Device
from fleet import Fleet
from lab.programs import wait_until
from lab.prometheus import metrics
from places import BINARIES, MODELS
from running_server import DEFAULTS, RunningServer
from sanitizers import Sanitizers
from secret_log import OTHER, SECRET
from steps import device_path, queue, task, task_states

MANAGEMENT = "InternetGatewayDevice.ManagementServer."
SHARED_NAME, SHARED_PASSWORD = "everybody", "known to everybody"
ouis = count(0xA00000)


@pytest.fixture(scope="module")
def identities(template, request):
    """A server that asks for Digest, and its database."""
    folder = Path(tempfile.mkdtemp(prefix="acs-identities-", dir="/tmp"))
    sanitizers = Sanitizers(folder)
    database = template.copy()
    options = {**DEFAULTS, "data.dir": str(folder / "data"), "database.url": database.url, "cwmp.auth": "digest",
               "audit.refusals_per_minute": "10000"}
    server = RunningServer(BINARIES / "acs", options, folder / "acs.log", sanitizers.environment)
    server.serve(template.tokens["admin"])
    server.database = database
    server.api.put("/api/v1/onboarding", {"tasks": []})
    yield server
    end([server], sanitizers, request)
    template.cluster.drop(database.name)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def acs(identities):
    return identities


@pytest.fixture
def oui():
    return f"{next(ouis):06X}"


def put_class(acs, oui, **settings):
    answer = acs.api.put(f"/api/v1/device-classes/{oui}", {"oui": oui, **settings})
    assert answer.status in (200, 201), answer
    return answer.json


@pytest.fixture
def shared(acs, oui):
    """make(): a device of a class whose devices share a credential."""
    put_class(acs, oui, username=SHARED_NAME, password=SHARED_PASSWORD)
    return lambda **options: acs.device(oui=oui, username=SHARED_NAME, password=SHARED_PASSWORD, **options)


def bootstrap(device, answers=None):
    """Begins afresh, as after a reset; returns what ReplaceCredentials told the device, or None."""
    device.challenge = None
    taken = {}

    def take(request):
        taken.update({name.removeprefix(MANAGEMENT): value for name, value, _ in request.parameters})
        return envelope.status_response("SetParameterValues")

    device.run_session("0 BOOTSTRAP", answers={"SetParameterValues": take, **(answers or {})})
    return (taken["Username"], taken["Password"]) if taken else None


def use(device, username, password):
    device.username, device.password, device.challenge = username, password, None


def is_let_in(device, *events):
    device.close()
    device.cookies, device.challenge = {}, None
    status = device.inform(*(events or ("2 PERIODIC",))).status
    device.close()
    assert status in (200, 401), status
    return status == 200


def credential(acs, device):
    return acs.api.get(f"/api/v1/credentials/{device.id}").json


# Onboarding with a shared credential.

def test_a_shared_credential_is_replaced_at_bootstrap_by_one_of_the_devices_own(acs, shared):
    one, other = shared(), shared()
    own, others = bootstrap(one), bootstrap(other)
    assert own and others and own[0] != others[0] and own[1] != others[1]
    assert len(own[1]) >= 20
    use(one, *own)
    assert is_let_in(one)
    use(one, SHARED_NAME, SHARED_PASSWORD)
    assert not is_let_in(one), "the shared credential speaks for a device that has its own"
    use(one, *others)
    assert not is_let_in(one), "one device's credential speaks for another"


def test_the_old_pair_counts_until_the_device_has_used_the_new_one(acs, shared):
    device = shared()
    own = bootstrap(device)
    assert is_let_in(device) and is_let_in(device)
    assert credential(acs, device)["username"] is None and credential(acs, device)["next_username"] == own[0]
    use(device, *own)
    assert is_let_in(device) and is_let_in(device)
    assert credential(acs, device)["username"] == own[0] and credential(acs, device)["next_username"] is None


def test_a_device_that_was_interrupted_is_told_the_same_pair_again(acs, shared):
    device = shared()
    first = device.begin_session("0 BOOTSTRAP")
    assert first.method == "SetParameterValues"
    told = {name.removeprefix(MANAGEMENT): value for name, value, _ in first.envelope.parameters}
    device.hang_up()
    assert bootstrap(device) == (told["Username"], told["Password"])
    use(device, told["Username"], told["Password"])
    assert is_let_in(device)


def test_a_device_may_use_its_new_pair_in_the_same_session(acs, shared):
    device = shared()
    queue_first = device.begin_session("0 BOOTSTRAP")
    told = {name.removeprefix(MANAGEMENT): value for name, value, _ in queue_first.envelope.parameters}
    device.username, device.password = told["Username"], told["Password"]
    device.connect()
    assert device.answer(queue_first, envelope.status_response("SetParameterValues")).status == 204


def test_a_device_that_takes_no_credentials_goes_on_with_the_shared_one(acs, shared):
    device = shared()
    refusal = envelope.fault(9003, "Invalid arguments", parameters=[(MANAGEMENT + "Username", 9008, "read-only")])
    bootstrap(device, {"SetParameterValues": refusal})
    assert task_states(acs.api, device.id) == ["failed"]
    assert is_let_in(device)


def test_credentials_of_the_operators_are_not_replaced(acs, shared):
    device = shared()
    acs.api.put(f"/api/v1/credentials/{device.id}", {"username": "label", "password": OTHER})
    assert not is_let_in(device)
    use(device, "label", OTHER)
    assert bootstrap(device) is None
    assert is_let_in(device)


def test_the_password_on_its_way_is_nowhere_in_clear(acs, shared):
    device = shared()
    username, password = bootstrap(device)
    assert acs.database.value("SELECT next_password IS NOT NULL FROM credential WHERE next_username = :'u'",
                              u=username) == "t"
    for table in ("task", "parameter", "credential", "setting", "audit", "event"):
        assert password not in str(acs.database.query(f"SELECT * FROM {table}")), table
    assert password not in acs.output
    assert SHARED_PASSWORD not in str(acs.database.query("SELECT * FROM device_class")) + acs.output
    assert SHARED_PASSWORD not in acs.api.get("/api/v1/device-classes").body.decode()


# Reset, and reopened.

def own_device(acs, shared):
    device = shared()
    use(device, *bootstrap(device))
    assert is_let_in(device)
    return device


def reset(device):
    use(device, SHARED_NAME, SHARED_PASSWORD)


def test_within_a_day_of_our_factory_reset_the_shared_credential_counts_again(acs, shared):
    device = own_device(acs, shared)
    queue(acs.api, device.id, "FactoryReset")
    before = device.username
    device.run_session(answers={"FactoryReset": envelope.empty_response("FactoryReset")})
    assert is_let_in(device), "it may come once more before it resets itself"
    reset(device)
    own = bootstrap(device)
    assert own and own[0] != before
    assert is_let_in(device)
    use(device, *own)
    assert is_let_in(device)
    reset(device)
    assert not is_let_in(device), "it has its own again, so the window is closed"


def test_a_day_after_our_factory_reset_the_shared_credential_counts_no_more(acs, shared):
    device = own_device(acs, shared)
    queue(acs.api, device.id, "FactoryReset")
    device.run_session(answers={"FactoryReset": envelope.empty_response("FactoryReset")})
    reset(device)
    assert is_let_in(device)
    acs.database.query("UPDATE credential SET reopened_until = reopened_until - interval '24 hours'")
    assert not is_let_in(device)


def test_a_factory_reset_that_the_device_refuses_lets_no_shared_credential_in(acs, shared):
    device = own_device(acs, shared)
    queue(acs.api, device.id, "FactoryReset")
    device.run_session(answers={"FactoryReset": envelope.fault(9003)})
    assert credential(acs, device)["reopened_until"] is None
    queue(acs.api, device.id, "FactoryReset")  # and one that is not even sent
    acs.database.query("UPDATE device SET refused_methods = '{FactoryReset}' WHERE id = :'id'", id=device.id)
    device.run_session()
    assert credential(acs, device)["reopened_until"] is None
    reset(device)
    assert not is_let_in(device)


def test_a_reset_that_is_not_ours_is_refused_until_an_operator_reopens_the_device(acs, shared):
    device = own_device(acs, shared)
    before = device.username
    reset(device)
    assert not is_let_in(device, "0 BOOTSTRAP")
    answer = acs.api.post(f"/api/v1/credentials/{device.id}/reopen", {"hours": 2})
    assert answer.status == 200 and answer.json["reopened_until"]
    own = bootstrap(device)
    assert own[0] != before
    use(device, *own)
    assert is_let_in(device)
    assert credential(acs, device)["reopened_until"] is None
    assert acs.api.post(f"/api/v1/credentials/{device.id}/reopen", {"hours": 0}).status == 400
    assert acs.api.post("/api/v1/credentials/00D09E-None-1/reopen", {}).status == 404


def test_a_shared_credential_is_good_for_its_class_only_and_ends_with_it(acs, shared, oui):
    device = shared()
    assert is_let_in(device) and is_let_in(device)
    assert not is_let_in(acs.device(oui="00D09E", username=SHARED_NAME, password=SHARED_PASSWORD))
    assert acs.api.delete(f"/api/v1/device-classes/{oui}").status == 204
    assert not is_let_in(device)


def test_an_unchanged_inform_of_a_shared_device_is_a_touch(acs, shared):
    device = shared()
    assert is_let_in(device) and is_let_in(device)
    before = metrics(acs.api)
    assert is_let_in(device)
    after = metrics(acs.api)
    for cache in ("inform", "credential"):
        assert after("acs_cache_hits_total", cache=cache) == before("acs_cache_hits_total", cache=cache) + 1


def test_the_agent_takes_its_own_credentials(acs, start_cpe, oui):
    put_class(acs, oui, username=SHARED_NAME, password=SHARED_PASSWORD)
    agent = start_cpe(acs.urls["cwmp"], data_model=MODELS / "gateway-tr098.csv", oui=oui, product_class="", serial="1",
                      username=SHARED_NAME, password=SHARED_PASSWORD, periodic_interval=1)
    path = f"/api/v1/credentials/{oui}-1"
    taken = wait_until(lambda: acs.api.get(path).json.get("username"), 30, "the agent's own credential")
    assert agent.saved()["tree"]["values"][MANAGEMENT + "Username"] == taken != SHARED_NAME


def test_a_fleet_changes_to_credentials_of_its_own_and_no_session_fails(acs, folder, sanitizers, oui):
    put_class(acs, oui, username=SHARED_NAME, password=SHARED_PASSWORD)
    fleet = Fleet(folder / "fleet", acs.urls["cwmp"], 20, sanitizers.environment, oui=oui, product_class="", sessions=60,
                  concurrency=5, username=SHARED_NAME, password=SHARED_PASSWORD, mix="bootstrap=100")
    assert fleet.finish()["sessions"] == {"ok": 60, "failed": 0}
    used, given = [acs.database.value(f"SELECT count(DISTINCT {column}) FROM credential JOIN device USING (device_id)"
                                      " WHERE oui = :'oui'", oui=oui) for column in ("username", "next_username")]
    seen = acs.database.value("SELECT count(*) FROM device WHERE oui = :'oui'", oui=oui)
    assert int(used) > 0 and int(used) + int(given) == int(seen)


# Classes.

def test_classes_say_how_their_devices_prove_themselves(acs, oui):
    device = acs.device(oui=oui)
    assert device.inform().status == 401
    put_class(acs, oui, auth="none")
    assert is_let_in(device)
    other = acs.device()
    assert other.inform().status == 401, "other devices are asked as before"
    put_class(acs, oui, auth="digest")
    assert not is_let_in(device)


def test_one_device_may_be_a_class(acs, oui):
    device, neighbour = acs.device(oui=oui), acs.device(oui=oui)
    put_class(acs, oui, serial_number=device.identity[3], auth="none")
    assert is_let_in(device) and not is_let_in(neighbour)


def test_basic_of_a_class_is_digest_over_plain_http(acs, oui):
    put_class(acs, oui, auth="basic", username="u", password=SECRET)
    device = acs.device(oui=oui, username="u", password=SECRET)
    reply = device.inform()
    assert reply.status == 200 and device.challenge["scheme"] == "Digest"
    device.cookies, device.challenge = {}, {"scheme": "Basic"}
    device.close()
    device.write(device.request(device.wrap(envelope.inform(device.identity))))
    assert device.read().status == 401


def test_what_a_body_tells_beyond_its_identity_chooses_no_class(acs, oui):
    put_class(acs, oui, auth="none")
    stranger = acs.device(manufacturer=oui)
    assert not is_let_in(stranger)


@pytest.mark.parametrize("body,field", [
    ({"auth": "md5"}, "auth"), ({"unknown": "perhaps"}, "unknown"), ({"username": "u"}, "password"),
    ({"nonce_counter": "no"}, "nonce_counter"), ({"position": -1}, "position"), ({"colour": "red"}, "colour"),
    ({"username": "a:b", "password": SECRET}, "username")])
def test_a_class_that_makes_no_sense_is_refused(acs, body, field):
    answer = acs.api.put("/api/v1/device-classes/nonsense", body)
    assert answer.status == 400 and field in answer.body.decode()


# Answers that were overheard.

@pytest.fixture
def known(acs):
    device = acs.device(username="user", password=SECRET)
    acs.api.put(f"/api/v1/credentials/{device.id}", {"username": "user", "password": SECRET})
    return device


def again(device, header, cookies=None):
    """Another peer sends the Authorization header that it overheard, with an Inform of its own."""
    thief = Device(device.url.geturl(), serial=device.identity[3])
    thief.cookies = dict(cookies or {})
    thief.write(thief.request(thief.wrap(envelope.inform(device.identity)), {"Authorization": header}))
    reply = thief.read()
    thief.close()
    return reply


def test_an_answer_that_was_overheard_is_good_for_nothing(known):
    known.inform("2 PERIODIC")
    header = known.authorization()
    body = known.wrap(envelope.inform(known.identity))
    known.connect()
    known.cookies = {}
    known.write(known.request(body, {"Authorization": header}))
    assert known.read().status == 200
    reply = again(known, header)
    assert reply.status == 401
    assert "stale=true" in reply.headers["WWW-Authenticate"]


def test_an_answer_overheard_within_a_session_is_good_for_nothing(known):
    known.inform("2 PERIODIC")
    header = known.authorization()
    known.write(known.request(b"", {"Authorization": header}))
    assert known.read().status == 204
    assert again(known, header).status == 401


def test_requests_of_one_nonce_may_overtake_each_other(known):
    known.inform("2 PERIODIC")
    first, second = known.authorization(), known.authorization()
    assert again(known, second).status == 200
    assert again(known, first).status == 200


def test_a_device_that_never_counts_gets_through_its_session(known, acs):
    """It repeats one header in all its requests; only on its own connection that is let pass."""
    queue(acs.api, known.id, "GetRPCMethods")
    known.inform("2 PERIODIC")
    known.nonce_count -= 1
    header = known.authorization()
    known.write(known.request(b"", {"Authorization": header}))
    reply = known.read()
    assert reply.method == "GetRPCMethods"
    body = known.wrap(envelope.methods_response(["Inform"]), id=reply.envelope.id)
    known.write(known.request(body, {"Authorization": header}))
    assert known.read().status == 204


def test_a_class_may_be_excused_from_counting(known, acs, oui):
    put_class(acs, oui, serial_number=known.identity[3], nonce_counter=False)
    acs.api.put(f"/api/v1/device-classes/{oui}", {"serial_number": known.identity[3], "nonce_counter": False})
    known.inform("2 PERIODIC")
    header = known.authorization()
    assert again(known, header).status == 200
    assert again(known, header).status == 200
    acs.api.delete(f"/api/v1/device-classes/{oui}")
    assert again(known, header).status in (200, 401)
    assert again(known, header).status == 401


# Blocked and quarantined.

def admit(acs, device, admission):
    answer = acs.api.patch(device_path(device.id), {"admission": admission})
    assert answer.status == 200 and answer.json["admission"] == admission, answer


@pytest.fixture
def open_device(acs, oui):
    """A device that need not prove itself."""
    put_class(acs, oui, auth="none")
    return acs.device(oui=oui)


def test_a_blocked_device_is_refused_and_what_it_tells_is_not_stored(acs, known, open_device):
    for device in (known, open_device):
        assert is_let_in(device) and is_let_in(device)
        admit(acs, device, "blocked")
        before = acs.api.get(device_path(device.id)).json["last_inform"]
        device.challenge = None
        assert device.inform("1 BOOT").status == 403
        device.close()
        device.challenge = None
        assert device.inform().status == 403
        assert acs.api.get(device_path(device.id)).json["last_inform"] == before
        assert [d["id"] for d in acs.api.pages("/api/v1/devices?admission=blocked", "devices")] == [device.id]
        admit(acs, device, "active")
        device.close()
        assert is_let_in(device)


def test_blocking_a_device_ends_its_session(acs, open_device):
    open_device.inform()
    queue(acs.api, open_device.id, "Reboot")
    admit(acs, open_device, "blocked")
    assert open_device.empty().status == 400


def test_a_quarantined_device_is_heard_and_nothing_is_sent_to_it(acs, open_device):
    open_device.run_session()
    admit(acs, open_device, "quarantined")
    waiting = queue(acs.api, open_device.id, "GetRPCMethods")
    assert open_device.run_session("1 BOOT") == []
    assert open_device.run_session("2 PERIODIC") == []
    assert task(acs.api, waiting)["state"] == "queued"
    answer = acs.api.post(device_path(open_device.id, "/connection-request"))
    assert answer.status == 504 and "quarantined" in answer.body.decode()
    admit(acs, open_device, "active")
    answers = {"GetRPCMethods": envelope.methods_response(["Inform"])}
    assert [r.method for r in open_device.run_session(answers=answers)] == ["GetRPCMethods"]


def test_unknown_devices_may_be_quarantined_and_are_onboarded_once_they_are_admitted(acs, oui):
    put_class(acs, oui, auth="none", unknown="quarantine")
    acs.api.put("/api/v1/onboarding", {"tasks": [{"method": "GetRPCMethods"}]})
    device = acs.device(oui=oui)
    assert device.run_session("0 BOOTSTRAP") == []
    acs.api.put("/api/v1/onboarding", {"tasks": []})
    assert acs.api.get(device_path(device.id)).json["admission"] == "quarantined"
    admit(acs, device, "active")
    answers = {"GetRPCMethods": envelope.methods_response(["Inform"])}
    assert len(device.run_session("2 PERIODIC", answers=answers)) == 1


def test_unknown_devices_may_be_refused_unless_they_were_registered(acs, oui):
    put_class(acs, oui, auth="none", unknown="refuse")
    stranger, expected = acs.device(oui=oui), acs.device(oui=oui)
    assert stranger.inform("0 BOOTSTRAP").status == 403
    assert acs.api.get(device_path(stranger.id)).status == 404
    register(acs, expected, tags=["batch 7"])
    shown = acs.api.get(device_path(expected.id)).json
    assert shown["registered"] is None and shown["tags"] == ["batch 7"]
    assert expected.inform("0 BOOTSTRAP").status == 200
    assert acs.api.get(device_path(expected.id)).json["registered"]


def refusals(acs, device):
    """Why the audit says that the device was refused."""
    rows = acs.database.query("SELECT detail ->> 'why' FROM audit WHERE outcome = 'refused' AND device = :'id'"
                              " AND (actor, target) = ('unknown', device)", id=device.id)
    return [why for (why,) in rows]


def test_a_refused_device_is_audited(acs, shared, oui):
    device = own_device(acs, shared)
    reset(device)
    assert not is_let_in(device)
    put_class(acs, oui, auth="none", unknown="refuse")
    stranger = acs.device(oui=oui)
    assert stranger.inform().status == 403
    wait_until(lambda: refusals(acs, stranger) == ["the device is not admitted"], 10, "the stranger in the audit")
    assert refusals(acs, device) == ["a shared credential, of a device that has its own"]


def identity(device):
    return dict(zip(("oui", "product_class", "serial_number"), device.identity[1:]))


def register(acs, *devices, **more):
    answer = acs.api.post("/api/v1/devices", {"devices": [identity(d) for d in devices], **more})
    assert answer.status == 200, answer
    return answer.json


def test_many_devices_are_registered_at_once(acs, oui):
    devices = [acs.device(oui=oui) for _ in range(200)]
    assert register(acs, *devices, devices[0]) == {"created": 200, "known": 1}
    assert register(acs, *devices[:2]) == {"created": 0, "known": 2}
    assert len(list(acs.api.pages(f"/api/v1/devices?oui={oui}&limit=100", "devices"))) == 200


def test_a_device_may_be_blocked_before_it_comes(acs, oui):
    put_class(acs, oui, auth="none")
    device = acs.device(oui=oui)
    register(acs, device, admission="blocked")
    assert device.inform("0 BOOTSTRAP").status == 403


@pytest.mark.parametrize("body,field", [
    ({"devices": []}, "devices"), ({"devices": [{"oui": "00D09E"}]}, "devices[0].serial_number"),
    ({"devices": [{"oui": "00D09E", "serial_number": ""}]}, "1 to 255 bytes"),
    ({"devices": [{"oui": "00D09E", "product_class": "x" * 256, "serial_number": "1"}]}, "0 to 255 bytes"),
    ({"devices": [{"oui": "00D09E", "serial_number": "1"}], "admission": "perhaps"}, "admission")])
def test_a_registration_that_makes_no_sense_is_refused(acs, body, field):
    answer = acs.api.post("/api/v1/devices", body)
    assert answer.status == 400 and field in answer.body.decode()


# Several nodes, and nodes that die.

def two_nodes(start_acs, **options):
    one, other = [start_acs({"cwmp.auth": "digest", "server.loops": "1", **options}) for _ in range(2)]
    one.api.put("/api/v1/onboarding", {"tasks": []})
    return one, other


def at(acs, device):
    """The same device, come to that node."""
    moved = Device(acs.urls["cwmp"], serial=device.identity[3], oui=device.identity[1], username=device.username,
                   password=device.password)
    moved.challenge, moved.nonce_count = device.challenge, device.nonce_count
    return moved


def test_nodes_agree_on_who_a_device_is(start_acs, oui):
    one, other = two_nodes(start_acs)
    put_class(one, oui, username=SHARED_NAME, password=SHARED_PASSWORD)
    device = one.device(oui=oui, username=SHARED_NAME, password=SHARED_PASSWORD)
    own = bootstrap(device)
    there = at(other, device)
    wait_until(lambda: is_let_in(there), 10, "the class on the other node")
    assert is_let_in(device) and is_let_in(there)
    use(there, *own)
    assert is_let_in(there)
    assert not is_let_in(device), "this node has not heard of the device's own credential"
    admit(one, device, "blocked")
    there.challenge, there.cookies = None, {}
    assert there.inform().status == 403


def test_with_nonces_of_its_own_a_node_takes_no_answer_that_another_has_seen(start_acs):
    one, other = two_nodes(start_acs, **{"cwmp.shared_nonces": "false"})
    device = one.device(username="user", password=SECRET)
    one.api.put(f"/api/v1/credentials/{device.id}", {"username": "user", "password": SECRET})
    device.inform()
    overheard = device.authorization()
    reply = again(at(other, device), overheard)
    assert reply.status == 401 and "stale=true" in reply.headers["WWW-Authenticate"]
    there = at(other, device)
    assert there.inform().status == 200
    thief = at(other, device)
    thief.cookies = there.cookies
    thief.write(thief.request(b"", {"Authorization": overheard}))
    assert thief.read().status == 401
    assert there.empty().status == 204


def test_a_server_that_dies_while_credentials_are_replaced_locks_nobody_out(start_acs, oui):
    acs = start_acs({"cwmp.auth": "digest", "server.loops": "1"})
    acs.api.put("/api/v1/onboarding", {"tasks": []})
    put_class(acs, oui, username=SHARED_NAME, password=SHARED_PASSWORD)
    quick, slow = [acs.device(oui=oui, username=SHARED_NAME, password=SHARED_PASSWORD) for _ in range(2)]
    told = []
    for device in (quick, slow):
        request = device.begin_session("0 BOOTSTRAP").envelope
        told.append({name.removeprefix(MANAGEMENT): value for name, value, _ in request.parameters})
    acs.program.kill()
    acs.restart()
    use(quick, told[0]["Username"], told[0]["Password"])
    assert is_let_in(quick)
    slow.close()
    assert bootstrap(slow) == (told[1]["Username"], told[1]["Password"])


def test_basic_is_asked_of_the_classes_that_want_it(start_acs, oui):
    acs = start_acs({"cwmp.auth": "digest", "cwmp.basic_over_http": "true", "server.loops": "1"})
    put_class(acs, oui, auth="basic", username="u", password=SECRET)
    simple, other = acs.device(oui=oui, username="u", password=SECRET), acs.device(username="u", password=SECRET)
    acs.api.put(f"/api/v1/credentials/{other.id}", {"username": "u", "password": SECRET})
    offered = [c.partition(" ")[0] for c in acs.device(oui=oui).inform().headers.get_all("WWW-Authenticate")]
    assert offered == ["Digest", "Digest", "Basic"], "before it is known who comes, all is offered"
    for device in (simple, other):
        device.challenge = {"scheme": "Basic"}
        device.write(device.request(device.wrap(envelope.inform(device.identity))))
    assert simple.read().status == 200
    reply = other.read()
    assert reply.status == 401
    assert [c.partition(" ")[0] for c in reply.headers.get_all("WWW-Authenticate")] == ["Digest", "Digest"]
