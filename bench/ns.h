/* SPDX-License-Identifier: MIT */
/*
 * ns.h - a process as PID 1 of a new PID namespace, for sexton-pidns and sexton-storm.
 *
 * Single-threaded callers only: the child is a plain copy of its parent, as with fork(2). Nothing here
 * prints; 0 or a negative errno is returned.
 */
#ifndef SEXTON_BENCH_NS_H
#define SEXTON_BENCH_NS_H

#include <sys/types.h>

/* Like fork(2), but the child is PID 1 of a new PID namespace and has mounts of its own; where we may
 * not make those it gets a user namespace as well, in which it is root. Returns in both: *ret_pid is 0
 * in the child. The caller's own namespaces stay as they are, so it may be called again. */
__attribute__((warn_unused_result)) int ns_fork(pid_t *ret_pid);

/* For the child: makes its mounts private and mounts the /proc of its PID namespace. */
__attribute__((warn_unused_result)) int ns_mount_proc(void);

#endif
