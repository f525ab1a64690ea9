# SPDX-License-Identifier: MIT
"""
docker.py - dockerd with the init as its --init-path, and with the init in an image, as its
ENTRYPOINT. What Docker alone has: the daemon asks the init for its version.
"""
import json
import os

import burial
import dockerd
import host
from engine import Container, Engine, Failed, by_signal, demand, run
from podman import pack, the_init_is_the_one_that_was_given

TOOLS = *dockerd.TOOLS, "tar"
UNTIL = "; while :; do sleep 0.1; done"  # a shell gets its signals in between


class DockerContainer(Container):
    def __init__(self, client, name, words, how):
        super().__init__(name, [*client, "run", "--name", name, *words], how)
        self.client = client

    def signal(self, name):
        # One that has ended meanwhile cannot be told.
        run([*self.client, "kill", "--signal", name, self.name])

    def stop(self, seconds=60):
        # The signal is that of the container, or of its image.
        demand([*self.client, "stop", "--time", str(seconds), self.name])

    def exec(self, *command):
        return run([*self.client, "exec", self.name, *command])

    def exec_beside(self, script):
        """Runs a script in there that is not waited for, and writes what the container writes."""
        demand([*self.client, "exec", "--detach", self.name, "sh", "-c",
                f"exec >/proc/1/fd/1 2>&1; {script}"])

    def drop(self):
        run([*self.client, "rm", "--force", self.name])
        super().drop()


class Docker(Engine):
    """The daemon puts the init into containers whose image need not know of it."""
    image = "plain"

    def __init__(self, place, clients, version):
        super().__init__(place)
        self.clients = clients
        self.version = version

    def launch(self, name, command, how):
        words = options(how)
        if how.init or how.as_name:
            first, *command = [*self.init_words(how), *command]
            words += ["--entrypoint", first]
        else:
            words += self.front
        return DockerContainer(self.clients[0], name, [*words, self.image, *command], how)


class DockerInit(Docker):
    name = "docker run --init"
    front = ("--init",)
    called = "/sbin/docker-init --"


class DockerImage(Docker):
    name = "docker, ENTRYPOINT"
    front = ()
    image = "with-init"

    @property
    def called(self):
        return f"{self.place.inner} --"


class DockerBoth(Docker):
    name = "docker run --init, ENTRYPOINT"
    front = ("--init",)
    image = "with-init"


def options(how):
    """Those of docker run; the seccomp profile is on by default."""
    words = ["--network=none"]
    words += [f"--env={key}={value}" for key, value in how.env.items()]
    if how.stop_signal != "TERM":
        words.append(f"--stop-signal={how.stop_signal}")
    if how.user is not None:
        words.append(f"--user={how.user}:{how.user}")
    if how.pids:
        words.append(f"--pids-limit={how.pids}")
    if how.memory:
        words.append(f"--memory={how.memory}m")
    return (words + ["--read-only"] * how.read_only + ["--cap-drop=ALL"] * how.no_caps
            + ["--security-opt=no-new-privileges"] * how.no_new_privs)


## Cases

def the_daemon_shows_the_version_of_the_init(engine):
    """With an init that does not say it, docker info never answers."""
    for client in engine.clients:
        demand([*client, "info"])
        server = json.loads(demand([*client, "version", "--format", "{{json .Server}}"]))
        shown = [part["Version"] for part in server["Components"] if part["Name"] == "docker-init"]
        if shown != [engine.version]:
            raise Failed(f"{client[0]} version shows {shown}, expected {engine.version}")


def with_a_stop_timeout_the_init_names_whom_it_kills(engine):
    container = engine.start(["sh", "-c", f"trap '' TERM; echo ready{UNTIL}"],
                             env={"SEXTON_STOP_TIMEOUT": "1s"})
    container.line("ready")
    container.stop()
    result = container.end().expect(by_signal("KILL"))
    if "killing pid" not in result.output or "(sh)" not in result.output:
        raise Failed("nobody has been named")


def the_stop_signal_of_an_image_reaches_the_command(engine):
    engine.image += "-usr1"
    container = engine.start(["sh", "-c", f"trap 'exit 6' USR1; echo ready{UNTIL}"])
    container.line("ready")
    container.stop()
    container.end().expect(6)


def what_docker_exec_has_started_is_asked_and_finishes(engine):
    container = engine.start(["/cases/worker.sh", "server", "0"],
                             env={"SEXTON_STOP_TIMEOUT": "60s"})
    container.line("ready server")
    container.exec_beside("/cases/worker.sh guest 1")
    container.line("ready guest")
    container.stop()
    container.end().expect(0, "asked server", "asked guest", "finished guest")


def a_command_is_not_found(engine):
    engine.run(["/nowhere"]).expect(127)


Docker.cases = (
    the_init_is_the_one_that_was_given,
    *burial.GRACEFUL,
    *burial.HARSH,
    with_a_stop_timeout_the_init_names_whom_it_kills,
    the_stop_signal_of_an_image_reaches_the_command,
    what_docker_exec_has_started_is_asked_and_finishes,
    a_command_is_not_found,
)
DockerInit.cases = the_daemon_shows_the_version_of_the_init, *Docker.cases
# The inner one is a subreaper.
DockerBoth.cases = (
    burial.a_server_behind_a_shell_finishes,
    burial.what_the_command_leaves_behind_finishes,
    burial.zombies_of_a_parent_that_never_waits_are_buried_when_it_dies,
)


## The daemon

def engines(place):
    host.layer("/etc")  # where dockerd puts a key
    # The daemon asks the file for its version by the name that it has here.
    init = f"{place.directory}/docker-init"
    os.symlink(place.init, init)
    version = demand([init, "--version"]).strip().removeprefix("tini version ")
    clients = dockerd.start(f"{place.directory}/docker", place.cgroup, "--init-path", init)
    archive = pack(place)
    entrypoint = f"ENTRYPOINT {json.dumps([place.inner, '--'])}"
    for name, changes in ("plain", ()), ("with-init", (f"--change={entrypoint}",)):
        demand([*clients[0], "import", *changes, archive, name])
        derive(clients[0], f"{place.directory}/{name}", name, "STOPSIGNAL SIGUSR1")
    return [kind(place, clients, version) for kind in (DockerInit, DockerImage, DockerBoth)]


def derive(client, directory, name, line):
    """Builds NAME-usr1 from an image."""
    os.mkdir(directory)
    with open(f"{directory}/Dockerfile", "w", encoding="ascii") as file:
        file.write(f"FROM {name}\n{line}\n")
    # The builder that every client has.
    demand([*client, "build", "--tag", f"{name}-usr1", directory],
           env={**os.environ, "DOCKER_BUILDKIT": "0"})
