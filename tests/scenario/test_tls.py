"""TLS: which certificates the server shows and believes, seen by openssl s_client and curl besides our own devices."""

import json
import signal
import subprocess

import pytest

import envelope
from certificates import Authority, fingerprint
from device import Device, trusting
from lab.programs import wait_until
from places import BINARIES
from steps import FIRMWARE, put_file, queue
from tls_clients import curl, curl_informs, is_resumed, is_spoken, s_client, shown

OLD = ["-tls1", "-cipher", "DEFAULT@SECLEVEL=0"]


@pytest.fixture
def authority(folder):
    return Authority(folder)


def listening(*pairs, **options):
    """Options of a server that shows these pairs of certificate and key."""
    return {"cwmp.tls_listen": "127.0.0.1:0", "files.tls_listen": "127.0.0.1:0",
            "tls.certificate": ", ".join(str(certificate) for certificate, _ in pairs),
            "tls.key": ",".join(str(key) for _, key in pairs), **options}


def reload(acs, ends="reloaded"):
    before = acs.output.count(f"event={ends}")
    acs.program.signal(signal.SIGHUP)
    wait_until(lambda: acs.output.count(f"event={ends}") > before, 10, "the reload")


# What the server shows.

def test_each_client_sees_the_certificate_for_its_host_and_of_a_key_type_it_knows(start_acs, authority):
    acs = start_acs(listening(authority.issue("acs.example", "DNS:acs.example"),
                              authority.issue("rsa.acs.example", "DNS:acs.example", key_type="rsa"),
                              authority.issue("other.example", "DNS:other.example,DNS:*.other.example")))
    url = acs.urls["cwmp_tls"]
    rsa, ecdsa = ["-sigalgs", "RSA-PSS+SHA256:RSA+SHA256"], ["-sigalgs", "ECDSA+SHA256"]
    for version in ("-tls1_2", "-tls1_3"):
        assert shown(s_client(url, version, *ecdsa)) == ("acs.example", "ECDSA")
        assert shown(s_client(url, version, *rsa))[0] == "rsa.acs.example"
        assert shown(s_client(url, version, *rsa, "-servername", "acs.example"))[0] == "rsa.acs.example"
        assert shown(s_client(url, version, "-servername", "other.example")) == ("other.example", "ECDSA")
        assert shown(s_client(url, version, "-servername", "a.other.example")) == ("other.example", "ECDSA")
        assert shown(s_client(url, version, *ecdsa, "-servername", "unknown.example"))[0] == "acs.example"
    assert not is_spoken(s_client(url, *rsa, "-servername", "other.example"))
    assert "alert protocol version" in s_client(url, *OLD)


def test_tickets_outlive_a_reload_and_are_good_on_every_node(start_acs, authority, folder):
    options = listening(authority.issue("acs.example"))
    first, second = start_acs(options), start_acs(options)
    for version in ("-tls1_2", "-tls1_3"):
        kept = folder / f"session{version}"
        assert not is_resumed(s_client(first.urls["cwmp_tls"], version, "-sess_out", kept))
        reload(first)
        assert is_resumed(s_client(first.urls["cwmp_tls"], version, "-sess_in", kept))
        assert is_resumed(s_client(second.urls["cwmp_tls"], version, "-sess_in", kept))
        assert is_resumed(s_client(second.urls["files_tls"], version, "-sess_in", kept))


def test_the_keys_of_tickets_are_sealed_and_forgotten_when_they_are_over(start_acs, authority, database):
    options = listening(authority.issue("acs.example"), **{"tls.ticket_seconds": "1"})

    def stored():
        return json.loads(database.value("SELECT value FROM setting WHERE name = 'ticket keys'"))

    acs = start_acs(options)
    first = stored()
    assert len(first) == 3 and all(key.startswith("sealed:") for key in first.values())
    later = wait_until(lambda: None if stored().keys() & first.keys() else stored(), 20, "other keys")
    assert not set(later.values()) & set(first.values())
    acs.stop()
    spoilt = {str(int(period) + ahead): later[period] for period in later for ahead in range(-2, 100, 3)}
    database.query("UPDATE setting SET value = :'spoilt' WHERE name = 'ticket keys'", spoilt=json.dumps(spoilt))
    acs = start_acs(options)
    assert is_spoken(s_client(acs.urls["cwmp_tls"]))
    assert len(set(stored().values()) - set(later.values())) >= 3


