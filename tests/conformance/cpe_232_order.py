"""CWMP-232 … 235: who may speak when, and what comes back."""

import cpe_rpc as rpc
from cpe_files import FileServer
from items import item

ODD_IDS = ["plain", "", "with  two spaces", 'quoted "&<>\'', "x" * 64]


def pending_transfer(cpe, key, server):
    """Ends a session after which the CPE has a TransferComplete to send; the next Inform, unanswered."""
    session = cpe.session()
    session.must(rpc.download(key, server.base + "/missing", delay=1))
    session.end()
    post = cpe.acs.take_inform()
    assert ("M Download", key) in post.envelope.events, post.envelope.events
    return post


@item(232, "HoldRequests 1: no CPE request until 0; responses still sent")
def cwmp_232(cpe):
    with FileServer() as server:
        post = pending_transfer(cpe, "key 232", server)
        post.answer(cpe.acs.inform_response(post, header=rpc.hold(1)))
        post = cpe.acs.take()
        assert not post.method, f"{post} while requests are on hold"
        for header in ("", rpc.hold(0)):
            post.answer(cpe.acs.request(rpc.get_rpc_methods(), header=header))
            post = cpe.acs.take()
            assert post.method == "GetRPCMethodsResponse", f"{post} where a response was due"
        post.answer(cpe.acs.nothing())
        post = cpe.acs.take()
        if post.method == "Inform":  # this session is over; another may bring the request
            post.answer(cpe.acs.inform_response(post))
            post = cpe.acs.take()
        assert post.method == "TransferComplete", f"{post} where the held request was due"


@item(233, "After the first empty POST no own request in that session")
def cwmp_233(cpe):
    with FileServer() as server:
        session = cpe.session()
        answer = session.call(rpc.download("key 233", server.base + "/missing"))
        for _ in range(4):  # while the download fails and is to be reported
            answer = session.call(rpc.get_rpc_methods(), pause=0.3)
            assert answer.method == "GetRPCMethodsResponse", f"{answer.method} in the ACS's turn"
        session.end()
        assert [r.method for r in cpe.session().requests] == ["TransferComplete"]


@item(234, "Response/fault echoes the ACS's ID exactly")
def cwmp_234(cpe):
    session = cpe.session()
    for body in (rpc.get_rpc_methods(), rpc.request("X_CONFORMANCE_Nothing")):
        for id in ODD_IDS:
            answer = session.call(body, id=id)
            assert answer.id == id, f"{answer.id!r} instead of {id!r}"


@item(235, "Unknown RPC: fault 9000, faultstring CWMP fault")
def cwmp_235(cpe):
    session = cpe.session()
    fault = session.refused(rpc.request("X_CONFORMANCE_Nothing"), 9000)
    assert fault.text("faultstring") == "CWMP fault", fault.text("faultstring")
    assert (fault.text("faultcode") or "").rpartition(":")[2] in ("Client", "Server"), fault.text("faultcode")
    session.must(rpc.get_rpc_methods())  # the session goes on
