/* SPDX-License-Identifier: MIT */
/*
 * cli_list.h - options whose value is a list.
 *
 * Purpose: setters of the table of options (cli_option.h) that take several values, separated by
 *	commas.
 * Owner: cli_option.c; start-up only, main thread.
 * Errors: NULL, or why the value is refused, in words.
 * Next: cli_value.h (what one value is), config.h (what is filled in).
 */
#ifndef SEXTON_CLI_LIST_H
#define SEXTON_CLI_LIST_H

#include "sexton/cli_option.h"

/* FROM:TO[,...]; adds to what is there. */
const char *cli_list_rewrite(struct cli_request *request, const char *value);

/* SIGNAL[,...], or "none". */
const char *cli_list_stop_signals(struct cli_request *request, const char *value);

/* SIGNAL:TIME,...,SIGNAL; all of it, or nothing is changed. */
const char *cli_list_ask_with(struct cli_request *request, const char *value);

/* SIGNAL:TIME[,...]; adds to what is there, "none" as TIME takes one away. */
const char *cli_list_delay(struct cli_request *request, const char *value);

/* Exit codes; adds to what is there. */
const char *cli_list_ok_exit(struct cli_request *request, const char *value);

#endif
