# SPDX-License-Identifier: MIT
"""
bench/driver - measures container inits beside each other; `./dev bench` starts it.

The measuring itself is done by the program sexton-storm (bench/storm), one run at a time. What is
here decides what is run and in which order, and makes tables, files and plots of the figures.

Read cli.py first, then session.py.
"""
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is
if sys.version_info < (3, 9):
    sys.exit("bench: Python 3.9 or newer is needed")

import cli  # noqa: E402 the line above must come first

sys.exit(cli.main(sys.argv[1:]))
