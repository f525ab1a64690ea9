/* SPDX-License-Identifier: MIT */
/* test_spawn_name.c - what spawn_run() does under another's name, and spawn_step_aside()
 * (sexton/spawn.h), on the fake kernel. */
#include <errno.h>
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

/* A failed exec that is an exit */

static void
a_failed_exec_is_said_by_the_child_in_the_voices_words_and_with_its_codes(UNUSED void **state)
{
	static const struct {
		int err, code;
	} cases[] = { { ENOENT, 11 },  { EACCES, 12 }, { ENOEXEC, 13 },
		      { ENOTDIR, 13 }, { ELOOP, 13 },  { ETXTBSY, 13 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char expected[100];
		int code;

		spawn_reset(NULL);
		spawn_use_voice();
		spawn_single("/dir/tool");
		fake_sys_file("/dir/tool", SPAWN_PROGRAM, "\177ELF", cases[i].err);
		assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXITED);
		assert_int_equal(code, cases[i].code);
		(void)snprintf(expected, sizeof(expected), "[w] no exec of /dir/tool: %s\n",
			       strerror(cases[i].err));
		assert_string_equal(fake_sys_stderr(), expected);
		spawn_assert_no_call("pipe");
		spawn_assert_no_call("stat"); /* nothing is looked into */
	}
}

static void a_failed_exec_that_is_an_exit_has_blocked_signals_first(UNUSED void **state)
{
	int code;

	spawn_use_voice();
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXITED);
	spawn_assert_order("execve(/three/tool,", "sigmask(set,ffffffffffffffff)\n");
	spawn_assert_order("sigmask(set,ffffffffffffffff)\n", "write(2,");
}

static void the_parent_waits_for_nothing_where_a_failed_exec_is_an_exit(UNUSED void **state)
{
	spawn_use_voice();
	spawn_run_parent();
	assert_int_equal(spawn_call.result, 0);
	assert_int_equal(spawn_call.child.pid, 200);
	assert_int_equal(spawn_call.code, SPAWN_UNTOLD);
	spawn_assert_no_call("pipe");
	spawn_assert_no_call("read");
	spawn_assert_no_call("waitpid");
	assert_string_equal(fake_sys_stdout(), "[f] spawned tool\n[f] as 200\n");
	assert_string_equal(fake_sys_stderr(), "");
}

/* Failures before it */

static void a_fork_that_fails_is_said_in_the_voices_words_once(UNUSED void **state)
{
	spawn_use_voice();
	spawn_call.config.own_failure = 1;
	fake_sys_fail("fork", 0, EAGAIN);
	spawn_run_parent();
	assert_int_equal(spawn_call.result, -EAGAIN);
	assert_int_equal(spawn_call.code, 1);
	assert_string_equal(fake_sys_stderr(),
			    "[w] no fork for tool: Resource temporarily unavailable\n");
	assert_string_equal(fake_sys_stdout(), "");
}

static void a_fork_that_fails_is_said_by_us_where_the_voice_has_no_words(UNUSED void **state)
{
	static const struct log_words none[] = { LOG_END_OF_WORDS };
	static struct log_voice speechless;

	speechless = spawn_voice;
	speechless.says = none;
	spawn_call.config.own_failure = 1;
	log_set(&speechless, 1, 0);
	fake_sys_fail("fork", 0, ENOMEM);
	spawn_run_parent();
	assert_int_equal(spawn_call.code, 1);
	assert_string_equal(fake_sys_stderr(),
			    "[w] cannot fork for tool: Cannot allocate memory\n");
}

static void memory_that_is_refused_ends_with_the_names_code(UNUSED void **state)
{
	int code;

	spawn_use_voice();
	spawn_call.config.own_failure = 1;
	fake_sys_fail("map", 0, ENOMEM);
	spawn_run_parent();
	assert_int_equal(spawn_call.code, 1);
	assert_int_equal(spawn_lines(fake_sys_stderr()), 1);
	assert_int_equal(spawn_run_aside(&code), FAKE_SYS_RETURNED);
	assert_int_equal(spawn_call.code, 1);
	assert_int_equal(spawn_lines(fake_sys_stderr()), 2);
	spawn_assert_no_call("execve");
}

/* Other programs' promises about the environment */

static void who_does_not_know_listen_pid_leaves_it_and_pidfdid_alone(UNUSED void **state)
{
	char *envp[] = { SPAWN_WORD("PATH=/one"), SPAWN_WORD("LISTEN_PIDFDID=77"),
			 SPAWN_WORD("LISTEN_PID=1"), NULL };
	int code;

	fake_sys.pid = 1;
	spawn_call.config.envp = envp;
	spawn_call.config.listen_pid = false;
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
	assert_string_equal(fake_sys_environment(), "PATH=/one\nLISTEN_PIDFDID=77\nLISTEN_PID=1\n");
}

/* Stepping aside */

