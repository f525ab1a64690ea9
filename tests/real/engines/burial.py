# SPDX-License-Identifier: MIT
"""
burial.py - the cases that hold in every engine. What runs in the containers is in cases/.

The first burial: whoever needs a moment to end gets it, whoever has escaped is told. Harsh places:
the same, where next to nothing is allowed.
"""
import re

from engine import Failed, by_signal

TERM = by_signal("TERM")
SERVER = "asked server", "finished server"
NOBODY = 65534
PATIENT = {"SEXTON_GRACE": "1m"}  # how slow a machine is must not decide


def wrapped(engine, *command, **how):
    """A server that needs a second, somehow below a shell without a handler, finishes."""
    container = engine.start(command, **how)
    container.line("ready server")
    container.stop()
    return container.end().expect(TERM, *SERVER)


## The first burial

def a_server_behind_a_shell_finishes(engine):
    wrapped(engine, "sh", "-c", "/cases/worker.sh server 1; true")


def a_server_that_a_shell_waits_for_finishes(engine):
    wrapped(engine, "sh", "-c", "/cases/worker.sh server 1 & wait")


def a_server_that_a_script_started_finishes(engine):
    wrapped(engine, "/cases/script.sh")


def a_server_finishes_whatever_the_init_is_called(engine):
    for name in "tini", "dumb-init", "catatonit":
        wrapped(engine, "sh", "-c", "/cases/worker.sh server 1; true", as_name=name)


def parent_child_and_grandchild_without_handlers_die_of_term(engine):
    container = engine.start(["/cases/family.sh"], init=("-vv",))
    container.line("ready family")
    container.stop()
    result = container.end().expect(TERM)
    for name in "parent", "child", "grandchild":
        pid = re.search(f"^pid {name} ([0-9]+)$", result.output, re.MULTILINE).group(1)
        if f"buried pid {pid}: killed by TERM" not in result.output:
            raise Failed(f"the {name} (pid {pid}) did not die of TERM")


def child_and_grandchild_that_need_a_second_finish(engine):
    container = engine.start(["sh", "-c", "/cases/worker.sh child 1 "
                              "/cases/worker.sh grandchild 1; true"])
    container.line("ready child")
    container.line("ready grandchild")
    container.stop()
    container.end().expect(TERM, "asked child", "finished child",
                           "asked grandchild", "finished grandchild")


def ten_who_escaped_are_told_and_finish(engine):
    names = [f"escaped {number}" for number in range(1, 11)]
    container = engine.start(["/cases/escape.sh", "10"])
    for name in names:
        container.line(f"ready {name}")
    container.stop()
    container.end().expect(TERM, *[f"asked {name}" for name in names],
                           *[f"finished {name}" for name in names])


def an_init_program_and_a_process_beside_it_both_get_term(engine):
    container = engine.start(["/cases/worker.sh", "init", "0.1", "/cases/worker.sh", "other", "1"])
    container.line("ready init")
    container.line("ready other")
    container.stop()
    container.end().expect(0, "asked init", "finished init", "asked other", "finished other")


def what_the_command_leaves_behind_finishes(engine):
    container = engine.start(["/cases/leave.sh"], env=PATIENT)
    container.line("ready left")
    container.signal("USR1")
    container.end().expect(3, "asked left", "finished left")


def a_successor_keeps_the_container(engine):
    container = engine.start(["/cases/hand_over.sh"], env={"SEXTON_ON_EXIT": "wait"})
    container.line("ready main")
    container.signal("USR1")
    container.line("ready successor")
    container.signal("USR2")
    container.line("told successor")
    container.stop()
    container.end().expect(3, "asked successor", "finished successor")


def an_orphan_is_adopted_and_buried(engine):
    engine.run(["/cases/orphan.sh"]).expect(0, "adopted", "buried")


def an_orphan_of_an_executed_process_is_adopted_and_buried(engine):
    container = engine.start(["/cases/worker.sh", "server", "0"])
    container.line("ready server")
    container.exec("/cases/orphan.sh", "1").expect(0, "adopted", "buried")
    container.stop()
    container.end().expect(0, *SERVER)


def zombies_of_a_parent_that_never_waits_are_buried_when_it_dies(engine):
    engine.run(["/cases/zombies.sh"]).expect(0, "three zombies", "no zombies")


def a_stop_ends_with_sigkill_when_the_time_is_up(engine):
    container = engine.start(["sh", "-c", "trap 'echo asked' TERM; echo ready; "
                              "while :; do sleep 1000 & wait; done"])
    container.line("ready")
    container.stop(1)
    container.end().expect(by_signal("KILL"), "asked")


