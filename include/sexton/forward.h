/* SPDX-License-Identifier: MIT */
/*
 * forward.h - sending a signal to the right process, and to no other.
 *
 * Purpose: the module that signals others. Main process and group: through the pidfd taken at the
 *	fork, or by number inside a read-side section (target.h). Others: through a pidfd that is
 *	opened and then verified; without pidfds only our direct children, by number, guarded.
 * Elsewhere: loop.c stops ourselves, job.c our own group, and the reaper sends the farewell to the
 *	main process's group, before the burial frees its number.
 * Owner: main.c. scope.c, drain.c and job.c send, successor.c names another main process; main thread
 *	only.
 * Errors: negative errno to the caller; -ESRCH means "gone", which is no error to anybody.
 * Sources: pidfd_send_signal(2): a siginfo with si_code < 0 may be passed on as it came; kill(2).
 * Next: scope.h (whom a signal reaches), target.h.
 */
#ifndef SEXTON_FORWARD_H
#define SEXTON_FORWARD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "sexton/config.h"
#include "sexton/feature.h"
#include "sexton/proctree.h"
#include "sexton/target.h"

/* Whose descent was found out last; see forward_to_proc(). */
struct forward_anchor {
	struct proctree_anchor of;
	pid_t ancestor;
};

struct forward {
	const struct feature *features;
	struct target *targets;
	enum config_forward scope;
	pid_t self;   /* our PID in our namespace */
	bool guarded; /* the reaper retires numbers before it frees them, or is ourselves (polled) */
	pid_t main_pid;
	int main_pidfd;   /* -1: signal it by number */
	bool main_is_far; /* no child of ours: nothing holds its number but its pidfd */
	pid_t group;      /* number of the main process's group, which may outlive it */
	int group_pidfd;  /* of the process that the group is called after, -1: none */
	struct forward_anchor *anchor; /* between the members of one snapshot */
};

/* The main process as it was forked, @main_pidfd -1 if there is none. Sets all but .guarded. */
void forward_init(struct forward *f, const struct feature *features, struct target *targets,
		  enum config_forward scope, pid_t main_pid, int main_pidfd,
		  struct forward_anchor *anchor);

/*
 * @proc is the main process from now on, and @pidfd (-1: it is signalled by number) is taken. Its group
 * is the old one, or another.
 */
void forward_take_main(struct forward *f, const struct proctree_proc *proc, int pidfd);

/* Does this configuration signal anything by number, so that the reaper must be guarded? */
bool forward_needs_guard(const struct feature *features, enum config_forward scope, int main_pidfd);

/*
 * Sends @info->si_signo to the main process. A queued value (si_code SI_QUEUE) travels along. Returns
 * 0 or a negative errno.
 */
int forward_to_main(const struct forward *f, const siginfo_t *info)
	__attribute__((warn_unused_result));

/*
 * To the main process's group, whatever the scope, also when the main process was buried: where the
 * kernel can (struct feature's pidfd_group). A queued value does not reach a group by number, for which
 * Linux has no call. Returns 0; -ESRCH if nobody is left in it; -ENOTSUP if it has no pidfd and nothing
 * holds its number, so that only its members may be signalled, one by one; else a negative errno.
 */
int forward_to_group(const struct forward *f, const siginfo_t *info)
	__attribute__((warn_unused_result));

/*
 * Without pidfds: by number to the group of @proc, a child of ours whose zombie would still hold it.
 * Returns as forward_to_proc() does.
 */
int forward_to_group_of(const struct forward *f, const struct proctree_proc *proc, int sig)
	__attribute__((warn_unused_result));

/*
 * Sends @info (or, with @info NULL, plain @sig) to @proc if that is still the process the snapshot
 * saw: same start time, and it descends from us (or from a guest, if it was one of theirs). @wake: SIGCONT follows,
 * so that a stopped process can act on it. Returns 0; -ESRCH if it is gone or another one; -ENOTSUP
 * if there is no safe way to signal it (a grandchild, without pidfds); else a negative errno.
 * forward_rest() follows when a snapshot is through: a descriptor may be kept between its members.
 */
int forward_to_proc(const struct forward *f, const struct proctree_proc *proc, int sig,
		    const siginfo_t *info, bool wake) __attribute__((warn_unused_result));

void forward_rest(const struct forward *f);

/*
 * PID 1: kill(-1, @sig), everybody in the namespace but us, at one instant: no fork gets past it. Else
 * (for when nobody can be seen) the main process's group, which its pidfd reaches even after it was
 * buried. Returns 0 or a negative errno; -ENOTSUP without such a pidfd.
 */
int forward_to_all(const struct forward *f, int sig) __attribute__((warn_unused_result));

#endif
