/* SPDX-License-Identifier: MIT */
/* test_cli_value.c - what options have in common (sexton/cli_value.h), and durations (cli.h). */
#include "cli_fixture.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "sexton/cli_value.h"

static int64_t duration(const char *text)
{
	int64_t ns = -1;
	int error = cli_duration(text, strlen(text), &ns);

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

static void a_duration_ends_where_its_length_says(UNUSED void **state)
{
	int64_t ns = -1;

	assert_int_equal(cli_duration("5s,TERM", 2, &ns), 0);
	assert_int_equal(ns, 5 * NS_PER_S);
	assert_int_equal(cli_duration("1.25s", 4, &ns), -EINVAL);
	assert_int_equal(cli_duration("1.", 1, &ns), -EINVAL);
	assert_int_equal(cli_duration("55ms", 3, &ns), 0);
	assert_int_equal(ns, 55 * 60 * NS_PER_S);
	assert_int_equal(cli_duration("nonesuch", 4, &ns), 0);
	assert_true(ns == CONFIG_NO_LIMIT);
	assert_int_equal(cli_duration("07s", 1, &ns), 0);
	assert_int_equal(ns, 0);
	assert_int_equal(cli_duration("5s", 0, &ns), -EINVAL);
}

/* Words */

static void words_count_in_any_case_and_only_whole(UNUSED void **state)
{
	static const char *const words[] = { "drain", "wait" };

	assert_int_equal(CLI_VALUE_WORD("drain", words), 0);
	assert_int_equal(CLI_VALUE_WORD("WAIT", words), 1);
	assert_int_equal(CLI_VALUE_WORD("wai", words), -EINVAL);
	assert_int_equal(CLI_VALUE_WORD("waits", words), -EINVAL);
	assert_int_equal(CLI_VALUE_WORD("", words), -EINVAL);
}

static void a_flag_without_a_value_is_yes_and_a_wrong_one_changes_nothing(UNUSED void **state)
{
	bool on = false;

	assert_null(cli_value_flag(NULL, &on));
	assert_true(on);
	assert_string_equal(cli_value_flag("maybe", &on), "neither yes nor no");
	assert_true(on);
	assert_null(cli_value_flag("off", &on));
	assert_false(on);
}

static void none_and_zero_are_no_signal(UNUSED void **state)
{
	int sig = -1;

	assert_int_equal(cli_value_signal_or_none("none,TERM", 4, &sig), 0);
	assert_int_equal(sig, 0);
	assert_int_equal(cli_value_signal_or_none("TERM", 4, &sig), 0);
	assert_int_equal(sig, SIGTERM);
	assert_int_equal(cli_value_signal_or_none("0", 1, &sig), 0);
	assert_int_equal(sig, 0);
	assert_true(cli_value_signal_or_none("00", 2, &sig) < 0);
	assert_true(cli_value_signal_or_none("", 0, &sig) < 0);
	assert_int_equal(sig, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(durations_are_read_in_every_unit),
		TEST(durations_may_have_fractions),
		TEST(what_is_no_duration_is_refused),
		TEST(durations_beyond_ten_years_are_out_of_range_and_never_overflow),
		TEST(a_duration_ends_where_its_length_says),
		TEST(words_count_in_any_case_and_only_whole),
		TEST(a_flag_without_a_value_is_yes_and_a_wrong_one_changes_nothing),
		TEST(none_and_zero_are_no_signal),
	};

	return cmocka_run_group_tests_name("cli_value", tests, NULL, NULL);
}
