/* SPDX-License-Identifier: MIT */
/*
 * load.c - see load.h.
 */
#include "load.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "inside.h"

#define LOAD_LOOK  (100 * CLOCK_US) /* between two looks at who is left */
#define LOAD_RETRY CLOCK_MS         /* no number is free: the init is behind */

int load_zombies(_Atomic int32_t *ret_pids, int64_t count)
{
	siginfo_t info;

	for (int64_t i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0)
			return -errno;
		ret_pids[i] = pid;
	}
	/* Each is asked for by its number: the kernel finds it without a walk past the others. */
	for (int64_t i = 0; i < count; i++)
		while (waitid(P_PID, (id_t)ret_pids[i], &info, WEXITED | WNOWAIT) != 0)
			if (errno != EINTR)
				return -errno;
	return 0;
}

/* A child that leaves a grandchild behind, and notes its number. True if it did. */
static bool load_orphan(struct shared *shared)
{
	pid_t pid = fork();
	pid_t orphan;

	if (pid != 0)
		return pid > 0 && inside_wait(pid) == 0;
	orphan = fork();
	if (orphan == 0)
		_exit(0);
	if (orphan < 0)
		_exit(1);
	atomic_store(&shared->pids[atomic_fetch_add(&shared->noted, 1) % SHARED_PIDS], orphan);
	_exit(0);
}

_Noreturn void load_churn(struct shared *shared)
{
	while (atomic_load(&shared->order) < SHARED_STOP) {
		if (load_orphan(shared))
			shared_raise(&shared->work);
		else
			clock_pause(LOAD_RETRY);
	}
	_exit(0);
}

int64_t load_await_burial(struct shared *shared, int64_t count)
{
	int64_t limit = clock_now() + shared->patience;
	int64_t buried = 0;

	for (;;) {
		int64_t before = buried;

		while (buried < count && kill(shared->pids[buried], 0) != 0 && errno == ESRCH)
			buried++;
		if (buried > before)
			limit = clock_now() + shared->patience;
		if (buried == count || clock_now() > limit)
			return count - buried;
		clock_pause(LOAD_LOOK);
	}
}

static _Noreturn void load_storm(struct shared *shared, int64_t count)
{
	int error = load_zombies(shared->pids, count);

	if (error == 0)
		shared_set(&shared->storming, 1);
	_exit(error != 0);
}

_Noreturn void load_storms(struct shared *shared, int64_t count)
{
	for (;;) {
		pid_t maker = fork();

		if (maker == 0)
			load_storm(shared, count);
		if (maker < 0 || inside_wait(maker) != 0) {
			clock_pause(LOAD_RETRY);
			continue;
		}
		(void)load_await_burial(shared, count);
		shared_set(&shared->storming, 0);
		shared_raise(&shared->work);
	}
}
