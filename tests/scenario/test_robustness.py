"""What goes wrong: broken messages, devices that vanish, a database that dies. The next session works."""

import socket
import time

import pytest

import envelope
from lab.programs import wait_until
from steps import device_path, queue, stored_value, task

IGD = "InternetGatewayDevice."


def assert_serves(acs):
    device = acs.device()
    assert device.inform("2 PERIODIC").status == 200
    assert device.empty().status == 204
    device.close()


# Broken messages.

NO_ENVELOPES = {
    "text": b"nonsense",
    "unclosed": b"<a>",
    "declaration only": b"<?xml version='1.0'?>",
    "control characters": b"\x00\x01\x02",
    "another document": b"<a/>",
    "no UTF-8": b"\xff" * 100,
    "document type": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    "SOAP 1.2": b'<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"><Body/></Envelope>',
    "empty body": b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
    "depth": b"<a>" * 100000,
}


@pytest.mark.parametrize("body", NO_ENVELOPES.values(), ids=NO_ENVELOPES.keys())
def test_what_is_no_envelope_is_400(acs, database, body):
    reply = acs.device().post(body)
    assert reply.status == 400
    assert database.value("SELECT count(*) FROM device") == "0"
    assert_serves(acs)


def test_malformed_xml_ends_the_session_and_keeps_the_task(acs):
    device = acs.device()
    device.inform("1 BOOT")
    task_id = queue(acs.api, device.id, "GetRPCMethods")
    device.empty()
    assert device.post(b"<broken").status == 400
    device.run_session(answers={"GetRPCMethods": envelope.methods_response(["Inform"])})
    assert task(acs.api, task_id)["state"] == "done"


def test_a_header_that_must_be_understood_is_refused_under_the_id_of_its_message(acs):
    fault = acs.device().inform("1 BOOT", id="odd", header='<x:Odd xmlns:x="urn:odd" soap:mustUnderstand="1"/>').envelope
    assert (fault.text("faultcode").rpartition(":")[2], fault.id) == ("MustUnderstand", "odd")


def test_a_billion_laughs_are_refused_at_once(acs):
    entities = "".join(f'<!ENTITY a{i} "{("&a%d;" % (i - 1)) * 10}">' for i in range(1, 12))
    body = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><x>&a11;</x>'.encode()
    started = time.monotonic()
    assert acs.device().post(body).status == 400
    assert time.monotonic() - started < 5


def test_two_requests_in_one_body_are_refused_and_not_half_executed(acs, database):
    device = acs.device()
    body = envelope.inform(device.identity)
    assert device.post(device.wrap(body + body)).status == 400
    assert database.value("SELECT count(*) FROM device") == "0"


@pytest.mark.parametrize("missing", ["DeviceId", "SerialNumber", "OUI"])
def test_an_inform_without_an_identity_is_refused(acs, database, missing):
    import re
    device = acs.device()
    body = re.sub(f"<{missing}>.*</{missing}>", "", envelope.inform(device.identity))
    reply = device.post(device.wrap(body))
    assert (reply.status == 400) or (reply.method == "Fault" and reply.envelope.fault_code == 8003)
    assert database.value("SELECT count(*) FROM device") == "0"


def test_a_body_over_the_limit_is_refused_and_others_are_served(start_acs):
    acs = start_acs({"cwmp.body_bytes": "100000"})
    device = acs.device()
    device.timeout = 10
    try:
        assert device.post(b"x" * 200000).status == 413
    except (ConnectionError, socket.timeout):
        pass  # closed before all of it was sent
    assert_serves(acs)


def test_an_envelope_of_32768_bytes_is_accepted(acs, database):
    device = acs.device()
    empty = device.wrap(envelope.inform(device.identity, parameters={IGD + "X": ""}))
    value = "x" * (32768 - len(empty))
    body = device.wrap(envelope.inform(device.identity, parameters={IGD + "X": value}))
    assert len(body) == 32768
    assert device.post(body).method == "InformResponse"
    assert stored_value(database, device.id, IGD + "X") == value


