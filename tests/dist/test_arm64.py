#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
test_arm64.py - does the released program for arm64 run?

qemu-aarch64-static runs it as PID 1 of PID namespaces; the commands are this machine's programs, on this
machine's kernel. Takes DIST from the environment. By ctest -L dist.
"""
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

DIST = os.environ["DIST"]
NATIVE = [os.path.join(DIST, "sexton-linux-x86_64")]
EMULATED = ["qemu-aarch64-static", os.path.join(DIST, "sexton-linux-arm64")]
NAMESPACE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"]
LIMIT = 60  # seconds, for failures only


def run(words, **more):
    return subprocess.run(words, capture_output=True, text=True, timeout=LIMIT, check=False, **more)


def sexton(*words, **more):
    """As PID 1: outside of a namespace qemu's lack of PR_SET_CHILD_SUBREAPER would be told."""
    return run([*NAMESPACE, *EMULATED, *words], **more)


class Arm64(unittest.TestCase):
    def setUp(self):
        if shutil.which(EMULATED[0]) is None:
            self.fail(f"{EMULATED[0]} is missing (qemu-user-static)")

    def check(self, done, code, out="", err=""):
        self.assertEqual((done.returncode, done.stdout, done.stderr), (code, out, err))

    def test_it_is_the_program_of_the_other_architecture(self):
        self.assertIn("AArch64", run(["readelf", "--file-header", EMULATED[1]]).stdout)
        self.assertIn("X86-64", run(["readelf", "--file-header", NATIVE[0]]).stdout)

    def test_it_says_what_the_other_says(self):
        for words in ["--version"], ["--help"], ["--as", "tini", "-l"], ["--as", "dumb-init", "-h"]:
            theirs = run([*NATIVE, *words])
            self.check(sexton(*words), theirs.returncode, theirs.stdout, theirs.stderr)
            self.assertNotEqual(theirs.stdout + theirs.stderr, "")

    def test_the_exit_code_is_the_commands(self):
        self.check(sexton("--", "sh", "-c", "echo here; exit 7"), 7, "here\n")

    def test_a_command_that_a_signal_ended_is_128_and_the_signal(self):
        self.check(sexton("--", "sh", "-c", "kill -KILL $$"), 128 + signal.SIGKILL)

    def test_a_command_that_is_not_there_is_127(self):
        self.check(sexton("--", "./nothing"), 127,
                   err="sexton: cannot run ./nothing: No such file or directory\n")

    def test_an_orphan_is_buried(self):
        # Whoever started it has gone, and TERM does not end it.
        orphan = "(trap '' TERM; read line <wait; exit 3) &"
        with tempfile.TemporaryDirectory(prefix="arm64.") as directory:
            done = sexton("--warn-reaped", "--", "sh", "-c",
                          f'mkfifo wait; sh -c "{orphan}"; echo go >wait', cwd=directory)
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stderr, r"^sexton: buried pid \d+: exited with 3\n$")

    def test_an_orphan_is_asked_to_end_and_waited_for(self):
        orphan = "trap 'echo asked; exit 0' TERM; echo ready >up; while :; do read line <>down; done"
        with tempfile.TemporaryDirectory(prefix="arm64.") as directory:
            self.check(sexton("--", "sh", "-c",
                              f"mkfifo up down; ({orphan}) & read line <up; exit 5", cwd=directory),
                       5, "asked\n")

    def test_a_signal_is_passed_on(self):
        command = "trap 'echo got it; exit 9' USR1; echo $$; while :; do read line; done"
        with subprocess.Popen([*NAMESPACE, *EMULATED, "--", "sh", "-c", command],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            self.assertNotEqual(process.stdout.readline(), "")
            with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
                os.kill(int(file.read()), signal.SIGUSR1)
            self.assertEqual(process.stdout.readline(), "got it\n")
            self.assertEqual(process.wait(LIMIT), 9)


if __name__ == "__main__":
    unittest.main(verbosity=2)
