"""scenarios: what is measured, on which population, and which figures are the goal."""

from typing import Callable, NamedTuple

import holding
import pages
import refreshes
import sessions
import waits

PROVEN = {"share_nonces": True}  # no device is challenged before its first session
PER_SESSION = {**PROVEN, "connections": "per-session"}


class Scenario(NamedTuple):
    about: str
    population: str
    measure: Callable = sessions.measure  # of a Run; gives its figures
    load: dict = {}  # options of the fleet
    is_tls: bool = False
    key_type: str = "ecdsa"  # of the server's certificate
    is_long: bool = False  # only when asked for


SCENARIOS = {
    "unchanged-3000": Scenario("values unchanged, 3,000 sessions/s", "gateways", load={**PROVEN, "rate": 3000}),
    "unchanged": Scenario("values unchanged, as fast as possible", "gateways", load=PROVEN),
    "challenge": Scenario("the same, challenged in each session", "gateways", load={"challenge_each_session": True}),
    "tls-kept": Scenario("sessions as above, over TLS 1.3 connections that stay open", "gateways", is_tls=True,
                         load=PROVEN),
    "tls-resumed": Scenario("a new TLS 1.3 connection each, resumed", "gateways", is_tls=True,
                            load={**PER_SESSION, "tls_resume": "yes"}),
    "tls-full": Scenario("a new TLS 1.3 connection each, full handshake", "gateways", is_tls=True,
                         load={**PER_SESSION, "tls_resume": "no"}),
    "tls-full-rsa": Scenario("the same with a certificate of RSA, 2,048 bits", "gateways", is_tls=True,
                             load={**PER_SESSION, "tls_resume": "no"}, key_type="rsa"),
    "changed": Scenario("2 of 10 values change each time", "gateways", sessions.measure_changes,
                        {**PROVEN, "change": 2}),
    "changed-known": Scenario("the same, when the server has heard each device before", "gateways",
                              sessions.measure_known_changes, {**PROVEN, "change": 2}),
    "open-8000": Scenario("8,000 sessions at once past InformResponse", "gateways", holding.measure),
    "open-8000-tls": Scenario("the same under TLS", "gateways", holding.measure, is_tls=True),
    "stored-1000": Scenario("1,000 parameters stored of each of 10,000 devices", "large", load=PROVEN),
    "bootstrap": Scenario("an unknown device: onboarding and Refresh of 100 parameters", "gateways",
                          refreshes.bootstrap),
    "refresh-first": Scenario("Refresh of 1,000 parameters", "gateways", refreshes.first_refresh),
    "refresh-again": Scenario("the same again, unchanged", "gateways", refreshes.second_refresh),
    "set-wait": Scenario("POST …/tasks?wait=5 SetParameterValues, with its connection request", "gateways",
                         waits.measure),
    "million-pages": Scenario("pages of 50 out of 1,000,000 devices", "million", pages.measure, is_long=True),
    "million": Scenario("values unchanged, 1,000,000 devices stored", "million", sessions.measure_some, PROVEN,
                        is_long=True),
}


class Goal(NamedTuple):
    what: str
    limit: float
    unit: str
    value: Callable  # of the figures of all scenarios by name; KeyError while one is missing
    is_least: bool = False


def figure(scenario, key):
    return lambda found: found[scenario][key]


def cpu(figures):
    """µs of server and PostgreSQL together."""
    return figures["server_us"] + figures["postgres_us"]


def more(scenario, of):
    return lambda found: of(found[scenario]) - of(found["unchanged"])


def times(scenario):
    return lambda found: cpu(found[scenario]) / cpu(found["unchanged"])


def milliseconds(scenario):
    return lambda found: cpu(found[scenario]) / 1000


GOALS = [
    Goal("unchanged-3000: server", 110, "µs", figure("unchanged-3000", "server_us")),
    Goal("unchanged-3000: PostgreSQL", 20, "µs", figure("unchanged-3000", "postgres_us")),
    Goal("unchanged: rate", 9000, "sessions/s", figure("unchanged", "rate"), is_least=True),
    Goal("challenge: more than unchanged, server", 35, "µs", more("challenge", lambda f: f["server_us"])),
    Goal("stored-1000: of unchanged, server and PostgreSQL", 1.1, "×", times("stored-1000")),
    Goal("changed: more than unchanged, server and PostgreSQL", 25, "µs", more("changed", cpu)),
    Goal("changed-known: more than unchanged, the same", 25, "µs", more("changed-known", cpu)),
    Goal("tls-resumed: server", 750, "µs", figure("tls-resumed", "server_us")),
    Goal("tls-full: server", 850, "µs", figure("tls-full", "server_us")),
    Goal("bootstrap: server and PostgreSQL", 6, "ms", milliseconds("bootstrap")),
    Goal("refresh-first: server and PostgreSQL", 12, "ms", milliseconds("refresh-first")),
    Goal("refresh-again: server and PostgreSQL", 6, "ms", milliseconds("refresh-again")),
    Goal("set-wait: p50", 10, "ms", figure("set-wait", "p50_ms")),
    Goal("set-wait: p99", 40, "ms", figure("set-wait", "p99_ms")),
    Goal("open-8000: above idle", 80, "MB", figure("open-8000", "above_idle_mb")),
    Goal("open-8000-tls: above idle", 600, "MB", figure("open-8000-tls", "above_idle_mb")),
    *(Goal(f"page by {what}: in the database", 5, "ms", figure("million-pages", f"{what}: database ms"))
      for what in pages.QUERIES),
    Goal("million: of unchanged, server and PostgreSQL", 1.2, "×", times("million")),
]
