/* SPDX-License-Identifier: MIT */
/* cli.c - argv and environment -> struct config; see sexton/cli.h. */
#include "sexton/cli.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "sexton/cli_option.h"
#include "sexton/log.h"
#include "sexton/sys.h"

/* A shown word and its NUL: an error line must have room for what is allowed. */
#define CLI_SHOWN_SIZE 80

#define CLI_NS_PER_MS INT64_C(1000000)
#define CLI_NS_PER_S  (1000 * CLI_NS_PER_MS)
#define CLI_TEN_YEARS (10 * INT64_C(365) * 24 * 3600 * CLI_NS_PER_S)

struct cli {
	struct cli_request request;
	uint32_t given; /* bit N: row N of the table was on the command line */
	char **next;    /* the next word of the command line */
};

/* Cuts what is shown of a word that the user wrote; log_line() masks control characters. */
static const char *cli_shown(const char *text, char ret_shown[CLI_SHOWN_SIZE])
{
	static const char cut[] = "...";
	size_t len = strlen(text);

	if (len < CLI_SHOWN_SIZE) {
		memcpy(ret_shown, text, len + 1);
	} else {
		memcpy(ret_shown, text, CLI_SHOWN_SIZE - sizeof(cut));
		memcpy(ret_shown + CLI_SHOWN_SIZE - sizeof(cut), cut, sizeof(cut));
	}
	return ret_shown;
}

/* @dashes and @name together are what the user wrote: "--" and "grace", "" and "SEXTON_GRACE". */
static int cli_set(struct cli *cli, const struct cli_option *option, const char *value,
		   const char *dashes, const char *name)
{
	const char *why = option->set(&cli->request, value);
	char shown[CLI_SHOWN_SIZE];

	if (!why)
		return 0;
	log_line(LOG_WARN, "%s%s: '%s': %s%s%s", dashes, name, cli_shown(value ? value : "", shown),
		 why, option->allowed ? "; allowed are " : "",
		 option->allowed ? option->allowed : "");
	return -EINVAL;
}

static int cli_unknown(const char *dashes, const char *name)
{
	char shown[CLI_SHOWN_SIZE];

	log_line(LOG_WARN, "unknown option '%s%s'; sexton --help lists them", dashes,
		 cli_shown(name, shown));
	return -EINVAL;
}

/* From the command line. @value NULL: none is attached, the next word is taken if one is needed. */
static int cli_give(struct cli *cli, size_t row, const char *value)
{
	const struct cli_option *option = &cli_option_table[row];

	if (!value && option->placeholder) {
		value = *cli->next;
		if (!value) {
			log_line(LOG_WARN, "--%s: no value given; allowed are %s", option->name,
				 option->allowed);
			return -EINVAL;
		}
		cli->next++;
	}
	cli->given |= UINT32_C(1) << row;
	return cli_set(cli, option, value, "--", option->name);
}

/* --name, --name=value, --name value */
static int cli_long(struct cli *cli, const char *word)
{
	size_t len = strcspn(word, "=");

	for (size_t row = 0; row < cli_option_count; row++) {
		const char *name = cli_option_table[row].name;

		if (strlen(name) == len && memcmp(name, word, len) == 0)
			return cli_give(cli, row, word[len] == '=' ? word + len + 1 : NULL);
	}
	return cli_unknown("--", word);
}

/* The row of a letter, cli_option_count if there is none. */
static size_t cli_letter(char letter)
{
	size_t row = 0;

	while (row < cli_option_count && cli_option_table[row].letter != letter)
		row++;
	return row;
}

/* -x, -xvalue, -x value, and letters of flags together: -gvv */
static int cli_letters(struct cli *cli, const char *letters)
{
	for (; *letters; letters++) {
		const char name[2] = { *letters, '\0' };
		size_t row = cli_letter(*letters);
		const struct cli_option *option = &cli_option_table[row];
		int err;

		if (row == cli_option_count)
			return cli_unknown("-", name);
		if (option->placeholder && !option->letter_value)
			return cli_give(cli, row, letters[1] ? letters + 1 : NULL);
		err = cli_give(cli, row, option->letter_value);
		if (err < 0)
			return err;
	}
	return 0;
}

/* Reads options up to the command, where cli->next is left. */
static int cli_options(struct cli *cli)
{
	while (*cli->next && !cli->request.wants_help) {
		const char *word = *cli->next;
		int err;

		/* "-" alone is a word like any other. */
		if (word[0] != '-' || word[1] == '\0')
			return 0;
		cli->next++;
		if (strcmp(word, "--") == 0)
			return 0;
		err = word[1] == '-' ? cli_long(cli, word + 2) : cli_letters(cli, word + 1);
		if (err < 0)
			return err;
	}
	return 0;
}

/* The value of @entry ("NAME=value") if it is the variable called @name, else NULL. */
static const char *cli_value_of(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return strncmp(entry, name, len) == 0 && entry[len] == '=' ? entry + len + 1 : NULL;
}

