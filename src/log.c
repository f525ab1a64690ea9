/* SPDX-License-Identifier: MIT */
/* log.c - one write(2) a line; see sexton/log.h. */
#include "sexton/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sexton/signals.h"
#include "sexton/sys.h"
#include "sexton/text.h"

#define LOG_LINE_SIZE     512
/* A terminal takes nothing while somebody else writes to it, so a line has some patience; but a
 * stream that took nothing for so long is stuck, and the next line has none. */
#define LOG_PATIENCE_NS   INT64_C(50000000)
#define LOG_LAST_WORDS_NS INT64_C(1000000000)

/* Written once, before the command is forked, so it needs no ordering. */
static struct {
	const struct log_voice *voice;
	int level;     /* the tones of .voice up to here are heard */
	int verbosity; /* our own levels up to here are heard */
	bool stuck;    /* the last line could not be written */
	int64_t patience_ns;
} log_state = { .voice = &log_own_voice, .patience_ns = LOG_PATIENCE_NS };

struct log_buffer {
	char bytes[LOG_LINE_SIZE];
	size_t used;
};

/* What does not fit is cut off; the last byte is kept for the newline. */
static void log_put_raw(struct log_buffer *line, char c)
{
	if (line->used < LOG_LINE_SIZE - 1)
		line->bytes[line->used++] = c;
}

/* Nothing that a user wrote may forge a line or speak to a terminal. */
static void log_put(struct log_buffer *line, char c)
{
	unsigned char byte = (unsigned char)c;

	/* C1 controls are 0xC2 0x80..0x9F in UTF-8, and some terminals obey them. */
	if (byte >= 0x80 && byte <= 0x9f && line->used > 0 &&
	    (unsigned char)line->bytes[line->used - 1] == 0xc2) {
		line->bytes[line->used - 1] = '?';
		byte = '?';
	}
	if (byte < 0x20 || byte == 0x7f)
		byte = '?';
	log_put_raw(line, (char)byte);
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

static void log_write(struct log_buffer *line, int fd)
{
	line->bytes[line->used++] = '\n';
	/* A stream that takes nothing, or only half, is no reason for PID 1 to stumble. */
	log_state.stuck = sys_write_now(fd, line->bytes, line->used,
					log_state.stuck ? 0 : log_state.patience_ns) == -EAGAIN;
}

/* A template's %c, see log.h. */
static void log_put_fact(struct log_buffer *line, char c, const struct log_fact *fact)
{
	char name[SIGNALS_NAME_SIZE];

	switch (c) {
	case 'p':
		log_put_signed(line, fact->pid);
		break;
	case 'n':
		log_put_signed(line, fact->sig);
		break;
	case 'N':
		log_put_string(line, signals_name(fact->sig, name));
		break;
	case 'D':
		log_put_string(line, signals_description(fact->sig, name));
		break;
	case 't':
		log_put_signed(line, fact->to);
		break;
	case 'c':
		log_put_signed(line, fact->code);
		break;
	case 'e':
		log_put_signed(line, fact->err);
		break;
	case 'E':
		log_put_string(line, sys_strerror(fact->err));
		break;
	case 's':
		log_put_string(line, fact->text);
		break;
	case 'C':
		log_put_string(line, fact->core ? " (core dumped)" : "");
		break;
	case 'P':
		log_put_signed(line, sys_getpid());
		break;
	default:
		log_put(line, c);
		break;
	}
}

static void log_put_template(struct log_buffer *line, const char *template,
			     const struct log_fact *fact)
{
	for (; *template; template ++) {
		if (*template == '%' && template[1] != '\0')
			log_put_fact(line, *++template, fact);
		else
			log_put_raw(line, *template);
	}
}

void log_set(const struct log_voice *voice, int level, int verbosity)
{
	log_state.voice = voice != NULL ? voice : &log_own_voice;
	log_state.level = voice != NULL ? level : verbosity;
	log_state.verbosity = verbosity;
}

void log_take_time(void)
{
	log_state.stuck = false;
	log_state.patience_ns = LOG_LAST_WORDS_NS;
}

/* The first of @words that is said of @what, and heard; NULL: none is. */
static const struct log_words *log_next(const struct log_words *words, enum log_saying what)
{
	for (; words->saying != LOG_SAYING_COUNT; words++)
		if (words->saying == what && words->tone <= log_state.level)
			return words;
	return NULL;
}

bool log_says(enum log_saying what)
{
	return log_next(log_state.voice->says, what) != NULL;
}

void log_say(enum log_saying what, const struct log_fact *fact)
{
	const struct log_words *words = log_state.voice->says;

	for (; (words = log_next(words, what)) != NULL; words++) {
		const struct log_tone *tone = &log_state.voice->tones[words->tone];
		struct log_buffer line = { .used = 0 };

		log_put_template(&line, tone->prefix, fact);
		log_put_template(&line, words->text, fact);
		log_write(&line, tone->fd);
	}
}

bool log_enabled(enum log_level level)
{
	return (int)level <= log_state.verbosity;
}

void log_line(enum log_level level, const char *format, ...)
{
	/* What only we have to say, a stranger's name says in its own tone of warning. */
	const struct log_voice *voice = level == LOG_WARN ? log_state.voice : &log_own_voice;
	const struct log_tone *tone =
		&voice->tones[level == LOG_WARN ? voice->warning : (int)level];
	const struct log_fact nothing = { 0 };
	struct log_buffer line = { .used = 0 };
	va_list args;

	if (level != LOG_WARN && !log_enabled(level))
		return;
	log_put_template(&line, tone->prefix, &nothing);
	va_start(args, format);
	log_put_format(&line, format, &args);
	va_end(args);
	log_write(&line, tone->fd);
}

void log_warn_once(bool *said, const char *what, int err)
{
	if (*said)
		return;
	*said = true;
	log_line(LOG_WARN, "%s: %s; going on", what, sys_strerror(-err));
}
