/* SPDX-License-Identifier: MIT */
/*
 * test_drain.c - who is asked, when, how often, and who is killed.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pidns.h"

#define MS INT64_C(1000000)

static struct pidns *start_tree(const struct pidns_options *options, const char *option,
				const char *spec, const char *root)
{
	struct pidns *ns;

	ns = pidns_start(options, "-vv", option, "--", pidns_payload(), "tree", spec);
	pidns_event(ns, 1, "ready %s", root);
	return ns;
}

/* Point in time of the first event line with this prefix, which is there already. */
static int64_t at(struct pidns *ns, const char *event)
{
	return pidns_field(pidns_event(ns, 1, "%s", event), "at");
}

static int pid_of(struct pidns *ns, const char *name)
{
	return (int)pidns_field(pidns_event(ns, 1, "ready %s", name), "pid");
}

/* Four kinds of workers, six each: in the main process's group, in groups and in sessions of their
 * own, and double-forked into sessions. Each needs a second. */
static const char *four_by_six(char *spec, size_t size, const char *main_options)
{
	static const char *const kinds[] = { "", ",group", ",session", ",twice,session" };
	size_t n = (size_t)snprintf(spec, size, "main:%s(", main_options);

	for (int kind = 0; kind < 4; kind++)
		for (int i = 1; i <= 6; i++)
			n += (size_t)snprintf(spec + n, size - n, "%c%d:work=1000%s ", 'a' + kind,
					      i, kinds[kind]);
	spec[n - 1] = ')';
	return spec;
}

static void check_four_by_six(const struct pidns_options *options, bool stop)
{
	char spec[2048];
	char name[8];
	struct pidns *ns;

	four_by_six(spec, sizeof(spec), stop ? "exit=7,work=50" : "exit=7,leave");
	ns = start_tree(options, "--exit-code=main", spec, "main");
	if (stop)
		pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 7);
	for (int i = 0; i < 24; i++) {
		snprintf(name, sizeof(name), "%c%d", 'a' + i / 6, 1 + i % 6);
		pidns_assert(ns, pidns_count(ns, "got %s TERM", name) == 1);
		pidns_assert(ns, pidns_count(ns, "done %s", name) == 1);
	}
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void four_by_six_workers_finish_when_the_main_process_is_stopped(void **state)
{
	(void)state;
	check_four_by_six(NULL, true);
}

static void four_by_six_workers_finish_when_the_main_process_exits_by_itself(void **state)
{
	(void)state;
	check_four_by_six(NULL, false);
}

static void four_by_six_workers_finish_under_a_subreaper_that_is_stopped(void **state)
{
	(void)state;
	check_four_by_six(&(struct pidns_options){ .subreaper = true }, true);
}

static void four_by_six_workers_finish_under_a_subreaper_left_by_its_main_process(void **state)
{
	(void)state;
	check_four_by_six(&(struct pidns_options){ .subreaper = true }, false);
}

static void four_by_six_workers_are_asked_once_with_a_forwarding_to_the_group(void **state)
{
	char spec[2048];
	struct pidns *ns;

	(void)state;
	four_by_six(spec, sizeof(spec), "work=50");
	ns = start_tree(NULL, "--forward=group", spec, "main");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	for (int i = 0; i < 24; i++)
		pidns_assert(ns, pidns_count(ns, "got %c%d TERM", 'a' + i / 6, 1 + i % 6) == 1);
	/* The first kind got it with the master, the others after it. */
	pidns_assert(ns, pidns_before(ns, "got a1 TERM", "done main"));
	pidns_assert(ns, pidns_before(ns, "done main", "got b1 TERM"));
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void a_master_behind_a_shell_drains_its_workers_alone(void **state)
{
	static const char spec[] = "master:relay(w1:work=2000 w2:work=2000,group w3:work=2000 "
				   "w4:work=2000,session)";
	char script[512];
	struct pidns *ns;

	(void)state;
	snprintf(script, sizeof(script), "'%s' tree '%s'; true", pidns_payload(), spec);
	ns = pidns_start(NULL, "-vv", "--", "sh", "-c", script);
	pidns_event(ns, 1, "ready master");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 128 + SIGTERM);
	pidns_assert(ns, pidns_count(ns, "got master TERM") == 1);
	for (int i = 1; i <= 4; i++) {
		const char *line = pidns_event(ns, 1, "got w%d QUIT", i);

		pidns_assert(ns, pidns_field(line, "from") == pid_of(ns, "master"));
		pidns_assert(ns, pidns_count(ns, "got w%d", i) == 1);
	}
	pidns_all_finished(ns);
	pidns_kill(ns);
}

