/* SPDX-License-Identifier: MIT */
/* test_loop_ends.c - how a pause and other runs end, and what is told of those who died. */
#include "sexton/loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop_voice.h"
#include "sexton/signals.h"
#include "sexton/sys.h"

/* Pause */

static void use_pause(void)
{
	target_init(&fix.targets, 0, false);
	fake_world_vanish(MAIN);
	fix.config.pause = true;
	fix.config.stop_signals = SIGNALS_BIT(SIGTERM) | SIGNALS_BIT(SIGINT);
	fix.reaper.main_pid = 0;
	fix.reaper.pausing = true;
	sys_close(fix.forward.main_pidfd);
	fix.forward.main_pid = 0;
	fix.forward.main_pidfd = -1;
	loop_use_polled_mode();
}

/* Left may be the doorbell and the signalfd. */
static int pause_teardown(void **state)
{
	(void)state;
	target_reader_leave();
	return fake_sys_open_fds() == 2 && fake_sys_open_maps() == 0 ? 0 : -1;
}

static void a_pause_ends_with_0_at_a_stop_signal(void **state)
{
	static const int stops[] = { SIGTERM, SIGINT };
	static const char *const said[] = {
		"signal TERM\npause ended by TERM\nnone dead\nleaving with 0\n",
		"signal INT\npause ended by INT\nnone dead\nleaving with 0\n",
	};

	for (size_t i = 0; i < 2; i++) {
		use_pause();
		fake_world_at(3600 * SECOND, step_signal, stops[i]);
		loop_assert_ends_with(0);
		assert_int_equal(fake_sys.now, 3600 * SECOND);
		assert_string_equal(fake_world_log(), "");
		assert_said(said[i]);
		if (i == 0) {
			assert_int_equal(pause_teardown(state), 0);
			assert_int_equal(setup(state), 0);
		}
	}
}

static void other_signals_leave_a_pause_alone(void **state)
{
	(void)state;
	use_pause();
	for (int sig = 1; sig <= SIGNALS_MAX; sig++)
		if (sig != SIGTERM && sig != SIGINT && sig != SIGKILL && sig != SIGSTOP &&
		    sig != SIGCHLD)
			loop_raise(sig, SI_USER, 999);
	fake_world_at(SECOND, step_signal, SIGTERM);
	loop_assert_ends_with(0);
	assert_int_equal(fake_sys.now, SECOND);
	assert_string_equal(fake_world_log(), "");
	assert_int_equal(loop_said("pause ended by TERM"), 1);
	assert_int_equal(loop_said("forwarded"), 0);
}

static void an_orphan_comes_and_dies(int pid)
{
	loop_child(pid, "orphan");
	step_end(END(pid, 0));
}

/* There is no child at the start, and none after each of them: no end of a pause. */
static void a_pause_buries_orphans_between_times_of_none(void **state)
{
	(void)state;
	use_pause();
	fake_world_at(SECOND, an_orphan_comes_and_dies, 301);
	fake_world_at(2 * SECOND, an_orphan_comes_and_dies, 302);
	fake_world_at(3 * SECOND, step_signal, SIGINT);
	loop_assert_ends_with(0);
	assert_int_equal(status_get(&fix.status.buried), 2);
	assert_int_equal(fake_sys.now, 3 * SECOND);
	assert_int_equal(loop_said("none left"), 0);
}

static void a_pause_at_rest_is_one_wait_without_end(void **state)
{
	(void)state;
	use_pause();
	fake_world_at(3600 * SECOND, step_signal, SIGTERM);
	loop_assert_ends_with(0);
	assert_int_equal(loop_traced("ppoll(2,0)"), 1); /* the first */
	assert_int_equal(loop_traced("ppoll"), 2);
}

/* Without a signalfd, without ppoll: it ends all the same. */
static void a_pause_ends_even_where_waiting_is_refused(void **state)
{
	(void)state;
	use_pause();
	fake_sys_fail("ppoll", 0, EPERM);
	fake_world_at(SECOND, step_signal, SIGTERM);
	loop_assert_ends_with(0);
	assert_in_range(fake_sys.now, SECOND, SECOND + MS(20));
}

/* Burials */

static void two_die(int first)
{
	step_end(END(first, EXITED(5)));
	step_end(END(first + 1, SIGTERM));
}

/* The main process ends with 7, one heir of each kind outlives it. */
static void burials_are_told_in_order_and_opened_once_a_turn(void **state)
{
	(void)state;
	loop_child(201, "a");
	loop_child(202, "b");
	loop_child(203, "heir");
	fake_world_at(SECOND, two_die, 201);
	fake_world_at(2 * SECOND, step_end, END(MAIN, EXITED(7)));
	fake_world_at(3 * SECOND, step_end, END(203, EXITED(1)));
	loop_assert_ends_with(7);
	assert_said("children died\nheir 201 exited with 5\nheir 202 killed by TERM\nnone dead\n"
		    "children died\nmain 200 exited with 7\n"
		    "children died\nheir 203 exited with 1\nnone left\nleaving with 7\n");
}

