"""PostgreSQL dies, the server does not: in mid-session, in mid-question, for a while, under load.
And the private cluster, which outlives a killed server and is revived by a living one.
"""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

import envelope
from lab.postgres import Cluster, SqlError, private_database
from lab.programs import wait_until
from lab.server import Server
from life import IGD, SETTINGS, TABLE, Life, fixed_listeners
from load import Operator, prepare
from places import BINARIES
from steps import FIRMWARE

CODE = IGD + "DeviceInfo.ProvisioningCode"


@pytest.fixture(scope="module")
def mortal_cluster():
    """A cluster that may be killed; whatever a test leaves of it, the next one starts it again."""
    cluster = Cluster()
    yield cluster
    cluster.stop()
    shutil.rmtree(cluster.folder, ignore_errors=True)


@pytest.fixture
def life(mortal_cluster, start_acs, start_cpe, folder):
    """A server on a cluster that may be killed: `life.cluster`."""
    cluster = mortal_cluster
    cluster.start()
    database = cluster.create(folder.name)
    tool = Server(BINARIES / "acs", {"database.url": database.url, "data.dir": str(folder / "data")}, folder / "tool.log")
    assert tool.tool("migrate").returncode == 0
    acs = start_acs({**SETTINGS, **fixed_listeners(), "database.url": database.url}, token=tool.create_token("test"))
    life = Life(acs, database, start_cpe, folder)
    life.cluster = cluster
    assert life.api.put("/api/v1/onboarding", {"tasks": []}).status == 200
    return life


def wait_until_ready(life):
    wait_until(lambda: life.api.get("/readyz").status == 200, 30, "the database's return", pause=0.1)


def restart_cluster(life):
    life.cluster.kill()
    life.cluster.start()
    wait_until_ready(life)


