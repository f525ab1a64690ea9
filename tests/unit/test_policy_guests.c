/* SPDX-License-Identifier: MIT */
/* test_policy_guests.c - held stops, successors, guests and steps in the policy's table. */
#include "policy_test.h"

static bool guests_in(struct policy_actions actions)
{
	return (actions.set & POLICY_GUESTS) != 0;
}

static struct policy_actions none_but_guests(int64_t now)
{
	const struct policy_event ev = {
		.type = POLICY_EV_NONE_LEFT, .now = now, .last = -1, .worst = -1, .guests = true
	};

	return policy_step(&policy, &ev);
}

static struct policy_actions main_hands_over(int64_t now, int status)
{
	const struct policy_event ev = { .type = POLICY_EV_MAIN_EXITED,
					 .now = now,
					 .status = status,
					 .successor = true,
					 .last = -1,
					 .worst = -1 };

	return policy_step(&policy, &ev);
}

static void in_killing(void)
{
	in_draining();
	expect_kill(step(POLICY_EV_TIMER, policy.deadline), 1);
}

static void in_done(void)
{
	expect_exit(none_left(T0, -1, -1), config.own_failure);
}

/* A stop signal that is held back */

static void a_held_stop_starts_the_clock_and_asks_nobody(void **state)
{
	(void)state;
	config.stop_timeout_ns = 10 * SEC;
	expect(step(POLICY_EV_STOP_HELD, T0), 0, POLICY_RUNNING);
	assert_true(policy.stopping);
	assert_true(policy.deadline == T0 + 10 * SEC);
	expect(step(POLICY_EV_STOP_SIGNAL, T0 + 5 * SEC), POLICY_FORWARD, POLICY_RUNNING);
	assert_true(policy.deadline == T0 + 10 * SEC);
}

static void a_held_stop_in_a_handover_starts_the_clock_and_ends_with_its_deadline(void **state)
{
	(void)state;
	config.stop_timeout_ns = 10 * SEC;
	in_handover();
	expect(step(POLICY_EV_STOP_HELD, T0), 0, POLICY_HANDOVER);
	expect_deadline(T0 + 5 * SEC);
	expect(step(POLICY_EV_TIMER, T0 + 5 * SEC), POLICY_ASK_ALL, POLICY_HANDOVER);
	expect_kill(step(POLICY_EV_TIMER, T0 + 10 * SEC), 1);
}

static void after_a_held_stop_the_main_process_s_exit_is_no_handover(void **state)
{
	(void)state;
	config.on_exit = CONFIG_ON_EXIT_WAIT;
	(void)step(POLICY_EV_STOP_HELD, T0);
	expect(main_exits(T0 + SEC, EXITED(0)), POLICY_ASK_ROOTS, POLICY_DRAINING);
}

static void when_all_are_asked_a_held_stop_says_nothing_new(void **state)
{
	int64_t before;

	(void)state;
	config.stop_timeout_ns = SEC;
	in_draining();
	before = policy.deadline;
	expect(step(POLICY_EV_STOP_HELD, T0), 0, POLICY_DRAINING);
	assert_true(policy.deadline == before);
	expect_kill(step(POLICY_EV_TIMER, before), 1);
	expect(step(POLICY_EV_STOP_HELD, before), 0, POLICY_KILLING);
	expect_exit(none_left(before, -1, -1), 3);
	expect(step(POLICY_EV_STOP_HELD, before), 0, POLICY_DONE);
}

/* A successor */

static void with_a_successor_the_run_goes_on_whatever_on_exit_says(void **state)
{
	static const enum config_on_exit kinds[] = { CONFIG_ON_EXIT_DRAIN, CONFIG_ON_EXIT_WAIT,
						     CONFIG_ON_EXIT_LEAVE };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		policy_init(&policy, &config);
		config.on_exit = kinds[i];
		expect(main_hands_over(T0, EXITED(3)), 0, POLICY_RUNNING);
		expect_deadline(POLICY_NEVER);
		expect(step(POLICY_EV_STOP_SIGNAL, T0), POLICY_FORWARD, POLICY_RUNNING);
	}
}

