# SPDX-License-Identifier: MIT
"""table.py - what is printed: who was measured where, then a table for each cell."""
from text import number, one_line, unit_for
from scenarios import HIGHER, SCENARIOS

RATIOS = (("floor", "/floor"), ("best_peer", "/best peer"))
NONE = "-"


def header(meta):
    lines = [f"date     {meta['date']}",
             f"kernel   {meta['kernel']}",
             f"CPU      {meta['cpus']} x {meta['cpu_model']}",
             f"command  {meta['command']}"]
    names = [init["name"] for init in meta["inits"]]
    width = max(map(len, names))
    for title, init in zip(["inits"] + [""] * len(names), meta["inits"]):
        version = f"  ({init['version']})" if init["version"] else ""
        lines.append(f"{title:<9}{init['name']:<{width}}  {init['words']}{version}")
    for missing in meta["missing"]:
        lines.append(f"skipped  {missing['name']}: {missing['why']}")
    return "\n".join(lines)


def cell(found):
    """The table of one cell."""
    lines = [f"== {found.text}"]
    reasons = {_reason(row) for row in found.rows}
    if len(found.rows) > 1 and len(reasons) == 1 and reasons != {""}:
        return "\n".join(lines + [f"all: {reasons.pop()}"])
    columns = _columns(found)
    grid = [[""] + [column[0] for column in columns]]
    grid += [[row.init.name] + [column[1](row) for column in columns] for row in found.rows]
    widths = [max(map(len, texts)) for texts in zip(*grid)]
    lines.append(_line(grid[0], widths))
    for row, texts in zip(found.rows, grid[1:]):
        lines += _row(row, texts, widths)
    for note, names in found.notes:
        about = f" ({'; '.join(names)})" if names else ""
        lines.append(f"note{about}: {one_line(note)}")
    return "\n".join(lines)


def _line(texts, widths):
    first, *others = [f"{text:<{width}}" if i == 0 else f"{text:>{width}}"
                      for i, (text, width) in enumerate(zip(texts, widths))]
    return "  ".join([first] + others).rstrip()


def _row(row, texts, widths):
    faults = "".join(f"  {fault}" for fault in row.faults)
    if row.values:
        return [_line(texts, widths) + faults]
    first, *others = _reason(row).split("\n")
    return [f"{row.init.name:<{widths[0]}}  {first}{faults}",
            *(f"{'':<{widths[0]}}  {line}" for line in others)]


def _reason(row):
    """Why it has no figures; "" if it has."""
    if row.failure:
        words = f"\nits last words: {row.last_words}" if row.last_words else ""
        return f"FAILED {row.tried - row.runs} of {row.tried}: {row.failure}{words}"
    return "" if row.values else f"not possible here: {row.cannot or 'nothing was measured'}"


def _columns(found):
    """(heading, row -> text) of each column for which anybody has a figure."""
    columns = []
    for column in SCENARIOS[found.scenario].columns:
        shown = [getattr(row.values[column.figure], column.show)
                 for row in found.rows if column.figure in row.values]
        if shown:
            columns += _figure(found, column, *unit_for(shown, column.unit))
    return columns + [("runs", lambda row: str(row.runs))]


def _figure(found, column, unit, divisor):
    def value(row):
        spread = row.values.get(column.figure)
        return number(getattr(spread, column.show) / divisor, unit) if spread else NONE

    def spread(row):
        spread = row.values.get(column.figure)
        if not spread:
            return NONE
        low, high = (number(bound / divisor, unit) for bound in (spread.low, spread.high))
        return f"{low}..{high}"

    def ratio(key):
        return lambda row: _ratio(row.ratios.get(column.figure, {}).get(key))

    title = column.title + (f" {unit}" if unit else "")
    columns = [(title, value)]
    if not column.lead:
        return columns
    if any(row.runs > 1 for row in found.rows):
        columns.append(("min..max", spread))
    better = " (more is better)" if column.better == HIGHER else ""
    for key, heading in RATIOS:
        if any(key in row.ratios.get(column.figure, {}) for row in found.rows):
            columns.append((heading + better, ratio(key)))
            better = ""
    return columns


def _ratio(value):
    if value is None:
        return NONE
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"
