"""Devices found by a parameter's value: the index that the first question asks for, and what keeps it true."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.api import Api, path_part
from lab.programs import wait_until

NAME = "InternetGatewayDevice.DeviceInfo.ProvisioningCode"
OTHER = "InternetGatewayDevice.DeviceInfo.HardwareVersion"
QUICK = {"server.sweep_seconds": "1"}
LIST = "/api/v1/searched-parameters"
# Devices that were stored before anybody searched, so many that the walk takes several steps.
SEED = """
INSERT INTO device (device_id, id, oui, product_class, serial_number)
	SELECT n, 'seed-' || n, '00D09E', 'Seed', n::text FROM generate_series(1, 1200) n;
INSERT INTO parameter (device_id, path_id, value)
	SELECT n, path_id, CASE WHEN n % 3 = 0 THEN 'third' ELSE 'value ' || n END
	FROM generate_series(1, 1200) n, path WHERE name = :'name'"""
# What a value's hash must be.
WRONG = """
SELECT count(*) FROM parameter p LEFT JOIN searched_parameter USING (path_id)
WHERE value_hash IS DISTINCT FROM CASE WHEN state IS NOT NULL THEN hashtextextended(value, 0) END"""
SLEEPERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"


@pytest.fixture
def acs(start_acs):
    return start_acs(QUICK)


@pytest.fixture
def told(device):
    """One device has told the parameters."""
    device.run_session("1 BOOT", parameters={NAME: "own", OTHER: "first"})
    return device


def find(api, value, name=NAME, more=""):
    return [d["id"] for d in api.pages(f"/api/v1/devices?parameter.{name}={path_part(value)}{more}", "devices")]


def searched(api):
    return {p["name"]: p for p in api.get(LIST).json["searched_parameters"]}


def wait_ready(api, name=NAME):
    wait_until(lambda: searched(api).get(name, {}).get("state") == "ready", 20, "no index became ready")
    return searched(api)[name]


def prepare(api, name=NAME):
    assert api.put(f"{LIST}/{name}").status in (200, 201)
    return wait_ready(api, name)


def test_the_first_question_is_answered_and_has_the_index_made(api, told, database):
    database.query(SEED, name=NAME)
    assert searched(api) == {}
    assert find(api, "value 7") == ["seed-7"]
    assert len(find(api, "third")) == 400
    found = wait_ready(api)
    assert found["values"] == 1201
    assert database.value(WRONG) == "0"
    assert find(api, "value 7") == ["seed-7"]
    assert len(find(api, "third")) == 400
    assert find(api, "own") == [told.id]
    assert find(api, "none") == []
    noted = database.value("SELECT detail FROM audit WHERE action = 'GET /api/v1/devices'")
    assert noted == f'{{"searched": ["{NAME}"]}}'


def test_values_that_change_are_found_by_what_they_are(api, told, database):
    prepare(api)
    told.run_session("2 PERIODIC", parameters={NAME: "new", OTHER: "second"})
    assert find(api, "new") == [told.id]
    assert find(api, "own") == []
    assert database.value(WRONG) == "0"
    assert database.value(f"SELECT count(*) FROM parameter JOIN path USING (path_id) WHERE name = '{OTHER}'"
                          " AND value_hash IS NULL") == "1"


def test_what_new_devices_tell_is_found_at_once(api, acs, told):
    prepare(api)
    stranger = acs.device()
    stranger.run_session("0 BOOTSTRAP", parameters={NAME: "strange"})
    assert find(api, "strange") == [stranger.id]
    assert api.delete(f"/api/v1/devices/{stranger.id}").status == 204
    assert find(api, "strange") == []


def test_a_hash_that_two_values_share_deceives_nobody(api, told, database):
    prepare(api)
    database.query("UPDATE parameter SET value_hash = hashtextextended('other', 0) WHERE value_hash IS NOT NULL")
    assert find(api, "other") == []


def test_of_several_parameters_one_that_is_ready_leads(api, told):
    prepare(api, OTHER)
    assert find(api, "own", more=f"&parameter.{OTHER}=first") == [told.id]
    assert find(api, "own", more=f"&parameter.{OTHER}=second") == []
    assert set(searched(api)) == {NAME, OTHER}


@pytest.fixture
def in_background(database):
    """in_background(sql): does that in a transaction, which is committed when the function given back is called."""
    def begin(sql):
        thread.submit(database.query, f"BEGIN; {sql}; SAVEPOINT asleep;\n\\set ON_ERROR_STOP off\n"
                                      "SELECT pg_sleep(60); ROLLBACK TO asleep; COMMIT")
        wait_until(lambda: database.value(SLEEPERS) == "1", 10, "the transaction does not sleep")
        return lambda: database.query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                                      " WHERE datname = current_database() AND wait_event = 'PgSleep'")

    with ThreadPoolExecutor(1) as thread:
        yield begin


def test_a_walk_that_broke_off_goes_on_where_it_was(start_acs, database, in_background):
    first = start_acs(QUICK)
    first.device().run_session("1 BOOT", parameters={NAME: "own"})
    database.query(SEED, name=NAME)
    let_go = in_background("SELECT * FROM parameter WHERE device_id = 700 FOR UPDATE")
    assert first.api.put(f"{LIST}/{NAME}").status == 201
    wait_until(lambda: database.value("SELECT walked FROM searched_parameter") == "500", 20, "the walk did not begin")
    first.program.kill()
    let_go()
    assert database.value("SELECT state FROM searched_parameter") == "backfilling"
    assert database.value("SELECT count(*) FROM parameter WHERE value_hash IS NULL AND device_id <= 500") == "0"
    second = start_acs(QUICK)
    assert wait_ready(second.api)["values"] == 1201
    assert database.value(WRONG) == "0"


def test_the_walk_waits_for_whoever_began_before_it(api, told, database, in_background):
    """Its value has no hash, and nobody sees it before it is committed."""
    commit = in_background(f"UPDATE parameter SET value = 'late' FROM path WHERE path.path_id = parameter.path_id"
                           f" AND name = '{NAME}'")
    assert api.put(f"{LIST}/{NAME}").status == 201
    wait_until(lambda: searched(api)[NAME]["state"] == "backfilling", 20, "the walk was not begun")
    time.sleep(1.5)
    assert searched(api)[NAME]["state"] == "backfilling"
    commit()
    wait_ready(api)
    assert find(api, "late") == [told.id]


def test_values_that_change_during_the_walk_are_found(api, acs, told, database, in_background):
    database.query(SEED, name=NAME)
    let_go = in_background("SELECT * FROM parameter WHERE device_id = 300 FOR UPDATE")
    assert api.put(f"{LIST}/{NAME}").status == 201
    wait_until(lambda: int(database.value("SELECT count(*) FROM parameter WHERE value_hash IS NOT NULL")) >= 499, 20,
               "the walk did not begin")
    told.run_session("2 PERIODIC", parameters={NAME: "meanwhile"})
    let_go()
    wait_ready(api)
    assert find(api, "meanwhile") == [told.id]
    assert find(api, "own") == []
    assert database.value(WRONG) == "0"


# Over the API.

def test_one_that_is_dropped_leaves_nothing_and_may_come_back(api, told, database):
    prepare(api)
    assert api.delete(f"{LIST}/{NAME}").status == 204
    wait_until(lambda: not searched(api), 20, "it is still there")
    assert database.value(WRONG) == "0"
    told.run_session("2 PERIODIC", parameters={NAME: "unhashed"})
    assert database.value(WRONG) == "0"
    prepare(api)
    assert find(api, "unhashed") == [told.id]
    assert api.delete(f"{LIST}/{NAME}").status == 204
    assert api.put(f"{LIST}/{NAME}").json["state"] == "requested"
    wait_ready(api)
    assert database.query("SELECT target FROM audit WHERE action LIKE '%searched-parameters%'") == [[NAME]] * 5


def test_put_answers_with_what_there_is(api, told):
    answer = api.put(f"{LIST}/{NAME}")
    assert (answer.status, answer.headers["Location"]) == (201, f"{LIST}/{NAME}")
    assert set(answer.json) == {"name", "state", "requested", "values"}
    wait_ready(api)
    answer = api.put(f"{LIST}/{NAME}")
    assert (answer.status, answer.json["state"], answer.json["values"]) == (200, "ready", 1)


@pytest.mark.parametrize("name", ["InternetGatewayDevice.Nobody.Told", "InternetGatewayDevice.DeviceInfo.",
                                  "%00", "%FF"])
def test_what_no_device_has_told_is_404(api, told, database, name):
    database.query("INSERT INTO path (name) VALUES ('InternetGatewayDevice.DeviceInfo.')")
    assert api.put(f"{LIST}/{name}").status == 404
    assert api.delete(f"{LIST}/{name}").status == 404
    assert searched(api) == {}


def test_a_question_for_what_nobody_told_finds_nothing_and_asks_for_no_index(api, told):
    assert find(api, "x", name="InternetGatewayDevice.Nobody.Told") == []
    assert searched(api) == {}


def test_readers_see_the_list_and_admins_change_it(acs, api, told, tokens):
    operator, reader = (Api(acs.urls["admin"], tokens[role]) for role in ("operate", "read"))
    assert operator.put(f"{LIST}/{NAME}").status == 403
    prepare(api)
    assert operator.delete(f"{LIST}/{NAME}").status == 403
    assert reader.get(LIST).json["searched_parameters"][0]["name"] == NAME


def test_beyond_the_limit_the_slow_way_stays(start_acs):
    acs = start_acs({**QUICK, "admin.searched_parameters": "1"})
    device = acs.device()
    device.run_session("1 BOOT", parameters={NAME: "own", OTHER: "first"})
    prepare(acs.api)
    assert find(acs.api, "first", name=OTHER) == [device.id]
    assert find(acs.api, "second", name=OTHER) == []
    assert set(searched(acs.api)) == {NAME}
    assert f"searched-parameters-full name={OTHER}" in acs.log.read_text()
    assert acs.api.put(f"{LIST}/{OTHER}").status == 409
    assert acs.api.get(LIST).json["limit"] == 1


def test_who_asks_before_the_index_is_ready_may_have_to_come_back(start_acs, database, in_background):
    acs = start_acs({"server.sweep_seconds": "3600", "database.statement_timeout_ms": "500"})
    acs.device().run_session("1 BOOT", parameters={NAME: "own"})
    let_go = in_background("LOCK TABLE device_live IN ACCESS EXCLUSIVE MODE")
    answer = acs.api.get(f"/api/v1/devices?parameter.{NAME}=own")
    let_go()
    assert answer.status == 503 and 60 <= int(answer.headers["Retry-After"]) <= 90
    assert "index" in answer.json["detail"]
    assert searched(acs.api)[NAME]["state"] == "requested"
