#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""test_driver_browser.py - the scenario "puppeteer": what is asked for, the tables and the plot of it."""
import os
import shutil
import signal
import unittest

from driver_case import HERE, DriverCase, until_readable
from test_driver_plots import png_size, svg_text
import browser_plot
import browser_table

SCENARIO = ("--scenario", "puppeteer")


class BrowserCase(DriverCase):
    def setUp(self):
        super().setUp()
        os.symlink(shutil.which("gnuplot") or self.path("none"), self.path("bin/gnuplot"))

    def start(self, *arguments, fake="", **more):
        os.environ["FAKE_BROWSER"] = fake
        self.addCleanup(os.environ.pop, "FAKE_BROWSER", None)
        return super().start("--browser", os.path.join(HERE, "fake_browser.py"), *arguments, **more)

    def text(self, name="puppeteer.md"):
        with open(os.path.join(self.out, name), encoding="utf-8") as file:
            return file.read()

    def results(self):
        return self.json(os.path.join(self.out, "puppeteer.json"))


class Files(BrowserCase):
    def test_it_leaves_a_table_results_and_a_plot_and_touches_no_other(self):
        output, errors = self.bench(*SCENARIO, "--quick")
        self.assertEqual(errors, "")
        self.assertEqual(set(os.listdir(self.out)), {
            "puppeteer.json", "puppeteer.md", "puppeteer.svg", "puppeteer.png"})
        self.assertIn(self.text(), output)
        self.assertTrue(self.results()["complete"])

    def test_the_plot_has_sexton_the_first_peer_and_no_init(self):
        self.bench(*SCENARIO)
        text = svg_text(os.path.join(self.out, "puppeteer.svg"))
        for word in "sexton", "tini", "no init", "20 browsers", "./dev bench":
            self.assertIn(word, text)
        self.assertNotIn("dumb-init", text)
        self.assertEqual(png_size(os.path.join(self.out, "puppeteer.png")), browser_plot.SIZE)

    def test_a_missing_gnuplot_costs_one_line(self):
        os.unlink(self.path("bin/gnuplot"))
        _, errors = self.bench(*SCENARIO, "--quick")
        self.assertEqual(errors, "bench: not drawn: puppeteer: gnuplot is not installed\n")
        self.assertIn("| sexton |", self.text())


class Choice(BrowserCase):
    def names(self, story):
        return list(dict.fromkeys(one["init"] for one in self.results()["results"]
                                  if one["story"] == story))

    def test_flags_are_of_interest_for_the_stops_only(self):
        self.bench(*SCENARIO, "--runs", "1")
        self.assertEqual(self.names("churn"), ["sexton", "tini", "dumb-init", "catatonit", "none"])
        self.assertEqual(self.names("stop"), ["sexton", "sexton --ask-with=INT:3s,TERM", "tini",
                                              "tini -g", "dumb-init", "catatonit", "none"])

    def test_an_init_of_the_command_line_takes_the_peers_place(self):
        self.bench(*SCENARIO, "--runs", "1", "--init", "tini -g --")
        self.assertEqual(self.names("churn"), ["sexton", "tini -g", "none"])

    def test_who_is_missing_is_named(self):
        os.unlink(self.path("bin/dumb-init"))
        output, _ = self.bench(*SCENARIO, "--runs", "1")
        self.assertIn("skipped  dumb-init: dumb-init is not there\n", output)
        self.assertNotIn("dumb-init", self.names("stop"))

    def test_ten_runs_are_the_rule(self):
        self.bench(*SCENARIO)
        self.assertIn("10 of 10", self.text())

    def test_it_goes_alone(self):
        _, errors = self.bench(*SCENARIO, "--scenario", "churn", status=2)
        self.assertIn("goes alone", errors)

    def test_it_has_to_be_asked_for(self):
        output, _ = self.bench("--help")
        self.assertRegex(output, r"asked for,\s+and\s+goes\s+alone:\s+puppeteer")
        self.bench("--quick", "--runs", "1", "--scenario", "rest")
        self.assertNotIn("puppeteer.md", os.listdir(self.out))


class Verdict(BrowserCase):
    def test_an_app_that_was_lost_says_how_often(self):
        self.bench(*SCENARIO, "--runs", "3", "--init", f"{self.path('bin/tini')} lose=shell")
        row = next(line for line in self.text().split("\n") if line.startswith("| tini `lose=shell`"))
        self.assertEqual(row, "| tini `lose=shell` | 3 of 3 | **0 of 3** | 3 of 3 | 3 of 3 | 3 of 3 |")

    def test_the_container_that_had_to_be_killed_says_so(self):
        self.bench(*SCENARIO, "--runs", "2", fake="lose=npm")
        row = next(line for line in self.text().split("\n") if line.startswith("| no init"))
        self.assertIn("| **0 of 2**, SIGKILL after 10 s |", row)

    def test_launches_that_failed_are_seen(self):
        self.bench(*SCENARIO, "--runs", "1")
        rows = [line for line in self.text().split("\n") if line.startswith("| no init")]
        self.assertIn("| no init | 20 of 20 | 180 / 180 | **10 of 20** | 180 / 180 "
                      "| **10 of 20** | 180 / 180 |", rows)

    def test_what_a_launch_leaves_is_told(self):
        self.bench(*SCENARIO, "--quick")
        self.assertIn("by how it ended: closed 4, killed 11.3.", self.text())

    def test_a_run_that_comes_out_otherwise_than_told_is_a_failure(self):
        output, _ = self.bench(*SCENARIO, fake="exit=1", status=1)
        self.assertIn("Incomplete", output)
        self.assertFalse(self.results()["complete"])


class Stopped(BrowserCase):
    def test_ctrl_c_writes_what_was_measured(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        child = self.start(*SCENARIO, fake=f"hang={fifo}")
        with open(fifo, encoding="ascii") as started:
            until_readable(started)
            started.readline()
            child.send_signal(signal.SIGINT)
            output, _ = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 128 + signal.SIGINT)
        self.assertIn("Incomplete", output)
        self.assertFalse(self.results()["complete"])
        self.assertTrue(self.results()["results"])


class Table(unittest.TestCase):
    def test_an_init_without_a_run_has_no_figure(self):
        stop = {"story": "stop", "init": "tini", "app": "closes", "clean": True, "killed": False}
        found = {"complete": False, "versions": {}, "results": [stop],
                 "meta": {"command": "x", "date": "2026-01-01", "kernel": "k", "cpus": 2,
                          "cpu_model": "c"}}
        text = browser_table.markdown(found)
        self.assertIn("| tini | 1 of 1 | – | – | – | – |", text)
        self.assertNotIn("pids.max", text)


if __name__ == "__main__":
    unittest.main()
