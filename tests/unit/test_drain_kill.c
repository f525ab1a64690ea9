/* SPDX-License-Identifier: MIT */
/* test_drain_kill.c - the end of a drain, and drains without pidfds or without /proc. */
#include "sexton/drain.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drain_fixture.h"
#include "sexton/sys.h"

static void ask_roots(void)
{
	drain_ask(&fix.drain, PROCTREE_CHILDREN, false, fake_sys.now);
}

static void ask_all(void)
{
	drain_ask(&fix.drain, PROCTREE_DESCENDANTS, false, fake_sys.now);
}

static void only_those_asked_before_the_round_are_killed_the_others_are_asked(void **state)
{
	(void)state;
	drain_root(201, "asked");
	ask_roots();
	fake_world_clear_log();
	drain_root(202, "new");
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("asked:KILL new:TERM new:CONT ");
	drain_kill(&fix.drain, 1, false, false,
		   fake_sys.now); /* an exit in the same round: no time has passed */
	drain_assert_log("");
	drain_kill(&fix.drain, 2, false, false, fake_sys.now);
	drain_assert_log("new:KILL ");
	assert_int_equal(status_get(&fix.status.killed), 2);
}

static void in_the_last_round_everyone_is_killed_asked_or_not(void **state)
{
	(void)state;
	drain_root(201, "root");
	fake_world_add(202, 201, 202, "below");
	fake_world_add(300, 1, MAIN, "of the group, but not ours")->leader = 2;
	drain_kill(&fix.drain, 4, true, false, fake_sys.now);
	drain_assert_log("root:KILL below:KILL ");
}

/* Somebody forks faster than a list of processes can be read: kill(-1) lets nobody through. */
static void bursts_when_killed(struct fake_proc *proc, int sig)
{
	if (sig == SIGKILL)
		fake_world_add(fake_world.newest + 1, proc->ppid, proc->pgid, "spawn");
}

static void PID_1_ends_the_last_round_with_a_call_that_no_fork_gets_past(void **state)
{
	(void)state;
	drain_restart(1, true, true);
	drain_root(201, "bomb")->on_signal = bursts_when_killed;
	drain_kill(&fix.drain, 3, false, false, fake_sys.now); /* not asked yet: not killed */
	fake_world_clear_log();
	drain_kill(&fix.drain, 4, true, false, fake_sys.now);
	drain_assert_log("bomb:KILL spawn:KILL ");
}

static void members_of_the_group_were_asked_and_may_be_killed(void **state)
{
	const struct asked nobody = { 0 };
	struct drain_mark mark;

	(void)state;
	fix.forward.scope = CONFIG_FORWARD_GROUP;
	drain_root(201, "member")->pgid = MAIN;
	mark = drain_mark(&fix.drain, sys_boot_ticks(), fake_sys.now);
	drain_note_told(&fix.drain, &mark, SCOPE_GROUP, &nobody);
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("member:KILL ");
}

static void survivors_are_named_before_they_are_killed(void **state)
{
	(void)state;
	drain_root(201, "deaf one")->state = 'T';
	fake_world_add(202, 201, 202, "below");
	ask_all();
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	assert_string_equal(
		fake_sys_stderr(),
		"sexton: killing pid 201 (deaf one), state T, parent 100: it did not end\n"
		"sexton: killing pid 202 (below), state S, parent 201: it did not end\n");
}

static void at_most_twenty_are_named_and_the_others_counted(void **state)
{
	(void)state;
	for (pid_t pid = 201; pid < 201 + DRAIN_NAMED; pid++)
		drain_root(pid, "w");
	ask_roots();
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	assert_int_equal(drain_said("killing pid"), 20);
	assert_int_equal(drain_said("more"), 0);
	for (pid_t pid = 301; pid < 301 + DRAIN_NAMED + 3; pid++)
		drain_root(pid, "w");
	ask_roots();
	drain_kill(&fix.drain, 2, false, false, fake_sys.now);
	assert_int_equal(drain_said("killing pid"), 40);
	assert_int_equal(drain_said("and 3 more\n"), 1);
	assert_int_equal(status_get(&fix.status.killed), 43);
}

