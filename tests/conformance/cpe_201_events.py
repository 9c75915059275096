"""CWMP-201 … 209: why a CPE opens sessions, and what its Inform carries."""

import re
import time
from datetime import datetime, timedelta, timezone

import cpe_rpc as rpc
from items import NotApplicable, item

FORCED = {
    "InternetGatewayDevice.": ["DeviceSummary", "DeviceInfo.SpecVersion", "DeviceInfo.HardwareVersion",
                               "DeviceInfo.SoftwareVersion", "DeviceInfo.ProvisioningCode",
                               "ManagementServer.ParameterKey", "ManagementServer.ConnectionRequestURL"],
    "Device.": ["DeviceInfo.HardwareVersion", "DeviceInfo.SoftwareVersion", "DeviceInfo.ProvisioningCode",
                "ManagementServer.ParameterKey", "ManagementServer.ConnectionRequestURL"],
}
# Forced too, where the model has them.
FORCED_IF_THERE = ["RootDataModelVersion", "ManagementServer.AliasBasedAddressing"]


@item(201, "First power-on: Inform holds 0 BOOTSTRAP and 1 BOOT, CommandKey empty")
def cwmp_201(cpe):
    events = cpe.session().inform.events
    assert events >= {("0 BOOTSTRAP", ""), ("1 BOOT", "")}, events


@item(202, "Plain reboot: 1 BOOT, no 0")
def cwmp_202(cpe):
    cpe.session().end()
    cpe.reboot()
    codes = cpe.session().inform.codes
    assert "1 BOOT" in codes and "0 BOOTSTRAP" not in codes, codes


@item(203, "Reboot RPC: response, session ends, then 1 BOOT + M Reboot with the key")
def cwmp_203(cpe):
    session = cpe.session()
    session.must(rpc.reboot("key 203"))
    session.must(rpc.get_rpc_methods())  # it is still there: the session comes first
    session.end()
    events = cpe.session().inform.events
    assert events >= {("1 BOOT", ""), ("M Reboot", "key 203")}, events
    assert ("0 BOOTSTRAP", "") not in events, events


@item(204, "FactoryReset: next Inform 0 BOOTSTRAP, ParameterKey empty")
def cwmp_204(cpe):
    session = cpe.session()
    session.set(key="key 204")
    if optional(session, rpc.request("FactoryReset")) is None:
        raise NotApplicable("FactoryReset is not supported")
    session.end()
    inform = cpe.session().inform
    assert "0 BOOTSTRAP" in inform.codes, inform.codes
    assert inform.value("ManagementServer.ParameterKey") == "", inform.value("ManagementServer.ParameterKey")


def optional(session, body):
    """The answer to a request that a CPE need not support; None when it does not."""
    answer = session.call(body)
    if answer.is_fault and answer.fault_code == 9000:
        return None
    assert not answer.is_fault, f"fault {answer.fault_code} to {body[:60]}"
    return answer


@item(205, "ACS URL changed by SPV: session ends at the old ACS, Inform with 0 BOOTSTRAP at the new")
def cwmp_205(cpe):
    session, old = cpe.session(), cpe.acs.path
    session.set(("ManagementServer.URL", cpe.acs.url + "/new", "string"))
    session.must(rpc.get_rpc_methods())
    assert session.pending.path == old, f"went to {session.pending.path} in the same session"
    session.end()
    session = cpe.session()
    assert session.pending.path == old + "/new", f"the next session is at {session.pending.path}"
    assert "0 BOOTSTRAP" in session.inform.codes, session.inform.codes


@item(206, "Inform has all forced parameters of its root")
def cwmp_206(cpe):
    session = cpe.session()
    names = session.must(rpc.get_names(session.root, False)).names
    wanted = [session.root + name for name in FORCED[session.root]]
    wanted += [name for name in (session.root + n for n in FORCED_IF_THERE) if name in names]
    missing = [name for name in wanted if name not in session.inform.values]
    assert not missing, f"missing: {missing}"
    addresses = re.compile(r"InternetGatewayDevice\.WANDevice\..*\.ExternalIPAddress")
    if any(map(addresses.fullmatch, names)):
        assert any(map(addresses.fullmatch, session.inform.values)), "missing: an ExternalIPAddress"


@item(207, "Inform fields in schema order, MaxEnvelopes 1, OUI upper-case hex")
def cwmp_207(cpe):
    inform = cpe.session().inform
    fields = [element.tag for element in inform.content]
    assert fields == ["DeviceId", "Event", "MaxEnvelopes", "CurrentTime", "RetryCount", "ParameterList"], fields
    identity = [element.tag for element in inform.content.find("DeviceId")]
    assert identity == ["Manufacturer", "OUI", "ProductClass", "SerialNumber"], identity
    assert inform.text("MaxEnvelopes") == "1", inform.text("MaxEnvelopes")
    assert re.fullmatch("[0-9A-F]{6}", inform.text("DeviceId/OUI")), inform.text("DeviceId/OUI")


@item(208, "Periodic informs at interval ± tolerance, phase by PeriodicInformTime")
def cwmp_208(cpe):
    interval, tolerance = 4, 1
    phase = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=interval / 2)
    session = cpe.session()
    session.needs("ManagementServer.PeriodicInformTime")
    session.set(("ManagementServer.PeriodicInformEnable", "1", "boolean"),
                ("ManagementServer.PeriodicInformInterval", interval, "unsignedInt"),
                ("ManagementServer.PeriodicInformTime", phase.strftime("%Y-%m-%dT%H:%M:%SZ"), "dateTime"))
    session.end()
    for _ in range(2):
        session = cpe.session(interval + 3)
        late = (time.time() - phase.timestamp()) % interval
        session.end()
        assert session.inform.codes == {"2 PERIODIC"}, session.inform.codes
        assert min(late, interval - late) <= tolerance, f"{late:.1f} s after the moment that PeriodicInformTime gives"


@item(209, "PeriodicInformEnable false: none")
def cwmp_209(cpe):
    session = cpe.session()
    session.set(("ManagementServer.PeriodicInformInterval", 1, "unsignedInt"),
                ("ManagementServer.PeriodicInformEnable", "0", "boolean"))
    session.end()
    cpe.acs.hears_nothing(3)
