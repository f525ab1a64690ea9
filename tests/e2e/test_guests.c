/* SPDX-License-Identifier: MIT */
/*
 * test_guests.c - processes that were put into the namespace from outside (--exec).
 *
 * Without pidfds guests are neither asked nor waited for (drain.h): the kernel kills them when PID 1
 * leaves, and each test says so.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"
#include "node.h"

/* A guest that is a tree of the payload's; returns when it is ready. */
static pid_t start_guest(struct pidns *ns, const char *spec)
{
	const char *words[] = { pidns_payload(), "tree", spec, NULL };
	pid_t guest = guest_start(ns, words);

	pidns_assert(ns,
		     pidns_field(pidns_event(ns, 1, "ready %.*s", (int)strcspn(spec, ":("), spec),
				 "parent") == 0);
	return guest;
}

/* One that is born with TERM blocked: sexton may ask it before it is ready. */
static pid_t start_guest_blocked(struct pidns *ns, const char *spec)
{
	sigset_t term;
	sigset_t old;
	pid_t guest;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &old);
	guest = start_guest(ns, spec);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return guest;
}

static bool was_killed(pid_t guest)
{
	int status = guest_end(guest);

	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static bool ended_by_itself(pid_t guest)
{
	int status = guest_end(guest);

	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Sexton has ended with 3. Guest "g" was asked once and took its time, or nobody spoke to it. */
static void check_guest(struct pidns *ns, pid_t guest, bool finishes)
{
	finishes = finishes && !node_no_pidfds();
	pidns_end_with(ns, 3);
	pidns_assert(ns, finishes ? ended_by_itself(guest) : was_killed(guest));
	pidns_assert(ns, pidns_count(ns, "got g TERM") == (finishes ? 1 : 0));
	pidns_assert(ns, pidns_count(ns, "done g") == (finishes ? 1 : 0));
	pidns_assert(ns, pidns_log_count(ns, "killing pid") == 0);
	pidns_assert(ns, pidns_count(ns, "done main") == 1);
	pidns_kill(ns);
}

#define GUEST "g:work=1000"

static void check_exit(const char *option, bool finishes)
{
	struct pidns *ns = node_start(NULL, "main:exit=3", option, "--grace=20s");
	pid_t guest = start_guest(ns, GUEST);

	node_signal(ns, "main", SIGTERM);
	check_guest(ns, guest, finishes);
}

static void check_stop(const char *option, const char *timeout, bool finishes)
{
	struct pidns *ns = node_start(NULL, "main:exit=3", option, timeout);
	pid_t guest = start_guest(ns, GUEST);

	pidns_signal(ns, SIGTERM);
	check_guest(ns, guest, finishes);
}

static void a_guest_finishes_when_the_command_has_exited_by_itself(void **state)
{
	(void)state;
	check_exit("--exec=auto", true);
	check_exit("--exec=wait", true);
}

static void a_guest_finishes_after_a_stop_with_a_stop_timeout(void **state)
{
	(void)state;
	check_stop("--exec=auto", "--stop-timeout=20s", true);
}

static void a_guest_ends_with_sexton_after_a_stop_without_a_deadline(void **state)
{
	(void)state;
	check_stop("--exec=auto", "--stop-timeout=none", false);
}

static void a_guest_that_is_waited_for_finishes_after_a_stop_without_a_deadline(void **state)
{
	(void)state;
	check_stop("--exec=wait", "--stop-timeout=none", true);
}

static void a_guest_that_is_ignored_ends_with_sexton(void **state)
{
	(void)state;
	check_exit("--exec=ignore", false);
	check_stop("--exec=ignore", "--stop-timeout=20s", false);
}

static void a_guest_is_asked_while_others_are_drained(void **state)
{
	struct pidns *ns;
	pid_t guest;

	(void)state;
	ns = node_start(NULL, "main:exit=3(w:work=300)", "--grace=20s");
	guest = start_guest(ns, GUEST);
	node_signal(ns, "main", SIGTERM);
	if (!node_no_pidfds()) {
		pidns_event(ns, 1, "done g");
		pidns_assert(ns, pidns_before(ns, "got g TERM", "done w"));
	}
	check_guest(ns, guest, true);
}

static void a_guest_in_a_session_of_its_own_is_one_all_the_same(void **state)
{
	struct pidns *ns;
	pid_t guest;

	(void)state;
	ns = node_start(NULL, "main:exit=3", "--grace=20s");
	guest = start_guest(ns, "g:session,work=300");
	node_signal(ns, "main", SIGTERM);
	check_guest(ns, guest, true);
}

static void a_guest_does_not_keep_signals_from_the_command_nor_get_them(void **state)
{
	struct pidns *ns;
	pid_t guest;

	(void)state;
	ns = node_start(NULL, "main:exit=3", "--grace=20s");
	guest = start_guest(ns, "g");
	pidns_signal(ns, SIGUSR1);
	pidns_event(ns, 1, "got main USR1");
	node_signal(ns, "main", SIGTERM);
	check_guest(ns, guest, true);
}

static void a_guest_that_ends_before_the_command_is_nobodys_business(void **state)
{
	struct pidns *ns;
	pid_t guest;

	(void)state;
	ns = node_start(NULL, "main:exit=3", "--grace=20s");
	guest = start_guest(ns, "g(below:work=50)");
	kill(guest, SIGTERM);
	assert_true(ended_by_itself(guest));
	/* Its orphan is ours, as any. */
	node_signal(ns, "below", SIGTERM);
	pidns_log(ns, 1, "buried pid %d: exited with 0", (int)node_pid(ns, "below"));
	node_signal(ns, "main", SIGTERM);
	pidns_end_with(ns, 3);
	pidns_kill(ns);
}

static void a_guest_that_ignores_term_is_named_and_killed_after_the_grace_time(void **state)
{
	struct pidns *ns;
	pid_t guest;

	(void)state;
	ns = node_start(NULL, "main:exit=3", "--grace=1s");
	guest = start_guest(ns, "g:ignore");
	node_signal(ns, "main", SIGTERM);
	pidns_end_with(ns, 3);
	pidns_assert(ns, was_killed(guest));
	if (!node_no_pidfds()) {
		pidns_assert(ns, ns->ended_at - node_at(ns, "done main") >= 1000 * NODE_MS);
		pidns_assert(ns, pidns_count(ns, "got g TERM") == 1);
		pidns_log(ns, 1, "killing pid %d (g), state S, parent 0", (int)node_pid(ns, "g"));
		pidns_assert(ns, pidns_log_count(ns, "killing pid") == 1);
	}
	pidns_kill(ns);
}

/* An interactive shell ignores TERM; what runs in it does not. */
static void what_runs_in_a_guest_that_ignores_term_is_asked_at_half_time(void **state)
{
	struct pidns *ns;
	pid_t guest;

	(void)state;
	ns = node_start(NULL, "main:exit=3", "--grace=2s");
	guest = start_guest(ns, "g:ignore(below:work=50)");
	node_signal(ns, "main", SIGTERM);
	pidns_end_with(ns, 3);
	pidns_assert(ns, was_killed(guest));
	if (!node_no_pidfds()) {
		pidns_assert(ns, node_at(ns, "got below TERM") - node_at(ns, "done main") >=
					 1000 * NODE_MS);
		pidns_assert(ns, pidns_count(ns, "done below") == 1);
		/* Not in the round that killed the guest. */
		pidns_assert(ns, pidns_log_before(ns, "(below) with TERM", "killing pid"));
		pidns_assert(ns, pidns_log_count(ns, "killing pid") == 1);
		pidns_assert(ns, pidns_log_count(ns, "(g), state S, parent 0") == 1);
	}
	pidns_kill(ns);
}

static void an_orphan_that_a_guest_leaves_is_asked_waited_for_and_buried(void **state)
{
	struct pidns *ns;
	pid_t guest;

	(void)state;
	ns = node_start(NULL, "main:exit=3", "--grace=20s");
	guest = start_guest(ns, "g:work=300(below:exit=5,work=300(deep:exit=6,work=300))");
	node_signal(ns, "main", SIGTERM);
	if (node_no_pidfds()) {
		check_guest(ns, guest, false);
		return;
	}
	pidns_end_with(ns, 3);
	pidns_assert(ns, ended_by_itself(guest));
	pidns_assert(ns, pidns_before(ns, "done g", "got below TERM"));
	pidns_assert(ns, pidns_before(ns, "done below", "got deep TERM"));
	pidns_assert(ns, pidns_field(pidns_event(ns, 1, "got deep TERM"), "parent") == 1);
	pidns_assert(ns, pidns_log_count(ns, "buried pid %d: exited with 5",
					 (int)node_pid(ns, "below")) == 1);
	pidns_assert(ns, pidns_log_count(ns, "buried pid %d: exited with 6",
					 (int)node_pid(ns, "deep")) == 1);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

/* The guest goes on: what it orphans meanwhile must not stay a zombie. */
static void while_a_guest_is_waited_for_what_it_orphans_is_buried_at_once(void **state)
{
	struct pidns *ns;
	pid_t guest;

	(void)state;
	ns = node_start(NULL, "main:exit=3", "--grace=none");
	guest = start_guest(ns, "g:ignore(sub(a) b:twice)");
	node_signal(ns, "main", SIGTERM);
	if (node_no_pidfds()) {
		pidns_end_with(ns, 3);
		assert_true(was_killed(guest));
		return;
	}
	/* b was double-forked: ours from the start, so it has gone when nobody but the guest is left. */
	pidns_event(ns, 1, "done b");
	pidns_event(ns, 1, "got g TERM");
	node_signal(ns, "sub", SIGTERM);
	pidns_event(ns, 1, "done sub");
	/* That one has left a to us, which asks it. */
	pidns_log(ns, 1, "buried pid %d", (int)node_pid(ns, "a"));
	pidns_wait_zombies(ns, 0);
	kill(guest, SIGKILL);
	assert_true(was_killed(guest));
	pidns_end_with(ns, 3);
	pidns_kill(ns);
}

/* Processor time of sexton so far, in clock ticks. */
static long ticks_of(struct pidns *ns)
{
	const char *stat = pidns_proc(ns, "1/stat");
	long user = 0;
	long system = 0;

	stat = stat ? strrchr(stat, ')') : NULL;
	if (!stat || sscanf(stat, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user,
			    &system) != 2)
		pidns_fail(ns, "no times in the stat of 1");
	return user + system;
}

static void waiting_for_a_guests_orphan_takes_no_processor_time(void **state)
{
	struct pidns *ns;
	pid_t guest;
	long before;

	(void)state;
	if (node_no_pidfds())
		return; /* none is waited for */
	ns = node_start(NULL, "main:exit=3", "--grace=none");
	guest = start_guest(ns, "g(below:ignore,tick=500)");
	node_signal(ns, "main", SIGTERM);
	assert_true(ended_by_itself(guest));
	pidns_event(ns, 1, "got below TERM");
	before = ticks_of(ns);
	pidns_event(ns, 1, "tick below 3");
	/* A loop that does not rest would have taken most of a second and a half. */
	pidns_assert(ns, ticks_of(ns) - before < sysconf(_SC_CLK_TCK) / 4);
	node_signal(ns, "below", SIGKILL);
	pidns_end_with(ns, 3);
	pidns_kill(ns);
}

static void of_two_guests_both_finish(void **state)
{
	struct pidns *ns;
	pid_t guests[2];

	(void)state;
	ns = node_start(NULL, "main:exit=3", "--grace=20s");
	guests[0] = start_guest(ns, "g1:work=300");
	guests[1] = start_guest(ns, "g2:work=900");
	node_signal(ns, "main", SIGTERM);
	pidns_end_with(ns, 3);
	for (int i = 0; i < 2; i++)
		pidns_assert(ns,
			     node_no_pidfds() ? was_killed(guests[i]) : ended_by_itself(guests[i]));
	if (!node_no_pidfds())
		pidns_all_finished(ns);
	pidns_kill(ns);
}

static void a_guest_that_arrives_during_the_drain_is_asked_too(void **state)
{
	struct pidns *ns;
	pid_t late;
	pid_t guest;

	(void)state;
	ns = node_start(NULL, "main:exit=3", "--grace=none");
	guest = start_guest(ns, "g:ignore");
	node_signal(ns, "main", SIGTERM);
	if (node_no_pidfds()) {
		pidns_end_with(ns, 3);
		assert_true(was_killed(guest));
		return;
	}
	pidns_event(ns, 1, "got g TERM");
	late = start_guest_blocked(ns, "late:work=100");
	assert_true(ended_by_itself(late));
	pidns_event(ns, 1, "got late TERM");
	kill(guest, SIGKILL);
	assert_true(was_killed(guest));
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_count(ns, "got g TERM") == 1);
	pidns_kill(ns);
}

static void a_stop_reaches_nobody_but_guests_and_sets_their_deadline(void **state)
{
	struct pidns *ns;
	pid_t guest;

	(void)state;
	if (node_no_pidfds())
		return; /* sexton has left before a stop can come */
	ns = node_start(NULL, "main:exit=3", "--grace=none", "--stop-timeout=800ms");
	guest = start_guest(ns, "g:ignore");
	node_signal(ns, "main", SIGTERM);
	pidns_event(ns, 1, "got g TERM");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 3);
	pidns_assert(ns, was_killed(guest));
	pidns_assert(ns, pidns_log_count(ns, "killing pid") == 1);
	pidns_kill(ns);
}

static void a_stop_without_a_deadline_ends_the_wait_for_guests(void **state)
{
	struct pidns *ns;
	pid_t guest;

	(void)state;
	if (node_no_pidfds())
		return; /* sexton has left before a stop can come */
	ns = node_start(NULL, "main:exit=3", "--grace=none");
	guest = start_guest(ns, "g:ignore");
	node_signal(ns, "main", SIGTERM);
	pidns_event(ns, 1, "got g TERM");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 3);
	pidns_assert(ns, was_killed(guest));
	pidns_assert(ns, pidns_log_count(ns, "killing pid") == 0);
	pidns_kill(ns);
}

