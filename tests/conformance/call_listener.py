"""call_listener: a device's listener for connection requests, played by an item."""

import hashlib
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USERNAME, PASSWORD = "caller", 'sécret "2"'


class Call:
    """One request that came: when, on which connection, and what."""

    def __init__(self, handler):
        self.time, self.peer = time.monotonic(), handler.client_address
        self.method, self.path, self.headers = handler.command, handler.path, handler.headers
        self.body = handler.rfile.read(int(self.headers.get("Content-Length") or 0))

    @property
    def fields(self):
        """Of the Authorization."""
        header = self.headers.get("Authorization") or ""
        return {n: q or t for n, q, t in re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))', header)}


class CallListener:
    """answer(call) gives (status, headers); with the header X-Close the connection ends silently after it."""

    def __init__(self, answer, address="127.0.0.1"):
        self.calls = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                call = Call(self)
                status, headers = answer(call)
                listener.calls.append(call)
                self.close_connection = "X-Close" in headers
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_PUT = do_HEAD = do_GET

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer((address, 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://{address}:{self.server.server_port}/cr/8f3a?x=1"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def challenge(qop=True):
    terms = 'realm="cwmp", nonce="abc123", algorithm=MD5' + (', qop="auth"' if qop else "")
    return {"WWW-Authenticate": f"Digest {terms}"}


def is_right(call, qop=True):
    """Does the Authorization fit the challenge, in its own terms?"""
    fields = call.fields
    ha1, ha2 = md5(f"{USERNAME}:cwmp:{PASSWORD}"), md5(f"GET:{call.path}")
    middle = f"{fields.get('nc')}:{fields.get('cnonce')}:auth:" if qop else ""
    if not qop and {"nc", "cnonce", "qop"} & fields.keys():
        return False
    return fields.get("response") == md5(f"{ha1}:abc123:{middle}{ha2}") and fields.get("uri") == call.path
