"""Links to files: one device's, with a proof beside them, and how many and how fast downloads may be."""

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from requests.auth import HTTPBasicAuth, HTTPDigestAuth

import envelope
from certificates import Authority
from lab.programs import wait_until
from places import MODELS
from secret_log import SECRET
from steps import FIRMWARE, device_path, onboarded, put_file, queue, task
from test_auth import put_credentials

LARGE = os.urandom(3_000_000)


def order(device, acs, method="Download", **arguments):
    """What the device is told of a transfer: the envelope of its request."""
    queue(acs.api, device.id, method, **arguments)
    answer = envelope.download_response(1)
    (request,) = device.run_session(answers={method: answer.replace("Download", method)})
    return request


def pair_of(request):
    return request.text("Username"), request.text("Password")


def get(url, pair=None, kind=HTTPDigestAuth, **options):
    return requests.get(url, auth=kind(*pair) if pair else None, timeout=20, **options)


def booted(acs, **options):
    device = acs.device(**options)
    device.run_session("1 BOOT")
    return device




def test_each_device_has_a_link_of_its_own(acs):
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    one, other = (order(booted(acs), acs, file="fw.bin") for _ in range(2))
    assert one.text("URL").split("/")[4] != other.text("URL").split("/")[4]
    assert pair_of(one) == ("", "")
    assert get(one.text("URL")).content == get(other.text("URL")).content == FIRMWARE


def test_a_file_is_not_to_be_taken_for_anything_else(acs):
    put_file(acs.api, "page.html", b"<script>", kind="web")
    answer = get(order(booted(acs), acs, file="page.html").text("URL"))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/octet-stream"


# Proof.

def refused(answer, scheme="Digest"):
    return answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith(scheme) and not answer.content


def test_with_files_auth_a_link_alone_is_of_no_use(start_acs):
    acs = start_acs({"files.auth": "digest"})
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    one, other = (order(booted(acs), acs, file="fw.bin") for _ in range(2))
    url, (username, password) = one.text("URL"), pair_of(one)
    assert len(password) >= 24 and password not in url
    assert refused(get(url))
    assert refused(get(url, (username, "wrong")))
    assert refused(get(url, pair_of(other)))
    assert refused(get(url, (username, password), HTTPBasicAuth))
    assert get(url, (username, password)).content == FIRMWARE
    assert password not in acs.output


def test_the_link_of_an_upload_brings_a_proof_too(start_acs):
    acs = start_acs({"files.auth": "digest"})
    request = order(booted(acs), acs, "Upload", file_type="2 Vendor Log File")
    url = request.text("URL")
    assert requests.put(url, data=b"x").status_code == 401
    assert requests.put(url, data=b"x", auth=HTTPDigestAuth(*pair_of(request))).status_code == 201


def test_a_device_may_fetch_with_its_own_credentials(start_acs):
    acs = start_acs({"files.auth": "digest"})
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    device, stranger = booted(acs), booted(acs)
    put_credentials(acs, device, username="own", password="password-of-its-own")
    put_credentials(acs, stranger, username="other", password="password-of-another")
    url = order(device, acs, file="fw.bin").text("URL")
    assert refused(get(url, ("other", "password-of-another")))
    assert get(url, ("own", "password-of-its-own")).content == FIRMWARE


def test_an_operators_user_name_is_what_the_device_is_told(start_acs):
    acs = start_acs({"files.auth": "digest"})
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    request = order(booted(acs), acs, file="fw.bin", username="own", password=SECRET)
    assert pair_of(request) == ("own", SECRET)


def test_basic_without_tls_becomes_digest_unless_it_is_allowed(start_acs):
    acs = start_acs({"files.auth": "basic"})
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    request = order(booted(acs), acs, file="fw.bin")
    assert refused(get(request.text("URL"), pair_of(request), HTTPBasicAuth))
    acs.stop()
    acs.options["cwmp.basic_over_http"] = "true"
    acs.restart()
    assert refused(get(request.text("URL")), "Basic ")
    assert get(request.text("URL"), pair_of(request), HTTPBasicAuth).content == FIRMWARE


def test_the_agent_proves_itself_with_what_it_was_told(start_acs, start_cpe, database):
    acs = start_acs({"files.auth": "digest"})
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="9.9.9")
    start_cpe(acs.urls["cwmp"], data_model=MODELS / "gateway-tr098.csv")
    device_id = wait_until(lambda: database.value("SELECT id FROM device"), 30, "the agent's Inform")
    onboarded(acs.api, device_id)
    upload = queue(acs.api, device_id, "Upload", file_type="1 Vendor Configuration File")
    download = queue(acs.api, device_id, "Download", file="fw.bin")
    assert acs.api.post(f"/api/v1/devices/{device_id}/connection-request").status == 200
    for task_id in (upload, download):
        wait_until(lambda: task(acs.api, task_id)["state"] in ("done", "failed"), 60, "the transfer's end")
        assert task(acs.api, task_id)["state"] == "done", task(acs.api, task_id)


