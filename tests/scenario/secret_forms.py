"""secret_forms: the spellings in which a secret may have slipped into a log or an answer."""

import base64
import json
import math
import re
from urllib.parse import quote
from xml.sax.saxutils import escape

SHORTEST = 16  # bytes: what is shorter turns up by chance

NAME_OF_SECRET = re.compile(
    r"(Password|Passwd|Pwd|Passphrase|PreSharedKey|PSK|WEPKey|Secret|PrivateKey|PIN|Token)\d*$", re.IGNORECASE)


def inside_base64(data, before, alphabet):
    """What base64 makes of data behind so many other bytes, without the characters that others share."""
    text = base64.b64encode(b"\0" * before + data, alphabet)
    return text[math.ceil(before * 8 / 6):(before + len(data)) * 8 // 6]


def named_forms(secret):
    """{name of the form: spelling}, as bytes."""
    data = secret.encode()
    forms = {"plain": data, "hex": data.hex().encode(), "HEX": data.hex().upper().encode(),
             "percent": quote(secret, safe="").encode(),
             "every byte percent": b"".join(b"%%%02x" % byte for byte in data),
             "every byte PERCENT": b"".join(b"%%%02X" % byte for byte in data),
             "JSON": json.dumps(secret)[1:-1].encode(), "JSON in UTF-8": json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
             "XML": escape(secret).encode(), "XML attribute": escape(secret, {'"': "&quot;"}).encode()}
    for before in range(3):
        forms[f"base64 at {before}"] = inside_base64(data, before, b"+/")
        forms[f"base64url at {before}"] = inside_base64(data, before, b"-_")
    return forms


def forms(secret):
    return set(named_forms(secret).values())


def found_in(secret, data):
    """The forms in which it stands in data."""
    return sorted(name for name, form in named_forms(secret).items() if form in data)
