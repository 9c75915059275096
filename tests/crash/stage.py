"""stage: where a life is played: the server, its PostgreSQL and its devices, and what may befall them there.

Three stages, each with faults that the others cannot have. `faults` tells how often each befalls.
"""

import os
import shutil
import signal
import time

import clockwork
import secret_log
import small_disk
import wire
from checker import CHANGE
from fleet import Fleet, device_id
from lab.agent import Agent
from lab.postgres import SqlError, private_database
from lab.programs import ProgramError, wait_until
from life import LOST, SETTINGS, Life, fixed_listeners
from running_server import DEFAULTS, RunningServer
from sanitizers import Sanitizers

# A database that has vanished behind a cut wire is noticed after the first and five seconds more.
PATIENCE = {"database.statement_timeout_ms": "1000", "database.connect_timeout_ms": "1000", "log.level": "info"}

FLEET = {"change": CHANGE, "parameters": 10, "mix": "periodic=80,boot=10,value-change=10", "retry_scale": "0.01",
         "response_seconds": 5, "reboot_seconds": 1, "listen": "127.0.0.1:0"}


class Stage:
    """Subclasses set `name`, `faults`, and make `life` in open(). `fallen` counts the faults by kind."""

    name, faults = "", {}

    @staticmethod
    def why_not():
        """Why this stage cannot be set up here, or None."""
        return None

    def __init__(self, binaries, folder):
        self.binaries, self.folder = binaries, folder
        self.sanitizers = Sanitizers(folder)
        self.runners, self.fallen, self.starts = [], [], []
        self.life = self.open()
        self.life.password = secret_log.new()
        assert self.life.api.put("/api/v1/onboarding", {"tasks": []}).status == 200

    def start_server(self, options, env=None):
        options = {**DEFAULTS, **SETTINGS, **PATIENCE, **fixed_listeners(),
                   "data.dir": str(self.folder / "data"), "cwmp.auth": "digest", **options}
        acs = RunningServer(self.binaries / "acs", options, self.folder / "acs.log",
                            {**self.sanitizers.environment, **(env or {})})
        acs.serve(None)
        acs.api.token = acs.create_token("crash")
        self.runners.append(acs)
        return acs

    def start_agent(self, acs_url, **options):
        agent = Agent(self.binaries / "cpe", self.folder / f"cpe-{len(self.runners)}", acs_url,
                      self.sanitizers.environment, **options)
        self.runners.append(agent)
        return agent.start()

    def start_fleet(self, count, **options):
        """A fleet whose devices inform at a steady rate and can be called."""
        life, devices = self.life, [device_id(number) for number in range(1, count + 1)]
        for device in devices:
            life.put_credential(device)
        fleet = Fleet(self.folder / "fleet", life.acs.urls["cwmp"], count, self.sanitizers.environment,
                      self.binaries / "cpe", **{**FLEET, "password": life.password, **options})
        life.add_fleet(fleet, devices)

    def befall(self, kind, dice):
        """The fault happens, and is over afterwards."""
        FAULTS[kind](self, dice)
        self.fallen.append({"kind": kind, "time": time.time()})

    def restart_server(self, timeout=60):
        """A supervisor does not give up: while the database is away, the server ends at its start."""
        began = time.monotonic()
        wait_until(self.has_started, timeout, "the server's start", pause=0.1)
        self.starts.append(time.monotonic() - began)

    def has_started(self):
        try:
            self.life.start()
            return True
        except ProgramError:
            if not self.life.is_dead():
                raise
            return False

    def wait_until_ready(self):
        wait_until(self.is_ready, 60, "the database's return", pause=0.05)

    def is_ready(self):
        try:
            return self.life.database.value("SELECT 1") and self.life.api.get("/readyz").status == 200
        except (SqlError, *LOST):
            return False

    def close(self):
        """Stops all that runs; returns what went wrong at that."""
        problems = []
        for runner in reversed([*self.runners, *filter(None, [self.life.fleet])]):
            try:
                status = runner.program.stop() if runner.program and runner.program.is_running() else 0
                if status and runner is not self.life.fleet:  # a fleet's tells of failed sessions
                    problems.append(f"{runner.log}: status {status}")
            except ProgramError as error:
                problems.append(f"{runner.log}: {error}")
        return problems + self.sanitizers.findings()

    def leave(self):
        """Gives back what is not in the folder."""

    def remove(self):
        self.leave()
        shutil.rmtree(self.folder, ignore_errors=True)


class PrivateStage(Stage):
    """The server keeps PostgreSQL itself, finds it again after its own death, and revives it."""

    name = "private"
    faults = {"server": 70, "agent": 6, "backend": 6, "postgres-fast": 3, "postgres-immediate": 3,
              "postgres-kill": 6, "server-and-postgres": 6}

    def open(self):
        self.data = self.folder / "data"
        return self.begin()

    def begin(self):
        acs = self.start_server({"data.dir": str(self.data)})
        return Life(acs, private_database(self.data), self.start_agent, self.folder)

    def postmaster(self):
        pid_file = next(self.data.glob("postgresql/**/postmaster.pid"))
        return int(pid_file.read_text().split()[0])

    def signal_postgres(self, number):
        try:
            os.kill(self.postmaster(), number)
        except (StopIteration, IndexError, OSError):
            pass  # it is down already

    def end_postgres(self, number, _):
        old = self.postmaster()
        os.kill(old, number)
        wait_until(lambda: self.is_revived(old), 60, "another PostgreSQL", pause=0.05)
        self.wait_until_ready()

    def is_revived(self, old):
        """Another postmaster, and it answers. In between there is no pid file, or an empty one."""
        try:
            return self.postmaster() != old and self.life.database.value("SELECT 1")
        except (SqlError, StopIteration, IndexError, OSError):
            return False


