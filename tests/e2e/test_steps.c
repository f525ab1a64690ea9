/* SPDX-License-Identifier: MIT */
/*
 * test_steps.c - asking in several steps (--ask-with).
 *
 * Times are taken from events that come before the first step is made, so that only too early a step
 * can make a difference too small. What ignores the steps is ended by the test.
 */
#include <signal.h>
#include <stdio.h>

#include "node.h"

static void check_two_steps(const struct pidns_options *options)
{
	struct pidns *ns = node_start(options, "main:exit=3,leave(w:ignore)",
				      "--ask-with=INT:500ms,TERM", "--grace=none");

	pidns_event(ns, 1, "got w TERM");
	pidns_assert(ns, pidns_before(ns, "got w INT", "got w TERM"));
	pidns_assert(ns, node_at(ns, "got w TERM") - node_at(ns, "done main") >= 500 * NODE_MS);
	node_signal(ns, "w", SIGKILL);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_count(ns, "got w INT") == 1 && pidns_count(ns, "got w TERM") == 1);
	pidns_assert(ns,
		     pidns_log_count(ns, "asked pid %d (w) with INT", (int)node_pid(ns, "w")) == 1);
	pidns_assert(ns, pidns_log_count(ns, "asked pid %d (w) with TERM",
					 (int)node_pid(ns, "w")) == 1);
	pidns_kill(ns);
}

static void a_second_step_comes_when_the_time_of_the_first_one_is_over(void **state)
{
	(void)state;
	check_two_steps(NULL);
}

static void a_subreaper_asks_in_steps_too(void **state)
{
	(void)state;
	check_two_steps(&(struct pidns_options){ .subreaper = true });
}

static void three_steps_come_in_order_and_the_last_one_once(void **state)
{
	struct pidns *ns;
	int64_t since;

	(void)state;
	ns = node_start(NULL, "main:leave(w:ignore,tick=1500)",
			"--ask-with=USR1:200ms,INT:300ms,TERM", "--grace=none");
	since = node_at(ns, "done main");
	pidns_event(ns, 1, "got w TERM");
	pidns_assert(ns, pidns_before(ns, "got w USR1", "got w INT"));
	pidns_assert(ns, pidns_before(ns, "got w INT", "got w TERM"));
	pidns_assert(ns, node_at(ns, "got w INT") - since >= 200 * NODE_MS);
	pidns_assert(ns, node_at(ns, "got w TERM") - since >= 500 * NODE_MS);
	/* By now there were more looks, and nothing more to say. */
	pidns_event(ns, 1, "tick w 1");
	node_signal(ns, "w", SIGKILL);
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "got w CONT") == 3 && pidns_count(ns, "got w") == 6);
	pidns_kill(ns);
}

/* b has gone before c, its child, is asked; a was asked long before. */
static void each_root_has_a_clock_of_its_own(void **state)
{
	struct pidns *ns;
	int64_t orphaned;

	(void)state;
	ns = node_start(NULL, "main:leave(a:ignore b:work=1000(c:ignore))",
			"--ask-with=INT:800ms,TERM", "--grace=none");
	pidns_event(ns, 1, "got c TERM");
	orphaned = node_at(ns, "done b");
	pidns_assert(ns, node_at(ns, "got a TERM") - node_at(ns, "done main") >= 800 * NODE_MS);
	pidns_assert(ns, pidns_before(ns, "done b", "got c INT"));
	pidns_assert(ns, pidns_before(ns, "got a TERM", "got c TERM"));
	pidns_assert(ns, node_at(ns, "got c TERM") - orphaned >= 800 * NODE_MS);
	node_signal(ns, "a", SIGKILL);
	node_signal(ns, "c", SIGKILL);
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "got a INT") == 1 && pidns_count(ns, "got a TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "got c INT") == 1 && pidns_count(ns, "got c TERM") == 1);
	pidns_kill(ns);
}

