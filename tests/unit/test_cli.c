/* SPDX-License-Identifier: MIT */
/*
 * test_cli.c - the command line, the environment, help and version (sexton/cli.h). What each option
 * takes and refuses is in test_cli_option.c.
 */
#include "cli_fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Where options end */

static void the_command_and_its_options_are_left_alone(UNUSED void **state)
{
	assert_int_equal(PARSE("-v", "cmd", "-v", "--help", "--", "--grace=x", "-z"), CLI_RUN);
	assert_int_equal(config.verbosity, 1);
	assert_ptr_equal(config.argv, argv_copy + 2);
	assert_string_equal(config.argv[0], "cmd");
	assert_string_equal(config.argv[5], "-z");
	assert_null(config.argv[6]);
}

static void two_dashes_end_the_options_once(UNUSED void **state)
{
	assert_int_equal(PARSE("-v", "--", "-v", "--"), CLI_RUN);
	assert_int_equal(config.verbosity, 1);
	assert_ptr_equal(config.argv, argv_copy + 3);
	assert_int_equal(PARSE("--", "--", "cmd"), CLI_RUN);
	assert_string_equal(config.argv[0], "--");
}

static void a_single_dash_and_an_empty_word_are_commands(UNUSED void **state)
{
	assert_int_equal(PARSE("-", "-v"), CLI_RUN);
	assert_string_equal(config.argv[0], "-");
	assert_int_equal(PARSE("", "-v"), CLI_RUN);
	assert_string_equal(config.argv[0], "");
	assert_int_equal(config.verbosity, 0);
}

static void without_a_command_one_line_says_how_to_call(UNUSED void **state)
{
	static const char line[] = "sexton: no command given; call it as: sexton [OPTIONS] [--] "
				   "COMMAND [ARG...] (sexton --help lists the options)\n";
	char *nothing[] = { NULL };

	assert_refused(PARSE("-v"), line);
	assert_refused(PARSE("--"), line);
	forget(NULL);
	assert_refused(cli_parse(&config, 0, nothing, nothing, &code), line);
	forget(NULL);
	argv_copy[1] = NULL;
	assert_refused(cli_parse(&config, 1, argv_copy, nothing, &code), line);
}

/* What is refused */

static void unknown_options_are_named(UNUSED void **state)
{
	static const char tail[] = "'; sexton --help lists them\n";

	assert_refused(PARSE("--foo", "cmd"),
		       "sexton: unknown option '--foo'; sexton --help lists them\n");
	assert_refused_so(PARSE("--foo=bar", "cmd"), "sexton: unknown option '--foo=bar", tail);
	assert_refused_so(PARSE("-s", "--", "cmd"), "sexton: unknown option '-s", tail);
	assert_refused_so(PARSE("-gz", "cmd"), "sexton: unknown option '-z", tail);
	assert_refused_so(PARSE("--grac=5s", "cmd"), "sexton: unknown option '--grac=5s", tail);
	assert_refused_so(PARSE("--graces=5s", "cmd"), "sexton: unknown option '--graces", tail);
	assert_refused_so(PARSE("--Grace=5s", "cmd"), "sexton: unknown option '--Grace", tail);
	assert_refused_so(PARSE("--=5s", "cmd"), "sexton: unknown option '--=5s", tail);
	assert_refused_so(PARSE("---", "cmd"), "sexton: unknown option '---", tail);
	assert_refused_so(PARSE("-e0", "-\n", "cmd"), "sexton: unknown option '-?", tail);
}

static void every_option_refuses_an_empty_value_and_a_missing_one(UNUSED void **state)
{
	char word[64];
	char start[128];

	for (size_t i = 0; i < cli_option_count; i++) {
		const struct cli_option *option = &cli_option_table[i];

		snprintf(word, sizeof(word), "--%s=", option->name);
		snprintf(start, sizeof(start), "sexton: --%s: '': ", option->name);
		assert_refused_so(PARSE(word, "cmd"), start, "\n");
		if (!option->placeholder)
			continue;
		snprintf(word, sizeof(word), "--%s", option->name);
		snprintf(start, sizeof(start), "sexton: --%s: no value given; allowed are ",
			 option->name);
		assert_refused_so(PARSE(word), start, "\n");
		if (!option->letter || option->letter_value)
			continue;
		snprintf(word, sizeof(word), "-%c", option->letter);
		assert_refused_so(PARSE(word), start, "\n");
	}
}

