/* SPDX-License-Identifier: MIT */
/*
 * test_scope_race.c - --forward=tree against processes that fork meanwhile: nobody survives unasked.
 *
 * TERM is no stop signal here, and nobody is asked to end when the main process has (--on-exit=wait):
 * forwarding alone must reach everybody, or there is no end to wait for.
 */
#include <signal.h>
#include <stddef.h>

#include "guest.h"

#define RUNS 100

static const struct pidns_options as_subreaper = { .subreaper = true };

/* Without pidfds nobody can be singled out but our children. */
static bool is_blind(void)
{
	return pidns_refused("pidfd_open") || pidns_refused("pidfd_send_signal");
}

static struct pidns *start_bomb(const struct pidns_options *options, const char *scope,
				const char *kind, const char *most, const char *handler)
{
	struct pidns *ns;

	ns = pidns_start(options, "-v", scope, "--stop-signals=HUP", "--on-exit=wait",
			 "--exec=ignore", "--", pidns_payload(), "bomb", kind, most, handler);
	return ns;
}

static void check_bomb(const struct pidns_options *options, const char *scope, const char *kind,
		       const char *handler)
{
	struct pidns *ns = start_bomb(options, scope, kind, "150", handler);
	int code = 128 + SIGTERM;

	pidns_event(ns, 1, "ready bomb");
	pidns_signal(ns, SIGTERM);
	if (handler || *kind == 'h') /* the first hop is the main process */
		code = 0;
	pidns_end_with(ns, code);
	pidns_assert(ns, pidns_log_count(ns, "asked pid") == 0);
	pidns_assert(ns, pidns_log_count(ns, "fork faster") == 0);
	pidns_kill(ns);
}

/* A signal that has a handler does not end a fork(2) that has begun: its child must be told too. */
static void check_bombs(const struct pidns_options *options, const char *scope)
{
	for (int i = 0; i < RUNS; i++)
		check_bomb(options, scope, "line", NULL);
	for (int i = 0; i < RUNS / 5; i++) {
		check_bomb(options, scope, "wide", NULL);
		check_bomb(options, scope, "line", "handler");
		check_bomb(options, scope, "wide", "handler");
	}
}

static void nobody_survives_a_fork_bomb_unasked_with_the_tree(void **state)
{
	(void)state;
	check_bombs(NULL, "--forward=tree");
}

static void nobody_survives_a_fork_bomb_unasked_with_all(void **state)
{
	(void)state;
	check_bombs(NULL, "--forward=all");
}

static void nobody_survives_a_fork_bomb_unasked_below_a_subreaper(void **state)
{
	(void)state;
	check_bombs(&as_subreaper, "--forward=tree");
}

static void nobody_of_a_session_survives_a_fork_bomb_unasked(void **state)
{
	(void)state;
	check_bombs(&as_subreaper, "--forward=session");
}

/* PID 1 signals all at one instant, which no fork escapes, nor one whose parent ends meanwhile. */
static void a_process_that_hops_from_number_to_number_does_not_escape(void **state)
{
	(void)state;
	for (int i = 0; i < RUNS / 5; i++) {
		check_bomb(NULL, "--forward=tree", "hop", NULL);
		check_bomb(NULL, "--forward=all", "hop", NULL);
	}
}

/* With a guest the descendants are signalled one by one by PID 1, too. */
static void nobody_survives_a_fork_bomb_unasked_beside_a_guest(void **state)
{
	const char *const words[] = { pidns_payload(), "tree", "guest:ignore", NULL };

	(void)state;
	for (int i = 0; i < RUNS; i++) {
		struct pidns *ns = pidns_start(NULL, "-v", "--forward=tree", "--stop-signals=HUP",
					       "--on-exit=wait", "--exec=ignore", "--",
					       pidns_payload(), "bomb", "line", "150", "held");
		pid_t guest;

		pidns_event(ns, 1, "held bomb");
		guest = guest_start(ns, words);
		pidns_event(ns, 1, "ready guest");
		pidns_signal(ns, SIGUSR1); /* off it goes */
		pidns_event(ns, 1, "ready bomb");
		pidns_signal(ns, SIGTERM);
		pidns_end_with(ns, 128 + SIGTERM);
		pidns_assert(ns, is_blind() || pidns_count(ns, "got guest TERM") == 0);
		pidns_assert(ns, guest_end(guest) == SIGKILL);
		pidns_kill(ns);
	}
}

/*
 * Signals reach the bomb itself, but there is somebody new at every look: sexton must leave it at that. A
 * machine that has no time for the bomb while it looks may let a look succeed: then once more.
 */
static void a_fork_bomb_that_goes_on_does_not_hold_the_loop(void **state)
{
	static const char line[] = "processes fork faster than they can be signalled: gave up "
				   "after 16 looks";
	struct pidns *ns = start_bomb(&as_subreaper, "--forward=tree", "feed", "0", NULL);
	int sent = 0;

	(void)state;
	pidns_event(ns, 1, "ready bomb");
	do {
		pidns_signal(ns, SIGUSR1);
		pidns_event(ns, ++sent, "got bomb USR1");
		pidns_log(ns, sent, "forwarded USR1");
	} while (!is_blind() && pidns_log_count(ns, "%s", line) == 0 && sent < 500);
	pidns_assert(ns, pidns_log_count(ns, "%s", line) == (is_blind() ? 0 : 1));
	pidns_signal(ns, SIGUSR1);
	pidns_event(ns, ++sent, "got bomb USR1");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	pidns_kill(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(nobody_survives_a_fork_bomb_unasked_with_the_tree),
		PIDNS_TEST(nobody_survives_a_fork_bomb_unasked_with_all),
		PIDNS_TEST(nobody_survives_a_fork_bomb_unasked_below_a_subreaper),
		PIDNS_TEST(nobody_of_a_session_survives_a_fork_bomb_unasked),
		PIDNS_TEST(a_process_that_hops_from_number_to_number_does_not_escape),
		PIDNS_TEST(nobody_survives_a_fork_bomb_unasked_beside_a_guest),
		PIDNS_TEST(a_fork_bomb_that_goes_on_does_not_hold_the_loop),
	};

	return cmocka_run_group_tests_name("scope_race", tests, NULL, NULL);
}