static void who_ends_at_the_first_step_gets_no_second_one(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:leave(a:work=50 b:ignore)", "--ask-with=INT:1500ms,TERM",
			"--grace=none");
	pidns_event(ns, 1, "got b TERM");
	node_signal(ns, "b", SIGKILL);
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "got a INT") == 1 && pidns_count(ns, "got a TERM") == 0);
	pidns_assert(ns, pidns_count(ns, "done a") == 1);
	pidns_kill(ns);
}

static void the_last_burial_ends_the_run_in_the_middle_of_a_step(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=3,leave(a:work=50(b:work=50) c)", "--ask-with=INT:1h,TERM",
			"--grace=none");
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_count(ns, "got b INT") == 1);
	pidns_assert(ns, pidns_log_count(ns, "with TERM") == 0);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void a_grace_time_that_is_shorter_than_the_steps_ends_them(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=3,leave(w:ignore)", "--ask-with=INT:1h,TERM",
			"--grace=600ms");
	pidns_end_with(ns, 3);
	pidns_assert(ns, ns->ended_at - node_at(ns, "done main") >= 600 * NODE_MS);
	pidns_assert(ns, pidns_count(ns, "got w INT") == 1 && pidns_count(ns, "got w TERM") == 0);
	pidns_assert(ns, pidns_log_count(ns, "killing pid %d (w)", (int)node_pid(ns, "w")) == 1);
	pidns_kill(ns);
}

/* A tree below a root that does not listen gets its first step at half-time, and the next in its own. */
static void at_half_time_the_steps_begin_for_the_trees(void **state)
{
	struct pidns *ns;
	int64_t since;

	(void)state;
	ns = node_start(NULL, "main:leave(root:ignore(w:ignore))", "--ask-with=INT:300ms,TERM",
			"--grace=3s");
	since = node_at(ns, "done main");
	if (!node_no_pidfds()) { /* else when the root was killed */
		pidns_event(ns, 1, "got w TERM");
		pidns_assert(ns, node_at(ns, "got w INT") - since >= 1500 * NODE_MS);
		pidns_assert(ns, node_at(ns, "got w TERM") - since >= 1800 * NODE_MS);
	}
	pidns_end_with(ns, 0);
	pidns_assert(ns, ns->ended_at - since >= 3000 * NODE_MS);
	pidns_assert(ns, pidns_count(ns, "got w INT") == 1);
	pidns_assert(ns, pidns_count(ns, "got root TERM") == 1);
	pidns_kill(ns);
}

static void a_stop_signal_forwarded_to_the_group_is_the_first_step(void **state)
{
	struct pidns *ns;
	int64_t since;

	(void)state;
	ns = node_start(NULL, "main:exit=3,work=50(w:ignore)", "--forward=group",
			"--ask-with=INT:500ms,TERM");
	since = pidns_now();
	pidns_signal(ns, SIGQUIT);
	pidns_event(ns, 1, "got w TERM");
	pidns_assert(ns, node_at(ns, "got w TERM") - since >= 500 * NODE_MS);
	node_signal(ns, "w", SIGKILL);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_count(ns, "got w QUIT") == 1 && pidns_count(ns, "got w INT") == 0);
	pidns_assert(ns, pidns_count(ns, "got w TERM") == 1);
	pidns_kill(ns);
}

static void a_stop_signal_forwarded_in_a_hand_over_is_the_first_step(void **state)
{
	struct pidns *ns;
	int64_t since;

	(void)state;
	ns = node_start(NULL, "main:exit=3,leave(w:ignore)", "--on-exit=wait",
			"--ask-with=INT:500ms,TERM");
	pidns_log(ns, 1, "RUNNING -> HANDOVER");
	since = pidns_now();
	pidns_signal(ns, SIGQUIT);
	pidns_event(ns, 1, "got w TERM");
	pidns_assert(ns, node_at(ns, "got w TERM") - since >= 500 * NODE_MS);
	node_signal(ns, "w", SIGKILL);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_count(ns, "got w QUIT") == 1 && pidns_count(ns, "got w INT") == 0);
	pidns_kill(ns);
}

