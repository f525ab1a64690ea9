/* SPDX-License-Identifier: MIT */
/* cli_put.c - texts out and numbers in, without stdio; see sexton/cli_call.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "sexton/cli_call.h"
#include "sexton/sys.h"
#include "sexton/text.h"

struct cli_put {
	int fd;
	int err; /* the first, as a negative errno */
	size_t used;
	char bytes[4096];
};

static void cli_put_flush(struct cli_put *put)
{
	size_t done = 0;

	while (done < put->used && put->err == 0) {
		ssize_t written = sys_write(put->fd, put->bytes + done, put->used - done);

		if (written > 0)
			done += (size_t)written;
		else
			put->err = written < 0 ? (int)written : -EIO;
	}
	put->used = 0;
}

static void cli_put_bytes(struct cli_put *put, const char *text, size_t size)
{
	while (size > 0) {
		size_t room = sizeof(put->bytes) - put->used;
		size_t part = size < room ? size : room;

		memcpy(put->bytes + put->used, text, part);
		put->used += part;
		text += part;
		size -= part;
		if (put->used == sizeof(put->bytes))
			cli_put_flush(put);
	}
}

int cli_put(int fd, const char *text, ...)
{
	struct cli_put put;
	va_list more;

	put.fd = fd;
	put.err = 0;
	put.used = 0;
	va_start(more, text);
	for (; text; text = va_arg(more, const char *))
		cli_put_bytes(&put, text, strlen(text));
	va_end(more);
	cli_put_flush(&put);
	return put.err;
}

void cli_put_error(const char *before, const char *after, const char *text, const char *value)
{
	char pid[TEXT_NUMBER_SIZE];

	(void)text_number((uint64_t)sys_getpid(), pid);
	/* Nobody hears us: the exit code tells. */
	sys_ignore(cli_put(2, before, pid, after, text, value, "\n", NULL));
}

int64_t cli_number(const char *text, const char **ret_end)
{
	const char *digit = text + strspn(text, " \t\n\v\f\r");
	bool negative = *digit == '-';
	uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
	uint64_t number = 0;
	bool over = false;

	if (*digit == '-' || *digit == '+')
		digit++;
	*ret_end = *digit >= '0' && *digit <= '9' ? digit : text;
	for (; *digit >= '0' && *digit <= '9'; digit++) {
		unsigned int next = (unsigned int)(*digit - '0');

		over = over || number > (limit - next) / 10;
		number = over ? limit : number * 10 + next;
		*ret_end = digit + 1;
	}
	/* Negated as unsigned: -INT64_MIN is no int64_t. */
	return negative ? (int64_t)(0 - number) : (int64_t)number;
}
