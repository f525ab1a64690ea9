/* SPDX-License-Identifier: MIT */
/* fake_sys_tty.c - the one terminal of fake_sys.h, and whose it is. */
#include <errno.h>

#include "fake_sys_core.h"
#include "sexton/sys.h"

pid_t sys_tcgetpgrp(int fd)
{
	FAKE_ANSWER(pid_t, "tcgetpgrp", fake_sys.foreground, "%d", fd);
}

int sys_tcsetpgrp(int fd, pid_t pgid)
{
	FAKE_PLANNED(int, "tcsetpgrp", "%d,%d", fd, pgid);
	fake_sys.foreground = pgid;
	return 0;
}

bool sys_in_foreground(void)
{
	FAKE_ANSWER(bool, "in_foreground", fake_sys.foreground == fake_sys.pgrp, "%s", "");
}

int sys_leave_tty(int fd)
{
	FAKE_ANSWER(int, "leave_tty", -ENOTTY, "%d", fd);
}

int sys_attach_tty(int fd)
{
	FAKE_ANSWER(int, "attach_tty", -ENOTTY, "%d", fd);
}
