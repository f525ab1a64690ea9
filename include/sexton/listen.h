/* SPDX-License-Identifier: MIT */
/*
 * listen.h - sockets that were handed to us are the command's.
 *
 * Purpose: LISTEN_PID says whose the descriptors of socket activation are (sd_listen_fds(3)); where
 *	it names us, the command must find its own PID there (openSUSE/catatonit#13, #15).
 * Owner: spawn.c: prepared before the fork, the number is filled in by the child. No allocation.
 */
#ifndef SEXTON_LISTEN_H
#define SEXTON_LISTEN_H

#include <stddef.h>
#include <sys/types.h>

#include "sexton/text.h"

/* "LISTEN_PID=" and a number. */
struct listen_variable {
	char text[sizeof("LISTEN_PID=") + TEXT_NUMBER_SIZE];
};

/*
 * The command's environment: @envp if LISTEN_PID does not name us, else a copy of it in @room (which
 * has as many entries as @envp and its NULL), where @ret_variable stands in its place and
 * LISTEN_PIDFDID is left out: it names our pidfd's inode, and sd_listen_fds(3) answers "none" on a
 * mismatch. Somebody else's sockets stay so.
 */
char **listen_environment(char **envp, char **room, struct listen_variable *ret_variable);

/* In the child, whose PID is @pid. */
void listen_name(struct listen_variable *variable, pid_t pid);

#endif
