/* SPDX-License-Identifier: MIT */
/*
 * delay.h - signals that are held back for a while (--delay).
 *
 * Purpose: load balancers must have forgotten a server before it stops, so its stop signal is held
 *	back (Yelp/dumb-init#173, #285; kubernetes/kubernetes#89263). Keeps track of which signals
 *	wait and until when; the signals themselves are kept by the caller.
 * Rules: only the first one of each signal is held back, for who repeats himself does not want to
 *	wait. When it is over is a question of time, or of the caller: delay_take().
 * Owner: loop.c, main thread only. Pure: time comes in, no system call. Errors: none.
 * Next: loop.h.
 */
#ifndef SEXTON_DELAY_H
#define SEXTON_DELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "sexton/policy.h" /* POLICY_NEVER: points in time are CLOCK_MONOTONIC nanoseconds */
#include "sexton/signals.h"

struct delay {
	const int64_t
		*spans; /* by signal as received: nanoseconds, 0 = none, INT64_MAX = for ever */
	uint64_t held;  /* mask: those that wait */
	uint64_t spent; /* mask: those whose first one has come */
	int64_t due[SIGNALS_MAX + 1];
};

/* @spans must outlive @d. */
void delay_init(struct delay *d, const int64_t spans[SIGNALS_MAX + 1]);

/* @sig was received. True: it is to be held back until it is due, false: it is for now. */
bool delay_hold(struct delay *d, int sig, int64_t now);

/* Does @sig wait? Then it does no longer. */
bool delay_take(struct delay *d, int sig);

/* A signal that is due, and waits no longer; 0 if there is none. */
int delay_take_due(struct delay *d, int64_t now);

/* When the next one is due, POLICY_NEVER if none waits. */
int64_t delay_next(const struct delay *d);

#endif
