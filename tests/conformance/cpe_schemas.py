"""cpe_schemas: the envelopes of a CPE against the official schemas, where these are there."""

import re
import subprocess

from places import SHARED

# The schemas of 1.3 and 1.4 keep the URI of 1.2, and the last is a superset.
DRIVERS = {b"1-0": "0", b"1-1": "1", b"1-2": "4"}


def problem(envelopes, folder):
    """What is wrong with the first envelope that breaks its schema; None when all are valid."""
    by_version = {}
    for number, data in enumerate(dict.fromkeys(envelopes)):
        found = re.search(rb"urn:dslforum-org:cwmp-([0-9]-[0-9])", data)
        path = folder / f"envelope-{number}.xml"
        path.write_bytes(data)
        by_version.setdefault(found and found[1], []).append(path)
    if not (SHARED / "xsd").is_dir():
        return None
    return next(filter(None, (validate(version, paths) for version, paths in by_version.items())), None)


def validate(version, paths):
    if version not in DRIVERS:
        return f"a namespace of no schema: {version}"
    schema = SHARED / f"xsd/b-strict/driver-1-{DRIVERS[version]}.xsd"
    done = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", schema, *paths],
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    return "against the schema: " + done.stderr.split("\n", maxsplit=1)[0]
