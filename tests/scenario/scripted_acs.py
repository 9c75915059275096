"""scripted_acs: an ACS played by a test, to see what the agent does with answers right and wrong."""

import gzip
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import envelope
from envelope import Envelope


INFLATE = {None: bytes, "gzip": gzip.decompress, "deflate": zlib.decompress}

# What the response to each request of a CPE holds.
RESPONSES = {
    "Inform": "<MaxEnvelopes>1</MaxEnvelopes>",
    "TransferComplete": "",
    "AutonomousTransferComplete": "",
    "RequestDownload": "",
    "Kicked": "<NextURL>http://next/</NextURL>",
    "DUStateChangeComplete": "",
    "AutonomousDUStateChangeComplete": "",
    "GetRPCMethods": '<MethodList soapenc:arrayType="xsd:string[1]"><string>Inform</string></MethodList>',
}


class Received:
    """A request of the agent: when, its headers, and its envelope (None for an empty POST)."""

    def __init__(self, path, headers, body):
        self.time, self.path, self.headers, self.body = time.monotonic(), path, headers, body
        self.envelope = Envelope(body) if body else None
        self.method = self.envelope.method if body else None

    @property
    def events(self):
        """(code, command key) of an Inform."""
        return {(e.findtext("EventCode"), e.findtext("CommandKey") or "")
                for e in self.envelope.content.findall("Event/EventStruct")}

    def __repr__(self):
        return f"<{self.method or 'empty'}>"


class Reply:
    def __init__(self, status=200, body=b"", headers=(), is_chunked=False, is_silent=False):
        self.status, self.body, self.headers = status, body, list(headers)
        self.is_chunked, self.is_silent = is_chunked, is_silent


class ScriptedAcs:
    """Answers as an ACS should, unless `interfere(received)` gives a Reply of its own.

    `requests` are bodies that it sends in the ACS's turn, each once; `received` is all that came.
    """

    def __init__(self, namespace="1-2"):
        self.namespace = namespace
        self.received, self.requests = [], []
        self.interfere = lambda received: None
        self.changed = threading.Condition()
        acs = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                acs.handle(self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/acs"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def handle(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        inflate = INFLATE[handler.headers.get("Content-Encoding")]
        received = Received(handler.path, handler.headers, inflate(body))
        reply = self.interfere(received) or self.answer(received)
        with self.changed:
            self.received.append(received)
            self.changed.notify_all()
        if reply.is_silent:
            handler.close_connection = True
            return
        self.send(handler, reply)

    def send(self, handler, reply):
        handler.send_response(reply.status)
        for name, value in reply.headers:
            handler.send_header(name, value)
            if (name, value) == ("Connection", "close"):
                handler.close_connection = True
        if reply.body:
            handler.send_header("Content-Type", "text/xml; charset=utf-8")
        if reply.is_chunked:
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            for start in range(0, len(reply.body), 100):
                part = reply.body[start : start + 100]
                handler.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            handler.wfile.write(b"0\r\n\r\n")
        else:
            if reply.status != 204:
                handler.send_header("Content-Length", str(len(reply.body)))
            handler.end_headers()
            handler.wfile.write(reply.body)

    def wrap(self, body, id):
        return envelope.wrap(body, self.namespace, id)

    def answer(self, received):
        if received.method in RESPONSES:
            content = RESPONSES[received.method]
            body = f"<cwmp:{received.method}Response>{content}</cwmp:{received.method}Response>"
            return Reply(200, self.wrap(body, received.envelope.id))
        if not self.requests:
            return Reply(204)
        return Reply(200, self.wrap(self.requests.pop(0), f"acs-{len(self.requests)}"))

    def wait_for(self, count, timeout=30):
        """The first count requests, once they are there."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.received) >= count, timeout), self.received
            return list(self.received[:count])

    def wait_for_method(self, method, count=1, timeout=30):
        """The count-th message of that method."""

        def found():
            return [r for r in self.received if r.method == method]

        with self.changed:
            assert self.changed.wait_for(lambda: len(found()) >= count, timeout), self.received
            return found()[count - 1]

    def wait_for_event(self, code, command_key="", timeout=30):
        """The first Inform that tells this event, whether it has come already or not."""

        def found():
            return next((r for r in self.received if r.method == "Inform" and (code, command_key) in r.events), None)

        with self.changed:
            assert self.changed.wait_for(found, timeout), self.received
            return found()
