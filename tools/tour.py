#!/usr/bin/python3
"""A device's whole life, shown step by step on a real server, a real PostgreSQL and a real agent.

Every step prints the API call that a person could type, and is checked in the database and in the
agent's state folder. `--tour-only` ends after the last step; the status is 0 if everything held.
"""

import csv
import os
import secrets
import signal
import socket
import sys
import time
from pathlib import Path

from lab.agent import Agent
from lab.api import Api
from lab.postgres import can_be_entered_by, private_database, server_user
from lab.programs import ProgramError, wait_until
from lab.screen import Screen
from lab.server import Server

REPOSITORY = Path(__file__).resolve().parents[1]
BINARIES = Path(os.environ.get("ACS_BIN", REPOSITORY / "build/release/bin"))
MODEL = REPOSITORY / "cpe/models/gateway-tr098.csv"
ROOT = "InternetGatewayDevice."
SSID = ROOT + "LANDevice.1.WLANConfiguration.1.SSID"
PORTS = {"cwmp.listen": ("[::]", 7547), "admin.listen": ("127.0.0.1", 7557), "files.listen": ("[::]", 7567)}
VERSION = "9.0.1"


def data_folder():
    """./data, unless PostgreSQL's user could not reach it there."""
    if can_be_entered_by(REPOSITORY, server_user()):
        return REPOSITORY / "data"
    return Path("/var/lib/acs-tour")


def is_free(host, port):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError:
            return False
    return True


def listeners():
    """The default ports where they are free, else any."""
    return {name: f"{host}:{port if is_free(host, port) else 0}" for name, (host, port) in PORTS.items()}


