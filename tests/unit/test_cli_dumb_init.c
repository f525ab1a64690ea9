/* SPDX-License-Identifier: MIT */
/* test_cli_dumb_init.c - dumb-init: each flag, variable and text (sexton/cli_call.h). */
#include "cli_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define ARGV0 "/usr/bin/dumb-init"

#define DUMB(...)     parse_as(ARGV0, NO_ENV, WORDS(__VA_ARGS__))
#define DUMB_ENV(...) parse_as(ARGV0, WORDS(__VA_ARGS__), WORDS("cmd"))

#define HELP                                                                                       \
	"dumb-init v1.2.5\n"                                                                       \
	"Usage: " ARGV0 " [option] command [[arg] ...]\n"                                          \
	"\n"                                                                                       \
	"dumb-init is a simple process supervisor that forwards signals to children.\n"            \
	"It is designed to run as PID1 in minimal container environments.\n"                       \
	"\n"                                                                                       \
	"Optional arguments:\n"                                                                    \
	"   -c, --single-child   Run in single-child mode.\n"                                      \
	"                        In this mode, signals are only proxied to the\n"                  \
	"                        direct child and not any of its descendants.\n"                   \
	"   -r, --rewrite s:r    Rewrite received signal s to new signal r before proxying.\n"     \
	"                        To ignore (not proxy) a signal, rewrite it to 0.\n"               \
	"                        This option can be specified multiple times.\n"                   \
	"   -v, --verbose        Print debugging information to stderr.\n"                         \
	"   -h, --help           Print this help message and exit.\n"                              \
	"   -V, --version        Print the current version and exit.\n"                            \
	"\n"                                                                                       \
	"Full help is available online at https://github.com/Yelp/dumb-init\n"

#define REWRITE_HELP                                                                               \
	"Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and 31.\n"          \
	"This option can be specified multiple times.\n"                                           \
	"Use --help for full usage.\n"

#define NO_COMMAND                                                                                 \
	"Usage: " ARGV0 " [option] program [args]\n"                                               \
	"Try " ARGV0 " --help for full usage.\n"

#define JOB_SIGNALS (SIGNALS_BIT(SIGTSTP) | SIGNALS_BIT(SIGTTIN) | SIGNALS_BIT(SIGTTOU))

static void its_policy_is_dumb_inits(UNUSED void **state)
{
	assert_runs(DUMB("cmd"), "cmd");
	assert_false(config.subreaper || config.listen_pid || config.keep_cwd || config.pause);
	assert_true(config.keep_fds && config.farewell && config.default_signals);
	assert_int_equal(config.group, CONFIG_GROUP_SESSION);
	assert_int_equal(config.tty, CONFIG_TTY_AUTO);
	assert_int_equal(config.forward, CONFIG_FORWARD_GROUP);
	assert_int_equal(config.rewrite[SIGTSTP], SIGSTOP);
	assert_int_equal(config.rewrite[SIGTTIN], SIGSTOP);
	assert_int_equal(config.rewrite[SIGTTOU], SIGSTOP);
	assert_true(config.suspend_on == JOB_SIGNALS);
	assert_int_equal(config.ask[0].sig, SIGTERM);
	assert_true(config.exec.is_an_exit);
	assert_int_equal(config.exec.not_found, 2);
	assert_int_equal(config.exec.forbidden, 2);
	assert_int_equal(config.exec.other, 2);
	assert_int_equal(config.own_failure, 1);
	assert_int_equal(config.voice_level, 0);
}

static void help_and_version_go_to_stderr(UNUSED void **state)
{
	assert_left(DUMB("-h"), 0, "", HELP);
	assert_left(DUMB("-v", "--help", "cmd"), 0, "", HELP);
	assert_left(DUMB("--h"), 0, "", HELP);
	assert_left(DUMB("-V"), 0, "", "dumb-init v1.2.5\n");
	assert_left(DUMB("--version"), 0, "", "dumb-init v1.2.5\n");
	assert_left(DUMB("-hV"), 0, "", HELP);
	assert_left(DUMB("-Vh"), 0, "", "dumb-init v1.2.5\n");
}

