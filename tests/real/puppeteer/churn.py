# SPDX-License-Identifier: MIT
"""
churn.py - browsers come and go: how many zombies are there, and does the next browser start?

Counted from outside, every 10 ms, are the dead children of PID 1: its own to bury.
"""
import json
import time

import pidlimit
from container import LIMIT, LOOKS, Container, Failed, Gone
from expect import NOBODY
from place import Place

WAYS = "closed", "killed", "crashed", "exits"
PACE = 0.01  # seconds between looks
# Seconds. Without a limit only a machine that is very busy takes so long; with one, a browser that was
# refused a thread waits for ever.
PATIENCE, PATIENCE_LIMITED = 60, 20


def run(app, page, init, launches, limit=None, ways=WAYS):
    """One result: see README.md. @limit: pids.max of the container, if any."""
    found = {"story": "churn", "init": init.name, "limit": limit, "launches": launches,
             "ways": list(ways), "succeeded": 0, "failures": [], "peak": 0, "final": None,
             "zombies": []}
    command = ["node", "churn.mjs", str(launches), *ways]
    patience = PATIENCE_LIMITED if limit else PATIENCE
    with Place(app, page, patience) as place, pidlimit.limited(limit) as group, \
            Container(init.words + command, place, group=group) as container:
        try:
            watch = Watch(container, found)
            follow(watch)
            found["final"] = settle(watch, alone=1 if init.words else 0)
        except Gone as gone:
            found["failures"].append(f"the container has {gone}")
    return found


class Watch:
    """Looks at a container, from its start on."""

    def __init__(self, container, found):
        self.container = container
        self.found = found
        self.began = None

    def look(self):
        """Waits for a moment, or a line, which is returned, and counts."""
        line = self.container.line(PACE)
        now = time.monotonic()
        self.began = self.began or now
        zombies = self.container.zombies()
        self.found["peak"] = max(self.found["peak"], zombies)
        self.found["seconds"] = round(now - self.began, 3)
        steps = self.found["zombies"]
        if not steps or steps[-1][1] != zombies:
            steps.append([self.found["seconds"], zombies])
        return line


def follow(watch):
    """Until the last launch is over."""
    found, told, heard = watch.found, 0, time.monotonic()
    while told < found["launches"]:
        line = watch.look()
        if line is None:
            if time.monotonic() - heard > LIMIT:
                raise Failed(f"no launch in {LIMIT} s")
            continue
        told, heard = told + 1, time.monotonic()
        launch = json.loads(line)
        if launch["ok"]:
            found["succeeded"] += 1
        else:
            found["failures"].append(f"{launch['way']}: {launch['why'].splitlines()[0]}")


def settle(watch, alone):
    """The zombies that stay, once no process of a browser is alive any more."""
    for _ in range(LOOKS):
        if watch.container.living() <= alone:
            break
        watch.look()
    for _ in range(LOOKS // 10):
        watch.look()
        if not watch.container.zombies():
            break
    return watch.container.zombies()



def text(found):
    limit = f", pids.max {found['limit']}" if found["limit"] else ""
    left = "unknown" if found["final"] is None else found["final"]
    why = f" (the first: {found['failures'][0]})" if found["failures"] else ""
    return (f"churn{limit}: {found['succeeded']} of {found['launches']} launches; zombies: "
            f"peak {found['peak']}, final {left}{why}")


def orphans(app, page, launches=3):
    """How many processes a launch leaves to PID 1, for each way to end it: nobody buries them."""
    result = {"story": "orphans", "launches": launches, "orphans": {}}
    for way in WAYS:
        found = run(app, page, NOBODY, launches, ways=[way])
        if found["succeeded"] != launches:
            raise Failed(f"{way}: {found['failures']}")
        result["orphans"][way] = round(found["final"] / launches, 1)
    return result
