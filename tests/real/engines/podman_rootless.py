# SPDX-License-Identifier: MIT
"""
podman_rootless.py - podman of somebody without rights, with a range of subordinate users. That
somebody is known in a layer above /etc that only this run sees.
"""
import burial
import host
from engine import demand
from podman import Podman, PodmanContainer, Store, pack

TOOLS = "podman", "conmon", "crun", "tar", "newuidmap", "newgidmap", "setpriv"


class RootlessContainer(PodmanContainer):
    def confine(self):
        """On a machine with cgroups of version 1 limits are root's to set."""
        pid = self.store.demand("inspect", "--format", "{{.State.Pid}}", self.name)
        host.confine(self.store.place.cgroup, self.name, int(pid), self.how)


class Rootless(Podman):
    container = RootlessContainer

    def cgroup_options(self, how):
        return ["--cgroups", "disabled"]


def make_user():
    """Nobody else has this number, and these subordinate ones."""
    host.layer("/etc")
    lines = {
        "passwd": f"engines:x:{host.USER}:{host.USER}::/nonexistent:/bin/sh",
        "group": f"engines:x:{host.USER}:",
        "subuid": "engines:1000000:65536",
        "subgid": "engines:1000000:65536",
    }
    for name, line in lines.items():
        with open(f"/etc/{name}", "a", encoding="ascii") as file:
            file.write(line + "\n")


def engines(place):
    host.leave_out_hybrid()
    make_user()
    store = Store(place, "rootless", prefix=host.as_user())
    demand(["chown", "-R", f"{host.USER}:{host.USER}", store.directory])
    store.import_images(pack(place))
    return [
        Rootless(store, "rootless --init --init-path", ["--init", "--init-path", place.init],
                 cases=(*burial.GRACEFUL, *burial.KILLED, *burial.HARSH)),
        Rootless(store, "rootless with ENTRYPOINT", cases=(
            burial.a_server_behind_a_shell_finishes,
            burial.what_the_command_leaves_behind_finishes,
            burial.zombies_of_a_parent_that_never_waits_are_buried_when_it_dies)),
    ]
