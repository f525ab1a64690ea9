/* SPDX-License-Identifier: MIT */
/*
 * asked.h - who was asked already.
 *
 * Purpose: each process is asked once. Remembers processes by PID and start time, so that a
 *	recycled number is a new process.
 * Owner: drain.c and scope.c, main thread only.
 * Memory: a hash table in mapped memory, none before the first asked_reserve(). It grows as the
 *	living need: before it doubles it forgets the dead. No malloc.
 */
#ifndef SEXTON_ASKED_H
#define SEXTON_ASKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct asked_entry {
	uint64_t start; /* clock ticks since boot */
	int64_t due;    /* the caller's: when the next step of asking comes */
	pid_t pid;      /* 0: free */
	short round;    /* the round of SIGKILL in which it was asked; 0 before the first */
	short step;     /* the caller's: how far it has been asked, from 0 */
};

struct asked {
	struct asked_entry *entries;
	size_t capacity; /* a power of two, 0 before the first asked_reserve() */
	size_t used;
};

void asked_init(struct asked *asked);
void asked_fini(struct asked *asked);

/*
 * Makes room for one more, so that the asked_add() after it cannot fail: remember first, then ask.
 * @is_alive(pid, start) tells whether an entry is still needed. Returns 0 or -ENOMEM.
 */
int asked_reserve(struct asked *asked, bool (*is_alive)(pid_t pid, uint64_t start))
	__attribute__((warn_unused_result));

/*
 * After a successful asked_reserve(). Returns the entry, whose .due and .step are 0 if it is new; adding
 * what is there changes nothing. Valid until the next reserve.
 */
struct asked_entry *asked_add(struct asked *asked, pid_t pid, uint64_t start, int round);

/* The entry of this very process, or NULL if it was not asked. Valid until the next reserve. */
struct asked_entry *asked_find(const struct asked *asked, pid_t pid, uint64_t start);

#endif
