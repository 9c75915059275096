"""running_server: a server of one test, with a client that holds an admin token."""

from device import Device
from lab.api import Api
from lab.server import Server

DEFAULTS = {
    "cwmp.listen": "127.0.0.1:0",
    "admin.listen": "127.0.0.1:0",
    "files.listen": "127.0.0.1:0",
    "cwmp.auth": "none",
    "server.loops": "2",
    "server.stop_seconds": "0",
    "log.level": "debug",
}


class RunningServer(Server):

    def serve(self, token):
        self.start()
        self.api = Api(self.urls["admin"], token)
        return self

    def restart(self):
        """Starts again after stop() or kill(), on the same ports."""
        for name in ("cwmp", "admin", "files"):
            self.options[f"{name}.listen"] = self.urls[name].split("//")[1].rstrip("/")
        return self.serve(self.api.token)

    @property
    def output(self):
        return self.program.output()

    def device(self, **options):
        return Device(self.urls["cwmp"], **options)
