/* SPDX-License-Identifier: MIT */
/* test_cli_tini.c - tini and docker-init: each flag, variable and text (sexton/cli_call.h). */
#include "cli_fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define TINI(...)     parse_as("/sbin/tini", NO_ENV, WORDS(__VA_ARGS__))
#define TINI_ENV(...) parse_as("tini", WORDS(__VA_ARGS__), WORDS("cmd"))

#define USAGE(name)                                                                                \
	name " (tini version 0.19.0_sexton)\n"                                                     \
	     "Usage: " name " [OPTIONS] PROGRAM -- [ARGS] | --version\n"                           \
	     "\n"                                                                                  \
	     "Execute a program under the supervision of a valid init process (" name ")\n"        \
	     "\n"                                                                                  \
	     "Command line options:\n"                                                             \
	     "\n"                                                                                  \
	     "  --version: Show version and exit.\n"                                               \
	     "  -h: Show this help message and exit.\n"                                            \
	     "  -s: Register as a process subreaper (requires Linux >= 3.4).\n"                    \
	     "  -p SIGNAL: Trigger SIGNAL when parent dies, e.g. \"-p SIGKILL\".\n"                \
	     "  -v: Generate more verbose output. Repeat up to 3 times.\n"                         \
	     "  -w: Print a warning when processes are getting reaped.\n"                          \
	     "  -g: Send signals to the child's process group.\n"                                  \
	     "  -e EXIT_CODE: Remap EXIT_CODE (from 0 to 255) to 0.\n"                             \
	     "  -l: Show license and exit.\n"                                                      \
	     "\n"                                                                                  \
	     "Environment variables:\n"                                                            \
	     "\n"                                                                                  \
	     "  TINI_SUBREAPER: Register as a process subreaper (requires Linux >= 3.4).\n"        \
	     "  TINI_VERBOSITY: Set the verbosity level (default: 1).\n"                           \
	     "  TINI_KILL_PROCESS_GROUP: Send signals to the child's process group.\n"             \
	     "\n"

static void its_policy_is_tinis(UNUSED void **state)
{
	assert_runs(TINI("cmd"), "cmd");
	assert_false(config.subreaper || config.listen_pid || config.farewell || config.pause);
	assert_true(config.keep_fds && config.keep_cwd && config.exec.is_an_exit);
	assert_int_equal(config.tty, CONFIG_TTY_AUTO);
	assert_int_equal(config.group, CONFIG_GROUP_NEW);
	assert_int_equal(config.forward, CONFIG_FORWARD_CHILD);
	assert_int_equal(config.rewrite[SIGTTIN], 0);
	assert_int_equal(config.rewrite[SIGTTOU], 0);
	assert_int_equal(config.rewrite[SIGTSTP], SIGTSTP);
	assert_int_equal(config.suspend_on, 0);
	assert_int_equal(config.exec.not_found, 127);
	assert_int_equal(config.exec.forbidden, 126);
	assert_int_equal(config.exec.other, 1);
	assert_int_equal(config.own_failure, 1);
	assert_int_equal(config.voice_level, 1);
	assert_int_equal(config.verbosity, 0);
}

static void version_is_told_only_alone(UNUSED void **state)
{
	assert_left(TINI("--version"), 0, "tini version 0.19.0_sexton\n", "");
	assert_left(TINI("--version", "cmd"), 1, "",
		    "/sbin/tini: invalid option -- '-'\n" USAGE("tini"));
	assert_runs(TINI("--", "--version"), "--version");
}

static void help_goes_to_stdout_and_shows_the_last_part_of_the_name(UNUSED void **state)
{
	assert_left(TINI("-h"), 0, USAGE("tini"), "");
	assert_left(TINI("cmd", "-vh", "-x"), 0, USAGE("tini"), "");
	assert_left(parse_as("/usr/bin/docker-init", NO_ENV, WORDS("-h")), 0, USAGE("docker-init"),
		    "");
	assert_left(parse_as("tini-static", NO_ENV, WORDS("-h")), 0, USAGE("tini-static"), "");
}

