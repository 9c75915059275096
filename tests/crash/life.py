"""life: a server that dies again and again, the agents that live on, and the ledger of what was promised."""

import csv
import hashlib
import http.client
import json
import os
import random
import signal
import socket
import threading

import checker
from evidence import attempt_of, collect
from lab.api import Api, path_part
from lab.programs import ProgramError, wait_until
from places import MODELS

MODEL = MODELS / "gateway-tr098.csv"
IGD = "InternetGatewayDevice."
TABLE = IGD + "Layer3Forwarding.Forwarding."
ROWS = 40  # of TABLE in our model

SETTINGS = {"tasks.retry_seconds": "1", "tasks.attempts": "3", "tasks.transfer_seconds": "3",
            "server.sweep_seconds": "1", "server.stop_seconds": "1", "cwmp.retry_after_seconds": "1",
            "connection_request.retries": "0"}  # a device that is busy is woken again by us
# The protocol's waits of 5 s and more become 50 ms and more.
AGENT = {"retry_scale": "0.01", "reboot_seconds": 0, "response_seconds": 5, "connection_request_limit": 1000}

# Outside the range from which the kernel picks: nobody takes them while the server is down.
PORTS = range(20000, 32000)

LOST = (OSError, http.client.HTTPException)


def free_ports(count):
    found = []
    dice = random.Random(os.urandom(8))
    while len(found) < count:
        port = dice.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


def fixed_listeners():
    return {f"{name}.listen": f"127.0.0.1:{port}" for name, port in zip(("cwmp", "admin", "files"), free_ports(3))}


def write_model(path):
    """The sample gateway with many rows in one table, for tasks to delete."""
    with open(MODEL, newline="", encoding="utf-8") as source:
        header, *rows = csv.reader(source)
    first = TABLE + "1"
    shape = [row for row in rows if row[0] == first or row[0].startswith(first + ".")]
    rows += [[TABLE + str(i) + row[0][len(first):], *row[1:]] for i in range(2, ROWS + 1) for row in shape]
    with open(path, "w", newline="", encoding="utf-8") as out:
        csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return path


