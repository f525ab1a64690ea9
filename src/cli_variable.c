/* SPDX-License-Identifier: MIT */
/* cli_variable.c - the variables SEXTON_*; see sexton/cli_variable.h. */
#include "sexton/cli_variable.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "sexton/cli_call.h"
#include "sexton/log.h"
#include "sexton/sys.h"

const char *cli_shown(const char *text, char ret_shown[CLI_SHOWN_SIZE])
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

int cli_variable_take(struct cli_request *request, const struct cli_option *option,
		      const char *value, const char *dashes, const char *name)
{
	const char *why = option->set(request, value);
	char shown[CLI_SHOWN_SIZE];

	if (!why)
		return 0;
	if (request->quiet)
		return -EINVAL;
	log_line(LOG_WARN, "%s%s: '%s': %s%s%s", dashes, name, cli_shown(value ? value : "", shown),
		 why, option->allowed ? "; allowed are " : "",
		 option->allowed ? option->allowed : "");
	return -EINVAL;
}

/* The value of @entry ("NAME=value") if it is the variable called @name, else NULL. */
static const char *cli_variable_value(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return strncmp(entry, name, len) == 0 && entry[len] == '=' ? entry + len + 1 : NULL;
}

const char *cli_variable(char **envp, const char *name)
{
	const char *value = NULL;

	for (char **entry = envp; *entry && !value; entry++)
		value = cli_variable_value(*entry, name);
	return value;
}

int cli_variables(struct cli_request *request, uint32_t given, char **envp)
{
	char name[CLI_OPTION_VARIABLE_SIZE];

	for (size_t row = 0; row < cli_option_count; row++) {
		const struct cli_option *option = &cli_option_table[row];
		const char *value;

		if (option->no_variable || (given & UINT32_C(1) << row) != 0)
			continue;
		value = cli_variable(envp, cli_option_variable(option, name));
		if (value && *value && cli_variable_take(request, option, value, "", name) < 0 &&
		    !request->quiet)
			return -EINVAL;
	}
	return 0;
}

/* Is @entry the variable of an option? */
static bool cli_variable_is_ours(const char *entry)
{
	char name[CLI_OPTION_VARIABLE_SIZE];

	for (size_t row = 0; row < cli_option_count; row++) {
		const struct cli_option *option = &cli_option_table[row];

		if (!option->no_variable &&
		    cli_variable_value(entry, cli_option_variable(option, name)))
			return true;
	}
	return false;
}

int cli_variable_strip(struct config *config, char **envp)
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
		if (!cli_variable_is_ours(*entry))
			*kept++ = *entry;
	}
	*kept = NULL;
	return 0;
}
