# SPDX-License-Identifier: MIT
"""
plots.py - the pictures: the crowd, the storm, the latency of forwarding.

An init that failed is not in them; one that lost something says so beside its name.
"""
import math
import os

import gnuplot
from gnuplot import block, quote, style

LOADS = ("rest", "churn", "storm")
SIZES = {"crowd": (1000, 560), "storm": (1000, 560), "forward": (1300, 560)}
POINTS = 200  # of a curve: more than one can see
GRID = "set grid lc rgb '#dddddd' lt 1 lw 0.6\nset border lc rgb '#444444'\nset tics nomirror\n"


def draw(cells, meta, complete, directory):
    """Draws what can be drawn; returns a line for each plot that could not."""
    lines = []
    for name, script in (("crowd", crowd), ("storm", storm), ("forward", forward)):
        own = [cell for cell in cells if cell.scenario == name
               and any(row.values for row in cell.rows)]
        if not own:
            continue
        try:
            gnuplot.draw(script(own, origin(meta, complete)), os.path.join(directory, name),
                         SIZES[name])
        except gnuplot.CannotDraw as reason:
            lines.append((name, str(reason)))
        except OSError as error:
            lines.append((name, f"{error.filename}: {error.strerror}"))
    reasons = {reason for _, reason in lines}
    return [f"not drawn: {', '.join(name for name, why in lines if why == reason)}: {reason}"
            for reason in sorted(reasons)]


def origin(meta, complete):
    command = meta["command"] if len(meta["command"]) <= 60 else meta["command"][:57] + "..."
    text = f"{command}   {meta['date'][:10]}   {meta['kernel']}   {meta['cpus']} CPUs"
    return text + ("" if complete else "   (incomplete)")


def inits_of(cells):
    """Who has any figures, in the order of the table."""
    inits = []
    for cell in cells:
        inits += [row.init for row in cell.rows if row.values and row.init not in inits]
    return inits


def label(cells, init):
    faults = {fault for cell in cells for row in cell.rows if row.init == init
              for fault in row.faults}
    return quote(" ".join([init.name, *sorted(faults)]))


def title(text, under):
    return quote(f"{text}\n{under}")


def points(cells, init, figure, position):
    """(position of the cell, median, low, high) in microseconds, where the init has the figure."""
    found = []
    for cell in cells:
        for row in cell.rows:
            if row.init == init and figure in row.values:
                spread = row.values[figure]
                found.append((position(cell), spread.median / 1e3, spread.low / 1e3,
                              spread.high / 1e3))
    return sorted(found)


def crowd(cells, under):
    """CPU a zombie against how many live beside it; both axes logarithmic."""
    living = sorted({cell.parameters["living"] for cell in cells})
    least = next((count for count in living if count), 10)

    def position(cell):
        # 0 has no place on a logarithmic axis: it gets one beside the others, and its own label.
        return cell.parameters["living"] or least / 10

    tics = ", ".join(f"'{count:,}' {count or least / 10:g}" for count in living)
    data, curves = "", []
    for init in inits_of(cells):
        # What costs nothing that could be measured has no place on the other.
        own = [point for point in points(cells, init, "cpu_ns", position) if point[2] > 0]
        if own:
            name = f"crowd{len(curves)}"
            data += block(name, own)
            curves.append(f"${name} using 1:2:3:4 with yerrorlines {style(inits_of(cells), init)} "
                          f"title {label(cells, init)}")
    zombies = cells[0].parameters["zombies"]
    heading = f"Burying {zombies:,} zombies beside living orphans: CPU time of the init"
    return f"""{data}{GRID}set title {title(heading, under)}
set xlabel 'living orphans'
set ylabel 'CPU a zombie (us, logarithmic)'
set logscale xy
set format y '%g'
set xtics ({tics})
set xrange [{(least / 10 if 0 in living else least) / 1.5:g}:{max(living[-1], least) * 1.5:g}]
set key outside right top vertical reverse Left
plot {_plotted(curves)}
"""


