/* SPDX-License-Identifier: MIT */
/* test_feature.c - what is refused is absent, and nothing else. */
#include "sexton/feature.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_world.h"

static int setup(void **state)
{
	(void)state;
	fake_world_reset(100);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return fake_sys_open_fds() == 0 ? 0 : -1;
}

/* "pidfd group look proc children", as far as they are there. */
static const char *probed(void)
{
	static char text[64];
	struct feature f;

	feature_probe(&f);
	text[0] = '\0';
	strcat(text, f.pidfd ? "pidfd " : "");
	strcat(text, f.pidfd_group ? "group " : "");
	strcat(text, f.look ? "look " : "");
	strcat(text, f.proc ? "proc " : "");
	strcat(text, f.children ? "children " : "");
	return text;
}

static void everything_is_found_and_nobody_is_signalled(void **state)
{
	(void)state;
	assert_string_equal(probed(), "pidfd group look proc children ");
	assert_null(strstr(fake_sys_trace(), "kill("));
	assert_non_null(strstr(fake_sys_trace(), "pidfd_open(100)"));
	assert_string_equal(fake_world_log(), "");
}

static void a_group_that_we_do_not_lead_is_a_yes_as_well(void **state)
{
	(void)state;
	fake_world_find(100)->leader = -1;
	assert_string_equal(probed(), "pidfd group look proc children ");
}

static void an_unknown_flag_is_a_no_to_groups_alone(void **state)
{
	(void)state;
	fake_sys_fail("pidfd_send_signal", 2, EINVAL);
	assert_string_equal(probed(), "pidfd look proc children ");
}

static void pidfds_need_both_calls(void **state)
{
	(void)state;
	fake_sys_fail("pidfd_open", 1, ENOSYS);
	assert_string_equal(probed(), "look proc children ");
	fake_sys_fail("pidfd_send_signal", 1, EPERM);
	assert_string_equal(probed(), "look proc children ");
	fake_sys_fail("pidfd_send_signal", 0, ENOSYS);
	assert_string_equal(probed(), "look proc children ");
}

static void a_refused_look_is_absent(void **state)
{
	(void)state;
	fake_sys_fail("probe_look", 1, EPERM);
	assert_string_equal(probed(), "pidfd group proc children ");
}

static void without_proc_there_are_no_children_files(void **state)
{
	(void)state;
	fake_world.no_proc = true;
	assert_string_equal(probed(), "pidfd group look ");
}

static void a_proc_of_another_namespace_does_not_count(void **state)
{
	static const pid_t shown[] = { 1, 10, 1000, 4711, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		fake_world.shown_self = shown[i];
		assert_string_equal(probed(), "pidfd group look ");
	}
}

static void a_kernel_without_children_files_still_has_proc(void **state)
{
	(void)state;
	fake_world.no_children = true;
	assert_string_equal(probed(), "pidfd group look proc ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_is_found_and_nobody_is_signalled),
		TEST(a_group_that_we_do_not_lead_is_a_yes_as_well),
		TEST(an_unknown_flag_is_a_no_to_groups_alone),
		TEST(pidfds_need_both_calls),
		TEST(a_refused_look_is_absent),
		TEST(without_proc_there_are_no_children_files),
		TEST(a_proc_of_another_namespace_does_not_count),
		TEST(a_kernel_without_children_files_still_has_proc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
