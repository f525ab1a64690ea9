/* SPDX-License-Identifier: MIT */
/*
 * exitq.h - reaper thread -> main thread: a wait-free queue and a doorbell.
 *
 * Purpose: carries the exits that main must know. The reaper never waits for main: posting is one
 *	exchange (liburcu wfcqueue), and one write(2) to an eventfd only when the queue was
 *	empty.
 * Owner: main.c. One poster (the reaper), one taker (main); in single-threaded mode both are main.
 * Memory: a fixed pool that main hands back through a second queue. When it is empty a HEIR fact is
 *	dropped and counted; MAIN, NONE_LEFT and TROUBLE have records of their own and are never
 *	lost.
 * Ordering: docs/ORDERING.md [exitq-post], [exitq-bell], [exitq-return].
 * Next: reaper.h (the poster), loop.h (the taker).
 */
#ifndef SEXTON_EXITQ_H
#define SEXTON_EXITQ_H

#include <stdbool.h>
#include <sys/types.h>

#include <urcu/wfcqueue.h>

enum exitq_kind {
	EXITQ_HEIR,      /* a child other than the main process was buried */
	EXITQ_MAIN,      /* the main process was buried */
	EXITQ_NONE_LEFT, /* wait said ECHILD: no child is left */
	EXITQ_TROUBLE,   /* wait fails for another reason: .status is the negative errno */
	EXITQ_KIND_COUNT,
};

struct exitq_fact {
	enum exitq_kind kind;
	pid_t pid;  /* HEIR, MAIN */
	int status; /* HEIR, MAIN: wait(2) status; TROUBLE: negative errno */
	int last;   /* NONE_LEFT: exit code of the last heir, -1 if none */
	int worst;  /* NONE_LEFT: highest exit code of the heirs, -1 if none */
};

struct exitq_record {
	struct cds_wfcq_node node; /* first: a record is found from its node */
	struct exitq_fact fact;
};

#define EXITQ_POOL 256

struct exitq {
	int bell; /* eventfd: readable when the queue may hold something */
	struct __cds_wfcq_head posted_head;
	struct cds_wfcq_tail posted_tail;
	struct __cds_wfcq_head free_head;
	struct cds_wfcq_tail free_tail;
	struct exitq_record own[EXITQ_KIND_COUNT]; /* [EXITQ_HEIR] is unused */
	/* Reaper only: how many of .pool were ever used. The rest need not be in memory. */
	unsigned int used;
	struct exitq_record pool[EXITQ_POOL];
};

/* Before the threads exist. Returns 0 or the negative errno of eventfd(2). */
int exitq_init(struct exitq *q) __attribute__((warn_unused_result));

/* Poster only. False when the fact was dropped (only ever a HEIR). Never blocks, never allocates.
 */
bool exitq_post(struct exitq *q, const struct exitq_fact *fact);

/*
 * Taker only. Silences the doorbell; must come before the exitq_take() calls that empty the queue:
 * the other way round a fact posted between the two is never announced [exitq-bell].
 */
void exitq_hush(struct exitq *q);

/*
 * Taker only. True and the oldest fact, or false when there is none now. If the poster is in the
 * middle of a post this returns false and rings the doorbell itself, so that the taker comes back
 * instead of waiting for the other thread.
 */
bool exitq_take(struct exitq *q, struct exitq_fact *ret_fact);

#endif
