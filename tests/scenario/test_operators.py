"""Operators: tokens and users, how they prove themselves, and how long who cannot has to wait."""

import itertools
import re
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import secret_log
from calls import basic, bearer, call
from certificates import Authority
from device import trusting
from lab.programs import wait_until
from places import BINARIES
from secret_log import OTHER
from steps import device_path, put_file

PASSWORD = secret_log.new("Tr0ub4dor & höher ")
DEVICES = "/api/v1/devices"


def status(acs, headers, method="GET", path=DEVICES, **kwargs):
    return call(acs.urls["admin"], method, path, headers, **kwargs).status


def add_user(acs, name="alice", role="read", password=PASSWORD, **more):
    answer = acs.api.post("/api/v1/users", {"name": name, "role": role, "password": password, **more})
    assert answer.status == 201, answer
    return answer.json


def listed(acs, kind, name):
    return next(item for item in acs.api.pages(f"/api/v1/{kind}", kind) if item["name"] == name)


# Tokens.

def test_a_token_that_has_expired_is_of_no_use(acs, database):
    made = acs.api.post("/api/v1/tokens", {"name": "brief", "role": "read", "expires_in": 3600}).json
    assert made["expires"] > made["created"] and status(acs, bearer(made["token"])) == 200
    database.query("UPDATE api_token SET expires = now() WHERE name = 'brief'")
    assert status(acs, bearer(made["token"])) == 401
    assert listed(acs, "tokens", "brief")["expires"] is not None


def test_the_last_use_of_a_token_and_of_a_user_is_told(acs):
    token = acs.create_token("used")
    add_user(acs)
    for kind, name, headers in (("tokens", "used", bearer(token)), ("users", "alice", basic("alice", PASSWORD))):
        assert (listed(acs, kind, name)["last_used"], listed(acs, kind, name)["last_address"]) == (None, None)
        assert status(acs, headers, source="127.0.0.7") == 200
        wait_until(lambda: listed(acs, kind, name)["last_used"], 10, "the last use")
        assert listed(acs, kind, name)["last_address"] == "127.0.0.7"


def test_an_older_server_does_not_know_a_token_that_it_could_not_confine(acs, database):
    """It looks for the bare hash."""
    for name, options in (("brief", ("--expires-in", "60")), ("confined", ("--tag", "x"))):
        acs.create_token(name, "read", *options)
    acs.create_token("plain", "read")
    hashes = dict(database.query("SELECT name, sha256 FROM api_token"))
    assert hashes["brief"][0] == hashes["confined"][0] == "!" and re.fullmatch("[0-9a-f]{64}", hashes["plain"])


UNCLEAR = [
    ({"scope": {}}, "scope"), ({"scope": {"tags": []}}, "scope"), ({"scope": {"tags": "x"}}, "scope"),
    ({"scope": {"tags": [1]}}, "scope"), ({"scope": {"tags": [""]}}, "scope"), ({"scope": {"tag": ["x"]}}, "scope"),
    ({"scope": {"tags": ["x"], "more": 1}}, "scope"), ({"scope": {"tags": ["x"]}, "role": "admin"}, "scope"),
    ({"expires_in": 0}, "expires_in"), ({"expires_in": "1"}, "expires_in"), ({"role": "root"}, "role"),
]


def test_a_token_that_is_not_clear_is_not_made(acs):
    for body, field in UNCLEAR:
        answer = acs.api.post("/api/v1/tokens", {"name": "unclear", "role": "read", **body})
        assert (answer.status, answer.json["field"]) == (400, field), (body, answer)
    assert "unclear" not in acs.api.get("/api/v1/tokens").body.decode()


