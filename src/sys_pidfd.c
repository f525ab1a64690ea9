/* SPDX-License-Identifier: MIT */
/* sys_pidfd.c - processes and directories as descriptors; see sexton/sys.h. */
#include <errno.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sexton/sys.h"
#include "sys_fd.h"

/* struct pidfd_info of linux/pidfd.h up to the exit code, which the first size of it has as well; not
 * in Debian 12's headers. */
struct sys_pidfd_info {
	uint64_t mask;
	uint64_t cgroupid;
	uint32_t pid, tgid, ppid;
	uint32_t ids[8];
	int32_t exit_code;
};

#define SYS_PIDFD_GET_INFO  _IOWR(0xFF, 11, struct sys_pidfd_info)
#define SYS_PIDFD_INFO_EXIT (UINT64_C(1) << 3)

_Static_assert(sizeof(struct sys_pidfd_info) == 64, "PIDFD_INFO_SIZE_VER0");

int sys_pidfd_open(pid_t pid)
{
	return sys_above_stdio((int)syscall(SYS_pidfd_open, pid, 0));
}

int sys_pidfd_send_signal(int pidfd, int sig, const siginfo_t *info, unsigned int flags)
{
	return syscall(SYS_pidfd_send_signal, pidfd, sig, info, flags) < 0 ? -errno : 0;
}

int sys_pidfd_status(int pidfd, int *ret_status)
{
	struct sys_pidfd_info info = { .mask = SYS_PIDFD_INFO_EXIT };

	/* Not ioctl(3): libcs disagree about the type of the number. */
	if (syscall(SYS_ioctl, pidfd, SYS_PIDFD_GET_INFO, &info) < 0)
		return -errno;
	if ((info.mask & SYS_PIDFD_INFO_EXIT) == 0)
		return -ESRCH;
	*ret_status = info.exit_code;
	return 0;
}

int sys_watch(const char *path)
{
	int fd = sys_above_stdio(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
	int err;

	if (fd < 0)
		return fd;
	/* A file may be kept open for as long as its writer lives: then it is only modified. */
	if (inotify_add_watch(fd, path,
			      IN_MODIFY | IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) >=
	    0)
		return fd;
	err = errno;
	sys_close(fd);
	return -err;
}
