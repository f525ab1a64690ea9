/* SPDX-License-Identifier: MIT */
/* test_loop_successor.c - another main process (--main-pid-file), and processes from outside (--exec). */
#include "sexton/loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "sexton/log.h"

#define FILE_NAME "/run/x.pid"
#define GUEST     300

static int setup(void **state)
{
	int r = loop_setup(state);

	fix.config.main_pid_file = FILE_NAME;
	fix.config.on_exit = CONFIG_ON_EXIT_WAIT;
	log_set(NULL, 0, 1);
	return r;
}

static void name(int pid)
{
	fake_sys_file(FILE_NAME, S_IFREG | 0644,
		      pid == 201   ? "201\n"
		      : pid == 202 ? "202\n"
				   : "203\n",
		      0);
}

static void step_write(int pid)
{
	name(pid);
	fake_world.changed = true;
}

/* As step_write(), and the watch does not tell. */
static void step_write_unseen(int pid)
{
	name(pid);
}

static void end_main_at(int64_t when)
{
	fake_world_at(when, step_end, END(MAIN, EXITED(1)));
}

static struct fake_proc *ends_on_term(struct fake_proc *proc)
{
	proc->dies_of = SIGNALS_BIT(SIGTERM);
	return proc;
}

static void assert_story(int64_t when, int code, const char *log)
{
	loop_assert_ends_with(code);
	assert_true(fake_sys.now == when);
	assert_string_equal(fake_world_log(), log);
}

static void whoever_is_named_gets_the_signals_and_its_status_counts(void **state)
{
	(void)state;
	loop_child(201, "successor");
	loop_child(204, "heir"); /* not asked before the successor has gone */
	name(201);
	end_main_at(SECOND);
	fake_world_at(2 * SECOND, step_signal, SIGHUP);
	fake_world_at(3 * SECOND, step_end, END(204, EXITED(4)));
	fake_world_at(4 * SECOND, step_end, END(201, EXITED(9)));
	assert_story(4 * SECOND, 9, "successor:HUP ");
	assert_int_equal(loop_said("pid 201 (successor) is the main process now"), 1);
	assert_int_equal(loop_said("RUNNING -> HANDOVER"), 1); /* after the last one */
}

static void a_named_successor_is_no_question_of_on_exit(void **state)
{
	(void)state;
	fix.config.on_exit = CONFIG_ON_EXIT_LEAVE;
	loop_child(201, "successor");
	name(201);
	end_main_at(SECOND);
	fake_world_at(4 * SECOND, step_end, END(201, EXITED(9)));
	assert_story(4 * SECOND, 9, "");
}

static void one_that_is_named_later_is_found_by_the_watch(void **state)
{
	(void)state;
	ends_on_term(loop_child(201, "successor"));
	end_main_at(SECOND);
	fake_world_at(2 * SECOND, step_write, 201);
	fake_world_at(3 * SECOND, step_signal, SIGTERM);
	assert_story(3 * SECOND, 128 + SIGTERM, "successor:TERM ");
	assert_int_equal(loop_said("RUNNING -> HANDOVER"), 1);
	assert_int_equal(loop_said("HANDOVER -> RUNNING"), 1);
	assert_int_equal(loop_traced("ppoll(4,-1)"), 1); /* with the watch */
}

static void one_that_nobody_told_of_is_found_when_a_signal_comes(void **state)
{
	(void)state;
	ends_on_term(loop_child(201, "successor"));
	end_main_at(SECOND);
	fake_world_at(2 * SECOND, step_write_unseen, 201);
	fake_world_at(3 * SECOND, step_signal, SIGTERM);
	assert_story(3 * SECOND, 128 + SIGTERM, "successor:TERM ");
	assert_int_equal(loop_said("HANDOVER -> RUNNING"), 1);
}

static void without_a_name_a_signal_is_for_all_and_it_is_said_why(void **state)
{
	(void)state;
	ends_on_term(loop_child(201, "heir"));
	end_main_at(SECOND);
	fake_world_at(3 * SECOND, step_signal, SIGTERM);
	assert_story(3 * SECOND, 1, "heir:TERM ");
	assert_int_equal(loop_said(FILE_NAME ": No such file or directory"), 1);
}

static void one_takes_over_after_the_other_until_a_stop(void **state)
{
	(void)state;
	loop_child(201, "second");
	ends_on_term(loop_child(203, "third"));
	name(201);
	end_main_at(SECOND);
	fake_world_at(2 * SECOND, step_write_unseen, 203);
	fake_world_at(3 * SECOND, step_end, END(201, EXITED(2)));
	fake_world_at(4 * SECOND, step_signal, SIGTERM);
	assert_story(4 * SECOND, 128 + SIGTERM, "third:TERM ");
	assert_int_equal(loop_said("is the main process now"), 2);
}

