/* SPDX-License-Identifier: MIT */
/*
 * shared.h - the memory that both sides of a run look at.
 *
 * Outside is the process that measures; inside is the command behind the init, and what it forks. Inits
 * close descriptors, so the memory is a file that is opened by its name; it lives in /dev/shm and is
 * unlinked as soon as the command has it. It is all that crosses: no pipe, no file, no environment.
 *
 * Every atomic is used with sequential consistency. What a side writes before it raises `stage`, `order`
 * or `count` is seen by whoever sees the raised word: the plain fields below need no more.
 */
#ifndef SEXTON_STORM_SHARED_H
#define SEXTON_STORM_SHARED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define SHARED_VALUES     4       /* parameters of a scenario */
#define SHARED_PIDS       65536   /* zombies that can be looked after */
#define SHARED_SIGNALS    1000000 /* signals of a flood */
#define SHARED_PATH       256
#define SHARED_COMPLAINTS 200

/* How far the inside is. Each says what happens next, none is taken back. */
enum shared_stage {
	SHARED_NOTHING,
	SHARED_STARTED, /* the command runs and has mapped this */
	SHARED_READY,   /* all is there that will be measured */
	SHARED_DONE,    /* what was to happen has happened */
	SHARED_FAILED,  /* the inside cannot go on: see `complaint` */
};

/* What the outside wants. */
enum shared_order {
	SHARED_WAIT,
	SHARED_GO,   /* begin */
	SHARED_STOP, /* come to an end */
};

struct shared {
	_Atomic uint32_t stage; /* futex, raised inside */
	_Atomic uint32_t order; /* futex, raised outside */
	_Atomic uint32_t count; /* futex, raised inside: what the command counts, such as signals */
	_Atomic uint32_t work;  /* futex, raised inside: what the load has done (load.h) */
	_Atomic uint32_t
		ready; /* futex, raised inside: workers that the command waits for itself */
	_Atomic uint32_t
		storming;       /* futex, set inside: 1 while a storm of the load is being buried */
	_Atomic uint32_t noted; /* churn: orphans that were given a place in `pids` */

	/* Outside, before the command starts. */
	int64_t values[SHARED_VALUES];
	int64_t patience;         /* ns without progress until something is given up */
	char home[SHARED_PATH];   /* cgroup.procs of the cpu cgroup outside; empty: we are in it */
	char leave[SHARED_PATH];  /* memory: the same of memory, where the command goes */
	char weight[SHARED_PATH]; /* memory: the file that is walked to squeeze the init */
	int64_t executed;         /* clock: just before execve of the init */

	/* Inside. */
	int64_t entered;      /* clock: first thing in the command's main() */
	int64_t begun;        /* clock */
	int64_t ended;        /* clock */
	_Atomic int64_t last; /* clock: when `count` was raised */
	uint32_t left;        /* zombies that nobody buries */
	uint32_t peak;        /* the most zombies that were there at a time */
	uint32_t disordered;  /* flood */
	uint32_t wrong;       /* flood */
	int32_t realtime;     /* the receiver: 0, or the errno with which SCHED_FIFO was refused */
	char complaint[SHARED_COMPLAINTS];
	_Atomic int32_t pids[SHARED_PIDS];
	uint8_t seen[SHARED_SIGNALS]; /* flood: by value */
};

/* Outside: a new file, mapped; its name goes to @ret_path. NULL with errno set. */
struct shared *shared_make(char ret_path[static SHARED_PATH]);

/* Inside: maps the file @path. NULL with errno set. */
struct shared *shared_open(const char *path);

void shared_unmap(struct shared *shared);

/* Sleeps while *@word is @old, at most @ns (negative: without end). May return early: look again. */
void shared_wait(_Atomic uint32_t *word, uint32_t old, int64_t ns);

/* Sets *@word and wakes all who wait for it. */
void shared_set(_Atomic uint32_t *word, uint32_t value);

/* Adds 1 to *@word and wakes all who wait for it. */
void shared_raise(_Atomic uint32_t *word);

#endif
