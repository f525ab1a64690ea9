/* SPDX-License-Identifier: MIT */
/* test_spawn.c - inheritance and either side of the fork (sexton/spawn.h), on the fake kernel. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "sexton/config.h"
#include "sexton/signals.h"
#include "spawn_fixture.h"

/* Inheritance */

static void inherit_blocks_everything_and_remembers_what_was(UNUSED void **state)
{
	struct spawn_inherited inherited;

	fake_sys.mask = SIGNALS_BIT(SIGTERM);
	fake_sys.sigchld.sa_handler = SIG_IGN;
	assert_int_equal(spawn_inherit(&inherited), 0);
	assert_true(fake_sys.mask == SIGNALS_ALL);
	assert_true(fake_sys.sigchld.sa_handler == SIG_DFL);
	assert_true(inherited.mask == SIGNALS_BIT(SIGTERM));
	assert_true(inherited.sigchld.sa_handler == SIG_IGN);
	assert_int_equal(strncmp(fake_sys_trace(), "sigmask", 7), 0); /* first of all */
}

static void inherit_that_is_refused_once_still_knows_what_was(UNUSED void **state)
{
	struct spawn_inherited inherited;

	fake_sys.mask = SIGNALS_BIT(SIGTERM);
	fake_sys.sigchld.sa_handler = SIG_IGN;
	fake_sys_fail("sigmask", 1, EPERM);
	fake_sys_fail("sigaction", 1, EPERM);
	assert_int_equal(spawn_inherit(&inherited), 0);
	assert_true(inherited.mask == SIGNALS_BIT(SIGTERM));
	assert_true(inherited.sigchld.sa_handler == SIG_IGN);
}

static void a_disposition_that_is_refused_for_ever_is_taken_for_the_default(UNUSED void **state)
{
	struct spawn_inherited inherited;

	fake_sys_fail("sigaction", 0, ENOSYS);
	assert_int_equal(spawn_inherit(&inherited), 0);
	assert_true(inherited.sigchld.sa_handler == SIG_DFL);
}

static void inherit_without_blocked_signals_is_a_failure_of_ours(UNUSED void **state)
{
	struct spawn_inherited inherited;

	fake_sys_fail("sigmask", 0, ENOSYS);
	assert_int_equal(spawn_inherit(&inherited), -ENOSYS);
	assert_non_null(strstr(fake_sys_stderr(), "cannot block signals"));
}

/* The child on its way to the command */

static void child_makes_its_group_takes_the_terminal_and_restores_the_mask_last(UNUSED void **state)
{
	int code;

	fake_sys.foreground = 100;
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
	spawn_assert_order("setpgid(0,0)\n", "tcsetpgrp(0,200)\n");
	spawn_assert_order("tcsetpgrp(0,200)\n", "sigaction(17,ignore)\n");
	/* Nothing is between the mask and the exec. */
	spawn_assert_order("sigaction(17,ignore)\nsigmask(set,0000000000000200)\nexecve(/one/tool,",
			   "tool|a|-b|");
	assert_true(fake_sys.mask == spawn_call.inherited.mask);
	assert_true(fake_sys.sigchld.sa_handler == SIG_IGN);
	assert_string_equal(fake_sys_environment(), "A=1\nPATH=/one:/two:/three\nLANG=C\n");
	assert_string_equal(fake_sys_stderr(), "");
}

static void child_that_may_not_have_a_group_keeps_off_the_terminal_and_runs(UNUSED void **state)
{
	int code;

	fake_sys.foreground = 100;
	fake_sys_fail("setpgid", 0, EPERM);
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
	assert_int_equal(fake_sys_calls("tcsetpgrp"), 0);
	assert_int_equal(spawn_lines(fake_sys_stderr()), 1);
	spawn_assert_says(fake_sys_stderr(), "process group");
}

static void child_that_leads_its_group_already_needs_no_warning(UNUSED void **state)
{
	int code;

	fake_sys.foreground = 100;
	fake_sys_fail("setpgid", 0, EPERM);
	fake_sys_return("getpgrp", 100);
	fake_sys_return("getpgrp", 200);
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
	assert_string_equal(fake_sys_stderr(), "");
	assert_int_equal(fake_sys.foreground, 200);
}

