/* SPDX-License-Identifier: MIT */
/*
 * test_policy.c - every cell of the policy's table.
 *
 * State by state, in the order of policy.h, with the default options. A test begins where its name
 * says, at T0, and gives the policy one event. What the options change is in test_policy_options.c,
 * whole stories are in test_trace.c, all stories up to a length in tests/model.
 */
#include "policy_test.h"

static void in_killing(void)
{
	(void)main_exits(T0 - config.grace_ns, EXITED(3));
	expect_kill(step(POLICY_EV_TIMER, T0), 1);
}

static void in_done(void)
{
	(void)main_exits(T0, EXITED(3));
	expect_exit(none_left(T0, -1, -1), 3);
}

/* RUNNING */

static void running_has_no_timer(void **state)
{
	(void)state;
	assert_int_equal(policy.state, POLICY_RUNNING);
	expect_deadline(POLICY_NEVER);
}

static void running_signal_is_forwarded(void **state)
{
	(void)state;
	expect(step(POLICY_EV_SIGNAL, T0), POLICY_FORWARD, POLICY_RUNNING);
	assert_false(policy.stopping);
	expect_deadline(POLICY_NEVER);
}

static void running_stop_signal_is_forwarded_and_marks_the_run_as_stopping(void **state)
{
	(void)state;
	expect(step(POLICY_EV_STOP_SIGNAL, T0), POLICY_FORWARD, POLICY_RUNNING);
	assert_true(policy.stopping);
	/* The runtime owns the deadline. */
	expect_deadline(POLICY_NEVER);
}

static void running_main_exit_asks_the_roots_and_gives_them_the_grace_time(void **state)
{
	(void)state;
	expect(main_exits(T0, EXITED(3)), POLICY_ASK_ROOTS, POLICY_DRAINING);
	assert_true(policy.deadline == T0 + 5 * SEC);
	assert_true(policy.half == T0 + 5 * SEC / 2);
	expect_deadline(T0 + POLICY_LOOK_NS);
}

static void running_heir_exit_concerns_nobody(void **state)
{
	(void)state;
	expect(step(POLICY_EV_HEIR_EXITED, T0), 0, POLICY_RUNNING);
	expect_deadline(POLICY_NEVER);
}

static void running_none_left_without_a_main_status_exits_as_own_failure(void **state)
{
	(void)state;
	expect_exit(none_left(T0, -1, -1), CONFIG_EXIT_OWN_FAILURE);
}

static void running_timer_that_nobody_set_does_nothing(void **state)
{
	(void)state;
	expect(step(POLICY_EV_TIMER, T0), 0, POLICY_RUNNING);
	expect_deadline(POLICY_NEVER);
}

/* HANDOVER */

static void handover_has_no_timer(void **state)
{
	(void)state;
	in_handover();
	expect_deadline(POLICY_NEVER);
}

static void handover_signal_is_forwarded_to_the_heirs(void **state)
{
	(void)state;
	in_handover();
	/* To the scope, where the group may carry on; loop.c takes the roots when it is gone. */
	expect(step(POLICY_EV_SIGNAL, T0), POLICY_FORWARD, POLICY_HANDOVER);
	expect_deadline(POLICY_NEVER);
}

static void handover_stop_signal_is_forwarded_and_starts_the_drain(void **state)
{
	(void)state;
	in_handover();
	/* The forwarded stop counts as asking; ASK_ROOTS is for whom it did not reach. */
	expect(step(POLICY_EV_STOP_SIGNAL, T0), POLICY_FORWARD | POLICY_ASK_ROOTS, POLICY_DRAINING);
	assert_true(policy.stopping);
	assert_true(policy.deadline == POLICY_NEVER);
	expect_deadline(T0 + POLICY_LOOK_NS);
}

static void handover_main_exit_cannot_come_and_does_nothing(void **state)
{
	(void)state;
	in_handover();
	expect(main_exits(T0, EXITED(4)), 0, POLICY_HANDOVER);
	expect_exit(none_left(T0, -1, -1), 3);
}