def model_rows():
    with open(MODEL, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Tour:
    def __init__(self, screen):
        self.screen = screen
        self.data = data_folder()
        self.folder = self.data / "tour" / time.strftime("%Y%m%d-%H%M%S")
        self.image = self.folder / "firmware.bin"
        self.rows = model_rows()
        identity = {row["Parameter"]: row["Value"] for row in self.rows[:4]}
        self.oui, self.product_class = identity["DeviceID.OUI"], identity["DeviceID.ProductClass"]
        self.serial = "T" + secrets.token_hex(5).upper()
        self.id = f"{self.oui}-{self.product_class}-{self.serial}"
        self.server = self.agent = self.api = self.database = self.token = None

    # What the steps ask.

    def path(self, rest=""):
        return f"/api/v1/devices/{self.id}{rest}"

    def in_database(self, column):
        return self.database.value(f"SELECT {column} FROM device WHERE id = :'id'", id=self.id)

    def value_in_database(self, name):
        return self.database.value(
            "SELECT value FROM parameter JOIN device USING (device_id) JOIN path USING (path_id)"
            " WHERE id = :'id' AND name = :'name'", id=self.id, name=name)

    def quietly(self, path):
        """A GET that is not printed, while waiting for something."""
        return Api(self.api.url, self.token).get(path)

    def tasks_in(self, *states):
        tasks = self.quietly(f"/api/v1/tasks?device={self.id}&limit=1000").json["tasks"]
        return [task for task in tasks if task["state"] in states]

    def informed_of(self, code, command_key=None):
        """The first Inform acknowledged to the agent with that event."""
        for entry in self.agent.entries("acknowledged", method="Inform"):
            for event in entry["events"]:
                if event["code"] == code and command_key in (None, event["command_key"]):
                    return entry
        return None

    # The steps, in the order of time.

    def start_server(self):
        self.screen.step("A server on a PostgreSQL of its own, with digest authentication")
        self.folder.mkdir(parents=True, exist_ok=True)
        options = {"data.dir": str(self.data), **listeners(), "cwmp.auth": "digest"}
        self.server = Server(BINARIES / "acs", options, self.folder / "acs.log")
        self.screen.command("acs serve --cwmp.auth=digest --data.dir=" + str(self.data))
        self.server.start()
        for name, url in self.server.urls.items():
            self.screen.tell(f"{name:5} {url}")
        self.screen.command(f"TOKEN=$(acs token create --name tour-{self.serial} --role admin --data.dir={self.data})")
        self.token = self.server.create_token(f"tour-{self.serial}")
        self.api = Api(self.server.urls["admin"], self.token,
                       on_call=lambda *call: self.screen.call(self.api.url, *call, file=self.image))
        self.database = private_database(self.data)
        self.screen.equal("database: tokens of that name",
                          self.database.value("SELECT count(*) FROM api_token WHERE name = :'name'",
                                              name=f"tour-{self.serial}"), "1")

    def register_credentials(self):
        self.screen.step("Credentials for a device that nobody has seen yet")
        password = secrets.token_urlsafe(18)
        self.password_file = self.folder / "password"
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(password + "\n")
        answer = Api(self.api.url, self.token).put(f"/api/v1/credentials/{self.id}",
                                                  {"username": self.id, "password": password})
        self.screen.call(self.api.url, "PUT", f"/api/v1/credentials/{self.id}",
                         {"username": self.id, "password": "…"}, answer)
        self.screen.check("database: the device is known and not registered",
                          self.in_database("registered IS NULL") == "t")
        self.screen.check("database: the password is not in clear",
                          password not in str(self.database.query("SELECT * FROM credential")))

    def register_device(self):
        self.screen.step("The device comes for the first time: BOOTSTRAP")
        self.agent = Agent(BINARIES / "cpe", self.folder / "cpe", self.server.urls["cwmp"], data_model=MODEL,
                           serial=self.serial, username=self.id, password_file=self.password_file)
        self.screen.command(f"cpe --acs-url {self.server.urls['cwmp']} --data-model cpe/models/{MODEL.name} "
                            f"--serial {self.serial} --username {self.id} --password-file …")
        self.agent.start()
        wait_until(lambda: self.quietly(self.path()).json["registered"], 30, "the device's registration")
        self.api.get(self.path())
        self.screen.check("database: registered, and bootstrapped",
                          self.in_database("registered IS NOT NULL AND last_bootstrap IS NOT NULL") == "t")
        self.agent.wait_for_entry("acknowledged", method="Inform")
        self.screen.check("agent: 0 BOOTSTRAP and 1 BOOT were acknowledged",
                          self.informed_of("0 BOOTSTRAP") and self.informed_of("1 BOOT"))

    def learn_tree(self):
        self.screen.step("Onboarding sets its interval and secrets, Refresh learns its tree")
        wait_until(lambda: self.tasks_in("done", "failed") and not self.tasks_in("queued", "sent"), 60,
                   "the end of onboarding")
        self.api.get(f"/api/v1/tasks?device={self.id}")
        names = {row["Parameter"] for row in self.rows[4:] if row["Object"] == "false"}
        known = {name for (name,) in self.database.query(
            "SELECT name FROM parameter JOIN device USING (device_id) JOIN path USING (path_id)"
            " WHERE id = :'id' AND value IS NOT NULL", id=self.id)}
        self.screen.equal("database: parameters of the model that are known", len(names & known), len(names))
        self.screen.equal("agent: ConnectionRequestUsername, as the database has it",
                          self.saved_value(ROOT + "ManagementServer.ConnectionRequestUsername"),
                          self.value_in_database(ROOT + "ManagementServer.ConnectionRequestUsername"))
        self.screen.check("agent: every task was executed without a fault",
                          not [e for e in self.agent.entries("executed") if e["fault"]])

    def saved_value(self, name):
        """A value in the agent's state folder, None while it is the model's."""
        return self.agent.saved()["tree"]["values"].get(name)

    def change_wifi_name(self):
        self.screen.step("The Wi-Fi gets a new name, and the call answers when the device has it")
        name = f"Tour {self.serial}"
        answer = self.api.post(self.path("/tasks?wait=30"), {
            "method": "SetParameterValues", "parameters": [{"name": SSID, "value": name}]})
        self.screen.equal("API: status of the answer", answer.status, 200)
        self.screen.equal("database: SSID", self.value_in_database(SSID), name)
        self.screen.equal("agent: SSID", self.saved_value(SSID), name)

    def wake_device(self):
        self.screen.step("A connection request wakes the device")
        before = len(self.agent.entries("acknowledged", method="Inform"))
        answer = self.api.post(self.path("/connection-request?session=30"))
        self.screen.equal("API: status of the answer", answer.status, 200)
        entry = self.agent.wait_for_entry("acknowledged", method="Inform", count=before + 1)
        self.screen.check("agent: it informed with 6 CONNECTION REQUEST",
                          "6 CONNECTION REQUEST" in [e["code"] for e in entry["events"]])
        self.screen.check("database: that is its latest Inform",
                          "6 CONNECTION REQUEST" in self.in_database("events"))

    def update_firmware(self):
        self.screen.step("New firmware: uploaded, downloaded by the device, running after its reboot")
        self.image.write_bytes(f"CPE-FIRMWARE {VERSION}\n".encode() + secrets.token_bytes(200_000))
        before = self.in_database("software_version")
        upload = self.api.put(f"/api/v1/files/tour-{self.serial}.bin?kind=firmware&version={VERSION}",
                              self.image.read_bytes(), headers={"Content-Type": "application/octet-stream"})
        self.screen.equal("API: status of the upload", upload.status, 201)
        answer = self.api.post(self.path("/tasks?wait=60"),
                               {"method": "Download", "file": f"tour-{self.serial}.bin"})
        self.screen.equal("API: status of the answer", answer.status, 200)
        key = answer.json["command_key"]
        self.screen.equal(f"database: software version, {before} before",
                          self.in_database("software_version"), VERSION)
        self.screen.equal("database: state of the task", self.database.value(
            "SELECT state FROM task WHERE command_key = :'key'", key=key), "done")
        self.screen.equal("agent: firmware", self.agent.saved()["firmware_version"], VERSION)
        self.screen.check("agent: it started for the new firmware",
                          self.agent.entries("boot", reason="firmware", software_version=VERSION))
        self.screen.check(f"agent: 1 BOOT, 7 TRANSFER COMPLETE and M Download {key} were acknowledged",
                          self.informed_of("7 TRANSFER COMPLETE") and self.informed_of("M Download", key))
        self.screen.check("agent: so was its TransferComplete",
                          self.agent.entries("acknowledged", method="TransferComplete", command_key=key, fault=0))

    def keep_configuration(self):
        self.screen.step("The device's configuration comes back: uploaded by it, kept in the catalogue")
        answer = self.api.post(self.path("/tasks?wait=60"),
                               {"method": "Upload", "file_type": "1 Vendor Configuration File"})
        self.screen.equal("API: status of the answer", answer.status, 200)
        self.screen.equal("API: state of the task", answer.json["state"], "done")
        name = answer.json["result"]["file"]
        file = self.api.get(f"/api/v1/files/{name}/content")
        self.screen.check("catalogue: it holds the Wi-Fi's new name", f"Tour {self.serial}" in file.body.decode())
        self.screen.equal("database: whose file it is", self.database.value(
            "SELECT device FROM file WHERE name = :'name'", name=name), self.id)
        key = answer.json["command_key"]
        self.screen.check(f"agent: M Upload {key} was acknowledged", self.informed_of("M Upload", key))

    steps = (start_server, register_credentials, register_device, learn_tree, change_wifi_name, wake_device,
             update_firmware, keep_configuration)

    def run(self):
        for step in self.steps:
            step(self)

    def stay(self):
        """Until a signal comes, or the server ends."""
        self.screen.tell("")
        for name, url in self.server.urls.items():
            self.screen.tell(f"{name:5} {url}")
        self.screen.tell(f"TOKEN={self.token}")
        self.screen.tell(f"device {self.id}, its folder {self.agent.folder}")
        self.screen.tell("Ctrl-C stops everything.")
        while self.server.program.is_running():
            time.sleep(0.5)
        raise ProgramError(f"the server ended:\n{self.server.program.tail()}")

    def stop(self):
        """The agent, then the server, which stops its PostgreSQL."""
        for what, program in (("agent", self.agent and self.agent.program),
                              ("server", self.server and self.server.program)):
            if program:
                self.screen.equal(f"{what}: status at its end", program.stop(), 0)


class Stopped(Exception):
    """Somebody asked us to stop."""


# Ctrl-C, kill, and a terminal that closes.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def on_signal(number, frame):
    raise Stopped()


def main(arguments):
    for number in SIGNALS:
        signal.signal(number, on_signal)
    started = time.monotonic()
    screen = Screen()
    tour = Tour(screen)
    is_complete = False
    try:
        tour.run()
        is_complete = True
        print(f"\n{screen.held} checks held, {screen.failed} did not, in {time.monotonic() - started:.1f} s")
        if "--tour-only" not in arguments:
            tour.stay()
    except ProgramError as error:
        screen.check(str(error), False)
    except Stopped:
        pass
    finally:
        # A second Ctrl-C must not leave anything running.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        screen.step("Everything stops")
        tour.stop()
    return 0 if is_complete and not screen.failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
