/* SPDX-License-Identifier: MIT */
/* test_spawn_place.c - where the child lives: directory, group, session, terminal, dispositions and
 * descriptors (sexton/spawn.h), on the fake kernel. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "sexton/signals.h"
#include "spawn_fixture.h"

static void assert_child_runs(void)
{
	int code;

	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
}

/* The working directory */

static void we_leave_the_directory_before_the_fork_and_the_child_goes_back(UNUSED void **state)
{
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	assert_child_runs();
	spawn_assert_order("open(.,", "fchdir(" SPAWN_CWD ")\nchdir(/)\n");
	spawn_assert_order("chdir(/)\n", "fork()\n");
	spawn_assert_order("fork()\n", "fchdir(" SPAWN_CWD ")\n");
	/* Before anything else that the child could fail of. */
	spawn_assert_order("fchdir(" SPAWN_CWD ")\nsetpgid(0,0)\n", "execve(/one/tool,");
	assert_int_equal(fake_sys_calls("chdir"), 1);
	assert_string_equal(fake_sys_stderr(), "");
}

static void the_way_back_needs_no_right_to_read_the_directory(UNUSED void **state)
{
	char call[32];

	spawn_run_parent();
	(void)snprintf(call, sizeof(call), "open(.,%d)\n", O_PATH | O_DIRECTORY);
	spawn_assert_says(fake_sys_trace(), call);
	spawn_assert_order(call, "close(" SPAWN_CWD ")\n"); /* it would pin a mount */
}

static void where_there_is_no_way_back_we_leave_after_the_exec(UNUSED void **state)
{
	static const char *const refused[] = { "open", "fchdir", "chdir" };

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		spawn_reset(NULL);
		fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
		fake_sys_fail(refused[i], 1, EACCES);
		assert_child_runs();
		assert_int_equal(fake_sys_calls("fchdir"),
				 i == 0 ? 0 : 1); /* none of the child's */
		assert_int_equal(fake_sys_calls("chdir"), i == 2 ? 1 : 0);
		assert_string_equal(fake_sys_stderr(), "");
		spawn_reset(NULL);
		fake_sys_fail(refused[i], 1, EACCES);
		spawn_run_parent();
		assert_int_equal(spawn_call.result, 0);
		spawn_let_go(&spawn_call.config);
		spawn_assert_order("fork()\n", "chdir(/)\n");
		assert_string_equal(fake_sys_stderr(), "");
	}
}

static void a_way_back_that_is_refused_once_is_tried_again(UNUSED void **state)
{
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	fake_sys_fail("fchdir", 2, EINTR);
	assert_child_runs();
	assert_int_equal(fake_sys_calls("fchdir"), 3);
	assert_string_equal(fake_sys_stderr(), "");
}

static void a_child_that_cannot_go_back_runs_nothing_in_the_wrong_directory(UNUSED void **state)
{
	int code;

	spawn_call.config.own_failure = 99;
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	fake_sys_fail("fchdir", 2, EACCES);
	fake_sys_fail("fchdir", 3, EACCES);
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXITED);
	assert_int_equal(code, 99);
	assert_int_equal(fake_sys_calls("execve"), 0);
	assert_string_equal(fake_sys_stderr(),
			    "sexton: cannot go back to the working directory: Permission denied; "
			    "the command was not run\n");
	/* The parent hears nothing of it, and buries the child like any other. */
	spawn_run_parent();
	assert_int_equal(spawn_call.result, 0);
	assert_int_equal(spawn_call.child.pid, 200);
}

static void who_keeps_the_directory_moves_nowhere(UNUSED void **state)
{
	spawn_call.config.keep_cwd = true;
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	assert_child_runs();
	spawn_run_parent();
	spawn_let_go(&spawn_call.config);
	spawn_assert_no_call("chdir");
	spawn_assert_no_call("fchdir");
	spawn_assert_no_call("open(.");
	spawn_assert_no_call("close_range(4"); /* the rest is let go as ever */
	spawn_assert_says(fake_sys_trace(), "close_range(3,4294967295)\n");
}

