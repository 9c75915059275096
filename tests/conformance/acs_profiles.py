"""acs_profiles: the configurations of our server that items ask for by name.

In "hasty" a minute of the protocol takes three seconds, so that what lasts can be seen to end.
"""

from certificates import Authority

PROFILES = {
    "open": {"cwmp.listen": "127.0.0.1:0", "admin.listen": "127.0.0.1:0", "files.listen": "127.0.0.1:0",
             "cwmp.auth": "none", "server.loops": "2", "server.stop_seconds": "0", "log.level": "debug",
             "cwmp.body_bytes": "33554432", "cwmp.session_idle_seconds": "60"},
    "digest": {"cwmp.auth": "digest"},
    "short_nonce": {"cwmp.auth": "digest", "cwmp.nonce_seconds": "1"},
    "hasty": {"cwmp.session_idle_seconds": "3", "cwmp.session_idle_max_seconds": "30", "cwmp.body_seconds": "3",
              "connection_request.retry_seconds": "2", "connection_request.retries": "1"},
    "small": {"cwmp.body_bytes": "65536"},
    "crowded": {"cwmp.sessions": "3"},
    "holding": {"cwmp.hold_requests": "true"},
    "redirecting": {"cwmp.redirect_url": "http://192.0.2.1:7547/acs"},
    "single": {"tasks.attempts": "1"},
    "uploading": {"cwmp.auth": "digest", "files.auth": "digest"},
    "tls": {"cwmp.tls_listen": "127.0.0.1:0"},
}

SCALES = {"hasty": 1 / 20}


def certified(folder):
    """Authorities, and the settings of a server that trusts the first: ("authority", …), {…}."""
    folder.mkdir(exist_ok=True)
    authority, strange = Authority(folder), Authority(folder, "strange")
    certificate, key = authority.issue("acs")
    for path in folder.iterdir():
        path.chmod(0o644)
    return ({"authority": authority, "strange_authority": strange},
            {"tls.certificate": str(certificate), "tls.key": str(key), "tls.client_ca": str(authority.certificate)})
