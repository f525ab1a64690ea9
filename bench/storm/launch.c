/* SPDX-License-Identifier: MIT */
/*
 * launch.c - see launch.h.
 */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../ns.h"
#include "clock.h"
#include "interrupt.h"
#include "run.h"

#define LAUNCH_FDS 1024 /* looked at where the kernel cannot do it at once */

enum launch_step { LAUNCH_SETUP, LAUNCH_EXEC };

/* What the child tells before it has become the init: which step failed, and why. */
struct launch_news {
	enum launch_step step;
	int error;
};

struct launch {
	char path[PATH_MAX]; /* the init's program */
	char **argv;
	int go[2];   /* outside -> child: a byte, when all is arranged for it */
	int news[2]; /* child -> outside: struct launch_news, or nothing once it is executed */
};

int launch_find(const char *name, char *ret_path, unsigned long room)
{
	const char *directory = getenv("PATH");
	int error = -ENOENT;

	if (strchr(name, '/') != NULL) {
		int size = snprintf(ret_path, room, "%s", name);

		return size < 0 || (unsigned long)size >= room ? -ENAMETOOLONG : 0;
	}
	if (directory == NULL)
		directory = "/usr/local/bin:/usr/bin:/bin";
	while (*directory != '\0') {
		int length = (int)strcspn(directory, ":");
		int size = snprintf(ret_path, room, "%.*s/%s", length, directory, name);

		if (size > 0 && (unsigned long)size < room && access(ret_path, X_OK) == 0)
			return 0;
		if (errno == EACCES)
			error = -EACCES;
		directory += length;
		directory += *directory == ':';
	}
	return error;
}

/* INIT ARG... SELF --inside SCENARIO FILE */
static char **launch_argv(struct run *run)
{
	static char option[] = "--inside";
	size_t used = 0;
	char **argv;

	while (run->init[used] != NULL)
		used++;
	argv = calloc(used + 5, sizeof(argv[0]));
	if (argv == NULL)
		return NULL;
	memcpy(argv, run->init, used * sizeof(argv[0]));
	argv[used++] = run->self;
	argv[used++] = option;
	argv[used++] = (char *)(uintptr_t)run->scenario->name; /* execv(3) changes nothing */
	argv[used] = run->path;
	return argv;
}

/* What our caller left open is not the init's: its descriptors are counted. */
static void launch_close_others(void)
{
	if (syscall(SYS_close_range, STDERR_FILENO + 1U, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	for (int fd = STDERR_FILENO + 1; fd < LAUNCH_FDS; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* fails for those that are not open */
}

static _Noreturn void launch_give_up(const struct launch *launch, enum launch_step step, int error)
{
	struct launch_news news = { .step = step, .error = error };

	if (write(launch->news[1], &news, sizeof(news)) != sizeof(news))
		_exit(2); /* nobody listens any more */
	_exit(1);
}

/* PID 1, on its way to the init. */
static _Noreturn void launch_child(const struct run *run, const struct launch *launch)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int error;
	char byte;

	/* Before it may go on: a parent that dies now takes us along, one that has died says no more. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		launch_give_up(launch, LAUNCH_SETUP, errno);
	(void)close(launch->go[1]);
	if (read(launch->go[0], &byte, 1) != 1)
		_exit(1);
	error = ns_mount_proc();
	if (error < 0)
		launch_give_up(launch, LAUNCH_SETUP, -error);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(run->words, STDERR_FILENO) < 0)
		launch_give_up(launch, LAUNCH_SETUP, errno);
	launch_close_others();
	interrupt_reset();
	run->shared->executed = clock_now();
	(void)execv(launch->path, launch->argv);
	launch_give_up(launch, LAUNCH_EXEC, errno);
}

/* Puts the child, which still waits for its byte, into the cgroup whose file @procs is. */
static int launch_move(struct run *run, const char *procs)
{
	int fd = open(procs, O_WRONLY | O_CLOEXEC);
	int error = fd < 0 ? -errno : 0;

	if (error == 0 && dprintf(fd, "%d", run->pid) < 0)
		error = -errno;
	if (fd >= 0)
		(void)close(fd);
	return error < 0 ? result_cannot(&run->result, "%s: %s", procs, strerror(-error)) : 0;
}

/* Lets the child go and listens to it. */
static int launch_let_go(struct run *run, const struct launch *launch)
{
	struct launch_news news;
	const char *procs = run->cgroup != NULL ? run->cgroup : run->cpu.procs;
	int error = *procs != '\0' ? launch_move(run, procs) : 0;
	ssize_t size;

	if (error < 0)
		return error;
	if (write(launch->go[1], "", 1) != 1)
		return result_cannot(&run->result, "the new process does not listen");
	size = read(launch->news[0], &news, sizeof(news));
	if (size != sizeof(news))
		return 0;
	if (news.step == LAUNCH_EXEC)
		return result_fail(&run->result, "cannot be executed: %s", strerror(news.error));
	return result_cannot(&run->result, "the new PID namespace cannot be set up: %s",
			     strerror(news.error));
}

static int launch_fork(struct run *run, struct launch *launch)
{
	pid_t pid;
	int error = ns_fork(&pid);

	if (error < 0)
		return result_cannot(&run->result, "no PID namespace can be made here: %s",
				     strerror(-error));
	if (pid == 0)
		launch_child(run, launch);
	run->pid = pid;
	(void)close(launch->news[1]); /* its end is the child's execve(2) */
	launch->news[1] = -1;
	return launch_let_go(run, launch);
}

static void launch_close(int fds[2])
{
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
}

int launch_init(struct run *run)
{
	struct launch launch = { .go = { -1, -1 }, .news = { -1, -1 } };
	int error = launch_find(run->init[0], launch.path, sizeof(launch.path));

	if (error < 0)
		return result_fail(&run->result, "cannot be executed: %s", strerror(-error));
	run->words = memfd_create("sexton-storm", MFD_CLOEXEC);
	launch.argv = launch_argv(run);
	if (run->words < 0 || launch.argv == NULL || pipe2(launch.go, O_CLOEXEC) != 0 ||
	    pipe2(launch.news, O_CLOEXEC) != 0)
		error = result_cannot(&run->result, "a run cannot be prepared: %s",
				      strerror(errno));
	else
		error = launch_fork(run, &launch);
	launch_close(launch.go);
	launch_close(launch.news);
	free(launch.argv);
	return error;
}