class Life:
    """One server and its agents. Every answer 2xx of the API goes into the ledger, in memory and on disk."""

    def __init__(self, acs, database, start_cpe, folder):
        self.acs, self.database, self.folder = acs, database, folder
        self._start_cpe, self._lock = start_cpe, threading.Lock()
        self.agents, self.ledger = {}, []
        self.fleet, self.fleet_devices = None, []
        self.password = None  # of devices, when they have to prove who they are
        self.model = write_model(folder / "model.csv")

    @property
    def api(self):
        return Api(self.acs.urls["admin"], self.acs.api.token)

    # The server.

    def start(self, point=None):
        """Starts again, to die at that point: "committed:Inform"."""
        self.acs.env.pop("ACS_CRASH_AT", None)
        if point:
            self.acs.env["ACS_CRASH_AT"] = point
        try:
            self.acs.restart()
        except ProgramError:
            if not point or not self.is_dead():
                raise  # a device that waited may be so fast that it dies before it is ready

    def kill(self):
        self.acs.program.kill()

    def is_dead(self):
        return not self.acs.program.is_running()

    def wait_for_death(self, point, keep_busy=lambda: None, timeout=30):
        """The server must die at that point, and of nothing else."""

        def look():
            try:
                keep_busy()
            except LOST:
                pass
            return self.is_dead()

        wait_until(look, timeout, f"death at {point}", pause=0.03)
        status, tail = self.acs.program.process.returncode, self.acs.program.tail()
        moment, method = point.partition("#")[0].split(":")
        assert status == -signal.SIGKILL, f"status {status}\n{tail}"
        assert f"event=crash-point moment={moment} method={method}" in tail, tail

    # The agents.

    def add_agent(self, **options):
        """An agent that has not informed yet; returns its device's id."""
        serial = f"C{os.getpid()}N{len(self.agents)}"
        device = f"00D09E-HG7100-{serial}"
        if self.password:
            options |= {"username": device, "password": self.password}
            self.put_credential(device)
        self.agents[device] = self._start_cpe(self.acs.urls["cwmp"], data_model=self.model, serial=serial,
                                              **{**AGENT, **options})
        return device

    def add_fleet(self, fleet, devices):
        """Devices of a `cpe --fleet`, which inform all the time."""
        self.fleet, self.fleet_devices = fleet, devices

    def put_credential(self, device):
        answer = self.api.put(f"/api/v1/credentials/{path_part(device)}",
                              {"username": device, "password": self.password})
        assert answer.status in (200, 201), answer

    def add_known_agent(self, **options):
        device = self.add_agent(**options)
        self.agents[device].wait_for_entry("session", outcome="ok")
        return device

    def wake(self, device):
        self.api.post(f"/api/v1/devices/{path_part(device)}/connection-request", timeout=10)

    def sessions(self, device):
        return len(self.agents[device].entries("session", outcome="ok"))

    # The operator.

    def promise(self, what, **record):
        with self._lock:
            self.ledger.append({"what": what, **record})
            with open(self.folder / "ledger.jsonl", "a", encoding="utf-8") as out:
                out.write(json.dumps(self.ledger[-1]) + "\n")

    def queue(self, device, method, **arguments):
        answer = self.api.post(f"/api/v1/devices/{path_part(device)}/tasks", {"method": method, **arguments}, timeout=10)
        if answer.status == 202:
            self.promise("task", id=answer.json["id"], device=device, method=method)
            return answer.json["id"]
        assert answer.status == 503, answer
        return None

    def queue_and_wait(self, device, method, **arguments):
        """Whoever waits is told the end of the task, and relies on it."""
        answer = self.api.post(f"/api/v1/devices/{path_part(device)}/tasks?wait=2", {"method": method, **arguments},
                               timeout=10)
        assert answer.status in (200, 202, 503), answer
        if answer.status == 503:
            return
        told = answer.json
        self.promise("task", id=told["id"], device=device, method=method)
        if answer.status == 200:
            self.promise("ended", id=told["id"], state=told["state"])

    def tag(self, device, tag):
        answer = self.api.put(f"/api/v1/devices/{path_part(device)}/tags/{tag}", timeout=10)
        if answer.status in (200, 201, 204):
            self.promise("tag", device=device, tag=tag)
        else:
            assert answer.status == 503, answer

    def cancel(self, task_id):
        answer = self.api.delete(f"/api/v1/tasks/{task_id}", timeout=10)
        if answer.status in (200, 204):
            self.promise("cancelled", id=task_id)
        else:
            assert answer.status in (409, 503), answer

    def put_file(self, name, data, query):
        answer = self.api.put(f"/api/v1/files/{name}?{query}", data, timeout=10)
        if answer.status in (200, 201):
            self.promise("file", name=name, sha256=hashlib.sha256(data).hexdigest())
        else:
            assert answer.status == 503, answer

    # The end.

    def tasks(self, device=None):
        """All tasks as the database has them, oldest first: (method, state, fault's code, its message)."""
        return self.database.query(
            """SELECT method, state, fault ->> 'code', fault ->> 'message' FROM task JOIN device USING (device_id)
               WHERE :'device' IN ('', id) ORDER BY task_id""", device=device or "")

    def open_count(self, device, states="state = 'queued' OR awaits = 'answer'"):
        return int(self.database.value(
            f"SELECT count(*) FROM task JOIN device USING (device_id) WHERE id = :'device' AND ({states})",
            device=device))

    def settle(self, timeout=60):
        """Until every task is final and every agent has told all that it had to tell."""

        def is_settled(device):
            if self.open_count(device, "state IN ('queued', 'sent')"):
                self.wake(device)
                return False
            return True

        assert not self.fleet or self.fleet.program.is_running(), self.fleet.program.tail()
        for device in [*self.agents, *self.fleet_devices]:
            wait_until(lambda: is_settled(device), timeout, f"the end of all tasks of {device}", pause=0.03)
        for device, agent in self.agents.items():
            before = self.sessions(device)
            wait_until(lambda: self.sessions(device) > before or self.wake(device), timeout,
                       f"one more session of {device}", pause=0.1)
            wait_until(lambda: is_at_rest(agent), timeout, f"rest of {device}", pause=0.05)

    def violations(self):
        """Stops the agents and has the witnesses compared."""
        for agent in self.agents.values():
            if agent.program.is_running():
                assert agent.stop() == 0, agent.program.tail()
        if self.fleet:
            self.fleet.program.stop()
        return checker.check(self.evidence())

    def evidence(self):
        return collect(self.database, {device: agent.state for device, agent in self.agents.items()}, self.ledger,
                       self.fleet and self.fleet.folder)

    def executed_count(self, device, method):
        """How often a method of queued tasks succeeded on the device."""
        return sum(attempt_of(entry["id"])[0] > 0
                   for entry in self.agents[device].entries("executed", method=method, fault=0))


def is_at_rest(agent):
    """The last thing that happened is a session that went well, and nothing is left to be reported."""
    last, saved = agent.journal()[-1], agent.saved()
    is_over = last["kind"] == "session" and last["outcome"] == "ok"
    return is_over and not saved["events"] and not saved["transfers"] and not saved["reports"] and not saved["reboot"]