def test_a_response_of_ten_megabytes_is_accepted(acs, database):
    device = acs.device()
    device.run_session("1 BOOT")
    task_id = queue(acs.api, device.id, "GetParameterValues", names=[IGD])
    values = {f"{IGD}T.{i}.V": "x" * 400 for i in range(20000)}
    device.timeout = 120
    device.run_session(answers={"GetParameterValues": envelope.values_response(values)})
    assert task(acs.api, task_id)["state"] == "done"
    assert stored_value(database, device.id, f"{IGD}T.19999.V") == "x" * 400


@pytest.mark.parametrize("value", ["a\x02b", "\ud7ff\ufffd", "x" * 100000], ids=["control", "rare", "long"])
def test_odd_values_do_no_harm(acs, value):
    device = acs.device()
    body = device.wrap(envelope.inform(device.identity, parameters={IGD + "X": value}))
    assert device.post(body).status in (200, 400)
    assert_serves(acs)


# HTTP.

@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "DELETE"])
def test_another_method_is_405(acs, method):
    device = acs.device()
    device.write(device.request(b"", method=method))
    reply = device.read(method)
    assert (reply.status, reply.headers["Allow"]) == (405, "POST")


def test_a_chunked_body_is_read_like_any_other(device):
    body = device.wrap(envelope.inform(device.identity))
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:7], body[7:500], body[500:])) + b"0\r\n\r\n"
    head = device.request(b"", {"Content-Length": None, "Transfer-Encoding": "chunked", "Content-Type": "text/xml"})
    device.write(head + chunks)
    assert device.read().method == "InformResponse"


def test_a_client_that_expects_100_continue_is_not_kept_waiting(device):
    body = device.wrap(envelope.inform(device.identity))
    request = device.request(body, {"Expect": "100-continue"})
    device.write(request[: -len(body)])
    device.socket.settimeout(2)
    assert device.socket.recv(100).startswith(b"HTTP/1.1 100")
    device.write(body)
    assert device.read().method == "InformResponse"


def test_http_1_0_is_answered_and_closed(device):
    request = device.request(device.wrap(envelope.inform(device.identity)))
    device.write(request.replace(b"HTTP/1.1", b"HTTP/1.0", 1))
    assert device.read().status == 200
    assert device.socket is None
    assert device.empty().status == 204


@pytest.mark.parametrize("headers", [
    {"Content-Type": None}, {"Content-Type": "text/html"}, {"Content-Type": 'text/xml; charset="utf-8"'},
    {"SOAPAction": None}, {"SOAPAction": '""'}, {"SOAPAction": "urn:dslforum-org:cwmp-1-0#Inform"},
    {"cOnNeCtIoN": "KEEP-alive"}, {"X-Folded": "a\r\n b"},
])
def test_headers_of_any_habit_are_accepted(device, headers):
    assert device.inform("2 PERIODIC", headers=headers).method == "InformResponse"


def test_iso_8859_1_is_decoded(device, database):
    body = device.wrap(envelope.inform(device.identity, parameters={IGD + "X": "Grüße"}))
    body = body.decode().replace("UTF-8", "ISO-8859-1").encode("latin-1")
    assert device.post(body, {"Content-Type": "text/xml; charset=ISO-8859-1"}).status == 200
    assert stored_value(database, device.id, IGD + "X") == "Grüße"


@pytest.mark.parametrize("encoding", ["gzip", "br", "nonsense"])
def test_an_unknown_content_encoding_is_415(acs, encoding):
    import gzip
    device = acs.device()
    body = gzip.compress(device.wrap(envelope.inform(device.identity)))
    reply = device.post(body, {"Content-Encoding": encoding})
    assert reply.status == 415 or (encoding == "gzip" and reply.status == 200)


def test_a_body_that_never_ends_is_cut_without_blocking_others(start_acs):
    acs = start_acs({"cwmp.body_seconds": "2"})
    slow = acs.device()
    slow.write(slow.request(b"x" * 1000)[:-900])
    assert_serves(acs)
    slow.socket.settimeout(10)
    started = time.monotonic()
    try:
        answer = slow.socket.recv(1000)
    except ConnectionError:
        answer = b""
    assert time.monotonic() - started < 8
    assert answer == b"" or answer.startswith(b"HTTP/1.1 408")


