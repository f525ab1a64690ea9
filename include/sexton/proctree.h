/* SPDX-License-Identifier: MIT */
/*
 * proctree.h - who descends from us.
 *
 * Purpose: takes a snapshot of our direct children or of all our descendants from /proc: through
 *	/proc/PID/task/TID/children, or by reading the parent of every process where that file is
 *	missing; or, as PID 1, of those who are no descendants. A snapshot is a list of numbers that
 *	may be stale when it is used: signalling one of them safely is forward.h's business.
 * Owner: drain.c and scope.c (snapshots), forward.c and successor.c (single processes), main thread only.
 * Memory: mapped (mmap) on first use and grown as needed, given back by proctree_fini(). No malloc.
 * Sources: proc_pid_stat(5), proc_tid_children(5): "fast and reliable only if all the child
 *	processes are stopped or frozen" - a reader that loses its place starts at the front again,
 *	so a caller that must miss nobody takes another snapshot until nothing new appears.
 */
#ifndef SEXTON_PROCTREE_H
#define SEXTON_PROCTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCTREE_NAME_SIZE 16 /* TASK_COMM_LEN of the kernel */

struct proctree_proc {
	pid_t pid;
	pid_t ppid;
	pid_t pgid;
	pid_t sid;
	uint64_t start; /* clock ticks since boot, field 22 of /proc/PID/stat */
	int status;     /* of a zombie: its wait(2) status, as far as we may see it */
	bool is_kernel; /* a thread of the kernel */
	bool guest;     /* the snapshot was of guests, or of their trees */
	char state;     /* R S D T t Z X I ... */
	char name[PROCTREE_NAME_SIZE];
};

/*
 * Guests are processes that were put into our PID namespace from outside (docker exec, nsenter): their
 * parent is out of our sight, PPid 0. Only PID 1 sees all who are there, so the last two are for it.
 */
enum proctree_reach {
	PROCTREE_CHILDREN,
	PROCTREE_DESCENDANTS,
	PROCTREE_GUESTS,      /* the guests alone */
	PROCTREE_GUEST_TREES, /* and what descends from them */
};

struct proctree {
	struct proctree_proc *procs; /* the last snapshot, parents before their children */
	size_t count;
	size_t mapped; /* bytes behind .procs */
	bool scan;     /* no children files here: read the parent of everybody */
	bool moved; /* the last snapshot may lack somebody whose parent ended meanwhile: look again */
	int trouble; /* of the last snapshot: why somebody may be missing, a negative errno, or 0 */
};

/* @children: struct feature's. Maps nothing yet. */
void proctree_init(struct proctree *tree, bool children);
void proctree_fini(struct proctree *tree);

/*
 * Takes a new snapshot: tree->procs[0 .. count-1]. Zombies are left out: they can neither listen nor
 * die. Who ends meanwhile is no failure; what else cannot be read is, and goes into tree->trouble:
 * -EACCES when somebody is there whom /proc hides (hidepid, proc(5)).
 * Returns 0, or a negative errno when nobody could be read (no /proc: -ENOENT) or nothing mapped
 * (-ENOMEM); then count is 0.
 */
int proctree_read(struct proctree *tree, enum proctree_reach reach)
	__attribute__((warn_unused_result));

/*
 * Reads one process. Returns 0 or a negative errno (-ENOENT, -ESRCH: it is gone). What is a zombie
 * has state Z, unless other threads of it still run.
 */
int proctree_stat(pid_t pid, struct proctree_proc *ret_proc) __attribute__((warn_unused_result));

/* A process that is known to descend from @ancestor of proctree_descends(), and its pidfd, which shows that it
 * has its number still. A descendant stays one for as long as it lives. */
struct proctree_anchor {
	pid_t pid; /* 0: none */
	int pidfd;
};

/* Is the process of this number and start time still there? True as well if it cannot be read. */
bool proctree_is_there(pid_t pid, uint64_t start);

/*
 * Does process @pid, or one of those above it, have @ancestor as its parent? As long as somebody holds
 * @pid (a pidfd of it is open, and it has not ended), a true is about that very process: numbers above it
 * that change hands meanwhile make it false. @ancestor: us, or 0 for a guest. @anchor spares the rest of the
 * way, NULL: none.
 */
bool proctree_descends(pid_t pid, pid_t ancestor, const struct proctree_anchor *anchor);

/*
 * Does @sig, which was sent to process @pid, still wait for it to come back from the kernel
 * (proc_pid_status(5), ShdPnd), does it not block it, and has it not been ended by it? It may be in the middle
 * of a fork(2) as long as that is so. False where it cannot be read.
 */
bool proctree_has_yet_to_take(pid_t pid, int sig);

/*
 * The PID given out last in our namespace (proc_loadavg(5), fifth field), or 0 if it cannot be read.
 * Start times count in ticks of 10 ms; among processes of one tick, numbers tell who is older.
 */
pid_t proctree_newest(void);

#endif