def test_no_operator_has_a_name_that_is_taken_for_another(acs):
    names = ["onboarding", "Onboarding", "anonymous", "command line", "00D09E-Gateway-1", "a/b", "a:b", "a\nb", "",
             "unknown", "Device", "request-download", "one ", " one", "one\u200b", "\u043ene"]
    for name in names:
        assert acs.api.post("/api/v1/tokens", {"name": name, "role": "read"}).status == 400, name
        assert acs.api.post("/api/v1/users", {"name": name, "role": "read", "password": PASSWORD}).status == 400, name
        assert acs.tool("token", "create", "--name", name, "--role", "read").returncode == 2, name
    add_user(acs, "one")
    acs.create_token("two")
    for name in ("one", "ONE", "two", "Two"):
        assert acs.api.post("/api/v1/tokens", {"name": name, "role": "read"}).status == 409, name
        assert acs.api.post("/api/v1/users", {"name": name, "role": "read", "password": PASSWORD}).status == 409, name


def test_a_device_beyond_the_scope_gives_no_file_away(acs, database):
    """A configuration that one device has uploaded is not loaded into another by who reaches only that one."""
    mine, other = acs.device(), acs.device()
    for device in (mine, other):
        device.run_session("1 BOOT")
    acs.api.put(device_path(mine.id, "/tags/mine"))
    for name in ("ours", "theirs"):
        put_file(acs.api, name, b"x", kind="config")
    database.query("UPDATE file SET device = :'id' WHERE name = 'theirs'", id=other.id)
    token = bearer(acs.create_token("confined", "operate", "--tag", "mine"))
    order = [status(acs, token, "POST", device_path(mine.id, "/tasks"), body={"method": "Download", "file": name})
             for name in ("ours", "theirs", "none")]
    assert order == [202, 400, 400]
    assert status(acs, token, "PUT", device_path(mine.id, "/tags/more")) == 403


# Users.

def test_a_user_comes_in_by_name_and_password_and_by_nothing_else(acs):
    made = add_user(acs, role="operate")
    assert (made["name"], made["role"], made["scope"], made["last_used"]) == ("alice", "operate", None, None)
    for _ in range(2):  # the second time it is remembered
        assert status(acs, basic("alice", PASSWORD)) == 200
    assert status(acs, basic("alice", PASSWORD), "GET", "/api/v1/tokens") == 403
    for headers in (basic("alice", PASSWORD[:-1]), basic("Alice", PASSWORD), basic("", PASSWORD), bearer(PASSWORD)):
        assert status(acs, headers) == 401, headers


def test_a_new_password_ends_the_old_one_and_a_removed_user_is_nobody(acs):
    add_user(acs)
    assert status(acs, basic("alice", PASSWORD)) == 200
    assert acs.api.put("/api/v1/users/alice/password", {"password": OTHER}).status == 200
    assert status(acs, basic("alice", PASSWORD)) == 401
    assert status(acs, basic("alice", OTHER)) == 200
    assert acs.api.delete("/api/v1/users/alice").status == 204
    assert status(acs, basic("alice", OTHER)) == 401
    assert acs.api.delete("/api/v1/users/alice").status == 404
    assert acs.api.put("/api/v1/users/alice/password", {"password": OTHER}).status == 404


def test_a_password_is_stored_slowly_hashed_and_never_shown(acs, database):
    add_user(acs)
    assert status(acs, basic("alice", PASSWORD)) == 200
    assert re.match(r"\$scrypt\$ln=15,r=8,p=3\$", database.value("SELECT password FROM api_user"))
    shown = acs.api.get("/api/v1/users").body.decode() + acs.api.get("/api/v1/audit").body.decode() + acs.output
    for secret in (PASSWORD, "Tr0ub4dor", "$scrypt$"):
        assert secret not in shown
        assert secret == "$scrypt$" or secret not in str(database.query("SELECT * FROM api_user"))


def test_a_bad_password_is_400(acs):
    for password in ("short12", "x" * 257, "with\nline end", None, 12345678):
        body = {"name": "alice", "role": "read", "password": password}
        assert acs.api.post("/api/v1/users", body).status == 400, password


