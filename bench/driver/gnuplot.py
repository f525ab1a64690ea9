# SPDX-License-Identifier: MIT
"""
gnuplot.py - one script, drawn twice: SVG for the web, PNG for everything else.

Text goes into single quotes only: within double ones gnuplot would run what stands in backquotes.
"""
import os
import shutil
import subprocess
import tempfile

# Okabe and Ito's colours, which the colour-blind tell apart; the lines' forms differ too.
SEXTON = "#D55E00"
PEERS = (("#0072B2", 4), ("#009E73", 6), ("#CC79A7", 8), ("#E69F00", 10), ("#56B4E9", 12),
         ("#8C6D31", 14))
BOUNDS = {"floor": "#444444", "limit": "#999999"}
FONT = "sans-serif"
SECONDS = 60


class CannotDraw(Exception):
    """The text says why."""


def quote(text):
    """With lines, if it has any: a single-quoted string cannot hold their ends."""
    quoted = ["'" + line.replace("'", "''") + "'" for line in text.split("\n")]
    return '."\\n".'.join(quoted)


def style(inits, init):
    """Line and points of an init: sexton thick and solid, the bounds dashed."""
    if init.role == "subject":
        own = [other for other in inits if other.role == "subject"].index(init)
        return f"lc rgb '{SEXTON}' lw {4 - 2 * min(own, 1)} dt {own + 1} pt 7 ps 0.9"
    if init.role == "peer":
        peer = [other for other in inits if other.role == "peer"].index(init)
        colour, points = PEERS[peer % len(PEERS)]
        return f"lc rgb '{colour}' lw 1.8 dt 1 pt {points}"
    return f"lc rgb '{BOUNDS[init.role]}' lw 1.5 dt {'2' if init.role == 'floor' else '3'} pt 2"


def block(name, rows):
    """A named data block."""
    lines = "\n".join(" ".join(f"{value:.9g}" for value in row) for row in rows)
    return f"${name} << EOD\n{lines}\nEOD\n"


def draw(script, stem, size):
    """Writes @stem.svg and @stem.png, both or none."""
    if not shutil.which("gnuplot"):
        raise CannotDraw("gnuplot is not installed")
    with tempfile.TemporaryDirectory(prefix=".plot.", dir=os.path.dirname(stem)) as directory:
        made = {kind: os.path.join(directory, f"plot.{kind}") for kind in ("svg", "png")}
        _execute(_twice(script, size), directory)
        for path in made.values():
            if not os.path.exists(path) or not os.path.getsize(path):
                raise CannotDraw("gnuplot has drawn nothing")
        for kind, path in made.items():
            os.rename(path, f"{stem}.{kind}")


def _twice(script, size):
    width, height = size
    size = f"size {width},{height} noenhanced"
    return f"""set encoding utf8
set terminal svg {size} font '{FONT},14' background '#ffffff'
set output 'plot.svg'
{script}
set output
reset
if (strstrt(GPVAL_TERMINALS, ' pngcairo') > 0) {{
	set terminal pngcairo {size} font '{FONT},11' background '#ffffff'
}} else {{
	set terminal png {size} background '#ffffff'
}}
set output 'plot.png'
{script}
set output
"""


def _execute(script, directory):
    try:
        # -d: no settings of the user's own.
        done = subprocess.run(["gnuplot", "-d", "-"], input=script, text=True, encoding="utf-8",
                              errors="replace", cwd=directory, timeout=SECONDS,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as error:
        raise CannotDraw(f"gnuplot cannot be executed: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise CannotDraw(f"gnuplot was not done in {SECONDS} s") from None
    if done.returncode != 0:
        complaints = [line for line in done.stdout.splitlines() if line.strip(" \t^")]
        raise CannotDraw(f"gnuplot: {complaints[-1] if complaints else done.returncode}")
