/* SPDX-License-Identifier: MIT */
/*
 * inside.h - the command behind the init: what its scenarios share.
 *
 * All of it runs in the namespace, single-threaded, and dies with it. So nothing is cleaned up, and who
 * cannot go on says why and stays: an end would end the init, which would look like the init's doing.
 */
#ifndef SEXTON_STORM_INSIDE_H
#define SEXTON_STORM_INSIDE_H

#include <stdint.h>

#include "shared.h"

/* main() of the command: argv is SELF --inside SCENARIO FILE, @entered the clock at its beginning. */
_Noreturn void inside_main(char **argv, int64_t entered);

/* Until the outside gives @order, or a later one. */
void inside_await_order(struct shared *shared, enum shared_order order);

/* Until *@word is at least @value. */
void inside_await_count(_Atomic uint32_t *word, uint32_t value);

/* fork(2) for what is needed: ends the run if it fails. */
int inside_fork(struct shared *shared, const char *what);

/* Goes to the cgroup whose cgroup.procs @procs is. 0, or a negative errno. */
__attribute__((warn_unused_result)) int inside_move(const char *procs);

/* Waits for child @pid; 0 if it exited with status 0. */
int inside_wait(int pid);

/* "@what: " and errno's text, and no more from here. */
_Noreturn void inside_fail(struct shared *shared, const char *what);

_Noreturn void inside_stay(void);

#endif