def test_users_are_kept_from_the_command_line_too(acs, folder):
    add = ("user", "add", "--name", "bob", "--role", "operate", "--oui", "00d09e")
    assert acs.tool(*add, stdin="short\n").returncode == 1
    assert acs.tool(*add, stdin=PASSWORD + "\n").returncode == 0
    assert acs.tool(*add, stdin=PASSWORD + "\n").returncode == 1
    assert listed(acs, "users", "bob")["scope"] == {"tags": [], "ouis": ["00D09E"]}
    assert status(acs, basic("bob", PASSWORD)) == 200
    secret = folder / "password"
    secret.write_text("from a file\n")
    assert acs.tool("user", "passwd", "--name", "bob", "--password-file", str(secret)).returncode == 0
    assert [status(acs, basic("bob", p)) for p in (PASSWORD, "from a file")] == [401, 200]
    assert '"bob"' in acs.tool("user", "list").stdout
    assert acs.tool("user", "remove", "--name", "bob").returncode == 0
    assert acs.tool("user", "remove", "--name", "bob").returncode == 1
    assert status(acs, basic("bob", "from a file")) == 401
    assert acs.tool("user", "add", "--name", "eve", "--role", "read", "--password", PASSWORD).returncode == 2


# Lock-out.

WRONG = "wrong guess"


def lock(acs, headers, source="127.0.0.1", seconds=2):
    """Tries in vain until the next try has to wait for so long at least."""
    while True:
        answer = call(acs.urls["admin"], "GET", DEVICES, headers, source=source)
        assert answer.status in (401, 429), answer
        wait = int(answer.headers["Retry-After"]) if answer.status == 429 else 0
        if wait >= seconds:
            return
        time.sleep(wait)


def test_guessing_is_slowed_down_by_account_and_by_address(start_acs):
    acs = start_acs({"admin.failures": "3"})
    add_user(acs)
    add_user(acs, "bob")
    assert status(acs, basic("bob", PASSWORD), source="127.0.0.3") == 200
    assert [status(acs, basic("alice", WRONG), source="127.0.0.2") for _ in range(4)] == [401] * 4
    lock(acs, basic("alice", WRONG), "127.0.0.2", 4)
    # The account waits, right password or not, wherever the guesses come from now.
    for source in ("127.0.0.2", "127.0.0.3"):
        answer = call(acs.urls["admin"], "GET", DEVICES, basic("alice", PASSWORD), source=source)
        assert answer.status == 429 and 1 <= int(answer.headers["Retry-After"]) <= 900, answer
    # The address waits, whatever it shows now; others do not.
    assert status(acs, basic("bob", PASSWORD), source="127.0.0.2") == 429
    assert status(acs, bearer("x" * 40), source="127.0.0.2") == 429
    assert status(acs, basic("bob", PASSWORD), source="127.0.0.3") == 200
    assert status(acs, bearer(acs.api.token)) == 200
    assert status(acs, {}, path="/healthz", source="127.0.0.2") == 200
    # The wait is over in the end.
    wait_until(lambda: status(acs, basic("alice", PASSWORD), source="127.0.0.3") == 200, 30, "the end of the wait", 0.3)
    assert "event=api-locked-out" in acs.output
    assert 'acs_limit_hits_total{limit="admin.failures"}' in acs.api.get("/metrics").body.decode()


def test_many_guesses_at_once_are_no_better_than_one_after_the_other(start_acs):
    """Four are looked at, and those that come when a second has passed."""
    acs = start_acs({"admin.failures": "3"})
    add_user(acs)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda i: status(acs, basic("alice", f"guess {i}"), source=f"127.0.2.{i + 1}"), range(16)))
    assert set(answers) == {401, 429} and answers.count(401) <= 8, answers


def test_guesses_from_elsewhere_do_not_lock_out_who_came_in_before(start_acs):
    acs = start_acs({"admin.failures": "1"})
    add_user(acs)
    assert status(acs, basic("alice", PASSWORD), source="127.0.0.4") == 200
    lock(acs, basic("alice", WRONG), "127.0.0.10")
    assert status(acs, basic("alice", PASSWORD), source="127.0.0.5") == 429
    assert status(acs, basic("alice", PASSWORD), source="127.0.0.4") == 200


