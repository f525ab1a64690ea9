#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
handover.py - servers hand over to their successors while clients look on. The table in the README
comes from here.

  tests/real/handover.py build/release/sexton tini dumb-init catatonit

Each INIT is the first process of PID namespaces of its own, in a network namespace of this
script's; root or not. A server gets USR2 and starts its successor; when that one is there, the old
master gets QUIT or TERM. Twice. Two clients send requests all along, one with a new connection for
each.

Prints a line a fact. Fails if a request is lost under sexton, and if another init survives: what
the README says of them would no longer be true. Takes some 5 seconds an INIT.
"""
import argparse
import collections
import http.client
import importlib.util
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
PORT = 8000
LOOKS = 3000  # 10 ms each; who looks that often in vain has failed
PACE = 0.001  # seconds between requests: without, a successor that starts may get no CPU for long
LIMIT = 120  # seconds, for what we cannot look at in between
AFTERWARDS = 100  # requests to a container that has gone
ALONE = 200  # answers that each client gets while a master is alone


class Failed(Exception):
    """The test has failed."""


class Gone(Exception):
    """The container has ended."""


class Client(threading.Thread):
    """Sends one request after the other; each answer is the generation of who gave it."""

    def __init__(self, keep_alive):
        super().__init__(daemon=True)
        self.keep_alive = keep_alive
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=LIMIT)
        self.sent = 0
        self.answered = collections.Counter()
        self.failed = []
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.wait(PACE):
            self.request()

    def stop(self):
        self.stopping.set()
        self.join()

    def request(self):
        self.sent += 1
        try:
            self.answered[self.exchange()] += 1
        except (OSError, http.client.HTTPException) as error:
            self.failed.append(repr(error))
            self.connection.close()

    def exchange(self):
        if not self.keep_alive:
            self.connection.close()
        reused = self.connection.sock is not None
        try:
            return self.exchange_once()
        except (ConnectionError, http.client.BadStatusLine):
            # A server may close a connection that idles while we write. That is no answer lost:
            # a client sends its request again, on a new connection (RFC 9112, 9.3.1).
            if not reused:
                raise
            self.connection.close()
            return self.exchange_once()

    def exchange_once(self):
        self.connection.request("GET", "/")
        response = self.connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise http.client.HTTPException(f"status {response.status}")
        return int(body)


class Server:
    """One run of a server; @generation@ and the like in its configuration are filled in."""

    def __init__(self, directory):
        self.directory = directory
        self.config = os.path.join(directory, self.template.removesuffix(".in"))
        self.pid_file = os.path.join(directory, "pid")
        self.values = {"directory": directory, "port": str(PORT)}

    def configure(self, generation):
        with open(os.path.join(HERE, self.template), encoding="ascii") as file:
            text = file.read()
        for key, value in dict(self.values, generation=str(generation)).items():
            text = text.replace(f"@{key}@", value)
        with open(self.config, "w", encoding="ascii") as file:
            file.write(text)

    def master(self):
        """The PID of the newest master in its namespace; None while there is none."""
        try:
            with open(self.pid_file, encoding="ascii") as file:
                return int(file.read())
        except (FileNotFoundError, ValueError):
            return None


class Gunicorn(Server):
    name = "gunicorn"
    template = "gunicorn.conf.py.in"
    farewells = signal.SIGQUIT, signal.SIGTERM  # see gunicorn.conf.py.in
    # The last process that sexton buries is the last master: the workers are its own to bury.
    status = 43

    def is_up(self, generation):
        # See gunicorn.conf.py.in: all workers are there.
        prefix = f"up.{generation}."
        return len([name for name in os.listdir(self.directory) if name.startswith(prefix)]) == 2

    def options(self):
        return ["--exit-code=last"]

    def command(self):
        return [sys.executable, os.path.join(HERE, "app.py"), "-c", self.config]


class Nginx(Server):
    name = "nginx"
    template = "nginx.conf.in"
    farewells = signal.SIGQUIT, signal.SIGQUIT  # TERM is the quick end, and drops requests
    status = 0

    def __init__(self, directory, daemon="on"):
        super().__init__(directory)
        self.values["daemon"] = daemon

    def is_up(self, _generation):
        return True  # its workers hold signals until they can take them

    def options(self):
        return ["--main-pid-file=" + self.pid_file] if self.values["daemon"] == "on" else []

    def command(self):
        # The whole path: nginx executes its successor by this name, and does not search the PATH.
        return [shutil.which("nginx"), "-e", "stderr", "-p", self.directory, "-c", self.config]


class Container:
    """An init and its command in a PID namespace of their own."""

    def __init__(self, words, directory):
        self.log = os.path.join(directory, "log")
        sandbox = ["setpriv", "--pdeathsig", "KILL",
                   "unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(sandbox + words, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        self.pidfd = os.pidfd_open(self.process.pid)
        self.init = None

    def kill(self):
        self.process.kill()
        self.process.wait()
        os.close(self.pidfd)

    def left(self):
        """Who is still there, for whoever reads of a failure."""
        try:
            namespace = self.namespace(self.find_init())
        except Gone:
            return []
        words = ["ps", "-e", "-o", "pid,ppid,stat,wchan:24,args"]
        lines = subprocess.check_output(words, text=True).splitlines()[1:]
        return [line for line in lines if self.namespace(line.split()[0]) == namespace]

    def find_init(self):
        """Its PID as we see it. To be called when the server is known to run."""
        try:
            children = read(f"/proc/{self.process.pid}/task/{self.process.pid}/children").split()
            return int(children[0])
        except (OSError, IndexError):
            raise Gone from None

    def outer(self, inner):
        """The PID, as we see it, of the process that has the PID @inner in there."""
        namespace = self.namespace(self.find_init())
        for name in filter(str.isdigit, os.listdir("/proc")):
            if self.inner(name) == inner and self.namespace(name) == namespace:
                return int(name)
        return None

    @staticmethod
    def namespace(pid):
        try:
            return os.readlink(f"/proc/{pid}/ns/pid")
        except OSError:
            return None  # it has ended, or is somebody else's

    @staticmethod
    def inner(pid):
        try:
            with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
                for line in file:
                    if line.startswith("NSpid:"):
                        return int(line.split()[-1])
        except OSError:
            pass  # it has ended
        return None

    def until(self, condition, what):
        """Looks until the condition holds, and returns what it returned."""
        # Looks are counted, and not seconds: a machine that stands still fails nobody.
        for _ in range(LOOKS):
            value = condition()
            if value:
                return value
            if has_ended(self.pidfd, 10):
                raise Gone
        raise Failed(f"looked {LOOKS} times: {what}")

    def hold(self, inner):
        """A pidfd of the process with the PID @inner in there."""
        return os.pidfd_open(self.until(lambda: self.outer(inner), f"PID {inner} of the container"))

    def end(self):
        """Its exit status, when it has ended."""
        try:
            return self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            raise Failed(f"waited for {LIMIT} s: the end of the container") from None


def has_ended(pidfd, milliseconds=0):
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(milliseconds))


class Run:
    """One init with one server."""

    def __init__(self, init, server, container):
        self.init = init
        self.server = server
        self.container = container
        self.clients = [Client(keep_alive=False), Client(keep_alive=True)]
        self.stage = "start"

    def serve(self):
        """Until the first master answers, and the clients have begun."""
        probe = Client(keep_alive=False)

        def answers():
            probe.request()
            return probe.answered

        self.container.until(answers, "the first answer")
        for client in self.clients:
            client.start()
        self.wait_for_answers(1, ALONE)
        self.container.until(lambda: self.server.is_up(1), "the workers")

    def wait_for_answers(self, generation, count):
        """Until each client has got @count more answers from this generation."""
        goals = [(client, client.answered[generation] + count) for client in self.clients]
        self.container.until(
            lambda: all(client.answered[generation] >= goal for client, goal in goals),
            f"answers of generation {generation}")

    def hand_over(self, generation, farewell):
        """From this generation to the next."""
        self.stage = f"hand-over {generation}"
        server = self.server
        inner = self.container.until(server.master, "the PID of the master")
        old = self.container.hold(inner)
        server.configure(generation + 1)
        signal.pidfd_send_signal(old, signal.SIGUSR2)
        # The kernel may give every connection to the old workers as long as they are there: not
        # before they are gone does a client have to hear from the new ones.
        self.container.until(lambda: server.master() not in (None, inner), "the new master")
        self.container.until(lambda: server.is_up(generation + 1), "the new workers")
        signal.pidfd_send_signal(old, farewell)
        self.container.until(lambda: has_ended(old), "the end of the old master")
        os.close(old)
        self.wait_for_answers(generation + 1, ALONE)

    def hand_over_twice(self):
        self.serve()
        for generation, farewell in enumerate(self.server.farewells, start=1):
            self.hand_over(generation, farewell)
        self.stop_clients()

    def stop_clients(self):
        for client in self.clients:
            if client.is_alive():
                client.stop()

    def requests(self):
        """All that were sent and answered; raises if any was not."""
        sent = sum(client.sent for client in self.clients)
        answered = sum((client.answered for client in self.clients), collections.Counter())
        failed = [error for client in self.clients for error in client.failed]
        by_master = " + ".join(str(answered[i + 1]) for i in range(len(self.server.farewells) + 1))
        text = f"sent {sent}, answered {by_master}, failed {len(failed)}"
        if failed or sum(answered.values()) != sent:
            raise Failed(f"{text}: {', '.join(failed[:5])}")
        return text

    def stop(self):
        """TERM to the init; returns how it ended."""
        self.stage = "stop"
        os.kill(self.container.find_init(), signal.SIGTERM)
        return self.container.end()

    def expect_status(self, status, expected):
        if status != expected:
            raise Failed(f"the container ended with {status}, expected {expected}")

    def survives(self):
        """sexton: no request is lost, and the status is the last master's."""
        self.hand_over_twice()
        text = self.requests()
        self.expect_status(self.stop(), self.server.status)
        say(self.init, self.server.name, f"two hand-overs: {text}; TERM: {self.server.status}")

    def survives_its_master(self):
        """sexton: workers whose master was killed serve on until they are told to end."""
        self.hand_over_twice()
        text = self.requests()
        master = self.container.hold(self.server.master())
        signal.pidfd_send_signal(master, signal.SIGKILL)
        self.container.until(lambda: has_ended(master), "the end of the last master")
        os.close(master)
        orphans = Client(keep_alive=False)
        orphans.request()
        if orphans.failed:
            raise Failed(f"the workers of the killed master did not answer: {orphans.failed}")
        self.expect_status(self.stop(), 128 + signal.SIGKILL)
        say(self.init, self.server.name, f"two hand-overs: {text}; last master killed, TERM: 137")

    def ends(self):
        """Any other init: the container is gone with the first master or the starter."""
        try:
            self.hand_over_twice()
        except Gone:
            pass
        else:
            raise Failed(f"survived two hand-overs: {self.requests()}; the README says otherwise")
        self.stop_clients()
        status = self.container.end()
        client = Client(keep_alive=False)
        for _ in range(AFTERWARDS):
            client.request()
        if client.answered:
            raise Failed(f"somebody answered {client.answered} when the container was gone")
        say(self.init, self.server.name, f"{self.stage}: gone, status {status}; then sent "
            f"{client.sent}, answered 0, failed {len(client.failed)}")

    def is_refused(self):
        """nginx that is the init's own child does not start a successor, whatever the init."""
        self.serve()
        self.stage = "USR2"
        master = self.container.hold(self.server.master())
        signal.pidfd_send_signal(master, signal.SIGUSR2)
        os.close(master)
        refusal = "changing binary signal is ignored"
        self.container.until(lambda: refusal in read(self.container.log), "nginx's refusal")
        self.stop_clients()
        self.requests()
        self.expect_status(self.stop(), 0)
        say(self.init, self.server.name, "daemon off: USR2 is refused, no hand-over; TERM: 0")


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def say(init, server, fact):
    print(f"{os.path.basename(init[0]):<12} {server:<9} {fact}", flush=True)