static void the_licence_goes_to_stdout(UNUSED void **state)
{
	static const char start[] = "The MIT License (MIT)\n\nCopyright (c) 2015 Thomas Orozco";
	static const char end[] = "OR OTHER DEALINGS IN\nTHE SOFTWARE.\n";

	assert_int_equal(TINI("-l", "-x"), CLI_LEAVE);
	assert_int_equal(code, 0);
	assert_string_equal(err.text, "");
	assert_memory_equal(out.text, start, sizeof(start) - 1);
	assert_string_equal(out.text + out.used - sizeof(end) + 1, end);
}

static void wrong_flags_and_a_missing_program_show_the_usage_on_stderr(UNUSED void **state)
{
	assert_left(TINI("-x", "cmd"), 1, "", "/sbin/tini: invalid option -- 'x'\n" USAGE("tini"));
	assert_left(TINI("sh", "-c", "x"), 1, "",
		    "/sbin/tini: invalid option -- 'c'\n" USAGE("tini"));
	assert_left(TINI("-p"), 1, "",
		    "/sbin/tini: option requires an argument -- 'p'\n" USAGE("tini"));
	assert_left(TINI("-e"), 1, "",
		    "/sbin/tini: option requires an argument -- 'e'\n" USAGE("tini"));
	assert_left(TINI(NULL), 1, "", USAGE("tini"));
	assert_left(TINI("-v", "--"), 1, "", USAGE("tini"));
}

static void flags_behind_the_program_are_tinis_up_to_two_dashes(UNUSED void **state)
{
	assert_runs(TINI("cmd", "-v", "arg", "--", "-c", "--"), "cmd");
	assert_int_equal(config.voice_level, 2);
	assert_string_equal(config.argv[1], "arg");
	assert_string_equal(config.argv[2], "-c");
	assert_string_equal(config.argv[3], "--");
	assert_null(config.argv[4]);
	assert_runs(TINI("--", "--", "cmd"), "--");
	assert_runs(parse_as("tini", WORDS("POSIXLY_CORRECT="), WORDS("cmd", "-c")), "cmd");
	assert_string_equal(config.argv[1], "-c");
	assert_string_equal(config.envp[0], "POSIXLY_CORRECT=");
}

static void flags_do_what_they_do(UNUSED void **state)
{
	assert_runs(TINI("-s", "cmd"), "cmd");
	assert_true(config.subreaper);
	assert_runs(TINI("-g", "cmd"), "cmd");
	assert_int_equal(config.forward, CONFIG_FORWARD_GROUP);
	assert_runs(TINI("-w", "cmd"), "cmd");
	assert_true(config.warn_reaped);
	assert_runs(TINI("-vvvvvv", "cmd"), "cmd");
	assert_int_equal(config.voice_level, 4);
	assert_runs(TINI("-pSIGUSR2", "-p", "SIGKILL", "cmd"), "cmd");
	assert_int_equal(config.parent_death, SIGKILL);
	assert_runs(TINI("-e1", "-e", "255", "cmd"), "cmd");
	assert_true(config_is_ok_exit(&config, 1) && config_is_ok_exit(&config, 255));
	assert_false(config_is_ok_exit(&config, 0) || config_is_ok_exit(&config, 2));
}

static void twenty_eight_names_are_signals_of_p_and_nothing_else(UNUSED void **state)
{
	static const int unknown[] = { SIGSTKFLT, SIGIO, SIGPWR };
	static const char *const wrong[] = { "TERM",        "15",       "sigterm", "SIGRTMIN",
					     "SIGSTKFLT",   "SIGIO",    "SIGPOLL", "SIGPWR",
					     "SIGRTMIN+1",  "",         "SIG",     "SIGTERM ",
					     "x\x1b[2K\ny", "SIGTERMX", "SIGIOT",  "SIGCLD" };
	char line[128];
	int known = 0;

	for (int sig = 1; sig <= 31; sig++) {
		char name[SIGNALS_NAME_SIZE + 3] = "SIG";
		bool taken = sig != unknown[0] && sig != unknown[1] && sig != unknown[2];

		signals_name(sig, name + 3);
		assert_int_equal(TINI("-p", name, "cmd"), taken ? CLI_RUN : CLI_LEAVE);
		if (taken)
			assert_int_equal(config.parent_death, sig);
		known += taken;
	}
	assert_int_equal(known, 28);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(line, sizeof(line), "[FATAL tini (1)] Not a valid option for -p: %s\n",
			 wrong[i]);
		assert_left(TINI("-p", wrong[i], "cmd"), 1, "", line);
	}
}

