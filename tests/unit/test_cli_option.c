/* SPDX-License-Identifier: MIT */
/*
 * test_cli_option.c - what each option takes and refuses (sexton/cli_option.h, config.h).
 *
 * Every wrong value is tried on the command line and as a variable, and every documented default is
 * compared with what config_init() really does.
 */
#include "cli_fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Durations */

static int64_t duration(const char *text)
{
	int64_t ns = -1;
	int error = cli_duration(text, &ns);

	if (error != 0)
		assert_int_equal(ns, -1);
	return error == 0 ? ns : error;
}

static void durations_are_read_in_every_unit(UNUSED void **state)
{
	assert_int_equal(duration("500ms"), NS_PER_S / 2);
	assert_int_equal(duration("5s"), 5 * NS_PER_S);
	assert_int_equal(duration("2m"), 120 * NS_PER_S);
	assert_int_equal(duration("1h"), 3600 * NS_PER_S);
	assert_int_equal(duration("0"), 0);
	assert_int_equal(duration("0s"), 0);
	assert_int_equal(duration("007s"), 7 * NS_PER_S);
	assert_true(duration("none") == CONFIG_NO_LIMIT);
	assert_true(duration("None") == CONFIG_NO_LIMIT);
}

static void durations_may_have_fractions(UNUSED void **state)
{
	assert_int_equal(duration("1.5s"), 3 * NS_PER_S / 2);
	assert_int_equal(duration("0.25h"), 900 * NS_PER_S);
	assert_int_equal(duration("1.000000001s"), NS_PER_S + 1);
	assert_int_equal(duration("0.00000000001s"), 0);
	assert_int_equal(duration("0.99999999999999999999999999999s"), NS_PER_S - 1);
}