static void control_characters_of_a_wrong_value_are_not_printed(UNUSED void **state)
{
	assert_refused_so(PARSE("--grace=5\nsexton: all is well\x1b[2K", "cmd"),
			  "sexton: --grace: '5?sexton: all is well?[2K': not a duration; ", "\n");
}

static void a_huge_wrong_value_leaves_room_for_what_is_allowed(UNUSED void **state)
{
	char word[5000] = "--rewrite=";
	size_t used = strlen(word);

	memset(word + used, 'x', sizeof(word) - used - 1);
	word[sizeof(word) - 1] = '\0';
	assert_refused_so(PARSE(word, "cmd"), "sexton: --rewrite: 'xxxxxxxx",
			  "x...': not FROM:TO; allowed are pairs like TERM:QUIT, 15:3 or HUP:none, "
			  "separated by commas\n");
}

/* The environment */

static void every_option_is_also_a_variable(UNUSED void **state)
{
	TAKEN_ENV("SEXTON_FORWARD=group", "SEXTON_REWRITE=TERM:QUIT,HUP:none",
		  "SEXTON_STOP_SIGNALS=USR1", "SEXTON_ASK_WITH=INT", "SEXTON_ON_EXIT=wait",
		  "SEXTON_GRACE=1s", "SEXTON_STOP_TIMEOUT=2s", "SEXTON_EXIT_CODE=worst",
		  "SEXTON_OK_EXIT=143,1", "SEXTON_PARENT_DEATH=KILL", "SEXTON_NO_SUBREAPER=1",
		  "SEXTON_WARN_REAPED=yes", "SEXTON_VERBOSE=2", "SEXTON_DELAY=TERM:1s",
		  "SEXTON_MAIN_PID_FILE=/run/pid", "SEXTON_EXEC=wait");
	assert_int_equal(config.forward, CONFIG_FORWARD_GROUP);
	assert_int_equal(config.rewrite[SIGTERM], SIGQUIT);
	assert_int_equal(config.rewrite[SIGHUP], 0);
	assert_int_equal(config.stop_signals, SIGNALS_BIT(SIGUSR1));
	assert_int_equal(config.ask[0].sig, SIGINT);
	assert_int_equal(config.on_exit, CONFIG_ON_EXIT_WAIT);
	assert_int_equal(config.grace_ns, NS_PER_S);
	assert_int_equal(config.stop_timeout_ns, 2 * NS_PER_S);
	assert_int_equal(config.exit_code, CONFIG_EXIT_CODE_WORST);
	assert_true(config_is_ok_exit(&config, 143) && config_is_ok_exit(&config, 1));
	assert_int_equal(config.parent_death, SIGKILL);
	assert_false(config.subreaper);
	assert_true(config.warn_reaped);
	assert_int_equal(config.verbosity, 2);
	assert_int_equal(config.delay_ns[SIGTERM], NS_PER_S);
	assert_string_equal(config.main_pid_file, "/run/pid");
	assert_int_equal(config.guests, CONFIG_GUESTS_WAIT);
	assert_null(config.envp[0]);
}

static void flag_variables_take_eight_words(UNUSED void **state)
{
	static const char *const words[] = { "0", "1", "false", "TRUE", "no", "Yes", "off", "on" };
	char entry[64];

	for (size_t i = 0; i < 8; i++) {
		snprintf(entry, sizeof(entry), "SEXTON_WARN_REAPED=%s", words[i]);
		TAKEN_ENV(entry);
		assert_int_equal(config.warn_reaped, i % 2);
		snprintf(entry, sizeof(entry), "SEXTON_NO_SUBREAPER=%s", words[i]);
		TAKEN_ENV(entry);
		assert_int_equal(config.subreaper, i % 2 == 0);
	}
}

static void the_command_line_wins_over_variables(UNUSED void **state)
{
	assert_int_equal(
		parse(WORDS("SEXTON_FORWARD=group", "SEXTON_GRACE=1s", "SEXTON_VERBOSE=2",
			    "SEXTON_WARN_REAPED=1", "SEXTON_NO_SUBREAPER=yes"),
		      WORDS("--forward=child", "--grace=2s", "-v", "--warn-reaped=no", "cmd")),
		CLI_RUN);
	assert_int_equal(config.forward, CONFIG_FORWARD_CHILD);
	assert_int_equal(config.grace_ns, 2 * NS_PER_S);
	assert_int_equal(config.verbosity, 1);
	assert_false(config.warn_reaped);
	assert_false(config.subreaper); /* not on the command line: the variable counts */
}

