/* SPDX-License-Identifier: MIT */
/*
 * memory.c - signals through an init whose memory is taken away all the time.
 *
 * The init is alone in a small memory cgroup with a process that walks through a file several times the
 * limit. What the init has not locked or does not use all the time is not there when a signal comes.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "clock.h"
#include "copy.h"
#include "inside.h"
#include "meter.h"
#include "run.h"
#include "scenario.h"
#include "sender.h"

enum { MEMORY_SIGNALS, MEMORY_LIMIT };

#define MEMORY_TIMES 4 /* the file is so many times the limit */

/* Long enough for the walk to have gone through the memory since the last signal. */
static const struct sender_pace memory_pace = { 15 * CLOCK_MS, 25 * CLOCK_MS, false };

/* Touches each page of the file, over and over. */
static _Noreturn void memory_walk(struct shared *shared)
{
	int fd = open(shared->weight, O_RDONLY | O_CLOEXEC);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct stat stat_of;
	const volatile char *memory;

	if (fd < 0 || fstat(fd, &stat_of) != 0)
		inside_fail(shared, "the file to walk through cannot be opened");
	memory = mmap(NULL, (size_t)stat_of.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		inside_fail(shared, "the file to walk through cannot be mapped");
	for (;;) {
		for (size_t at = 0; at < (size_t)stat_of.st_size; at += page)
			(void)memory[at];
		shared_raise(&shared->work);
	}
}

static void memory_inside(struct shared *shared)
{
	sender_block();
	if (inside_fork(shared, "what takes the memory cannot be forked") == 0) {
		(void)setpgid(0, 0); /* some inits signal the command's whole group */
		memory_walk(shared);
	}
	/* Out of the init's cgroup: what it costs to wake the receiver is not the init's. */
	if (inside_move(shared->leave) < 0)
		inside_fail(shared, "the command cannot leave the init's memory cgroup");
	inside_await_count(&shared->work, 1);
	sender_receive(shared);
}

static int memory_measure(struct run *run)
{
	int64_t before;
	int64_t after;
	int error = run_await(run, SHARED_READY);

	if (error < 0)
		return error;
	error = meter_major_faults(run->pid, &before);
	if (error < 0)
		return run_unreadable(run, "page faults", error);
	error = sender_send(run, run->values[MEMORY_SIGNALS], memory_pace);
	if (error < 0)
		return error;
	error = meter_major_faults(run->pid, &after);
	if (error < 0)
		return run_unreadable(run, "page faults", error);
	result_figure(&run->result, "major_faults", (double)(after - before));
	return 0;
}

/* The run itself; @cgroup and @copy are there. */
static int memory_run(struct run *run, const struct cgroup *cgroup, const struct copy *copy)
{
	char *const *init = run->init;
	int error = run_prepare(run);

	if (error == 0) {
		memcpy(run->shared->leave, cgroup->home, SHARED_PATH);
		memcpy(run->shared->weight, copy->weight, SHARED_PATH);
		run->cgroup = cgroup->procs;
		run->init = copy->argv;
		error = run_launch(run);
		run->init = init; /* it is the user's words that are reported */
	}
	if (error == 0)
		error = memory_measure(run);
	run_end(run);
	return error;
}

static int memory_outside(struct run *run)
{
	int64_t limit_kb = run->values[MEMORY_LIMIT];
	struct cgroup cgroup;
	struct copy copy;
	int error = cgroup_make(&cgroup, &cgroup_memory, limit_kb);

	if (error < 0 && cgroup.path[0] == '\0')
		return result_cannot(&run->result,
				     "no memory cgroup can be made here: there are none");
	if (error < 0)
		return result_cannot(&run->result, "no memory cgroup can be made here: %s: %s",
				     cgroup.path, strerror(-error));
	error = copy_make(&copy, run->init, limit_kb * 1024 * MEMORY_TIMES);
	if (error < 0)
		error = result_cannot(&run->result,
				      "the init cannot be copied to a disk, such as /var/tmp: %s",
				      strerror(-error));
	else
		error = memory_run(run, &cgroup, &copy);
	copy_remove(&copy);
	cgroup_remove(&cgroup);
	return error;
}

const struct scenario memory_scenario = {
	.name = "memory",
	.purpose = "signals through an init that is short of memory",
	.params = {
		[MEMORY_SIGNALS] = { "signals", "how many", 200, 1, 100000, NULL },
		[MEMORY_LIMIT] = { "limit_kb", "of its cgroup", 8192, 1024, 1048576, NULL },
	},
	.patience_ms = 2000,
	.outside = memory_outside,
	.inside = memory_inside,
};
