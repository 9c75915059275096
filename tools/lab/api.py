"""api: the admin API as a client sees it, one call at a time."""

import http.client
import json
from urllib.parse import quote, urlsplit


def path_part(text):
    """A text as one part of a path: everything but letters, digits and -._~ percent-encoded."""
    return quote(text, safe="")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Api:
    """Calls to one server with one token. `on_call` (method, path, body, answer) watches them, `observer` those of all."""

    observer = None

    def __init__(self, url, token=None, on_call=None):
        self.url, self.token, self.on_call = url.rstrip("/"), token, on_call

    def call(self, method, path, body=None, headers=None, timeout=90):
        """body: bytes go as they are, anything else as JSON."""
        headers = dict(headers or {})
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.token}"
        payload = body
        if body is not None and not isinstance(body, bytes):
            payload = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=timeout)
        try:
            connection.request(method, path, payload, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        for watch in (self.on_call, Api.observer):
            if watch:
                watch(method, path, body, answer)
        return answer

    def get(self, path, **kwargs):
        return self.call("GET", path, **kwargs)

    def put(self, path, body=None, **kwargs):
        return self.call("PUT", path, body, **kwargs)

    def post(self, path, body=None, **kwargs):
        return self.call("POST", path, body, **kwargs)

    def patch(self, path, body=None, **kwargs):
        return self.call("PATCH", path, body, **kwargs)

    def delete(self, path, **kwargs):
        return self.call("DELETE", path, **kwargs)

    def pages(self, path, key, limit=1000):
        """All items of a list, page after page."""
        after = None
        while True:
            query = f"limit={limit}" + (f"&after={quote(after)}" if after else "")
            page = self.get(f"{path}{'&' if '?' in path else '?'}{query}").json
            yield from page[key]
            after = page["next"]
            if not after:
                return
