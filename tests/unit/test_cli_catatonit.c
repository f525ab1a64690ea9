/* SPDX-License-Identifier: MIT */
/* test_cli_catatonit.c - catatonit and podman-init: each flag, variable and text
 * (sexton/cli_call.h). */
#include "cli_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define ARGV0 "/usr/libexec/podman/catatonit"

#define CAT(...)     parse_as(ARGV0, NO_ENV, WORDS(__VA_ARGS__))
#define CAT_ENV(...) parse_as(ARGV0, WORDS(__VA_ARGS__), WORDS("cmd"))
#define POD(...)     parse_as("/run/podman-init", NO_ENV, WORDS(__VA_ARGS__))

#define VERSION "tini version 0.1.7_sexton\n"
#define USAGE   "usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]\n"
#define MISSING "ERROR (catatonit:1): missing program name\n" USAGE
#define HELP                                                                                       \
	USAGE                                                                                      \
	"\n"                                                                                       \
	"options:\n"                                                                               \
	"  -g              Forward signals to pid1's process group.\n"                             \
	"  -h              Print this help page.\n"                                                \
	"  -L              Print license information.\n"                                           \
	"  -P              Run in pause mode (no program is run and quit on SIGINT).\n"            \
	"  -V, --version   Print version information.\n"                                           \
	"\n"                                                                                       \
	"The source code can be found at <https://github.com/openSUSE/catatonit/>.\n"              \
	"For bug reporting instructions, please see: <https://bugs.opensuse.org/>.\n"

enum { ERROR = 1, WARN, INFO, DEBUG };

static void its_policy_is_catatonits(UNUSED void **state)
{
	assert_runs(CAT("cmd"), "cmd");
	assert_true(config.subreaper && config.listen_pid && config.exec.is_an_exit);
	assert_false(config.keep_fds || config.keep_cwd || config.pause || config.farewell);
	assert_int_equal(config.tty, CONFIG_TTY_CONTROLLING);
	assert_int_equal(config.group, CONFIG_GROUP_NEW);
	assert_int_equal(config.forward, CONFIG_FORWARD_CHILD);
	assert_int_equal(config.rewrite[SIGTSTP], 0);
	assert_int_equal(config.rewrite[SIGTTIN], 0);
	assert_int_equal(config.rewrite[SIGTTOU], 0);
	assert_int_equal(config.exec.not_found, 1);
	assert_int_equal(config.exec.forbidden, 1);
	assert_int_equal(config.exec.other, 1);
	assert_int_equal(config.own_failure, 1);
	assert_int_equal(config.voice_level, ERROR);
	own_pid = 2;
	assert_runs(CAT("cmd"), "cmd");
	assert_int_equal(config.on_exit, CONFIG_ON_EXIT_DRAIN);
}

static void help_goes_to_stderr_and_version_to_stdout(UNUSED void **state)
{
	assert_left(CAT("-h"), 0, "", HELP);
	assert_left(CAT("cmd", "-hV"), 0, "", HELP);
	assert_left(CAT("-V"), 0, VERSION, "");
	assert_left(CAT("--version"), 0, VERSION, "");
	assert_left(CAT("cmd", "--v"), 0, VERSION, "");
	assert_left(POD("--version"), 0, VERSION, "");
	assert_left(POD("-h"), 0, "", HELP);
}

static void the_licence_goes_to_stdout(UNUSED void **state)
{
	static const char start[] = "catatonit: a container init so simple it's effectively "
				    "brain-dead\nCopyright (C) 2018 SUSE LLC\n";
	static const char end[] = "If not, see <https://www.gnu.org/licenses/>.\n";
	static struct stream whole;

	assert_int_equal(CAT("-L", "-x"), CLI_LEAVE);
	assert_int_equal(code, 0);
	assert_string_equal(err.text, "");
	assert_memory_equal(out.text, start, sizeof(start) - 1);
	assert_string_equal(out.text + out.used - sizeof(end) + 1, end);
	whole = out;
	assert_left(POD("-l"), 0, whole.text, "");
}

static void wrong_flags_show_the_usage(UNUSED void **state)
{
	assert_left(CAT("-x", "cmd"), 1, "", ARGV0 ": invalid option -- 'x'\n" USAGE);
	assert_left(CAT("cmd", "-c"), 1, "", ARGV0 ": invalid option -- 'c'\n" USAGE);
	assert_left(CAT("-s", "cmd"), 1, "", ARGV0 ": invalid option -- 's'\n" USAGE);
	assert_left(CAT("-v", "cmd"), 1, "", ARGV0 ": invalid option -- 'v'\n" USAGE);
	assert_left(CAT("-l", "cmd"), 1, "", ARGV0 ": invalid option -- 'l'\n" USAGE);
	assert_left(CAT("--help", "cmd"), 1, "", ARGV0 ": unrecognized option '--help'\n" USAGE);
	assert_left(CAT("--version=1"), 1, "",
		    ARGV0 ": option '--version' doesn't allow an argument\n" USAGE);
	assert_left(CAT(NULL), 1, "", MISSING);
	assert_left(CAT("-g", "--"), 1, "", MISSING);
	assert_left(POD("-v"), 1, "", MISSING);
}

