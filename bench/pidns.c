/* SPDX-License-Identifier: MIT */
/*
 * pidns.c - runs a program as PID 1 of a new PID namespace; for ./dev run.
 *
 *	sexton-pidns PROGRAM [ARG...]
 *
 * Like "unshare --pid --fork --mount-proc --kill-child", with --user --map-root-user where that is
 * needed, but it passes signals on to the program, as a container runtime does, and unshare(1) does
 * not. The exit status is the program's, 128+n for a signal, 125 for a failure of our own.
 *
 * The program gets a process group of its own, and the terminal if we had it. So a Ctrl-C reaches
 * the program's side alone, and what is sent to us or to our group is passed on exactly once.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"

#define PIDNS_FAILURE 125

__attribute__((format(printf, 1, 2))) static _Noreturn void pidns_die(const char *format, ...)
{
	const char *reason = strerror(errno);
	va_list args;

	va_start(args, format);
	(void)fputs("sexton-pidns: ", stderr);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fprintf(stderr, ": %s\n", reason);
	exit(PIDNS_FAILURE);
}

/* The controlling terminal, if our group is in its foreground; else -1. */
static int pidns_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (fd >= 0 && tcgetpgrp(fd) != getpgrp()) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static _Noreturn void pidns_child(char **argv, const sigset_t *mask, int terminal, int go)
{
	char byte;
	int error;

	/* The parent puts us into our group and gives it the terminal, under our number outside. */
	if (read(go, &byte, 1) != 1)
		_exit(PIDNS_FAILURE);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		pidns_die("cannot tie the namespace to this process");
	error = ns_mount_proc();
	if (error < 0) {
		errno = -error;
		pidns_die("cannot mount /proc for the new PID namespace");
	}
	if (terminal >= 0)
		(void)close(terminal);
	(void)close(go);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	(void)execvp(argv[0], argv);
	pidns_die("cannot run %s", argv[0]);
}

/* Passes @info on; a queued value travels along. The program may be gone, which is no error. */
static void pidns_pass_on(pid_t pid, siginfo_t *info)
{
	if (info->si_code == SI_QUEUE)
		(void)syscall(SYS_rt_sigqueueinfo, pid, info->si_signo, info);
	else
		(void)kill(pid, info->si_signo);
}

/* Passes signals on until the program is gone; returns its exit code. */
static int pidns_wait(pid_t pid, const sigset_t *all)
{
	siginfo_t info;
	int status;

	for (;;) {
		if (sigwaitinfo(all, &info) < 0)
			continue;
		if (info.si_signo != SIGCHLD) {
			pidns_pass_on(pid, &info);
			continue;
		}
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

int main(int argc, char **argv)
{
	sigset_t all;
	sigset_t inherited;
	int go[2];
	int terminal;
	int code;
	pid_t pid;

	if (argc < 2) {
		(void)fputs("usage: sexton-pidns PROGRAM [ARG...]\n", stderr);
		return PIDNS_FAILURE;
	}
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &inherited);
	(void)signal(SIGCHLD, SIG_DFL); /* ignored, it would never come */
	terminal = pidns_terminal();
	if (pipe2(go, O_CLOEXEC) != 0)
		pidns_die("cannot make a pipe");
	code = ns_fork(&pid);
	if (code < 0) {
		errno = -code;
		pidns_die("this machine allows no new PID namespace, not even in a new user "
			  "namespace");
	}
	if (pid == 0)
		pidns_child(argv + 1, &inherited, terminal, go[0]);
	(void)setpgid(pid, pid);
	if (terminal >= 0)
		(void)tcsetpgrp(terminal, pid);
	if (write(go[1], "", 1) != 1)
		pidns_die("cannot start the program");
	(void)close(go[0]); /* kept until now: a write to a pipe without a reader raises SIGPIPE */
	code = pidns_wait(pid, &all);
	if (terminal >= 0)
		(void)tcsetpgrp(terminal, getpgrp()); /* SIGTTOU is blocked */
	return code;
}
