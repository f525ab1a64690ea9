/* SPDX-License-Identifier: MIT */
/*
 * guest.h - a process put into the namespace from outside, as docker exec and nsenter do it.
 */
#ifndef E2E_GUEST_H
#define E2E_GUEST_H

#include "pidns.h"

/*
 * Runs @words in the namespaces of @ns, where its parent is out of sight (PPid 0). What it says on
 * stdout are events of @ns. Returns its PID out here. It ends with the namespace at the latest.
 * To be called after the first event of @ns: before, sexton may not have its streams yet.
 */
pid_t guest_start(struct pidns *ns, const char *const *words);

/* Waits for the end of @guest, as guest_start() returned it: exit code, or minus the signal. */
int guest_end(pid_t guest);

#endif