static void who_keeps_descriptors_closes_none_but_leaves_the_directory(UNUSED void **state)
{
	spawn_call.config.keep_fds = true;
	spawn_let_go(&spawn_call.config);
	assert_string_equal(fake_sys_trace(), "chdir(/)\n");
}

/* A group */

static void the_same_group_means_no_group_no_session_and_no_terminal(UNUSED void **state)
{
	fake_sys.foreground = 100;
	fake_sys_file("/dev/tty", S_IFCHR | 0666, "", 0);
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	spawn_call.config.group = CONFIG_GROUP_SAME;
	assert_child_runs();
	spawn_run_parent();
	assert_int_equal(spawn_call.child.handoff, 0);
	spawn_assert_no_call("setpgid");
	spawn_assert_no_call("setsid");
	spawn_assert_no_call("open(/dev/tty");
	spawn_assert_no_call("tc");
	spawn_assert_no_call("leave_tty");
	spawn_assert_no_call("attach_tty");
}

static void the_same_group_is_left_in_the_foreground_when_nothing_was_executed(UNUSED void **state)
{
	const char *words;

	fake_sys.foreground = 100;
	spawn_call.config.group = CONFIG_GROUP_SAME;
	(void)spawn_run_failure(&words);
	spawn_assert_no_call("tc");
}

static void a_terminal_that_is_never_to_be_given_is_not_even_looked_at(UNUSED void **state)
{
	static const enum config_group groups[] = { CONFIG_GROUP_NEW, CONFIG_GROUP_SESSION,
						    CONFIG_GROUP_SAME };

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		for (int executed = 0; executed < 2; executed++) {
			int code;

			spawn_reset(NULL);
			fake_sys.foreground = 100;
			fake_sys_file("/dev/tty", S_IFCHR | 0666, "", 0);
			fake_sys_file("/one/tool", SPAWN_PROGRAM, "", executed ? 0 : EACCES);
			spawn_call.config.group = groups[i];
			spawn_call.config.tty = CONFIG_TTY_NEVER;
			(void)spawn_run_child(&code);
			spawn_assert_no_call("open(/dev/tty");
			spawn_assert_no_call("tc");
			spawn_assert_no_call("leave_tty");
			spawn_assert_no_call("attach_tty");
			assert_int_equal(fake_sys_calls("setsid"), i == 1);
			assert_int_equal(fake_sys_calls("setpgid"), i == 0);
		}
	}
}

static void the_controlling_terminal_is_given_even_where_stdin_is_none(UNUSED void **state)
{
	spawn_call.config.tty = CONFIG_TTY_CONTROLLING;
	fake_sys.foreground = 100;
	fake_sys_file("/dev/tty", S_IFCHR | 0666, "", 0);
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	assert_child_runs();
	spawn_assert_order("open(/dev/tty,", "tcsetpgrp(4,200)\nclose(4)\n");
}

static void a_failed_child_hands_the_terminal_back_and_says_nothing_twice(UNUSED void **state)
{
	int code;

	spawn_use_voice();
	spawn_call.config.tty = CONFIG_TTY_CONTROLLING;
	fake_sys.foreground = 100;
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXITED);
	assert_int_equal(fake_sys.foreground, 100);
	assert_string_equal(fake_sys_stdout(), "[f] none controls: No such file or directory\n");
}

static void the_terminal_of_stdin_is_given_where_that_is_asked_for(UNUSED void **state)
{
	fake_sys.foreground = 100;
	fake_sys_file("/dev/tty", S_IFCHR | 0666, "", 0);
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	spawn_call.config.tty = CONFIG_TTY_AUTO;
	assert_child_runs();
	spawn_assert_says(fake_sys_trace(), "tcsetpgrp(0,200)\n");
	spawn_assert_no_call("open(/dev/tty");
}

static void in_a_pipeline_the_terminal_stays_with_the_group_unless_we_are_pid_1(UNUSED void **state)
{
	for (int first = 0; first < 2; first++) {
		spawn_reset(NULL);
		fake_sys.foreground = 100;
		fake_sys.ppid = first ? 1 : 50; /* of the child: us */
		fake_sys_return("is_pipe", true);
		fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
		assert_child_runs();
		assert_int_equal(fake_sys.foreground, first ? 200 : 100);
	}
}

