"""logs: what server and PostgreSQL complained about, by kind, and which complaints are part of such a load."""

import re
from collections import Counter

# Of the server: a pattern of the line behind its level, and why it is expected.
EXPECTED = {
    r"event=overload": "a server that is short of time tells devices to come later",
    r"event=turn .*status=503": "the same",
}
# Of PostgreSQL.
EXPECTED_BY_POSTGRES = {
    r"FATAL:  terminating connection due to administrator command": "the clean stop at the end",
    r"FATAL:  connection to client lost": "a stop does not wait for answers that nobody needs",
    r"FATAL:  the database system is (starting up|shutting down)": "the server looks whether it is up",
    r'FATAL:  database "acs" does not exist': "the server looks whether it must be created",
    r"ERROR:  division by zero": "a write of a session that a newer one has ended is refused by its epoch",
}

COMPLAINT = re.compile(r" level=(warning|error) (event=.*)")
POSTGRES_COMPLAINT = re.compile(r"\b(?:WARNING|ERROR|FATAL|PANIC): .*")
# What differs between lines of one kind.
DETAILS = re.compile(r"(device|session|address|id|task|ms|user|time|bytes|peer|url)=(\"(?:[^\"\\]|\\.)*\"|\S+)")


def kind_of(line):
    return re.sub(r"\d+", "N", DETAILS.sub(r"\1=…", line))[:160]


def reason(line, expected):
    return next((why for pattern, why in expected.items() if re.search(pattern, line)), None)


def complaints(path, pattern, expected):
    """[(kind, count, the reason for which it is expected or None)] of a log file, the most frequent first."""
    counts, reasons = Counter(), {}
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            found = pattern.search(line)
            if found:
                kind = kind_of(found.group(0))
                counts[kind] += 1
                reasons[kind] = reason(found.group(0), expected)
    return [(kind, count, reasons[kind]) for kind, count in counts.most_common()]


def of_server(stand):
    return complaints(stand.folder / "acs.log", COMPLAINT, EXPECTED)


def of_postgres(stand):
    log = next((stand.folder / "data/postgresql").glob("**/log"))
    return complaints(log, POSTGRES_COMPLAINT, EXPECTED_BY_POSTGRES)
