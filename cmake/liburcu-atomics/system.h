/* SPDX-License-Identifier: MIT */
/*
 * system.h - liburcu's shared loads and stores as compiler atomics, for ThreadSanitizer.
 *
 * liburcu before 0.15 makes them volatile accesses beside fences in assembly. The hardware orders
 * those; ThreadSanitizer sees neither and reports races in correct code. Here a load acquires and a
 * store releases. All synchronisation of liburcu-mb and wfcqueue goes through these two and through
 * uatomic.h, so every edge the fences give is visible. (It may show an edge too many: a relaxed
 * access cannot be told from one that is ordered by a fence. Ordering is the queue test's job.)
 */
#ifndef _URCU_SYSTEM_H
#define _URCU_SYSTEM_H

#include <urcu/compiler.h>
#include <urcu/arch.h>

#define _CMM_LOAD_SHARED(p) __atomic_load_n(&(p), __ATOMIC_ACQUIRE)
#define CMM_LOAD_SHARED(p)  _CMM_LOAD_SHARED(p)

#define _CMM_STORE_SHARED(x, v)                                                                    \
	__extension__({                                                                            \
		__typeof__(x) _stored = (v);                                                       \
		__atomic_store_n(&(x), _stored, __ATOMIC_RELEASE);                                 \
		_stored = _stored; /* no "unused result" */                                        \
	})
#define CMM_STORE_SHARED(x, v) _CMM_STORE_SHARED(x, v)

#endif
