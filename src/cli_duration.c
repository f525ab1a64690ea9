/* SPDX-License-Identifier: MIT */
/* cli_duration.c - "1.5s" -> nanoseconds; see sexton/cli.h. */
#include "sexton/cli.h"

#include <errno.h>
#include <string.h>

#include "sexton/cli_value.h"

#define CLI_NS_PER_MS INT64_C(1000000)
#define CLI_NS_PER_S  (1000 * CLI_NS_PER_MS)
#define CLI_TEN_YEARS (10 * INT64_C(365) * 24 * 3600 * CLI_NS_PER_S)

/* The nanoseconds of a unit, 0 if it is none. */
static int64_t cli_unit(const char *unit, size_t len)
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
		if (len == strlen(units[i].name) && memcmp(unit, units[i].name, len) == 0)
			return units[i].ns;
	}
	return 0;
}

/* So many digits are at the start of @text. */
static size_t cli_digits(const char *text, size_t len)
{
	size_t count = 0;

	while (count < len && text[count] >= '0' && text[count] <= '9')
		count++;
	return count;
}

int cli_duration(const char *text, size_t len, int64_t *ret_ns)
{
	size_t whole = cli_digits(text, len);
	bool point = whole < len && text[whole] == '.';
	size_t fraction = point ? cli_digits(text + whole + 1, len - whole - 1) : 0;
	size_t number = whole + point + fraction;
	int64_t scale = cli_unit(text + number, len - number);
	int64_t ns = 0;

	if (cli_value_is_none(text, len)) {
		*ret_ns = text[0] == '0' ? 0 : CONFIG_NO_LIMIT;
		return 0;
	}
	if (whole == 0 || (point && fraction == 0) || scale == 0)
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
