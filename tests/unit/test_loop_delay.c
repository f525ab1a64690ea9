/* SPDX-License-Identifier: MIT */
/* test_loop_delay.c - signals that are held back, and what ends that. */
#include "sexton/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "sexton/log.h"

#define RT 40

static void delay(int sig, int64_t span)
{
	fix.config.delay_ns[sig] = span;
}

static void assert_ends_at(int64_t when, int code, const char *log)
{
	loop_assert_ends_with(code);
	assert_true(fake_sys.now == when);
	assert_string_equal(fake_world_log(), log);
}

static void main_ends_on(uint64_t signals)
{
	fake_world_find(MAIN)->dies_of = signals;
}

static void the_first_stop_arrives_when_it_is_due(void **state)
{
	(void)state;
	log_set(NULL, 0, 1);
	delay(SIGTERM, 5 * SECOND);
	main_ends_on(SIGNALS_BIT(SIGTERM));
	fake_world_at(SECOND, step_signal, SIGTERM);
	assert_ends_at(6 * SECOND, 128 + SIGTERM, "main:TERM ");
	assert_int_equal(loop_said("TERM is held back for 5000 ms"), 1);
	assert_int_equal(loop_traced("ppoll(2,5000000000)"), 1);
}

static void other_signals_are_not_kept_waiting(void **state)
{
	(void)state;
	delay(SIGTERM, 5 * SECOND);
	main_ends_on(SIGNALS_BIT(SIGTERM));
	fake_world_at(SECOND, step_signal, SIGTERM);
	fake_world_at(2 * SECOND, step_signal, SIGHUP);
	assert_ends_at(6 * SECOND, 128 + SIGTERM, "main:HUP main:TERM ");
}

static void a_second_one_goes_at_once_and_is_one_with_the_first(void **state)
{
	(void)state;
	delay(SIGTERM, 5 * SECOND);
	fake_world_at(SECOND, step_signal, SIGTERM);
	fake_world_at(2 * SECOND, step_signal, SIGTERM);
	fake_world_at(3 * SECOND, step_signal, SIGTERM);
	fake_world_at(9 * SECOND, step_end, END(MAIN, EXITED(3)));
	assert_ends_at(9 * SECOND, 3, "main:TERM main:TERM ");
}

static void step_queue(int value)
{
	siginfo_t info = { .si_signo = RT, .si_code = SI_QUEUE };

	info.si_value.sival_int = value;
	fake_world_raise(&info);
}

static void of_real_time_signals_both_arrive_and_in_order(void **state)
{
	(void)state;
	delay(RT, 5 * SECOND);
	fake_world_at(SECOND, step_queue, 1);
	fake_world_at(2 * SECOND, step_queue, 2);
	fake_world_at(9 * SECOND, step_end, END(MAIN, EXITED(3)));
	assert_ends_at(9 * SECOND, 3, "main:RTMIN+6=1 main:RTMIN+6=2 ");
}

static void a_held_value_arrives_with_its_signal(void **state)
{
	(void)state;
	delay(RT, 5 * SECOND);
	fake_world_at(SECOND, step_queue, 7);
	fake_world_at(9 * SECOND, step_end, END(MAIN, EXITED(3)));
	assert_ends_at(9 * SECOND, 3, "main:RTMIN+6=7 ");
}

static void the_one_received_counts_and_its_new_number_is_sent(void **state)
{
	(void)state;
	delay(SIGTERM, 5 * SECOND);
	fix.config.rewrite[SIGTERM] = SIGQUIT;
	main_ends_on(SIGNALS_BIT(SIGQUIT));
	fake_world_at(SECOND, step_signal, SIGTERM);
	assert_ends_at(6 * SECOND, 128 + SIGQUIT, "main:QUIT ");
}

static void the_stop_timeout_counts_from_the_receipt(void **state)
{
	(void)state;
	delay(SIGTERM, CONFIG_NO_LIMIT);
	fix.config.stop_timeout_ns = 4 * SECOND;
	fake_world_at(SECOND, step_signal, SIGTERM);
	/* Asked at half-time, killed at its end. */
	assert_ends_at(5 * SECOND, 128 + SIGKILL, "main:TERM main:CONT main:KILL ");
}

static void when_the_main_process_exits_the_rest_is_asked_instead(void **state)
{
	(void)state;
	delay(SIGTERM, 5 * SECOND);
	loop_child(201, "heir");
	fake_world_at(SECOND, step_signal, SIGTERM);
	fake_world_at(2 * SECOND, step_end, END(MAIN, EXITED(3)));
	fake_world_at(3 * SECOND, step_end, END(201, 0));
	assert_ends_at(3 * SECOND, 3, "heir:TERM heir:CONT "); /* asked, and not told beside that */
}

static void what_stops_nothing_is_for_the_rest_then(void **state)
{
	(void)state;
	delay(SIGUSR1, 5 * SECOND);
	loop_child(201, "heir");
	fake_world_at(SECOND, step_signal, SIGUSR1);
	fake_world_at(2 * SECOND, step_end, END(MAIN, EXITED(3)));
	fake_world_at(3 * SECOND, step_end, END(201, 0));
	loop_assert_ends_with(3);
	assert_non_null(strstr(fake_world_log(), "heir:USR1 "));
	assert_null(strstr(fake_world_log(), "main"));
}

static void nothing_is_held_back_from_the_rest(void **state)
{
	(void)state;
	delay(SIGTERM, 5 * SECOND);
	fix.config.grace_ns = CONFIG_NO_LIMIT;
	loop_child(201, "heir");
	fake_world_at(SECOND, step_end, END(MAIN, EXITED(3)));
	fake_world_at(2 * SECOND, step_signal, SIGTERM);
	fake_world_at(2 * SECOND + 1, step_end, END(201, 0));
	assert_ends_at(2 * SECOND + 1, 3, "heir:TERM heir:CONT heir:TERM ");
}

static void a_stop_is_held_back_from_those_who_wait_for_a_successor_as_well(void **state)
{
	(void)state;
	delay(SIGTERM, 5 * SECOND);
	fix.config.on_exit = CONFIG_ON_EXIT_WAIT;
	loop_child(201, "heir")->dies_of = SIGNALS_BIT(SIGTERM);
	fake_world_at(SECOND, step_end, END(MAIN, EXITED(3)));
	fake_world_at(2 * SECOND, step_signal, SIGTERM);
	assert_ends_at(7 * SECOND, 3, "heir:TERM ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, loop_setup, loop_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_stop_arrives_when_it_is_due),
		TEST(other_signals_are_not_kept_waiting),
		TEST(a_second_one_goes_at_once_and_is_one_with_the_first),
		TEST(of_real_time_signals_both_arrive_and_in_order),
		TEST(a_held_value_arrives_with_its_signal),
		TEST(the_one_received_counts_and_its_new_number_is_sent),
		TEST(the_stop_timeout_counts_from_the_receipt),
		TEST(when_the_main_process_exits_the_rest_is_asked_instead),
		TEST(what_stops_nothing_is_for_the_rest_then),
		TEST(nothing_is_held_back_from_the_rest),
		TEST(a_stop_is_held_back_from_those_who_wait_for_a_successor_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
