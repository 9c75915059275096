"""proxies: haproxy and nginx in front of a server, which send the requests of all peers over few connections to it."""

import re
import socket
from urllib.parse import urlsplit

from balancer import HAPROXY, free_address
from lab.programs import Program, wait_until

NGINX = "/usr/sbin/nginx"

# Whatever connection is free takes the next request, whoever it is from.
HAPROXY_HTTP = """
global
    log stdout format raw daemon
defaults
    mode http
    log global
    log-format "request %ST %{{+Q}}r"
    timeout connect 5s
    timeout client 20s
    timeout server 20s
    http-reuse always
    option forwardfor
listen acs
    bind {address}
    server acs {target} maxconn 1
"""

# What it says of the peer goes before all else, TLS included.
HAPROXY_TCP = """
global
    log stdout format raw daemon
defaults
    mode tcp
    timeout connect 5s
    timeout client 20s
    timeout server 20s
listen acs
    bind {address}
    server acs {target} send-proxy-v2
"""

NGINX_HTTP = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 256; }}
http {{
    log_format requests 'request $status "$request"';
    access_log {folder}/requests.log requests;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    upstream acs {{ server {target}; keepalive 1; }}
    server {{
        listen {address};
        location / {{
            proxy_pass http://acs;
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
}}
"""


def commands(kind, folder):
    """(the command, its configuration, the file that it logs requests to)"""
    config, log = folder / f"{kind}.conf", folder / f"{kind}.log"
    if kind == "nginx":
        return [NGINX, "-p", folder, "-c", config], NGINX_HTTP, folder / "requests.log"
    return [HAPROXY, "-db", "-f", config], HAPROXY_TCP if kind == "haproxy-tcp" else HAPROXY_HTTP, log


def listens(address):
    with socket.socket() as probe:
        return probe.connect_ex(address) == 0


class Proxy:
    """kind: "haproxy", "nginx", or "haproxy-tcp", which passes connections through. Runs until stop()."""

    def __init__(self, kind, folder, url):
        self.kind, parts = kind, urlsplit(url)
        self.netloc = free_address()
        command, configuration, self.requests_log = commands(kind, folder)
        command[-1].write_text(configuration.format(address=self.netloc, target=parts.netloc, folder=folder))
        self.url = parts._replace(netloc=self.netloc).geturl()
        self.program = Program(command, folder / f"{kind}.log")
        host, port = self.netloc.split(":")
        wait_until(lambda: listens((host, int(port))), 10, f"{kind} listening")

    def forwarded(self):
        """The first lines of all requests that it took for such."""
        text = self.requests_log.read_text(errors="replace") if self.requests_log.exists() else ""
        return re.findall(r'^request \d+ "(.*)"$', text, re.MULTILINE)

    def stop(self):
        return self.program.stop()
