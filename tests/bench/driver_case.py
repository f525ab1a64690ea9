# SPDX-License-Identifier: MIT
"""
driver_case.py - what the tests of bench/driver share: its modules, a build tree of stand-ins, and
results from nowhere.
"""
import json
import os
import select
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
DRIVER = os.path.join(os.path.dirname(os.path.dirname(HERE)), "bench", "driver")
sys.path.insert(0, DRIVER)

import inits  # noqa: E402 the path must be known first
import plan  # noqa: E402
import run  # noqa: E402

LIMIT = 60  # seconds, for failures only: nothing here is waited for by time


def init(name, role="peer", **more):
    return inits.Init(name, (name, "--"), role, **more)


def result(who, scenario="storm", parameters=(("zombies", 1000),), number=0, **fields):
    """What one run gave; measured, unless @fields say why not."""
    trial = plan.Trial(scenario, parameters, who, number, 1)
    ok = "failure" not in fields and "cannot" not in fields
    return run.Result(trial, ok=ok, **fields)


def measured(who, *values, figure="cpu_ns", **more):
    """A run for each value."""
    return [result(who, figures={figure: value}, number=number, **more)
            for number, value in enumerate(values)]


def until_readable(descriptor):
    """Waits for a line or the end of a pipe."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP)
    if not poll.poll(LIMIT * 1000):
        raise AssertionError(f"nothing to read in {LIMIT} s")


class DriverCase(unittest.TestCase):
    """Runs the driver on a build tree in which sexton-storm is fake_storm.py."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="driver.")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.out = self.path("out")
        self.program("static/sexton")
        self.program("release/bench/sexton-floor")
        self.program("release/tests/fault/fault_seccomp-run")
        os.symlink(os.path.join(HERE, "fake_storm.py"), self.path("release/bench/sexton-storm"))
        for name in "tini", "tini-static", "dumb-init", "catatonit":
            self.program(f"bin/{name}")

    def path(self, name):
        return os.path.join(self.directory, name)

    def program(self, name):
        """One that answers --version."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\necho {os.path.basename(name)} version 1.2.3\n")
        os.chmod(path, 0o755)
        return path

    def start(self, *arguments, fake="", **more):
        environment = dict(os.environ, PATH=self.path("bin"), FAKE_STORM=fake)
        words = [sys.executable, "-S", DRIVER, "--build", self.directory, "--out", self.out,
                 *arguments]
        more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        return subprocess.Popen(words, env=environment, text=True, **more)

    def bench(self, *arguments, status=0, **more):
        """What it writes to its output and to stderr; it must end with @status."""
        child = self.start(*arguments, **more)
        output, errors = child.communicate(timeout=LIMIT)
        self.assertEqual(child.returncode, status, f"{output}{errors}")
        return output, errors

    def json(self, path=None):
        with open(path or os.path.join(self.out, "results.json"), encoding="utf-8") as file:
            return json.load(file)

    def row(self, output, name, nth=0):
        """The line of an init in the nth table."""
        tables = output.split("\n== ")[1:]
        lines = [line for line in tables[nth].split("\n") if line.startswith(name + " ")]
        self.assertTrue(lines, f"{name} is not in\n{output}")
        return lines[0]
