/* SPDX-License-Identifier: MIT */
/* tty.c - the terminal's foreground; see sexton/tty.h. */
#include "sexton/tty.h"

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "sexton/sys.h"

/* Does @r say that stdin is no terminal of ours: a pipe, closed, another session's, hung up? */
static bool tty_is_absent(int r)
{
	return r == -ENOTTY || r == -ENXIO || r == -EBADF || r == -EINVAL || r == -EIO;
}

int tty_hand_over(pid_t own_pgid, pid_t pgid)
{
	pid_t foreground = sys_tcgetpgrp(STDIN_FILENO);
	int r;

	if (foreground < 0)
		return tty_is_absent(foreground) ? 0 : foreground;
	/*
	 * In a PID namespace entered from a shell, the shell's group has no number: both are 0. It
	 * is the same group all the same, for a terminal has one session and so one namespace.
	 */
	if (foreground != own_pgid)
		return 0;
	r = sys_tcsetpgrp(STDIN_FILENO, pgid);
	return tty_is_absent(r) ? 0 : r;
}