static void exit_codes_of_e_are_read_as_strtol_reads_them(UNUSED void **state)
{
	static const char *const wrong[] = { "256", "-1", " ",  "+",
					     "x",   "1x", "1 ", "99999999999999999999" };
	char line[128];

	own_pid = 99;
	assert_runs(TINI("-e", "", "cmd"), "cmd");
	assert_true(config_is_ok_exit(&config, 0));
	assert_runs(TINI("-e", " \t+007", "-e-0", "cmd"), "cmd");
	assert_true(config_is_ok_exit(&config, 7) && config_is_ok_exit(&config, 0));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(line, sizeof(line), "[FATAL tini (99)] Not a valid option for -e: %s\n",
			 wrong[i]);
		assert_left(TINI("-e", wrong[i], "cmd"), 1, "", line);
	}
}

static void two_variables_count_by_being_there_and_stay(UNUSED void **state)
{
	assert_runs(TINI_ENV("TINI_SUBREAPER="), "cmd");
	assert_true(config.subreaper);
	assert_string_equal(config.envp[0], "TINI_SUBREAPER=");
	assert_runs(TINI_ENV("TINI_SUBREAPER=0"), "cmd");
	assert_true(config.subreaper);
	assert_runs(TINI_ENV("TINI_KILL_PROCESS_GROUP="), "cmd");
	assert_int_equal(config.forward, CONFIG_FORWARD_GROUP);
	assert_runs(TINI_ENV("TINI_KILL_PROCESS_GROUPS=1", "TINI_SUBREAPER"), "cmd");
	assert_int_equal(config.forward, CONFIG_FORWARD_CHILD);
	assert_false(config.subreaper);
}

