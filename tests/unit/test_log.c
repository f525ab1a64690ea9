/* SPDX-License-Identifier: MIT */
/* test_log.c - one write(2) a line (sexton/log.h), on a sys_write_now() that keeps what it gets. */
#include "sexton/log.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sexton/sys.h"

#define UNUSED         __attribute__((unused))
#define LINE_MAX_BYTES 512

static char written[4096];
static size_t written_size;
static int writes;
static int write_fd;
static ssize_t write_result; /* 0: all was taken */

pid_t sys_getpid(void)
{
	return 1;
}

const char *sys_strerror(int err)
{
	return strerror(err);
}

static int64_t write_patience_ns; /* of the last call */

ssize_t sys_write_now(int fd, const void *buf, size_t size, int64_t patience_ns)
{
	write_patience_ns = patience_ns;
	assert_in_range(written_size + size, 0, sizeof(written) - 1);
	memcpy(written + written_size, buf, size);
	written_size += size;
	written[written_size] = '\0';
	write_fd = fd;
	writes++;
	return write_result ? write_result : (ssize_t)size;
}

static int forget(UNUSED void **state)
{
	memset(written, 0, sizeof(written));
	written_size = 0;
	writes = 0;
	write_result = 0;
	log_set(NULL, 0, 0);
	return 0;
}

static void a_line_is_one_write_to_stderr_with_prefix_and_newline(UNUSED void **state)
{
	log_line(LOG_WARN, "hello");
	assert_string_equal(written, "sexton: hello\n");
	assert_int_equal(writes, 1);
	assert_int_equal(write_fd, 2);
}

static void all_conversions_are_written(UNUSED void **state)
{
	log_line(LOG_WARN, "%s|%d|%u|%l|%%|%s", "a", -7, 4000000000u, INT64_C(-5000000000), "z");
	assert_string_equal(written, "sexton: a|-7|4000000000|-5000000000|%|z\n");
}

static void the_extremes_of_numbers_are_written(UNUSED void **state)
{
	log_line(LOG_WARN, "%d %d %u %u %l %l %d", INT_MIN, INT_MAX, 0u, UINT_MAX, INT64_MIN,
		 INT64_MAX, 0);
	assert_string_equal(written, "sexton: -2147483648 2147483647 0 4294967295 "
				     "-9223372036854775808 9223372036854775807 0\n");
}

static void a_null_string_is_named_and_no_crash(UNUSED void **state)
{
	log_line(LOG_WARN, "%s.", (const char *)NULL);
	assert_string_equal(written, "sexton: (null).\n");
}

static void control_characters_cannot_forge_a_line(UNUSED void **state)
{
	log_line(LOG_WARN, "<%s>", "a\nsexton: b\r\t\x1b[31m\x7f");
	assert_string_equal(written, "sexton: <a?sexton: b???[31m?>\n");
}

static void a_newline_in_the_format_is_masked_too(UNUSED void **state)
{
	log_line(LOG_WARN, "a\nb");
	assert_string_equal(written, "sexton: a?b\n");
}

static void letters_beyond_ascii_stay_and_c1_controls_do_not(UNUSED void **state)
{
	log_line(LOG_WARN, "%s",
		 "\xc3\xa9 \xe2\x82\xac \xc2\xa9 \xc2\x9b"
		 "31m");
	assert_string_equal(written, "sexton: \xc3\xa9 \xe2\x82\xac \xc2\xa9 ??31m\n");
}

