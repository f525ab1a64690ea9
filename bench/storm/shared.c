/* SPDX-License-Identifier: MIT */
/*
 * shared.c - see shared.h.
 */
#include "shared.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"

static struct shared *shared_map(int fd)
{
	void *memory = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static struct shared *shared_make_in(const char *directory, char ret_path[static SHARED_PATH])
{
	struct shared *shared = NULL;
	int fd;
	int error;
	int size = snprintf(ret_path, SHARED_PATH, "%s/sexton-storm.XXXXXX", directory);

	if (size < 0 || size >= SHARED_PATH) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	fd = mkostemp(ret_path, O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (ftruncate(fd, sizeof(struct shared)) == 0)
		shared = shared_map(fd);
	error = errno;
	if (shared == NULL)
		(void)unlink(ret_path);
	(void)close(fd);
	errno = error;
	return shared;
}

struct shared *shared_make(char ret_path[static SHARED_PATH])
{
	const char *temporary = getenv("TMPDIR");
	struct shared *shared = shared_make_in("/dev/shm", ret_path);

	if (shared == NULL && temporary != NULL && temporary[0] == '/')
		shared = shared_make_in(temporary, ret_path);
	if (shared == NULL)
		shared = shared_make_in("/tmp", ret_path);
	return shared;
}

struct shared *shared_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct shared *shared;
	int error;

	if (fd < 0)
		return NULL;
	shared = shared_map(fd);
	error = errno;
	(void)close(fd);
	errno = error;
	return shared;
}

void shared_unmap(struct shared *shared)
{
	(void)munmap(shared, sizeof(*shared));
}

void shared_wait(_Atomic uint32_t *word, uint32_t old, int64_t ns)
{
	struct timespec span = clock_span(ns < 0 ? 0 : ns);

	/* Woken, another value, a signal, the time is over: the caller looks again in any case. */
	(void)syscall(SYS_futex, word, FUTEX_WAIT, old, ns < 0 ? NULL : &span, NULL, 0);
}

static void shared_wake(_Atomic uint32_t *word)
{
	(void)syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void shared_set(_Atomic uint32_t *word, uint32_t value)
{
	atomic_store(word, value);
	shared_wake(word);
}

void shared_raise(_Atomic uint32_t *word)
{
	(void)atomic_fetch_add(word, 1);
	shared_wake(word);
}
