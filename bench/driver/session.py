# SPDX-License-Identifier: MIT
"""session.py - the whole of a benchmark: measure, write the files, print the tables, draw."""
import os
import sys

import machine
import markdown
import plan
import plots
import progress
import run
import stop
import store
import summary
import table

NOTHING_OR_SEXTON_FAILED = 1


def files(options):
    """Where each text goes."""
    def inside(name):
        return os.path.join(options.out, name)

    return {"json": [inside("results.json")] + ([options.json] if options.json else []),
            "csv": [inside("results.csv")] + ([options.csv] if options.csv else []),
            "markdown": [inside("summary.md")]}


def check(options):
    """Raises store.CannotWrite if a file could not be written when it is all over."""
    store.make_directory(options.out)
    for paths in files(options).values():
        for path in paths:
            store.check(path)


class Session:
    def __init__(self, options, program, inits, missing):
        self.options = options
        self.inits = inits
        self.trials = plan.make(inits, options.scenario, options.quick, options.runs)
        taking_part = {trial.init.name for trial in self.trials}
        self.inits = [init for init in inits if init.name in taking_part]
        self.stop = stop.Stop()
        self.storm = run.Storm(program, self.stop, options.limit)
        self.results = []
        self.meta = machine.describe(options.shown, self.inits, missing, options.root)

    def run(self):
        """The exit status."""
        self.stop.install()
        self.say(table.header(self.meta))
        self.measure()
        cells = summary.summarize(self.results, self.inits)
        complete = len(self.results) == len(self.trials)
        written = self.write(cells, complete)
        for cell in cells:
            self.say("\n" + table.cell(cell))
        if not complete:
            self.say(f"\nincomplete: {len(self.results)} of {len(self.trials)} runs")
        for line in plots.draw(cells, self.meta, complete, self.options.out):
            complain(line)
        return self.status(cells, written)

    def measure(self):
        shown = progress.Progress(self.trials)
        for number, trial in enumerate(self.trials):
            if self.stop.requested:
                break
            shown.starts(number)
            result = self.storm.measure(trial)
            if result is None:
                break
            self.results.append(result)
            shown.ended(trial, result.seconds)
        shown.clear()

    def write(self, cells, complete):
        """Writes all it can; was that everything?"""
        texts = {"json": store.as_json(self.meta, complete, self.results, cells),
                 "csv": store.as_csv(cells),
                 "markdown": markdown.summary(cells, self.meta, complete)}
        written = True
        for kind, paths in files(self.options).items():
            for path in paths:
                try:
                    store.write(path, texts[kind])
                except store.CannotWrite as error:
                    complain(str(error))
                    written = False
        return written

    def status(self, cells, written):
        if self.stop.requested:
            return self.stop.status
        sound = summary.anything_measured(cells) and not summary.own_failed(cells)
        return 0 if sound and written else NOTHING_OR_SEXTON_FAILED

    @staticmethod
    def say(text):
        try:
            print(text, flush=True)
        except BrokenPipeError:
            # Nobody reads on; the files are still wanted. No second error at the exit either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text):
    print(f"bench: {text}", file=sys.stderr)
