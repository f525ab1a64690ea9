/* SPDX-License-Identifier: MIT */
/* policy_test.h - a policy, the ways into its states, and what a test expects of a step. */
#ifndef SEXTON_TESTS_POLICY_TEST_H
#define SEXTON_TESTS_POLICY_TEST_H

#include "sexton/policy.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SEC INT64_C(1000000000)
#define T0  (1000 * SEC)

/* wait(2) statuses, as the kernel puts them together. */
#define EXITED(code)   ((code) << 8)
#define SIGNALLED(sig) (sig)
#define CORE_DUMPED    0x80

static struct config config;
static struct policy policy;

static int setup(void **state)
{
	(void)state;
	config_init(&config);
	policy_init(&policy, &config);
	return 0;
}

static struct policy_actions step(enum policy_event_type type, int64_t now)
{
	const struct policy_event ev = { .type = type, .now = now, .last = -1, .worst = -1 };

	return policy_step(&policy, &ev);
}

static struct policy_actions main_exits(int64_t now, int status)
{
	const struct policy_event ev = {
		.type = POLICY_EV_MAIN_EXITED, .now = now, .status = status, .last = -1, .worst = -1
	};

	return policy_step(&policy, &ev);
}

static struct policy_actions none_left(int64_t now, int last, int worst)
{
	const struct policy_event ev = {
		.type = POLICY_EV_NONE_LEFT, .now = now, .last = last, .worst = worst
	};

	return policy_step(&policy, &ev);
}

/* @set and nothing else was asked for, and the policy is in @state now. Guests have tests of their
 * own. */
#define expect(actions, want_set, want_state)                                                      \
	do {                                                                                       \
		struct policy_actions a_ = (actions);                                              \
		assert_int_equal(a_.set & ~(unsigned int)POLICY_GUESTS, (want_set));               \
		assert_string_equal(policy_state_name(policy.state),                               \
				    policy_state_name(want_state));                                \
	} while (0)

#define expect_exit(actions, want_code)                                                            \
	do {                                                                                       \
		struct policy_actions a_ = (actions);                                              \
		assert_int_equal(a_.set, POLICY_EXIT);                                             \
		assert_int_equal(a_.exit_code, (want_code));                                       \
		assert_int_equal(policy.state, POLICY_DONE);                                       \
		assert_true(policy_deadline(&policy) == POLICY_NEVER);                             \
	} while (0)

#define expect_kill(actions, want_round)                                                           \
	do {                                                                                       \
		struct policy_actions a_ = (actions);                                              \
		assert_int_equal(a_.set & ~(unsigned int)POLICY_GUESTS,                            \
				 (want_round) < POLICY_LAST_ROUND ? POLICY_KILL                    \
								  : POLICY_KILL_ALL);              \
		assert_int_equal(a_.round, (want_round));                                          \
		assert_int_equal(policy.state, POLICY_KILLING);                                    \
	} while (0)

static void expect_deadline(int64_t when)
{
	assert_true(policy_deadline(&policy) == when);
}

/* The ways into the states, all by T0. The main process exited with 3, where it did. */
static void in_handover(void)
{
	config.on_exit = CONFIG_ON_EXIT_WAIT;
	expect(main_exits(T0, EXITED(3)), 0, POLICY_HANDOVER);
}

static void in_draining(void)
{
	expect(main_exits(T0, EXITED(3)), POLICY_ASK_ROOTS, POLICY_DRAINING);
}

/* By --stop-timeout, with the main process still there. */
static void in_killing_with_main_alive(void)
{
	config.stop_timeout_ns = 10 * SEC;
	(void)step(POLICY_EV_STOP_SIGNAL, T0 - 10 * SEC);
	expect_kill(step(POLICY_EV_TIMER, T0), 1);
}

#endif