/* Only if something went wrong: the run must come to an end. */
static void step_end_survivor(int pid)
{
	if (fake_world_find(pid) != NULL)
		step_end(END(pid, 0));
}

static void during_a_stop_nobody_takes_over(void **state)
{
	(void)state;
	ends_on_term(loop_child(201, "successor"));
	name(201);
	fake_world_at(SECOND, step_signal, SIGTERM);
	end_main_at(2 * SECOND);
	fake_world_at(9 * SECOND, step_end_survivor, 201);
	assert_story(2 * SECOND, 1, "main:TERM successor:TERM ");
	assert_int_equal(loop_said("is the main process now"), 0);
	assert_int_equal(fake_sys_calls("watch"), 0);
}

/* No child of ours */

static void start_far(void)
{
	ends_on_term(loop_child(201, "parent"));
	ends_on_term(fake_world_add(202, 201, 202, "far"));
	name(202);
	end_main_at(SECOND);
}

static void step_bury_far(int code)
{
	fake_world_find(202)->status = EXITED(code);
	fake_world_vanish(202);
}

static void the_end_of_a_far_one_is_seen_by_its_pidfd_and_the_rest_is_asked(void **state)
{
	(void)state;
	fix.config.on_exit = CONFIG_ON_EXIT_DRAIN;
	start_far();
	fake_world_at(2 * SECOND, step_signal, SIGHUP);
	fake_world_at(3 * SECOND, step_bury_far, 9);
	assert_story(3 * SECOND, 9, "far:HUP parent:TERM ");
	assert_int_equal(loop_said("buried pid 202: exited with 9"), 1);
	assert_true(loop_traced("ppoll(5,-1)") > 0);
}

static void step_bury_far_and_its_parent(int code)
{
	step_bury_far(code);
	fake_world_end(201, 0);
}

/* The reaper's last word and the pidfd are ready in one turn. */
static void a_far_one_that_goes_with_the_last_of_all_is_not_forgotten(void **state)
{
	(void)state;
	start_far();
	fake_world_at(3 * SECOND, step_bury_far_and_its_parent, 9);
	assert_story(3 * SECOND, 9, "");
	assert_int_equal(loop_said("buried pid 202: exited with 9"), 1);
}

static void where_nothing_can_wait_for_its_pidfd_it_is_not_forgotten(void **state)
{
	(void)state;
	fake_sys.quiet = true;
	fake_sys_fail("ppoll", 0, EPERM);
	start_far();
	fake_world_at(3 * SECOND, step_bury_far_and_its_parent, 9);
	loop_assert_ends_with(9);
	assert_int_equal(loop_said("buried pid 202: exited with 9"), 1);
}

static void a_far_one_that_becomes_ours_is_buried_like_any_child(void **state)
{
	(void)state;
	start_far();
	fake_world_at(2 * SECOND, step_end, END(201, 0));
	fake_world_at(3 * SECOND, step_end, END(202, EXITED(9)));
	assert_story(3 * SECOND, 9, "");
	assert_int_equal(loop_said("buried pid 202: exited with 9"), 1);
}

/* Guests */

static void start_guest(enum config_guests guests)
{
	log_set(NULL, 0, 1);
	fix.config.guests = guests;
	fake_world_add(GUEST, 0, 0, "guest")->sid = 0;
	end_main_at(SECOND);
}

static void step_vanish(int pid)
{
	fake_world_vanish(pid);
}

static void a_guest_is_asked_and_waited_for_and_costs_no_status(void **state)
{
	(void)state;
	start_guest(CONFIG_GUESTS_AUTO);
	fake_world_at(3 * SECOND, step_vanish, GUEST);
	assert_story(3 * SECOND, 1, "guest:TERM guest:CONT ");
	assert_int_equal(loop_said("RUNNING -> DRAINING"), 1);
}

static void while_it_is_waited_for_we_hear_of_children(void **state)
{
	(void)state;
	start_guest(CONFIG_GUESTS_WAIT);
	fake_world_at(3 * SECOND, step_vanish, GUEST);
	loop_assert_ends_with(1);
	assert_int_equal(loop_traced("signalfd(fffffffe7fffffff)") +
				 loop_traced("signalfd(ffffffffffffffff)"),
			 2); /* the fixture's is the first */
	assert_true(signals_in(fix.loop.mask, SIGCHLD));
	assert_true(loop_traced("ppoll(3,") > 0); /* with its pidfd */
}

static void a_guest_that_is_ignored_is_left_alone(void **state)
{
	(void)state;
	start_guest(CONFIG_GUESTS_IGNORE);
	assert_story(SECOND, 1, "");
}

