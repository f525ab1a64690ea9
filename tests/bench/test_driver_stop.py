#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""test_driver_stop.py - Ctrl-C: what was measured is kept, and sexton-storm can clean up."""
import csv
import os
import signal
import unittest

from driver_case import LIMIT, DriverCase, until_readable
import stop

MEASURED = 2  # sexton with one thread and with two, before the peer that hangs


def as_on_a_terminal():
    """Who runs the tests in the background may have had SIGINT ignored for all of them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class CtrlC(DriverCase):
    def setUp(self):
        super().setUp()
        os.mkfifo(self.path("fifo"))
        self.fifo = os.open(self.path("fifo"), os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, self.fifo)

    def line(self):
        """What sexton-storm says next; "" if it has gone."""
        until_readable(self.fifo)
        return os.read(self.fifo, 4096).decode()

    def stuck(self, how, **more):
        """A benchmark whose third run does not end by itself."""
        child = self.start("--scenario", "churn", "--init",
                           f"{self.path('bin/tini')} {how}={self.path('fifo')}",
                           preexec_fn=as_on_a_terminal, **more)
        self.assertEqual(self.line(), "started\n")
        return child

    def stopped(self, number):
        child = self.stuck("hang")
        child.send_signal(number)
        output, _ = child.communicate(timeout=LIMIT)
        return child.returncode, output

    def test_what_was_measured_is_written_and_called_incomplete(self):
        status, output = self.stopped(signal.SIGINT)
        self.assertEqual(status, 130)
        document = self.json()
        self.assertIs(document["complete"], False)
        self.assertEqual(len(document["runs"]), MEASURED)
        self.assertIn("== churn", output)
        self.assertIn("\nincomplete: 2 of 25 runs\n", output)
        with open(os.path.join(self.out, "results.csv"), encoding="utf-8") as file:
            self.assertEqual({row["init"] for row in csv.DictReader(file)},
                             {"sexton", "sexton, one thread"})

    def test_sexton_storm_is_asked_to_end_and_waited_for(self):
        self.stopped(signal.SIGINT)
        self.assertEqual(self.line(), "cleaned up\n")
        self.assertEqual(self.line(), "")

    def test_the_run_that_was_stopped_is_no_failure_of_its_init(self):
        _, output = self.stopped(signal.SIGINT)
        self.assertNotIn("FAILED", output)

    def test_term_ends_it_the_same_way(self):
        self.assertEqual(self.stopped(signal.SIGTERM)[0], 143)
        self.assertIs(self.json()["complete"], False)

    def test_the_second_one_ends_everything_at_once(self):
        child = self.stuck("deaf")
        child.send_signal(signal.SIGINT)
        self.assertEqual(self.line(), "cleaned up\n")
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=LIMIT)
        self.assertEqual(child.returncode, 130)
        self.assertEqual(self.line(), "")  # sexton-storm has gone as well
        self.assertFalse(os.path.exists(os.path.join(self.out, "results.json")))


class Child:
    def __init__(self):
        self.signals = []

    def send_signal(self, number):
        self.signals.append(number)


class Stop(unittest.TestCase):
    def test_a_signal_between_two_runs_reaches_the_one_that_has_just_begun(self):
        stopping, child = stop.Stop(), Child()
        stopping.handle(signal.SIGINT, None)
        stopping.watch(child)
        self.assertEqual(child.signals, [signal.SIGTERM])

    def test_a_signal_that_was_ignored_at_the_start_stays_so(self):
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        others = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        try:
            stop.Stop().install()
            self.assertEqual(signal.getsignal(signal.SIGHUP), signal.SIG_IGN)
        finally:
            for number, handler in zip((signal.SIGHUP, signal.SIGINT, signal.SIGTERM),
                                       (before, *others)):
                signal.signal(number, handler)


if __name__ == "__main__":
    unittest.main()
