/* SPDX-License-Identifier: MIT */
/*
 * launch.h - makes the namespace and starts sexton in it. Part of the harness, used by pidns.c.
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

#endif
