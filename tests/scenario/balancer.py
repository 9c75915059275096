"""balancer: haproxy in front of several nodes, in the configurations that docs/scaling.md recommends."""

import http.client
import re
import socket

from lab.programs import Program, wait_until

HAPROXY = "/usr/sbin/haproxy"

COMMON = """
global
    stats socket {socket} level admin
defaults
    mode http
    timeout connect 5s
    timeout client 90s
    timeout server 90s
    # A node that is gone: its devices' requests go to another one. An Inform begins anew there; all else is
    # refused there with 400, and the device begins a new session.
    option redispatch 1
    retries 2
    retry-on conn-failure empty-response
"""

# How a device finds its node again, by name.
STICKINESS = {
    "cookie": ["balance leastconn", "cookie node insert indirect nocache"],
    "source": ["balance source", "hash-type consistent"],
}


def configuration(address, nodes, stickiness, control):
    lines = [COMMON.format(socket=control), "listen cwmp", f"    bind {address}", "    option httpchk GET /readyz"]
    lines += [f"    {line}" for line in STICKINESS[stickiness]]
    for number, node in enumerate(nodes):
        cwmp, admin = (re.sub(r"^.*//|/$", "", node.urls[name]) for name in ("cwmp", "admin"))
        lines.append(f"    server n{number} {cwmp} cookie n{number} check addr {admin.split(':')[0]}"
                     f" port {admin.split(':')[1]} inter 200 fall 2 rise 1")
    return "\n".join(lines) + "\n"


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


class Balancer:
    """Runs until stop(); `url` is where devices come to."""

    def __init__(self, folder, nodes, stickiness="cookie"):
        address = free_address()
        self.url = f"http://{address}/"
        config = folder / f"haproxy-{stickiness}.cfg"
        self.control = config.with_suffix(".sock")
        config.write_text(configuration(address, nodes, stickiness, self.control))
        self.program = Program([HAPROXY, "-db", "-f", config], config.with_suffix(".log"))
        wait_until(lambda: answers(address), 10, "haproxy's answer from a node")

    def drain(self, number):
        """No new sessions for that node; those that it has come to their end there."""
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self.control))
            control.sendall(f"set server cwmp/n{number} state drain\n".encode())
            assert not control.recv(1000).strip()

    def stop(self):
        return self.program.stop()


def answers(address):
    """An empty POST outside of any session: a node refuses or challenges it, haproxy itself says 503."""
    try:
        connection = http.client.HTTPConnection(address, timeout=5)
        connection.request("POST", "/")
        return connection.getresponse().status != 503
    except OSError:
        return False
