/* SPDX-License-Identifier: MIT */
/*
 * rest.c - an init with nothing to do: does it sleep, and what does it hold?
 */
#include "clock.h"
#include "inside.h"
#include "meter.h"
#include "run.h"
#include "scenario.h"

enum { REST_SECONDS };

#define REST_LOOK   (100 * CLOCK_MS)
#define REST_LOOKS  3  /* that must see the same: it has come to rest */
#define REST_TRIES  30 /* looks until we measure what does not rest */
#define REST_THREAD "task"
#define REST_FD     "fd"

static void rest_inside(struct shared *shared)
{
	shared_set(&shared->stage, SHARED_READY);
	inside_stay();
}

/* Until the init has done what it does after a start. */
static int rest_settle(struct run *run)
{
	int64_t before = -1;
	int same = 0;

	for (int i = 0; i < REST_TRIES && same < REST_LOOKS; i++) {
		int64_t now;
		int error = meter_switches(run->pid, &now);

		if (error < 0)
			return run_unreadable(run, "context switches", error);
		same = now == before ? same + 1 : 0;
		before = now;
		error = run_pause(run, REST_LOOK);
		if (error < 0)
			return error;
	}
	return 0;
}

static int rest_read(struct run *run, int64_t *ret_switches, int64_t *ret_cpu)
{
	int error = meter_switches(run->pid, ret_switches);

	if (error == 0)
		error = meter_cpu(run->pid, ret_cpu);
	return error < 0 ? run_unreadable(run, "CPU clock and context switches", error) : 0;
}

static int rest_tell_holdings(struct run *run)
{
	struct meter_memory memory;
	int64_t threads = 0;
	int64_t fds = 0;
	int error = meter_memory(run->pid, &memory);

	if (error < 0)
		return run_unreadable(run, "memory", error);
	error = meter_entries(run->pid, REST_THREAD, &threads);
	if (error == 0)
		error = meter_entries(run->pid, REST_FD, &fds);
	if (error < 0)
		return run_unreadable(run, "threads and descriptors", error);
	result_figure(&run->result, "rss_kb", (double)memory.rss_kb);
	result_figure(&run->result, "anonymous_kb", (double)memory.anonymous_kb);
	result_figure(&run->result, "threads", (double)threads);
	result_figure(&run->result, "fds", (double)fds);
	return 0;
}

static int rest_measure(struct run *run)
{
	int64_t switches[2] = { 0 };
	int64_t cpu[2] = { 0 };
	int error = run_await(run, SHARED_READY);

	if (error == 0)
		error = rest_settle(run);
	if (error == 0)
		error = rest_read(run, &switches[0], &cpu[0]);
	if (error == 0)
		error = run_pause(run, run->values[REST_SECONDS] * CLOCK_S);
	if (error == 0)
		error = rest_read(run, &switches[1], &cpu[1]);
	if (error < 0)
		return error;
	result_figure(&run->result, "switches", (double)(switches[1] - switches[0]));
	result_figure(&run->result, "cpu_us", (double)(cpu[1] - cpu[0]) / 1e3);
	return rest_tell_holdings(run);
}

static int rest_outside(struct run *run)
{
	return run_once(run, rest_measure);
}

const struct scenario rest_scenario = {
	.name = "rest",
	.purpose = "nothing to do",
	.params = { [REST_SECONDS] = { "seconds", "how long", 10, 1, 3600, NULL } },
	.outside = rest_outside,
	.inside = rest_inside,
};
