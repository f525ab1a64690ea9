/* SPDX-License-Identifier: MIT */
/*
 * test_job.c - the terminal goes to and fro between the shell, us and the command.
 *
 * We are group 100, the command is group 200, the shell group 50. fake_sys.foreground is who has
 * the terminal. What only a real terminal shows is tested on one, in tests/e2e.
 */
#include "sexton/job.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "fake_world.h"
#include "sexton/sys.h"

#define SELF  100
#define MAIN  200
#define SHELL 50

static struct config config;
static struct feature features;
static struct target targets;
static struct forward forward;
static struct job job;

static int setup(void **state)
{
	(void)state;
	fake_world_reset(SELF);
	fake_world_add(MAIN, SELF, MAIN, "main");
	fake_world_add(201, MAIN, MAIN, "member");
	fake_world_add(99, 1, SELF, "script"); /* that waits for us, in our group */
	fake_sys_file("/dev/tty", S_IFCHR | 0666, "", 0);
	fake_sys.pgrp = SELF;
	fake_sys.foreground = MAIN;
	fake_sys.mask = SIGNALS_ALL;
	config_init(&config);
	features = (struct feature){ true, true, true, true, true };
	target_init(&targets, MAIN, false);
	forward = (struct forward){
		.features = &features,
		.targets = &targets,
		.self = SELF,
		.main_pid = MAIN,
		.main_pidfd = sys_pidfd_open(MAIN),
	};
	job_init(&job, &config, &forward);
	target_reader_enter();
	return 0;
}

/* Of all descriptors only the main process's pidfd may be left: no terminal is. */
static int teardown(void **state)
{
	(void)state;
	target_reader_leave();
	return fake_sys_open_fds() == 1 ? 0 : -1;
}

/* We were stopped (who has the terminal meanwhile is the shell's affair), and are continued. */
static pid_t foreground_in_stop, foreground_after;
static unsigned int stops;

static void discard_stops(void)
{
	fake_world_discard(SIGTSTP);
	fake_world_discard(SIGTTIN);
	fake_world_discard(SIGTTOU);
}

static void shell_continues_us(void)
{
	siginfo_t cont = { .si_signo = SIGCONT, .si_code = SI_USER };

	stops++;
	discard_stops();
	foreground_in_stop = fake_sys.foreground;
	fake_sys.foreground = foreground_after;
	fake_world_raise(&cont);
}

/* An orphaned process group is not stopped: the signal is gone, and that was all. */
static void nobody_is_there(void)
{
	stops++;
	discard_stops();
	foreground_in_stop = fake_sys.foreground;
}

/* At the next stop of our own; the shell makes @foreground the foreground, then continues us. */
static void use_shell(pid_t foreground)
{
	stops = 0;
	foreground_after = foreground;
	fake_sys_before("sigmask(unblock,", 1, shell_continues_us);
}

static void use_no_shell(void)
{
	stops = 0;
	fake_sys_before("sigmask(unblock,", 1, nobody_is_there);
}

static void command_stops(int sig)
{
	fake_sys_return("wait_stop", sig);
	job_mind(&job);
}

static void assert_log(const char *log)
{
	assert_string_equal(fake_world_log(), log);
	fake_world_clear_log();
}

/* When do we watch? */

static void with_a_terminal_we_watch(void **state)
{
	(void)state;
	assert_true(job.watching);
}

static void without_a_terminal_we_do_not(void **state)
{
	(void)state;
	fake_sys.foreground = -ENOTTY;
	job_init(&job, &config, &forward);
	assert_false(job.watching);
}

static void a_refused_terminal_is_stdin_s_and_that_is_asked(void **state)
{
	(void)state;
	fake_sys_fail("open", 2, ENXIO);
	job_init(&job, &config, &forward);
	assert_true(job.watching);
	assert_non_null(strstr(fake_sys_trace(), "tcgetpgrp(0)"));
}

static void pid_1_has_no_shell_above_it(void **state)
{
	(void)state;
	forward.self = 1;
	job_init(&job, &config, &forward);
	assert_false(job.watching);
}

static void a_group_without_a_number_here_cannot_be_given_the_terminal_back(void **state)
{
	(void)state;
	fake_sys.pgrp = 0;
	fake_sys.foreground = 0;
	job_init(&job, &config, &forward);
	assert_false(job.watching);
}

static void only_a_new_group_is_watched(void **state)
{
	(void)state;
	config.group = CONFIG_GROUP_SAME;
	job_init(&job, &config, &forward);
	assert_false(job.watching);
	config.group = CONFIG_GROUP_SESSION;
	job_init(&job, &config, &forward);
	assert_false(job.watching);
}

static void no_terminal_of_ours_is_watched_if_none_is_wanted(void **state)
{
	(void)state;
	config.tty = CONFIG_TTY_NEVER;
	job_init(&job, &config, &forward);
	assert_false(job.watching);
}

static void a_pause_has_no_command_to_watch(void **state)
{
	(void)state;
	config.pause = true;
	job_init(&job, &config, &forward);
	assert_false(job.watching);
}

