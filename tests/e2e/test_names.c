/* SPDX-License-Identifier: MIT */
/*
 * test_names.c - in the place of other inits: who drains and who leaves.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "names.h"

/* Every way of calling that there is for a command. */
static const char *const *const ways[] = {
	WORDS("--as", "tini", "--"),
	WORDS("--as", "tini", "-g", "--"),
	WORDS("--as", "docker-init", "--"),
	WORDS("--as", "dumb-init", "--"),
	WORDS("--as", "dumb-init", "-c", "--"),
	WORDS("--as", "catatonit", "--"),
	WORDS("--as", "catatonit", "-g", "--"),
	WORDS("--as", "podman-init", "-s", "--"),
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static pid_t pid_of(struct pidns *ns, const char *name)
{
	return (pid_t)pidns_field(pidns_event(ns, 1, "ready %s", name), "pid");
}

static void wait_for_code(struct pidns *ns, int code)
{
	const char *line = pidns_event(ns, 1, "ended");

	if (pidns_field(line, "code") != code)
		pidns_fail(ns, "sexton ended with %d, should be %d", (int)pidns_field(line, "code"),
			   code);
}

static bool is_alive(struct pidns *ns, const char *name)
{
	const char *stat = pidns_proc(ns, "%d/stat", (int)pid_of(ns, name));
	const char *paren = stat ? strrchr(stat, ')') : NULL;

	return paren && paren[2] != 'Z' && paren[2] != 'X';
}

/* Has @name got nothing so far? WINCH comes after every signal that was sent before and ends
 * something, for the kernel takes the lowest number first. */
static bool heard_nothing(struct pidns *ns, const char *name)
{
	pidns_signal_inner(ns, pid_of(ns, name), SIGWINCH);
	pidns_event(ns, 1, "got %s WINCH", name);
	return pidns_count(ns, "got %s", name) == 1;
}

/* Runs the tree @spec under every name at once, as PID 1 or below a stub. */
static void check_all_drain(const char *spec, bool stop, int code)
{
	struct pidns *ns[WAYS];

	for (size_t i = 0; i < WAYS; i++)
		ns[i] = names_start(NULL, ways[i], WORDS(pidns_payload(), "tree", spec));
	for (size_t i = 0; i < WAYS; i++) {
		pidns_event(ns[i], 1, "ready main");
		if (stop)
			pidns_signal(ns[i], SIGTERM);
	}
	for (size_t i = 0; i < WAYS; i++) {
		pidns_end_with(ns[i], code);
		for (char name[] = "a"; name[0] <= 'd'; name[0]++)
			pidns_assert(ns[i], pidns_count(ns[i], "got %s TERM", name) == 1);
		pidns_all_finished(ns[i]);
		pidns_kill(ns[i]);
	}
}

static void as_pid_1_every_name_lets_workers_finish_when_it_is_stopped(void **state)
{
	(void)state;
	check_all_drain("main:exit=7,work=50(a:work=500 b:work=500,group c:work=500,session "
			"d:work=500,twice,session)",
			true, 7);
}

static void as_pid_1_every_name_lets_workers_finish_when_its_command_has_exited(void **state)
{
	(void)state;
	check_all_drain("main:exit=7,leave(a:work=500 b:work=500,group c:work=500,session "
			"d:work=500,twice,session)",
			false, 7);
}

/* A shell waits for its job and passes nothing on. */
static void as_pid_1_every_name_lets_the_background_server_of_a_shell_finish(void **state)
{
	struct pidns *ns[WAYS];

	(void)state;
	for (size_t i = 0; i < WAYS; i++)
		ns[i] = names_start(NULL, ways[i],
				    WORDS("sh", "-c",
					  "\"$0\" tree 'server:work=300' & wait; exit 5",
					  pidns_payload()));
	for (size_t i = 0; i < WAYS; i++) {
		pidns_event(ns[i], 1, "ready server");
		pidns_signal(ns[i], SIGTERM);
	}
	for (size_t i = 0; i < WAYS; i++) {
		pidns_end_with(ns[i], 128 + SIGTERM);
		pidns_assert(ns[i], pidns_count(ns[i], "got server TERM") == 1);
		pidns_all_finished(ns[i]);
		pidns_kill(ns[i]);
	}
}

static void every_name_ends_with_the_status_of_its_command(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pidns *ns = names_start(NULL, ways[i], WORDS(pidns_payload(), "exit", "42"));

		pidns_end_with(ns, 42);
		pidns_assert(ns, names_is_quiet(ns));
		pidns_kill(ns);
		ns = names_start(NULL, ways[i], WORDS(pidns_payload(), "raise", "9"));
		pidns_end_with(ns, 128 + SIGKILL);
		pidns_kill(ns);
	}
}