static void a_long_line_is_cut_and_still_ends_in_a_newline(UNUSED void **state)
{
	char text[2000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_line(LOG_WARN, "%s%d", text, 1);
	assert_int_equal(writes, 1);
	assert_int_equal(written_size, LINE_MAX_BYTES);
	assert_int_equal(written[LINE_MAX_BYTES - 1], '\n');
	assert_int_equal(written[LINE_MAX_BYTES - 2], 'x');
}

static void a_line_that_just_fits_is_not_cut(UNUSED void **state)
{
	/* The prefix has 8 bytes, the newline 1. */
	char text[LINE_MAX_BYTES - 9 + 1];

	memset(text, 'x', sizeof(text) - 2);
	text[sizeof(text) - 2] = 'y';
	text[sizeof(text) - 1] = '\0';
	log_line(LOG_WARN, "%s", text);
	assert_int_equal(written_size, LINE_MAX_BYTES);
	assert_int_equal(written[LINE_MAX_BYTES - 2], 'y');
	assert_int_equal(written[LINE_MAX_BYTES - 1], '\n');
}

static void lines_above_the_verbosity_are_dropped(UNUSED void **state)
{
	static const char *const expected[] = {
		"sexton: w\n",
		"sexton: w\nsexton: i\n",
		"sexton: w\nsexton: i\nsexton: d\n",
		"sexton: w\nsexton: i\nsexton: d\n",
	};

	for (int verbosity = 0; verbosity <= 3; verbosity++) {
		forget(NULL);
		log_set(NULL, 0, verbosity);
		log_line(LOG_WARN, "w");
		log_line(LOG_INFO, "i");
		log_line(LOG_DEBUG, "d");
		assert_string_equal(written, expected[verbosity]);
		assert_true(log_enabled(LOG_WARN));
		assert_int_equal(log_enabled(LOG_INFO), verbosity >= 1);
		assert_int_equal(log_enabled(LOG_DEBUG), verbosity >= 2);
	}
}

static void a_stderr_that_refuses_is_tried_once(UNUSED void **state)
{
	static const ssize_t results[] = { -EPIPE, -EBADF, -EAGAIN, -EIO, 3 };

	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		forget(NULL);
		write_result = results[i];
		log_line(LOG_WARN, "hello");
		assert_int_equal(writes, 1);
	}
}

static void an_unknown_conversion_ends_the_line_and_reads_no_argument(UNUSED void **state)
{
	log_line(LOG_WARN, "a %x %s", 1, "b");
	assert_string_equal(written, "sexton: a (bad format)\n");
	forget(NULL);
	log_line(LOG_WARN, "100%");
	assert_string_equal(written, "sexton: 100(bad format)\n");
}

static void a_stream_that_is_stuck_is_waited_for_once(UNUSED void **state)
{
	int64_t patience;

	log_line(LOG_WARN, "goes out");
	patience = write_patience_ns;
	assert_in_range(patience, 1000000, 100000000); /* a moment, in which a terminal is free */
	write_result = -EAGAIN;
	log_line(LOG_WARN, "is waited for");
	assert_true(write_patience_ns == patience);
	log_line(LOG_WARN, "is not");
	assert_true(write_patience_ns == 0);
	write_result = 0;
	log_line(LOG_WARN, "goes out again");
	assert_true(write_patience_ns == 0);
	log_line(LOG_WARN, "and has its moment again");
	assert_true(write_patience_ns == patience);
}

#define TEST(name) cmocka_unit_test_setup(name, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_is_one_write_to_stderr_with_prefix_and_newline),
		TEST(all_conversions_are_written),
		TEST(the_extremes_of_numbers_are_written),
		TEST(a_null_string_is_named_and_no_crash),
		TEST(control_characters_cannot_forge_a_line),
		TEST(a_newline_in_the_format_is_masked_too),
		TEST(letters_beyond_ascii_stay_and_c1_controls_do_not),
		TEST(a_long_line_is_cut_and_still_ends_in_a_newline),
		TEST(a_line_that_just_fits_is_not_cut),
		TEST(lines_above_the_verbosity_are_dropped),
		TEST(a_stderr_that_refuses_is_tried_once),
		TEST(a_stream_that_is_stuck_is_waited_for_once),
		TEST(an_unknown_conversion_ends_the_line_and_reads_no_argument),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
