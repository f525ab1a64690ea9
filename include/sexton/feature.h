/* SPDX-License-Identifier: MIT */
/*
 * feature.h - what this kernel, or the sandbox around us, lets us do.
 *
 * Purpose: probe once at start, test the feature and not the version. A seccomp filter answers
 *	ENOSYS or EPERM for calls that the kernel knows; both mean "cannot".
 * Owner: main.c; filled by the main thread before there is another, read-only afterwards.
 */
#ifndef SEXTON_FEATURE_H
#define SEXTON_FEATURE_H

#include <stdbool.h>

struct feature {
	bool pidfd;       /* pidfd_open(2) and pidfd_send_signal(2), Linux 5.3 */
	bool pidfd_group; /* PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9 */
	bool look;        /* waitid(2) with WNOWAIT */
	bool proc;        /* /proc is mounted and shows our own PID namespace */
	bool children;    /* /proc/PID/task/TID/children (CONFIG_PROC_CHILDREN) */
	bool wait_by_pid; /* waitpid(2) finds a number at once, Linux 5.13: nothing shows it but what
			   * is as new, so that a "no" may be wrong, and only costs time */
};

/* Cannot fail: what cannot be found out is absent. */
void feature_probe(struct feature *ret_feature);

#endif
