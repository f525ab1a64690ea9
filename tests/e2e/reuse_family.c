/* SPDX-License-Identifier: MIT */
/*
 * reuse_family.c - what sexton runs: a main process that exits, heirs that come and go; see reuse.h.
 *
 * All of them inherit the test signals blocked, and take them one by one: they can be signalled at
 * any moment, and it is signals that move them on. An heir waits until it is sexton's own child and
 * got its signals, then leaves behind another one, for some generations.
 */
#include "reuse.h"

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MAIN_TAKES  24 /* signals, before the main process is ready to go */
#define HEIR_TAKES  2
#define GENERATIONS 3
#define HEIRS       4

static struct reuse *shared;
static pid_t sexton;
static sigset_t signals;

static void take(_Atomic uint64_t *count)
{
	struct timespec limit = { .tv_sec = REUSE_LIMIT_S };

	if (sigtimedwait(&signals, NULL, &limit) < 0 && errno != EINTR)
		reuse_give_up("take a signal");
	atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

/* Numbers are scarce here; each one that is let go is another's chance. */
static pid_t insist_on_fork(void)
{
	pid_t pid = fork();

	if (pid >= 0)
		return pid;
	atomic_fetch_add(&shared->needy, 1);
	while (pid < 0 && errno == EAGAIN) {
		sched_yield();
		pid = fork();
	}
	if (pid < 0)
		reuse_give_up("fork of an heir");
	if (pid > 0)
		atomic_fetch_sub(&shared->needy, 1);
	return pid;
}

static void __attribute__((noreturn)) inherit(bool own_group, int generations)
{
	for (;;) {
		if (own_group && setpgid(0, 0) < 0)
			reuse_give_up("setpgid");
		while (getppid() != sexton)
			take(&shared->before);
		for (int i = 0; i < HEIR_TAKES; i++)
			take(&shared->after);
		if (atomic_fetch_add(&shared->lived, 1) + 1 == HEIRS * GENERATIONS)
			shared->over = shared->round;
		if (--generations == 0 || insist_on_fork() != 0)
			_exit(0);
	}
}

/* Who is in the main process's group, by round: half of them, none, all. With none of them the last
 * burial of the group is the main process's own. */
static bool has_own_group(uint32_t round, int heir)
{
	switch (round % 3) {
	case 0:
		return heir % 2 == 0;
	case 1:
		return true;
	default:
		return false;
	}
}

int reuse_family(int fd)
{
	struct rlimit limit;
	uint32_t round;

	shared = reuse_map(fd);
	round = shared->round;
	sexton = getppid();
	reuse_signals(&signals);
	/* Only sexton's queue is to be short. */
	if (getrlimit(RLIMIT_SIGPENDING, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_SIGPENDING, &limit);
	}
	reuse_tell(&shared->awake, round);
	for (int i = 0; i < HEIRS; i++)
		if (insist_on_fork() == 0)
			inherit(has_own_group(round, i), GENERATIONS);
	for (int i = 0; i < MAIN_TAKES; i++)
		take(&shared->before);
	reuse_tell(&shared->ready, round);
	while (shared->go != round) /* the next signal comes at once */
		take(&shared->before);
	return REUSE_CODE;
}
