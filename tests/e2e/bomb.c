/* SPDX-License-Identifier: MIT */
/*
 * bomb.c - scenario "bomb": forks as fast as it can. See payload.h.
 */
#include "payload.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* It is well under way after so many forks. */
#define BOMB_READY     30
/* So many does a "feed" keep alive. */
#define BOMB_AT_A_TIME 50
/* So many do that. */
#define BOMB_FEEDERS   4

static volatile sig_atomic_t told; /* a fork passes it on: who was born after it was told knows */
static atomic_int *forked;         /* by all of them */

static void be_told(int sig)
{
	told = sig;
}

/* True if there may be one more. */
static bool count_one(int most)
{
	int n = atomic_fetch_add(forked, 1) + 1;

	if (n == BOMB_READY)
		say("ready bomb pid=%d", (int)getpid());
	return n <= most;
}

static pid_t must_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	return pid;
}

/* Until it dies of TERM, or was told by it. */
static void __attribute__((noreturn)) wait_for_term(void)
{
	sigset_t term;
	sigset_t old;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &old);
	while (!told)
		sigsuspend(&old);
	_exit(0);
}

/* One forks, its children wait; @wide: they all fork. */
static void __attribute__((noreturn)) go_off(int most, bool wide)
{
	while (!told && count_one(most))
		if (must_fork() == 0 && !wide)
			break;
	wait_for_term();
}

/* Each forks its successor and ends. */
static void __attribute__((noreturn)) hop(int most)
{
	while (!told && count_one(most))
		if (must_fork() > 0)
			_exit(0);
	wait_for_term();
}

static void __attribute__((noreturn)) feed_ends(const pid_t *pids)
{
	for (int i = 0; i < BOMB_AT_A_TIME; i++)
		if (pids[i] != 0 && kill(pids[i], SIGKILL) == 0)
			waitpid(pids[i], NULL, 0);
	_exit(0);
}

/* Where the oldest child was there will be a new one. */
static void replace(pid_t *oldest)
{
	if (*oldest != 0 && kill(*oldest, SIGKILL) == 0)
		waitpid(*oldest, NULL, 0);
	*oldest = must_fork();
	while (*oldest == 0)
		pause();
}

/* For ever. All signals are blocked, so that they end nobody. */
static void __attribute__((noreturn)) feed(void)
{
	static const struct timespec now;
	pid_t pids[BOMB_AT_A_TIME] = { 0 };
	bool is_first = true;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (int i = 1; i < BOMB_FEEDERS && is_first; i++)
		is_first = must_fork() > 0;
	for (int at = 0;; at = (at + 1) % BOMB_AT_A_TIME) {
		int sig = sigtimedwait(&all, NULL, &now);

		if (sig == SIGTERM)
			feed_ends(pids);
		if (sig == SIGUSR1 && is_first)
			say("got bomb USR1");
		replace(&pids[at]);
		(void)count_one(0);
	}
}

static void wait_for_usr1(void)
{
	sigset_t usr1;
	sigset_t old;
	int sig;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &old);
	say("held bomb");
	sigwait(&usr1, &sig);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

int bomb_main(int argc, char **argv)
{
	const char *kind = argc > 0 ? argv[0] : "";
	int most = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0;

	forked = mmap(NULL, sizeof(*forked), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (forked == MAP_FAILED)
		die("mmap");
	if (argc > 2 && strcmp(argv[2], "handler") == 0)
		signal(SIGTERM, be_told);
	if (argc > 2 && strcmp(argv[2], "held") == 0)
		wait_for_usr1();
	if (strcmp(kind, "line") == 0 || strcmp(kind, "wide") == 0)
		go_off(most, *kind == 'w');
	if (strcmp(kind, "hop") == 0)
		hop(most);
	if (strcmp(kind, "feed") == 0)
		feed();
	return 98;
}
