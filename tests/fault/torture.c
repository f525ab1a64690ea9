/* SPDX-License-Identifier: MIT */
/*
 * torture.c - what if any system call fails?
 *
 * The real program runs whole stories in which the N-th call of one function of sys.h fails, for
 * every function, every N, every errno of calls.h, once and for ever. Whatever fails:
 *	(a) the command is never lost silently: either sexton exits 125..127 before it ran, and says
 *	    so, or it ran;
 *	(b) after that only the end of all descendants ends sexton: every process of the command
 *	    reported its own end, and the kernel itself said that no child is left;
 *	(c) a call that fails once costs nothing but time: the run ends, with the right code; one
 *	    that fails for ever may leave sexton without the means to go on, and then it says so
 *	    and waits without burning CPU, which is measured over a second of its life.
 * What is not so for a reason stands in one of the two tables below. The limits are failure limits,
 * but for that second: nothing else is ever waited for by time.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "run.h"

#define THREADS   10               /* cases at a time: most of the time they all sleep */
#define LIMIT_NS  (10000 * RUN_MS) /* once: after that it has failed */
#define SECOND_NS (1000 * RUN_MS)  /* for ever: the second that is measured */
#define REST_NS                                                                                    \
	(300 * RUN_MS) /* CPU time in that second: below a third is no busy loop, even \
					 * with a sanitizer and a fallback that looks round often */
#define CODE         7 /* the victim's */
#define MESSAGE_SIZE 4096
#define CASES_MAX    4096

struct scenario {
	const char *name;
	const char *options[6];
	const char *command; /* NULL: the victim */
	const char *mode;    /* the victim's argument */
	bool stop;           /* USR1 and TERM are sent */
	bool no_value;       /* Linux has no call that queues one to a group by number */
	bool missing;        /* the command cannot be run */
	bool subreaper;
	struct fault_rule always[1]; /* what fails in every case of this scenario */
	const char *calls;           /* only these functions, separated by blanks; NULL: all */
};

#define RULE(which, error)                                                                         \
	{                                                                                          \
		{                                                                                  \
			.call = FAULT_##which, .nth = 1, .for_ever = true, .err = error            \
		}                                                                                  \
	}

/* What the two later ways of working do differently. */
#define SIGNALLING_CALLS                                                                           \
	"sys_kill sys_sigqueueinfo sys_wait_look sys_waitpid sys_probe_look sys_pidfd_open "       \
	"sys_sigwaitinfo sys_open sys_read sys_map sys_thread_create sys_eventfd sys_readlink"
#define POLLED_CALLS                                                                               \
	"sys_waitpid sys_sigwaitinfo sys_signalfd sys_ppoll sys_eventfd sys_eventfd_ring "         \
	"sys_eventfd_clear sys_kill"

static const struct scenario scenarios[] = {
	{ .name = "stop", .options = { "--parent-death=HUP" }, .mode = "stop", .stop = true },
	{ .name = "stop_as_subreaper",
	  .mode = "stop",
	  .stop = true,
	  .subreaper = true,
	  .calls = "sys_set_subreaper sys_open sys_waitpid sys_pidfd_send_signal" },
	{ .name = "drain_with_a_deadline", .options = { "--grace=60ms" }, .mode = "kill" },
	{ .name = "missing_command", .command = "/nonexistent/command", .missing = true },
	{ .name = "refused_command", .missing = true, .always = RULE(sys_execve, EACCES) },
	{ .name = "guarded_stop",
	  .mode = "stop",
	  .stop = true,
	  .always = RULE(sys_pidfd_open, ENOSYS),
	  .calls = SIGNALLING_CALLS },
	{ .name = "guarded_group_stop",
	  .options = { "--forward=group" },
	  .mode = "stop",
	  .stop = true,
	  .no_value = true,
	  .always = RULE(sys_pidfd_open, EPERM),
	  .calls = SIGNALLING_CALLS },
	{ .name = "guarded_drain_with_a_deadline",
	  .options = { "--grace=60ms" },
	  .mode = "kill",
	  .always = RULE(sys_pidfd_open, ENOSYS),
	  .calls = SIGNALLING_CALLS },
	{ .name = "polled_stop",
	  .mode = "stop",
	  .stop = true,
	  .always = RULE(sys_thread_create, EPERM),
	  .calls = POLLED_CALLS },
	{ .name = "polled_drain_with_a_deadline",
	  .options = { "--grace=60ms" },
	  .mode = "kill",
	  .always = RULE(sys_thread_create, EAGAIN),
	  .calls = POLLED_CALLS },
};
#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

