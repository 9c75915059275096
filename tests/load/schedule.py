"""schedule: when would all devices be in, if they followed TR-069 3.2.1.1 alone and the server never lost a moment?

The n-th retry comes after 5 to 10 seconds, doubled n - 1 times; from the tenth on that does not grow. Each tenth of a
second the server takes as many as it can of those who come, at once, and refuses the others.
"""

import heapq
import random

TICKS = 10  # a second


def seconds_until_all_are_in(devices, capacity, seed=1):
    draw = random.Random(seed)
    coming = [(0.0, 0)] * devices  # when, and its retries so far
    tick, credit, last = 0, 0.0, 0.0
    while coming:
        tick += 1
        credit = min(credit + capacity / TICKS, capacity / TICKS + 1)
        while coming and coming[0][0] < tick / TICKS:
            when, retries = heapq.heappop(coming)
            if credit >= 1:
                credit, last = credit - 1, tick / TICKS
            else:
                heapq.heappush(coming, (when + draw.uniform(5, 10) * 2 ** min(retries, 9), retries + 1))
    return last