static void every_refusal_on_the_way_is_one_line_and_never_stops_the_child(UNUSED void **state)
{
	static const char *const names[] = { "setpgid", "tcgetpgrp", "tcsetpgrp", "sigaction" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (unsigned int nth = 0; nth < 2; nth++) { /* for ever, and once */
			int code;

			spawn_reset(NULL);
			fake_sys.foreground = 100;
			fake_sys_fail(names[i], nth, EPERM);
			fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
			assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
			assert_int_equal(spawn_lines(fake_sys_stderr()), 1);
			spawn_assert_says(fake_sys_stderr(), "Operation not permitted");
		}
	}
}

static void
a_mask_that_is_not_restored_is_tried_twice_and_never_stops_the_child(UNUSED void **state)
{
	for (unsigned int nth = 0; nth < 2; nth++) { /* for ever, and once */
		int code;

		spawn_reset(NULL);
		fake_sys_fail("sigmask", nth, EPERM);
		fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
		assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
		assert_int_equal(spawn_lines(fake_sys_stderr()), nth == 0 ? 1 : 0);
	}
}

static void a_stderr_that_takes_nothing_stops_nobody(UNUSED void **state)
{
	int code;

	fake_sys_fail("write", 0, EPIPE);
	fake_sys_fail("setpgid", 0, EPERM);
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
}

/* LISTEN_PID */

static void listen_pid_of_ours_becomes_the_childs_and_pidfdid_goes(UNUSED void **state)
{
	char *envp[] = { SPAWN_WORD("PATH=/one"),          SPAWN_WORD("LISTEN_FDS=2"),
			 SPAWN_WORD("LISTEN_PIDFDID=77"),  SPAWN_WORD("LISTEN_PID=1"),
			 SPAWN_WORD("LISTEN_FDNAMES=a:b"), NULL };
	int code;

	fake_sys.pid = 1;
	fake_sys.next_child = 1234567;
	spawn_call.config.envp = envp;
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
	assert_string_equal(fake_sys_environment(), "PATH=/one\nLISTEN_FDS=2\nLISTEN_PID=1234567\n"
						    "LISTEN_FDNAMES=a:b\n");
	assert_string_equal(envp[3], "LISTEN_PID=1");
}

static void listen_pid_of_somebody_else_is_left_alone(UNUSED void **state)
{
	static const char *const others[] = { "LISTEN_PID=10", "LISTEN_PID=",   "LISTEN_PID=1 ",
					      "LISTEN_PID=2",  "XLISTEN_PID=1", "LISTEN_PIDX=1" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		char other[32], expected[100];
		char *envp[] = { SPAWN_WORD("PATH=/one"), other, SPAWN_WORD("LISTEN_PIDFDID=77"),
				 NULL };
		int code;

		spawn_reset(NULL);
		fake_sys.pid = 1;
		spawn_call.config.envp = envp;
		(void)snprintf(other, sizeof(other), "%s", others[i]);
		(void)snprintf(expected, sizeof(expected), "PATH=/one\n%s\nLISTEN_PIDFDID=77\n",
			       other);
		fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
		assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
		assert_string_equal(fake_sys_environment(), expected);
	}
}

/* The parent */

static void parent_returns_the_pid_and_leaks_nothing(UNUSED void **state)
{
	spawn_run_parent();
	assert_int_equal(spawn_call.result, 0);
	assert_int_equal(spawn_call.child.pid, 200);
	assert_int_equal(spawn_call.code, SPAWN_UNTOLD);
	spawn_assert_order("fork()\n", "setpgid(200,200)\n");
	assert_int_equal(fake_sys_calls("waitpid"), 0);
	assert_string_equal(fake_sys_stderr(), "");
}

static void parent_does_not_mind_a_faster_child(UNUSED void **state)
{
	static const int errors[] = { EACCES, ESRCH, EPERM };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		spawn_reset(NULL);
		fake_sys_fail("setpgid", 0, errors[i]);
		spawn_run_parent();
		assert_int_equal(spawn_call.result, 0);
		assert_string_equal(fake_sys_stderr(), "");
	}
}

