"""CWMP-097 … 110: transfers, software modules, and what else a CPE may call (TR-069 A.3.2.8, A.3.3, A.4)."""

import http.client
import re
from urllib.parse import urlsplit

import envelope
from device import Device
from envelope import UNKNOWN_TIME
from items import item

FIRMWARE = "1 Firmware Upgrade Image"
CODES = range(9010, 9021)
TEN_ARGUMENTS = ["CommandKey", "FileType", "URL", "Username", "Password", "FileSize", "TargetFileName", "DelaySeconds",
                 "SuccessURL", "FailureURL"]


def download(acs, status=1, **arguments):
    """(device, task, request): a device has answered a Download with this Status."""
    device = acs.known_device()
    arguments = arguments or {"file_type": FIRMWARE, "url": "http://192.0.2.1/f"}
    task = acs.operator.queue(device, "Download", **arguments)
    request, = device.run_session("2 PERIODIC", answers={"Download": envelope.download_response(status)})
    return device, task, request


def complete(device, key, code=0, text=""):
    """A session that tells the end of a transfer; the reply to TransferComplete."""
    device.cookies = {}
    device.inform("7 TRANSFER COMPLETE", ("M Download", key))
    reply = device.send(envelope.transfer_complete(key, code, text), id="tc")
    assert device.empty().status == 204
    return reply


def assert_answered(reply, method):
    assert reply.status == 200 and reply.method == method, reply
    assert not len(reply.envelope.content), reply


@item(97, "TransferComplete with a known CommandKey and fault 0: the task is closed as a success")
def cwmp_097(acs):
    device, task, request = download(acs)
    assert_answered(complete(device, request.text("CommandKey")), "TransferCompleteResponse")
    assert acs.operator.task(task)["state"] == "done"


@item(98, "TransferComplete with 9010 … 9020: the task is closed as failed, with the code", profile="single")
def cwmp_098(acs):
    for code in CODES:
        device, task, request = download(acs)
        assert_answered(complete(device, request.text("CommandKey"), code, f"text {code}"), "TransferCompleteResponse")
        found = acs.operator.task(task)
        assert found["state"] == "failed", found
        assert (found["fault"]["code"], found["fault"]["message"]) == (code, f"text {code}")


@item(99, "TransferComplete with an unknown CommandKey: a success response")
def cwmp_099(acs):
    device = acs.known_device()
    for key in ("nobody's", "", "9" * 32):
        assert_answered(complete(device, key), "TransferCompleteResponse")
    assert_answered(complete(device, "nobody's", 9010, "x"), "TransferCompleteResponse")


@item(100, "TransferComplete repeated: idempotent")
def cwmp_100(acs):
    device, task, request = download(acs)
    key = request.text("CommandKey")
    assert_answered(complete(device, key), "TransferCompleteResponse")
    first = acs.operator.task(task)
    for code in (0, 9010):
        assert_answered(complete(device, key, code, "late"), "TransferCompleteResponse")
        assert acs.operator.task(task) == first


@item(101, "DownloadResponse with Status 1: pending until TransferComplete; with Status 0: finished at once")
def cwmp_101(acs):
    device, task, request = download(acs, status=1)
    device.run_session("2 PERIODIC")
    assert acs.operator.task(task)["state"] == "sent"
    complete(device, request.text("CommandKey"))
    assert acs.operator.task(task)["state"] == "done"
    _, task, _ = download(acs, status=0)
    assert acs.operator.task(task)["state"] == "done"


@item(102, "Times of 0001-01-01T00:00:00Z: accepted as unknown")
def cwmp_102(acs):
    device, task, request = download(acs)
    device.cookies = {}
    device.inform("7 TRANSFER COMPLETE", current_time=UNKNOWN_TIME)
    body = envelope.transfer_complete(request.text("CommandKey"), start=UNKNOWN_TIME, complete=UNKNOWN_TIME)
    assert_answered(device.send(body), "TransferCompleteResponse")
    assert acs.operator.task(task)["state"] == "done"


