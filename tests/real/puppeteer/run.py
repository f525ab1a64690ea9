#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
run.py - puppeteer and Chromium under an init: what is left of browsers that came and went, and
what becomes of an open one when the container is stopped. The README's tables come from here.

  tests/real/puppeteer/run.py build/release/sexton tini 'tini -g' dumb-init catatonit none

Each INIT is the first process of PID namespaces of its own, with a name of its own, in a network
namespace of this script's; "none" is no init, the app itself is PID 1. The page that the browsers
visit is served on loopback, nothing else can be reached. The first time npm fetches puppeteer-core.

churn  browsers are launched one after the other, and closed, killed, crashed, or left by their
       process, in turn: zombies, and launches that succeeded; also with a pids.max (needs root)
stop   five apps are stopped while a browser is open (stop.py)
orphans
       how many processes a launch leaves to PID 1, for each way to end it

Prints a line a fact. Fails if an init, known to the README, comes out otherwise than it says.
"""
import argparse
import json
import os
import shutil
import signal
import sys

sys.dont_write_bytecode = True

import churn  # noqa: E402 the line above must come first
import expect  # noqa: E402
import install  # noqa: E402
import page  # noqa: E402
import place  # noqa: E402
import stop  # noqa: E402
from container import Failed, Gone  # noqa: E402

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../.."))
STORIES = "churn", "stop", "orphans"
SIGNALS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


class Stopped(BaseException):
    """Ctrl-C and its relatives."""


def limits(text):
    """Of --pids-max: numbers, or none for no limit."""
    return [None if word == "none" else int(word) for word in text.split(",")]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--only", action="append", choices=STORIES, help="only this; may be repeated")
    add("--app", action="append", choices=list(stop.APPS), help="stop only this; may be repeated")
    add("--runs", type=int, default=1, help="of each app under each init (1)")
    add("--launches", type=int, default=20, help="of a churn (20)")
    add("--pids-max", type=limits, default=[None, 220, 180], metavar="N,...",
        help="a churn for each; none: without (none,220,180)")
    add("--json", metavar="FILE", help="all results there")
    add("--directory", default=os.path.join(ROOT, "build", "puppeteer"),
        help="where npm puts what it fetches (build/puppeteer)")
    add("--install", action="store_true", help="only that")
    add("init", metavar="INIT", nargs="*", type=expect.init)
    arguments = parser.parse_args()
    if not arguments.init and not arguments.install and arguments.only != ["orphans"]:
        parser.error("which INIT?")
    return arguments


def demand_tools():
    tools = "unshare", "setpriv", "ip", "hostname", "ps", "node", "npm"
    missing = [tool for tool in tools if not shutil.which(tool)]
    if not place.chromium():
        missing.append("chromium")
    if missing:
        sys.exit(f"{sys.argv[0]}: missing: {', '.join(missing)} (./dev deps --test)")


def enter_network():
    """Starts this script again in a network namespace of its own: no way leads out of it."""
    words = ["unshare", "--net"] + ([] if os.getuid() == 0 else ["--map-root-user"])
    script = 'ip link set lo up && exec "$@"'
    words += ["sh", "-c", script, "sh", sys.executable] + sys.argv
    os.environ["PUPPETEER_INSIDE"] = "1"
    os.execvp(words[0], words)


def trials(arguments):
    """All runs, in order: (story, init, what). Inits take turns, and another is first each time."""
    chosen = arguments.only or STORIES
    inits = arguments.init
    if "orphans" in chosen:
        yield "orphans", None, None
    if "churn" in chosen:
        for limit in arguments.pids_max:
            for init in inits:
                yield "churn", init, limit
    if "stop" in chosen:
        for run in range(arguments.runs):
            first = run % len(inits) if inits else 0
            for app in arguments.app or stop.APPS:
                for init in inits[first:] + inits[:first]:
                    yield "stop", init, app


def carry_out(arguments, app, address, trial):
    """(result, fact, what is wrong with it)"""
    story, init, what = trial
    if story == "orphans":
        found = churn.orphans(app, address)
        counts = ", ".join(f"{way} {count:g}" for way, count in found["orphans"].items())
        return found, f"a launch leaves to PID 1: {counts}", ""
    if story == "churn":
        found = churn.run(app, address, init, arguments.launches, what)
        return found, churn.text(found), expect.churn(init, found)
    found = stop.run(app, address, init, what)
    return found, stop.text(found), expect.stop(init, found)


def everything(arguments, app, results):
    """Carries all out and says it; True if nothing was wrong."""
    sound = True
    width = max(len(init.name) for init in [expect.NOBODY, *arguments.init])
    with page.served() as address:
        for trial in trials(arguments):
            name = (trial[1] or expect.NOBODY).name
            details = []
            try:
                found, fact, wrong = carry_out(arguments, app, address, trial)
                details = found.pop("details", [])
                results.append(found)
            except (Failed, Gone) as failure:
                fact, wrong = f"{trial[0]}, {trial[2]}", str(failure)
            print(f"{name:<{width}}  {fact}{wrong and f'  FAILED: {wrong}'}", flush=True)
            if wrong:
                sound = False
                print(*details, sep="\n", file=sys.stderr, flush=True)
    return sound


def summary(results):
    """How often each app was closed under each init."""
    counted = {}
    for found in results:
        if found["story"] == "stop":
            counted.setdefault((found["init"], found["app"]), []).append(found["clean"])
    for (init, app), clean in counted.items():
        if len(clean) > 1:
            print(f"{init}: stop, {stop.APPS[app][0]}: {sum(clean)} of {len(clean)} clean")


def interrupt(number, _frame):
    raise Stopped(number)


def main():
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    arguments = parse_arguments()
    demand_tools()
    try:
        if "PUPPETEER_INSIDE" not in os.environ:
            install.install(arguments.directory)
            if not arguments.install:
                enter_network()
            return 0
        for number in SIGNALS:
            signal.signal(number, interrupt)
        return measure(arguments)
    except Failed as failure:
        sys.exit(f"{sys.argv[0]}: {failure}")


def measure(arguments):
    """The exit status. What was measured is written however it ends."""
    results, complete = [], False
    app = os.path.join(arguments.directory, "app")
    try:
        status = 0 if everything(arguments, app, results) else 1
        complete = True
    except Stopped as stopped:
        status = 128 + stopped.args[0]
    finally:
        if arguments.json:
            with open(arguments.json, "w", encoding="utf-8") as file:
                json.dump({"complete": complete, "versions": place.versions(app),
                           "results": results}, file)
    summary(results)
    return status


if __name__ == "__main__":
    sys.exit(main())
