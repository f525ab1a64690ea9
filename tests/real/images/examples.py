#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
examples.py - what is in examples/ does what it says.

  tests/real/images/examples.py build/static/sexton

PROGRAM is installed from its build directory as a user would, into a /usr/local that only this run
sees. dockerd is started with examples/daemon.json, podman with examples/containers.conf; the
Dockerfile is built, the services are brought up by docker-compose, the pod is played by podman.
Needs root and no network; nothing is left behind (../engines/host.py).
"""
import argparse
import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(HERE))), "examples")
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "engines"))

import dockerd  # pylint: disable=wrong-import-position
import host  # pylint: disable=wrong-import-position
import rootfs  # pylint: disable=wrong-import-position
import tool  # pylint: disable=wrong-import-position
from engine import Failed, by_signal, demand, run  # pylint: disable=wrong-import-position

SLIM = "docker.io/library/debian:bookworm-slim"
DOCKER_INIT = "/usr/local/libexec/sexton/docker-init"
SERVICES = {  # of compose.yaml, and where their PID 1 is from
    "in-image": "/sexton",
    "by-engine": "/sbin/docker-init",
    "from-host": "/sexton",
}


def install(program):
    """As a user would, but to be seen by us alone."""
    root = f"{host.WORK}/installed"
    demand(["cmake", "--install", os.path.dirname(program), "--prefix", "/usr/local"],
           env={**os.environ, "DESTDIR": root})
    demand(["mount", "--bind", f"{root}/usr/local", "/usr/local"])


def make_images(one, archive):
    """One without sexton, one that holds it alone, as the project's Dockerfile makes it."""
    one.demand("import", "--change", "ENV PATH=/sbin:/bin", archive, SLIM)
    context = f"{host.WORK}/scratch"
    os.makedirs(context, exist_ok=True)
    rootfs.install("/usr/local/bin/sexton", f"{context}/sexton")
    with open(f"{context}/Dockerfile", "w", encoding="ascii") as file:
        file.write("FROM scratch\nCOPY sexton /sexton\nENTRYPOINT [\"/sexton\", \"--\"]\n")
    one.build("sexton", context)
    one.build("sexton-example", EXAMPLES)


def expect_init(one, name, path, version):
    """PID 1 of a running container is sexton, from there."""
    found = one.first_program(name).splitlines()
    if found != [path, version]:
        raise Failed(f"{name}: PID 1 is {found}, expected {[path, version]}")
    # As PID 1 itself "sleep" would not hear of SIGTERM.
    status = one.stop(name)
    if status != by_signal("TERM"):
        raise Failed(f"{name}: ended with {status}, expected {by_signal('TERM')}")


def refuses(what, path, good, bad, words, **options):
    """The tool takes the file, but not one with @bad in the place of @good."""
    demand([*words(path)], **options)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    faulty = f"{host.WORK}/faulty-{os.path.basename(path)}"
    with open(faulty, "w", encoding="utf-8") as file:
        file.write(text.replace(good, bad))
    if good not in text or run([*words(faulty)], **options).status == 0:
        raise Failed(f"{what} takes {bad} for {good}")


## Each example

def the_dockerfile(one, version):
    one.run("sexton-example", "sh", "-c", "exit 6").expect(6)
    one.start("dockerfile", "sexton-example")
    expect_init(one, "dockerfile", "/sexton", version)


def the_daemon_s_configuration(docker, version):
    shown = json.loads(docker.demand("info", "--format", "{{json .InitBinary}}"))
    if shown != DOCKER_INIT:
        raise Failed(f"docker info shows the init {shown}, expected {DOCKER_INIT}")
    docker.start("by-flag", "--init", SLIM, "sleep", "infinity")
    expect_init(docker, "by-flag", "/sbin/docker-init", version)


