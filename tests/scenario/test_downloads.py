"""Files and the transfers that bring them to devices."""

import hashlib
import http.client
import os
import time
from urllib.parse import urlsplit

import pytest

import envelope
from lab.programs import wait_until
from places import MODELS
from secret_log import SECRET
from steps import (FIRMWARE, device_path, device_row, execute, onboarded, put_file, queue, stored_value,
                   task)

IGD = "InternetGatewayDevice."


def fetch(url, method="GET"):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""))
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, response.headers, body


def download_request(acs, device, answer=None, **arguments):
    """The Download that a scripted device receives for a task, and the task's id."""
    task_id = queue(acs.api, device.id, "Download", **arguments)
    (request,) = device.run_session(answers={"Download": answer or envelope.download_response(1)})
    return request, task_id


@pytest.fixture
def known(device):
    device.run_session("1 BOOT")
    return device


# The catalogue.

def test_a_file_is_stored_with_its_hash_and_size(api, database):
    answer = put_file(api, "fw.bin", FIRMWARE, kind="firmware", version="9.9.9")
    assert answer.status == 201
    assert (answer.json["size"], answer.json["sha256"]) == (len(FIRMWARE), hashlib.sha256(FIRMWARE).hexdigest())
    listed = api.get("/api/v1/files").json["files"]
    assert [(f["name"], f["kind"], f["version"]) for f in listed] == [("fw.bin", "firmware", "9.9.9")]
    assert int(database.value("SELECT sum(length(bytes)) FROM file_chunk")) == len(FIRMWARE)


def test_a_file_larger_than_a_chunk_comes_back_whole(acs, known):
    data = os.urandom(3_000_001)
    put_file(acs.api, "big.bin", data, kind="firmware", version="1")
    request, _ = download_request(acs, known, file="big.bin")
    status, headers, body = fetch(request.text("URL"))
    assert (status, headers["Content-Length"]) == (200, str(len(data)))
    assert hashlib.sha256(body).digest() == hashlib.sha256(data).digest()


def kept_chunks(database):
    """Chunks that are not left for those who are still reading them."""
    return int(database.value("SELECT count(*) FROM file_chunk WHERE content_id NOT IN"
                              " (SELECT content_id FROM file_loose)"))


def test_a_new_upload_replaces_the_old_content(api, database):
    put_file(api, "a.cfg", b"one", kind="config")
    assert put_file(api, "a.cfg", b"two", kind="config").status == 200
    assert api.get("/api/v1/files/a.cfg").json["sha256"] == hashlib.sha256(b"two").hexdigest()
    assert kept_chunks(database) == 1


def test_a_deleted_file_is_gone(api, database):
    put_file(api, "a.cfg", b"one", kind="config")
    assert api.delete("/api/v1/files/a.cfg").status in (200, 204)
    assert api.get("/api/v1/files/a.cfg").status == 404
    assert kept_chunks(database) == 0


@pytest.mark.parametrize("query", ["", "kind=nonsense", "kind=ca"])
def test_a_file_without_a_usable_kind_is_refused(api, query):
    assert api.put(f"/api/v1/files/x?{query}", b"x").status == 400


@pytest.mark.parametrize("header,status", [({"Content-Encoding": "gzip"}, 415),
                                           ({"Content-Range": "bytes 0-0/10"}, 400)])
def test_a_file_that_comes_compressed_or_in_part_is_refused(api, header, status):
    assert api.put("/api/v1/files/part.bin?kind=other&file_type=X", b"x", headers=header).status == status
    assert api.get("/api/v1/files/part.bin").status == 404


def test_a_file_over_the_limit_is_refused(start_acs):
    acs = start_acs({"files.max_bytes": "1000"})
    assert acs.api.put("/api/v1/files/x?kind=other", b"x" * 1001).status == 413
    assert acs.api.put("/api/v1/files/x?kind=other", b"x" * 1000).status == 201


# The request to the device.

def test_a_download_of_a_file_fills_type_url_and_size(acs, known):
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="9.9.9")
    request, task_id = download_request(acs, known, file="fw.bin")
    assert request.text("FileType") == "1 Firmware Upgrade Image"
    assert request.text("FileSize") == str(len(FIRMWARE))
    assert request.text("CommandKey") == task(acs.api, task_id)["command_key"]
    assert len(request.text("URL")) <= 256
    assert [child.tag for child in request.content] == [
        "CommandKey", "FileType", "URL", "Username", "Password", "FileSize", "TargetFileName", "DelaySeconds",
        "SuccessURL", "FailureURL"]