def test_a_session_goes_on_over_a_reload_that_changes_the_certificate(start_acs, authority, folder):
    settings = folder / "acs.conf"
    old, new = authority.issue("old.example"), authority.issue("new.example", key_type="rsa")
    settings.write_text(f"[tls]\ncertificate = {old[0]}\nkey = {old[1]}\n")
    acs = start_acs({"config": str(settings), "cwmp.tls_listen": "127.0.0.1:0"})
    device = Device(acs.urls["cwmp_tls"], tls=trusting(authority.certificate))
    assert device.inform("1 BOOT").status == 200
    queue(acs.api, device.id, "GetRPCMethods")
    settings.write_text(f"[tls]\ncertificate = {new[0]}\nkey = {new[1]}\n")
    reload(acs)
    assert shown(s_client(acs.urls["cwmp_tls"]))[0] == "new.example"
    connection = device.socket
    request = device.empty()
    assert request.method == "GetRPCMethods"
    assert device.answer(request, envelope.methods_response(["Inform"])).status == 204
    assert device.socket is connection
    settings.write_text(f"[tls]\ncertificate = {folder}/missing.pem\nkey = {new[1]}\n")
    reload(acs, "reload-failed")
    assert shown(s_client(acs.urls["cwmp_tls"]))[0] == "new.example"


def test_a_reload_takes_all_or_nothing_and_the_audit_says_which(start_acs, authority, folder):
    (good, key), (next_good, next_key) = authority.issue("acs.example"), authority.issue("next.example")
    certificate, kept_key, listed, file = folder / "c", folder / "k", folder / "listed", folder / "acs.conf"

    def tell(level, revoked, pair):
        file.write_text(f"[log]\nlevel = {level}\n")
        listed.write_text(revoked)
        certificate.write_bytes(pair[0].read_bytes())
        kept_key.write_bytes(pair[1].read_bytes())

    def seen():
        return [shown(s_client(acs.urls[name], "-tls1_3", "-cert", good, "-key", key))[0]
                for name in ("cwmp_tls", "files_tls", "admin_tls")]

    def told():
        return [(entry["outcome"], entry["detail"]) for entry in acs.api.get("/api/v1/audit").json["audit"]
                if entry["action"] == "reload"]

    tell("debug", "# none\n", (good, key))
    options = listening((certificate, kept_key), **{
        "admin.tls_listen": "127.0.0.1:0", "tls.client_ca": str(authority.certificate), "tls.revoked": str(listed),
        "config": str(file)})
    acs = start_acs(options)
    acs.stop()
    del acs.options["log.level"]
    acs.restart()
    tell("error", "stolen\n", (next_good, next_key))
    reload(acs, "reload-failed")
    assert seen() == ["acs.example"] * 3
    (outcome, detail), = wait_until(told, 10, "the entry of the reload")
    assert outcome == "failed" and detail["why"] == f"tls: {listed}:1: is no SHA-256 fingerprint"
    assert f'reason="tls: {listed}:1: is no SHA-256 fingerprint"\n' in acs.output
    assert "event=reloaded" not in acs.output and "level=info" in acs.output.split("event=reload-failed")[1]
    tell("info", fingerprint(next_good) + "# stolen\n", (next_good, next_key))
    reload(acs)
    assert seen() == ["next.example"] * 3
    wait_until(lambda: [outcome for outcome, _ in told()] == ["done", "failed"], 10, "the entry of the second")