static void they_are_named_once_a_round_and_killed_as_often_as_needed(void **state)
{
	(void)state;
	drain_root(201, "in the kernel");
	ask_roots();
	fake_sys_fail("pidfd_send_signal", 3, EPERM); /* the first two asked */
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	assert_int_equal(drain_said("killing pid"), 1);
	assert_int_equal(drain_said("cannot kill"), 1);
	fake_world_clear_log();
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("in the kernel:KILL ");
	assert_int_equal(drain_said("killing pid"), 1);
}

static void a_look_that_failed_does_not_use_up_the_names(void **state)
{
	(void)state;
	drain_root(201, "deaf");
	ask_roots();
	fake_world_clear_log();
	fake_sys_fail("open", fake_sys_calls("open") + 1, EMFILE);
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("");
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("deaf:KILL ");
	assert_int_equal(drain_said("killing pid 201 (deaf)"), 1);
}

static void a_killed_root_s_orphan_that_was_not_asked_gets_its_time(void **state)
{
	(void)state;
	drain_root(201, "root");
	ask_roots();
	fake_world_add(202, 201, 202, "below");
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	fake_world_clear_log();
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("");
	drain_kill(&fix.drain, 2, false, false, fake_sys.now);
	drain_assert_log("below:KILL ");
}

/* Without pidfds */

static void without_pidfds_roots_are_asked_by_number_one_by_one(void **state)
{
	(void)state;
	drain_restart(100, false, true);
	drain_root(201, "root")->dies_of = UINT64_MAX;
	fake_world_add(202, 201, 202, "below");
	ask_roots();
	ask_all(); /* nobody below can be reached; it has become a root meanwhile */
	drain_assert_log("root:TERM below:TERM below:CONT ");
}

static void without_pidfds_a_subreaper_asks_nobody_below_a_root(void **state)
{
	(void)state;
	drain_restart(100, false, true);
	drain_root(201, "root");
	fake_world_add(202, 201, 202, "below");
	ask_all();
	drain_assert_log("root:TERM root:CONT ");
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("root:KILL ");
	assert_null(strstr(fake_sys_trace(), "kill(-1"));
}

static void without_pidfds_PID_1_asks_nobody_below_a_root_and_no_root_twice(void **state)
{
	(void)state;
	drain_restart(1, false, true);
	drain_root(201, "root");
	fake_world_add(202, 201, 202, "below");
	ask_roots();
	ask_all();
	drain_assert_log("root:TERM root:CONT ");
}

/* Without /proc */

static void without_proc_PID_1_asks_everybody_once_and_kills_everybody(void **state)
{
	(void)state;
	drain_restart(1, true, false);
	drain_root(201, "a");
	fake_world_add(202, 201, 202, "b");
	ask_roots();
	drain_assert_log("a:TERM b:TERM a:CONT b:CONT ");
	ask_roots();
	ask_all();
	drain_assert_log("");
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("a:KILL b:KILL ");
	assert_int_equal(drain_said("/proc does not name them"), 1);
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	assert_int_equal(drain_said("/proc does not name them"), 1);
	assert_int_equal(drain_said("cannot see in /proc who is left"), 1);
}

static void without_proc_nobody_is_killed_who_was_not_asked(void **state)
{
	(void)state;
	drain_restart(1, true, false);
	drain_root(201, "a");
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("a:TERM a:CONT ");
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("");
	drain_kill(&fix.drain, 2, false, false, fake_sys.now);
	drain_assert_log("a:KILL ");
}

/* By exec into the container, or a fork that got past: the last round has no end. */
static void without_proc_whoever_comes_in_the_last_round_is_killed_too(void **state)
{
	(void)state;
	drain_restart(1, true, false);
	(void)drain_root(201, "dead"); /* without a child we would not be here any more */
	fake_world_end(201, 0);
	for (int round = 1; round <= 4; round++)
		drain_kill(&fix.drain, round, round == 4, false, fake_sys.now);
	fake_world_add(900, 0, 900, "late");
	drain_kill(&fix.drain, 4, true, false, fake_sys.now);
	drain_assert_log("late:KILL ");
	assert_int_equal(drain_said("/proc does not name them"), 3); /* once a round */
}

