/* SPDX-License-Identifier: MIT */
/* sys_tty.c - terminals; see sexton/sys.h. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "sexton/sys.h"

static int sys_tty_result(int r)
{
	return r < 0 ? -errno : r;
}

pid_t sys_tcgetpgrp(int fd)
{
	return sys_tty_result(tcgetpgrp(fd));
}

int sys_tcsetpgrp(int fd, pid_t pgid)
{
	return sys_tty_result(tcsetpgrp(fd, pgid));
}

bool sys_in_foreground(void)
{
	int fd = sys_open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK);
	char nothing;
	ssize_t r = fd < 0 ? fd : sys_read(fd, &nothing, 0);

	if (fd >= 0)
		sys_close(fd);
	return r == 0 || r == -EAGAIN;
}

int sys_leave_tty(int fd)
{
	return sys_tty_result(ioctl(fd, TIOCNOTTY));
}

int sys_attach_tty(int fd)
{
	return sys_tty_result(ioctl(fd, TIOCSCTTY, 0));
}
