"""tls_clients: clients of TLS that share no code with the server's tests: openssl s_client and curl."""

import subprocess
from urllib.parse import urlsplit

import envelope

GET = b"GET / HTTP/1.1\r\nHost: acs\r\nConnection: close\r\n\r\n"


def s_client(url, *options, request=GET):
    """What `openssl s_client` tells of one connection, the answer to the request within."""
    words = ["openssl", "s_client", "-connect", urlsplit(url).netloc, "-ign_eof", *map(str, options)]
    done = subprocess.run(words, input=request, capture_output=True, timeout=30, check=False)
    return (done.stdout + done.stderr).decode("latin-1")


def is_spoken(text):
    """Did it come to a handshake and an answer?"""
    return "HTTP/1.1 " in text


def is_resumed(text):
    assert is_spoken(text), text
    return "\nReused, " in text


def shown(text):
    """The common name and the key type of the certificate that the server showed."""
    subject = text.split("subject=")[1].splitlines()[0].split("CN = ")[1]
    return subject, text.split("Peer signature type: ")[1].splitlines()[0]


def curl(url, authority, *options):
    """(status, what curl complains of): status 0 when there was no answer."""
    done = subprocess.run(["curl", "-sS", "-m", "20", "--cacert", str(authority.certificate), "-o", "/dev/null",
                           "-w", "%{http_code}", *map(str, options), url],
                          capture_output=True, text=True, timeout=30, check=False)
    return int(done.stdout), done.stderr


def curl_informs(device, authority, pair=None):
    """The same for the Inform of a device that shows the pair of certificate and key."""
    body = envelope.wrap(envelope.inform(device.identity, ["1 BOOT"]), device.namespace)
    certificate = ["--cert", pair[0], "--key", pair[1]] if pair else []
    return curl(device.url.geturl(), authority, *certificate, "-H", "Content-Type: text/xml; charset=utf-8",
                "-H", "SOAPAction:", "--data-binary", body.decode() if isinstance(body, bytes) else body)