static void a_list_on_the_command_line_replaces_that_of_the_variable(UNUSED void **state)
{
	assert_int_equal(parse(WORDS("SEXTON_REWRITE=TERM:QUIT", "SEXTON_OK_EXIT=1,2"),
			       WORDS("-rHUP:none", "-e3", "-e4", "cmd")),
			 CLI_RUN);
	assert_int_equal(config.rewrite[SIGTERM], SIGTERM);
	assert_int_equal(config.rewrite[SIGHUP], 0);
	assert_false(config_is_ok_exit(&config, 1) || config_is_ok_exit(&config, 2));
	assert_true(config_is_ok_exit(&config, 3) && config_is_ok_exit(&config, 4));
}

static void an_empty_variable_counts_as_unset_and_is_removed(UNUSED void **state)
{
	TAKEN_ENV("SEXTON_GRACE=", "SEXTON_REWRITE=", "SEXTON_VERBOSE=", "SEXTON_WARN_REAPED=");
	assert_int_equal(config.grace_ns, 5 * NS_PER_S);
	assert_null(config.envp[0]);
}

static void of_a_variable_given_twice_the_first_counts_and_both_go(UNUSED void **state)
{
	TAKEN_ENV("SEXTON_GRACE=1s", "A=b", "SEXTON_GRACE=2s");
	assert_int_equal(config.grace_ns, NS_PER_S);
	assert_string_equal(config.envp[0], "A=b");
	assert_null(config.envp[1]);
}

static void only_our_variables_are_taken_out_and_the_callers_array_stays(UNUSED void **state)
{
	static const char *const env[] = {
		"PATH=/bin",        "SEXTON_GRACE=1s", "SEXTON_RELEASE=7",
		"SEXTON_GRACES=x",  "SEXTON_HELP=1",   "SEXTON_VERSION=2",
		"SEXTON_GRACE",     "sexton_grace=x",  "XSEXTON_GRACE=x",
		"SEXTON_VERBOSE=1", "LAST=",           NULL
	};
	static const size_t kept[] = { 0, 2, 3, 4, 5, 6, 7, 8, 10 };
	const size_t count = sizeof(kept) / sizeof(kept[0]);
	const char *given[sizeof(env) / sizeof(env[0])];

	memcpy(given, env, sizeof(env));
	assert_int_equal(parse(given, WORDS("-v", "cmd")), CLI_RUN);
	assert_string_equal(err.text, "");
	for (size_t i = 0; i < count; i++)
		assert_ptr_equal(config.envp[i], env[kept[i]]);
	assert_null(config.envp[count]);
	assert_memory_equal(given, env, sizeof(env));
}

static void no_memory_for_the_environment_is_said_and_ends_it(UNUSED void **state)
{
	char *nothing[] = { NULL };

	PARSE("cmd"); /* lays argv out */
	forget(NULL);
	no_memory = true;
	assert_refused(cli_parse(&config, 2, argv_copy, nothing, &code),
		       "sexton: no memory for the command's environment\n");
}

/* Help and version */

static void help_goes_to_stdout_and_needs_no_command(UNUSED void **state)
{
	static const char start[] = "Usage: sexton [OPTIONS] [--] COMMAND [ARG...]\n";

	assert_int_equal(PARSE("--help"), CLI_LEAVE);
	assert_int_equal(code, 0);
	assert_string_equal(err.text, "");
	assert_memory_equal(out.text, start, sizeof(start) - 1);
	assert_int_equal(out.text[out.used - 1], '\n');
	assert_int_equal(PARSE("-vh", "--nonsense"), CLI_LEAVE);
	assert_int_equal(code, 0);
	assert_memory_equal(out.text, start, sizeof(start) - 1);
}

static void help_is_given_also_when_a_variable_is_wrong(UNUSED void **state)
{
	assert_int_equal(parse(WORDS("SEXTON_GRACE=x"), WORDS("--help")), CLI_LEAVE);
	assert_int_equal(code, 0);
	assert_string_equal(err.text, "");
}

