# SPDX-License-Identifier: MIT
"""
install.py - the apps as an image would have them: copied, and `npm ci` beside them.

Everything of npm goes below the given directory, which is in a build tree: its cache too.
"""
import hashlib
import os
import shutil
import subprocess

from container import Failed

SOURCE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "app")
DEPENDS = "package.json", "package-lock.json", ".npmrc"
SECONDS = 300


def install(directory):
    """Where the apps are then. Does nothing twice."""
    app = os.path.join(directory, "app")
    stamp = os.path.join(app, "node_modules", ".installed")
    os.makedirs(app, exist_ok=True)
    for name in sorted(os.listdir(SOURCE)):
        refresh(os.path.join(SOURCE, name), os.path.join(app, name))
    wanted = fingerprint()
    if read(stamp) != wanted:
        npm_ci(app, os.path.join(directory, "cache"))
        with open(stamp, "wb") as file:
            file.write(wanted)
    return app


def fingerprint():
    found = hashlib.sha256()
    for name in DEPENDS:
        found.update(read(os.path.join(SOURCE, name)) + b"\0")
    return found.hexdigest().encode()


def refresh(source, target):
    """Another test may run the old one at this moment: it is replaced whole, and only if it differs."""
    if read(source) != read(target):
        temporary = f"{target}.{os.getpid()}"
        shutil.copy(source, temporary)
        os.rename(temporary, target)


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def npm_ci(app, cache):
    words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", cache]
    try:
        done = subprocess.run(words, cwd=app, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise Failed(f"npm ci was not done in {SECONDS} s") from None
    if done.returncode != 0:
        raise Failed(f"npm ci: {done.stdout.strip()}")
