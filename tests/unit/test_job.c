/* SPDX-License-Identifier: MIT */
/* test_job.c - when we watch, whose a key is, and what becomes of the terminal at the end. */
#include "sexton/job.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "job_fixture.h"

/* When do we watch? */

static void with_a_terminal_we_watch(void **state)
{
	(void)state;
	assert_true(fix.job.watching);
}

static void without_a_terminal_we_do_not(void **state)
{
	(void)state;
	fake_sys.foreground = -ENOTTY;
	job_init(&fix.job, &fix.config, &fix.forward);
	assert_false(fix.job.watching);
}

static void a_refused_terminal_is_stdin_s_and_that_is_asked(void **state)
{
	(void)state;
	fake_sys_fail("open", 2, ENXIO);
	job_init(&fix.job, &fix.config, &fix.forward);
	assert_true(fix.job.watching);
	assert_non_null(strstr(fake_sys_trace(), "tcgetpgrp(0)"));
}

static void pid_1_has_no_shell_above_it(void **state)
{
	(void)state;
	fix.forward.self = 1;
	job_init(&fix.job, &fix.config, &fix.forward);
	assert_false(fix.job.watching);
}

static void a_group_without_a_number_here_cannot_be_given_the_terminal_back(void **state)
{
	(void)state;
	fake_sys.pgrp = 0;
	fake_sys.foreground = 0;
	job_init(&fix.job, &fix.config, &fix.forward);
	assert_false(fix.job.watching);
}

static void only_a_new_group_is_watched(void **state)
{
	(void)state;
	fix.config.group = CONFIG_GROUP_SAME;
	job_init(&fix.job, &fix.config, &fix.forward);
	assert_false(fix.job.watching);
	fix.config.group = CONFIG_GROUP_SESSION;
	job_init(&fix.job, &fix.config, &fix.forward);
	assert_false(fix.job.watching);
}

static void no_terminal_of_ours_is_watched_if_none_is_wanted(void **state)
{
	(void)state;
	fix.config.tty = CONFIG_TTY_NEVER;
	job_init(&fix.job, &fix.config, &fix.forward);
	assert_false(fix.job.watching);
}

static void a_pause_has_no_command_to_watch(void **state)
{
	(void)state;
	fix.config.pause = true;
	job_init(&fix.job, &fix.config, &fix.forward);
	assert_false(fix.job.watching);
}

static void who_does_not_watch_leaves_everything_alone(void **state)
{
	(void)state;
	fix.job.watching = false;
	job_mind(&fix.job);
	assert_false(job_continued(&fix.job));
	job_fini(&fix.job);
	assert_int_equal(fake_sys_calls("wait_stop"), 0);
	assert_int_equal(fake_sys_calls("tcsetpgrp"), 0);
	job_assert_log("");
}

/* Keys: what the terminal sent while our group had it is for the command */

static bool key(int sig, int code)
{
	siginfo_t info = { .si_signo = sig, .si_code = code };

	return job_take_key(&fix.job, &info);
}

static void a_key_that_was_typed_for_us_is_the_command_s(void **state)
{
	(void)state;
	fake_sys.foreground = SELF; /* "fg" of a job that runs says nothing */
	assert_true(key(SIGINT, SI_KERNEL));
	assert_int_equal(fake_sys.foreground, MAIN);
	job_assert_log("main:INT member:INT ");
}

static void what_a_user_sends_or_a_hang_up_is_no_key(void **state)
{
	(void)state;
	assert_false(key(SIGINT, SI_USER));
	assert_false(key(SIGHUP, SI_KERNEL));
	fix.job.watching = false;
	assert_false(key(SIGINT, SI_KERNEL));
	job_assert_log("");
}

static void a_key_for_a_pipeline_reaches_the_command_without_the_terminal(void **state)
{
	(void)state;
	job_use_pipeline();
	assert_true(key(SIGWINCH, SI_KERNEL));
	assert_int_equal(fake_sys.foreground, SELF);
	job_assert_log("main:WINCH member:WINCH ");
}

/* Nobody would get what is typed next, for a terminal without a group sends nothing. */
static void an_empty_group_gets_neither_key_nor_terminal(void **state)
{
	(void)state;
	fake_world_vanish(MAIN);
	fake_world_vanish(201);
	fake_sys.foreground = SELF;
	assert_false(key(SIGINT, SI_KERNEL));
	assert_false(key(SIGWINCH, SI_KERNEL));
	assert_false(job_continued(&fix.job));
	assert_int_equal(fake_sys.foreground, SELF);
	assert_int_equal(fake_sys_calls("tcsetpgrp"), 0);
}

