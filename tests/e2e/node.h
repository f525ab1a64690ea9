/* SPDX-License-Identifier: MIT */
/*
 * node.h - sexton over a tree of the payload's (tree.c), and its nodes by their names.
 *
 * Errors: every failure ends the test, as in pidns.h.
 */
#ifndef E2E_NODE_H
#define E2E_NODE_H

#include "pidns.h"

#define NODE_MS INT64_C(1000000)

/* node_start(&options or NULL, SPEC, "option", ...): sexton -vv option ... -- payload tree SPEC, when the
 * whole tree is ready. */
#define node_start(options, spec, ...)                                                             \
	node_start_words(options, spec, (const char *const[]){ __VA_ARGS__, NULL })
struct pidns *node_start_words(const struct pidns_options *options, const char *spec,
			       const char *const *words);

/* Its PID in the namespace; waits for its "ready". */
pid_t node_pid(struct pidns *ns, const char *name);

/* When the first event was written that starts with @event; waits for it. */
int64_t node_at(struct pidns *ns, const char *event);

/* Signals one node from outside, past sexton. */
void node_signal(struct pidns *ns, const char *name, int sig);

/* Signals sexton, and waits until @name has got it; @text as the payload writes it. */
void node_check_signal(struct pidns *ns, const char *name, int sig, const char *text);

/* How often the signal @text was got, by whomever. */
int node_got_by_all(struct pidns *ns, const char *text);

/* Have pidfds been refused to sexton? Then it can single out nobody but its own children. */
bool node_no_pidfds(void);

#endif
