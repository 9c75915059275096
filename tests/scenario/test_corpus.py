"""Captured traffic of real devices: every complete Inform is answered rightly and its device stored."""

import re
import xml.etree.ElementTree as ET

import pytest

import collector  # noqa: F401  (replies of these sessions are collected by Device)
from device import Device
from envelope import CWMP, SOAP
from places import SHARED

INFORMS = sorted(p.name for p in SHARED.glob("corpus/*-Inform-*.xml"))


def content_of(data):
    """What an Inform tells, read tolerantly: by local names, whatever the prefixes and encodings."""
    text = data.decode("utf-8", "replace").lstrip()
    root = ET.fromstring(re.sub(r"^<\?xml.*?\?>", "", text, flags=re.DOTALL))
    names = {"values": {}}
    for element in root.iter():
        local = element.tag.rpartition("}")[2]
        if local in ("OUI", "ProductClass", "SerialNumber", "Manufacturer", "ID"):
            names.setdefault(local, (element.text or "").strip())
        if local == "ParameterValueStruct":
            fields = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in element}
            names["values"][fields.get("Name", "")] = fields.get("Value", "")
        if element.tag.startswith("{" + CWMP):
            names["namespace"] = element.tag[1:].split("}")[0].removeprefix(CWMP)
    return names


@pytest.mark.parametrize("name", INFORMS or ["-"])
def test_a_captured_inform_is_answered_and_its_device_stored(acs, database, shared, name):
    data = (shared / "corpus" / name).read_bytes()
    told = content_of(data)
    device = Device(acs.urls["cwmp"], serial="unused")
    reply = device.post(data)
    assert (reply.status, reply.method) == (200, "InformResponse"), reply
    assert reply.envelope.namespace == told.get("namespace", "1-0")
    if told.get("ID"):
        assert reply.envelope.id == told["ID"]
    rows = database.query("SELECT upper(oui), product_class, serial_number, manufacturer FROM device")
    assert rows == [[told["OUI"].upper(), told["ProductClass"], told["SerialNumber"], told["Manufacturer"]]]
    known = dict((n, v) for n, v in database.query(
        "SELECT name, trim(both E' \\t\\r\\n' from value) FROM parameter JOIN path USING (path_id)"))
    missing = {n: v for n, v in told["values"].items() if is_storable(n, v) and known.get(n) != v}
    assert not missing
    assert device.empty().status in (200, 204)


def is_storable(name, value):
    """Names that begin with a dot, and bytes that are no UTF-8, need not survive as they are."""
    return name and not name.startswith(".") and "\ufffd" not in value


@pytest.mark.parametrize("name", ["jiuzhou-RebootResponse-1.xml"])
def test_a_capture_that_is_not_well_formed_is_refused(acs, shared, name):
    device = acs.device()
    device.inform("2 PERIODIC")
    reply = device.post((shared / "corpus" / name).read_bytes())
    assert reply.status in (200, 204, 400)
    assert acs.device().inform("2 PERIODIC").status == 200


@pytest.mark.parametrize("name", sorted(p.name for p in SHARED.glob("corpus/*TransferComplete-*.xml")) or ["-"])
def test_a_captured_transfer_complete_is_answered(acs, shared, name):
    device = acs.device()
    device.inform("7 TRANSFER COMPLETE")
    reply = device.post((shared / "corpus" / name).read_bytes())
    assert reply.status == 200
    assert reply.method in ("TransferCompleteResponse", "AutonomousTransferCompleteResponse", "Fault")
    if not name.startswith("alcatel"):
        assert reply.method == "TransferCompleteResponse"
    assert reply.envelope.content.tag != f"{{{SOAP}}}Envelope"
    assert device.empty().status == 204
