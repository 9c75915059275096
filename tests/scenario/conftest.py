"""Fixtures: a PostgreSQL cluster per worker, a database per test, and in it servers, agents, devices.

A test passes only if the programs it started stopped cleanly and no sanitizer had anything to say.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

import collector
import secret_log
from lab.agent import Agent
from lab.api import Api
from lab.postgres import Cluster
from lab.server import Server
from places import BINARIES, SHARED
from running_server import DEFAULTS, RunningServer
from sanitizers import Sanitizers


@pytest.fixture(scope="session")
def shared():
    """The folder of captured traffic, schemas and data models that is not part of the repository."""
    if not SHARED.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"{SHARED} is missing")
        pytest.skip(f"{SHARED} is missing (set ACS_SHARED)")
    return SHARED


@pytest.fixture
def folder(request):
    """An empty folder that every user may enter; kept when the test fails."""
    path = Path(tempfile.mkdtemp(prefix="acs-test-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    secret_log.tell_folder(path)
    if request.node.stash.get(has_failed, False):
        print(f"\nleft for inspection: {path}")
    else:
        shutil.rmtree(path, ignore_errors=True)


has_failed = pytest.StashKey[bool]()

Api.observer = secret_log.on_call


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.failed:
        item.stash[has_failed] = True


@pytest.fixture
def sanitizers(folder):
    return Sanitizers(folder)


def end(runners, sanitizers, request):
    """Stops what still runs; fails the test unless all of it ended well."""
    problems = []
    for runner in runners:
        if runner.program and runner.program.is_running():
            secret_log.tell_process(runner.program)
            status = runner.stop()
            if status:
                problems.append(f"{runner.log} ended with status {status}:\n{runner.program.tail()}")
        print_log(request, runner.log)
    problems += sanitizers.findings()
    if problems:
        request.node.stash[has_failed] = True
        pytest.fail("\n".join(problems))


def print_log(request, path):
    if request.node.stash.get(has_failed, False) and path.exists():
        print(f"--- {path}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-60:]))


class Template:
    """A migrated database with a token, from which every test's database is copied."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.name = "template_acs"
        log = cluster.folder / "migrate.log"
        server = Server(BINARIES / "acs", {"database.url": cluster.create(self.name).url}, log)
        done = server.tool("migrate")
        assert done.returncode == 0, done.stderr
        self.tokens = {role: server.create_token(f"test {role}", role)
                       for role in ("read", "operate", "admin")}
        for role, token in self.tokens.items():
            secret_log.use(token, f"token of {role}")
        self.count = 0

    def copy(self):
        self.count += 1
        return self.cluster.create(f"test_{self.count}", self.name)


@pytest.fixture(scope="session")
def worker_cluster():
    cluster = Cluster()
    yield cluster
    cluster.stop()
    secret_log.tell_folder(cluster.folder)
    shutil.rmtree(cluster.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(worker_cluster):
    return Template(worker_cluster)


@pytest.fixture
def cluster():
    """A cluster for this test alone, to be killed and restarted."""
    cluster = Cluster()
    yield cluster
    cluster.stop()
    secret_log.tell_folder(cluster.folder)
    shutil.rmtree(cluster.folder, ignore_errors=True)


@pytest.fixture
def tokens(template):
    return template.tokens


@pytest.fixture
def database(template):
    """A fresh, migrated database of this test; `query` and `value` ask it."""
    database = template.copy()
    yield database
    template.cluster.drop(database.name)


@pytest.fixture
def start_acs(folder, sanitizers, template, request):
    """start_acs({"cwmp.auth": "digest"}): a server on this test's database, stopped at the end."""
    servers = []

    def start(options=None, token=None, own_cluster=False):
        options = {**DEFAULTS, "data.dir": str(folder / "data"), **(options or {})}
        if options.get("secrets.key"):
            secret_log.use(options["secrets.key"], "secrets.key")
        if not own_cluster and "database.url" not in options:
            options["database.url"] = request.getfixturevalue("database").url
        log = folder / f"acs-{len(servers)}.log"
        server = RunningServer(BINARIES / "acs", options, log, sanitizers.environment)
        servers.append(server)
        server.serve(token or template.tokens["admin"])
        if own_cluster and not token:
            server.api.token = server.create_token(f"test {len(servers)}")
        return server

    # The database must outlive its servers, so it has to be set up before them.
    request.getfixturevalue("database")
    yield start
    end(servers, sanitizers, request)


@pytest.fixture
def acs(start_acs):
    """A server with the tests' defaults: no authentication, free ports."""
    return start_acs()


@pytest.fixture
def api(acs):
    return acs.api


@pytest.fixture
def device(acs):
    """A scripted CPE that talks to `acs`."""
    device = acs.device()
    yield device
    device.close()


@pytest.fixture
def start_cpe(folder, sanitizers, request):
    """start_cpe(acs.urls["cwmp"], serial="1"): an agent, stopped at the end.

    Its envelopes are collected, unless it breaks rules on purpose; so are those of its ACS if that is ours.
    """
    agents = []

    def start(acs_url, is_acs_ours=True, **options):
        for name, value in options.items():
            if name.endswith("password"):
                secret_log.use(value, f"cpe --{name}")
        agent = Agent(BINARIES / "cpe", folder / f"cpe-{len(agents)}", acs_url, sanitizers.environment, **options)
        agent.directions = ["sent"] * ("misbehave" not in options) + ["received"] * is_acs_ours
        agents.append(agent)
        agent.start()
        return agent

    yield start
    for agent in agents:
        collector.add_folder(agent.trace, agent.directions)
    end(agents, sanitizers, request)
