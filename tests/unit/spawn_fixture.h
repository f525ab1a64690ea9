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
#include "sexton/config.h"
#include "sexton/log.h"
#include "sexton/spawn.h"

#define UNUSED           __attribute__((unused))
/* A string that argv and envp may point to. */
#define SPAWN_WORD(text) ((char[]){ text })
#define SPAWN_PROGRAM    (S_IFREG | 0755)
#define SPAWN_UNTOLD     (-1)
/* The first descriptors that are handed out: the way back, and the pipe of the report. */
#define SPAWN_CWD        "3"
#define SPAWN_REPORT     "5"

struct spawn_call {
	struct config config; /* the defaults; .argv "tool", "a", "-b"; PATH=/one:/two:/three */
	struct spawn_inherited inherited;
	int result;
	struct spawn_child child;
	int code;
};

extern struct spawn_call spawn_call;

/* Words for every fact that spawn.c has, each with all that it holds. Warnings are "[w] " on
 * stderr, facts "[f] " on stdout, and there are two lines of LOG_SPAWNED. */
extern const struct log_voice spawn_voice;

/* cmocka's setup: a new fake kernel, and the call as above. */
int spawn_reset(void **state);

enum fake_sys_end spawn_run_child(int *ret_code);

/* Whatever happens, the parent leaves no descriptor and no memory behind. */
void spawn_run_parent(void);

/* The child fails to execute, then the parent hears of it. Returns what sexton's exit code is. */
int spawn_run_failure(const char **ret_words);

/* spawn_step_aside(), in place of spawn_run_child(). Its result is in spawn_call.code. */
enum fake_sys_end spawn_run_aside(int *ret_code);

/* The command's facts are told by spawn_voice, and a failed exec is an exit: 11 if it was not
 * found, 12 if it was forbidden, else 13. */
void spawn_use_voice(void);

/* The command is @name, without arguments. */
void spawn_single(const char *name);

/* Is @first in the trace, and @second somewhere after it? */
void spawn_assert_order(const char *first, const char *second);

/* None of the words of the trace's lines begins with @call. */
void spawn_assert_no_call(const char *call);

void spawn_assert_says(const char *text, const char *words);

unsigned int spawn_lines(const char *text);

#endif
