/* SPDX-License-Identifier: MIT */
/*
 * clock.h - nanoseconds of CLOCK_MONOTONIC, which is one clock inside and outside of the namespace.
 */
#ifndef SEXTON_STORM_CLOCK_H
#define SEXTON_STORM_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_US INT64_C(1000)
#define CLOCK_MS INT64_C(1000000)
#define CLOCK_S  INT64_C(1000000000)

static inline int64_t clock_now(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail: the clock is always there */
	return (int64_t)now.tv_sec * CLOCK_S + now.tv_nsec;
}

static inline struct timespec clock_span(int64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / CLOCK_S),
				  .tv_nsec = (long)(ns % CLOCK_S) };
}

/* Between looks, and as the pace of a sender; never to wait for somebody. A signal may end it early. */
static inline void clock_pause(int64_t ns)
{
	struct timespec span = clock_span(ns);

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL);
}

#endif
