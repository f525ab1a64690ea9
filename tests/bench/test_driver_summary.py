#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""test_driver_summary.py - from runs to rows: ratios, the best peer, what was lost."""
import csv
import io
import unittest

from driver_case import init, measured, result
import markdown
import store
import summary
import table

SEXTON, FLOOR = init("sexton", "subject"), init("floor", "floor")
GOOD, BAD = init("good"), init("bad")
EVERYBODY = [SEXTON, GOOD, BAD, FLOOR]
GRACE = {"scenario": "grace", "parameters": (("workers", 10),)}
META = {"inits": [{"name": who.name} for who in EVERYBODY], "command": "./dev bench",
        "date": "2025-01-01T00:00", "kernel": "Linux", "cpus": 2, "cpu_model": "X"}
FORWARD = {"scenario": "forward", "parameters": (("load", "churn"), ("signals", 4))}


def cell_of(results):
    cells = summary.summarize(results, EVERYBODY)
    assert len(cells) == 1
    return cells[0]


def rows_of(results):
    return {row.init.name: row for row in cell_of(results).rows}


class Ratios(unittest.TestCase):
    def test_they_are_to_the_best_peer_and_to_the_floor(self):
        rows = rows_of(measured(SEXTON, 10) + measured(GOOD, 20) + measured(BAD, 80)
                       + measured(FLOOR, 5))
        self.assertEqual(rows["sexton"].ratios["cpu_ns"], {"floor": 2.0, "best_peer": 0.5})
        self.assertEqual(rows["bad"].ratios["cpu_ns"], {"floor": 16.0, "best_peer": 4.0})

    def test_they_are_of_the_medians(self):
        rows = rows_of(measured(SEXTON, 1, 10, 90) + measured(GOOD, 1, 20, 30)
                       + measured(FLOOR, 1, 5, 6))
        self.assertEqual(rows["sexton"].ratios["cpu_ns"], {"floor": 2.0, "best_peer": 0.5})

    def test_neither_sexton_nor_the_floor_is_a_peer(self):
        rows = rows_of(measured(SEXTON, 1) + measured(GOOD, 20) + measured(FLOOR, 2))
        self.assertEqual(rows["good"].ratios["cpu_ns"]["best_peer"], 1.0)

    def test_where_more_is_better_the_best_peer_has_the_most(self):
        more = {"figure": "orphans_per_s", "scenario": "churn", "parameters": (("seconds", 1),)}
        rows = rows_of(measured(SEXTON, 300, **more) + measured(GOOD, 200, **more)
                       + measured(BAD, 100, **more))
        self.assertEqual(rows["sexton"].ratios["orphans_per_s"]["best_peer"], 1.5)

    def test_a_figure_that_is_neither_good_nor_bad_has_none(self):
        rows = rows_of(measured(SEXTON, 9, figure="zombies_peak")
                       + measured(GOOD, 3, figure="zombies_peak"))
        self.assertEqual(rows["sexton"].ratios, {})


class Failures(unittest.TestCase):
    def test_an_init_that_failed_one_run_of_three_has_no_figure(self):
        rows = rows_of(measured(BAD, 1, 1) + [result(BAD, failure="ended early")])
        self.assertEqual((rows["bad"].values, rows["bad"].ratios), ({}, {}))
        self.assertEqual((rows["bad"].runs, rows["bad"].tried), (2, 3))

    def test_an_init_that_failed_is_never_the_best_peer(self):
        rows = rows_of(measured(SEXTON, 10) + measured(GOOD, 20) + measured(BAD, 1)
                       + [result(BAD, failure="ended early", figures={"cpu_ns": 1})])
        self.assertEqual(rows["sexton"].ratios["cpu_ns"]["best_peer"], 0.5)

    def test_an_init_that_lost_signals_is_never_the_best_peer_and_has_no_ratio(self):
        rows = rows_of([result(who, **FORWARD, samples={"latency_ns": [value] * 4},
                               figures={"sent": 4, "lost": lost})
                        for who, value, lost in ((SEXTON, 10, 0), (GOOD, 20, 0), (BAD, 1, 3))])
        self.assertEqual(rows["sexton"].ratios["latency_ns_p50"]["best_peer"], 0.5)
        self.assertEqual((rows["bad"].faults, rows["bad"].ratios), (["LOST 3 of 4"], {}))
        self.assertEqual(rows["bad"].median("latency_ns_p50"), 1)

    def test_what_was_lost_is_added_up_over_the_runs(self):
        runs = [result(BAD, **FORWARD, figures={"sent": 4, "lost": lost}) for lost in (1, 0, 2)]
        self.assertEqual(rows_of(runs)["bad"].faults, ["LOST 3 of 12"])

    def test_zombies_that_were_left_are_named_even_if_the_run_has_failed(self):
        rows = rows_of([result(BAD, failure="no progress", figures={"zombies_left": 5})])
        self.assertEqual(rows["bad"].faults, ["LEFT 5 ZOMBIES"])

    def test_who_kills_workers_is_never_the_best_at_ending(self):
        rows = rows_of([result(SEXTON, **GRACE, figures={"finished": 10, "exit_ms": 1000}),
                        result(BAD, **GRACE, figures={"finished": 2, "exit_ms": 1})])
        self.assertEqual(rows["bad"].faults, ["KILLED 8 of 10 WORKERS"])
        self.assertNotIn("best_peer", rows["sexton"].ratios["exit_ms"])

    def test_disorder_and_wrong_values_are_faults(self):
        rows = rows_of([result(BAD, figures={"out_of_order": 2, "wrong_value": 1})])
        self.assertEqual(rows["bad"].faults, ["2 OUT OF ORDER", "1 WITH A WRONG VALUE"])

    def test_only_sexton_s_own_failures_are_ours(self):
        failed = {who: summary.summarize([result(who, failure="ended early")], EVERYBODY)
                  for who in (SEXTON, BAD)}
        self.assertTrue(summary.own_failed(failed[SEXTON]))
        self.assertFalse(summary.own_failed(failed[BAD]))


