/* SPDX-License-Identifier: MIT */
/*
 * cli_value.h - the values of options, from words.
 *
 * Purpose: what several options have in common: one of some words, yes or no, a time, a signal.
 * Owner: cli_option.c and cli_list.c; pure functions over their arguments, start-up only.
 * Errors: a negative errno, or why the value is refused, in words.
 * Next: cli_option.h (who takes which), signals.h (their names).
 */
#ifndef SEXTON_CLI_VALUE_H
#define SEXTON_CLI_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The index of @value in @words, in any case; -EINVAL if it is none of them. */
int cli_value_word(const char *value, const char *const *words, size_t count);

#define CLI_VALUE_WORD(value, words)                                                               \
	cli_value_word(value, words, sizeof(words) / sizeof((words)[0]))

/* Is it "none" or "0"? */
bool cli_value_is_none(const char *text, size_t len);

/* One signal, or 0 for "none" and "0". Returns 0 or -EINVAL. */
int cli_value_signal_or_none(const char *text, size_t len, int *ret_sig)
	__attribute__((warn_unused_result));

/* "yes", "no" and their like; NULL, a flag without a value, is yes. */
const char *cli_value_flag(const char *value, bool *ret_on) __attribute__((warn_unused_result));

/* A duration (cli_duration()). */
const char *cli_value_time(const char *text, size_t len, int64_t *ret_ns)
	__attribute__((warn_unused_result));

#endif
