"""refreshes: what it costs to learn a device's tree, and what a device costs that nobody knows yet."""

from accounting import Sample
from lab.api import path_part
from populations import OUI, PRODUCT_CLASS, SERIAL, tidy
from sessions import figures_of


def check_done(stand, first, count, expected):
    """Every one of the devices has done all its tasks, each with the tree's names learned."""
    done = stand.database.query(
        f"SELECT count(*) FILTER (WHERE state = 'done'), count(*) FROM task JOIN device USING (device_id)"
        f" WHERE serial_number IN (SELECT {SERIAL} FROM generate_series(:first, :last) n)",
        first=first, last=first + count - 1)[0]
    if done != [str(expected)] * 2:
        raise RuntimeError(f"{done[0]} of {done[1]} tasks are done, {expected} should be")


def teach(stand, parameters):
    """A device of the same model was there before: its names are known, and PostgreSQL knows how many there are.
    Connections tell what they have changed when they end, so autovacuum would begin now with all that came before."""
    stand.fleet(1, sessions=1, first_serial=stand.strangers(1), model_parameters=parameters, mix="bootstrap=100").finish()
    tidy(stand.database)


def bootstrap(run):
    """Unknown devices with 100 parameters: BOOTSTRAP, what onboarding sets, Refresh."""
    count = 20 * run.seconds
    with run.stand.serving() as stand:
        teach(stand, 100)
        first = stand.strangers(count)
        begin = Sample(stand)
        report = stand.fleet(count, sessions=count, concurrency=min(count, 20), first_serial=first, in_turn=True,
                             model_parameters=100, mix="bootstrap=100").finish()
        figures = figures_of(stand, begin, report)
        check_done(stand, first, count, 2 * count)
        return figures


def refresh(stand, first, count):
    """One Refresh of each device, queued before the clock starts."""
    for serial in stand.serials(first, count):
        answer = stand.api.post(f"/api/v1/devices/{path_part(f'{OUI}-{PRODUCT_CLASS}-{serial}')}/tasks",
                                {"method": "Refresh"})
        assert answer.status == 202, answer
    begin = Sample(stand)
    report = stand.fleet(count, sessions=count, concurrency=min(count, 4), first_serial=first, in_turn=True,
                         model_parameters=1000).finish()
    return figures_of(stand, begin, report)


def measure_refresh(run, rounds):
    """The last of so many Refreshes of a tree of 1,000 parameters, of devices that nobody has read before."""
    count = 10 * run.seconds
    with run.stand.serving() as stand:
        teach(stand, 1000)
        first = stand.strangers(count)
        stand.fleet(count, sessions=count, concurrency=min(count, 20), first_serial=first, in_turn=True,
                    model_parameters=1000, mix="boot=100").finish()
        for _ in range(rounds):
            figures = refresh(stand, first, count)
        check_done(stand, first, count, rounds * count)
        return figures


def first_refresh(run):
    return measure_refresh(run, 1)


def second_refresh(run):
    return measure_refresh(run, 2)
