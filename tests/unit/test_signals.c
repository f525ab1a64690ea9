/* SPDX-License-Identifier: MIT */
/* test_signals.c - names, numbers and masks of signals (sexton/signals.h). */
#include "sexton/signals.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define UNUSED __attribute__((unused))

/* The number of @text, or the negative errno. */
static int parse(const char *text)
{
	int sig = -1;
	int err = signals_parse(text, (unsigned int)strlen(text), &sig);

	if (err != 0)
		assert_int_equal(sig, -1); /* outputs are written on success only */
	return err == 0 ? sig : err;
}

static void every_signal_is_read_back_from_its_name(UNUSED void **state)
{
	char name[SIGNALS_NAME_SIZE];
	char long_name[SIGNALS_NAME_SIZE + 3];

	for (int sig = 1; sig <= SIGNALS_MAX; sig++) {
		assert_ptr_equal(signals_name(sig, name), name);
		assert_in_range(strlen(name), 1, SIGNALS_NAME_SIZE - 1);
		assert_int_equal(parse(name), sig);
		if (sig == 32 || sig == 33)
			continue; /* these two have no name but their number */
		snprintf(long_name, sizeof(long_name), "SIG%s", name);
		assert_int_equal(parse(long_name), sig);
	}
}

static void no_two_signals_share_a_name(UNUSED void **state)
{
	char one[SIGNALS_NAME_SIZE];
	char other[SIGNALS_NAME_SIZE];

	for (int a = 1; a <= SIGNALS_MAX; a++) {
		for (int b = a + 1; b <= SIGNALS_MAX; b++)
			assert_string_not_equal(signals_name(a, one), signals_name(b, other));
	}
}

static void every_number_is_read_as_itself(UNUSED void **state)
{
	char text[12];

	for (int sig = 1; sig <= SIGNALS_MAX; sig++) {
		snprintf(text, sizeof(text), "%d", sig);
		assert_int_equal(parse(text), sig);
	}
}

static void names_are_those_of_kill(UNUSED void **state)
{
	char name[SIGNALS_NAME_SIZE];

	assert_string_equal(signals_name(SIGHUP, name), "HUP");
	assert_string_equal(signals_name(SIGTERM, name), "TERM");
	assert_string_equal(signals_name(SIGSYS, name), "SYS");
	assert_string_equal(signals_name(34, name), "RTMIN");
	assert_string_equal(signals_name(49, name), "RTMIN+15");
	assert_string_equal(signals_name(50, name), "RTMAX-14");
	assert_string_equal(signals_name(64, name), "RTMAX");
	assert_string_equal(signals_name(32, name), "32");
}

static void a_number_that_is_no_signal_is_written_as_a_number(UNUSED void **state)
{
	char name[SIGNALS_NAME_SIZE];

	assert_string_equal(signals_name(0, name), "0");
	assert_string_equal(signals_name(65, name), "65");
	assert_string_equal(signals_name(-1, name), "-1");
	assert_string_equal(signals_name(INT_MIN, name), "-2147483648");
	assert_string_equal(signals_name(INT_MAX, name), "2147483647");
}

static void names_are_read_in_any_case_and_with_or_without_sig(UNUSED void **state)
{
	assert_int_equal(parse("TERM"), SIGTERM);
	assert_int_equal(parse("term"), SIGTERM);
	assert_int_equal(parse("SIGTERM"), SIGTERM);
	assert_int_equal(parse("SigTerm"), SIGTERM);
	assert_int_equal(parse("15"), SIGTERM);
	assert_int_equal(parse("sigrtmin+3"), 37);
}

static void real_time_signals_are_read_from_both_ends(UNUSED void **state)
{
	assert_int_equal(parse("RTMIN"), 34);
	assert_int_equal(parse("RTMIN+0"), 34);
	assert_int_equal(parse("RTMIN+30"), 64);
	assert_int_equal(parse("RTMAX"), 64);
	assert_int_equal(parse("RTMAX-0"), 64);
	assert_int_equal(parse("RTMAX-30"), 34);
	assert_int_equal(parse("RTMIN+31"), -EINVAL);
	assert_int_equal(parse("RTMAX-31"), -EINVAL);
	assert_int_equal(parse("RTMIN-1"), -EINVAL);
	assert_int_equal(parse("RTMAX+1"), -EINVAL);
	assert_int_equal(parse("RTMIN+"), -EINVAL);
	assert_int_equal(parse("RTMIN+-1"), -EINVAL);
	assert_int_equal(parse("RTMIN3"), -EINVAL);
}

