/* SPDX-License-Identifier: MIT */
/*
 * loop.h - the main thread: facts -> events, actions -> calls.
 *
 * Purpose: waits in one ppoll(2) for a signal or the reaper's doorbell (and, while there is one, for a
 *	watched file, a main process that is no child of ours, or a guest), turns what it finds into
 *	policy events, and carries the actions out. The poll's timeout is the only deadline.
 * Owner: main.c; main thread. The only reader of the clock.
 * Errors: none end the loop. At worst (no signalfd, ppoll refused) it falls back to waiting in
 *	sigtimedwait(2) with a short timeout.
 * Next: policy.h, exitq.h, forward.h, drain.h.
 */
#ifndef SEXTON_LOOP_H
#define SEXTON_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sexton/config.h"
#include "sexton/delay.h"
#include "sexton/drain.h"
#include "sexton/exitq.h"
#include "sexton/forward.h"
#include "sexton/job.h"
#include "sexton/policy.h"
#include "sexton/reaper.h"
#include "sexton/scope.h"
#include "sexton/signals.h"
#include "sexton/status.h"
#include "sexton/successor.h"

struct loop {
	const struct config *config;
	struct exitq *exits;
	struct reaper *reaper;
	struct reaper *polled; /* polled mode: the reaper that main runs; NULL with a thread */
	struct forward *forward;
	struct scope *scope;
	struct successor *successor;
	struct drain *drain;
	struct status *status;
	struct job *job;
	siginfo_t *held; /* SIGNALS_MAX + 1 of them: [received] = as it will be sent on (--delay) */
	uint64_t handoff; /* mask: terminal signals to be swallowed once, see spawn.h */
	int signal_fd;    /* -1: none to be had */

	/* Set and used by loop_run() alone. */
	struct policy policy;
	struct delay delay;
	pid_t self;          /* our PID: signals that we raised ourselves (SIGPIPE) are dropped */
	uint64_t mask;       /* the signals we wait for */
	unsigned int wanted; /* ASK and KILL actions to be carried out when all facts are in */
	int round;           /* of the KILL among them */
	int64_t again;       /* when scope_again() is due, POLICY_NEVER */
	int again_left;      /* how many times more */
	bool again_is_stop;  /* and its signal stops all */
	struct drain_mark again_mark;
	/* A real-time signal whose receiver's queue is full, as it is to be sent. */
	siginfo_t waiting;
	bool waiting_is_stop;
	int64_t room_at;    /* when it is tried again, POLICY_NEVER: none waits */
	int64_t room_after; /* and how much later the next time, ns */
	bool told_full;
	bool lingering;     /* no child is left, but guests are waited for */
	bool main_ended;    /* the pidfd of a main process that is no child of ours is readable */
	bool file_changed;  /* something happened in the directory of --main-pid-file */
	bool child_died;    /* polled mode: SIGCHLD was seen */
	bool stirred;       /* something happened in this turn that a voice may speak of */
	bool told_children; /* and one of them was a burial */
	bool misled;        /* signal_fd could not be told of another .mask: it is tried again */
	bool deaf;          /* sigtimedwait(2) is refused */
	bool leaving;       /* EXIT was said */
	int exit_code;
};

/* The signals that the loop waits for, and signal_fd must tell of. With .polled and .job set. */
uint64_t loop_mask(const struct loop *loop);

/* Runs until the policy says EXIT and returns the exit code, 0..255. */
int loop_run(struct loop *loop);

#endif
