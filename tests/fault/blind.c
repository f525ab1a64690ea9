/* SPDX-License-Identifier: MIT */
/*
 * blind.c - sexton that cannot see: no /proc, the /proc of another namespace, or a kernel without
 * children files (CONFIG_PROC_CHILDREN).
 *
 * argv: the sexton with the wrappers of calls.h, and the victim.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run.h"

#define LIMIT_NS (10000 * RUN_MS)
#define CODE     7 /* the victim's */

static const char *sexton_path;
static const char *victim_path;
static struct run *run; /* of the current test */

static void __attribute__((noreturn)) give_up(const char *what)
{
	print_message("%s\n--- events\n%s--- log\n%s---\n", what, run->events.text, run->log.text);
	fail_msg("%s", what);
	abort(); /* fail_msg() does not return, but does not say so */
}

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			give_up("not so: " #condition);                                            \
	} while (0)

static int set_up(void **state)
{
	(void)state;
	run = malloc(sizeof(*run));
	if (run == NULL)
		return -1;
	run_init(run);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	run_fini(run);
	free(run);
	return 0;
}

static void start(struct run_setup setup, const char *option, const char *mode)
{
	const char *const argv[] = { sexton_path, option, "-v", "--", victim_path, mode, NULL };

	setup.argv = argv;
	run_start(run, &setup);
	CHECK(run_until(run, "ready main", NULL, 0, LIMIT_NS) == RUN_EVENT);
}

/* All ended as they wanted to, and sexton when nobody was left. */
static void check_end(void)
{
	CHECK(run_end(run, LIMIT_NS));
	CHECK(run_rest(run, LIMIT_NS));
	CHECK(run_code(run) == CODE);
	CHECK(run_count(run, "done main") == 1);
	CHECK(run_count(run, "done worker") == run_count(run, "ready worker"));
	CHECK(run_count(run, "done grandchild") == run_count(run, "ready grandchild"));
	CHECK(run_log_count(run, "killing") == 0);
	CHECK(atomic_load(&run->plan->none_left) > 0);
}

/* Signals, burials and the drain of a worker in a session of its own. */
static void check_stop(struct run_setup setup)
{
	start(setup, "--grace=5s", "stop");
	run_signal(run, SIGUSR1);
	CHECK(run_until(run, "main USR1 42", NULL, 0, LIMIT_NS) == RUN_EVENT);
	run_signal(run, SIGTERM);
	CHECK(run_until(run, "worker TERM", NULL, 0, LIMIT_NS) == RUN_EVENT);
	check_end();
	CHECK(run_count(run, "main TERM") == 1);
	CHECK(run_count(run, "worker TERM") == 1);
}

/* A worker that does not listen: the deadline is kept, and the grandchild was asked at half of it. */
static void check_deadline(struct run_setup setup, int named)
{
	start(setup, "--grace=200ms", "kill");
	CHECK(run_end(run, LIMIT_NS));
	CHECK(run_rest(run, LIMIT_NS));
	CHECK(run_code(run) == CODE);
	CHECK(run_count(run, "worker TERM") >= 1);
	CHECK(run_count(run, "grandchild TERM") == 1);
	CHECK(run_count(run, "done grandchild") == 1);
	CHECK(run_log_count(run, "(fault_victim)") + run_log_count(run, "(victim)") >= named);
	CHECK(run_log_count(run, "killing") >= 1);
	CHECK(atomic_load(&run->plan->none_left) > 0);
}

/* The main process alone hears the stop; as a subreaper sexton knows of nobody else without /proc. */
static void check_subreaper(struct run_setup setup)
{
	setup.subreaper = true;
	start(setup, "--grace=5s", "stop");
	run_signal(run, SIGTERM);
	CHECK(run_until(run, "done main", NULL, 0, LIMIT_NS) == RUN_EVENT);
	CHECK(run_until(run, "done worker", "cannot see", 1, LIMIT_NS) == RUN_LOG);
	CHECK(!run->ended);
	run_help(run); /* the worker ends by itself, and only then sexton does */
	check_end();
}

static void without_proc_a_stop_reaches_everybody(void **state)
{
	(void)state;
	check_stop((struct run_setup){ .proc = RUN_PROC_HIDDEN });
	CHECK(run_log_count(run, "cannot see") == 1);
}

static void without_proc_the_deadline_is_kept(void **state)
{
	(void)state;
	check_deadline((struct run_setup){ .proc = RUN_PROC_HIDDEN }, 0);
	CHECK(run_log_count(run, "/proc does not name them") >= 1);
}

static void without_proc_a_subreaper_waits_for_those_it_cannot_see(void **state)
{
	(void)state;
	check_subreaper((struct run_setup){ .proc = RUN_PROC_HIDDEN });
}

static void a_foreign_proc_is_not_believed(void **state)
{
	(void)state;
	check_stop((struct run_setup){ .proc = RUN_PROC_FOREIGN });
	CHECK(run_log_count(run, "cannot see") == 1);
}

static void a_foreign_proc_names_nobody_at_the_deadline(void **state)
{
	(void)state;
	check_deadline((struct run_setup){ .proc = RUN_PROC_FOREIGN }, 0);
	CHECK(run_log_count(run, "killing pid") == 0);
}

static void a_subreaper_does_not_believe_a_foreign_proc(void **state)
{
	(void)state;
	check_subreaper((struct run_setup){ .proc = RUN_PROC_FOREIGN });
}

/* A kernel without CONFIG_PROC_CHILDREN. */
static void hide_children_files(void)
{
	run->plan->rules[0] = (struct fault_rule){
		.call = FAULT_sys_open,
		.nth = 1,
		.for_ever = true,
		.err = ENOENT,
		.suffix = "/children",
	};
}

static void without_children_files_the_roots_are_asked(void **state)
{
	(void)state;
	hide_children_files();
	check_stop((struct run_setup){ .proc = RUN_PROC });
	CHECK(run_log_count(run, "cannot see") == 0);
	CHECK(run_log_count(run, "with TERM") == 1);
	CHECK(atomic_load(&run->plan->fired) > 0);
}

static void without_children_files_survivors_are_named(void **state)
{
	(void)state;
	hide_children_files();
	check_deadline((struct run_setup){ .proc = RUN_PROC }, 1);
	CHECK(run_count(run, "worker TERM") == 1);
	CHECK(atomic_load(&run->plan->fired) > 0);
}

static void without_children_files_a_subreaper_asks_the_roots(void **state)
{
	(void)state;
	hide_children_files();
	check_stop((struct run_setup){ .proc = RUN_PROC, .subreaper = true });
	CHECK(run_log_count(run, "with TERM") == 1);
	CHECK(atomic_load(&run->plan->fired) > 0);
}

#define BLIND(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		BLIND(without_proc_a_stop_reaches_everybody),
		BLIND(without_proc_the_deadline_is_kept),
		BLIND(without_proc_a_subreaper_waits_for_those_it_cannot_see),
		BLIND(a_foreign_proc_is_not_believed),
		BLIND(a_foreign_proc_names_nobody_at_the_deadline),
		BLIND(a_subreaper_does_not_believe_a_foreign_proc),
		BLIND(without_children_files_the_roots_are_asked),
		BLIND(without_children_files_survivors_are_named),
		BLIND(without_children_files_a_subreaper_asks_the_roots),
	};

	if (argc != 3) {
		fprintf(stderr, "usage: blind FAULT-SEXTON VICTIM\n");
		return 2;
	}
	sexton_path = argv[1];
	victim_path = argv[2];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