static void what_is_no_duration_is_refused(UNUSED void **state)
{
	static const char *const wrong[] = {
		"",    "5",   "5 s", " 5s",   "5s ",      "s",          "ms",   ".5s",   "5.s",
		"5.",  "-5s", "+5s", "5S",    "5sec",     "1d",         "5s5s", "0x5s",  "1e3s",
		"1.5", "00",  "0.0", "never", "nonesuch", "5\xc2\xb5s", "1,5s", "1.5.5s"
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(duration(wrong[i]), -EINVAL);
}

static void durations_beyond_ten_years_are_out_of_range_and_never_overflow(UNUSED void **state)
{
	assert_int_equal(duration("87600h"), 315360000 * NS_PER_S);
	assert_int_equal(duration("87600.1h"), -ERANGE);
	assert_int_equal(duration("87601h"), -ERANGE);
	assert_int_equal(duration("9223372036855ms"), -ERANGE); /* one more than INT64_MAX ns */
	assert_int_equal(duration("18446744073709551616s"), -ERANGE);
	assert_int_equal(duration("99999999999999999999999999999999999999h"), -ERANGE);
	assert_int_equal(duration("00000000000000000000000000000000000001h"), 3600 * NS_PER_S);
}

/* Defaults */

static void without_options_everything_is_at_its_default(UNUSED void **state)
{
	assert_int_equal(PARSE("cmd"), CLI_RUN);
	assert_int_equal(config.forward, CONFIG_FORWARD_CHILD);
	assert_int_equal(config.on_exit, CONFIG_ON_EXIT_DRAIN);
	assert_int_equal(config.exit_code, CONFIG_EXIT_CODE_MAIN);
	assert_int_equal(config.stop_signals,
			 SIGNALS_BIT(SIGTERM) | SIGNALS_BIT(SIGINT) | SIGNALS_BIT(SIGQUIT));
	assert_int_equal(config.ask_with, SIGTERM);
	assert_int_equal(config.grace_ns, 5 * NS_PER_S);
	assert_true(config.stop_timeout_ns == CONFIG_NO_LIMIT);
	for (int sig = 1; sig <= SIGNALS_MAX; sig++)
		assert_int_equal(config.rewrite[sig], sig);
	for (int n = -1; n <= 256; n++)
		assert_false(config_is_ok_exit(&config, n));
	assert_int_equal(config.parent_death, 0);
	assert_true(config.subreaper);
	assert_false(config.warn_reaped);
	assert_int_equal(config.verbosity, 0);
}

static void the_documented_default_of_each_option_is_the_real_one(UNUSED void **state)
{
	struct config expected;
	struct config given;

	for (size_t i = 0; i < cli_option_count; i++) {
		struct cli_request request = { .config = &given };

		if (!cli_option_table[i].standard)
			continue;
		config_init(&expected);
		config_init(&given);
		assert_null(cli_option_table[i].set(&request, cli_option_table[i].standard));
		assert_memory_equal(&given, &expected, sizeof(given));
	}
}

/* Each option */

static void forward_takes_its_words_in_any_case_and_g_is_group(UNUSED void **state)
{
	TAKEN("--forward=group");
	assert_int_equal(config.forward, CONFIG_FORWARD_GROUP);
	TAKEN("--forward", "GROUP");
	assert_int_equal(config.forward, CONFIG_FORWARD_GROUP);
	TAKEN("-g");
	assert_int_equal(config.forward, CONFIG_FORWARD_GROUP);
	TAKEN("-g", "--forward=child");
	assert_int_equal(config.forward, CONFIG_FORWARD_CHILD);
}

static void rewrite_takes_pairs_lists_and_repetition(UNUSED void **state)
{
	TAKEN("--rewrite=TERM:QUIT");
	assert_int_equal(config.rewrite[SIGTERM], SIGQUIT);
	TAKEN("-r", "15:3", "-rSIGHUP:none,USR1:0", "--rewrite", "rtmin+1:RTMAX");
	assert_int_equal(config.rewrite[SIGTERM], SIGQUIT);
	assert_int_equal(config.rewrite[SIGHUP], 0);
	assert_int_equal(config.rewrite[SIGUSR1], 0);
	assert_int_equal(config.rewrite[35], 64);
	assert_int_equal(config.rewrite[SIGINT], SIGINT);
	TAKEN("-r", "TERM:KILL");
	assert_int_equal(config.rewrite[SIGTERM], SIGKILL);
	TAKEN("-r", "TERM:HUP", "-r", "TERM:QUIT"); /* the last one counts */
	assert_int_equal(config.rewrite[SIGTERM], SIGQUIT);
}

static void stop_signals_replace_the_default(UNUSED void **state)
{
	TAKEN("--stop-signals=USR1,sigterm,RTMIN+3");
	assert_int_equal(config.stop_signals,
			 SIGNALS_BIT(SIGUSR1) | SIGNALS_BIT(SIGTERM) | SIGNALS_BIT(37));
	TAKEN("--stop-signals", "none");
	assert_int_equal(config.stop_signals, 0);
	TAKEN("--stop-signals=HUP", "--stop-signals=INT");
	assert_int_equal(config.stop_signals, SIGNALS_BIT(SIGINT));
}

static void ask_with_takes_a_signal(UNUSED void **state)
{
	TAKEN("--ask-with=INT");
	assert_int_equal(config.ask_with, SIGINT);
	TAKEN("--ask-with", "64");
	assert_int_equal(config.ask_with, 64);
}

static void on_exit_takes_its_words(UNUSED void **state)
{
	TAKEN("--on-exit=wait");
	assert_int_equal(config.on_exit, CONFIG_ON_EXIT_WAIT);
	TAKEN("--on-exit=leave");
	assert_int_equal(config.on_exit, CONFIG_ON_EXIT_LEAVE);
	TAKEN("--on-exit=leave", "--on-exit=drain");
	assert_int_equal(config.on_exit, CONFIG_ON_EXIT_DRAIN);
}

static void grace_and_stop_timeout_take_durations_of_their_own(UNUSED void **state)
{
	TAKEN("--grace=1.5s", "--stop-timeout=2m");
	assert_int_equal(config.grace_ns, 3 * NS_PER_S / 2);
	assert_int_equal(config.stop_timeout_ns, 120 * NS_PER_S);
	TAKEN("--grace", "none", "--stop-timeout", "0");
	assert_true(config.grace_ns == CONFIG_NO_LIMIT);
	assert_int_equal(config.stop_timeout_ns, 0);
}

static void exit_code_takes_its_words(UNUSED void **state)
{
	TAKEN("--exit-code=last");
	assert_int_equal(config.exit_code, CONFIG_EXIT_CODE_LAST);
	TAKEN("--exit-code=worst");
	assert_int_equal(config.exit_code, CONFIG_EXIT_CODE_WORST);
	TAKEN("--exit-code=main");
	assert_int_equal(config.exit_code, CONFIG_EXIT_CODE_MAIN);
}

static void ok_exit_takes_lists_and_repetition_and_nothing_else_is_ok(UNUSED void **state)
{
	TAKEN("-e", "143,130", "-e0", "--ok-exit=255", "--ok-exit", "64");
	for (int n = -300; n <= 600; n++) {
		bool ok = n == 143 || n == 130 || n == 0 || n == 255 || n == 64;

		assert_int_equal(config_is_ok_exit(&config, n), ok);
	}
}

static void parent_death_takes_a_signal_or_none(UNUSED void **state)
{
	TAKEN("--parent-death=KILL");
	assert_int_equal(config.parent_death, SIGKILL);
	TAKEN("-p", "TERM");
	assert_int_equal(config.parent_death, SIGTERM);
	TAKEN("-pTERM", "-pnone");
	assert_int_equal(config.parent_death, 0);
}

static void flags_need_no_value_and_may_have_one(UNUSED void **state)
{
	TAKEN("--no-subreaper", "--warn-reaped");
	assert_false(config.subreaper);
	assert_true(config.warn_reaped);
	TAKEN("-w");
	assert_true(config.warn_reaped);
	TAKEN("--no-subreaper=off", "--warn-reaped=False");
	assert_true(config.subreaper);
	assert_false(config.warn_reaped);
}

static void verbose_counts_up_to_three_or_takes_a_level(UNUSED void **state)
{
	TAKEN("-v");
	assert_int_equal(config.verbosity, 1);
	TAKEN("-vv", "--verbose");
	assert_int_equal(config.verbosity, 3);
	TAKEN("-vvvvvvv");
	assert_int_equal(config.verbosity, 3);
	TAKEN("-vv", "--verbose=0");
	assert_int_equal(config.verbosity, 0);
}

static void letters_of_flags_can_stand_together_before_one_with_a_value(UNUSED void **state)
{
	TAKEN("-gvv");
	assert_int_equal(config.forward, CONFIG_FORWARD_GROUP);
	assert_int_equal(config.verbosity, 2);
	TAKEN("-vwe143");
	assert_true(config.warn_reaped && config_is_ok_exit(&config, 143));
	TAKEN("-gwr", "TERM:QUIT", "-v");
	assert_int_equal(config.rewrite[SIGTERM], SIGQUIT);
	assert_int_equal(config.verbosity, 1);
}

static const struct cli_option *option_named(const char *name)
{
	for (size_t i = 0; i < cli_option_count; i++) {
		if (strcmp(cli_option_table[i].name, name) == 0)
			return &cli_option_table[i];
	}
	fail_msg("no option --%s", name);
	return NULL;
}

/* Each is tried as --name=value, as --name value and as SEXTON_NAME=value. */
static const struct {
	const char *name;
	const char *value;
	const char *why;
} wrong_values[] = {
	{ "forward", "tree", "not a scope" },
	{ "forward", "groups", "not a scope" },
	{ "rewrite", "TERM", "not FROM:TO" },
	{ "rewrite", "TERM:", "TO is not a signal" },
	{ "rewrite", ":TERM", "FROM is not a signal" },
	{ "rewrite", "none:TERM", "FROM is not a signal" },
	{ "rewrite", "0:15", "FROM is not a signal" },
	{ "rewrite", "15:65", "TO is not a signal" },
	{ "rewrite", "TERM:QUIT:HUP", "TO is not a signal" },
	{ "rewrite", "TERM:QUIT,", "not FROM:TO" },
	{ "rewrite", ",TERM:QUIT", "not FROM:TO" },
	{ "rewrite", "TERM,HUP:QUIT", "not FROM:TO" },
	{ "rewrite", "KILL:TERM", "KILL and STOP never arrive, the kernel acts on them itself" },
	{ "rewrite", "19:TERM", "KILL and STOP never arrive, the kernel acts on them itself" },
	{ "rewrite", "CHLD:TERM", "CHLD is not forwarded, it only tells sexton of its children" },
	{ "stop-signals", "TERM,KILL",
	  "KILL and STOP never arrive, the kernel acts on them itself" },
	{ "stop-signals", "STOP", "KILL and STOP never arrive, the kernel acts on them itself" },
	{ "stop-signals", "CHLD", "CHLD is not forwarded, it only tells sexton of its children" },
	{ "stop-signals", "TERM,none", "not a signal" },
	{ "stop-signals", "TERM,,INT", "not a signal" },
	{ "stop-signals", "TERM INT", "not a signal" },
	{ "ask-with", "none", "not a signal" },
	{ "ask-with", "0", "not a signal" },
	{ "ask-with", "TERM,INT", "not a signal" },
	{ "on-exit", "stay", "not a way to go on" },
	{ "grace", "5", "not a duration" },
	{ "grace", "-5s", "not a duration" },
	{ "grace", "99999999999h", "longer than ten years" },
	{ "stop-timeout", "5x", "not a duration" },
	{ "stop-timeout", "11000d", "not a duration" },
	{ "stop-timeout", "88000h", "longer than ten years" },
	{ "exit-code", "best", "not a source of an exit code" },
	{ "ok-exit", "256", "not an exit code" },
	{ "ok-exit", "-1", "not an exit code" },
	{ "ok-exit", "TERM", "not an exit code" },
	{ "ok-exit", "1,", "not an exit code" },
	{ "ok-exit", "4294967296", "not an exit code" },
	{ "parent-death", "65", "not a signal" },
	{ "parent-death", "TERM,INT", "not a signal" },
	{ "no-subreaper", "maybe", "neither yes nor no" },
	{ "warn-reaped", "2", "neither yes nor no" },
	{ "verbose", "4", "not a level" },
	{ "verbose", "-1", "not a level" },
	{ "verbose", "yes", "not a level" },
	{ "verbose", "11", "not a level" },
};

static void assert_wrong(enum cli_result result, const char *what, const char *value,
			 const char *why, const char *allowed)
{
	char line[512];

	snprintf(line, sizeof(line), "sexton: %s: '%s': %s; allowed are %s\n", what, value, why,
		 allowed);
	assert_refused(result, line);
}

static void a_wrong_value_is_named_with_what_is_allowed(UNUSED void **state)
{
	char word[128];
	char name[64];
	char variable[CLI_OPTION_VARIABLE_SIZE];

	for (size_t i = 0; i < sizeof(wrong_values) / sizeof(wrong_values[0]); i++) {
		const char *value = wrong_values[i].value;
		const char *why = wrong_values[i].why;
		const struct cli_option *option = option_named(wrong_values[i].name);

		snprintf(name, sizeof(name), "--%s", option->name);
		snprintf(word, sizeof(word), "%s=%s", name, value);
		assert_wrong(PARSE(word, "cmd"), name, value, why, option->allowed);
		if (option->placeholder)
			assert_wrong(PARSE(name, value, "cmd"), name, value, why, option->allowed);
		cli_option_variable(option, variable);
		snprintf(word, sizeof(word), "%s=%s", variable, value);
		assert_wrong(PARSE_ENV(word), variable, value, why, option->allowed);
	}
}

/* The table itself */

static void no_two_options_share_a_name_or_a_letter_and_all_fit(UNUSED void **state)
{
	for (size_t i = 0; i < cli_option_count; i++) {
		const struct cli_option *a = &cli_option_table[i];

		assert_non_null(a->set);
		assert_non_null(a->help);
		assert_true(a->no_variable || a->allowed);
		/* 7 for "SEXTON_", 1 for the NUL */
		assert_in_range(strlen(a->name), 1, CLI_OPTION_VARIABLE_SIZE - 7 - 1);
		for (size_t k = i + 1; k < cli_option_count; k++) {
			assert_string_not_equal(a->name, cli_option_table[k].name);
			assert_true(!a->letter || a->letter != cli_option_table[k].letter);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(durations_are_read_in_every_unit),
		TEST(durations_may_have_fractions),
		TEST(what_is_no_duration_is_refused),
		TEST(durations_beyond_ten_years_are_out_of_range_and_never_overflow),
		TEST(without_options_everything_is_at_its_default),
		TEST(the_documented_default_of_each_option_is_the_real_one),
		TEST(forward_takes_its_words_in_any_case_and_g_is_group),
		TEST(rewrite_takes_pairs_lists_and_repetition),
		TEST(stop_signals_replace_the_default),
		TEST(ask_with_takes_a_signal),
		TEST(on_exit_takes_its_words),
		TEST(grace_and_stop_timeout_take_durations_of_their_own),
		TEST(exit_code_takes_its_words),
		TEST(ok_exit_takes_lists_and_repetition_and_nothing_else_is_ok),
		TEST(parent_death_takes_a_signal_or_none),
		TEST(flags_need_no_value_and_may_have_one),
		TEST(verbose_counts_up_to_three_or_takes_a_level),
		TEST(letters_of_flags_can_stand_together_before_one_with_a_value),
		TEST(a_wrong_value_is_named_with_what_is_allowed),
		TEST(no_two_options_share_a_name_or_a_letter_and_all_fit),
	};

	return cmocka_run_group_tests_name("cli_option", tests, NULL, NULL);
}
