"""stand: one binary's server with a private PostgreSQL of its own, which holds one population.

It is seeded once. For each measurement the server starts afresh, so that all it knows is in the database.
"""

import contextlib
import shutil
import sys
import time
from pathlib import Path
from typing import NamedTuple

from certificates import Authority
from cpe_fleet import Fleet
from lab.api import Api
from lab.postgres import private_database
from lab.server import Server
from populations import SERIAL, copy_informed, seed, tidy

LISTENERS = {"cwmp.listen": "127.0.0.1:0", "admin.listen": "127.0.0.1:0", "files.listen": "127.0.0.1:0"}


def tell(text):
    print(text, file=sys.stderr, flush=True)


class Side(NamedTuple):
    """What is compared: a server's binary with its settings. The load is the same for all."""

    name: str
    binaries: Path
    load: Path
    settings: dict = {}
    environment: dict = {}


class Stand:
    def __init__(self, side, name, folder, population=None):
        """population: what is seeded under that name; without one, nothing."""
        self.side, self.name, self.population = side, name, population
        self.folder = folder / f"{side.name}-{name}"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.strangers_used = 0
        self.is_touched = False  # other values are stored than the devices of a new fleet tell
        self.token = None
        if self.population:
            self._fill()

    def _fill(self):
        population, begin = self.population, time.monotonic()
        with self.serving():
            seed(self.database, population)
            seconds = time.monotonic() - begin
            tell(f"{self.side.name}: {population.devices} devices seeded in {seconds:.0f} s")
            if population.informs_first:
                self.inform_once(1)
                copy_informed(self.database)
                self.inform_once(population.devices)

    def inform_once(self, count):
        """A first session of each of the first devices; what they tell is then known."""
        begin = time.monotonic()
        self.fleet(count, sessions=count, concurrency=min(100, count), in_turn=True).finish()
        tidy(self.database)
        tell(f"{self.side.name}: {count} devices informed in {time.monotonic() - begin:.0f} s")

    def settle(self):
        """What is stored is again what a fleet tells that has just begun."""
        if self.is_touched:
            with self.serving():
                self.inform_once(self.population.devices)
        self.is_touched = False

    def strangers(self, count):
        """The number of the first of so many devices that the server has never seen."""
        first = self.population.devices + self.strangers_used + 1
        self.strangers_used += count
        if self.strangers_used > self.population.strangers:
            raise RuntimeError(f"the population {self.name} has {self.population.strangers} strangers only")
        return first

    def serials(self, first, count):
        rows = self.database.query(f"SELECT {SERIAL} FROM generate_series(:first, :last) n", first=first,
                                   last=first + count - 1)
        return [serial for serial, in rows]

    def _tls_settings(self, key_type):
        authority = Authority(self.folder)
        certificate, key = authority.issue("acs", key_type=key_type)
        self.authority = authority.certificate
        return {"cwmp.tls_listen": "127.0.0.1:0", "tls.certificate": certificate, "tls.key": key}

    @contextlib.contextmanager
    def serving(self, is_tls=False, key_type="ecdsa"):
        """The server runs inside; is_tls: devices reach it under TLS, with a P-256 certificate or one of RSA."""
        options = {"data.dir": str(self.folder / "data"), **LISTENERS, **self.side.settings,
                   **(self._tls_settings(key_type) if is_tls else {})}
        log = self.folder / "acs.log"
        log.unlink(missing_ok=True)
        self.server = Server(self.side.binaries / "acs", options, log, self.side.environment)
        self.server.start()
        try:
            self.database = private_database(self.folder / "data")
            pid_file = next((self.folder / "data").glob("postgresql/**/postmaster.pid"))
            self.postmaster = int(pid_file.read_text(encoding="utf-8").split()[0])
            self.token = self.token or self.server.create_token("bench")
            self.device_url = self.server.urls["cwmp_tls" if is_tls else "cwmp"]
            self.api = Api(self.server.urls["admin"], self.token)
            yield self
        finally:
            if self.server.program.is_running():
                status = self.server.stop()
                assert status == 0, f"acs ended with status {status}:\n{self.server.program.tail()}"

    @property
    def server_pid(self):
        return self.server.program.pid

    def fleet(self, devices, **options):
        """Starts the load."""
        if self.device_url.startswith("https"):
            options["ca_file"] = self.authority
        return Fleet(self.side.load, self.device_url, self.folder, fleet=devices, **options)

    def remove(self):
        shutil.rmtree(self.folder)
