/* SPDX-License-Identifier: MIT */
/*
 * test_cli_option_stop.c - the options about how a run ends: who is asked with what, what waits, who
 * takes over, and what counts as left (sexton/cli_list.h, config.h).
 */
#include "cli_fixture.h"

#include <signal.h>
#include <string.h>

/* --ask-with */

static void assert_step(size_t n, int sig, int64_t time_ns)
{
	assert_int_equal(config.ask[n].sig, sig);
	assert_true(config.ask[n].time_ns == time_ns);
}

/* Steps from @n on are none. */
static void assert_no_step_from(size_t n)
{
	for (; n < CONFIG_STEPS_MAX; n++)
		assert_step(n, 0, 0);
}

static void ask_with_takes_one_signal_without_a_time(UNUSED void **state)
{
	TAKEN("--ask-with=INT");
	assert_step(0, SIGINT, CONFIG_NO_LIMIT);
	assert_no_step_from(1);
	TAKEN("--ask-with", "64");
	assert_step(0, 64, CONFIG_NO_LIMIT);
	TAKEN("--ask-with=KILL");
	assert_step(0, SIGKILL, CONFIG_NO_LIMIT);
}

static void ask_with_takes_steps_that_have_times_but_for_the_last(UNUSED void **state)
{
	TAKEN("--ask-with=INT:2s,HUP:500ms,TERM");
	assert_step(0, SIGINT, 2 * NS_PER_S);
	assert_step(1, SIGHUP, NS_PER_S / 2);
	assert_step(2, SIGTERM, CONFIG_NO_LIMIT);
	assert_no_step_from(3);
	TAKEN_ENV("SEXTON_ASK_WITH=sigwinch:1.5m,RTMIN+3:0,3");
	assert_step(0, SIGWINCH, 90 * NS_PER_S);
	assert_step(1, 37, 0);
	assert_step(2, SIGQUIT, CONFIG_NO_LIMIT);
	assert_no_step_from(3);
}

static void ask_with_takes_eight_steps_and_no_more(UNUSED void **state)
{
	TAKEN("--ask-with=1:1s,2:2s,3:3s,4:4s,5:5s,6:6s,7:7s,8");
	for (int n = 0; n < CONFIG_STEPS_MAX - 1; n++)
		assert_step((size_t)n, n + 1, (n + 1) * NS_PER_S);
	assert_step(CONFIG_STEPS_MAX - 1, 8, CONFIG_NO_LIMIT);
}

static void ask_with_given_again_replaces_the_list(UNUSED void **state)
{
	TAKEN("--ask-with=INT:2s,HUP:1s,TERM", "--ask-with=QUIT");
	assert_step(0, SIGQUIT, CONFIG_NO_LIMIT);
	assert_no_step_from(1);
	assert_int_equal(parse(WORDS("SEXTON_ASK_WITH=INT:2s,TERM"),
			       WORDS("--ask-with=HUP:1s,QUIT", "cmd")),
			 CLI_RUN);
	assert_step(0, SIGHUP, NS_PER_S);
	assert_step(1, SIGQUIT, CONFIG_NO_LIMIT);
	assert_no_step_from(2);
}

/* In an environment that is wrong a version is told all the same (cli_own.c). */
static void a_list_that_is_refused_leaves_no_half_of_it(UNUSED void **state)
{
	assert_int_equal(parse(WORDS("SEXTON_ASK_WITH=INT:2s,HUP:1s"), WORDS("-V")), CLI_VERSION);
	assert_step(0, SIGTERM, CONFIG_NO_LIMIT);
	assert_no_step_from(1);
}

static void dumb_inits_TERM_in_other_words_replaces_all_steps(UNUSED void **state)
{
	assert_int_equal(parse_as("dumb-init", WORDS("SEXTON_ASK_WITH=HUP:2s,TERM"),
				  WORDS("-r15:2", "cmd")),
			 CLI_RUN);
	assert_step(0, SIGINT, CONFIG_NO_LIMIT);
	assert_no_step_from(1);
}

/* --delay */

