"""CWMP-011 … 023: the order of a session."""

from items import item


@item(18, "Empty POST with nothing queued: 204, no body, no Content-Type")
def cwmp_018(acs):
    device = acs.device()
    assert device.inform("2 PERIODIC").method == "InformResponse"
    reply = device.empty()
    assert reply.status == 204 and not reply.body, reply
    assert reply.headers["Content-Type"] is None