static void without_a_terminal_a_voice_says_so_and_we_do_not(UNUSED void **state)
{
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	assert_child_runs();
	assert_string_equal(fake_sys_stderr(), "");
	spawn_reset(NULL);
	spawn_use_voice();
	spawn_call.config.tty = CONFIG_TTY_CONTROLLING;
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	fake_sys_fail("open", 2, ENXIO);
	assert_child_runs();
	assert_string_equal(fake_sys_stdout(), "[f] none controls: No such device or address\n"
					       "[f] no tty: Inappropriate ioctl for device\n");
	assert_string_equal(fake_sys_stderr(), "");
}

/* A session */

static void session(void)
{
	spawn_use_voice();
	spawn_call.config.group = CONFIG_GROUP_SESSION;
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
}

static void a_session_takes_the_terminal_that_we_left_before_the_fork(UNUSED void **state)
{
	session();
	fake_sys_return("leave_tty", 0);
	fake_sys_return("attach_tty", 0);
	assert_child_runs();
	spawn_assert_order("leave_tty(0)\n", "fork()\n");
	spawn_assert_order("fork()\n", "setsid()\nattach_tty(0)\n");
	spawn_assert_order("attach_tty(0)\n", "execve(/one/tool,");
	spawn_assert_no_call("setpgid");
	spawn_assert_no_call("tc");
	spawn_assert_no_call("open(/dev/tty");
	assert_string_equal(fake_sys_stdout(), "[f] left, led\n[f] new session\n");
	assert_string_equal(fake_sys_stderr(), "");
}

static void the_parent_of_a_session_sets_no_group_either(UNUSED void **state)
{
	session();
	fake_sys_return("leave_tty", 0);
	spawn_run_parent();
	spawn_assert_no_call("setpgid");
	assert_int_equal(spawn_call.result, 0);
	assert_string_equal(fake_sys_stdout(), "[f] left, led\n[f] spawned tool\n[f] as 200\n");
	assert_true(spawn_call.child.handoff == 0); /* the session's leader got the signals */
}

static void only_a_sessions_leader_expects_the_signals_of_the_hand_off(UNUSED void **state)
{
	session();
	fake_sys_return("leave_tty", 0);
	fake_sys_return("leads_session", 1);
	spawn_run_parent();
	assert_true(spawn_call.child.handoff == (SIGNALS_BIT(SIGHUP) | SIGNALS_BIT(SIGCONT)));
	assert_string_equal(fake_sys_stdout(), "[f] left\n[f] spawned tool\n[f] as 200\n");
}

static void who_left_no_terminal_expects_no_signals_even_as_a_leader(UNUSED void **state)
{
	session();
	fake_sys_return("leads_session", 1);
	spawn_run_parent();
	assert_true(spawn_call.child.handoff == 0);
	spawn_assert_says(fake_sys_stdout(), "[f] not left: Inappropriate ioctl for device\n");
	assert_string_equal(fake_sys_stderr(), "");
}

static void a_terminal_that_is_not_to_be_had_keeps_the_session(UNUSED void **state)
{
	session();
	fake_sys_fail("attach_tty", 0, EPERM);
	assert_child_runs();
	assert_string_equal(fake_sys_stdout(), "[f] not left: Inappropriate ioctl for device\n"
					       "[f] not attached: Operation not permitted\n"
					       "[f] new session\n");
	assert_string_equal(fake_sys_stderr(), "");
}

static void a_session_that_is_refused_is_a_warning_and_no_end(UNUSED void **state)
{
	session();
	fake_sys_fail("setsid", 0, EPERM);
	assert_child_runs();
	spawn_assert_no_call("attach_tty");
	assert_string_equal(fake_sys_stderr(), "[w] cannot give the command a session of its own: "
					       "Operation not permitted\n");
}

/* Dispositions */

