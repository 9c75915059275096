"""CWMP-251 … 256: Download, Upload, ScheduleInform and what is reported of them."""

import time

import cpe_rpc as rpc
from cpe_acs import Reply
from cpe_files import PASSWORD, USERNAME, FileServer
from cpe_subject import EARLY
from items import NotApplicable, item


def offer(cpe, server):
    """A file that this CPE takes; its URL."""
    if cpe.kind.file is None:
        raise NotApplicable("needs --cpe-file")
    return server.put("/file", cpe.kind.file)


def report(session, event, key):
    """The fault code of the only TransferComplete in a session that announced it."""
    events = session.inform.events
    assert {("7 TRANSFER COMPLETE", ""), (event, key)} <= events, events
    methods = [request.method for request in session.requests]
    assert methods == ["TransferComplete"], f"{methods} instead of one TransferComplete"
    assert session.requests[0].text("CommandKey") == key, session.requests[0].text("CommandKey")
    return int(session.requests[0].text("FaultStruct/FaultCode"))


def outcome(cpe, session, body, event, key):
    """The fault code of a transfer: of the request itself, or of the TransferComplete that follows."""
    answer = session.call(body)
    session.end()
    if answer.is_fault:
        return answer.fault_code
    if answer.text("Status") == "0":
        return 0
    return report(cpe.session(), event, key)


@item(251, "Download HTTP ok: Status 0, or Status 1 then one TransferComplete fault 0 with 7 + M Download")
def cwmp_251(cpe):
    with FileServer() as server:
        session = cpe.session()
        body = rpc.download("key 251", offer(cpe, server), cpe.kind.file_type, size=len(cpe.kind.file))
        code = outcome(cpe, session, body, "M Download", "key 251")
        assert code == 0, f"fault {code}"
        assert server.first_time("GET"), "the file was not fetched"
        cpe.acs.hears_nothing(1)


@item(252, "Download 404: fault 9016/9010 by TransferComplete; bad scheme: 9013")
def cwmp_252(cpe):
    with FileServer() as server:
        session, codes = cpe.session(), {}
        for key, url in (("missing", server.base + "/missing"), ("scheme", "gopher://127.0.0.1/x")):
            answer = session.call(rpc.download(key, url, rpc.FIRMWARE))
            if answer.is_fault:
                codes[key] = answer.fault_code
        session.end()
        while set(codes) != {"missing", "scheme"}:
            session = cpe.session()
            codes |= {r.text("CommandKey"): int(r.text("FaultStruct/FaultCode")) for r in session.requests}
            session.end()
    assert codes["missing"] in (9016, 9010), f"fault {codes['missing']} for a missing file"
    assert codes["scheme"] == 9013, f"fault {codes['scheme']} for a bad scheme"


@item(253, "DelaySeconds 60: no transfer in this session, none before 60 s")
def cwmp_253(cpe):
    delay = cpe.seconds(60)
    with FileServer() as server:
        session = cpe.session()
        asked = time.monotonic()
        answer = session.must(rpc.download("key 253", offer(cpe, server), cpe.kind.file_type, delay))
        assert answer.text("Status") == "1", answer.text("Status")
        session.end()
        assert report(cpe.session(delay + 20), "M Download", "key 253") == 0
        wait = server.first_time("GET") - asked
        assert wait >= delay - EARLY, f"fetched after {wait:.2f} s instead of {delay} s"


@item(254, "Broken session before TransferCompleteResponse: TransferComplete and events repeated, also after reboot")
def cwmp_254(cpe):
    with FileServer() as server:
        session = cpe.session()
        session.must(rpc.download("key 254", server.base + "/missing", delay=1))
        session.end()
        break_at_report(cpe)
        break_at_report(cpe)
        cpe.power_cycle()
        session = cpe.session()
        assert "1 BOOT" in session.inform.codes, session.inform.codes
        assert report(session, "M Download", "key 254") in (9016, 9010)
        session.must(rpc.reboot(""))
        session.end()
        codes = cpe.session().inform.codes
        assert "7 TRANSFER COMPLETE" not in codes and "M Download" not in codes, f"{codes} though it was acknowledged"


def break_at_report(cpe):
    """A session that is broken where TransferComplete waits for its response."""
    post = cpe.acs.take_inform()
    assert {("7 TRANSFER COMPLETE", ""), ("M Download", "key 254")} <= post.envelope.events, post.envelope.events
    post.answer(cpe.acs.inform_response(post))
    post = cpe.acs.take()
    assert post.method == "TransferComplete", f"{post} instead of TransferComplete"
    post.answer(Reply(503))


@item(255, "Upload by PUT with Digest; TransferComplete with M Upload")
def cwmp_255(cpe):
    with FileServer(wants_digest=True) as server:
        session = cpe.session()
        body = rpc.upload("key 255", server.base + "/up", username=USERNAME, password=PASSWORD)
        answer = session.call(body)
        if answer.is_fault and answer.fault_code == 9000:
            raise NotApplicable("Upload is not supported")
        assert not answer.is_fault, f"fault {answer.fault_code}"
        session.end()
        if answer.text("Status") == "1":
            assert report(cpe.session(), "M Upload", "key 255") == 0
        assert server.uploads.get("/up"), f"nothing was put: {server.log}"


@item(256, "ScheduleInform 30 s: 3 SCHEDULED + M ScheduleInform with key")
def cwmp_256(cpe):
    delay = cpe.seconds(30)
    session = cpe.session()
    asked = time.monotonic()
    answer = session.call(rpc.schedule_inform(delay, "key 256"))
    if answer.is_fault and answer.fault_code == 9000:
        raise NotApplicable("ScheduleInform is not supported")
    assert not answer.is_fault, f"fault {answer.fault_code}"
    session.end()
    post = cpe.acs.take_inform(delay + 15)
    assert {("3 SCHEDULED", ""), ("M ScheduleInform", "key 256")} <= post.envelope.events, post.envelope.events
    assert post.arrived - asked >= delay - EARLY, f"after {post.arrived - asked:.2f} s instead of {delay} s"
