#!/usr/bin/python3
"""Holds thousands of slow connections open: each sends a byte now and then, of a head, a body or a TLS handshake.

    tests/load/drip.py HOST:PORT --kind head|body|handshake [--connections N] [--seconds S]

A program of its own, since each connection costs it a descriptor too. Who is thrown out comes again. A line of JSON
tells each second what has become of them.
"""

import argparse
import errno
import json
import random
import resource
import select
import socket
import ssl
import time

TICK = 0.1
IP_BIND_ADDRESS_NO_PORT = 24  # of <linux/in.h>: the port is chosen by connect(), when all four parts are known


def client_hello():
    outgoing = ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="acs")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


# What is sent at once, and what drips behind it.
KINDS = {
    "head": (b"POST / HTTP/1.1\r\nHost: acs\r\nX-Drip: ", b"a" * 10000),
    "body": (b"POST / HTTP/1.1\r\nHost: acs\r\nContent-Length: 10000\r\n\r\n", b" " * 10000),
    "handshake": (b"", client_hello()[:-1]),
}


class Drip:
    def __init__(self, target, kind, addresses):
        self.target, self.addresses = target, addresses
        self.start, self.drops = KINDS[kind]
        self.poll = select.epoll()
        self.open = {}  # descriptor: [socket, drops sent]
        self.opened = self.thrown_out = self.answered = 0

    def connect(self):
        peer = socket.socket()
        peer.setblocking(False)
        peer.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        peer.bind((random.choice(self.addresses), 0))
        if peer.connect_ex(self.target) not in (0, errno.EINPROGRESS):
            peer.close()
            return
        self.open[peer.fileno()] = [peer, 0]
        self.poll.register(peer, select.EPOLLIN | select.EPOLLRDHUP)
        self.opened += 1

    def forget(self, descriptor):
        peer, _ = self.open.pop(descriptor)
        try:
            self.answered += len(peer.recv(1000)) > 0
        except OSError:
            pass
        peer.close()  # and epoll forgets it
        self.thrown_out += 1

    def look(self, seconds):
        """Whoever hears anything was refused, or thrown out."""
        for descriptor, _ in self.poll.poll(seconds, 4096):
            self.forget(descriptor)

    def send(self, entry):
        peer, sent = entry
        try:
            peer.send(self.drops[sent : sent + 1] if sent else self.start + self.drops[:1])
            entry[1] = (sent + 1) % len(self.drops) or 1
        except OSError:
            pass  # not connected yet, or told by epoll soon

    def tell(self, second):
        print(json.dumps({"second": second, "open": len(self.open), "opened": self.opened,
                          "thrown_out": self.thrown_out, "answered": self.answered}), flush=True)


def run(drip, arguments):
    """In each tick, the part of the connections whose turn it is."""
    begin, parts = time.monotonic(), max(1, round(arguments.interval / TICK))
    tick = 0
    while tick * TICK < arguments.seconds:
        wanted = min(arguments.connections - len(drip.open), round(arguments.rate * TICK))
        for _ in range(wanted):
            drip.connect()
        for descriptor, entry in list(drip.open.items()):
            if (descriptor + tick) % parts == 0:
                drip.send(entry)
        tick += 1
        if tick % round(1 / TICK) == 0:
            drip.tell(round(tick * TICK))
        drip.look(0)
        while (rest := begin + tick * TICK - time.monotonic()) > 0:
            drip.look(rest)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", metavar="HOST:PORT")
    parser.add_argument("--kind", choices=KINDS, default="head")
    parser.add_argument("--connections", type=int, default=8000, help="held open (8000)")
    parser.add_argument("--rate", type=int, default=1000, help="new connections a second at most (1000)")
    parser.add_argument("--interval", type=float, default=2, help="seconds between two bytes of one connection (2)")
    parser.add_argument("--seconds", type=int, default=30, help="until it ends (30)")
    parser.add_argument("--addresses", type=int, default=200, help="source addresses, from 127.66.0.1 on (200)")
    arguments = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    host, _, port = arguments.target.rpartition(":")
    addresses = [f"127.66.{n // 250}.{n % 250 + 1}" for n in range(arguments.addresses)]
    run(Drip((host, int(port)), arguments.kind, addresses), arguments)


if __name__ == "__main__":
    main()
