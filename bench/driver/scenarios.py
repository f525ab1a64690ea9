# SPDX-License-Identifier: MIT
"""
scenarios.py - what sexton-storm can measure: how a scenario reads, which figures of it are shown.

A figure's name is sexton-storm's; of samples there are NAME_p50, NAME_p99, NAME_p99.9, NAME_max.
"""
import dataclasses

LOWER, NEITHER, HIGHER = -1, 0, 1  # which is better

PERCENTILES = {"p50": 50, "p99": 99, "p99.9": 99.9, "max": 100}


@dataclasses.dataclass(frozen=True)
class Column:
    """One figure in the table."""
    figure: str
    title: str
    unit: str = ""  # as measured: ns, us, ms, kB, or none
    better: int = LOWER
    lead: bool = False  # shown with its spread and its ratios
    show: str = "median"  # or "high": the highest of all runs


@dataclasses.dataclass(frozen=True)
class Scenario:
    text: str  # with the parameters in braces
    columns: tuple


def _latency(name, lead):
    return tuple(Column(f"{name}_{percentile}", percentile, "ns", lead=percentile in lead,
                        show="high" if percentile == "max" else "median")
                 for percentile in PERCENTILES)


_ZOMBIE = (Column("cpu_ns", "CPU/zombie", "ns", lead=True),
           Column("wall_ms", "wall", "ms"))

SCENARIOS = {
    "storm": Scenario(
        "{zombies:,} zombies reparented at once",
        _ZOMBIE + (Column("zombies_peak", "peak", better=NEITHER),)),
    "crowd": Scenario("{zombies:,} zombies beside {living:,} living orphans", _ZOMBIE),
    "churn": Scenario(
        "workers fork twice for {seconds} s",
        (Column("cpu_us", "CPU/orphan", "us", lead=True),
         Column("orphans_per_s", "orphans/s", better=HIGHER),
         Column("backlog_peak", "backlog"),
         Column("switches", "switches/orphan"))),
    "forward": Scenario(
        "{signals:,} signals one by one, load: {load}",
        _latency("latency_ns", ("p50", "p99"))),
    "flood": Scenario(
        "{signals:,} real-time signals as fast as they can be sent",
        (Column("signals_per_s", "signals/s", better=HIGHER, lead=True),
         Column("delivered", "delivered", better=NEITHER),
         Column("refused", "refused", better=NEITHER))),
    "grace": Scenario(
        "{workers} workers that need 1 s after SIGTERM",
        (Column("finished", "finished", better=HIGHER),
         Column("exit_ms", "signal to exit", "ms", lead=True))),
    "start": Scenario(
        "init to command, and command's exit to init's, {times} times",
        (Column("start_ns_p50", "start p50", "ns", lead=True),
         Column("start_ns_p99", "p99", "ns"),
         Column("exit_ns_p50", "exit p50", "ns", lead=True),
         Column("exit_ns_p99", "p99", "ns"))),
    "rest": Scenario(
        "{seconds} idle seconds",
        (Column("switches", "switches"),
         Column("cpu_us", "CPU", "us"),
         Column("anonymous_kb", "anonymous", "kB", lead=True),
         Column("rss_kb", "RSS", "kB"),
         Column("threads", "threads", better=NEITHER),
         Column("fds", "fds", better=NEITHER))),
    "memory": Scenario(
        "{signals:,} signals, the init squeezed into {limit_kb:,} kB",
        _latency("latency_ns", ("p99",)) + (Column("major_faults", "major faults"),)),
}


def describe(scenario, parameters):
    return f"{scenario}: {SCENARIOS[scenario].text.format(**parameters)}"


def better(scenario, figure):
    """Which direction is better: LOWER, HIGHER or NEITHER."""
    for column in SCENARIOS[scenario].columns:
        if column.figure == figure:
            return column.better
    return NEITHER
