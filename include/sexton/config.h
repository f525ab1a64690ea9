/* SPDX-License-Identifier: MIT */
/*
 * config.h - what the user asked for, after all names, files and variables are resolved.
 *
 * Purpose: the one structure that the command line and the environment of every personality are
 *	parsed into. Nothing behind cli.h asks how sexton was called.
 * Owner: main.c. Written by cli_parse() before the command is forked, read-only ever after, so any
 *	thread may read it.
 * Next: cli.h (who fills it), policy.h (who follows it).
 */
#ifndef SEXTON_CONFIG_H
#define SEXTON_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "sexton/signals.h"

/* A duration in nanoseconds that never ends: "none" on the command line. */
#define CONFIG_NO_LIMIT INT64_MAX

/* Exit codes of sexton's own (POSIX shells and env(1) use the same three). */
enum {
	CONFIG_EXIT_OWN_FAILURE = 125,
	CONFIG_EXIT_NOT_EXECUTABLE = 126,
	CONFIG_EXIT_NOT_FOUND = 127,
};

/* Whom a signal reaches while the main process lives. */
enum config_forward {
	CONFIG_FORWARD_CHILD, /* the main process alone */
	CONFIG_FORWARD_GROUP, /* its whole process group */
};

/* What happens when the main process exits by itself and others are left. */
enum config_on_exit {
	CONFIG_ON_EXIT_DRAIN, /* ask the rest to stop, with a deadline of .grace_ns */
	CONFIG_ON_EXIT_WAIT,  /* a successor took over: go on until nobody is left */
	CONFIG_ON_EXIT_LEAVE, /* exit at once, also after a stop signal; the kernel kills the rest
			       */
};

/* Whose exit status becomes ours. "Heirs" are the processes we bury after the main process. */
enum config_exit_code {
	CONFIG_EXIT_CODE_MAIN,  /* the main process's */
	CONFIG_EXIT_CODE_LAST,  /* the last one buried */
	CONFIG_EXIT_CODE_WORST, /* the highest of the main process and its heirs */
};

struct config {
	enum config_forward forward;
	enum config_on_exit on_exit;
	enum config_exit_code exit_code;
	uint64_t stop_signals; /* mask; received or forwarded as one of these = a stop */
	int ask_with;          /* signal that asks a leftover process to end, 1..64 */
	int64_t grace_ns;      /* after the main process exited by itself; CONFIG_NO_LIMIT: never */
	int64_t stop_timeout_ns; /* after the first stop signal; CONFIG_NO_LIMIT: the runtime's task
				  */
	uint8_t rewrite[SIGNALS_MAX +
			1];  /* [from] = to; 0 drops; identity by default; [0] unused */
	uint64_t ok_exit[4]; /* bit N%64 of word N/64: exit code N counts as 0 */
	int parent_death;    /* signal we get when our parent dies; 0: none */
	bool subreaper;      /* adopt orphans when not PID 1 */
	bool warn_reaped;    /* one line per buried orphan */
	int verbosity;       /* 0 warnings; 1 what happens; 2 every burial */
	char **argv;         /* the command, NULL-terminated, at least one entry */
	char **envp;         /* its environment, without our own variables */
};

/* Every field at its documented default; argv and envp NULL. */
void config_init(struct config *config);

/* Does exit code @code (0..255) count as 0 (--ok-exit)? */
bool config_is_ok_exit(const struct config *config, int code);

#endif
