/* SPDX-License-Identifier: MIT */
/* test_drain.c - whoever is left is asked once, its parent before it, wherever it went. */
#include "sexton/drain.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "drain_fixture.h"
#include "sexton/log.h"
#include "sexton/sys.h"

static void ask_roots(void)
{
	drain_ask(&fix.drain, PROCTREE_CHILDREN, false, fake_sys.now);
}

static void ask_all(void)
{
	drain_ask(&fix.drain, PROCTREE_DESCENDANTS, false, fake_sys.now);
}

static void forward(int sig, bool is_stop)
{
	siginfo_t info = { .si_signo = sig, .si_code = SI_USER };

	drain_forward(&fix.drain, &info, is_stop, fake_sys.now);
}

static void roots_are_asked_and_woken_once_and_nobody_below_them(void **state)
{
	(void)state;
	drain_root(201, "a");
	drain_root(202, "b");
	fake_world_add(203, 201, 201, "below");
	ask_roots();
	drain_assert_log("a:TERM a:CONT b:TERM b:CONT ");
	ask_roots();
	drain_assert_log("");
	assert_int_equal(status_get(&fix.status.asked), 2);
	assert_int_equal(drain_said("sexton"), 0);
}

static void the_signal_is_the_one_of_ask_with(void **state)
{
	(void)state;
	fix.steps[0].sig = SIGINT;
	drain_root(201, "a");
	ask_roots();
	drain_assert_log("a:INT a:CONT ");
}

static void orphans_are_asked_when_their_parent_has_gone(void **state)
{
	(void)state;
	drain_root(201, "root")->dies_of = UINT64_MAX;
	for (pid_t pid = 202; pid <= 204; pid++)
		fake_world_add(pid, pid - 1, pid, "link")->dies_of = UINT64_MAX;
	ask_roots();
	drain_assert_log("root:TERM ");
	ask_roots();
	drain_assert_log("link:TERM ");
	ask_roots();
	ask_roots();
	ask_roots();
	drain_assert_log("link:TERM link:TERM ");
}

static void a_recycled_number_is_asked_as_the_new_process_it_is(void **state)
{
	(void)state;
	drain_root(201, "old");
	ask_roots();
	fake_world_recycle(201, "new")->ppid = fake_sys.pid;
	ask_roots();
	drain_assert_log("old:TERM old:CONT new:TERM new:CONT ");
}

static void who_may_not_be_signalled_is_tried_again_and_told_once(void **state)
{
	(void)state;
	drain_root(201, "a")->forbidden = true;
	drain_root(202, "b")->forbidden = true;
	drain_root(203, "c");
	ask_roots();
	fake_world_find(201)->forbidden = false; /* it gave its privileges up */
	ask_roots();
	drain_assert_log("c:TERM c:CONT a:TERM a:CONT ");
	assert_int_equal(drain_said("cannot ask"), 1);
	assert_int_equal(drain_said("\n"), 1);
	assert_int_equal(status_get(&fix.status.asked), 2);
}

static void a_failure_that_may_pass_is_tried_again(void **state)
{
	(void)state;
	drain_root(201, "a");
	fake_sys_fail("pidfd_open", 2, EMFILE); /* 1: the main process's */
	ask_roots();
	drain_assert_log("");
	ask_roots();
	drain_assert_log("a:TERM a:CONT ");
	assert_int_equal(drain_said("going on"), 1);
}

static void who_cannot_be_remembered_is_not_asked(void **state)
{
	(void)state;
	drain_root(201, "a");
	fake_sys_fail("map", 2, ENOMEM); /* 1: the snapshot */
	ask_roots();
	drain_assert_log("");
	assert_int_equal(drain_said("no memory to remember"), 1);
	ask_roots();
	ask_roots();
	drain_assert_log("a:TERM a:CONT ");
}

static void without_memory_for_a_look_the_rest_goes_on(void **state)
{
	(void)state;
	drain_root(201, "a")->pgid = MAIN;
	fake_sys_fail("map", 0, ENOMEM);
	ask_roots();
	ask_all();
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_kill(&fix.drain, 4, true, false, fake_sys.now);
	assert_int_equal(drain_said("cannot see in /proc who is left"), 1);
}

/* EMFILE and the like: the next look, a second later, may see more. */
static void a_look_that_failed_once_asks_nobody_blindly(void **state)
{
	(void)state;
	drain_restart(1, true, true);
	drain_root(201, "root");
	fake_world_add(202, 201, 202, "below");
	fake_sys_fail("open", 1, EMFILE);
	ask_roots();
	drain_assert_log("");
	assert_int_equal(drain_said("cannot see in /proc who is left"), 1);
	ask_roots();
	drain_assert_log("root:TERM root:CONT ");
}