/* Failures after which the command need not run: sexton says so and exits with 125, 126 or 127. */
static const struct {
	enum fault_call call;
	unsigned int nth;
	const char *reason;
} may_not_start[] = {
	{ FAULT_sys_fork, 1, "without a child there is no command" },
	{ FAULT_sys_execve, 1, "this is the kernel's answer to the command itself" },
	{ FAULT_sys_map, 1, "no memory for the environment" },
	{ FAULT_sys_map, 2, "no memory for the argument list" },
	{ FAULT_sys_sigmask, 1, "who cannot block signals cannot forward them" },
};

/* Functions that none of the stories calls, and where they are examined instead. */
static const struct {
	enum fault_call call;
	const char *reason;
} not_reached[] = {
	{ FAULT_sys_tcsetpgrp, "needs a terminal: tests/unit/test_tty.c" },
};

struct fault_case {
	const struct scenario *scenario;
	struct fault_rule rule;
};

static const struct {
	const char *name;
	int errors[4];
} calls[] = {
#define ENTRY(type, name, params, args, ...) { #name, { __VA_ARGS__ } },
	FAULT_CALLS(ENTRY, ENTRY, ENTRY)
#undef ENTRY
};

static const char *sexton_path;
static const char *victim_path;
static unsigned int clean_calls[SCENARIOS][FAULT_COUNT];

/* The judges below return why a case failed, in words; NULL: it did not. */

static bool may_start_fail(const struct fault_case *c)
{
	if (c->scenario->missing)
		return true;
	for (size_t i = 0; i < sizeof(may_not_start) / sizeof(may_not_start[0]); i++)
		if (may_not_start[i].call == c->rule.call && may_not_start[i].nth == c->rule.nth)
			return true;
	return false;
}

/* A line that cannot be written cannot be had. */
static bool is_mute(const struct fault_case *c)
{
	return c->rule.call == FAULT_sys_write || c->rule.call == FAULT_sys_write_now;
}

/* Lines on stderr, but for the one that a whole scenario is about. */
static int complaints(const struct run *run)
{
	return run_log_count(run, "sexton: ") - run_log_count(run, "no reaper thread");
}

/* (a): the command did not run. */
static const char *judge_no_start(const struct fault_case *c, const struct run *run)
{
	int code = run_code(run);

	if (!may_start_fail(c))
		return "the command did not run";
	if (code < 125 || code > 127)
		return "no exit code that tells that the command did not run";
	if (run_log_count(run, "sexton: ") == 0 && !is_mute(c))
		return "not a word of why the command did not run";
	if (atomic_load(&run->plan->execs) != atomic_load(&run->plan->execs_failed))
		return "the command was started, and lost";
	return NULL;
}

/* (b): the command ran, and sexton has ended. */
static const char *judge_end(const struct fault_case *c, struct run *run)
{
	static const char *const names[] = { "main", "worker", "grandchild" };

	/* Orphans that sexton could not adopt are asked by nobody. */
	if (c->rule.call == FAULT_sys_set_subreaper)
		run_help(run);
	if (!run_rest(run, LIMIT_NS))
		return "sexton left before its descendants";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char ready[32];
		char done[32];

		snprintf(ready, sizeof(ready), "ready %s", names[i]);
		snprintf(done, sizeof(done), "done %s", names[i]);
		if (run_count(run, ready) == run_count(run, done))
			continue;
		/* Killed by the deadline, and sexton said so first. */
		if (c->scenario->stop || (run_log_count(run, "killing ") == 0 && !is_mute(c)))
			return "a process of the command's was killed by sexton's end";
	}
	if (atomic_load(&run->plan->none_left) == 0)
		return "sexton ended before the kernel said that no child is left";
	if (run_code(run) != CODE)
		return "wrong exit code";
	return NULL;
}

/* (c), for ever: nothing happens any more. Sexton must rest, and must have said why. */
static const char *judge_rest(const struct fault_case *c, struct run *run)
{
	int64_t before = run_cpu_ns(run);

	if (run_end(run, SECOND_NS))
		return NULL;
	if (run_cpu_ns(run) - before > REST_NS)
		return "burns CPU while it can do nothing";
	if (complaints(run) == 0 && !is_mute(c))
		return "can do nothing, and says nothing";
	return NULL;
}

