"""Every envelope that server and agent sent in the scenario tests, against the official schemas.

Envelopes that differ only in the digits of ids, keys, times and values are one shape to a schema,
so the first of each shape is validated and stands for the rest.
"""

import os
import re
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

import collector
from conftest import TABLE
from envelope import Envelope
from places import SHARED

UNKNOWN_NAMESPACE = rb"cwmp-(1-[34]|[2-9]-\d)"
FREE_TEXT = re.compile(rb"<((?:\w+:)?(?:ID|CommandKey|\w+Time|Value|URL|ParameterKey))\b([^>]*)>([^<]*)<")

# By the namespace that brought them; all later ones have them too.
METHODS = {
    "1-0": ("Inform", "TransferComplete", "RequestDownload", "Kicked", "GetRPCMethods", "GetParameterNames",
            "GetParameterValues", "SetParameterValues", "GetParameterAttributes", "SetParameterAttributes",
            "AddObject", "DeleteObject", "Download", "Upload", "Reboot", "FactoryReset", "ScheduleInform",
            "GetQueuedTransfers", "GetOptions", "SetVouchers"),
    "1-1": ("AutonomousTransferComplete", "GetAllQueuedTransfers"),
    "1-2": ("ScheduleDownload", "CancelTransfer", "ChangeDUState", "DUStateChangeComplete",
            "AutonomousDUStateChangeComplete"),
}
EXPECTED = [(method + end, namespace) for since, methods in METHODS.items() for method in methods
            for end in ("", "Response") for namespace in METHODS if namespace >= since]
EXPECTED += [("Fault", namespace) for namespace in METHODS]


# Some devices call a method that their namespace does not have, and are answered in theirs.
NEWER = [(f"<cwmp:{method}Response".encode(), since) for since, methods in METHODS.items() if since > "1-0"
         for method in methods if method.endswith("Complete")]


def in_its_namespace(data):
    """The same in the oldest namespace that has it; the schemas know 1-3 and 1-4 by the name of 1-2, and nothing newer."""
    for tag, since in NEWER:
        if tag in data:
            data = re.sub(rb"cwmp-1-[01]", f"cwmp-{since}".encode(), data)
    return re.sub(UNKNOWN_NAMESPACE, b"cwmp-1-2", data)


def shape(data):
    return FREE_TEXT.sub(
        lambda m: b"<%s%s>%s<" % (m[1], m[2], re.sub(rb"[0-9]", b"0", m[3])), data)


def validate(schemas, path, data, folder):
    """None, or what the validator says."""
    subject, known = path, in_its_namespace(data)
    if known != data:
        subject = folder / path.name
        subject.write_bytes(known)
    done = subprocess.run([schemas / "validate.sh", subject], text=True, capture_output=True, check=False,
                          env={**os.environ, "TMPDIR": str(folder)})
    return None if done.returncode == 0 else f"{path}: {done.stdout.strip()}"


class Collection:
    def __init__(self, schemas, folder):
        shapes, self.counts = {}, Counter()
        for path in sorted((collector.folder() or folder).glob("*.xml")):
            data = path.read_bytes()
            envelope = Envelope(data)
            self.counts[envelope.method, envelope.namespace] += 1
            if envelope.method.startswith("X_"):
                continue  # a vendor's own method: no schema has it
            shapes.setdefault(shape(data), (path, data))
        self.shapes = len(shapes)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            answers = pool.map(lambda item: validate(schemas, *item, folder), shapes.values())
        self.errors = [answer for answer in answers if answer]

    def table(self):
        lines = [f"{'method':28} {'kind':9} {'namespace':10} count"]
        for (name, namespace), count in sorted(self.counts.items()):
            kind = "fault" if name == "Fault" else "response" if name.endswith("Response") else "request"
            lines.append(f"{name.removesuffix('Response'):28} {kind:9} {namespace:10} {count:5}")
        lines.append(f"{sum(self.counts.values())} envelopes, {self.shapes} shapes validated, "
                     f"{len(self.errors)} invalid")
        return "\n".join(lines)


@pytest.fixture(scope="session")
def collection(tmp_path_factory, request):
    schemas = SHARED / "xsd"
    if not schemas.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"{schemas} is missing")
        pytest.skip(f"{schemas} is missing (set ACS_SHARED)")
    found = Collection(schemas, tmp_path_factory.mktemp("envelopes"))
    request.config.stash[TABLE] = found.table()
    return found


def test_every_envelope_is_valid(collection):
    assert not collection.errors, "\n".join(collection.errors[:20])


@pytest.mark.parametrize("name,namespace", EXPECTED)
def test_is_sent(collection, name, namespace):
    assert collection.counts[name, namespace] > 0