static void a_fork_that_fails_is_125_in_one_line_and_leaks_nothing(UNUSED void **state)
{
	fake_sys_fail("fork", 0, EAGAIN);
	spawn_run_parent();
	assert_int_equal(spawn_call.result, -EAGAIN);
	assert_int_equal(spawn_call.code, CONFIG_EXIT_OWN_FAILURE);
	assert_int_equal(spawn_call.child.pid, SPAWN_UNTOLD);
	assert_int_equal(spawn_lines(fake_sys_stderr()), 1);
	spawn_assert_says(fake_sys_stderr(), "limit on the number of processes");
}

static void memory_that_is_refused_is_125_in_one_line(UNUSED void **state)
{
	fake_sys_fail("map", 0, ENOMEM);
	spawn_run_parent();
	assert_int_equal(spawn_call.result, -ENOMEM);
	assert_int_equal(spawn_call.code, CONFIG_EXIT_OWN_FAILURE);
	assert_int_equal(spawn_lines(fake_sys_stderr()), 1);
	assert_int_equal(fake_sys_calls("fork"), 0);
}

static void without_a_pipe_the_child_speaks_and_the_parent_goes_on(UNUSED void **state)
{
	int code;

	fake_sys_fail("pipe", 0, EMFILE);
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXITED);
	assert_int_equal(code, CONFIG_EXIT_NOT_FOUND);
	assert_string_equal(fake_sys_stderr(), "sexton: cannot run tool: not found in the PATH\n");
	spawn_reset(NULL);
	fake_sys_fail("pipe", 0, EMFILE);
	spawn_run_parent();
	assert_int_equal(spawn_call.result, 0);
	assert_int_equal(spawn_call.child.pid, 200);
	assert_int_equal(fake_sys_calls("read"), 0);
	assert_string_equal(fake_sys_stderr(), "");
}

static void a_report_that_cannot_be_written_is_spoken_by_the_child(UNUSED void **state)
{
	int code;

	fake_sys_fail("write", 1, EPIPE);
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXITED);
	assert_int_equal(code, CONFIG_EXIT_NOT_FOUND);
	assert_string_equal(fake_sys_stderr(), "sexton: cannot run tool: not found in the PATH\n");
}

static void a_pipe_that_cannot_be_read_leaves_the_child_to_its_burial(UNUSED void **state)
{
	fake_sys_fail("read", 0, EIO);
	spawn_run_parent();
	assert_int_equal(spawn_call.result, 0);
	assert_int_equal(spawn_call.child.pid, 200);
	assert_int_equal(spawn_lines(fake_sys_stderr()), 1);
	assert_int_equal(fake_sys_calls("waitpid"), 0);
}

static void a_child_that_was_killed_before_its_exec_is_buried_like_any_other(UNUSED void **state)
{
	/* The pipe ends without a report. */
	fake_sys_return("read", 0);
	spawn_run_parent();
	assert_int_equal(spawn_call.result, 0);
	assert_int_equal(fake_sys_calls("waitpid"), 0);
}

static void a_signal_that_comes_before_the_exec_is_not_kept_waiting_for_it(UNUSED void **state)
{
	fake_sys_return("ppoll", 0); /* a stop and a continue */
	fake_sys_return("ppoll", 1); /* of two, and not the pipe */
	spawn_run_parent();
	assert_int_equal(spawn_call.result, 0);
	assert_int_equal(spawn_call.child.pid, 200);
	assert_int_equal(fake_sys_calls("ppoll"), 2);
	assert_int_equal(fake_sys_calls("read"), 0);
}

static void where_signals_cannot_be_seen_the_exec_is_waited_for(UNUSED void **state)
{
	static const char *const refused[] = { "signalfd", "ppoll" };

	for (size_t i = 0; i < 2; i++) {
		spawn_reset(NULL);
		fake_sys_fail(refused[i], 0, ENOSYS);
		spawn_run_parent();
		assert_int_equal(spawn_call.result, 0);
		assert_in_range(fake_sys_calls("read"), 1, 2);
	}
}

/* Whatever call of a failing start fails as well: an end with the right code, one line at most of
 * ours from the child on stderr or a report, and nothing of the parent's left behind. */
