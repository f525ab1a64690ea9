# SPDX-License-Identifier: MIT
"""cli.py - the command line; whatever is wrong with it is said before anything is measured."""
import argparse
import os
import sys

import browser
import inits
import session
import store
from scenarios import SCENARIOS

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
WRONG_USAGE = 2


class Parser(argparse.ArgumentParser):
    def error(self, message):
        """One line; argparse would print the usage above it."""
        complain(f"{message} (./dev bench --help)")
        sys.exit(WRONG_USAGE)


def complain(message):
    print(f"bench: {message}", file=sys.stderr)


def at_least_one(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1 is wanted")
    return value


def scenario(text):
    known = [*SCENARIOS, browser.SCENARIO]
    if text not in known:
        raise argparse.ArgumentTypeError(f"{text} is none of {', '.join(known)}")
    return text


def parser():
    found = Parser(prog="./dev bench", allow_abbrev=False, description="Measures container inits "
                   "beside each other: each as PID 1 of new PID namespaces.")
    add = found.add_argument
    add("--build", metavar="DIR", default=os.path.join(ROOT, "build"), help=argparse.SUPPRESS)
    add("--browser", metavar="PROGRAM", help=argparse.SUPPRESS,
        default=os.path.join(ROOT, "tests", "real", "puppeteer", "run.py"))
    add("--init", metavar="COMMAND", action="append", default=[],
        help="an init in place of the peers, up to where its command is appended, quoted for a "
        "shell: --init 'tini -g --'; may be repeated")
    add("--scenario", metavar="NAME", action="append", default=[], type=scenario,
        help=f"only this: {', '.join(SCENARIOS)}; may be repeated. One more has to be asked for, "
        f"and goes alone: {browser.SCENARIO}, headless browsers come, go and are stopped (an hour; it "
        "wants chromium, node and npm: ./dev deps --test)")
    add("--quick", action="store_true", help="small figures and few runs: under two minutes")
    add("--runs", metavar="N", type=at_least_one, help="runs of everything, instead of 3 to 5")
    add("--json", metavar="FILE", help="results.json there as well")
    add("--csv", metavar="FILE", help="results.csv there as well")
    add("--out", metavar="DIR", default=os.path.join(ROOT, "bench", "results"),
        help="where the files go (bench/results)")
    add("--limit", metavar="SECONDS", type=at_least_one, default=180,
        help="a run that takes longer is ended and has failed (180)")
    return found


def shown(arguments):
    """The command line as the user has typed it: ./dev has put --build in front."""
    if arguments[:1] == ["--build"]:
        return arguments[2:]
    return arguments


def goes_alone(found, options):
    """The scenario that is none of sexton-storm's takes no part in what those share."""
    if len(set(options.scenario)) > 1:
        found.error(f"--scenario {browser.SCENARIO}: goes alone")
    if options.csv:
        found.error(f"--scenario {browser.SCENARIO}: makes no CSV")


def prepare(options):
    """What is to be called then. Raises BadInit or CannotWrite."""
    if browser.SCENARIO in options.scenario:
        chosen = browser.choose(options)
        browser.check(options)
        return lambda: browser.run(options, *chosen)
    storm = os.path.join(options.build, "release", "bench", "sexton-storm")
    if not os.access(storm, os.X_OK):
        raise inits.BadInit(f"{storm} is not there; ./dev bench builds it")
    found, missing = inits.choose(options.build, options.init)
    session.check(options)
    return session.Session(options, storm, found, missing).run


def main(arguments):
    found = parser()
    options = found.parse_args(arguments)
    options.build = os.path.abspath(options.build)
    options.root = ROOT
    options.shown = shown(arguments)
    if browser.SCENARIO in options.scenario:
        goes_alone(found, options)
    try:
        run = prepare(options)
    except (inits.BadInit, store.CannotWrite) as error:
        complain(error)
        return WRONG_USAGE
    return run()