static void who_does_not_watch_leaves_everything_alone(void **state)
{
	(void)state;
	job.watching = false;
	job_mind(&job);
	assert_false(job_continued(&job));
	job_fini(&job);
	assert_int_equal(fake_sys_calls("wait_stop"), 0);
	assert_int_equal(fake_sys_calls("tcsetpgrp"), 0);
	assert_log("");
}

/* Stops */

static void an_exit_is_no_stop(void **state)
{
	(void)state;
	job_mind(&job); /* SIGCHLD, but nobody stopped */
	fake_sys_fail("wait_stop", 2, ECHILD);
	job_mind(&job);
	assert_int_equal(fake_sys_calls("wait_stop"), 2);
	assert_int_equal(fake_sys_calls("tcsetpgrp"), 0);
	assert_int_equal(fake_sys_calls("kill"), 0);
	assert_log("");
}

static void ctrl_z_stops_us_and_the_shell_s_fg_continues_both(void **state)
{
	(void)state;
	use_shell(SELF);
	command_stops(SIGTSTP);
	assert_int_equal(stops, 1);
	assert_int_equal(foreground_in_stop, SELF); /* as the shell expects of its job */
	assert_int_equal(fake_sys.foreground, MAIN);
	assert_log("sexton:TSTP script:TSTP main:CONT member:CONT ");
	assert_true(fake_sys.mask == SIGNALS_ALL); /* the next one is forwarded */
}

static void a_bg_continues_the_command_without_the_terminal(void **state)
{
	(void)state;
	use_shell(SHELL);
	command_stops(SIGTSTP);
	assert_int_equal(fake_sys.foreground, SHELL);
	assert_log("sexton:TSTP script:TSTP main:CONT member:CONT ");
}

static void ctrl_z_without_a_shell_is_taken_back(void **state)
{
	(void)state;
	use_no_shell();
	command_stops(SIGTSTP);
	assert_int_equal(stops, 1);
	assert_int_equal(fake_sys.foreground, MAIN);
	assert_log("sexton:TSTP script:TSTP main:CONT member:CONT ");
}

/* Whoever sent STOP wants it stopped, shell or not. */
static void a_stop_without_a_shell_stays_one(void **state)
{
	(void)state;
	use_no_shell();
	command_stops(SIGSTOP);
	assert_log("sexton:TSTP script:TSTP ");
	assert_int_equal(fake_sys.foreground, SELF);
	assert_true(job_continued(&job)); /* until somebody continues us */
	assert_int_equal(fake_sys.foreground, MAIN);
	assert_log("main:CONT member:CONT ");
}

/* Nobody's key: it is meant for the command, and we stop alone so that the shell sees it. */
static void a_stop_in_the_background_stops_us_alone(void **state)
{
	(void)state;
	fake_sys.foreground = SHELL;
	use_shell(SHELL);
	command_stops(SIGSTOP);
	assert_int_equal(stops, 1);
	assert_log("main:CONT member:CONT ");
}

static void a_cont_from_before_the_stop_does_not_undo_it(void **state)
{
	siginfo_t cont = { .si_signo = SIGCONT, .si_code = SI_USER };

	(void)state;
	fake_world_raise(&cont);
	use_no_shell();
	command_stops(SIGSTOP);
	assert_log("sexton:TSTP script:TSTP ");
}

static void a_command_started_in_the_background_gets_the_terminal_once_it_is_ours(void **state)
{
	static const int wishes[] = { SIGTTIN, SIGTTOU };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		fake_sys.foreground = SELF; /* "fg" before it wanted to read */
		command_stops(wishes[i]);
		assert_int_equal(fake_sys.foreground, MAIN);
		assert_log("main:CONT member:CONT ");
	}
	assert_int_equal(fake_sys_calls("sigmask"), 0); /* we were not stopped for it */
}

static void what_it_wants_in_the_background_stops_us_until_fg(void **state)
{
	(void)state;
	fake_sys.foreground = SHELL;
	use_shell(SELF);
	command_stops(SIGTTIN);
	assert_int_equal(foreground_in_stop, SHELL); /* nothing is taken from the shell */
	assert_int_equal(fake_sys.foreground, MAIN);
	assert_log("sexton:TTIN script:TTIN main:CONT member:CONT ");
}

/* Continued, it would only want it again: for ever, and at full speed. */
static void what_nobody_can_give_it_does_not_make_us_spin(void **state)
{
	(void)state;
	fake_sys.foreground = SHELL;
	use_no_shell();
	command_stops(SIGTTIN);
	assert_int_equal(stops, 1);
	assert_int_equal(fake_sys.foreground, SHELL);
	assert_log("sexton:TTIN script:TTIN ");
}

static void a_background_job_never_takes_the_terminal(void **state)
{
	(void)state;
	fake_sys.foreground = SHELL;
	assert_true(job_continued(&job)); /* "bg" */
	job_fini(&job);
	assert_int_equal(fake_sys.foreground, SHELL);
	assert_int_equal(fake_sys_calls("tcsetpgrp"), 0);
	assert_log("main:CONT member:CONT ");
}

