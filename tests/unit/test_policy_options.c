/* SPDX-License-Identifier: MIT */
/* test_policy_options.c - what the options change in the policy's table; see test_policy.c. */
#include "policy_test.h"

/* --stop-timeout */

static void stop_timeout_counts_from_the_stop_signal_to_the_nanosecond(void **state)
{
	(void)state;
	config.stop_timeout_ns = 10 * SEC + 1;
	expect(step(POLICY_EV_STOP_SIGNAL, T0), POLICY_FORWARD, POLICY_RUNNING);
	expect_deadline(T0 + 5 * SEC); /* half, rounded down */
	expect(step(POLICY_EV_TIMER, T0 + 10 * SEC), POLICY_ASK_ALL, POLICY_RUNNING);
	expect_deadline(T0 + 10 * SEC + 1);
	expect_kill(step(POLICY_EV_TIMER, T0 + 10 * SEC + 1), 1);
}

static void stop_timeout_asks_the_workers_of_a_deaf_master_at_half_time(void **state)
{
	(void)state;
	config.stop_timeout_ns = 10 * SEC;
	(void)step(POLICY_EV_STOP_SIGNAL, T0);
	expect(step(POLICY_EV_TIMER, T0 + 5 * SEC - 1), 0, POLICY_RUNNING);
	expect(step(POLICY_EV_TIMER, T0 + 5 * SEC), POLICY_ASK_ALL, POLICY_RUNNING);
	expect_deadline(T0 + 6 * SEC);
}

static void stop_timeout_goes_on_when_the_main_process_exits_and_grace_adds_nothing(void **state)
{
	(void)state;
	config.stop_timeout_ns = 10 * SEC;
	config.grace_ns = SEC;
	(void)step(POLICY_EV_STOP_SIGNAL, T0);
	expect(main_exits(T0 + SEC, EXITED(0)), POLICY_ASK_ROOTS, POLICY_DRAINING);
	assert_true(policy.deadline == T0 + 10 * SEC);
	assert_true(policy.half == T0 + 5 * SEC);
}

static void stop_timeout_after_half_time_asks_everybody_when_the_main_process_exits(void **state)
{
	(void)state;
	config.stop_timeout_ns = 10 * SEC;
	(void)step(POLICY_EV_STOP_SIGNAL, T0);
	(void)step(POLICY_EV_TIMER, T0 + 5 * SEC);
	expect(main_exits(T0 + 6 * SEC, EXITED(0)), POLICY_ASK_ALL, POLICY_DRAINING);
	expect(step(POLICY_EV_HEIR_EXITED, T0 + 7 * SEC), POLICY_ASK_ALL, POLICY_DRAINING);
	assert_true(policy.deadline == T0 + 10 * SEC);
}

static void stop_timeout_is_started_by_the_first_stop_and_not_by_later_ones(void **state)
{
	(void)state;
	config.stop_timeout_ns = 10 * SEC;
	(void)step(POLICY_EV_STOP_SIGNAL, T0);
	expect(step(POLICY_EV_STOP_SIGNAL, T0 + 9 * SEC), POLICY_FORWARD, POLICY_RUNNING);
	assert_true(policy.deadline == T0 + 10 * SEC);
	assert_true(policy.half == T0 + 5 * SEC);
}

static void stop_timeout_is_not_started_by_other_signals(void **state)
{
	(void)state;
	config.stop_timeout_ns = 10 * SEC;
	(void)step(POLICY_EV_SIGNAL, T0);
	expect_deadline(POLICY_NEVER);
}

static void stop_timeout_none_sets_no_deadline_at_all(void **state)
{
	(void)state;
	(void)step(POLICY_EV_STOP_SIGNAL, T0);
	expect(main_exits(T0 + SEC, EXITED(0)), POLICY_ASK_ROOTS, POLICY_DRAINING);
	assert_true(policy.deadline == POLICY_NEVER);
	expect_deadline(T0 + SEC + POLICY_LOOK_NS);
	/* Ten years later: still only the roots, and nobody is killed. */
	expect(step(POLICY_EV_TIMER, T0 + 315360000 * SEC), POLICY_ASK_ROOTS, POLICY_DRAINING);
}

