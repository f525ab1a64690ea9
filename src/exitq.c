/* SPDX-License-Identifier: MIT */
/*
 * exitq.c - the reaper's facts for main; see sexton/exitq.h.
 *
 * Two liburcu wfcqueues pass records round: "posted" from the reaper to main, "free" back again.
 * Each has one thread at either end, so neither needs a lock. Enqueueing is one exchange of the
 * tail; dequeueing is non-blocking, because the other thread may have been preempted between that
 * exchange and linking its node, and nobody here waits for the other.
 */
#include "sexton/exitq.h"

#include <signal.h>

#include "sexton/sys.h"

static struct exitq_record *exitq_record_of(struct cds_wfcq_node *node)
{
	_Static_assert(offsetof(struct exitq_record, node) == 0, "a record begins with its node");
	return (struct exitq_record *)node;
}

int exitq_init(struct exitq *q)
{
	__cds_wfcq_init(&q->posted_head, &q->posted_tail);
	__cds_wfcq_init(&q->free_head, &q->free_tail);
	q->used = 0;
	q->bell = sys_eventfd();
	return q->bell < 0 ? q->bell : 0;
}

/* A record for a new fact, or NULL when main has not handed one back yet. */
static struct exitq_record *exitq_record_for(struct exitq *q, enum exitq_kind kind)
{
	struct cds_wfcq_node *node;

	if (kind != EXITQ_HEIR)
		return &q->own[kind];
	/* [exitq-return], reaper's end. "Would block" = main is handing one back just now. */
	node = __cds_wfcq_dequeue_nonblocking(&q->free_head, &q->free_tail);
	if (node != NULL && node != CDS_WFCQ_WOULDBLOCK)
		return exitq_record_of(node);
	return q->used < EXITQ_POOL ? &q->pool[q->used++] : NULL;
}

static void exitq_ring(struct exitq *q)
{
	/*
	 * An eventfd that a sandbox refuses must not make main sleep through the end: a signal of
	 * our own wakes it as well, and the loop drops what we sent ourselves. SIGURG is ignored by
	 * default, so it is harmless even where it is not blocked.
	 */
	if (sys_eventfd_ring(q->bell) < 0)
		sys_ignore(sys_kill(sys_getpid(), SIGURG)); /* then the next signal wakes it */
}

bool exitq_post(struct exitq *q, const struct exitq_fact *fact)
{
	struct exitq_record *record = exitq_record_for(q, fact->kind);

	if (record == NULL)
		return false;
	record->fact = *fact;
	cds_wfcq_node_init(&record->node);
	/* [exitq-post], reaper's end: the exchange of the tail orders the fact before the node. */
	if (!cds_wfcq_enqueue(&q->posted_head, &q->posted_tail, &record->node))
		exitq_ring(q); /* [exitq-bell]: it was empty, so main may be asleep */
	return true;
}

void exitq_hush(struct exitq *q)
{
	/* [exitq-bell], main's end. It may be silent already (-EAGAIN); any other failure leaves it
	 * ringing, and main comes back once more for nothing. */
	sys_ignore(sys_eventfd_clear(q->bell));
}

bool exitq_take(struct exitq *q, struct exitq_fact *ret_fact)
{
	/* [exitq-post], main's end: the dependency through the node orders the fact after it. */
	struct cds_wfcq_node *node =
		__cds_wfcq_dequeue_nonblocking(&q->posted_head, &q->posted_tail);
	struct exitq_record *record;

	if (node == CDS_WFCQ_WOULDBLOCK) {
		/* The reaper is between its exchange and its link. The queue was not empty for it,
		 * so it will not ring: come back by our own bell, after the signals that wait. */
		exitq_ring(q);
		return false;
	}
	if (node == NULL)
		return false;
	record = exitq_record_of(node);
	*ret_fact = record->fact;
	if (ret_fact->kind == EXITQ_HEIR) {
		cds_wfcq_node_init(node);
		/* [exitq-return], main's end: our copy is done before the record goes back. */
		(void)cds_wfcq_enqueue(&q->free_head, &q->free_tail, node);
	}
	return true;
}