def test_old_phones_have_a_listener_of_their_own_for_files_only(start_acs, authority, folder):
    weak = Authority(folder, "weak", digest="sha1", key_type="weak")
    certificate, key = weak.issue("phones.example", key_type="weak")
    acs = start_acs(listening(authority.issue("acs.example"), **{
        "files.legacy_tls_listen": "127.0.0.1:0", "tls.legacy_certificate": str(certificate),
        "tls.legacy_key": str(key), "tls.client_ca": str(authority.certificate)}))
    legacy = acs.urls["files_legacy"]
    assert "Protocol  : TLSv1\n" in s_client(legacy, *OLD) and shown(s_client(legacy))[0] == "phones.example"
    for name in ("cwmp_tls", "files_tls"):
        assert "alert protocol version" in s_client(acs.urls[name], *OLD)
    put_file(acs.api, "fw.bin", FIRMWARE, kind="firmware", version="1")
    device = acs.device()
    device.inform("1 BOOT")
    queue(acs.api, device.id, "Download", file="fw.bin")
    path = device.empty().envelope.text("URL").split("/", 3)[3]
    old_curl = ["--tlsv1.0", "--tls-max", "1.0", "--ciphers", "DEFAULT@SECLEVEL=0"]
    assert curl(f"{legacy}/{path}", weak, *old_curl) == (200, "")
    assert curl(f"{legacy}/", weak, *old_curl)[0] == 404
    assert curl(f"{legacy}/api/v1/devices", weak, *old_curl)[0] == 404
    assert curl(f"{legacy}/", weak, *old_curl, "--data-binary", "<x/>")[0] == 405


# Whom it believes.

def start_demanding(start_acs, authority, **options):
    """A server that asks devices for certificates of the authority."""
    return start_acs(listening(authority.issue("acs.example"), **{"tls.client_ca": str(authority.certificate),
                                                                  **options}))


def identity_of(device):
    return f"{device.identity[1]}-{device.identity[3]}"


def refusals(acs):
    """{who he claims to be: why} of the audit."""
    entries = acs.api.get("/api/v1/audit?outcome=refused&actor=unknown").json["audit"]
    return {entry["target"]: entry["detail"]["why"] for entry in entries}


def test_a_device_gets_in_with_a_good_certificate_of_its_own_and_no_other(start_acs, authority, folder):
    tolerated = Authority(folder, "tolerated")
    both = folder / "both.pem"
    both.write_text(authority.certificate.read_text() + tolerated.certificate.read_text())
    names = ["valid", "none", "wrong name", "stranger", "expired", "old phone", "revoked", "listed"]
    urls = {"cwmp": "https://127.0.0.1"}
    devices = {name: Device(urls["cwmp"]) for name in names}

    def issue(name, issuer=authority, **options):
        return issuer.issue(identity_of(devices[name]), names=None, **options)

    pairs = {"valid": issue("valid"), "none": None, "wrong name": issue("valid"),
             "stranger": issue("stranger", Authority(folder, "stranger")), "expired": issue("expired", is_expired=True),
             "old phone": issue("old phone", tolerated, is_expired=True), "revoked": issue("revoked"),
             "listed": issue("listed")}
    authority.revoke(pairs["revoked"][0])
    listed = folder / "listed"
    listed.write_text("# stolen in May\n\n" + fingerprint(pairs["listed"][0]))
    acs = start_demanding(start_acs, authority, **{
        "tls.client_ca": str(both), "tls.client_ca_expired": str(tolerated.certificate),
        "tls.crl": str(authority.crl()), "tls.revoked": str(listed)})
    wanted = {"valid": (200, ""), "none": (0, "certificate required"), "wrong name": (403, ""),
              "stranger": (0, "unknown ca"), "expired": (0, "certificate expired"), "old phone": (200, ""),
              "revoked": (0, "certificate revoked"), "listed": (0, "certificate revoked")}
    for name, (status, complaint) in wanted.items():
        devices[name].url = devices[name].url._replace(netloc=acs.urls["cwmp_tls"].split("/")[2], path="/")
        found, told = curl_informs(devices[name], authority, pairs[name])
        assert found == status and complaint in told, (name, found, told)
    wait_until(lambda: len(refusals(acs)) == 5, 10, "the audit's entries")
    told = refusals(acs)
    assert told[devices["wrong name"].id] == "the client certificate is another device's"
    for name, why in {"stranger": "unable to get local issuer certificate", "expired": "certificate has expired",
                      "revoked": "certificate revoked", "listed": "certificate revoked"}.items():
        assert told[identity_of(devices[name])] == why
        assert f"event=certificate-refused peer=127.0.0.1 names={identity_of(devices[name])}" in acs.output
    registered = {row["id"] for row in acs.api.get("/api/v1/devices").json["devices"]}
    assert registered == {devices["valid"].id, devices["old phone"].id}