static void stop_timeout_too_large_to_count_is_none(void **state)
{
	(void)state;
	config.stop_timeout_ns = CONFIG_NO_LIMIT - 1;
	(void)step(POLICY_EV_STOP_SIGNAL, T0);
	assert_true(policy.deadline == POLICY_NEVER);
	expect_deadline(POLICY_NEVER);
}

static void stop_timeout_of_nothing_kills_at_the_next_timer(void **state)
{
	(void)state;
	config.stop_timeout_ns = 0;
	expect(step(POLICY_EV_STOP_SIGNAL, T0), POLICY_FORWARD, POLICY_RUNNING);
	expect_deadline(T0);
	expect_kill(step(POLICY_EV_TIMER, T0), 1);
}

static void stop_during_a_drain_brings_an_earlier_deadline_but_never_a_later_one(void **state)
{
	(void)state;
	config.stop_timeout_ns = 10 * SEC;
	in_draining();
	(void)step(POLICY_EV_STOP_SIGNAL, T0 + SEC);
	assert_true(policy.deadline == T0 + 5 * SEC);
	assert_true(policy.half == T0 + 5 * SEC / 2);

	policy_init(&policy, &config);
	config.stop_timeout_ns = SEC;
	in_draining();
	(void)step(POLICY_EV_STOP_SIGNAL, T0 + SEC);
	assert_true(policy.deadline == T0 + 2 * SEC);
	assert_true(policy.half == T0 + SEC + SEC / 2);
}

static void stop_in_a_handover_starts_the_stop_timeout(void **state)
{
	(void)state;
	config.stop_timeout_ns = 10 * SEC;
	in_handover();
	(void)step(POLICY_EV_STOP_SIGNAL, T0 + SEC);
	assert_true(policy.deadline == T0 + 11 * SEC);
	assert_true(policy.half == T0 + 6 * SEC);
}

static void stop_timeout_over_in_a_drain_kills(void **state)
{
	(void)state;
	config.stop_timeout_ns = 10 * SEC;
	(void)step(POLICY_EV_STOP_SIGNAL, T0);
	(void)main_exits(T0 + SEC, EXITED(0));
	expect(step(POLICY_EV_TIMER, T0 + 10 * SEC - 1), POLICY_ASK_ALL, POLICY_DRAINING);
	expect_kill(step(POLICY_EV_TIMER, T0 + 10 * SEC), 1);
}

/* --grace */

static void grace_none_asks_the_roots_and_waits_for_ever(void **state)
{
	(void)state;
	config.grace_ns = CONFIG_NO_LIMIT;
	expect(main_exits(T0, EXITED(0)), POLICY_ASK_ROOTS, POLICY_DRAINING);
	assert_true(policy.half == POLICY_NEVER);
	assert_true(policy.deadline == POLICY_NEVER);
	expect(step(POLICY_EV_TIMER, T0 + 1000 * SEC), POLICY_ASK_ROOTS, POLICY_DRAINING);
	expect_deadline(T0 + 1001 * SEC);
}

static void grace_is_exact_to_the_nanosecond(void **state)
{
	(void)state;
	config.grace_ns = 123456789;
	(void)main_exits(T0, EXITED(0));
	expect_deadline(T0 + 61728394);
	expect(step(POLICY_EV_TIMER, T0 + 61728394 - 1), 0, POLICY_DRAINING);
	expect(step(POLICY_EV_TIMER, T0 + 61728394), POLICY_ASK_ALL, POLICY_DRAINING);
	expect_deadline(T0 + 123456789);
	expect_kill(step(POLICY_EV_TIMER, T0 + 123456789), 1);
}

static void grace_is_not_for_a_run_that_is_being_stopped(void **state)
{
	(void)state;
	(void)step(POLICY_EV_STOP_SIGNAL, T0);
	(void)main_exits(T0, EXITED(0));
	assert_true(policy.deadline == POLICY_NEVER);
}

static void grace_of_nothing_asks_and_kills_at_the_next_timer(void **state)
{
	(void)state;
	config.grace_ns = 0;
	expect(main_exits(T0, EXITED(0)), POLICY_ASK_ROOTS, POLICY_DRAINING);
	expect_deadline(T0);
	expect_kill(step(POLICY_EV_TIMER, T0), 1);
}

/* --on-exit */

static void on_exit_leave_exits_at_once(void **state)
{
	(void)state;
	config.on_exit = CONFIG_ON_EXIT_LEAVE;
	expect_exit(main_exits(T0, EXITED(3)), 3);
}

