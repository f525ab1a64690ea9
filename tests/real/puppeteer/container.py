# SPDX-License-Identifier: MIT
"""container.py - an init and its command in namespaces of their own, seen from outside."""
import os
import select
import signal
import subprocess
import time

LIMIT = 240  # seconds, for failures only
LOOKS = 3000  # 10 ms each: for what can only be looked at

# In there, before the init: the container's name, and its cgroup (/dev/null: none). An empty line says
# that PID 1 is there.
INSIDE = 'hostname "$1" && echo 0 >"$2" && shift 2 && echo && exec "$@"'


class Failed(Exception):
    """The test has failed."""


class Gone(Exception):
    """The container has ended."""


class Container:
    """PID 1 and what it runs. @words: the init with its command; @place: see place.py."""

    def __init__(self, words, place, hostname="first", group="/dev/null"):
        sandbox = ["setpriv", "--pdeathsig", "KILL",
                   "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--uts",
                   "sh", "-c", INSIDE, "sh", hostname, group]
        self.log = place.path("log")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(sandbox + words, cwd=place.app, env=place.environment,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=log, bufsize=0)
        self.pending = b""
        self.pid = None  # of PID 1, as we see it
        self.pidfd = None
        self.left = []  # lines: who was there when stop() lost its patience

    def __enter__(self):
        try:
            self.line()
            self.find()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def find(self):
        """PID 1, the only child that unshare has."""
        for pid in children(self.process.pid):
            try:
                self.pidfd = os.pidfd_open(pid)
                self.pid = pid
                return
            except ProcessLookupError:
                break  # buried by unshare meanwhile
        raise Gone(f"ended with status {self.process.wait(LIMIT)}")

    def end(self):
        self.process.kill()  # and with it, by --kill-child, PID 1
        if self.pidfd is not None:
            # PID 1 is the last of its namespace to end: then nobody holds a file any more.
            has_ended(self.pidfd, LIMIT)
            os.close(self.pidfd)
        self.process.wait()
        self.process.stdout.close()
        self.process.stdin.close()

    def line(self, seconds=LIMIT):
        """The next line that the command writes; None if there is none in this time."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self.pending:
            poll = select.poll()
            poll.register(self.process.stdout, select.POLLIN)
            if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
                return None
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                raise Gone(f"ended with status {self.process.wait(LIMIT)}")
            self.pending += more
        line, _, self.pending = self.pending.partition(b"\n")
        return line.decode("utf-8", "replace")

    def zombies(self):
        """How many of the children of PID 1 wait to be buried."""
        return sum(state(child) == "Z" for child in children(self.pid))

    def living(self):
        """How many processes are alive, without PID 1."""
        return sum(state(pid) not in ("Z", None) for pid in descendants(self.pid))

    def survivors(self):
        """Who is there, for whoever reads of a failure."""
        pids = [self.pid] + descendants(self.pid)
        shown = "pid,ppid,pgid,stat,pending,caught,wchan:20,args"
        words = ["ps", "-o", shown, "-p", ",".join(map(str, pids))]
        return subprocess.run(words, stdout=subprocess.PIPE, text=True).stdout.splitlines()

    def stop(self, seconds):
        """As `docker stop` does it; how long it took, and whether SIGKILL was needed."""
        began = time.monotonic()
        signal.pidfd_send_signal(self.pidfd, signal.SIGTERM)
        in_time = has_ended(self.pidfd, seconds)
        if not in_time:
            self.left = self.survivors()
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
            if not has_ended(self.pidfd, LIMIT):
                raise Failed("SIGKILL has not ended the container")
        return time.monotonic() - began, not in_time


def has_ended(pidfd, seconds):
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def read(path):
    """What stands there; "" if its process has ended."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def children(pid):
    """Of all threads."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    return [int(child) for thread in threads
            for child in read(f"/proc/{pid}/task/{thread}/children").split()]


def descendants(pid):
    found = children(pid)
    for child in found:  # grows meanwhile
        found += children(child)
    return found


def state(pid):
    """R, S, D, Z ...; None if it has ended."""
    fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[0] if fields else None
