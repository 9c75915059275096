"""operators: an operator's hands on the ACS: to queue tasks for a device and to see what became of them.

Ours uses the admin API. A foreign ACS may bring a command (--hook) that does the same for it; without
one, the items that need an operator do not apply.
"""

import json
import shlex
import subprocess
from urllib.parse import urlencode

from items import NotApplicable
from lab.api import path_part


class Operator:
    """Through the admin API. Devices are the scripted ones of an item."""

    def __init__(self, api):
        self.api = api

    def queue(self, device, method, **arguments):
        """Queues a task without calling the device; returns the task's id."""
        answer = self.api.post(path(device, "/tasks"), {"method": method, **arguments})
        assert answer.status == 202, answer
        return answer.json["id"]

    def task(self, task_id):
        """{"state", "command_key", "result", "fault": None or {"code", "message", "parameters"}}"""
        return self.api.get(f"/api/v1/tasks/{path_part(task_id)}").json

    def device(self, device):
        """What is known of the device, None when it is unknown."""
        answer = self.api.get(path(device))
        return answer.json if answer.status == 200 else None

    def parameters(self, device):
        """{name: {"value", "type", "updated"}}"""
        found = self.api.get(path(device, "/parameters?limit=1000")).json["parameters"]
        return {parameter["name"]: parameter for parameter in found}

    def faults(self, device):
        return self.api.get(f"/api/v1/faults?device={path_part(device.id)}").json["faults"]

    def put_file(self, name, data, **facts):
        """Puts a file into the catalogue: kind, file_type, oui, product_class, version."""
        answer = self.api.put(f"/api/v1/files/{name}?{urlencode(facts)}", data,
                              headers={"Content-Type": "application/octet-stream"})
        assert answer.status in (200, 201), answer

    def file(self, name):
        """The content of a file of the catalogue, None without it."""
        answer = self.api.get(f"/api/v1/files/{name}/content")
        return answer.body if answer.status == 200 else None

    def connection_request(self, device, username="", password=""):
        """Sets the device's credentials for it and calls the device; "ok" or the reason why not."""
        self.api.put(f"/api/v1/credentials/{path_part(device.id)}", {
            "username": device.username or "-", "password": device.password or "-",
            "connection_request_username": username, "connection_request_password": password})
        answer = self.api.post(path(device, "/connection-request"))
        return "ok" if answer.status == 200 else answer.json["error"]


def path(device, rest=""):
    return f"/api/v1/devices/{path_part(device.id)}{rest}"


class HookOperator(Operator):
    """Through `COMMAND VERB JSON`, which prints what the method of that name returns, as JSON."""

    def __init__(self, command):
        super().__init__(None)
        self.command = shlex.split(command)

    def ask(self, verb, device=None, **arguments):
        if device:
            arguments["device"] = dict(zip(("manufacturer", "oui", "product_class", "serial_number"), device.identity),
                                       username=device.username, password=device.password)
        done = subprocess.run([*self.command, verb, json.dumps(arguments)], text=True, capture_output=True,
                              check=False)
        if done.returncode:
            raise NotApplicable(f"the hook does not {verb}: {done.stderr.strip()[:100]}")
        return json.loads(done.stdout or "null")

    def queue(self, device, method, **arguments):
        return self.ask("queue", device, method=method, arguments=arguments)

    def task(self, task_id):
        return self.ask("task", task=task_id)

    def device(self, device):
        return self.ask("device", device)

    def parameters(self, device):
        return self.ask("parameters", device)

    def faults(self, device):
        return self.ask("faults", device)

    def put_file(self, name, data, **facts):
        self.ask("put_file", name=name, data=data.decode("latin-1"), **facts)

    def file(self, name):
        text = self.ask("file", name=name)
        return None if text is None else text.encode("latin-1")

    def connection_request(self, device, username="", password=""):
        return self.ask("connection_request", device, username=username, password=password)


class NoOperator:
    """Says of everything that it cannot be done."""

    def __getattr__(self, name):
        raise NotApplicable("needs an operator of this ACS (--hook)")
