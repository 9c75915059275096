"""cpe_http: HTTP/1.1 over bare sockets, so that a test sees each byte and may break each rule.

Shared by the scripted ACS, the file server and the connection requests.
"""

import select
import socket
import threading

from spoil import Message

REASONS = {100: "Continue", 200: "OK", 201: "Created", 204: "No Content", 302: "Found", 307: "Temporary Redirect",
           401: "Unauthorized", 404: "Not Found", 500: "Internal Server Error", 503: "Service Unavailable"}


def response(status, body=b"", headers=()):
    """A response whose length is told by Content-Length; 204 has none."""
    length = [] if status == 204 else [("Content-Length", str(len(body)))]
    return Message(f"HTTP/1.1 {status} {REASONS.get(status, 'Unknown')}", [*headers, *length], body)


def chunked(message, size=100):
    """The message with its body in chunks instead of a length."""
    message.drop("Content-Length")
    message.set("Transfer-Encoding", "chunked")
    parts = [message.body[i : i + size] for i in range(0, len(message.body), size)]
    message.body = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"
    return message


class Connection:
    """A socket from which whole messages are read."""

    def __init__(self, sock):
        self.socket, self.pending = sock, b""

    @classmethod
    def to(cls, host, port, timeout=10):
        return cls(socket.create_connection((host, port), timeout))

    def send(self, message):
        self.write(message.head() + message.body)

    def write(self, data):
        self.socket.sendall(data)

    def speaks_within(self, seconds):
        """Has the peer sent a byte (or hung up) that nobody asked for?"""
        return bool(self.pending) or bool(select.select([self.socket], [], [], seconds)[0])

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def read(self):
        """The next message, None when the peer has closed instead."""
        head = self._until(b"\r\n\r\n")
        if head is None:
            return None
        start, *lines = head.decode("latin-1").split("\r\n")
        message = Message(start, [(n, v.strip()) for n, _, v in (line.partition(":") for line in lines)])
        if (message.get("Expect") or "").lower() == "100-continue":
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        message.body = self._body(message)
        return message

    def _body(self, message):
        if (message.get("Transfer-Encoding") or "").lower() == "chunked":
            return b"".join(iter(self._chunk, b""))
        return self._exactly(int(message.get("Content-Length") or 0))

    def _chunk(self):
        size = int(self._until(b"\r\n").split(b";")[0], 16)
        data = self._exactly(size)
        self._until(b"\r\n")
        return data

    def _until(self, mark):
        while mark not in self.pending:
            if not self._receive():
                return None
        part, _, self.pending = self.pending.partition(mark)
        return part

    def _exactly(self, count):
        while len(self.pending) < count:
            if not self._receive():
                raise ConnectionError("closed in the middle of a message")
        part, self.pending = self.pending[:count], self.pending[count:]
        return part

    def _receive(self):
        data = self.socket.recv(65536)
        self.pending += data
        return data


class Listener:
    """Takes connections on a port of its own, each in a thread that runs `serve(connection)`."""

    def __init__(self, serve, tls=None):
        self.serve, self.tls = serve, tls
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        self.connections = []
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.socket.close()
        for connection in list(self.connections):
            connection.close()

    def _accept(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._run, args=(sock,), daemon=True).start()

    def _run(self, sock):
        try:
            connection = Connection(self.tls.wrap_socket(sock, server_side=True) if self.tls else sock)
            self.connections.append(connection)
            self.serve(connection)
        except (OSError, ValueError):  # the peer hung up, or the item is over and closed the socket
            pass
        finally:
            sock.close()
