/* SPDX-License-Identifier: MIT */
/* fake_world_pidfd.c - descriptors of processes and of a watched directory; see fake_world.h. */
#include "fake_world_pidfd.h"

#include <errno.h>

#include "fake_sys_core.h"
#include "fake_world_proc.h"
#include "sexton/sys.h"

static int pidfds[FAKE_FDS]; /* which process each pins; 0 (we): it is no pidfd */

int fake_pidfd_open(pid_t pid)
{
	int i = fake_proc_index(pid);
	int fd;

	if (i < 0)
		return -ESRCH;
	fd = fake_new_fd(FAKE_NO_FILE);
	pidfds[fd] = i;
	return fd;
}

int fake_pidfd_send_signal(int pidfd, int sig, const siginfo_t *info, unsigned int flags)
{
	if (!fake_is_open(pidfd))
		return -EBADF;
	if ((flags & SYS_PIDFD_GROUP) != 0)
		return fake_proc_deliver_led(pidfds[pidfd], sig);
	if (fake_procs[pidfds[pidfd]].state == 0)
		return -ESRCH;
	return fake_proc_deliver(&fake_procs[pidfds[pidfd]], sig, info);
}

int fake_pidfd_status(int pidfd, int *ret_status)
{
	const struct fake_proc *proc = &fake_procs[pidfds[pidfd]];

	if (fake_world.no_pidfd_status)
		return -ENOTTY;
	if (proc->state != 0)
		return -ESRCH;
	*ret_status = proc->status;
	return 0;
}

int fake_pidfd_watch(const char *path)
{
	(void)path;
	fake_world.watch_fd = fake_new_fd(FAKE_NO_FILE);
	pidfds[fake_world.watch_fd] = 0;
	return fake_world.watch_fd;
}

ssize_t fake_pidfd_read(int fd, void *buf, size_t size)
{
	if (fd != fake_world.watch_fd)
		return fake_proc_read(fd, buf, size);
	if (!fake_world.changed)
		return -EAGAIN;
	fake_world.changed = false;
	return 16;
}

pid_t fake_pidfd_getsid(pid_t pid)
{
	const struct fake_proc *proc = fake_world_find(pid);

	return proc != NULL ? proc->sid : -ESRCH;
}

pid_t fake_pidfd_getpgid(pid_t pid)
{
	const struct fake_proc *proc = fake_world_find(pid);

	return proc != NULL ? proc->pgid : -ESRCH;
}

bool fake_pidfd_is_ready(int fd)
{
	const struct fake_proc *proc = &fake_procs[pidfds[fd]];

	if (fd == fake_world.watch_fd)
		return fake_world.changed;
	return fd != fake_world.signal_fd && fd != fake_world.bell && pidfds[fd] != 0 &&
	       (proc->state == 0 || (proc->state == 'Z' && proc->threads == 1));
}
