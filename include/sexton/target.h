/* SPDX-License-Identifier: MIT */
/*
 * target.h - what may be signalled by number: publish, retire, bury.
 *
 * Purpose: a PID is a pointer; wait(2) frees it and kill(2) dereferences it. Where a pidfd can do
 *	the signalling this module is not needed. Where a number must be used, the process table
 *	is treated as an RCU-protected structure: main sends inside a read-side section, the
 *	reaper retires a number and lets a grace period pass before it buries (= frees) it.
 * Owner: main.c. Reader: the main thread. It publishes too; the reaper thread retires.
 * Flavour: liburcu-mb. Its readers pay two fences a signal, it needs no membarrier(2) that a
 *	sandbox could refuse, and its start cannot fail.
 * Ordering: docs/ORDERING.md [target-retire], [target-grave], [target-adopt].
 * Next: forward.h (the reader), reaper.h (the writer).
 */
#ifndef SEXTON_TARGET_H
#define SEXTON_TARGET_H

#include <stdbool.h>
#include <sys/types.h>

struct target {
	_Atomic pid_t main;  /* RCU: 0 once the main process is about to be buried */
	_Atomic pid_t grave; /* the child that is being buried now, 0 if none */
	bool guard_all;      /* children may be signalled by number too */
};

/*
 * Publishes the main process. Before the reaper thread exists. @guard_all: there are no pidfds, so
 * any direct child may be signalled by number, and each burial must be announced.
 */
void target_init(struct target *t, pid_t main_pid, bool guard_all);

/*
 * Main thread: publishes @pid, a child of ours, in place of the main process that was buried. It may
 * have been buried as well before that is seen, so the caller looks again *after* this whether it
 * lives, and takes it back if not.
 */
void target_adopt(struct target *t, pid_t pid);
void target_disown(struct target *t, pid_t pid);

/* The main thread registers as a reader before it locks anything, and leaves before it ends. */
void target_reader_enter(void);
void target_reader_leave(void);

/*
 * Main thread. Opens a read-side section and returns the number of the main process, or 0 when it
 * may have been freed. The number is valid until target_unlock(). Keep the section short.
 */
pid_t target_lock_main(struct target *t);

/*
 * Main thread. Opens a read-side section for signalling direct children by number and returns the
 * one number that must be left out (0: none). The list of children must be read *inside* the
 * section, after this call. Needs guard_all.
 */
pid_t target_lock_children(struct target *t);
void target_unlock(struct target *t);

/*
 * Reaper. @pid is a zombie that was seen with WNOWAIT. After this call nobody uses its number any
 * more, and waitpid(@pid) may free it. Blocks for a grace period if @pid is a target, that is for
 * as long as main is in the middle of one signal; returns at once otherwise.
 */
void target_retire(struct target *t, pid_t pid);

/* Reaper, after the burial of the pid that was retired last. In polled mode both come after it. */
void target_buried(struct target *t);

#endif
