/* SPDX-License-Identifier: MIT */
/* test_job_stop.c - the command stops: who stops with it, and who continues it. */
#include "sexton/job.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "job_fixture.h"

/* Stops */

static void an_exit_is_no_stop(void **state)
{
	(void)state;
	job_mind(&fix.job); /* SIGCHLD, but nobody stopped */
	fake_sys_fail("wait_stop", 2, ECHILD);
	job_mind(&fix.job);
	assert_int_equal(fake_sys_calls("wait_stop"), 2);
	assert_int_equal(fake_sys_calls("tcsetpgrp"), 0);
	assert_int_equal(fake_sys_calls("kill"), 0);
	job_assert_log("");
}

static void ctrl_z_stops_us_and_the_shell_s_fg_continues_both(void **state)
{
	(void)state;
	job_use_shell(SELF);
	job_command_stops(SIGTSTP);
	assert_int_equal(fix.stops, 1);
	assert_int_equal(fix.foreground_in_stop, SELF); /* as the shell expects of its job */
	assert_int_equal(fake_sys.foreground, MAIN);
	job_assert_log("sexton:TSTP script:TSTP main:CONT member:CONT ");
	assert_true(fake_sys.mask == SIGNALS_ALL); /* the next one is forwarded */
}

static void a_bg_continues_the_command_without_the_terminal(void **state)
{
	(void)state;
	job_use_shell(SHELL);
	job_command_stops(SIGTSTP);
	assert_int_equal(fake_sys.foreground, SHELL);
	job_assert_log("sexton:TSTP script:TSTP main:CONT member:CONT ");
}

static void ctrl_z_without_a_shell_is_taken_back(void **state)
{
	(void)state;
	job_use_no_shell();
	job_command_stops(SIGTSTP);
	assert_int_equal(fix.stops, 1);
	assert_int_equal(fake_sys.foreground, MAIN);
	job_assert_log("sexton:TSTP script:TSTP main:CONT member:CONT ");
}

/* Whoever sent STOP wants it stopped, shell or not. */
static void a_stop_without_a_shell_stays_one(void **state)
{
	(void)state;
	job_use_no_shell();
	job_command_stops(SIGSTOP);
	job_assert_log("sexton:TSTP script:TSTP ");
	assert_int_equal(fake_sys.foreground, SELF);
	assert_true(job_continued(&fix.job)); /* until somebody continues us */
	assert_int_equal(fake_sys.foreground, MAIN);
	job_assert_log("main:CONT member:CONT ");
}

/* It was meant for the command alone. Stopped ourselves we would be deaf, and no shell would know. */
static void a_stop_in_the_background_is_the_command_s_alone(void **state)
{
	(void)state;
	fake_sys.foreground = SHELL;
	job_use_shell(SHELL);
	job_command_stops(SIGSTOP);
	assert_int_equal(fix.stops, 0);
	assert_int_equal(fake_sys.foreground, SHELL);
	job_assert_log(""); /* whoever stopped it continues it */
}

/* Sent through us by "kill -TSTP %1": the shell sees its job stop. */
static void a_suspended_background_job_stops_with_us(void **state)
{
	(void)state;
	fake_sys.foreground = SHELL;
	job_use_shell(SHELL);
	job_command_stops(SIGTSTP);
	assert_int_equal(fix.stops, 1);
	job_assert_log("sexton:TSTP script:TSTP main:CONT member:CONT ");
}

static void a_cont_from_before_the_stop_does_not_undo_it(void **state)
{
	siginfo_t cont = { .si_signo = SIGCONT, .si_code = SI_USER };

	(void)state;
	fake_world_raise(&cont);
	job_use_no_shell();
	job_command_stops(SIGSTOP);
	job_assert_log("sexton:TSTP script:TSTP ");
}

static void a_command_started_in_the_background_gets_the_terminal_once_it_is_ours(void **state)
{
	static const int wishes[] = { SIGTTIN, SIGTTOU };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		fake_sys.foreground = SELF; /* "fg" before it wanted to read */
		job_command_stops(wishes[i]);
		assert_int_equal(fake_sys.foreground, MAIN);
		job_assert_log("main:CONT member:CONT ");
	}
	assert_int_equal(fake_sys_calls("sigmask"), 0); /* we were not stopped for it */
}

static void what_it_wants_in_the_background_stops_us_until_fg(void **state)
{
	(void)state;
	fake_sys.foreground = SHELL;
	job_use_shell(SELF);
	job_command_stops(SIGTTIN);
	assert_int_equal(fix.foreground_in_stop, SHELL); /* nothing is taken from the shell */
	assert_int_equal(fake_sys.foreground, MAIN);
	job_assert_log("sexton:TTIN script:TTIN main:CONT member:CONT ");
}

/* Continued, it would only want it again: for ever, and at full speed. */
static void what_nobody_can_give_it_does_not_make_us_spin(void **state)
{
	(void)state;
	fake_sys.foreground = SHELL;
	job_use_no_shell();
	job_command_stops(SIGTTIN);
	assert_int_equal(fix.stops, 1);
	assert_int_equal(fake_sys.foreground, SHELL);
	job_assert_log("sexton:TTIN script:TTIN ");
}

static void a_background_job_never_takes_the_terminal(void **state)
{
	(void)state;
	fake_sys.foreground = SHELL;
	assert_true(job_continued(&fix.job)); /* "bg" */
	job_fini(&fix.job);
	assert_int_equal(fake_sys.foreground, SHELL);
	assert_int_equal(fake_sys_calls("tcsetpgrp"), 0);
	job_assert_log("main:CONT member:CONT ");
}

