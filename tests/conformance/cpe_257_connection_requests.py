"""CWMP-257 … 260: connection requests, and what did not fit elsewhere."""

import time

import cpe_rpc as rpc
from cpe_subject import KNOCK_PASSWORD
from items import NotApplicable, item


@item(257, "CR without auth: 401, no session; with auth: 200/204 empty, session with 6 within 30 s")
def cwmp_257(cpe):
    session = cpe.allow_knocks(cpe.session())
    inform = session.inform
    session.end()
    time.sleep(0.2)
    refusal = cpe.knock_blindly(inform)
    assert refusal.status == 401 and "Digest" in (refusal.get("WWW-Authenticate") or ""), refusal.start
    wrong = cpe.knock(inform, password=KNOCK_PASSWORD + "x")
    assert wrong.status in (401, 403), f"{wrong.start} for a wrong password"
    cpe.acs.hears_nothing(1)
    accepted = cpe.knock(inform)
    assert accepted.status in (200, 204) and not accepted.body, f"{accepted.start} {accepted.body[:40]}"
    codes = cpe.session(30).inform.codes
    assert "6 CONNECTION REQUEST" in codes, codes


@item(258, "CR during a session: 503 without Retry-After, or one extra session afterwards; flood limited",
      connection_request_limit=5)
def cwmp_258(cpe):
    session = cpe.allow_knocks(cpe.session())
    inform = session.inform
    answers = [cpe.knock(inform) for _ in range(3)]
    check_answers(answers)
    session.end()
    if any(answer.status != 503 for answer in answers):
        extra = cpe.session(30)
        extra.end()
        assert "6 CONNECTION REQUEST" in extra.inform.codes, extra.inform.codes
    cpe.acs.hears_nothing(1.5)
    check_flood(cpe, inform)


def check_answers(answers):
    for answer in answers:
        assert answer.status in (200, 204, 503), answer.start
        assert answer.status != 503 or answer.get("Retry-After") is None, "503 with Retry-After"


def check_flood(cpe, inform):
    """Knocks as fast as sessions end, until the CPE refuses though it is idle."""
    refusals, deadline = 0, time.monotonic() + 10
    while refusals < 2:
        answer = cpe.knock(inform)
        check_answers([answer])
        assert time.monotonic() < deadline, "every connection request of a flood was accepted"
        if answer.status == 503:
            refusals += 1
            cpe.acs.hears_nothing(0.1)
        else:
            refusals = 0
            cpe.session().end()


@item(259, "UDP CR valid: session; old ts, repeated id or wrong sig: ignored", off=True)
def cwmp_259(_):
    raise NotApplicable("connection requests by UDP come later")


@item(260, "Password parameters read back empty; envelope of 32 768 bytes accepted")
def cwmp_260(cpe):
    session = cpe.allow_knocks(cpe.session())
    for name in ("ManagementServer.Password", "ManagementServer.ConnectionRequestPassword"):
        assert session.get(name) == "", f"{name} can be read"
    below = session.must(rpc.get_values(session.root + "ManagementServer.")).values
    shown = {name for name, value in below.items() if name.endswith("Password") and value}
    assert not shown, f"readable: {shown}"
    body = rpc.get_values(*[session.root + "DeviceInfo.SoftwareVersion"] * 3)
    filler = "x" * (32768 - len(cpe.acs.wrap(body, "fill")) - len("<!---->"))
    whole = body.replace("</ParameterNames>", f"<!--{filler}--></ParameterNames>")
    assert len(cpe.acs.wrap(whole, "fill")) == 32768
    session.must(whole, id="fill")
