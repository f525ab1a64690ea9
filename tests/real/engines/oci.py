# SPDX-License-Identifier: MIT
"""
oci.py - containers from a bundle: a root file system and a config.json, run by crun or runc.
"""
import json
import os

import burial
import seccomp
from engine import Container, Engine, run
from host import look

# What podman leaves to root in a container.
CAPS = ["CAP_" + name for name in (
    "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP", "SETGID",
    "SETPCAP", "SETUID", "SYS_CHROOT")]

MOUNTS = [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
     "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
    {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]},
    {"destination": "/sys", "type": "sysfs", "source": "sysfs",
     "options": ["nosuid", "noexec", "nodev", "ro"]},
]


def config(rootfs, words, how, cgroup):
    """The config.json of a container that runs the words."""
    caps = [] if how.no_caps else CAPS
    # Who is not root has none to use, and could have some to hand on.
    sets = ("bounding", "effective", "permitted") if how.user is None else ("bounding",)
    uid = how.user or 0
    result = {
        "ociVersion": "1.0.2",
        "hostname": "engines",
        "root": {"path": rootfs, "readonly": how.read_only},
        "mounts": MOUNTS,
        "process": {
            "user": {"uid": uid, "gid": uid},
            "args": words,
            "cwd": "/",
            "env": ["PATH=/sbin:/bin", *(f"{key}={value}" for key, value in how.env.items())],
            "noNewPrivileges": how.no_new_privs,
            "capabilities": {kind: caps for kind in sets},
        },
        "linux": {
            "cgroupsPath": cgroup,
            "namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount")],
            "resources": resources(how),
            "maskedPaths": ["/proc/kcore", "/proc/keys", "/sys/firmware"],
            "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                              "/proc/sysrq-trigger"],
        },
    }
    if how.seccomp:
        result["linux"]["seccomp"] = seccomp.profile(caps)
    return result


def resources(how):
    result = {"devices": [{"allow": False, "access": "rwm"}]}
    if how.pids:
        result["pids"] = {"limit": how.pids}
    if how.memory:
        result["memory"] = {"limit": how.memory << 20}
    return result


class OciContainer(Container):
    def __init__(self, runtime, name, bundle, how):
        super().__init__(name, [*runtime, "run", "--bundle", bundle, name], how)
        self.runtime = runtime

    def signal(self, name):
        self.known()
        # One that has ended meanwhile cannot be told.
        run([*self.runtime, "kill", self.name, name])

    def exec(self, *command):
        self.known()
        return run([*self.runtime, "exec", self.name, *command])

    def known(self):
        """crun says that a container runs a while after it has begun to."""
        words = [*self.runtime, "state", self.name]
        look(lambda: self.process.poll() is not None or run(words).status == 0, self.name)

    def drop(self):
        if self.process.poll() is None:
            run([*self.runtime, "delete", "--force", self.name])
        super().drop()


class Oci(Engine):
    cases = (burial.a_server_finishes_whatever_the_init_is_called, *burial.GRACEFUL,
             *burial.KILLED, *burial.HARSH)

    def __init__(self, place, name, runtime):
        super().__init__(place)
        self.name = name
        self.runtime = runtime

    def launch(self, name, command, how):
        bundle = f"{self.place.directory}/{name}"
        os.makedirs(bundle)
        words = [*self.init_words(how), *command]
        with open(f"{bundle}/config.json", "w", encoding="ascii") as file:
            json.dump(config(self.place.rootfs, words, how, f"/{self.place.cgroup}/{name}"), file)
        return OciContainer(self.runtime, name, bundle, how)