# Limits.

def test_more_sessions_than_the_limit_get_503(start_acs):
    acs = start_acs({"cwmp.sessions": "3"})
    devices = [acs.device() for _ in range(4)]
    replies = [device.inform("2 PERIODIC") for device in devices]
    assert [r.status for r in replies] == [200, 200, 200, 503]
    assert replies[3].headers["Retry-After"]
    devices[0].empty()
    assert acs.device().inform("2 PERIODIC").status == 200


def test_more_connections_of_an_address_than_the_limit_are_refused(start_acs):
    acs = start_acs({"cwmp.connections_per_address": "5", "server.loops": "1"})
    held = []
    for _ in range(5):
        device = acs.device()
        assert device.inform("2 PERIODIC").status == 200
        held.append(device)
    extra = acs.device(timeout=5)
    try:
        assert extra.inform("2 PERIODIC").status == 503
    except (ConnectionError, OSError):
        pass
    held[0].close()
    wait_until(lambda: can_inform(acs), 10, "room for another connection")


def test_exempt_addresses_may_have_more_connections(start_acs):
    acs = start_acs({"cwmp.connections_per_address": "2", "server.loops": "1",
                     "cwmp.exempt_addresses": "192.0.2.1,127.0.0.0/8"})
    held = [acs.device() for _ in range(5)]
    assert [device.inform("2 PERIODIC").status for device in held] == [200] * 5


def test_a_device_that_ends_its_stream_after_the_request_gets_its_answer(acs):
    device = acs.device()
    device.write(device.request(device.wrap(envelope.inform(device.identity))))
    device.socket.shutdown(socket.SHUT_WR)
    assert device.socket.recv(15) == b"HTTP/1.1 200 OK"


def can_inform(acs):
    try:
        return acs.device(timeout=5).inform("2 PERIODIC").status == 200
    except OSError:
        return False


def test_parameters_over_the_devices_limit_are_dropped_and_the_rest_is_kept(start_acs, database):
    acs = start_acs({"cwmp.parameters_per_device": "100"})
    device = acs.device()
    device.run_session("1 BOOT", parameters={f"{IGD}T.{i}": "x" for i in range(500)})
    assert 1 <= int(database.value("SELECT count(*) FROM parameter")) <= 100


def test_deeply_nested_xml_is_refused(start_acs):
    acs = start_acs({"cwmp.xml_depth": "20"})
    device = acs.device()
    deep = "<a>" * 50 + "</a>" * 50
    assert device.post(device.wrap(envelope.inform(device.identity).replace("<RetryCount>", deep + "<RetryCount>"))
                       ).status == 400
    assert_serves(acs)


# Devices that vanish.

@pytest.mark.parametrize("cut", [1, 50, 300, -1])
def test_a_device_that_hangs_up_within_a_request_leaves_nothing_behind(acs, database, cut):
    device = acs.device()
    device.write(device.request(device.wrap(envelope.inform(device.identity)))[:cut])
    device.hang_up()
    assert_serves(acs)
    assert database.value("SELECT count(*) FROM device WHERE serial_number = :'s'", s=device.identity[3]) == "0"


def test_a_device_that_hangs_up_before_its_answer_is_served_next_time(acs):
    for _ in range(20):
        device = acs.device()
        device.write(device.request(device.wrap(envelope.inform(device.identity))))
        device.hang_up()
        assert device.inform("2 PERIODIC").status == 200
        assert device.empty().status == 204
        device.close()


@pytest.mark.parametrize("patience", [0.02, 0.1, 0.3, 0.6])
def test_a_device_that_hangs_up_while_its_large_answer_is_worked_on_is_served_next_time(acs, patience):
    """A worker has message and session at that moment."""
    device = acs.device()
    device.inform("1 BOOT")
    device.empty()
    task_id = queue(acs.api, device.id, "GetParameterValues", names=[IGD])
    reply = device.begin_session()
    values = [(f"{IGD}T.{i}.Name", "x" * 100, "xsd:string") for i in range(4000)]
    device.write(device.request(device.wrap(envelope.values_response(values), id=reply.envelope.id)))
    time.sleep(patience)
    device.hang_up()
    received = device.run_session("2 PERIODIC", answers={"GetParameterValues": envelope.values_response(values[:1])})
    assert len(received) <= 1
    wait_until(lambda: task(acs.api, task_id)["state"] == "done", 10, "the end of the task")


