/* SPDX-License-Identifier: MIT */
/*
 * fake_init.c - an init with a fault: does the benchmark notice?
 *
 *	bench_fake_init FAULT COMMAND [ARG...]
 *
 * Runs the command, forwards every signal with its value, buries every child and ends with the command,
 * but for what FAULT says (see the table).
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FAKE_PIDS      32768 /* numbers that are looked through */
#define FAKE_HELD      65536 /* signals, more than any test has on its way */
#define FAKE_TENTH     10
#define FAKE_HUNDREDTH 100

enum fault {
	HONEST,
	FORGETS,
	SWAPS,
	ALTERS,
	LEAVES,
	DIES,
	CRASHES,
	QUITS,
	HANGS,
	IDLES,
	DALLIES,
	FAULTS
};

static const char *const fault_names[FAULTS] = {
	[HONEST] = "honest",   /* none */
	[FORGETS] = "forgets", /* every tenth signal */
	[SWAPS] =
		"swaps", /* forwards each second real-time signal before the one that came first */
	[ALTERS] = "alters",   /* forwards values that were not sent */
	[LEAVES] = "leaves",   /* zombies whose number can be divided by a hundred */
	[DIES] = "dies",       /* when it has an orphan to bury, with a word */
	[CRASHES] = "crashes", /* the same, by a signal */
	[QUITS] = "quits",     /* at once */
	[HANGS] = "hangs",     /* forwards no SIGTERM */
	[DALLIES] = "dallies", /* takes no signal before its queue is full */
	[IDLES] = "idles",     /* does not run the command */
};

static enum fault fault;
static pid_t command;

/* Signals on their way to the command. All queues of a user share one limit: who takes a signal only when
 * there is room for the next may wait for ever. */
static struct {
	int sig;
	int value;
} held[FAKE_HELD];
static unsigned int held_first;
static unsigned int held_next;

static void fake_hold(int sig, int value)
{
	held[held_next % FAKE_HELD].sig = sig;
	held[held_next % FAKE_HELD].value = value;
	held_next++;
}

/* Sends what can be sent; true if that was all. */
static bool fake_flush(void)
{
	for (; held_first != held_next; held_first++) {
		union sigval value = { .sival_int = held[held_first % FAKE_HELD].value };

		if (sigqueue(command, held[held_first % FAKE_HELD].sig, value) != 0 &&
		    errno == EAGAIN)
			return false;
	}
	return true;
}

static void fake_forward(const siginfo_t *info)
{
	static int count;
	static int first; /* of two */

	count++;
	if ((fault == FORGETS && count % FAKE_TENTH == 0) ||
	    (fault == HANGS && info->si_signo == SIGTERM))
		return;
	if (info->si_code != SI_QUEUE) {
		(void)kill(command, info->si_signo);
		return;
	}
	if (fault == SWAPS && count % 2 == 1) {
		first = info->si_value.sival_int;
		return;
	}
	fake_hold(info->si_signo, fault == ALTERS ? -1 : info->si_value.sival_int);
	if (fault == SWAPS)
		fake_hold(info->si_signo, first);
}

static void fake_buried(pid_t pid, int status)
{
	static const char word[] = "fake_init: \"this\" is too much\n";

	if (pid == command)
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	if (fault == CRASHES)
		__builtin_trap();
	if (fault != DIES)
		return;
	if (write(STDERR_FILENO, word, sizeof(word) - 1) < 0)
		_exit(4);
	_exit(3);
}

static void fake_bury(void)
{
	pid_t pid;
	int status;

	if (fault != LEAVES) {
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			fake_buried(pid, status);
		return;
	}
	/* By number: who is left would come first, each time, if any were asked for. */
	for (pid = 2; pid < FAKE_PIDS; pid++)
		if (pid % FAKE_HUNDREDTH != 0 && waitpid(pid, &status, WNOHANG) == pid)
			fake_buried(pid, status);
}

/* Until no more can be queued for this user (proc(5), SigQ). */
static void fake_dally(void)
{
	unsigned long queued = 0;
	unsigned long most = 1;

	while (queued < most) {
		char line[256];
		FILE *status = fopen("/proc/self/status", "re");

		while (status != NULL && fgets(line, sizeof(line), status) != NULL)
			(void)sscanf(line, "SigQ: %lu/%lu", &queued, &most);
		if (status == NULL || fclose(status) != 0)
			return;
	}
}

static bool fake_find_fault(const char *name)
{
	for (int i = 0; i < FAULTS; i++) {
		fault = (enum fault)i;
		if (strcmp(fault_names[i], name) == 0)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	sigset_t all;
	siginfo_t info;

	if (argc < 3 || !fake_find_fault(argv[1])) {
		(void)fprintf(stderr, "usage: bench_fake_init FAULT COMMAND [ARG...]\n");
		return 2;
	}
	if (fault == QUITS)
		return 7;
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	command = fault == IDLES ? 0 : fork();
	if (command == 0 && fault != IDLES) {
		(void)sigprocmask(SIG_UNBLOCK, &all, NULL);
		(void)execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (fault == DALLIES)
		fake_dally();
	for (;;) {
		static const struct timespec at_once;
		bool all_sent = fake_flush();

		if (!all_sent)
			(void)sched_yield(); /* and take what comes, which makes room */
		if ((all_sent ? sigwaitinfo(&all, &info) : sigtimedwait(&all, &info, &at_once)) < 0)
			continue;
		if (info.si_signo == SIGCHLD)
			fake_bury();
		else if (fault != IDLES)
			fake_forward(&info);
	}
}
