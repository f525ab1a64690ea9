# SPDX-License-Identifier: MIT
"""
host.py - a place on this machine where engines run, and of which nothing is left.

All of a run, the engine's servants included, has a PID namespace and a mount namespace of its own:
its end is the end of every process and every mount in there, however it came about. Files are in a
tmpfs that is mounted over /run, and in layers above /var and /etc, so that sockets, locks and
stores of the machine's own engines are out of reach. What a namespace cannot hold are cgroups: they
are made below one that has a name of ours, and removed when all is over.

/sys/fs/cgroup with controllers of version 1 may have a version 2 beside it that owns some as well.
crun 1.8 refuses such a machine, so for crun that mount is left out of the place. Elsewhere nothing
has to be done.
"""
import contextlib
import glob
import os
import shutil
import signal
import subprocess
import sys
import time

from engine import LIMIT, Failed, demand

CGROUPS = "/sys/fs/cgroup"
PREFIX = "sexton-engines-"
INSIDE = "SEXTON_ENGINES_CGROUP"  # a variable: are we inside, and which is our cgroup?
WORK = "/run/engines"
USER = 54321  # somebody without rights, whom no file of this machine belongs to
PAUSE = 0.01  # seconds between two looks


def look(condition, what):
    """Looks until the condition holds, and returns what it returned."""
    # Looks are counted, and not seconds: a machine that stands still fails nobody.
    for _ in range(int(LIMIT / PAUSE)):
        value = condition()
        if value:
            return value
        time.sleep(PAUSE)
    raise Failed(f"looked for {LIMIT} s: {what}")


def need(*tools):
    """Ends the program if a tool is missing."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        sys.exit(f"{sys.argv[0]}: missing: {', '.join(missing)} (./dev deps --test)")


## Outside

def enter():
    """Runs this program once more, inside; its exit status."""
    if os.getuid() != 0:
        sys.exit(f"{sys.argv[0]}: needs root")
    need("setpriv", "unshare", "mount", "umount")
    for stale in cgroups(PREFIX + "*"):
        if not os.path.exists(f"/proc/{stale.rpartition('-')[2]}"):
            remove_tree(stale)
    name = f"{PREFIX}{os.getpid()}"
    # Whatever ends us ends all of it: unshare dies with us, and the new namespace with unshare.
    words = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private",
             "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, *sys.argv]
    # A session of its own: a Ctrl-C reaches us alone.
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True,
                             env={**os.environ, INSIDE: name})
    for number in signal.SIGHUP, signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: child.kill())
    status = child.wait()
    for directory in cgroups(name):
        look(lambda directory=directory: remove_tree(directory), f"cannot remove {directory}")
    return 1 if status < 0 else status


def cgroups(pattern):
    """The cgroups of this name, one for each hierarchy."""
    return glob.glob(f"{CGROUPS}/{pattern}") + glob.glob(f"{CGROUPS}/*/{pattern}")


def remove_tree(top):
    """True if it is gone, with those below it. Whoever was in there may still be on the way out."""
    for directory, _, _ in os.walk(top, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(directory)
    return not os.path.exists(top)


## Inside

def is_inside():
    return INSIDE in os.environ


def settle():
    """Makes the place. Returns in a process that is not the first: that one buries."""
    program = os.fork()
    if program != 0:
        bury(program)
    # Some of the tools hand on what they were given: a shell's background job ignores SIGINT.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM:
        signal.signal(number, signal.SIG_DFL)
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    # podman's locks are here.
    mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", "/dev/shm")
    os.umask(0o022)
    # As root podman has a cache below /var, whatever it is told.
    layer("/var")
    os.makedirs(WORK)
    os.mkdir("/run/tmp")
    os.chmod("/run/tmp", 0o1777)
    os.environ["TMPDIR"] = "/run/tmp"
    os.chdir(WORK)


def bury(program):
    """The first process of the namespace: who waits for an engine's servant must see it go."""
    while True:
        pid, status = os.wait()
        if pid == program:
            os._exit(os.waitstatus_to_exitcode(status) & 255)


def mount(*words):
    demand(["mount", *words])


def leave_out_hybrid():
    """For crun; see above."""
    unified = f"{CGROUPS}/unified"
    try:
        with open(f"{unified}/cgroup.controllers", encoding="ascii") as file:
            owns = file.read().split()
    except OSError:
        return
    if owns:
        demand(["umount", unified])


def layer(directory):
    """What is written there from now on is in a layer above the machine's, and seen by us alone."""
    above = f"/run/layers{directory}"
    for name in "upper", "work":
        os.makedirs(f"{above}/{name}")
    mount("-t", "overlay", "-o",
          f"lowerdir={directory},upperdir={above}/upper,workdir={above}/work", "overlay", directory)


def as_user(*words):
    """The words that run these as somebody without rights."""
    return ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups", *words]


## Cgroups, where the engine makes none

LIMITS = {  # controller: the files of the two versions
    "pids": ("pids.max", "pids.max"),
    "memory": ("memory.limit_in_bytes", "memory.max"),
}


def confine(parent, name, pid, how):
    """Puts all processes of the PID namespace of @pid into new cgroups with the limits of @how."""
    limits = {"pids": how.pids, "memory": how.memory and how.memory << 20}
    for controller, limit in limits.items():
        if not limit:
            continue
        v1, v2 = LIMITS[controller]
        if os.path.isdir(f"{CGROUPS}/{controller}"):
            directory = f"{CGROUPS}/{controller}/{parent}/{name}"
            os.makedirs(directory)
        else:
            directory = f"{CGROUPS}/{parent}/{name}"
            os.makedirs(directory, exist_ok=True)
            for above in CGROUPS, f"{CGROUPS}/{parent}":
                write(f"{above}/cgroup.subtree_control", f"+{controller}")
        write(f"{directory}/{v1 if os.path.exists(f'{directory}/{v1}') else v2}", str(limit))
        move(directory, pid)


def move(directory, pid):
    """Whoever is forked meanwhile is seen the next time."""
    moved = set()
    while True:
        new = set(processes_like(pid)) - moved
        if not new:
            return
        for one in new:
            with contextlib.suppress(ProcessLookupError):
                write(f"{directory}/cgroup.procs", one)
        moved |= new


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def processes_like(pid):
    """Who is in the PID namespace that @pid is in."""
    namespace = os.readlink(f"/proc/{pid}/ns/pid")
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{name}/ns/pid") == namespace:
                yield name


def only_child(pid):
    """Its PID, when it is there."""
    path = f"/proc/{pid}/task/{pid}/children"

    def children():
        with open(path, encoding="ascii") as file:
            return file.read().split()
    try:
        return int(look(children, f"process {pid} has no child")[0])
    except OSError:
        raise Failed(f"process {pid} has gone") from None