/* A shell script that is PID 1 started us: our group is 1, and kill(-1) would be everybody. */
static void a_stop_of_group_1_stops_nobody_else(void **state)
{
	(void)state;
	fake_sys.pgrp = 1;
	job_init(&fix.job, &fix.config, &fix.forward);
	job_use_no_shell();
	job_command_stops(SIGTSTP);
	job_assert_log("init:TSTP main:CONT member:CONT ");
}

/* "sexton command | less": the pager is in our group, and reads keys. */
static void the_other_end_of_a_pipeline_keeps_the_terminal(void **state)
{
	(void)state;
	job_use_pipeline();
	job_use_shell(SELF);
	job_command_stops(SIGTSTP); /* Ctrl-Z came to us, and we sent it on */
	assert_int_equal(fix.stops, 1);
	assert_true(job_continued(&fix.job));
	assert_int_equal(fake_sys.foreground, SELF);
	assert_int_equal(fake_sys_calls("tcsetpgrp"), 0);
}

static void a_command_of_a_pipeline_that_wants_the_terminal_gets_and_keeps_it(void **state)
{
	(void)state;
	job_use_pipeline();
	job_command_stops(SIGTTIN);
	assert_int_equal(fake_sys.foreground, MAIN);
	job_use_shell(SELF);
	job_command_stops(SIGTSTP);
	assert_int_equal(fix.foreground_in_stop, SELF);
	assert_int_equal(fake_sys.foreground, MAIN);
}

/* Ctrl-Z comes just when the command wants to read: continued, it would lose the TSTP that waits
 * for it, while the others of our group have stopped. */
static void a_ctrl_z_is_not_lost_on_a_command_that_stopped_to_read(void **state)
{
	siginfo_t key = { .si_signo = SIGTSTP, .si_code = SI_KERNEL };

	(void)state;
	job_use_pipeline();
	assert_true(job_take_key(&fix.job, &key));
	job_assert_log("main:TSTP member:TSTP ");
	job_use_shell(SELF);
	job_command_stops(SIGTTIN);
	assert_int_equal(fix.stops, 1);
	assert_int_equal(fake_sys.foreground, MAIN);
	job_assert_log("sexton:TSTP script:TSTP main:CONT member:CONT ");
	fake_sys.foreground = SELF; /* and that was that Ctrl-Z */
	job_command_stops(SIGTTIN);
	assert_int_equal(fix.stops, 1);
}

/* setpgid(2) was refused: the command is one of our group, and a group of its number does not exist.
 * The terminal of such a group would be nobody's. */
static void a_command_in_our_group_stops_and_continues_with_us(void **state)
{
	static const int signals[] = { SIGTSTP, SIGTTIN };

	(void)state;
	job_use_our_group();
	for (size_t i = 0; i < 2; i++) {
		fake_sys.foreground = SELF;
		job_use_shell(SELF);
		job_command_stops(signals[i]);
		assert_int_equal(fix.stops, 1);
		assert_int_equal(fake_sys.foreground, SELF);
		job_assert_log(i == 0 ? "sexton:TSTP main:TSTP script:TSTP main:CONT "
				      : "sexton:TTIN main:TTIN script:TTIN main:CONT ");
	}
}

/* Refusals change nothing and end nothing. */

static void every_refusal_is_survived(void **state)
{
	static const char *const calls[] = { "open",       "tcgetpgrp", "tcsetpgrp",         "kill",
					     "sigmask",    "wait_stop", "pidfd_send_signal", "fork",
					     "sigwaitinfo" };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		static const int signals[] = { SIGTSTP, SIGSTOP, SIGTTIN, SIGTTOU };

		for (size_t s = 0; s < sizeof(signals) / sizeof(signals[0]); s++) {
			assert_int_equal(job_teardown(state), 0);
			assert_int_equal(job_setup(state), 0);
			fake_sys_fail(calls[i], 0, EPERM);
			job_command_stops(signals[s]);
			(void)job_continued(&fix.job);
			job_buried(&fix.job);
			job_fini(&fix.job);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, job_setup, job_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_exit_is_no_stop),
		TEST(ctrl_z_stops_us_and_the_shell_s_fg_continues_both),
		TEST(a_bg_continues_the_command_without_the_terminal),
		TEST(ctrl_z_without_a_shell_is_taken_back),
		TEST(a_stop_without_a_shell_stays_one),
		TEST(a_stop_in_the_background_is_the_command_s_alone),
		TEST(a_suspended_background_job_stops_with_us),
		TEST(a_cont_from_before_the_stop_does_not_undo_it),
		TEST(a_command_started_in_the_background_gets_the_terminal_once_it_is_ours),
		TEST(what_it_wants_in_the_background_stops_us_until_fg),
		TEST(what_nobody_can_give_it_does_not_make_us_spin),
		TEST(a_background_job_never_takes_the_terminal),
		TEST(a_stop_of_group_1_stops_nobody_else),
		TEST(the_other_end_of_a_pipeline_keeps_the_terminal),
		TEST(a_command_of_a_pipeline_that_wants_the_terminal_gets_and_keeps_it),
		TEST(a_ctrl_z_is_not_lost_on_a_command_that_stopped_to_read),
		TEST(a_command_in_our_group_stops_and_continues_with_us),
		TEST(every_refusal_is_survived),
	};

	return cmocka_run_group_tests_name("job_stop", tests, NULL, NULL);
}
