"""Uploads: what devices put into the catalogue, over links that are good for that and nothing else."""

import hashlib
import json
import socket
import time
from urllib.parse import urlsplit

import pytest
import requests

import envelope
from device import md5
from secret_log import SECRET
from steps import device_path, put_file, queue, task
from test_auth import put_credentials

LOG = b"Jan 1 00:00:01 kernel: up\n" * 40_000  # four chunks


@pytest.fixture
def known(acs):
    device = acs.device()
    device.run_session("1 BOOT")
    return device


def upload_response(status=1):
    return (f"<cwmp:UploadResponse><Status>{status}</Status><StartTime>{envelope.UNKNOWN_TIME}</StartTime>"
            f"<CompleteTime>{envelope.UNKNOWN_TIME}</CompleteTime></cwmp:UploadResponse>")


def upload_request(acs, device, file_type="2 Vendor Log File", status=1, **arguments):
    """The Upload that the device is sent, and its task, which is under way then."""
    task_id = queue(acs.api, device.id, "Upload", file_type=file_type, **arguments)
    (request,) = device.run_session(answers={"Upload": upload_response(status)})
    return request, task_id


def link(acs, device, **arguments):
    return upload_request(acs, device, **arguments)[0].text("URL")


def stored(acs, name):
    answer = acs.api.get(f"/api/v1/files/{name}")
    assert answer.status == 200, answer
    return answer.json


def content(acs, name):
    answer = acs.api.get(f"/api/v1/files/{name}/content")
    assert answer.status == 200, answer
    return answer.body


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_an_upload_lands_in_the_catalogue_and_tells_whose_it_is(acs, known, method):
    request, task_id = upload_request(acs, known)
    url = request.text("URL")
    assert len(url) <= 256
    assert requests.request(method, url, data=LOG).status_code == 201
    file = stored(acs, f"upload-{task_id}")
    assert (file["kind"], file["file_type"], file["device"]) == ("log", "2 Vendor Log File", known.id)
    assert (file["oui"], file["product_class"], file["version"]) == ("00D09E", "Gateway", "1.0.0")
    assert (file["size"], file["sha256"]) == (len(LOG), hashlib.sha256(LOG).hexdigest())
    assert content(acs, f"upload-{task_id}") == LOG


def test_the_task_is_done_when_the_device_says_so(acs, known):
    request, task_id = upload_request(acs, known)
    assert requests.put(request.text("URL"), data=LOG).status_code == 201
    assert task(acs.api, task_id)["state"] == "sent"
    known.cookies = {}
    known.inform("7 TRANSFER COMPLETE", ("M Upload", request.text("CommandKey")))
    known.send(envelope.transfer_complete(request.text("CommandKey")))
    assert known.empty().status == 204
    assert task(acs.api, task_id)["state"] == "done"


def test_a_device_may_upload_within_its_session(acs, known):
    task_id = queue(acs.api, known.id, "Upload", file_type="2 Vendor Log File")
    reply = known.begin_session()
    assert requests.put(reply.envelope.text("URL"), data=b"now").status_code == 201
    assert known.answer(reply, upload_response(0)).status == 204
    assert task(acs.api, task_id)["state"] == "done"
    assert content(acs, f"upload-{task_id}") == b"now"


def test_a_chunked_upload_comes_whole(acs, known):
    request, task_id = upload_request(acs, known)
    pieces = [LOG[at:at + 70_001] for at in range(0, len(LOG), 70_001)]
    answer = requests.put(request.text("URL"), data=iter(pieces))
    assert answer.status_code == 201
    assert content(acs, f"upload-{task_id}") == LOG


def test_an_empty_upload_is_a_file_too(acs, known):
    request, task_id = upload_request(acs, known)
    assert requests.put(request.text("URL"), data=b"").status_code == 201
    assert stored(acs, f"upload-{task_id}")["size"] == 0


def test_a_device_that_expects_100_continue_gets_it(acs, known):
    url = urlsplit(link(acs, known))
    with socket.create_connection((url.hostname, url.port), 10) as peer:
        peer.sendall(f"PUT {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: 5\r\n"
                     "Expect: 100-continue\r\n\r\n".encode())
        assert peer.recv(1000).startswith(b"HTTP/1.1 100 ")
        peer.sendall(b"hello")
        assert peer.recv(1000).startswith(b"HTTP/1.1 201 ")


def test_an_upload_repeated_replaces_the_first(acs, known):
    request, task_id = upload_request(acs, known)
    assert requests.put(request.text("URL"), data=b"first").status_code == 201
    assert requests.put(request.text("URL"), data=b"second").status_code == 200
    assert content(acs, f"upload-{task_id}") == b"second"