class SmallDiskStage(PrivateStage):
    """The same on a disk that is full from time to time."""

    name = "small-disk"
    faults = {"server": 55, "disk-full": 30, "postgres-kill": 5, "backend": 5, "server-and-postgres": 5}
    megabytes = 400

    why_not = staticmethod(small_disk.why_not)

    def open(self):
        self.disk = small_disk.SmallDisk(self.folder / "disk", self.megabytes)
        self.data = self.disk.folder / "data"
        life = self.begin()
        # As on every disk, what PostgreSQL keeps for its recovery must find room by itself.
        life.database.query(f"ALTER SYSTEM SET max_wal_size = '{self.megabytes // 4}MB'")
        life.database.query("SELECT pg_reload_conf()")
        return life

    def exhaust_log(self):
        """PostgreSQL has log files in store; used up, it stops with PANIC and cannot even recover."""
        try:
            for _ in range(12):
                self.life.database.query("SELECT pg_switch_wal(), pg_logical_emit_message(true, 'crash', 'test')")
        except SqlError:
            pass  # as intended

    def leave(self):
        self.disk.remove()


class FarStage(Stage):
    """PostgreSQL is somebody else's, beyond a wire; the server lives by a calendar of its own."""

    name = "far"
    faults = {"server": 50, "network-cut": 15, "clock-jump": 15, "backend": 5, "postgres-fast": 5,
              "postgres-immediate": 5, "postgres-kill": 5}

    @staticmethod
    def why_not():
        return wire.why_not() or clockwork.why_not()

    def open(self):
        self.cluster = wire.FarCluster()
        self.calendar = clockwork.Calendar(self.folder, self.binaries / "acs")
        database = self.cluster.create("acs")
        url = self.cluster.url_over_wire("acs")
        tool = RunningServer(self.binaries / "acs", {"database.url": url, "data.dir": str(self.folder / "data")},
                             self.folder / "tool.log", self.sanitizers.environment)
        assert tool.tool("migrate").returncode == 0
        acs = self.start_server({"database.url": url}, self.calendar.environment)
        return Life(acs, database, self.start_agent, self.folder)

    def end_postgres(self, number, dice):
        if number == signal.SIGKILL:
            self.cluster.kill()
        else:
            self.cluster.program.signal(number)
            self.cluster.program.wait()
        time.sleep(dice.uniform(0, 1))
        self.cluster.start()
        self.wait_until_ready()

    def close(self):
        problems = super().close()
        self.cluster.stop()
        self.cluster.wire.remove()
        return problems

    def leave(self):
        shutil.rmtree(self.cluster.folder, ignore_errors=True)


STAGES = {stage.name: stage for stage in (PrivateStage, FarStage, SmallDiskStage)}

# The faults.


def kill_server(stage, _):
    stage.life.kill()
    stage.restart_server()


def kill_backend(stage, dice):
    """PostgreSQL then ends all others, too, and recovers."""
    try:
        rows = stage.life.database.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'acs' ORDER BY pid")
        if rows:
            os.kill(int(dice.choice(rows)[0]), signal.SIGKILL)
    except (SqlError, ProcessLookupError):
        pass  # it still recovers from the last one
    stage.wait_until_ready()


def kill_server_and_postgres(stage, _):
    stage.signal_postgres(signal.SIGKILL)
    stage.life.kill()
    stage.restart_server()


def kill_agent(stage, dice):
    """A device loses power in mid-session, and boots again."""
    agent = stage.life.agents[dice.choice(list(stage.life.agents))]
    agent.program.kill()
    agent.start()


def cut_network(stage, dice):
    """For so short that nothing is given up, or for longer. Some servers die of it."""
    stage.cluster.wire.cut()
    time.sleep(dice.choice((0.3, 1, 3, 9)))
    dies = dice.random() < 0.3
    if dies:
        stage.life.kill()
    stage.cluster.wire.mend()
    if dies:
        stage.restart_server()
    stage.wait_until_ready()


def fill_disk(stage, dice):
    """PostgreSQL refuses writes, or stops when its log cannot grow; the server lives on, or dies amid it."""
    stage.disk.fill()
    if dice.random() < 0.5:
        stage.exhaust_log()
    time.sleep(dice.uniform(0.5, 4))
    dies = dice.random() < 0.3
    if dies:
        stage.life.kill()
    stage.disk.free()
    if dies:
        stage.restart_server()
    stage.wait_until_ready()


def set_clock(stage, dice):
    hours = dice.choice((-24, -1, 1, 2, 24, 24 * 30, 0))
    stage.calendar.set(3600 * hours)


FAULTS = {
    "server": kill_server,
    "agent": kill_agent,
    "backend": kill_backend,
    "postgres-fast": lambda stage, dice: stage.end_postgres(signal.SIGINT, dice),
    "postgres-immediate": lambda stage, dice: stage.end_postgres(signal.SIGQUIT, dice),
    "postgres-kill": lambda stage, dice: stage.end_postgres(signal.SIGKILL, dice),
    "server-and-postgres": kill_server_and_postgres,
    "network-cut": cut_network,
    "disk-full": fill_disk,
    "clock-jump": set_clock,
}
