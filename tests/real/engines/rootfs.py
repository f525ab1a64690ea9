# SPDX-License-Identifier: MIT
"""
rootfs.py - the root file system of the containers: busybox, the init under all its names, and the
scripts of cases/. It belongs to nobody but root and can be used by everybody.
"""
import os
import shutil
import stat
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
NAMES = "tini", "docker-init", "dumb-init", "catatonit", "podman-init", "pause"
PT_INTERP = 3


def is_static(path):
    """Is it a program for this machine that needs no file beside it?"""
    with open(path, "rb") as file:
        ident = file.read(64)
        if ident[:4] != b"\x7fELF" or ident[4] != 2:
            return False
        offset, = struct.unpack_from("=Q", ident, 32)
        size, count = struct.unpack_from("=HH", ident, 54)
        file.seek(offset)
        headers = file.read(size * count)
    return all(struct.unpack_from("=I", headers, i * size)[0] != PT_INTERP for i in range(count))


def demand_static(path, remedy):
    """Ends the program if containers could not run this one."""
    if not os.access(path, os.X_OK):
        sys.exit(f"{sys.argv[0]}: {path}: no such program ({remedy})")
    if not is_static(path):
        sys.exit(f"{sys.argv[0]}: {path}: not static: containers have no libraries ({remedy})")


def make(root, init):
    """Makes it in @root; returns the path of the init in there."""
    for name in "bin", "sbin", "dev", "proc", "sys", "run", "etc", "root", "tmp", "names":
        os.makedirs(f"{root}/{name}")
    os.chmod(f"{root}/tmp", 0o1777)
    busybox = shutil.which("busybox")
    demand_static(busybox, "./dev deps --test")
    install(busybox, f"{root}/bin/busybox")
    for name in subprocess.check_output([busybox, "--list"], text=True).split():
        if name != "busybox":
            os.symlink("busybox", f"{root}/bin/{name}")
    inner = f"/sbin/{os.path.basename(init)}"
    install(init, root + inner)
    for name in NAMES:
        os.symlink(f"..{inner}", f"{root}/names/{name}")
    os.mkdir(f"{root}/cases")
    for name in os.listdir(f"{HERE}/cases"):
        install(f"{HERE}/cases/{name}", f"{root}/cases/{name}")
    # For those that have no /dev of their own.
    for name, minor in ("null", 3), ("zero", 5):
        os.mknod(f"{root}/dev/{name}", stat.S_IFCHR | 0o666, os.makedev(1, minor))
        os.chmod(f"{root}/dev/{name}", 0o666)
    with open(f"{root}/etc/passwd", "w", encoding="ascii") as file:
        file.write("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n")
    with open(f"{root}/etc/group", "w", encoding="ascii") as file:
        file.write("root:x:0:\nnogroup:x:65534:\n")
    return inner


def install(source, target):
    shutil.copyfile(source, target)
    os.chmod(target, 0o755)
