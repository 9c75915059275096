"""wire: a cable between us and a network namespace, which can be cut: then packets vanish and nobody is told."""

import os
import shutil
import subprocess

from lab.postgres import Cluster


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def why_not():
    """Why no wire can be laid here, or None."""
    if os.getuid() != 0:
        return "network namespaces need root"
    if not shutil.which("ip") or not shutil.which("nsenter"):
        return "network namespaces need iproute2 and util-linux"
    name = f"acs-try-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], check=False, capture_output=True, text=True)
    if made.returncode:
        return f"no network namespace can be made: {made.stderr.strip()}"
    ip("netns", "del", name)
    return None


class Wire:
    """`near` is our address, `far` that in the namespace."""

    def __init__(self):
        number = os.getpid() % 16384
        self.namespace = f"acs-far-{number}"
        self.end, self.far_end = f"acsn{number}", f"acsf{number}"
        network = f"10.213.{number >> 6}."
        self.near, self.far = (network + str((number & 63) * 4 + i) for i in (1, 2))
        ip("netns", "add", self.namespace)
        ip("link", "add", self.end, "type", "veth", "peer", "name", self.far_end, "netns", self.namespace)
        ip("addr", "add", f"{self.near}/30", "dev", self.end)
        ip("link", "set", self.end, "up")
        self._far("addr", "add", f"{self.far}/30", "dev", self.far_end)
        self._far("link", "set", "lo", "up")
        self.mend()

    def _far(self, *words):
        ip("-n", self.namespace, *words)

    def cut(self):
        self._far("link", "set", self.far_end, "down")

    def mend(self):
        self._far("link", "set", self.far_end, "up")

    def remove(self):
        ip("netns", "del", self.namespace)


class FarCluster(Cluster):
    """PostgreSQL at the far end of a wire. `database()` asks it past the wire, `url_over_wire()` through it."""

    def __init__(self):
        self.wire = Wire()
        super().__init__()

    def configure(self):
        super().configure()
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(f"listen_addresses = '{self.wire.far}'\n")
        with open(self.data / "pg_hba.conf", "a", encoding="utf-8") as access:
            access.write(f"host all all {self.wire.near}/32 trust\n")

    def command(self):
        return ["nsenter", f"--net=/run/netns/{self.wire.namespace}", *super().command()]

    def url_over_wire(self, name):
        return f"host={self.wire.far} port=5432 dbname={name} user={self.user}"
