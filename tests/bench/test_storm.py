#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
test_storm.py - does sexton-storm find what is there to be found?

The figures of good inits must be there and make sense; each fault of fake_init.c must be noticed, and
counted exactly where that is possible. How fast anything is, is not asked here.

Takes the programs from the environment: STORM, FLOOR, SEXTON, FAKE_INIT, SECCOMP_RUN. By ctest -L bench.
"""
import errno
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

STORM = os.environ["STORM"]
SEXTON = [os.environ["SEXTON"], "--"]
FLOOR = [os.environ["FLOOR"]]
IGNORING = FLOOR + ["--ignore-sigchld"]
SINGLE_THREADED = [os.environ["SECCOMP_RUN"], "clone3=ENOSYS", "clone_thread=EPERM", "--"] + SEXTON
LIMIT = 100  # seconds, for what takes one or two
NOBODY = 65534
CHARGES = "/var/tmp/sexton-storm."


def fake(fault):
    return [os.environ["FAKE_INIT"], fault]


def command_line(scenario, init, **parameters):
    sets = [word for key, value in parameters.items() for word in ("--set", f"{key}={value}")]
    return [STORM, scenario, *sets, "--", *init]


def refuse(text):
    raise ValueError(f"{text} is no JSON")


def unique(pairs):
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key comes twice")
    return dict(pairs)


def strict(text):
    """The one object on the one line, read as strictly as RFC 8259 has it."""
    if text.count(b"\n") != 1 or not text.endswith(b"\n"):
        raise ValueError(f"not one line: {text!r}")
    return json.loads(text.decode("utf-8"), parse_constant=refuse, object_pairs_hook=unique)


def storm(scenario, init, options=None, **parameters):
    done = subprocess.run(command_line(scenario, init, **parameters), capture_output=True, timeout=LIMIT,
                          check=False, **(options or {}))
    assert done.returncode == 0, done
    assert done.stderr == b"", done
    result = strict(done.stdout)
    assert result["scenario"] == scenario
    assert parameters.items() <= result["parameters"].items()
    assert all(isinstance(x, int) for samples in result["samples"].values() for x in samples)
    return result


def eventually(what):
    """The first true answer of what(), which is asked until it comes."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        answer = what()
        if answer:
            return answer
        os.sched_yield()
    raise AssertionError("it does not happen")


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def children(pid):
    return [int(child) for child in read(f"/proc/{pid}/task/{pid}/children").split()]


def arguments(pid):
    return [os.fsdecode(word) for word in read(f"/proc/{pid}/cmdline").split(b"\0")[:-1]]


def descendants(pid):
    found = children(pid)
    for child in found:
        found += children(child)
    return found


def removed(directory):
    """A cgroup, which goes when its last process has."""
    try:
        os.rmdir(directory)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        return False
    return True