static void on_exit_leave_exits_at_once_after_a_stop_too(void **state)
{
	(void)state;
	config.on_exit = CONFIG_ON_EXIT_LEAVE;
	(void)step(POLICY_EV_STOP_SIGNAL, T0);
	expect_exit(main_exits(T0, SIGNALLED(SIGTERM)), 128 + SIGTERM);
}

static void on_exit_leave_exits_at_once_when_killing(void **state)
{
	(void)state;
	config.on_exit = CONFIG_ON_EXIT_LEAVE;
	in_killing_with_main_alive();
	expect_exit(main_exits(T0, SIGNALLED(SIGKILL)), 128 + SIGKILL);
}

static void on_exit_wait_drains_a_run_that_is_being_stopped(void **state)
{
	(void)state;
	config.on_exit = CONFIG_ON_EXIT_WAIT;
	(void)step(POLICY_EV_STOP_SIGNAL, T0);
	expect(main_exits(T0, EXITED(0)), POLICY_ASK_ROOTS, POLICY_DRAINING);
	assert_true(policy.deadline == POLICY_NEVER);
}

static void on_exit_wait_goes_on_killing_when_a_deadline_is_over(void **state)
{
	(void)state;
	config.on_exit = CONFIG_ON_EXIT_WAIT;
	in_killing_with_main_alive();
	expect_kill(main_exits(T0, SIGNALLED(SIGKILL)), 1);
}

/* --exit-code and --ok-exit */

static void exit_code_is_the_main_process_whatever_its_heirs_say(void **state)
{
	(void)state;
	(void)main_exits(T0, EXITED(3));
	expect_exit(none_left(T0, 7, 9), 3);
}

static void exit_code_last_is_that_of_the_last_heir(void **state)
{
	(void)state;
	config.exit_code = CONFIG_EXIT_CODE_LAST;
	(void)main_exits(T0, EXITED(3));
	expect_exit(none_left(T0, 0, 9), 0);
}

static void exit_code_last_without_heirs_is_the_main_process(void **state)
{
	(void)state;
	config.exit_code = CONFIG_EXIT_CODE_LAST;
	(void)main_exits(T0, EXITED(3));
	expect_exit(none_left(T0, -1, -1), 3);
}

static void exit_code_worst_is_the_highest_of_the_heirs(void **state)
{
	(void)state;
	config.exit_code = CONFIG_EXIT_CODE_WORST;
	(void)main_exits(T0, EXITED(3));
	expect_exit(none_left(T0, 0, 9), 9);
}

static void exit_code_worst_can_be_that_of_the_main_process(void **state)
{
	(void)state;
	config.exit_code = CONFIG_EXIT_CODE_WORST;
	(void)main_exits(T0, SIGNALLED(SIGTERM));
	expect_exit(none_left(T0, 0, 9), 128 + SIGTERM);
}

static void exit_code_worst_without_heirs_is_the_main_process(void **state)
{
	(void)state;
	config.exit_code = CONFIG_EXIT_CODE_WORST;
	(void)main_exits(T0, EXITED(3));
	expect_exit(none_left(T0, -1, -1), 3);
}

static void exit_code_of_a_signal_is_128_and_its_number(void **state)
{
	int sig;

	(void)state;
	for (sig = 1; sig <= 64; sig++) {
		assert_int_equal(policy_exit_code(SIGNALLED(sig)), 128 + sig);
		assert_int_equal(policy_exit_code(SIGNALLED(sig) | CORE_DUMPED), 128 + sig);
	}
}

static void exit_code_of_an_exit_is_its_code(void **state)
{
	int code;

	(void)state;
	for (code = 0; code <= 255; code++)
		assert_int_equal(policy_exit_code(EXITED(code)), code);
}

static void ok_exit_turns_a_listed_code_into_0(void **state)
{
	(void)state;
	config.ok_exit[143 / 64] |= UINT64_C(1) << (143 % 64);
	(void)main_exits(T0, SIGNALLED(SIGTERM));
	expect_exit(none_left(T0, -1, -1), 0);
}

static void ok_exit_leaves_other_codes_alone(void **state)
{
	(void)state;
	config.ok_exit[143 / 64] |= UINT64_C(1) << (143 % 64);
	(void)main_exits(T0, SIGNALLED(SIGINT));
	expect_exit(none_left(T0, -1, -1), 130);
}

