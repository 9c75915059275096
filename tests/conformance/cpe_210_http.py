"""CWMP-210 … 222: authentication, cookies, connections, redirects and the form of HTTP messages."""

import time

import cpe_digest
import cpe_rpc as rpc
from cpe_acs import Reply
from cpe_digest import is_right
from cpe_subject import PASSWORD, USERNAME
from items import item

COOKIES = {"session": "s" * 512, "second": "2"}


def challenged(cpe, **how):
    """Refuses an Inform; the one that comes with an answer to that."""
    first = cpe.acs.take_inform()
    first.answer(Reply(401, headers=[cpe_digest.challenge(**how)]))
    return first, cpe.acs.take_inform()


def proves(post):
    return is_right(post.header("Authorization"), USERNAME, PASSWORD, "POST", post.path)


@item(210, "401 Digest: same Inform again with Authorization, RetryCount unchanged")
def cwmp_210(cpe):
    first, second = challenged(cpe)
    assert proves(second), f"Authorization: {second.header('Authorization')}"
    assert cpe_digest.fields(second.header("Authorization")).get("qop") == "auth", "no qop though one was offered"
    assert second.envelope.retry_count == first.envelope.retry_count == 0, second.envelope.retry_count
    assert second.body == first.body, "not the same Inform"
    second.answer(Reply(503))

    _, fourth = challenged(cpe, qop="")
    assert proves(fourth), f"without qop: {fourth.header('Authorization')}"
    assert "qop" not in cpe_digest.fields(fourth.header("Authorization")), "qop though none was offered"


@item(211, "401 Basic (over TLS): works", tls=True)
def cwmp_211(cpe):
    cpe.acs.take_inform().answer(Reply(401, headers=[("WWW-Authenticate", 'Basic realm="conformance"')]))
    inform = cpe.acs.take_inform()
    assert cpe_digest.is_right_basic(inform.header("Authorization"), USERNAME, PASSWORD), inform.header("Authorization")


@item(212, "Authorization present on all later requests of the session")
def cwmp_212(cpe):
    _, inform = challenged(cpe)
    inform.answer(cpe.acs.inform_response(inform))
    posts = [inform, cpe.acs.take()]
    for closes in (False, True, False):
        posts[-1].answer(cpe.acs.request(rpc.get_rpc_methods(), closes=closes))
        posts.append(cpe.acs.take())
    for post in posts:
        assert proves(post), f"{post} with Authorization: {post.header('Authorization')}"


@item(213, "Persistent 401: session fails, retry schedule starts", retry_scale=0.1)
def cwmp_213(cpe):
    _, second = challenged(cpe)
    second.answer(Reply(401, headers=[cpe_digest.challenge()]))
    third = cpe.acs.take_inform(cpe.retry_window(5, 10)[1])
    wait, (least, _) = third.arrived - second.answered, cpe.retry_window(5, 10)
    assert wait >= least, f"came back after {wait:.2f} s"
    assert third.envelope.retry_count == 1, third.envelope.retry_count


@item(214, "Cookies (two, ≥ 512 bytes) returned on every later request; dropped next session")
def cwmp_214(cpe):
    headers = [("Set-Cookie", f"{name}={value}; Path=/") for name, value in COOKIES.items()]
    first = cpe.acs.take_inform()
    assert first.header("Cookie") is None, first.header("Cookie")
    first.answer(Reply(401, headers=[cpe_digest.challenge(), *headers]))
    posts = [cpe.acs.take_inform()]
    posts[0].answer(cpe.acs.inform_response(posts[0]))
    posts.append(cpe.acs.take())
    posts[1].answer(cpe.acs.request(rpc.reboot(""), closes=True))
    posts.append(cpe.acs.take())
    posts[2].answer(Reply(204))
    for post in posts:
        assert cookies(post) == COOKIES, f"{post} with Cookie: {post.header('Cookie')}"
    assert cpe.acs.take_inform().header("Cookie") is None, "a cookie outlived its session"


def cookies(post):
    pairs = (pair.strip().partition("=") for pair in (post.header("Cookie") or "").split(";"))
    return {name: value for name, _, value in pairs if name}


@item(215, "Connection: close after each response: session continues on new connections")
def cwmp_215(cpe):
    inform = cpe.acs.take_inform()
    inform.answer(cpe.acs.inform_response(inform, closes=True))
    posts = [inform, cpe.acs.take()]
    for _ in range(2):
        posts[-1].answer(cpe.acs.request(rpc.get_rpc_methods(), closes=True))
        posts.append(cpe.acs.take())
    assert [post.method for post in posts] == ["Inform", None] + ["GetRPCMethodsResponse"] * 2, posts