def test_an_answer_that_was_overheard_is_of_no_use(start_acs):
    acs = start_acs({"files.auth": "digest"})
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    request = order(booted(acs), acs, file="fw.bin")
    served = get(request.text("URL"), pair_of(request))
    assert served.status_code == 200
    overheard = {"Authorization": served.request.headers["Authorization"]}
    again = requests.get(request.text("URL"), headers=overheard)
    assert refused(again) and "stale=true" in again.headers["WWW-Authenticate"]


def test_a_device_that_is_blocked_or_deleted_has_links_no_more(acs):
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    device = booted(acs)
    url = order(device, acs, file="fw.bin").text("URL")
    for admission, status in (("blocked", 404), ("active", 200)):
        assert acs.api.patch(device_path(device.id), {"admission": admission}).status == 200
        assert get(url).status_code == status
    assert acs.api.delete(device_path(device.id)).status == 204
    assert get(url).status_code == 404


def test_a_client_certificate_opens_the_links_of_its_own_device(start_acs, folder):
    authority = Authority(folder)
    certificate, key = authority.issue("acs.example")
    acs = start_acs({"files.tls_listen": "127.0.0.1:0", "tls.certificate": str(certificate), "tls.key": str(key),
                     "tls.client_ca": str(authority.certificate), "cwmp.plain_beside_client_ca": "true"})
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    device = booted(acs)
    path = order(device, acs, file="fw.bin").text("URL").partition("/d/")[2]

    def fetch_as(name):
        return requests.get(f"{acs.urls['files_tls']}/d/{path}", verify=str(authority.certificate),
                            cert=tuple(map(str, authority.issue(name))), timeout=20).status_code

    assert fetch_as(device.id) == 200
    assert fetch_as("00D09E-Gateway-Another") == 403


# How many, how fast.

def open_download(url):
    """A download under way: its head has come, its body waits."""
    answer = requests.get(url, stream=True, timeout=20)
    return answer


def test_downloads_beyond_the_limits_are_told_to_come_back(start_acs):
    acs = start_acs({"files.downloads": "2", "files.downloads_per_device": "1",
                     "files.download_bytes_per_second": "100K"})
    put_file(acs.api, "fw.bin", LARGE, kind="firmware", version="1")
    urls = [order(booted(acs), acs, file="fw.bin").text("URL") for _ in range(3)]
    first, second = open_download(urls[0]), open_download(urls[1])
    assert (first.status_code, second.status_code) == (200, 200)
    own, third = open_download(urls[0]), open_download(urls[2])
    assert (own.status_code, third.status_code) == (429, 503)
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in (own, third))
    assert requests.head(urls[2]).status_code == 200
    first.close()
    wait_until(lambda: open_download(urls[2]).status_code == 200, 10, "room for another download")
    second.close()
    metrics = acs.api.get("/metrics").body.decode()
    assert 'acs_limit_hits_total{limit="files.downloads_per_device"} 1\n' in metrics


def test_an_operator_may_fetch_whatever_the_limits_of_downloads(start_acs):
    acs = start_acs({"files.downloads": "1", "files.downloads_per_device": "1", "files.bytes_per_second": "1000"})
    put_file(acs.api, "fw.bin", LARGE, kind="firmware", version="1")
    started = time.monotonic()
    assert acs.api.get("/api/v1/files/fw.bin/content").body == LARGE
    assert time.monotonic() - started < 10


def fetch_all(urls):
    with ThreadPoolExecutor(len(urls)) as pool:
        return [answer.content for answer in pool.map(get, urls)]


@pytest.mark.parametrize("settings,downloads", [
    ({"files.download_bytes_per_second": "100K"}, 1), ({"files.bytes_per_second": "200K"}, 2)], ids=["one", "all"])
def test_downloads_are_no_faster_than_their_rate(start_acs, settings, downloads):
    """250 KB each at 100 KB/s: the last of its three pieces leaves after two seconds."""
    acs = start_acs(settings)
    data = LARGE[:250 * 1024]
    put_file(acs.api, "fw.bin", data, kind="firmware", version="1")
    urls = [order(booted(acs), acs, file="fw.bin").text("URL") for _ in range(downloads)]
    started = time.monotonic()
    assert fetch_all(urls) == [data] * downloads
    assert time.monotonic() - started > 1.9


def test_a_download_that_is_slowed_down_may_take_longer_than_a_peer_may(start_acs):
    acs = start_acs({"files.download_bytes_per_second": "10000", "server.write_seconds": "1",
                     "server.write_bytes_per_second": "1000000"})
    put_file(acs.api, "fw.bin", LARGE[:30_000], kind="firmware", version="1")
    answer = get(order(booted(acs), acs, file="fw.bin").text("URL"))
    assert hashlib.sha256(answer.content).digest() == hashlib.sha256(LARGE[:30_000]).digest()
