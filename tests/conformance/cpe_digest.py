"""cpe_digest: HTTP authentication as a server checks it and as a client answers it, MD5 with and without qop."""

import base64
import hashlib
import re
import secrets

FIELD = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')
REALM = "conformance"


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def fields(header):
    """{name: value} of a Digest challenge or answer."""
    return {name: quoted or bare for name, quoted, bare in FIELD.findall(header.partition(" ")[2])}


def challenge(nonce=None, qop='qop="auth", '):
    """The header of a 401 that asks for Digest; qop "" asks as RFC 2069 did."""
    return ("WWW-Authenticate", f'Digest realm="{REALM}", nonce="{nonce or secrets.token_hex(8)}", {qop}algorithm=MD5')


def expected(answer, username, password, method):
    """The response that the fields of an answer should carry."""
    ha1 = md5(f"{username}:{answer.get('realm')}:{password}")
    ha2 = md5(f"{method}:{answer.get('uri')}")
    middle = [answer[n] for n in ("nc", "cnonce", "qop")] if "qop" in answer else []
    return md5(":".join([ha1, answer.get("nonce", ""), *middle, ha2]))


def is_right(header, username, password, method, path):
    """Does the Authorization header prove the password, for this method and path?"""
    if not header or not header.startswith("Digest "):
        return False
    answer = fields(header)
    return (answer.get("username"), answer.get("uri"), answer.get("response")) == (
        username, path, expected(answer, username, password, method))


def is_right_basic(header, username, password):
    return header == "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def answer(header, username, password, method, path):
    """An Authorization header for a challenge."""
    asked = fields(header)
    given = {"username": username, "realm": asked["realm"], "nonce": asked["nonce"], "uri": path}
    if "qop" in asked:
        given |= {"qop": "auth", "nc": "00000001", "cnonce": secrets.token_hex(8)}
    given["response"] = expected(given, username, password, method)
    if "opaque" in asked:
        given["opaque"] = asked["opaque"]
    bare = ("qop", "nc")
    return "Digest " + ", ".join(f"{n}={v}" if n in bare else f'{n}="{v}"' for n, v in given.items())
