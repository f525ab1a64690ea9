/* SPDX-License-Identifier: MIT */
/*
 * names.h - the binary under other names: as packages install it, and as engines call it.
 */
#ifndef E2E_NAMES_H
#define E2E_NAMES_H

#include "pidns.h"

#define NAMES_DIR "/run/names"

/* A list of words, NULL-terminated; lives as long as the block that it stands in. */
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/*
 * For pidns_options.prepare: makes NAMES_DIR in the namespace's own mounts, with a link to the
 * binary under every name that it answers to, and one to the payload named "init".
 */
void names_make_links(void *arg);

/* For the same: a descriptor NAMES_HELD_FD that leads to /dev/zero, and /usr/bin to start from. */
#define NAMES_HELD_FD 9
void names_make_place(void *arg);

/* Ends the process that prepares a namespace. */
void names_give_up(const char *what) __attribute__((noreturn));

/* Sexton called in the way @way ("--as", "tini", "-g", "--") with the command @command. */
struct pidns *names_start(const struct pidns_options *options, const char *const *way,
			  const char *const *command);

/*
 * The same below a process that only waits (scenario "outside"), so that it is not PID 1 and the
 * rest of the namespace survives it. @before: words put in front of it.
 */
struct pidns *names_start_outside(const char *const *env, const char *const *before,
				  const char *const *way, const char *const *command);

/* Did sexton say nothing, but that it lacks what SEXTON_E2E_WRAP refuses? After its end. */
bool names_is_quiet(struct pidns *ns);

#endif