@pytest.mark.parametrize("kind,file_type,expected", [
    ("config", None, "3 Vendor Configuration File"),
    ("ca", "X 00D09E Certificate Authority", "X 00D09E Certificate Authority"),
    ("web", None, "2 Web Content"),
])
def test_each_kind_has_its_file_type(acs, known, kind, file_type, expected):
    put_file(acs.api, "file", b"content", kind=kind, **({"file_type": file_type} if file_type else {}))
    request, _ = download_request(acs, known, file="file")
    assert request.text("FileType") == expected


def test_an_operators_own_url_passes_through(acs, known):
    arguments = {"file_type": "X 00A0C9 Something", "url": "http://192.0.2.7/a?b=c&d", "username": "u",
                 "password": SECRET, "file_size": 17, "target_file_name": "t", "delay_seconds": 5,
                 "success_url": "http://192.0.2.7/s", "failure_url": "http://192.0.2.7/f"}
    request, _ = download_request(acs, known, **arguments)
    sent = [request.text(n) for n in ("FileType", "URL", "Username", "Password", "FileSize", "TargetFileName",
                                      "DelaySeconds", "SuccessURL", "FailureURL")]
    assert sent == [str(arguments[n]) for n in ("file_type", "url", "username", "password", "file_size",
                                                "target_file_name", "delay_seconds", "success_url", "failure_url")]


def test_the_public_url_is_what_devices_are_given(start_acs):
    acs = start_acs({"files.public_url": "http://files.example.net:8080/acs"})
    device = acs.device()
    device.run_session("1 BOOT")
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    request, _ = download_request(acs, device, file="fw.bin")
    assert request.text("URL").startswith("http://files.example.net:8080/acs/d/")
    assert request.text("URL").endswith("/fw.bin")


def test_a_download_of_an_unknown_file_is_refused(known, api):
    answer = api.post(device_path(known.id, "/tasks"), {"method": "Download", "file": "nothing"})
    assert answer.status in (400, 404)


# The file server.

def test_head_tells_the_length_without_the_content(acs, known):
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    request, _ = download_request(acs, known, file="fw.bin")
    status, headers, body = fetch(request.text("URL"), "HEAD")
    assert (status, headers["Content-Length"], body) == (200, str(len(FIRMWARE)), b"")


def test_a_link_that_was_changed_is_not_served(acs, known):
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    put_file(acs.api, "other.bin", b"other", kind="firmware", version="1")
    request, _ = download_request(acs, known, file="fw.bin")
    url = request.text("URL")
    token = url.split("/d/")[1].split("/")[0]
    forged = [url.replace("/fw.bin", "/other.bin"), url.replace("/fw.bin", "/../fw.bin"),
              url.replace(token, token[:-1] + ("A" if token[-1] != "A" else "B")), url.replace(token, "x"),
              url.split("/d/")[0] + "/"]
    assert {fetch(u)[0] for u in forged} <= {400, 403, 404}
    assert fetch(url)[0] == 200


def test_a_link_dies_when_its_time_is_over(start_acs):
    acs = start_acs({"files.link_seconds": "1", "tasks.transfer_seconds": "1"})
    device = acs.device()
    device.run_session("1 BOOT")
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    request, _ = download_request(acs, device, file="fw.bin")
    assert fetch(request.text("URL"))[0] == 200
    time.sleep(3.1)
    assert fetch(request.text("URL"))[0] in (403, 404, 410)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_file_server_serves_get_and_head_only(acs, known, method):
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    request, _ = download_request(acs, known, file="fw.bin")
    assert fetch(request.text("URL"), method)[0] == 405


# The transfer's end.

def test_status_0_finishes_the_task_at_once(acs, known):
    answer = envelope.download_response(0, "2024-01-01T00:00:00Z", "2024-01-01T00:00:05Z")
    _, task_id = download_request(acs, known, answer, file_type="1 Firmware Upgrade Image", url="http://192.0.2.1/f")
    done = task(acs.api, task_id)
    assert (done["state"], done["result"]["status"]) == ("done", 0)


def test_status_1_waits_for_transfer_complete_and_lets_other_tasks_pass(acs, known):
    _, task_id = download_request(acs, known, file_type="1 Firmware Upgrade Image", url="http://192.0.2.1/f")
    waiting = task(acs.api, task_id)
    assert waiting["state"] == "sent"
    queue(acs.api, known.id, "GetRPCMethods")
    assert len(known.run_session(answers={"GetRPCMethods": envelope.methods_response(["Inform"])})) == 1
    known.inform("7 TRANSFER COMPLETE", ("M Download", waiting["command_key"]))
    reply = known.send(envelope.transfer_complete(waiting["command_key"], 0, "", "2024-01-01T00:00:00Z",
                                                  "2024-01-01T00:01:00Z"), id="tc")
    assert (reply.method, reply.envelope.id) == ("TransferCompleteResponse", "tc")
    done = task(acs.api, task_id)
    assert done["state"] == "done"
    assert done["result"]["start_time"].startswith("2024-01-01T00:00:00")
    assert done["result"]["complete_time"].startswith("2024-01-01T00:01:00")


