/* SPDX-License-Identifier: MIT */
/*
 * cli_getopt.h - options as getopt_long(3) of glibc reads them, on any libc.
 *
 * Purpose: the originals were built with glibc's, and their users meet its messages, its permuting
 *	and its abbreviations; musl's differs in all three. No stdio, no global state, no locale.
 * Owner: the parsers in cli_call.h; start-up only.
 */
#ifndef SEXTON_CLI_GETOPT_H
#define SEXTON_CLI_GETOPT_H

#include <stdbool.h>

struct cli_getopt_long {
	const char *name; /* NULL ends the list */
	bool has_value;   /* required then */
	char letter;      /* what cli_getopt_next() returns for it */
};

struct cli_getopt {
	char **argv;         /* NULL-terminated, argv[0] is the name in the messages; permuted */
	const char *letters; /* as getopt(3): "p:hv"; no '+', no '-' */
	const struct cli_getopt_long *longs; /* NULL: none, "--x" is then a group of letters */
	bool permute;                        /* options may come after words that are none */
	int next;                            /* index of the next word to be read; 1 at first */
	const char *cluster;                 /* rest of a group of letters; NULL at first */
	const char *value;                   /* of the option that was returned */
	int first, last; /* words [first, last) are none and were skipped; 1 and 1 at first */
};

/* Prepares for cli_getopt_next(). POSIXLY_CORRECT in @envp switches @permute off. */
void cli_getopt_init(struct cli_getopt *g, char **argv, char **envp, const char *letters,
		     const struct cli_getopt_long *longs, bool permute);

/*
 * The letter of the next option; '?' when it is wrong, after one line on stderr in glibc's words;
 * -1 when there are no more: then argv + g->next is what is left, the skipped words included.
 */
int cli_getopt_next(struct cli_getopt *g);

#endif
