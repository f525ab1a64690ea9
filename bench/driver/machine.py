# SPDX-License-Identifier: MIT
"""machine.py - where and when something was measured."""
import datetime
import os
import platform
import shlex

import inits as _inits


def cpu_model():
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass  # no /proc, or one of another form
    return platform.machine()


def describe(arguments, inits, missing, root):
    """What stands above the tables and in the files."""
    def shown(init):
        # As one types it in the source tree; where that is says nothing about the measurement.
        return shlex.join(word.replace(root + os.sep, "") for word in init.words)

    return {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpus": len(os.sched_getaffinity(0)),
        "cpu_model": cpu_model(),
        "command": shlex.join(["./dev", "bench", *arguments]),
        "inits": [{"name": init.name, "role": init.role, "words": shown(init),
                   "version": _inits.version(init)} for init in inits],
        "missing": [missing_one._asdict() for missing_one in missing],
    }