static void wrong_flags_are_one_line(UNUSED void **state)
{
	assert_left(DUMB("-x", "cmd"), 1, "", ARGV0 ": invalid option -- 'x'\n");
	assert_left(DUMB("--foo", "cmd"), 1, "", ARGV0 ": unrecognized option '--foo'\n");
	assert_left(DUMB("-r"), 1, "", ARGV0 ": option requires an argument -- 'r'\n");
	assert_left(DUMB("--rewrite"), 1, "", ARGV0 ": option '--rewrite' requires an argument\n");
	assert_left(DUMB("--verbose=1", "cmd"), 1, "",
		    ARGV0 ": option '--verbose' doesn't allow an argument\n");
	assert_left(DUMB("--ver", "cmd"), 1, "",
		    ARGV0 ": option '--ver' is ambiguous; possibilities: '--verbose' "
			  "'--version'\n");
}

static void without_a_command_two_lines_say_how_to_call(UNUSED void **state)
{
	assert_left(DUMB(NULL), 1, "", NO_COMMAND);
	assert_left(DUMB("-v", "--"), 1, "", NO_COMMAND);
	/* before its variables are read */
	assert_left(parse_as(ARGV0, WORDS("DUMB_INIT_DEBUG=1"), WORDS(NULL)), 1, "", NO_COMMAND);
}

static void options_end_at_the_command(UNUSED void **state)
{
	assert_runs(DUMB("cmd", "-c", "--help", "--"), "cmd");
	assert_int_equal(config.group, CONFIG_GROUP_SESSION);
	assert_string_equal(config.argv[1], "-c");
	assert_string_equal(config.argv[3], "--");
	assert_runs(DUMB("--", "-c"), "-c");
	assert_runs(DUMB("-", "-c"), "-");
}

static void single_child_means_no_session_no_group_and_no_rewriting(UNUSED void **state)
{
	static const char *const flags[] = { "-c", "--single-child", "--s" };

	for (size_t i = 0; i < 3; i++) {
		assert_runs(DUMB(flags[i], "cmd"), "cmd");
		assert_int_equal(config.group, CONFIG_GROUP_SAME);
		assert_int_equal(config.forward, CONFIG_FORWARD_CHILD);
		assert_int_equal(config.rewrite[SIGTSTP], SIGTSTP);
		assert_int_equal(config.rewrite[SIGTTOU], SIGTTOU);
		assert_true(config.suspend_on == JOB_SIGNALS);
		assert_false(config.tty_signals_once);
	}
}