static void those_who_want_to_be_warned_hear_other_words(void **state)
{
	(void)state;
	fix.config.warn_reaped = true;
	loop_child(201, "a");
	loop_child(202, "b");
	fake_world_at(SECOND, two_die, 201);
	fake_world_at(2 * SECOND, step_end, END(MAIN, SIGKILL));
	loop_assert_ends_with(128 + SIGKILL);
	assert_said("children died\nreaped 201 exited with 5\nreaped 202 killed by TERM\n"
		    "none dead\nchildren died\nmain 200 killed by KILL\nnone left\n"
		    "leaving with 137\n");
}

static void who_leaves_early_says_whether_anybody_is_left(void **state)
{
	for (int left = 0; left < 2; left++) {
		fix.config.on_exit = CONFIG_ON_EXIT_LEAVE;
		if (left)
			loop_child(201, "left behind");
		fake_sys_return("has_children", left);
		/* The reaper thread is not so fast that main hears of the end of all. */
		fake_world_at(SECOND, step_end, END(MAIN, EXITED(4)));
		loop_assert_ends_with(4);
		if (left) {
			assert_said("children died\nmain 200 exited with 4\nnone dead\n"
				    "leaving with 4\n");
		} else {
			assert_said("children died\nmain 200 exited with 4\nnone left\n"
				    "leaving with 4\n");
			assert_int_equal(loop_teardown(state), 0);
			assert_int_equal(setup(state), 0);
		}
	}
}

static void a_voice_without_that_word_costs_no_call(void **state)
{
	(void)state;
	log_set(NULL, 0, 0);
	fix.config.on_exit = CONFIG_ON_EXIT_LEAVE;
	loop_child(201, "left behind");
	fake_world_at(SECOND, step_end, END(MAIN, 0));
	loop_assert_ends_with(0);
	assert_int_equal(fake_sys_calls("has_children"), 0);
}

/* The farewell of dumb-init: who sends it is tested in test_reaper.c. */

static void the_farewell_is_told_after_the_command_s_burial(void **state)
{
	(void)state;
	fix.config.on_exit = CONFIG_ON_EXIT_LEAVE;
	fix.config.farewell = true;
	fake_world_at(SECOND, step_end, END(MAIN, EXITED(3)));
	loop_assert_ends_with(3);
	assert_said("children died\nmain 200 exited with 3\nforwarded: TERM\nnone left\n"
		    "leaving with 3\n");
}

static void a_rewritten_farewell_is_told_as_such(void **state)
{
	static const struct {
		int to;
		const char *said;
	} rows[] = {
		{ SIGQUIT, "children died\nmain 200 exited with 0\nrewritten: 15 to 3\n"
			   "forwarded: QUIT\nnone left\nleaving with 0\n" },
		{ 0, "children died\nmain 200 exited with 0\nrewritten: 15 to 0\n"
		     "dropped: TERM\nnone left\nleaving with 0\n" },
	};

	for (size_t i = 0; i < 2; i++) {
		fix.config.on_exit = CONFIG_ON_EXIT_LEAVE;
		fix.config.farewell = true;
		fix.config.rewritten = SIGNALS_BIT(SIGTERM);
		fix.config.rewrite[SIGTERM] = (uint8_t)rows[i].to;
		fake_world_at(SECOND, step_end, END(MAIN, 0));
		loop_assert_ends_with(0);
		assert_said(rows[i].said);
		if (i == 0) {
			assert_int_equal(loop_teardown(state), 0);
			assert_int_equal(setup(state), 0);
		}
	}
}

#define TEST(name)  cmocka_unit_test_setup_teardown(name, setup, loop_teardown)
#define PAUSE(name) cmocka_unit_test_setup_teardown(name, setup, pause_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAUSE(a_pause_ends_with_0_at_a_stop_signal),
		PAUSE(other_signals_leave_a_pause_alone),
		PAUSE(a_pause_buries_orphans_between_times_of_none),
		PAUSE(a_pause_at_rest_is_one_wait_without_end),
		PAUSE(a_pause_ends_even_where_waiting_is_refused),
		TEST(burials_are_told_in_order_and_opened_once_a_turn),
		TEST(those_who_want_to_be_warned_hear_other_words),
		TEST(who_leaves_early_says_whether_anybody_is_left),
		TEST(a_voice_without_that_word_costs_no_call),
		TEST(the_farewell_is_told_after_the_command_s_burial),
		TEST(a_rewritten_farewell_is_told_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
