/* SPDX-License-Identifier: MIT */
/*
 * world.h - a small container with the policy in it, for the walk over all its stories.
 *
 * Purpose: a process tree of at most WORLD_PROCS, in which processes end, fork, and become our
 *	children when their parent ends, as the kernel has it; and a carrier of the policy's actions
 *	that remembers who was asked with the real asked.c.
 * What is checked, after each step: see world_check.c. The first broken rule is kept in .wrong.
 * Time: @now is always WORLD_NOW. After a step all points in time are moved back by what has
 *passed, so that equal situations are equal bytes; only differences of times mean anything.
 */
#ifndef SEXTON_TESTS_WORLD_H
#define SEXTON_TESTS_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "sexton/policy.h"

#define WORLD_NOW     (INT64_C(1) << 60)
#define WORLD_PROCS   6
#define WORLD_ENTRIES 8 /* of asked.c: each process of the cast and each fork once */
#define WORLD_FORKS   2

#define WORLD_US   (-1) /* as a parent */
#define WORLD_MAIN 0    /* the first main process's place */
#define WORLD_NONE (-1) /* as a successor */

enum world_kind {
	WORLD_NOBODY,
	WORLD_PLAIN,     /* may end at any time, asked or not */
	WORLD_DEAF,      /* ends by SIGKILL only */
	WORLD_FORKS_TOO, /* as PLAIN, and may fork, asked or not */
};

struct world_proc {
	enum world_kind kind;
	int parent; /* place of the parent, WORLD_US */
	bool alive;
	bool told;   /* got the stop signal, forwarded or of ours */
	bool doomed; /* got SIGKILL */
	int start;   /* a place's PID is its number + 1; who forks into it again starts later */
};

struct world_entry {
	int pid;
	int start;
	int round;
};

struct world {
	struct policy policy;
	struct world_proc procs[WORLD_PROCS];
	struct world_entry entries[WORLD_ENTRIES]; /* what asked.c holds between two steps */
	int entry_count;
	int main;         /* place of the main process: the last one that was */
	bool main_buried; /* the first one: who is buried later is an heir, as the reaper counts */
	bool held;        /* a stop signal was held back; the next one is not */
	int forks_left;
	int last; /* exit codes of the heirs, as the reaper keeps them */
	int worst;
	bool none_left_told;
	int64_t stop_at; /* the first stop signal, POLICY_NEVER before */
	int64_t left_at; /* the main process exited by itself, POLICY_NEVER before */
	const char *wrong;
};

enum world_move_kind {
	WORLD_SIGNAL,
	WORLD_STOP,
	WORLD_HELD,  /* a stop signal that is held back */
	WORLD_FOUND, /* .heir is the main process now */
	WORLD_DEATH, /* of .place; an event for the policy if that was our child */
	WORLD_FORK,  /* of .place; nobody tells us */
	WORLD_NONE_LEFT,
	WORLD_TIMER, /* at .when */
	WORLD_LATE,  /* time goes to .when, and the timer is not looked at yet */
};

struct world_move {
	enum world_move_kind kind;
	int place;
	int heir;     /* DEATH of the main process: who takes over, WORLD_NONE */
	int64_t when; /* WORLD_NOW and later */
};

#define WORLD_MOVES 32

/* @cast: WORLD_PROCS places; the first is the main process. */
void world_init(struct world *w, const struct config *config, const struct world_proc *cast);

/* What may happen next. Returns how many moves were written. */
int world_moves(const struct world *w, struct world_move moves[WORLD_MOVES]);

/* Lets @move happen. Afterwards .wrong tells what rule it broke, NULL if none. */
void world_do(struct world *w, const struct world_move *move);

bool world_is_over(const struct world *w);

/* Equal situations have equal fingerprints, others almost surely different ones. */
uint64_t world_fingerprint(const struct world *w);

/* What world.c tells world_check.c of a step. */
struct world_step {
	struct policy_event event;
	struct policy_actions actions;
	enum policy_state before; /* the step */
	bool main_was_alive;
};

/* Rules about the actions, before they are carried out. */
void world_check_actions(struct world *w, const struct world_step *step);
/* Rules about what they led to. */
void world_check_outcome(struct world *w, const struct world_step *step);
/* Nothing but silence after EXIT. */
void world_check_done(struct world *w);

/* The deadline and its half as the manual has them, worked out beside the policy. */
int64_t world_deadline(const struct world *w, int64_t *ret_half);

bool world_anybody_alive(const struct world *w);

static inline void world_break(struct world *w, const char *rule)
{
	if (!w->wrong)
		w->wrong = rule;
}

#endif
