/* SPDX-License-Identifier: MIT */
/* cli_getopt.c - options as glibc reads them; see sexton/cli_getopt.h. */
#include "sexton/cli_getopt.h"

#include <string.h>

#include "sexton/cli_call.h"
#include "sexton/sys.h"

#define CLI_GETOPT_FD 2

void cli_getopt_init(struct cli_getopt *g, char **argv, char **envp, const char *letters,
		     const struct cli_getopt_long *longs, bool permute)
{
	*g = (struct cli_getopt){
		.argv = argv,
		.letters = letters,
		.longs = longs,
		.permute = permute && !cli_variable(envp, "POSIXLY_CORRECT"),
		.next = 1,
		.first = 1,
		.last = 1,
	};
}

/* One line after our name; whether it can be written makes no difference to what follows. */
static int cli_getopt_wrong(const struct cli_getopt *g, const char *before, const char *what,
			    const char *after)
{
	sys_ignore(cli_put(CLI_GETOPT_FD, g->argv[0], before, what, after, NULL));
	return '?';
}

/* Moves the skipped words behind the options that were read since: [last, next) comes before
 * [first, last). */
static void cli_getopt_exchange(struct cli_getopt *g)
{
	int options = g->next - g->last;

	for (int moved = 0; moved < options; moved++) {
		char *option = g->argv[g->last + moved];

		for (int i = g->last + moved; i > g->first + moved; i--)
			g->argv[i] = g->argv[i - 1];
		g->argv[g->first + moved] = option;
	}
	g->first += options;
	g->last = g->next;
}

static bool cli_getopt_is_word(const char *word)
{
	return word[0] != '-' || word[1] == '\0';
}

/* Finds the next option. False: there are no more, and .next is where the words begin. */
static bool cli_getopt_advance(struct cli_getopt *g)
{
	if (g->permute) {
		if (g->first != g->last && g->last != g->next)
			cli_getopt_exchange(g);
		else if (g->last != g->next)
			g->first = g->next;
		while (g->argv[g->next] && cli_getopt_is_word(g->argv[g->next]))
			g->next++;
		g->last = g->next;
	}
	if (g->argv[g->next] && strcmp(g->argv[g->next], "--") == 0) {
		g->next++;
		if (g->first != g->last)
			cli_getopt_exchange(g);
	} else if (g->argv[g->next] && !cli_getopt_is_word(g->argv[g->next])) {
		return true;
	}
	if (g->first != g->last)
		g->next = g->first;
	return false;
}

/* '?' after the line that names all that @word could be short for. */
static int cli_getopt_ambiguous(const struct cli_getopt *g, const char *word, size_t len)
{
	cli_getopt_wrong(g, ": option '--", word, "' is ambiguous; possibilities:");
	for (const struct cli_getopt_long *l = g->longs; l->name; l++) {
		if (strncmp(l->name, word, len) == 0)
			sys_ignore(cli_put(CLI_GETOPT_FD, " '--", l->name, "'", NULL));
	}
	sys_ignore(cli_put(CLI_GETOPT_FD, "\n", NULL));
	return '?';
}

/* --name, --name=value, --name value, --na */
static int cli_getopt_long(struct cli_getopt *g, const char *word)
{
	const struct cli_getopt_long *found = NULL;
	size_t len = strcspn(word, "=");
	int matches = 0;

	for (const struct cli_getopt_long *l = g->longs; l->name; l++) {
		if (strncmp(l->name, word, len) != 0)
			continue;
		matches++;
		found = l;
		if (l->name[len] == '\0') { /* the whole name is never short for another */
			matches = 1;
			break;
		}
	}
	if (matches > 1)
		return cli_getopt_ambiguous(g, word, len);
	if (!found)
		return cli_getopt_wrong(g, ": unrecognized option '--", word, "'\n");
	if (word[len] == '=' && !found->has_value)
		return cli_getopt_wrong(g, ": option '--", found->name,
					"' doesn't allow an argument\n");
	g->value = word[len] == '=' ? word + len + 1 : NULL;
	if (found->has_value && !g->value) {
		if (!g->argv[g->next])
			return cli_getopt_wrong(g, ": option '--", found->name,
						"' requires an argument\n");
		g->value = g->argv[g->next++];
	}
	return found->letter;
}

/* The next letter of the group at .cluster. */
static int cli_getopt_letter(struct cli_getopt *g)
{
	const char name[] = { *g->cluster++, '\0' };
	const char *rest = *g->cluster ? g->cluster : NULL;
	const char *known = strchr(":;", name[0]) ? NULL : strchr(g->letters, name[0]);

	g->cluster = rest;
	if (!rest)
		g->next++;
	if (!known)
		return cli_getopt_wrong(g, ": invalid option -- '", name, "'\n");
	if (known[1] != ':')
		return name[0];
	g->cluster = NULL;
	g->value = rest;
	if (rest) {
		g->next++;
	} else {
		if (!g->argv[g->next])
			return cli_getopt_wrong(g, ": option requires an argument -- '", name,
						"'\n");
		g->value = g->argv[g->next++];
	}
	return name[0];
}

int cli_getopt_next(struct cli_getopt *g)
{
	g->value = NULL;
	if (!g->cluster) {
		const char *word;

		if (!cli_getopt_advance(g))
			return -1;
		word = g->argv[g->next];
		if (g->longs && word[1] == '-') {
			g->next++;
			return cli_getopt_long(g, word + 2);
		}
		g->cluster = word + 1;
	}
	return cli_getopt_letter(g);
}
