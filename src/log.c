/* SPDX-License-Identifier: MIT */
/* log.c - one write(2) a line, to stderr; see sexton/log.h. */
#include "sexton/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sexton/sys.h"
#include "sexton/text.h"

#define LOG_FD        2
#define LOG_LINE_SIZE 512
#define LOG_PREFIX    "sexton: "

/* Written once, before the command is forked, so it needs no ordering. */
static int log_verbosity;

struct log_buffer {
	char bytes[LOG_LINE_SIZE];
	size_t used;
};

/* What does not fit is cut off; the last byte is kept for the newline. */
static void log_put(struct log_buffer *line, char c)
{
	unsigned char byte = (unsigned char)c;

	if (line->used == LOG_LINE_SIZE - 1)
		return;
	/* C1 controls are 0xC2 0x80..0x9F in UTF-8, and some terminals obey them. */
	if (byte >= 0x80 && byte <= 0x9f && line->used > 0 &&
	    (unsigned char)line->bytes[line->used - 1] == 0xc2) {
		line->bytes[line->used - 1] = '?';
		byte = '?';
	}
	if (byte < 0x20 || byte == 0x7f)
		byte = '?';
	line->bytes[line->used++] = (char)byte;
}

static void log_put_string(struct log_buffer *line, const char *text)
{
	for (text = text ? text : "(null)"; *text; text++)
		log_put(line, *text);
}

static void log_put_unsigned(struct log_buffer *line, uint64_t value)
{
	char digits[TEXT_NUMBER_SIZE];

	(void)text_number(value, digits);
	log_put_string(line, digits);
}

static void log_put_signed(struct log_buffer *line, int64_t value)
{
	if (value < 0)
		log_put(line, '-');
	/* Negated as unsigned: -INT64_MIN is no int64_t. */
	log_put_unsigned(line, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static void log_put_format(struct log_buffer *line, const char *format, va_list *args)
{
	for (; *format; format++) {
		if (*format != '%') {
			log_put(line, *format);
			continue;
		}
		switch (*++format) {
		case 's':
			log_put_string(line, va_arg(*args, const char *));
			break;
		case 'd':
			log_put_signed(line, va_arg(*args, int));
			break;
		case 'u':
			log_put_unsigned(line, va_arg(*args, unsigned int));
			break;
		case 'l':
			log_put_signed(line, va_arg(*args, int64_t));
			break;
		case '%':
			log_put(line, '%');
			break;
		default:
			/* Not ours: the size of its argument is unknown, so nothing after it can be
			 * read. */
			log_put_string(line, "(bad format)");
			return;
		}
	}
}

void log_set_verbosity(int verbosity)
{
	log_verbosity = verbosity;
}

int log_enabled(enum log_level level)
{
	return (int)level <= log_verbosity;
}

void log_line(enum log_level level, const char *format, ...)
{
	struct log_buffer line;
	va_list args;

	if (level != LOG_WARN && !log_enabled(level))
		return;
	line.used = 0;
	log_put_string(&line, LOG_PREFIX);
	va_start(args, format);
	log_put_format(&line, format, &args);
	va_end(args);
	line.bytes[line.used++] = '\n';
	/* A stderr that takes nothing, or only half, is no reason for PID 1 to stumble. */
	sys_ignore(sys_write_now(LOG_FD, line.bytes, line.used));
}
