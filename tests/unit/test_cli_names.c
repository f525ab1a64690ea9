/* SPDX-License-Identifier: MIT */
/* test_cli_names.c - which name we answer to, what all names share, and pause (sexton/cli.h,
 * sexton/cli_call.h). */
#include "cli_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "sexton/name.h"

#define AS(...) parse_as("/bin/sexton", NO_ENV, WORDS("--as", __VA_ARGS__))

#define NAMES_ALLOWED                                                                              \
	"allowed are sexton, tini, docker-init, dumb-init, catatonit, podman-init, pause\n"

static const char *const others[] = { "tini",      "docker-init", "dumb-init",
				      "catatonit", "podman-init", "pause" };
#define OTHERS (sizeof(others) / sizeof(others[0]))

static void every_name_has_a_voice_and_ours_has_none(UNUSED void **state)
{
	assert_runs(PARSE("cmd"), "cmd");
	assert_null(config.voice);
	for (size_t i = 0; i < OTHERS; i++) {
		assert_int_equal(parse_as(others[i], NO_ENV, WORDS("cmd")), CLI_RUN);
		assert_non_null(config.voice);
		assert_int_equal(config.own_failure, 1);
	}
	assert_runs(parse_as("something-else", NO_ENV, WORDS("cmd")), "cmd");
	assert_null(config.voice);
}

static void as_makes_our_own_name_another(UNUSED void **state)
{
	char word[32];

	for (size_t i = 0; i < OTHERS; i++) {
		const struct log_voice *voice;

		assert_int_equal(parse_as(others[i], NO_ENV, WORDS("cmd")), CLI_RUN);
		voice = config.voice;
		assert_int_equal(AS(others[i], "cmd"), CLI_RUN);
		assert_ptr_equal(config.voice, voice);
		snprintf(word, sizeof(word), "--as=%s", others[i]);
		assert_int_equal(PARSE(word, "cmd"), CLI_RUN);
		assert_ptr_equal(config.voice, voice);
	}
	assert_runs(AS("sexton", "--grace=1s", "cmd"), "cmd");
	assert_null(config.voice);
	assert_int_equal(config.grace_ns, NS_PER_S);
}

static void texts_show_the_name_given_with_as(UNUSED void **state)
{
	assert_left(AS("dumb-init", "-x"), 1, "", "dumb-init: invalid option -- 'x'\n");
	assert_left(PARSE("--as=catatonit", "--version"), 0, "tini version 0.1.7_sexton\n", "");
	assert_left(AS("tini", "--version"), 0, "tini version 0.19.0_sexton\n", "");
	assert_left(PARSE("--as=dumb-init"), 1, "",
		    "Usage: dumb-init [option] program [args]\n"
		    "Try dumb-init --help for full usage.\n");
}

static void a_wrong_name_is_refused_with_those_allowed(UNUSED void **state)
{
	assert_refused(PARSE("--as=foo", "cmd"), "sexton: --as: 'foo': not a name; " NAMES_ALLOWED);
	assert_refused(AS("Tini", "cmd"), "sexton: --as: 'Tini': not a name; " NAMES_ALLOWED);
	assert_refused(PARSE("--as=", "cmd"), "sexton: --as: '': not a name; " NAMES_ALLOWED);
	assert_refused(AS("/sbin/tini"), "sexton: --as: '/sbin/tini': not a name; " NAMES_ALLOWED);
	assert_refused(PARSE("--as"), "sexton: --as: no name given; " NAMES_ALLOWED);
}

static void as_is_an_option_only_as_the_first_word(UNUSED void **state)
{
	assert_refused(PARSE("-v", "--as=tini", "cmd"),
		       "sexton: unknown option '--as=tini'; sexton --help lists them\n");
	assert_refused(PARSE("--assume=tini", "cmd"),
		       "sexton: unknown option '--assume=tini'; sexton --help lists them\n");
	assert_runs(PARSE("cmd", "--as", "tini"), "cmd");
	assert_null(config.voice);
	assert_runs(PARSE("--", "--as"), "--as");
	assert_refused(AS("sexton", "--as=tini", "cmd"),
		       "sexton: unknown option '--as=tini'; sexton --help lists them\n");
}

static void the_originals_know_no_as(UNUSED void **state)
{
	assert_left(parse_as("dumb-init", NO_ENV, WORDS("--as=tini", "cmd")), 1, "",
		    "dumb-init: unrecognized option '--as=tini'\n");
	assert_left(parse_as("catatonit", NO_ENV, WORDS("--as", "tini", "cmd")), 1, "",
		    "catatonit: unrecognized option '--as'\n"
		    "usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]\n");
}

