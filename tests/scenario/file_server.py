"""file_server: where devices fetch files and put them."""

import hashlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Files:
    """A file server: `content` by path, `taken` what was PUT; Digest when `password` is set."""

    def __init__(self):
        self.content, self.taken, self.password = {}, {}, None
        files = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.answer(files.content.get(self.path))

            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if files.admits(self):
                    files.taken[self.path] = body
                self.answer(b"")

            def answer(self, body):
                if not files.admits(self):
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Digest realm="f", nonce="n", qop="auth"')
                    body = b""
                else:
                    self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def admits(self, handler):
        if not self.password:
            return True
        text = handler.headers["Authorization"] or ""
        fields = {n: q or t for n, q, t in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', text)}
        if "response" not in fields:
            return False
        ha1 = md5(f"{fields['username']}:f:{self.password}")
        ha2 = md5(f"{handler.command}:{handler.path}")
        return fields["response"] == md5(f"{ha1}:n:{fields['nc']}:{fields['cnonce']}:auth:{ha2}")


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()
