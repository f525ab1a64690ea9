/* SPDX-License-Identifier: MIT */
/*
 * test_exit.c - when sexton leaves, and with which code.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "pidns.h"

/* Runs "payload WORD ARGUMENT" under sexton with @option and expects exit code @code. */
static void check_code(const char *option, const char *scenario, const char *argument, int code)
{
	struct pidns *ns = pidns_start(NULL, option, "--", pidns_payload(), scenario, argument);

	pidns_end_with(ns, code);
	pidns_kill(ns);
}

static void the_main_process_exit_code_is_passed_on(void **state)
{
	(void)state;
	check_code("-v", "exit", "0", 0);
	check_code("-v", "exit", "1", 1);
	check_code("-v", "exit", "42", 42);
	check_code("-v", "exit", "127", 127);
	check_code("-v", "exit", "255", 255);
}

static void a_deadly_signal_gives_128_and_its_number(void **state)
{
	static const int deadly[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGILL,  SIGTRAP, SIGABRT,
				      SIGBUS,  SIGFPE,  SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2,
				      SIGPIPE, SIGALRM, SIGTERM, SIGSYS,  34,      64 };
	char number[8];

	(void)state;
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
		snprintf(number, sizeof(number), "%d", deadly[i]);
		check_code("-v", "raise", number, 128 + deadly[i]);
	}
}

static void codes_of_ok_exit_count_as_zero(void **state)
{
	(void)state;
	check_code("--ok-exit=143,130", "raise", "15", 0);
	check_code("--ok-exit=143,130", "raise", "2", 0);
	check_code("--ok-exit=143,130", "exit", "143", 0);
	check_code("--ok-exit=143,130", "exit", "7", 7);
	check_code("-e7", "exit", "7", 0);
}

/* The main process ends with 3, one heir with 9, and the last one with 2. */
static void check_heirs(const char *option, int code)
{
	struct pidns *ns;

	ns = pidns_start(NULL, option, "--", pidns_payload(), "tree",
			 "main:leave,exit=3(a:exit=9(b:work=50,exit=2))");
	pidns_end_with(ns, code);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void the_exit_code_is_the_main_process_s_the_last_or_the_worst(void **state)
{
	(void)state;
	check_heirs("--exit-code=main", 3);
	check_heirs("--exit-code=last", 2);
	check_heirs("--exit-code=worst", 9);
}

static void with_on_exit_wait_a_successor_carries_on_and_gets_the_signals(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = pidns_start(NULL, "--on-exit=wait", "--grace=100ms", "-vv", "--", pidns_payload(),
			 "tree", "main:leave,exit=6(heir:ignore,twice,session)");
	pidns_log(ns, 1, "exited with 6");
	pidns_event(ns, 1, "ready heir");
	pidns_signal(ns, SIGUSR1);
	pidns_event(ns, 1, "got heir USR1");
	pidns_assert(ns, pidns_count(ns, "got heir TERM") == 0);
	pidns_signal(ns, SIGTERM);
	pidns_event(ns, 1, "got heir TERM");
	pidns_signal_inner(ns, (pid_t)pidns_field(pidns_event(ns, 1, "ready heir"), "pid"),
			   SIGKILL);
	pidns_end_with(ns, 6);
	pidns_assert(ns, pidns_count(ns, "got heir TERM") == 1);
	pidns_assert(ns, pidns_log_count(ns, "killing pid") == 0);
	pidns_kill(ns);
}

static void with_on_exit_wait_sexton_leaves_when_the_successor_has_ended(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = pidns_start(NULL, "--on-exit=wait", "--exit-code=last", "-vv", "--", pidns_payload(),
			 "tree", "main:leave(heir:work=50,exit=5)");
	pidns_event(ns, 1, "done main");
	pidns_event(ns, 1, "ready heir");
	pidns_log(ns, 1, "exited with 0");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 5);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void with_on_exit_leave_sexton_leaves_with_the_main_process(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = pidns_start(NULL, "--on-exit=leave", "--", pidns_payload(), "tree",
			 "main:leave,exit=6(left:ignore)");
	pidns_assert(ns, pidns_end(ns) == 6);
	pidns_assert(ns, pidns_count(ns, "got left") == 0);
	pidns_kill(ns);
	ns = pidns_start(NULL, "--on-exit=leave", "--", pidns_payload(), "tree",
			 "main:exit=8(left:ignore)");
	pidns_event(ns, 1, "ready main");
	pidns_signal(ns, SIGTERM);
	pidns_assert(ns, pidns_end(ns) == 8);
	pidns_kill(ns);
}

static void a_subreaper_that_leaves_early_leaves_its_orphans_behind(void **state)
{
	const struct pidns_options options = { .subreaper = true };
	struct pidns *ns;

	(void)state;
	ns = pidns_start(&options, "--on-exit=leave", "--", pidns_payload(), "tree",
			 "main:leave(left:ignore)");
	pidns_assert(ns, pidns_end(ns) == 0);
	pidns_assert(ns, ns->left == 1);
	pidns_kill(ns);
}

static void without_subreaper_orphans_go_past_sexton(void **state)
{
	const struct pidns_options options = { .subreaper = true };
	struct pidns *ns;

	(void)state;
	ns = pidns_start(&options, "--no-subreaper", "--", pidns_payload(), "tree",
			 "main(orphan:twice)");
	pidns_event(ns, 1, "ready main");
	pidns_assert(ns,
		     pidns_status(ns, (pid_t)pidns_field(pidns_event(ns, 1, "ready orphan"), "pid"),
				  "PPid", 10) == 1);
	pidns_signal(ns, SIGTERM);
	pidns_assert(ns, pidns_end(ns) == 0);
	pidns_assert(ns, ns->left == 1);
	pidns_kill(ns);
}

static void the_end_comes_at_once_when_nobody_is_left(void **state)
{
	int64_t best = INT64_MAX;

	(void)state;
	/* The grace time must not be slept through; three tries for a loaded machine. */
	for (int i = 0; i < 3 && best > 300000000; i++) {
		struct pidns *ns =
			pidns_start(NULL, "--", pidns_payload(), "tree", "main:leave(a(b(c)))");
		int64_t took;

		pidns_end_with(ns, 0);
		took = ns->ended_at - pidns_field(pidns_event(ns, 1, "done c"), "at");
		best = took < best ? took : best;
		pidns_kill(ns);
	}
	assert_true(best <= 300000000);
}

static void with_warn_reaped_each_orphan_is_named_and_the_main_process_is_not(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = pidns_start(NULL, "--warn-reaped", "--", pidns_payload(), "tree",
			 "main:exit=3(orphan:twice,exit=4)");
	pidns_event(ns, 1, "ready main");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_log_count(ns, "exited with 4") == 1);
	pidns_assert(ns, pidns_log_count(ns, "exited with 3") == 0);
	pidns_kill(ns);
}

