/* SPDX-License-Identifier: MIT */
/* test_cli_put.c - texts out and numbers in (sexton/cli_call.h). */
#include "cli_fixture.h"

#include <errno.h>
#include <string.h>

#include "sexton/cli_call.h"

static void strings_go_out_as_they_are_in_one_write(UNUSED void **state)
{
	assert_int_equal(cli_put(2, "a\n", "", "\x1b[2K", "b", NULL), 0);
	assert_string_equal(err.text, "a\n\x1b[2Kb");
	assert_string_equal(out.text, "");
	assert_int_equal(writes, 1);
}

static void more_than_a_buffer_goes_out_whole(UNUSED void **state)
{
	static char big[5001];

	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(cli_put(1, "a", big, "z", NULL), 0);
	assert_int_equal(out.used, sizeof(big) + 1);
	assert_int_equal(out.text[0], 'a');
	assert_int_equal(out.text[out.used - 1], 'z');
	assert_int_equal(strspn(out.text + 1, "x"), sizeof(big) - 1);
	assert_int_equal(writes, 2);
}

static void a_stream_that_takes_little_gets_it_all(UNUSED void **state)
{
	write_limit = 3;
	assert_int_equal(cli_put(1, "abcdefgh", "ij", NULL), 0);
	assert_string_equal(out.text, "abcdefghij");
}

static void a_refused_write_is_told_and_not_tried_again(UNUSED void **state)
{
	static char big[5001];

	memset(big, 'x', sizeof(big) - 1);
	write_limit = -ENOSPC;
	assert_int_equal(cli_put(1, big, NULL), -ENOSPC);
	assert_int_equal(writes, 1);
}

static void an_error_is_one_line_with_our_pid(UNUSED void **state)
{
	own_pid = 4321;
	cli_put_error("[", "] ", "no: ", "a\tb");
	assert_string_equal(err.text, "[4321] no: a\tb\n");
}

static void numbers_are_read_as_strtol_reads_them(UNUSED void **state)
{
	static const struct {
		const char *text;
		int64_t number;
		size_t length;
	} rows[] = {
		{ "0", 0, 1 },
		{ "12x", 12, 2 },
		{ " \t\n\v\f\r+7 ", 7, 8 },
		{ "-3", -3, 2 },
		{ "-0", 0, 2 },
		{ "007", 7, 3 },
		{ "0x10", 0, 1 },
		{ "", 0, 0 },
		{ " ", 0, 0 },
		{ "+", 0, 0 },
		{ "--1", 0, 0 },
		{ "x", 0, 0 },
		{ "9223372036854775807", INT64_MAX, 19 },
		{ "9223372036854775808", INT64_MAX, 19 },
		{ "99999999999999999999999", INT64_MAX, 23 },
		{ "-9223372036854775808", INT64_MIN, 20 },
		{ "-9223372036854775809", INT64_MIN, 20 },
		{ "-99999999999999999999999", INT64_MIN, 24 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *end = NULL;

		assert_int_equal(cli_number(rows[i].text, &end), rows[i].number);
		assert_ptr_equal(end, rows[i].text + rows[i].length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(strings_go_out_as_they_are_in_one_write),
		TEST(more_than_a_buffer_goes_out_whole),
		TEST(a_stream_that_takes_little_gets_it_all),
		TEST(a_refused_write_is_told_and_not_tried_again),
		TEST(an_error_is_one_line_with_our_pid),
		TEST(numbers_are_read_as_strtol_reads_them),
	};

	return cmocka_run_group_tests_name("cli_put", tests, NULL, NULL);
}