class Samples(unittest.TestCase):
    def test_percentiles_are_of_each_run_and_then_the_median_of_the_runs(self):
        runs = [result(GOOD, **FORWARD, samples={"latency_ns": samples})
                for samples in ([1, 2, 3, 4], [40, 30, 20, 10], [5, 6, 7, 8])]
        row = rows_of(runs)["good"]
        self.assertEqual(row.median("latency_ns_p50"), 6)
        self.assertEqual(row.median("latency_ns_max"), 8)
        self.assertEqual(row.values["latency_ns_max"].high, 40)


class Outputs(unittest.TestCase):
    def test_a_failed_init_has_its_last_words_and_no_number_in_the_table(self):
        lines = table.cell(cell_of(measured(GOOD, 2000) + [
            result(BAD, failure="exit status 1", last_words="out of luck",
                   figures={"cpu_ns": 1})])).split("\n")
        self.assertEqual([line.split() for line in lines[-2:]],
                         ["bad FAILED 1 of 1: exit status 1".split(),
                          "its last words: out of luck".split()])

    def test_a_note_of_all_inits_stands_once_and_without_names(self):
        text = table.cell(cell_of([result(who, figures={"cpu_ns": 1}, notes=["no FIFO"])
                                   for who in (SEXTON, GOOD)]
                                  + [result(BAD, failure="died")]))
        self.assertEqual(text.count("no FIFO"), 1)
        self.assertIn("\nnote: no FIFO", text)

    def test_a_note_of_one_init_names_it(self):
        text = table.cell(cell_of(measured(SEXTON, 1)
                                  + [result(GOOD, figures={"cpu_ns": 1}, notes=["slow clock"])]))
        self.assertIn("\nnote (good): slow clock", text)

    def test_what_is_possible_for_nobody_is_said_once(self):
        text = table.cell(cell_of([result(who, cannot="no cgroup") for who in (SEXTON, GOOD)]))
        self.assertEqual(text.split("\n")[1:], ["all: not possible here: no cgroup"])

    def test_a_failure_that_is_everybody_s_is_said_once(self):
        text = table.cell(cell_of([result(who, failure="exit status 2", last_words="no namespace")
                                   for who in (SEXTON, GOOD)]))
        self.assertEqual(text.split("\n")[1:], ["all: FAILED 1 of 1: exit status 2",
                                                "its last words: no namespace"])

    def test_a_ratio_of_a_fifteenth_can_be_told_from_one_of_a_fourteenth(self):
        text = table.cell(cell_of(measured(SEXTON, 1000) + measured(GOOD, 15000)))
        self.assertIn(" 0.067 ", text)

    def test_the_spread_is_shown_from_the_second_run_on(self):
        self.assertNotIn("min..max", table.cell(cell_of(measured(GOOD, 1000))))
        self.assertIn(" 1.00..2.00 ", table.cell(cell_of(measured(GOOD, 1000, 2000))))

    def test_max_is_the_highest_of_all_runs(self):
        runs = [result(GOOD, **FORWARD, samples={"latency_ns": [value]}) for value in (1, 2, 9)]
        self.assertEqual(table.cell(cell_of(runs)).split("\n")[-1].split()[-2], "9.00")

    def test_a_failed_init_has_one_line_without_figures_in_the_csv(self):
        text = store.as_csv([cell_of([result(BAD, failure="died, early")])])
        rows = list(csv.DictReader(io.StringIO(text)))
        self.assertEqual([(row["init"], row["median"], row["failure"]) for row in rows],
                         [("bad", "", "died, early")])

    def test_the_readme_s_table_has_a_row_an_init_and_says_who_failed(self):
        parameters = (("zombies", 4000),)
        cells = summary.summarize(measured(GOOD, 2000, parameters=parameters)
                                  + [result(BAD, failure="died", parameters=parameters)], EVERYBODY)
        self.assertEqual(markdown.summary(cells, META, True).split("\n")[:4],
                         ["| | storm, 4,000 zombies: CPU a zombie |", "|---|---|",
                          "| good | 2.00 us |", "| bad | **failed** |"])

    def test_the_readme_s_table_does_not_take_one_load_for_another(self):
        cells = summary.summarize([result(GOOD, "forward", (("load", "rest"), ("signals", 1)),
                                          samples={"latency_ns": [1]})], EVERYBODY)
        text = markdown.summary(cells, dict(META, inits=[{"name": "good"}]), True)
        self.assertNotIn("forward", text)


if __name__ == "__main__":
    unittest.main()
