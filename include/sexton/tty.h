/* SPDX-License-Identifier: MIT */
/*
 * tty.h - the terminal's foreground.
 *
 * Purpose: a command in its own process group must be the terminal's foreground group, or its first
 *	read stops it (tcsetpgrp(3), krallin/tini#19). A background start must not steal it.
 * Owner: spawn.c (in the child between fork and exec) and job.c (main thread), with all signals
 *	blocked: SIGTTOU does not hit.
 */
#ifndef SEXTON_TTY_H
#define SEXTON_TTY_H

#include <sys/types.h>

#include "sexton/config.h"

/*
 * Opens the terminal that is handed to the command. Returns a descriptor, which may be stdin, or
 * -ENXIO with CONFIG_TTY_NEVER. Whether there is a terminal behind it, its use will tell.
 * *ret_err: the positive errno for which stdin is tried in the place of the controlling terminal;
 * 0: it is not.
 */
int tty_open(enum config_tty which, int *ret_err) __attribute__((warn_unused_result));
void tty_close(int fd);

/*
 * The foreground group of terminal @fd; 0: one without a number in our PID namespace. -ENOTTY when
 * it is no terminal of our session (a pipe, closed, hung up); else a negative errno.
 */
pid_t tty_foreground(int fd) __attribute__((warn_unused_result));

/*
 * Our group, as tty_pass() wants it for @from. In a PID namespace entered from a shell it has no
 * number: 0 if it is in the foreground, else -1, which never is. To be asked before the fork, for
 * whoever has left the group cannot find out any more.
 */
pid_t tty_own_group(void) __attribute__((warn_unused_result));

/*
 * Makes group @to the foreground of terminal @fd if that is group @from now. Returns 1 if it did, 0
 * if somebody else is in the foreground, -ENOTTY without a terminal, else a negative errno.
 */
int tty_pass(int fd, pid_t from, pid_t to) __attribute__((warn_unused_result));

#endif
