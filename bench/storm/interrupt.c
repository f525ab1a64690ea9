/* SPDX-License-Identifier: MIT */
/*
 * interrupt.c - see interrupt.h.
 */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static const int interrupt_signals[] = { SIGINT, SIGTERM, SIGHUP };

#define INTERRUPT_SIGNALS (sizeof(interrupt_signals) / sizeof(interrupt_signals[0]))

/* Those of them that end us; one that is ignored would be pending all the same while it is blocked. */
static void interrupt_fill(sigset_t *ret_set)
{
	struct sigaction action;

	(void)sigemptyset(ret_set);
	for (size_t i = 0; i < INTERRUPT_SIGNALS; i++)
		if (sigaction(interrupt_signals[i], NULL, &action) == 0 &&
		    action.sa_handler != SIG_IGN)
			(void)sigaddset(ret_set, interrupt_signals[i]);
}

void interrupt_block(void)
{
	sigset_t set;

	interrupt_fill(&set);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

bool interrupt_pending(void)
{
	sigset_t pending;
	sigset_t ours;

	interrupt_fill(&ours);
	if (sigpending(&pending) != 0)
		return false;
	for (size_t i = 0; i < INTERRUPT_SIGNALS; i++)
		if (sigismember(&ours, interrupt_signals[i]) == 1 &&
		    sigismember(&pending, interrupt_signals[i]) == 1)
			return true;
	return false;
}

void interrupt_deliver(void)
{
	sigset_t set;

	interrupt_fill(&set);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void interrupt_reset(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig <= SIGRTMAX; sig++)
		(void)sigaction(sig, &action, NULL); /* refused for SIGKILL, SIGSTOP, libc's own */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}