static void looks_that_fail_again_and_again_ask_everybody(void **state)
{
	(void)state;
	drain_restart(1, true, true);
	drain_root(201, "root");
	fake_sys_fail("open", 0, EMFILE);
	for (int i = 0; i < DRAIN_FAILED_LOOKS; i++) {
		drain_assert_log("");
		ask_roots();
	}
	drain_assert_log("root:TERM root:CONT ");
}

static void everybody_below_is_asked_parents_first(void **state)
{
	(void)state;
	drain_root(900, "root");
	fake_world_add(300, 900, 300, "child");
	fake_world_add(700, 300, 700, "grandchild");
	drain_root(901, "other");
	ask_roots();
	drain_assert_log("root:TERM root:CONT other:TERM other:CONT ");
	ask_all();
	drain_assert_log("child:TERM child:CONT grandchild:TERM grandchild:CONT ");
	ask_all();
	drain_assert_log("");
}

/* As a shell does that tells its jobs, and starts one more. */
static void forks_when_asked(struct fake_proc *proc, int sig)
{
	if (sig == SIGTERM && fake_world.newest < 210)
		fake_world_add(fake_world.newest + 1, proc->pid, 201, "late")->on_signal =
			forks_when_asked;
}

static void one_that_is_born_in_mid_walk_is_met_by_a_later_look(void **state)
{
	(void)state;
	drain_root(201, "root")->on_signal = forks_when_asked;
	ask_all();
	assert_int_equal(fake_world.newest, 210);
	assert_int_equal(status_get(&fix.status.asked), 10);
	ask_all();
	assert_int_equal(status_get(&fix.status.asked), 10);
}

static void forks_for_ever(struct fake_proc *proc, int sig)
{
	if (sig == SIGTERM)
		fake_world_add(fake_world.newest + 1, proc->pid, 201, "bomb")->on_signal =
			forks_for_ever;
}

static void a_fork_bomb_does_not_keep_us_for_ever(void **state)
{
	(void)state;
	drain_root(201, "root")->on_signal = forks_for_ever;
	ask_all();
	assert_int_equal(status_get(&fix.status.asked), DRAIN_LOOKS);
	ask_roots(); /* the next look is soon enough */
	assert_int_equal(status_get(&fix.status.asked), DRAIN_LOOKS);
}

/* The group's members */

static const struct asked nobody;

static struct drain_mark stop_the_group(void)
{
	struct drain_mark mark;

	fix.forward.scope = CONFIG_FORWARD_GROUP;
	mark = drain_mark(&fix.drain, sys_boot_ticks(), fake_sys.now);
	drain_note_told(&fix.drain, &mark, SCOPE_GROUP, &nobody);
	return mark;
}

static void members_of_the_group_were_told_by_the_stop(void **state)
{
	(void)state;
	drain_root(201, "member")->pgid = MAIN;
	drain_root(202, "leader of its own");
	fake_sys.boot_ticks++;
	(void)stop_the_group();
	ask_roots();
	drain_assert_log("leader of its own:TERM leader of its own:CONT ");
}

static void members_born_after_the_stop_were_not_told(void **state)
{
	(void)state;
	fake_sys.boot_ticks++;
	(void)stop_the_group();
	fake_sys.boot_ticks++;
	drain_root(202, "late")->pgid = MAIN;
	ask_roots();
	drain_assert_log("late:TERM late:CONT ");
}

static void within_one_tick_the_newest_number_tells_who_was_told(void **state)
{
	struct drain_mark mark;

	(void)state;
	drain_root(201, "old")->pgid = MAIN;
	mark = stop_the_group();
	assert_int_equal(mark.newest, 201);
	assert_int_equal(mark.ticks, fake_sys.boot_ticks);
	drain_root(202, "new")->pgid = MAIN;
	ask_roots();
	drain_assert_log("new:TERM new:CONT ");
}

static void without_a_stop_the_group_was_told_nothing(void **state)
{
	(void)state;
	fix.forward.scope = CONFIG_FORWARD_GROUP;
	drain_root(201, "member")->pgid = MAIN;
	ask_roots();
	drain_assert_log("member:TERM member:CONT ");
}

