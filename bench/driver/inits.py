# SPDX-License-Identifier: MIT
"""
inits.py - who is measured.

Roles: "subject" is sexton itself; "peer" is any other init; "floor" is a bare loop around waitpid,
than which no init can bury cheaper one by one; "limit" is the kernel that buries by itself.
"""
import collections
import dataclasses
import os
import shlex
import shutil
import subprocess

from text import one_line


@dataclasses.dataclass(frozen=True)
class Init:
    name: str
    words: tuple  # the command is appended
    role: str = "peer"
    without: tuple = ()  # scenarios in which it is left out
    only: tuple = ()  # if not empty: the scenarios in which it is measured
    versioned: bool = True  # asked for --version

    def takes_part(self, scenario):
        return scenario not in self.without and (not self.only or scenario in self.only)


Missing = collections.namedtuple("Missing", "name why")

PEERS = ("tini --", "tini-static --", "dumb-init --", "catatonit --")
ELSEWHERE = "/usr/libexec/podman:/usr/libexec/catatonit"  # Fedora's catatonit is for podman only
BURIES_ONLY = ("storm", "crowd", "churn")


class BadInit(Exception):
    """An --init that cannot be measured; the text says why."""


def own(build):
    """sexton, from the build tree."""
    sexton = os.path.join(build, "static", "sexton")
    # What an old kernel or an old container profile does to it: no thread can be had. The filter
    # is put on by another program first, whose start is none of sexton's.
    alone = (os.path.join(build, "release", "tests", "fault", "fault_seccomp-run"),
             "clone3=ENOSYS", "clone_thread=EPERM", "--")
    return [Init("sexton", (sexton, "--"), "subject"),
            Init("sexton, one thread", alone + (sexton, "--"), "subject", without=("start",),
                 versioned=False)]


def bounds(build):
    """What nobody can beat. They forward nothing: no signals are sent to them."""
    floor = os.path.join(build, "release", "bench", "sexton-floor")
    return [Init("floor", (floor,), "floor", only=BURIES_ONLY + ("start", "rest"), versioned=False),
            Init("auto-reap", (floor, "--ignore-sigchld"), "limit", only=BURIES_ONLY,
                 versioned=False)]


def known_peer(text):
    """One of PEERS, where this distribution has put it."""
    name, *others = text.split()
    found = name if shutil.which(name) else shutil.which(name, path=ELSEWHERE) or name
    return Init(name, (found, *others))


def from_command_line(text):
    """The init that --init names: a command line up to where the command is appended."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise BadInit(f"--init {text}: {error}") from None
    if not words:
        raise BadInit("--init: a command line is wanted, as in --init 'tini -g --'")
    if not shutil.which(words[0]):
        raise BadInit(f"--init {text}: {words[0]} is not there, or cannot be executed")
    if "/" in words[0]:
        words[0] = os.path.abspath(words[0])
    shown = words[:-1] if words[-1] == "--" and len(words) > 1 else words
    return Init(one_line(shlex.join([os.path.basename(shown[0])] + shown[1:])), tuple(words))


def choose(build, given):
    """All that can be measured, in the order of the table, and what is missing."""
    found, missing = [], []
    peers = [from_command_line(text) for text in given] or [known_peer(text) for text in PEERS]
    for init in own(build) + peers + bounds(build):
        if shutil.which(init.words[0]):
            found.append(init)
        elif init.role == "subject" and not found:
            raise BadInit(f"{init.words[0]} is not there; ./dev bench builds it")
        else:
            missing.append(Missing(init.name, f"{init.words[0]} is not there"))
    return _numbered(found), missing


def _numbered(inits):
    """A name is a key. The same init twice shows how much of a difference is noise."""
    seen = collections.Counter()
    unique = []
    for init in inits:
        seen[init.name] += 1
        if seen[init.name] > 1:
            init = dataclasses.replace(init, name=f"{init.name} ({seen[init.name]})")
        unique.append(init)
    return unique


def version(init):
    """The first line that `INIT --version` writes; "" if it says nothing useful."""
    if not init.versioned:
        return ""
    try:
        answer = subprocess.run([init.words[0], "--version"], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = answer.stdout.decode("utf-8", "replace").split("\n")
    return one_line(next((line for line in lines if line.strip()), ""))[:80]
