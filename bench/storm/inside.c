/* SPDX-License-Identifier: MIT */
/*
 * inside.c - see inside.h.
 */
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenario.h"

void inside_await_order(struct shared *shared, enum shared_order order)
{
	inside_await_count(&shared->order, order);
}

void inside_await_count(_Atomic uint32_t *word, uint32_t value)
{
	uint32_t now;

	while ((now = atomic_load(word)) < value)
		shared_wait(word, now, -1);
}

int inside_move(const char *procs)
{
	int fd = open(procs, O_WRONLY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = write(fd, "0", 1) == 1 ? 0 : -errno;
	(void)close(fd);
	return error;
}

int inside_fork(struct shared *shared, const char *what)
{
	pid_t pid = fork();

	if (pid < 0)
		inside_fail(shared, what);
	return pid;
}

int inside_wait(int pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		if (errno != EINTR)
			return -errno;
	return status == 0 ? 0 : -EPROTO;
}

_Noreturn void inside_stay(void)
{
	for (;;)
		(void)pause();
}

_Noreturn void inside_fail(struct shared *shared, const char *what)
{
	(void)snprintf(shared->complaint, sizeof(shared->complaint), "%s: %s", what,
		       strerror(errno));
	shared_set(&shared->stage, SHARED_FAILED);
	inside_stay();
}

_Noreturn void inside_main(char **argv, int64_t entered)
{
	const struct scenario *scenario = argv[2] == NULL ? NULL : scenario_find(argv[2]);
	struct shared *shared = scenario == NULL || argv[3] == NULL ? NULL : shared_open(argv[3]);

	if (shared == NULL) {
		(void)fprintf(stderr, "sexton-storm: --inside is for itself to call\n");
		_exit(2);
	}
	shared->entered = entered;
	shared_set(&shared->stage, SHARED_STARTED);
	scenario->inside(shared);
	inside_stay();
}
