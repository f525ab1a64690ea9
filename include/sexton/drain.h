/* SPDX-License-Identifier: MIT */
/*
 * drain.h - ask the roots, then their trees, then end it.
 *
 * Purpose: carries out the policy's ASK and KILL actions on whoever is left: each process asked
 *	once, its parent before it, and killed only after it was asked in an earlier round. Asking may
 *	have several steps (--ask-with): each process gets the next one when its own time is over.
 *	As PID 1, guests (proctree.h) are asked as roots of their own, where the policy says so.
 * Owner: loop.c, main thread only. Time comes in, as nanoseconds of CLOCK_MONOTONIC.
 * Errors: none leave this module. What cannot be done is logged once, and the rest goes on.
 * Without /proc, or when it cannot be read (or hides somebody) DRAIN_FAILED_LOOKS times in a row: PID 1
 *	asks and kills with kill(-1); a subreaper reaches the main process's group, where its
 *	pidfd can.
 * Without pidfds: only our children are asked and killed; a tree below a deaf root is asked when that
 *	root was killed, and killed a round later. Guests are neither asked nor waited for: their numbers
 *	are freed by others.
 * Next: proctree.h, asked.h, forward.h.
 */
#ifndef SEXTON_DRAIN_H
#define SEXTON_DRAIN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sexton/asked.h"
#include "sexton/config.h"
#include "sexton/forward.h"
#include "sexton/policy.h"
#include "sexton/proctree.h"
#include "sexton/scope.h"
#include "sexton/status.h"

/* A point in time by which processes are older or younger: ticks since boot, and the newest PID. */
struct drain_mark {
	uint64_t ticks; /* 0: never */
	pid_t newest;
	int64_t when;
};

#define DRAIN_FAILED_LOOKS 2

struct drain {
	const struct forward *forward;
	struct status *status;
	const struct config_step *steps; /* CONFIG_STEPS_MAX of them */
	bool is_init;                    /* we are PID 1 */
	struct proctree tree;
	struct asked asked;
	struct drain_mark group_told; /* when the main process's group got a stop signal */
	struct drain_mark all_told;   /* when everybody did */
	int64_t due;                  /* the next step of somebody, see drain_due() */
	int blind_step;               /* step that all were asked with at once; -1: none */
	int64_t blind_due;
	int failed_looks;  /* in a row */
	int failed_guests; /* looks at guests, in a row */
	bool warned;       /* a failure was logged */
	int named_round;   /* survivors were named in this round of SIGKILL */
	int guest_fd;      /* pidfd of a guest that is waited for, -1 */
};

/* @steps: struct config's .ask, which must outlive @d. */
void drain_init(struct drain *d, const struct forward *forward, struct status *status,
		const struct config_step *steps);
void drain_fini(struct drain *d);

/* To be taken at @now, @boot_ticks, right before a stop signal is sent to the scope. */
struct drain_mark drain_mark(const struct drain *d, uint64_t boot_ticks, int64_t now);

/* A stop signal has gone to the scope since @mark: who was @reached, and @told one by one, counts as
 * asked. */
void drain_note_told(struct drain *d, const struct drain_mark *mark, enum scope_reached reached,
		     const struct asked *told);

/*
 * Asks every direct child (@reach PROCTREE_CHILDREN) or descendant that was not asked yet, until a
 * look finds nobody new (at most DRAIN_LOOKS looks), and those whose next step is due. @guests: them
 * too.
 */
#define DRAIN_LOOKS 16
void drain_ask(struct drain *d, enum proctree_reach reach, bool guests, int64_t now);

/* When drain_ask() has the next step to make, of those that its last look found; POLICY_NEVER: none. */
int64_t drain_due(const struct drain *d);

/* Sends @info on to every direct child; if @is_stop, that counts as asking it. */
void drain_forward(struct drain *d, const siginfo_t *info, bool is_stop, int64_t now);

/*
 * Names the survivors (at most DRAIN_NAMED lines, then a count; once a round) and sends SIGKILL to
 * each descendant that was asked before @round. The others are asked now, or, with @everyone,
 * killed too. @guests: them and theirs as well.
 */
#define DRAIN_NAMED 20
void drain_kill(struct drain *d, int round, bool everyone, bool guests, int64_t now);

/*
 * Are guests left that could be waited for? If so, .guest_fd is a pidfd of one of them, readable when it
 * has ended (poll(2)); -1 when there is no descriptor to be had for it.
 */
bool drain_guests_left(struct drain *d);

/* .guest_fd is not to be waited for any more. */
void drain_forget_guest(struct drain *d);

#endif
