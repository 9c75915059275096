"""calls: single calls of the admin API as any client may make them: by TLS, from another address, half a request."""

import base64
import http.client
import json
import socket
from urllib.parse import urlsplit

import secret_log
from lab.api import Answer


def basic(username, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()}


def bearer(token):
    return {"Authorization": f"Bearer {token}"} if token else {}


def call(url, method, path, headers=None, body=None, tls=None, source="127.0.0.1"):
    """One call on a connection of its own, from that address of loopback; a dict goes as JSON."""
    headers, given = dict(headers or {}), body
    if isinstance(body, dict):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    where = urlsplit(url)
    options = {"timeout": 60, "source_address": (source, 0)}
    connection = (http.client.HTTPSConnection(where.netloc, context=tls, **options) if where.scheme == "https"
                  else http.client.HTTPConnection(where.netloc, **options))
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
    finally:
        connection.close()
    secret_log.on_call(method, path, given, answer)
    return answer


def status_before_body(url, method, path, headers, tls=None):
    """The status that comes for a request of which only the headers are sent: a body is announced and kept back."""
    where = urlsplit(url)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {where.netloc}", "Content-Type: application/json",
             "Content-Length: 1000", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    with socket.create_connection((where.hostname, where.port), timeout=60) as plain:
        connection = tls.wrap_socket(plain, server_hostname=where.hostname) if tls else plain
        connection.sendall("\r\n".join(lines).encode())
        return int(connection.recv(100).split()[1])
