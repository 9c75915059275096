"""CWMP-236 … 244: reading and writing parameters."""

import re

import cpe_rpc as rpc
from items import NotApplicable, item

INSTANCE = re.compile(r"\.\d+\.$")
SAMPLE = 12  # parameters and objects of a kind that are tried
# What would change who the CPE talks to, or what it is, when written.
UNTOUCHED = re.compile(r"ManagementServer\.|Password|Passphrase|Key|Enable|\.Security|Reset|Diagnostics")


def all_names(session):
    return session.must(rpc.get_names(session.root, False)).names


def spread(items, count=SAMPLE):
    """About so many of the items, from all over the list."""
    items = list(items)
    return items[:: max(1, len(items) // count)][:count]


@item(236, "GPV of full, partial and multiple names; unknown name 9005 for the whole call")
def cwmp_236(cpe):
    session = cpe.session()
    name, branch = session.root + "DeviceInfo.SoftwareVersion", session.root + "DeviceInfo."
    other = session.root + "ManagementServer.ParameterKey"
    assert set(session.must(rpc.get_values(name)).values) == {name}
    names = {n for n in session.must(rpc.get_names(branch, False)).names if not n.endswith(".")}
    assert set(session.must(rpc.get_values(branch)).values) == names, "not every parameter below a partial path"
    both = session.must(rpc.get_values(branch, other, name)).values
    assert set(both) == names | {other}, "not all of several names"
    assert both[name] == session.inform.values[name], both[name]
    session.refused(rpc.get_values(name, session.root + "DeviceInfo.X_CONFORMANCE_Nothing"), 9005)
    session.refused(rpc.get_values(session.root + "X_CONFORMANCE_Nothing."), 9005)


@item(237, "Partial path to an empty table: empty list, no fault")
def cwmp_237(cpe):
    session = cpe.session()
    table = empty_table(session)
    answer = session.must(rpc.get_values(table))
    assert not answer.values, f"{table} shows {answer.values}"


def empty_table(session):
    """A table without rows, emptied if need be."""
    names = all_names(session)
    tables = [n for n, w in names.items() if w and n.endswith(".") and not INSTANCE.search(n)]
    for table in sorted(tables, key=lambda t: len(rows(names, t))):
        answers = [session.call(rpc.delete_object(row)) for row in rows(names, table)]
        if not any(answer.is_fault for answer in answers):
            return table
    raise NotApplicable("no table that is empty or can be emptied")


def rows(names, table):
    return [n for n in names if re.fullmatch(re.escape(table) + r"\d+\.", n)]


@item(238, "GPN NextLevel 0 contains the path itself; NextLevel 1 only children")
def cwmp_238(cpe):
    session = cpe.session()
    path = session.root + "DeviceInfo."
    deep, level = (session.must(rpc.get_names(path, next_level)).names for next_level in (False, True))
    assert path in deep, "NextLevel 0 without the path itself"
    assert all(name.startswith(path) for name in deep), "NextLevel 0 with names elsewhere"
    children = {n for n in deep if re.fullmatch(re.escape(path) + r"[^.]+\.?", n)}
    assert set(level) == children, f"NextLevel 1 differs from the children by {set(level) ^ children}"
    assert set(session.must(rpc.get_names("", True)).names) == {session.root}, "an empty path is not the root"


@item(239, "GPN NextLevel 1 on a parameter: 9003")
def cwmp_239(cpe):
    session = cpe.session()
    name = session.root + "DeviceInfo.SoftwareVersion"
    assert set(session.must(rpc.get_names(name, False)).names) == {name}
    session.refused(rpc.get_names(name, True), 9003)
    session.refused(rpc.get_names(session.root + "X_CONFORMANCE_Nothing.", False), 9005)


@item(240, "Writable flags match SPV/AddObject/DeleteObject outcome")
def cwmp_240(cpe):
    session = cpe.session()
    names = all_names(session)
    check_parameters(session, {n: w for n, w in names.items() if not n.endswith(".")})
    check_objects(session, {n: w for n, w in names.items() if n.endswith(".")})


def check_parameters(session, names):
    writable = spread(n for n, w in names.items() if w and not UNTOUCHED.search(n))
    now = session.must(rpc.get_values(*writable)).parameters
    session.must(rpc.set_values(*now))
    fixed = spread(n for n, w in names.items() if not w)
    for triple in session.must(rpc.get_values(*fixed)).parameters:
        fault = session.refused(rpc.set_values(triple), 9003)
        assert fault.parameter_faults == {triple[0]: 9008}, f"{triple[0]}: {fault.parameter_faults}"


def check_objects(session, names):
    is_row = {name: bool(INSTANCE.search(name)) for name in names}
    for table in spread(n for n, w in names.items() if w and not is_row[n]):
        row = f"{table}{session.must(rpc.add_object(table)).text('InstanceNumber')}."
        session.must(rpc.delete_object(row))
    for name in spread((n for n, w in names.items() if not w), 6):
        session.refused(rpc.delete_object(name) if is_row[name] else rpc.add_object(name), 9005)


@item(241, "SPV with one bad of three: 9003 + SetParameterValuesFault naming it; nothing changed, nor ParameterKey")
def cwmp_241(cpe):
    session = cpe.session()
    session.set(("DeviceInfo.ProvisioningCode", "before", "string"), key="before")
    interval = session.get("ManagementServer.PeriodicInformInterval")
    bad = session.root + "DeviceInfo.X_CONFORMANCE_Nothing"
    fault = session.refused(rpc.set_values(
        (session.root + "DeviceInfo.ProvisioningCode", "after", "xsd:string"), (bad, "x", "xsd:string"),
        (session.root + "ManagementServer.PeriodicInformInterval", 86399, "xsd:unsignedInt"), key="after"), 9003)
    assert fault.parameter_faults == {bad: 9005}, fault.parameter_faults
    now = [session.get(name) for name in ("DeviceInfo.ProvisioningCode", "ManagementServer.PeriodicInformInterval",
                                          "ManagementServer.ParameterKey")]
    assert now == ["before", interval, "before"], now


@item(242, "SPV type, range and read-only errors: 9006, 9007, 9008")
def cwmp_242(cpe):
    session = cpe.session()
    interval = session.root + "ManagementServer.PeriodicInformInterval"
    for name, value, kind, code in (
            (interval, "true", "xsd:boolean", 9006), (interval, "soon", "xsd:unsignedInt", 9007),
            (interval, "0", "xsd:unsignedInt", 9007),
            (session.root + "DeviceInfo.SoftwareVersion", "1", "xsd:string", 9008)):
        fault = session.refused(rpc.set_values((name, value, kind)), 9003)
        assert fault.parameter_faults == {name: code}, f"{kind} {value!r}: {fault.parameter_faults}, not {code}"


@item(243, "SPV success sets ParameterKey, visible in next Inform")
def cwmp_243(cpe):
    session = cpe.session()
    session.set(("DeviceInfo.ProvisioningCode", "243", "string"), key="key 243")
    session.must(rpc.reboot(""))
    session.end()
    key = cpe.session().inform.value("ManagementServer.ParameterKey")
    assert key == "key 243", f"ParameterKey is {key}"


@item(244, "Change made by the ACS does not raise 4 VALUE CHANGE")
def cwmp_244(cpe):
    session = cpe.allow_knocks(cpe.session())
    session.must(rpc.set_notification(session.root + "DeviceInfo.ProvisioningCode", 2))
    session.set(("DeviceInfo.ProvisioningCode", "244", "string"))
    session.end()
    cpe.acs.hears_nothing(1.5)
    codes = cpe.call_home(session.inform).inform.codes
    assert "4 VALUE CHANGE" not in codes, codes
