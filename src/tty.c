/* SPDX-License-Identifier: MIT */
/* tty.c - the terminal's foreground; see sexton/tty.h. */
#include "sexton/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sexton/sys.h"

int tty_open(enum config_tty which, int *ret_err)
{
	int fd;

	*ret_err = 0;
	switch (which) {
	case CONFIG_TTY_CONTROLLING:
		/* stdin may be redirected, and the terminal still be ours. */
		fd = sys_open("/dev/tty", O_RDWR | O_NOCTTY);
		if (fd >= 0)
			return fd;
		*ret_err = -fd;
		return STDIN_FILENO;
	case CONFIG_TTY_AUTO:
		return STDIN_FILENO;
	case CONFIG_TTY_NEVER:
		break;
	}
	return -ENXIO;
}

void tty_close(int fd)
{
	if (fd > STDERR_FILENO)
		sys_close(fd);
}

/* Does @r say that this is no terminal of ours: a pipe, closed, another session's, hung up? */
static int tty_answer(int r)
{
	return r == -ENXIO || r == -EBADF || r == -EINVAL || r == -EIO ? -ENOTTY : r;
}

pid_t tty_foreground(int fd)
{
	return tty_answer(sys_tcgetpgrp(fd));
}

pid_t tty_own_group(void)
{
	pid_t pgid = sys_getpgrp();

	/* So has any other group of the shell's session: 0 and 0 need not be the same. */
	return pgid != 0 || sys_in_foreground() ? pgid : -1;
}

int tty_pass(int fd, pid_t from, pid_t to)
{
	pid_t foreground = tty_foreground(fd);
	int r;

	if (foreground < 0)
		return foreground;
	if (foreground != from)
		return 0;
	r = tty_answer(sys_tcsetpgrp(fd, to));
	return r < 0 ? r : 1;
}
