/* SPDX-License-Identifier: MIT */
/*
 * run.h - an init as PID 1 of a namespace, with the inside of a scenario behind it.
 *
 * Every function that waits looks at three things while it does: whether we are asked to end (-EINTR),
 * whether the init has ended or the inside has given up (RESULT_OVER, the result says why), and what it
 * waits for (0). So outside() passes errors up as they are. After run_launch(), failed or not, comes
 * run_end().
 */
#ifndef SEXTON_STORM_RUN_H
#define SEXTON_STORM_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cgroup.h"
#include "result.h"
#include "scenario.h"
#include "shared.h"

#define RUN_MUST_CHECK __attribute__((warn_unused_result))

struct run {
	/* The user's, for the whole invocation. */
	const struct scenario *scenario;
	char *const *init; /* its argv, NULL at the end */
	char self[SHARED_PATH];
	int64_t values[SHARED_VALUES];
	int64_t patience; /* ns */
	struct result result;

	/* For one launch. */
	struct shared *shared; /* NULL: none is under way */
	char path[SHARED_PATH];
	struct cgroup cpu;  /* that the init is put into, as in a container; it may not be there */
	const char *cgroup; /* cgroup.procs of the scenario's own instead, or NULL */
	int words;          /* descriptor: the init's stderr */
	pid_t pid;
	bool gone; /* it has been waited for, with `status` */
	int status;
	int64_t gone_at; /* clock */
};

/* What the inside must find: the parameters, and what the caller adds before the launch. */
RUN_MUST_CHECK int run_prepare(struct run *run);

/* Starts the init and waits until the command runs behind it. After run_prepare(). */
RUN_MUST_CHECK int run_launch(struct run *run);

/* Kills what is left of it and removes the file. Does nothing if there is nothing. */
void run_end(struct run *run);

/* All of these around @measure: what most scenarios are. */
RUN_MUST_CHECK int run_once(struct run *run, int (*measure)(struct run *run));

void run_order(struct run *run, enum shared_order order);

/* 0 while all is well: see above. */
RUN_MUST_CHECK int run_check(struct run *run);

/* Until the inside has come to @stage. */
RUN_MUST_CHECK int run_await(struct run *run, enum shared_stage stage);

/* Until *@word is not @old: 0; or 1 after @ns. */
RUN_MUST_CHECK int run_await_word(struct run *run, _Atomic uint32_t *word, uint32_t old,
				  int64_t ns);

/* Until the init has ended: 0; or 1 after @ns. */
RUN_MUST_CHECK int run_await_exit(struct run *run, int64_t ns);

/* For @ns: the duration of a measurement, or the pause between two looks. */
RUN_MUST_CHECK int run_pause(struct run *run, int64_t ns);

/* What a meter could not read: the init has ended, or something that we did not expect. */
int run_unreadable(struct run *run, const char *what, int error);

#endif
