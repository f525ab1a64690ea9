/* SPDX-License-Identifier: MIT */
/*
 * churn.c - workers that fork twice and leave their grandchildren to the init, as fast as they can.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "inside.h"
#include "load.h"
#include "meter.h"
#include "run.h"
#include "scenario.h"

enum { CHURN_SECONDS, CHURN_WORKERS };

#define CHURN_LOOK         CLOCK_MS /* between two looks at the backlog */
#define CHURN_MOST_WORKERS 1024

/* Is process @name one of PID 1's zombies? */
static bool churn_is_zombie(const char *name)
{
	char path[300];
	char text[512];
	const char *behind_name;
	ssize_t size;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%s/stat", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	size = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (size <= 0)
		return false;
	text[size] = '\0';
	behind_name = strrchr(text, ')');
	return behind_name != NULL && strncmp(behind_name, ") Z 1 ", 6) == 0;
}

/* Zombies of PID 1 in this namespace. */
static uint32_t churn_count_left(struct shared *shared)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	uint32_t left = 0;

	if (proc == NULL)
		inside_fail(shared, "the zombies cannot be counted in /proc");
	while ((entry = readdir(proc)) != NULL)
		if (isdigit((unsigned char)entry->d_name[0]))
			left += churn_is_zombie(entry->d_name);
	(void)closedir(proc);
	return left;
}

/* Follows the orphans in the order of their birth, which is the order in which the kernel shows them to
 * the init: how many is it behind? *@at counts those that are buried. A number may be another's by now;
 * then it counts as unburied for that one's short life. */
static void churn_follow(struct shared *shared, uint32_t *at)
{
	uint32_t noted = atomic_load(&shared->noted);

	while (*at != noted) {
		_Atomic int32_t *place = &shared->pids[*at % SHARED_PIDS];
		int32_t pid = atomic_load(place);

		if (pid == 0 || kill(pid, 0) == 0)
			break;
		atomic_store(place, 0);
		(*at)++;
	}
	if (noted - *at > shared->peak)
		shared->peak = noted - *at;
}

/* Until none is left, or as many are left for as long as the patience lasts. */
static void churn_watch(struct shared *shared)
{
	int64_t progress = clock_now();
	uint32_t before = UINT32_MAX;

	while ((shared->left = churn_count_left(shared)) > 0) {
		if (shared->left < before)
			progress = clock_now();
		else if (clock_now() - progress > shared->patience)
			break;
		before = shared->left;
		clock_pause(CHURN_LOOK);
	}
}

static _Noreturn void churn_worker(struct shared *shared)
{
	shared_raise(&shared->ready);
	inside_await_order(shared, SHARED_GO);
	load_churn(shared);
}

static void churn_inside(struct shared *shared)
{
	int workers[CHURN_MOST_WORKERS];
	int64_t count = shared->values[CHURN_WORKERS];
	uint32_t followed = 0;

	for (int64_t i = 0; i < count; i++) {
		workers[i] = inside_fork(shared, "the workers cannot be forked");
		if (workers[i] == 0)
			churn_worker(shared);
	}
	inside_await_count(&shared->ready, (uint32_t)count);
	shared_set(&shared->stage, SHARED_READY);
	inside_await_order(shared, SHARED_GO);
	while (atomic_load(&shared->order) < SHARED_STOP) {
		churn_follow(shared, &followed);
		clock_pause(CHURN_LOOK);
	}
	for (int64_t i = 0; i < count; i++)
		(void)inside_wait(workers[i]);
	shared->ended = clock_now();
	churn_watch(shared);
	shared_set(&shared->stage, SHARED_DONE);
}

struct churn_meters {
	int64_t cpu;
	int64_t switches;
};

static int churn_read(struct run *run, struct churn_meters *ret_meters)
{
	int error = meter_cpu_at_rest(run->pid, &ret_meters->cpu);

	if (error == 0)
		error = meter_switches(run->pid, &ret_meters->switches);
	return error < 0 ? run_unreadable(run, "CPU clock and context switches", error) : 0;
}

/* Lets the workers run for their time. */
static int churn_let_run(struct run *run)
{
	int error;

	run->shared->begun = clock_now();
	run_order(run, SHARED_GO);
	error = run_pause(run, run->values[CHURN_SECONDS] * CLOCK_S);
	if (error < 0)
		return error;
	run_order(run, SHARED_STOP);
	return run_await(run, SHARED_DONE);
}

static void churn_tell(struct run *run, const struct churn_meters *before,
		       const struct churn_meters *after)
{
	const struct shared *shared = run->shared;
	double orphans = (double)atomic_load(&run->shared->work);

	result_figure(&run->result, "orphans_per_s",
		      orphans * (double)CLOCK_S / (double)(shared->ended - shared->begun));
	if (orphans <= 0)
		return;
	result_figure(&run->result, "cpu_us", (double)(after->cpu - before->cpu) / 1e3 / orphans);
	result_figure(&run->result, "switches",
		      (double)(after->switches - before->switches) / orphans);
}

static int churn_measure(struct run *run)
{
	struct churn_meters before = { 0 };
	struct churn_meters after = { 0 };
	int error = run_await(run, SHARED_READY);

	if (error == 0)
		error = churn_read(run, &before);
	if (error == 0)
		error = churn_let_run(run);
	if (error < 0)
		return error;
	result_figure(&run->result, "backlog_peak", run->shared->peak);
	result_figure(&run->result, "zombies_left", run->shared->left);
	if (run->shared->left > 0)
		return result_fail(&run->result, "left %u zombies: not one buried in %g s",
				   run->shared->left, (double)run->patience / CLOCK_S);
	error = churn_read(run, &after);
	if (error == 0)
		churn_tell(run, &before, &after);
	return error;
}

static int churn_outside(struct run *run)
{
	return run_once(run, churn_measure);
}

const struct scenario churn_scenario = {
	.name = "churn",
	.purpose = "workers whose grandchildren are left to the init",
	.params = {
		[CHURN_SECONDS] = { "seconds", "how long", 2, 1, 3600, NULL },
		[CHURN_WORKERS] = { "workers", "at a time (default: number of processors)",
				    SCENARIO_CPUS, 1, CHURN_MOST_WORKERS, NULL },
	},
	.patience_ms = 5000,
	.outside = churn_outside,
	.inside = churn_inside,
};
