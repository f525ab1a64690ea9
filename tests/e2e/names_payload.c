/* SPDX-License-Identifier: MIT */
/*
 * names_payload.c - the payload's scenarios around an init: what it is started by. See payload.h.
 */
#include "payload.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void __attribute__((noreturn)) run(char **argv)
{
	execv(argv[0], argv);
	die(argv[0]);
}

static int code_of(int status)
{
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* Buries who is dead. */
static void bury(pid_t init)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == init)
			say("ended code=%d", code_of(status));
		else
			say("came past pid=%d", (int)pid);
	}
}

int outside_main(int argc, char **argv)
{
	sigset_t inherited;
	sigset_t set;
	pid_t init;

	if (argc < 1)
		die("outside");
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &inherited);
	init = fork();
	if (init < 0)
		die("fork");
	if (init == 0) {
		sigprocmask(SIG_SETMASK, &inherited, NULL);
		run(argv);
	}
	say("started pid=%d", (int)init);
	while (sigwaitinfo(&set, NULL) != SIGTERM)
		bury(init);
	return 0;
}

int jobs_main(int argc, char **argv)
{
	if (argc < 2)
		die("jobs");
	for (int i = (int)strtol(argv[0], NULL, 10); i > 0; i--) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid > 0)
			continue;
		say("ready job%d pid=%d", i, (int)getpid());
		for (;;)
			pause();
	}
	run(argv + 1);
}

/* One stop of a thread of @init's: counts, and lets it go on. */
static void mind_stop(pid_t init, pid_t tid, int status, int *started, int *ended)
{
	int event = status >> 16;
	int sig = WSTOPSIG(status);
	unsigned long how = 1;

	if (event == PTRACE_EVENT_CLONE)
		++*started;
	/* Whoever is taken along by exit_group(2) gets the exit code of the process. */
	if (event == PTRACE_EVENT_EXIT && tid != init &&
	    ptrace(PTRACE_GETEVENTMSG, tid, NULL, &how) == 0 && how == 0)
		++*ended;
	if (event != 0 || sig == SIGSTOP || sig == SIGTRAP)
		sig = 0;
	/* It may have been killed in the meantime. */
	if (ptrace(PTRACE_CONT, tid, NULL, (void *)(intptr_t)sig) < 0 && errno != ESRCH)
		die("PTRACE_CONT");
}

int traced_main(int argc, char **argv)
{
	const long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL;
	int started = 0;
	int ended = 0;
	int status;
	pid_t init = fork();
	pid_t tid;

	if (argc < 1 || init < 0)
		die("traced");
	if (init == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			die("PTRACE_TRACEME");
		raise(SIGSTOP);
		run(argv);
	}
	if (waitpid(init, &status, 0) != init ||
	    ptrace(PTRACE_SETOPTIONS, init, NULL, (void *)options) < 0)
		die("PTRACE_SETOPTIONS");
	mind_stop(init, init, status, &started, &ended);
	for (;;) {
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0)
			die("waitpid");
		if (WIFSTOPPED(status))
			mind_stop(init, tid, status, &started, &ended);
		else if (tid == init)
			break;
	}
	say("threads started=%d ended=%d", started, ended);
	return code_of(status);
}
