# SPDX-License-Identifier: MIT
"""
run.py - one run of sexton-storm, and what it had to say.

While it runs nothing happens here: who measures must not be in the way.
"""
import dataclasses
import json
import math
import os
import select
import signal
import subprocess
import tempfile
import time

from text import one_line

PATIENCE = 10  # seconds to clean up, for a sexton-storm that was told to end


@dataclasses.dataclass
class Result:
    """What one trial gave: measured (ok), failed (failure) or not possible here (cannot)."""
    trial: object
    ok: bool = False
    figures: dict = dataclasses.field(default_factory=dict)
    samples: dict = dataclasses.field(default_factory=dict)
    notes: list = dataclasses.field(default_factory=list)
    failure: str = ""
    last_words: str = ""
    cannot: str = ""
    seconds: float = 0.0


class Garbage(Exception):
    """What sexton-storm wrote is no result; the text says why."""


class Storm:
    """Starts sexton-storm. A run that takes longer than @limit seconds is ended and has failed."""

    def __init__(self, program, stop, limit):
        self.program = program
        self.stop = stop
        self.limit = limit

    def measure(self, trial):
        """The result; None if the run was stopped before there was one."""
        began = time.monotonic()
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            status = self.execute(trial, output, errors)
            result = judge(trial, status, content(output), content(errors))
        result.seconds = round(time.monotonic() - began, 3)
        return result if result.ok or not self.stop.requested else None

    def execute(self, trial, output, errors):
        """The exit status as Popen has it; None if it took too long."""
        # Files and not pipes: a pipe ends with the last who holds it, which need not be the child.
        # A session of its own: no init gets hold of our terminal, and a Ctrl-C reaches sexton-storm
        # once, from us.
        child = subprocess.Popen(command(self.program, trial), stdin=subprocess.DEVNULL,
                                 stdout=output, stderr=errors, start_new_session=True)
        self.stop.watch(child)
        try:
            if wait(child, self.limit):
                return child.returncode
            child.send_signal(signal.SIGTERM)
            if not wait(child, PATIENCE):
                child.kill()
                child.wait()
            return None
        finally:
            self.stop.unwatch()


def command(program, trial):
    words = [program, trial.scenario]
    for key, value in trial.parameters:
        words += ["--set", f"{key}={value}"]
    return words + ["--", *trial.init.words]


def wait(child, seconds):
    """Has it ended in time? Sleeps in one poll, where Popen.wait() wakes up all the time."""
    try:
        pidfd = os.pidfd_open(child.pid)
    except OSError:
        return wait_awake(child, seconds)
    try:
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        if not poll.poll(seconds * 1000):
            return False
    finally:
        os.close(pidfd)
    child.wait()
    return True


def wait_awake(child, seconds):
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def content(file):
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def judge(trial, status, output, errors):
    """The result of a run that has ended."""
    if status == 0:
        try:
            return Result(trial, **parse(output))
        except Garbage as garbage:
            return Result(trial, failure=f"sexton-storm: {garbage}", last_words=one_line(errors))
    if status is None:
        how = "did not end, was stopped"
    elif status < 0:
        how = f"ended by {signal_name(-status)}"
    else:
        how = f"exit status {status}"
    return Result(trial, failure=f"sexton-storm: {how}", last_words=one_line(errors)[-400:])


def signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def refuse(constant):
    raise Garbage(f"printed {constant}, which is no number")


def parse(output):
    """The fields of a Result that @output has, each of the type it must have."""
    try:
        message = json.loads(output, parse_constant=refuse)
    except ValueError as error:
        raise Garbage(f"printed no JSON: {error}") from None
    if not isinstance(message, dict) or not isinstance(message.get("ok"), bool):
        raise Garbage("printed JSON that is no result")
    fields = {"ok": message["ok"]}
    for key in "failure", "last_words", "cannot":
        fields[key] = one_line(str(message.get(key) or ""))
    if not fields["ok"] and not fields["failure"] and not fields["cannot"]:
        fields["failure"] = "no reason given"
    for key, kind, fits in (("figures", dict, are_figures), ("samples", dict, are_samples),
                            ("notes", list, are_notes)):
        fields[key] = message.get(key, kind())
        if not isinstance(fields[key], kind) or not fits(fields[key]):
            raise Garbage(f"printed {key} of the wrong form")
    return fields


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def are_figures(figures):
    return all(is_number(value) for value in figures.values())


def are_samples(samples):
    return all(isinstance(values, list) and all(type(value) is int for value in values)
               for values in samples.values())


def are_notes(notes):
    return all(isinstance(note, str) for note in notes)
