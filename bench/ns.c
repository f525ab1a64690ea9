/* SPDX-License-Identifier: MIT */
/*
 * ns.c - see ns.h.
 */
#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* fork(2) with @flags. The system call and not clone(3), which wants a stack and a function. Without
 * stack and thread numbers the order of the arguments, which some architectures change, does not
 * matter: all but the flags are 0. */
static pid_t ns_clone(unsigned long flags)
{
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0UL, 0UL, 0UL, 0UL);
}

static int ns_write_file(pid_t pid, const char *name, const char *text)
{
	char path[64];
	int error = 0;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		error = -errno;
	(void)close(fd);
	return error;
}

/* Our user and group are root in the user namespace of @pid. */
static int ns_map(pid_t pid)
{
	char map[64];
	int error = ns_write_file(pid, "setgroups", "deny");

	if (error < 0)
		return error;
	(void)snprintf(map, sizeof(map), "0 %u 1", geteuid());
	error = ns_write_file(pid, "uid_map", map);
	if (error < 0)
		return error;
	(void)snprintf(map, sizeof(map), "0 %u 1", getegid());
	return ns_write_file(pid, "gid_map", map);
}

/* Only a process outside may write the maps, so the child waits until its parent has. */
static int ns_fork_as_user(pid_t *ret_pid)
{
	int mapped[2];
	char byte;
	int error;
	pid_t pid;

	if (pipe2(mapped, O_CLOEXEC) != 0)
		return -errno;
	pid = ns_clone(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS);
	if (pid == 0) {
		(void)close(mapped[1]);
		if (read(mapped[0], &byte, 1) != 1)
			_exit(1); /* the parent has failed, and says so */
		(void)close(mapped[0]);
		*ret_pid = 0;
		return 0;
	}
	error = pid < 0 ? -errno : ns_map(pid);
	if (error == 0 && write(mapped[1], "", 1) != 1)
		error = -errno;
	(void)close(mapped[0]); /* only now: a write to a pipe without a reader raises SIGPIPE */
	(void)close(mapped[1]);
	if (error == 0)
		*ret_pid = pid;
	else if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	return error;
}

int ns_fork(pid_t *ret_pid)
{
	pid_t pid = ns_clone(CLONE_NEWPID | CLONE_NEWNS);

	if (pid < 0)
		return ns_fork_as_user(ret_pid);
	*ret_pid = pid;
	return 0;
}

/* In a chroot "/" is no mount point, then /proc has to be one: a mount that is not private would hide
 * the machine's own /proc. */
int ns_mount_proc(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 &&
	    mount(NULL, "/proc", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return -errno;
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
		return -errno;
	return 0;
}
