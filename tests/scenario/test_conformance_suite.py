"""The conformance suite as others use it: against an ACS by its URL, with an operator's hook or without."""

import subprocess
import threading
import xml.etree.ElementTree as ET
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from places import REPOSITORY
from secret_log import SECRET

SUITE = REPOSITORY / "tests/conformance"


def hold(folder, *arguments):
    """(exit status, {number: outcome}) of a run."""
    junit = folder / "conformance.xml"
    done = subprocess.run([SUITE / "run", "--junit", junit, *arguments], text=True, capture_output=True, check=False)
    assert junit.exists(), done.stderr
    return done.returncode, {int(case.get("name")[5:8]): outcome_of(case) for case in ET.parse(junit).iter("testcase")}


def outcome_of(case):
    for outcome in ("failure", "skipped"):
        if case.find(outcome) is not None:
            return outcome
    return "pass"


@pytest.fixture
def broken_acs():
    """Answers everything with 500."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_error(500)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_an_acs_is_held_by_its_url_and_a_hook(acs, folder):
    hook = f"{SUITE / 'acs-hook'} {acs.urls['admin']} {acs.api.token}"
    status, results = hold(folder, "--acs", acs.urls["cwmp"], "--hook", hook, "17-22", "75", "77", "110", "116")
    assert status == 0
    assert {number for number, outcome in results.items() if outcome == "pass"} == {*range(17, 23), 75, 77, 110}
    assert results[116] == "skipped"


def test_without_a_hook_what_needs_one_does_not_apply(acs, folder):
    status, results = hold(folder, "--acs", acs.urls["cwmp"], "17-19", "1")
    assert status == 0
    assert results == {1: "skipped", 17: "pass", 18: "pass", 19: "skipped"}


def test_credentials_of_known_devices_come_from_a_file(start_acs, folder):
    acs = start_acs({"cwmp.auth": "digest"})
    lines = []
    for serial in range(30):
        acs.api.put(f"/api/v1/credentials/00D09E-Gateway-{serial}", {"username": f"u{serial}", "password": SECRET})
        lines.append(f"00D09E Gateway {serial} u{serial} {SECRET}")
    (folder / "devices").write_text("\n".join(lines))
    status, results = hold(folder, "--acs", acs.urls["cwmp"], "--device-file", folder / "devices", "1-5", "7-9")
    assert status == 0 and set(results.values()) == {"pass"}, results


def test_an_acs_that_does_not_conform_fails(broken_acs, folder, monkeypatch):
    monkeypatch.delenv("ACS_TEST_RESULTS", raising=False)  # what it answers is not ours to judge
    status, results = hold(folder, "--acs", broken_acs, "17", "18", "75")
    assert status == 1
    assert set(results.values()) == {"failure"}
