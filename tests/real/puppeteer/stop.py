# SPDX-License-Identifier: MIT
"""
stop.py - a container is stopped while a browser is open: is it closed, or torn down?

Closed cleanly is it if it has left no SingletonLock, and if the next container, which has another
name, starts a browser with the same profile and finds the cookie and the entry of localStorage.
"""
import glob
import json
import os

from container import Container, Failed, Gone
from place import Place

TIME = 10  # seconds until SIGKILL, as `docker stop` has it

APPS = {  # name: what it is, its command
    "closes": ("node closes its browser on SIGTERM", ["node", "closes.mjs"]),
    "shell": ("the same behind sh -c", ["sh", "-c", "node closes.mjs; true"]),
    "npm": ("the same behind npm start", ["npm", "start"]),
    "group": ("the same, Chromium in node's group", ["node", "same-group.mjs"]),
    "none": ("no handler", ["node", "no-handler.mjs"]),
}


def run(app_directory, page, init, app):
    """One result: see README.md. "details" are lines for whoever reads of a failure."""
    with Place(app_directory, page) as place:
        found = {"story": "stop", "init": init.name, "app": app,
                 **open_and_stop(place, init, APPS[app][1])}
        found["lock"] = os.path.lexists(os.path.join(place.profile, "SingletonLock"))
        found.update(come_back(place, init))
    found["clean"] = found["starts"] and found["cookie"] and found["storage"] and not found["lock"]
    return found


def open_and_stop(place, init, command):
    with Container(init.words + command, place, "first") as container:
        try:
            answer(container, "ready")
        except Gone as gone:
            raise Failed(f"the app has {gone}: {last_words(container)}") from None
        seconds, killed = container.stop(TIME)
        return {"seconds": round(seconds, 3), "killed": killed,
                "details": ["--- log", last_words(container), "--- left", *container.left, "---"]}


def come_back(place, init):
    """What the next container finds, and the one after that, in which the locks were removed."""
    found = look(place, init, "second")
    starts = found["starts"]
    if not starts:
        for lock in glob.glob(os.path.join(glob.escape(place.profile), "Singleton*")):
            os.unlink(lock)
        found = look(place, init, "third")
    return {"starts": starts, "cookie": found.get("cookie") == f"token={place.token}",
            "storage": found.get("storage") == place.token}


def look(place, init, hostname):
    with Container(init.words + ["node", "next.mjs"], place, hostname) as container:
        try:
            return answer(container, "starts")
        except Gone as gone:
            raise Failed(f"the next container has {gone}: {last_words(container)}") from None


def answer(container, key):
    """The first line that says it; npm says other things before."""
    while True:
        line = container.line()
        if line is None:
            raise Failed(f"nobody says {key}: {last_words(container)}")
        if line.startswith("{"):
            found = json.loads(line)
            if key in found:
                return found


def last_words(container):
    with open(container.log, encoding="utf-8", errors="replace") as file:
        return file.read()[-2000:].strip() or "no word on stderr"


def text(found):
    how = f"SIGKILL after {TIME} s" if found["killed"] else f"{found['seconds']:.2f} s"
    return f"stop, {APPS[found['app']][0]}: {verdict(found)}, {how}"


def verdict(found):
    if found["clean"]:
        return "clean"
    lost = [words for key, good, words in (
        ("lock", False, "lock left"), ("starts", True, "the next does not start"),
        ("cookie", True, "cookie lost"), ("storage", True, "localStorage lost"))
        if found[key] is not good]
    return f"LOST ({', '.join(lost)})"
