# SPDX-License-Identifier: MIT
"""
dockerd.py - a Docker daemon in a place of its own (host.py), whose end is that of all that it has
started.
"""
import os
import shutil
import subprocess
import time

from engine import LIMIT, Failed, run

TOOLS = "docker", "dockerd", "containerd", "runc"
WAIT = 0.02  # seconds; nothing tells when a daemon is ready


def start(directory, cgroup, *options):
    """
    Starts a daemon with its files below @directory and with these options as well; returns the
    clients that it understands, each as the words in front of its command. All containers are in
    the cgroup @cgroup.
    """
    address = f"unix://{directory}/socket"
    os.makedirs(directory, exist_ok=True)
    if "--config-file" not in options:
        # Not the administrator's.
        options += "--config-file", f"{directory}/daemon.json"
        with open(options[-1], "w", encoding="ascii") as file:
            file.write("{}\n")
    words = ["dockerd", "--host", address, "--data-root", f"{directory}/data",
             "--exec-root", f"{directory}/exec", "--pidfile", f"{directory}/pid",
             "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false",
             "--ip-masq=false", "--exec-opt", "native.cgroupdriver=cgroupfs",
             "--cgroup-parent", f"/{cgroup}", *options]
    with open(f"{directory}/log", "wb") as log:
        daemon = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    return wait_for(daemon, directory, address)


def wait_for(daemon, directory, address):
    deadline = time.monotonic() + LIMIT
    while daemon.poll() is None and time.monotonic() < deadline:
        found = clients(directory, address)
        if found:
            return found
        time.sleep(WAIT)
    with open(f"{directory}/log", encoding="utf-8", errors="replace") as log:
        raise Failed("dockerd does not answer:\n" + "".join(log.readlines()[-20:]))


def clients(directory, address):
    """
    Those in the PATH that the daemon answers: Debian's, and maybe a newer one. One may be too new
    for it. Nothing of the user's own configuration is read.
    """
    if not os.path.exists(f"{directory}/socket"):
        return []
    found = [shutil.which("docker", path=place) for place in os.get_exec_path()]
    programs = dict.fromkeys(os.path.realpath(program) for program in found if program)
    words = [[program, "--config", f"{directory}/config", "--host", address]
             for program in programs]
    return [client for client in words if run([*client, "version"]).status == 0]