@pytest.mark.parametrize("code", [9012, 9013, 9016, 9018, 9019])
def test_a_failed_transfer_fails_its_task_with_the_code(acs, known, code):
    _, task_id = download_request(acs, known, file_type="1 Firmware Upgrade Image", url="http://192.0.2.1/f")
    known.inform("7 TRANSFER COMPLETE")
    known.send(envelope.transfer_complete(task(acs.api, task_id)["command_key"], code, "broken"))
    failed = task(acs.api, task_id)
    assert (failed["state"], failed["fault"]["code"], failed["fault"]["message"]) == ("failed", code, "broken")


def test_a_transfer_that_failed_for_a_passing_reason_is_tried_again(start_acs):
    acs = start_acs({"tasks.retry_seconds": "1"})
    device = acs.device()
    device.run_session("1 BOOT")
    _, task_id = download_request(acs, device, file_type="1 Firmware Upgrade Image", url="http://192.0.2.1/f")
    key = task(acs.api, task_id)["command_key"]
    device.inform("7 TRANSFER COMPLETE")
    device.send(envelope.transfer_complete(key, 9010, "no answer"))
    assert device.empty().status == 204
    time.sleep(1.2)
    reply = device.begin_session("2 PERIODIC")
    assert reply.method == "Download"
    assert reply.envelope.text("CommandKey") == key[:-1] + "2"


def test_transfer_complete_repeated_changes_nothing(acs, known):
    _, task_id = download_request(acs, known, file_type="1 Firmware Upgrade Image", url="http://192.0.2.1/f")
    key = task(acs.api, task_id)["command_key"]
    for code in (0, 9018):
        known.inform("7 TRANSFER COMPLETE")
        assert known.send(envelope.transfer_complete(key, code)).method == "TransferCompleteResponse"
        known.close()
        assert task(acs.api, task_id)["state"] == "done"


@pytest.mark.parametrize("key", ["unknown", "999999.1", "x" * 40])
def test_transfer_complete_of_an_unknown_key_is_answered_rightly(known, key):
    known.inform("7 TRANSFER COMPLETE")
    assert known.send(envelope.transfer_complete(key)).method == "TransferCompleteResponse"
    assert known.empty().status == 204


def test_an_empty_key_settles_the_only_open_transfer(acs, known):
    _, task_id = download_request(acs, known, file_type="1 Firmware Upgrade Image", url="http://192.0.2.1/f")
    known.inform("1 BOOT")
    known.send(envelope.transfer_complete(""))
    assert task(acs.api, task_id)["state"] == "done"


def test_an_empty_key_settles_nothing_when_two_are_open(acs, known):
    ids = [download_request(acs, known, file_type="1 Firmware Upgrade Image", url=f"http://192.0.2.1/{n}")[1]
           for n in "ab"]
    known.inform("1 BOOT")
    known.send(envelope.transfer_complete(""))
    assert [task(acs.api, i)["state"] for i in ids] == ["sent", "sent"]


def test_the_new_version_in_an_inform_settles_a_firmware_transfer(acs, known):
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="2.0.0")
    _, task_id = download_request(acs, known, file="fw.bin")
    known.run_session("1 BOOT", parameters={IGD + "DeviceInfo.SoftwareVersion": "1.0.0"})
    assert task(acs.api, task_id)["state"] == "sent"
    known.run_session("1 BOOT", parameters={IGD + "DeviceInfo.SoftwareVersion": "2.0.0"})
    assert task(acs.api, task_id)["state"] == "done"


def test_the_version_the_device_had_already_settles_nothing(acs):
    device = acs.device()
    version = {IGD + "DeviceInfo.SoftwareVersion": "2.0.0"}
    device.run_session("1 BOOT", parameters=version)
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="2.0.0")
    task_id = queue(acs.api, device.id, "Download", file="fw.bin")
    device.run_session("2 PERIODIC", parameters=version, answers={"Download": envelope.download_response(1)})
    device.run_session("1 BOOT", parameters=version)
    assert task(acs.api, task_id)["state"] == "sent"


