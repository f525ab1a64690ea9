/* SPDX-License-Identifier: MIT */
/*
 * fake_sys_core.h - what the fake system calls stand on.
 *
 * Purpose: the trace, planned failures and queued results, and the fake's files and descriptors.
 * Owner: fake_sys.c; tests use fake_sys.h only.
 */
#ifndef SEXTON_FAKE_SYS_CORE_H
#define SEXTON_FAKE_SYS_CORE_H

#include <stdbool.h>
#include <stddef.h>

#include <poll.h>

#include "fake_sys.h"

#define FAKE_FDS     64 /* numbers 3..63 are handed out */
#define FAKE_MAPS    64
#define FAKE_TEXT    65536
#define FAKE_NO_FILE (-1)

struct fake_text {
	char bytes[FAKE_TEXT];
	size_t used;
};

struct fake_file {
	const char *path;
	const char *text;
	mode_t mode;
	int exec_err;
};

struct fake_fd {
	bool open;
	int file;    /* index, or FAKE_NO_FILE */
	size_t seen; /* bytes read */
};

struct fake_map {
	void *memory;
	size_t size;
};

/* A livelier kernel that answers instead (fake_world.h), where no failure or result is planned. */
struct fake_ops {
	pid_t (*waitpid)(pid_t pid, int *ret_status, int options);
	pid_t (*wait_look)(pid_t pid, int options);
	bool (*has_children)(void);
	int (*sigwaitinfo)(uint64_t mask, siginfo_t *ret_info, int64_t timeout_ns);
	int (*kill)(pid_t pid, int sig, const siginfo_t *info);
	int (*pidfd_open)(pid_t pid);
	int (*pidfd_send_signal)(int pidfd, int sig, const siginfo_t *info, unsigned int flags);
	int (*pidfd_status)(int pidfd, int *ret_status);
	int (*watch)(const char *path);
	pid_t (*getsid)(pid_t pid);
	pid_t (*getpgid)(pid_t pid);
	int (*ppoll)(struct pollfd *fds, unsigned int count, int64_t timeout_ns);
	int (*ring)(int fd);
	int (*clear)(int fd);
	int (*open)(const char *path);
	ssize_t (*read)(int fd, void *buf, size_t size);
	ssize_t (*getdents)(int fd, void *buf, size_t size);
	ssize_t (*readlink)(const char *path, char *buf, size_t size);
};

extern const struct fake_ops *fake_ops; /* NULL after a reset */
extern struct fake_file fake_files[];
extern struct fake_fd fake_fds[FAKE_FDS];
extern struct fake_map fake_maps[FAKE_MAPS];
extern struct fake_text fake_errors, fake_output, fake_env, fake_pipe;

/* Ends the test program: the test asks for what the fake has not. */
_Noreturn void fake_die(const char *why, const char *what);

void fake_append(struct fake_text *text, const void *bytes, size_t size);

/* Notes a call. Returns true and its planned answer, or false: the fake's own answer is wanted. */
bool fake_note(const char *name, long *ret_result, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A descriptor of file @file (an index of fake_files, or FAKE_NO_FILE). */
int fake_new_fd(int file);
int fake_find_file(const char *path);
bool fake_is_open(int fd);

/* Leaves fake_sys_run(). */
_Noreturn void fake_end(enum fake_sys_end end, int code);

/* The body of a call whose own answer is @value. */
#define FAKE_ANSWER(type, name, value, ...)                                                        \
	do {                                                                                       \
		long answer_;                                                                      \
		if (fake_note(name, &answer_, __VA_ARGS__))                                        \
			return (type)answer_;                                                      \
		return (type)(value);                                                              \
	} while (0)

/* For a call that goes on to do something: returns what was planned, if anything was. */
#define FAKE_PLANNED(type, name, ...)                                                              \
	do {                                                                                       \
		long answer_;                                                                      \
		if (fake_note(name, &answer_, __VA_ARGS__))                                        \
			return (type)answer_;                                                      \
	} while (0)

#endif