static void for_a_main_process_that_does_not_end_the_stop_was_the_first_step(void **state)
{
	struct pidns *ns;
	int64_t since;

	(void)state;
	ns = node_start(NULL, "main:ignore", "--stop-timeout=2s", "--ask-with=INT:100ms,TERM");
	since = pidns_now();
	pidns_signal(ns, SIGQUIT);
	pidns_end_with(ns, 128 + SIGKILL);
	pidns_assert(ns, pidns_count(ns, "got main QUIT") == 1);
	pidns_assert(ns, pidns_count(ns, "got main INT") == 0);
	pidns_assert(ns, node_at(ns, "got main TERM") - since >= 1000 * NODE_MS);
	pidns_assert(ns, ns->ended_at - since >= 2000 * NODE_MS);
	pidns_kill(ns);
}

static void a_second_stop_signal_does_not_begin_the_steps_again(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=3(w:ignore)", "--ask-with=INT:500ms,TERM");
	pidns_signal(ns, SIGTERM);
	pidns_event(ns, 1, "got w INT");
	pidns_signal(ns, SIGQUIT);
	pidns_event(ns, 1, "got w QUIT");
	pidns_event(ns, 1, "got w TERM");
	pidns_assert(ns, node_at(ns, "got w TERM") - node_at(ns, "done main") >= 500 * NODE_MS);
	node_signal(ns, "w", SIGKILL);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_count(ns, "got w INT") == 1 && pidns_count(ns, "got w TERM") == 1);
	pidns_kill(ns);
}

/* Whoever is there, at once: each step once. */
static void without_proc_each_step_goes_to_everybody_once(void **state)
{
	const struct pidns_options options = { .hide_proc = true };
	struct pidns *ns;
	int code;

	(void)state;
	ns = node_start(&options, "main:exit=3,leave(a:ignore(b:ignore) c:work=50)",
			"--ask-with=INT:400ms,TERM", "--grace=1500ms");
	pidns_event(ns, 1, "got a TERM");
	pidns_event(ns, 1, "got b TERM");
	pidns_assert(ns, node_at(ns, "got a TERM") - node_at(ns, "done main") >= 400 * NODE_MS);
	code = pidns_end(ns);
	/* A leak checker needs /proc and ends with a code of its own, after all is done. */
	pidns_assert(ns, code == 3 || pidns_log_count(ns, "LeakSanitizer has encountered"));
	pidns_assert(ns, pidns_count(ns, "got a INT") == 1 && pidns_count(ns, "got a TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "got b INT") == 1 && pidns_count(ns, "got b TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "got c INT") == 1 && pidns_count(ns, "got c TERM") == 0);
	pidns_kill(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(a_second_step_comes_when_the_time_of_the_first_one_is_over),
		PIDNS_TEST(a_subreaper_asks_in_steps_too),
		PIDNS_TEST(three_steps_come_in_order_and_the_last_one_once),
		PIDNS_TEST(each_root_has_a_clock_of_its_own),
		PIDNS_TEST(who_ends_at_the_first_step_gets_no_second_one),
		PIDNS_TEST(the_last_burial_ends_the_run_in_the_middle_of_a_step),
		PIDNS_TEST(a_grace_time_that_is_shorter_than_the_steps_ends_them),
		PIDNS_TEST(at_half_time_the_steps_begin_for_the_trees),
		PIDNS_TEST(a_stop_signal_forwarded_to_the_group_is_the_first_step),
		PIDNS_TEST(a_stop_signal_forwarded_in_a_hand_over_is_the_first_step),
		PIDNS_TEST(for_a_main_process_that_does_not_end_the_stop_was_the_first_step),
		PIDNS_TEST(a_second_stop_signal_does_not_begin_the_steps_again),
		PIDNS_TEST(without_proc_each_step_goes_to_everybody_once),
	};

	return cmocka_run_group_tests_name("steps", tests, NULL, NULL);
}