static void help_names_every_option_and_default_in_80_columns(UNUSED void **state)
{
	char text[64];

	PARSE("--help");
	for (size_t i = 0; i < cli_option_count; i++) {
		const struct cli_option *option = &cli_option_table[i];

		snprintf(text, sizeof(text), "--%s", option->name);
		assert_non_null(strstr(out.text, text));
		snprintf(text, sizeof(text), "\n  -%c", option->letter);
		assert_true(!option->letter || strstr(out.text, text));
		snprintf(text, sizeof(text), "[%s]", option->standard ? option->standard : "");
		assert_true(!option->placeholder || !option->standard || strstr(out.text, text));
	}
	for (const char *line = out.text; *line; line += strcspn(line, "\n") + 1)
		assert_in_range(strcspn(line, "\n"), 0, 80);
}

static void help_goes_out_in_one_piece_down_to_its_last_line(UNUSED void **state)
{
	static const char end[] = "Example: sexton --grace=10s -e 143 -- java -jar app.jar\n";

	PARSE("--help");
	assert_int_equal(writes, 1);
	assert_in_range(out.used, sizeof(end), sizeof(out.text));
	assert_string_equal(out.text + out.used - strlen(end), end);
	assert_non_null(strstr(out.text, "\n-r, -e and --delay may be repeated.\n"));
}

static void help_is_written_whole_to_a_pipe_that_takes_little(UNUSED void **state)
{
	static struct stream whole;

	PARSE("--help");
	whole = out;
	forget(NULL);
	write_limit = 7;
	assert_int_equal(cli_help_print(), 0);
	assert_string_equal(out.text, whole.text);
}

static void help_on_a_closed_stdout_is_a_failure_and_no_crash(UNUSED void **state)
{
	char *nothing[] = { NULL };

	PARSE("--help");
	forget(NULL);
	write_limit = -EBADF;
	assert_refused(cli_parse(&config, 2, argv_copy, nothing, &code),
		       "sexton: --help: cannot write to stdout: Bad file descriptor\n");
}

static void version_needs_no_command_and_knows_the_verbosity(UNUSED void **state)
{
	assert_int_equal(PARSE("--version"), CLI_VERSION);
	assert_int_equal(config.verbosity, 0);
	assert_int_equal(PARSE("-V", "-v", "cmd"), CLI_VERSION);
	assert_int_equal(config.verbosity, 1);
	assert_int_equal(parse(WORDS("SEXTON_VERBOSE=1"), WORDS("-V")), CLI_VERSION);
	assert_int_equal(config.verbosity, 1);
	assert_string_equal(err.text, "");
	assert_string_equal(out.text, "");
}

static void help_and_version_take_no_value(UNUSED void **state)
{
	assert_refused(PARSE("--help=1"), "sexton: --help: '1': takes no value\n");
	assert_refused(PARSE("--version=2"), "sexton: --version: '2': takes no value\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_command_and_its_options_are_left_alone),
		TEST(two_dashes_end_the_options_once),
		TEST(a_single_dash_and_an_empty_word_are_commands),
		TEST(without_a_command_one_line_says_how_to_call),
		TEST(unknown_options_are_named),
		TEST(every_option_refuses_an_empty_value_and_a_missing_one),
		TEST(control_characters_of_a_wrong_value_are_not_printed),
		TEST(a_huge_wrong_value_leaves_room_for_what_is_allowed),
		TEST(every_option_is_also_a_variable),
		TEST(flag_variables_take_eight_words),
		TEST(the_command_line_wins_over_variables),
		TEST(a_list_on_the_command_line_replaces_that_of_the_variable),
		TEST(an_empty_variable_counts_as_unset_and_is_removed),
		TEST(of_a_variable_given_twice_the_first_counts_and_both_go),
		TEST(only_our_variables_are_taken_out_and_the_callers_array_stays),
		TEST(no_memory_for_the_environment_is_said_and_ends_it),
		TEST(help_goes_to_stdout_and_needs_no_command),
		TEST(help_is_given_also_when_a_variable_is_wrong),
		TEST(help_names_every_option_and_default_in_80_columns),
		TEST(help_goes_out_in_one_piece_down_to_its_last_line),
		TEST(help_is_written_whole_to_a_pipe_that_takes_little),
		TEST(help_on_a_closed_stdout_is_a_failure_and_no_crash),
		TEST(version_needs_no_command_and_knows_the_verbosity),
		TEST(help_and_version_take_no_value),
	};

	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