/* Is @entry the variable of an option? */
static bool cli_is_ours(const char *entry)
{
	char name[CLI_OPTION_VARIABLE_SIZE];

	for (size_t row = 0; row < cli_option_count; row++) {
		const struct cli_option *option = &cli_option_table[row];

		if (!option->no_variable && cli_value_of(entry, cli_option_variable(option, name)))
			return true;
	}
	return false;
}

/* Options that the command line did not give are taken from their variables. */
static int cli_variables(struct cli *cli, char **envp)
{
	char name[CLI_OPTION_VARIABLE_SIZE];

	for (size_t row = 0; row < cli_option_count; row++) {
		const struct cli_option *option = &cli_option_table[row];
		const char *value = NULL;

		if (option->no_variable || (cli->given & UINT32_C(1) << row) != 0)
			continue;
		cli_option_variable(option, name);
		/* The first of several counts, as in getenv(3). */
		for (char **entry = envp; *entry && !value; entry++)
			value = cli_value_of(*entry, name);
		if (value && *value && cli_set(cli, option, value, "", name) < 0)
			return -EINVAL;
	}
	return 0;
}

/* The environment without our variables; the array that we were given stays as it is. */
static int cli_environment(struct config *config, char **envp)
{
	size_t count = 0;
	char **kept;

	while (envp[count])
		count++;
	/* Mapped for the life of the process: nothing else here needs an allocator. */
	kept = sys_map((count + 1) * sizeof(*kept));
	if (!kept) {
		log_line(LOG_WARN, "no memory for the command's environment");
		return -ENOMEM;
	}
	config->envp = kept;
	for (char **entry = envp; *entry; entry++) {
		if (!cli_is_ours(*entry))
			*kept++ = *entry;
	}
	*kept = NULL;
	return 0;
}

static int cli_help(void)
{
	int err = cli_help_print();

	if (err == 0)
		return 0;
	log_line(LOG_WARN, "--help: cannot write to stdout: %s", sys_strerror(-err));
	return CONFIG_EXIT_OWN_FAILURE;
}

enum cli_result cli_parse(struct config *config, int argc, char **argv, char **envp, int *ret_code)
{
	/* Some callers of execve(2) give no argv[0]. */
	struct cli cli = { .request.config = config, .next = argc > 0 ? argv + 1 : argv };

	config_init(config);
	*ret_code = CONFIG_EXIT_OWN_FAILURE;
	if (cli_options(&cli) < 0)
		return CLI_LEAVE;
	if (cli.request.wants_help) {
		*ret_code = cli_help();
		return CLI_LEAVE;
	}
	if (cli_variables(&cli, envp) < 0)
		return CLI_LEAVE;
	if (cli.request.wants_version)
		return CLI_VERSION;
	if (!*cli.next) {
		log_line(LOG_WARN, "no command given; call it as: sexton [OPTIONS] [--] COMMAND "
				   "[ARG...] (sexton --help lists the options)");
		return CLI_LEAVE;
	}
	config->argv = cli.next;
	return cli_environment(config, envp) < 0 ? CLI_LEAVE : CLI_RUN;
}

/* The nanoseconds of a unit, 0 if it is none. */
static int64_t cli_unit(const char *unit)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
		{ "ms", CLI_NS_PER_MS },
		{ "s", CLI_NS_PER_S },
		{ "m", 60 * CLI_NS_PER_S },
		{ "h", 3600 * CLI_NS_PER_S },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(unit, units[i].name) == 0)
			return units[i].ns;
	}
	return 0;
}

int cli_duration(const char *text, int64_t *ret_ns)
{
	static const char digits[] = "0123456789";
	size_t whole = strspn(text, digits);
	size_t fraction = text[whole] == '.' ? strspn(text + whole + 1, digits) : 0;
	const char *unit = text + whole + (text[whole] == '.') + fraction;
	int64_t scale = cli_unit(unit);
	int64_t ns = 0;

	if (strcasecmp(text, "none") == 0 || strcmp(text, "0") == 0) {
		*ret_ns = text[0] == '0' ? 0 : CONFIG_NO_LIMIT;
		return 0;
	}
	if (whole == 0 || (text[whole] == '.' && fraction == 0) || scale == 0)
		return -EINVAL;
	for (size_t i = 0; i < whole; i++) {
		/* Checked a digit at a time, so that no product can overflow. */
		ns = ns * 10 + (text[i] - '0') * scale;
		if (ns > CLI_TEN_YEARS)
			return -ERANGE;
	}
	for (size_t i = 0; i < fraction; i++) {
		scale /= 10;
		ns += (text[whole + 1 + i] - '0') * scale;
	}
	if (ns > CLI_TEN_YEARS)
		return -ERANGE;
	*ret_ns = ns;
	return 0;
}
