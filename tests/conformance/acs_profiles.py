"""acs_profiles: the configurations of our server that items ask for by name.

In "hasty" a minute of the protocol takes two seconds, so that what lasts can be seen to end.
"""

from certificates import Authority

LOCAL = {name: "127.0.0.1:0" for name in ("cwmp.listen", "admin.listen", "files.listen")}

PROFILES = {
    "open": {**LOCAL, "cwmp.auth": "none", "server.loops": "2", "server.stop_seconds": "0", "log.level": "debug",
             "cwmp.body_bytes": "33554432", "cwmp.session_idle_seconds": "60"},
    "digest": {"cwmp.auth": "digest"},
    "hasty": {"cwmp.session_idle_seconds": "2", "cwmp.session_idle_max_seconds": "20", "cwmp.body_seconds": "2"},
    "short_nonce": {"cwmp.auth": "digest", "cwmp.nonce_seconds": "1"},
    "small": {"cwmp.body_bytes": "65536"},
    "holding": {},
}

SCALES = {"hasty": 1 / 30}


def prepare_folder(folder, profile):
    """The profile's settings, once the files that they name are made."""
    return PROFILES[profile]
