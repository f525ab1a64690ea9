/* SPDX-License-Identifier: MIT */
/*
 * fake_sys.h - a kernel for unit tests: link fake_sys.c and fake_sys_core.c instead of src/sys.c.
 *
 * Purpose: every function of sexton/sys.h, without effect on the machine. Each call writes a line
 *	"name(arguments)" into a trace and then answers, in this order of precedence: the failure
 *	that fake_sys_fail() planned for this call, the next result that fake_sys_return() queued,
 *	else success as the little state below has it.
 * A child: let "fork" return 0 inside fake_sys_run(). A call that does not return (a successful
 *	execve, exit) leaves fake_sys_run() and is told as its result.
 * Owner: the test; call fake_sys_reset() before each. One thread.
 */
#ifndef SEXTON_FAKE_SYS_H
#define SEXTON_FAKE_SYS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What the fake kernel knows; tests set and read it freely after fake_sys_reset(). */
struct fake_sys {
	pid_t pid, ppid, pgrp; /* 100, 1, 100 */
	pid_t foreground;      /* of the terminal on fd 0; a negative errno: none (-ENOTTY) */
	pid_t next_child;      /* what fork answers in the parent, and waitpid once: 200 */
	int child_status;      /* wait(2) status of that child: 0 */
	uint64_t mask;         /* signal mask: 0 */
	struct sigaction sigchld;
	uint64_t ignored;       /* other signals whose disposition is SIG_IGN: none */
	uint64_t signalfd_mask; /* of the last sys_signalfd() */
	int64_t now;            /* 0; ppoll and sigwaitinfo do not let time pass */
	uint64_t boot_ticks;
	bool quiet; /* calls are counted, but leave no line in the trace: for long tests */
};

extern struct fake_sys fake_sys;

void fake_sys_reset(void);

/* Call @nth (1: the first after the reset; 0: every one) of sys_@name fails with -@err. @err is
 * positive. Calls without a result (close, exit, now) and getters of our own numbers cannot. */
void fake_sys_fail(const char *name, unsigned int nth, int err);

/* Queues a result of sys_@name, as it is. */
void fake_sys_return(const char *name, long result);

/* Runs @hook once, just before call @nth whose line in the trace begins with @line is answered. */
void fake_sys_before(const char *line, unsigned int nth, void (*hook)(void));

unsigned int fake_sys_calls(const char *name);

/* All calls so far, a line each; what went to fds 2 and 1; the "NAME=VALUE\n" lines of the last
 * execve. */
const char *fake_sys_trace(void);
const char *fake_sys_stderr(void);
const char *fake_sys_stdout(void);
const char *fake_sys_environment(void);

/* Descriptors that were made and not closed. */
unsigned int fake_sys_open_fds(void);

/* Mappings that were made and not unmapped; a fake fork's child may leave some. */
unsigned int fake_sys_open_maps(void);

/*
 * A file. @mode: as stat(2) has it (S_IFREG | 0755). @text: its bytes up to the NUL. @exec_err:
 * what execve answers, 0 succeeds. Told again, it is another version of it. What is not a file of the fake's is ENOENT to every call.
 */
void fake_sys_file(const char *path, mode_t mode, const char *text, int exec_err);

enum fake_sys_end {
	FAKE_SYS_RETURNED,
	FAKE_SYS_EXECUTED, /* execve succeeded */
	FAKE_SYS_EXITED,   /* sys_exit(); the code is in *ret_code */
};

/* Runs @body(@arg). What a fork's child wrote to a pipe is kept for the parent's run after it. */
enum fake_sys_end fake_sys_run(void (*body)(void *arg), void *arg, int *ret_code);

#endif
