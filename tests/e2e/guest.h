/* SPDX-License-Identifier: MIT */
/*
 * guest.h - guests: processes put into the namespace from outside, as "docker exec" does.
 *
 * Their parent is outside (PPid 0 in there), and buries them as soon as they end, as a runtime's shim
 * does: PID 1 cannot go before all of its namespace are buried.
 * Errors: every failure ends the test, as in pidns.h.
 */
#ifndef E2E_GUEST_H
#define E2E_GUEST_H

#include <sys/types.h>

#include "pidns.h"

/* Runs @words (execvp) in the PID and mount namespace of sexton; stdout and stderr are sexton's. Returns
 * the PID outside. */
pid_t guest_start(struct pidns *ns, const char *const *words);

/* Waits until it has ended, and returns its wait(2) status. */
int guest_end(pid_t guest);

#endif
