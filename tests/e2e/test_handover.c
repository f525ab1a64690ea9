/* SPDX-License-Identifier: MIT */
/*
 * test_handover.c - who is named in --main-pid-file is the main process from then on.
 *
 * The tests write the file, and end the main process past sexton: it exits by itself.
 */
#include <signal.h>
#include <stdio.h>

#include "node.h"
#include "pidfile.h"

static struct pidns *start(const struct pidns_options *options, const char *spec)
{
	return node_start(options, spec, "--on-exit=wait", pidfile_option());
}

static void check_orphan_takes_over(const struct pidns_options *options)
{
	struct pidns *ns = start(options, "main:exit=3(next:exit=7 other)");

	pidfile_hand_over(ns, "main", "next");
	node_check_signal(ns, "next", SIGUSR1, "USR1");
	node_check_signal(ns, "next", SIGHUP, "HUP");
	/* Its stop is ours: the other one is drained when it has gone. */
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 7);
	pidns_assert(ns, pidns_count(ns, "got next TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "got other TERM") == 1);
	pidns_assert(ns, pidns_before(ns, "done next", "got other TERM"));
	pidns_assert(ns, node_got_by_all(ns, "USR1") == 1 && pidns_count(ns, "got other") == 1);
	pidns_assert(ns, pidns_log_count(ns, "--main-pid-file") == 0);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void an_orphan_that_is_named_gets_the_signals_and_gives_the_exit_status(void **state)
{
	(void)state;
	check_orphan_takes_over(NULL);
}

static void an_orphan_that_is_named_takes_over_under_a_subreaper_too(void **state)
{
	(void)state;
	check_orphan_takes_over(&(struct pidns_options){ .subreaper = true });
}

static void a_successor_that_dies_of_a_signal_gives_128_and_its_number(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start(NULL, "main(next:default)");
	pidfile_hand_over(ns, "main", "next");
	node_signal(ns, "next", SIGUSR2);
	pidns_end_with(ns, 128 + SIGUSR2);
	pidns_kill(ns);
}

static void three_hand_overs_in_a_row_end_with_the_status_of_the_last_one(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start(NULL, "main:exit=1(a:exit=2 b:exit=3 c:exit=4)");
	pidfile_hand_over(ns, "main", "a");
	node_check_signal(ns, "a", SIGUSR1, "USR1");
	pidfile_hand_over(ns, "a", "b");
	node_check_signal(ns, "b", SIGUSR1, "USR1");
	pidfile_hand_over(ns, "b", "c");
	node_check_signal(ns, "c", SIGUSR1, "USR1");
	pidns_assert(ns, node_got_by_all(ns, "USR1") == 3);
	node_signal(ns, "c", SIGTERM);
	pidns_end_with(ns, 4);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void with_on_exit_drain_a_file_that_is_there_hands_over_too(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=3(next:exit=7 other)", pidfile_option());
	pidfile_hand_over(ns, "main", "next");
	node_check_signal(ns, "next", SIGUSR1, "USR1");
	pidns_assert(ns, pidns_count(ns, "got other") == 0);
	node_signal(ns, "next", SIGTERM);
	pidns_end_with(ns, 7);
	pidns_assert(ns, pidns_before(ns, "done next", "got other TERM"));
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void after_a_stop_signal_nobody_takes_over(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start(NULL, "main:exit=3(next:exit=7)");
	pidfile_name(ns, "next");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_log_count(ns, "is the main process now") == 0);
	pidns_assert(ns, pidns_before(ns, "done main", "got next TERM"));
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void a_successor_that_ends_in_its_turn_leaves_a_hand_over_behind(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start(NULL, "main:exit=3(next:exit=7 other:exit=5)");
	pidfile_hand_over(ns, "main", "next");
	node_signal(ns, "next", SIGTERM);
	pidns_log(ns, 1, "RUNNING -> HANDOVER");
	node_signal(ns, "other", SIGTERM);
	pidns_end_with(ns, 7);
	/* The file named one that had gone. */
	pidns_assert(ns, pidns_log_count(ns, "names no living descendant") == 1);
	pidns_kill(ns);
}

/* Its own group now, where a second one may be, or still that of the first main process. */
static void check_group(const char *spec, bool others)
{
	struct pidns *ns =
		node_start(NULL, spec, "--on-exit=wait", "--forward=group", pidfile_option());

	pidfile_hand_over(ns, "main", "next");
	pidns_signal(ns, SIGUSR1);
	pidns_event(ns, 1, "got next USR1");
	pidns_event(ns, 1, "got w USR1");
	if (others)
		pidns_event(ns, 1, "got other USR1");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 7);
	pidns_assert(ns, node_got_by_all(ns, "USR1") == (others ? 3 : 2));
	pidns_assert(ns, pidns_count(ns, "got w TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "got other TERM") == 1);
	pidns_all_finished(ns);
	pidns_kill(ns);
	remove(pidfile_path());
}

static void with_forward_group_signals_reach_the_group_of_the_successor(void **state)
{
	(void)state;
	check_group("main:exit=3(next:exit=7,session(w) other)", false);
	check_group("main:exit=3(next:exit=7,group(w) other)", false);
	check_group("main:exit=3(next:exit=7(w) other)", true);
}

static void a_signal_that_is_held_back_goes_to_the_successor_at_once(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=3(next:exit=7 other)", "--delay=USR1:1h", "--on-exit=wait",
			pidfile_option());
	pidns_signal(ns, SIGUSR1);
	pidns_log(ns, 1, "USR1 is held back");
	pidfile_hand_over(ns, "main", "next");
	pidns_event(ns, 1, "got next USR1");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 7);
	pidns_assert(ns, node_got_by_all(ns, "USR1") == 1);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void with_on_exit_leave_the_successor_is_the_one_to_leave_with(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=3(next:exit=7 other)", "--on-exit=leave",
			pidfile_option());
	pidfile_hand_over(ns, "main", "next");
	node_signal(ns, "next", SIGTERM);
	pidns_end_with(ns, 7);
	pidns_assert(ns, pidns_count(ns, "got other") == 0);
	pidns_kill(ns);
}

/* The successor ends last but one, with 2; then @other does, with 9. */
static void check_exit_code(const char *option, int code)
{
	struct pidns *ns = node_start(NULL, "main(next:exit=2 other:exit=9)", option,
				      "--on-exit=wait", pidfile_option());

	pidfile_hand_over(ns, "main", "next");
	node_signal(ns, "next", SIGTERM);
	pidns_log(ns, 1, "RUNNING -> HANDOVER");
	node_signal(ns, "other", SIGTERM);
	pidns_end_with(ns, code);
	pidns_kill(ns);
	remove(pidfile_path());
}

static void the_exit_code_may_be_that_of_the_last_or_the_worst_across_a_hand_over(void **state)
{
	(void)state;
	check_exit_code("--exit-code=main", 2);
	check_exit_code("--exit-code=last", 9);
	check_exit_code("--exit-code=worst", 9);
}

static void the_last_exit_code_is_the_successors_if_it_ends_last(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=9(other:exit=8 next:exit=2)", "--exit-code=last",
			"--on-exit=wait", pidfile_option());
	pidfile_hand_over(ns, "main", "next");
	node_signal(ns, "other", SIGTERM);
	pidns_log(ns, 1, "buried pid %d: exited with 8", (int)node_pid(ns, "other"));
	node_signal(ns, "next", SIGTERM);
	pidns_end_with(ns, 2);
	pidns_kill(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDFILE_TEST(an_orphan_that_is_named_gets_the_signals_and_gives_the_exit_status),
		PIDFILE_TEST(an_orphan_that_is_named_takes_over_under_a_subreaper_too),
		PIDFILE_TEST(a_successor_that_dies_of_a_signal_gives_128_and_its_number),
		PIDFILE_TEST(three_hand_overs_in_a_row_end_with_the_status_of_the_last_one),
		PIDFILE_TEST(with_on_exit_drain_a_file_that_is_there_hands_over_too),
		PIDFILE_TEST(after_a_stop_signal_nobody_takes_over),
		PIDFILE_TEST(a_successor_that_ends_in_its_turn_leaves_a_hand_over_behind),
		PIDFILE_TEST(with_forward_group_signals_reach_the_group_of_the_successor),
		PIDFILE_TEST(a_signal_that_is_held_back_goes_to_the_successor_at_once),
		PIDFILE_TEST(with_on_exit_leave_the_successor_is_the_one_to_leave_with),
		PIDFILE_TEST(the_exit_code_may_be_that_of_the_last_or_the_worst_across_a_hand_over),
		PIDFILE_TEST(the_last_exit_code_is_the_successors_if_it_ends_last),
	};

	return cmocka_run_group_tests_name("handover", tests, NULL, NULL);
}
