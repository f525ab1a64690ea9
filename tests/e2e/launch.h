/* SPDX-License-Identifier: MIT */
/*
 * launch.h - makes the namespace and starts sexton in it. Part of the harness, used by pidns.c
 * and pty_launch.c.
 */
#ifndef E2E_LAUNCH_H
#define E2E_LAUNCH_H

#include "pidns.h"

/* What the stub in front of a subreaper tells at the end. */
struct launch_verdict {
	int status;  /* wait(2) status of sexton */
	int escaped; /* buried by the stub while sexton lived */
	int left;    /* children of the stub when sexton had gone */
};

/* Fills in @ns. Fails the test if it cannot. */
void launch(struct pidns *ns, const struct pidns_options *options, const char *const *words);

/*
 * For a child that was made with namespaces of its own: PID and mount, and user too where @uid is
 * not root, whom it then becomes. A failure ends it: launch_give_up().
 */
void launch_enter_namespace(uid_t uid, gid_t gid);

/* In a child: tells what failed, with errno, and ends it. */
void __attribute__((noreturn)) launch_give_up(const char *what);

#endif