static void stepping_aside_executes_in_our_place_as_we_were_started(UNUSED void **state)
{
	char *envp[] = { SPAWN_WORD("PATH=/one"), SPAWN_WORD("LISTEN_PID=1"),
			 SPAWN_WORD("LISTEN_PIDFDID=77"), NULL };
	int code;

	fake_sys.pid = 1;
	fake_sys.foreground = 100;
	spawn_call.config.envp = envp;
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	assert_int_equal(spawn_run_aside(&code), FAKE_SYS_EXECUTED);
	/* Its PID is ours: the sockets are its own already. */
	assert_string_equal(fake_sys_environment(), "PATH=/one\nLISTEN_PID=1\nLISTEN_PIDFDID=77\n");
	spawn_assert_order("sigaction(17,ignore)\nsigmask(set,0000000000000200)\nexecve(/one/tool,",
			   "tool|a|-b|");
	assert_true(fake_sys.mask == spawn_call.inherited.mask);
	spawn_assert_no_call("fork");
	spawn_assert_no_call("setpgid");
	spawn_assert_no_call("tc");
	spawn_assert_no_call("chdir");
	spawn_assert_no_call("close");
	assert_string_equal(fake_sys_stderr(), "");
}

static void stepping_aside_is_one_line_at_the_first_level(UNUSED void **state)
{
	int code;

	for (int verbosity = 0; verbosity < 2; verbosity++) {
		spawn_reset(NULL);
		log_set(NULL, 0, verbosity);
		fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
		assert_int_equal(spawn_run_aside(&code), FAKE_SYS_EXECUTED);
		assert_string_equal(
			fake_sys_stderr(),
			verbosity == 0 ? "" : "sexton: tool is an init itself: stepping aside\n");
		assert_string_equal(fake_sys_stdout(), "");
	}
}

static void an_init_that_cannot_be_executed_is_explained_with_signals_blocked(UNUSED void **state)
{
	int code;

	assert_int_equal(spawn_run_aside(&code), FAKE_SYS_RETURNED);
	assert_int_equal(spawn_call.code, CONFIG_EXIT_NOT_FOUND);
	assert_string_equal(fake_sys_stderr(), "sexton: cannot run tool: not found in the PATH\n");
	assert_true(fake_sys.mask == SIGNALS_ALL);
	spawn_assert_order("sigmask(set,ffffffffffffffff)\n", "write(2,");
	assert_int_equal(fake_sys_open_maps(), 0);
	spawn_reset(NULL);
	fake_sys_file("/two/tool", S_IFREG | 0644, "", EACCES);
	assert_int_equal(spawn_run_aside(&code), FAKE_SYS_RETURNED);
	assert_int_equal(spawn_call.code, CONFIG_EXIT_NOT_EXECUTABLE);
}

static void an_init_that_cannot_be_executed_has_the_codes_and_words_of_the_name(UNUSED void **state)
{
	int code;

	spawn_use_voice();
	assert_int_equal(spawn_run_aside(&code), FAKE_SYS_RETURNED);
	assert_int_equal(spawn_call.code, 11);
	assert_string_equal(fake_sys_stderr(), "[w] no exec of tool: No such file or directory\n");
	spawn_reset(NULL);
	spawn_use_voice();
	fake_sys_file("/two/tool", S_IFREG | 0644, "", EACCES);
	assert_int_equal(spawn_run_aside(&code), FAKE_SYS_RETURNED);
	assert_int_equal(spawn_call.code, 12);
	assert_true(fake_sys.mask == SIGNALS_ALL);
}

/* Whatever fails as well, a start under a name ends with a code of the name's. */
static void any_call_that_fails_in_a_failing_start_keeps_the_names_promise(UNUSED void **state)
{
	static const char *const names[] = { "setpgid", "setsid",  "leave_tty", "attach_tty",
					     "open",    "fchdir",  "chdir",     "tcgetpgrp",
					     "write",   "sigmask", "tcsetpgrp", "sigaction" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (unsigned int nth = 0; nth <= 6; nth++) {
			for (int group = CONFIG_GROUP_NEW; group <= CONFIG_GROUP_SAME; group++) {
				int code;

				spawn_reset(NULL);
				spawn_use_voice();
				spawn_call.config.group = (enum config_group)group;
				spawn_call.config.default_signals = true;
				spawn_call.config.own_failure = 14;
				fake_sys.foreground = 100;
				fake_sys_file("/one/tool", S_IFREG | 0644, "", EACCES);
				fake_sys_fail(names[i], nth, EIO);
				assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXITED);
				assert_int_equal(code, 12);
				fake_sys.pid = 100;
				spawn_run_parent();
				assert_int_equal(spawn_call.result, 0);
				assert_int_equal(spawn_call.child.pid, 200);
			}
		}
	}
}

#define TEST(name) cmocka_unit_test_setup(name, spawn_reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_failed_exec_is_said_by_the_child_in_the_voices_words_and_with_its_codes),
		TEST(a_failed_exec_that_is_an_exit_has_blocked_signals_first),
		TEST(the_parent_waits_for_nothing_where_a_failed_exec_is_an_exit),
		TEST(a_fork_that_fails_is_said_in_the_voices_words_once),
		TEST(a_fork_that_fails_is_said_by_us_where_the_voice_has_no_words),
		TEST(memory_that_is_refused_ends_with_the_names_code),
		TEST(who_does_not_know_listen_pid_leaves_it_and_pidfdid_alone),
		TEST(stepping_aside_executes_in_our_place_as_we_were_started),
		TEST(stepping_aside_is_one_line_at_the_first_level),
		TEST(an_init_that_cannot_be_executed_is_explained_with_signals_blocked),
		TEST(an_init_that_cannot_be_executed_has_the_codes_and_words_of_the_name),
		TEST(any_call_that_fails_in_a_failing_start_keeps_the_names_promise),
	};

	return cmocka_run_group_tests_name("spawn_name", tests, NULL, NULL);
}