static void historic_names_are_read(UNUSED void **state)
{
	assert_int_equal(parse("IOT"), SIGABRT);
	assert_int_equal(parse("SIGCLD"), SIGCHLD);
	assert_int_equal(parse("POLL"), SIGIO);
}

static void what_is_no_signal_is_refused(UNUSED void **state)
{
	static const char *const wrong[] = {
		"",           "0",     "00",       "65",   "100",   "99999999999999999999",
		"-1",         "+1",    "1.",       " 1",   "1 ",    "0x0f",
		"SIG",        "SIG15", "TERMX",    "TER",  "TERM ", " TERM",
		"SIGSIGTERM", "none",  "TERM,INT", "EXIT",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse(wrong[i]), -EINVAL);
}

static void only_the_given_bytes_are_read(UNUSED void **state)
{
	int sig;

	assert_int_equal(signals_parse("TERM:QUIT", 4, &sig), 0);
	assert_int_equal(sig, SIGTERM);
	assert_int_equal(signals_parse("155", 2, &sig), 0);
	assert_int_equal(sig, SIGTERM);
	assert_int_equal(signals_parse("RTMIN+123", 7, &sig), 0);
	assert_int_equal(sig, 35);
	assert_int_equal(signals_parse("TERM", 0, &sig), -EINVAL);
	assert_int_equal(signals_parse("SIGTERM", 3, &sig), -EINVAL);
}

static void a_mask_holds_what_was_put_in_and_no_number_outside(UNUSED void **state)
{
	uint64_t mask = SIGNALS_BIT(1) | SIGNALS_BIT(SIGTERM) | SIGNALS_BIT(64);

	for (int sig = 1; sig <= SIGNALS_MAX; sig++) {
		assert_int_equal(signals_in(mask, sig), sig == 1 || sig == SIGTERM || sig == 64);
		assert_true(signals_in(SIGNALS_ALL, sig));
	}
	assert_false(signals_in(SIGNALS_ALL, 0));
	assert_false(signals_in(SIGNALS_ALL, 65));
	assert_false(signals_in(SIGNALS_ALL, -1));
	assert_false(signals_in(SIGNALS_ALL, INT_MIN));
}

static void six_signals_are_raised_by_the_cpu(UNUSED void **state)
{
	int count = 0;

	for (int sig = -1; sig <= SIGNALS_MAX + 1; sig++)
		count += signals_is_synchronous(sig);
	assert_int_equal(count, 6);
	assert_true(signals_is_synchronous(SIGSEGV) && signals_is_synchronous(SIGBUS) &&
		    signals_is_synchronous(SIGILL) && signals_is_synchronous(SIGFPE) &&
		    signals_is_synchronous(SIGTRAP) && signals_is_synchronous(SIGSYS));
}

/* Byte for byte what tini and catatonit print, which have it from glibc. */
static void descriptions_are_those_of_glibc(UNUSED void **state)
{
	char room[SIGNALS_NAME_SIZE];

	for (int sig = -1; sig <= SIGNALS_MAX + 1; sig++) {
#ifdef __GLIBC__
		assert_string_equal(signals_description(sig, room), strsignal(sig));
#endif
		assert_in_range(strlen(signals_description(sig, room)), 1, 64);
	}
	assert_string_equal(signals_description(SIGTERM, room), "Terminated");
	assert_string_equal(signals_description(SIGSTOP, room), "Stopped (signal)");
	assert_string_equal(signals_description(SIGNALS_RTMIN, room), "Real-time signal 0");
	assert_string_equal(signals_description(64, room), "Real-time signal 30");
	assert_string_equal(signals_description(33, room), "Unknown signal 33");
	assert_string_equal(signals_description(0, room), "Unknown signal 0");
	assert_string_equal(signals_description(INT_MIN, room), "Unknown signal -2147483648");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_signal_is_read_back_from_its_name),
		cmocka_unit_test(no_two_signals_share_a_name),
		cmocka_unit_test(every_number_is_read_as_itself),
		cmocka_unit_test(names_are_those_of_kill),
		cmocka_unit_test(a_number_that_is_no_signal_is_written_as_a_number),
		cmocka_unit_test(names_are_read_in_any_case_and_with_or_without_sig),
		cmocka_unit_test(real_time_signals_are_read_from_both_ends),
		cmocka_unit_test(historic_names_are_read),
		cmocka_unit_test(what_is_no_signal_is_refused),
		cmocka_unit_test(only_the_given_bytes_are_read),
		cmocka_unit_test(a_mask_holds_what_was_put_in_and_no_number_outside),
		cmocka_unit_test(six_signals_are_raised_by_the_cpu),
		cmocka_unit_test(descriptions_are_those_of_glibc),
	};

	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
