# SPDX-License-Identifier: MIT
"""
expect.py - who is tried, and what the README says of whom.

Of an init that is not here nothing is expected: its facts are printed, that is all.
"""
import collections
import os
import shlex
import shutil

ASKING = "--ask-with=INT:3s,TERM"
CLOSES = {
    "none": {"closes", "group"},
    "tini": {"closes", "group"},
    "catatonit": {"closes", "group"},
    "tini -g": {"closes"},
    "dumb-init": {"closes"},
    "sexton": {"closes", "shell", "npm", "group"},
    f"sexton {ASKING}": {"closes", "shell", "npm", "group", "none"},
}
ENOUGH = 20  # launches after which a limit of processes is reached if nobody buries

Init = collections.namedtuple("Init", "name words")
NOBODY = Init("none", [])


def init(text):
    """The init of a command line's word, "tini -g"; "none": the command itself is PID 1."""
    program, *options = shlex.split(text)
    if program == "none":
        return NOBODY
    path = shutil.which(program)
    if not path:
        raise ValueError(f"{program}: not found")
    path = os.path.realpath(path)
    return Init(" ".join([os.path.basename(path)] + options), [path, *options, "--"])


def stop(init, found):
    """What is wrong with this result of stop.py; "" if nothing."""
    if init.name not in CLOSES:
        return ""
    expected = found["app"] in CLOSES[init.name]
    if expected == found["clean"]:
        return ""
    return "clean expected" if expected else "lost expected: the README says so"


def churn(init, found):
    """What is wrong with this result of churn.py; "" if nothing."""
    if init.name not in CLOSES:
        return ""
    everything = found["succeeded"] == found["launches"]
    if init.name != "none":
        return "" if everything and not found["final"] else "all launches and no zombie expected"
    if not found["final"]:
        return "zombies expected: is the test blind?"
    if found["limit"] and found["launches"] >= ENOUGH and everything:
        return "launches should have failed"
    return ""