static void the_status_is_that_of_the_main_process_that_exited_last(void **state)
{
	(void)state;
	expect(main_hands_over(T0, EXITED(3)), 0, POLICY_RUNNING);
	expect(main_hands_over(T0 + SEC, EXITED(4)), 0, POLICY_RUNNING);
	expect(main_exits(T0 + 2 * SEC, EXITED(5)), POLICY_ASK_ROOTS, POLICY_DRAINING);
	expect_exit(none_left(T0 + 2 * SEC, -1, -1), 5);
}

static void one_that_is_found_later_ends_the_handover(void **state)
{
	(void)state;
	in_handover();
	expect(step(POLICY_EV_MAIN_FOUND, T0 + SEC), 0, POLICY_RUNNING);
	expect(main_exits(T0 + 2 * SEC, EXITED(6)), 0, POLICY_HANDOVER);
	expect_exit(none_left(T0 + 3 * SEC, -1, -1), 6);
}

static void too_late_nobody_is_found(void **state)
{
	(void)state;
	expect(step(POLICY_EV_MAIN_FOUND, T0), 0, POLICY_RUNNING);
	in_draining();
	expect(step(POLICY_EV_MAIN_FOUND, T0), 0, POLICY_DRAINING);
	expect_kill(step(POLICY_EV_TIMER, policy.deadline), 1);
	expect(step(POLICY_EV_MAIN_FOUND, T0 + 99 * SEC), 0, POLICY_KILLING);
	expect_exit(none_left(T0, -1, -1), 3);
	expect(step(POLICY_EV_MAIN_FOUND, T0), 0, POLICY_DONE);
}

static void while_killing_a_successor_changes_nothing(void **state)
{
	(void)state;
	in_killing_with_main_alive();
	expect_kill(main_hands_over(T0, EXITED(1)), 1);
	expect_exit(none_left(T0, -1, -1), 1);
}

/* Guests */

static void guests_are_asked_with_the_rest_as_the_option_says(void **state)
{
	static const struct {
		enum config_guests guests;
		bool stopped;
		int64_t stop_timeout;
		bool minded;
	} rows[] = {
		{ CONFIG_GUESTS_AUTO, false, CONFIG_NO_LIMIT, true },
		{ CONFIG_GUESTS_AUTO, true, CONFIG_NO_LIMIT, false }, /* the runtime's deadline */
		{ CONFIG_GUESTS_AUTO, true, 10 * SEC, true },
		{ CONFIG_GUESTS_WAIT, false, CONFIG_NO_LIMIT, true },
		{ CONFIG_GUESTS_WAIT, true, CONFIG_NO_LIMIT, true },
		{ CONFIG_GUESTS_IGNORE, false, CONFIG_NO_LIMIT, false },
		{ CONFIG_GUESTS_IGNORE, true, 10 * SEC, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		config_init(&config);
		config.guests = rows[i].guests;
		config.stop_timeout_ns = rows[i].stop_timeout;
		policy_init(&policy, &config);
		if (rows[i].stopped)
			(void)step(POLICY_EV_STOP_SIGNAL, T0);
		assert_int_equal(guests_in(main_exits(T0, EXITED(0))), rows[i].minded);
		assert_int_equal(guests_in(step(POLICY_EV_TIMER, T0 + SEC)), rows[i].minded);
		/* Each burial is no occasion to look through all of /proc. */
		assert_false(guests_in(step(POLICY_EV_HEIR_EXITED, T0 + SEC)));
		if (rows[i].minded)
			expect(none_but_guests(T0 + SEC), POLICY_ASK_ROOTS, POLICY_DRAINING);
		else
			expect_exit(none_but_guests(T0 + SEC), 0);
	}
}

static void when_only_guests_are_left_they_have_the_grace_time(void **state)
{
	(void)state;
	config.grace_ns = 10 * SEC;
	config.on_exit = CONFIG_ON_EXIT_WAIT;
	in_handover();
	expect(none_but_guests(T0 + SEC), POLICY_ASK_ROOTS, POLICY_DRAINING);
	assert_true(policy.deadline == T0 + 11 * SEC);
	expect_deadline(T0 + 2 * SEC);
	expect_exit(none_left(T0 + 2 * SEC, -1, -1), 3);
}

/* The command's exit was not seen: somebody else has waited for it. */
static void in_running_guests_are_asked_as_well(void **state)
{
	struct policy_actions actions;

	(void)state;
	actions = none_but_guests(T0);
	assert_true(guests_in(actions));
	expect(actions, POLICY_ASK_ROOTS, POLICY_DRAINING);
	expect_exit(none_left(T0 + SEC, -1, -1), config.own_failure);
}

static void while_draining_the_deadline_stays_as_it_was(void **state)
{
	(void)state;
	config.grace_ns = 10 * SEC;
	in_draining();
	expect(none_but_guests(T0 + 3 * SEC), POLICY_ASK_ROOTS, POLICY_DRAINING);
	assert_true(policy.deadline == T0 + 10 * SEC);
	(void)step(POLICY_EV_TIMER, T0 + 5 * SEC);
	expect(none_but_guests(T0 + 6 * SEC), POLICY_ASK_ALL, POLICY_DRAINING);
}

static void while_killing_guests_are_killed(void **state)
{
	struct policy_actions actions;

	(void)state;
	in_killing();
	actions = none_but_guests(T0 + 20 * SEC);
	assert_true(guests_in(actions));
	expect_kill(actions, 1);
	expect_exit(none_left(T0 + 21 * SEC, -1, -1), 3);
}

static void ignored_guests_keep_nobody_in_any_state(void **state)
{
	static void (*const ways[])(void) = { in_handover, in_draining, in_killing };

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		config_init(&config);
		config.guests = CONFIG_GUESTS_IGNORE;
		policy_init(&policy, &config);
		ways[i]();
		expect_exit(none_but_guests(T0 + 99 * SEC), 3);
	}
}

