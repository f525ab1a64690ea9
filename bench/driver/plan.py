# SPDX-License-Identifier: MIT
"""
plan.py - which runs, and in which order.

A scenario is done before the next begins. Within it, inits take turns (A B C A B C), so that what
the machine does meanwhile meets all of them alike; who is first changes from run to run.
"""
import dataclasses

# Scenario: its runs, and its sets of parameters.
FULL = {
    "storm": (5, [{"zombies": n} for n in (1000, 4000, 10000, 30000)]),
    "crowd": (5, [{"zombies": 2000, "living": n} for n in (0, 100, 1000, 5000, 10000)]),
    "churn": (5, [{"seconds": 3}]),
    "forward": (5, [{"load": "rest", "signals": 2000}, {"load": "churn", "signals": 2000},
                    {"load": "storm", "signals": 150}]),
    "flood": (3, [{"signals": 100000}]),
    "grace": (3, [{"workers": 10}]),
    "start": (5, [{"times": 20}]),
    "rest": (3, [{"seconds": 10}]),
    "memory": (5, [{"signals": 200, "limit_kb": 8192}]),
}
QUICK = {
    "storm": (2, [{"zombies": n} for n in (1000, 4000)]),
    "crowd": (1, [{"zombies": 2000, "living": n} for n in (0, 1000, 5000)]),
    "churn": (1, [{"seconds": 1}]),
    "forward": (1, [{"load": "rest", "signals": 300}, {"load": "churn", "signals": 300},
                    {"load": "storm", "signals": 30}]),
    "flood": (2, [{"signals": 20000}]),
    "grace": (1, [{"workers": 10}]),
    "start": (2, [{"times": 10}]),
    "rest": (1, [{"seconds": 2}]),
    "memory": (1, [{"signals": 50, "limit_kb": 8192}]),
}


@dataclasses.dataclass(frozen=True)
class Trial:
    """One run of sexton-storm."""
    scenario: str
    parameters: tuple  # of (key, value)
    init: object  # inits.Init
    run: int  # from 0
    runs: int

    @property
    def cell(self):
        """What is compared: the inits within one cell."""
        return self.scenario, self.parameters


def make(inits, names=(), quick=False, runs=None):
    """All trials, in order; of these scenarios, and that many runs, instead of the plan's own."""
    trials = []
    for scenario, (planned, sets) in (QUICK if quick else FULL).items():
        if names and scenario not in names:
            continue
        part = [init for init in inits if init.takes_part(scenario)]
        count = runs or planned
        for run in range(count):
            first = run % len(part) if part else 0
            for parameters in sets:
                for init in part[first:] + part[:first]:
                    trials.append(Trial(scenario, tuple(parameters.items()), init, run, count))
    return trials


def estimate(trial):
    """Seconds that a run takes, roughly; for the time left, and to see that --quick is quick."""
    value = dict(trial.parameters).get
    return {
        "storm": lambda: 0.1 + value("zombies") * 1e-4,
        "crowd": lambda: 0.1 + (value("zombies") + value("living")) * 1.5e-4,
        "churn": lambda: 0.3 + value("seconds"),
        "forward": lambda: 0.3 + value("signals") * (0.1 if value("load") == "storm" else 2e-3),
        "flood": lambda: 0.2 + value("signals") * 1e-5,
        "grace": lambda: 1.3,
        "start": lambda: 0.1 + value("times") * 1e-2,
        "rest": lambda: 0.3 + value("seconds"),
        "memory": lambda: 0.5 + value("signals") * 2e-2,
    }[trial.scenario]()
