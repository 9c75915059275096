"""Refresh: a whole tree is learned in batches that the device can bear."""

import csv
import re

import pytest

import envelope
from places import MODELS
from steps import device_row, execute, onboarded, queue, stored, task, wait_until_registered

IGD = "InternetGatewayDevice."

# Values of the Huawei tree that may differ in the database, each with its reason.
MAY_DIFFER = {
    "ManagementServer.PeriodicInformEnable": "onboarding sets it",
    "ManagementServer.PeriodicInformInterval": "onboarding sets it",
    "ManagementServer.ConnectionRequestUsername": "onboarding sets it",
    "ManagementServer.ConnectionRequestPassword": "onboarding sets it, and it reads back empty",
    "ManagementServer.ConnectionRequestURL": "where this agent listens",
    "ManagementServer.URL": "where this agent was told to go",
    "ManagementServer.Username": "the agent's own",
    "DeviceInfo.UpTime": "the agent counts its own",
    "ManagementServer.ParameterKey": "set along with onboarding's values",
}


class Tree:
    """A scripted device's data model; counts what is asked."""

    def __init__(self, size, bad=(), bear=10**9):
        self.values = {f"{IGD}T.{i}.V": str(i) for i in range(size)}
        self.bad, self.bear, self.batches = set(bad), bear, []

    def names(self, request):
        names = {IGD: False}
        for name in self.values:
            names[name.rpartition(".")[0] + "."] = True
            names[name] = True
        if request.text("NextLevel") in ("1", "true"):
            path = request.text("ParameterPath")
            depth = path.count(".")
            names = {n: w for n, w in names.items()
                     if n.startswith(path) and n != path and n.rstrip(".").count(".") == depth}
        return envelope.names_response(names)

    def ask(self, request):
        asked = request.texts("ParameterNames/string")
        self.batches.append(asked)
        if len(asked) > self.bear:
            return envelope.fault(9004, "Resources exceeded")
        if self.bad & set(asked):
            return envelope.fault(9005, "Invalid parameter name")
        return envelope.values_response({n: v for n, v in self.values.items()
                                         if any(n == a or (a.endswith(".") and n.startswith(a)) for a in asked)})

    def answers(self):
        return {"GetParameterNames": self.names, "GetParameterValues": self.ask}


def refresh(acs, tree):
    device = acs.device()
    device.run_session("1 BOOT", parameters={IGD + "DeviceSummary": "x"})
    task_id = queue(acs.api, device.id, "Refresh")
    for _ in range(10):
        device.run_session("2 PERIODIC", parameters={IGD + "DeviceSummary": "x"}, answers=tree.answers())
        if task(acs.api, task_id)["state"] in ("done", "failed"):
            break
    return device, task(acs.api, task_id)


def values_in(database, device, tree):
    return {n: v for n, (v, _, _) in stored(database, device.id).items() if n in tree.values and v != ""}


def test_a_tree_is_learned_in_batches_of_the_configured_size(start_acs, database):
    tree = Tree(50)
    device, done = refresh(start_acs({"tasks.refresh_batch": "16"}), tree)
    assert done["state"] == "done", done
    assert max(len(batch) for batch in tree.batches) == 16
    assert values_in(database, device, tree) == tree.values
    assert done["result"]["values"] == 50 and done["result"]["skipped"] == []
    assert done["result"]["names"] >= 50


def test_batches_are_halved_for_a_device_that_cannot_bear_them_and_the_size_is_remembered(start_acs, database):
    tree = Tree(50, bear=5)
    acs = start_acs({"tasks.refresh_batch": "16", "tasks.retry_seconds": "1"})
    device, done = refresh(acs, tree)
    assert done["state"] == "done", done
    assert values_in(database, device, tree) == tree.values
    assert int(device_row(database, device.id, "refresh_batch")) <= 5
    tree.batches.clear()
    queue(acs.api, device.id, "Refresh")
    device.run_session("2 PERIODIC", answers=tree.answers())
    assert max(len(batch) for batch in tree.batches) <= 5


def test_a_name_that_alone_makes_9005_is_isolated_skipped_and_reported(acs, database):
    bad = [f"{IGD}T.{i}.V" for i in (3, 17)]
    tree = Tree(40, bad=bad)
    device, done = refresh(acs, tree)
    assert done["state"] == "done", done
    assert sorted(done["result"]["skipped"]) == sorted(bad)
    assert values_in(database, device, tree) == {n: v for n, v in tree.values.items() if n not in bad}


