"""docs/security.md: each promise names tests, and each test that it names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def promises():
    """The rows of the tables below "What is promised": what each says, and the (file, test) it names."""
    document = (ROOT / "docs" / "security.md").read_text().split("\n## What is promised\n")[1]
    for row in re.findall(r"^\| (?!promise )(.+) \| (.+) \|$", document, re.MULTILINE):
        yield row[0], named(row[1])


def named(proof):
    file, tests = None, []
    for word in re.findall(r"`([^`]+)`", proof):
        if word.startswith("test_"):
            tests.append((file, word))
        else:
            file = word
    return tests


def is_there(file, test):
    path = ROOT / "tests" / file
    return path.exists() and re.search(rf"^(?:def|static void) {test}\(", path.read_text(), re.MULTILINE)


def test_each_test_that_is_named_is_there():
    tests = {entry for _, proof in promises() for entry in proof}
    assert len(tests) > 100
    assert [entry for entry in sorted(tests, key=str) if not entry[0] or not is_there(*entry)] == []


def test_each_promise_names_its_proof():
    assert [promise for promise, proof in promises() if not proof] == []


def test_a_test_that_is_gone_is_missed():
    assert is_there("scenario/test_security_document.py", "test_a_test_that_is_gone_is_missed")
    assert not is_there("scenario/test_security_document.py", "test_a_test_that_is_gone")
    assert not is_there("scenario/test_that_is_gone.py", "test_a_test_that_is_gone_is_missed")