/*
 * Sends @sig until the command says @event. A signal that sexton says it cannot forward is sent
 * again, as a user would. *ret_lost: it did not arrive, and that is all right.
 */
static const char *tell(const struct fault_case *c, struct run *run, int sig, const char *event,
			bool *ret_lost)
{
	*ret_lost = false;
	for (int n = 1; n <= 3; n++) {
		run_signal(run, sig);
		switch (run_until(run, event, "cannot forward",
				  run_log_count(run, "cannot forward") + 1,
				  c->rule.for_ever ? SECOND_NS : LIMIT_NS)) {
		case RUN_EVENT:
			return NULL;
		case RUN_LOG:
			break;
		case RUN_END:
			return "ended while the command ran";
		case RUN_LATE:
			*ret_lost = true;
			return c->rule.for_ever ? NULL : "a signal was lost without a word";
		}
	}
	*ret_lost = true;
	return c->rule.for_ever ? NULL : "a signal was lost";
}

static const char *play(const struct fault_case *c, struct run *run)
{
	bool lost = false;
	const char *why = NULL;

	switch (run_until(run, "ready main", NULL, 0, LIMIT_NS)) {
	case RUN_EVENT:
	case RUN_LOG:
		break;
	case RUN_END:
		return judge_no_start(c, run);
	case RUN_LATE:
		return "neither ran the command nor ended";
	}
	if (c->scenario->stop)
		why = tell(c, run, SIGUSR1, c->scenario->no_value ? "main USR1 0" : "main USR1 42",
			   &lost);
	if (c->scenario->stop && why == NULL && !lost)
		why = tell(c, run, SIGTERM, "main TERM", &lost);
	if (why != NULL)
		return why;
	if (c->rule.for_ever) {
		why = judge_rest(c, run);
		if (why == NULL && !run->ended) {
			run_help(run);
			why = judge_rest(c, run);
		}
		return why != NULL || !run->ended ? why : judge_end(c, run);
	}
	return run_end(run, LIMIT_NS) ? judge_end(c, run) : "did not come to its end";
}

static void set_up(const struct fault_case *c, struct run *run, const char *argv[16])
{
	int n = 0;

	run_init(run);
	run->plan->rules[0] = c->scenario->always[0];
	run->plan->rules[1] = c->rule;
	argv[n++] = sexton_path;
	for (int i = 0; c->scenario->options[i] != NULL; i++)
		argv[n++] = c->scenario->options[i];
	argv[n++] = c->scenario->command != NULL ? c->scenario->command : victim_path;
	argv[n++] = c->scenario->mode;
	argv[n] = NULL;
}

/* Runs one case. Returns false, with an account of it, if it went wrong. */
static bool run_case(const struct fault_case *c, char message[MESSAGE_SIZE],
		     unsigned int ret_calls[FAULT_COUNT])
{
	const char *argv[16];
	struct run_setup setup = { .argv = argv, .subreaper = c->scenario->subreaper };
	struct run *run = malloc(sizeof(*run));
	const char *why;

	if (run == NULL)
		abort();
	set_up(c, run, argv);
	run_start(run, &setup);
	why = play(c, run);
	if (why != NULL)
		snprintf(message, MESSAGE_SIZE,
			 "%s: %s fails at call %u %s with %s (failed %u times): %s; ended: %s, %d\n"
			 "--- events\n%.1000s--- log\n%.1500s---\n",
			 c->scenario->name, calls[c->rule.call].name, c->rule.nth,
			 c->rule.for_ever ? "and all after it" : "once", strerror(c->rule.err),
			 atomic_load(&run->plan->fired), why, run->ended ? "yes" : "no",
			 run->ended ? run_code(run) : 0, run->events.text, run->log.text);
	for (int i = 0; ret_calls != NULL && i < FAULT_COUNT; i++)
		ret_calls[i] = atomic_load(&run->plan->calls[i]);
	run_fini(run);
	free(run);
	return why == NULL;
}

