# SPDX-License-Identifier: MIT
"""
tool.py - docker and podman as one: what builds and runs images, in a place of its own (../engines/host.py).
Their command lines are the same, but for the building, which buildah does for podman.
"""
import contextlib
import dataclasses
import hashlib
import io
import json
import os
import subprocess
import tarfile
import time

import dockerd
from engine import Failed, demand, run

NAMES = "SEXTON_IMAGES_RESOLV_CONF"  # a variable
BUILD_LIMIT = 900  # seconds; packages are fetched

# What podman asks for by default can be more than root has (no CAP_SYS_RESOURCE in a container).
CONFIG = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
netns = "none"
log_driver = "k8s-file"

[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
"""
STORE = """
[storage]
driver = "overlay"
graphroot = "{0}/root"
runroot = "{0}/run"
"""
PODMAN_TOOLS = "buildah", "podman", "conmon", "runc"


@dataclasses.dataclass
class Tool:
    """How one is called."""
    words: list  # docker or podman, in front of a command
    build_words: list
    env: dict
    limits: list  # options of run

    def demand(self, *words):
        return demand([*self.words, *words], env=self.env)

    def build(self, tag, *words):
        """Builds an image; @words are options and the directory."""
        words = [*self.build_words, "--tag", tag, *words]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=self.env,
                              stderr=subprocess.STDOUT, timeout=BUILD_LIMIT, check=False, text=True)
        if done.returncode != 0:
            raise Failed(f"{' '.join(words)}: ended with {done.returncode}: {done.stdout[-4000:]}")

    def run(self, *words):
        """Runs a container to its end; the Result."""
        return run([*self.words, "run", "--rm", *self.limits, *words], env=self.env)

    def start(self, name, *words):
        """Starts a container in the background."""
        self.demand("run", "--detach", "--name", name, *self.limits, *words)

    def first_program(self, name):
        """Which program PID 1 is, and what it says of itself."""
        return self.demand("exec", name, "sh", "-c", "readlink /proc/1/exe; /proc/1/exe --version")

    def stop(self, name):
        """Stops a container; its exit status and the seconds that it took."""
        began = time.monotonic()
        self.demand("stop", "--time", "30", name)
        took = time.monotonic() - began
        return int(self.demand("inspect", "--format", "{{.State.ExitCode}}", name)), took

    def files(self, image, directory):
        """All files of the image: name -> SHA-256; what is no plain file -> what it is instead."""
        path = f"{directory}/image.tar"
        self.demand("save", "--output", path, image)
        files = {}
        with tarfile.open(path) as archive:
            manifest = json.load(archive.extractfile("manifest.json"))
            for layer in manifest[0]["Layers"]:
                data = archive.extractfile(layer).read()
                with tarfile.open(fileobj=io.BytesIO(data)) as members:
                    for member in members:
                        files[member.name] = hashlib.sha256(
                            members.extractfile(member).read()).hexdigest() \
                            if member.isfile() else f"type {member.type!r}"
        os.remove(path)
        return files


def docker(directory, cgroup, *options):
    """A daemon of our own, with these options."""
    client = dockerd.start(directory, cgroup, *options)[0]
    # The builder that every client has.
    return Tool(client, [*client, "build", "--network=host"], {**os.environ, "DOCKER_BUILDKIT": "0"},
                ["--network=none"])


def podman(directory, cgroup, config=CONFIG):
    """A store of our own. What is configured without limits gets them on the command line."""
    os.makedirs(directory)
    env = {**os.environ, "HOME": directory, "TMPDIR": directory}
    for variable, name, text in (("CONTAINERS_CONF", "containers.conf", config),
                                 ("CONTAINERS_STORAGE_CONF", "storage.conf", STORE.format(directory))):
        env[variable] = f"{directory}/{name}"
        with open(env[variable], "w", encoding="utf-8") as file:
            file.write(text)
    return Tool(["podman", "--runtime=runc", "--cgroup-manager=cgroupfs"],
                ["buildah", "bud", "--pull-never", "--runtime=runc", "--network=host"], env,
                ["--network=none", f"--cgroup-parent=/{cgroup}", "--ulimit=nofile=1024:1024",
                 "--ulimit=nproc=4096:4096"])


def note_names():
    """
    Builds ask the machine's name server. /etc/resolv.conf, which has its address, may be a link into the
    /run that we do not see inside: before we go there.
    """
    with contextlib.suppress(OSError), open("/etc/resolv.conf", encoding="ascii") as file:
        os.environ[NAMES] = file.read()


def keep_names():
    """The same, inside."""
    path = os.path.realpath("/etc/resolv.conf")
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(os.environ.get(NAMES, ""))
