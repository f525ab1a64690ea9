/* SPDX-License-Identifier: MIT */
/* test_loop.c - whole stories of the main thread: what it hears, what it does, how it ends. */
#include "sexton/loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "sexton/log.h"

/* The main process exits with 0 at the second second, whatever came before. */
static void assert_story(const char *log)
{
	fake_world_at(2 * SECOND, step_end, END(MAIN, 0));
	loop_assert_ends_with(0);
	assert_string_equal(fake_world_log(), log);
}

static void the_main_process_s_code_is_ours(void **state)
{
	(void)state;
	fake_world_at(SECOND, step_end, END(MAIN, EXITED(7)));
	loop_assert_ends_with(7);
	assert_int_equal(fake_sys.now, SECOND);
	assert_string_equal(fake_sys_stderr(), "");
}

static void a_signal_s_end_is_128_and_its_number(void **state)
{
	(void)state;
	fake_world_at(SECOND, step_end, END(MAIN, SIGSEGV));
	loop_assert_ends_with(128 + SIGSEGV);
}

static void a_run_without_leftovers_wakes_once_and_never_looks_at_proc(void **state)
{
	(void)state;
	fake_world_at(SECOND, step_end, END(MAIN, 0));
	loop_assert_ends_with(0);
	assert_int_equal(loop_traced("ppoll(2,-1)"), 1);
	assert_int_equal(loop_traced("ppoll"), 1);
	assert_int_equal(loop_traced("open(/proc"), 0);
}

static void a_signal_is_forwarded_and_the_wait_is_without_end_again(void **state)
{
	(void)state;
	fake_world_at(SECOND, step_signal, SIGUSR1);
	assert_story("main:USR1 ");
	assert_int_equal(loop_traced("ppoll(2,-1)"), 2);
	assert_int_equal(loop_traced("ppoll"), 2);
	assert_int_equal(status_get(&fix.status.forwarded), 1);
}

static void a_rewritten_signal_arrives_as_another(void **state)
{
	(void)state;
	fix.config.rewrite[SIGHUP] = SIGQUIT;
	step_signal(SIGHUP);
	step_signal(SIGUSR2);
	assert_story("main:QUIT main:USR2 ");
}

static void a_signal_rewritten_to_none_is_dropped_and_stops_nothing(void **state)
{
	(void)state;
	fix.config.rewrite[SIGTERM] = 0;
	fix.config.stop_timeout_ns = MS(500);
	step_signal(SIGTERM);
	assert_story("");
}

/* What the user sent or what the command got: either makes it a stop. */
static void a_rewritten_stop_is_a_stop_before_or_after(void **state)
{
	static const struct {
		int from, to;
	} rows[] = { { SIGTERM, SIGUSR1 }, { SIGUSR1, SIGTERM } };

	for (size_t i = 0; i < 2; i++) {
		loop_teardown(state);
		loop_setup(state);
		fix.config.rewrite[rows[i].from] = (uint8_t)rows[i].to;
		fix.config.grace_ns = 0; /* would kill at once, were it not a stop */
		loop_child(201, "slow");
		step_signal(rows[i].from);
		fake_world_at(SECOND, step_end, END(MAIN, 0));
		fake_world_at(60 * SECOND, step_end, END(201, 0));
		loop_assert_ends_with(0);
		assert_null(strstr(fake_world_log(), "KILL"));
		assert_int_equal(fake_sys.now, 60 * SECOND);
	}
}

static void signals_of_our_own_are_dropped(void **state)
{
	(void)state;
	loop_raise(SIGPIPE, SI_USER, 100); /* stderr is a broken pipe */
	loop_raise(SIGXFSZ, SI_USER, 100);
	loop_raise(SIGURG, SI_TKILL, 100);
	loop_raise(SIGPIPE, SI_USER, 999); /* this one somebody else sent */
	assert_story("main:PIPE ");
}