@pytest.mark.parametrize("file_type,kind,stored_type", [
    ("1 Vendor Configuration File", "config", "3 Vendor Configuration File"),
    ("3 Vendor Configuration File 1", "config", "3 Vendor Configuration File"),
    ("4 Vendor Log File 2", "log", "4 Vendor Log File 2"),
    ("X 00D09E Core Dump", "other", "X 00D09E Core Dump")])
def test_the_kind_follows_the_file_type(start_acs, file_type, kind, stored_type):
    acs = start_acs()
    device = acs.device(namespace="1-2")
    device.run_session("1 BOOT")
    request, task_id = upload_request(acs, device, file_type=file_type)
    assert requests.put(request.text("URL"), data=b"x").status_code == 201
    file = stored(acs, f"upload-{task_id}")
    assert (file["kind"], file["file_type"]) == (kind, stored_type)


def test_a_file_of_an_operator_has_no_device(acs):
    put_file(acs.api, "fw.bin", b"x", kind="firmware")
    assert stored(acs, "fw.bin")["device"] is None


def order(acs, device, name):
    return acs.api.post(device_path(device.id, "/tasks"),
                        {"method": "Upload", "file_type": "2 Vendor Log File", "file_name": name})


def test_an_upload_replaces_a_file_of_the_same_device(acs, known):
    for status, body in ((201, b"first"), (200, b"second")):
        request, task_id = upload_request(acs, known, file_name="log.txt")
        assert requests.put(request.text("URL"), data=body).status_code == status
        assert content(acs, "log.txt") == body


def test_an_upload_cannot_be_ordered_under_the_name_of_anothers_file(acs, known):
    put_file(acs.api, "fw.bin", b"firmware", kind="firmware", version="2")
    assert requests.put(link(acs, known, file_name="log.txt"), data=b"log").status_code == 201
    other = acs.device()
    other.run_session("1 BOOT")
    for device, name in ((known, "fw.bin"), (other, "fw.bin"), (other, "log.txt")):
        answer = order(acs, device, name)
        assert (answer.status, answer.json["field"]) == (409, "file_name")
    assert order(acs, known, "log.txt").status == 202


def test_a_file_that_the_operator_put_meanwhile_stays(acs, known):
    url = link(acs, known, file_name="fw.bin")
    put_file(acs.api, "fw.bin", b"firmware", kind="firmware", version="2")
    answer = requests.put(url, data=b"evil")
    assert answer.status_code == 409 and "not the device's" in answer.text
    assert content(acs, "fw.bin") == b"firmware"
    assert stored(acs, "fw.bin")["device"] is None


def test_a_file_that_the_operator_put_during_the_upload_stays(acs, known, database):
    url = urlsplit(link(acs, known, file_name="fw.bin"))
    with socket.create_connection((url.hostname, url.port), 10) as peer:
        peer.sendall(f"PUT {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {len(LOG)}\r\n\r\n".encode())
        peer.sendall(LOG[:-1])
        time.sleep(0.5)
        put_file(acs.api, "fw.bin", b"firmware", kind="firmware", version="2")
        peer.sendall(LOG[-1:])
        assert peer.recv(1000).startswith(b"HTTP/1.1 409 ")
    assert content(acs, "fw.bin") == b"firmware"
    deadline = time.monotonic() + 10
    while database.value("SELECT count(*) FROM file_chunk") != "1":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert database.value("SELECT count(*) FROM file_loose") == "0"


@pytest.mark.parametrize("headers,status", [
    ({"Content-Encoding": "gzip"}, 415), ({"Content-Encoding": "br"}, 415), ({"Content-Encoding": "Identity"}, 200),
    ({"Content-Range": "bytes 0-0/10"}, 400)])
def test_only_whole_files_as_they_are_are_taken(acs, known, headers, status):
    request, task_id = upload_request(acs, known)
    assert requests.put(request.text("URL"), data=b"first").status_code == 201
    answer = requests.put(request.text("URL"), data=b"1", headers=headers)
    assert answer.status_code == status
    assert content(acs, f"upload-{task_id}") == (b"1" if status == 200 else b"first")
    for header in headers if status != 200 else ():
        assert header in answer.text


