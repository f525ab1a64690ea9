# SPDX-License-Identifier: MIT
"""markdown.py - the compact table for a README: one row an init, one column a scenario."""
from text import number, unit_for

NONE = "–"

# Heading, scenario, the parameters that are wanted (or else the last that there are), and the
# figures with their units.
COLUMNS = (
    ("storm, {zombies:,} zombies: CPU a zombie", "storm", {"zombies": 4000}, (("cpu_ns", "ns"),)),
    ("crowd, {living:,} living: CPU a zombie", "crowd", {"living": 5000}, (("cpu_ns", "ns"),)),
    ("churn: CPU an orphan", "churn", {}, (("cpu_us", "us"),)),
    ("forward during churn: p50 / p99", "forward", {"load": "churn"},
     (("latency_ns_p50", "ns"), ("latency_ns_p99", "ns"))),
    ("forward during a storm: p50 / p99", "forward", {"load": "storm"},
     (("latency_ns_p50", "ns"), ("latency_ns_p99", "ns"))),
    ("start / exit: p50", "start", {}, (("start_ns_p50", "ns"), ("exit_ns_p50", "ns"))),
    ("rest: switches / anonymous memory", "rest", {}, (("switches", ""), ("anonymous_kb", "kB"))),
)


def summary(cells, meta, complete):
    columns = [(heading, _find(cells, scenario, wanted), figures)
               for heading, scenario, wanted, figures in COLUMNS]
    columns = [column for column in columns if column[1]]
    names = [init["name"] for init in meta["inits"]]
    names = [name for name in names if any(_row(cell, name) for _, cell, _ in columns)]
    lines = ["| | " + " | ".join(heading.format(**cell.parameters)
                                 for heading, cell, _ in columns) + " |",
             "|---|" + "---|" * len(columns)]
    for name in names:
        texts = [_text(cell, name, figures) for _, cell, figures in columns]
        lines.append(f"| {_escape(name)} | " + " | ".join(texts) + " |")
    lines += ["", f"Medians; `{meta['command']}`, {meta['date'][:10]}, {meta['kernel']}, "
              f"{meta['cpus']} x {meta['cpu_model']}."]
    if not complete:
        lines.append("Incomplete: the run was stopped.")
    return "\n".join(lines) + "\n"


def _find(cells, scenario, wanted):
    """The cell with the wanted parameters; a load is the wanted one or none."""
    own = [cell for cell in cells if cell.scenario == scenario]
    exact = [cell for cell in own if wanted.items() <= cell.parameters.items()]
    if exact or "load" in wanted:
        return exact[-1] if exact else None
    return own[-1] if own else None


def _row(cell, name):
    return next((row for row in cell.rows if row.init.name == name), None)


def _text(cell, name, figures):
    row = _row(cell, name)
    if not row or row.cannot:
        return NONE
    if row.failure:
        return "**failed**"
    parts = [_figure(cell, row, figure, unit) for figure, unit in figures]
    return " / ".join(parts) + "".join(f" **{fault}**" for fault in row.faults)


def _figure(cell, row, figure, unit):
    value = row.median(figure)
    if value is None:
        return NONE
    # One unit for the column, so that the eye compares numbers.
    column = [other.median(figure) for other in cell.rows if figure in other.values]
    unit, divisor = unit_for(column, unit)
    return f"{number(value / divisor, unit)} {unit}".rstrip()


def _escape(text):
    return text.replace("\\", "\\\\").replace("|", "\\|")
