# SPDX-License-Identifier: MIT
"""pidlimit.py - a cgroup with a pids.max, as container engines make one. Needs root."""
import contextlib
import os
import time

from container import LOOKS, Failed

HIERARCHIES = "/proc/self/mounts"


def root():
    """Where the pids controller is: cgroup v1's own hierarchy, or v2's."""
    found = None
    with open(HIERARCHIES, encoding="utf-8") as file:
        for line in file:
            _, path, kind, options = line.split()[:4]
            if kind == "cgroup" and "pids" in options.split(","):
                return path
            if kind == "cgroup2" and has_pids(path):
                found = path
    if not found:
        raise Failed("no pids controller in any cgroup hierarchy")
    return found


def has_pids(path):
    with open(os.path.join(path, "cgroup.controllers"), encoding="ascii") as file:
        return "pids" in file.read().split()


def write(path, text):
    try:
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    except OSError as error:
        raise Failed(f"{path}: {error.strerror} (root is needed)") from None


@contextlib.contextmanager
def limited(count):
    """The file to write a process into, so that it and its children are at most @count."""
    if count is None:
        yield "/dev/null"
        return
    parent = root()
    control = os.path.join(parent, "cgroup.subtree_control")
    if os.path.exists(control):
        write(control, "+pids")
    group = os.path.join(parent, f"puppeteer.{os.getpid()}")
    os.mkdir(group)
    try:
        write(os.path.join(group, "pids.max"), str(count))
        yield os.path.join(group, "cgroup.procs")
    finally:
        remove(group)


def remove(group):
    """It is busy until the last of its processes has left it, just after its end."""
    for _ in range(LOOKS):
        try:
            os.rmdir(group)
            return
        except OSError:
            time.sleep(0.01)
    raise Failed(f"{group}: cannot be removed")
