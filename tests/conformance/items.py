"""items: the conformance list. Each item is a function that is named by its number and takes its subject.

It returns when the subject conforms, raises AssertionError when not, NotApplicable when it cannot be asked.
"""


class NotApplicable(Exception):
    """Why the item says nothing about this subject."""


class Item:
    def __init__(self, number, title, check, is_unconfirmed, runs_alone, is_slow, needs):
        self.number, self.title, self.check, self.needs = number, title, check, needs
        self.is_unconfirmed, self.runs_alone, self.is_slow = is_unconfirmed, runs_alone, is_slow

    @property
    def name(self):
        return f"CWMP-{self.number:03}"


class Fault:
    """A deliberate fault: `spoil` is what the half that plays the item makes it with."""

    def __init__(self, number, title, spoil):
        self.number, self.title, self.spoil = number, title, spoil


items, faults = {}, []


def item(number, title, unconfirmed=False, alone=False, slow=False, **needs):
    """Registers a check. unconfirmed: it rests on a rule that no readable source confirms, and gates
    nothing. alone: it runs when no other item of its half does. slow: it had better begin first.
    needs: for the half that prepares its subject."""

    def register(check):
        assert number not in items, f"CWMP-{number:03} is there twice"
        items[number] = Item(number, title, check, unconfirmed, alone, slow, needs)
        return check

    return register


def fault(number, title):
    """Registers a deliberate fault that item `number` has to catch."""

    def register(spoil):
        faults.append(Fault(number, title, spoil))
        return spoil

    return register
