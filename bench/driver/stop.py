# SPDX-License-Identifier: MIT
"""
stop.py - Ctrl-C and its relatives.

The first one is passed on to the sexton-storm that runs, which takes its namespace down and ends;
no other is started, and what was measured is written. The second ends everything at once.
"""
import os
import signal

SIGNALS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


class Stop:
    def __init__(self):
        self.signal = None  # the first that arrived
        self.child = None

    def install(self):
        for number in SIGNALS:
            # Who started us with a signal ignored (nohup, a job in the background) wants it so.
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self.handle)

    @property
    def requested(self):
        return self.signal is not None

    @property
    def status(self):
        """The exit status that a shell gives to who ended by this signal."""
        return 128 + self.signal

    def watch(self, child):
        self.child = child
        # A signal between the last look at it and the start of the child found no child.
        if self.requested:
            child.send_signal(signal.SIGTERM)

    def unwatch(self):
        self.child = None

    def handle(self, number, _frame):
        if self.requested:
            if self.child:
                self.child.kill()
            os._exit(self.status)
        self.signal = number
        if self.child:
            self.child.send_signal(signal.SIGTERM)