def results(fields):
    return ("<UUID>550e8400-e29b-41d4-a716-446655440000</UUID>"
            "<DeploymentUnitRef>Device.SoftwareModules.DeploymentUnit.1</DeploymentUnitRef><Version>1.0</Version>"
            "<CurrentState>Installed</CurrentState><Resolved>1</Resolved><ExecutionUnitRefList/>"
            "<StartTime>2024-01-01T00:00:00Z</StartTime><CompleteTime>2024-01-01T00:00:01Z</CompleteTime>"
            f"<Fault><FaultCode>0</FaultCode><FaultString/></Fault>{fields}")


OTHER_COMPLETIONS = {
    "AutonomousTransferComplete":
        "<AnnounceURL/><TransferURL>http://192.0.2.1/f</TransferURL><IsDownload>1</IsDownload>"
        f"<FileType>{FIRMWARE}</FileType><FileSize>9</FileSize><TargetFileName/>"
        "<FaultStruct><FaultCode>0</FaultCode><FaultString/></FaultStruct>"
        f"<StartTime>{UNKNOWN_TIME}</StartTime><CompleteTime>{UNKNOWN_TIME}</CompleteTime>",
    "DUStateChangeComplete":
        f"<Results><OpResultStruct>{results('')}</OpResultStruct></Results><CommandKey>k</CommandKey>",
    "AutonomousDUStateChangeComplete":
        f"<Results><AutonOpResultStruct>{results('<OperationPerformed>Install</OperationPerformed>')}"
        "</AutonOpResultStruct></Results>",
}


@item(103, "AutonomousTransferComplete, DUStateChangeComplete, AutonomousDUStateChangeComplete: empty success")
def cwmp_103(acs):
    device = acs.device(namespace="1-2")
    device.inform("10 AUTONOMOUS TRANSFER COMPLETE", "11 DU STATE CHANGE COMPLETE", ("M ChangeDUState", "k"),
                  "12 AUTONOMOUS DU STATE CHANGE COMPLETE")
    for method, content in OTHER_COMPLETIONS.items():
        assert_answered(device.send(f"<cwmp:{method}>{content}</cwmp:{method}>"), f"{method}Response")
    assert device.empty().status == 204


@item(104, "GetRPCMethods from the CPE: at least Inform, GetRPCMethods and TransferComplete")
def cwmp_104(acs):
    device = acs.device()
    device.inform("2 PERIODIC")
    reply = device.send("<cwmp:GetRPCMethods/>")
    methods = reply.envelope.texts("MethodList/string")
    assert {"Inform", "GetRPCMethods", "TransferComplete"} <= set(methods), methods


@item(105, "RequestDownload: a response, and the configured Download follows in the ACS's turn")
def cwmp_105(acs):
    device = acs.device(product_class="Requests " + acs.device().identity[3])
    device.run_session("1 BOOT")
    name = f"requested-{device.identity[3]}.cfg"
    acs.operator.put_file(name, b"content", kind="config", oui=device.identity[1], product_class=device.identity[2])
    device.cookies = {}
    device.inform("9 REQUEST DOWNLOAD")
    body = "<FileType>3 Vendor Configuration File</FileType>" + '<FileTypeArg soapenc:arrayType="cwmp:ArgStruct[0]"/>'
    assert_answered(device.send(f"<cwmp:RequestDownload>{body}</cwmp:RequestDownload>"), "RequestDownloadResponse")
    request = device.empty()
    assert request.method == "Download" and request.envelope.text("FileType") == "3 Vendor Configuration File"
    assert fetch(request.envelope.text("URL"))[2] == b"content"


@item(106, "Kicked: KickedResponse with NextURL, or fault 8000")
def cwmp_106(acs):
    device = acs.device()
    device.inform("5 KICKED")
    reply = device.send("<cwmp:Kicked><Command>c</Command><Referer>http://192.0.2.1/r</Referer><Arg>a</Arg>"
                        "<Next>http://192.0.2.1/next</Next></cwmp:Kicked>", id="kick")
    assert reply.status == 200 and reply.envelope.id == "kick", reply
    if reply.method == "Fault":
        assert reply.envelope.fault_code == 8000
    else:
        assert reply.method == "KickedResponse" and reply.envelope.text("NextURL") is not None, reply


