"""CWMP-024 … 037: HTTP as CPEs speak it, well and badly, and bodies too large or too slow (TR-069 3.4)."""

import gzip
import time
import zlib
from pathlib import Path

import envelope
from acs_steps import CODE, assert_informed
from items import item

MEGABYTE = 1 << 20


def inform_of(device):
    return device.wrap(envelope.inform(device.identity))


def assert_serves(acs):
    """Another device is served as ever."""
    assert_informed(acs.device().inform("2 PERIODIC"))


@item(24, "GET, PUT or HEAD on the ACS URL: 405 with Allow: POST")
def cwmp_024(acs):
    for method in ("GET", "PUT", "HEAD"):
        device = acs.device()
        device.write(device.request(b"", method=method))
        reply = device.read(method)
        assert reply.status == 405, (method, reply)
        assert "POST" in (reply.headers["Allow"] or ""), (method, reply.headers["Allow"])


@item(25, "Chunked request body: as with Content-Length")
def cwmp_025(acs):
    device = acs.device()
    body = inform_of(device)
    parts = [body[start : start + 100] for start in range(0, len(body), 100)]
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    assert_informed(device.post(chunked, {"Content-Length": None, "Transfer-Encoding": "chunked"}))
    assert device.post(b"0\r\n\r\n", {"Content-Length": None, "Transfer-Encoding": "chunked",
                                      "Content-Type": None, "SOAPAction": None}).status == 204


@item(26, "Expect: 100-continue: interim 100 or final status within 1 s")
def cwmp_026(acs):
    device = acs.device()
    device.inform("2 PERIODIC")  # an authentication is behind us
    body = device.wrap("<cwmp:GetRPCMethods/>")
    request = device.request(body, {"Expect": "100-continue"})
    begun = time.monotonic()
    device.write(request[: -len(body)])
    start = device.socket.recv(1024)
    assert time.monotonic() - begun < 1
    assert start.startswith(b"HTTP/1.1 "), start
    if start.startswith(b"HTTP/1.1 100"):
        device.write(body)
        assert device.read().method == "GetRPCMethodsResponse"


@item(27, "HTTP/1.0 Inform: answered, the connection closed, the session continued by cookie")
def cwmp_027(acs):
    device = acs.device()
    device.inform("2 PERIODIC")  # answers a challenge beforehand
    device.empty()
    for body, expected in ((inform_of(device), 200), (b"", 204)):
        device.connect()
        device.write(device.request(body).replace(b"HTTP/1.1", b"HTTP/1.0", 1))
        data = b"".join(iter(lambda: device.socket.recv(65536), b""))
        assert int(data.split()[1]) == expected, data
        device.cookies.update(cookies_of(data))


def cookies_of(data):
    for line in data.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        if line.lower().startswith(b"set-cookie:"):
            name, _, value = line.split(b":", 1)[1].split(b";")[0].strip().decode().partition("=")
            yield name, value


@item(28, "Header names in odd case, white space and folds around values: accepted")
def cwmp_028(acs):
    device = acs.device()
    device.inform("2 PERIODIC")
    device.empty()
    request = device.request(inform_of(device))
    for old, new in ((b"\r\nContent-Length: ", b"\r\ncOnTeNt-LeNgTh:   "), (b"\r\nHost: ", b"\r\nHOST:"),
                     (b"\r\nContent-Type: text/xml; charset=", b"\r\ncontent-type:\ttext/xml;\r\n charset="),
                     (b"\r\nSOAPAction: ", b"\r\nsoapaction:")):
        assert old in request
        request = request.replace(old, new, 1)
    device.write(request)
    assert_informed(device.read())


@item(29, "Content-Type absent, text/html, or its charset quoted: accepted")
def cwmp_029(acs):
    for kind in (None, "text/html", 'text/xml; charset="utf-8"', "application/soap+xml", ""):
        assert_informed(acs.device().inform("2 PERIODIC", headers={"Content-Type": kind}), kind)


@item(30, "ISO-8859-1, declared in the header or in the XML declaration: decoded rightly")
def cwmp_030(acs):
    for kind, declared in (("text/xml; charset=ISO-8859-1", b"<?xml version='1.0'?>"),
                           ("text/xml", b'<?xml version="1.0" encoding="ISO-8859-1"?>'),
                           ("text/xml; charset=iso-8859-1", b"")):
        for value in ("Zürich £5", "Ã©"):  # the latter is good UTF-8 too
            device = acs.device()
            body = device.wrap(envelope.inform(device.identity, parameters={CODE: value}))
            body = declared + body.partition(b"?>")[2].decode().encode("iso-8859-1")
            assert_informed(device.post(body, {"Content-Type": kind}), kind)
            assert acs.operator.parameters(device)[CODE]["value"] == value, kind