def test_an_idle_session_ends_and_its_task_stays(start_acs):
    acs = start_acs({"cwmp.session_idle_seconds": "1"})
    device = acs.device()
    device.inform("2 PERIODIC")
    task_id = queue(acs.api, device.id, "GetRPCMethods")
    time.sleep(3.5)
    reply = device.empty()
    assert reply.status in (204, 400) and b"GetRPCMethods" not in reply.body
    assert task(acs.api, task_id)["state"] == "queued"
    assert device.begin_session().method == "GetRPCMethods"


def test_a_session_timeout_header_prolongs_an_idle_session(start_acs):
    acs = start_acs({"cwmp.session_idle_seconds": "1"})
    device = acs.device(namespace="1-2")
    device.inform("2 PERIODIC", header="<cwmp:SessionTimeout>60</cwmp:SessionTimeout>")
    queue(acs.api, device.id, "GetRPCMethods")
    time.sleep(3.5)
    assert device.empty().method == "GetRPCMethods"


def test_a_second_request_while_one_is_in_flight_is_refused(acs):
    device = acs.device()
    device.inform("2 PERIODIC")
    twin = acs.device()
    twin.cookies = device.cookies
    body = device.wrap("<cwmp:GetRPCMethods/>")
    device.write(device.request(body))
    twin.write(twin.request(body))
    statuses = sorted([device.read().status, twin.read().status])
    assert statuses[0] == 200 and statuses[1] in (200, 400, 409, 503)
    assert_serves(acs)


# A database that dies.

@pytest.fixture
def fragile(cluster, start_acs, folder):
    """A server on a cluster of this test's own, that may be killed."""
    from lab.server import Server
    from places import BINARIES

    url = cluster.create("fragile").url
    tool = Server(BINARIES / "acs", {"database.url": url, "data.dir": str(folder / "data")}, folder / "tool.log")
    assert tool.tool("migrate").returncode == 0
    acs = start_acs({"database.url": url}, token=tool.create_token("test"))
    acs.cluster = cluster
    return acs


def test_without_a_database_an_inform_gets_503_and_never_200(fragile):
    device = fragile.device()
    device.run_session("1 BOOT")
    fragile.cluster.kill()
    device.cookies = {}
    reply = device.inform("2 PERIODIC")
    assert reply.status == 503
    assert int(reply.headers["Retry-After"]) > 0


def test_without_a_database_other_requests_of_the_device_get_fault_8005(fragile):
    device = fragile.device()
    device.inform("7 TRANSFER COMPLETE")
    fragile.cluster.kill()
    reply = device.send(envelope.transfer_complete("1.1"))
    assert (reply.status, reply.envelope.fault_code) == (200, 8005)


def test_without_a_database_the_api_says_503(fragile):
    fragile.device().run_session("1 BOOT")
    fragile.cluster.kill()
    answer = fragile.api.get("/api/v1/devices")
    assert answer.status == 503
    assert fragile.api.get("/healthz").status == 200
    assert fragile.api.get("/readyz").status == 503


def test_the_server_goes_on_when_the_database_is_back(fragile):
    device = fragile.device()
    device.run_session("1 BOOT")
    task_id = queue(fragile.api, device.id, "GetRPCMethods")
    device.inform("2 PERIODIC")
    request = device.empty()
    fragile.cluster.kill()
    answer = device.wrap(envelope.methods_response(["Inform"]), id=request.envelope.id)
    assert device.post(answer).status != 200
    fragile.cluster.start()
    wait_until(lambda: fragile.api.get("/readyz").status == 200, 30, "the database's return")
    device.close()
    device.run_session("2 PERIODIC", answers={"GetRPCMethods": envelope.methods_response(["Inform"])})
    assert task(fragile.api, task_id)["state"] == "done"
    assert fragile.api.get(device_path(device.id)).status == 200
