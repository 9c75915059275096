"""device: a CPE played by a test, one HTTP exchange at a time on a socket of its own.

It does what the test says, right or wrong; only cookies and Digest are done for it.
"""

import base64
import hashlib
import os
import re
import socket
import ssl
from http.client import HTTPResponse
from itertools import count
from urllib.parse import quote, urlsplit

import collector
import secret_log
import envelope
from envelope import Envelope
from secret_forms import SHORTEST

serials = count(1)


def new_serial():
    """Distinct within a run, also between the workers of a run."""
    return f"{os.getpid()}X{next(serials)}"


def device_id(oui, product_class, serial):
    def part(text):
        return "".join(c if re.match(r"[A-Za-z0-9_]", c) else quote(c, safe="").replace("-", "%2D")
                       .replace(".", "%2E").replace("~", "%7E") for c in text)

    return "-".join(part(p) for p in (oui, product_class, serial) if p)


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def envelope(self):
        return Envelope(self.body)

    @property
    def method(self):
        """Name of the message received, None without one."""
        return self.envelope.method if self.body else None

    def __repr__(self):
        return f"<{self.status} {self.body[:400]!r}>"


class Device:
    is_collected = True  # what it receives is judged by tests/envelopes

    def __init__(self, url, serial=None, oui="00D09E", product_class="Gateway", manufacturer="Lab",
                 namespace="1-0", username=None, password=None, tls=None, timeout=20):
        self.url, self.namespace = urlsplit(url), namespace
        self.identity = (manufacturer, oui, product_class, serial or new_serial())
        self.username, self.password = username, password
        self.tls, self.timeout = tls, timeout
        self.cookies, self.challenge, self.nonce_count = {}, None, 0
        self.socket = None

    @property
    def id(self):
        """The public id of the device in the admin API."""
        return device_id(*self.identity[1:])

    # The wire.

    def connect(self):
        self.close()
        self.socket = socket.create_connection((self.url.hostname, self.url.port), self.timeout)
        if self.tls:
            self.socket = self.tls.wrap_socket(self.socket, server_hostname=self.url.hostname)

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def hang_up(self):
        """Closes with a reset, as a device that loses its power."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.close()

    def write(self, data):
        if not self.socket:
            self.connect()
        self.socket.sendall(data)

    def read(self, method="POST"):
        response = HTTPResponse(self.socket, method=method)
        response.begin()
        reply = Reply(response.status, response.headers, response.read())
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()
            if len(value.strip()) >= SHORTEST:
                secret_log.use(value.strip(), "session cookie")
        if response.will_close:
            self.close()
        if reply.body.lstrip().startswith(b"<"):
            secret_log.on_envelope(reply.body)
            if self.is_collected:
                collector.add(reply.body)
        else:
            secret_log.tell(f"{method} {self.url.path} {reply.status}", reply.body)
        return reply

    def request(self, body, headers=None, method="POST"):
        """The bytes of a request with the headers a CPE sends; a header given as None is left out."""
        fields = {"Host": self.url.netloc, "Content-Length": str(len(body))}
        if body:
            fields |= {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": ""}
        if self.cookies:
            fields["Cookie"] = "; ".join(f"{n}={v}" for n, v in self.cookies.items())
        if self.username is not None and self.challenge:
            fields["Authorization"] = self.authorization(method)
        fields |= headers or {}
        lines = [f"{method} {self.url.path or '/'} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in fields.items() if value is not None]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body

    def post(self, body=b"", headers=None):
        """One exchange; a first 401 is answered when the device has credentials."""
        self.write(self.request(body, headers))
        reply = self.read()
        if reply.status == 401 and self.username is not None and self.take_challenge(reply):
            self.write(self.request(body, headers))
            reply = self.read()
        return reply

    # Authentication.

    def take_challenge(self, reply):
        """Keeps what a 401 asks for; False when the credentials were just refused."""
        was_stale = "stale=true" in str(reply.headers).lower()
        if self.challenge and not was_stale:
            return False
        for value in reply.headers.get_all("WWW-Authenticate", []):
            scheme, _, rest = value.partition(" ")
            fields = {n: q or t for n, q, t in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', rest)}
            if scheme.lower() == "basic" or fields.get("algorithm", "MD5") == "MD5":
                self.challenge, self.nonce_count = {"scheme": scheme, **fields}, 0
                return True
        return False

    def authorization(self, method="POST", uri=None, password=None):
        password = self.password if password is None else password
        if self.challenge["scheme"].lower() == "basic":
            pair = f"{self.username}:{password}".encode()
            return "Basic " + base64.b64encode(pair).decode()
        uri = uri or self.url.path or "/"
        realm, nonce = self.challenge["realm"], self.challenge["nonce"]
        self.nonce_count += 1
        nc, cnonce = f"{self.nonce_count:08x}", os.urandom(8).hex()
        ha1 = md5(f"{self.username}:{realm}:{password}")
        answer = md5(f"{ha1}:{nonce}:{nc}:{cnonce}:auth:" + md5(f"{method}:{uri}"))
        return (f'Digest username="{self.username}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
                f'response="{answer}", algorithm=MD5, qop=auth, nc={nc}, cnonce="{cnonce}"')

    # CWMP.

    def wrap(self, body, **kwargs):
        return envelope.wrap(body, kwargs.pop("namespace", self.namespace), **kwargs)

    def inform(self, *events, parameters=None, id="inform", header="", headers=None, **kwargs):
        body = envelope.inform(self.identity, events or ("2 PERIODIC",), parameters, **kwargs)
        return self.post(self.wrap(body, id=id, header=header), headers)

    def send(self, body, id="1"):
        """A request of our own, or the answer to one of the server's."""
        return self.post(self.wrap(body, id=id))

    def answer(self, reply, body):
        """Answers the request in reply, with its ID."""
        return self.send(body, reply.envelope.id)

    def empty(self):
        return self.post()

    def begin_session(self, *events, **kwargs):
        """Inform and the empty POST: the reply holds the server's first request, or is 204."""
        self.cookies = {}
        reply = self.inform(*events, **kwargs)
        assert reply.status == 200 and reply.method == "InformResponse", reply
        return self.empty()

    def run_session(self, *events, answers=None, **kwargs):
        """A whole session. answers maps a method to the body that answers it, or to a function of
        its envelope that gives one; what it lacks gets fault 9000. Returns the requests received."""
        received = []
        reply = self.begin_session(*events, **kwargs)
        while reply.status == 200 and reply.body:
            received.append(reply.envelope)
            body = (answers or {}).get(reply.method, envelope.fault(9000, "Method not supported"))
            reply = self.answer(reply, body(reply.envelope) if callable(body) else body)
        assert reply.status == 204, reply
        self.close()
        return received


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def trusting(ca_file, certificate=None, key=None):
    """A TLS context that trusts ca_file and may show a client certificate."""
    context = ssl.create_default_context(cafile=str(ca_file))
    if certificate:
        context.load_cert_chain(str(certificate), str(key))
    return context