class Lock:
    """Holds a table so that a question about it hangs."""

    def __init__(self, life, table):
        self.database = life.database
        self.psql = subprocess.Popen(["psql", "-X", "-q", "-d", life.database.url], stdin=subprocess.PIPE, text=True,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        self.psql.stdin.write(f"BEGIN; LOCK TABLE {table};\n")
        self.psql.stdin.flush()
        wait_until(lambda: self._count("granted AND mode = 'AccessExclusiveLock'", table), 10, f"the lock on {table}")
        self.table = table

    def _count(self, condition, table):
        return self.database.value(f"SELECT 1 FROM pg_locks WHERE relation = '{table}'::regclass AND {condition}")

    def wait_for_question(self):
        wait_until(lambda: self._count("NOT granted", self.table), 20, f"a question about {self.table}")

    def release(self):
        self.psql.kill()
        self.psql.communicate()


# Each table is asked about in another turn of a session: Inform, claim, response, TransferComplete.
QUESTIONS = {"device_live": "GetRPCMethods", "task": "GetRPCMethods", "parameter": "GetParameterValues",
             "transfer": "Download"}


def test_postgresql_is_killed_with_a_question_under_way(life):
    life.put_file("fw.bin", FIRMWARE, "kind=firmware&version=9.9.9")
    device = life.add_known_agent()
    arguments = {"GetParameterValues": {"names": [CODE]}, "Download": {"file": "fw.bin"}}
    server = life.acs.program.pid
    for table, method in QUESTIONS.items():
        life.queue(device, method, **arguments.get(method, {}))
        lock = Lock(life, table)
        life.wake(device)
        lock.wait_for_question()
        restart_cluster(life)
        lock.release()
        life.settle()
    assert {state for _, state, _, _ in life.tasks(device)} == {"done"}
    assert life.acs.program.pid == server
    assert life.violations() == []


def test_postgresql_is_killed_between_two_requests_of_a_session(life):
    device = life.acs.device()
    device.run_session("1 BOOT")
    task_id = life.queue(device.id, "AddObject", object=TABLE)
    request = device.begin_session()
    restart_cluster(life)
    assert device.answer(request, envelope.add_object_response(7)).status == 204
    assert life.api.get(f"/api/v1/tasks/{task_id}").json["result"] == {"instance_number": 7, "status": 0}


def test_postgresql_stands_still_and_all_goes_on_afterwards(life):
    """503 with Retry-After, fault 8005, and never a 200 that promises something."""
    life.put_file("fw.bin", FIRMWARE, "kind=firmware&version=9.9.9")
    device, agent_id = life.acs.device(), life.add_known_agent()
    device.run_session("1 BOOT")
    task_id = life.queue(device.id, "Download", file="fw.bin")
    key = device.begin_session().envelope.text("CommandKey")
    device.hang_up()
    device.inform("7 TRANSFER COMPLETE", ("M Download", key))
    life.cluster.stop()
    assert device.send(envelope.transfer_complete(key)).envelope.fault_code == 8005
    other = life.acs.device()
    refused = other.inform("0 BOOTSTRAP")
    assert refused.status == 503 and int(refused.headers["Retry-After"]) >= 1
    assert refused.body == b"try again later\n"  # nothing of the database, for nobody has proved who he is
    assert life.queue(agent_id, "Reboot") is None
    agent = life.agents[agent_id]
    assert agent.command("set", f"{CODE}=changed meanwhile").returncode == 0
    agent.wait_for_entry("session", outcome="failed")
    life.cluster.start()
    wait_until_ready(life)
    assert device.send(envelope.transfer_complete(key)).method == "TransferCompleteResponse"
    assert life.api.get(f"/api/v1/tasks/{task_id}").json["state"] == "done"
    assert other.inform("0 BOOTSTRAP").method == "InformResponse"
    life.settle()
    assert life.tasks(agent_id) == []
    assert life.violations() == []


def test_postgresql_is_killed_at_random_under_load(life):
    seed = random.SystemRandom().randrange(10 ** 9)
    print(f"seed {seed}")
    prepare(life, 3)
    dice = random.Random(f"kills {seed}")
    with Operator(life, f"operator {seed}"):
        for _ in range(5):
            time.sleep(dice.uniform(0.1, 0.6))
            restart_cluster(life)
    life.settle()
    assert life.violations() == []


# The private cluster.

@pytest.fixture
def private(start_acs, start_cpe, folder):
    acs = start_acs({**SETTINGS, **fixed_listeners(), "data.dir": str(folder / "data")}, own_cluster=True)
    life = Life(acs, private_database(folder / "data"), start_cpe, folder)
    assert life.api.put("/api/v1/onboarding", {"tasks": []}).status == 200
    return life


def postmaster(life):
    return int(next((life.folder / "data").glob("postgresql/**/postmaster.pid")).read_text().split()[0])


def is_revived(life, old):
    """Another postmaster, and it answers. In between there is no pid file, or an empty one."""
    try:
        return postmaster(life) != old and life.database.value("SELECT 1")
    except (SqlError, StopIteration, IndexError, OSError):
        return False


POINTS = ["asking:SetParameterValuesResponse", "committed:AddObjectResponse", "reply:Inform"]


def test_a_killed_server_leaves_its_cluster_to_the_next(private):
    device = private.add_known_agent()
    pid = postmaster(private)
    private.kill()
    for point in POINTS:
        private.start(point)
        assert postmaster(private) == pid
        # The device comes by itself, too: the server may die before it has taken both tasks.
        with contextlib.suppress(OSError):
            private.queue(device, "SetParameterValues", parameters=[{"name": CODE, "value": point}])
            private.queue(device, "AddObject", object=TABLE)
        private.wait_for_death(point, lambda: private.wake(device))
    private.start()
    private.settle()
    assert {state for _, state, _, _ in private.tasks(device)} == {"done"}
    assert postmaster(private) == pid
    assert private.violations() == []
    assert private.acs.stop() == 0
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), 10, "the end of PostgreSQL")


def test_a_killed_private_cluster_is_revived_in_mid_session(private):
    device = private.add_known_agent()
    server = private.acs.program.pid
    private.queue(device, "Reboot")
    for value in "ab":
        private.queue(device, "SetParameterValues", parameters=[{"name": CODE, "value": value}])
        lock = Lock(private, "task")
        private.wake(device)
        lock.wait_for_question()
        pid = postmaster(private)
        os.kill(pid, signal.SIGKILL)
        lock.release()
        wait_until(lambda: is_revived(private, pid), 30, "another PostgreSQL", pause=0.1)
        wait_until_ready(private)
    private.settle()
    assert {state for _, state, _, _ in private.tasks(device)} == {"done"}
    assert private.acs.program.pid == server
    assert private.violations() == []