static void handover_heir_exit_concerns_nobody(void **state)
{
	(void)state;
	in_handover();
	expect(step(POLICY_EV_HEIR_EXITED, T0), 0, POLICY_HANDOVER);
	expect_deadline(POLICY_NEVER);
}

static void handover_none_left_exits(void **state)
{
	(void)state;
	in_handover();
	expect_exit(none_left(T0, 0, 0), 3);
}

static void handover_timer_that_nobody_set_does_nothing(void **state)
{
	(void)state;
	in_handover();
	expect(step(POLICY_EV_TIMER, T0 + 100 * SEC), 0, POLICY_HANDOVER);
}

/* DRAINING */

static void draining_signal_goes_to_the_roots(void **state)
{
	(void)state;
	in_draining();
	expect(step(POLICY_EV_SIGNAL, T0 + 1), POLICY_FORWARD_ROOTS, POLICY_DRAINING);
	expect_deadline(T0 + POLICY_LOOK_NS);
}

static void draining_stop_signal_goes_to_the_roots_and_asks_nobody_twice(void **state)
{
	(void)state;
	in_draining();
	expect(step(POLICY_EV_STOP_SIGNAL, T0 + 1), POLICY_FORWARD_ROOTS, POLICY_DRAINING);
	assert_true(policy.stopping);
	assert_true(policy.deadline == T0 + 5 * SEC);
}

static void draining_main_exit_cannot_come_and_does_nothing(void **state)
{
	(void)state;
	in_draining();
	expect(main_exits(T0, EXITED(4)), 0, POLICY_DRAINING);
	expect_exit(none_left(T0, -1, -1), 3);
}

static void draining_heir_exit_asks_the_orphans_that_became_roots(void **state)
{
	(void)state;
	in_draining();
	expect(step(POLICY_EV_HEIR_EXITED, T0 + 1), POLICY_ASK_ROOTS, POLICY_DRAINING);
	assert_true(policy.deadline == T0 + 5 * SEC);
}

static void draining_none_left_exits_at_that_instant(void **state)
{
	(void)state;
	in_draining();
	expect_exit(none_left(T0, 0, 0), 3);
}

static void draining_timer_before_it_is_due_does_nothing(void **state)
{
	(void)state;
	in_draining();
	expect(step(POLICY_EV_TIMER, T0 + POLICY_LOOK_NS - 1), 0, POLICY_DRAINING);
	expect_deadline(T0 + POLICY_LOOK_NS);
}

static void draining_timer_looks_for_new_roots_once_a_second(void **state)
{
	(void)state;
	in_draining();
	expect(step(POLICY_EV_TIMER, T0 + POLICY_LOOK_NS), POLICY_ASK_ROOTS, POLICY_DRAINING);
	expect_deadline(T0 + 2 * POLICY_LOOK_NS);
}

static void draining_timer_at_half_time_asks_everybody(void **state)
{
	const int64_t half = T0 + 5 * SEC / 2;

	(void)state;
	in_draining();
	expect(step(POLICY_EV_TIMER, T0 + SEC), POLICY_ASK_ROOTS, POLICY_DRAINING);
	expect(step(POLICY_EV_TIMER, T0 + 2 * SEC), POLICY_ASK_ROOTS, POLICY_DRAINING);
	expect_deadline(half);
	expect(step(POLICY_EV_TIMER, half - 1), 0, POLICY_DRAINING);
	expect(step(POLICY_EV_TIMER, half), POLICY_ASK_ALL, POLICY_DRAINING);
	expect_deadline(half + POLICY_LOOK_NS);
}