static void outside_pid_1_tini_and_dumb_init_leave_and_descendants_live_on(void **state)
{
	const char *const *const leavers[] = {
		WORDS("--as", "tini", "--"),
		WORDS("--as", "tini", "-g", "--"),
		WORDS("--as", "docker-init", "--"),
		WORDS("--as", "dumb-init", "--"),
		WORDS("--as", "dumb-init", "-c", "--"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(leavers) / sizeof(leavers[0]); i++) {
		struct pidns *ns =
			names_start_outside(NULL, WORDS(NULL), leavers[i],
					    WORDS(pidns_payload(), "tree",
						  "main:exit=7,leave(deaf:deaf "
						  "b:session,ignore c:twice,group,ignore)"));

		wait_for_code(ns, 7);
		/* No subreaper: its orphans are those of the process above it. */
		for (int k = 0; k < 3; k++) {
			const char *name = (const char *const[]){ "deaf", "b", "c" }[k];

			pidns_assert(ns, is_alive(ns, name));
			pidns_assert(ns, pidns_status(ns, pid_of(ns, name), "PPid", 10) == 1);
		}
		pidns_assert(ns, heard_nothing(ns, "b"));
		pidns_assert(ns, heard_nothing(ns, "c"));
		pidns_signal(ns, SIGTERM);
		pidns_end_with(ns, 0);
		pidns_kill(ns);
	}
}

static const char group_spec[] = "main:exit=7,leave(w:ignore other:group,ignore)";
/* The main process makes a group of its own, which its init knows nothing of. */
static const char own_group_spec[] = "main:group,exit=7,leave(w:ignore other:group,ignore)";

/* When its command has exited: what does a process in the command's group get? NULL: nothing. */
static void check_farewell(const char *const *env, const char *const *way, const char *spec,
			   const char *farewell)
{
	struct pidns *ns =
		names_start_outside(env, WORDS(NULL), way, WORDS(pidns_payload(), "tree", spec));

	wait_for_code(ns, 7);
	pidns_event(ns, 1, "ready w");
	if (farewell) {
		pidns_event(ns, 1, "got w %s", farewell);
		pidns_assert(ns, pidns_count(ns, "got w") == 1);
	} else {
		pidns_assert(ns, heard_nothing(ns, "w"));
	}
	pidns_assert(ns, heard_nothing(ns, "other"));
	pidns_assert(ns, is_alive(ns, "w"));
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	pidns_kill(ns);
}

/* Where nobody may look at a zombie before it is buried, its group's number cannot be used. */
static const char *if_looked(const char *farewell)
{
	return pidns_refused("waitid") ? NULL : farewell;
}

static void dumb_init_tells_the_group_of_its_command_to_end(void **state)
{
	(void)state;
	check_farewell(NULL, WORDS("--as", "dumb-init", "--"), group_spec, if_looked("TERM"));
}

static void dumb_init_tells_the_group_of_its_command_what_term_is_rewritten_to(void **state)
{
	(void)state;
	check_farewell(NULL, WORDS("--as", "dumb-init", "-r", "15:2", "--"), group_spec,
		       if_looked("INT"));
}

static void dumb_init_tells_nobody_when_term_is_dropped(void **state)
{
	(void)state;
	check_farewell(NULL, WORDS("--as", "dumb-init", "-r", "15:0", "--"), group_spec, NULL);
}

static void dumb_init_for_a_single_child_tells_nobody(void **state)
{
	(void)state;
	check_farewell(NULL, WORDS("--as", "dumb-init", "-c", "--"), group_spec, NULL);
	check_farewell(NULL, WORDS("--as", "dumb-init", "-c", "--"), own_group_spec, NULL);
	check_farewell(WORDS("DUMB_INIT_SETSID=0"), WORDS("--as", "dumb-init", "--"),
		       own_group_spec, NULL);
}

static void tini_tells_nobody(void **state)
{
	(void)state;
	check_farewell(NULL, WORDS("--as", "tini", "--"), group_spec, NULL);
	check_farewell(NULL, WORDS("--as", "tini", "-g", "--"), group_spec, NULL);
}

/* As a subreaper nobody comes past it, and nobody is left: pidns_end_with() looks. */
static void check_subreaper_drains(const char *const *env, const char *const *way)
{
	const struct pidns_options options = { .subreaper = true, .env = env };
	struct pidns *ns;

	ns = names_start(&options, way,
			 WORDS(pidns_payload(), "tree",
			       "main:exit=7(a:work=200 b:work=200,twice,session)"));
	pidns_event(ns, 1, "ready main");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 7);
	pidns_all_finished(ns);
	pidns_kill(ns);
	ns = names_start(&options, way,
			 WORDS(pidns_payload(), "tree",
			       "main:exit=7,leave(a:work=200 b:work=200,twice,session)"));
	pidns_end_with(ns, 7);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void outside_pid_1_tini_drains_when_it_is_asked_to_be_a_subreaper(void **state)
{
	(void)state;
	check_subreaper_drains(NULL, WORDS("--as", "tini", "-s", "--"));
	check_subreaper_drains(NULL, WORDS("--as", "docker-init", "-s", "--"));
	check_subreaper_drains(WORDS("TINI_SUBREAPER="), WORDS("--as", "tini", "--"));
}

static void outside_pid_1_catatonit_drains_unasked(void **state)
{
	(void)state;
	check_subreaper_drains(NULL, WORDS("--as", "catatonit", "--"));
	check_subreaper_drains(NULL, WORDS("--as", "podman-init", "--"));
}

/* exec from a shell that has jobs in the background: they are our children and not our business. */
static void inherited_children_keep_nobody_from_leaving(void **state)
{
	const char *const *const leavers[] = {
		WORDS("--as", "tini", "--"),
		WORDS("--as", "dumb-init", "--"),
		WORDS("--as", "dumb-init", "-c", "--"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(leavers) / sizeof(leavers[0]); i++) {
		struct pidns *ns =
			names_start_outside(NULL, WORDS(pidns_payload(), "jobs", "2"), leavers[i],
					    WORDS(pidns_payload(), "exit", "3"));

		wait_for_code(ns, 3);
		pidns_assert(ns, is_alive(ns, "job1"));
		pidns_assert(ns, is_alive(ns, "job2"));
		pidns_signal(ns, SIGTERM);
		pidns_end_with(ns, 0);
		pidns_kill(ns);
	}
}

/* Joined, it has come to its own end; left alone, the end of the process takes it along. */
static void the_reaper_thread_is_joined_although_inherited_children_live(void **state)
{
	const char *const *const leavers[] = {
		WORDS("--as", "tini", "--"),
		WORDS("--as", "dumb-init", "--"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(leavers) / sizeof(leavers[0]); i++) {
		struct pidns *ns = names_start_outside(
			WORDS(PIDNS_NO_LEAK_CHECK), /* a tracer itself */
			WORDS(pidns_payload(), "traced", pidns_payload(), "jobs", "2"), leavers[i],
			WORDS(pidns_payload(), "exit", "3"));
		const char *line;

		wait_for_code(ns, 3);
		line = pidns_event(ns, 1, "threads");
		/* Else the main thread buries, see reaper.h. */
		if (!pidns_refused("waitid") && !pidns_refused("eventfd2"))
			pidns_assert(ns, pidns_field(line, "ended") >= 1);
#ifndef E2E_UNDER_TSAN /* which has a thread of its own */
		pidns_assert(ns, pidns_field(line, "started") == pidns_field(line, "ended"));
#endif
		pidns_signal(ns, SIGTERM);
		pidns_end_with(ns, 0);
		pidns_kill(ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(as_pid_1_every_name_lets_workers_finish_when_it_is_stopped),
		PIDNS_TEST(as_pid_1_every_name_lets_workers_finish_when_its_command_has_exited),
		PIDNS_TEST(as_pid_1_every_name_lets_the_background_server_of_a_shell_finish),
		PIDNS_TEST(every_name_ends_with_the_status_of_its_command),
		PIDNS_TEST(outside_pid_1_tini_and_dumb_init_leave_and_descendants_live_on),
		PIDNS_TEST(dumb_init_tells_the_group_of_its_command_to_end),
		PIDNS_TEST(dumb_init_tells_the_group_of_its_command_what_term_is_rewritten_to),
		PIDNS_TEST(dumb_init_tells_nobody_when_term_is_dropped),
		PIDNS_TEST(dumb_init_for_a_single_child_tells_nobody),
		PIDNS_TEST(tini_tells_nobody),
		PIDNS_TEST(outside_pid_1_tini_drains_when_it_is_asked_to_be_a_subreaper),
		PIDNS_TEST(outside_pid_1_catatonit_drains_unasked),
		PIDNS_TEST(inherited_children_keep_nobody_from_leaving),
		PIDNS_TEST(the_reaper_thread_is_joined_although_inherited_children_live),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