static void a_line_to_a_broken_stderr_does_not_make_more_of_them(void **state)
{
	(void)state;
	fake_world_find(MAIN)->forbidden = true;
	fake_sys_fail("write", 0, EPIPE);
	step_signal(SIGUSR1);
	loop_raise(SIGPIPE, SI_USER, 100);
	assert_story("");
	assert_int_equal(fake_sys_calls("write"), 1);
}

static void a_synchronous_signal_is_forwarded_only_if_a_user_sent_it(void **state)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS };

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		loop_raise(signals[i], 1, 0); /* SEGV_MAPERR and the like */
		loop_raise(signals[i], SI_KERNEL, 0);
	}
	loop_raise(SIGSEGV, SI_USER, 5);
	loop_raise(SIGBUS, SI_QUEUE, 5);
	loop_raise(SIGINT, SI_KERNEL, 0); /* the terminal's */
	assert_story("main:SEGV main:BUS=0 main:INT ");
}

static void queued_values_keep_their_order(void **state)
{
	(void)state;
	for (int i = 1; i <= 100; i++) {
		siginfo_t info = { .si_signo = 34, .si_code = SI_QUEUE };

		info.si_value.sival_int = i;
		fake_world_raise(&info);
	}
	fake_world_at(SECOND, step_end, END(MAIN, 0));
	loop_assert_ends_with(0);
	assert_memory_equal(fake_world_log(), "main:RTMIN=1 main:RTMIN=2 ", 26);
	assert_non_null(strstr(fake_world_log(), "main:RTMIN=99 main:RTMIN=100 "));
	assert_int_equal(status_get(&fix.status.forwarded), 100);
}

static void a_refused_signal_is_told_and_we_go_on(void **state)
{
	(void)state;
	fake_world_find(MAIN)->forbidden = true;
	step_signal(SIGTERM);
	assert_story("");
	assert_int_equal(loop_said("sexton: cannot forward TERM to pid 200: "), 1);
	assert_int_equal(status_get(&fix.status.forwarded), 0);
}

static void dies_and_is_signalled(int sig)
{
	step_signal(sig);
	step_end(END(MAIN, 0));
}

/* The burial is on its way through the queue: no error, and the heirs are not told in its place. */
static void a_signal_that_races_with_the_end_is_no_error(void **state)
{
	(void)state;
	loop_child(201, "heir");
	fake_world_at(SECOND, dies_and_is_signalled, SIGUSR1);
	fake_world_at(SECOND + 1, step_end, END(201, 0));
	loop_assert_ends_with(0);
	assert_string_equal(fake_world_log(), "heir:TERM heir:CONT ");
	assert_string_equal(fake_sys_stderr(), "");
}

/* Leftovers */

static void a_leftover_is_asked_at_the_main_process_s_end_and_its_end_is_ours(void **state)
{
	(void)state;
	loop_child(201, "worker");
	fake_world_at(SECOND, step_end, END(MAIN, EXITED(3)));
	fake_world_at(SECOND + MS(1234), step_end, END(201, EXITED(9)));
	loop_assert_ends_with(3);
	assert_string_equal(fake_world_log(), "worker:TERM worker:CONT ");
	assert_int_equal(fake_sys.now, SECOND + MS(1234));
}

static void a_deaf_leftover_is_killed_when_the_grace_is_over_and_not_before(void **state)
{
	(void)state;
	loop_child(201, "deaf");
	fake_world_at(SECOND, step_end, END(MAIN, EXITED(3)));
	loop_assert_ends_with(3);
	assert_string_equal(fake_world_log(), "deaf:TERM deaf:CONT deaf:KILL ");
	assert_int_equal(fake_sys.now, 6 * SECOND);
	assert_int_equal(loop_said("killing pid 201 (deaf)"), 1);
}

static void at_half_time_those_below_a_deaf_root_are_asked(void **state)
{
	(void)state;
	loop_child(201, "deaf");
	fake_world_add(202, 201, 201, "below");
	fake_world_at(SECOND, step_end, END(MAIN, 0));
	fake_world_at(SECOND + MS(2499), step_signal, SIGUSR1); /* a mark in the log */
	fake_world_at(SECOND + MS(2501), step_signal, SIGUSR2);
	loop_assert_ends_with(0);
	assert_string_equal(fake_world_log(), "deaf:TERM deaf:CONT deaf:USR1 below:TERM below:CONT "
					      "deaf:USR2 deaf:KILL below:KILL ");
}

