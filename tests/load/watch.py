"""watch: what can be seen of a server from outside, second by second, while it has more to do than it can."""

import http.client
import threading
import time
from typing import NamedTuple
from urllib.parse import urlsplit

from accounting import status_kb
from lab.prometheus import metrics

PROBES, PROBE_SECONDS, GONE = 5, 5, 0


class Sample(NamedTuple):
    time: float
    ended: float  # sessions, so far
    refused: float  # Informs, so far
    rss_mb: float


def knock(url):
    """Status and Retry-After for somebody who is in no session; GONE when nobody answers in time."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PROBE_SECONDS)
    try:
        connection.request("POST", "/", b"x" * 100, {"Content-Type": "text/xml"})
        response = connection.getresponse()
        return response.status, response.getheader("Retry-After")
    except (OSError, http.client.HTTPException):
        return GONE, None
    finally:
        connection.close()


class Watch(threading.Thread):
    """Runs inside `with`."""

    def __init__(self, stand):
        super().__init__(daemon=True)
        self.stand, self.is_over = stand, threading.Event()
        self.samples, self.retry_after, self.unanswered = [], [], 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.join()

    def run(self):
        while not self.is_over.wait(1):
            self.look()
            for _ in range(PROBES):
                self.probe()

    def look(self):
        try:
            told = metrics(self.stand.api)
        except (OSError, http.client.HTTPException):
            self.unanswered += 1
            return
        self.samples.append(Sample(time.monotonic(), told("acs_sessions_total", outcome="ended"),
                                   told("acs_limit_hits_total", limit="cwmp.overload_ms"),
                                   status_kb(self.stand.server_pid, "VmRSS") / 1024))

    def probe(self):
        status, retry_after = knock(self.stand.server.urls["cwmp"])
        self.unanswered += status == GONE
        if status == 503:
            self.retry_after.append(int(retry_after))

    def curve(self, seconds=10):
        """(from, to, sessions per second, refusals per second, MB) for every so many seconds."""
        begin, lines = self.samples[0], []
        for sample in self.samples[1:]:
            length = sample.time - begin.time
            if length >= seconds or sample is self.samples[-1]:
                lines.append((begin.time - self.samples[0].time, sample.time - self.samples[0].time,
                              (sample.ended - begin.ended) / length, (sample.refused - begin.refused) / length,
                              sample.rss_mb))
                begin = sample
        return lines

    def most_memory(self):
        """MB, in the first half of the time and in the second."""
        half = len(self.samples) // 2
        return [max(sample.rss_mb for sample in part) for part in (self.samples[:half], self.samples[half:])]

    def busy(self):
        """Sessions per second while any were refused."""
        pairs = [(a, b) for a, b in zip(self.samples, self.samples[1:]) if b.refused - a.refused > PROBES]
        seconds = sum(b.time - a.time for a, b in pairs)
        return (sum(b.ended - a.ended for a, b in pairs) / seconds if seconds else 0), seconds
