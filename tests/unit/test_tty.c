/* SPDX-License-Identifier: MIT */
/* test_tty.c - the terminal's foreground (sexton/tty.h), on the fake kernel. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_sys.h"
#include "sexton/tty.h"

#define UNUSED __attribute__((unused))

static int reset(UNUSED void **state)
{
	fake_sys_reset();
	return 0;
}

static void a_group_in_the_foreground_hands_over(UNUSED void **state)
{
	fake_sys.foreground = 100;
	assert_int_equal(tty_hand_over(100, 200), 0);
	assert_string_equal(fake_sys_trace(), "tcgetpgrp(0)\ntcsetpgrp(0,200)\n");
}

static void a_background_start_steals_nothing(UNUSED void **state)
{
	fake_sys.foreground = 77;
	assert_int_equal(tty_hand_over(100, 200), 0);
	assert_int_equal(fake_sys_calls("tcsetpgrp"), 0);
	assert_int_equal(fake_sys.foreground, 77);
}

static void a_group_without_a_number_in_this_namespace_hands_over(UNUSED void **state)
{
	fake_sys.foreground = 0;
	assert_int_equal(tty_hand_over(0, 2), 0);
	assert_int_equal(fake_sys.foreground, 2);
}

static const int absent[] = { ENOTTY, ENXIO, EBADF, EINVAL, EIO };

static void without_a_terminal_there_is_nothing_to_do(UNUSED void **state)
{
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		fake_sys_reset();
		fake_sys.foreground = -absent[i];
		assert_int_equal(tty_hand_over(100, 200), 0);
		assert_int_equal(fake_sys_calls("tcsetpgrp"), 0);
	}
}

static void a_terminal_that_goes_away_in_between_is_no_error(UNUSED void **state)
{
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		fake_sys_reset();
		fake_sys.foreground = 100;
		fake_sys_fail("tcsetpgrp", 0, absent[i]);
		assert_int_equal(tty_hand_over(100, 200), 0);
	}
}

static void a_refusal_is_told(UNUSED void **state)
{
	fake_sys.foreground = 100;
	fake_sys_fail("tcsetpgrp", 0, EPERM);
	assert_int_equal(tty_hand_over(100, 200), -EPERM);
	fake_sys_fail("tcgetpgrp", 0, ENOSYS);
	assert_int_equal(tty_hand_over(100, 200), -ENOSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_group_in_the_foreground_hands_over, reset),
		cmocka_unit_test_setup(a_background_start_steals_nothing, reset),
		cmocka_unit_test_setup(a_group_without_a_number_in_this_namespace_hands_over,
				       reset),
		cmocka_unit_test_setup(without_a_terminal_there_is_nothing_to_do, reset),
		cmocka_unit_test_setup(a_terminal_that_goes_away_in_between_is_no_error, reset),
		cmocka_unit_test_setup(a_refusal_is_told, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
