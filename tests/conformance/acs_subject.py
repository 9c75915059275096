"""acs_subject: the ACS as an item sees it: an address, scripted devices, and an operator's hands."""

import copy
import hashlib
import os
from itertools import count

import envelope
from device import Device
from items import NotApplicable

serials = count(1)
RUN = os.urandom(4).hex().upper()


def fresh_serial():
    """A serial number that no run has had."""
    return f"{RUN}-{next(serials)}"


class Acs:
    """url: for devices. operator: see operators.py. scale: what real seconds are multiplied with."""

    def __init__(self, url, operator, credentials=None, scale=1.0, **facts):
        self.url, self.operator, self.credentials = url, operator, credentials
        self.scale, self.facts, self.devices = scale, facts, []

    def reached_at(self, url):
        """The same ACS behind a proxy."""
        other = copy.copy(self)
        other.url, other.devices = url, []
        return other

    def fact(self, name):
        """What has to be known of this ACS: "body_bytes", "tls_url" …"""
        if self.facts.get(name) is None:
            raise NotApplicable(f"{name} of this ACS is not known")
        return self.facts[name]

    def seconds(self, seconds):
        """So many seconds of the protocol, in the time this ACS lives in."""
        return seconds * self.scale

    def device(self, **options):
        """A scripted CPE that no other item uses, with the credentials that this ACS wants."""
        device = self.new_device(**options)
        if self.credentials:
            self.credentials(device)
        return device

    def stranger(self, **options):
        """One without credentials."""
        return self.new_device(**options)

    def new_device(self, url=None, **options):
        device = Device(url or self.url, **{"serial": fresh_serial(), **options})
        self.devices.append(device)
        return device

    def close(self):
        for device in self.devices:
            device.close()
