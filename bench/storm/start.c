/* SPDX-License-Identifier: MIT */
/*
 * start.c - what an init adds to the start of a container, and to its end.
 */
#include <unistd.h>

#include "clock.h"
#include "run.h"
#include "scenario.h"

enum { START_TIMES };

/* The clock at the command's main() is taken by main.c. */
static void start_inside(struct shared *shared)
{
	shared->ended = clock_now();
	_exit(0);
}

static int start_sample(struct run *run)
{
	int error = run_launch(run);
	bool started = run->shared->entered != 0;

	/* The init may have ended, as it should, before we have looked at the beginning. */
	if (error == RESULT_OVER && run->gone && started) {
		run->result.failure[0] = '\0';
		error = 0;
	}
	if (error == 0)
		error = run_await_exit(run, run->patience);
	if (error > 0)
		return result_fail(&run->result, "did not end within %g s of its command",
				   (double)run->patience / CLOCK_S);
	if (error == 0)
		error = result_sample(&run->result, "start_ns",
				      run->shared->entered - run->shared->executed);
	if (error == 0)
		error = result_sample(&run->result, "exit_ns", run->gone_at - run->shared->ended);
	return error;
}

static int start_outside(struct run *run)
{
	int error = 0;

	for (int64_t i = 0; error == 0 && i < run->values[START_TIMES]; i++) {
		error = run_prepare(run);
		if (error == 0)
			error = start_sample(run);
		run_end(run);
	}
	return error;
}

const struct scenario start_scenario = {
	.name = "start",
	.purpose = "from the init to its command, and back at the end",
	.params = { [START_TIMES] = { "times", "how many runs", 20, 1, 100000, NULL } },
	.patience_ms = 10000,
	.outside = start_outside,
	.inside = start_inside,
};
