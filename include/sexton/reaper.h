/* SPDX-License-Identifier: MIT */
/*
 * reaper.h - the blocking wait for any child.
 *
 * Purpose: buries every child, tells main what it must know, and ends when nobody is left.
 * Modes: plain, waitpid(-1): pidfds do all signalling. Guarded, look (waitid WNOWAIT), retire
 *	(target.h), bury: some signal may be sent by number. Polled: no second thread was to be
 *	had; main runs the same code on SIGCHLD. One thread does not race itself, so a number is
 *	retired after its burial, without a look.
 * Many children: after a run of zombies that were there already, they are waited for by number, in all
 *	three modes (census.h).
 * Owner: main.c. reaper_run() is the reaper thread's whole life; reaper_poll() is main's, in polled
 *	mode. Never both.
 * Errors: wait(2) failing with anything but ECHILD is posted once as EXITQ_TROUBLE and tried again
 *	every REAPER_RETRY_NS: nothing but "no child is left" ends the reaper.
 * Next: exitq.h, target.h, census.h.
 */
#ifndef SEXTON_REAPER_H
#define SEXTON_REAPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sexton/census.h"
#include "sexton/exitq.h"
#include "sexton/status.h"
#include "sexton/target.h"

/* How long the reaper stays away from a wait(2) that a sandbox refuses. */
#define REAPER_RETRY_NS INT64_C(100000000)

struct reaper {
	_Atomic pid_t main_pid; /* [reaper-adopt]; 0: its end was told, and nobody took its place */
	bool guarded;           /* look, retire, bury */
	bool post_all; /* every burial is of interest (logging), not only those after main's */
	struct exitq *exits;
	struct target *targets;
	struct status *status;
	bool pausing; /* an end of all children is not the end: more may be orphaned to us */
	int farewell; /* guarded, main's group: sent to it when main is dead and not yet buried,
			 * for as long as the zombie holds its number; 0: nothing is */
	_Atomic bool dismissed; /* [reaper-dismiss]: end with the next burial */
	pid_t claimed;          /* guarded: the main process, which is about to be buried; 0 */
	bool main_buried;       /* one was: who is buried while there is none is an heir */
	bool in_trouble;        /* the last wait(2) was refused: try again after REAPER_RETRY_NS */
	bool told_trouble;      /* EXITQ_TROUBLE was posted */
	bool alone;             /* the last wait(2) said that no child is left */
	int last;               /* exit code of the last heir, -1 if none */
	int worst;              /* highest exit code of the heirs, -1 if none */
	struct census census;
};

/*
 * Main thread: from now on the end of @pid, our child, is told as that of the main process (EXITQ_MAIN),
 * after that of the old one was taken from the queue. It may have been buried unnoticed before that is
 * seen, so the caller looks again *after* this whether it lives, and takes it back if not.
 */
void reaper_adopt(struct reaper *r, pid_t pid);

/* Main thread: takes it back. False: too late, its end is told (or was). */
bool reaper_disown(struct reaper *r, pid_t pid);

/*
 * Main thread, after EXITQ_NONE_LEFT was taken: the reaper has ended, and main buries from now on, with
 * reaper_poll(), whoever comes from outside and is orphaned to us. EXITQ_NONE_LEFT is not posted again.
 */
void reaper_take_over(struct reaper *r);

/* Before the thread exists; the caller has filled in the fields up to .farewell, the rest is set here. */
void reaper_init(struct reaper *r);

/* The reaper thread: pthread_create(..., reaper_run, struct reaper *). Returns NULL after ECHILD,
 * or when it is dismissed. */
void *reaper_run(void *reaper);

/*
 * Main thread: makes the reaper thread end although children live, and returns 0 when it can be
 * joined. A wait(2) ends when a child does, so one is made for it if there is none about to. -EAGAIN or -ENOMEM: it cannot.
 */
int reaper_dismiss(struct reaper *r) __attribute__((warn_unused_result));

/*
 * Polled mode: buries at most @max zombies that are there now. True when it stopped because of
 * @max, i.e. more may be there. Never blocks.
 */
bool reaper_poll(struct reaper *r, unsigned int max);

#endif
