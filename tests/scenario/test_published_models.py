"""The agent as a device of an official data-model document."""

import subprocess

import pytest

from lab.programs import wait_until
from places import BINARIES
from steps import execute, onboarded, stored, stored_value


@pytest.fixture
def start_model(acs, start_cpe, database, shared):
    """An agent of a published model that has bootstrapped and been learned; `.id` is its device."""

    def start(name):
        agent = start_cpe(acs.urls["cwmp"], data_model=shared / "datamodels" / name, oui="00D09E",
                          product_class="Model", serial="M0001")
        agent.id = wait_until(lambda: database.value("SELECT id FROM device"), 30, "the agent's Inform")
        onboarded(acs.api, agent.id)
        return agent

    return start


@pytest.mark.parametrize("name,root,least", [
    ("tr-181-2-11-0-full.xml", "Device.", 800),
    ("tr-098-1-8-0-full.xml", "InternetGatewayDevice.", 400),
    ("tr-104-2-0-2-cwmp-full.xml", "Device.", 120),
])
def test_a_device_of_a_published_model_informs_and_is_read(start_model, database, name, root, least):
    agent = start_model(name)
    learned = stored(database, agent.id)
    assert agent.id == "00D09E-Model-M0001"
    assert len(learned) >= least
    assert all(parameter.startswith(root) for parameter in learned)
    assert stored_value(database, agent.id, root + "DeviceInfo.SerialNumber") == "M0001"
    assert stored_value(database, agent.id, root + "ManagementServer.Password") == ""


def test_rows_of_a_published_model_come_and_go(start_model, acs, database):
    agent = start_model("tr-181-2-11-0-full.xml")
    table = "Device.NAT.PortMapping."
    done = execute(acs.api, agent.id, "AddObject", object=table)
    assert (done["state"], done["result"]["instance_number"]) == ("done", 1)
    done = execute(acs.api, agent.id, "GetParameterValues",
                   names=[table + "1.LeaseDuration", table + "1.Status", "Device.NAT.PortMappingNumberOfEntries"])
    values = {entry["name"]: entry["value"] for entry in done["result"]["parameters"]}
    assert values["Device.NAT.PortMappingNumberOfEntries"] == "1"
    assert values[table + "1.LeaseDuration"] == "0"
    assert execute(acs.api, agent.id, "DeleteObject", object=table + "1.")["state"] == "done"
    done = execute(acs.api, agent.id, "AddObject", object="Device.Hosts.Host.")
    assert (done["state"], done["fault"]["code"]) == ("failed", 9005)


def test_a_published_model_needs_an_identity(shared, folder):
    done = subprocess.run([BINARIES / "cpe", "--acs-url", "http://127.0.0.1:1/", "--state-dir", folder,
                           "--data-model", shared / "datamodels" / "tr-181-2-11-0-full.xml"],
                          capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0
    assert "--oui and --serial are needed" in done.stderr
