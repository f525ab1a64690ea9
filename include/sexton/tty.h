/* SPDX-License-Identifier: MIT */
/*
 * tty.h - the terminal's foreground.
 *
 * Purpose: a command in its own process group must be the terminal's foreground group, or its first
 *	read stops it (tcsetpgrp(3), krallin/tini#19).
 * Owner: spawn.c, in the child between fork and exec, all signals blocked (SIGTTOU does not hit).
 */
#ifndef SEXTON_TTY_H
#define SEXTON_TTY_H

#include <sys/types.h>

/*
 * Makes @pgid the foreground group of the terminal on stdin, if stdin is our controlling terminal
 * and our own group @own_pgid is in its foreground: a background start must not steal it.
 * Returns 0, also when there is nothing to do; else a negative errno, which is worth a warning
 * only.
 */
int tty_hand_over(pid_t own_pgid, pid_t pgid) __attribute__((warn_unused_result));

#endif
