/* SPDX-License-Identifier: MIT */
/*
 * test_article.c - the cases that sexton was written for: what goes wrong under other inits.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pidns.h"

/* A server as people write them: a handler that tidies up for a moment. It waits by a pipe, for a
 * signal that comes between "ready" and signal.pause() would be handled after the next one. */
static const char *const server_env[] = {
	"SERVER=import os, signal, sys, time\n"
	"def say(words): os.write(1, (words + ' at=%d\\n' % time.monotonic_ns()).encode())\n"
	"def stop(number, frame):\n"
	"    say('got server %d' % number)\n"
	"    time.sleep(0.2)\n"
	"    say('done server')\n"
	"    os._exit(0)\n"
	"wakes, bell = os.pipe()\n"
	"os.set_blocking(bell, False)\n"
	"signal.set_wakeup_fd(bell)\n"
	"signal.signal(signal.SIGTERM, stop)\n"
	"say('ready server')\n"
	"while True: os.read(wakes, 1)\n",
	NULL,
};

/* Stops a server behind a shell. Returns the time from the server's end to the container's. */
static int64_t stop_server(const char *const *words)
{
	const struct pidns_options options = { .env = server_env };
	struct pidns *ns;
	int64_t end;

	ns = pidns_start_words(&options, words);
	pidns_event(ns, 1, "ready server");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 128 + SIGTERM);
	pidns_assert(ns, pidns_count(ns, "got server 15") == 1);
	end = pidns_field(pidns_event(ns, 1, "done server"), "at");
	pidns_all_finished(ns);
	end = ns->ended_at - end;
	pidns_kill(ns);
	return end;
}

#define SHELL(...) ((const char *const[]){ "--", __VA_ARGS__, NULL })

static void bash_that_starts_a_python_server_without_exec_lets_it_finish(void **state)
{
	(void)state;
	stop_server(SHELL("bash", "-c", "python3 -c \"$SERVER\"; true"));
}

static void sh_that_starts_a_python_server_without_exec_lets_it_finish(void **state)
{
	(void)state;
	stop_server(SHELL("sh", "-c", "python3 -c \"$SERVER\"; true"));
}

static void bash_that_starts_a_server_in_the_background_and_waits_lets_it_finish(void **state)
{
	(void)state;
	stop_server(SHELL("bash", "-c", "python3 -c \"$SERVER\" & wait"));
}

static void a_script_file_that_starts_a_server_without_exec_lets_it_finish(void **state)
{
	static const char text[] = "#!/bin/bash\npython3 -c \"$SERVER\"\n";
	char path[] = "/tmp/e2e-script-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	assert_int_equal(fchmod(fd, 0755), 0);
	close(fd);
	stop_server(SHELL(path));
	unlink(path);
}

/* Neither the wait between two looks (1 s) nor the grace time (5 s) may be part of a stop. Python
 * needs a moment to go; a loaded machine gets three tries. */
static void the_container_stops_at_the_instant_the_server_has_finished(void **state)
{
	int64_t best = INT64_MAX;

	(void)state;
	for (int i = 0; i < 3 && best > 500000000; i++) {
		int64_t took = stop_server(SHELL("bash", "-c", "python3 -c \"$SERVER\"; true"));

		best = took < best ? took : best;
	}
	assert_true(best <= 500000000);
}

/* Starts @count namespaces with the tree @spec, stops them all, and waits for their ends. */
static void stop_many(struct pidns **ns, int count, const char *spec, const char *root)
{
	for (int i = 0; i < count; i++)
		ns[i] = pidns_start(NULL, "-vv", "--", pidns_payload(), "tree", spec);
	for (int i = 0; i < count; i++) {
		pidns_event(ns[i], 1, "ready %s", root);
		pidns_signal(ns[i], SIGTERM);
	}
	for (int i = 0; i < count; i++)
		pidns_end_with(ns[i], 128 + SIGTERM);
}

static void assert_died_of_term(struct pidns *ns, const char *name)
{
	int pid = (int)pidns_field(pidns_event(ns, 1, "ready %s", name), "pid");

	pidns_assert(ns, pidns_log_count(ns, "buried pid %d: killed by TERM", pid) == 1);
}

static void parent_child_and_grandchild_with_default_handlers_all_die_of_term(void **state)
{
	(void)state;
	for (int run = 0; run < 200; run++) {
		struct pidns *ns;

		stop_many(&ns, 1, "parent:default(child:default(grandchild:default))", "parent");
		assert_died_of_term(ns, "parent");
		assert_died_of_term(ns, "child");
		assert_died_of_term(ns, "grandchild");
		pidns_assert(ns, pidns_log_count(ns, "killing pid") == 0);
		pidns_assert(ns, pidns_log_count(ns, "killed by KILL") == 0);
		pidns_kill(ns);
	}
}