static void
only_ignored_signals_below_32_become_the_default_where_that_is_asked_for(UNUSED void **state)
{
	const uint64_t ignored = SIGNALS_BIT(SIGHUP) | SIGNALS_BIT(SIGPIPE) | SIGNALS_BIT(SIGTTOU) |
				 SIGNALS_BIT(31) | SIGNALS_BIT(32) | SIGNALS_BIT(64);

	fake_sys.ignored = ignored;
	spawn_call.config.default_signals = true;
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	assert_child_runs();
	assert_true(fake_sys.ignored == (SIGNALS_BIT(32) | SIGNALS_BIT(64)));
	assert_true(fake_sys.sigchld.sa_handler == SIG_DFL); /* it was inherited as ignored */
	assert_true(fake_sys.mask == 0);                     /* whatever was blocked */
	assert_int_equal(fake_sys_calls("sigaction"), 1 + 31 + 5);
	spawn_assert_no_call("sigaction(15,default)");                 /* was not ignored */
	spawn_assert_order("sigaction(31,default)\n", "sigmask(set,"); /* the mask is last */
}

static void without_that_nothing_but_sigchld_is_touched(UNUSED void **state)
{
	fake_sys.ignored = SIGNALS_BIT(SIGHUP);
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	assert_child_runs();
	assert_true(fake_sys.ignored == SIGNALS_BIT(SIGHUP));
	assert_true(fake_sys.mask == spawn_call.inherited.mask);
	assert_int_equal(fake_sys_calls("sigaction"), 1);
}

static void a_disposition_that_is_refused_stays_and_stops_nobody(UNUSED void **state)
{
	for (unsigned int nth = 0; nth <= 33; nth++) {
		spawn_reset(NULL);
		fake_sys.ignored = SIGNALS_BIT(SIGHUP);
		spawn_call.config.default_signals = true;
		fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
		fake_sys_fail("sigaction", nth, EINVAL);
		assert_child_runs();
		assert_true(fake_sys.mask == 0);
		assert_in_range(spawn_lines(fake_sys_stderr()), 0, 1);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, spawn_reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(we_leave_the_directory_before_the_fork_and_the_child_goes_back),
		TEST(the_way_back_needs_no_right_to_read_the_directory),
		TEST(where_there_is_no_way_back_we_leave_after_the_exec),
		TEST(a_way_back_that_is_refused_once_is_tried_again),
		TEST(a_child_that_cannot_go_back_runs_nothing_in_the_wrong_directory),
		TEST(who_keeps_the_directory_moves_nowhere),
		TEST(who_keeps_descriptors_closes_none_but_leaves_the_directory),
		TEST(the_same_group_means_no_group_no_session_and_no_terminal),
		TEST(the_same_group_is_left_in_the_foreground_when_nothing_was_executed),
		TEST(a_terminal_that_is_never_to_be_given_is_not_even_looked_at),
		TEST(the_controlling_terminal_is_given_even_where_stdin_is_none),
		TEST(a_failed_child_hands_the_terminal_back_and_says_nothing_twice),
		TEST(the_terminal_of_stdin_is_given_where_that_is_asked_for),
		TEST(in_a_pipeline_the_terminal_stays_with_the_group_unless_we_are_pid_1),
		TEST(without_a_terminal_a_voice_says_so_and_we_do_not),
		TEST(a_session_takes_the_terminal_that_we_left_before_the_fork),
		TEST(the_parent_of_a_session_sets_no_group_either),
		TEST(only_a_sessions_leader_expects_the_signals_of_the_hand_off),
		TEST(who_left_no_terminal_expects_no_signals_even_as_a_leader),
		TEST(a_terminal_that_is_not_to_be_had_keeps_the_session),
		TEST(a_session_that_is_refused_is_a_warning_and_no_end),
		TEST(only_ignored_signals_below_32_become_the_default_where_that_is_asked_for),
		TEST(without_that_nothing_but_sigchld_is_touched),
		TEST(a_disposition_that_is_refused_stays_and_stops_nobody),
	};

	return cmocka_run_group_tests_name("spawn_place", tests, NULL, NULL);
}