def test_a_refused_certificate_makes_nobody_an_actor(start_acs, authority, folder):
    acs, stranger = start_demanding(start_acs, authority), Authority(folder, "stranger")
    names = ["boss", "acs", "device"]
    acs.create_token("boss")
    for name in names:
        curl_informs(Device(acs.urls["cwmp_tls"]), authority, stranger.issue(name, names=None))
    wait_until(lambda: sorted(refusals(acs)) == sorted(names), 10, "the audit's entries")
    for name in ("boss", "device"):
        assert not acs.api.get(f"/api/v1/audit?outcome=refused&actor={name}").json["audit"]


@pytest.mark.parametrize("how", ["crl", "fingerprint", "authority"])
def test_a_revoked_certificate_ends_what_it_began(start_acs, authority, folder, how):
    """On a connection that is open, on a session that is resumed, and on a new one."""
    crl, listed, trusted = authority.crl(), folder / "listed", folder / "trusted.pem"
    listed.write_text("")
    trusted.write_bytes(authority.certificate.read_bytes())
    acs = start_demanding(start_acs, authority, **{"tls.client_ca": str(trusted), "tls.crl": str(crl),
                                                   "tls.revoked": str(listed)})
    device, other = Device(acs.urls["cwmp_tls"]), Device(acs.urls["cwmp_tls"])
    issuers = {device: authority, other: authority}
    pairs = {}
    for each, issuer in issuers.items():
        pairs[each] = issuer.issue(identity_of(each), names=None)
        each.tls = trusting(authority.certificate, *pairs[each])
        assert each.inform("1 BOOT").status == 200
    kept = folder / "session"
    shows = ["-cert", pairs[device][0], "-key", pairs[device][1]]
    assert "HTTP/1.1 405" in s_client(acs.urls["cwmp_tls"], *shows, "-sess_out", kept)
    assert is_resumed(s_client(acs.urls["cwmp_tls"], *shows, "-sess_in", kept))
    if how == "crl":
        authority.revoke(pairs[device][0])
        authority.crl()
    elif how == "fingerprint":
        listed.write_text(fingerprint(pairs[device][0]))
    else:
        trusted.write_bytes(Authority(folder, "next").certificate.read_bytes())
        crl.write_bytes(Authority(folder, "unused").crl().read_bytes())
    reload(acs)
    assert device.empty().status == 403
    resumed = s_client(acs.urls["cwmp_tls"], *shows, "-sess_in", kept)
    if how == "fingerprint":
        assert is_resumed(resumed) and "HTTP/1.1 403" in resumed
    else:  # chains are verified by something else: sessions are not resumed
        assert not is_spoken(resumed)
    assert other.empty().status == (403 if how == "authority" else 204)
    device.close()
    with pytest.raises(OSError):
        device.inform("1 BOOT")
    assert identity_of(device) in refusals(acs)