def the_services(docker, version):
    """With docker-compose; they have no network here."""
    path = f"{EXAMPLES}/compose.yaml"
    more = f"{host.WORK}/compose.json"
    with open(more, "w", encoding="ascii") as file:
        json.dump({"services": {name: {"network_mode": "none"} for name in SERVICES}}, file)
    env = {**docker.env, "DOCKER_HOST": docker.words[docker.words.index("--host") + 1],
           "COMPOSE_PROJECT_NAME": "examples"}
    refuses("docker-compose", path, "init:", "inti:",
            lambda file: ["docker-compose", "--file", file, "config", "--quiet"], env=env)
    compose = ["docker-compose", "--project-directory", EXAMPLES, "--file", path, "--file", more]
    demand([*compose, "up", "--detach", "--build"], env=env)
    for name, program in SERVICES.items():
        container = docker.demand("ps", "--quiet", "--filter",
                                  f"label=com.docker.compose.service={name}")
        expect_init(docker, container.strip(), program, version)


def podman_s_configuration(podman, version):
    """Where the example says that it belongs."""
    shutil.copy(f"{EXAMPLES}/containers.conf", "/etc/containers/containers.conf.d/sexton.conf")
    podman.start("configured", "--init", SLIM, "sleep", "infinity")
    expect_init(podman, "configured", "/run/podman-init", version)


def the_pod(podman, version):
    path = f"{EXAMPLES}/pod.yaml"
    podman.demand("play", "kube", "--network=none", path)
    expect_init(podman, "sexton-example-app", "/opt/sexton/sexton", version)
    # The pod's own: there is nothing else in its image.
    infra = podman.demand("pod", "inspect", "--format", "{{.InfraContainerID}}", "sexton-example")
    pid = podman.demand("inspect", "--format", "{{.State.Pid}}", infra.strip()).strip()
    found = demand([f"/proc/{pid}/exe", "--version"]).strip()
    if found != version:
        raise Failed(f"the first process of the pod is {found}, expected {version}")


def try_out(program, cgroup):
    version = demand([program, "--version"]).strip()
    archive = f"{host.WORK}/slim.tar"
    rootfs.make(f"{host.WORK}/rootfs", program)
    demand(["tar", "--create", "--file", archive, "--directory", f"{host.WORK}/rootfs", "."])
    install(program)
    docker = tool.docker(f"{host.WORK}/docker", cgroup, "--config-file", f"{EXAMPLES}/daemon.json")
    podman = tool.podman(f"{host.WORK}/podman", cgroup)
    for name, one in ("docker", docker), ("podman", podman):
        make_images(one, archive)
        the_dockerfile(one, version)
        say("Dockerfile", f"built and run by {name}")
    the_daemon_s_configuration(docker, version)
    say("daemon.json", "used by dockerd")
    the_services(docker, version)
    say("compose.yaml", "brought up by docker-compose")
    podman_s_configuration(podman, version)
    the_pod(podman, version)
    say("containers.conf", "used by podman")
    say("pod.yaml", "played by podman")


def say(what, fact):
    print(f"ok   {what}: {fact}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", metavar="PROGRAM", help="a static sexton where it was built")
    program = os.path.realpath(parser.parse_args().program)
    if not host.is_inside():
        rootfs.demand_static(program, "./dev build makes build/static/sexton")
        host.need("cmake", "docker-compose", "tar", "busybox", *dockerd.TOOLS, *tool.PODMAN_TOOLS)
        had = host.cgroups("libpod_parent")
        status = host.enter()
        # podman has no way to play a pod in a cgroup of ours.
        for top in set(host.cgroups("libpod_parent")) - set(had):
            host.look(lambda top=top: host.remove_tree(top), f"cannot remove {top}")
        sys.exit(status)
    host.settle()
    host.layer("/etc")
    try:
        try_out(program, os.environ[host.INSIDE])
    except Failed as failure:
        sys.exit(f"FAIL {failure}")


if __name__ == "__main__":
    main()