static void flags_behind_the_program_are_catatonits(UNUSED void **state)
{
	assert_runs(CAT("cmd", "-g", "arg", "--", "-c"), "cmd");
	assert_int_equal(config.forward, CONFIG_FORWARD_GROUP);
	assert_string_equal(config.argv[1], "arg");
	assert_string_equal(config.argv[2], "-c");
	assert_runs(parse_as(ARGV0, WORDS("POSIXLY_CORRECT=1"), WORDS("cmd", "-c")), "cmd");
}

static void pause_needs_no_program_and_ignores_one(UNUSED void **state)
{
	static const char *const words[][4] = { { "-P" }, { "-gP", "cmd", "arg" }, { "x", "-P" } };

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(parse_as(ARGV0, WORDS("_PODMAN_PAUSE=1"), words[i]), CLI_RUN);
		assert_string_equal(err.text, "");
		assert_true(config.pause);
		assert_null(config.argv);
		assert_true(config.stop_signals == (SIGNALS_BIT(SIGTERM) | SIGNALS_BIT(SIGINT)));
		assert_string_equal(config.envp[0], "_PODMAN_PAUSE=1");
	}
	say(LOG_PAUSE_ENDS, DEBUG);
	assert_string_equal(err.text, "");
	assert_int_equal(POD("-P"), CLI_RUN);
	assert_true(config.pause);
	assert_left(CAT("-P", "-x"), 1, "", ARGV0 ": invalid option -- 'x'\n" USAGE);
}

static void CATATONIT_DEBUG_counts_by_being_there(UNUSED void **state)
{
	assert_runs(CAT_ENV("CATATONIT_DEBUG="), "cmd");
	assert_int_equal(config.voice_level, DEBUG);
	assert_string_equal(config.envp[0], "CATATONIT_DEBUG=");
	assert_runs(CAT_ENV("CATATONIT_DEBUG=0"), "cmd");
	assert_int_equal(config.voice_level, DEBUG);
	assert_runs(CAT_ENV("CATATONIT_DEBUGS=1"), "cmd");
	assert_int_equal(config.voice_level, ERROR);
}

static void CATATONIT_LOG_is_refused_before_anything_else(UNUSED void **state)
{
	static const char line[] =
		"ERROR (catatonit:1): CATATONIT_LOG is reserved for future use\n";

	assert_left(CAT_ENV("CATATONIT_LOG="), 1, "", line);
	assert_left(parse_as(ARGV0, WORDS("CATATONIT_LOG=x"), WORDS("--version")), 1, "", line);
	assert_left(parse_as(ARGV0, WORDS("CATATONIT_LOG=x"), WORDS("-x")), 1, "", line);
	assert_left(parse_as("podman-init", WORDS("CATATONIT_LOG="), WORDS("cmd")), 1, "", line);
}

static void podman_init_takes_tinis_flags(UNUSED void **state)
{
	assert_runs(POD("-sw", "-pSIGHUP", "-e", "3", "-g", "cmd"), "cmd");
	assert_true(config.subreaper && config.warn_reaped && config_is_ok_exit(&config, 3));
	assert_int_equal(config.parent_death, SIGHUP);
	assert_int_equal(config.forward, CONFIG_FORWARD_GROUP);
	assert_int_equal(config.voice_level, ERROR);
	assert_runs(POD("-v", "cmd"), "cmd");
	assert_int_equal(config.voice_level, WARN);
	assert_runs(POD("-vv", "cmd"), "cmd");
	assert_int_equal(config.voice_level, INFO);
	assert_runs(POD("-vvvvv", "cmd"), "cmd");
	assert_int_equal(config.voice_level, DEBUG);
}

static void what_podman_init_refuses_it_refuses_as_catatonit_would(UNUSED void **state)
{
	assert_left(POD("-p", "TERM", "cmd"), 1, "",
		    "ERROR (catatonit:1): Not a valid option for -p: TERM\n");
	assert_left(POD("-e", "256", "cmd"), 1, "",
		    "ERROR (catatonit:1): Not a valid option for -e: 256\n");
	assert_left(POD("-p"), 1, "",
		    "/run/podman-init: option requires an argument -- 'p'\n" USAGE);
	assert_left(POD("-x"), 1, "", "/run/podman-init: invalid option -- 'x'\n" USAGE);
}

