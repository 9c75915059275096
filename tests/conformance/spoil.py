"""spoil: a proxy between device and ACS that spoils one behaviour, to show that an item notices it.

Requests and responses pass as they are but for what the spoil does to them.
"""

import contextlib
import re
import socket
import socketserver
import threading
from urllib.parse import urlsplit


class Innocent:
    """Spoils nothing; what it inherits, a spoil may leave alone. One object per proxy."""

    def connected(self):
        """The device has opened a connection."""

    def request(self, request):
        """Changes the device's request in place; or returns the response that it gets instead of the ACS's."""

    def response(self, request, response):
        """Changes the ACS's response in place."""

    def relays_continue(self):
        return True


class Message:
    """start: "POST / HTTP/1.1" or "HTTP/1.1 200 OK"; headers: [(name, value)]; body as it stood on the wire."""

    def __init__(self, start, headers, body=b""):
        self.start, self.headers, self.body = start, headers, body

    @property
    def status(self):
        return int(self.start.split()[1])

    @status.setter
    def status(self, status):
        self.start = f"HTTP/1.1 {status} Spoiled"

    def get(self, name, default=None):
        return next((v for n, v in self.headers if n.lower() == name.lower()), default)

    def drop(self, name):
        self.headers = [(n, v) for n, v in self.headers if n.lower() != name.lower()]

    def set(self, name, value):
        self.drop(name)
        self.headers.append((name, value))

    def replace(self, old, new):
        """In the body, whose length follows."""
        self.set_body(self.body.replace(old, new))

    def substitute(self, pattern, replacement):
        """A regular expression in the body, whose length follows."""
        self.set_body(re.sub(pattern, replacement, self.body, flags=re.DOTALL))

    def set_body(self, body):
        self.body = body
        self.set("Content-Length", str(len(body)))

    def head(self):
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers), "", ""]
        return "\r\n".join(lines).encode("latin-1")


class Wire:
    """One end of a connection, read message by message."""

    def __init__(self, connection):
        self.connection, self.file = connection, connection.makefile("rb")

    def close(self):
        self.file.close()
        self.connection.close()

    def read_head(self):
        """A message without its body, None at the end."""
        start = self.file.readline().decode("latin-1").rstrip("\r\n")
        if not start:
            return None
        headers = []
        while line := self.file.readline().decode("latin-1").rstrip("\r\n"):
            name, _, value = line.partition(":")
            if line[0] in " \t":
                headers[-1] = (headers[-1][0], headers[-1][1] + "\r\n" + line)
            else:
                headers.append((name, value.strip()))
        return Message(start, headers)

    def read_body(self, message):
        """Chunked ones stay chunked."""
        if (message.get("Transfer-Encoding") or "").lower() == "chunked":
            message.body = self.read_chunks()
        else:
            message.body = self.file.read(int(message.get("Content-Length") or 0))

    def read_chunks(self):
        data = b""
        while True:
            line = self.file.readline()
            size = int(line, 16)
            data += line + self.file.read(size) + self.file.readline()
            if not size:
                return data

    def write(self, data):
        self.connection.sendall(data)


class Proxy:
    """Listens while it is entered; `url` is the ACS's with another address."""

    def __init__(self, url, spoil):
        target = urlsplit(url)
        address = (target.hostname, target.port)

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                spoil.connected()
                with contextlib.suppress(OSError), socket.create_connection(address, 60) as upstream:
                    relay(Wire(self.request), Wire(upstream), spoil)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = target._replace(netloc="127.0.0.1:%d" % self.server.server_address[1]).geturl()

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.socket.close()


def response_to(request, acs):
    acs.write(request.head() + request.body)
    response = acs.read_head()
    if response and not request.start.startswith("HEAD "):
        acs.read_body(response)
    return response


def relay(device, acs, spoil):
    """All exchanges of one connection."""
    while request := device.read_head():
        if request.get("Expect") and spoil.relays_continue():
            device.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.drop("Expect")
        device.read_body(request)
        response = spoil.request(request) or response_to(request, acs)
        if not response:
            return
        spoil.response(request, response)
        device.write(response.head() + response.body)
        if "close" in (response.get("Connection") or "").lower():
            return
