/* SPDX-License-Identifier: MIT */
/*
 * exec.h - from a command's name to its program.
 *
 * Purpose: execvp(3) without libc's: the PATH is that of the environment given, and a file that is
 *	no text is never given to /bin/sh.
 * Owner: spawn.c, between fork and exec or in our own place. Allocates nothing.
 * Next: diagnose.h (why it failed, in words).
 */
#ifndef SEXTON_EXEC_H
#define SEXTON_EXEC_H

#include <limits.h>
#include <stdbool.h>

#include "sexton/config.h"

/* What a failed exec is to be blamed on. */
struct exec_blame {
	int err;      /* positive errno of execve(2) of .path */
	int libc_err; /* the errno that execvp(3) would have left: of the last file tried, but
		       * EACCES once one was refused, were it by its directory */
	bool found;   /* a file of that name is there */
	char path[PATH_MAX];
};

/*
 * Executes config->argv[0], looked up in the PATH of @envp when it has no slash, without one in
 * config->default_path. @shell_argv holds argv from its second word on; the first is free for the
 * /bin/sh that takes a script without #!. Returns only when nothing was executed.
 */
void exec_command(const struct config *config, char **envp, char **shell_argv,
		  struct exec_blame *ret_blame);

#endif
