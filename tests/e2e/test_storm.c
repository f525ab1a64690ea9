/* SPDX-License-Identifier: MIT */
/*
 * test_storm.c - very much to do at once.
 */
#include <signal.h>
#include <stdio.h>

#include "pidns.h"

static void check_zombies(const struct pidns_options *options, const char *verbosity)
{
	struct pidns *ns;

	ns = pidns_start(options, verbosity, "--", pidns_payload(), "zombies", "30000");
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "zombies 30000") == 1);
	pidns_assert(ns, pidns_field(pidns_event(ns, 1, "left"), "zombies") == 0);
	pidns_kill(ns);
}

static void thirty_thousand_zombies_at_once_are_gone(void **state)
{
	(void)state;
	check_zombies(NULL, "-v");
}

static void thirty_thousand_zombies_at_once_are_gone_when_each_is_logged(void **state)
{
	(void)state;
	check_zombies(NULL, "-vv");
}

static void thirty_thousand_zombies_at_once_are_gone_under_a_subreaper(void **state)
{
	(void)state;
	check_zombies(&(struct pidns_options){ .subreaper = true }, "-v");
}

static void zombies_beside_ten_thousand_who_live_are_buried_once_each(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = pidns_start(NULL, "-v", "--", pidns_payload(), "crowd", "10000", "2000");
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "zombies 2000") == 1);
	pidns_assert(ns, pidns_field(pidns_event(ns, 1, "left"), "zombies") == 0);
	/* Those who lived ended when they were asked, and the main process before them. */
	pidns_assert(ns, pidns_log_count(ns, "sexton: buried 12001,") == 1);
	pidns_kill(ns);
}

static void check_churn(const struct pidns_options *options)
{
	struct pidns *ns;

	ns = pidns_start(options, "-v", "--", pidns_payload(), "churn", "100000");
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_field(pidns_event(ns, 1, "left"), "zombies") == 0);
	/* Sexton and the payload, and the stub in front of a subreaper. */
	pidns_assert(ns, pidns_field(pidns_event(ns, 1, "left"), "processes") == 1 + ns->inner_pid);
	pidns_kill(ns);
}

static void a_churn_of_a_hundred_thousand_orphans_leaves_none(void **state)
{
	(void)state;
	check_churn(NULL);
}

static void a_churn_of_a_hundred_thousand_orphans_leaves_none_under_a_subreaper(void **state)
{
	(void)state;
	check_churn(&(struct pidns_options){ .subreaper = true });
}

static void signals_arrive_while_thousands_are_buried(void **state)
{
	struct pidns *ns;

	(void)state;
	/* The churn goes on in a background process; the main process listens. */
	ns = pidns_start(NULL, "--grace=none", "--", "sh", "-c",
			 "\"$0\" churn 20000 >/dev/null & exec \"$0\" tree main:exit=3",
			 pidns_payload());
	pidns_event(ns, 1, "ready main");
	for (int i = 1; i <= 500; i++) {
		pidns_signal(ns, SIGUSR1);
		pidns_event(ns, i, "got main USR1");
	}
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 3);
	pidns_kill(ns);
}

static void the_exit_code_survives_a_storm_of_exits_around_it(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		struct pidns *ns =
			pidns_start(NULL, "-vv", "--", "sh", "-c",
				    "\"$0\" zombies 300 >/dev/null & exec \"$0\" exit 42",
				    pidns_payload());

		pidns_end_with(ns, 42);
		pidns_kill(ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(thirty_thousand_zombies_at_once_are_gone),
		PIDNS_TEST(thirty_thousand_zombies_at_once_are_gone_when_each_is_logged),
		PIDNS_TEST(thirty_thousand_zombies_at_once_are_gone_under_a_subreaper),
		PIDNS_TEST(zombies_beside_ten_thousand_who_live_are_buried_once_each),
		PIDNS_TEST(a_churn_of_a_hundred_thousand_orphans_leaves_none),
		PIDNS_TEST(a_churn_of_a_hundred_thousand_orphans_leaves_none_under_a_subreaper),
		PIDNS_TEST(signals_arrive_while_thousands_are_buried),
		PIDNS_TEST(the_exit_code_survives_a_storm_of_exits_around_it),
	};

	return cmocka_run_group_tests_name("storm", tests, NULL, NULL);
}
