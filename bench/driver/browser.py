# SPDX-License-Identifier: MIT
"""
browser.py - the scenario "puppeteer": what becomes of headless browsers under an init.

tests/real/puppeteer/run.py measures, twice: the churn, and the stops, for which it matters with
which flags an init is called. Here its results become a file, a table (browser_table.py) and a
plot (browser_plot.py).
"""
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

import browser_plot
import browser_table
import gnuplot
import inits
import machine
import stop
import store

SCENARIO = "puppeteer"
ASKING = "--ask-with=INT:3s,TERM"  # INT closes a Chromium whose app is gone
PEERS = ("tini", "tini -g", "dumb-init", "catatonit")
NOBODY = "none"  # the app itself is PID 1
FILES = {"json": "puppeteer.json", "markdown": "puppeteer.md"}
FAILED = 1


def choose(options):
    """Who is tried, as run.py wants it: (for the churn, for the stops), and who is missing."""
    own = os.path.join(options.build, "static", "sexton")
    if not os.access(own, os.X_OK):
        raise inits.BadInit(f"{own} is not there; ./dev bench builds it")
    sexton = shlex.quote(own)
    peers, missing = [], []
    for text in options.init or PEERS:
        known = inits.from_command_line if options.init else inits.known_peer
        words = list(known(text).words)
        if words[-1] == "--":
            words.pop()  # run.py puts it there
        if shutil.which(words[0]):
            peers.append(shlex.join(words))
        else:
            missing.append(inits.Missing(text, f"{words[0]} is not there"))
    plain = [peer for peer in peers if options.init or len(peer.split()) == 1]
    return [sexton, *plain, NOBODY], [sexton, f"{sexton} {ASKING}", *peers, NOBODY], missing


def check(options):
    """Raises store.CannotWrite if a file could not be written when it is all over."""
    store.make_directory(options.out)
    for path in paths(options, "json") + paths(options, "markdown"):
        store.check(path)


def paths(options, kind):
    also = [options.json] if kind == "json" and options.json else []
    return [os.path.join(options.out, FILES[kind])] + also


def measure(options, words, stopping):
    """What run.py has measured, and its exit status."""
    with tempfile.TemporaryDirectory(prefix="browser.") as directory:
        path = os.path.join(directory, "json")
        command = [options.browser, "--directory", os.path.join(options.build, "puppeteer"),
                   "--json", path, *words]
        # In a session of its own: a Ctrl-C reaches it once, from us.
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        stopping.watch(child)
        status = child.wait()
        stopping.unwatch()
        try:
            with open(path, encoding="utf-8") as file:
                return json.load(file), status
        except FileNotFoundError:
            return {"complete": False, "versions": {}, "results": []}, status


def run(options, churning, stopping, missing):
    """The whole; the exit status."""
    signals = stop.Stop()
    signals.install()
    for one in missing:
        print(f"skipped  {one.name}: {one.why}", flush=True)
    runs = options.runs or (1 if options.quick else 10)
    quick = ["--launches", "8", "--pids-max", "none"] if options.quick else []
    found = {"complete": True, "versions": {}, "results": [],
             "meta": machine.describe(options.shown, [], missing, options.root)}
    sound = True
    for words in (["--only", "orphans", "--only", "churn", *quick, *churning],
                  ["--only", "stop", "--runs", str(runs), *stopping]):
        if signals.requested:
            found["complete"] = False
            break
        part, status = measure(options, words, signals)
        sound = sound and status == 0
        found["complete"] = found["complete"] and part["complete"]
        found["versions"].update(part["versions"])
        found["results"] += part["results"]
    return finish(options, found, sound, signals)


def finish(options, found, sound, signals):
    """Writes and draws what there is; the exit status."""
    texts = {"json": json.dumps(found, indent=1) + "\n", "markdown": browser_table.markdown(found)}
    for kind, text in texts.items():
        for path in paths(options, kind):
            try:
                store.write(path, text)
            except store.CannotWrite as error:
                complain(str(error))
                sound = False
    print("\n" + texts["markdown"], end="", flush=True)
    try:
        browser_plot.draw(found, options.out)
    except gnuplot.CannotDraw as reason:
        complain(f"not drawn: {SCENARIO}: {reason}")
    if signals.requested:
        return signals.status
    return 0 if sound and found["results"] else FAILED


def complain(text):
    print(f"bench: {text}", file=sys.stderr)
