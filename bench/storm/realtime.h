/* SPDX-License-Identifier: MIT */
/*
 * realtime.h - SCHED_FIFO for the two ends of a measurement, so that only the init's share counts.
 */
#ifndef SEXTON_STORM_REALTIME_H
#define SEXTON_STORM_REALTIME_H

/* The calling process runs before all ordinary ones; what it forks is ordinary again. 0, or a negative
 * errno where that is refused. */
__attribute__((warn_unused_result)) int realtime_enter(void);

void realtime_leave(void);

#endif