@item(31, "gzip-encoded Inform: decoded, or 415")
def cwmp_031(acs):
    device = acs.device()
    reply = device.post(gzip.compress(inform_of(device)), {"Content-Encoding": "gzip"})
    if reply.status == 415:
        return
    if reply.headers["Content-Encoding"] == "gzip":
        reply.body = gzip.decompress(reply.body)
    assert_informed(reply)
    assert device.empty().status == 204


@item(32, "Unknown Content-Encoding: 415")
def cwmp_032(acs):
    device = acs.device()
    device.inform("2 PERIODIC")
    device.empty()
    assert device.inform("2 PERIODIC", headers={"Content-Encoding": "snappy"}).status == 415


def bomb(device, megabytes):
    """An Inform that is a few hundred bytes a megabyte in gzip: after its first byte come spaces."""
    body = inform_of(device)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = packer.compress(body[:-1]) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.compress(body[-1:]) + packer.flush()
    header = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    return header + start + block * megabytes + end + bytes(8)


def resident_megabytes(pid):
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) >> 10


@item(33, "Decompression bomb: refused with bounded memory", alone=True)
def cwmp_033(acs):
    device = acs.device()
    device.inform("2 PERIODIC")
    device.empty()
    before = resident_megabytes(acs.facts["pid"]) if "pid" in acs.facts else None
    reply = device.post(bomb(device, 1000), {"Content-Encoding": "gzip"})
    assert 400 <= reply.status < 500, reply
    if before is not None:
        grown = resident_megabytes(acs.facts["pid"]) - before
        assert grown < 200, f"{grown} MB more"
    assert_serves(acs)


@item(34, "Request envelope of exactly 32,768 bytes: accepted")
def cwmp_034(acs):
    device = acs.device()

    def body(fill):
        parameters = {f"InternetGatewayDevice.X_{n}": "v" * 200 for n in range(60)}
        return device.wrap(envelope.inform(device.identity, parameters={**parameters, "InternetGatewayDevice.F": fill}))

    exact = body("f" * (32768 - len(body(""))))
    assert len(exact) == 32768
    assert_informed(device.post(exact))


@item(35, "GetParameterValuesResponse of 10 MB: accepted")
def cwmp_035(acs):
    device = acs.known_device(timeout=60)
    task = acs.operator.queue(device, "GetParameterValues", names=["InternetGatewayDevice."])
    request = device.begin_session("2 PERIODIC")
    values = {f"InternetGatewayDevice.X_LAB_Table.{n}.Text": "v" * 400 for n in range(20000)}
    body = device.wrap(envelope.values_response(values), id=request.envelope.id)
    assert len(body) > 10 * MEGABYTE
    reply = device.post(body)
    assert reply.status == 204, reply
    assert acs.operator.task(task)["state"] == "done"


@item(36, "Body larger than the limit: 413 or a close, and the server keeps serving", profile="small")
def cwmp_036(acs):
    limit = acs.fact("body_bytes")
    device = acs.device()
    device.inform("2 PERIODIC")
    device.empty()
    start = inform_of(device)
    for size in (limit + 1, limit * 4):
        try:
            reply = device.post(start + b" " * (size - len(start)))
            assert reply.status == 413, reply
        except ConnectionError:
            device.close()
        assert_serves(acs)


@item(37, "Slow body, a byte at a time: cut by a timeout, and others are served meanwhile", profile="hasty")
def cwmp_037(acs):
    device = acs.device()
    device.inform("2 PERIODIC")
    device.empty()
    request = device.request(inform_of(device))
    head = request.index(b"\r\n\r\n") + 4
    device.write(request[: head + 1])
    deadline = time.monotonic() + acs.seconds(300)
    for byte in request[head + 1 : -1]:
        assert_serves(acs)
        assert time.monotonic() < deadline, "not cut"
        if is_cut(device.socket, acs.seconds(1)):
            return
        try:
            device.write(bytes([byte]))
        except ConnectionError:
            return
    raise AssertionError("the whole body was taken")


def is_cut(connection, seconds):
    """Did the peer close or answer within so many seconds? An answer says 4xx."""
    connection.settimeout(seconds)
    try:
        data = connection.recv(65536)
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    finally:
        connection.settimeout(20)
    assert not data or data.split()[1].startswith(b"4"), data
    return True
