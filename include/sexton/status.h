/* SPDX-License-Identifier: MIT */
/*
 * status.h - the counters.
 *
 * Purpose: how many were buried, how many signals went out: for -v, for tests, for a status page.
 * Owner: main.c. Each counter has one writer, named below; any thread may read. Relaxed atomics: a
 *	counter orders nothing, and a reader may be one behind [status].
 */
#ifndef SEXTON_STATUS_H
#define SEXTON_STATUS_H

#include <stdatomic.h>
#include <stdint.h>

struct status {
	_Atomic uint64_t buried;    /* reaper: zombies waited for */
	_Atomic uint64_t dropped;   /* reaper: burials that found no record to be told in */
	_Atomic uint64_t forwarded; /* main: signals sent on */
	_Atomic uint64_t asked;     /* main: leftover processes asked to end */
	_Atomic uint64_t killed;    /* main: processes that got SIGKILL */
};

/* The writer of @counter adds @n. */
static inline void status_add(_Atomic uint64_t *counter, uint64_t n)
{
	/* One writer a counter: a load and a store, no locked instruction. [status] */
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

static inline uint64_t status_get(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

#endif
