/* SPDX-License-Identifier: MIT */
/*
 * load.h - what keeps an init busy: zombies, and processes that are left to it. Inside only.
 */
#ifndef SEXTON_STORM_LOAD_H
#define SEXTON_STORM_LOAD_H

#include <stdint.h>

#include "shared.h"

/* Forks @count children that exit at once, buries none, and returns when all are dead. Their numbers go
 * to @ret_pids. 0, or a negative errno. */
__attribute__((warn_unused_result)) int load_zombies(_Atomic int32_t *ret_pids, int64_t count);

/* A worker that forks twice: its grandchildren are left to the init as fast as it can. Each is noted in
 * shared->pids, which is a circle (0: a place not yet filled). Raises shared->work for each; ends after
 * SHARED_STOP. */
_Noreturn void load_churn(struct shared *shared);

/* Storms of @count zombies, one after the other, for ever. shared->storming is 1 from the moment that they
 * are left to the init until all are buried (or given up); raises shared->work after each storm. */
_Noreturn void load_storms(struct shared *shared, int64_t count);

/*
 * Waits until the init has buried the first @count of shared->pids, or until the patience is over in which the
 * first of those who are left stayed the same. Returns how many come after that one, itself included: some of
 * them may be buried. No number may be given to another meanwhile.
 */
int64_t load_await_burial(struct shared *shared, int64_t count);

#endif
