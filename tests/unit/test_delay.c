/* SPDX-License-Identifier: MIT */
/* test_delay.c - which signals wait, and until when. */
#include "sexton/delay.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SEC INT64_C(1000000000)
#define NOW (100 * SEC)

static int64_t spans[SIGNALS_MAX + 1];
static struct delay delay;

static int setup(void **state)
{
	(void)state;
	for (int sig = 0; sig <= SIGNALS_MAX; sig++)
		spans[sig] = 0;
	spans[SIGTERM] = 5 * SEC;
	spans[SIGHUP] = 2 * SEC;
	spans[SIGNALS_MAX] = POLICY_NEVER;
	delay_init(&delay, spans);
	return 0;
}

static void at_rest_nothing_is_due(void **state)
{
	(void)state;
	assert_int_equal(delay_take_due(&delay, INT64_MAX), 0);
	assert_true(delay_next(&delay) == POLICY_NEVER);
	assert_false(delay_take(&delay, SIGTERM));
}

static void a_signal_without_a_span_is_for_now(void **state)
{
	(void)state;
	assert_false(delay_hold(&delay, SIGINT, NOW));
	assert_true(delay_next(&delay) == POLICY_NEVER);
}

static void the_first_one_waits_until_it_is_due(void **state)
{
	(void)state;
	assert_true(delay_hold(&delay, SIGTERM, NOW));
	assert_true(delay_next(&delay) == NOW + 5 * SEC);
	assert_int_equal(delay_take_due(&delay, NOW + 5 * SEC - 1), 0);
	assert_int_equal(delay_take_due(&delay, NOW + 5 * SEC), SIGTERM);
	assert_int_equal(delay_take_due(&delay, NOW + 5 * SEC), 0);
	assert_true(delay_next(&delay) == POLICY_NEVER);
}

static void a_second_one_does_not_wait_while_the_first_does_nor_later(void **state)
{
	(void)state;
	assert_true(delay_hold(&delay, SIGTERM, NOW));
	assert_false(delay_hold(&delay, SIGTERM, NOW + 1));
	assert_true(delay_next(&delay) == NOW + 5 * SEC); /* the first one's time is its own */
	assert_true(delay_take(&delay, SIGTERM));
	assert_false(delay_take(&delay, SIGTERM));
	assert_false(delay_hold(&delay, SIGTERM, NOW + 100 * SEC));
}

static void each_signal_has_a_time_of_its_own_and_the_next_one_tells(void **state)
{
	(void)state;
	assert_true(delay_hold(&delay, SIGTERM, NOW));
	assert_true(delay_hold(&delay, SIGHUP, NOW + SEC));
	assert_true(delay_next(&delay) == NOW + 3 * SEC);
	assert_int_equal(delay_take_due(&delay, NOW + 3 * SEC), SIGHUP);
	assert_int_equal(delay_take_due(&delay, NOW + 3 * SEC), 0);
	assert_true(delay_next(&delay) == NOW + 5 * SEC);
}

static void those_that_are_due_at_once_come_one_after_the_other(void **state)
{
	(void)state;
	assert_true(delay_hold(&delay, SIGTERM, NOW));
	assert_true(delay_hold(&delay, SIGHUP, NOW));
	assert_int_equal(delay_take_due(&delay, NOW + 9 * SEC), SIGHUP);
	assert_int_equal(delay_take_due(&delay, NOW + 9 * SEC), SIGTERM);
	assert_int_equal(delay_take_due(&delay, NOW + 9 * SEC), 0);
}

static void what_waits_for_ever_is_never_due_but_can_be_taken(void **state)
{
	(void)state;
	assert_true(delay_hold(&delay, SIGNALS_MAX, NOW));
	assert_true(delay_next(&delay) == POLICY_NEVER);
	assert_int_equal(delay_take_due(&delay, INT64_MAX - 1), 0);
	assert_true(delay_take(&delay, SIGNALS_MAX));
}

static void a_span_that_time_cannot_hold_is_for_ever(void **state)
{
	(void)state;
	spans[SIGTERM] = INT64_MAX - 1;
	assert_true(delay_hold(&delay, SIGTERM, NOW));
	assert_true(delay_next(&delay) == POLICY_NEVER);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(at_rest_nothing_is_due),
		TEST(a_signal_without_a_span_is_for_now),
		TEST(the_first_one_waits_until_it_is_due),
		TEST(a_second_one_does_not_wait_while_the_first_does_nor_later),
		TEST(each_signal_has_a_time_of_its_own_and_the_next_one_tells),
		TEST(those_that_are_due_at_once_come_one_after_the_other),
		TEST(what_waits_for_ever_is_never_due_but_can_be_taken),
		TEST(a_span_that_time_cannot_hold_is_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
