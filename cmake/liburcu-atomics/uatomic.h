/* SPDX-License-Identifier: MIT */
/*
 * uatomic.h - liburcu's read-modify-write operations as compiler atomics, for ThreadSanitizer.
 *
 * Takes the place of every architecture's own file; see system.h beside it. What is not defined
 * here, <urcu/uatomic/generic.h> builds from the compiler's __sync functions.
 */
#ifndef _URCU_UATOMIC_COMPILER_H
#define _URCU_UATOMIC_COMPILER_H

#include <urcu/compiler.h>
#include <urcu/system.h>

#define UATOMIC_HAS_ATOMIC_BYTE
#define UATOMIC_HAS_ATOMIC_SHORT

/* One exchange and not generic.h's loop: the queue must be as wait-free as the one we ship. */
#define uatomic_xchg(addr, v) __atomic_exchange_n((addr), (v), __ATOMIC_SEQ_CST)

#include <urcu/uatomic/generic.h>

#endif
