#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""test_driver_numbers.py - stats.py and text.py on known data."""
import unittest

import driver_case  # noqa: F401 finds the modules
import stats
import text


class Percentile(unittest.TestCase):
    def test_the_99th_of_1_to_1000_is_990(self):
        self.assertEqual(stats.percentile(range(1, 1001), 99), 990)

    def test_binary_fractions_do_not_move_the_rank(self):
        self.assertEqual(stats.percentile(range(1, 1001), 99.9), 999)

    def test_the_50th_of_an_odd_number_is_the_middle_one(self):
        self.assertEqual(stats.percentile([10, 20, 30], 50), 20)

    def test_it_is_a_value_that_was_measured_and_never_one_between(self):
        self.assertEqual(stats.percentile([10, 20], 50), 10)
        self.assertEqual(stats.percentile([10, 20], 51), 20)

    def test_with_few_samples_the_highest_stands_for_the_rare(self):
        self.assertEqual(stats.percentile([1, 2, 3], 99.9), 3)

    def test_the_100th_is_the_highest(self):
        self.assertEqual(stats.percentile(range(1, 8), 100), 7)

    def test_of_one_sample_each_is_that_one(self):
        self.assertEqual([stats.percentile([7], percent) for percent in (0, 50, 100)], [7] * 3)


class Spread(unittest.TestCase):
    def test_the_median_of_an_even_number_is_the_mean_of_the_middle_two(self):
        self.assertEqual(stats.spread([4, 1, 3, 100]).median, 3.5)

    def test_the_median_of_an_odd_number_is_the_middle_one(self):
        self.assertEqual(stats.spread([9, 1, 5]).median, 5)

    def test_it_reaches_from_the_lowest_to_the_highest_run(self):
        spread = stats.spread([9, 1, 5])
        self.assertEqual((spread.low, spread.high, spread.runs), (1, 9, 3))


class Ratio(unittest.TestCase):
    def test_it_is_the_value_divided_by_the_reference(self):
        self.assertEqual(stats.ratio(3, 2), 1.5)

    def test_there_is_none_to_nothing(self):
        self.assertIsNone(stats.ratio(3, 0))
        self.assertIsNone(stats.ratio(3, None))

    def test_nothing_has_none(self):
        self.assertIsNone(stats.ratio(None, 2))


class Text(unittest.TestCase):
    def test_three_digits_are_shown(self):
        shown = [text.number(value, "us") for value in (0.1234, 1.234, 12.34, 123.4, 1234.5)]
        self.assertEqual(shown, ["0.123", "1.23", "12.3", "123", "1,234"])

    def test_a_count_is_shown_whole(self):
        self.assertEqual([text.number(value) for value in (7.0, 30000)], ["7", "30,000"])

    def test_a_column_has_the_unit_that_suits_its_middle_value(self):
        self.assertEqual(text.unit_for([300, 2100, 131000], "ns"), ("us", 1e3))
        self.assertEqual(text.unit_for([300, 400, 131000], "ns"), ("ns", 1))

    def test_a_zero_does_not_choose_the_unit(self):
        self.assertEqual(text.unit_for([0, 0, 2100], "ns"), ("us", 1e3))

    def test_last_words_are_one_line_that_no_terminal_obeys(self):
        self.assertEqual(text.one_line("panic:\n \033[31mred\a\n\n"), "panic: / \\x1b[31mred\\x07")


if __name__ == "__main__":
    unittest.main()