def is_sexton(init):
    return os.path.basename(os.path.realpath(init[0])) == "sexton"


def try_out(init, make_server, story):
    """Runs one story; True if it came out right."""
    with tempfile.TemporaryDirectory(prefix="handover.") as directory:
        server = make_server(directory)
        server.configure(1)
        options = ["--on-exit=wait"] + server.options() if is_sexton(init) else []
        container = Container(init + options + ["--"] + server.command(), directory)
        run = Run(init, server, container)
        try:
            story(run)
            return True
        except Failed as failure:
            problem = f"{run.stage}: {failure}"
            left = container.left()
        except Gone:
            problem = f"{run.stage}: the container is gone, status {container.end()}"
            left = []
        finally:
            run.stop_clients()
            container.kill()
        say(init, server.name, f"FAILED: {problem}")
        print("--- log", read(container.log), "--- left", *left, "---",
              sep="\n", file=sys.stderr, flush=True)
        return False


def stories(init, only):
    if only != "nginx":
        yield Gunicorn, Run.survives if is_sexton(init) else Run.ends
    if only != "gunicorn":
        yield Nginx, Run.survives if is_sexton(init) else Run.ends
        if is_sexton(init):
            yield Nginx, Run.survives_its_master
        yield lambda directory: Nginx(directory, daemon="off"), Run.is_refused


