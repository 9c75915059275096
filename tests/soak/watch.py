"""watch: memory and descriptors of server and PostgreSQL, second by second, and whether they grow."""

import re
import threading
import time

from accounting import children, descriptors, status_kb

PER = 100_000  # sessions, to which slopes refer
ENDED = re.compile(r"^acs_sessions_total\{.*\} (\d+)$", re.MULTILINE)


class Reading:
    """All accounts of a stand at one moment."""

    def __init__(self, stand):
        answer = stand.api.get("/metrics")
        self.time = time.monotonic()
        self.sessions = sum(int(count) for count in ENDED.findall(answer.body.decode()))
        self.rss_mb = status_kb(stand.server_pid, "VmRSS") / 1024
        self.descriptors = descriptors(stand.server_pid)
        processes = [stand.postmaster, *children(stand.postmaster)]
        # What they share is PostgreSQL's cache, which fills and then stays.
        self.postgres_mb = sum(status_kb(process, "RssAnon") for process in processes) / 1024
        self.postgres_descriptors = sum(map(descriptors, processes))


class Watch:
    """Reads once a second from begin to end of the block."""

    def __init__(self, stand):
        self.stand, self.readings = stand, [Reading(stand)]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _look(self):
        while not self._stop.wait(1):
            self.readings.append(Reading(self.stand))

    def after_warm_up(self, part=0.3):
        """Caches fill first: the readings after that part of all sessions."""
        total = self.readings[-1].sessions
        return [reading for reading in self.readings if reading.sessions >= part * total]

    def sessions_judged(self):
        readings = self.after_warm_up()
        return readings[-1].sessions - readings[0].sessions

    def slope(self, field):
        """Growth of a field for each 100,000 sessions, as the straight line that fits best."""
        points = [(reading.sessions / PER, getattr(reading, field)) for reading in self.after_warm_up()]
        mean_x, mean_y = (sum(axis) / len(points) for axis in zip(*points))
        spread = sum((x - mean_x) ** 2 for x, _ in points)
        return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0

    def most(self, field):
        return max(getattr(reading, field) for reading in self.readings)