/* setpgid(2) was refused. */
static void a_command_in_our_group_is_continued_without_the_terminal(void **state)
{
	(void)state;
	job_use_our_group();
	fake_sys.foreground = SELF;
	assert_false(key(SIGINT, SI_KERNEL)); /* a signal like any other */
	assert_true(job_continued(&fix.job));
	assert_int_equal(fake_sys.foreground, SELF);
	job_assert_log("main:CONT ");
}

/* Who may not be signalled is there all the same. */
static void a_group_of_another_user_gets_the_terminal(void **state)
{
	(void)state;
	fake_world_find(MAIN)->forbidden = true;
	fake_world_find(201)->forbidden = true;
	fake_sys.foreground = SELF;
	(void)job_continued(&fix.job);
	assert_int_equal(fake_sys.foreground, MAIN);
}

/* The end */

static void at_the_end_the_terminal_goes_back(void **state)
{
	(void)state;
	job_fini(&fix.job);
	assert_int_equal(fake_sys.foreground, SELF);
}

static void an_empty_group_does_not_keep_the_terminal(void **state)
{
	(void)state;
	fake_world_vanish(MAIN);
	job_buried(&fix.job);
	assert_int_equal(fake_sys.foreground, MAIN); /* a member is left: it is the command's */
	fake_world_vanish(201);
	job_buried(&fix.job);
	assert_int_equal(fake_sys.foreground, SELF);
	job_assert_log("");
}

static void who_cannot_look_for_a_group_leaves_it_the_terminal(void **state)
{
	(void)state;
	fix.features.pidfd_group = false;
	target_retire(&fix.targets, MAIN);
	fake_world_vanish(MAIN);
	job_buried(&fix.job);
	assert_int_equal(fake_sys.foreground, MAIN);
}

static void what_somebody_else_has_is_not_taken_at_the_end(void **state)
{
	(void)state;
	fake_sys.foreground = SHELL;
	job_fini(&fix.job);
	assert_int_equal(fake_sys.foreground, SHELL);
}

/* By number */

static void without_group_pidfds_the_group_is_continued_by_number(void **state)
{
	(void)state;
	fix.features.pidfd_group = false;
	assert_true(job_continued(&fix.job));
	job_assert_log("main:CONT member:CONT ");
	assert_non_null(strstr(fake_sys_trace(), "kill(-200,18)"));
}

static void a_number_that_was_freed_is_nobody_s(void **state)
{
	(void)state;
	fix.features.pidfd_group = false;
	target_retire(&fix.targets, MAIN);
	fake_world_vanish(201);
	fake_world_recycle(MAIN, "stranger");
	assert_false(job_continued(&fix.job));
	job_assert_log("");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, job_setup, job_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(with_a_terminal_we_watch),
		TEST(without_a_terminal_we_do_not),
		TEST(a_refused_terminal_is_stdin_s_and_that_is_asked),
		TEST(pid_1_has_no_shell_above_it),
		TEST(a_group_without_a_number_here_cannot_be_given_the_terminal_back),
		TEST(only_a_new_group_is_watched),
		TEST(no_terminal_of_ours_is_watched_if_none_is_wanted),
		TEST(a_pause_has_no_command_to_watch),
		TEST(who_does_not_watch_leaves_everything_alone),
		TEST(a_key_that_was_typed_for_us_is_the_command_s),
		TEST(what_a_user_sends_or_a_hang_up_is_no_key),
		TEST(a_key_for_a_pipeline_reaches_the_command_without_the_terminal),
		TEST(an_empty_group_gets_neither_key_nor_terminal),
		TEST(a_command_in_our_group_is_continued_without_the_terminal),
		TEST(a_group_of_another_user_gets_the_terminal),
		TEST(at_the_end_the_terminal_goes_back),
		TEST(an_empty_group_does_not_keep_the_terminal),
		TEST(who_cannot_look_for_a_group_leaves_it_the_terminal),
		TEST(what_somebody_else_has_is_not_taken_at_the_end),
		TEST(without_group_pidfds_the_group_is_continued_by_number),
		TEST(a_number_that_was_freed_is_nobody_s),
	};

	return cmocka_run_group_tests_name("job", tests, NULL, NULL);
}
