/* SPDX-License-Identifier: MIT */
/*
 * test_cli_option.c - what each option takes and refuses (sexton/cli_option.h, config.h); those about
 * the end of a run are in test_cli_option_stop.c.
 *
 * Every wrong value is tried on the command line and as a variable, and every documented default is
 * compared with what config_init() really does.
 */
#include "cli_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Defaults */

static void without_options_everything_is_at_its_default(UNUSED void **state)
{
	assert_int_equal(PARSE("cmd"), CLI_RUN);
	assert_int_equal(config.forward, CONFIG_FORWARD_CHILD);
	assert_int_equal(config.on_exit, CONFIG_ON_EXIT_DRAIN);
	assert_int_equal(config.exit_code, CONFIG_EXIT_CODE_MAIN);
	assert_int_equal(config.stop_signals,
			 SIGNALS_BIT(SIGTERM) | SIGNALS_BIT(SIGINT) | SIGNALS_BIT(SIGQUIT));
	assert_int_equal(config.ask[0].sig, SIGTERM);
	assert_true(config.ask[0].time_ns == CONFIG_NO_LIMIT);
	assert_int_equal(config.ask[1].sig, 0);
	assert_null(config.main_pid_file);
	assert_int_equal(config.guests, CONFIG_GUESTS_AUTO);
	assert_int_equal(config.grace_ns, 5 * NS_PER_S);
	assert_true(config.stop_timeout_ns == CONFIG_NO_LIMIT);
	for (int sig = 1; sig <= SIGNALS_MAX; sig++) {
		assert_int_equal(config.rewrite[sig], sig);
		assert_int_equal(config.delay_ns[sig], 0);
	}
	for (int n = -1; n <= 256; n++)
		assert_false(config_is_ok_exit(&config, n));
	assert_int_equal(config.parent_death, 0);
	assert_true(config.subreaper);
	assert_false(config.warn_reaped);
	assert_int_equal(config.group, CONFIG_GROUP_NEW);
	assert_int_equal(config.tty, CONFIG_TTY_AUTO);
	assert_int_equal(config.suspend_on, 0);
	assert_false(config.tty_signals_once);
	assert_false(config.pause);
	assert_false(config.step_aside);
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
	TAKEN("--forward=session");
	assert_int_equal(config.forward, CONFIG_FORWARD_SESSION);
	TAKEN("--forward=tree");
	assert_int_equal(config.forward, CONFIG_FORWARD_TREE);
	TAKEN_ENV("SEXTON_FORWARD=All");
	assert_int_equal(config.forward, CONFIG_FORWARD_ALL);
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

#define JOB_SIGNALS (SIGNALS_BIT(SIGTSTP) | SIGNALS_BIT(SIGTTIN) | SIGNALS_BIT(SIGTTOU))

static void assert_group(enum config_group group, uint64_t suspend_on, bool tty_signals_once)
{
	assert_int_equal(config.group, group);
	assert_int_equal(config.suspend_on, suspend_on);
	assert_int_equal(config.tty_signals_once, tty_signals_once);
}

static void the_last_of_setsid_new_group_and_no_group_wins(UNUSED void **state)
{
	TAKEN("--new-group");
	assert_group(CONFIG_GROUP_NEW, 0, false);
	TAKEN("--setsid");
	assert_group(CONFIG_GROUP_SESSION, JOB_SIGNALS, false);
	TAKEN("--no-group");
	assert_group(CONFIG_GROUP_SAME, JOB_SIGNALS, true);
	TAKEN("--no-group", "--setsid");
	assert_group(CONFIG_GROUP_SESSION, JOB_SIGNALS, false);
	TAKEN("--setsid", "--no-group");
	assert_group(CONFIG_GROUP_SAME, JOB_SIGNALS, true);
	TAKEN("--setsid", "--no-group", "--new-group");
	assert_group(CONFIG_GROUP_NEW, 0, false);
}

static void no_to_a_group_takes_back_that_one_alone(UNUSED void **state)
{
	TAKEN("--setsid", "--setsid=no");
	assert_group(CONFIG_GROUP_NEW, 0, false);
	TAKEN("--setsid", "--no-group=no");
	assert_group(CONFIG_GROUP_SESSION, JOB_SIGNALS, false);
	TAKEN("--no-group", "--no-group=off");
	assert_group(CONFIG_GROUP_NEW, 0, false);
	TAKEN("--no-group", "--setsid=0");
	assert_group(CONFIG_GROUP_SAME, JOB_SIGNALS, true);
	TAKEN("--new-group=no");
	assert_group(CONFIG_GROUP_SAME, JOB_SIGNALS, true);
	TAKEN("--setsid", "--new-group=no");
	assert_group(CONFIG_GROUP_SESSION, JOB_SIGNALS, false);
}

static void a_group_on_the_command_line_wins_over_the_variables_of_all_three(UNUSED void **state)
{
	TAKEN_ENV("SEXTON_SETSID=1");
	assert_group(CONFIG_GROUP_SESSION, JOB_SIGNALS, false);
	assert_int_equal(config.rewrite[SIGTSTP], SIGSTOP);
	TAKEN_ENV("SEXTON_NO_GROUP=1");
	assert_group(CONFIG_GROUP_SAME, JOB_SIGNALS, true);
	assert_int_equal(parse(WORDS("SEXTON_SETSID=1"), WORDS("--no-group", "cmd")), CLI_RUN);
	assert_group(CONFIG_GROUP_SAME, JOB_SIGNALS, true);
	assert_int_equal(config.rewrite[SIGTSTP], SIGTSTP);
	assert_int_equal(parse(WORDS("SEXTON_NO_GROUP=1"), WORDS("--new-group", "cmd")), CLI_RUN);
	assert_group(CONFIG_GROUP_NEW, 0, false);
	assert_int_equal(parse(WORDS("SEXTON_NEW_GROUP=1"), WORDS("--setsid", "cmd")), CLI_RUN);
	assert_group(CONFIG_GROUP_SESSION, JOB_SIGNALS, false);
}

static void a_session_is_stopped_with_stop_unless_rewrite_says_otherwise(UNUSED void **state)
{
	for (int sig = 1; sig <= SIGNALS_MAX; sig++) {
		TAKEN("--setsid");
		assert_int_equal(config.rewrite[sig], signals_in(JOB_SIGNALS, sig) ? SIGSTOP : sig);
		TAKEN("--no-group");
		assert_int_equal(config.rewrite[sig], sig);
		TAKEN("--setsid", "--new-group");
		assert_int_equal(config.rewrite[sig], sig);
	}
	/* Whatever came first, and also when it says what would be without it. */
	TAKEN("-r", "TSTP:none,TTIN:TTIN", "--setsid", "--rewrite=TERM:QUIT");
	assert_int_equal(config.rewrite[SIGTSTP], 0);
	assert_int_equal(config.rewrite[SIGTTIN], SIGTTIN);
	assert_int_equal(config.rewrite[SIGTTOU], SIGSTOP);
	assert_int_equal(config.rewrite[SIGTERM], SIGQUIT);
	TAKEN_ENV("SEXTON_SETSID=1", "SEXTON_REWRITE=TSTP:TSTP");
	assert_int_equal(config.rewrite[SIGTSTP], SIGTSTP);
	assert_int_equal(config.rewrite[SIGTTOU], SIGSTOP);
}

static void tty_takes_its_words(UNUSED void **state)
{
	TAKEN("--tty=never");
	assert_int_equal(config.tty, CONFIG_TTY_NEVER);
	TAKEN("--tty=never", "--tty", "Auto");
	assert_int_equal(config.tty, CONFIG_TTY_AUTO);
}

static void step_aside_is_a_flag(UNUSED void **state)
{
	TAKEN("--step-aside");
	assert_true(config.step_aside);
	TAKEN("--step-aside", "--step-aside=no");
	assert_false(config.step_aside);
	TAKEN_ENV("SEXTON_STEP_ASIDE=1");
	assert_true(config.step_aside);
}

static void pause_needs_no_command_and_keeps_the_stop_signals(UNUSED void **state)
{
	assert_int_equal(PARSE("-P"), CLI_RUN);
	assert_string_equal(err.text, "");
	assert_true(config.pause);
	assert_null(config.argv);
	assert_int_equal(config.stop_signals,
			 SIGNALS_BIT(SIGTERM) | SIGNALS_BIT(SIGINT) | SIGNALS_BIT(SIGQUIT));
	assert_int_equal(PARSE("--pause", "--stop-signals=HUP", "-v"), CLI_RUN);
	assert_true(config.pause);
	assert_int_equal(config.stop_signals, SIGNALS_BIT(SIGHUP));
	assert_int_equal(PARSE("-P", "cmd"), CLI_RUN); /* an image's CMD, which nobody meant */
	assert_null(config.argv);
	assert_refused(PARSE("--pause=yes"), "sexton: --pause: 'yes': takes no value\n");
	TAKEN_ENV("SEXTON_PAUSE=1"); /* an image's own business */
	assert_false(config.pause);
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

static const struct wrong_value wrong_values[] = {
	{ "forward", "trees", "not a scope" },
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
	{ "new-group", "maybe", "neither yes nor no" },
	{ "setsid", "2", "neither yes nor no" },
	{ "no-group", "-1", "neither yes nor no" },
	{ "tty", "always", "not a terminal" },
	{ "tty", "stdin", "not a terminal" },
	{ "step-aside", "systemd", "neither yes nor no" },
	{ "no-subreaper", "maybe", "neither yes nor no" },
	{ "warn-reaped", "2", "neither yes nor no" },
	{ "verbose", "4", "not a level" },
	{ "verbose", "-1", "not a level" },
	{ "verbose", "yes", "not a level" },
	{ "verbose", "11", "not a level" },
};

static void a_wrong_value_is_named_with_what_is_allowed(UNUSED void **state)
{
	assert_wrong_values(wrong_values, sizeof(wrong_values) / sizeof(wrong_values[0]));
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

static void a_row_settles_itself_and_the_three_of_the_group_each_other(UNUSED void **state)
{
	uint32_t group = 0;

	for (size_t i = 0; i < cli_option_count; i++) {
		const char *name = cli_option_table[i].name;

		if (strcmp(name, "setsid") == 0 || strcmp(name, "new-group") == 0 ||
		    strcmp(name, "no-group") == 0)
			group |= UINT32_C(1) << i;
	}
	for (size_t i = 0; i < cli_option_count; i++) {
		uint32_t self = UINT32_C(1) << i;

		assert_int_equal(cli_option_settles(i), (group & self) != 0 ? group : self);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_options_everything_is_at_its_default),
		TEST(the_documented_default_of_each_option_is_the_real_one),
		TEST(forward_takes_its_words_in_any_case_and_g_is_group),
		TEST(rewrite_takes_pairs_lists_and_repetition),
		TEST(stop_signals_replace_the_default),
		TEST(on_exit_takes_its_words),
		TEST(grace_and_stop_timeout_take_durations_of_their_own),
		TEST(exit_code_takes_its_words),
		TEST(ok_exit_takes_lists_and_repetition_and_nothing_else_is_ok),
		TEST(parent_death_takes_a_signal_or_none),
		TEST(the_last_of_setsid_new_group_and_no_group_wins),
		TEST(no_to_a_group_takes_back_that_one_alone),
		TEST(a_group_on_the_command_line_wins_over_the_variables_of_all_three),
		TEST(a_session_is_stopped_with_stop_unless_rewrite_says_otherwise),
		TEST(tty_takes_its_words),
		TEST(step_aside_is_a_flag),
		TEST(pause_needs_no_command_and_keeps_the_stop_signals),
		TEST(flags_need_no_value_and_may_have_one),
		TEST(verbose_counts_up_to_three_or_takes_a_level),
		TEST(letters_of_flags_can_stand_together_before_one_with_a_value),
		TEST(a_wrong_value_is_named_with_what_is_allowed),
		TEST(a_row_settles_itself_and_the_three_of_the_group_each_other),
		TEST(no_two_options_share_a_name_or_a_letter_and_all_fit),
	};

	return cmocka_run_group_tests_name("cli_option", tests, NULL, NULL);
}