@pytest.mark.parametrize("subject,names", [
    ("/CN=Gateway/serialNumber=00D09E-{serial}", None),
    ("/CN=Gateway", "DNS:cpe.example,URI:urn:00D09E:{serial}"),
    ("/CN=Gateway/serialNumber=aa-bb-cc-dd-ee-ff", None),
])
def test_a_device_is_known_by_any_name_in_its_certificate(start_acs, authority, subject, names):
    acs = start_demanding(start_acs, authority, **{"tls.client_identity": "{oui}-{serial}, urn:{oui}:{serial}, {mac}"})
    serial = "AABBCCDDEEFF"
    pair = authority.issue("device", names and names.format(serial=serial), subject=subject.format(serial=serial))
    device = Device(acs.urls["cwmp_tls"], serial=serial, tls=trusting(authority.certificate, *pair))
    assert device.inform("1 BOOT").status == 200
    other = Device(acs.urls["cwmp_tls"], serial="AABBCCDDEEF0", tls=device.tls)
    assert other.inform("1 BOOT").status == 403


def test_a_session_that_was_begun_under_tls_stays_there(start_acs, authority):
    acs = start_acs(listening(authority.issue("acs.example")))
    device = Device(acs.urls["cwmp_tls"], tls=trusting(authority.certificate))
    reply = device.inform("1 BOOT")
    assert "Secure" in reply.headers["Set-Cookie"].split("; ")
    thief = acs.device()
    assert "Secure" not in thief.inform("1 BOOT").headers["Set-Cookie"]
    thief.close()
    thief.cookies = dict(device.cookies)
    assert thief.empty().status == 403
    assert device.empty().status == 204


@pytest.mark.parametrize("options,complaint", [
    ({"cwmp.listen": "[::]:7547", "cwmp.auth": "none"}, "cwmp.listen: with cwmp.auth=none"),
    ({"cwmp.listen": "[::]:7547", "cwmp.auth": "none", "cwmp.plain_beside_client_ca": "true"}, ""),
    ({"cwmp.listen": "", "cwmp.auth": "none"}, ""),
    ({"cwmp.listen": "[::]:7547", "cwmp.auth": "digest"}, ""),
    ({"files.legacy_tls_listen": ":7568"}, "tls.legacy_certificate, tls.legacy_key: both are needed"),
    ({"tls.crl": "{ca},/nowhere/ca.crl"}, "tls.crl: /nowhere/ca.crl: cannot be read"),
])
def test_a_configuration_that_opens_a_side_door_is_refused(authority, options, complaint):
    options = {"data.dir": "/nowhere", "tls.client_ca": "{ca}", **options}
    words = [f"--{name}={value.format(ca=authority.certificate)}" for name, value in options.items()]
    done = subprocess.run([str(BINARIES / "acs"), "check-config", *words], capture_output=True, text=True, check=False)
    told = done.stdout + done.stderr
    assert complaint in told and done.returncode == (2 if complaint else 0), told


@pytest.mark.parametrize("options,complaint", [
    ({}, ""),
    ({"tls.key": "{other}"}, "tls: key {other}: key values mismatch"),
    ({"tls.key": "{key}, {other}"}, "tls: there must be one key for each certificate"),
    ({"tls.client_ca": "{key}"}, "tls: {key}: has something that is not an authority's certificate"),
    ({"tls.crl": "{certificate}"}, "tls: {certificate}: has something that is no CRL"),
    ({"tls.client_ca_expired": "{certificate}"}, "tls: {certificate}: has something that is not among the authorities"),
    ({"tls.revoked": "{ca}"}, "tls: {ca}:1: is no SHA-256 fingerprint"),
])
def test_check_config_reads_the_files_of_tls_as_the_server_does(authority, options, complaint):
    certificate, key = authority.issue("acs.example")
    files = {"ca": authority.certificate, "certificate": certificate, "key": key, "other": authority.key}
    options = listening(("{certificate}", "{key}"), **{"data.dir": "/nowhere", "tls.client_ca": "{ca}", **options})
    words = [f"--{name}={value.format(**files)}" for name, value in options.items()]
    done = subprocess.run([str(BINARIES / "acs"), "check-config", *words], capture_output=True, text=True, check=False)
    assert done.returncode == (2 if complaint else 0) and complaint.format(**files) in done.stderr, done
