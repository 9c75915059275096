"""server: an `acs serve` process, its addresses and its tokens."""

import os
import subprocess

from lab.programs import Program


class Server:
    """Options are settings by their full names: {"cwmp.auth": "digest", "database.url": …}."""

    def __init__(self, binary, options, log, env=None):
        self.binary, self.options, self.log = binary, options, log
        self.env = {**os.environ, **(env or {})}
        self.program, self.urls = None, {}

    def start(self, timeout=60):
        """Starts and waits for the ready line; `urls` then holds cwmp, admin, files…"""
        arguments = [f"--{name}={value}" for name, value in self.options.items()]
        self.program = Program([self.binary, "serve", *arguments], self.log, self.env)
        ready = self.program.wait_for_output(r"^ready (.*)\n", timeout).group(1)
        self.urls = dict(pair.split("=", 1) for pair in ready.split())
        return self

    def tool(self, *words, stdin=None):
        """Runs a subcommand on this server's database, with that text as its standard input."""
        options = [f"--{n}={v}" for n, v in self.options.items() if n in ("data.dir", "database.url")]
        return subprocess.run([str(self.binary), *words, *options], text=True, capture_output=True,
                              cwd="/", check=False, env=self.env, input=stdin)

    def create_token(self, name, role="admin", *options):
        done = self.tool("token", "create", "--name", name, "--role", role, *options)
        if done.returncode:
            raise RuntimeError(f"acs token create: {done.stderr}")
        return done.stdout.strip()

    def stop(self, timeout=60):
        return self.program.stop(timeout)
