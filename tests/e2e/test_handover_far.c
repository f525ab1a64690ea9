/* SPDX-License-Identifier: MIT */
/*
 * test_handover_far.c - who is named in --main-pid-file is the child of a process that lives, and no
 * child of ours.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "node.h"
#include "pidfile.h"

static struct pidns *start(const struct pidns_options *options, const char *spec)
{
	return node_start(options, spec, "--on-exit=wait", pidfile_option());
}

/* Without pidfds it cannot be held on to: told, and the run goes on. True if so. */
static bool far_is_refused(struct pidns *ns)
{
	if (!node_no_pidfds())
		return false;
	pidns_log(ns, 1, "--main-pid-file %s: Operation not supported", pidfile_path());
	pidns_log(ns, 1, "RUNNING -> HANDOVER");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_count(ns, "got mid TERM") == 1);
	pidns_all_finished(ns);
	return true;
}

/* @mid: what the parent does about its child. */
static void check_far(const struct pidns_options *options, const char *spec, int code)
{
	struct pidns *ns = start(options, spec);
	int got;

	pidfile_name(ns, "next");
	node_signal(ns, "main", SIGTERM);
	if (far_is_refused(ns))
		return;
	pidfile_wait_for(ns, "next");
	node_check_signal(ns, "next", SIGUSR1, "USR1");
	pidns_assert(ns, node_got_by_all(ns, "USR1") == 1);
	node_signal(ns, "next", SIGTERM);
	/* The rule follows it. */
	pidns_log(ns, 1, "RUNNING -> HANDOVER");
	node_signal(ns, "mid", SIGTERM);
	got = pidns_end(ns);
	/* Before Linux 6.15 nobody but the parent knows, if it has buried its child already. */
	if (got != code && !pidns_log_count(ns, "its exit status is taken for 0"))
		pidns_fail(ns, "ended with %d", got);
	pidns_kill(ns);
}

static void a_grandchild_that_stays_a_zombie_gives_its_status(void **state)
{
	(void)state;
	check_far(NULL, "main:exit=3(mid:nowait(next:exit=7))", 7);
}

static void a_grandchild_that_its_parent_buries_gives_its_status(void **state)
{
	(void)state;
	check_far(NULL, "main:exit=3(mid(next:exit=7))", 7);
}

static void a_grandchild_may_take_over_under_a_subreaper(void **state)
{
	(void)state;
	check_far(&(struct pidns_options){ .subreaper = true },
		  "main:exit=3(mid:nowait(next:exit=7))", 7);
}

static void check_became_ours(void)
{
	struct pidns *ns = start(NULL, "main:exit=3(mid(next:exit=7 other))");

	pidfile_name(ns, "next");
	node_signal(ns, "main", SIGTERM);
	pidfile_wait_for(ns, "next");
	node_signal(ns, "mid", SIGTERM);
	pidns_log(ns, 1, "buried pid %d", (int)node_pid(ns, "mid"));
	node_signal(ns, "next", SIGTERM);
	pidns_log(ns, 1, "RUNNING -> HANDOVER");
	node_signal(ns, "other", SIGTERM);
	pidns_end_with(ns, 7);
	pidns_assert(ns, pidns_log_count(ns, "buried pid %d: exited with 7",
					 (int)node_pid(ns, "next")) == 1);
	pidns_kill(ns);
	remove(pidfile_path());
}

static void a_grandchild_that_has_become_ours_is_buried_as_the_main_process(void **state)
{
	(void)state;
	for (int i = 0; i < 40 && !node_no_pidfds(); i++) /* its pidfd and the reaper race */
		check_became_ours();
}

/* Returns when all its threads have stopped. */
static void stop_sexton(struct pidns *ns)
{
	int status = 0;

	pidns_signal(ns, SIGSTOP);
	if (waitpid(ns->first, &status, WUNTRACED) != ns->first || !WIFSTOPPED(status))
		pidns_fail(ns, "sexton did not stop");
}

static void wait_for_processes(struct pidns *ns, int n)
{
	for (int64_t since = pidns_now(); pidns_processes(ns) != n; sched_yield())
		pidns_assert(ns, pidns_now() - since < PIDNS_LIMIT_MS * NODE_MS);
}