static void our_own_warnings_are_heard_at_any_level(UNUSED void **state)
{
	assert_runs(CAT("cmd"), "cmd");
	log_set(config.voice, config.voice_level, 0);
	log_line(LOG_WARN, "hear me");
	assert_string_equal(err.text, "WARN (catatonit:1): hear me\n");
}

struct row {
	enum log_saying what;
	int level;
	const char *text;
};

static void assert_says(const struct row *rows, size_t count)
{
	char text[256];

	for (size_t i = 0; i < count; i++) {
		static const char *const prefix[] = { "", "ERROR", "WARN", "INFO", "DEBUG" };

		snprintf(text, sizeof(text), "%s (catatonit:1): %s\n", prefix[rows[i].level],
			 rows[i].text);
		say(rows[i].what, rows[i].level);
		assert_string_equal(err.text, rows[i].text ? text : "");
		assert_string_equal(out.text, "");
		if (rows[i].level > ERROR) {
			say(rows[i].what, rows[i].level - 1);
			assert_string_equal(err.text, "");
		}
	}
}

static void it_speaks_in_catatonits_words(UNUSED void **state)
{
	static const struct row rows[] = {
		{ LOG_SPAWNED, DEBUG, "pid1 (7) spawned: cmd" },
		{ LOG_NO_CONTROLLING_TTY, INFO,
		  "using stdin as tty fd: could not open /dev/tty: Operation not permitted" },
		{ LOG_NO_TTY, DEBUG,
		  "setting foreground process failed: no tty present: Operation not permitted" },
		{ LOG_EXEC_FAILED, ERROR, "failed to exec pid1: Operation not permitted" },
		{ LOG_SIGNAL_DROPPED, DEBUG,
		  "ignoring kernel attempting to stop us: tty has TOSTOP set" },
		{ LOG_FORWARD_REFUSED, WARN,
		  "forwarding of signal 15 to pid1 (7) failed: Operation not permitted" },
		{ LOG_FORWARD_TOO_LATE, WARN,
		  "forwarding of signal 15 to pid1 (7) failed: Operation not permitted" },
		{ LOG_HEIR_EXITED, DEBUG, "child process 7 exited with code 3" },
		{ LOG_HEIR_KILLED, DEBUG, "child process 7 exited due to signal 15" },
		{ LOG_NONE_LEFT, DEBUG, "got ECHILD: no children left to monitor" },
	};
	static const struct row group = {
		LOG_FORWARD_REFUSED, WARN,
		"forwarding of signal 15 to pid1 (-7) failed: Operation not permitted"
	};

	assert_runs(CAT("cmd"), "cmd");
	assert_says(rows, sizeof(rows) / sizeof(rows[0]));
	say(LOG_FORK_FAILED, ERROR);
	assert_string_equal(err.text,
			    "ERROR (catatonit:1): failed to fork child: Operation not permitted\n"
			    "ERROR (catatonit:1): failed to spawn pid1: Operation not permitted\n");
	/* asked for with -w, so it is heard */
	say(LOG_REAPED_EXITED, ERROR);
	assert_string_equal(err.text, "WARN (catatonit:1): child process 7 exited with code 3\n");
	say(LOG_REAPED_KILLED, ERROR);
	assert_string_equal(err.text,
			    "WARN (catatonit:1): child process 7 exited due to signal 15\n");
	assert_runs(CAT("-g", "cmd"), "cmd");
	assert_says(&group, 1);
}

static void it_says_nothing_of_what_catatonit_is_silent_about(UNUSED void **state)
{
	static const enum log_saying silent[] = { LOG_SUBREAPER, LOG_NO_REAPING,  LOG_SIGNAL,
						  LOG_FORWARDED, LOG_MAIN_EXITED, LOG_MAIN_KILLED,
						  LOG_NONE_DEAD, LOG_LEAVING };

	assert_runs(CAT("cmd"), "cmd");
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		say(silent[i], DEBUG);
		assert_string_equal(err.text, "");
		assert_string_equal(out.text, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(its_policy_is_catatonits),
		TEST(help_goes_to_stderr_and_version_to_stdout),
		TEST(the_licence_goes_to_stdout),
		TEST(wrong_flags_show_the_usage),
		TEST(flags_behind_the_program_are_catatonits),
		TEST(pause_needs_no_program_and_ignores_one),
		TEST(CATATONIT_DEBUG_counts_by_being_there),
		TEST(CATATONIT_LOG_is_refused_before_anything_else),
		TEST(podman_init_takes_tinis_flags),
		TEST(what_podman_init_refuses_it_refuses_as_catatonit_would),
		TEST(our_own_warnings_are_heard_at_any_level),
		TEST(it_speaks_in_catatonits_words),
		TEST(it_says_nothing_of_what_catatonit_is_silent_about),
	};

	return cmocka_run_group_tests_name("cli_catatonit", tests, NULL, NULL);
}
