/* SPDX-License-Identifier: MIT */
/*
 * signals.h - signal numbers, names and masks.
 *
 * Purpose: one vocabulary for signals: what a user writes ("TERM", "SIGTERM", "15", "RTMIN+3") and
 *	what the kernel takes (a 64-bit mask, bit N-1 for signal N, the layout of
 *	rt_sigprocmask(2)). libc's sigset_t is not used: glibc's sigfillset() leaves out 32 and
 *	33, and an init that does not block these two dies of them outside PID 1.
 * Owner: nobody; pure functions over their arguments, any thread.
 * Next: cli.h (who reads names), sys.h (who takes masks).
 */
#ifndef SEXTON_SIGNALS_H
#define SEXTON_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/* The highest signal number of Linux on every architecture but MIPS (signal(7)). */
#define SIGNALS_MAX       64
/* The user's RTMIN, as in kill -l and docker kill: 34 (glibc keeps 32 and 33, musl 34 as well). */
#define SIGNALS_RTMIN     34
/* From this one on the kernel queues signals: two of them are two (signal(7)). */
#define SIGNALS_QUEUED    32
/* Bytes that signals_name() and signals_description() need at most, with the terminating NUL
 * ("Unknown signal -2147483648"). */
#define SIGNALS_NAME_SIZE 32

#define SIGNALS_ALL      UINT64_MAX
/* The bit of @sig in a mask; @sig is 1..SIGNALS_MAX. */
#define SIGNALS_BIT(sig) (UINT64_C(1) << ((sig)-1))

/* Is @sig (any int) a member of @mask? Numbers outside 1..SIGNALS_MAX are in no mask. */
static inline bool signals_in(uint64_t mask, int sig)
{
	return sig >= 1 && sig <= SIGNALS_MAX && (mask & SIGNALS_BIT(sig)) != 0;
}

/*
 * Reads a signal: a number 1..64 or a name, in any case, with or without "SIG"; RTMIN, RTMIN+n,
 * RTMAX, RTMAX-n; the historic names IOT, CLD and POLL as well. @len bytes of @text are read.
 * Returns 0, or -EINVAL when it names no signal (an empty text and trailing characters included).
 */
int signals_parse(const char *text, unsigned int len, int *ret_sig)
	__attribute__((warn_unused_result));

/*
 * Writes the short name of @sig ("TERM", "RTMIN+3") into @ret_name and returns it. A number outside
 * 1..64 is written as a number: this function has no way to fail.
 */
const char *signals_name(int sig, char ret_name[SIGNALS_NAME_SIZE]);

/*
 * The description of @sig as strsignal(3) of glibc has it in the C locale ("Terminated", "Real-time
 * signal 3"), on any libc. @ret_room is used for what is no constant. Never fails.
 */
const char *signals_description(int sig, char ret_room[SIGNALS_NAME_SIZE]);

/*
 * Is @sig one that the CPU raises against the instruction that runs (SEGV BUS ILL FPE TRAP SYS)?
 * These are forwarded only when a user sent them, si_code <= 0 (sigaction(2)).
 */
bool signals_is_synchronous(int sig);

#endif