static void after_a_stop_without_a_deadline_of_ours_it_is_not_waited_for(void **state)
{
	(void)state;
	start_guest(CONFIG_GUESTS_AUTO);
	fake_world_at(SECOND / 2, step_signal, SIGTERM);
	assert_story(SECOND, 1, "main:TERM ");
}

static void a_deaf_guest_is_killed_when_the_grace_time_is_over(void **state)
{
	(void)state;
	fix.config.grace_ns = 4 * SECOND;
	start_guest(CONFIG_GUESTS_AUTO);
	loop_assert_ends_with(1);
	assert_non_null(strstr(fake_world_log(), "guest:TERM guest:CONT guest:KILL "));
	assert_int_equal(loop_said("killing pid 300 (guest)"), 1);
}

static void step_orphan(int pid)
{
	fake_world.on_death = NULL; /* the reaper thread has ended */
	(void)fake_world_add(pid, GUEST, pid, "orphan");
	fake_world_find(pid)->ppid = 1;
	fake_world_vanish(GUEST);
	loop_raise(SIGCHLD, CLD_EXITED, pid);
}

static void step_end_orphan(int end)
{
	step_end(end);
	loop_raise(SIGCHLD, CLD_EXITED, end & 0xffff);
}

static void what_a_guest_leaves_behind_is_ours_to_bury(void **state)
{
	(void)state;
	start_guest(CONFIG_GUESTS_WAIT);
	fix.config.exit_code = CONFIG_EXIT_CODE_LAST;
	fake_world_at(2 * SECOND + 1, step_orphan, 301);
	fake_world_at(4 * SECOND + 1, step_end_orphan, END(301, EXITED(7)));
	loop_assert_ends_with(7);
	assert_true(fake_sys.now == 4 * SECOND + 1);
	assert_int_equal(status_get(&fix.status.buried), 2);
}

static void it_leaves_us_an_orphan(void)
{
	step_orphan(301);
}

/* wait(2) had said that no child is left, and the look at guests finds none. */
static void what_it_leaves_behind_at_the_last_moment_is_waited_for(void **state)
{
	(void)state;
	start_guest(CONFIG_GUESTS_AUTO);
	fix.config.exit_code = CONFIG_EXIT_CODE_LAST;
	fake_sys_before("open(/proc,", 1, it_leaves_us_an_orphan);
	fake_world_at(3 * SECOND, step_end_orphan, END(301, EXITED(7)));
	assert_story(3 * SECOND, 7, "orphan:TERM orphan:CONT ");
}

static void a_second_stop_reaches_nobody_else_while_guests_are_waited_for(void **state)
{
	(void)state;
	start_guest(CONFIG_GUESTS_WAIT);
	fake_world_at(2 * SECOND + 1, step_signal, SIGTERM);
	fake_world_at(3 * SECOND, step_vanish, GUEST);
	assert_story(3 * SECOND, 1, "guest:TERM guest:CONT ");
}

#define TEST(name)   cmocka_unit_test_setup_teardown(name, setup, loop_teardown)
#define GUESTS(name) cmocka_unit_test_setup_teardown(name, loop_setup_as_init, loop_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whoever_is_named_gets_the_signals_and_its_status_counts),
		TEST(a_named_successor_is_no_question_of_on_exit),
		TEST(one_that_is_named_later_is_found_by_the_watch),
		TEST(one_that_nobody_told_of_is_found_when_a_signal_comes),
		TEST(without_a_name_a_signal_is_for_all_and_it_is_said_why),
		TEST(one_takes_over_after_the_other_until_a_stop),
		TEST(during_a_stop_nobody_takes_over),
		TEST(the_end_of_a_far_one_is_seen_by_its_pidfd_and_the_rest_is_asked),
		TEST(a_far_one_that_goes_with_the_last_of_all_is_not_forgotten),
		TEST(where_nothing_can_wait_for_its_pidfd_it_is_not_forgotten),
		TEST(a_far_one_that_becomes_ours_is_buried_like_any_child),
		GUESTS(a_guest_is_asked_and_waited_for_and_costs_no_status),
		GUESTS(while_it_is_waited_for_we_hear_of_children),
		GUESTS(a_guest_that_is_ignored_is_left_alone),
		GUESTS(after_a_stop_without_a_deadline_of_ours_it_is_not_waited_for),
		GUESTS(a_deaf_guest_is_killed_when_the_grace_time_is_over),
		GUESTS(what_a_guest_leaves_behind_is_ours_to_bury),
		GUESTS(what_it_leaves_behind_at_the_last_moment_is_waited_for),
		GUESTS(a_second_stop_reaches_nobody_else_while_guests_are_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
