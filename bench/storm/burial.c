/* SPDX-License-Identifier: MIT */
/*
 * burial.c - storm and crowd: many zombies at once, alone or beside many that live.
 *
 * Inside, a maker forks the zombies and waits until all are dead; when it exits, all of them become the
 * init's in one moment. That is where the clock starts. It stops when the command finds no zombie left.
 */
#include <errno.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include "clock.h"
#include "inside.h"
#include "load.h"
#include "meter.h"
#include "run.h"
#include "scenario.h"

enum { BURIAL_ZOMBIES, BURIAL_LIVING };

/* Leaves @count processes that live to the init. */
static void burial_make_living(struct shared *shared, int64_t count)
{
	int parent = inside_fork(shared, "a living orphan's parent cannot be forked");

	if (parent == 0) {
		for (int64_t i = 0; i < count; i++) {
			pid_t pid = fork();

			if (pid == 0)
				inside_stay();
			if (pid < 0)
				_exit(1);
		}
		_exit(0);
	}
	/* Whoever has been waited for has handed its children on before. */
	if (inside_wait(parent) != 0) {
		errno = EAGAIN;
		inside_fail(shared, "the living orphans cannot be forked");
	}
}

static _Noreturn void burial_maker(struct shared *shared)
{
	int error;

	error = load_zombies(shared->pids, shared->values[BURIAL_ZOMBIES]);
	if (error < 0) {
		errno = -error;
		inside_fail(shared, "the zombies cannot be forked");
	}
	shared_set(&shared->stage, SHARED_READY);
	inside_await_order(shared, SHARED_GO);
	shared->begun = clock_now();
	_exit(0);
}

static bool burial_is_left(const struct shared *shared, int64_t i)
{
	return kill(shared->pids[i], 0) == 0 || errno != ESRCH;
}

static uint32_t burial_count_left(const struct shared *shared)
{
	uint32_t left = 0;

	for (int64_t i = 0; i < shared->values[BURIAL_ZOMBIES]; i++)
		left += burial_is_left(shared, i);
	return left;
}

/* Until none is left, or until the patience is over in which not one was buried. */
static void burial_watch(struct shared *shared)
{
	int64_t zombies = shared->values[BURIAL_ZOMBIES];
	uint32_t left;

	/* The maker has gone, so all are the init's, and it has begun already. */
	shared->left = shared->peak = burial_count_left(shared);
	do {
		left = shared->left;
		shared->left =
			load_await_burial(shared, zombies) == 0 ? 0 : burial_count_left(shared);
	} while (shared->left > 0 && shared->left < left);
	shared->ended = clock_now();
}

static void burial_inside(struct shared *shared)
{
	int maker;

	if (shared->values[BURIAL_LIVING] > 0)
		burial_make_living(shared, shared->values[BURIAL_LIVING]);
	maker = inside_fork(shared, "the maker of zombies cannot be forked");
	if (maker == 0)
		burial_maker(shared);
	if (inside_wait(maker) != 0) {
		errno = ECHILD;
		inside_fail(shared, "the maker of zombies was killed");
	}
	burial_watch(shared);
	shared_set(&shared->stage, SHARED_DONE);
}

static int burial_measure(struct run *run)
{
	struct result *result = &run->result;
	const struct shared *shared = run->shared;
	int64_t before;
	int64_t after;
	int error = run_await(run, SHARED_READY);

	if (error < 0)
		return error;
	error = meter_cpu_at_rest(run->pid, &before);
	if (error < 0)
		return run_unreadable(run, "CPU clock", error);
	run_order(run, SHARED_GO);
	error = run_await(run, SHARED_DONE);
	if (error < 0)
		return error;
	if (run->values[BURIAL_LIVING] == 0)
		result_figure(result, "zombies_peak", shared->peak);
	result_figure(result, "zombies_left", shared->left);
	if (shared->left > 0)
		return result_fail(result, "left %u zombies: not one buried in %g s", shared->left,
				   (double)run->patience / CLOCK_S);
	error = meter_cpu_at_rest(run->pid, &after);
	if (error < 0)
		return run_unreadable(run, "CPU clock", error);
	result_figure(result, "cpu_ns",
		      (double)(after - before) / (double)run->values[BURIAL_ZOMBIES]);
	result_figure(result, "wall_ms", (double)(shared->ended - shared->begun) / CLOCK_MS);
	return 0;
}

static int burial_outside(struct run *run)
{
	return run_once(run, burial_measure);
}

const struct scenario burial_storm = {
	.name = "storm",
	.purpose = "zombies that become the init's all at once",
	.params = { [BURIAL_ZOMBIES] = { "zombies", "how many", 4000, 1, SHARED_PIDS, NULL } },
	.patience_ms = 5000,
	.outside = burial_outside,
	.inside = burial_inside,
};

const struct scenario burial_crowd = {
	.name = "crowd",
	.purpose = "the same, beside orphans that live",
	.params = {
		[BURIAL_ZOMBIES] = { "zombies", "how many", 2000, 1, SHARED_PIDS, NULL },
		[BURIAL_LIVING] = { "living", "orphans that live", 5000, 0, SHARED_PIDS, NULL },
	},
	.patience_ms = 5000,
	.outside = burial_outside,
	.inside = burial_inside,
};