static void child_and_grandchild_that_need_a_second_in_their_handler_finish(void **state)
{
	struct pidns *ns[10];

	(void)state;
	for (int batch = 0; batch < 5; batch++) {
		stop_many(ns, 10, "parent:default(child:work=1000(grandchild:work=1000))",
			  "parent");
		for (int i = 0; i < 10; i++) {
			pidns_assert(ns[i], pidns_count(ns[i], "got child TERM") == 1);
			pidns_assert(ns[i], pidns_count(ns[i], "got grandchild TERM") == 1);
			pidns_assert(ns[i], pidns_count(ns[i], "done child") == 1);
			pidns_assert(ns[i], pidns_count(ns[i], "done grandchild") == 1);
			pidns_kill(ns[i]);
		}
	}
}

static void an_init_program_and_a_process_beside_it_both_get_term(void **state)
{
	static const char *const specs[] = {
		"init:work=100(other:work=100)",
		"init:work=100(other:twice,session,work=100)",
		"init(other:work=100)",
	};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct pidns *ns;

		ns = pidns_start(NULL, "--", pidns_payload(), "tree", specs[i]);
		pidns_event(ns, 1, "ready init");
		pidns_signal(ns, SIGTERM);
		pidns_end_with(ns, 0);
		pidns_assert(ns, pidns_count(ns, "got init TERM") == 1);
		pidns_assert(ns, pidns_count(ns, "got other TERM") == 1);
		pidns_all_finished(ns);
		pidns_kill(ns);
	}
}

static void check_orphan(const struct pidns_options *options)
{
	struct pidns *ns;
	pid_t orphan;

	ns = pidns_start(options, "--", pidns_payload(), "tree", "main(orphan:twice)");
	/* The main process waited for the one in between before it was ready. */
	pidns_event(ns, 1, "ready main");
	orphan = (pid_t)pidns_field(pidns_event(ns, 1, "ready orphan"), "pid");
	pidns_assert(ns, pidns_status(ns, orphan, "PPid", 10) == (uint64_t)ns->inner_pid);
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void an_orphan_becomes_a_child_of_sexton_as_pid_1(void **state)
{
	(void)state;
	check_orphan(NULL);
}

static void an_orphan_becomes_a_child_of_sexton_as_subreaper(void **state)
{
	(void)state;
	check_orphan(&(struct pidns_options){ .subreaper = true });
}

static void check_zombies_of_a_careless_parent(const struct pidns_options *options)
{
	struct pidns *ns;
	pid_t parent;

	ns = pidns_start(options, "-vv", "--", pidns_payload(), "tree",
			 "main(parent:nowait,twice(a:leave,exit=3 b:leave,exit=4 c:leave))");
	pidns_event(ns, 1, "ready main");
	parent = (pid_t)pidns_field(pidns_event(ns, 1, "ready parent"), "pid");
	pidns_wait_zombies(ns, 3);
	pidns_signal_inner(ns, parent, SIGTERM);
	pidns_log(ns, 1, "exited with 3");
	pidns_log(ns, 1, "exited with 4");
	pidns_log(ns, 1, "buried pid %d: exited with 0", (int)parent);
	pidns_wait_zombies(ns, 0);
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	pidns_kill(ns);
}

static void zombies_of_a_parent_that_never_waits_are_buried_when_it_dies(void **state)
{
	(void)state;
	check_zombies_of_a_careless_parent(NULL);
}

static void zombies_of_a_careless_parent_are_buried_by_a_subreaper_too(void **state)
{
	(void)state;
	check_zombies_of_a_careless_parent(&(struct pidns_options){ .subreaper = true });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(bash_that_starts_a_python_server_without_exec_lets_it_finish),
		PIDNS_TEST(sh_that_starts_a_python_server_without_exec_lets_it_finish),
		PIDNS_TEST(bash_that_starts_a_server_in_the_background_and_waits_lets_it_finish),
		PIDNS_TEST(a_script_file_that_starts_a_server_without_exec_lets_it_finish),
		PIDNS_TEST(the_container_stops_at_the_instant_the_server_has_finished),
		PIDNS_TEST(parent_child_and_grandchild_with_default_handlers_all_die_of_term),
		PIDNS_TEST(child_and_grandchild_that_need_a_second_in_their_handler_finish),
		PIDNS_TEST(an_init_program_and_a_process_beside_it_both_get_term),
		PIDNS_TEST(an_orphan_becomes_a_child_of_sexton_as_pid_1),
		PIDNS_TEST(an_orphan_becomes_a_child_of_sexton_as_subreaper),
		PIDNS_TEST(zombies_of_a_parent_that_never_waits_are_buried_when_it_dies),
		PIDNS_TEST(zombies_of_a_careless_parent_are_buried_by_a_subreaper_too),
	};

	return cmocka_run_group_tests_name("article", tests, NULL, NULL);
}
