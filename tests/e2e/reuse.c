/* SPDX-License-Identifier: MIT */
/*
 * reuse.c - the first process of the namespace: rounds of sexton, and who signals it; see reuse.h.
 *
 * Usage: reuse SIGNALS [LAUNCHER RULE... --] SEXTON [OPTION...]
 * Ends when SIGNALS signals were sent, or after the round in which a bystander was hit.
 */
#include "reuse.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MAX    64
#define MIN_ROUNDS   50
#define QUEUE        256 /* signals that may wait for sexton: the rest come while it works */
#define BATCH        16
#define NOT_REALTIME 4
#define REALTIME     8
#define SIGNAL_COUNT (NOT_REALTIME + REALTIME)

static struct {
	struct reuse *shared;
	int fd; /* the shared memory */
	char self[256];
	char **words;
	_Atomic int target; /* pidfd of the sexton that the sender signals */
	_Atomic uint32_t targets;
	_Atomic uint32_t idle; /* the sender has let go of this many targets */
	_Atomic uint64_t sent;
} stub;

void reuse_give_up(const char *what)
{
	dprintf(STDERR_FILENO, "reuse: %s: %s\n", what, strerror(errno));
	_exit(98);
}

struct reuse *reuse_map(int fd)
{
	void *memory = mmap(NULL, sizeof(struct reuse), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		reuse_give_up("mmap");
	return memory;
}

void reuse_tell(_Atomic uint32_t *word, uint32_t value)
{
	uint32_t old = atomic_load(word);

	while (old < value && !atomic_compare_exchange_weak(word, &old, value))
		;
	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

void reuse_await(_Atomic uint32_t *word, uint32_t value, const char *what)
{
	struct timespec limit = { .tv_sec = REUSE_LIMIT_S };
	uint32_t now;

	while ((now = atomic_load(word)) < value)
		if (syscall(SYS_futex, word, FUTEX_WAIT, now, &limit, NULL, 0) < 0 &&
		    errno == ETIMEDOUT)
			reuse_give_up(what);
}

static int signal_number(unsigned int i)
{
	static const int ordinary[NOT_REALTIME] = { SIGUSR1, SIGHUP, SIGUSR2, SIGPWR };

	i %= SIGNAL_COUNT;
	return i < NOT_REALTIME ? ordinary[i] : SIGRTMIN + (int)i;
}

void reuse_signals(sigset_t *ret_set)
{
	sigemptyset(ret_set);
	for (unsigned int i = 0; i < SIGNAL_COUNT; i++)
		sigaddset(ret_set, signal_number(i));
	sigaddset(ret_set, SIGTERM);
}

/* Sends a batch; false when there is nobody any more. Queued ones come back with EAGAIN when the queue
 * is full, and are sent again. */
static bool send_batch(int pidfd, unsigned int *next)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	for (unsigned int i = 0; i < BATCH; i++, (*next)++) {
		siginfo_t info = { .si_signo = signal_number(*next), .si_code = SI_QUEUE };
		bool queued = info.si_signo >= SIGRTMIN;

		while (syscall(SYS_pidfd_send_signal, pidfd, info.si_signo, queued ? &info : NULL,
			       0) < 0) {
			if (errno == ESRCH)
				return false;
			if (errno != EAGAIN)
				reuse_give_up("send a signal");
			sched_yield();
		}
	}
	return poll(&end, 1, 0) == 0;
}

/* In every other round it says that all shall end, when the main process does: then sexton does not
 * only pass signals on to the heirs, it asks each of them. */
static void *sender(void *arg)
{
	unsigned int next = 0;
	bool may_stop;

	(void)arg;
	for (uint32_t mine = 1;; mine++) {
		reuse_await(&stub.targets, mine, "no sexton to be signalled");
		may_stop = mine % 2 == 1;
		while (send_batch(stub.target, &next)) {
			if (stub.shared->over < mine) /* what a dying sexton gets does not count */
				atomic_fetch_add_explicit(&stub.sent, BATCH, memory_order_relaxed);
			if (may_stop && stub.shared->go == mine) {
				syscall(SYS_pidfd_send_signal, stub.target, SIGTERM, NULL, 0);
				may_stop = false;
			}
		}
		reuse_tell(&stub.idle, mine);
	}
	return NULL;
}

static void __attribute__((noreturn)) become_sexton(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_SIGPENDING, &limit) < 0)
		reuse_give_up("getrlimit");
	limit.rlim_cur = QUEUE;
	if (setrlimit(RLIMIT_SIGPENDING, &limit) < 0)
		reuse_give_up("setrlimit");
	execv(stub.words[0], stub.words);
	reuse_give_up(stub.words[0]);
}

static pid_t start_sexton(void)
{
	pid_t pid;

	while ((pid = fork()) < 0 && errno == EAGAIN)
		sched_yield();
	if (pid < 0)
		reuse_give_up("fork of sexton");
	if (pid == 0)
		become_sexton();
	return pid;
}