def the_stop_signal_of_a_container_stops_all_of_it(engine):
    # Not INT nor QUIT: a shell lives through them, for its child gets them from the keyboard, too.
    container = engine.start(["sh", "-c", "/cases/worker.sh server 1; true"], env=PATIENT,
                             stop_signal="USR1")
    container.line("ready server")
    container.stop()
    container.end().expect(by_signal("USR1"), *SERVER)


def the_exit_status_is_that_of_the_command(engine):
    engine.run(["sh", "-c", "exit 42"]).expect(42)
    engine.run(["sh", "-c", "kill -KILL $$"]).expect(by_signal("KILL"))


GRACEFUL = (
    ten_who_escaped_are_told_and_finish,
    child_and_grandchild_that_need_a_second_finish,
    a_server_behind_a_shell_finishes,
    a_server_that_a_shell_waits_for_finishes,
    a_server_that_a_script_started_finishes,
    parent_child_and_grandchild_without_handlers_die_of_term,
    an_init_program_and_a_process_beside_it_both_get_term,
    what_the_command_leaves_behind_finishes,
    a_successor_keeps_the_container,
    an_orphan_is_adopted_and_buried,
    an_orphan_of_an_executed_process_is_adopted_and_buried,
    zombies_of_a_parent_that_never_waits_are_buried_when_it_dies,
    the_stop_signal_of_a_container_stops_all_of_it,
    the_exit_status_is_that_of_the_command,
)

# Where the engine itself tells how a container ended that it had to kill.
KILLED = (a_stop_ends_with_sigkill_when_the_time_is_up,)


## Harsh places

def harsh(engine, *facts, **how):
    """The server finishes there, and the place was as harsh as it was meant to be."""
    result = wrapped(engine, "/cases/facts.sh", **how)
    for fact in facts:
        if result.count(fact) != 1:
            raise Failed(f"the place is not as it should be: no line \"{fact}\"")


def a_server_finishes_on_a_read_only_root(engine):
    harsh(engine, "read-only", read_only=True)


def a_server_finishes_as_nobody(engine):
    harsh(engine, f"Uid {NOBODY}", "CapEff 0000000000000000", user=NOBODY)


def a_server_finishes_without_capabilities(engine):
    harsh(engine, "CapEff 0000000000000000", "CapBnd 0000000000000000", no_caps=True)


def a_server_finishes_without_new_privileges(engine):
    harsh(engine, "NoNewPrivs 1", no_new_privs=True)


def a_server_finishes_under_the_default_seccomp_profile(engine):
    harsh(engine, "Seccomp 2", seccomp=True)


def a_server_finishes_where_nothing_is_allowed(engine):
    harsh(engine, "read-only", f"Uid {NOBODY}", "CapBnd 0000000000000000", "NoNewPrivs 1",
          "Seccomp 2", read_only=True, user=NOBODY, no_caps=True, no_new_privs=True, seccomp=True,
          pids=64, memory=64)


def all_are_told_where_there_is_no_room_for_another_process(engine):
    container = engine.start(["/cases/crowd.sh"], pids=24)
    container.line("ready server")
    container.line("ready left")
    container.confine()
    container.signal("USR1")
    container.line("full")
    container.line("up", container.output.splitlines().count("started"))
    container.signal("USR2")
    container.line("told server")
    container.stop()
    result = container.end().expect(0, "asked server", "asked left", "finished left")
    if "there was room for" in result.output:
        raise Failed("the limit of processes was not reached")


def a_server_finishes_where_memory_ran_out(engine):
    container = engine.start(["/cases/hog.sh"], memory=48)
    container.line("ready server")
    container.line("ready left")
    container.confine()
    container.signal("USR1")
    container.line("hog ended with 137")
    container.stop()
    container.end().expect(TERM, "asked left", "finished left")


def the_init_does_without_a_thread_where_there_is_no_room_for_one(engine):
    container = engine.start(["sh", "-c", "echo ready; exec sleep 1000"], init=("-v",), pids=2)
    container.line("ready")
    container.stop()
    if "no reaper thread" not in container.end().expect(TERM).output:
        raise Failed("there was room for a thread")


LIMITS = (
    all_are_told_where_there_is_no_room_for_another_process,
    a_server_finishes_where_memory_ran_out,
)

HARSH = (
    a_server_finishes_on_a_read_only_root,
    a_server_finishes_as_nobody,
    a_server_finishes_without_capabilities,
    a_server_finishes_without_new_privileges,
    a_server_finishes_under_the_default_seccomp_profile,
    a_server_finishes_where_nothing_is_allowed,
    *LIMITS,
)
