#!/usr/bin/python3 -IS
# SPDX-License-Identifier: MIT
"""
fake_storm.py - answers as sexton-storm would, without measuring anything.

What happens is among the words of the init ("slow=3 lose=12"), or for everybody in FAKE_STORM:
  slow=N   everything costs N times as much    lose=N    N signals are lost
  fail     the init has failed                 cannot    not possible here
  kill=N   ends by signal N                    exit=N    ends with status N and a line on stderr
  garbage  prints no JSON                      nan       prints JSON that is not strict
  hang=F   opens the FIFO F and waits for a signal, says so in F, ends by it
  deaf=F   the same, but does not end
"""
import json
import os
import signal
import sys

SAMPLES = {"forward": ["latency_ns"], "memory": ["latency_ns"], "start": ["start_ns", "exit_ns"]}
FIGURES = {
    "storm": {"cpu_ns": 2000.5, "wall_ms": 8.25, "zombies_peak": 900, "zombies_left": 0},
    "crowd": {"cpu_ns": 7000.0, "wall_ms": 20.5, "zombies_left": 0},
    "churn": {"cpu_us": 4.5, "orphans_per_s": 9000.0, "backlog_peak": 7, "switches": 1.25,
              "zombies_left": 0},
    "forward": {"realtime": 1},
    "flood": {"out_of_order": 0, "wrong_value": 0, "refused": 3, "signals_per_s": 250000.0},
    "grace": {"finished": 10, "exit_ms": 1002.5},
    "start": {},
    "rest": {"switches": 0, "cpu_us": 0, "rss_kb": 500, "anonymous_kb": 120, "threads": 2,
             "fds": 6},
    "memory": {"major_faults": 12, "realtime": 1},
}


def arguments(words):
    """scenario, parameters, init"""
    split = words.index("--")
    sets = words[1:split]
    assert sets[::2] == ["--set"] * (len(sets) // 2), sets
    pairs = [word.split("=", 1) for word in sets[1::2]]
    parameters = {key: int(value) if value.isdigit() else value for key, value in pairs}
    return words[0], parameters, words[split + 1:]


def behaviour(init):
    words = init + os.environ.get("FAKE_STORM", "").split()
    return dict(word.partition("=")[::2] for word in words)


def wait_for_signal(path, deaf):
    arrived = []
    with open(path, "w", encoding="ascii") as fifo:
        signal.signal(signal.SIGTERM, lambda number, frame: arrived.append(number))
        print("started", file=fifo, flush=True)
        while not arrived or deaf:
            # Blocked in between, so that none is missed: sigwait takes it.
            arrived.append(signal.sigwait({signal.SIGTERM}))
            print("cleaned up", file=fifo, flush=True)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    os.kill(os.getpid(), signal.SIGTERM)


def misbehave(how):
    for key in "hang", "deaf":
        if key in how:
            wait_for_signal(how[key], key == "deaf")
    if "kill" in how:
        os.kill(os.getpid(), int(how["kill"]))
    if "exit" in how:
        print("no namespace: Operation not permitted", file=sys.stderr)
        sys.exit(int(how["exit"]))
    if "garbage" in how:
        print("Segmentation fault")
        sys.exit(0)
    if "nan" in how:
        print('{"ok": true, "figures": {"cpu_ns": NaN}}')
        sys.exit(0)


def measured(scenario, parameters, how):
    factor = float(how.get("slow", 1))
    lost = int(how.get("lose", 0))
    figures = dict(FIGURES[scenario])
    for key in "cpu_ns", "cpu_us", "wall_ms", "exit_ms", "anonymous_kb":
        if key in figures:
            figures[key] *= factor
    if "signals" in parameters:
        figures.update(sent=parameters["signals"], lost=lost)
    if scenario == "flood":
        figures["delivered"] = parameters["signals"] - lost
    count = parameters.get("signals", parameters.get("times", 0)) - lost
    samples = {name: [int((1000 + 10 * i) * factor) for i in range(count)]
               for name in SAMPLES.get(scenario, [])}
    return {"ok": True, "figures": figures, "samples": samples,
            "notes": ["SCHED_FIFO was refused"] if scenario == "forward" else []}


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    scenario, parameters, init = arguments(sys.argv[1:])
    how = behaviour(init)
    misbehave(how)
    if "fail" in how:
        answer = {"ok": False, "failure": "ended before the measurement was over: exit status 1",
                  "last_words": "panic:\nout of \x1b[31mluck", "figures": {"cpu_ns": 1},
                  "samples": {}, "notes": []}
    elif "cannot" in how:
        answer = {"ok": False, "cannot": "no memory cgroup can be made here"}
    else:
        answer = measured(scenario, parameters, how)
    print(json.dumps({"scenario": scenario, "init": init, "parameters": parameters, **answer}))


main()