/* Sexton starts, is signalled, loses its main process in a full house, its heirs, and ends. */
static void run_round(uint32_t round)
{
	struct reuse *shared = stub.shared;
	uint32_t full;
	int status;
	int pidfd;
	pid_t pid;

	shared->lived = 0;
	reuse_tell(&shared->round, round);
	for (int i = 0; i < REUSE_CROWDS; i++)
		reuse_await(&shared->roomy[i], round, "a crowd makes no room");
	pid = start_sexton();
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		reuse_give_up("pidfd_open");
	stub.target = pidfd;
	reuse_await(&shared->awake, round, "the main process does not wake up");
	reuse_tell(&stub.targets, round);
	reuse_await(&shared->ready, round, "the main process is not ready");
	full = shared->full; /* before it is asked for: then it cannot come and go unseen */
	shared->wanted = 1;
	reuse_tell(&shared->crowded, round);
	reuse_await(&shared->full, full + 1, "the crowds never fill the house");
	printf("reuse round=%u ready\n", round);
	reuse_tell(&shared->go, round);
	if (waitpid(pid, &status, 0) != pid)
		reuse_give_up("wait for sexton");
	reuse_await(&stub.idle, round, "the sender does not let go");
	close(pidfd);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != REUSE_CODE) {
		printf("reuse sexton ended with wait status %#x in round %u\n",
		       (unsigned int)status, round);
		exit(1);
	}
}

/* Numbers are given in order, so the first hundreds are gone when all but we have come. */
static void burn_numbers(void)
{
	int fd = open("/proc/sys/kernel/pid_max", O_WRONLY | O_CLOEXEC);
	pid_t pid;

	if (fd < 0 || dprintf(fd, "%d\n", REUSE_END) < 0 || close(fd) < 0)
		reuse_give_up("/proc/sys/kernel/pid_max (one of our own: Linux 6.14)");
	do {
		pid = fork();
		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			reuse_give_up("burn a number");
	} while (pid < REUSE_FIRST - 1);
}

static void set_up(int argc, char **argv)
{
	static char *words[WORDS_MAX];
	static char number[16];
	sigset_t signals;
	pthread_t thread;
	ssize_t size = readlink("/proc/self/exe", stub.self, sizeof(stub.self) - 1);
	int n = 0;

	stub.fd = memfd_create("reuse", 0);
	if (size < 0 || stub.fd < 0 || ftruncate(stub.fd, sizeof(struct reuse)) < 0)
		reuse_give_up("set up");
	stub.shared = reuse_map(stub.fd);
	snprintf(number, sizeof(number), "%d", stub.fd);
	while (n < argc && n < WORDS_MAX - 5) {
		words[n] = argv[n];
		n++;
	}
	words[n++] = (char *)"--";
	words[n++] = stub.self;
	words[n++] = (char *)"family";
	words[n++] = number;
	stub.words = words;
	/* Whatever we were started with: a bystander that ignores one could not be hit by it. */
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	/* Sexton inherits them blocked, and so does its command: neither is ever without defence. */
	reuse_signals(&signals);
	sigprocmask(SIG_SETMASK, &signals, NULL);
	if (pthread_create(&thread, NULL, sender, NULL) != 0)
		reuse_give_up("pthread_create");
	for (int i = 0; i < REUSE_CROWDS; i++) {
		pid_t pid = fork();

		if (pid < 0)
			reuse_give_up("fork of a crowd");
		if (pid == 0)
			reuse_crowd(stub.shared, i); /* keeps still until the first round */
	}
	burn_numbers();
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void report(uint32_t rounds, double took)
{
	const struct reuse *shared = stub.shared;
	uint32_t least = UINT32_MAX;
	uint64_t all = 0;

	for (int pid = REUSE_FIRST; pid < REUSE_END; pid++) {
		all += shared->born[pid];
		if (shared->born[pid] < least)
			least = shared->born[pid];
	}
	if (shared->hit.count > 0)
		printf("reuse bystanders hit: %u, the first was pid %u, signal %u, in round %u\n",
		       shared->hit.count, shared->hit.pid, shared->hit.sig, shared->hit.round);
	printf("reuse end hits=%u rounds=%u sent=%llu before=%llu after=%llu ms=%.0f "
	       "bystanders=%llu recycled=%.0f least=%.0f\n",
	       shared->hit.count, rounds, (unsigned long long)stub.sent,
	       (unsigned long long)shared->before, (unsigned long long)shared->after, took * 1000,
	       (unsigned long long)all, (double)all / (REUSE_END - REUSE_FIRST) / took,
	       (double)least / took);
}

int main(int argc, char **argv)
{
	uint64_t wanted;
	uint32_t round = 0;
	double start;

	if (argc == 3 && strcmp(argv[1], "family") == 0)
		return reuse_family(atoi(argv[2]));
	if (argc < 3 || getpid() != 1) {
		fprintf(stderr, "usage, as PID 1: reuse SIGNALS SEXTON [OPTION...]\n");
		return 98;
	}
	wanted = strtoull(argv[1], NULL, 10);
	setvbuf(stdout, NULL, _IOLBF, 0);
	set_up(argc - 2, argv + 2);
	start = seconds();
	do {
		run_round(++round);
		printf("reuse round=%u done sent=%llu\n", round, (unsigned long long)stub.sent);
	} while ((stub.sent < wanted || round < MIN_ROUNDS) && stub.shared->hit.count == 0);
	report(round, seconds() - start);
	return 0;
}