/* With --forward=child the mark is empty, whatever the group. */
static void a_stop_for_the_child_alone_tells_no_group(void **state)
{
	struct drain_mark mark = drain_mark(&fix.drain, sys_boot_ticks(), fake_sys.now);

	(void)state;
	assert_int_equal(mark.ticks, 0);
	drain_note_told(&fix.drain, &mark, SCOPE_MAIN, &nobody);
	drain_root(201, "member")->pgid = MAIN;
	ask_roots();
	drain_assert_log("member:TERM member:CONT ");
}

static void the_main_process_that_got_the_stop_is_not_asked_again(void **state)
{
	struct drain_mark mark = drain_mark(&fix.drain, sys_boot_ticks(), fake_sys.now);

	(void)state;
	fake_world_add(MAIN, fake_sys.pid, MAIN, "main");
	drain_note_told(&fix.drain, &mark, SCOPE_MAIN, &nobody);
	ask_all();
	drain_assert_log("");
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("main:KILL ");
}

/* Forwarding while draining */

static void a_signal_goes_to_the_roots_and_asks_nobody(void **state)
{
	(void)state;
	drain_root(201, "a");
	fake_world_add(202, 201, 201, "below");
	forward(SIGUSR1, false);
	drain_assert_log("a:USR1 ");
	ask_roots();
	drain_assert_log("a:TERM a:CONT ");
	assert_int_equal(status_get(&fix.status.forwarded), 1);
}

static void a_stop_counts_as_asking_but_can_be_repeated(void **state)
{
	(void)state;
	drain_root(201, "a");
	forward(SIGINT, true);
	ask_roots();
	drain_assert_log("a:INT ");
	forward(SIGINT, true);
	drain_assert_log("a:INT ");
	drain_kill(&fix.drain, 1, false, false, fake_sys.now);
	drain_assert_log("a:KILL ");
}

static void a_stop_that_fails_is_told_once(void **state)
{
	(void)state;
	drain_root(201, "a")->forbidden = true;
	drain_root(202, "b")->forbidden = true;
	forward(SIGTERM, true);
	assert_int_equal(drain_said("cannot forward a signal"), 1);
	assert_int_equal(status_get(&fix.status.forwarded), 0);
}

static void a_stop_that_did_not_get_through_has_asked_nobody(void **state)
{
	(void)state;
	drain_root(201, "a");
	fake_sys_fail("pidfd_open", 2, EMFILE); /* 1: the main process's */
	forward(SIGTERM, true);
	drain_assert_log("");
	ask_roots();
	drain_assert_log("a:TERM a:CONT ");
}

static void who_was_asked_is_logged_for_those_who_want_to_know(void **state)
{
	(void)state;
	log_set(NULL, 0, LOG_INFO);
	drain_root(201, "a worker");
	ask_roots();
	assert_string_equal(fake_sys_stderr(), "sexton: asked pid 201 (a worker) with TERM\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, drain_setup, drain_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(roots_are_asked_and_woken_once_and_nobody_below_them),
		TEST(the_signal_is_the_one_of_ask_with),
		TEST(orphans_are_asked_when_their_parent_has_gone),
		TEST(a_recycled_number_is_asked_as_the_new_process_it_is),
		TEST(who_may_not_be_signalled_is_tried_again_and_told_once),
		TEST(a_failure_that_may_pass_is_tried_again),
		TEST(who_cannot_be_remembered_is_not_asked),
		TEST(without_memory_for_a_look_the_rest_goes_on),
		TEST(a_look_that_failed_once_asks_nobody_blindly),
		TEST(looks_that_fail_again_and_again_ask_everybody),
		TEST(everybody_below_is_asked_parents_first),
		TEST(one_that_is_born_in_mid_walk_is_met_by_a_later_look),
		TEST(a_fork_bomb_does_not_keep_us_for_ever),
		TEST(members_of_the_group_were_told_by_the_stop),
		TEST(members_born_after_the_stop_were_not_told),
		TEST(within_one_tick_the_newest_number_tells_who_was_told),
		TEST(without_a_stop_the_group_was_told_nothing),
		TEST(a_stop_for_the_child_alone_tells_no_group),
		TEST(the_main_process_that_got_the_stop_is_not_asked_again),
		TEST(a_signal_goes_to_the_roots_and_asks_nobody),
		TEST(a_stop_counts_as_asking_but_can_be_repeated),
		TEST(a_stop_that_fails_is_told_once),
		TEST(a_stop_that_did_not_get_through_has_asked_nobody),
		TEST(who_was_asked_is_logged_for_those_who_want_to_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
