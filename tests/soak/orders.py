"""orders: operators who queue tasks of all kinds, look at pages, and call devices, as long as the load runs."""

import random
import threading

from lab.api import path_part

IGD = "InternetGatewayDevice."
WIFI = IGD + "LANDevice.1.WLANConfiguration."
FIRMWARE = b"CPE-FIRMWARE 9.9.9\n" + bytes(range(256)) * 256

# How often, and the arguments, from the dice.
TASKS = {
    "GetParameterValues": (20, lambda dice: {"names": [WIFI + "1."]}),
    "GetParameterNames": (8, lambda dice: {"path": WIFI, "next_level": dice.random() < 0.5}),
    "SetParameterValues": (20, lambda dice: {"parameters": [
        {"name": WIFI + "1.SSID", "value": f"net {dice.randrange(10 ** 6)}"}]}),
    "GetParameterAttributes": (4, lambda dice: {"names": [WIFI + "1.SSID"]}),
    "GetRPCMethods": (4, lambda dice: {}),
    "Refresh": (4, lambda dice: {"path": WIFI}),
    "Download": (4, lambda dice: {"file": "soak.bin"}),
    "Reboot": (4, lambda dice: {}),
}
PAGES = ["devices?limit=50", "devices?limit=50&software_version=1.0.0", "tasks?limit=50&state=failed", "sessions",
         "faults?limit=50", "events?limit=50", "audit?limit=50"]
# A device's queue may be full, or another session's call under way.
ACCEPTED = {200, 202, 409, 429}


OPERATORS = 4


class Operators:
    """So many orders a second to devices drawn from all, until the block ends."""

    def __init__(self, stand, devices, rate):
        self.stand, self.devices, self.pause = stand, devices, OPERATORS / rate
        self.dice, self.answers, self.unexpected = random.Random(1), [], []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(OPERATORS)]

    def __enter__(self):
        answer = self.stand.api.put("/api/v1/files/soak.bin?kind=firmware&version=9.9.9", FIRMWARE)
        assert answer.status in (200, 201), answer
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self):
        while not self._stop.wait(self.pause * 2 * self.dice.random()):
            what, answer = self._page() if self.dice.random() < 0.2 else self._order()
            self.answers.append(f"{what} {answer.status}")
            if answer.status not in ACCEPTED:
                self.unexpected.append(f"{what}: {answer}")

    def _page(self):
        page = self.dice.choice(PAGES)
        return page.partition("?")[0], self.stand.api.get(f"/api/v1/{page}")

    def _order(self):
        """A task; each fourth waits for its end, with a connection request."""
        method = self.dice.choices(list(TASKS), [weight for weight, _ in TASKS.values()])[0]
        path = f"/api/v1/devices/{path_part(self.dice.choice(self.devices))}/tasks"
        if self.dice.random() < 0.25:
            path += "?wait=1"
        return method, self.stand.api.post(path, {"method": method, **TASKS[method][1](self.dice)})
