/* SPDX-License-Identifier: MIT */
/* test_loop_wait.c - how long the main thread waits, for what, and what it does when it may not. */
#include "sexton/loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loop_fixture.h"

/* The longest wait of a loop that cannot be woken as it should be. */
#define BLIND MS(20)

static void end_at(int64_t when)
{
	fake_world_at(when, step_end, END(MAIN, EXITED(2)));
}

/* Deadlines */

static void without_a_deadline_the_wait_has_no_end(void **state)
{
	(void)state;
	fix.config.stop_timeout_ns = CONFIG_NO_LIMIT;
	fake_world_at(SECOND, step_signal, SIGTERM);
	end_at(3600 * SECOND);
	loop_assert_ends_with(2);
	assert_int_equal(loop_traced("ppoll(2,-1)"), 2);
	assert_int_equal(loop_traced("ppoll"), 2);
}

static void a_stop_timeout_is_the_wait_s_end_to_the_nanosecond(void **state)
{
	(void)state;
	fix.config.stop_timeout_ns = 10 * SECOND;
	fake_world_at(SECOND, step_signal, SIGTERM);
	fake_world_at(SECOND + 777, step_signal, SIGUSR1);
	end_at(2 * SECOND);
	loop_assert_ends_with(2);
	assert_int_equal(loop_traced("ppoll(2,5000000000)"), 1); /* to half-time */
	assert_int_equal(loop_traced("ppoll(2,4999999223)"), 1);
}

static void while_draining_the_wait_ends_with_the_next_look(void **state)
{
	(void)state;
	fix.config.grace_ns = CONFIG_NO_LIMIT;
	loop_child(201, "a");
	loop_child(202, "b");
	end_at(SECOND);
	fake_world_at(SECOND + MS(300), step_end, END(201, 0));
	fake_world_at(3 * SECOND, step_end, END(202, 0));
	loop_assert_ends_with(2);
	assert_int_equal(loop_traced("ppoll(2,1000000000)"), 2); /* at 1 s, at 2 s */
	assert_int_equal(loop_traced("ppoll(2,700000000)"), 1);
	assert_int_equal(loop_traced("ppoll"), 4);
}

/* A turn may take longer than the deadline was away: it is not slept over. */
static void the_clock_jumps(int seconds)
{
	fake_sys.now += seconds * SECOND;
	step_signal(SIGUSR1);
}

static void a_deadline_that_has_passed_meanwhile_is_acted_on_at_once(void **state)
{
	(void)state;
	loop_child(201, "deaf");
	end_at(SECOND);
	fake_world_at(SECOND + 1, the_clock_jumps, 60);
	loop_assert_ends_with(2);
	assert_string_equal(fake_world_log(), "deaf:TERM deaf:CONT deaf:USR1 deaf:KILL ");
	assert_int_equal(fake_sys.now, 61 * SECOND + 1);
}

static void a_look_takes_a_while(void)
{
	fake_sys.now += MS(1500);
}

static void a_deadline_that_passes_while_we_work_is_not_slept_over(void **state)
{
	(void)state;
	loop_child(201, "deaf");
	end_at(SECOND);
	fake_sys_before("open(/proc/100/task,", 1, a_look_takes_a_while);
	loop_assert_ends_with(2);
	assert_int_equal(loop_traced("ppoll(2,0)"), 1);
	assert_int_equal(fake_sys.now, 6 * SECOND);
}

/* Which signals are waited for */

static void exits_do_not_wake_us_beside_a_reaper_thread(void **state)
{
	(void)state;
	end_at(SECOND);
	loop_assert_ends_with(2);
	assert_true(loop_traced("sigwaitinfo(fffffffffffeffff,0)") > 0);
	assert_int_equal(loop_traced("sigwaitinfo(ffffffffffffffff"), 0);
}

/* Polled mode */

static void in_polled_mode_a_child_s_end_is_a_signal_and_a_burial(void **state)
{
	(void)state;
	loop_use_polled_mode();
	end_at(SECOND);
	loop_assert_ends_with(2);
	assert_true(loop_traced("sigwaitinfo(ffffffffffffffff,0)") > 0);
	assert_int_equal(fake_sys.now, SECOND);
	assert_string_equal(fake_world_log(), ""); /* SIGCHLD is not forwarded */
}

static void in_polled_mode_one_that_died_before_the_first_wait_is_buried(void **state)
{
	(void)state;
	loop_use_polled_mode();
	fake_world.on_death = NULL; /* its SIGCHLD was discarded, before we blocked it */
	fake_world_end(MAIN, EXITED(2));
	loop_assert_ends_with(2);
}

