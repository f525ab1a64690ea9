/* SPDX-License-Identifier: MIT */
/* cli_own.c - the command line under our own name; see sexton/cli.h and sexton/cli_call.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "sexton/cli_call.h"
#include "sexton/cli_option.h"
#include "sexton/cli_variable.h"
#include "sexton/log.h"
#include "sexton/sys.h"

struct cli_own {
	struct cli_request request;
	uint32_t given; /* bit N: row N of the table was on the command line */
	char **next;    /* the next word of the command line */
};

static int cli_own_unknown(const char *dashes, const char *name)
{
	char shown[CLI_SHOWN_SIZE];

	log_line(LOG_WARN, "unknown option '%s%s'; sexton --help lists them", dashes,
		 cli_shown(name, shown));
	return -EINVAL;
}

/* From the command line. @value NULL: none is attached, the next word is taken if one is needed. */
static int cli_own_give(struct cli_own *own, size_t row, const char *value)
{
	const struct cli_option *option = &cli_option_table[row];

	if (!value && option->placeholder) {
		value = *own->next;
		if (!value) {
			log_line(LOG_WARN, "--%s: no value given; allowed are %s", option->name,
				 option->allowed);
			return -EINVAL;
		}
		own->next++;
	}
	own->given |= cli_option_settles(row);
	return cli_variable_take(&own->request, option, value, "--", option->name);
}

/* --name, --name=value, --name value */
static int cli_own_long(struct cli_own *own, const char *word)
{
	size_t len = strcspn(word, "=");

	for (size_t row = 0; row < cli_option_count; row++) {
		const char *name = cli_option_table[row].name;

		if (strlen(name) == len && memcmp(name, word, len) == 0)
			return cli_own_give(own, row, word[len] == '=' ? word + len + 1 : NULL);
	}
	return cli_own_unknown("--", word);
}

/* The row of a letter, cli_option_count if there is none. */
static size_t cli_own_letter(char letter)
{
	size_t row = 0;

	while (row < cli_option_count && cli_option_table[row].letter != letter)
		row++;
	return row;
}

/* -x, -xvalue, -x value, and letters of flags together: -gvv */
static int cli_own_letters(struct cli_own *own, const char *letters)
{
	for (; *letters; letters++) {
		const char name[2] = { *letters, '\0' };
		size_t row = cli_own_letter(*letters);
		const struct cli_option *option = &cli_option_table[row];
		int err;

		if (row == cli_option_count)
			return cli_own_unknown("-", name);
		if (option->placeholder && !option->letter_value)
			return cli_own_give(own, row, letters[1] ? letters + 1 : NULL);
		err = cli_own_give(own, row, option->letter_value);
		if (err < 0)
			return err;
	}
	return 0;
}

/* Reads options up to the command, where own->next is left. */
static int cli_own_options(struct cli_own *own)
{
	while (*own->next && !own->request.wants_help) {
		const char *word = *own->next;
		int err;

		/* "-" alone is a word like any other. */
		if (word[0] != '-' || word[1] == '\0')
			return 0;
		own->next++;
		if (strcmp(word, "--") == 0)
			return 0;
		err = word[1] == '-' ? cli_own_long(own, word + 2) : cli_own_letters(own, word + 1);
		if (err < 0)
			return err;
	}
	return 0;
}

static int cli_own_help(void)
{
	int err = cli_help_print();

	if (err == 0)
		return 0;
	log_line(LOG_WARN, "--help: cannot write to stdout: %s", sys_strerror(-err));
	return CONFIG_EXIT_OWN_FAILURE;
}

enum cli_result cli_own(struct cli_call *call)
{
	/* Some callers of execve(2) give no argv[0]. */
	struct cli_own own = {
		.request.config = call->config,
		.next = call->argc > 0 ? call->argv + 1 : call->argv,
	};

	call->code = CONFIG_EXIT_OWN_FAILURE;
	if (cli_own_options(&own) < 0)
		return CLI_LEAVE;
	if (own.request.wants_help) {
		call->code = cli_own_help();
		return CLI_LEAVE;
	}
	/* A version is told in any environment. */
	own.request.quiet = own.request.wants_version;
	if (cli_variables(&own.request, own.given, call->envp) < 0)
		return CLI_LEAVE;
	if (own.request.wants_version)
		return CLI_VERSION;
	if (!*own.next && !call->config->pause) {
		log_line(LOG_WARN, "no command given; call it as: sexton [OPTIONS] [--] COMMAND "
				   "[ARG...] (sexton --help lists the options)");
		return CLI_LEAVE;
	}
	call->config->argv = call->config->pause ? NULL : own.next; /* words are ignored then */
	return CLI_RUN;
}
