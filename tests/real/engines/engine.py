# SPDX-License-Identifier: MIT
"""
engine.py - what every engine can do, and what a case asks of it.

A case is a function that takes an Engine. It starts containers, waits for lines of theirs, sends
signals the way the engine does, and looks at the end:

    container = engine.start(["sh", "-c", "/cases/worker.sh server 1; true"], user=65534)
    container.line("ready server")
    container.stop()
    container.end().expect(128 + signal.SIGTERM, "asked server", "finished server")

An engine is a class made from Engine, with launch(), and a class made from Container, with signal()
and exec(). Each module with one has engines(place), which returns what is to be tried, and each
engine lists its cases. The init is always the first process (or, in a pod, the container's own).
"""
import dataclasses
import itertools
import signal
import subprocess
import threading

LIMIT = 120  # seconds; who waits that long has failed

_numbers = itertools.count(1)


class Failed(Exception):
    """The case has failed; the text says how."""


@dataclasses.dataclass(frozen=True)
class How:
    """How a container is run; what an engine cannot do, its list of cases does not ask for."""
    init: tuple = ()  # options for the init: such a container has it as its command
    as_name: str = ""  # the name that the init is called by, the same
    env: dict = dataclasses.field(default_factory=dict)
    user: int = None  # the user and group to be
    read_only: bool = False
    no_caps: bool = False
    no_new_privs: bool = False
    seccomp: bool = False  # a default profile, where the engine does not bring one of its own
    pids: int = None  # how many processes there may be
    memory: int = None  # MiB
    stop_signal: str = "TERM"


@dataclasses.dataclass(frozen=True)
class Place:
    """Where engines run: see host.py and rootfs.py."""
    directory: str  # for an engine's files; empty at first
    rootfs: str  # busybox, the init, the cases
    init: str  # the init, on this machine
    inner: str  # the init, in there
    cgroup: str  # the name of the cgroup that all others are to be made in


@dataclasses.dataclass(frozen=True)
class Result:
    """How something ended."""
    status: int
    output: str

    def count(self, line):
        return self.output.splitlines().count(line)

    def expect(self, status, *lines):
        """This status, and each of the lines exactly once."""
        for line in lines:
            if self.count(line) != 1:
                raise Failed(f"{self.count(line)} times \"{line}\", expected once")
        if self.status != status:
            raise Failed(f"ended with {self.status}, expected {status}")
        return self


def new_name():
    """A name that no other container of this run has."""
    return f"c{next(_numbers)}"


def run(words, **options):
    """Runs a tool to its end."""
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=LIMIT, check=False, text=True,
                              errors="replace", **options)
    except subprocess.TimeoutExpired:
        raise Failed(f"waited for {LIMIT} s: {' '.join(words)}") from None
    return Result(done.returncode, done.stdout)


def demand(words, **options):
    """Runs a tool that must not fail; what it wrote."""
    result = run(words, **options)
    if result.status != 0:
        raise Failed(f"{' '.join(words)}: ended with {result.status}: {result.output.strip()}")
    return result.output


class Container:
    """One that was started: a client in the foreground, whose output and status are its own."""

    def __init__(self, name, words, how, **options):
        self.name = name
        self.words = words
        self.how = how
        self.output = ""
        self.closed = False
        self.news = threading.Condition()
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, start_new_session=True, text=True,
                                        errors="replace", **options)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.news:
                self.output += line
                self.news.notify_all()
        with self.news:
            self.closed = True
            self.news.notify_all()

    def has(self, line, count=1):
        return self.output.splitlines().count(line) >= count

    def line(self, line, count=1):
        """Waits until the line has come that many times."""
        with self.news:
            self.news.wait_for(lambda: self.has(line, count) or self.closed, LIMIT)
            if self.has(line, count):
                return
            why = "the container has ended" if self.closed else f"waited for {LIMIT} s"
        raise Failed(f"{why}: no line \"{line}\"")

    def end(self):
        """Waits for its end."""
        try:
            status = self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            raise Failed(f"waited for {LIMIT} s: the container does not end") from None
        self.reader.join(LIMIT)
        if self.reader.is_alive():
            raise Failed(f"waited for {LIMIT} s: the container has ended, its output not")
        return Result(status, self.output)

    def stop(self, seconds=LIMIT // 2):
        """As the engine stops a container: a signal, time, SIGKILL."""
        self.signal(self.how.stop_signal)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.signal("KILL")

    def signal(self, name):
        """Sends a signal to the init, as the engine does."""
        raise NotImplementedError

    def exec(self, *command):
        """Runs a command in there, from outside; its Result."""
        raise NotImplementedError

    def confine(self):
        """Sets the limits that were asked for, if the engine could not at the start."""

    def drop(self):
        """Whatever is left of it goes away; for the end of a case."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Engine:
    """One way to run containers."""
    name = ""
    jobs = 8  # cases at a time: most of them wait
    cases = ()  # functions that take an engine

    def __init__(self, place):
        self.place = place
        self.containers = []  # of one case: the runner gives each case an Engine of its own

    def launch(self, name, command, how):
        """Starts a container with this name; the Container."""
        raise NotImplementedError

    def init_words(self, how):
        """The init as the first words of a container's command."""
        path = f"/names/{how.as_name}" if how.as_name else self.place.inner
        return [path, *how.init, "--"]

    def start(self, command, **how):
        """Starts a container that runs the command under the init; the Container."""
        container = self.launch(new_name(), list(command), How(**how))
        self.containers.append(container)
        return container

    def run(self, command, **how):
        """Runs the command under the init to its end; the Result."""
        return self.start(command, **how).end()


def by_signal(name):
    """The exit status of a container whose command was ended by this signal."""
    return 128 + signal.Signals["SIG" + name]
