# SPDX-License-Identifier: MIT
"""
store.py - the files: everything as JSON, the figures as CSV.

A file is there whole or not at all: it is written beside its place and then renamed.
"""
import csv
import io
import json
import os
import stat

SCHEMA = 1  # changes when a reader of the JSON would have to
CSV_FIELDS = ("scenario", "parameters", "init", "role", "figure", "runs", "median", "low", "high",
              "ratio_floor", "ratio_best_peer", "faults", "failure")


class CannotWrite(Exception):
    """A file cannot be written; the text says which and why."""


def _is_special(path):
    """A terminal, a pipe, /dev/null: cannot be replaced by a file, and must not be."""
    return os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode)


def write(path, text):
    path = os.path.realpath(path)
    temporary = path if _is_special(path) else f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        if temporary != path:
            os.rename(temporary, path)
    except OSError as error:
        if temporary != path and os.path.exists(temporary):
            os.unlink(temporary)
        raise CannotWrite(f"{path}: {error.strerror}") from None


def check(path):
    """Raises CannotWrite now if write() would later, after minutes of measuring."""
    if os.path.isdir(path):
        raise CannotWrite(f"{path}: is a directory")
    path = os.path.realpath(path)
    if _is_special(path):
        return
    probe = f"{path}.{os.getpid()}.tmp"
    try:
        with open(probe, "w", encoding="utf-8"):
            pass
        os.unlink(probe)
    except OSError as error:
        raise CannotWrite(f"{path}: {error.strerror}") from None


def make_directory(path):
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{path}: {error.strerror}") from None


def as_json(meta, complete, results, cells):
    document = {"schema": SCHEMA, "complete": complete, "meta": meta,
                "runs": [_run(result) for result in results],
                "summary": [_row(cell, row) for cell in cells for row in cell.rows]}
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def _run(result):
    trial = result.trial
    run = {"scenario": trial.scenario, "parameters": dict(trial.parameters),
           "init": trial.init.name, "run": trial.run + 1, "seconds": result.seconds,
           "ok": result.ok, "figures": result.figures, "samples": result.samples,
           "notes": result.notes}
    for key in "failure", "last_words", "cannot":
        if getattr(result, key):
            run[key] = getattr(result, key)
    return run


def _row(cell, row):
    return {"scenario": cell.scenario, "parameters": cell.parameters, "init": row.init.name,
            "role": row.init.role, "runs": row.runs, "failed": row.tried - row.runs,
            "failure": row.failure, "last_words": row.last_words, "cannot": row.cannot,
            "faults": row.faults,
            "figures": {figure: {"median": value.median, "low": value.low, "high": value.high,
                                 **{f"ratio_{key}": ratio
                                    for key, ratio in row.ratios.get(figure, {}).items()}}
                        for figure, value in row.values.items()}}


def as_csv(cells):
    """One line a figure; an init without figures has one line that says why."""
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_FIELDS, lineterminator="\n")
    writer.writeheader()
    for cell in cells:
        for row in cell.rows:
            summary = _row(cell, row)
            common = {"scenario": cell.scenario, "init": row.init.name, "role": row.init.role,
                      "parameters": " ".join(f"{k}={v}" for k, v in cell.parameters.items()),
                      "runs": row.runs, "faults": "; ".join(row.faults),
                      "failure": row.failure or row.cannot}
            for figure, values in (summary["figures"] or {"": {}}).items():
                writer.writerow({**common, "figure": figure, **values})
    return text.getvalue()
