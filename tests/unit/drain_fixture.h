/* SPDX-License-Identifier: MIT */
/*
 * drain_fixture.h - a drain in the fake world, just after the main process has gone.
 *
 * We are PID 100, or 1; the main process was PID 200 and is buried. Who is left, a test says.
 */
#ifndef SEXTON_DRAIN_FIXTURE_H
#define SEXTON_DRAIN_FIXTURE_H

#include <stdbool.h>
#include <sys/types.h>

#include "fake_world.h"
#include "sexton/drain.h"

#define MAIN 200

struct drain_fixture {
	struct feature features;
	struct target targets;
	struct forward forward;
	struct status status;
	struct config_step steps[CONFIG_STEPS_MAX]; /* TERM alone */
	struct drain drain;
};

extern struct drain_fixture fix;

/* cmocka's setup and teardown; teardown fails on what was left behind. */
int drain_setup(void **state);
int drain_teardown(void **state);

/* The same once more, for a test with wishes of its own. Without pidfds everything is guarded. */
void drain_restart(pid_t self, bool pidfds, bool proc);

/* A child of ours that leads a group of its own. */
struct fake_proc *drain_root(pid_t pid, const char *name);

/* The log since the last call is @log. */
void drain_assert_log(const char *log);

/* How often @words stand on stderr. */
unsigned int drain_said(const char *words);

#endif
