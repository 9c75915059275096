"""certificates: a certificate authority of a test's own, made with openssl."""

import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

KEY_TYPES = {"ecdsa": ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], "rsa": ["rsa:2048"], "weak": ["rsa:1024"]}

# What `openssl ca` wants to be told.
CONFIGURATION = """
[ca]
default_ca = authority
[authority]
database = {folder}/{name}.index
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_crl_days = 2
policy = names
[names]
serialNumber = optional
commonName = optional
"""


def openssl(*words):
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True).stdout


def fingerprint(certificate):
    return openssl("x509", "-in", certificate, "-noout", "-fingerprint", "-sha256").decode()


def openssl_time(days):
    """So many days from now."""
    return (datetime.now(timezone.utc) + timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


class Authority:
    """ca.pem in `folder`, and certificates signed with it."""

    def __init__(self, folder, name="ca", digest="sha256", key_type="ecdsa"):
        self.folder, self.name, self.digest = Path(folder), name, digest
        self.certificate, self.key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        self.configuration = self.folder / f"{name}.cnf"
        self.configuration.write_text(CONFIGURATION.format(folder=self.folder, name=name))
        (self.folder / f"{name}.index").write_text("")
        openssl("req", "-x509", "-newkey", *KEY_TYPES[key_type], "-nodes", "-days", "2", f"-{digest}",
                "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE",
                "-keyout", self.key, "-out", self.certificate)

    def act(self, *words):
        openssl("ca", "-batch", "-config", self.configuration, "-cert", self.certificate, "-keyfile", self.key,
                "-md", self.digest, *words)

    def issue(self, common_name, names="IP:127.0.0.1,DNS:localhost", key_type="ecdsa", is_expired=False, subject=None):
        """(certificate, key) of a new pair, its files named like it."""
        stem = common_name.replace("/", "_").replace(" ", "_")
        key, request, certificate = (self.folder / f"{stem}.{end}" for end in ("key", "csr", "pem"))
        openssl("req", "-newkey", *KEY_TYPES[key_type], "-nodes", "-subj", subject or f"/CN={common_name}",
                "-keyout", key, "-out", request)
        extensions = self.folder / f"{stem}.ext"
        extensions.write_text(f"subjectAltName={names}\n" if names else "basicConstraints=CA:FALSE\n")
        end = openssl_time(-1 if is_expired else 2)
        self.act("-notext", "-startdate", openssl_time(-2), "-enddate", end,
                 "-extfile", extensions, "-in", request, "-out", certificate)
        return certificate, key

    def revoke(self, certificate):
        self.act("-revoke", certificate)

    def crl(self):
        """The file with the list of what is revoked by now."""
        crl = self.folder / f"{self.name}.crl"
        self.act("-gencrl", "-out", crl)
        return crl
