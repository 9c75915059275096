"""farm: nodes on one durable PostgreSQL behind haproxy, fleets that come to them, an operator, and the checker."""

import collections
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.dont_write_bytecode = True
sys.path[:0] = [str(REPOSITORY / part) for part in ("tools", "tests/scenario", "tests/crash", "tests/bench")]

import checker  # noqa: E402
from accounting import TICK_US, cluster_ticks, ticks  # noqa: E402
from balancer import Balancer, free_address  # noqa: E402
from evidence import TABLES, Evidence, read_rows  # noqa: E402
from lab.api import Api, path_part  # noqa: E402
from lab.postgres import Cluster  # noqa: E402
from lab.programs import Program, wait_until  # noqa: E402
from lab.server import Server  # noqa: E402
from life import LOST  # noqa: E402
from populations import OUI, PASSWORD, PRODUCT_CLASS, Population, seed  # noqa: E402

PARAMETER = "InternetGatewayDevice.DeviceInfo.SoftwareVersion"


class DurableCluster(Cluster):
    settings = """
        listen_addresses = ''
        max_connections = 200
        shared_buffers = 256MB
        max_wal_size = 2GB
    """


def tell(text):
    print(text, flush=True)


class Farm:
    """binaries: {node's name: folder with acs}; the load comes from `cpe` in `load`."""

    def __init__(self, load, devices):
        self.load, self.devices = load, devices
        self.folder = Path(tempfile.mkdtemp(prefix="acs-nodes-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.cluster = DurableCluster()
        self.database = self.cluster.create("acs")
        self.nodes, self.balancer, self.token = {}, None, None
        self.key = os.urandom(32).hex()

    def server(self, name, binaries, **settings):
        """A node that does not run yet."""
        options = {"cwmp.listen": "127.0.0.1:0", "admin.listen": "127.0.0.1:0", "files.listen": "127.0.0.1:0",
                   "server.stop_seconds": "5", "server.sweep_seconds": "1", "secrets.key": self.key,
                   "cwmp.connections_per_address": "100000", "database.url": self.database.url,
                   "data.dir": str(self.folder / name), **settings}
        return Server(Path(binaries) / "acs", options, self.folder / f"{name}.log")

    def migrate(self, binaries):
        done = self.server("migrate", binaries).tool("migrate")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def populate(self, binaries):
        """Migrates, and makes the devices' credentials known."""
        self.migrate(binaries)
        self.token = self.server("token", binaries).create_token("farm")
        seed(self.database, Population(self.devices))

    def start(self, name, binaries, **settings):
        node = self.nodes[name] = self.server(name, binaries, **settings).start()
        node.api = Api(node.urls["admin"], self.token)
        return node

    def reserve_addresses(self, node):
        """Gives a node that does not run yet the addresses that it will have."""
        for listener in ("cwmp", "admin", "files"):
            node.options[f"{listener}.listen"] = free_address()
        return {listener: f"http://{node.options[f'{listener}.listen']}/" for listener in ("cwmp", "admin", "files")}

    def start_reserved(self, name):
        node = self.nodes[name].start()
        node.api = Api(node.urls["admin"], self.token)

    def balance(self, stickiness):
        self.balancer = Balancer(self.folder, list(self.nodes.values()), stickiness)

    def fleet(self, **options):
        """The load; it ends by itself."""
        options = {"fleet": self.devices, "acs_url": self.balancer.url, "oui": OUI, "product_class": PRODUCT_CLASS,
                   "password": PASSWORD, "source_addresses": "127.0.0.0/8", "retry": "protocol", "change": 2, "in_turn": True,
                   "journal": self.folder / "journal.jsonl", "report": self.folder / "fleet.json", **options}
        words = [f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}") for name, value in options.items()]
        return Program([self.load / "cpe", *words], self.folder / "fleet.log")

    def report(self, fleet, timeout):
        fleet.wait(timeout)
        return json.loads((self.folder / "fleet.json").read_text())

    def check(self, ledger):
        """All violations of what was promised, as sentences, and how many Informs were looked at."""
        journals = collections.defaultdict(list)
        with open(self.folder / "journal.jsonl", encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                journals[entry["device"]].append(entry)
        evidence = Evidence(journals, ledger, {name: read_rows(self.database, sql) for name, sql in TABLES.items()})
        rows = {row["id"]: row for row in evidence.devices}
        evidence.device = rows.get  # there are many
        informs = sum(entry.get("method") == "Inform" for entries in journals.values() for entry in entries)
        return checker.check(evidence), informs

    def cpu_us(self):
        """CPU time so far: of all nodes that run, and of PostgreSQL with all of its processes."""
        nodes = sum(ticks(node.program.pid) for node in self.nodes.values() if node.program.is_running())
        postmaster = int((self.cluster.data / "postmaster.pid").read_text().split()[0])
        return nodes * TICK_US, cluster_ticks(postmaster) * TICK_US

    def close(self):
        for node in self.nodes.values():
            if node.program and node.program.is_running():
                node.stop()
        if self.balancer:
            self.balancer.stop()
        self.cluster.stop()


class Operator(threading.Thread):
    """Queues a task for one device after another, at the nodes in turn, and notes what was acknowledged."""

    def __init__(self, farm, pause=0.02):
        super().__init__(daemon=True)
        self.farm, self.pause, self.ledger, self.refused = farm, pause, [], []
        self.is_over = threading.Event()
        self.start()

    def run(self):
        number = 0
        while not self.is_over.wait(self.pause):
            number = number % self.farm.devices + 1
            nodes = [node for node in list(self.farm.nodes.values()) if hasattr(node, "api") and node.program.is_running()]
            try:
                self.queue(nodes[number % len(nodes)], f"{OUI}-{PRODUCT_CLASS}-F{number:08}")
            except LOST:
                continue  # nothing was promised

    def queue(self, node, device):
        path = f"/api/v1/devices/{path_part(device)}/tasks"
        answer = node.api.post(path, {"method": "GetParameterValues", "names": [PARAMETER]})
        if answer.status == 202:
            self.ledger.append({"what": "task", "id": answer.json["id"], "device": device,
                                "method": "GetParameterValues", "time": time.time()})
        else:
            self.refused.append(answer)

    def finish(self):
        self.is_over.set()
        self.join()
        return self.ledger


def print_report(report):
    sessions, latency = report["sessions"], report["latency_ms"]["session"]
    tell(f"  sessions ok {sessions['ok']}, failed {sessions['failed']} {report['failures']},"
         f" {report['sessions_per_second']:.0f}/s, p50 {latency['p50']:.1f} ms, p99 {latency['p99']:.1f} ms,"
         f" max {latency['max']:.0f} ms")
