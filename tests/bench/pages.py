"""pages: how long PostgreSQL takes for a page of 50 devices out of a million, and the client for the whole call.

auto_explain runs EXPLAIN ANALYZE on the very statements of the server, in the server's own connections. Pages by a
parameter's value are measured when the index is ready that the first question asks for.
"""

import re
import time
from statistics import median
from urllib.parse import quote

from lab.programs import wait_until

CALLS = 20
READY_SECONDS = 600  # for an index
TIMEOUT_MS = 5000  # the default of database.statement_timeout_ms

# The filter of each, and how many of a million devices it fits.
QUERIES = {
    "tag, of 1,000": ("tag", "group 7"),
    "tag, of 500,000": ("tag", "even"),
    "version, of 50,000": ("software_version", "1.0.7"),
    "value, of 1,000": ("parameter.{shared}", "group 7"),
    "value, of 1": ("parameter.{own}", "value 4711 of {own_path}"),
}

EXPLAINED = re.compile(r"duration: ([0-9.]+) ms  plan:\n\s*Query Text: .*json_build_object\('id', d\.id")


def explain_all(database, is_on):
    """For connections that begin from now on."""
    for name, value in (("session_preload_libraries", "'auto_explain'"), ("auto_explain.log_min_duration", "0"),
                        ("auto_explain.log_analyze", "on"), ("auto_explain.log_timing", "off")):
        database.query(f"ALTER DATABASE acs {'SET' if is_on else 'RESET'} {name}" + (f" = {value}" if is_on else ""))


def read_log(stand):
    return next((stand.folder / "data/postgresql").glob("**/log")).read_text(encoding="utf-8", errors="replace")


def call(stand, name, value):
    """Milliseconds of one page: at the client, and in the database; TIMEOUT_MS for one that never came."""
    logged, begin = len(read_log(stand)), time.monotonic()
    answer = stand.api.get(f"/api/v1/devices?limit=50&{quote(name)}={quote(value)}")
    took = 1000 * (time.monotonic() - begin)
    if answer.status == 503:
        return took, TIMEOUT_MS
    assert answer.status == 200 and answer.json["devices"], answer
    return took, float(EXPLAINED.findall(read_log(stand)[logged:])[-1])


def parameter_names(database):
    """A parameter with few values, and one whose values are each device's own."""
    rows = database.query("SELECT path_id, name FROM path WHERE name LIKE '%.X\\_00D09E\\_Item%' ORDER BY path_id")
    own_path, own = next(row for row in rows if int(row[0]) % 10)
    return {"shared": next(name for path_id, name in rows if int(path_id) % 10 == 0), "own": own, "own_path": own_path}


def prepare(api, name, value):
    """Milliseconds of the first question by a parameter's value, and seconds until its index is ready."""
    begin = time.monotonic()
    answer = api.get(f"/api/v1/devices?limit=50&parameter.{quote(name)}={quote(value)}")
    first = 1000 * (time.monotonic() - begin)
    assert answer.status in (200, 503), answer

    def is_ready():
        listed = api.get("/api/v1/searched-parameters")
        return listed.status == 404 or any(  # 404: a server that has an index of all values
            p["state"] == "ready" for p in listed.json["searched_parameters"] if p["name"] == name)

    wait_until(is_ready, READY_SECONDS, f"an index of {name}", pause=0.2)
    return first, time.monotonic() - begin


def measure(run):
    """The median of 20 pages of each kind, and what the first one by a parameter's value took."""
    figures = {}
    with run.stand.serving() as stand:
        names = parameter_names(stand.database)
        for what, (name, value) in QUERIES.items():
            if name.startswith("parameter."):
                figures[f"{what}: first call ms"], figures[f"{what}: index s"] = prepare(
                    stand.api, name.removeprefix("parameter.").format(**names), value.format(**names))
        explain_all(stand.database, True)
    with run.stand.serving() as stand:
        for what, (name, value) in QUERIES.items():
            times = [call(stand, name.format(**names), value.format(**names)) for _ in range(CALLS)]
            figures[f"{what}: database ms"] = median(inside for _, inside in times)
            figures[f"{what}: call ms"] = median(outside for outside, _ in times)
        explain_all(stand.database, False)
    return figures
