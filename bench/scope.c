/* SPDX-License-Identifier: MIT */
/*
 * scope.c - what a signal to many costs PID 1.
 *
 * Usage: sexton-pidns INIT -- sexton-scope N same|group|session|orphan
 * Forks N processes that sleep (in the group of the command, in groups or sessions of their own, or as
 * orphans of PID 1), sends PID 1 a signal, and waits until it comes back to this one, SCOPE_TIMES times. Prints
 * the CPU time that the first thread of PID 1 took for each, divided by N: median and least, in microseconds.
 * As a difference between --forward=tree and --forward=all in alternating runs it says what tree costs more
 * than kill(-1). The signal is blocked by all, so that no receiver's waking is in it.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCOPE_TIMES 15

static void scope_die(const char *what)
{
	perror(what);
	exit(1);
}

/* Nanoseconds on a processor, of the first thread of PID 1 (sched(7): /proc/PID/schedstat). */
static long long scope_cpu(void)
{
	char text[128];
	int fd = open("/proc/1/task/1/schedstat", O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (size <= 0)
		scope_die("/proc/1/task/1/schedstat");
	(void)close(fd);
	text[size] = '\0';
	return strtoll(text, NULL, 10);
}

/* PID 1 has come to rest: its time stands still while we give way a thousand times. */
static long long scope_cpu_at_rest(void)
{
	long long before;
	long long now = scope_cpu();

	do {
		before = now;
		for (int i = 0; i < 1000; i++)
			(void)sched_yield();
		now = scope_cpu();
	} while (now != before);
	return now;
}

static void scope_fork(const char *where)
{
	pid_t pid = fork();

	if (pid < 0)
		scope_die("fork");
	if (pid > 0) {
		if (strcmp(where, "orphan") == 0)
			(void)waitpid(pid, NULL, 0);
		return;
	}
	if (strcmp(where, "group") == 0 && setpgid(0, 0) < 0)
		scope_die("setpgid");
	if ((strcmp(where, "session") == 0 || strcmp(where, "orphan") == 0) && setsid() < 0)
		scope_die("setsid");
	if (strcmp(where, "orphan") == 0 && fork() != 0)
		_exit(0);
	for (;;)
		(void)pause();
}

static int scope_compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	long n = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	double times[SCOPE_TIMES];
	sigset_t set;

	if (n < 1) {
		(void)fprintf(stderr, "usage: sexton-scope N same|group|session|orphan\n");
		return 2;
	}
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	for (long i = 0; i < n; i++)
		scope_fork(argv[2]);
	for (int i = 0; i < SCOPE_TIMES; i++) {
		long long before = scope_cpu_at_rest();
		int sig;

		if (kill(1, SIGUSR1) < 0 || sigwait(&set, &sig) != 0)
			scope_die("signal");
		times[i] = (double)(scope_cpu_at_rest() - before) / 1000 / (double)n;
	}
	qsort(times, SCOPE_TIMES, sizeof(times[0]), scope_compare);
	(void)printf("%s: %ld processes, CPU of PID 1 a process: median %.2f us, least %.2f us\n",
		     argv[2], n, times[SCOPE_TIMES / 2], times[0]);
	(void)fflush(stdout);
	(void)kill(-1, SIGKILL);
	return 0;
}