def test_a_transfer_that_never_completes_fails_in_the_end(start_acs):
    acs = start_acs({"tasks.transfer_seconds": "1", "server.sweep_seconds": "1"})
    device = acs.device()
    device.run_session("1 BOOT")
    _, task_id = download_request(acs, device, file_type="1 Firmware Upgrade Image", url="http://192.0.2.1/f")
    wait_until(lambda: task(acs.api, task_id)["state"] == "failed", 15, "the transfer's time-out")


def test_a_lost_answer_to_a_download_is_settled_by_transfer_complete(acs, known):
    task_id = queue(acs.api, known.id, "Download", file_type="1 Firmware Upgrade Image", url="http://192.0.2.1/f")
    known.inform("2 PERIODIC")
    key = known.empty().envelope.text("CommandKey")
    known.hang_up()
    known.inform("7 TRANSFER COMPLETE", ("M Download", key))
    known.send(envelope.transfer_complete(key))
    assert known.empty().status == 204
    assert task(acs.api, task_id)["state"] == "done"


# The agent.

@pytest.fixture
def agent(acs, start_cpe, database):
    agent = start_cpe(acs.urls["cwmp"], data_model=MODELS / "gateway-tr098.csv")
    agent.id = wait_until(lambda: database.value("SELECT id FROM device"), 30, "the agent's Inform")
    onboarded(acs.api, agent.id)
    return agent


def test_firmware_changes_the_agents_version_after_its_reboot(acs, agent, database):
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="9.9.9")
    done = execute(acs.api, agent.id, "Download", wait=40, file="fw.bin")
    assert done["state"] == "done", done
    boot = agent.wait_for_entry("boot", reason="firmware")
    assert boot["software_version"] == "9.9.9"
    # The version in the Inform may have settled the task before.
    agent.wait_for_entry("acknowledged", method="TransferComplete", command_key=done["command_key"], fault=0)
    informs = agent.entries("acknowledged", method="Inform")
    key = done["command_key"]
    events = {(e["code"], e["command_key"]) for e in informs[-1]["events"]}
    assert {("1 BOOT", ""), ("7 TRANSFER COMPLETE", ""), ("M Download", key)} <= events
    assert device_row(database, agent.id, "software_version") == "9.9.9"
    assert stored_value(database, agent.id, IGD + "DeviceInfo.SoftwareVersion") == "9.9.9"


def test_a_file_that_is_no_firmware_ends_in_fault_9018(acs, agent, database):
    before = device_row(database, agent.id, "software_version")
    put_file(acs.api, "bad.bin", b"not firmware", kind="firmware", version="1")
    failed = execute(acs.api, agent.id, "Download", wait=40, file="bad.bin")
    assert (failed["state"], failed["fault"]["code"]) == ("failed", 9018)
    assert device_row(database, agent.id, "software_version") == before


def test_a_configuration_file_sets_the_agents_parameters(acs, agent, database):
    name = IGD + "DeviceInfo.ProvisioningCode"
    config = f"Parameter,Object,Writable,Value,Value type\n{name},false,true,from-file,xsd:string\n".encode()
    put_file(acs.api, "a.csv", config, kind="config")
    assert execute(acs.api, agent.id, "Download", wait=40, file="a.csv")["state"] == "done"
    done = execute(acs.api, agent.id, "GetParameterValues", names=[name])
    assert done["result"]["parameters"][0]["value"] == "from-file"
    assert stored_value(database, agent.id, name) == "from-file"


def test_a_wrong_size_ends_in_a_fault(acs, agent, database):
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="9.9.9")
    device = acs.device()
    device.run_session("1 BOOT")
    request, _ = download_request(acs, device, file="fw.bin")
    failed = execute(acs.api, agent.id, "Download", wait=40, file_type="1 Firmware Upgrade Image",
                     url=request.text("URL"), file_size=7)
    assert failed["state"] == "failed"
    assert 9010 <= failed["fault"]["code"] <= 9019


@pytest.mark.parametrize("url,codes", [("http://127.0.0.1:1/x", {9010, 9015}), ("gopher://127.0.0.1/x", {9013})])
def test_an_unreachable_file_ends_in_its_fault(start_acs, start_cpe, database, url, codes):
    acs = start_acs({"tasks.attempts": "1"})
    start_cpe(acs.urls["cwmp"], data_model=MODELS / "gateway-tr098.csv")
    device_id = wait_until(lambda: database.value("SELECT id FROM device"), 30, "the agent's Inform")
    onboarded(acs.api, device_id)
    failed = execute(acs.api, device_id, "Download", wait=40, file_type="1 Firmware Upgrade Image", url=url)
    assert (failed["state"], failed["fault"]["code"] in codes) == ("failed", True), failed
