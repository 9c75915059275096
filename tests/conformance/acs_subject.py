"""acs_subject: the ACS as an item sees it: an address, scripted devices, and an operator's hands."""

import copy
import os
import ssl
import time
from itertools import count
from urllib.parse import urlsplit

from device import Device
from items import NotApplicable
from operators import NoOperator

serials = count(1)
RUN = os.urandom(4).hex().upper()


def fresh_serial():
    """A serial number that no run has had."""
    return f"{RUN}-{next(serials)}"


class Acs:
    """url: for devices. operator: see operators.py. scale: what the protocol's seconds are multiplied with."""

    def __init__(self, url, operator, equip, scale=1.0, **facts):
        self.url, self.operator, self.equip = url, operator, equip
        self.scale, self.facts, self.devices = scale, facts, []
        self.is_spoiled = False

    def reached_at(self, url):
        """The same ACS behind a proxy that spoils what it says."""
        other = copy.copy(self)
        other.url, other.devices, other.is_spoiled = url, [], True
        return other

    def fact(self, name):
        """What has to be known of this ACS: "body_bytes", "tls_url" …"""
        if self.facts.get(name) is None:
            raise NotApplicable(f"{name} of this ACS is not known")
        return self.facts[name]

    def seconds(self, seconds):
        """So many seconds of the protocol, in the time this ACS lives in."""
        return seconds * self.scale

    def wait(self, seconds):
        time.sleep(seconds)

    def url_path(self):
        return urlsplit(self.url).path or "/"

    def device(self, **options):
        """A scripted CPE that no other item uses, with the credentials that this ACS wants."""
        device = self.stranger(**options)
        self.equip(device)
        return device

    def device_called(self, **names):
        """A device whose OUI, product class or serial number the item is about."""
        device = self.device(**names)
        if not set(names.values()) <= set(device.identity):
            raise NotApplicable("it knows no other devices than those of --device-file")
        return device

    def stranger(self, url=None, **options):
        """One without credentials."""
        device = Device(url or self.url, **{"serial": fresh_serial(), **options})
        device.is_collected = not self.is_spoiled
        if device.url.scheme == "https":
            device.tls = trusting_all()
        self.devices.append(device)
        return device

    def twin(self, device):
        """The same device once more, on a connection of its own and without cookies."""
        twin = self.stranger(namespace=device.namespace)
        twin.identity, twin.username, twin.password = device.identity, device.username, device.password
        return twin

    def known_device(self, **options):
        """A device that has had a session."""
        device = self.device(**options)
        device.run_session("2 PERIODIC")
        return device

    def tempted_device(self, **options):
        """A known device for which a task waits, where there is an operator to queue one."""
        device = self.known_device(**options)
        if not isinstance(self.operator, NoOperator):
            self.operator.queue(device, "GetParameterValues", names=[secret_name(device)])
        return device

    def close(self):
        for device in self.devices:
            device.close()


def trusting_all():
    """A TLS context that asks for nobody's name: the suite does not judge certificates of servers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def secret_name(device):
    """A parameter that only requests for this device name."""
    return f"InternetGatewayDevice.X_{device.identity[3].replace('-', '_')}"
