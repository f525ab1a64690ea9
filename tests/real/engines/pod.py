# SPDX-License-Identifier: MIT
"""
pod.py - a podman pod whose processes are all in one PID namespace, with the init as the pod's own
(infra) process, which podman calls as "catatonit -P". Two ways to get it there: a directory with a
catatonit that podman packs into an image of its own, and an image and command of ours.

The containers of the pod have the init as their own as well: there it is not PID 1 but a subreaper.
"""
import os

import burial
import host
from engine import Failed, new_name
from podman import BARE, Podman, PodmanContainer, Store, pack

TOOLS = "podman", "conmon", "crun", "tar"


class Pod(Podman):
    def __init__(self, store, way, infra, called):
        super().__init__(store, way, cases=(
            a_pod_stops_when_it_is_told_to,
            *burial.GRACEFUL,
            *burial.KILLED,
            an_orphan_of_a_container_without_init_is_buried_by_the_pods,
            zombies_of_a_container_without_init_are_buried_by_the_pods,
        ))
        self.name = f"pod, {way}"
        self.called = called
        self.infra = infra
        self.pod = self.create("pod")

    def create(self, name):
        """Makes a pod and starts its first process; the name."""
        self.store.demand("pod", "create", "--name", name, "--infra-name", f"{name}-infra",
                          "--share", "pid,ipc,net,uts", "--network", "none",
                          "--cgroup-parent", f"/{self.place.cgroup}", *self.infra)
        self.store.demand("pod", "start", name)
        return name

    def cgroup_options(self, how):
        return ["--pod", self.pod]

    def bare(self, *command):
        """Runs a container without an init of its own to its end."""
        name = new_name()
        words = ["run", "--name", name, "--pod", self.pod, BARE, *command]
        self.containers.append(PodmanContainer(self, name, words, None))
        return self.containers[-1].end()


def an_orphan_of_a_container_without_init_is_buried_by_the_pods(engine):
    engine.bare("/cases/orphan.sh", "1").expect(0, "adopted", "buried")


def zombies_of_a_container_without_init_are_buried_by_the_pods(engine):
    engine.bare("/cases/zombies.sh", "1").expect(0, "three zombies", "no zombies")


def a_pod_stops_when_it_is_told_to(engine):
    store = engine.store
    pod = engine.pod = engine.create(new_name())
    # First the container: podman 4 tells all at once, and whatever is called -P ends at once.
    burial.wrapped(engine, "sh", "-c", "/cases/worker.sh server 1; true")
    store.demand("pod", "stop", "--time", "60", pod)
    status = store.demand("inspect", "--format", "{{.State.ExitCode}}", f"{pod}-infra").strip()
    if status != "0":
        raise Failed(f"the pod's first process ended with {status}, expected 0")


def engines(place):
    host.leave_out_hybrid()
    # As it is installed: links of the names, in a directory of their own.
    helpers = f"{place.directory}/libexec"
    os.mkdir(helpers)
    os.symlink(f"../../{os.path.basename(place.init)}", f"{helpers}/catatonit")
    by_helper = Store(place, "by_helper", engine=f'helper_binaries_dir = ["{helpers}"]')
    by_image = Store(place, "by_image")
    tar = pack(place)
    for store in by_helper, by_image:
        store.import_images(tar)
    return [
        Pod(by_helper, "helper_binaries_dir", [], "/catatonit -P"),
        Pod(by_image, "--infra-image --infra-command",
            ["--infra-image", BARE, "--infra-command", "/names/catatonit -P"],
            "/names/catatonit -P"),
    ]
