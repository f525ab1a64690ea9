/* SPDX-License-Identifier: MIT */
/* cli_value.c - the values of options, from words; see sexton/cli_value.h. */
#include "sexton/cli_value.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "sexton/cli.h"
#include "sexton/signals.h"

int cli_value_word(const char *value, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(value, words[i]) == 0)
			return (int)i;
	}
	return -EINVAL;
}

bool cli_value_is_none(const char *text, size_t len)
{
	return (len == 1 && *text == '0') || (len == 4 && strncasecmp(text, "none", 4) == 0);
}

int cli_value_signal_or_none(const char *text, size_t len, int *ret_sig)
{
	if (cli_value_is_none(text, len)) {
		*ret_sig = 0;
		return 0;
	}
	return signals_parse(text, (unsigned int)len, ret_sig);
}

const char *cli_value_flag(const char *value, bool *ret_on)
{
	static const char *const words[] = { "0", "1", "false", "true", "no", "yes", "off", "on" };
	int word = value ? CLI_VALUE_WORD(value, words) : 1;

	if (word < 0)
		return "neither yes nor no";
	*ret_on = word % 2 == 1;
	return NULL;
}

const char *cli_value_time(const char *text, size_t len, int64_t *ret_ns)
{
	switch (cli_duration(text, len, ret_ns)) {
	case 0:
		return NULL;
	case -ERANGE:
		return "longer than ten years";
	default:
		return "not a duration";
	}
}
