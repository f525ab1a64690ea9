/* SPDX-License-Identifier: MIT */
/*
 * scope.h - whom a signal reaches: --forward.
 *
 * Purpose: sends a signal to the main process, its group, its session, all our descendants, or
 *	everybody. Main process and group are one call each (forward.h), and so is everybody:
 *	kill(-1), at one instant. The others are looked for in /proc and signalled one by one, each
 *	once, until a look finds nobody new: whoever was forked meanwhile is found by the next one.
 * tree as PID 1: everybody is a descendant unless a guest is there (proctree.h), which is looked for
 *	first; without one it is kill(-1) as well. A guest that arrives at that very instant is not
 *	told apart.
 * Owner: loop.c, main thread only. Memory: mapped while it sends, given back. No malloc.
 * Without pidfds, or without /proc, there is no safe way to one process among the descendants: tree as
 *	PID 1 is then kill(-1), guests included; else session and tree reach the main process's group
 *	and those of our own children that belong to them.
 * Next: forward.h, proctree.h, drain.h (who remembers that these were told).
 */
#ifndef SEXTON_SCOPE_H
#define SEXTON_SCOPE_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "sexton/asked.h"
#include "sexton/forward.h"
#include "sexton/proctree.h"
#include "sexton/status.h"

/* Looks for who is new before a fork bomb is left to itself, with one line. */
#define SCOPE_LOOKS       16
/* Looks without anybody new, while parents end and take their children out of sight for a moment. */
#define SCOPE_QUIET_LOOKS 4

/* The .step of those in .told who did not get it: they would not get it in the next look either. */
#define SCOPE_REFUSED 1

/* How far a signal went. */
enum scope_reached {
	SCOPE_MAIN,      /* the main process alone */
	SCOPE_GROUP,     /* whoever was in its group at that instant, and those in .told */
	SCOPE_EACH,      /* those in .told, one by one */
	SCOPE_EVERYBODY, /* all that were there at that instant */
};

struct scope {
	const struct forward *forward;
	struct status *status;
	pid_t session; /* the main process's, as it was when last seen; -1: never seen */
	struct proctree tree;
	struct asked told; /* who got it one by one, until scope_forget() */
	bool forgetful;    /* no memory to remember somebody who got it */
	bool warned;       /* a failure was logged */
	siginfo_t info;    /* what .told got */
	bool unfinished;   /* one of .told may be in a fork(2): scope_again() */
};

void scope_init(struct scope *s, const struct forward *forward, struct status *status);

/*
 * Sends @info. @main_lives: a group, a session without members is made up for by the main process.
 * Returns 0 if somebody got it, and how far it went; -ESRCH if nobody of the scope is left; else a negative
 * errno. scope_forget() follows when .told was read.
 */
int scope_send(struct scope *s, const siginfo_t *info, bool main_lives,
	       enum scope_reached *ret_reached) __attribute__((warn_unused_result));

/*
 * A signal that has a handler does not end a fork(2) that has begun when it comes, and a child may appear after
 * the last look. So whoever was told is given a moment to take it: as long as .unfinished is set, this is to be
 * called after SCOPE_AGAIN_NS, SCOPE_AGAIN_TIMES at most. It sends the signal to who is new; those are added to
 * .told.
 */
#define SCOPE_AGAIN_NS    INT64_C(10000000)
#define SCOPE_AGAIN_TIMES 100
void scope_again(struct scope *s);

void scope_forget(struct scope *s);

#endif