static void rewrites_are_read_as_sscanf_reads_them(UNUSED void **state)
{
	static const struct {
		const char *word;
		int from;
		int to;
	} rows[] = {
		{ "15:3", 15, 3 },   { " 15: 3", 15, 3 }, { "15:3xyz", 15, 3 },
		{ "+1:+0", 1, 0 },   { "31:-0", 31, 0 },  { "020:007", 20, 7 },
		{ "20:20", 20, 20 }, { "9:17", 9, 17 },   { "15:3:4", 15, 3 },
		{ "15:3.9", 15, 3 }, { "21:0x5", 21, 0 }, { "4294967311:2", 15, 2 },
	};
	static const char *const wrong[] = {
		"",    "15",   "15:",  ":3",    "15 :3", "TERM:INT",
		"0:1", "-1:1", "32:1", "1:32",  "1:-1",  "15;3",
		":",   "-:1",  "x",    "0x1:2", "15:x",  "99999999999999999999:1"
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_runs(DUMB("-r", rows[i].word, "cmd"), "cmd");
		assert_int_equal(config.rewrite[rows[i].from], rows[i].to);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_left(DUMB("-r", wrong[i], "cmd"), 1, "", REWRITE_HELP);
	assert_left(DUMB("--rewrite=", "cmd"), 1, "", REWRITE_HELP);
}

static void of_rewrites_the_last_counts_and_those_of_job_control_stay(UNUSED void **state)
{
	assert_runs(DUMB("-r15:3", "--rewrite=15:2", "--rew", "20:0", "-r", "21:21", "cmd"), "cmd");
	assert_int_equal(config.rewrite[15], 2);
	assert_int_equal(config.rewrite[SIGTSTP], 0);
	assert_int_equal(config.rewrite[SIGTTIN], SIGTTIN);
	assert_int_equal(config.rewrite[SIGTTOU], SIGSTOP);
}

static void who_is_told_TERM_in_other_words_is_asked_in_them(UNUSED void **state)
{
	assert_runs(DUMB("-r15:2", "cmd"), "cmd");
	assert_int_equal(config.ask[0].sig, SIGINT);
	assert_runs(DUMB("-r15:0", "cmd"), "cmd");
	assert_int_equal(config.ask[0].sig, SIGTERM);
}

static void debugging_is_switched_on_by_a_flag_or_exactly_1(UNUSED void **state)
{
	static const char *const others[] = { "DUMB_INIT_DEBUG=0",
					      "DUMB_INIT_DEBUG=", "DUMB_INIT_DEBUG=11",
					      "DUMB_INIT_DEBUG=true" };

	assert_runs(DUMB("-v", "cmd"), "cmd");
	assert_int_equal(config.voice_level, 1);
	assert_runs(DUMB("--verb", "cmd"), "cmd");
	assert_int_equal(config.voice_level, 1);
	assert_int_equal(DUMB_ENV("DUMB_INIT_DEBUG=1"), CLI_RUN);
	assert_int_equal(config.voice_level, 1);
	assert_string_equal(err.text, "[dumb-init] Running in debug mode.\n");
	assert_string_equal(config.envp[0], "DUMB_INIT_DEBUG=1");
	for (size_t i = 0; i < 4; i++) {
		assert_runs(DUMB_ENV(others[i]), "cmd");
		assert_int_equal(config.voice_level, 0);
	}
}

static void setsid_is_switched_off_by_exactly_0(UNUSED void **state)
{
	assert_runs(DUMB_ENV("DUMB_INIT_SETSID=0"), "cmd");
	assert_int_equal(config.group, CONFIG_GROUP_SAME);
	assert_int_equal(config.forward, CONFIG_FORWARD_CHILD);
	assert_int_equal(config.rewrite[SIGTSTP], SIGTSTP);
	assert_runs(DUMB_ENV("DUMB_INIT_SETSID="), "cmd");
	assert_int_equal(config.group, CONFIG_GROUP_SESSION);
	assert_runs(DUMB_ENV("DUMB_INIT_SETSID=no"), "cmd");
	assert_int_equal(config.group, CONFIG_GROUP_SESSION);
	assert_int_equal(DUMB_ENV("DUMB_INIT_SETSID=0", "DUMB_INIT_DEBUG=1"), CLI_RUN);
	assert_string_equal(err.text, "[dumb-init] Running in debug mode.\n"
				      "[dumb-init] Not running in setsid mode.\n");
	assert_int_equal(parse_as(ARGV0, WORDS("DUMB_INIT_SETSID=0"), WORDS("-v", "cmd")), CLI_RUN);
	assert_string_equal(err.text, "[dumb-init] Not running in setsid mode.\n");
}

static void our_variables_lose_against_its_flags(UNUSED void **state)
{
	assert_runs(DUMB_ENV("SEXTON_REWRITE=TSTP:TSTP,TERM:QUIT"), "cmd");
	assert_int_equal(config.rewrite[SIGTSTP], SIGTSTP);
	assert_int_equal(config.rewrite[SIGTTIN], SIGSTOP);
	assert_int_equal(config.rewrite[SIGTERM], SIGQUIT);
	assert_runs(parse_as(ARGV0, WORDS("SEXTON_REWRITE=TERM:QUIT", "SEXTON_FORWARD=group"),
			     WORDS("-c", "-r15:2", "cmd")),
		    "cmd");
	assert_int_equal(config.rewrite[SIGTERM], SIGINT);
	assert_int_equal(config.forward, CONFIG_FORWARD_CHILD);
	assert_runs(DUMB_ENV("SEXTON_ASK_WITH=HUP"), "cmd");
	assert_int_equal(config.ask[0].sig, SIGHUP);
}

static void outside_pid_1_it_leaves(UNUSED void **state)
{
	assert_runs(DUMB("cmd"), "cmd");
	assert_int_equal(config.on_exit, CONFIG_ON_EXIT_DRAIN);
	own_pid = 2;
	assert_runs(DUMB("cmd"), "cmd");
	assert_int_equal(config.on_exit, CONFIG_ON_EXIT_LEAVE);
	assert_runs(DUMB_ENV("SEXTON_NO_SUBREAPER=0"), "cmd");
	assert_int_equal(config.on_exit, CONFIG_ON_EXIT_DRAIN);
}

static void it_speaks_in_dumb_inits_words(UNUSED void **state)
{
	static const struct {
		enum log_saying what;
		int level;
		const char *line;
	} rows[] = {
		{ LOG_NO_REAPING, 1, "" },
		{ LOG_LEFT_TTY, 1,
		  "Detached from controlling tty, ignoring the first SIGHUP and SIGCONT we "
		  "receive." },
		{ LOG_LEFT_TTY_LED, 1,
		  "Detached from controlling tty, but was not session leader." },
		{ LOG_TTY_NOT_LEFT, 1,
		  "Unable to detach from controlling tty (errno=1 Operation not permitted)." },
		{ LOG_FORK_FAILED, 0, "Unable to fork. Exiting." },
		{ LOG_SPAWNED, 1, "Child spawned with PID 7." },
		{ LOG_TTY_NOT_ATTACHED, 1,
		  "Unable to attach to controlling tty (errno=1 Operation not permitted)." },
		{ LOG_NEW_SESSION, 1, "setsid complete." },
		{ LOG_EXEC_FAILED, 0, "cmd: Operation not permitted" },
		{ LOG_SIGNAL, 1, "Received signal 15." },
		{ LOG_SIGNAL, 0, "" },
		{ LOG_SIGNAL_OF_HANDOFF, 1, "Ignoring tty hand-off signal 15." },
		{ LOG_SIGNAL_REWRITTEN, 1, "Translating signal 15 to 2." },
		{ LOG_SIGNAL_DROPPED, 1, "Not forwarding signal 2 to children (ignored)." },
		{ LOG_FORWARDED, 1, "Forwarded signal 15 to children." },
		{ LOG_FORWARD_TOO_LATE, 1, "Forwarded signal 15 to children." },
		{ LOG_FORWARD_REFUSED, 1, "Forwarded signal 15 to children." },
		{ LOG_FORWARD_REFUSED, 0, "" },
		{ LOG_SUSPENDING, 1, "Suspending self due to TTY signal." },
		{ LOG_CHILDREN_DIED, 1, "Received signal 17." },
		{ LOG_MAIN_EXITED, 1, "A child with PID 7 exited with exit status 3." },
		{ LOG_MAIN_KILLED, 1, "A child with PID 7 was terminated by signal 15." },
		{ LOG_HEIR_EXITED, 1, "A child with PID 7 exited with exit status 3." },
		{ LOG_HEIR_KILLED, 1, "A child with PID 7 was terminated by signal 15." },
		{ LOG_HEIR_KILLED, 0, "" },
		{ LOG_REAPED_EXITED, 0, "A child with PID 7 exited with exit status 3." },
		{ LOG_REAPED_KILLED, 0, "A child with PID 7 was terminated by signal 15." },
		{ LOG_LEAVING, 1, "Child exited with status 3. Goodbye." },
	};
	char line[256];

	assert_runs(DUMB("cmd"), "cmd");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(line, sizeof(line), rows[i].line[0] ? "[dumb-init] %s\n" : "%s",
			 rows[i].line);
		say(rows[i].what, rows[i].level);
		assert_string_equal(err.text, line);
		assert_string_equal(out.text, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(its_policy_is_dumb_inits),
		TEST(help_and_version_go_to_stderr),
		TEST(wrong_flags_are_one_line),
		TEST(without_a_command_two_lines_say_how_to_call),
		TEST(options_end_at_the_command),
		TEST(single_child_means_no_session_no_group_and_no_rewriting),
		TEST(rewrites_are_read_as_sscanf_reads_them),
		TEST(of_rewrites_the_last_counts_and_those_of_job_control_stay),
		TEST(who_is_told_TERM_in_other_words_is_asked_in_them),
		TEST(debugging_is_switched_on_by_a_flag_or_exactly_1),
		TEST(setsid_is_switched_off_by_exactly_0),
		TEST(our_variables_lose_against_its_flags),
		TEST(outside_pid_1_it_leaves),
		TEST(it_speaks_in_dumb_inits_words),
	};

	return cmocka_run_group_tests_name("cli_dumb_init", tests, NULL, NULL);
}