class Run:
    """A run in the background, to be disturbed. In it are the init, once it is executed, and others."""

    def __init__(self, scenario, init, inhabitants, **parameters):
        self.process = subprocess.Popen(command_line(scenario, init, **parameters),
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.init = eventually(self.find_init)
        eventually(lambda: len(descendants(self.init)) >= inhabitants)
        self.file = arguments(self.init)[-1]
        self.init_ends = os.pidfd_open(self.init)

    def find_init(self):
        for child in children(self.process.pid):
            words = arguments(child)
            if "--inside" in words and words[0] != STORM:
                return child
        return None

    def cgroups(self):
        """The directories of those that were made for it."""
        found = []
        for line in read(f"/proc/{self.init}/cgroup").decode().split():
            _, controllers, path = line.split(":", 2)
            if f"sexton-storm.{self.process.pid}" in path:
                found += [f"/sys/fs/cgroup/{name}{path}" for name in controllers.split(",")]
        return [path for path in found if os.path.exists(path)]

    def init_has_ended(self):
        poll = select.poll()
        poll.register(self.init_ends, select.POLLIN)
        return bool(poll.poll(LIMIT * 1000))

    def end_by(self, sig):
        self.process.send_signal(sig)
        try:
            out, err = self.process.communicate(timeout=LIMIT)
            ended = self.init_has_ended()
        finally:
            self.process.kill()
            os.close(self.init_ends)
        return self.process.returncode, out, err, ended


class Figures(unittest.TestCase):
    """Inits that do it right, and what is said of them."""

    def assert_figures(self, result, *names):
        self.assertTrue(result["ok"], result)
        self.assertNotIn("failure", result)
        self.assertNotIn("cannot", result)
        self.assertEqual(set(result["figures"]), set(names))
        for name, value in result["figures"].items():
            self.assertGreaterEqual(value, 0, name)

    def test_storm_tells_what_a_zombie_costs(self):
        for init in SEXTON, FLOOR, IGNORING, fake("honest"):
            result = storm("storm", init, zombies=500)
            self.assert_figures(result, "cpu_ns", "wall_ms", "zombies_peak", "zombies_left")
            self.assertEqual(result["init"], init)
            self.assertEqual(result["parameters"], {"zombies": 500})
            self.assertEqual(result["figures"]["zombies_left"], 0)
            self.assertLessEqual(result["figures"]["zombies_peak"], 500)
            self.assertGreater(result["figures"]["wall_ms"], 0)
        self.assertEqual(result["samples"], {})

    def test_crowd_costs_a_bare_loop_more_than_a_storm(self):
        alone, beside = (storm("crowd", FLOOR, zombies=300, living=living) for living in (0, 1000))
        self.assert_figures(alone, "cpu_ns", "wall_ms", "zombies_left", "zombies_peak")
        self.assert_figures(beside, "cpu_ns", "wall_ms", "zombies_left")
        self.assertGreater(beside["figures"]["cpu_ns"], 2 * alone["figures"]["cpu_ns"])

    def test_churn_tells_what_an_orphan_costs(self):
        result = storm("churn", SEXTON, seconds=1, workers=2)
        self.assert_figures(result, "orphans_per_s", "cpu_us", "backlog_peak", "switches",
                            "zombies_left")
        self.assertEqual(result["figures"]["zombies_left"], 0)
        self.assertGreater(result["figures"]["orphans_per_s"], 0)
        self.assertGreater(result["figures"]["cpu_us"], 0)

    def test_forward_gives_a_latency_for_each_signal(self):
        for load in "rest", "churn", "storm":
            result = storm("forward", SEXTON, load=load, signals=30)
            self.assert_figures(result, "sent", "lost", "realtime")
            self.assertEqual(result["figures"]["sent"], 30)
            self.assertEqual(result["figures"]["lost"], 0)
            self.assertEqual(len(result["samples"]["latency_ns"]), 30)
            self.assertGreater(min(result["samples"]["latency_ns"]), 0)
            refused = [note for note in result["notes"] if "SCHED_FIFO is refused" in note]
            self.assertEqual(len(refused), 1 - result["figures"]["realtime"])

    def test_flood_delivers_everything_in_order(self):
        for init in SEXTON, fake("honest"):
            result = storm("flood", init, signals=5000)
            self.assert_figures(result, "sent", "delivered", "lost", "out_of_order", "wrong_value",
                                "refused", "signals_per_s")
            figures = result["figures"]
            self.assertEqual((figures["sent"], figures["delivered"], figures["lost"]), (5000, 5000, 0))
            self.assertEqual((figures["out_of_order"], figures["wrong_value"]), (0, 0))

    def test_flood_tries_again_what_a_full_queue_refuses(self):
        def few():
            resource.setrlimit(resource.RLIMIT_SIGPENDING, (200, 200))

        figures = storm("flood", fake("dallies"), {"preexec_fn": few}, signals=2000)["figures"]
        self.assertGreater(figures["refused"], 0)
        self.assertEqual((figures["sent"], figures["delivered"], figures["lost"]), (2000, 2000, 0))

    def test_grace_counts_who_could_finish(self):
        result = storm("grace", SEXTON, workers=3)
        self.assert_figures(result, "finished", "exit_ms")
        self.assertEqual(result["figures"]["finished"], 3)
        self.assertGreaterEqual(result["figures"]["exit_ms"], 1000)

    def test_an_init_that_leaves_with_its_command_has_no_grace(self):
        result = storm("grace", fake("honest"), workers=3)
        self.assert_figures(result, "finished", "exit_ms")
        self.assertEqual(result["figures"]["finished"], 0)
        self.assertLess(result["figures"]["exit_ms"], 1000)

    def test_start_gives_two_samples_for_each_time(self):
        for init in SEXTON, FLOOR:
            result = storm("start", init, times=5)
            self.assert_figures(result)
            self.assertEqual({name: len(x) for name, x in result["samples"].items()},
                             {"start_ns": 5, "exit_ns": 5})
            self.assertGreater(min(result["samples"]["start_ns"] + result["samples"]["exit_ns"]), 0)

    def test_rest_sees_threads_and_descriptors(self):
        inits = {2: SEXTON, 1: SINGLE_THREADED}
        for threads, init in inits.items():
            result = storm("rest", init, seconds=1)
            self.assert_figures(result, "switches", "cpu_us", "rss_kb", "anonymous_kb", "threads",
                                "fds")
            self.assertEqual(result["figures"]["threads"], threads)
            self.assertEqual(result["figures"]["switches"], 0)
            self.assertGreater(result["figures"]["rss_kb"], result["figures"]["anonymous_kb"])
            self.assertGreater(result["figures"]["anonymous_kb"], 0)
        # None but the three standard ones, whatever we have open ourselves.
        with open("/dev/null", "rb") as file:
            os.set_inheritable(file.fileno(), True)
            result = storm("rest", FLOOR, {"close_fds": False}, seconds=1)
        self.assertEqual(result["figures"]["fds"], 3)

    def test_memory_is_taken_away_or_the_reason_why_not_is_told(self):
        result = storm("memory", SEXTON, signals=10)
        if "cannot" in result:
            self.assertRegex(result["cannot"], "^no memory cgroup can be made here: ")
            self.assertEqual(result["figures"], {})
            return
        self.assert_figures(result, "sent", "lost", "realtime", "major_faults")
        self.assertGreater(result["figures"]["major_faults"], 0)
        self.assertEqual(len(result["samples"]["latency_ns"]), 10)
        self.assertEqual(result["init"], SEXTON)

    def test_a_user_without_privileges_measures_in_a_user_namespace(self):
        options = {}
        with tempfile.TemporaryDirectory() as directory:
            # Where nobody can reach them.
            os.chmod(directory, 0o755)
            programs = [shutil.copy(path, directory) for path in (STORM, SEXTON[0])]
            if os.geteuid() == 0:
                options = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            done = subprocess.run([programs[0], "forward", "--set", "signals=10", "--", programs[1]],
                                  capture_output=True, timeout=LIMIT, check=True, **options)
        result = strict(done.stdout)
        if "cannot" in result:  # user namespaces are not for users here
            self.assertRegex(result["cannot"], "PID namespace")
            return
        self.assert_figures(result, "sent", "lost", "realtime")
        self.assertEqual(result["figures"]["lost"], 0)


class Faults(unittest.TestCase):
    """Inits that do it wrong."""

    def assert_failed(self, result, failure):
        self.assertFalse(result["ok"])
        self.assertRegex(result["failure"], failure)
        self.assertNotIn("cannot", result)

    def test_zombies_that_are_left_are_a_failure_that_names_how_many(self):
        result = storm("storm", fake("leaves"), zombies=1000, patience_ms=200)
        self.assert_failed(result, "^left 10 zombies: not one buried in 0.2 s$")
        self.assertEqual(result["figures"]["zombies_left"], 10)
        self.assertNotIn("cpu_ns", result["figures"])

    def test_zombies_that_are_left_in_a_crowd_are_a_failure(self):
        result = storm("crowd", fake("leaves"), zombies=300, living=100, patience_ms=200)
        self.assert_failed(result, "^left 3 zombies")

    def test_orphans_that_are_left_by_churn_are_a_failure(self):
        result = storm("churn", fake("leaves"), seconds=1, patience_ms=200)
        self.assert_failed(result, "^left [0-9]+ zombies")
        self.assertGreater(result["figures"]["zombies_left"], 0)
        self.assertNotIn("cpu_us", result["figures"])

    def test_every_tenth_signal_that_is_lost_is_counted(self):
        result = storm("forward", fake("forgets"), signals=40, patience_ms=100)
        self.assertTrue(result["ok"])
        self.assertEqual(result["figures"]["sent"], 40)
        self.assertEqual(result["figures"]["lost"], 4)
        self.assertEqual(len(result["samples"]["latency_ns"]), 36)

    def test_an_init_that_forwards_nothing_is_given_up_after_twenty_signals(self):
        result = storm("forward", FLOOR, signals=1000, patience_ms=20)
        self.assertEqual((result["figures"]["sent"], result["figures"]["lost"]), (20, 20))
        self.assertIn("stopped after 20 lost signals in a row", result["notes"])

    def test_a_flood_that_loses_signals_is_counted(self):
        figures = storm("flood", fake("forgets"), signals=2000, patience_ms=300)["figures"]
        self.assertEqual((figures["sent"], figures["delivered"], figures["lost"]), (2000, 1800, 200))
        self.assertEqual((figures["out_of_order"], figures["wrong_value"]), (0, 0))

    def test_a_flood_out_of_order_is_counted(self):
        figures = storm("flood", fake("swaps"), signals=2000)["figures"]
        self.assertEqual((figures["lost"], figures["out_of_order"]), (0, 1000))

    def test_a_flood_of_wrong_values_is_counted(self):
        figures = storm("flood", fake("alters"), signals=2000)["figures"]
        self.assertEqual((figures["lost"], figures["wrong_value"]), (0, 2000))

    def test_a_death_in_the_middle_is_told_with_the_last_words(self):
        for scenario in "storm", "churn":
            result = storm(scenario, fake("dies"))
            self.assert_failed(result, "^ended before the measurement was over: exit status 3$")
            self.assertEqual(result["last_words"], 'fake_init: "this" is too much')
            self.assertNotIn("cpu_ns", result["figures"])

    def test_a_crash_is_told_with_its_signal(self):
        result = storm("storm", fake("crashes"), zombies=100)
        self.assert_failed(result, "^ended before the measurement was over: killed by signal 4 ")

    def test_an_init_that_ends_at_once_has_failed_in_every_scenario(self):
        for scenario in "storm", "crowd", "churn", "forward", "flood", "grace", "start", "rest":
            result = storm(scenario, fake("quits"))
            self.assert_failed(result, "^ended before the measurement was over: exit status 7$")
            self.assertEqual(result["figures"], {})

    def test_an_init_that_does_not_stop_is_given_up(self):
        result = storm("grace", fake("hangs"), workers=2, patience_ms=200)
        self.assert_failed(result, "^did not end within 0.2 s of SIGTERM$")

    def test_an_init_that_cannot_be_executed_is_told_with_the_reason(self):
        for init, reason in (("/no/such/init", "No such file or directory"),
                             ("no-such-init", "No such file or directory"),
                             ("/etc/passwd", "Permission denied")):
            result = storm("storm", [init])
            self.assert_failed(result, f"^cannot be executed: {reason}$")

    def test_any_byte_in_arguments_and_last_words_is_strict_json(self):
        script = "printf '%s' \"$0\" >&2; exit 9"
        word = b'\xff "\\\x01\x7f \xc3\xa4 \xed\xa0\x80 \xf0\x9f\x92\xa1 \xc3'
        readable = '\ufffd "\\\x01\x7f \xe4 \ufffd\ufffd\ufffd \U0001f4a1 \ufffd'
        result = storm("rest", ["sh", "-c", script, word])
        self.assertEqual(result["init"][3], readable)
        self.assertEqual(result["last_words"], readable)
        self.assert_failed(result, "exit status 9$")

    def test_last_words_are_the_last_400_bytes_from_the_beginning_of_a_character(self):
        result = storm("rest", ["sh", "-c", "printf '%0999d' 7 >&2"])
        self.assertEqual(result["last_words"], "0" * 399 + "7")
        result = storm("rest", ["sh", "-c", "printf '\xe4%0399d' 7 >&2"])
        self.assertEqual(result["last_words"], "0" * 398 + "7")


class Ends(unittest.TestCase):
    """However a run ends, nothing of it stays."""

    def assert_ended_by(self, run, sig):
        code, out, err, ended = run.end_by(sig)
        self.assertEqual((code, out, err), (-sig, b"", b""))
        self.assertTrue(ended)
        self.assertFalse(os.path.exists(run.file))

    def test_a_signal_in_the_middle_leaves_nothing_and_ends_us(self):
        for sig in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
            self.assert_ended_by(Run("forward", SEXTON, 3, load="churn", signals=100000), sig)

    def test_a_signal_before_the_command_runs_removes_the_shared_file(self):
        run = Run("rest", fake("idles"), 0)
        self.assertTrue(os.path.exists(run.file))
        self.assert_ended_by(run, signal.SIGINT)

    def test_a_signal_during_rest_does_not_wait_for_its_end(self):
        self.assert_ended_by(Run("rest", SEXTON, 1, seconds=3600), signal.SIGINT)

    def test_a_signal_during_memory_removes_cgroup_and_copy(self):
        probe = storm("memory", SEXTON, signals=1)
        if "cannot" in probe:
            self.assertRegex(probe["cannot"], "^no memory cgroup can be made here: ")
            return
        run = Run("memory", SEXTON, 2, signals=100000)
        copy = arguments(run.init)[0]
        places = run.cgroups()
        self.assertTrue(places)
        self.assertNotEqual(copy, SEXTON[0])
        self.assertEqual(os.path.basename(copy), os.path.basename(SEXTON[0]))
        self.assert_ended_by(run, signal.SIGINT)
        self.assertFalse(os.path.exists(os.path.dirname(os.path.dirname(copy))))
        self.assertFalse(any(os.path.exists(path) for path in places))

    def test_a_killed_run_takes_its_namespace_along(self):
        run = Run("rest", SEXTON, 1, seconds=3600)
        eventually(lambda: not os.path.exists(run.file))  # the command has it: from now on it is safe
        places = run.cgroups()
        code, _, _, ended = run.end_by(signal.SIGKILL)
        self.assertEqual(code, -signal.SIGKILL)
        for place in places:  # nobody else will remove them
            eventually(lambda place=place: removed(place))
        self.assertTrue(ended)

    def test_an_ignored_signal_stays_ignored(self):
        def ignore():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        with subprocess.Popen(command_line("rest", FLOOR, seconds=1), stdout=subprocess.PIPE,
                              preexec_fn=ignore) as process:
            eventually(lambda: children(process.pid))
            process.send_signal(signal.SIGHUP)
            out, _ = process.communicate(timeout=LIMIT)
        self.assertEqual(process.returncode, 0)
        self.assertIn("fds", strict(out)["figures"])  # the last one


class Usage(unittest.TestCase):
    """The command line."""

    def test_wrong_usage_is_one_line_that_helps(self):
        for words, hint in (([], "which scenario"), (["nothing", "--", "true"], "no scenario \"nothing\""),
                            (["storm"], "which init"), (["storm", "--"], "which init"),
                            (["storm", "true"], "after \"--\""), (["storm", "--set"], "KEY=VALUE"),
                            (["storm", "--set", "zombies", "--", "true"], "KEY=VALUE"),
                            (["storm", "--set", "zombies=0", "--", "true"], "from 1 to"),
                            (["storm", "--set", "zombies=9x", "--", "true"], "from 1 to"),
                            (["storm", "--set", "zombies=", "--", "true"], "from 1 to"),
                            (["storm", "--set", "zombies=99999999999999999999", "--", "true"], "from 1 to"),
                            (["storm", "--set", "zombie=1", "--", "true"], "no parameter \"zombie\""),
                            (["forward", "--set", "load=heavy", "--", "true"], "rest churn storm")):
            done = subprocess.run([STORM, *words], capture_output=True, timeout=LIMIT, check=False, text=True)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), words)
            self.assertIn(hint, done.stderr)

    def test_help_names_every_scenario_and_parameter(self):
        done = subprocess.run([STORM, "--help"], capture_output=True, timeout=LIMIT, check=True, text=True)
        for word in ("storm", "crowd", "churn", "forward", "flood", "grace", "start", "rest", "memory",
                     "zombies", "living", "seconds", "workers", "load", "signals", "times", "limit_kb"):
            self.assertIn(word, done.stdout.split())

    def test_a_result_that_cannot_be_written_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(command_line("storm", FLOOR, zombies=1), stdout=full,
                                  stderr=subprocess.PIPE, timeout=LIMIT, check=False)
        self.assertEqual((done.returncode, done.stderr.count(b"\n")), (2, 1))

    def test_the_floor_ends_with_its_command(self):
        for words, code in ((["sh", "-c", "exit 5"], 5), (["sh", "-c", "kill -KILL $$"], 137),
                            (["--ignore-sigchld", "sh", "-c", "exit 5"], 0), (["/no/such"], 127), ([], 2)):
            done = subprocess.run(FLOOR + words, stderr=subprocess.DEVNULL, timeout=LIMIT, check=False)
            self.assertEqual(done.returncode, code, words)


class Waits(unittest.TestCase):
    """The last, by its name: what takes its time was begun in setUpModule."""

    def test_an_init_that_does_not_run_its_command_is_given_up(self):
        out = IDLE.stdout.read()
        self.assertEqual(strict(out)["failure"], "did not run its command within 10 s")


def setUpModule():
    global IDLE
    IDLE = subprocess.Popen(command_line("rest", fake("idles")), stdout=subprocess.PIPE)


def tearDownModule():
    IDLE.terminate()
    IDLE.communicate(timeout=LIMIT)


if __name__ == "__main__":
    unittest.main(verbosity=2)
