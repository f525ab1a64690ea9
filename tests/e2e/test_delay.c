/* SPDX-License-Identifier: MIT */
/*
 * test_delay.c - signals that are held back (--delay).
 *
 * A delay of an hour stands for one that is not over yet: what comes all the same was cut short.
 */
#include <signal.h>
#include <stdio.h>

#include "node.h"

/* Sends @sig and waits until sexton has put it aside. Returns when it was sent. */
static int64_t send_held(struct pidns *ns, int sig, const char *name)
{
	int64_t since = pidns_now();

	pidns_signal(ns, sig);
	pidns_log(ns, 1, "%s is held back", name);
	return since;
}

static void check_not_before(const struct pidns_options *options, const char *forward)
{
	struct pidns *ns = node_start(options, "main:exit=3(w)", "--delay=TERM:300ms", forward);
	int64_t since = send_held(ns, SIGTERM, "TERM");

	pidns_event(ns, 1, "got main TERM");
	pidns_assert(ns, node_at(ns, "got main TERM") - since >= 300 * NODE_MS);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_count(ns, "got main TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "got w TERM") == 1);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void a_signal_is_not_forwarded_before_its_delay_is_over(void **state)
{
	(void)state;
	check_not_before(NULL, "--forward=child");
	check_not_before(NULL, "--forward=group");
}

static void a_subreaper_holds_signals_back_too(void **state)
{
	(void)state;
	check_not_before(&(struct pidns_options){ .subreaper = true }, "--forward=child");
}

static void other_signals_pass_while_one_is_held_back(void **state)
{
	struct pidns *ns;
	int64_t since;

	(void)state;
	ns = node_start(NULL, "main", "--delay=USR1:400ms");
	since = send_held(ns, SIGUSR1, "USR1");
	pidns_signal(ns, SIGUSR2);
	pidns_event(ns, 1, "got main USR1");
	pidns_assert(ns, pidns_before(ns, "got main USR2", "got main USR1"));
	pidns_assert(ns, node_at(ns, "got main USR1") - since >= 400 * NODE_MS);
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	pidns_kill(ns);
}

static void two_delays_run_side_by_side(void **state)
{
	struct pidns *ns;
	int64_t since;

	(void)state;
	ns = node_start(NULL, "main", "--delay=USR1:900ms,USR2:300ms");
	since = send_held(ns, SIGUSR1, "USR1");
	send_held(ns, SIGUSR2, "USR2");
	pidns_event(ns, 1, "got main USR1");
	pidns_assert(ns, pidns_before(ns, "got main USR2", "got main USR1"));
	pidns_assert(ns, node_at(ns, "got main USR2") - since >= 300 * NODE_MS);
	pidns_assert(ns, node_at(ns, "got main USR1") - since >= 900 * NODE_MS);
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	pidns_kill(ns);
}

static void a_second_one_is_forwarded_at_once_and_only_one_arrives(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main", "--delay=USR1:1h");
	send_held(ns, SIGUSR1, "USR1");
	pidns_signal(ns, SIGUSR1);
	pidns_event(ns, 1, "got main USR1");
	/* And a third one like any other. */
	pidns_signal(ns, SIGUSR1);
	pidns_event(ns, 2, "got main USR1");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "got main USR1") == 2);
	/* Two that are sent at once may be got as one. */
	pidns_assert(ns, pidns_log_count(ns, "forwarded USR1") == 2);
	pidns_assert(ns, pidns_log_count(ns, "is held back") == 1);
	pidns_kill(ns);
}

static void a_second_stop_signal_does_not_wait(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=3", "--delay=TERM:1h");
	send_held(ns, SIGTERM, "TERM");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_count(ns, "got main TERM") == 1);
	pidns_kill(ns);
}

