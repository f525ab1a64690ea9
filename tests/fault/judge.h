/* SPDX-License-Identifier: MIT */
/*
 * judge.h - whether a story of the torture test came out right, whatever failed in it.
 *
 * The judges return why it did not, in words, or NULL. The letters are those of torture.c.
 */
#ifndef FAULT_JUDGE_H
#define FAULT_JUDGE_H

#include "run.h"
#include "scenario.h"

#define JUDGE_LIMIT_NS  (10000 * RUN_MS) /* once: after that it has failed */
#define JUDGE_SECOND_NS (1000 * RUN_MS)  /* for ever: the second that is measured */

/* A line that cannot be written cannot be had. */
bool judge_is_mute(const struct fault_case *c);
/* (a): the command did not run. */
const char *judge_no_start(const struct fault_case *c, const struct run *run);
/* (b): the command ran, and sexton has ended. */
const char *judge_end(const struct fault_case *c, struct run *run);
/* (c), for ever: nothing happens any more. Sexton must rest, and must have said why. */
const char *judge_rest(const struct fault_case *c, struct run *run);
/* It spoke in the words of its name, as soon as that was known. */
const char *judge_words(const struct fault_case *c, const struct run *run);

#endif
