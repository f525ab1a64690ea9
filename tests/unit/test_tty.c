/* SPDX-License-Identifier: MIT */
/* test_tty.c - the terminal's foreground (sexton/tty.h), on the fake kernel. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_sys.h"
#include "sexton/tty.h"

#define UNUSED __attribute__((unused))

static int reset(UNUSED void **state)
{
	fake_sys_reset();
	return 0;
}

/* Which one */

static void
the_controlling_terminal_comes_first_and_does_not_become_ours_by_that(UNUSED void **state)
{
	char expected[64];
	int err = -1;
	int fd;

	fake_sys_file("/dev/tty", S_IFCHR | 0666, "", 0);
	fd = tty_open(CONFIG_TTY_CONTROLLING, &err);
	assert_in_range(fd, 3, 63);
	assert_int_equal(err, 0);
	(void)snprintf(expected, sizeof(expected), "open(/dev/tty,%d)\nclose(%d)\n",
		       O_RDWR | O_NOCTTY, fd);
	tty_close(fd);
	assert_string_equal(fake_sys_trace(), expected);
	assert_int_equal(fake_sys_open_fds(), 0);
}

static void without_a_controlling_terminal_stdin_is_tried_and_never_closed(UNUSED void **state)
{
	int err = -1;

	fake_sys_fail("open", 0, ENXIO);
	assert_int_equal(tty_open(CONFIG_TTY_CONTROLLING, &err), STDIN_FILENO);
	assert_int_equal(err, ENXIO);
	tty_close(STDIN_FILENO);
	assert_int_equal(fake_sys_calls("close"), 0);
}

static void the_terminal_of_stdin_needs_no_opening(UNUSED void **state)
{
	int err = -1;

	fake_sys_file("/dev/tty", S_IFCHR | 0666, "", 0);
	assert_int_equal(tty_open(CONFIG_TTY_AUTO, &err), STDIN_FILENO);
	assert_int_equal(err, 0);
	assert_string_equal(fake_sys_trace(), "");
}

static void never_is_never(UNUSED void **state)
{
	int err = -1;

	fake_sys_file("/dev/tty", S_IFCHR | 0666, "", 0);
	assert_int_equal(tty_open(CONFIG_TTY_NEVER, &err), -ENXIO);
	assert_int_equal(err, 0);
	assert_string_equal(fake_sys_trace(), "");
}

/* Its foreground */

static const int absent[] = { ENOTTY, ENXIO, EBADF, EINVAL, EIO };

static void what_is_no_terminal_of_ours_has_one_name(UNUSED void **state)
{
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		fake_sys.foreground = -absent[i];
		assert_int_equal(tty_foreground(7), -ENOTTY);
	}
	fake_sys.foreground = 0;
	assert_int_equal(tty_foreground(7), 0);
	fake_sys.foreground = 123;
	assert_int_equal(tty_foreground(7), 123);
	fake_sys_fail("tcgetpgrp", 0, ENOSYS);
	assert_int_equal(tty_foreground(7), -ENOSYS);
}

static void a_group_in_the_foreground_hands_over(UNUSED void **state)
{
	fake_sys.foreground = 100;
	assert_int_equal(tty_pass(7, 100, 200), 1);
	assert_string_equal(fake_sys_trace(), "tcgetpgrp(7)\ntcsetpgrp(7,200)\n");
}

static void a_background_start_steals_nothing(UNUSED void **state)
{
	fake_sys.foreground = 77;
	assert_int_equal(tty_pass(0, 100, 200), 0);
	assert_int_equal(fake_sys_calls("tcsetpgrp"), 0);
	assert_int_equal(fake_sys.foreground, 77);
}

/* As in a PID namespace that was entered from a shell: the shell's group is 0, and so is ours. */
static void a_group_without_a_number_hands_over_only_from_the_foreground(UNUSED void **state)
{
	for (int in_foreground = 0; in_foreground < 2; in_foreground++) {
		fake_sys_reset();
		fake_sys.pgrp = 0;
		fake_sys.foreground = 0;
		fake_sys_return("in_foreground", in_foreground);
		assert_int_equal(tty_pass(0, tty_own_group(), 2), in_foreground);
		assert_int_equal(fake_sys.foreground, in_foreground ? 2 : 0);
	}
}

static void a_group_with_a_number_needs_no_other_question(UNUSED void **state)
{
	assert_int_equal(tty_own_group(), 100);
	assert_string_equal(fake_sys_trace(), "getpgrp()\n");
}

static void without_a_terminal_there_is_nothing_to_do(UNUSED void **state)
{
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		fake_sys_reset();
		fake_sys.foreground = -absent[i];
		assert_int_equal(tty_pass(0, 100, 200), -ENOTTY);
		assert_int_equal(fake_sys_calls("tcsetpgrp"), 0);
	}
}

static void a_terminal_that_goes_away_in_between_is_none(UNUSED void **state)
{
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		fake_sys_reset();
		fake_sys.foreground = 100;
		fake_sys_fail("tcsetpgrp", 0, absent[i]);
		assert_int_equal(tty_pass(0, 100, 200), -ENOTTY);
	}
}

static void a_refusal_is_told(UNUSED void **state)
{
	fake_sys.foreground = 100;
	fake_sys_fail("tcsetpgrp", 0, EPERM);
	assert_int_equal(tty_pass(0, 100, 200), -EPERM);
	fake_sys_fail("tcgetpgrp", 0, ENOSYS);
	assert_int_equal(tty_pass(0, 100, 200), -ENOSYS);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_controlling_terminal_comes_first_and_does_not_become_ours_by_that),
		TEST(without_a_controlling_terminal_stdin_is_tried_and_never_closed),
		TEST(the_terminal_of_stdin_needs_no_opening),
		TEST(never_is_never),
		TEST(what_is_no_terminal_of_ours_has_one_name),
		TEST(a_group_in_the_foreground_hands_over),
		TEST(a_background_start_steals_nothing),
		TEST(a_group_without_a_number_hands_over_only_from_the_foreground),
		TEST(a_group_with_a_number_needs_no_other_question),
		TEST(without_a_terminal_there_is_nothing_to_do),
		TEST(a_terminal_that_goes_away_in_between_is_none),
		TEST(a_refusal_is_told),
	};

	return cmocka_run_group_tests_name("tty", tests, NULL, NULL);
}
