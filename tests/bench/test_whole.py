#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
test_whole.py - the driver and the real sexton-storm together: an init with a planted fault is caught, in
the table and in the files.
"""
import os
import unittest

from driver_case import DriverCase

FAKE_INIT = os.environ["FAKE_INIT"]
NAME = os.path.basename(FAKE_INIT)  # of its rows


class Whole(DriverCase):
    def setUp(self):
        super().setUp()
        for name, program in (("static/sexton", "SEXTON"), ("release/bench/sexton-storm", "STORM"),
                              ("release/bench/sexton-floor", "FLOOR"),
                              ("release/tests/fault/fault_seccomp-run", "SECCOMP_RUN")):
            os.unlink(self.path(name))
            os.symlink(os.environ[program], self.path(name))

    def bench_with(self, fault, scenario):
        """The driver's whole output with two more inits: an honest one and the one with @fault."""
        output, _ = self.bench("--quick", "--runs", "1", "--scenario", scenario,
                               "--init", f"{FAKE_INIT} honest", "--init", f"{FAKE_INIT} {fault}")
        return output

    def assert_has_ratio(self, output, name):
        self.assertRegex(self.row(output, name), r" \d[\d.,]* +\d+\.\d\d")

    def test_an_init_that_loses_signals_is_caught_and_not_compared(self):
        output = self.bench_with("forgets", "flood")
        self.assertRegex(self.row(output, f"{NAME} forgets"), r"LOST 2,?000 of 20,?000")
        self.assertNotIn("LOST", self.row(output, f"{NAME} honest"))
        self.assertNotIn("LOST", self.row(output, "sexton"))

    def test_an_init_that_leaves_zombies_is_caught_and_not_compared(self):
        output = self.bench_with("leaves", "storm")
        row = self.row(output, f"{NAME} leaves")
        self.assertRegex(row, r"(?i)zombies")
        self.assertRegex(row, r"FAILED")
        self.assert_has_ratio(output, "sexton")
        self.assertNotIn("FAILED", self.row(output, f"{NAME} honest"))

    def test_an_init_that_dies_is_reported_with_its_last_words(self):
        output = self.bench_with("dies", "storm")
        self.assertRegex(self.row(output, f"{NAME} dies"), r"FAILED")
        self.assertIn("its last words:", output)


if __name__ == "__main__":
    unittest.main()