static void delay_takes_pairs_lists_and_repetition(UNUSED void **state)
{
	TAKEN("--delay=TERM:5s");
	for (int sig = 1; sig <= SIGNALS_MAX; sig++)
		assert_int_equal(config.delay_ns[sig], sig == SIGTERM ? 5 * NS_PER_S : 0);
	TAKEN("--delay", "term:1.5s,SIGQUIT:2m", "--delay=RTMAX:500ms");
	assert_int_equal(config.delay_ns[SIGTERM], 3 * NS_PER_S / 2);
	assert_int_equal(config.delay_ns[SIGQUIT], 120 * NS_PER_S);
	assert_int_equal(config.delay_ns[64], NS_PER_S / 2);
	TAKEN("--delay=TERM:5s", "--delay=15:6s"); /* the last one counts */
	assert_int_equal(config.delay_ns[SIGTERM], 6 * NS_PER_S);
	TAKEN_ENV("SEXTON_DELAY=HUP:1s,USR1:2s");
	assert_int_equal(config.delay_ns[SIGHUP], NS_PER_S);
	assert_int_equal(config.delay_ns[SIGUSR1], 2 * NS_PER_S);
}

static void delay_is_taken_back_by_none_and_by_0(UNUSED void **state)
{
	TAKEN("--delay=TERM:5s,QUIT:5s,INT:5s", "--delay=TERM:none,QUIT:0");
	assert_int_equal(config.delay_ns[SIGTERM], 0);
	assert_int_equal(config.delay_ns[SIGQUIT], 0);
	assert_int_equal(config.delay_ns[SIGINT], 5 * NS_PER_S);
}

static void delay_on_the_command_line_replaces_that_of_the_variable(UNUSED void **state)
{
	assert_int_equal(parse(WORDS("SEXTON_DELAY=TERM:5s"), WORDS("--delay=QUIT:1s", "cmd")),
			 CLI_RUN);
	assert_int_equal(config.delay_ns[SIGTERM], 0);
	assert_int_equal(config.delay_ns[SIGQUIT], NS_PER_S);
}

/* --main-pid-file */

static void main_pid_file_is_kept_where_the_user_wrote_it(UNUSED void **state)
{
	static const char variable[] = "SEXTON_MAIN_PID_FILE=/run/a.pid";
	static const char value[] = "/run/nginx.pid";
	static const char word[] = "--main-pid-file=/run/b:c,d.pid";

	TAKEN("--main-pid-file", value);
	assert_ptr_equal(config.main_pid_file, value);
	TAKEN(word);
	assert_ptr_equal(config.main_pid_file, strchr(word, '/'));
	TAKEN_ENV(variable);
	assert_ptr_equal(config.main_pid_file, strchr(variable, '/'));
	assert_int_equal(parse(WORDS(variable), WORDS("--main-pid-file", value, "cmd")), CLI_RUN);
	assert_ptr_equal(config.main_pid_file, value);
}

/* --exec */

static void exec_takes_its_words(UNUSED void **state)
{
	TAKEN("--exec=wait");
	assert_int_equal(config.guests, CONFIG_GUESTS_WAIT);
	TAKEN("--exec", "Ignore");
	assert_int_equal(config.guests, CONFIG_GUESTS_IGNORE);
	TAKEN("--exec=ignore", "--exec=auto");
	assert_int_equal(config.guests, CONFIG_GUESTS_AUTO);
	TAKEN_ENV("SEXTON_EXEC=ignore");
	assert_int_equal(config.guests, CONFIG_GUESTS_IGNORE);
}

/* What is refused */

#define NO_TIME     "every signal but the last takes a time"
#define A_TIME      "the last signal takes no time: SIGKILL comes by --grace or --stop-timeout"
#define NO_END      "after none nobody would ever get the next signal"
#define NO_ARRIVAL  "KILL and STOP never arrive, the kernel acts on them itself"
#define NO_ABSOLUTE "not an absolute path"

