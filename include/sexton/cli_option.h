/* SPDX-License-Identifier: MIT */
/*
 * cli_option.h - the table of options.
 *
 * Purpose: one row an option drives its long name, its letter, its variable, its help and its
 *	parser. A new option is one row and one setter in cli_option.c, and a paragraph in the
 *	manual.
 * Owner: cli.c (the parser) and cli_help.c (the help text); start-up only.
 * Next: cli.h (the rules), config.h (what is filled in).
 */
#ifndef SEXTON_CLI_OPTION_H
#define SEXTON_CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sexton/config.h"

/* What the options ask for. */
struct cli_request {
	struct config *config;
	bool quiet; /* what is refused is left out without a word */
	bool wants_help;
	bool wants_version;
};

/* "SEXTON_" and the longest long name, the terminating NUL included. */
#define CLI_OPTION_VARIABLE_SIZE 32

struct cli_option {
	const char *name;         /* long, without the dashes */
	const char *placeholder;  /* stands for the value in the help; NULL: a flag, takes none */
	const char *letter_value; /* what the letter alone stands for; NULL: as the long name */
	const char *standard;     /* the default, as the user would write it; NULL: none */
	const char *allowed;      /* the allowed values, in words; NULL: none are */
	const char *help;         /* one or more lines, at most CLI_HELP_WIDTH wide */
	char letter;              /* 0: none */
	bool no_variable;         /* command line only */
	/*
	 * Takes one value. NULL stands for a flag that was given without one. Returns NULL, or why
	 * the value is refused, in words.
	 */
	const char *(*set)(struct cli_request *request, const char *value);
};

/*
 * When all is read: what one option leaves to another. With --setsid the command is told to stop by
 * STOP, because the kernel drops TSTP, TTIN and TTOU in a session that nobody controls from outside
 * (setpgid(2), orphaned process groups), unless --rewrite names the signal.
 */
void cli_option_resolve(struct config *config);

/* The mask of rows that are settled with @row: of --setsid, --new-group and --no-group the last one counts,
 * and the command line wins over the variables of all three. */
uint32_t cli_option_settles(size_t row);

/* The parser keeps a bit a row. */
#define CLI_OPTION_ROWS_MAX 32

extern const struct cli_option cli_option_table[];
extern const size_t cli_option_count;

/* Writes the name of the variable of @option ("SEXTON_STOP_TIMEOUT") and returns it. */
const char *cli_option_variable(const struct cli_option *option,
				char ret_name[CLI_OPTION_VARIABLE_SIZE]);

/* cli_help.c: prints the help to stdout. Returns 0 or the negative errno of write(2). */
#define CLI_HELP_WIDTH 48
int cli_help_print(void) __attribute__((warn_unused_result));

/* cli_help.c: writes all of @text to stdout. Returns 0 or the negative errno of write(2). */
int cli_print(const char *text, size_t size) __attribute__((warn_unused_result));

#endif
