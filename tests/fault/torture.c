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
 * Who leaves on purpose ends with the command's code and leaves the rest as it is; who pauses ends with
 * 0 when told to; and under another's name it has that one's words and codes.
 * What is not so for a reason stands in two tables, here and in judge.c. The limits are failure
 * limits, but for that second: nothing else is ever waited for by time.
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

#include "judge.h"
#include "run.h"
#include "scenario.h"

#define THREADS      10 /* cases at a time: most of the time they all sleep */
#define MESSAGE_SIZE 4096
#define CASES_MAX    4096

/* Functions that none of the stories calls, and where they are examined instead. */
static const struct {
	enum fault_call call;
	const char *reason;
} not_reached[] = {
	{ FAULT_sys_tcsetpgrp, "needs a terminal: tests/unit/test_tty.c" },
	{ FAULT_sys_wait_stop, "needs a terminal: tests/unit/test_job.c" },
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
				  c->rule.for_ever ? JUDGE_SECOND_NS : JUDGE_LIMIT_NS)) {
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

/* What was to be said is said: sexton ends, or has no means to. */
static const char *play_end(const struct fault_case *c, struct run *run)
{
	const char *why;

	if (!c->rule.for_ever)
		return run_end(run, JUDGE_LIMIT_NS) ? judge_end(c, run) : "did not come to its end";
	why = judge_rest(c, run);
	if (why == NULL && !run->ended) {
		run_help(run);
		why = judge_rest(c, run);
	}
	return why != NULL || !run->ended ? why : judge_end(c, run);
}

/* What is sent to a main process in its last moment is lost. Sexton tells of its burial in the turn
 * in which it looks for a successor; one that cannot tell has a second for it. */
static void wait_for_hand_over(const struct fault_case *c, struct run *run)
{
	(void)run_until(run, "(no event)", ": exited with 3", 1,
			judge_is_mute(c) ? JUDGE_SECOND_NS : JUDGE_LIMIT_NS);
}

static const char *said_of(const char *wanted, const char *usual)
{
	return wanted != NULL ? wanted : usual;
}

static const char *play(const struct fault_case *c, struct run *run)
{
	bool lost = false;
	const char *why = NULL;

	if (c->scenario->pause) {
		run_signal(run, SIGTERM);
		return play_end(c, run);
	}
	switch (run_until(run, "ready main", NULL, 0, JUDGE_LIMIT_NS)) {
	case RUN_EVENT:
	case RUN_LOG:
		break;
	case RUN_END:
		return judge_no_start(c, run);
	case RUN_LATE:
		return "neither ran the command nor ended";
	}
	if (c->scenario->guest) {
		run_guest(run, victim_path);
		if (run_until(run, "ready guest", NULL, 0, JUDGE_LIMIT_NS) != RUN_EVENT)
			return "no guest came";
	}
	if (c->scenario->file != NULL)
		wait_for_hand_over(c, run);
	if (c->scenario->stop)
		why = tell(c, run, SIGUSR1, said_of(c->scenario->usr1, "main USR1 42"), &lost);
	if (c->scenario->stop && why == NULL && !lost)
		why = tell(c, run, SIGTERM, said_of(c->scenario->term, "main TERM"), &lost);
	return why != NULL ? why : play_end(c, run);
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
	if (!c->scenario->pause)
		argv[n++] = c->scenario->command != NULL ? c->scenario->command : victim_path;
	argv[n++] = c->scenario->mode;
	if (c->scenario->file != NULL)
		argv[n++] = c->scenario->file;
	argv[n] = NULL;
}

/* Runs one case. Returns false, with an account of it, if it went wrong. */
static bool run_case(const struct fault_case *c, char message[MESSAGE_SIZE],
		     unsigned int ret_calls[FAULT_COUNT])
{
	const char *argv[16];
	struct run_setup setup = { .argv = argv,
				   .subreaper = c->scenario->subreaper,
				   .blocked = c->scenario->pause,
				   .scratch = c->scenario->file != NULL };
	struct run *run = malloc(sizeof(*run));
	const char *why;

	if (run == NULL)
		abort();
	set_up(c, run, argv);
	run_start(run, &setup);
	why = play(c, run);
	if (why == NULL)
		why = judge_words(c, run);
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
