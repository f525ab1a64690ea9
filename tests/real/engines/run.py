#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
run.py - an init in the engines where users run it.

  tests/real/engines/run.py crun build/static/sexton

Runs every case of one engine (see engine.py and burial.py), several at a time, and prints a line
for each:

  ok   crun: a server behind a shell finishes

Those that failed are named at the end once more, with what their containers wrote. INIT must be
static: it runs in images that have no libraries. Needs root; nothing is left behind (host.py).
"""
import argparse
import concurrent.futures
import copy
import importlib
import os
import shutil
import sys
import traceback

sys.dont_write_bytecode = True

import engine  # pylint: disable=wrong-import-position
import host  # pylint: disable=wrong-import-position
import rootfs  # pylint: disable=wrong-import-position

# Modules beside this one, each with engines(place). The name is that of the module.
ENGINES = ("crun", "runc", "podman", "podman_rootless", "pod", "bubblewrap", "unshare", "docker")


def sentence(case):
    return case.__name__.replace("_", " ")


def try_out(origin, case):
    """Runs one case; None, or what went wrong."""
    # One of its own: it remembers which containers the case has started.
    mine = copy.copy(origin)
    mine.containers = []
    problem = None
    try:
        case(mine)
    except engine.Failed as failure:
        problem = str(failure)
    except Exception:  # pylint: disable=broad-exception-caught
        problem = traceback.format_exc()
    for container in mine.containers:
        container.drop()
    if problem is None:
        return None
    return "\n".join([problem, *map(evidence, mine.containers)])


def evidence(container):
    return f"--- {' '.join(container.words)}\n{container.output}---"


def run_cases(engines, only):
    """Runs the cases of the engines; what failed, as pairs of a name and the evidence."""
    failed = []
    with concurrent.futures.ThreadPoolExecutor(engines[0].jobs) as pool:
        names = {}
        for one in engines:
            for case in one.cases:
                name = f"{one.name}: {sentence(case)}"
                if only in name:
                    names[pool.submit(try_out, one, case)] = name
        for future in concurrent.futures.as_completed(names):
            problem = future.result()
            print("FAIL" if problem else "ok  ", names[future], flush=True)
            if problem:
                failed.append((names[future], problem))
    if not names:
        sys.exit(f"{sys.argv[0]}: no case has \"{only}\" in its name")
    return failed


def make_place(init):
    root = f"{host.WORK}/rootfs"
    directory = f"{host.WORK}/files"
    os.mkdir(directory)
    # Where it comes from, not everybody may go.
    copy_of_init = f"{host.WORK}/{os.path.basename(init)}"
    rootfs.install(init, copy_of_init)
    inner = rootfs.make(root, copy_of_init)
    return engine.Place(directory, root, copy_of_init, inner, os.environ[host.INSIDE])


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="TEXT", default="",
                        help="the cases with this in their names")
    parser.add_argument("engine", metavar="ENGINE", choices=ENGINES, help=", ".join(ENGINES))
    parser.add_argument("init", metavar="INIT", help="a static program")
    return parser.parse_args()


def main():
    arguments = parse()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    init = os.path.realpath(shutil.which(arguments.init) or arguments.init)
    if not host.is_inside():
        rootfs.demand_static(init, "./dev build makes build/static/sexton")
        module = importlib.import_module(arguments.engine)
        host.need("busybox", *module.TOOLS)
        sys.exit(host.enter())
    host.settle()
    try:
        engines = importlib.import_module(arguments.engine).engines(make_place(init))
    except engine.Failed as failure:
        sys.exit(f"{sys.argv[0]}: cannot prepare {arguments.engine}: {failure}")
    failed = run_cases(engines, arguments.only)
    for name, problem in failed:
        print(f"\nFAILED: {name}\n{problem}", file=sys.stderr, flush=True)
    if failed:
        sys.exit(f"\n{len(failed)} failed: " + ", ".join(name for name, _ in failed))


if __name__ == "__main__":
    main()
