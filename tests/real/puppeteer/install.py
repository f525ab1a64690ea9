# SPDX-License-Identifier: MIT
"""
install.py - the apps as an image would have them: copied, with what npm brings beside them.
"""
import os
import subprocess

from container import Failed

HERE = os.path.dirname(os.path.realpath(__file__))
NPM_CI = os.path.join(HERE, "..", "..", "npm-ci")
SECONDS = 300


def install(directory):
    """Where the apps are then. Does nothing twice."""
    app = os.path.join(directory, "app")
    try:
        done = subprocess.run([NPM_CI, os.path.join(HERE, "app"), app], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"npm ci was not done in {SECONDS} s") from None
    if done.returncode != 0:
        raise Failed(f"npm ci: {done.stdout.strip()}")
    return app
