/* SPDX-License-Identifier: MIT */
/* loop_part.h - what the files of the loop share. Of no use to others. */
#ifndef SEXTON_LOOP_PART_H
#define SEXTON_LOOP_PART_H

#include "sexton/loop.h"

/* Signals taken, and in polled mode zombies buried, before the other kind of fact has its turn. */
#define LOOP_BATCH    64u
/* How long a wait may last when ppoll(2) or its descriptors are not to be had. */
#define LOOP_BLIND_NS INT64_C(20000000)
/* When a signal that found no room is tried again; then after twice that, and so on to 32 times. */
#define LOOP_ROOM_NS  INT64_C(1000000)

/* loop.c */

/* One event into the policy, and its actions out. @info and @is_stop concern FORWARD only. */
void loop_step(struct loop *l, const struct policy_event *event, const siginfo_t *info,
	       bool is_stop);

/* Sends @info to whom --forward says. */
void loop_forward(struct loop *l, const siginfo_t *info, bool is_stop);

/* loop_signal.c */

/* A signal was taken. */
void loop_signal(struct loop *l, siginfo_t *info);
/* Sets .mask, and what signal_fd tells of. */
void loop_listen(struct loop *l);
/* There was no room for @info in its receiver's queue. True: it is kept for later. */
bool loop_keep(struct loop *l, const siginfo_t *info, bool is_stop);
/* Tries again to send what was kept. */
void loop_retry(struct loop *l);
/* Takes those that wait, a batch at most. */
void loop_take_signals(struct loop *l);
/* @info, received as @from, goes to the policy, and where that sends it. @had_it: who it is for has it
 * already. */
void loop_deliver(struct loop *l, const siginfo_t *info, int from, bool had_it);
/*
 * Nothing is held back any longer, for the main process has exited. What stops all does so now: the rest
 * is asked instead.
 */
void loop_release(struct loop *l);

/* loop_exit.c */

/* Takes what the reaper has posted. */
void loop_take_exits(struct loop *l);
/* What loop_wait() has noticed of a successor. */
void loop_mind_successor(struct loop *l);
/* When none but guests is left: is there still somebody to wait for? */
void loop_mind_guests(struct loop *l);

#endif