static void draining_timer_at_the_deadline_kills_and_not_a_nanosecond_before(void **state)
{
	const int64_t deadline = T0 + 5 * SEC;

	(void)state;
	in_draining();
	expect(step(POLICY_EV_TIMER, deadline - 1), POLICY_ASK_ALL, POLICY_DRAINING);
	expect_deadline(deadline);
	expect_kill(step(POLICY_EV_TIMER, deadline), 1);
	expect_deadline(deadline + POLICY_LOOK_NS);
}

/* KILLING */

static void killing_signal_goes_to_the_roots(void **state)
{
	(void)state;
	in_killing();
	expect(step(POLICY_EV_SIGNAL, T0), POLICY_FORWARD_ROOTS, POLICY_KILLING);
	expect_deadline(T0 + POLICY_LOOK_NS);
}

static void killing_stop_signal_goes_to_the_roots(void **state)
{
	(void)state;
	in_killing();
	expect(step(POLICY_EV_STOP_SIGNAL, T0), POLICY_FORWARD_ROOTS, POLICY_KILLING);
	expect_deadline(T0 + POLICY_LOOK_NS);
}

static void killing_main_exit_goes_on_killing_in_the_same_round(void **state)
{
	(void)state;
	in_killing_with_main_alive();
	expect_kill(main_exits(T0 + 1, SIGNALLED(SIGKILL)), 1);
	expect_deadline(T0 + POLICY_LOOK_NS);
	expect_exit(none_left(T0 + 2, -1, -1), 128 + SIGKILL);
}

static void killing_heir_exit_goes_on_killing_in_the_same_round(void **state)
{
	(void)state;
	in_killing();
	expect_kill(step(POLICY_EV_HEIR_EXITED, T0 + 1), 1);
	expect_deadline(T0 + POLICY_LOOK_NS);
}

static void killing_none_left_exits(void **state)
{
	(void)state;
	in_killing();
	expect_exit(none_left(T0, 137, 137), 3);
}

static void killing_timer_begins_the_next_round(void **state)
{
	(void)state;
	in_killing();
	expect_kill(step(POLICY_EV_TIMER, T0 + POLICY_LOOK_NS), 2);
	expect_deadline(T0 + 2 * POLICY_LOOK_NS);
}

static void killing_timer_before_it_is_due_does_nothing(void **state)
{
	(void)state;
	in_killing();
	expect(step(POLICY_EV_TIMER, T0 + POLICY_LOOK_NS - 1), 0, POLICY_KILLING);
	expect_deadline(T0 + POLICY_LOOK_NS);
}

static void killing_from_the_last_round_on_spares_nobody(void **state)
{
	int64_t now = T0;
	int round;

	(void)state;
	in_killing();
	for (round = 2; round < POLICY_LAST_ROUND + 5; round++) {
		now += POLICY_LOOK_NS;
		expect_kill(step(POLICY_EV_TIMER, now),
			    round < POLICY_LAST_ROUND ? round : POLICY_LAST_ROUND);
		expect_deadline(now + POLICY_LOOK_NS);
	}
	expect_kill(step(POLICY_EV_HEIR_EXITED, now), POLICY_LAST_ROUND);
}

/* DONE */

static void done_signal_does_nothing(void **state)
{
	(void)state;
	in_done();
	expect(step(POLICY_EV_SIGNAL, T0), 0, POLICY_DONE);
}

static void done_stop_signal_does_nothing(void **state)
{
	(void)state;
	in_done();
	expect(step(POLICY_EV_STOP_SIGNAL, T0), 0, POLICY_DONE);
	expect_deadline(POLICY_NEVER);
}

static void done_main_exit_does_nothing(void **state)
{
	(void)state;
	in_done();
	expect(main_exits(T0, EXITED(9)), 0, POLICY_DONE);
	expect_deadline(POLICY_NEVER);
}

static void done_heir_exit_does_nothing(void **state)
{
	(void)state;
	in_done();
	expect(step(POLICY_EV_HEIR_EXITED, T0), 0, POLICY_DONE);
}