/* Without pidfds nobody can single out a grandchild. */
static bool is_blind(void)
{
	return pidns_refused("pidfd_open") || pidns_refused("pidfd_send_signal");
}

/* Was @name, below a deaf master, asked before sexton killed anybody? Without pidfds: after its master,
 * and before itself. */
static bool asked_in_time(struct pidns *ns, const char *name)
{
	char asked[64];
	char killing[64];

	snprintf(asked, sizeof(asked), "asked pid %d (%s) with TERM", pid_of(ns, name), name);
	snprintf(killing, sizeof(killing), "killing pid %d (%s)", pid_of(ns, name), name);
	if (!is_blind())
		return pidns_log_before(ns, asked, "killing pid");
	return pidns_log_count(ns, "%s", killing) == 0 || pidns_log_before(ns, asked, killing);
}

/* The workers are asked at half of two seconds, at the end of which all are killed. */
static void check_deaf_master(struct pidns *ns, int64_t since)
{
	int64_t asked = at(ns, "got w1 TERM");

	pidns_assert(ns, asked - since >= 1000 * MS);
	pidns_assert(ns, at(ns, "got w2 TERM") - since >= 1000 * MS);
	pidns_assert(ns, ns->ended_at - since >= 2000 * MS);
	/* At half of the deadline, not at the deadline. */
	pidns_assert(ns, asked_in_time(ns, "w1") && asked_in_time(ns, "w2"));
	pidns_assert(ns, pidns_count(ns, "got master TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "got w1 TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "done w1") == 0 && pidns_count(ns, "done w2") == 0);
	pidns_assert(ns, pidns_log_count(ns, "killing pid %d (master)", pid_of(ns, "master")) == 1);
	pidns_assert(ns, pidns_log_count(ns, "killing pid %d (w1)", pid_of(ns, "w1")) == 1);
	pidns_assert(ns, pidns_log_count(ns, "killing pid %d (w2)", pid_of(ns, "w2")) == 1);
	pidns_kill(ns);
}

static void
a_master_that_ignores_term_shields_its_workers_until_half_of_the_grace_time(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start_tree(NULL, "--grace=2s",
			"main:leave,exit=3(master:ignore(w1:ignore w2:ignore,session))", "main");
	pidns_end_with(ns, 3);
	check_deaf_master(ns, at(ns, "done main"));
}

static void a_master_that_ignores_term_shields_its_workers_until_half_of_stop_timeout(void **state)
{
	struct pidns *ns;
	int64_t since;

	(void)state;
	ns = start_tree(NULL, "--stop-timeout=2s",
			"main(master:ignore(w1:ignore w2:ignore,session))", "main");
	since = pidns_now();
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	check_deaf_master(ns, since);
}

static void workers_of_a_deaf_master_that_end_when_asked_at_half_are_not_killed(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start_tree(NULL, "--grace=1s", "main:leave(master:ignore(w1:work=50 w2:work=50))",
			"main");
	pidns_end_with(ns, 0);
	pidns_assert(ns, asked_in_time(ns, "w1") && asked_in_time(ns, "w2"));
	pidns_assert(ns, pidns_count(ns, "done w1") == 1 && pidns_count(ns, "done w2") == 1);
	pidns_assert(ns, pidns_log_count(ns, "killing pid") == 1);
	pidns_assert(ns, pidns_log_count(ns, "killing pid %d (master)", pid_of(ns, "master")) == 1);
	pidns_kill(ns);
}

