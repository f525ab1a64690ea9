/* SPDX-License-Identifier: MIT */
/* fake_sys_pidfd.c - sys_pidfd.c and what belongs to it, for unit tests; see fake_sys.h. */
#include <errno.h>

#include "fake_sys_core.h"
#include "sexton/sys.h"

int sys_pidfd_open(pid_t pid)
{
	FAKE_PLANNED(int, "pidfd_open", "%d", pid);
	return fake_ops != NULL ? fake_ops->pidfd_open(pid) : fake_new_fd(FAKE_NO_FILE);
}

int sys_pidfd_send_signal(int pidfd, int sig, const siginfo_t *info, unsigned int flags)
{
	FAKE_ANSWER(int, "pidfd_send_signal",
		    fake_ops != NULL ? fake_ops->pidfd_send_signal(pidfd, sig, info, flags) : 0,
		    "%d,%d,%s,%u", pidfd, sig, info == NULL ? "plain" : "info", flags);
}

int sys_pidfd_status(int pidfd, int *ret_status)
{
	FAKE_ANSWER(int, "pidfd_status",
		    fake_ops != NULL ? fake_ops->pidfd_status(pidfd, ret_status) : -ENOTTY, "%d",
		    pidfd);
}

int sys_watch(const char *path)
{
	FAKE_PLANNED(int, "watch", "%s", path);
	return fake_ops != NULL ? fake_ops->watch(path) : -ENOENT;
}

pid_t sys_getsid(pid_t pid)
{
	FAKE_ANSWER(pid_t, "getsid", fake_ops != NULL ? fake_ops->getsid(pid) : -ESRCH, "%d", pid);
}

pid_t sys_getpgid(pid_t pid)
{
	FAKE_ANSWER(pid_t, "getpgid", fake_ops != NULL ? fake_ops->getpgid(pid) : -ESRCH, "%d",
		    pid);
}
