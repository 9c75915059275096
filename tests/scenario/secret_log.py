"""secret_log: every secret that the scenario tests use, and all that was logged or answered, for tests/sweep to search.

Each worker of a run appends to files of its own; without a folder of results nothing is kept.
"""

import hashlib
import json
import os
import re
import secrets
from pathlib import Path

from secret_forms import NAME_OF_SECRET, SHORTEST

LOGGED = ("*.log", "log", "journal.jsonl", "report*.json")
NOT_LOGGED = ("trace", "postgresql")  # envelopes that devices are meant to get, and a database's own files
SENT_VALUE = re.compile(rb"<Name>([^<]*)</Name>\s*<Value[^>]*>([^<]*)</Value>")


def new(beginning=""):
    """A fresh secret: a password that no other test has."""
    return beginning + secrets.token_urlsafe(18)


SECRET, OTHER, OLD, NEW = new(), new(), new(), new()  # of this worker


def folder():
    results = os.environ.get("ACS_TEST_RESULTS")
    return Path(results) / "secrets" if results else None


def append(kind, data):
    where = folder()
    if not where:
        return
    where.mkdir(parents=True, exist_ok=True)
    with open(where / f"{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}.{kind}", "ab") as file:
        file.write(data)


def use(secret, what):
    """From now on it must be found nowhere. what: for whom to look, when it is."""
    if secret:
        test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
        append("used", json.dumps({"secret": secret, "what": what, "test": test}).encode() + b"\n")


def tell(source, data):
    """What a program logged or answered."""
    append("told", f"\n=== {os.environ.get('PYTEST_CURRENT_TEST', '')} {source}\n".encode() + data)


def tell_folder(path):
    """The logs below the folder of a test."""
    for pattern in LOGGED:
        for file in Path(path).rglob(pattern):
            if file.is_file() and not any(part in NOT_LOGGED for part in file.parts):
                tell(str(file), file.read_bytes())


def tell_process(program):
    """What the process list shows of a running program."""
    for name in ("cmdline", "environ"):
        try:
            tell(f"{program.name} {name}", Path(f"/proc/{program.pid}/{name}").read_bytes())
        except OSError:
            pass  # it has ended


def secrets_in(value):
    """(what, secret) of a JSON document, by the names of its members."""
    if isinstance(value, list):
        for item in value:
            yield from secrets_in(item)
    if not isinstance(value, dict):
        return
    if NAME_OF_SECRET.search(str(value.get("name", ""))) and isinstance(value.get("value"), str):
        yield value["name"], value["value"]
    for name, member in value.items():
        if isinstance(member, str) and name.lower().endswith("password"):
            yield name, member
        elif name == "vouchers" and isinstance(member, list):
            yield from ((name, voucher) for voucher in member if len(str(voucher)) >= SHORTEST)
        else:
            yield from secrets_in(member)


def is_word(text):
    return re.fullmatch(r"\{[a-z-]+\}", text)


def use_all_in(body, is_taken):
    """What was refused for being too short, or one letter many times, is no secret of anybody."""
    for what, secret in secrets_in(body):
        if not is_word(secret) and (is_taken or len(secret) >= SHORTEST and len(set(secret)) > 4):
            use(secret, what)
    if isinstance(body, dict) and isinstance(body.get("username"), str) and isinstance(body.get("password"), str):
        ha1 = hashlib.md5(f"{body['username']}:acs:{body['password']}".encode()).hexdigest()
        use(ha1, f"HA1 of {body['username']}")


def on_call(method, path, body, answer):
    """Watches the admin API. A token is told once, to whom it was made for."""
    told = answer.body
    if not isinstance(body, bytes):
        use_all_in(body, answer.status < 400)
    if method == "POST" and path.startswith("/api/v1/tokens") and answer.status == 201:
        token = answer.json["token"]
        use(token, "API token")
        told = told.replace(token.encode(), b"")
    if not path.endswith("/content"):
        tell(f"{method} {path} {answer.status}", str(answer.headers).encode() + told)


def on_envelope(data):
    """Watches what the server sends to a device: the secrets that it made up itself."""
    for name, value in SENT_VALUE.findall(data):
        if NAME_OF_SECRET.search(name.decode(errors="replace")) and len(value) >= SHORTEST:
            use(value.decode(errors="replace"), name.decode())
