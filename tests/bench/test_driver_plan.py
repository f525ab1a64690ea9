#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""test_driver_plan.py - what is run, in which order, and for how long."""
import io
import os
import unittest
from unittest import mock

from driver_case import DriverCase, init
import inits
import plan
import progress
import run
import scenarios

A, B, C = init("a"), init("b"), init("c")


def names(trials):
    return "".join(trial.init.name for trial in trials)


def default_inits():
    with mock.patch("shutil.which", lambda name, path=None: name):
        return inits.choose("/build", [])[0]


class Order(unittest.TestCase):
    def test_inits_take_turns(self):
        self.assertEqual(names(plan.make([A, B, C], ["churn"], runs=1)), "abc")

    def test_the_first_is_another_in_each_run(self):
        self.assertEqual(names(plan.make([A, B, C], ["churn"], runs=4)), "abc" "bca" "cab" "abc")

    def test_all_parameters_have_had_a_run_before_any_has_a_second(self):
        trials = plan.make([A], ["storm"], quick=True)
        seen = [(trial.run, dict(trial.parameters)["zombies"]) for trial in trials]
        self.assertEqual(seen, [(0, 1000), (0, 4000), (1, 1000), (1, 4000)])

    def test_a_scenario_ends_before_the_next_begins(self):
        order = [trial.scenario for trial in plan.make([A, B], quick=True)]
        changes = [a for a, b in zip(order, order[1:] + [None]) if a != b]
        self.assertEqual(changes, list(scenarios.SCENARIOS))


class Choice(unittest.TestCase):
    def test_who_forwards_nothing_is_left_out_where_signals_are_sent(self):
        trials = plan.make(default_inits())
        found = {role: {trial.scenario for trial in trials if trial.init.role == role}
                 for role in ("floor", "limit", "peer")}
        self.assertEqual(found["floor"], {"storm", "crowd", "churn", "start", "rest"})
        self.assertEqual(found["limit"], {"storm", "crowd", "churn"})
        self.assertEqual(found["peer"], set(scenarios.SCENARIOS))

    def test_sexton_behind_a_filter_is_left_out_of_start(self):
        trials = plan.make(default_inits(), ["start"])
        self.assertNotIn("sexton, one thread", {trial.init.name for trial in trials})

    def test_runs_on_the_command_line_go_before_the_plan(self):
        trials = plan.make([A], runs=7)
        self.assertEqual({trial.runs for trial in trials}, {7})

    def test_every_text_can_be_told_with_the_parameters_of_both_plans(self):
        for quick in False, True:
            for trial in plan.make([A], quick=quick):
                scenarios.describe(trial.scenario, dict(trial.parameters))


class Size(unittest.TestCase):
    def test_the_quick_plan_with_all_inits_takes_less_than_two_minutes(self):
        trials = plan.make(default_inits(), quick=True)
        self.assertLess(sum(plan.estimate(trial) for trial in trials), 110)

    def test_the_full_plan_has_at_least_three_runs_of_everything(self):
        trials = plan.make(default_inits())
        self.assertGreaterEqual(min(trial.runs for trial in trials), 3)
        self.assertEqual({trial.runs for trial in trials if trial.scenario == "forward"}, {5})


class TimeLeft(unittest.TestCase):
    def test_what_a_run_took_goes_before_the_estimate(self):
        shown = progress.Progress(plan.make([A, B], ["churn"], runs=1), io.StringIO())
        shown.ended(shown.trials[0], 50)
        self.assertEqual(shown.left(1), 50)

    def test_nothing_is_written_where_no_terminal_is(self):
        stream = io.StringIO()
        shown = progress.Progress(plan.make([A], ["churn"]), stream)
        shown.starts(0)
        shown.clear()
        self.assertEqual(stream.getvalue(), "")


class WhoIsThere(DriverCase):
    def test_a_command_line_is_split_as_a_shell_would(self):
        found = inits.from_command_line(f"{self.path('bin/tini')} -g 'a b' --")
        self.assertEqual(found.words, (self.path("bin/tini"), "-g", "a b", "--"))
        self.assertEqual(found.name, "tini -g 'a b'")

    def test_a_relative_path_is_made_whole_for_an_init_that_starts_elsewhere(self):
        found = inits.from_command_line(os.path.relpath(self.path("bin/tini")))
        self.assertEqual(found.words, (self.path("bin/tini"),))

    def test_the_same_init_twice_has_two_names(self):
        given = [self.path("bin/tini")] * 2
        found, _ = inits.choose(self.directory, given)
        self.assertEqual([one.name for one in found if one.role == "peer"], ["tini", "tini (2)"])

    def test_a_peer_that_is_not_for_the_path_is_found(self):
        with mock.patch.object(inits, "ELSEWHERE", self.path("bin")), \
                mock.patch.dict(os.environ, PATH="/nowhere"):
            found = inits.known_peer("catatonit --")
        self.assertEqual(found.words, (self.path("bin/catatonit"), "--"))

    def test_the_init_s_own_words_follow_the_parameters(self):
        trial = plan.make([A], ["forward"], quick=True)[0]
        self.assertEqual(run.command("storm", trial), ["storm", "forward", "--set", "load=rest",
                                                       "--set", "signals=300", "--", "a", "--"])


if __name__ == "__main__":
    unittest.main()