/* Cases for a few threads, and what they found. */
static struct {
	struct fault_case cases[CASES_MAX];
	unsigned int count;
	_Atomic unsigned int next;
	pthread_mutex_t lock; /* of stderr and what is below */
	unsigned int failed;
} work = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void *run_cases(void *unused)
{
	char message[MESSAGE_SIZE];
	unsigned int i;

	(void)unused;
	while ((i = atomic_fetch_add(&work.next, 1)) < work.count) {
		if (run_case(&work.cases[i], message, NULL))
			continue;
		pthread_mutex_lock(&work.lock);
		work.failed++;
		print_message("%s", message);
		pthread_mutex_unlock(&work.lock);
	}
	return NULL;
}

static void run_all(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, run_cases, NULL) != 0)
			fail_msg("pthread_create");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	if (work.failed > 0)
		fail_msg("%u of %u cases failed", work.failed, work.count);
}

/* Is @name one of the words of @list? */
static bool is_listed(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = list; at != NULL && (at = strstr(at, name)) != NULL; at += length)
		if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	return list == NULL;
}

static void add_case(size_t scenario, enum fault_call call, unsigned int nth, bool for_ever,
		     int err)
{
	assert_true(work.count < CASES_MAX);
	work.cases[work.count++] = (struct fault_case){
		.scenario = &scenarios[scenario],
		.rule = { .call = call, .nth = nth, .for_ever = for_ever, .err = err },
	};
}

/* Once with each errno, for ever with one after the other. */
static void add_cases(size_t scenario, enum fault_call call, unsigned int nth)
{
	const int *errors = calls[call].errors;
	unsigned int n = 0;

	for (; errors[n] != 0; n++)
		add_case(scenario, call, nth, false, errors[n]);
	add_case(scenario, call, nth, true, errors[nth % n]);
}

static void a_clean_run_ends_with_its_code(void **state)
{
	const struct scenario *scenario = *state;
	struct fault_case clean = { .scenario = scenario };
	char message[MESSAGE_SIZE];

	if (!run_case(&clean, message, clean_calls[scenario - scenarios]))
		fail_msg("%s", message);
}

static void any_call_may_fail(void **state)
{
	size_t scenario = (size_t)((const struct scenario *)*state - scenarios);
	const char *only = getenv("TORTURE_CALLS"); /* for a closer look by hand */

	a_clean_run_ends_with_its_code(state); /* counts the calls */
	work.count = work.failed = 0;
	atomic_store(&work.next, 0);
	for (unsigned int call = 0; call < FAULT_COUNT; call++)
		for (unsigned int n = 1; n <= clean_calls[scenario][call]; n++)
			if (is_listed(scenarios[scenario].calls, calls[call].name) &&
			    is_listed(only, calls[call].name))
				add_cases(scenario, call, n);
	run_all();
	print_message("%u cases\n", work.count);
}

static void every_function_is_reached_by_some_story(void **state)
{
	(void)state;
	for (unsigned int call = 0; call < FAULT_COUNT; call++) {
		unsigned int n = 0;
		bool excused = false;

		for (size_t i = 0; i < SCENARIOS; i++)
			n += clean_calls[i][call];
		for (size_t i = 0; i < sizeof(not_reached) / sizeof(not_reached[0]); i++)
			excused = excused || not_reached[i].call == call;
		if (excused == (n > 0))
			fail_msg("%s is %s", calls[call].name,
				 n > 0 ? "reached, but said not to be" : "never called");
	}
}

static void add_test(struct CMUnitTest *test, size_t scenario, const char *name,
		     CMUnitTestFunction run)
{
	char *full_name = NULL;

	if (asprintf(&full_name, "%s: %s", scenarios[scenario].name, name) < 0)
		abort();
	*test = (struct CMUnitTest){ .name = full_name,
				     .test_func = run,
				     .initial_state = (void *)&scenarios[scenario] };
}

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[2 * SCENARIOS + 1];
	size_t n = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: torture SEXTON-FAULT VICTIM [PATTERN]\n");
		return 2;
	}
	sexton_path = argv[1];
	victim_path = argv[2];
	if (argc > 3)
		cmocka_set_test_filter(argv[3]);
	for (size_t i = 0; i < SCENARIOS; i++)
		add_test(&tests[n++], i, "a_clean_run_ends_with_its_code",
			 a_clean_run_ends_with_its_code);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(every_function_is_reached_by_some_story);
	for (size_t i = 0; i < SCENARIOS; i++)
		add_test(&tests[n++], i, "any_call_may_fail", any_call_may_fail);
	return _cmocka_run_group_tests("torture", tests, n, NULL, NULL);
}