static void members_of_a_stopped_group_are_not_asked_again(void **state)
{
	(void)state;
	fix.config.forward = CONFIG_FORWARD_GROUP;
	fake_world_add(201, MAIN, MAIN, "member");
	loop_child(202, "other");
	fake_world_at(SECOND, step_signal, SIGTERM);
	fake_world_at(2 * SECOND, step_end, END(MAIN, 0));
	fake_world_at(9 * SECOND, step_end, END(201, 0));
	fake_world_at(99 * SECOND, step_end, END(202, 0));
	loop_assert_ends_with(0);
	assert_string_equal(fake_world_log(), "main:TERM member:TERM other:TERM other:CONT ");
}

static void another_signal_does_not_undo_that(void **state)
{
	(void)state;
	fix.config.forward = CONFIG_FORWARD_GROUP;
	fake_world_add(201, MAIN, MAIN, "member");
	fake_world_at(SECOND, step_signal, SIGTERM);
	fake_world_at(SECOND + MS(500), step_signal, SIGUSR1);
	fake_world_at(2 * SECOND, step_end, END(MAIN, 0));
	fake_world_at(9 * SECOND, step_end, END(201, 0));
	loop_assert_ends_with(0);
	assert_string_equal(fake_world_log(), "main:TERM member:TERM main:USR1 member:USR1 ");
}

static void a_signal_that_is_no_stop_asks_no_group(void **state)
{
	(void)state;
	fix.config.forward = CONFIG_FORWARD_GROUP;
	fake_world_add(201, MAIN, MAIN, "member");
	fake_world_at(SECOND, step_signal, SIGUSR1);
	fake_world_at(2 * SECOND, step_end, END(MAIN, 0));
	fake_world_at(3 * SECOND, step_end, END(201, 0));
	loop_assert_ends_with(0);
	assert_string_equal(fake_world_log(), "main:USR1 member:USR1 member:TERM member:CONT ");
}

static void a_second_stop_is_forwarded_but_asks_nobody_twice(void **state)
{
	(void)state;
	loop_child(201, "worker");
	fake_world_at(SECOND, step_signal, SIGTERM);
	fake_world_at(2 * SECOND, step_end, END(MAIN, 0));
	fake_world_at(3 * SECOND, step_signal, SIGTERM);
	fake_world_at(9 * SECOND, step_end, END(201, 0));
	loop_assert_ends_with(0);
	assert_string_equal(fake_world_log(), "main:TERM worker:TERM worker:CONT worker:TERM ");
}

static void after_a_hand_over_a_stop_reaches_the_successor_once(void **state)
{
	(void)state;
	fix.config.on_exit = CONFIG_ON_EXIT_WAIT;
	loop_child(201, "successor");
	fake_world_at(SECOND, step_end, END(MAIN, 0));
	fake_world_at(2 * SECOND, step_signal, SIGHUP);
	fake_world_at(3 * SECOND, step_signal, SIGTERM);
	fake_world_at(9 * SECOND, step_end, END(201, 0));
	loop_assert_ends_with(0);
	assert_string_equal(fake_world_log(), "successor:HUP successor:TERM ");
}

static void on_exit_leave_leaves_at_once(void **state)
{
	(void)state;
	fix.config.on_exit = CONFIG_ON_EXIT_LEAVE;
	loop_child(201, "left behind");
	fake_world_at(SECOND, step_end, END(MAIN, EXITED(4)));
	loop_assert_ends_with(4);
	assert_string_equal(fake_world_log(), "");
	assert_int_equal(fake_sys.now, SECOND);
}

static unsigned int looks_before;

static void many_die(int first)
{
	looks_before = loop_traced("open(/proc/100/task,");
	for (int pid = first; pid < first + 50; pid++)
		step_end(END(pid, 0));
}