static const struct wrong_value wrong_values[] = {
	{ "ask-with", "none", "not a signal" },
	{ "ask-with", "0", "not a signal" },
	{ "ask-with", "INT:2s,0", "not a signal" },
	{ "ask-with", "TERMINATE:2s,TERM", "not a signal" },
	{ "ask-with", "INT:2s,", "not a signal" },
	{ "ask-with", ",TERM", "not a signal" },
	{ "ask-with", "INT:2s,,TERM", "not a signal" },
	{ "ask-with", ":2s,TERM", "not a signal" },
	{ "ask-with", "INT :2s,TERM", "not a signal" },
	{ "ask-with", "TERM,INT", NO_TIME },
	{ "ask-with", "INT:2s,HUP,TERM", NO_TIME },
	{ "ask-with", "TERM,", NO_TIME },
	{ "ask-with", "TERM:2s", A_TIME },
	{ "ask-with", "TERM:", A_TIME },
	{ "ask-with", "INT:2s,TERM:none", A_TIME },
	{ "ask-with", "INT:none,TERM", NO_END },
	{ "ask-with", "INT:2s,HUP:NONE,TERM", NO_END },
	{ "ask-with", "INT:,TERM", "not a duration" },
	{ "ask-with", "INT:2,TERM", "not a duration" },
	{ "ask-with", "INT:2s:3s,TERM", "not a duration" },
	{ "ask-with", "INT:88000h,TERM", "longer than ten years" },
	{ "ask-with", "1:1s,2:1s,3:1s,4:1s,5:1s,6:1s,7:1s,8:1s,TERM", "more than eight signals" },
	{ "delay", "TERM", "not SIGNAL:TIME" },
	{ "delay", "TERM:5s,", "not SIGNAL:TIME" },
	{ "delay", ",TERM:5s", "not SIGNAL:TIME" },
	{ "delay", "TERM,INT:5s", "not SIGNAL:TIME" },
	{ "delay", "5s:TERM", "not a signal" },
	{ "delay", ":5s", "not a signal" },
	{ "delay", "none:5s", "not a signal" },
	{ "delay", "TERM:", "not a duration" },
	{ "delay", "TERM:5", "not a duration" },
	{ "delay", "TERM:5s:6s", "not a duration" },
	{ "delay", "TERM:88000h", "longer than ten years" },
	{ "delay", "KILL:5s", NO_ARRIVAL },
	{ "delay", "TERM:5s,19:5s", NO_ARRIVAL },
	{ "delay", "CHLD:none", "CHLD is not forwarded, it only tells sexton of its children" },
	{ "main-pid-file", "nginx.pid", NO_ABSOLUTE },
	{ "main-pid-file", "./nginx.pid", NO_ABSOLUTE },
	{ "main-pid-file", "~/nginx.pid", NO_ABSOLUTE },
	{ "main-pid-file", " /nginx.pid", NO_ABSOLUTE },
	{ "exec", "drain", "not a way to treat guests" },
	{ "exec", "yes", "not a way to treat guests" },
};

static void a_wrong_value_is_named_with_what_is_allowed(UNUSED void **state)
{
	assert_wrong_values(wrong_values, sizeof(wrong_values) / sizeof(wrong_values[0]));
}

static void an_empty_path_is_no_path(UNUSED void **state)
{
	assert_refused(PARSE("--main-pid-file=", "cmd"),
		       "sexton: --main-pid-file: '': not an absolute path; allowed are absolute "
		       "paths\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ask_with_takes_one_signal_without_a_time),
		TEST(ask_with_takes_steps_that_have_times_but_for_the_last),
		TEST(ask_with_takes_eight_steps_and_no_more),
		TEST(ask_with_given_again_replaces_the_list),
		TEST(a_list_that_is_refused_leaves_no_half_of_it),
		TEST(dumb_inits_TERM_in_other_words_replaces_all_steps),
		TEST(delay_takes_pairs_lists_and_repetition),
		TEST(delay_is_taken_back_by_none_and_by_0),
		TEST(delay_on_the_command_line_replaces_that_of_the_variable),
		TEST(main_pid_file_is_kept_where_the_user_wrote_it),
		TEST(exec_takes_its_words),
		TEST(a_wrong_value_is_named_with_what_is_allowed),
		TEST(an_empty_path_is_no_path),
	};

	return cmocka_run_group_tests_name("cli_option_stop", tests, NULL, NULL);
}