def test_a_token_in_use_does_not_wait_for_others_of_its_address(start_acs):
    acs = start_acs({"admin.failures": "1"})
    assert status(acs, bearer(acs.api.token)) == 200
    other = acs.create_token("other")
    lock(acs, bearer("wrong"))
    assert status(acs, bearer(other)) == 429
    assert status(acs, bearer(acs.api.token)) == 200


def test_a_token_clears_nobody_of_guesses_at_his_password(start_acs):
    """Whoever has a token might else send it beside another's name, and guess on."""
    acs = start_acs({"admin.failures": "3"})
    add_user(acs)
    token = acs.create_token("insider", "read")
    answers = []
    for source in (f"127.0.3.{i}" for i in range(1, 9)):
        answers.append(status(acs, basic("alice", "guess"), source=source))
        status(acs, basic("alice", token), source=source)
    assert set(answers) == {401, 429}, answers


def test_a_user_that_does_not_exist_is_guessed_at_like_one_that_does(start_acs):
    acs = start_acs({"admin.failures": "1"})
    add_user(acs)
    answers = {name: call(acs.urls["admin"], "GET", DEVICES, basic(name, WRONG), source=source)
               for name, source in (("alice", "127.0.0.2"), ("nobody", "127.0.0.3"))}
    assert answers["alice"].status == answers["nobody"].status == 401
    assert answers["alice"].body == answers["nobody"].body
    lock(acs, basic("nobody", WRONG), "127.0.0.3")
    assert status(acs, basic("nobody", WRONG), source="127.0.0.4") == 429


# Where the API listens, and to whom.

def test_operators_come_over_tls_and_need_no_certificate(start_acs, folder):
    authority = Authority(folder)
    certificate, key = authority.issue("acs.example")
    acs = start_acs({"admin.tls_listen": "127.0.0.1:0", "cwmp.tls_listen": "127.0.0.1:0", "tls.certificate": str(certificate),
                     "tls.key": str(key), "tls.client_ca": str(authority.certificate)})
    url = acs.urls["admin_tls"]
    assert url.startswith("https://")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = trusting(authority.certificate)
        context.maximum_version = version
        assert call(url, "GET", DEVICES, bearer(acs.api.token), tls=context).status == 200
        assert call(url, "GET", DEVICES, tls=context).status == 401


LISTENING = [
    ({"admin.listen": "0.0.0.0:7557"}, False), ({"admin.listen": ":7557"}, False), ({"admin.listen": "[::]:7557"}, False),
    ({"admin.listen": "192.0.2.1:7557"}, False), ({"admin.listen": "acs.example.com:7557"}, False),
    ({"admin.listen": "[::ffff:192.0.2.1]:7557"}, False),
    ({"admin.listen": "127.0.0.1:7557"}, True), ({"admin.listen": "[::1]:7557"}, True), ({"admin.listen": ""}, True),
    ({"admin.listen": "localhost:7557"}, True), ({"admin.listen": "127.9.9.9:7557", "admin.auth": "false"}, True),
    ({"admin.listen": "0.0.0.0:7557", "admin.insecure_listen": "true"}, True),
    ({"admin.listen": "0.0.0.0:7557", "admin.insecure_listen": "true", "admin.auth": "false"}, True),
    ({"admin.tls_listen": "0.0.0.0:7558"}, True), ({"admin.tls_listen": "0.0.0.0:7558", "admin.auth": "false"}, False),
]


def test_beyond_loopback_the_api_listens_only_under_tls_or_when_told(folder):
    certificate, key = Authority(folder).issue("acs.example")
    for options, is_good in LISTENING:
        given = {"data.dir": folder, "tls.certificate": certificate, "tls.key": key, **options}
        words = [f"--{name}={value}" for name, value in given.items()]
        done = subprocess.run([BINARIES / "acs", "check-config", *words], capture_output=True, text=True, check=False)
        assert done.returncode == (0 if is_good else 2), (options, done)
        assert is_good or "admin." in done.stderr


# Browsers.