static void any_call_that_fails_in_a_failing_start_keeps_the_promise(UNUSED void **state)
{
	static const char *const names[] = { "pipe",      "setpgid",   "getpgrp", "tcgetpgrp",
					     "tcsetpgrp", "sigaction", "sigmask", "stat",
					     "open",      "pread",     "write",   "read",
					     "waitpid",   "readlink" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (unsigned int nth = 0; nth <= 6; nth++) {
			int code;

			spawn_reset(NULL);
			fake_sys.foreground = 100;
			fake_sys_file("/one/tool", SPAWN_PROGRAM, "#!/none\n", ENOENT);
			fake_sys_fail(names[i], nth, EIO);
			assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXITED);
			assert_in_range(code, CONFIG_EXIT_NOT_EXECUTABLE, CONFIG_EXIT_NOT_FOUND);
			fake_sys.pid = 100;
			spawn_run_parent();
			if (spawn_call.result == 0)
				assert_int_equal(spawn_call.child.pid, 200);
			else
				assert_int_equal(spawn_call.code, code);
			/* Silent only if the line itself cannot be written (the second write), or
			 * if the halves had not the same pipe, which only this test can do. */
			if (!(strcmp(names[i], "write") == 0 && (nth == 0 || nth == 2)) &&
			    !(strcmp(names[i], "pipe") == 0 && nth == 2))
				assert_in_range(spawn_lines(fake_sys_stderr()), 1, 3);
		}
	}
}

/* After the exec */

static void let_go_closes_everything_and_leaves_the_directory(UNUSED void **state)
{
	spawn_let_go(&spawn_call.config);
	assert_string_equal(fake_sys_trace(), "close_range(3,4294967295)\nchdir(/)\n");
}

static void let_go_survives_what_is_refused(UNUSED void **state)
{
	fake_sys_fail("close_range", 0, EPERM);
	fake_sys_fail("chdir", 0, EACCES);
	spawn_let_go(&spawn_call.config);
	assert_int_equal(fake_sys_calls("chdir"), 1);
	assert_int_equal(spawn_lines(fake_sys_stderr()), 2);
}

#define TEST(name) cmocka_unit_test_setup(name, spawn_reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(inherit_blocks_everything_and_remembers_what_was),
		TEST(inherit_that_is_refused_once_still_knows_what_was),
		TEST(a_disposition_that_is_refused_for_ever_is_taken_for_the_default),
		TEST(inherit_without_blocked_signals_is_a_failure_of_ours),
		TEST(child_makes_its_group_takes_the_terminal_and_restores_the_mask_last),
		TEST(child_that_may_not_have_a_group_keeps_off_the_terminal_and_runs),
		TEST(child_that_leads_its_group_already_needs_no_warning),
		TEST(every_refusal_on_the_way_is_one_line_and_never_stops_the_child),
		TEST(a_mask_that_is_not_restored_is_tried_twice_and_never_stops_the_child),
		TEST(a_stderr_that_takes_nothing_stops_nobody),
		TEST(listen_pid_of_ours_becomes_the_childs_and_pidfdid_goes),
		TEST(listen_pid_of_somebody_else_is_left_alone),
		TEST(parent_returns_the_pid_and_leaks_nothing),
		TEST(parent_does_not_mind_a_faster_child),
		TEST(a_fork_that_fails_is_125_in_one_line_and_leaks_nothing),
		TEST(memory_that_is_refused_is_125_in_one_line),
		TEST(without_a_pipe_the_child_speaks_and_the_parent_goes_on),
		TEST(a_report_that_cannot_be_written_is_spoken_by_the_child),
		TEST(a_signal_that_comes_before_the_exec_is_not_kept_waiting_for_it),
		TEST(where_signals_cannot_be_seen_the_exec_is_waited_for),
		TEST(a_pipe_that_cannot_be_read_leaves_the_child_to_its_burial),
		TEST(a_child_that_was_killed_before_its_exec_is_buried_like_any_other),
		TEST(any_call_that_fails_in_a_failing_start_keeps_the_promise),
		TEST(let_go_closes_everything_and_leaves_the_directory),
		TEST(let_go_survives_what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
