/* SPDX-License-Identifier: MIT */
/*
 * nested_run.h - runs many commands, a few at a time, and keeps what they said.
 *
 * Purpose: most of a run's time is the kernel's, which takes namespaces down; so several are under
 *	way at once.
 * Owner: nested.c, its only thread.
 */
#ifndef NESTED_RUN_H
#define NESTED_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "nested_place.h"

#define NESTED_WORDS    24
/* A run that takes longer hangs. Generous: a busy machine is no failure. */
#define NESTED_LIMIT_MS 20000

struct nested_text {
	int fd; /* where it comes from; -1: at its end */
	size_t used;
	char text[2048];
};

struct nested_run {
	/* What is to be done. */
	const struct nested_place *place;
	bool first;                      /* as PID 1 of a namespace */
	const char *words[NESTED_WORDS]; /* those of the place not included; ends with a NULL */

	/* What came of it. */
	int status;             /* exit code, 128 + signal */
	bool hung;              /* and was killed */
	struct nested_text out; /* NUL-terminated */
	struct nested_text err; /* likewise, with PIDs and directories of ours taken out */

	pid_t pid;
	int pidfd;
	int64_t until;
};

/* Makes the directories, in which ours/NAME and original/NAME are the inits. Fails the test. */
void nested_run_set_up(struct nested_paths *ret_paths);
/* Ends what is left, and removes the directories. */
void nested_run_tear_down(void);

/* Executes all of @runs. Returns how many processes were left of those outside of a namespace. */
int nested_run_all(struct nested_run *runs, int count);

#endif