@item(107, "Download has all ten arguments in schema order, CommandKey ≤ 32, no userinfo in its URL")
def cwmp_107(acs):
    _, _, request = download(acs, file_type=FIRMWARE, url="http://192.0.2.1/f?a=b", username="u", password="p")
    assert [child.tag for child in request.content] == TEN_ARGUMENTS
    assert 0 < len(request.text("CommandKey")) <= 32
    assert "@" not in urlsplit(request.text("URL")).netloc
    assert (request.text("Username"), request.text("Password")) == ("u", "p")
    assert request.text("FileSize").isdigit() and request.text("DelaySeconds").isdigit()


@item(108, "A vendor's own FileType passes through unchanged")
def cwmp_108(acs):
    for file_type in ("X 00A0C9 Something", "X 00A0C9 Custom CA (PEM) & more"):
        _, _, request = download(acs, file_type=file_type, url="http://192.0.2.1/f")
        assert request.text("FileType") == file_type


def fetch(url, method="GET", headers=None, body=None):
    """(status, headers, body) of one request of its own. A body that is a list goes out chunked."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers or {},
                           encode_chunked=isinstance(body, list))
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def digest_of(headers, method, url, username, password):
    """An Authorization for a 401's challenge, by the arithmetic of the scripted device."""
    client = Device(url, username=username, password=password)
    challenge = next(h for h in headers.get_all("WWW-Authenticate") if "MD5" in h or "algorithm" not in h)
    assert challenge.startswith("Digest "), challenge
    client.challenge = {"scheme": "Digest", **dict(re.findall(r'(\w+)="([^"]*)"', challenge))}
    return {"Authorization": client.authorization(method)}


@item(109, "The file server takes an upload by PUT, chunked, with Digest", profile="uploading")
def cwmp_109(acs):
    device = acs.known_device(namespace="1-2")
    name = f"uploaded-{device.identity[3]}"
    task = acs.operator.queue(device, "Upload", file_type="1 Vendor Configuration File", file_name=name)
    answer = envelope.download_response(1).replace("DownloadResponse", "UploadResponse")
    request, = device.run_session("2 PERIODIC", answers={"Upload": answer})
    url, username, password = (request.text(part) for part in ("URL", "Username", "Password"))
    chunks = [b"configuration ", b"x" * 100000, b" end"]
    chunked = {"Transfer-Encoding": "chunked", "Content-Type": "application/octet-stream"}
    status, headers, _ = fetch(url, "PUT", chunked, chunks)
    assert status == 401, status
    authorization = digest_of(headers, "PUT", url, username or device.username, password or device.password)
    assert fetch(url, "PUT", {**chunked, **authorization}, chunks)[0] in (200, 201, 204)
    complete(device, request.text("CommandKey"))
    assert acs.operator.task(task)["state"] == "done"
    assert acs.operator.file(name) == b"".join(chunks)


@item(110, "The file server: GET with Range, HEAD, the right Content-Length")
def cwmp_110(acs):
    data = bytes(range(256)) * 100
    name = f"ranges-{acs.device().identity[3]}.bin"
    acs.operator.put_file(name, data, kind="firmware", version="1")
    url = download(acs, file=name)[2].text("URL")
    status, headers, body = fetch(url)
    assert (status, headers["Content-Length"], body) == (200, str(len(data)), data)
    status, headers, body = fetch(url, "HEAD")
    assert (status, headers["Content-Length"], body) == (200, str(len(data)), b"")
    for asked, first, last in (("bytes=100-199", 100, 199), ("bytes=25000-", 25000, 25599),
                               ("bytes=-10", 25590, 25599)):
        status, headers, body = fetch(url, headers={"Range": asked})
        assert (status, body) == (206, data[first : last + 1]), (asked, status)
        assert headers["Content-Range"] == f"bytes {first}-{last}/{len(data)}"
        assert headers["Content-Length"] == str(len(body))
    assert fetch(url, headers={"Range": "bytes=99999-"})[0] == 416