@item(216, "302 and 307 followed, POST body repeated; 5 accepted, 6th fails; URL parameter unchanged")
def cwmp_216(cpe):
    base = cpe.acs.url.removesuffix("/acs")
    first = cpe.acs.take_inform()
    last = follow(cpe, first, [f"{base}/{number}" for number in range(5)])
    last.answer(cpe.acs.inform_response(last))
    empty = cpe.acs.take()
    assert empty.path == "/4", f"{empty} went to {empty.path} in the same session"
    empty.answer(cpe.acs.request(rpc.get_values(last.envelope.root + "ManagementServer.URL")))
    answer = cpe.acs.take()
    url = answer.envelope.parameters[0][1]
    assert url == cpe.acs.url, f"ManagementServer.URL is {url}"
    answer.answer(Reply(503))

    again = cpe.acs.take_inform()
    assert again.path == "/acs", f"the next session began at {again.path}"
    last = follow(cpe, again, [f"{base}/{number}" for number in range(5)])
    last.answer(Reply(302, headers=[("Location", base + "/5")]))
    retry = cpe.acs.take_inform()
    assert retry.path == "/acs", f"a sixth redirect was followed to {retry.path}"
    assert retry.envelope.retry_count == again.envelope.retry_count + 1, retry.envelope.retry_count


def follow(cpe, post, urls):
    """Sends a POST from one URL to the next, by 302 and 307 in turn; the last POST."""
    for number, url in enumerate(urls):
        post.answer(Reply((302, 307)[number % 2], headers=[("Location", url)]))
        before, post = post, cpe.acs.take()
        assert url.endswith(post.path), f"{post.path} instead of {url}"
        assert post.body == before.body, "not the same body after a redirect"
    return post


@item(217, "Empty POST has Content-Length 0, no SOAPAction, no Content-Type")
def cwmp_217(cpe):
    empty = cpe.session().pending
    seen = tuple(map(empty.header, ("Content-Length", "SOAPAction", "Content-Type")))
    assert seen == ("0", None, None), seen


@item(218, "POST with response has SOAPAction: empty and text/xml")
def cwmp_218(cpe):
    session = cpe.session()
    session.must(rpc.get_rpc_methods())
    post = session.pending
    assert post.header("SOAPAction") == "", f"SOAPAction: {post.header('SOAPAction')}"
    assert (post.header("Content-Type") or "").startswith("text/xml"), post.header("Content-Type")


@item(219, "Chunked ACS response parsed")
def cwmp_219(cpe):
    inform = cpe.acs.take_inform()
    inform.answer(cpe.acs.inform_response(inform, is_chunked=True))
    empty = cpe.acs.take()
    empty.answer(cpe.acs.request(rpc.get_rpc_methods(), is_chunked=True))
    answer = cpe.acs.take()
    assert answer.method == "GetRPCMethodsResponse", answer


@item(220, "204 and 200-with-empty-body both end the session")
def cwmp_220(cpe):
    for reply in (Reply(204), Reply(200)):
        session = cpe.session()
        assert session.inform.retry_count == 0, "the session before this counted as failed"
        session.must(rpc.reboot(""))
        session.end(reply)
    assert cpe.session().inform.retry_count == 0, "the session before this counted as failed"


@item(221, "No pipelining: next POST only after full response")
def cwmp_221(cpe):
    inform = cpe.acs.take_inform()
    inform.answer(cpe.acs.inform_response(inform, pause=0.4))
    empty = cpe.acs.take()
    empty.answer(cpe.acs.request(rpc.get_rpc_methods(), pause=0.4))
    answer = cpe.acs.take()
    for before, after in ((inform, empty), (empty, answer)):
        assert not before.was_impatient, f"{after} before the whole answer to {before}"
        assert after.arrived - before.answered >= 0.4, f"{after} before the whole answer to {before}"


@item(222, "ACS silent: CPE waits ≥ 30 s, then failed session", slow=True)
def cwmp_222(cpe):
    inform = cpe.acs.take_inform()
    cpe.acs.hears_nothing(30.5)
    assert not inform.connection.speaks_within(0), "hung up within 30 s"
    patience, limit = 0, 300  # how long after 30 s is the CPE's own affair, unless it can be told
    if "response_seconds" in cpe.kind.timers:
        patience, limit = 2, 2 + 15
        cpe.power_cycle(response_seconds=patience)
        inform = cpe.acs.take_inform()
    begun = time.monotonic()
    retry = cpe.acs.take_inform(limit)
    assert retry.arrived - begun >= patience, f"gave up after {retry.arrived - begun:.1f} s of {patience}"
    assert retry.envelope.retry_count == inform.envelope.retry_count + 1, retry.envelope.retry_count
