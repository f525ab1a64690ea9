# SPDX-License-Identifier: MIT
"""
tool.py - docker and podman as one: what builds and runs images, in a place of its own
(../engines/host.py). Their command lines are the same, but for the building, which buildah does
for podman.
"""
import contextlib
import dataclasses
import hashlib
import io
import json
import os
import subprocess
import tarfile

import dockerd
from engine import LIMIT, Failed, demand, run

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
        """Stops a container; its exit status."""
        self.demand("stop", "--time", str(LIMIT // 2), name)
        return int(self.demand("inspect", "--format", "{{.State.ExitCode}}", name))

    def files(self, image, directory):
        """All files of the image: their names and the SHA-256 of each."""
        path = f"{directory}/image.tar"
        self.demand("save", "--output", path, image)
        files = {}
        with tarfile.open(path) as archive:
            manifest = json.load(archive.extractfile("manifest.json"))
            for layer in manifest[0]["Layers"]:
                data = archive.extractfile(layer).read()
                with tarfile.open(fileobj=io.BytesIO(data)) as members:
                    for member in members:
                        files[member.name] = digest(members, member)
        os.remove(path)
        return files


def digest(archive, member):
    """The SHA-256 of a member of the tar file; of what is no plain file: nothing."""
    return hashlib.sha256(archive.extractfile(member).read()).hexdigest() if member.isfile() else ""


def docker(directory, cgroup, *options):
    """A daemon of our own, with these options."""
    client = dockerd.start(directory, cgroup, *options)[0]
    # The builder that every client has.
    env = {**os.environ, "DOCKER_BUILDKIT": "0"}
    return Tool(client, [*client, "build", "--network=host"], env, ["--network=none"])


def podman(directory, cgroup):
    """A store of our own, and a configuration in the place of the machine's."""
    os.makedirs(directory)
    os.makedirs("/etc/containers/containers.conf.d", exist_ok=True)
    write("/etc/containers/containers.conf", CONFIG)
    env = {
        **os.environ,
        "HOME": directory,
        "TMPDIR": directory,
        "CONTAINERS_STORAGE_CONF": write(f"{directory}/storage.conf", STORE.format(directory)),
    }
    return Tool(["podman", "--runtime=runc", "--cgroup-manager=cgroupfs"],
                ["buildah", "bud", "--pull-never", "--runtime=runc", "--network=host"], env,
                ["--network=none", f"--cgroup-parent=/{cgroup}", "--ulimit=nofile=1024:1024",
                 "--ulimit=nproc=4096:4096"])


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def note_names():
    """
    Builds ask the machine's name server. /etc/resolv.conf, which has its address, may be a link
    into the /run that we do not see inside: to be called before we go there.
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