def test_a_closed_task_takes_no_upload(acs, known):
    request, task_id = upload_request(acs, known, status=0)
    closed = task(acs.api, task_id)
    assert (closed["state"], closed["result"]["file"]) == ("failed", None)
    assert closed["fault"]["message"] == "the device told of success, but no file came"
    assert requests.put(request.text("URL"), data=b"late").status_code == 409
    assert acs.api.get(f"/api/v1/files/upload-{task_id}").status == 404


def test_links_serve_their_own_purpose_only(acs, known):
    put_file(acs.api, "fw.bin", b"firmware", kind="firmware", version="2")
    queue(acs.api, known.id, "Download", file="fw.bin")
    (download,) = known.run_session(answers={"Download": envelope.download_response()})
    download = download.text("URL")
    upload = link(acs, known)
    assert requests.put(download, data=b"evil").status_code == 405
    assert requests.put(download.replace("/d/", "/u/"), data=b"evil").status_code == 403
    assert requests.get(upload).status_code in (404, 405)
    assert requests.get(upload.replace("/u/", "/d/")).status_code == 404
    assert requests.put(upload.replace("upload-", "upload-1"), data=b"evil").status_code == 403
    assert content(acs, "fw.bin") == b"firmware"


def test_a_link_dies_when_its_time_is_over(start_acs):
    acs = start_acs({"files.link_seconds": "1", "tasks.transfer_seconds": "1"})
    device = acs.device()
    device.run_session("1 BOOT")
    url = link(acs, device)
    time.sleep(3.1)
    assert requests.put(url, data=b"late").status_code == 403


@pytest.mark.parametrize("is_chunked", [False, True])
def test_an_upload_over_the_limit_is_refused(start_acs, is_chunked):
    acs = start_acs({"files.max_bytes": "100000"})
    device = acs.device()
    device.run_session("1 BOOT")
    request, task_id = upload_request(acs, device)
    body = b"x" * 100_001
    assert requests.put(request.text("URL"), data=iter([body]) if is_chunked else body).status_code == 413
    assert acs.api.get(f"/api/v1/files/upload-{task_id}").status == 404
    assert requests.put(request.text("URL"), data=body[1:]).status_code == 201


def test_an_upload_that_breaks_off_leaves_nothing_behind(acs, known, database):
    url = urlsplit(link(acs, known))
    with socket.create_connection((url.hostname, url.port), 10) as peer:
        peer.sendall(f"PUT {url.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n".encode() + LOG[:600_000])
        time.sleep(0.5)
    deadline = time.monotonic() + 10
    while database.value("SELECT count(*) FROM file_chunk") != "0":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert database.value("SELECT count(*) FROM file") == "0"


def test_a_device_that_sends_authorization_unasked_is_taken(acs, known):
    assert requests.put(link(acs, known), data=b"x", auth=("user", "pass")).status_code == 201


def digest(url, username, password, challenge):
    fields = dict(part.split("=", 1) for part in challenge.split(" ", 1)[1].replace('"', "").split(", "))
    path, nc, cnonce = urlsplit(url).path, "00000001", "abcdef"
    answer = md5(":".join([md5(f"{username}:{fields['realm']}:{password}"), fields["nonce"], nc, cnonce, "auth",
                           md5(f"PUT:{path}")]))
    return (f'Digest username="{username}", realm="{fields["realm"]}", nonce="{fields["nonce"]}", uri="{path}", '
            f'response="{answer}", qop=auth, nc={nc}, cnonce="{cnonce}"')


def test_with_files_auth_the_device_proves_itself_with_its_own_credentials(start_acs):
    acs = start_acs({"files.auth": "digest"})
    device = acs.device(username="user", password=SECRET)
    put_credentials(acs, device, password=SECRET)
    device.run_session("1 BOOT")
    url = link(acs, device)
    challenged = requests.put(url, data=b"x")
    assert challenged.status_code == 401
    challenge = challenged.headers["WWW-Authenticate"].split(", Digest")[0]
    for username, password in (("user", "wrong"), ("other", SECRET)):
        header = {"Authorization": digest(url, username, password, challenge)}
        assert requests.put(url, data=b"x", headers=header).status_code == 401
    header = {"Authorization": digest(url, "user", SECRET, challenge)}
    assert requests.put(url, data=b"x", headers=header).status_code == 201


def test_the_upload_is_audited_as_a_devices(acs, known):
    request, task_id = upload_request(acs, known)
    requests.put(request.text("URL"), data=b"x")
    entries = acs.api.get("/api/v1/audit").json["audit"]
    wanted = ("device", known.id, "upload", f"upload-{task_id}")
    assert any((e["actor"], e["device"], e["action"], e["target"]) == wanted for e in entries), json.dumps(entries)
