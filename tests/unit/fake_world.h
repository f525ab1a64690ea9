/* SPDX-License-Identifier: MIT */
/*
 * fake_world.h - a process table for unit tests, on top of fake_sys.h.
 *
 * Purpose: processes that are born, are signalled, die, and give their number to others. /proc, the
 *	waits, pidfds and signals show this table; a pidfd and an open file of /proc pin one process
 *	and not its number. Time is fake_sys.now: a wait that finds nothing lets it pass, to the next
 *	of the planned steps or to its timeout; one that nothing could end ends the test program.
 * The log: who got which signal, as "name:TERM " in order. A signal to a number that nobody has is
 *	logged as "?PID:TERM ", one to a zombie not at all. Our own SIGSTOP is logged as
 *	"sexton:STOP ", and we go on as if we had been continued.
 * Owner: the test; call fake_world_reset() before each, it calls fake_sys_reset(). One thread.
 * Files: fake_world.c (the table, signals, waits), fake_world_proc.c (/proc), fake_world_pidfd.c
 *	(descriptors).
 */
#ifndef SEXTON_FAKE_WORLD_H
#define SEXTON_FAKE_WORLD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fake_sys.h"

#define FAKE_PROCS 2048

/* A process, dead or alive. Tests set the first part freely after fake_world_add(). */
struct fake_proc {
	pid_t pid, ppid, pgid;
	pid_t sid;        /* 1 */
	uint64_t start;   /* fake_sys.boot_ticks */
	char state;       /* 'S'; 'Z': dead and not buried; 0: gone */
	int threads;      /* 1; thread N > 0 has the number fake_world_tid() */
	int born_of;      /* the thread of its parent that forked it: 0, the leader */
	const char *name; /* what the log calls it, too */
	uint64_t dies_of; /* mask of signals that end it; 0, KILL always does */
	uint64_t pending; /* mask that /proc shows as pending, without effect: 0 */
	uint64_t doomed;  /* the same of its first thread */
	bool forbidden;   /* signals to it are refused (EPERM) */
	void (*on_signal)(struct fake_proc *proc, int sig); /* NULL */

	/* The world's own. */
	int status;
	unsigned int died; /* the order of deaths */
	int leader;        /* index of the process whose number its group has, -1 */
};

struct fake_world {
	pid_t newest;           /* the last number given out, for /proc/loadavg */
	bool no_proc;           /* /proc is not mounted */
	bool no_children;       /* no /proc/PID/task/TID/children */
	pid_t shown_self;       /* where /proc/self leads: our PID; 0: no such link */
	int signal_fd, bell;    /* what ppoll takes for the signalfd and the eventfd: -1 */
	bool rung;              /* the eventfd is readable */
	int watch_fd;           /* the last that sys_watch made: -1 */
	bool changed;           /* it is readable */
	bool no_pidfd_status;   /* an older kernel */
	void (*on_death)(void); /* a child of ours died: NULL */
};

extern struct fake_world fake_world;

/* A world of two: PID 1 (which may be us) and we, @self. */
void fake_world_reset(pid_t self);

struct fake_proc *fake_world_add(pid_t pid, pid_t ppid, pid_t pgid, const char *name);

/* Who has the number now, NULL if nobody. */
struct fake_proc *fake_world_find(pid_t pid);

pid_t fake_world_tid(pid_t pid, int thread);

/* Dies: its children become ours; it stays as a zombie if it is our child, others bury theirs. */
void fake_world_end(pid_t pid, int status);

/* Is gone at once, and its number free. */
void fake_world_vanish(pid_t pid);

/* The number's owner vanishes, and a stranger's child of that number is born. */
struct fake_proc *fake_world_recycle(pid_t pid, const char *name);

const char *fake_world_log(void);
void fake_world_clear_log(void);

/* A signal for us, as @info describes it. */
void fake_world_raise(const siginfo_t *info);

/* Whatever waits for us of @sig is gone, as the kernel takes TSTP away when CONT comes. */
void fake_world_discard(int sig);

/* @step(@arg) happens at @when (fake_sys.now), during a wait. */
void fake_world_at(int64_t when, void (*step)(int arg), int arg);

#endif
