/* SPDX-License-Identifier: MIT */
/*
 * policy.h - the pure decision: event in, actions out.
 *
 * Purpose: all of sexton's "what happens when" in one table over (state, event). No system call, no
 *	clock, no memory but its own: time comes in with the event, wishes go out as actions.
 * Owner: loop.c, main thread only. Errors: none, every (state, event) pair is answered.
 * Next: loop.h (who feeds it and carries the actions out), tests/model (its invariants).
 *
 *   RUNNING --main exits, on-exit=wait, no stop seen--> HANDOVER --stop signal--> DRAINING
 *    |  ^ \--main exits otherwise--------------------------------------------> DRAINING
 *    |  |  \--main exits, on-exit=leave--> DONE                                   |
 *    |  \--a successor is named (--main-pid-file): at once, or in HANDOVER         |
 *    \--stop-timeout over--> KILLING <----------------------------deadline over----/
 *   any --nobody is left--> DONE, or DRAINING when guests are waited for (--exec)
 */
#ifndef SEXTON_POLICY_H
#define SEXTON_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "sexton/config.h"

/* Points in time are CLOCK_MONOTONIC nanoseconds; this one never comes. */
#define POLICY_NEVER INT64_MAX
/* @now + @span, where a span (CONFIG_NO_LIMIT) or a sum without end stays without end. */
static inline int64_t policy_after(int64_t now, int64_t span)
{
	return span > POLICY_NEVER - now ? POLICY_NEVER : now + span;
}

/* While draining we look for new children at least this often: the kernel tells nobody when a
 * process is reparented. Also the time between two rounds of SIGKILL. */
#define POLICY_LOOK_NS    INT64_C(1000000000)
/* From this round of SIGKILL on, processes that appeared since the last round are killed with the
 * rest instead of being asked first: what forks faster than it is asked is a fork bomb. */
#define POLICY_LAST_ROUND 4

#define POLICY_STATES(X)                                                                           \
	X(RUNNING)  /* the main process lives */                                                   \
	X(HANDOVER) /* it exited, a successor carries on (--on-exit=wait) */                       \
	X(DRAINING) /* it exited, the rest is being asked to end */                                \
	X(KILLING)  /* a deadline of ours is over */                                               \
	X(DONE)     /* EXIT was given out */

#define POLICY_EVENTS(X)                                                                           \
	X(SIGNAL)      /* a signal that does not stop the run */                                   \
	X(STOP_SIGNAL) /* one that does (config.stop_signals) */                                   \
	X(STOP_HELD)   /* one that does has come and is held back (--delay) */                     \
	X(MAIN_EXITED) /* the main process has gone; .status, .successor */                        \
	X(MAIN_FOUND)  /* a successor was named later */                                           \
	X(HEIR_EXITED) /* another child was buried */                                              \
	X(NONE_LEFT)   /* wait said ECHILD; .last, .worst and .guests */                           \
	X(TIMER)       /* policy_deadline() has come */

#define POLICY_X(name) POLICY_##name,
enum policy_state { POLICY_STATES(POLICY_X) POLICY_STATE_COUNT };
#undef POLICY_X
#define POLICY_X(name) POLICY_EV_##name,
enum policy_event_type { POLICY_EVENTS(POLICY_X) POLICY_EVENT_COUNT };
#undef POLICY_X

struct policy_event {
	enum policy_event_type type;
	int64_t now;    /* when, POLICY_NEVER excluded */
	int status;     /* MAIN_EXITED: wait(2) status */
	bool successor; /* MAIN_EXITED: another process is the main process now */
	int last;       /* NONE_LEFT: exit code 0..255 of the last heir; -1 if there was none */
	int worst;      /* NONE_LEFT: the highest exit code of the heirs; -1 if there was none */
	int64_t due;    /* STOP_HELD: when it will come as a STOP_SIGNAL */
	bool guests;    /* NONE_LEFT: processes from outside are left (config.guests) */
};

/* What to do, in this order. FORWARD concerns the signal of the event. */
enum policy_action {
	POLICY_FORWARD = 1 << 0,       /* to the scope (--forward) */
	POLICY_FORWARD_ROOTS = 1 << 1, /* to our direct children, the roots of what is left */
	POLICY_ASK_ROOTS = 1 << 2,     /* each direct child not asked yet gets --ask-with */
	POLICY_ASK_ALL = 1 << 3,       /* each descendant not asked yet gets it */
	POLICY_KILL = 1 << 4,          /* SIGKILL whoever was asked before .round; ask the others */
	POLICY_KILL_ALL = 1 << 5,      /* SIGKILL whoever is left */
	POLICY_EXIT = 1 << 6,          /* leave with .exit_code */
	POLICY_GUESTS = 1 << 7,        /* with ASK and KILL: guests as well */
};

struct policy_actions {
	unsigned int set; /* of enum policy_action */
	int round;        /* KILL: the round of SIGKILL, from 1 */
	int exit_code;    /* EXIT: 0..255 */
};

struct policy {
	const struct config *config;
	enum policy_state state;
	bool stopping;    /* a stop signal was seen */
	bool ask_all;     /* half of a deadline is over: not only roots are asked */
	int64_t half;     /* when everybody is asked, POLICY_NEVER if no deadline */
	int64_t deadline; /* when SIGKILL comes, POLICY_NEVER if none */
	int64_t look;     /* when to look for new children again, POLICY_NEVER if not draining */
	int round;        /* rounds of SIGKILL so far */
	int main_status;  /* wait(2) status of the main process that exited last, -1 if none did */
};

/* Starts in RUNNING. @config must outlive @policy. */
void policy_init(struct policy *policy, const struct config *config);

/* Takes one event, changes the state, and returns what to do. Cannot fail. */
struct policy_actions policy_step(struct policy *policy, const struct policy_event *event);

/*
 * Whoever carries out ASK has more to do at @due (--ask-with with several steps): a TIMER event no later
 * than that asks again. While killing there are no steps, and nothing changes.
 */
void policy_look_by(struct policy *policy, int64_t due);

/* When the next TIMER event is due, POLICY_NEVER if none: at rest there is no timer. */
int64_t policy_deadline(const struct policy *policy);

/* Exit code of a wait(2) status: the code, or 128 + signal. */
int policy_exit_code(int status);

const char *policy_state_name(enum policy_state state);
const char *policy_event_name(enum policy_event_type type);

#endif
