/* SPDX-License-Identifier: MIT */
/*
 * grace.c - a stop: workers in sessions of their own need a second after SIGTERM. Do they get it?
 */
#include <signal.h>
#include <unistd.h>

#include "clock.h"
#include "inside.h"
#include "run.h"
#include "scenario.h"

enum { GRACE_WORKERS };

#define GRACE_WORK CLOCK_S /* what a worker still has to do */

static void grace_await_term(const sigset_t *term)
{
	while (sigwaitinfo(term, NULL) != SIGTERM)
		;
}

static _Noreturn void grace_worker(struct shared *shared, const sigset_t *term)
{
	int64_t end;
	int64_t now;

	(void)setsid();
	shared_raise(&shared->ready);
	grace_await_term(term);
	now = clock_now();
	end = now + GRACE_WORK;
	for (; now < end; now = clock_now())
		clock_pause(end - now); /* the work; other signals do not shorten it */
	shared_raise(&shared->count);
	_exit(0);
}

static void grace_inside(struct shared *shared)
{
	uint32_t workers = (uint32_t)shared->values[GRACE_WORKERS];
	sigset_t term;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &term, NULL);
	for (uint32_t i = 0; i < workers; i++) {
		int middle = inside_fork(shared, "the workers cannot be forked");

		if (middle == 0) {
			if (inside_fork(shared, "the workers cannot be forked") == 0)
				grace_worker(shared, &term);
			_exit(0);
		}
		(void)inside_wait(middle);
	}
	inside_await_count(&shared->ready, workers);
	shared_set(&shared->stage, SHARED_READY);
	grace_await_term(&term);
	_exit(0);
}

static int grace_measure(struct run *run)
{
	int64_t start;
	int error = run_await(run, SHARED_READY);

	if (error < 0)
		return error;
	start = clock_now();
	if (kill(run->pid, SIGTERM) != 0)
		return run_check(run);
	error = run_await_exit(run, run->patience);
	if (error < 0)
		return error;
	result_figure(&run->result, "finished", atomic_load(&run->shared->count));
	if (error > 0)
		return result_fail(&run->result, "did not end within %g s of SIGTERM",
				   (double)run->patience / CLOCK_S);
	result_figure(&run->result, "exit_ms", (double)(run->gone_at - start) / CLOCK_MS);
	return 0;
}

static int grace_outside(struct run *run)
{
	return run_once(run, grace_measure);
}

const struct scenario grace_scenario = {
	.name = "grace",
	.purpose = "a stop with workers that need a second",
	.params = { [GRACE_WORKERS] = { "workers", "how many", 10, 1, 10000, NULL } },
	.patience_ms = 30000, /* none that works takes so long */
	.outside = grace_outside,
	.inside = grace_inside,
};
