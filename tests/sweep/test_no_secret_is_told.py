"""No secret that the scenario tests used stands in a log, a journal, the process list or an answer, in any spelling.

grep looks for all of them at once. First it has to find what was put there on purpose.
"""

import base64
import json
import os
import secrets
import subprocess
from urllib.parse import quote

import pytest

import secret_log
from secret_forms import SHORTEST, forms, named_forms

# Given on purpose by tests that guess, or that look for nothing but the shape of a message.
HARMLESS = {"wrong", "guess", "other", "x", "p", "********"}


def lines_of(kind):
    where = secret_log.folder()
    if not where or not where.is_dir():
        pytest.skip("no scenario test has run before (ACS_TEST_RESULTS)")
    for path in sorted(where.glob(f"*.{kind}")):
        with open(path, "rb") as file:
            yield from file


@pytest.fixture(scope="module")
def used():
    """{secret: the line that tells of it}"""
    known = {}
    for line in lines_of("used"):
        entry = json.loads(line)
        known.setdefault(entry["secret"], entry)
    return known


def search(wanted, files, folder):
    """The secrets of `wanted` that stand in the files: {secret: lines}."""
    by_form = {form: secret for secret in wanted for form in forms(secret)}
    patterns = folder / "patterns"
    patterns.write_bytes(b"".join(form + b"\n" for form in by_form if b"\n" not in form))
    done = subprocess.run(["grep", "-a", "-o", "-h", "-F", "-f", patterns, *files], capture_output=True,
                          env={**os.environ, "LC_ALL": "C"}, check=False)
    assert done.returncode in (0, 1), done.stderr
    return {by_form[line] for line in done.stdout.splitlines()}


def test_every_secret_is_long_enough_to_be_told_from_chance(used):
    short = {secret: entry["test"] for secret, entry in used.items()
             if len(secret.encode()) < SHORTEST and secret not in HARMLESS}
    assert not short, "make them with secret_log.new()"


def test_no_secret_is_told(used, tmp_path):
    told = sorted(secret_log.folder().glob("*.told"))
    long_enough = [secret for secret in used if len(secret.encode()) >= SHORTEST]
    assert told and long_enough
    found = search(long_enough, told, tmp_path)
    assert not found, "\n".join(str(used[secret]) for secret in found)


def in_base64(secret, before, encode):
    return encode(b"\1" * before + secret.encode() + b"\2\3")


PLANTED = {
    "plain": str.encode,
    "hex": lambda secret: secret.encode().hex().encode(),
    "HEX": lambda secret: secret.encode().hex().upper().encode(),
    "percent": lambda secret: quote(secret, safe="").encode(),
    "every byte percent": lambda secret: "".join(f"%{byte:02x}" for byte in secret.encode()).encode(),
    "every byte PERCENT": lambda secret: "".join(f"%{byte:02X}" for byte in secret.encode()).encode(),
    "JSON": lambda secret: json.dumps({"a": secret}).encode(),
    "JSON in UTF-8": lambda secret: json.dumps({"a": secret}, ensure_ascii=False).encode(),
    "XML": lambda secret: secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode(),
    "XML attribute": lambda secret: secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    .replace('"', "&quot;").encode(),
    **{f"base64 at {n}": lambda secret, n=n: in_base64(secret, n, base64.b64encode) for n in range(3)},
    **{f"base64url at {n}": lambda secret, n=n: in_base64(secret, n, base64.urlsafe_b64encode) for n in range(3)},
}


def test_every_form_is_planted():
    assert set(PLANTED) == set(named_forms("any"))


@pytest.mark.parametrize("form", PLANTED)
def test_a_planted_secret_is_found(form, tmp_path):
    secret = 'pä"ss&<wörd>/?' + secrets.token_urlsafe(18)
    other = secrets.token_urlsafe(18)
    log = tmp_path / "log"
    log.write_bytes(b"time=2026 event=x text=" + PLANTED[form](secret) + b" more=1\nlast line\n")
    assert search([secret, other], [log], tmp_path) == {secret}
