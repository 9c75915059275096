"""CWMP-223 … 231: failed sessions, when they are tried again, and which events come with that."""

import time

import cpe_rpc as rpc
from cpe_acs import Reply
from items import NotApplicable, item


def check_wait(cpe, before, after, least, most):
    """The wait between a failure and the retry, in seconds at true time."""
    wait = after.arrived - before.answered
    low, high = cpe.retry_window(least, most)
    assert low <= wait <= high, f"{wait:.2f} s where {low:.2f} to {high:.2f} were due"


@item(223, "First retry 5-10 s, second 10-20 s, RetryCount 1, 2", retry_scale=0.2)
def cwmp_223(cpe):
    posts = [cpe.acs.fail_session() for _ in range(3)]
    assert [post.envelope.retry_count for post in posts] == [0, 1, 2], [p.envelope.retry_count for p in posts]
    check_wait(cpe, posts[0], posts[1], 5, 10)
    check_wait(cpe, posts[1], posts[2], 10, 20)


@item(224, "m=3, k=1500 set: first retry 3-4.5 s", slow=True, retry_scale=1)
def cwmp_224(cpe):
    session = cpe.session()
    session.needs("ManagementServer.CWMPRetryMinimumWaitInterval", "ManagementServer.CWMPRetryIntervalMultiplier")
    session.set(("ManagementServer.CWMPRetryMinimumWaitInterval", 3, "unsignedInt"),
                ("ManagementServer.CWMPRetryIntervalMultiplier", 1500, "unsignedInt"))
    session.must(rpc.reboot(""))
    session.end()
    failed = cpe.acs.fail_session()
    check_wait(cpe, failed, cpe.acs.take_inform(), 3, 4.5)


@item(225, "Tenth and later retry within 2560-5120 s (simulated clock)", slow=True, retry_scale=0.0004)
def cwmp_225(cpe):
    if not cpe.timer("retry_scale"):
        raise NotApplicable("takes three hours without a timer retry_scale")
    posts = [cpe.acs.fail_session() for _ in range(12)]
    assert posts[-1].envelope.retry_count == 11, posts[-1].envelope.retry_count
    for before, after in zip(posts[9:], posts[10:]):
        check_wait(cpe, before, after, 2560, 5120)


@item(226, "Success resets RetryCount to 0")
def cwmp_226(cpe):
    cpe.acs.fail_session()
    cpe.acs.fail_session()
    session = cpe.session()
    assert session.inform.retry_count == 2, session.inform.retry_count
    cpe.allow_knocks(session).end()
    inform = cpe.call_home(session.inform).inform
    assert inform.retry_count == 0, inform.retry_count


@item(227, "Inform answered 8005: identical Inform at once", retry_scale=1)
def cwmp_227(cpe):
    first = cpe.acs.take_inform()
    first.answer(cpe.acs.fault(first, 8005))
    second = cpe.acs.take_inform()
    assert second.arrived - first.answered < 2, f"after {second.arrived - first.answered:.1f} s"
    assert second.body == first.body, "another Inform"


def check_failure(cpe, answer):
    """answer(post) of an Inform makes the session fail, and the retry policy applies."""
    inform = cpe.acs.take_inform()
    inform.answer(answer(inform))
    retry = cpe.acs.take_inform()
    assert retry.envelope.retry_count == 1, retry.envelope.retry_count
    check_wait(cpe, inform, retry, 5, 10)


@item(228, "Inform answered 8002: session ends, retry policy", retry_scale=0.1)
def cwmp_228(cpe):
    check_failure(cpe, lambda inform: cpe.acs.fault(inform, 8002))


@item(229, "Malformed InformResponse: session ends, retry policy", retry_scale=0.1)
def cwmp_229(cpe):
    def broken(inform):
        whole = cpe.acs.inform_response(inform).message.body
        return Reply(200, whole.replace(b"</cwmp:InformResponse>", b""))

    check_failure(cpe, broken)


@item(230, "6 CONNECTION REQUEST not repeated after a failed session; 1 BOOT and 2 PERIODIC are", retry_scale=0.02)
def cwmp_230(cpe):
    session = cpe.allow_knocks(cpe.session())
    session.set(("ManagementServer.PeriodicInformEnable", "1", "boolean"),
                ("ManagementServer.PeriodicInformInterval", 2, "unsignedInt"))
    session.end()
    cpe.reboot()
    boot = cpe.acs.fail_session()
    with_six = fail_with_six(cpe, boot.envelope)
    codes = cpe.acs.fail_session().envelope.codes
    assert "6 CONNECTION REQUEST" not in codes, "6 CONNECTION REQUEST again after a failed session"
    assert "1 BOOT" in codes, f"1 BOOT was lost: {codes} after {with_six}"
    codes = fail_with(cpe, "2 PERIODIC")
    again = cpe.acs.fail_session().envelope.codes
    assert again >= {"1 BOOT", "2 PERIODIC"}, f"{again} after {codes}"


def fail_with_six(cpe, inform):
    """Knocks until a session comes of it, which fails; its events."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        cpe.knock(inform)
        codes = cpe.acs.fail_session().envelope.codes
        if "6 CONNECTION REQUEST" in codes:
            return codes
    raise AssertionError("no session with 6 CONNECTION REQUEST")


def fail_with(cpe, code):
    """Lets sessions fail until one reports that event; its events."""
    for _ in range(6):
        codes = cpe.acs.fail_session(30).envelope.codes
        if code in codes:
            return codes
    raise AssertionError(f"no session with {code}")


@item(231, "BOOTSTRAP discards other undelivered events")
def cwmp_231(cpe):
    session = cpe.session()
    session.must(rpc.reboot("key 231"))
    session.end()
    events = cpe.acs.fail_session().envelope.events
    assert ("M Reboot", "key 231") in events, events
    cpe.power_cycle(acs_url=cpe.acs.url + "/new")  # somebody typed it in while it was off
    events = cpe.session().inform.events
    assert ("0 BOOTSTRAP", "") in events, events
    assert not [code for code, _ in events if code.startswith("M ")], events
