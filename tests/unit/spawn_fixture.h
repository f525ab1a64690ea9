/* SPDX-License-Identifier: MIT */
/*
 * spawn_fixture.h - calls spawn_run() on the fake kernel, either side of its fork.
 *
 * The child's half and the parent's half run one after the other in the test's process: the first
 * lets fork answer 0, the second a PID, and what the child wrote to the pipe is there for the
 * parent.
 */
#ifndef SEXTON_SPAWN_FIXTURE_H
#define SEXTON_SPAWN_FIXTURE_H

#include <sys/types.h>

#include "fake_sys.h"
#include "sexton/spawn.h"

#define UNUSED           __attribute__((unused))
/* A string that argv and envp may point to. */
#define SPAWN_WORD(text) ((char[]){ text })
#define SPAWN_PROGRAM    (S_IFREG | 0755)
#define SPAWN_UNTOLD     (-1)

struct spawn_call {
	char **argv; /* "tool", "a", "-b" */
	char **envp; /* with PATH=/one:/two:/three */
	struct spawn_inherited inherited;
	int result;
	pid_t pid;
	int code;
};

extern struct spawn_call spawn_call;

/* cmocka's setup: a new fake kernel, and the call as above. */
int spawn_reset(void **state);

enum fake_sys_end spawn_run_child(int *ret_code);

/* Whatever happens, the parent leaves no descriptor and no memory behind. */
void spawn_run_parent(void);

/* The child fails to execute, then the parent hears of it. Returns what sexton's exit code is. */
int spawn_run_failure(const char **ret_words);

/* The command is @name, without arguments. */
void spawn_single(const char *name);

/* Is @first in the trace, and @second somewhere after it? */
void spawn_assert_order(const char *first, const char *second);

void spawn_assert_says(const char *text, const char *words);

unsigned int spawn_lines(const char *text);

#endif
