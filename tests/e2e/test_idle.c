/* SPDX-License-Identifier: MIT */
/*
 * test_idle.c - at rest sexton costs nothing.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "pidns.h"

static void ten_idle_seconds_cost_no_context_switch_in_either_thread(void **state)
{
	const struct itimerspec ten_seconds = { .it_value = { 10, 0 } };
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct pidns *ns;
	uint64_t before;
	uint64_t after;
	uint64_t n;
	int threads;

	(void)state;
	ns = pidns_start(NULL, "--", pidns_payload(), "tree", "main(orphan:twice)");
	pidns_event(ns, 1, "ready main");
	/* When a signal has come through and all threads are asleep, start-up is over. */
	pidns_signal(ns, SIGUSR1);
	pidns_event(ns, 1, "got main USR1");
	before = pidns_switches(ns, &threads);
	/* A wrapper may have taken the second thread away, that is what it is for. */
	if (!getenv("SEXTON_E2E_WRAP"))
		assert_int_equal(threads, 2);
	/* The measurement itself. */
	assert_true(timer >= 0 && timerfd_settime(timer, 0, &ten_seconds, NULL) == 0);
	assert_int_equal(read(timer, &n, sizeof(n)), sizeof(n));
	close(timer);
	after = pidns_switches(ns, &threads);
	if (after != before)
		pidns_fail(ns, "%llu context switches in ten idle seconds",
			   (unsigned long long)(after - before));
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	pidns_kill(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(ten_idle_seconds_cost_no_context_switch_in_either_thread),
	};

	return cmocka_run_group_tests_name("idle", tests, NULL, NULL);
}
