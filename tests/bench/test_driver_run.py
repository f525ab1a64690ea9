#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""test_driver_run.py - the driver as it is called, on a sexton-storm that invents."""
import csv
import json
import os
import pty
import stat
import unittest

from driver_case import LIMIT, DriverCase
import inits
import plan
import run
import stop

CHURN = "--scenario", "churn", "--quick"
MEMORY = "--scenario", "memory", "--quick"


class Whole(DriverCase):
    def test_the_quick_plan_is_measured_and_written(self):
        output, errors = self.bench("--quick", "--init", "tini --")
        document = self.json()
        self.assertTrue(document["complete"])
        self.assertEqual({run["scenario"] for run in document["runs"]}, set(plan.QUICK))
        self.assertEqual(output.count("\n== "), 14)
        self.assertIn("inits    sexton ", output)
        self.assertIn("tini version 1.2.3", output)
        self.assertEqual(errors, "bench: not drawn: crowd, storm, forward: gnuplot is not "
                         "installed\n")

    def test_json_has_samples_and_csv_has_figures(self):
        self.bench(*MEMORY)
        document = self.json()
        self.assertEqual(document["schema"], 1)
        self.assertEqual(len(document["runs"][0]["samples"]["latency_ns"]), 50)
        with open(os.path.join(self.out, "results.csv"), encoding="utf-8") as file:
            found = {(row["init"], row["figure"]): row for row in csv.DictReader(file)
                     if row["parameters"] == "signals=50 limit_kb=8192"}
        self.assertEqual(found["tini", "latency_ns_p99"]["median"], "1490")
        self.assertEqual(found["tini", "latency_ns_p99"]["ratio_best_peer"], "1.0")

    def test_files_go_where_they_are_wanted_as_well(self):
        self.bench(*CHURN, "--json", self.path("a.json"), "--csv", self.path("a.csv"))
        self.assertEqual(self.json(self.path("a.json")), self.json())
        self.assertTrue(os.path.getsize(self.path("a.csv")))
        self.assertEqual([name for name in os.listdir(self.out) if name.endswith(".tmp")], [])

    def test_what_is_no_file_is_not_replaced_by_one(self):
        os.mkfifo(self.path("fifo"))  # never a device of the machine's: a test may fail
        reader = os.open(self.path("fifo"), os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.bench(*CHURN, "--init", "tini", "--json", self.path("fifo"))
        self.assertTrue(stat.S_ISFIFO(os.stat(self.path("fifo")).st_mode))
        self.assertEqual(json.loads(os.read(reader, 65536)), self.json())

    def test_the_command_line_is_told_as_it_was_typed(self):
        output, _ = self.bench(*CHURN)
        self.assertIn(f"command  ./dev bench --out {self.out} --scenario churn --quick\n",
                      output)

    def test_an_init_on_the_command_line_replaces_the_peers(self):
        output, _ = self.bench(*CHURN, "--init", f"{self.path('bin/tini')} slow=2 --")
        self.assertEqual({run["init"] for run in self.json()["runs"]},
                         {"sexton", "sexton, one thread", "tini slow=2", "floor", "auto-reap"})
        self.assertEqual(self.row(output, "sexton").split()[1:4], ["4.50", "1.00", "0.50"])

    def test_a_terminal_sees_what_is_being_run(self):
        master, slave = pty.openpty()
        child = self.start(*CHURN, stderr=slave)
        os.close(slave)
        child.communicate(timeout=LIMIT)
        shown = os.read(master, 65536).decode()
        os.close(master)
        self.assertIn("\r[1/8, ", shown)
        self.assertIn("churn: workers fork twice for 1 s - sexton, run 1 of 1", shown)

    def test_nobody_who_reads_the_tables_loses_no_file(self):
        reader, writer = os.pipe()
        os.close(reader)
        _, errors = self.bench(*CHURN, stdout=writer)
        os.close(writer)
        self.assertNotIn("BrokenPipe", errors)
        self.assertTrue(self.json()["complete"])


class Missing(DriverCase):
    def test_a_peer_that_is_missing_is_named_and_skipped(self):
        os.unlink(self.path("bin/dumb-init"))
        output, _ = self.bench(*CHURN)
        self.assertIn("\nskipped  dumb-init: dumb-init is not there\n", output)
        self.assertNotIn("dumb-init", {run["init"] for run in self.json()["runs"]})
        self.assertEqual(self.json()["meta"]["missing"][0]["name"], "dumb-init")

    def test_sexton_storm_must_be_there(self):
        os.unlink(self.path("release/bench/sexton-storm"))
        self.assertIn("sexton-storm is not there", self.bench(*CHURN, status=2)[1])

    def test_sexton_must_be_there(self):
        os.unlink(self.path("static/sexton"))
        self.assertIn("static/sexton is not there", self.bench(*CHURN, status=2)[1])


class Usage(DriverCase):
    def refused(self, *arguments):
        """One line that says so, before anything is measured."""
        output, errors = self.bench(*arguments, status=2)
        self.assertEqual((output, errors.count("\n")), ("", 1), errors)
        self.assertFalse(os.path.exists(os.path.join(self.out, "results.json")))
        return errors

    def test_an_unknown_scenario_is_refused_and_the_known_are_named(self):
        self.assertIn("flod is none of storm, crowd, churn", self.refused("--scenario", "flod"))

    def test_an_init_that_is_not_there_is_refused(self):
        self.assertIn("nowhere is not there", self.refused("--init", "nowhere -g --"))

    def test_a_quote_that_does_not_end_is_refused(self):
        self.assertIn("No closing quotation", self.refused("--init", "tini 'x"))

    def test_an_empty_init_is_refused(self):
        self.assertIn("a command line is wanted", self.refused("--init", " "))

    def test_no_runs_are_refused(self):
        self.assertIn("at least 1", self.refused("--runs", "0"))

    def test_an_unknown_option_is_refused(self):
        self.assertIn("--quic", self.refused("--quic"))  # nor is any shortened

    def test_a_file_that_cannot_be_written_is_refused(self):
        path = self.path("static/sexton/results.json")
        self.assertIn(f"{path}: Not a directory", self.refused("--json", path))

    def test_a_directory_is_no_file(self):
        self.assertIn("is a directory", self.refused("--csv", self.directory))

    def test_a_directory_that_cannot_be_made_is_refused(self):
        self.assertIn("results", self.refused("--out", self.path("static/sexton/results")))


class Failures(DriverCase):
    """All ways to fail beside one good peer, which is slower than some of them would have been."""
    HOW = ("slow=2", "fail", "slow=0.5 lose=12", "kill=11", "exit=2", "garbage", "nan")
    output = document = None

    def setUp(self):
        super().setUp()
        if not self.output:
            peers = [word for how in self.HOW for word in ("--init", f"tini {how}")]
            Failures.output, _ = self.bench(*MEMORY, *peers)
            Failures.document = self.json()

    def line(self, how):
        return self.row(self.output, "tini " + how)

    def test_an_init_that_dies_is_reported_with_its_last_words_and_no_figure(self):
        self.assertIn("FAILED 1 of 1: ended before the measurement was over: exit status 1",
                      self.line("fail"))
        self.assertIn("its last words: panic: / out of \\x1b[31mluck\n", self.output)
        found = [row for row in self.document["summary"] if row["init"] == "tini fail"]
        self.assertEqual(found[0]["figures"], {})

    def test_an_init_that_loses_signals_is_shown_as_such_and_is_not_the_best(self):
        self.assertTrue(self.line("slow=0.5 lose=12").endswith("  LOST 12 of 50"))
        self.assertIn(" 1.00 ", self.line("slow=2"))
        self.assertIn(" 0.50 ", self.row(self.output, "sexton"))

    def test_what_sexton_storm_says_of_its_own_failure_is_told(self):
        self.assertIn("FAILED 1 of 1: sexton-storm: exit status 2", self.line("exit=2"))
        self.assertIn("its last words: no namespace: Operation not permitted", self.output)

    def test_a_sexton_storm_that_dies_is_told_with_the_signal(self):
        self.assertIn("sexton-storm: ended by SIGSEGV", self.line("kill=11"))

    def test_what_is_no_json_is_no_result(self):
        self.assertIn("sexton-storm: printed no JSON", self.line("garbage"))

    def test_what_is_no_number_is_no_result(self):
        self.assertIn("sexton-storm: printed NaN", self.line("nan"))


class ExitStatus(DriverCase):
    def test_a_failing_peer_is_a_finding_and_no_error(self):
        self.bench(*MEMORY, "--init", "tini kill=11", status=0)

    def test_if_sexton_fails_the_benchmark_has_failed(self):
        self.bench(*MEMORY, fake="lose=1", status=1)

    def test_if_nothing_could_be_measured_the_benchmark_has_failed(self):
        output, _ = self.bench(*MEMORY, fake="cannot", status=1)
        self.assertEqual(output.count("not possible here: no memory cgroup"), 1)


class Limit(DriverCase):
    def test_a_run_that_does_not_end_is_ended_and_has_failed(self):
        os.mkfifo(self.path("fifo"))
        storm = run.Storm(self.path("release/bench/sexton-storm"), stop.Stop(), limit=0.01)
        hanging = inits.Init("tini", ("tini", "hang=" + self.path("fifo")))
        trial = plan.make([hanging], ["storm"])[0]
        self.assertEqual(storm.measure(trial).failure, "sexton-storm: did not end, was stopped")


class Form(unittest.TestCase):
    def test_figures_are_numbers_and_samples_are_whole(self):
        for text in ('{"ok": true, "figures": {"cpu_ns": "1"}}', '{"ok": true, "figures": []}',
                     '{"ok": true, "figures": {"cpu_ns": 1e999}}', '[]', '{"ok": 1}',
                     '{"ok": true, "samples": {"latency_ns": [1.5]}}',
                     '{"ok": true, "samples": {"latency_ns": 1}}', '{"ok": true, "notes": [1]}'):
            with self.assertRaises(run.Garbage, msg=text):
                run.parse(text)

    def test_a_failure_without_a_reason_is_still_one(self):
        self.assertEqual(run.parse('{"ok": false}')["failure"], "no reason given")


if __name__ == "__main__":
    unittest.main()
