#!/usr/bin/python3 -IS
# SPDX-License-Identifier: MIT
"""
fake_browser.py - answers as tests/real/puppeteer/run.py would, without any browser.

Every app is closed but where the words of the init, or FAKE_BROWSER for everybody, say otherwise:
  lose=APP   the app is lost     hang=FIFO   says so there, waits for SIGTERM, has half the results
  exit=N     ends with status N, and has no results
"""
import json
import os
import shlex
import signal
import sys

APPS = "closes", "shell", "npm", "group", "none"


def arguments(words):
    """The values of each option, and the inits."""
    found, inits = {}, []
    words = iter(words)
    for word in words:
        if word.startswith("--"):
            found.setdefault(word, []).append(next(words))
        else:
            inits.append(word)
    return found, inits


def behaviour(init):
    words = shlex.split(init) + os.environ.get("FAKE_BROWSER", "").split()
    return dict(word.partition("=")[::2] for word in words)


def name(init):
    program, *flags = shlex.split(init)
    return " ".join([os.path.basename(program)] + flags)


def churns(found, inits):
    launches = int(found.get("--launches", ["20"])[0])
    for limit in found.get("--pids-max", ["none,220,180"])[0].split(","):
        for init in inits:
            left = 9 * launches if init == "none" else 0
            failed = init == "none" and limit != "none"
            yield {"story": "churn", "init": name(init), "launches": launches,
                   "limit": None if limit == "none" else int(limit),
                   "succeeded": launches // 2 if failed else launches, "failures": [],
                   "peak": left or 5, "final": left, "seconds": 9.5,
                   "zombies": [[0, 0], [1.5, left // 2 or 5], [8, left]]}


def stops(found, inits):
    for _ in range(int(found.get("--runs", ["1"])[0])):
        for app in APPS:
            for init in inits:
                clean = behaviour(init).get("lose") != app
                yield {"story": "stop", "init": name(init), "app": app, "clean": clean,
                       "seconds": 0.25, "killed": init == "none" and not clean, "lock": not clean,
                       "starts": clean, "cookie": clean, "storage": clean}


def results(found, inits):
    if "orphans" in found["--only"]:
        yield {"story": "orphans", "launches": 3, "orphans": {"closed": 4.0, "killed": 11.3}}
    if "churn" in found["--only"]:
        yield from churns(found, inits)
    if "stop" in found["--only"]:
        yield from stops(found, inits)


def wait_for_signal(path):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    with open(path, "w", encoding="ascii") as fifo:
        print("started", file=fifo, flush=True)
        signal.sigwait({signal.SIGTERM})


def main():
    found, inits = arguments(sys.argv[1:])
    told = behaviour(inits[0])
    if "exit" in told:
        sys.exit(int(told["exit"]))
    made = list(results(found, inits))
    status = 0
    if "hang" in told:
        wait_for_signal(told["hang"])
        made, status = made[:len(made) // 2], 130
    with open(found["--json"][0], "w", encoding="utf-8") as file:
        json.dump({"complete": not status, "versions": {"chromium": "Chromium 1.2"},
                   "results": made}, file)
    print("one line a fact", flush=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
