#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
test_small.py - is the released program as small as promised, and as hard?

Takes from the environment: DIST, the directory of the release; STORM, which measures an init as PID 1 at
rest (bench/README.md, scenario "rest"); SOURCE. By ctest -L dist.
"""
import json
import os
import re
import subprocess
import unittest

DIST = os.environ["DIST"]
PROGRAM = os.path.join(DIST, "sexton-linux-x86_64")
OTHER = os.path.join(DIST, "sexton-linux-arm64")  # each of its instructions takes four bytes
# In units of 1024 bytes, as the kernel has them.
FILE_KB = {PROGRAM: 90, OTHER: 102}
RSS_KB, ANONYMOUS_KB = 80, 40
LIMIT = 60  # seconds, for failures only


def run(*words, **environment):
    return subprocess.run(words, stdout=subprocess.PIPE, text=True, timeout=LIMIT, check=True,
                          env={"PATH": os.environ["PATH"], **environment}).stdout


def readelf(program, *options):
    return run("readelf", "--wide", *options, program, LC_ALL="C")


class Small(unittest.TestCase):
    def test_the_file_is_as_small_as_promised(self):
        for program, limit in FILE_KB.items():
            size = os.path.getsize(program)
            print(f"{os.path.basename(program)}: {size} bytes")
            self.assertLessEqual(size, limit * 1024, program)

    def test_pid_1_at_rest_holds_as_little_memory_as_promised(self):
        # With an environment of usual size: it lies on the stack.
        words = os.environ["STORM"], "rest", "--set", "seconds=1", "--", PROGRAM, "--"
        figures = json.loads(run(*words))["figures"]
        print(f"at rest: {figures}")
        self.assertEqual((figures["threads"], figures["switches"]), (2, 0))
        self.assertLessEqual(figures["rss_kb"], RSS_KB)
        self.assertLessEqual(figures["anonymous_kb"], ANONYMOUS_KB)


class Hard(unittest.TestCase):
    def test_it_needs_no_file_but_itself(self):
        for program in FILE_KB:
            self.assertNotIn("INTERP", readelf(program, "--program-headers"), program)
            self.assertNotIn("NEEDED", readelf(program, "--dynamic"), program)

    def test_no_memory_is_writable_and_executable(self):
        for program in FILE_KB:
            headers = readelf(program, "--program-headers")
            flags = re.findall(r"^ +(LOAD|GNU_STACK) .* ([R ][W ][E ]) 0x", headers, re.MULTILINE)
            self.assertIn(("GNU_STACK", "RW "), flags, program)
            self.assertIn(("LOAD", "R E"), flags, program)
            self.assertNotIn("RWE", [mode for _, mode in flags], program)

    def test_functions_with_buffers_guard_their_frames(self):
        # Where the guard is compared: in x86-64 it lies in the thread's own memory.
        self.assertGreater(run("objdump", "-d", PROGRAM).count("%fs:0x28"), 10)

    def test_nothing_says_where_it_was_built(self):
        for program in FILE_KB:
            with open(program, "rb") as file:
                text = file.read()
            for trace in os.environ["SOURCE"], "/tmp", "/build":
                self.assertFalse(trace.encode() in text, f"{trace} in {program}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