static void in_polled_mode_nothing_is_polled_at_rest(void **state)
{
	(void)state;
	loop_use_polled_mode();
	loop_child(201, "a");
	fake_world_at(SECOND, step_end, END(201, 0));
	end_at(3600 * SECOND);
	loop_assert_ends_with(2);
	assert_int_equal(loop_traced("ppoll(2,0)"), 1); /* the first */
	assert_int_equal(loop_traced("ppoll"), 3);
}

static unsigned int buried_by_then;

static void note_burials(struct fake_proc *proc, int sig)
{
	(void)proc;
	(void)sig;
	buried_by_then = (unsigned int)status_get(&fix.status.buried);
}

static void raise_in_mid_storm(void)
{
	step_signal(SIGUSR1);
}

static void in_polled_mode_a_signal_does_not_wait_for_a_storm_to_be_buried(void **state)
{
	void (*on_death)(void);

	(void)state;
	loop_use_polled_mode();
	on_death = fake_world.on_death;
	fake_world.on_death = NULL; /* they died before the loop began */
	for (pid_t pid = 1001; pid <= 1300; pid++) {
		loop_child(pid, "w");
		fake_world_end(pid, 0);
	}
	fake_world.on_death = on_death;
	fake_world_find(MAIN)->on_signal = note_burials;
	fake_sys_before("waitpid(", 10, raise_in_mid_storm);
	end_at(SECOND);
	loop_assert_ends_with(2);
	assert_int_equal(buried_by_then, 64);
	assert_int_equal(status_get(&fix.status.buried), 301);
}

static void in_polled_mode_a_refused_wait_is_tried_again_after_a_pause(void **state)
{
	(void)state;
	loop_use_polled_mode();
	fake_sys_fail("waitpid", 2, EPERM); /* the first finds nobody dead */
	fake_sys_fail("waitpid", 3, EPERM);
	end_at(SECOND);
	loop_assert_ends_with(2);
	assert_int_equal(fake_sys.now, SECOND + 2 * REAPER_RETRY_NS);
	assert_int_equal(loop_traced("ppoll(2,100000000)"), 2);
	assert_int_equal(loop_said("cannot wait for children: "), 1);
}

static void in_polled_mode_that_pause_is_shorter_than_a_deadline(void **state)
{
	(void)state;
	loop_use_polled_mode();
	loop_child(201, "a");
	end_at(SECOND);
	fake_world_at(SECOND + MS(500), step_end, END(201, 0));
	fake_sys_fail("waitpid", 4, EPERM); /* nobody; main, nobody; 201 */
	loop_assert_ends_with(2);
	assert_int_equal(fake_sys.now, SECOND + MS(500) + REAPER_RETRY_NS);
}

static void in_polled_mode_trouble_that_is_over_leaves_no_timer(void **state)
{
	(void)state;
	loop_use_polled_mode();
	fake_sys_fail("waitpid", 1, EPERM);
	end_at(10 * SECOND);
	loop_assert_ends_with(2);
	assert_in_range(loop_traced("ppoll"), 3, 4);
}

/* No SIGCHLD will ever be seen: we have to look. */
static void in_polled_mode_we_bury_though_no_signal_can_be_taken(void **state)
{
	(void)state;
	loop_use_polled_mode();
	fake_sys_fail("sigwaitinfo", 0, EPERM);
	end_at(SECOND);
	loop_assert_ends_with(2);
	assert_in_range(fake_sys.now, SECOND, SECOND + BLIND);
}

/* Refusals. The fake ends the test when a wait has neither an end nor a step to come, and time
 * passes in waits alone: a loop that spins would never reach the end it is to see. */

/* So many waits are allowed: one for each BLIND of the time that passed, and some for the facts. */
static void assert_did_not_spin(void)
{
	assert_in_range(fake_sys_calls("ppoll"), 0, fake_sys.now / BLIND + 5);
	assert_in_range(fake_sys_calls("sigwaitinfo"), 1, 3 * (fake_sys.now / BLIND + 5));
}

static void a_refused_ppoll_waits_for_signals_instead_and_does_not_spin(void **state)
{
	(void)state;
	fake_sys_fail("ppoll", 0, EPERM);
	fake_world_at(MS(500), step_signal, SIGUSR1);
	end_at(SECOND);
	loop_assert_ends_with(2);
	assert_string_equal(fake_world_log(), "main:USR1 ");
	assert_in_range(loop_traced("sigwaitinfo(fffffffffffeffff,20000000)"), 49, 51);
	assert_in_range(fake_sys.now, SECOND, SECOND + BLIND);
	assert_did_not_spin();
}

static void without_a_signalfd_it_is_the_same(void **state)
{
	(void)state;
	fix.loop.signal_fd = -1;
	fake_world_at(MS(500), step_signal, SIGUSR1);
	end_at(SECOND);
	loop_assert_ends_with(2);
	assert_string_equal(fake_world_log(), "main:USR1 ");
	assert_int_equal(fake_sys_calls("ppoll"), 0);
	assert_did_not_spin();
}

