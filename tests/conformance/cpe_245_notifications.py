"""CWMP-245 … 250: notification, attributes and rows of tables."""

import re

import cpe_rpc as rpc
from cpe_236_parameters import INSTANCE, all_names
from cpe_subject import EARLY
from items import NotApplicable, item

CHANGE = ("4 VALUE CHANGE", "")


def watched(session):
    """A parameter whose notification is off unless somebody asks for it."""
    for name, is_writable in all_names(session).items():
        if is_writable and re.search(r"(SSID|Description|Alias|HostName)$", name):
            return name
    raise NotApplicable("no parameter to watch")


@item(245, "Local change with notification 2: new session with 4 and the value; with 1: only in next Inform")
def cwmp_245(cpe):
    session = cpe.allow_knocks(cpe.session())
    name = watched(session)
    session.must(rpc.set_notification(name, 2))
    session.end()
    cpe.set(name, "active")
    session = cpe.session()
    check_change(session.inform, name, "active")
    session.must(rpc.set_notification(name, 1))
    session.end()
    cpe.set(name, "passive")
    cpe.acs.hears_nothing(1.5)
    session = cpe.call_home(session.inform)
    check_change(session.inform, name, "passive")
    session.must(rpc.set_notification(name, 0))
    session.end()
    cpe.set(name, "silent")
    inform = cpe.call_home(session.inform).inform
    assert CHANGE not in inform.events, f"{inform.events} though notification is off"


def check_change(inform, name, value):
    assert CHANGE in inform.events, inform.events
    assert inform.values.get(name) == value, f"{name} is {inform.values.get(name)} in the Inform"


@item(246, "Throttle N: active-notification session not before N s after the last success")
def cwmp_246(cpe):
    throttle = 3
    session = cpe.session()
    session.needs("ManagementServer.DefaultActiveNotificationThrottle")
    name = watched(session)
    session.must(rpc.set_notification(name, 2))
    session.set(("ManagementServer.DefaultActiveNotificationThrottle", throttle, "unsignedInt"))
    ended = session.end()
    cpe.set(name, "throttled")
    session = cpe.session(throttle + 10)
    wait = session.began - ended
    check_change(session.inform, name, "throttled")
    assert wait >= throttle - EARLY, f"after {wait:.2f} s"


@item(247, "SPA to 2 on a canDeny parameter: 9009 or accepted, never silently ignored")
def cwmp_247(cpe):
    session = cpe.session()
    name = session.root + "ManagementServer.ParameterKey"
    answer = session.call(rpc.set_notification(name, 2))
    now = session.must(rpc.get_attributes(name)).notifications[name]
    if answer.is_fault:
        assert (answer.fault_code, now) == (9009, 0), f"fault {answer.fault_code}, and notification is {now}"
    else:
        assert now == 2, f"accepted, and notification is {now}"


@item(248, "Attributes survive reboot")
def cwmp_248(cpe):
    session = cpe.session()
    name = watched(session)
    before = session.must(rpc.get_attributes(name)).notifications[name]
    wanted = 1 if before == 2 else 2
    session.must(rpc.set_notification(name, wanted))
    session.end()
    cpe.power_cycle()
    now = cpe.session().must(rpc.get_attributes(name)).notifications[name]
    assert now == wanted, f"notification is {now} after the reboot"


def writable_table(session):
    """(table, the name of its counter or None)."""
    names = all_names(session)
    tables = [n for n, w in names.items() if w and n.endswith(".") and not INSTANCE.search(n)]
    for table in tables:
        counter = table[:-1] + "NumberOfEntries"
        if counter in names:
            return table, counter
    if not tables:
        raise NotApplicable("no table that takes rows")
    return tables[0], None


def read_one(session, name):
    return session.must(rpc.get_values(name)).values[name]


@item(249, "AddObject returns unused instance ≥ 1; DeleteObject removes subtree; NumberOfEntries follows")
def cwmp_249(cpe):
    session = cpe.session()
    table, counter = writable_table(session)
    before = set(session.must(rpc.get_names(table, False)).names)
    count = counter and int(read_one(session, counter))
    number = int(session.must(rpc.add_object(table)).text("InstanceNumber"))
    row = f"{table}{number}."
    assert number >= 1 and row not in before, f"instance {number} was there"
    assert row in session.must(rpc.get_names(table, True)).names, f"{row} is not there"
    assert not counter or int(read_one(session, counter)) == count + 1, f"{counter} did not follow AddObject"
    session.must(rpc.delete_object(row))
    assert set(session.must(rpc.get_names(table, False)).names) == before, "rests of the row"
    assert not counter or int(read_one(session, counter)) == count, f"{counter} did not follow DeleteObject"


@item(250, "DeleteObject unknown instance: 9005")
def cwmp_250(cpe):
    session = cpe.session()
    table, _ = writable_table(session)
    session.refused(rpc.delete_object(table + "99999."), 9005)