static void TINI_VERBOSITY_replaces_what_the_flags_said(UNUSED void **state)
{
	static const struct {
		const char *entry;
		int level;
	} rows[] = {
		{ "TINI_VERBOSITY=0", 0 },
		{ "TINI_VERBOSITY=", 0 },
		{ "TINI_VERBOSITY=x", 0 },
		{ "TINI_VERBOSITY= 3x", 3 },
		{ "TINI_VERBOSITY=4", 4 },
		{ "TINI_VERBOSITY=77", 4 },
		{ "TINI_VERBOSITY=-1", 4 },
		{ "TINI_VERBOSITY=4294967296", 0 },
		{ "TINI_VERBOSITY=99999999999999999999", 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_runs(parse_as("tini", WORDS(rows[i].entry), WORDS("-v", "cmd")), "cmd");
		assert_int_equal(config.voice_level, rows[i].level);
	}
}

static void outside_pid_1_it_leaves_unless_asked_to_be_a_subreaper(UNUSED void **state)
{
	assert_runs(TINI("cmd"), "cmd");
	assert_int_equal(config.on_exit, CONFIG_ON_EXIT_DRAIN);
	own_pid = 2;
	assert_runs(TINI("cmd"), "cmd");
	assert_int_equal(config.on_exit, CONFIG_ON_EXIT_LEAVE);
	assert_runs(TINI("-s", "cmd"), "cmd");
	assert_int_equal(config.on_exit, CONFIG_ON_EXIT_DRAIN);
	assert_runs(TINI_ENV("TINI_SUBREAPER="), "cmd");
	assert_int_equal(config.on_exit, CONFIG_ON_EXIT_DRAIN);
}

static void a_closed_stdout_changes_no_exit_code(UNUSED void **state)
{
	char *nothing[] = { NULL };

	TINI("-h");
	forget(NULL);
	write_limit = -EBADF;
	assert_left(cli_parse(&config, 2, argv_copy, nothing, &code), 0, "", "");
}

#define DEBUG_REAPED "[DEBUG tini (1)] Reaped child with pid: '7'\n"
#define NO_REAPING                                                                                 \
	"[WARN  tini (1)] Tini is not running as PID 1 and isn't registered as a child "           \
	"subreaper.\n"                                                                             \
	"Zombie processes will not be re-parented to Tini, so zombie reaping won't work.\n"        \
	"To fix the problem, use the -s option or set the environment variable TINI_SUBREAPER to " \
	"register Tini as a child subreaper, or run Tini as PID 1.\n"

static void it_speaks_in_tinis_words_and_from_info_on_to_stdout(UNUSED void **state)
{
	static const struct {
		enum log_saying what;
		int level;
		const char *out;
		const char *err;
	} rows[] = {
		{ LOG_SUBREAPER, 4, "[TRACE tini (1)] Registered as child subreaper\n", "" },
		{ LOG_SUBREAPER, 3, "", "" },
		{ LOG_NO_REAPING, 1, "", NO_REAPING },
		{ LOG_NO_REAPING, 0, "", "" },
		{ LOG_FORK_FAILED, 0, "",
		  "[FATAL tini (1)] fork failed: Operation not permitted\n" },
		{ LOG_SPAWNED, 2, "[INFO  tini (1)] Spawned child process 'cmd' with pid '7'\n",
		  "" },
		{ LOG_SPAWNED, 1, "", "" },
		{ LOG_NO_TTY, 3, "[DEBUG tini (1)] tcsetpgrp failed: no tty (ok to proceed)\n",
		  "" },
		{ LOG_NO_TTY, 2, "", "" },
		{ LOG_EXEC_FAILED, 0, "",
		  "[FATAL tini (1)] exec cmd failed: Operation not permitted\n" },
		{ LOG_PASSING, 3, "[DEBUG tini (1)] Passing signal: 'Terminated'\n", "" },
		{ LOG_FORWARDED, 4, "", "" },
		{ LOG_FORWARD_TOO_LATE, 1, "",
		  "[WARN  tini (1)] Child was dead when forwarding signal\n" },
		{ LOG_FORWARD_REFUSED, 1, "",
		  "[WARN  tini (1)] Unexpected error when forwarding signal: 'Operation not "
		  "permitted'\n" },
		{ LOG_CHILDREN_DIED, 3, "[DEBUG tini (1)] Received SIGCHLD\n", "" },
		{ LOG_MAIN_EXITED, 3,
		  DEBUG_REAPED "[INFO  tini (1)] Main child exited normally (with status '3')\n",
		  "" },
		{ LOG_MAIN_EXITED, 2,
		  "[INFO  tini (1)] Main child exited normally (with status '3')\n", "" },
		{ LOG_MAIN_KILLED, 3,
		  DEBUG_REAPED
		  "[INFO  tini (1)] Main child exited with signal (with signal 'Terminated')\n",
		  "" },
		{ LOG_HEIR_EXITED, 3, DEBUG_REAPED, "" },
		{ LOG_HEIR_KILLED, 3, DEBUG_REAPED, "" },
		{ LOG_REAPED_EXITED, 3, DEBUG_REAPED,
		  "[WARN  tini (1)] Reaped zombie process with pid=7\n" },
		{ LOG_REAPED_KILLED, 1, "", "[WARN  tini (1)] Reaped zombie process with pid=7\n" },
		{ LOG_NONE_DEAD, 4, "[TRACE tini (1)] No child to reap\n", "" },
		{ LOG_NONE_LEFT, 4, "[TRACE tini (1)] No child to wait\n", "" },
		{ LOG_LEAVING, 4, "[TRACE tini (1)] Exiting: child has exited\n", "" },
	};

	assert_runs(TINI("cmd"), "cmd");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		say(rows[i].what, rows[i].level);
		assert_string_equal(out.text, rows[i].out);
		assert_string_equal(err.text, rows[i].err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(its_policy_is_tinis),
		TEST(version_is_told_only_alone),
		TEST(help_goes_to_stdout_and_shows_the_last_part_of_the_name),
		TEST(the_licence_goes_to_stdout),
		TEST(wrong_flags_and_a_missing_program_show_the_usage_on_stderr),
		TEST(flags_behind_the_program_are_tinis_up_to_two_dashes),
		TEST(flags_do_what_they_do),
		TEST(twenty_eight_names_are_signals_of_p_and_nothing_else),
		TEST(exit_codes_of_e_are_read_as_strtol_reads_them),
		TEST(two_variables_count_by_being_there_and_stay),
		TEST(TINI_VERBOSITY_replaces_what_the_flags_said),
		TEST(outside_pid_1_it_leaves_unless_asked_to_be_a_subreaper),
		TEST(a_closed_stdout_changes_no_exit_code),
		TEST(it_speaks_in_tinis_words_and_from_info_on_to_stdout),
	};

	return cmocka_run_group_tests_name("cli_tini", tests, NULL, NULL);
}
