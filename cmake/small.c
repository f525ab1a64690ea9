/* SPDX-License-Identifier: MIT */
/*
 * small.c - in the small build in place of musl's own, which bring much that is not needed here.
 *
 * liburcu prints one line by fprintf(3) before it aborts (urcu_die()), nobody else ever does: with
 * musl's come 10 kB, floating point and all. What it prints then is its format. Searching for a word in a
 * line needs no tables, which are more than 1 kB. And nobody has anything to be told of a fork (the child
 * calls what is in sys.h, and executes or exits), for which musl takes all its locks.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sexton/sys.h"

int fprintf(FILE *restrict stream, const char *restrict format, ...)
{
	(void)stream; /* stderr */
	sys_ignore(write(STDERR_FILENO, format, strlen(format)));
	return 0;
}

char *strstr(const char *text, const char *word)
{
	size_t size = strlen(word);

	for (; *text != '\0'; text++)
		if (strncmp(text, word, size) == 0)
			return (char *)text;
	return size == 0 ? (char *)text : NULL;
}

pid_t fork(void)
{
	return _Fork();
}
