"""CWMP-048 … 050: TLS, and devices that prove who they are by a certificate (TR-069 3.3)."""

import os
import socket
import ssl
import threading
from urllib.parse import urlsplit

from acs_subject import trusting_all
from items import item

TLS_1_2, SSL_3 = b"\3\3", b"\3\0"
NONE, DEFLATE = b"\0", b"\1"  # compression methods
HANDSHAKE, SERVER_HELLO = 22, 2
SUITES = bytes.fromhex("c02fc030c02bc02cc013c014009c009d002f0035000a0005")
EXTENSIONS = bytes.fromhex(
    "000a" "0008" "0006" "001700180019"  # groups: P-256, P-384, P-521
    "000b" "0002" "0100"  # uncompressed points
    "000d" "0016" "0014" "0403080404010503080505010806060102010203")  # signatures

issuing = threading.Lock()  # an authority numbers its certificates


def client_hello(version, compressions):
    """A ClientHello as a record. SSL 3.0 knows no extensions."""
    extensions = b"" if version == SSL_3 else len(EXTENSIONS).to_bytes(2, "big") + EXTENSIONS
    body = (version + os.urandom(32) + b"\0" + len(SUITES).to_bytes(2, "big") + SUITES
            + bytes([len(compressions)]) + compressions + extensions)
    message = b"\1" + len(body).to_bytes(3, "big") + body
    return bytes([HANDSHAKE]) + (SSL_3 if version == SSL_3 else b"\3\1") + len(message).to_bytes(2, "big") + message


def answer_to(url, hello):
    """The body of the ServerHello that answers, None when the server refuses."""
    target = urlsplit(url)
    with socket.create_connection((target.hostname, target.port), 20) as connection:
        connection.sendall(hello)
        try:
            data = connection.recv(16384)
        except ConnectionError:
            return None
    return data[9:] if len(data) > 9 and data[0] == HANDSHAKE and data[5] == SERVER_HELLO else None


def context_for(acs, device=None, authority=None):
    """Of a device that speaks TLS 1.2; with a certificate in its name where it is to have one."""
    context = trusting_all()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    authority = authority or acs.facts.get("authority")
    if device and authority:
        with issuing:
            context.load_cert_chain(*map(str, authority.issue(device.id)))
    return context


def device_over_tls(acs, certified_as=None, authority=None):
    device = acs.device(url=acs.fact("tls_url"))
    device.tls = context_for(acs, certified_as or device, authority)
    return device


@item(48, "HTTPS: TLS 1.2 succeeds; SSLv3 and TLS compression are refused", profile="tls")
def cwmp_048(acs):
    device = device_over_tls(acs)
    assert device.inform("2 PERIODIC").method == "InformResponse"
    assert device.socket.version() == "TLSv1.2" and device.socket.compression() is None
    url = device.url.geturl()
    assert compression_of(answer_to(url, client_hello(TLS_1_2, NONE))) == NONE
    refused_or_not_taken = answer_to(url, client_hello(TLS_1_2, DEFLATE + NONE))
    assert refused_or_not_taken is None or compression_of(refused_or_not_taken) == NONE
    assert answer_to(url, client_hello(SSL_3, NONE)) is None


def compression_of(hello):
    """What a ServerHello has chosen: after version, random, session id and suite."""
    return hello[37 + hello[34] :][:1]


@item(49, "Certificate of another identity than the DeviceId: rejected", profile="tls")
def cwmp_049(acs):
    acs.fact("authority")
    assert device_over_tls(acs).inform("2 PERIODIC").method == "InformResponse"
    reply = device_over_tls(acs, certified_as=acs.device()).inform("2 PERIODIC")
    assert reply.status in (401, 403) or reply.method == "Fault", reply


@item(50, "Certificate of no trusted CA: handshake or Inform rejected", profile="tls")
def cwmp_050(acs):
    device = device_over_tls(acs, authority=acs.fact("strange_authority"))
    try:
        reply = device.inform("2 PERIODIC")
    except (ssl.SSLError, OSError):
        return
    assert reply.status in (401, 403) or reply.method == "Fault", reply