/* The end is on its way from the reaper: no warning of /proc, and nobody to be asked or killed. */
static void without_proc_nobody_is_looked_for_when_no_child_is_left(void **state)
{
	(void)state;
	drain_restart(1, true, false);
	drain_ask(&fix.drain, PROCTREE_CHILDREN, false, fake_sys.now);
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("");
	assert_string_equal(fake_sys_stderr(), "");
}

static void without_proc_a_subreaper_reaches_the_group_and_never_everybody(void **state)
{
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_USER };

	(void)state;
	drain_restart(100, true, false);
	drain_root(201, "member")->pgid = MAIN;
	fake_world_find(201)->leader = 2; /* the main process: after us and init */
	drain_root(202, "elsewhere");
	fake_world_add(900, 1, 900, "stranger");
	ask_roots();
	drain_assert_log("member:TERM member:CONT ");
	drain_forward(&fix.drain, &info, false, fake_sys.now);
	drain_assert_log("member:USR1 ");
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("member:KILL ");
	assert_null(strstr(fake_sys_trace(), "kill(-1"));
}

static void without_proc_a_stop_is_forwarded_to_all_and_asks_them(void **state)
{
	siginfo_t info = { .si_signo = SIGTERM, .si_code = SI_USER };

	(void)state;
	drain_restart(1, true, false);
	drain_root(201, "a");
	drain_forward(&fix.drain, &info, true, fake_sys.now);
	ask_roots();
	drain_assert_log("a:TERM ");
}

static void without_anything_a_line_is_all_that_comes_of_it(void **state)
{
	siginfo_t info = { .si_signo = SIGTERM, .si_code = SI_USER };

	(void)state;
	drain_restart(100, false, false);
	drain_root(201, "a");
	ask_roots();
	ask_all();
	drain_forward(&fix.drain, &info, true, fake_sys.now);
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_kill(&fix.drain, 4, true, false, fake_sys.now);
	drain_assert_log("");
	assert_int_equal(drain_said("going on"), 1);
}

/* A /proc that shows another namespace names strangers: it is not read. */
static void a_proc_of_another_namespace_is_not_trusted(void **state)
{
	(void)state;
	fix.features.proc = false;
	drain_root(201, "a");
	ask_roots();
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("");
	assert_null(strstr(fake_sys_trace(), "open(/proc"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, drain_setup, drain_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_those_asked_before_the_round_are_killed_the_others_are_asked),
		TEST(in_the_last_round_everyone_is_killed_asked_or_not),
		TEST(PID_1_ends_the_last_round_with_a_call_that_no_fork_gets_past),
		TEST(members_of_the_group_were_asked_and_may_be_killed),
		TEST(survivors_are_named_before_they_are_killed),
		TEST(at_most_twenty_are_named_and_the_others_counted),
		TEST(they_are_named_once_a_round_and_killed_as_often_as_needed),
		TEST(a_look_that_failed_does_not_use_up_the_names),
		TEST(a_killed_root_s_orphan_that_was_not_asked_gets_its_time),
		TEST(without_pidfds_roots_are_asked_by_number_one_by_one),
		TEST(without_pidfds_a_subreaper_asks_nobody_below_a_root),
		TEST(without_pidfds_PID_1_asks_nobody_below_a_root_and_no_root_twice),
		TEST(without_proc_PID_1_asks_everybody_once_and_kills_everybody),
		TEST(without_proc_nobody_is_killed_who_was_not_asked),
		TEST(without_proc_whoever_comes_in_the_last_round_is_killed_too),
		TEST(without_proc_nobody_is_looked_for_when_no_child_is_left),
		TEST(without_proc_a_subreaper_reaches_the_group_and_never_everybody),
		TEST(without_proc_a_stop_is_forwarded_to_all_and_asks_them),
		TEST(without_anything_a_line_is_all_that_comes_of_it),
		TEST(a_proc_of_another_namespace_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