static void without_verbose_a_quiet_run_says_nothing(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = pidns_start(NULL, "--", pidns_payload(), "tree", "main(orphan:twice,work=50)");
	pidns_event(ns, 1, "ready main");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	/* What a sandbox refuses may be worth a warning; the quiet run is one without. */
	pidns_assert(ns, ns->log.used == 0 || getenv("SEXTON_E2E_WRAP"));
	pidns_kill(ns);
}

static void with_parent_death_the_end_of_the_parent_stops_the_run(void **state)
{
	const struct pidns_options options = { .direct = true };
	char script[512];
	struct pidns *ns;

	(void)state;
	/* PID 2 is a shell that starts sexton and waits; PID 1 is one that waits for ever. */
	snprintf(script, sizeof(script),
		 "sh -c '\"%s\" -p TERM -- \"%s\" tree main:work=50 & wait' & wait; exec sleep 60",
		 getenv("SEXTON"), pidns_payload());
	ns = pidns_start(&options, "/bin/sh", "-c", script);
	pidns_event(ns, 1, "ready main");
	pidns_signal_inner(ns, 2, SIGKILL);
	pidns_event(ns, 1, "got main TERM");
	pidns_event(ns, 1, "done main");
	pidns_kill(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(the_main_process_exit_code_is_passed_on),
		PIDNS_TEST(a_deadly_signal_gives_128_and_its_number),
		PIDNS_TEST(codes_of_ok_exit_count_as_zero),
		PIDNS_TEST(the_exit_code_is_the_main_process_s_the_last_or_the_worst),
		PIDNS_TEST(with_on_exit_wait_a_successor_carries_on_and_gets_the_signals),
		PIDNS_TEST(with_on_exit_wait_sexton_leaves_when_the_successor_has_ended),
		PIDNS_TEST(with_on_exit_leave_sexton_leaves_with_the_main_process),
		PIDNS_TEST(a_subreaper_that_leaves_early_leaves_its_orphans_behind),
		PIDNS_TEST(without_subreaper_orphans_go_past_sexton),
		PIDNS_TEST(the_end_comes_at_once_when_nobody_is_left),
		PIDNS_TEST(with_warn_reaped_each_orphan_is_named_and_the_main_process_is_not),
		PIDNS_TEST(without_verbose_a_quiet_run_says_nothing),
		PIDNS_TEST(with_parent_death_the_end_of_the_parent_stops_the_run),
	};

	return cmocka_run_group_tests_name("exit", tests, NULL, NULL);
}
