/* SPDX-License-Identifier: MIT */
/*
 * cli_variable.h - the variables SEXTON_*, which every name knows.
 *
 * Purpose: values of options from the environment, and the environment without them. The rules are
 *	in cli.h.
 * Owner: cli.c and cli_own.c; start-up only, main thread.
 * Next: cli_option.h (the options), cli_call.h (the order in which all of it is read).
 */
#ifndef SEXTON_CLI_VARIABLE_H
#define SEXTON_CLI_VARIABLE_H

#include <stdint.h>

#include "sexton/cli_option.h"

/* A shown word and its NUL: an error line must have room for what is allowed. */
#define CLI_SHOWN_SIZE 80

/* Cuts what is shown of a word that the user wrote; log_line() masks control characters. */
const char *cli_shown(const char *text, char ret_shown[CLI_SHOWN_SIZE]);

/*
 * Gives @value (NULL: none was given) to @option. @dashes and @name together are what the user
 * wrote: "--" and "grace", "" and "SEXTON_GRACE". Returns 0, or -EINVAL after one line.
 */
int cli_variable_take(struct cli_request *request, const struct cli_option *option,
		      const char *value, const char *dashes, const char *name)
	__attribute__((warn_unused_result));

/* Options whose bit in @given (by row) is not set are taken from their variables. Returns 0, or
 * -EINVAL after one line; 0 in any case if the request is quiet. */
int cli_variables(struct cli_request *request, uint32_t given, char **envp)
	__attribute__((warn_unused_result));

/*
 * Sets config->envp to @envp without our variables; the array that we were given stays as it is.
 * Returns 0, or -ENOMEM after one line.
 */
int cli_variable_strip(struct config *config, char **envp) __attribute__((warn_unused_result));

#endif
