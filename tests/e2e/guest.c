/* SPDX-License-Identifier: MIT */
/* guest.c - processes put into the namespace from outside; see guest.h. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch.h"

#define GUESTS_MAX 64

/* A guest, and the shim that is its parent: it writes the guest's PID and, at its end, its status. */
static struct {
	pid_t guest;
	pid_t shim;
	int words;
} guests[GUESTS_MAX];

static int open_of(struct pidns *ns, const char *what, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)ns->host_pid, what);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		launch_give_up(path);
	return fd;
}

static void __attribute__((noreturn)) run_guest(int mnt, int out, int err, const char *const *words)
{
	if (setns(mnt, CLONE_NEWNS) < 0)
		launch_give_up("setns to the mount namespace");
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		launch_give_up("dup2");
	execvp(words[0], (char *const *)words);
	launch_give_up(words[0]);
}

static void __attribute__((noreturn)) run_shim(struct pidns *ns, const char *const *words, int tell)
{
	int mnt = open_of(ns, "ns/mnt", O_RDONLY);
	int pid = open_of(ns, "ns/pid", O_RDONLY);
	int out = open_of(ns, "fd/1", O_WRONLY);
	int err = open_of(ns, "fd/2", O_WRONLY);
	int status = 0;
	pid_t guest;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Not root: the namespaces belong to a user namespace in which we are. */
	if (geteuid() != 0 && setns(open_of(ns, "ns/user", O_RDONLY), CLONE_NEWUSER) < 0)
		launch_give_up("setns to the user namespace");
	if (setns(pid, CLONE_NEWPID) < 0)
		launch_give_up("setns to the PID namespace");
	guest = fork();
	if (guest < 0)
		launch_give_up("fork");
	if (guest == 0)
		run_guest(mnt, out, err, words);
	/* The test reads these to their end. */
	close(out);
	close(err);
	if (write(tell, &guest, sizeof(guest)) != sizeof(guest))
		launch_give_up("tell the test");
	while (waitpid(guest, &status, 0) < 0 && errno == EINTR)
		;
	if (write(tell, &status, sizeof(status)) != sizeof(status))
		launch_give_up("tell the test");
	_exit(0);
}

/* The next word of the shim's. */
static int word_of_shim(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	int word = 0;

	if (poll(&ready, 1, PIDNS_LIMIT_MS) != 1 || read(fd, &word, sizeof(word)) != sizeof(word))
		fail_msg("a guest did not start, or did not end");
	return word;
}

pid_t guest_start(struct pidns *ns, const char *const *words)
{
	int tell[2];
	int i = 0;

	while (i < GUESTS_MAX && guests[i].guest)
		i++;
	if (i == GUESTS_MAX || pipe2(tell, O_CLOEXEC) < 0) {
		fail_msg("no room for another guest");
		abort();
	}
	fflush(NULL);
	guests[i].shim = fork();
	if (guests[i].shim < 0)
		fail_msg("fork");
	if (guests[i].shim == 0)
		run_shim(ns, words, tell[1]);
	close(tell[1]);
	guests[i].words = tell[0];
	guests[i].guest = word_of_shim(tell[0]);
	return guests[i].guest;
}

int guest_end(pid_t guest)
{
	int status = 0;

	for (int i = 0; i < GUESTS_MAX; i++) {
		if (guests[i].guest != guest)
			continue;
		status = word_of_shim(guests[i].words);
		waitpid(guests[i].shim, NULL, 0);
		close(guests[i].words);
		guests[i].guest = 0;
		return status;
	}
	fail_msg("no such guest");
	return status;
}
