/* SPDX-License-Identifier: MIT */
/*
 * loop_fixture.h - the whole main thread in the fake world, its clock included.
 *
 * We are PID 100, the main process is PID 200. A test plans what happens when (fake_world_at with
 * the steps below), runs the loop to its end, and looks at what was done. The reaper thread is
 * played by on_death: it buries and posts at the instant of a death. In polled mode a death is a
 * SIGCHLD, and the loop buries.
 */
#ifndef SEXTON_LOOP_FIXTURE_H
#define SEXTON_LOOP_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "fake_world.h"
#include "sexton/loop.h"

#define MAIN             200
#define MS(n)            (INT64_C(1000000) * (n))
#define SECOND           MS(1000)
/* For step_end(): process @pid ends with wait status @status. */
#define END(pid, status) ((status) << 16 | (pid))
#define EXITED(code)     ((code) << 8)

struct loop_fixture {
	struct config config;
	struct feature features;
	struct target targets;
	struct exitq exits;
	struct status status;
	struct reaper reaper;
	struct forward forward;
	struct scope scope;
	struct successor successor;
	struct drain drain;
	struct job job;
	siginfo_t held[SIGNALS_MAX + 1];
	struct loop loop;
};

extern struct loop_fixture fix;

/* cmocka's setup and teardown; defaults as without any option. */
int loop_setup(void **state);
/* The same, and we are PID 1. */
int loop_setup_as_init(void **state);
int loop_teardown(void **state);

/* Instead of the reaper thread. */
void loop_use_polled_mode(void);

/* As job_init() leaves it in a shell's foreground: the command has the terminal. */
void loop_use_job_control(void);

/* The loop runs to its end and returns @code. */
void loop_assert_ends_with(int code);

/* Steps for fake_world_at(). */
void step_end(int end);
void step_signal(int sig); /* from a stranger */

/* A child of ours that is not the main process, leading a group of its own. */
struct fake_proc *loop_child(pid_t pid, const char *name);

/* A signal for us, now. */
void loop_raise(int sig, int code, pid_t sender);

/* The same by sigqueue(3), from a stranger. */
void loop_raise_value(int sig, int value);

unsigned int loop_said(const char *words);
/* How many lines of the trace begin with @line. */
unsigned int loop_traced(const char *line);

#endif
