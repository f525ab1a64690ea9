#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
images.py - the Dockerfile is built, and its image works.

  tests/real/images/base.sh build/base.tar
  tests/real/images/images.py buildah build/static/sexton build/base.tar

BUILDER is buildah (podman runs the image then) or docker. The build fetches packages, as a user's
does. Needs root; nothing is left behind (../engines/host.py).
"""
import argparse
import hashlib
import os
import re
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "engines"))

import dockerd  # pylint: disable=wrong-import-position
import host  # pylint: disable=wrong-import-position
import rootfs  # pylint: disable=wrong-import-position
import tool  # pylint: disable=wrong-import-position
from engine import Failed, demand  # pylint: disable=wrong-import-position

BASE = "docker.io/library/debian:bookworm-slim"
IMAGE = "sexton"


def readme_dockerfile():
    """What the README says to write into one's own."""
    with open(f"{ROOT}/README.md", encoding="utf-8") as file:
        return re.search("```dockerfile\n(FROM .*?)```", file.read(), re.DOTALL).group(1)


def the_image_holds_one_file(builder, directory, same_as):
    files = builder.files(IMAGE, directory)
    if list(files) != ["sexton"]:
        raise Failed(f"the image holds {', '.join(files)}, expected sexton alone")
    if same_as and files["sexton"] != same_as:
        raise Failed("the program in the image is not the one that was given")


def the_program_says_its_version(builder, version):
    builder.run("--entrypoint", "/sexton", IMAGE, "--version").expect(0, version)


def the_program_pauses_until_it_is_stopped(builder):
    builder.start("pause", "--entrypoint", "/sexton", IMAGE, "--pause")
    status = builder.stop("pause")
    if status != 0:
        raise Failed(f"--pause: ended with {status}, expected 0")


def the_entrypoint_wants_a_command(builder):
    result = builder.run(IMAGE)
    if result.status != 125 or "sexton: " not in result.output:
        raise Failed(f"without a command: ended with {result.status}: {result.output}")


def an_image_with_a_copy_runs_a_command(builder, directory, version):
    with open(f"{directory}/Dockerfile", "w", encoding="ascii") as file:
        file.write(readme_dockerfile())
    builder.build("derived", directory)
    builder.run("derived", "sh", "-c", "exit 6").expect(6)
    builder.run("derived", "sh", "-c", "readlink /proc/1/exe; /proc/1/exe --version") \
        .expect(0, "/sexton", version)


def try_out(builder, directory, arguments):
    """Everything, one after the other."""
    version = demand([arguments.program, "--version"]).strip()
    same_as = None
    if arguments.same:
        with open(arguments.program, "rb") as file:
            same_as = hashlib.sha256(file.read()).hexdigest()
    builder.demand("import", "--change", 'CMD ["bash"]', arguments.base, BASE)
    builder.build(IMAGE, ROOT)
    say("builds")
    the_image_holds_one_file(builder, directory, same_as)
    say("holds one file" + ", the program that was given" * arguments.same)
    the_program_says_its_version(builder, version)
    the_program_pauses_until_it_is_stopped(builder)
    the_entrypoint_wants_a_command(builder)
    say("says its version, pauses, wants a command")
    an_image_with_a_copy_runs_a_command(builder, directory, version)
    say("is what another image copies the program from")


def say(fact):
    print(f"ok   the image {fact}", flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--same", action="store_true", help="the image must hold this very PROGRAM")
    parser.add_argument("builder", metavar="BUILDER", choices=("buildah", "docker"))
    parser.add_argument("program", metavar="PROGRAM", help="a static sexton, to compare with")
    parser.add_argument("base", metavar="BASE", help="what base.sh has made")
    arguments = parser.parse_args()
    for name in "program", "base":
        setattr(arguments, name, os.path.realpath(getattr(arguments, name)))
    return arguments


def main():
    arguments = parse()
    if not host.is_inside():
        rootfs.demand_static(arguments.program, "./dev build makes build/static/sexton")
        host.need(*(tool.PODMAN_TOOLS if arguments.builder == "buildah" else dockerd.TOOLS))
        tool.note_names()
        sys.exit(host.enter())
    host.settle()
    host.layer("/etc")
    tool.keep_names()
    make = tool.podman if arguments.builder == "buildah" else tool.docker
    os.mkdir(f"{host.WORK}/files")
    try:
        builder = make(f"{host.WORK}/{arguments.builder}", os.environ[host.INSIDE])
        try_out(builder, f"{host.WORK}/files", arguments)
    except Failed as failure:
        sys.exit(f"FAIL {arguments.builder}: {failure}")


if __name__ == "__main__":
    main()