BROWSERS = [
    ({}, 202), ({"Origin": "{url}", "Sec-Fetch-Site": "same-origin"}, 202), ({"Sec-Fetch-Site": "none"}, 202),
    ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403), ({"Origin": "http://127.0.0.1:1"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "same-site", "Origin": "{url}"}, 403),
    ({"Content-Type": "text/plain"}, 415), ({"Content-Type": ""}, 415),
]


def test_a_page_of_another_site_cannot_make_a_browser_call(start_acs):
    """Neither with a password that the browser knows, nor where none is asked for."""
    acs = start_acs({"admin.auth": "false"})
    device = acs.device()
    device.run_session("1 BOOT")
    for headers, expected in BROWSERS:
        given = {"Content-Type": "application/json"}
        given |= {name: value.format(url=acs.urls["admin"]) for name, value in headers.items()}
        answer = call(acs.urls["admin"], "POST", device_path(device.id, "/tasks"), given, b'{"method": "Reboot"}')
        assert answer.status == expected, (headers, answer)


def test_a_name_that_is_not_ours_opens_nothing(start_acs):
    """A page may have its own name pointed at us: what needs no token then needs one."""
    acs = start_acs({"admin.auth": "false", "admin.hosts": "acs.example.com, acs"})
    port = acs.urls["admin"].rpartition(":")[2]
    for host, expected in (("evil.example", 401), (f"evil.example:{port}", 401), ("acs.example.com.evil.example", 401),
                           ("localhost", 200), (f"127.0.0.1:{port}", 200), ("[::1]:7557", 200), ("ACS.example.com", 200),
                           (f"acs:{port}", 200)):
        assert status(acs, {"Host": host}) == expected, host
        assert status(acs, {"Host": host}, path="/metrics") == expected, host


def test_checking_passwords_holds_nobody_up(acs):
    """Many at once wait for one thread, and the event loops go on."""
    for i in range(14):
        add_user(acs, f"user {i}")
    with ThreadPoolExecutor(14) as pool:
        guesses = [pool.submit(status, acs, basic(f"user {i}", WRONG), source=f"127.0.1.{i + 1}") for i in range(14)]
        wait_until(lambda: any(guess.done() for guess in guesses), 30, "the first answer")
        assert status(acs, bearer(acs.api.token)) == 200
        assert not all(guess.done() for guess in guesses)
    assert {guess.result() for guess in guesses} == {401}


def test_beyond_a_number_passwords_are_checked_later_and_counted(start_acs):
    acs = start_acs({"admin.passwords_waiting": "1"})
    for i in range(8):
        add_user(acs, f"user {i}")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: call(acs.urls["admin"], "GET", DEVICES, basic(f"user {i}", WRONG),
                                               source=f"127.0.1.{i + 1}"), range(8)))
    assert {answer.status for answer in answers} == {401, 503}
    late = [answer for answer in answers if answer.status == 503]
    assert all(5 <= int(answer.headers["Retry-After"]) <= 7 for answer in late)
    counted = f'acs_limit_hits_total{{limit="admin.passwords_waiting"}} {len(late)}'
    assert counted in acs.api.get("/metrics").body.decode()


def test_names_that_nobody_has_keep_no_user_out(start_acs):
    """Many guess at once at ever other names from ever other addresses; a user comes in, and they learn nothing."""
    acs = start_acs({"admin.passwords_waiting": "4"})
    for i in range(3):
        add_user(acs, f"user {i}")
    numbers, is_over, answers = itertools.count(), threading.Event(), []

    def guess(_):
        while not is_over.is_set():
            number = next(numbers)
            answers.append(status(acs, basic(f"made up {number}", WRONG), source=f"127.1.{number // 250}.{number % 250 + 1}"))

    with ThreadPoolExecutor(24) as pool:
        guesses = [pool.submit(guess, i) for i in range(24)]
        wait_until(lambda: len(answers) >= 24, 30, "guesses")
        came_in = [status(acs, basic(f"user {i}", PASSWORD), source="127.0.0.9") for i in range(3)]
        is_over.set()
        for each in guesses:
            each.result()
    assert came_in == [200] * 3 and set(answers) == {401}
