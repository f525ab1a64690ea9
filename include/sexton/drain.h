/* SPDX-License-Identifier: MIT */
/*
 * drain.h - ask the roots, then their trees, then end it.
 *
 * Purpose: carries out the policy's ASK and KILL actions on whoever is left: each process asked
 *	once, its parent before it, and killed only after it was asked in an earlier round.
 * Owner: loop.c, main thread only.
 * Errors: none leave this module. What cannot be done is logged once, and the rest goes on.
 * Without /proc, or when it cannot be read (or hides somebody) DRAIN_FAILED_LOOKS times in a row: PID 1
 *	asks and kills with kill(-1); a subreaper reaches the main process's group, where its
 *	pidfd can.
 * Without pidfds: only our children are asked and killed; a tree below a deaf root is asked when that
 *	root was killed, and killed a round later.
 * Next: proctree.h, asked.h, forward.h.
 */
#ifndef SEXTON_DRAIN_H
#define SEXTON_DRAIN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sexton/asked.h"
#include "sexton/forward.h"
#include "sexton/proctree.h"
#include "sexton/status.h"

/* A point in time by which processes are older or younger: ticks since boot, and the newest PID. */
struct drain_mark {
	uint64_t ticks; /* 0: never */
	pid_t newest;
};

#define DRAIN_FAILED_LOOKS 2

struct drain {
	const struct forward *forward;
	struct status *status;
	int ask_with;
	bool is_init; /* we are PID 1 */
	struct proctree tree;
	struct asked asked;
	struct drain_mark group_asked; /* when the main process's group got a stop signal */
	bool asked_blindly;            /* all were asked at once, which is not done twice */
	int failed_looks;              /* in a row */
	bool warned;                   /* a failure was logged */
	int named_round;               /* survivors were named in this round of SIGKILL */
};

void drain_init(struct drain *d, const struct forward *forward, struct status *status,
		int ask_with);
void drain_fini(struct drain *d);

/* To be taken at @boot_ticks, right before a stop signal is sent to the scope. */
struct drain_mark drain_mark(const struct drain *d, uint64_t boot_ticks);

/*
 * A stop signal has gone to the scope since @mark: the main process, and with --forward=group
 * whoever was in its group by then, need not be asked again.
 */
void drain_note_scope_asked(struct drain *d, const struct drain_mark *mark);

/* Asks every direct child (@reach PROCTREE_CHILDREN) or descendant that was not asked yet, until a
 * look finds nobody new (at most DRAIN_LOOKS looks). */
#define DRAIN_LOOKS 16
void drain_ask(struct drain *d, enum proctree_reach reach);

/* Sends @info on to every direct child; if @is_stop, that counts as asking it. */
void drain_forward(struct drain *d, const siginfo_t *info, bool is_stop);

/*
 * Names the survivors (at most DRAIN_NAMED lines, then a count; once a round) and sends SIGKILL to
 * each descendant that was asked before @round. The others are asked now, or, with @everyone,
 * killed too.
 */
#define DRAIN_NAMED 20
void drain_kill(struct drain *d, int round, bool everyone);

#endif