static void done_none_left_does_not_exit_twice(void **state)
{
	(void)state;
	in_done();
	expect(none_left(T0, 9, 9), 0, POLICY_DONE);
}

static void done_timer_does_nothing(void **state)
{
	(void)state;
	in_done();
	expect(step(POLICY_EV_TIMER, T0 + 100 * SEC), 0, POLICY_DONE);
}

/* The table itself */

static void every_state_and_event_has_a_name_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(policy_state_name(POLICY_RUNNING), "RUNNING");
	assert_string_equal(policy_state_name(POLICY_HANDOVER), "HANDOVER");
	assert_string_equal(policy_state_name(POLICY_DRAINING), "DRAINING");
	assert_string_equal(policy_state_name(POLICY_KILLING), "KILLING");
	assert_string_equal(policy_state_name(POLICY_DONE), "DONE");
	assert_int_equal(POLICY_STATE_COUNT, 5);
	assert_string_equal(policy_event_name(POLICY_EV_SIGNAL), "SIGNAL");
	assert_string_equal(policy_event_name(POLICY_EV_STOP_SIGNAL), "STOP_SIGNAL");
	assert_string_equal(policy_event_name(POLICY_EV_MAIN_EXITED), "MAIN_EXITED");
	assert_string_equal(policy_event_name(POLICY_EV_HEIR_EXITED), "HEIR_EXITED");
	assert_string_equal(policy_event_name(POLICY_EV_NONE_LEFT), "NONE_LEFT");
	assert_string_equal(policy_event_name(POLICY_EV_TIMER), "TIMER");
	assert_int_equal(POLICY_EVENT_COUNT, 8);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(running_has_no_timer),
		TEST(running_signal_is_forwarded),
		TEST(running_stop_signal_is_forwarded_and_marks_the_run_as_stopping),
		TEST(running_main_exit_asks_the_roots_and_gives_them_the_grace_time),
		TEST(running_heir_exit_concerns_nobody),
		TEST(running_none_left_without_a_main_status_exits_as_own_failure),
		TEST(running_timer_that_nobody_set_does_nothing),
		TEST(handover_has_no_timer),
		TEST(handover_signal_is_forwarded_to_the_heirs),
		TEST(handover_stop_signal_is_forwarded_and_starts_the_drain),
		TEST(handover_main_exit_cannot_come_and_does_nothing),
		TEST(handover_heir_exit_concerns_nobody),
		TEST(handover_none_left_exits),
		TEST(handover_timer_that_nobody_set_does_nothing),
		TEST(draining_signal_goes_to_the_roots),
		TEST(draining_stop_signal_goes_to_the_roots_and_asks_nobody_twice),
		TEST(draining_main_exit_cannot_come_and_does_nothing),
		TEST(draining_heir_exit_asks_the_orphans_that_became_roots),
		TEST(draining_none_left_exits_at_that_instant),
		TEST(draining_timer_before_it_is_due_does_nothing),
		TEST(draining_timer_looks_for_new_roots_once_a_second),
		TEST(draining_timer_at_half_time_asks_everybody),
		TEST(draining_timer_at_the_deadline_kills_and_not_a_nanosecond_before),
		TEST(killing_signal_goes_to_the_roots),
		TEST(killing_stop_signal_goes_to_the_roots),
		TEST(killing_main_exit_goes_on_killing_in_the_same_round),
		TEST(killing_heir_exit_goes_on_killing_in_the_same_round),
		TEST(killing_none_left_exits),
		TEST(killing_timer_begins_the_next_round),
		TEST(killing_timer_before_it_is_due_does_nothing),
		TEST(killing_from_the_last_round_on_spares_nobody),
		TEST(done_signal_does_nothing),
		TEST(done_stop_signal_does_nothing),
		TEST(done_main_exit_does_nothing),
		TEST(done_heir_exit_does_nothing),
		TEST(done_none_left_does_not_exit_twice),
		TEST(done_timer_does_nothing),
		TEST(every_state_and_event_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
