# SPDX-License-Identifier: MIT
"""
podman.py - podman, with a store and a configuration of its own, as root. Three ways to have an
init: podman run --init --init-path, init_path in containers.conf, and an image's ENTRYPOINT.
"""
import json
import os

import burial
import host
from engine import Container, Engine, demand, run

TOOLS = "podman", "conmon", "crun", "runc", "tar"
BARE = "localhost/bare"  # an image without an ENTRYPOINT
WITH_INIT = "localhost/with-init"  # one whose ENTRYPOINT is the init

# What podman asks for by default can be more than root has (no CAP_SYS_RESOURCE in a container).
CONFIG = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
netns = "none"
log_driver = "k8s-file"
{containers}

[engine]
events_logger = "none"
{engine}
"""


class Store:
    """podman, and where its files are. @prefix: words that come before, for another user."""

    def __init__(self, place, name, containers="", engine="", prefix=(), runtime="crun"):
        self.place = place
        self.directory = f"{place.directory}/{name}"
        self.prefix = list(prefix)
        self.runtime = runtime
        os.makedirs(self.directory)
        self.file("storage.conf", '[storage]\ndriver = "vfs"\n'
                  f'graphroot = "{self.directory}/root"\nrunroot = "{self.directory}/run"\n')
        self.env = {
            "PATH": os.environ["PATH"],
            "TMPDIR": os.environ["TMPDIR"],
            "HOME": self.directory,
            "XDG_RUNTIME_DIR": self.directory,
            "CONTAINERS_STORAGE_CONF": f"{self.directory}/storage.conf",
            "CONTAINERS_CONF": self.file("containers.conf", CONFIG.format(
                containers=containers, engine=engine)),
        }

    def file(self, name, text):
        path = f"{self.directory}/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def words(self, *words):
        # vfs: the images are small, and it works on every file system and for everybody.
        return [*self.prefix, "podman", "--root", f"{self.directory}/root",
                "--runroot", f"{self.directory}/run", "--tmpdir", f"{self.directory}/tmp",
                "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs",
                "--runtime", self.runtime, *words]

    def run(self, *words):
        return run(self.words(*words), env=self.env, cwd=self.directory)

    def demand(self, *words):
        return demand(self.words(*words), env=self.env, cwd=self.directory)

    def import_images(self, tar):
        entrypoint = json.dumps([self.place.inner, "--"])
        self.demand("import", "--quiet", "--change", 'CMD ["sh"]', tar, BARE)
        self.demand("import", "--quiet", "--change", f"ENTRYPOINT {entrypoint}", tar, WITH_INIT)


def pack(place):
    """The root file system as a tar file."""
    tar = f"{place.directory}/rootfs.tar"
    demand(["tar", "-C", place.rootfs, "--exclude=./dev/*", "-cf", tar, "."])
    return tar


class PodmanContainer(Container):
    def __init__(self, engine, name, words, how):
        super().__init__(name, engine.store.words(*words), how, env=engine.store.env,
                         cwd=engine.store.directory)
        self.store = engine.store

    def signal(self, name):
        # One that has ended meanwhile cannot be told.
        self.store.run("kill", "--signal", name, self.name)

    def stop(self, seconds=60):
        self.store.run("stop", "--time", str(seconds), self.name)

    def exec(self, *command):
        return self.store.run("exec", self.name, *command)

    def drop(self):
        if self.process.poll() is None:
            self.store.run("rm", "--force", "--time", "0", self.name)
        super().drop()


def the_init_is_the_one_that_was_given(engine):
    result = engine.run(["/cases/who.sh", engine.place.inner])
    result.expect(0, "the same program", f"called {engine.called}")


class Podman(Engine):
    container = PodmanContainer

    def __init__(self, store, way, options=(), cases=()):
        super().__init__(store.place)
        self.store = store
        self.name = f"podman {way}"
        self.options = list(options)  # that have podman bring the init; none: the image has it
        self.cases = (the_init_is_the_one_that_was_given, *cases)
        self.called = "/run/podman-init --" if options else f"{self.place.inner} --"

    def launch(self, name, command, how):
        words = ["run", "--name", name, *self.options_of(how), *self.cgroup_options(how)]
        if how.init or how.as_name:
            words += ["--entrypoint", json.dumps(self.init_words(how)), WITH_INIT]
        elif self.options:
            words += [*self.options, BARE]
        else:
            words += [WITH_INIT]
        return self.container(self, name, words + command, how)

    def cgroup_options(self, how):
        words = ["--cgroup-parent", f"/{self.place.cgroup}"]
        if how.pids:
            words += ["--pids-limit", str(how.pids)]
        if how.memory:
            words += ["--memory", f"{how.memory}m", "--memory-swap", f"{how.memory}m"]
        return words

    @staticmethod
    def options_of(how):
        words = ["--stop-signal", how.stop_signal]
        for key, value in how.env.items():
            words += ["--env", f"{key}={value}"]
        if how.user is not None:
            words += ["--user", f"{how.user}:{how.user}"]
        if how.read_only:
            words += ["--read-only"]
        if how.no_caps:
            words += ["--cap-drop", "ALL"]
        if how.no_new_privs:
            words += ["--security-opt", "no-new-privileges"]
        return words


def engines(place):
    host.leave_out_hybrid()
    store = Store(place, "podman")
    # This one with the other runtime, for good measure.
    configured = Store(place, "configured", containers=f'init_path = "{place.init}"',
                       runtime="runc")
    tar = pack(place)
    for one in store, configured:
        one.import_images(tar)
    return [
        Podman(store, "with ENTRYPOINT", cases=(
            *burial.GRACEFUL, burial.a_server_finishes_whatever_the_init_is_called)),
        Podman(store, "--init --init-path", ["--init", "--init-path", place.init],
               cases=(*burial.GRACEFUL, *burial.KILLED, *burial.HARSH)),
        Podman(configured, "--init, init_path configured, runc", ["--init"], cases=(
            burial.a_server_behind_a_shell_finishes,
            burial.what_the_command_leaves_behind_finishes,
            burial.zombies_of_a_parent_that_never_waits_are_buried_when_it_dies)),
    ]