def storm(cells, under):
    """Bars, from zero: one group a number of zombies, in each one bar an init."""
    inits = inits_of(cells)
    cells = sorted(cells, key=lambda cell: cell.parameters["zombies"])
    group = len(inits) + 1.5
    data, bars, errors = "", [], []
    for number, init in enumerate(inits):
        own = points(cells, init, "cpu_ns",
                     lambda cell, number=number: cells.index(cell) * group + number)
        if own:
            colour = style(inits, init).split(" lw ")[0]
            fill = "fs pattern 4" if init.role == "subject" and number else "fs solid"
            data += block(f"storm{number}", own)
            bars.append(f"$storm{number} using 1:2:(0.85) with boxes {colour} {fill} "
                        f"title {label(cells, init)}")
            # Not yerrorbars: they put a point, or a hole, on each bar.
            errors.append(f"$storm{number} using 1:3:(0):($4-$3) with vectors heads "
                          "size 0.15,90 lc rgb '#000000' lw 1 notitle")
    tics = ", ".join(f"'{cell.parameters['zombies']:,}' {i * group + (len(inits) - 1) / 2:g}"
                     for i, cell in enumerate(cells))
    heading = "Burying zombies that come all at once: CPU time of the init"
    return f"""{data}{GRID}set title {title(heading, under)}
set xlabel 'zombies'
set ylabel 'CPU a zombie (us)'
set yrange [0:*]
set offsets 0, 0, graph 0.05, 0
set xtics ({tics}) scale 0
set xrange [-1:{len(cells) * group - 1.5:g}]
set key outside right top vertical reverse Left
plot {_plotted(bars + errors)}
"""


def _plotted(curves):
    if not curves:
        raise gnuplot.CannotDraw("no figure is above 0")
    return ", \\\n\t".join(curves)


def curve(ascending):
    """From the median on: (one signal in how many took at least so long, how long in us)."""
    count = len(ascending)
    found = {}
    for step in range(POINTS + 1):
        rarity = 2 * (count / 2) ** (step / POINTS)
        rank = min(round(count + 1 - count / rarity), count)
        found[rank] = count / (count - rank + 1)
    return [(rarity, ascending[rank - 1] / 1e3) for rank, rarity in sorted(found.items())]


def forward(cells, under):
    """One panel a load; both axes logarithmic, the same in all."""
    cells = sorted(cells, key=lambda cell: LOADS.index(cell.parameters["load"]))
    inits = inits_of(cells)
    data, panels, corners = "", [], []
    for cell in cells:
        curves = []
        for row in cell.rows:
            samples = [sample for sample in row.samples.get("latency_ns", []) if sample > 0]
            if len(samples) > 1:
                name = f"forward{len(corners)}"
                rows = curve(samples)
                data += block(name, rows)
                corners += [rows[0], rows[-1]]
                curves.append(f"${name} using 1:2 with linespoints pi 40 "
                              f"{style(inits, row.init)} notitle")
        if curves:
            panels.append((cell.parameters["load"], curves))
    if not panels:
        raise gnuplot.CannotDraw("no figure is above 0")
    # One key for all panels, beside them: the first draws it, with lines that are nowhere.
    key = [f"NaN with linespoints {style(inits, init)} title {label(cells, init)}"
           for init in inits]
    panels[0][1].extend(key)
    return data + GRID + _panels(panels, corners, under)


def _panels(panels, corners, under):
    rarest = max(corner[0] for corner in corners)
    lowest = min(corner[1] for corner in corners)
    highest = max(corner[1] for corner in corners)
    heading = "From a signal at the init to the command's receipt: latency"
    script = f"""set logscale xy
set format y '%g'
set xrange [2:{max(rarest, 10):g}]
set yrange [{lowest / 1.3:g}:{highest * 1.3:g}]
set xtics ('50%%' 2, '90%%' 10, '99%%' 100, '99.9%%' 1000, '99.99%%' 10000, '99.999%%' 100000)
set xlabel 'percentile'
set ylabel 'latency (us, logarithmic)'
set key at screen 0.79, screen 0.85 left top vertical reverse Left
set multiplot layout 1,{len(panels)} title {title(heading, under)} \\
	margins 0.06, 0.77, 0.12, 0.83 spacing 0.045
"""
    for number, (load, curves) in enumerate(panels):
        if number == 1:
            script += "set format y ''\nset ylabel ''\n"
        script += f"set title {quote('load: ' + load)}\nplot {_plotted(curves)}\n"
    return script + "unset multiplot\n"