static void of_queued_signals_both_arrive_in_order_with_their_values(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = pidns_start(NULL, "-vv", "--delay=40:1h", "--", pidns_payload(), "catch");
	pidns_event(ns, 1, "ready catch");
	pidns_queue(ns, 40, 11);
	pidns_log(ns, 1, "is held back");
	pidns_assert(ns, pidns_count(ns, "caught 40") == 0);
	pidns_queue(ns, 40, 22);
	pidns_event(ns, 2, "caught 40");
	pidns_assert(ns, pidns_before(ns, "caught 40 value=11", "caught 40 value=22"));
	pidns_signal(ns, SIGURG);
	pidns_event(ns, 1, "caught %d", SIGURG);
	pidns_signal(ns, SIGURG);
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "caught 40") == 2);
	pidns_kill(ns);
}

static void a_delayed_value_arrives_with_its_signal(void **state)
{
	struct pidns *ns;
	int64_t since;

	(void)state;
	ns = pidns_start(NULL, "-vv", "--delay=40:300ms", "--", pidns_payload(), "catch");
	pidns_event(ns, 1, "ready catch");
	since = pidns_now();
	pidns_queue(ns, 40, 33);
	pidns_event(ns, 1, "caught 40 value=33");
	pidns_assert(ns, node_at(ns, "caught 40 value=33") - since >= 300 * NODE_MS);
	pidns_kill(ns);
}

static void the_delay_is_that_of_the_signal_as_it_arrives(void **state)
{
	struct pidns *ns;
	int64_t since;

	(void)state;
	ns = node_start(NULL, "main", "--delay=TERM:300ms,QUIT:1h", "--rewrite=TERM:QUIT");
	since = send_held(ns, SIGTERM, "TERM");
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "got main QUIT") == 1);
	pidns_assert(ns, pidns_count(ns, "got main TERM") == 0);
	pidns_assert(ns, node_at(ns, "got main QUIT") - since >= 300 * NODE_MS);
	pidns_kill(ns);
}

static void when_the_main_process_exits_a_held_stop_is_over_and_the_rest_is_asked(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=3(w:work=50)", "--delay=TERM:1h", "--grace=100ms");
	send_held(ns, SIGTERM, "TERM");
	node_signal(ns, "main", SIGQUIT);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_count(ns, "got w TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "got main TERM") == 0);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void when_the_main_process_exits_a_held_signal_goes_to_the_rest_at_once(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=3(w:work=300)", "--delay=USR1:1h", "--grace=20s");
	send_held(ns, SIGUSR1, "USR1");
	node_signal(ns, "main", SIGQUIT);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_count(ns, "got w USR1") == 1);
	pidns_assert(ns, pidns_count(ns, "got main USR1") == 0);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void when_the_main_process_exits_a_held_signal_goes_to_its_successors_at_once(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=3(w)", "--delay=USR1:1h", "--on-exit=wait");
	send_held(ns, SIGUSR1, "USR1");
	node_signal(ns, "main", SIGQUIT);
	pidns_event(ns, 1, "got w USR1");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_count(ns, "got w USR1") == 1);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void a_held_stop_marks_the_run_so_that_nobody_takes_over(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=3(w:work=50)", "--delay=TERM:1h", "--on-exit=wait");
	send_held(ns, SIGTERM, "TERM");
	node_signal(ns, "main", SIGQUIT);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_log_count(ns, "HANDOVER") == 0);
	pidns_assert(ns, pidns_count(ns, "got w TERM") == 1);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

/* As after any stop, the rest is not killed at the end of the grace time: see the ticks. */
static void a_held_stop_marks_the_run_so_that_there_is_no_grace_time(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=3(w:ignore,tick=300)", "--delay=TERM:1h", "--grace=200ms");
	send_held(ns, SIGTERM, "TERM");
	node_signal(ns, "main", SIGQUIT);
	pidns_event(ns, 1, "tick w 3");
	node_signal(ns, "w", SIGKILL);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_log_count(ns, "killing pid") == 0);
	pidns_kill(ns);
}