def test_a_subtree_is_refreshed_alone(acs, database):
    tree = Tree(10)
    device = acs.device()
    device.run_session("1 BOOT")
    task_id = queue(acs.api, device.id, "Refresh", path=f"{IGD}T.3.")
    asked = device.run_session(answers={
        "GetParameterNames": envelope.names_response({f"{IGD}T.3.": True, f"{IGD}T.3.V": True}),
        "GetParameterValues": tree.ask})
    assert asked[0].text("ParameterPath") == f"{IGD}T.3."
    assert task(acs.api, task_id)["result"]["values"] == 1


def test_what_a_device_has_no_more_is_forgotten_by_a_refresh(acs, database):
    tree = Tree(10)
    device, _ = refresh(acs, tree)
    gone = f"{IGD}T.4.V"
    del tree.values[gone]
    queue(acs.api, device.id, "Refresh")
    device.run_session("2 PERIODIC", parameters={IGD + "DeviceSummary": "x"}, answers=tree.answers())
    assert gone not in stored(database, device.id)


def test_a_refresh_continues_in_the_next_session_when_the_device_goes_away(start_acs, database):
    acs = start_acs({"tasks.refresh_batch": "10"})
    tree = Tree(50)
    device = acs.device()
    device.run_session("1 BOOT", parameters={IGD + "DeviceSummary": "x"})
    task_id = queue(acs.api, device.id, "Refresh")
    reply = device.begin_session("2 PERIODIC")
    while len(tree.batches) < 2:
        reply = device.answer(reply, tree.answers()[reply.method](reply.envelope))
    device.hang_up()
    device.run_session("2 PERIODIC", answers=tree.answers())
    assert task(acs.api, task_id)["state"] == "done"
    assert values_in(database, device, tree) == tree.values


def tree_of(path):
    """{name: (value, type, writable)} of a CSV model, objects with their dot; and the identity."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tree, identity = {}, {}
    for row in rows:
        name, is_object = row["Parameter"], row["Object"] == "true"
        if name.startswith("DeviceID."):
            identity[name.removeprefix("DeviceID.")] = row["Value"]
        else:
            tree[name + "." if is_object else name] = (row["Value"], row["Value type"], row["Writable"] == "true")
    return tree, identity


def parameters_of(tree):
    return {name: facts for name, facts in tree.items() if not name.endswith(".")}


def test_every_value_of_a_real_gateway_is_learned(acs, start_cpe, shared, database):
    path = shared / "datamodels/huawei-bm632w.csv"
    tree, identity = tree_of(path)
    assert len(parameters_of(tree)) == 792
    assert len(MAY_DIFFER) <= 15
    start_cpe(acs.urls["cwmp"], data_model=path)
    device_id = "-".join(identity[part] for part in ("OUI", "ProductClass", "SerialNumber"))
    onboarded(acs.api, device_id)
    known = stored(database, device_id)
    different = {}
    for name, (value, type, writable) in parameters_of(tree).items():
        expected = (value, type, "t" if writable else "f")
        if known.get(name) != expected and name.removeprefix(IGD) not in MAY_DIFFER:
            different[name] = (known.get(name), expected)
    assert not different, different
    objects = {name for name in tree if name.endswith(".")}
    assert objects - set(known) == set()


@pytest.mark.parametrize("model", ["gateway-tr098", "gateway-tr181", "phone-tr104"])
def test_every_name_of_our_models_is_learned(acs, start_cpe, database, model):
    tree, identity = tree_of(MODELS / f"{model}.csv")
    serial = identity["SerialNumber"]
    start_cpe(acs.urls["cwmp"], data_model=MODELS / f"{model}.csv")
    device_id = database_id(acs, database, serial)
    onboarded(acs.api, device_id)
    known = stored(database, device_id)
    assert set(tree) - set(known) == set()
    may_differ = re.compile(r"ManagementServer\.|UpTime$|CurrentLocalTime$|Password$")
    different = {n: (known[n][0], v) for n, (v, _, _) in parameters_of(tree).items()
                 if known[n][0] != v and not may_differ.search(n)}
    assert not different, different


def database_id(acs, database, serial):
    from lab.programs import wait_until
    return wait_until(lambda: database.value("SELECT id FROM device WHERE serial_number = :'s'", s=serial), 30,
                      f"the first Inform of {serial}")
