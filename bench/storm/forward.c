/* SPDX-License-Identifier: MIT */
/*
 * forward.c - how long a signal takes through the init, at rest and while it has other work.
 */
#include <unistd.h>

#include "clock.h"
#include "inside.h"
#include "load.h"
#include "run.h"
#include "scenario.h"
#include "sender.h"

enum { FORWARD_LOAD, FORWARD_SIGNALS, FORWARD_WORKERS };
enum { FORWARD_REST, FORWARD_CHURN, FORWARD_STORM };

#define FORWARD_ZOMBIES 4000 /* of each storm */

static const char *const forward_loads[] = { "rest", "churn", "storm", NULL };
/* In a storm signals come faster: it is over in some 10 ms. */
static const struct sender_pace forward_paces[] = {
	[FORWARD_REST] = { 300 * CLOCK_US, 1500 * CLOCK_US, false },
	[FORWARD_CHURN] = { 300 * CLOCK_US, 1500 * CLOCK_US, false },
	[FORWARD_STORM] = { 100 * CLOCK_US, 500 * CLOCK_US, true },
};

/* One process of the load. It leaves the command's group: some inits signal the whole group. */
static void forward_add_load(struct shared *shared)
{
	if (inside_fork(shared, "the load cannot be forked") != 0)
		return;
	(void)setpgid(0, 0);
	if (shared->values[FORWARD_LOAD] == FORWARD_CHURN)
		load_churn(shared);
	load_storms(shared, FORWARD_ZOMBIES);
}

static void forward_inside(struct shared *shared)
{
	int64_t load = shared->values[FORWARD_LOAD];
	int64_t workers = load == FORWARD_CHURN ? shared->values[FORWARD_WORKERS] : 1;

	sender_block();
	if (load != FORWARD_REST) {
		for (int64_t i = 0; i < workers; i++)
			forward_add_load(shared);
		inside_await_count(&shared->work, 1); /* it has begun */
	}
	sender_receive(shared);
}

static int forward_measure(struct run *run)
{
	int error = run_await(run, SHARED_READY);

	if (error < 0)
		return error;
	return sender_send(run, run->values[FORWARD_SIGNALS],
			   forward_paces[run->values[FORWARD_LOAD]]);
}

static int forward_outside(struct run *run)
{
	return run_once(run, forward_measure);
}

const struct scenario forward_scenario = {
	.name = "forward",
	.purpose = "signals through the init, one by one",
	.params = {
		[FORWARD_LOAD] = { "load", "what the init does besides", FORWARD_REST, 0, FORWARD_STORM,
				   forward_loads },
		[FORWARD_SIGNALS] = { "signals", "how many", 1000, 1, 1000000, NULL },
		[FORWARD_WORKERS] = { "workers", "of the churn", 16, 1, 1024, NULL },
	},
	.patience_ms = 2000,
	.outside = forward_outside,
	.inside = forward_inside,
};