static void after_the_end_guests_are_nobody_s_concern(void **state)
{
	(void)state;
	in_done();
	expect(none_but_guests(T0), 0, POLICY_DONE);
}

/* The carrier has more to do */

static void a_step_that_is_due_brings_the_timer_forward(void **state)
{
	(void)state;
	in_draining();
	expect_deadline(T0 + SEC);
	policy_look_by(&policy, T0 + SEC / 4);
	expect_deadline(T0 + SEC / 4);
	policy_look_by(&policy, T0 + SEC / 2); /* an earlier one stays */
	expect_deadline(T0 + SEC / 4);
	policy_look_by(&policy, POLICY_NEVER);
	expect(step(POLICY_EV_TIMER, T0 + SEC / 4), POLICY_ASK_ROOTS, POLICY_DRAINING);
	expect_deadline(T0 + SEC / 4 + SEC);
}

static void while_killing_no_step_moves_the_next_round(void **state)
{
	int64_t next;

	(void)state;
	in_killing();
	next = policy_deadline(&policy);
	policy_look_by(&policy, T0);
	expect_deadline(next);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_held_stop_starts_the_clock_and_asks_nobody),
		TEST(a_held_stop_in_a_handover_starts_the_clock_and_ends_with_its_deadline),
		TEST(after_a_held_stop_the_main_process_s_exit_is_no_handover),
		TEST(when_all_are_asked_a_held_stop_says_nothing_new),
		TEST(with_a_successor_the_run_goes_on_whatever_on_exit_says),
		TEST(the_status_is_that_of_the_main_process_that_exited_last),
		TEST(one_that_is_found_later_ends_the_handover),
		TEST(too_late_nobody_is_found),
		TEST(while_killing_a_successor_changes_nothing),
		TEST(guests_are_asked_with_the_rest_as_the_option_says),
		TEST(when_only_guests_are_left_they_have_the_grace_time),
		TEST(in_running_guests_are_asked_as_well),
		TEST(while_draining_the_deadline_stays_as_it_was),
		TEST(while_killing_guests_are_killed),
		TEST(ignored_guests_keep_nobody_in_any_state),
		TEST(after_the_end_guests_are_nobody_s_concern),
		TEST(a_step_that_is_due_brings_the_timer_forward),
		TEST(while_killing_no_step_moves_the_next_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
