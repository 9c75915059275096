"""load: an operator who never rests, and somebody who kills at random moments."""

import random
import threading
import time

from life import IGD, LOST, ROWS, TABLE
from steps import FIRMWARE

WIFI = IGD + "LANDevice.1.WLANConfiguration."
SSIDS = [f"{WIFI}{i}.SSID" for i in (1, 2)]
NOTE = IGD + "DeviceInfo.ProvisioningCode"  # changed on the device only, so that no two writers race

CONFIGURATION = ("Parameter,Object,Writable,Value,Value type\n"
                 f"{IGD}UserInterface.CurrentLanguage,false,true,de,xsd:string\n").encode()


class Operator:
    """Queues mixed tasks, uploads and cancels, until told to stop; the dice decide."""

    def __init__(self, life, seed):
        self.life, self.dice = life, random.Random(seed)
        self.agents = list(life.agents)
        self.devices = self.agents + life.fleet_devices
        self.version, self.queued, self.refusal = 0, [], None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        if self.refusal:
            raise self.refusal

    def _work(self):
        while not self._stop.wait(self.dice.uniform(0, 0.02)):
            try:
                self._act()
            except LOST:
                continue  # the server is dead: nothing was promised
            except AssertionError as error:
                self.refusal = error
                return

    def _act(self):
        """One thing that operators do."""
        device = self.dice.choice(self.devices)
        chance = self.dice.random()
        if chance < 0.04:
            self.upload()
        elif chance < 0.08:
            agent = self.life.agents[self.dice.choice(self.agents)]
            agent.command("set", f"{NOTE}=note {self.dice.randrange(10 ** 6)}")
        elif chance < 0.13 and self.queued:
            self.life.cancel(self.dice.choice(self.queued[-20:]))
        elif chance < 0.15:
            self.life.tag(device, f"tag-{self.dice.randrange(10 ** 6)}")
        elif chance < 0.20:
            self.life.queue_and_wait(device, "GetParameterValues", names=[self.dice.choice(SSIDS)])
        else:
            for _ in range(self.dice.randint(1, 5)):
                self.order(device)
            self.life.wake(device)

    def upload(self):
        self.version += 1
        image = FIRMWARE.replace(b"9.9.9", f"5.{self.version}".encode())
        self.life.put_file(f"fw-{self.version}.bin", image, f"kind=firmware&version=5.{self.version}")

    def order(self, device):
        method = self.dice.choices(list(ORDERS), [weight for weight, _ in ORDERS.values()])[0]
        task_id = self.life.queue(device, method, **ORDERS[method][1](self))
        if task_id:
            self.queued.append(task_id)

    def files(self):
        uploaded = [record["name"] for record in self.life.ledger if record["what"] == "file"]
        return uploaded[-5:]


# How often, and with which arguments.
ORDERS = {
    "GetParameterValues": (20, lambda o: {"names": [o.dice.choice(SSIDS), WIFI + "1."]}),
    "GetParameterNames": (8, lambda o: {"path": WIFI, "next_level": o.dice.random() < 0.5}),
    "SetParameterValues": (20, lambda o: {"parameters": [
        {"name": o.dice.choice(SSIDS), "value": f"net {o.dice.randrange(10 ** 6)}"}]}),
    "AddObject": (12, lambda o: {"object": TABLE}),
    "DeleteObject": (8, lambda o: {"object": f"{TABLE}{o.dice.randint(1, 2 * ROWS)}."}),
    "GetRPCMethods": (5, lambda o: {}),
    "Refresh": (4, lambda o: {"path": IGD + "LANDevice.1.WLANConfiguration."}),
    "Download": (10, lambda o: {"file": o.dice.choice(o.files())}),
    "Upload": (4, lambda o: {"file_type": "1 Vendor Configuration File"}),
    "GetParameterAttributes": (4, lambda o: {"names": SSIDS}),
    "SetParameterAttributes": (4, lambda o: {"parameters": [{"name": SSIDS[0], "notification": o.dice.randrange(3)}]}),
    "ScheduleInform": (4, lambda o: {"delay_seconds": o.dice.randint(1, 3)}),
    "Reboot": (8, lambda o: {}),
    "FactoryReset": (2, lambda o: {}),
}


def prepare(life, agents):
    """Files and agents for the load."""
    life.put_file("fw-0.bin", FIRMWARE, "kind=firmware&version=9.9.9")
    life.put_file("settings.csv", CONFIGURATION, "kind=config")
    for _ in range(agents):
        life.add_known_agent()


def kill_at_random(life, seed, kills):
    """Kills the server again and again under load."""
    dice = random.Random(f"kills {seed}")
    with Operator(life, f"operator {seed}"):
        for _ in range(kills):
            time.sleep(dice.uniform(0, 0.5))
            life.kill()
            life.start()
