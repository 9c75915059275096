"""Every way in which devices misbehave, acted out by the agent against one server: what must come of it."""

import re
import subprocess

import pytest

import collector
import conftest
from lab.agent import Agent
from lab.api import path_part
from misbehaviours import CASES, DOORS, MODEL, PROVISIONING, SSID
from places import BINARIES, REPOSITORY
from secret_log import SECRET
from steps import FIRMWARE, device_path, put_file, queue, stored, task

SERVERS = {"open": "none", "digest": "digest", "basic": "basic"}  # and their cwmp.auth
VENDORS = {"AVM", "Huawei", "EG8145V5", "ZTE", "TP-Link", "MikroTik", "Cisco", "SPA122", "Grandstream", "Sagemcom",
           "Technicolor", "DrayTek", "D-Link", "Yeacomm", "SpeedTouch", "HydrogenHA", "Audiocodes", "signedInt",
           "Zhone", "femtocell", "easycwmp", "cookie", "private", "clock", "read-only", "objects", "dropped"}
CWMP_ROWS, QUIRK_ROWS = range(1, 33), range(1, 23)
EXEMPT = {
    "c30": "the server always answers TransferComplete, so no device has a reason to repeat it",
}


class Lab:
    """Servers on one database, which ask for credentials or do not, and the model of all agents."""

    def __init__(self, folder, sanitizers, template):
        self.folder, self.sanitizers, self.agents = folder, sanitizers, []
        self.database = template.copy()
        self.servers = {name: self.start_server(template, auth) for name, auth in SERVERS.items()}
        self.api = self.servers["open"].api
        self.model = folder / "model.csv"
        self.model.write_text(MODEL, encoding="utf-8")
        assert self.api.put("/api/v1/onboarding", {"tasks": []}).status in (200, 204)
        put_file(self.api, "firmware.bin", FIRMWARE, kind="firmware", version="9.9.9")

    def start_server(self, template, auth):
        options = {**conftest.DEFAULTS, "data.dir": str(self.folder / "data"), "cwmp.auth": auth,
                   "cwmp.basic_over_http": "true", "connection_request.basic": "true",
                   "database.url": self.database.url}
        server = conftest.RunningServer(BINARIES / "acs", options, self.folder / f"acs-{auth}.log",
                                        self.sanitizers.environment)
        return server.serve(template.tokens["admin"])

    def agent(self, server, modes, **options):
        """A new agent; `id` is its device, which the server has been told of."""
        number = len(self.agents)
        options = {"serial": f"M{number}", "oui": "00D09E", "product_class": f"Test {number}", "reboot_seconds": 0,
                   "username": f"user {number}", "password": SECRET, **options}
        if modes:
            options["misbehave"] = modes
        agent = Agent(BINARIES / "cpe", self.folder / f"cpe-{number}", self.servers[server].urls["cwmp"],
                      self.sanitizers.environment, data_model=self.model, **options)
        self.agents.append(agent)
        agent.id = device_id(options)
        answer = self.api.put(f"/api/v1/credentials/{path_part(agent.id)}",
                              {"username": options["username"], "password": options["password"]})
        assert answer.status in (200, 201), answer
        return agent

    def stop(self):
        """Ends what still runs. What the server sent is collected, but in a namespace that no schema has."""
        for agent in self.agents:
            if agent.program and agent.program.is_running():
                agent.program.kill()
            if "namespace=" not in agent.options.get("misbehave", ""):
                collector.add_folder(agent.trace, ["received"])
        assert {server.stop() for server in self.servers.values()} == {0}

    def add_quirk(self, product_class, settings):
        answer = self.api.put(f"/api/v1/quirks/{product_class.replace(' ', '-').lower()}",
                              {"product_class": product_class, "settings": settings})
        assert answer.status == 201, answer

    def assert_serves(self):
        device = self.servers["open"].device()
        assert device.inform("2 PERIODIC").status == 200
        assert device.empty().status == 204
        device.close()


def device_id(options):
    def escape(part):
        return re.sub(rb"[^A-Za-z0-9_]", lambda m: b"%%%02X" % m.group()[0], part.encode()).decode()

    parts = (options["oui"], options["product_class"], options["serial"])
    return "-".join(escape(part) for part in parts if part)


