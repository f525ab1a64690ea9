/* SPDX-License-Identifier: MIT */
/*
 * successor.h - who takes over from the main process: --main-pid-file.
 *
 * Purpose: when the main process has exited, the file may name a living descendant of ours, which is
 *	then the main process: signals, status, and what happens when it exits follow it. As systemd's
 *	PIDFile= (systemd.service(5)). A daemon writes its file a moment after its starter has gone,
 *	so the file's directory is watched (inotify(7)) until it names somebody.
 * A PID is a pointer here as well: the process is opened (pidfd), then verified in /proc (alive, and
 *	below us), then published to the reaper and to target.h, then looked at once more, for it may
 *	have been buried meanwhile. docs/ORDERING.md [reaper-adopt], [target-adopt].
 * No child of ours but a grandchild: its end is seen through its pidfd, and its status is known where
 *	the kernel tells it (a zombie's stat; PIDFD_GET_INFO, Linux 6.15). Without pidfds only our own
 *	children can be named.
 * Owner: loop.c, main thread only. Errors: logged, and nobody took over.
 * Next: forward.h (where the signals go), reaper.h, policy.h (MAIN_EXITED, MAIN_FOUND).
 */
#ifndef SEXTON_SUCCESSOR_H
#define SEXTON_SUCCESSOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sexton/forward.h"
#include "sexton/reaper.h"
#include "sexton/target.h"

struct successor {
	const char *path; /* absolute; NULL: nobody is ever named */
	struct forward *forward;
	struct target *targets;
	struct reaper *reaper;
	uint64_t
		start; /* of the main process, clock ticks since boot; only of one that was found here */
	int watch_fd; /* inotify: read when it is readable, see successor_changed(); -1 */
	bool warned;  /* it was said why there is none */
};

/* @path NULL: every other function does nothing, and finds nobody. */
void successor_init(struct successor *s, const char *path, struct forward *forward,
		    struct target *targets, struct reaper *reaper);
/* It is not looked for any more. */
void successor_fini(struct successor *s);

/* The main process was buried. Is somebody the main process now? If not, and @waits (for who is left), the
 * file is watched. */
bool successor_find(struct successor *s, bool waits);

/* .watch_fd is readable. The same question. */
bool successor_changed(struct successor *s);

/* A signal has come and nobody was found so far. The same question; now it matters, so what is wrong is
 * said. */
bool successor_ask(struct successor *s);

/*
 * The pidfd of a main process that is no child of ours (.forward->main_is_far) is readable: it has ended.
 * True and its wait(2) status, or false: it became ours before, and the reaper tells.
 */
bool successor_ended(struct successor *s, int *ret_status);

#endif
