/* SPDX-License-Identifier: MIT */
/*
 * run.h - one sexton with a fault plan in a PID namespace of its own.
 *
 * Purpose: starts it, listens to what it and its command write, signals it, and says how it ended.
 * Several threads may have a run each: nothing here is shared, and between the clone and the exec
 * only the kernel is called.
 * Errors: nothing here fails a test; functions return false or a piece of news, for a torture test
 * wants to go on and to collect. Only what the machine refuses to the test itself ends the program.
 */
#ifndef FAULT_RUN_H
#define FAULT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan.h"

#define RUN_MS      INT64_C(1000000) /* nanoseconds */
#define RUN_SCRATCH "/run"           /* empty and each run's own, where .scratch asks for it */

enum run_proc {
	RUN_PROC,         /* /proc of the namespace */
	RUN_PROC_HIDDEN,  /* an empty directory is in its place */
	RUN_PROC_FOREIGN, /* it shows the namespace around ours */
};

struct run_setup {
	const char *const *argv; /* sexton first, NULL-terminated */
	enum run_proc proc;
	bool subreaper; /* sexton is not PID 1: a stub that only waits is */
	bool blocked;   /* all signals, so that none comes too early for sexton */
	bool scratch;   /* it needs a place for files */
};

struct run_text {
	int fd; /* -1: at its end */
	size_t used;
	char text[16384];
};

struct run {
	pid_t first;  /* PID 1 of the namespace, by our number */
	pid_t sexton; /* and sexton, the same one but with a stub */
	pid_t guest;  /* who waits for it, 0: none came */
	int pidfd;    /* of sexton */
	int lifeline; /* write end of the command's stdin, -1: closed */
	int go;       /* stub: closed once we have sexton's pidfd; -1: closed */
	int verdict;  /* stub: sexton's wait(2) status comes here */
	bool ended;
	int status; /* wait(2) status of sexton once .ended */
	struct run_text events, log;
	struct fault_plan *plan;
};

/* What came first. */
enum run_news {
	RUN_EVENT, /* the line on stdout that was waited for */
	RUN_LOG,   /* the line of sexton's log */
	RUN_END,   /* sexton's end */
	RUN_LATE,  /* nothing of that in time */
};

/* An empty plan, to be filled in before run_start(). */
void run_init(struct run *run);
void run_start(struct run *run, const struct run_setup *setup);
/* Ends the namespace, whatever state it is in. */
void run_fini(struct run *run);

/*
 * Waits for event line @event, or the @nth line of the log that contains @log (NULL: none), or
 * sexton's end, for at most @limit_ns.
 */
enum run_news run_until(struct run *run, const char *event, const char *log, int nth,
			int64_t limit_ns);
/* Waits for sexton's end: true, and run->status, if it came in time. */
bool run_end(struct run *run, int64_t limit_ns);
/* Reads what the rest of the namespace still writes until all have closed it. */
bool run_rest(struct run *run, int64_t limit_ns);

/* Lines that begin with @event, or lines of the log that contain @log. */
int run_count(const struct run *run, const char *event);
int run_log_count(const struct run *run, const char *log);

/* Puts "@victim guest" into the namespace of sexton, which is PID 1 there, from outside, as docker
 * exec does. */
void run_guest(struct run *run, const char *victim);

/* Signals sexton; USR1 goes as a queued signal with value 42. */
void run_signal(struct run *run, int sig);
/* Lets the command end by itself: its stdin comes to an end. */
void run_help(struct run *run);

/* CPU time of sexton so far, all threads. */
int64_t run_cpu_ns(const struct run *run);

/* Exit code of sexton, or minus the signal that killed it. */
int run_code(const struct run *run);

int64_t run_now(void);

#endif