static void our_variables_work_under_every_name_and_are_taken_out(UNUSED void **state)
{
	for (size_t i = 0; i < OTHERS; i++) {
		assert_int_equal(parse_as(others[i],
					  WORDS("SEXTON_GRACE=1s", "A=b", "SEXTON_VERBOSE=2",
						"SEXTON_WARN_REAPED=1", "SEXTON_STEP_ASIDE=1"),
					  WORDS("cmd")),
				 CLI_RUN);
		assert_string_equal(err.text, "");
		assert_int_equal(config.grace_ns, NS_PER_S);
		assert_int_equal(config.verbosity, 2);
		assert_true(config.warn_reaped && config.step_aside);
		assert_string_equal(config.envp[0], "A=b");
		assert_null(config.envp[1]);
	}
}

static void our_variables_lose_against_the_names_own_flags(UNUSED void **state)
{
	assert_runs(parse_as("tini", WORDS("SEXTON_FORWARD=child", "SEXTON_NO_SUBREAPER=1"),
			     WORDS("-gs", "cmd")),
		    "cmd");
	assert_int_equal(config.forward, CONFIG_FORWARD_GROUP);
	assert_true(config.subreaper);
	assert_runs(parse_as("tini", WORDS("SEXTON_REWRITE=TTIN:TTIN"), WORDS("cmd")), "cmd");
	assert_int_equal(config.rewrite[SIGTTIN], SIGTTIN);
	assert_runs(parse_as("catatonit", WORDS("SEXTON_FORWARD=group"), WORDS("cmd")), "cmd");
	assert_int_equal(config.forward, CONFIG_FORWARD_GROUP);
}

static void a_wrong_variable_is_refused_in_the_names_own_tone(UNUSED void **state)
{
	static const char *const prefixes[OTHERS] = {
		"[WARN  tini (1)] ",    "[WARN  tini (1)] ",    "[dumb-init] ",
		"WARN (catatonit:1): ", "WARN (catatonit:1): ", "pause: ",
	};
	char line[256];

	for (size_t i = 0; i < OTHERS; i++) {
		snprintf(line, sizeof(line),
			 "%sSEXTON_GRACE: 'x': not a duration; allowed are numbers with a unit "
			 "(500ms, 5s, 2m, 1h), 0 and none\n",
			 prefixes[i]);
		assert_left(parse_as(others[i], WORDS("SEXTON_GRACE=x"), WORDS("cmd")), 1, "",
			    line);
	}
}

static void no_memory_for_the_environment_ends_every_name(UNUSED void **state)
{
	char *nothing[] = { NULL };

	assert_runs(parse_as("tini", NO_ENV, WORDS("cmd")), "cmd");
	forget(NULL);
	no_memory = true;
	assert_left(cli_parse(&config, 2, argv_copy, nothing, &code), 1, "",
		    "[WARN  tini (1)] no memory for the command's environment\n");
}

static void pause_pauses_whatever_its_arguments_are(UNUSED void **state)
{
	static const char *const words[][3] = { { NULL }, { "cmd", "--" }, { "-x", "-vv" } };

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(parse_as("/pause", NO_ENV, words[i]), CLI_RUN);
		assert_string_equal(err.text, "");
		assert_string_equal(out.text, "");
		assert_true(config.pause && config.keep_fds && config.keep_cwd);
		assert_false(config.subreaper);
		assert_null(config.argv);
		assert_true(config.stop_signals == (SIGNALS_BIT(SIGTERM) | SIGNALS_BIT(SIGINT)));
	}
}

static void pause_tells_its_version_wherever_it_is_asked(UNUSED void **state)
{
	assert_left(parse_as("pause", NO_ENV, WORDS("-v")), 0, "pause.c 3.10.1\n", "");
	assert_left(parse_as("pause", NO_ENV, WORDS("x", "--", "-V")), 0, "pause.c 3.10.1\n", "");
}

static void pause_speaks_without_a_prefix(UNUSED void **state)
{
	assert_int_equal(parse_as("pause", NO_ENV, WORDS(NULL)), CLI_RUN);
	say(LOG_NO_REAPING, config.voice_level);
	assert_string_equal(err.text, "Warning: pause should be the first process\n");
	say(LOG_PAUSE_ENDS, config.voice_level);
	assert_string_equal(err.text, "Shutting down, got signal: Terminated\n");
	say(LOG_SIGNAL, config.voice_level);
	assert_string_equal(err.text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_name_has_a_voice_and_ours_has_none),
		TEST(as_makes_our_own_name_another),
		TEST(texts_show_the_name_given_with_as),
		TEST(a_wrong_name_is_refused_with_those_allowed),
		TEST(as_is_an_option_only_as_the_first_word),
		TEST(the_originals_know_no_as),
		TEST(our_variables_work_under_every_name_and_are_taken_out),
		TEST(our_variables_lose_against_the_names_own_flags),
		TEST(a_wrong_variable_is_refused_in_the_names_own_tone),
		TEST(no_memory_for_the_environment_ends_every_name),
		TEST(pause_pauses_whatever_its_arguments_are),
		TEST(pause_tells_its_version_wherever_it_is_asked),
		TEST(pause_speaks_without_a_prefix),
	};

	return cmocka_run_group_tests_name("cli_names", tests, NULL, NULL);
}
