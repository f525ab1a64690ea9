/* SPDX-License-Identifier: MIT */
/*
 * nested_place.h - where an init is started, and with how little.
 *
 * Purpose: the surroundings of one run: words in front of the command, namespaces, privileges,
 *	limits, streams and dispositions that are inherited.
 * Owner: nested_run.c calls it in the child, between fork and exec.
 */
#ifndef NESTED_PLACE_H
#define NESTED_PLACE_H

#include <stdbool.h>

/* Exit code of the harness itself, when a place cannot be made. */
#define NESTED_PLACE_FAILED 99

enum nested_trait {
	NESTED_NO_STDIN = 1 << 0,   /* closed */
	NESTED_NO_STREAMS = 1 << 1, /* stdin, stdout and stderr are closed */
	NESTED_NOBODY = 1 << 2, /* no uid of ours, no capabilities, not even in the bounding set */
	NESTED_NO_NEW_PRIVS = 1 << 3,
	NESTED_READ_ONLY = 1 << 4, /* every mount */
	NESTED_NO_PROC = 1 << 5,   /* an empty directory there */
	NESTED_NO_CHLD = 1 << 6,   /* ignored */
	NESTED_NO_HUP = 1 << 7,
	NESTED_NO_PIPE = 1 << 8,
	NESTED_LOCKED_PATH = 1 << 9, /* the first directory of the PATH may not be looked into */
	NESTED_NO_SIGNALS = 1 << 10, /* all are blocked */
};

struct nested_place {
	const char *name;      /* a sentence */
	const char *before[8]; /* words in front of the init */
	unsigned int traits;   /* NESTED_... */
	int processes;         /* limit of how many, the init included; 0: none */
	unsigned int broken; /* bit per name: the original fails or hangs here, and ours must not */
	bool may_warn;       /* ours lacks something that the original does without, and says so */
};

/* Where programs and directories of the whole test are; see nested_run.c. */
struct nested_paths {
	char root[64];
	char locked[96];
};

/*
 * Makes the place around the caller, who is a child that will exec and, if @first, PID 1 of a new
 * PID namespace. @number is another one for each run. The environment is replaced. Does not return
 * if it fails.
 */
void nested_place_enter(const struct nested_place *place, const struct nested_paths *paths,
			bool first, unsigned int number);

/* Makes the caller root of a user namespace of his own, if he is not root already. */
void nested_place_become_root(void);

#endif