/* Sexton is kept from looking until the parent has buried it and gone as well: nobody is left then. */
static void check_gone_with_its_parent(void)
{
	char script[512];
	struct pidns *ns;
	int got;

	snprintf(script, sizeof(script),
		 "('%s' tree next:exit=7; exit 9) & exec '%s' tree main:exit=3", pidns_payload(),
		 pidns_payload());
	ns = pidns_start(NULL, "-vv", "--on-exit=wait", pidfile_option(), "--", "sh", "-c", script);
	pidns_event(ns, 1, "ready main");
	pidfile_name(ns, "next");
	node_signal(ns, "main", SIGTERM);
	if (node_no_pidfds()) {
		pidns_log(ns, 1, "Operation not supported");
		node_signal(ns, "next", SIGTERM);
		pidns_end_with(ns, 3);
		pidns_kill(ns);
		return;
	}
	pidfile_wait_for(ns, "next");
	stop_sexton(ns);
	node_signal(ns, "next", SIGTERM);
	pidns_event(ns, 1, "done next");
	wait_for_processes(ns, 2);
	pidns_wait_zombies(ns, 1);
	pidns_signal(ns, SIGCONT);
	got = pidns_end(ns);
	if (got != 7 && !pidns_log_count(ns, "its exit status is taken for 0"))
		pidns_fail(ns, "ended with %d", got);
	pidns_kill(ns);
	remove(pidfile_path());
}

static void a_grandchild_that_goes_with_its_parent_gives_its_status(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) /* two threads of sexton's find out, each in its own time */
		check_gone_with_its_parent();
}

/* a, whose parent has gone, ends and names b: sexton finds all of that at once. */
static void check_near_names_far(void)
{
	struct pidns *ns = start(NULL, "main:exit=3(mid1(a:exit=4) mid2:nowait(b:exit=7))");

	pidfile_name(ns, "a");
	node_signal(ns, "main", SIGTERM);
	pidfile_wait_for(ns, "a");
	stop_sexton(ns);
	node_signal(ns, "mid1", SIGTERM);
	pidns_wait_zombies(ns, 1);
	pidfile_name(ns, "b");
	node_signal(ns, "a", SIGTERM);
	pidns_wait_zombies(ns, 2);
	pidns_signal(ns, SIGCONT);
	pidfile_wait_for(ns, "b");
	node_check_signal(ns, "b", SIGUSR1, "USR1");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 7);
	pidns_assert(ns, node_got_by_all(ns, "USR1") == 1);
	pidns_all_finished(ns);
	pidns_kill(ns);
	remove(pidfile_path());
}

static void an_end_that_was_seen_twice_is_not_that_of_the_next_one(void **state)
{
	(void)state;
	for (int i = 0; i < 20 && !node_no_pidfds(); i++)
		check_near_names_far();
}

static void a_stop_ends_a_grandchild_first_and_then_the_rest(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start(NULL, "main:exit=3(mid:nowait(next:exit=7) other)");
	pidfile_name(ns, "next");
	node_signal(ns, "main", SIGTERM);
	if (far_is_refused(ns))
		return;
	pidfile_wait_for(ns, "next");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 7);
	pidns_assert(ns, pidns_before(ns, "done next", "got mid TERM"));
	pidns_assert(ns, pidns_before(ns, "done next", "got other TERM"));
	pidns_assert(ns, node_got_by_all(ns, "TERM") == 4); /* main's was the test's */
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void a_near_one_may_follow_a_far_one_and_a_far_one_a_near_one(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start(NULL, "main:exit=3(mid:nowait(a:exit=4 c:exit=6) b:exit=5)");
	pidfile_name(ns, "a");
	node_signal(ns, "main", SIGTERM);
	if (far_is_refused(ns))
		return;
	pidfile_wait_for(ns, "a");
	pidfile_hand_over(ns, "a", "b");
	pidfile_hand_over(ns, "b", "c");
	node_check_signal(ns, "c", SIGUSR1, "USR1");
	pidns_assert(ns, node_got_by_all(ns, "USR1") == 1);
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 6);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDFILE_TEST(a_grandchild_that_stays_a_zombie_gives_its_status),
		PIDFILE_TEST(a_grandchild_that_its_parent_buries_gives_its_status),
		PIDFILE_TEST(a_grandchild_may_take_over_under_a_subreaper),
		PIDFILE_TEST(a_grandchild_that_has_become_ours_is_buried_as_the_main_process),
		PIDFILE_TEST(a_grandchild_that_goes_with_its_parent_gives_its_status),
		PIDFILE_TEST(an_end_that_was_seen_twice_is_not_that_of_the_next_one),
		PIDFILE_TEST(a_stop_ends_a_grandchild_first_and_then_the_rest),
		PIDFILE_TEST(a_near_one_may_follow_a_far_one_and_a_far_one_a_near_one),
	};

	return cmocka_run_group_tests_name("handover_far", tests, NULL, NULL);
}