static void ok_exit_looks_at_the_code_that_was_chosen(void **state)
{
	(void)state;
	config.exit_code = CONFIG_EXIT_CODE_WORST;
	config.ok_exit[0] |= UINT64_C(1) << 3;
	(void)main_exits(T0, EXITED(3));
	expect_exit(none_left(T0, 0, 9), 9);
}

static void ok_exit_holds_for_on_exit_leave(void **state)
{
	(void)state;
	config.on_exit = CONFIG_ON_EXIT_LEAVE;
	config.ok_exit[0] |= UINT64_C(1) << 3;
	expect_exit(main_exits(T0, EXITED(3)), 0);
}

/* Pause: there is no command */

static void a_pause_ends_with_0_at_a_stop_signal(void **state)
{
	(void)state;
	config.pause = true;
	expect_exit(step(POLICY_EV_STOP_SIGNAL, T0), 0);
}

static void a_pause_forwards_nothing(void **state)
{
	(void)state;
	config.pause = true;
	expect(step(POLICY_EV_SIGNAL, T0), 0, POLICY_RUNNING);
	expect(step(POLICY_EV_HEIR_EXITED, T0), 0, POLICY_RUNNING);
	expect(step(POLICY_EV_TIMER, T0), 0, POLICY_RUNNING);
	expect_deadline(POLICY_NEVER);
}

/* It ends at that instant: a --stop-timeout of the environment sets no timer. */
static void a_pause_has_no_deadline(void **state)
{
	(void)state;
	config.pause = true;
	config.stop_timeout_ns = 10 * SEC;
	expect_exit(step(POLICY_EV_STOP_SIGNAL, T0), 0);
	expect_deadline(POLICY_NEVER);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stop_timeout_counts_from_the_stop_signal_to_the_nanosecond),
		TEST(stop_timeout_asks_the_workers_of_a_deaf_master_at_half_time),
		TEST(stop_timeout_goes_on_when_the_main_process_exits_and_grace_adds_nothing),
		TEST(stop_timeout_after_half_time_asks_everybody_when_the_main_process_exits),
		TEST(stop_timeout_is_started_by_the_first_stop_and_not_by_later_ones),
		TEST(stop_timeout_is_not_started_by_other_signals),
		TEST(stop_timeout_none_sets_no_deadline_at_all),
		TEST(stop_timeout_too_large_to_count_is_none),
		TEST(stop_timeout_of_nothing_kills_at_the_next_timer),
		TEST(stop_during_a_drain_brings_an_earlier_deadline_but_never_a_later_one),
		TEST(stop_in_a_handover_starts_the_stop_timeout),
		TEST(stop_timeout_over_in_a_drain_kills),
		TEST(grace_none_asks_the_roots_and_waits_for_ever),
		TEST(grace_is_exact_to_the_nanosecond),
		TEST(grace_is_not_for_a_run_that_is_being_stopped),
		TEST(grace_of_nothing_asks_and_kills_at_the_next_timer),
		TEST(on_exit_leave_exits_at_once),
		TEST(on_exit_leave_exits_at_once_after_a_stop_too),
		TEST(on_exit_leave_exits_at_once_when_killing),
		TEST(on_exit_wait_drains_a_run_that_is_being_stopped),
		TEST(on_exit_wait_goes_on_killing_when_a_deadline_is_over),
		TEST(exit_code_is_the_main_process_whatever_its_heirs_say),
		TEST(exit_code_last_is_that_of_the_last_heir),
		TEST(exit_code_last_without_heirs_is_the_main_process),
		TEST(exit_code_worst_is_the_highest_of_the_heirs),
		TEST(exit_code_worst_can_be_that_of_the_main_process),
		TEST(exit_code_worst_without_heirs_is_the_main_process),
		TEST(exit_code_of_a_signal_is_128_and_its_number),
		TEST(exit_code_of_an_exit_is_its_code),
		TEST(ok_exit_turns_a_listed_code_into_0),
		TEST(ok_exit_leaves_other_codes_alone),
		TEST(ok_exit_looks_at_the_code_that_was_chosen),
		TEST(ok_exit_holds_for_on_exit_leave),
		TEST(a_pause_ends_with_0_at_a_stop_signal),
		TEST(a_pause_forwards_nothing),
		TEST(a_pause_has_no_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
