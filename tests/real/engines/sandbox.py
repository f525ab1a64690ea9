# SPDX-License-Identifier: MIT
"""
sandbox.py - tools that make namespaces and are otherwise out of the way: the init is their child,
signals are sent to it directly, and limits are set from outside.
"""
import contextlib
import os
import signal

import host
from engine import Container, Engine, Failed, run


class SandboxContainer(Container):
    def __init__(self, engine, name, words, how):
        super().__init__(name, words, how, env={"PATH": os.environ["PATH"], **how.env})
        self.engine = engine

    def init(self):
        """The init's PID. To be called when the command is known to run."""
        return host.only_child(self.process.pid)

    def signal(self, name):
        # One that has ended meanwhile cannot be told.
        with contextlib.suppress(ProcessLookupError, Failed):
            os.kill(self.init(), signal.Signals["SIG" + name])

    def exec(self, *command):
        kinds = [f"--{kind}" for kind in self.engine.kinds]
        return run(["nsenter", "--target", str(self.init()), *kinds, "--root", "--wd",
                    "--preserve-credentials", *command])

    def confine(self):
        host.confine(self.engine.place.cgroup, self.name, self.init(), self.how)


class Sandbox(Engine):
    kinds = ()  # of namespaces, that a command which is put in there enters

    def words(self, how):
        """The tool and its options, up to the init."""
        raise NotImplementedError

    def launch(self, name, command, how):
        words = [*self.words(how), *self.init_words(how), *command]
        return SandboxContainer(self, name, words, how)
