"""CWMP-001 … 010: the ACS asks who a device is (TR-069 3.4.4)."""

import base64

import envelope
from acs_subject import secret_name
from items import item

REFUSED = (400, 401, 403)


def challenged(device):
    """The device has sent its Inform once and keeps the challenge, unanswered."""
    reply = unanswered(device)
    assert reply.status == 401 and device.take_challenge(reply), reply
    return device


def unanswered(device, headers=None):
    """An Inform whose reply is taken as it comes."""
    device.write(device.request(device.wrap(envelope.inform(device.identity)), headers))
    return device.read()


def without(header, *names):
    """An Authorization header without some of its fields."""
    return ", ".join(part for part in header.split(", ") if part.split("=")[0] not in names)


@item(1, "Inform without credentials: 401 with WWW-Authenticate and no CWMP payload", profile="digest")
def cwmp_001(acs):
    reply = acs.stranger().inform("1 BOOT")
    assert reply.status == 401, reply
    assert reply.headers["WWW-Authenticate"]
    assert b"Envelope" not in reply.body, reply


@item(2, "The right Digest (qop=auth, MD5): InformResponse", profile="digest")
def cwmp_002(acs):
    device = challenged(acs.device())
    assert device.challenge["scheme"].lower() == "digest" and "auth" in device.challenge.get("qop", "")
    reply = unanswered(device)
    assert reply.status == 200 and reply.method == "InformResponse", reply


@item(3, "Wrong password: 401 or 403, never InformResponse", profile="digest")
def cwmp_003(acs):
    device = challenged(acs.device())
    device.password = "wrong"
    assert unanswered(device).status in (401, 403)


@item(4, "Digest without cnonce and nc where qop was offered: rejected", profile="digest")
def cwmp_004(acs):
    device = challenged(acs.device())
    assert "auth" in device.challenge.get("qop", "")
    reply = unanswered(device, {"Authorization": without(device.authorization(), "cnonce", "nc")})
    assert reply.status in REFUSED, reply


@item(5, "Basic credentials over plain HTTP, Basic not configured: rejected", profile="digest")
def cwmp_005(acs):
    device = acs.device()
    pair = base64.b64encode(f"{device.username}:{device.password}".encode()).decode()
    reply = unanswered(device, {"Authorization": f"Basic {pair}"})
    assert reply.status in REFUSED and b"Envelope" not in reply.body, reply


@item(6, "A nonce of another or an expired session: 401", profile="short_nonce")
def cwmp_006(acs):
    forged = challenged(acs.device())
    forged.challenge["nonce"] = forged.challenge["nonce"][::-1]
    assert unanswered(forged).status == 401
    expired = challenged(acs.device())
    acs.wait(acs.fact("nonce_seconds") + 1.1)
    reply = unanswered(expired)
    assert reply.status == 401 and "stale=true" in reply.headers["WWW-Authenticate"].lower(), reply


@item(7, "A Digest over another uri or method: rejected", profile="digest")
def cwmp_007(acs):
    uri = acs.url_path()
    for claim in ({"uri": "/elsewhere"}, {"method": "GET"}):
        device = challenged(acs.device())
        header = device.authorization(**claim).replace('uri="/elsewhere"', f'uri="{uri}"')
        assert unanswered(device, {"Authorization": header}).status in REFUSED, claim
    device = challenged(acs.device())
    honest_about_it = device.authorization(uri="/elsewhere")
    assert unanswered(device, {"Authorization": honest_about_it}).status in REFUSED


@item(8, "After authentication no second 401 in the session while the header is repeated", profile="digest")
def cwmp_008(acs):
    device = acs.device()
    assert device.inform("2 PERIODIC").method == "InformResponse"
    for body in (device.wrap("<cwmp:GetRPCMethods/>"), device.wrap("<cwmp:GetRPCMethods/>", id="2"), b""):
        device.write(device.request(body))
        assert device.read().status in (200, 204)


@item(9, "New connection in mid-session with cookie and Authorization: the session continues", profile="digest")
def cwmp_009(acs):
    device = acs.device()
    device.inform("2 PERIODIC")
    device.connect()
    assert device.send("<cwmp:GetRPCMethods/>").method == "GetRPCMethodsResponse"
    device.connect()
    assert device.empty().status == 204


@item(10, "New connection with cookie but no Authorization: 401 or its own session, never another's", profile="digest")
def cwmp_010(acs):
    other, device = acs.tempted_device(), acs.device()
    other.cookies = {}
    assert other.inform("2 PERIODIC").method == device.inform("2 PERIODIC").method == "InformResponse"
    device.connect()
    device.write(device.request(b"", {"Authorization": None}))
    reply = device.read()
    assert reply.status in (204, 401), reply
    assert secret_name(other).encode() not in reply.body
