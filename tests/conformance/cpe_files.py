"""cpe_files: a file server for Download and Upload that can ask for Digest and be told to refuse."""

import time

import cpe_digest
from cpe_http import Listener, response

USERNAME, PASSWORD = "files", "files-secret"


class FileServer:
    """Serves until it is left. contents: {path: bytes} to GET; uploads: {path: bytes} that were PUT.

    log: (time, verb, path, status) of each request.
    """

    def __init__(self, wants_digest=False):
        self.wants_digest = wants_digest
        self.contents, self.uploads, self.log = {}, {}, []
        self.listener = Listener(self._serve)
        self.base = self.listener.base

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def put(self, path, content):
        """Offers a file; its URL."""
        self.contents[path] = content
        return self.base + path

    def first_time(self, verb):
        """When the first request with that verb came, None if none did."""
        return next((time for time, v, _, _ in self.log if v == verb), None)

    def _serve(self, connection):
        while request := connection.read():
            verb, path, _ = request.start.split(" ")
            answer = self._answer(request, verb, path)
            self.log.append((time.monotonic(), verb, path, answer.status))
            connection.send(answer)

    def _answer(self, request, verb, path):
        proof = request.get("Authorization")
        if self.wants_digest and not cpe_digest.is_right(proof, USERNAME, PASSWORD, verb, path):
            return response(401, headers=[cpe_digest.challenge()])
        if verb == "PUT":
            self.uploads[path] = request.body
            return response(201)
        if verb == "GET" and path in self.contents:
            return response(200, self.contents[path])
        return response(404)