def demand_tools():
    tools = "unshare", "setpriv", "ip", "ps", "nginx"
    missing = [tool for tool in tools if not shutil.which(tool)]
    if not importlib.util.find_spec("gunicorn"):
        missing.append(f"gunicorn for {sys.executable}")
    if missing:
        sys.exit(f"{sys.argv[0]}: missing: {', '.join(missing)} (./dev deps --test)")


def enter_network():
    """Starts this script again in a network namespace of its own, where all ports are free."""
    words = ["unshare", "--net"] + ([] if os.getuid() == 0 else ["--map-root-user"])
    script = 'ip link set lo up && exec "$@"'
    words += ["sh", "-c", script, "sh", sys.executable] + sys.argv
    os.environ["HANDOVER_INSIDE"] = "1"
    os.execvp(words[0], words)


def main():
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["gunicorn", "nginx"])
    parser.add_argument("init", metavar="INIT", nargs="+")
    arguments = parser.parse_args()
    demand_tools()
    if "HANDOVER_INSIDE" not in os.environ:
        enter_network()
    ok = True
    for words in arguments.init:
        program, *options = words.split()
        path = shutil.which(program)
        if not path:
            sys.exit(f"{sys.argv[0]}: {program}: not found")
        for make_server, story in stories([os.path.realpath(path)], arguments.only):
            ok = try_out([os.path.realpath(path)] + options, make_server, story) and ok
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