/* A shell script that is PID 1 started us: our group is 1, and kill(-1) would be everybody. */
static void a_stop_of_group_1_stops_nobody_else(void **state)
{
	(void)state;
	fake_sys.pgrp = 1;
	job_init(&job, &config, &forward);
	use_no_shell();
	command_stops(SIGTSTP);
	assert_log("init:TSTP main:CONT member:CONT ");
}

/* Keys: what the terminal sent while our group had it is for the command */

static bool key(int sig, int code)
{
	siginfo_t info = { .si_signo = sig, .si_code = code };

	return job_take_key(&job, &info);
}

static void a_key_that_was_typed_for_us_is_the_command_s(void **state)
{
	(void)state;
	fake_sys.foreground = SELF; /* "fg" of a job that runs says nothing */
	assert_true(key(SIGINT, SI_KERNEL));
	assert_int_equal(fake_sys.foreground, MAIN);
	assert_log("main:INT member:INT ");
}

static void what_a_user_sends_or_a_hang_up_is_no_key(void **state)
{
	(void)state;
	assert_false(key(SIGINT, SI_USER));
	assert_false(key(SIGHUP, SI_KERNEL));
	job.watching = false;
	assert_false(key(SIGINT, SI_KERNEL));
	assert_log("");
}

static void a_key_for_an_empty_group_is_a_signal_like_any_other(void **state)
{
	(void)state;
	fake_world_vanish(MAIN);
	fake_world_vanish(201);
	fake_sys.foreground = SELF;
	fake_sys_fail("tcsetpgrp", 0, EPERM);
	assert_false(key(SIGINT, SI_KERNEL));
}

/* The end */

static void at_the_end_the_terminal_goes_back(void **state)
{
	(void)state;
	job_fini(&job);
	assert_int_equal(fake_sys.foreground, SELF);
}

static void an_empty_group_does_not_keep_the_terminal(void **state)
{
	(void)state;
	fake_world_vanish(MAIN);
	job_buried(&job);
	assert_int_equal(fake_sys.foreground, MAIN); /* a member is left: it is the command's */
	fake_world_vanish(201);
	job_buried(&job);
	assert_int_equal(fake_sys.foreground, SELF);
	assert_log("");
}

static void who_cannot_look_for_a_group_leaves_it_the_terminal(void **state)
{
	(void)state;
	features.pidfd_group = false;
	target_retire(&targets, MAIN);
	fake_world_vanish(MAIN);
	job_buried(&job);
	assert_int_equal(fake_sys.foreground, MAIN);
}

static void what_somebody_else_has_is_not_taken_at_the_end(void **state)
{
	(void)state;
	fake_sys.foreground = SHELL;
	job_fini(&job);
	assert_int_equal(fake_sys.foreground, SHELL);
}

/* By number */

static void without_group_pidfds_the_group_is_continued_by_number(void **state)
{
	(void)state;
	features.pidfd_group = false;
	assert_true(job_continued(&job));
	assert_log("main:CONT member:CONT ");
	assert_non_null(strstr(fake_sys_trace(), "kill(-200,18)"));
}

static void a_number_that_was_freed_is_nobody_s(void **state)
{
	(void)state;
	features.pidfd_group = false;
	target_retire(&targets, MAIN);
	fake_world_vanish(201);
	fake_world_recycle(MAIN, "stranger");
	assert_true(job_continued(&job));
	assert_log("");
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
			assert_int_equal(teardown(state), 0);
			assert_int_equal(setup(state), 0);
			fake_sys_fail(calls[i], 0, EPERM);
			command_stops(signals[s]);
			(void)job_continued(&job);
			job_buried(&job);
			job_fini(&job);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
		TEST(an_exit_is_no_stop),
		TEST(ctrl_z_stops_us_and_the_shell_s_fg_continues_both),
		TEST(a_bg_continues_the_command_without_the_terminal),
		TEST(ctrl_z_without_a_shell_is_taken_back),
		TEST(a_stop_without_a_shell_stays_one),
		TEST(a_stop_in_the_background_stops_us_alone),
		TEST(a_cont_from_before_the_stop_does_not_undo_it),
		TEST(a_command_started_in_the_background_gets_the_terminal_once_it_is_ours),
		TEST(what_it_wants_in_the_background_stops_us_until_fg),
		TEST(what_nobody_can_give_it_does_not_make_us_spin),
		TEST(a_background_job_never_takes_the_terminal),
		TEST(a_stop_of_group_1_stops_nobody_else),
		TEST(a_key_that_was_typed_for_us_is_the_command_s),
		TEST(what_a_user_sends_or_a_hang_up_is_no_key),
		TEST(a_key_for_an_empty_group_is_a_signal_like_any_other),
		TEST(at_the_end_the_terminal_goes_back),
		TEST(an_empty_group_does_not_keep_the_terminal),
		TEST(who_cannot_look_for_a_group_leaves_it_the_terminal),
		TEST(what_somebody_else_has_is_not_taken_at_the_end),
		TEST(without_group_pidfds_the_group_is_continued_by_number),
		TEST(a_number_that_was_freed_is_nobody_s),
		TEST(every_refusal_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
