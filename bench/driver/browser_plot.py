# SPDX-License-Identifier: MIT
"""browser_plot.py - zombies over time, while browsers come and go: sexton, a peer, no init."""
import os

import gnuplot
import plots
from gnuplot import block, quote

NAME = "puppeteer"
SIZE = (1000, 460)
NOBODY = "none"
STYLES = {  # role: what it looks like; who comes last is drawn over the others
    NOBODY: f"lc rgb '{gnuplot.BOUNDS['floor']}' lw 2 dt 1",
    "peer": f"lc rgb '{gnuplot.PEERS[0][0]}' lw 2 dt 1",
    "sexton": f"lc rgb '{gnuplot.SEXTON}' lw 3 dt 1",
}


def draw(found, directory):
    """Writes puppeteer.svg and .png; none, if there was no churn."""
    runs = choose(found["results"])
    if runs:
        try:
            gnuplot.draw(script(runs, plots.origin(found["meta"], found["complete"])),
                         os.path.join(directory, NAME), SIZE)
        except OSError as error:
            raise gnuplot.CannotDraw(f"{error.filename}: {error.strerror}") from None


def choose(results):
    """Role: its churn without a limit of processes; of the peers the first."""
    found = {}
    for one in results:
        if one["story"] == "churn" and not one["limit"] and one["zombies"]:
            role = one["init"] if one["init"] in STYLES else "peer"
            found.setdefault(role, one)
    return {role: found[role] for role in STYLES if role in found}


def script(runs, under):
    data, curves = "", []
    for role, one in runs.items():
        name = "churn_" + role
        # The last step lasts until the end.
        data += block(name, one["zombies"] + [[one["seconds"], one["zombies"][-1][1]]])
        label = "no init" if role == NOBODY else one["init"]
        curves.append(f"${name} using 1:2 with steps {STYLES[role]} title {quote(label)}")
    launches = next(iter(runs.values()))["launches"]
    heading = f"Zombies while {launches} browsers come and go"
    plotted = ", \\\n\t".join(curves)
    return f"""{data}{plots.GRID}set title {plots.title(heading, under)}
set xlabel 'seconds'
set ylabel 'zombies'
set xrange [0:*]
set yrange [0:*]
set offsets 0, 0, graph 0.05, 0
set key left top reverse Left
plot {plotted}
"""