static void in_a_chain_of_ten_each_is_asked_only_after_its_parent_has_gone(void **state)
{
	char spec[512] = "";
	size_t n = 0;
	struct pidns *ns;

	(void)state;
	for (int i = 1; i <= 10; i++)
		n += (size_t)snprintf(spec + n, sizeof(spec) - n, "%sp%d:work=50", i > 1 ? "(" : "",
				      i);
	snprintf(spec + n, sizeof(spec) - n, ")))))))))");
	ns = start_tree(NULL, "--on-exit=drain", spec, "p1");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	for (int i = 1; i < 10; i++) {
		char parent[32];
		char child[32];

		snprintf(parent, sizeof(parent), "done p%d", i);
		snprintf(child, sizeof(child), "got p%d", i + 1);
		pidns_assert(ns, pidns_before(ns, parent, child));
		pidns_assert(ns, pidns_count(ns, "got p%d TERM", i) == 1);
		pidns_assert(ns, pidns_field(pidns_event(ns, 1, "%s TERM", child), "parent") ==
					 ns->inner_pid);
	}
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void a_worker_that_ignores_term_is_named_and_killed_after_the_grace_time(void **state)
{
	struct pidns *ns;
	const char *line;

	(void)state;
	ns = start_tree(NULL, "--grace=1s", "main:leave,exit=9(worker:ignore)", "main");
	pidns_end_with(ns, 9);
	pidns_assert(ns, ns->ended_at - at(ns, "done main") >= 1000 * MS);
	pidns_assert(ns, pidns_count(ns, "got worker TERM") == 1);
	line = pidns_log(ns, 1, "killing pid %d (worker), state S, parent %d", pid_of(ns, "worker"),
			 (int)ns->inner_pid);
	pidns_assert(ns, strncmp(line, "sexton: killing", 15) == 0);
	pidns_assert(ns, pidns_log_count(ns, "killing pid") == 1);
	pidns_assert(ns, pidns_log_count(ns, "buried pid %d: killed by KILL",
					 pid_of(ns, "worker")) == 1);
	pidns_kill(ns);
}

static void a_subreaper_kills_after_the_grace_time_too(void **state)
{
	const struct pidns_options options = { .subreaper = true };
	struct pidns *ns;

	(void)state;
	ns = start_tree(&options, "--grace=500ms", "main:leave,exit=9(a:ignore(b:deaf,session))",
			"main");
	pidns_end_with(ns, 9);
	pidns_assert(ns, pidns_log_count(ns, "killing pid") == 2);
	pidns_kill(ns);
}

static void at_most_twenty_survivors_are_named_then_counted(void **state)
{
	char spec[1024] = "main:leave(";
	struct pidns *ns;

	(void)state;
	for (int i = 1; i <= 25; i++)
		snprintf(spec + strlen(spec), sizeof(spec) - strlen(spec), "w%d:ignore%c", i,
			 i < 25 ? ' ' : ')');
	ns = start_tree(NULL, "--grace=300ms", spec, "main");
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_log_count(ns, "killing pid") == 20);
	pidns_assert(ns, pidns_log_count(ns, "5 more") == 1);
	pidns_kill(ns);
}

/* The worker tells of three ticks, well beyond the grace time and a second one; then we end it. */
static void after_a_stop_nobody_is_killed_without_a_stop_timeout(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start_tree(NULL, "--grace=200ms", "main(worker:ignore,tick=500)", "main");
	pidns_signal(ns, SIGTERM);
	pidns_event(ns, 1, "tick worker 3");
	pidns_assert(ns, pidns_log_count(ns, "killing pid") == 0);
	pidns_assert(ns, pidns_count(ns, "got worker TERM") == 1);
	pidns_signal_inner(ns, pid_of(ns, "worker"), SIGKILL);
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_log_count(ns, "killing pid") == 0);
	pidns_kill(ns);
}