static void looks_are_counted(int expected)
{
	assert_int_equal(loop_traced("open(/proc/100/task,") - looks_before, expected);
}

static void many_exits_in_one_turn_cost_one_look(void **state)
{
	(void)state;
	for (pid_t pid = 201; pid <= 251; pid++)
		loop_child(pid, "w");
	fake_world_at(SECOND, step_end, END(MAIN, 0));
	fake_world_at(SECOND + MS(100), many_die, 201);
	fake_world_at(SECOND + MS(200), looks_are_counted, 1);
	fake_world_at(SECOND + MS(300), step_end, END(251, 0));
	loop_assert_ends_with(0);
}

static void the_last_exits_cost_none(void **state)
{
	(void)state;
	for (pid_t pid = 201; pid <= 250; pid++)
		loop_child(pid, "w");
	fake_world_at(SECOND, step_end, END(MAIN, 0));
	fake_world_at(SECOND + MS(100), many_die, 201);
	loop_assert_ends_with(0);
	looks_are_counted(0);
}

static void burials_are_told_to_those_who_want_to_know(void **state)
{
	(void)state;
	fix.config.warn_reaped = true;
	loop_child(201, "a");
	loop_child(202, "b");
	loop_child(203, "c");
	fake_world_at(1, step_end, END(201, EXITED(5)));
	fake_world_at(2, step_end, END(202, SIGTERM));
	fake_world_at(3, step_end, END(203, 0x80 | SIGSEGV));
	assert_story("");
	assert_string_equal(fake_sys_stderr(),
			    "sexton: buried pid 201: exited with 5\n"
			    "sexton: buried pid 202: killed by TERM\n"
			    "sexton: buried pid 203: killed by SEGV (core dumped)\n");
}

static void what_happens_is_told_to_those_who_want_to_know(void **state)
{
	(void)state;
	log_set(NULL, 0, LOG_INFO);
	fake_world_at(SECOND, step_signal, SIGTERM);
	assert_story("main:TERM ");
	assert_string_equal(fake_sys_stderr(), "sexton: forwarded TERM to pid 200\n"
					       "sexton: buried pid 200: exited with 0\n"
					       "sexton: RUNNING -> DRAINING\n"
					       "sexton: DRAINING -> DONE\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, loop_setup, loop_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_main_process_s_code_is_ours),
		TEST(a_signal_s_end_is_128_and_its_number),
		TEST(a_run_without_leftovers_wakes_once_and_never_looks_at_proc),
		TEST(a_signal_is_forwarded_and_the_wait_is_without_end_again),
		TEST(a_rewritten_signal_arrives_as_another),
		TEST(a_signal_rewritten_to_none_is_dropped_and_stops_nothing),
		TEST(a_rewritten_stop_is_a_stop_before_or_after),
		TEST(signals_of_our_own_are_dropped),
		TEST(a_line_to_a_broken_stderr_does_not_make_more_of_them),
		TEST(a_synchronous_signal_is_forwarded_only_if_a_user_sent_it),
		TEST(queued_values_keep_their_order),
		TEST(a_refused_signal_is_told_and_we_go_on),
		TEST(a_signal_that_races_with_the_end_is_no_error),
		TEST(a_leftover_is_asked_at_the_main_process_s_end_and_its_end_is_ours),
		TEST(a_deaf_leftover_is_killed_when_the_grace_is_over_and_not_before),
		TEST(at_half_time_those_below_a_deaf_root_are_asked),
		TEST(members_of_a_stopped_group_are_not_asked_again),
		TEST(another_signal_does_not_undo_that),
		TEST(a_signal_that_is_no_stop_asks_no_group),
		TEST(a_second_stop_is_forwarded_but_asks_nobody_twice),
		TEST(after_a_hand_over_a_stop_reaches_the_successor_once),
		TEST(on_exit_leave_leaves_at_once),
		TEST(many_exits_in_one_turn_cost_one_look),
		TEST(the_last_exits_cost_none),
		TEST(burials_are_told_to_those_who_want_to_know),
		TEST(what_happens_is_told_to_those_who_want_to_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