static void the_stop_timeout_counts_from_the_arrival(void **state)
{
	struct pidns *ns;
	int64_t since;

	(void)state;
	ns = node_start(NULL, "main:ignore", "--delay=TERM:1h", "--stop-timeout=600ms");
	since = send_held(ns, SIGTERM, "TERM");
	pidns_end_with(ns, 128 + SIGKILL);
	pidns_assert(ns, ns->ended_at - since >= 600 * NODE_MS);
	pidns_assert(ns,
		     pidns_log_count(ns, "killing pid %d (main)", (int)node_pid(ns, "main")) == 1);
	pidns_kill(ns);
}

static void in_a_hand_over_signals_are_held_back_too(void **state)
{
	struct pidns *ns;
	int64_t since;

	(void)state;
	ns = node_start(NULL, "main:exit=3,leave(w)", "--delay=TERM:300ms", "--on-exit=wait");
	pidns_log(ns, 1, "RUNNING -> HANDOVER");
	since = send_held(ns, SIGTERM, "TERM");
	pidns_end_with(ns, 3);
	pidns_assert(ns, node_at(ns, "got w TERM") - since >= 300 * NODE_MS);
	pidns_assert(ns, pidns_count(ns, "got w TERM") == 1);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void in_a_hand_over_the_stop_timeout_counts_from_the_arrival_as_well(void **state)
{
	struct pidns *ns;
	int64_t since;

	(void)state;
	ns = node_start(NULL, "main:exit=3,leave(w:ignore)", "--delay=TERM:1h", "--on-exit=wait",
			"--stop-timeout=600ms");
	pidns_log(ns, 1, "RUNNING -> HANDOVER");
	since = send_held(ns, SIGTERM, "TERM");
	pidns_end_with(ns, 3);
	pidns_assert(ns, ns->ended_at - since >= 600 * NODE_MS);
	pidns_assert(ns, pidns_log_count(ns, "killing pid %d (w)", (int)node_pid(ns, "w")) == 1);
	pidns_kill(ns);
}

static void while_draining_nothing_is_held_back(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=3,leave(w:ignore)", "--delay=USR1:1h", "--grace=none");
	pidns_event(ns, 1, "got w TERM");
	pidns_signal(ns, SIGUSR1);
	pidns_event(ns, 1, "got w USR1");
	node_signal(ns, "w", SIGKILL);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_log_count(ns, "is held back") == 0);
	pidns_kill(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(a_signal_is_not_forwarded_before_its_delay_is_over),
		PIDNS_TEST(a_subreaper_holds_signals_back_too),
		PIDNS_TEST(other_signals_pass_while_one_is_held_back),
		PIDNS_TEST(two_delays_run_side_by_side),
		PIDNS_TEST(a_second_one_is_forwarded_at_once_and_only_one_arrives),
		PIDNS_TEST(a_second_stop_signal_does_not_wait),
		PIDNS_TEST(of_queued_signals_both_arrive_in_order_with_their_values),
		PIDNS_TEST(a_delayed_value_arrives_with_its_signal),
		PIDNS_TEST(the_delay_is_that_of_the_signal_as_it_arrives),
		PIDNS_TEST(when_the_main_process_exits_a_held_stop_is_over_and_the_rest_is_asked),
		PIDNS_TEST(when_the_main_process_exits_a_held_signal_goes_to_the_rest_at_once),
		PIDNS_TEST(
			when_the_main_process_exits_a_held_signal_goes_to_its_successors_at_once),
		PIDNS_TEST(a_held_stop_marks_the_run_so_that_nobody_takes_over),
		PIDNS_TEST(a_held_stop_marks_the_run_so_that_there_is_no_grace_time),
		PIDNS_TEST(the_stop_timeout_counts_from_the_arrival),
		PIDNS_TEST(in_a_hand_over_signals_are_held_back_too),
		PIDNS_TEST(in_a_hand_over_the_stop_timeout_counts_from_the_arrival_as_well),
		PIDNS_TEST(while_draining_nothing_is_held_back),
	};

	return cmocka_run_group_tests_name("delay", tests, NULL, NULL);
}
