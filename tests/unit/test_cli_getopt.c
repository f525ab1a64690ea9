/* SPDX-License-Identifier: MIT */
/* test_cli_getopt.c - options as glibc reads them (sexton/cli_getopt.h). */
#include "cli_fixture.h"

#include <string.h>

#include "sexton/cli_getopt.h"

static const struct cli_getopt_long longs[] = {
	{ "alpha", false, 'a' }, { "value", true, 'v' }, { "verbose", false, 'V' },
	{ "verb", false, 'b' },  { NULL, false, 0 },
};

static char *words[MAX_WORDS + 1];
static struct cli_getopt options;

static void start(const char *const *given, const struct cli_getopt_long *with, bool permute,
		  const char *const *envp)
{
	memset(words, 0, sizeof(words));
	words[0] = (char *)(uintptr_t) "prog";
	for (size_t i = 0; given[i]; i++)
		words[i + 1] = (char *)(uintptr_t)given[i];
	cli_getopt_init(&options, words, (char **)(uintptr_t)envp, "abv:", with, permute);
}

#define START(with, permute, ...) start(WORDS(__VA_ARGS__), with, permute, NO_ENV)

/* All letters that are returned, up to the end or the first error. */
static const char *letters(void)
{
	static char all[MAX_WORDS + 1];
	size_t used = 0;
	int letter = 0;

	while (letter != '?' && (letter = cli_getopt_next(&options)) != -1)
		all[used++] = (char)letter;
	all[used] = '\0';
	return all;
}

/* What is left, with a blank behind each word. */
static const char *rest(void)
{
	static char all[256];

	all[0] = '\0';
	for (char **word = words + options.next; *word; word++) {
		strcat(all, *word);
		strcat(all, " ");
	}
	return all;
}

static void letters_may_stand_together(UNUSED void **state)
{
	START(NULL, true, "-ab", "-a", "cmd");
	assert_string_equal(letters(), "aba");
	assert_string_equal(rest(), "cmd ");
	assert_string_equal(err.text, "");
}

static void a_value_is_the_rest_of_the_word_or_the_next_one(UNUSED void **state)
{
	START(NULL, true, "-vone", "-av", "two", "-v", "--", "-a");
	assert_int_equal(cli_getopt_next(&options), 'v');
	assert_string_equal(options.value, "one");
	assert_int_equal(cli_getopt_next(&options), 'a');
	assert_null(options.value);
	assert_int_equal(cli_getopt_next(&options), 'v');
	assert_string_equal(options.value, "two");
	assert_int_equal(cli_getopt_next(&options), 'v');
	assert_string_equal(options.value, "--");
	assert_int_equal(cli_getopt_next(&options), 'a');
	assert_int_equal(cli_getopt_next(&options), -1);
}

static void options_behind_words_are_found_and_the_words_keep_their_order(UNUSED void **state)
{
	START(NULL, true, "one", "-a", "two", "three", "-vx", "-v", "y", "four");
	assert_string_equal(letters(), "avv");
	assert_string_equal(rest(), "one two three four ");
	assert_string_equal(words[1], "-a");
	assert_string_equal(words[4], "y");
}

static void two_dashes_end_the_options_once(UNUSED void **state)
{
	START(NULL, true, "one", "-a", "two", "--", "-b", "--", "three");
	assert_string_equal(letters(), "a");
	assert_string_equal(rest(), "one two -b -- three ");
	START(NULL, true, "--", "-b");
	assert_string_equal(letters(), "");
	assert_string_equal(rest(), "-b ");
	START(NULL, true, "one", "--");
	assert_string_equal(letters(), "");
	assert_string_equal(rest(), "one ");
}

static void without_permuting_the_first_word_ends_them(UNUSED void **state)
{
	START(longs, false, "-a", "one", "-b", "--", "--nonsense");
	assert_string_equal(letters(), "a");
	assert_string_equal(rest(), "one -b -- --nonsense ");
	START(longs, false, "-a", "--", "-b", "--", "x");
	assert_string_equal(letters(), "a");
	assert_string_equal(rest(), "-b -- x ");
}

static void POSIXLY_CORRECT_switches_permuting_off(UNUSED void **state)
{
	start(WORDS("-a", "one", "-b"), NULL, true, WORDS("A=b", "POSIXLY_CORRECT="));
	assert_string_equal(letters(), "a");
	assert_string_equal(rest(), "one -b ");
	start(WORDS("-a", "one", "-b"), NULL, true, WORDS("POSIXLY_CORRECTLY=1"));
	assert_string_equal(letters(), "ab");
}

