# SPDX-License-Identifier: MIT
"""
progress.py - one line on a terminal: what is being run, how far we are, how long it will take.

Written between the runs, never during one.
"""
import os
import sys

import plan
from scenarios import describe
from text import duration

UNKNOWN = 80  # columns, for a terminal that does not say


class Progress:
    def __init__(self, trials, stream=sys.stderr):
        self.trials = trials
        self.stream = stream
        self.shown = stream.isatty()
        self.measured = {}  # cell: seconds of its runs

    def seconds(self, trial):
        """What this run will take: as long as others of its kind did, or a guess."""
        measured = self.measured.get(trial.cell)
        return sum(measured) / len(measured) if measured else plan.estimate(trial)

    def left(self, done):
        return sum(self.seconds(trial) for trial in self.trials[done:])

    def starts(self, done):
        """Trial number @done (from 0) is about to start."""
        if not self.shown:
            return
        trial = self.trials[done]
        self._write(f"[{done + 1}/{len(self.trials)}, {duration(self.left(done))} left] "
                    f"{describe(trial.scenario, dict(trial.parameters))} - {trial.init.name}, "
                    f"run {trial.run + 1} of {trial.runs}")

    def ended(self, trial, seconds):
        self.measured.setdefault(trial.cell, []).append(seconds)

    def clear(self):
        if self.shown:
            self._write("")

    def _write(self, text):
        try:
            width = os.get_terminal_size(self.stream.fileno()).columns or UNKNOWN
        except OSError:
            width = UNKNOWN
        self.stream.write("\r" + text[:width - 1] + "\033[K")
        self.stream.flush()