static void a_signal_that_cannot_be_taken_does_not_make_us_spin(void **state)
{
	(void)state;
	fake_sys_fail("sigwaitinfo", 0, EPERM);
	fake_world_at(MS(500), step_signal, SIGUSR1); /* from here on the signalfd is ready */
	end_at(SECOND);
	loop_assert_ends_with(2);
	assert_int_equal(loop_said("cannot take signals: "), 1);
	assert_in_range(loop_traced("ppoll(2,20000000)"), 24, 26);
	assert_did_not_spin();
}

static void a_refusal_that_passes_is_forgotten(void **state)
{
	(void)state;
	fake_sys_fail("sigwaitinfo", 1, EPERM);
	step_signal(SIGUSR1);
	end_at(3600 * SECOND);
	loop_assert_ends_with(2);
	assert_string_equal(fake_world_log(), "main:USR1 ");
	assert_in_range(fake_sys_calls("ppoll"), 2, 4);
}

/* Another one took it, or it was discarded: SIGCONT takes a pending SIGTSTP away. */
static void a_signal_that_vanished_keeps_nobody_waiting(void **state)
{
	(void)state;
	fake_sys_return("ppoll", 1);
	end_at(SECOND);
	loop_assert_ends_with(2);
	assert_int_equal(fake_sys_calls("ppoll"), 2);
}

static void a_doorbell_that_cannot_be_rung_is_replaced_by_a_signal(void **state)
{
	(void)state;
	fake_sys_fail("eventfd_ring", 0, EPERM);
	loop_child(201, "a");
	end_at(SECOND);
	fake_world_at(2 * SECOND, step_end, END(201, 0));
	loop_assert_ends_with(2);
	assert_int_equal(loop_traced("kill(100,23)"), 2);
	assert_int_equal(fake_sys.now, 2 * SECOND);
	assert_string_equal(fake_world_log(), "a:TERM a:CONT ");
}

static void a_doorbell_that_cannot_be_silenced_is_no_harm(void **state)
{
	(void)state;
	fake_sys_fail("eventfd_clear", 1, EPERM);
	end_at(SECOND);
	loop_assert_ends_with(2);
}

static void deadlines_are_kept_without_ppoll_too(void **state)
{
	(void)state;
	fake_sys_fail("ppoll", 0, ENOSYS);
	loop_child(201, "deaf");
	end_at(SECOND);
	loop_assert_ends_with(2);
	assert_in_range(fake_sys.now, 6 * SECOND, 6 * SECOND + BLIND);
	assert_string_equal(fake_world_log(), "deaf:TERM deaf:CONT deaf:KILL ");
	assert_did_not_spin();
}

static void a_refused_wait_in_the_reaper_is_told(void **state)
{
	(void)state;
	fake_sys_fail("waitpid", 1, EPERM);
	loop_child(201, "a");
	fake_world_at(MS(1), step_end, END(201, 0));
	end_at(SECOND);
	loop_assert_ends_with(2);
	assert_int_equal(loop_said("sexton: cannot wait for children: "), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, loop_setup, loop_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_deadline_the_wait_has_no_end),
		TEST(a_stop_timeout_is_the_wait_s_end_to_the_nanosecond),
		TEST(while_draining_the_wait_ends_with_the_next_look),
		TEST(a_deadline_that_has_passed_meanwhile_is_acted_on_at_once),
		TEST(a_deadline_that_passes_while_we_work_is_not_slept_over),
		TEST(exits_do_not_wake_us_beside_a_reaper_thread),
		TEST(in_polled_mode_a_child_s_end_is_a_signal_and_a_burial),
		TEST(in_polled_mode_one_that_died_before_the_first_wait_is_buried),
		TEST(in_polled_mode_nothing_is_polled_at_rest),
		TEST(in_polled_mode_a_signal_does_not_wait_for_a_storm_to_be_buried),
		TEST(in_polled_mode_a_refused_wait_is_tried_again_after_a_pause),
		TEST(in_polled_mode_that_pause_is_shorter_than_a_deadline),
		TEST(in_polled_mode_trouble_that_is_over_leaves_no_timer),
		TEST(in_polled_mode_we_bury_though_no_signal_can_be_taken),
		TEST(a_refused_ppoll_waits_for_signals_instead_and_does_not_spin),
		TEST(without_a_signalfd_it_is_the_same),
		TEST(a_signal_that_cannot_be_taken_does_not_make_us_spin),
		TEST(a_refusal_that_passes_is_forgotten),
		TEST(a_signal_that_vanished_keeps_nobody_waiting),
		TEST(a_doorbell_that_cannot_be_rung_is_replaced_by_a_signal),
		TEST(a_doorbell_that_cannot_be_silenced_is_no_harm),
		TEST(deadlines_are_kept_without_ppoll_too),
		TEST(a_refused_wait_in_the_reaper_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