static void after_a_hand_over_with_none_but_guests_left_they_are_drained(void **state)
{
	struct pidns *ns;
	pid_t guest;

	(void)state;
	ns = node_start(NULL, "main:exit=3(next)", "--on-exit=wait", "--grace=20s");
	guest = start_guest(ns, GUEST);
	node_signal(ns, "main", SIGTERM);
	pidns_log(ns, 1, "RUNNING -> HANDOVER");
	node_signal(ns, "next", SIGTERM);
	check_guest(ns, guest, true);
}

static void the_exit_code_is_not_that_of_a_guests_orphan_unless_it_is_asked_for(void **state)
{
	struct pidns *ns;
	pid_t guest;

	(void)state;
	ns = node_start(NULL, "main:exit=3", "--exit-code=worst", "--grace=20s");
	guest = start_guest(ns, "g:exit=0(below:exit=9)");
	node_signal(ns, "main", SIGTERM);
	pidns_end_with(ns, node_no_pidfds() ? 3 : 9);
	pidns_assert(ns, node_no_pidfds() ? was_killed(guest) : ended_by_itself(guest));
	pidns_kill(ns);
}

static void a_subreaper_leaves_guests_alone(void **state)
{
	struct pidns *ns;
	pid_t guest;

	(void)state;
	ns = node_start(&(struct pidns_options){ .subreaper = true }, "main:exit=3", "--exec=wait",
			"--grace=20s");
	guest = start_guest(ns, GUEST);
	node_signal(ns, "main", SIGTERM);
	/* With the namespace, whose first process ends right after sexton. */
	check_guest(ns, guest, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(a_guest_finishes_when_the_command_has_exited_by_itself),
		PIDNS_TEST(a_guest_finishes_after_a_stop_with_a_stop_timeout),
		PIDNS_TEST(a_guest_ends_with_sexton_after_a_stop_without_a_deadline),
		PIDNS_TEST(a_guest_that_is_waited_for_finishes_after_a_stop_without_a_deadline),
		PIDNS_TEST(a_guest_that_is_ignored_ends_with_sexton),
		PIDNS_TEST(a_guest_is_asked_while_others_are_drained),
		PIDNS_TEST(a_guest_in_a_session_of_its_own_is_one_all_the_same),
		PIDNS_TEST(a_guest_does_not_keep_signals_from_the_command_nor_get_them),
		PIDNS_TEST(a_guest_that_ends_before_the_command_is_nobodys_business),
		PIDNS_TEST(a_guest_that_ignores_term_is_named_and_killed_after_the_grace_time),
		PIDNS_TEST(what_runs_in_a_guest_that_ignores_term_is_asked_at_half_time),
		PIDNS_TEST(an_orphan_that_a_guest_leaves_is_asked_waited_for_and_buried),
		PIDNS_TEST(while_a_guest_is_waited_for_what_it_orphans_is_buried_at_once),
		PIDNS_TEST(waiting_for_a_guests_orphan_takes_no_processor_time),
		PIDNS_TEST(of_two_guests_both_finish),
		PIDNS_TEST(a_guest_that_arrives_during_the_drain_is_asked_too),
		PIDNS_TEST(a_stop_reaches_nobody_but_guests_and_sets_their_deadline),
		PIDNS_TEST(a_stop_without_a_deadline_ends_the_wait_for_guests),
		PIDNS_TEST(after_a_hand_over_with_none_but_guests_left_they_are_drained),
		PIDNS_TEST(the_exit_code_is_not_that_of_a_guests_orphan_unless_it_is_asked_for),
		PIDNS_TEST(a_subreaper_leaves_guests_alone),
	};

	return cmocka_run_group_tests_name("guests", tests, NULL, NULL);
}
