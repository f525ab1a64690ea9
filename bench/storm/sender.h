/* SPDX-License-Identifier: MIT */
/*
 * sender.h - signals sent at the init one by one, and when the command gets them; for forward and memory.
 *
 * The sender is outside, where a container runtime is. The receiver is the command: it sits in
 * sigwaitinfo(2), takes the clock and wakes the sender. Both run at SCHED_FIFO where they may.
 */
#ifndef SEXTON_STORM_SENDER_H
#define SEXTON_STORM_SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "run.h"
#include "shared.h"

struct sender_pace {
	int64_t least; /* ns between the arrival of one and the next */
	int64_t most;
	bool in_storms; /* only while shared->storming is 1 */
};

/* Inside: blocks the signal. Before the first fork, so that no load dies of it. */
void sender_block(void);

/* Inside: SHARED_READY, and takes signals for ever. After the last fork. */
_Noreturn void sender_receive(struct shared *shared);

/* Outside: sends @signals after some for warming up and fills in sent, lost, realtime and latency_ns. */
RUN_MUST_CHECK int sender_send(struct run *run, int64_t signals, struct sender_pace pace);

#endif
