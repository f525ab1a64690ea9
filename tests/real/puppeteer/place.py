# SPDX-License-Identifier: MIT
"""place.py - what a container has of the file system: the apps, and a directory for one run."""
import json
import os
import shutil
import subprocess
import tempfile

CHROMIUM = "chromium", "chromium-browser"  # Debian's name, and that of others


def chromium():
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


class Place:
    """
    One run's own directory, and the environment that keeps everybody inside it. @patience: the
    seconds that a browser may take to start.
    """

    def __init__(self, app, page, patience=60):
        self.app = app
        # Short: Chromium makes a socket below it, whose path must not be longer than 107 bytes.
        self.directory = tempfile.mkdtemp(prefix="puppeteer.")
        for name in "home", "tmp":
            os.mkdir(self.path(name))
        self.profile = self.path("profile")
        self.token = os.path.basename(self.directory)
        self.environment = {
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": self.path("home"),
            "TMPDIR": self.path("tmp"), "CHROMIUM": chromium(), "PAGE": page,
            "PROFILE": self.profile, "TOKEN": self.token, "PATIENCE": str(patience * 1000),
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory)

    def path(self, name):
        return os.path.join(self.directory, name)


def versions(app):
    """Of what the browser's story depends on."""
    def said(*words):
        return subprocess.check_output(words, text=True, stderr=subprocess.DEVNULL).strip()

    with open(os.path.join(app, "node_modules/puppeteer-core/package.json"),
              encoding="utf-8") as file:
        puppeteer = json.load(file)["version"]
    return {"chromium": " ".join(said(chromium(), "--version").split()[:2]),
            "node": f"node {said('node', '--version').lstrip('v')}",
            "puppeteer": f"puppeteer-core {puppeteer}"}
