"""steps: what many tests do with a server, and what they read in its database."""

from urllib.parse import urlencode

from lab.api import path_part
from lab.programs import wait_until

FIRMWARE = b"CPE-FIRMWARE 9.9.9\n" + bytes(range(256)) * 40  # an image that the agent takes

FINAL = ("done", "failed", "expired", "cancelled")


def device_path(device_id, rest=""):
    return f"/api/v1/devices/{path_part(device_id)}{rest}"


def queue(api, device_id, method, **arguments):
    """Queues a task without waking the device; returns the task's id."""
    answer = api.post(device_path(device_id, "/tasks"), {"method": method, **arguments})
    assert answer.status == 202, answer
    return answer.json["id"]


def execute(api, device_id, method, wait=30, **arguments):
    """Queues a task, wakes the device and returns the finished task."""
    answer = api.post(device_path(device_id, f"/tasks?wait={wait}"), {"method": method, **arguments})
    assert answer.status == 200, answer
    return answer.json


def task(api, task_id):
    answer = api.get(f"/api/v1/tasks/{path_part(task_id)}")
    assert answer.status == 200, answer
    return answer.json


def task_states(api, device_id):
    return [t["state"] for t in api.pages(f"/api/v1/tasks?device={path_part(device_id)}", "tasks")]


def wait_until_idle(api, device_id, timeout=60):
    """Until every task of the device has come to its end."""

    def is_idle():
        states = task_states(api, device_id)
        return states and all(state in FINAL for state in states)

    wait_until(is_idle, timeout, f"the end of all tasks of {device_id}", pause=0.1)


def wait_until_registered(api, device_id, timeout=30):
    def registered():
        answer = api.get(device_path(device_id))
        return answer.json if answer.status == 200 and answer.json["registered"] else None

    return wait_until(registered, timeout, f"registration of {device_id}", pause=0.05)


def onboarded(api, agent_id):
    """Waits until an agent has bootstrapped and its tree is learned."""
    wait_until_registered(api, agent_id)
    wait_until_idle(api, agent_id)


def stored(database, device_id):
    """{name: (value, type, writable)} of all that is known of a device; '' where it is NULL."""
    rows = database.query(
        """SELECT path.name, parameter.value, parameter.type, parameter.writable
           FROM device JOIN parameter USING (device_id) JOIN path USING (path_id)
           WHERE device.id = :'id'""", id=device_id)
    return {name: (value, type, writable) for name, value, type, writable in rows}


def stored_value(database, device_id, name):
    """The stored value of one parameter, None when it is not known."""
    return stored(database, device_id).get(name, (None,))[0]


def device_row(database, device_id, column):
    return database.value(f"SELECT {column} FROM device JOIN device_live USING (device_id)"
                          " WHERE id = :'id'", id=device_id)


def put_file(api, name, data, **query):
    """Uploads a file: put_file(api, "fw.bin", FIRMWARE, kind="firmware", version="9.9.9")."""
    answer = api.put(f"/api/v1/files/{name}?{urlencode(query)}", data,
                     headers={"Content-Type": "application/octet-stream"})
    assert answer.status in (200, 201), answer
    return answer