static void stop_timeout_ends_a_main_process_that_ignores_term(void **state)
{
	struct pidns *ns;
	int64_t since;

	(void)state;
	ns = start_tree(NULL, "--stop-timeout=500ms", "main:ignore", "main");
	since = pidns_now();
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 128 + SIGKILL);
	pidns_assert(ns, ns->ended_at - since >= 500 * MS);
	pidns_assert(ns, pidns_count(ns, "got main TERM") == 1);
	pidns_assert(ns, pidns_log_count(ns, "killing pid %d (main)", pid_of(ns, "main")) == 1);
	pidns_kill(ns);
}

static void a_second_stop_signal_reaches_the_roots_again_but_asks_nobody_twice(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start_tree(NULL, "--grace=none", "main(root:work=600(below:work=50))", "main");
	pidns_signal(ns, SIGTERM);
	pidns_event(ns, 1, "got root TERM");
	pidns_signal(ns, SIGINT);
	pidns_event(ns, 1, "got root INT");
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "got root TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "got below TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "got below INT") == 0);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void a_stopped_worker_is_continued_so_that_it_can_end(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start_tree(NULL, "--grace=20s", "main:leave(worker:stop,work=50)", "main");
	pidns_end_with(ns, 0);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void leftovers_are_asked_with_the_signal_of_ask_with(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start_tree(NULL, "--ask-with=QUIT", "main:leave(worker:work=50)", "main");
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "got worker QUIT") == 1);
	pidns_assert(ns, pidns_count(ns, "got worker TERM") == 0);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void without_proc_everybody_is_still_asked_once_and_finishes(void **state)
{
	const struct pidns_options options = { .hide_proc = true };
	struct pidns *ns;
	int code;

	(void)state;
	ns = start_tree(&options, "--grace=20s",
			"main:leave,exit=4(a:work=200(b:work=200) c:work=200,session)", "main");
	code = pidns_end(ns);
	/* A leak checker needs /proc and ends with a code of its own, after all is done. */
	pidns_assert(ns, code == 4 || pidns_log_count(ns, "LeakSanitizer has encountered"));
	pidns_assert(ns, pidns_count(ns, "got a TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "got b TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "got c TERM") == 1);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(four_by_six_workers_finish_when_the_main_process_is_stopped),
		PIDNS_TEST(four_by_six_workers_finish_when_the_main_process_exits_by_itself),
		PIDNS_TEST(four_by_six_workers_finish_under_a_subreaper_that_is_stopped),
		PIDNS_TEST(four_by_six_workers_finish_under_a_subreaper_left_by_its_main_process),
		PIDNS_TEST(four_by_six_workers_are_asked_once_with_a_forwarding_to_the_group),
		PIDNS_TEST(a_master_behind_a_shell_drains_its_workers_alone),
		PIDNS_TEST(
			a_master_that_ignores_term_shields_its_workers_until_half_of_the_grace_time),
		PIDNS_TEST(
			a_master_that_ignores_term_shields_its_workers_until_half_of_stop_timeout),
		PIDNS_TEST(workers_of_a_deaf_master_that_end_when_asked_at_half_are_not_killed),
		PIDNS_TEST(in_a_chain_of_ten_each_is_asked_only_after_its_parent_has_gone),
		PIDNS_TEST(a_worker_that_ignores_term_is_named_and_killed_after_the_grace_time),
		PIDNS_TEST(a_subreaper_kills_after_the_grace_time_too),
		PIDNS_TEST(at_most_twenty_survivors_are_named_then_counted),
		PIDNS_TEST(after_a_stop_nobody_is_killed_without_a_stop_timeout),
		PIDNS_TEST(stop_timeout_ends_a_main_process_that_ignores_term),
		PIDNS_TEST(a_second_stop_signal_reaches_the_roots_again_but_asks_nobody_twice),
		PIDNS_TEST(a_stopped_worker_is_continued_so_that_it_can_end),
		PIDNS_TEST(leftovers_are_asked_with_the_signal_of_ask_with),
		PIDNS_TEST(without_proc_everybody_is_still_asked_once_and_finishes),
	};

	return cmocka_run_group_tests_name("drain", tests, NULL, NULL);
}
