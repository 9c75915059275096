"""name_server: a DNS server that may say something else each time it is asked."""

import ipaddress
import socket
import struct
import threading

A, AAAA = 1, 28


class NameServer:
    """answers maps a name to a list of answers, each a list of addresses: the first question for A gets the first,
    the last one holds for all that follow. Names that it does not know do not exist."""

    def __init__(self, answers):
        self.answers, self.questions = answers, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def close(self):
        self.socket.close()

    def asked(self, name):
        """How often for an IPv4 address of it."""
        return self.questions.count((name, A))

    def serve(self):
        while True:
            try:
                question, peer = self.socket.recvfrom(512)
                self.socket.sendto(self.answer(question), peer)
            except OSError:
                return

    def answer(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        name, (kind,) = ".".join(labels).lower(), struct.unpack_from(">H", question, at + 1)
        self.questions.append((name, kind))
        records = b"".join(self.records(name, kind))
        head = question[:2] + struct.pack(">HHHHH", 0x8180 if name in self.answers else 0x8183, 1,
                                          records.count(b"\xc0\x0c"), 0, 0)
        return head + question[12:at + 5] + records

    def records(self, name, kind):
        if name not in self.answers:
            return
        answers = self.answers[name]
        turn = max(0, min(self.asked(name) - 1, len(answers) - 1))
        for address in map(ipaddress.ip_address, answers[turn]):
            if (A if address.version == 4 else AAAA) == kind:
                packed = address.packed
                yield b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(packed)) + packed
