/* SPDX-License-Identifier: MIT */
/*
 * inside.h - from a fresh process to the program, in a PID namespace of its own.
 *
 * Purpose: the child's side of a run: /proc, session, descriptors, signals, the stub, exec.
 */
#ifndef SEXTON_TESTS_INSIDE_H
#define SEXTON_TESTS_INSIDE_H

#include "compat.h"

#include <sys/types.h>

/* What the stub tells on the events' pipe, before the number of a stop, an exit or a signal. */
#define INSIDE_READY   'r' /* by the command, without a number */
#define INSIDE_STOPPED 's' /* without a number */
#define INSIDE_EXITED  'e'
#define INSIDE_KILLED  'k'

struct inside {
	const struct compat_case *c;
	const char *path;
	const char *cwd;
	char **argv;
	char **envp;
	int in; /* -1: closed */
	int out;
	int err;
	int events;
	int started;   /* ends with the exec */
	bool new_user; /* in a user namespace of its own */
	uid_t uid;
	gid_t gid;
};

_Noreturn void inside_start(const struct inside *inside);

#endif