@pytest.fixture(scope="module")
def lab(template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("misbehaviour")
    for path in (folder, *folder.parents[:2]):
        path.chmod(0o755)
    lab = Lab(folder, conftest.Sanitizers(folder), template)
    yield lab
    lab.stop()
    template.cluster.drop(lab.database.name)


class Run:
    """A case played once: its agent, its tasks, and what became of both."""

    def __init__(self, lab, case):
        self.lab, self.case = lab, case
        self.agent = lab.agent(case.server, case.modes, once=True, **case.options)
        if case.quirk:
            lab.add_quirk(self.agent.options["product_class"], case.quirk)
        self.task_ids = [(method, queue(lab.api, self.agent.id, method, **arguments))
                         for method, arguments in case.tasks]
        self.status = self.play()

    def play(self):
        status = self.agent.start().program.wait(60)
        assert not self.lab.sanitizers.findings(), self.agent.log.read_text()
        return status

    def play_well(self):
        del self.agent.options["misbehave"]
        self.status = self.play()

    def tasks(self):
        return [(method, task(self.lab.api, task_id)) for method, task_id in self.task_ids]

    def states(self):
        return [(method, t["state"], t["fault"]) for method, t in self.tasks()]

    def assert_done(self, except_for=None):
        left = [state for state in self.states() if state[1] != "done" and state[0] != except_for]
        assert not left, f"{left}\n{self.agent.program.tail(60)}"

    def assert_stored(self):
        if "Refresh" not in dict(self.task_ids):
            return
        known = stored(self.lab.database, self.agent.id)
        wanted = self.case.stored
        assert {name: known.get(name, (None,))[0] for name in wanted} == wanted
        values = {p["name"]: p["value"] for p in dict(self.tasks())["GetParameterValues"]["result"]["parameters"]}
        assert values == {name: wanted[name] for name in (SSID, PROVISIONING)}


def served(run):
    assert run.status == 0, run.agent.program.tail(60)
    run.assert_done()
    run.assert_stored()


def faulted(run):
    assert run.status == 0, run.agent.program.tail(60)
    run.assert_done(except_for=run.case.method)
    failed = dict(run.tasks())[run.case.method]
    assert failed["state"] == "failed" and failed["fault"]["message"], failed
    if run.case.fault:
        assert failed["fault"]["code"] == run.case.fault, failed


def recovered(run):
    assert run.status != 0, run.agent.program.tail(60)
    run.lab.assert_serves()
    run.play_well()
    faulted(run) if run.case.method else served(run)


def retried(run):
    """The task waits for another time."""
    (_, waiting), = run.tasks()
    assert waiting["state"] == "queued" and waiting["attempts"] >= 1, waiting


def unsettled(run):
    """The transfer is open, as nobody has told its end."""
    (_, waiting), = run.tasks()
    assert waiting["state"] == "sent", waiting


def refused(run):
    assert run.status != 0
    assert {(t["state"], t["attempts"]) for _, t in run.tasks()} == {("queued", 0)}


OUTCOMES = {function.__name__: function for function in (served, faulted, recovered, retried, unsettled, refused)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.modes or str(case.options))
def test_misbehaviour_has_the_outcome_that_is_told(lab, case):
    OUTCOMES[case.outcome](Run(lab, case))


@pytest.mark.parametrize("modes,status", [(modes, status) for modes, _, status in DOORS])
def test_doors_for_connection_requests_are_opened_or_told_of(lab, modes, status):
    agent = lab.agent("open", modes, connection_request_username="acs", connection_request_password=SECRET)
    lab.api.put(f"/api/v1/credentials/{path_part(agent.id)}",
                {"username": "user", "password": SECRET, "connection_request_username": "acs",
                 "connection_request_password": SECRET})
    agent.start()
    agent.wait_for_entry("session", outcome="ok")
    seconds = 5 if status == 200 else 1
    answer = lab.api.post(device_path(agent.id, f"/connection-request?session={seconds}"))
    assert answer.status == status, answer
    assert agent.stop() == 0
    assert not lab.sanitizers.findings()


# The tables are complete.

def modes_of(text):
    return {mode.split("=")[0] for mode in text.split(",") if mode}


def offered_modes():
    """Those that `cpe --help` lists."""
    help_text = subprocess.run([BINARIES / "cpe", "--help"], text=True, capture_output=True, check=True).stdout
    return set(re.findall(r"^    ([a-z0-9.-]+)", help_text.split("modes of --misbehave:")[1], re.MULTILINE))


def test_every_mode_of_the_agent_is_tested():
    offered = offered_modes()
    tested = set().union(*(modes_of(case.modes) for case in CASES), *(modes_of(modes) for modes, _, _ in DOORS))
    assert offered and tested == offered


def test_every_deviation_that_is_known_has_a_case():
    rows = set().union(*(case.rows for case in CASES), *(rows.split() for _, rows, _ in DOORS), EXEMPT)
    wanted = {f"c{n}" for n in CWMP_ROWS} | {f"q{n}" for n in QUIRK_ROWS} | {f"p:{name}" for name in VENDORS}
    assert not wanted - rows


def test_the_guide_names_every_mode():
    guide = (REPOSITORY / "docs/operators-guide.md").read_text(encoding="utf-8")
    assert not offered_modes() - set(re.findall(r"`([a-z0-9.-]+)(?:=[A-Z]+)?`", guide))