static void a_single_dash_and_an_empty_word_are_words(UNUSED void **state)
{
	START(longs, true, "-", "-a", "", "-b");
	assert_string_equal(letters(), "ab");
	assert_string_equal(rest(), "-  ");
}

static void nothing_at_all_leaves_nothing(UNUSED void **state)
{
	START(longs, true, NULL);
	assert_string_equal(letters(), "");
	assert_string_equal(rest(), "");
}

static void wrong_letters_are_named_in_glibcs_words(UNUSED void **state)
{
	static const struct {
		const char *word;
		const char *line;
	} rows[] = {
		{ "-x", "prog: invalid option -- 'x'\n" },
		{ "-ax", "prog: invalid option -- 'x'\n" },
		{ "-:", "prog: invalid option -- ':'\n" },
		{ "-;", "prog: invalid option -- ';'\n" },
		{ "-\n", "prog: invalid option -- '\n'\n" },
		{ "-v", "prog: option requires an argument -- 'v'\n" },
		{ "-av", "prog: option requires an argument -- 'v'\n" },
		{ "--alpha", "prog: invalid option -- '-'\n" }, /* no long ones */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		forget(NULL);
		START(NULL, true, rows[i].word);
		assert_non_null(strchr(letters(), '?'));
		assert_string_equal(err.text, rows[i].line);
	}
}

static void after_a_wrong_letter_the_group_goes_on(UNUSED void **state)
{
	START(NULL, true, "-xa", "-b");
	assert_int_equal(cli_getopt_next(&options), '?');
	assert_int_equal(cli_getopt_next(&options), 'a');
	assert_int_equal(cli_getopt_next(&options), 'b');
	assert_int_equal(cli_getopt_next(&options), -1);
}

static void long_options_may_be_shortened(UNUSED void **state)
{
	START(longs, true, "--alpha", "--al", "--value=1", "--va=", "--val", "x", "--verbo", "cmd");
	assert_string_equal(letters(), "aavvvV");
	assert_string_equal(rest(), "cmd ");
	START(longs, true, "--val=a=b");
	assert_int_equal(cli_getopt_next(&options), 'v');
	assert_string_equal(options.value, "a=b");
}

static void a_whole_name_is_never_short_for_another(UNUSED void **state)
{
	START(longs, true, "--verb");
	assert_string_equal(letters(), "b");
	assert_string_equal(err.text, "");
}

static void wrong_long_options_are_named_in_glibcs_words(UNUSED void **state)
{
	static const struct {
		const char *word;
		const char *line;
	} rows[] = {
		{ "--foo", "prog: unrecognized option '--foo'\n" },
		{ "--foo=bar", "prog: unrecognized option '--foo=bar'\n" },
		{ "--alphas", "prog: unrecognized option '--alphas'\n" },
		{ "---", "prog: unrecognized option '---'\n" },
		{ "--al=1", "prog: option '--alpha' doesn't allow an argument\n" },
		{ "--val", "prog: option '--value' requires an argument\n" },
		{ "--ve=1", "prog: option '--ve=1' is ambiguous; possibilities: '--verbose' "
			    "'--verb'\n" },
		{ "--=", "prog: option '--=' is ambiguous; possibilities: '--alpha' '--value' "
			 "'--verbose' '--verb'\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		forget(NULL);
		START(longs, true, rows[i].word);
		assert_string_equal(letters(), "?");
		assert_string_equal(err.text, rows[i].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(letters_may_stand_together),
		TEST(a_value_is_the_rest_of_the_word_or_the_next_one),
		TEST(options_behind_words_are_found_and_the_words_keep_their_order),
		TEST(two_dashes_end_the_options_once),
		TEST(without_permuting_the_first_word_ends_them),
		TEST(POSIXLY_CORRECT_switches_permuting_off),
		TEST(a_single_dash_and_an_empty_word_are_words),
		TEST(nothing_at_all_leaves_nothing),
		TEST(wrong_letters_are_named_in_glibcs_words),
		TEST(after_a_wrong_letter_the_group_goes_on),
		TEST(long_options_may_be_shortened),
		TEST(a_whole_name_is_never_short_for_another),
		TEST(wrong_long_options_are_named_in_glibcs_words),
	};

	return cmocka_run_group_tests_name("cli_getopt", tests, NULL, NULL);
}
