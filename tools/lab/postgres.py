"""postgres: private PostgreSQL clusters, and questions to them through psql.

PostgreSQL refuses to run as root, so root hands its part to the postgres user.
"""

import os
import pwd
import re
import signal
import subprocess
import tempfile
from pathlib import Path

from lab.programs import Program, wait_until


class SqlError(Exception):
    pass


def bin_folder():
    """The newest PostgreSQL that Debian installed."""
    versions = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if (p / "initdb").exists()]
    return max(versions, key=lambda p: int(re.sub(r"\D.*", "", p.parent.name)))


def as_user(name):
    """The words that, put before a command, run it as that user; none when we are that user."""
    if pwd.getpwuid(os.getuid()).pw_name == name:
        return []
    return ["setpriv", f"--reuid={name}", f"--regid={name}", "--init-groups", "--"]


def server_user():
    return "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name


def can_be_entered_by(path, user):
    """Can that user enter the folder, and so all that lead to it?"""
    test = subprocess.run([*as_user(user), "test", "-x", str(path)], cwd="/", check=False)
    return test.returncode == 0


class Database:
    """One database, asked by psql over the Unix socket. Both kinds of cluster trust whoever reaches it."""

    def __init__(self, socket_folder, port, name, user):
        self.socket_folder, self.port, self.name, self.user = str(socket_folder), port, name, user

    @property
    def url(self):
        return f"host={self.socket_folder} port={self.port} dbname={self.name} user={self.user}"

    def query(self, sql, **values):
        """The rows of a query as lists of texts; NULL is ''. `:'name'` in sql stands for a value."""
        command = [str(bin_folder() / "psql"), "-X", "-q", "-A", "-t", "-F", "\x1f", "-R", "\x1e", "-v",
                   "ON_ERROR_STOP=1", "-d", self.url]
        for name, value in values.items():
            command += ["-v", f"{name}={value}"]
        done = subprocess.run(command, input=sql, text=True, capture_output=True, cwd="/", check=False)
        if done.returncode:
            raise SqlError(done.stderr.strip())
        text = done.stdout.removesuffix("\n")
        return [row.split("\x1f") for row in text.split("\x1e")] if text else []

    def value(self, sql, **values):
        """The first column of the first row, or None without a row."""
        rows = self.query(sql, **values)
        return rows[0][0] if rows else None


def private_database(data_folder):
    """The `acs` database of the cluster that a server keeps below data_folder."""
    pid_file = next(Path(data_folder).glob("postgresql/**/postmaster.pid"))
    lines = pid_file.read_text().splitlines()
    return Database(lines[4], lines[3], "acs", "acs")


def children_of(pid):
    """The folders in /proc of a process's children."""
    children = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue  # it ended meanwhile
        if int(parent) == pid:
            children.append(path)
    return children


class Cluster:
    """A cluster of our own for tests: fast rather than durable, reachable by a Unix socket only."""

    settings = """
        listen_addresses = ''
        fsync = off
        full_page_writes = off
        max_connections = 200
        shared_buffers = 32MB
        autovacuum = off
    """

    def __init__(self):
        self.user, self.program = server_user(), None
        self.folder = Path(tempfile.mkdtemp(prefix="acs-pg-", dir="/tmp"))
        self.data = self.folder / "data"
        if os.getuid() == 0:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        initdb = [*as_user(self.user), bin_folder() / "initdb", "-D", self.data, "-U", self.user, "--auth=trust",
                  "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run([str(word) for word in initdb], check=True, capture_output=True, cwd="/")
        self.configure()
        self.start()

    def configure(self):
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(self.settings + f"unix_socket_directories = '{self.folder}'\n")

    def command(self):
        return [*as_user(self.user), bin_folder() / "postgres", "-D", self.data]

    def start(self):
        """Starts and waits until questions are answered."""
        wait_until(self._is_up, 60, "the start of PostgreSQL", pause=0.1)

    def _is_up(self):
        # After a kill, processes of the dead one may hold its memory for a moment: try again.
        if not self.program or not self.program.is_running():
            self.program = Program(self.command(), self.folder / "log")
        try:
            return self.database("postgres").value("SELECT 1")
        except SqlError:
            return False

    def stop(self):
        """At once; what is left to do is recovery's."""
        self.program.signal(signal.SIGQUIT)
        self.program.wait()

    def kill(self):
        """SIGKILL for the postmaster, as the kernel does it when memory runs out, until its last process is gone.

        The others notice within milliseconds; until then they answer questions and commit."""
        others = children_of(int((self.data / "postmaster.pid").read_text().split()[0]))
        self.program.kill()
        wait_until(lambda: not any(path.exists() for path in others), 30, "the end of PostgreSQL's processes")

    def database(self, name):
        return Database(self.folder, 5432, name, self.user)

    def create(self, name, template="template0"):
        self.database("postgres").query(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.database(name)

    def drop(self, name):
        self.database("postgres").query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

