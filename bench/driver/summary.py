# SPDX-License-Identifier: MIT
"""
summary.py - from single runs to one row an init, and who is the best peer.

An init that failed one run has no figures at all. One that lost something keeps its figures, for
whoever wants to see them, but no ratio, and is never the best: what does less is done sooner.
"""
import dataclasses

import stats
from scenarios import HIGHER, NEITHER, PERCENTILES, better, describe


@dataclasses.dataclass
class Row:
    """One init in one cell."""
    init: object
    runs: int  # that were measured
    tried: int
    values: dict  # figure: stats.Spread
    faults: list  # what it lost or left, in words
    failure: str = ""  # of the first run that failed
    last_words: str = ""
    cannot: str = ""
    ratios: dict = dataclasses.field(default_factory=dict)  # figure: {"floor": , "best_peer": }
    samples: dict = dataclasses.field(default_factory=dict)  # of all runs, ascending

    @property
    def sound(self):
        return bool(self.values) and not self.faults

    def median(self, figure):
        return self.values[figure].median if figure in self.values else None


@dataclasses.dataclass
class Cell:
    """The inits beside each other: one scenario with one set of parameters."""
    scenario: str
    parameters: dict
    rows: list
    notes: list  # (text, names of the inits it is about; none if about all)

    @property
    def text(self):
        return describe(self.scenario, self.parameters)


def summarize(results, inits):
    """The cells in the order of the plan, and their rows in the order of @inits."""
    found = {}
    for result in results:
        found.setdefault(result.trial.cell, []).append(result)
    return [_cell(key, results, inits) for key, results in found.items()]


def _cell(key, results, inits):
    scenario, parameters = key
    rows = []
    for init in inits:
        own = [result for result in results if result.trial.init.name == init.name]
        if own:
            rows.append(_row(init, own))
    measured = sum(row.runs > 0 for row in rows)
    cell = Cell(scenario, dict(parameters), rows, _notes(results, measured))
    _compare(cell)
    return cell


def _row(init, results):
    measured = [result for result in results if result.ok]
    failed = [result for result in results if result.failure]
    row = Row(init, len(measured), len(results), {}, faults_of(results))
    row.cannot = next((result.cannot for result in results if result.cannot), "")
    if failed:
        row.failure, row.last_words = failed[0].failure, failed[0].last_words
    elif measured:
        row.values = values_of(measured)
        row.samples = _pooled(measured)
    return row


def values_of(results):
    """Each figure, and each percentile of each kind of samples, over the runs that have it."""
    found = {}
    for result in results:
        for figure, value in result.figures.items():
            found.setdefault(figure, []).append(value)
        for name, samples in result.samples.items():
            ascending = sorted(samples)
            for percentile, percent in PERCENTILES.items():
                if ascending:
                    value = stats.percentile(ascending, percent)
                    found.setdefault(f"{name}_{percentile}", []).append(value)
    return {figure: stats.spread(values) for figure, values in found.items()}


def _pooled(results):
    pooled = {}
    for result in results:
        for name, samples in result.samples.items():
            pooled.setdefault(name, []).extend(samples)
    return {name: sorted(samples) for name, samples in pooled.items()}


def faults_of(results):
    """What the init did wrong in all its runs, in words that nobody overlooks."""
    def total(figure):
        return sum(result.figures.get(figure, 0) for result in results)

    faults = []
    if total("lost"):
        faults.append(f"LOST {total('lost'):,} of {total('sent'):,}")
    if total("zombies_left"):
        faults.append(f"LEFT {total('zombies_left'):,} ZOMBIES")
    if total("out_of_order"):
        faults.append(f"{total('out_of_order'):,} OUT OF ORDER")
    if total("wrong_value"):
        faults.append(f"{total('wrong_value'):,} WITH A WRONG VALUE")
    finishing = [result for result in results if "finished" in result.figures]
    workers = sum(dict(result.trial.parameters)["workers"] for result in finishing)
    if total("finished") < workers:
        faults.append(f"KILLED {workers - total('finished'):,} of {workers:,} WORKERS")
    return faults


def _notes(results, measured):
    """Each note once; with the names if it is not about everybody who was measured."""
    about = {}
    for result in results:
        for note in result.notes:
            names = about.setdefault(note, [])
            if result.trial.init.name not in names:
                names.append(result.trial.init.name)
    return [(note, [] if len(names) >= measured else names) for note, names in about.items()]


def best_peer(cell, figure):
    """The best median of the peers that did all they had to; None if there is none."""
    medians = [row.median(figure) for row in cell.rows
               if row.init.role == "peer" and row.sound and figure in row.values]
    if not medians:
        return None
    return max(medians) if better(cell.scenario, figure) == HIGHER else min(medians)


def _compare(cell):
    floor = next((row for row in cell.rows if row.init.role == "floor" and row.sound), None)
    for row in cell.rows:
        if not row.sound:
            continue
        for figure, value in row.values.items():
            if better(cell.scenario, figure) == NEITHER:
                continue
            ratios = {"floor": stats.ratio(value.median, floor and floor.median(figure)),
                      "best_peer": stats.ratio(value.median, best_peer(cell, figure))}
            row.ratios[figure] = {k: v for k, v in ratios.items() if v is not None}


def own_failed(cells):
    """Did sexton itself fail, or lose something?"""
    return any(row.failure or row.faults for cell in cells for row in cell.rows
               if row.init.role == "subject")


def anything_measured(cells):
    return any(row.values for cell in cells for row in cell.rows)
