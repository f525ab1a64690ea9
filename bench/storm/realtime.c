/* SPDX-License-Identifier: MIT */
/*
 * realtime.c - see realtime.h.
 */
#include "realtime.h"

#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REALTIME_PRIORITY 10

/* The system call, because musl's sched_setscheduler() only says ENOSYS. */
static int realtime_set(int policy, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	return syscall(SYS_sched_setscheduler, 0, policy, &param) == 0 ? 0 : -errno;
}

int realtime_enter(void)
{
	return realtime_set(SCHED_FIFO | SCHED_RESET_ON_FORK, REALTIME_PRIORITY);
}

void realtime_leave(void)
{
	(void)realtime_set(SCHED_OTHER, 0); /* downwards is always allowed */
}
