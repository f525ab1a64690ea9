/* SPDX-License-Identifier: MIT */
/* guest.c - a process put into the namespace from outside; see guest.h. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch.h"

#define GUESTS_MAX 16

static struct {
	pid_t keeper; /* 0: free */
	pid_t pid;
} guests[GUESTS_MAX];

static int open_of(pid_t pid, const char *what, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		launch_give_up(path);
	return fd;
}

static void __attribute__((noreturn)) run(int out, const char *const *words)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
	if (dup2(out, STDOUT_FILENO) < 0)
		launch_give_up("dup2");
	execv(words[0], (char *const *)words);
	launch_give_up(words[0]);
}

/* In a child of the test, the guest's keeper: PID 1 does not end before the guest has been waited
 * for, so that must not be left to the test. Its end tells of the guest's. */
static void __attribute__((noreturn))
keep(const struct pidns *ns, const char *const *words, int tell)
{
	int user = geteuid() != 0 ? open_of(ns->host_pid, "ns/user", O_RDONLY) : -1;
	int pids = open_of(ns->host_pid, "ns/pid", O_RDONLY);
	int mounts = open_of(ns->host_pid, "ns/mnt", O_RDONLY);
	int out = open_of(ns->host_pid, "fd/1", O_WRONLY);
	int status;
	pid_t guest;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if ((user >= 0 && setns(user, CLONE_NEWUSER) < 0) || setns(pids, CLONE_NEWPID) < 0 ||
	    setns(mounts, CLONE_NEWNS) < 0)
		launch_give_up("setns");
	guest = fork();
	if (guest < 0)
		launch_give_up("fork of a guest");
	if (guest == 0)
		run(out, words);
	close(out); /* the events have an end */
	if (write(tell, &guest, sizeof(guest)) != sizeof(guest))
		launch_give_up("tell the test");
	if (waitpid(guest, &status, 0) != guest)
		launch_give_up("waitpid");
	_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

pid_t guest_start(struct pidns *ns, const char *const *words)
{
	int told[2];
	int i = 0;

	while (i < GUESTS_MAX && guests[i].keeper != 0)
		i++;
	if (i == GUESTS_MAX || pipe2(told, O_CLOEXEC) < 0)
		pidns_fail(ns, "no room for another guest");
	fflush(NULL);
	guests[i].keeper = fork();
	if (guests[i].keeper < 0)
		pidns_fail(ns, "fork: %s", strerror(errno));
	if (guests[i].keeper == 0)
		keep(ns, words, told[1]);
	close(told[1]);
	if (read(told[0], &guests[i].pid, sizeof(guests[i].pid)) != sizeof(guests[i].pid))
		pidns_fail(ns, "the guest did not get in");
	close(told[0]);
	return guests[i].pid;
}

int guest_end(pid_t guest)
{
	int status = 0;
	int i = 0;

	while (i < GUESTS_MAX && guests[i].pid != guest)
		i++;
	if (i == GUESTS_MAX || waitpid(guests[i].keeper, &status, 0) != guests[i].keeper)
		fail_msg("waitpid: %s", strerror(errno));
	guests[i].keeper = guests[i].pid = 0;
	return WEXITSTATUS(status) > 128 ? 128 - WEXITSTATUS(status) : WEXITSTATUS(status);
}
