/* SPDX-License-Identifier: MIT */
/*
 * normal.c - takes out what chance decides: numbers of late processes, places of foreign lines,
 * bytes that are no text.
 */
#include "compat.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What stands before the number of a process in the originals' lines. */
static const char *const normal_before[] = {
	"pid=", "pid: '", "pid '", "PID ", "pid1 (", "child process ",
};

#define NORMAL_PROCESSES 26

static bool normal_follows(const char *text, const char *at)
{
	for (size_t i = 0; i < sizeof(normal_before) / sizeof(normal_before[0]); i++) {
		size_t len = strlen(normal_before[i]);

		if ((size_t)(at - text) >= len && strncmp(at - len, normal_before[i], len) == 0)
			return true;
	}
	return false;
}

/* The command is number 2, or 3 below a stub. Of those after it only the order counts: our reaper
 * thread takes a number as well. */
static void normal_numbers(struct compat_text *text)
{
	long known[NORMAL_PROCESSES];
	size_t count = 0;
	struct compat_text result = { 0 };
	const char *at = text_of(text);

	text_add(&result, "", 0);
	while (*at != '\0') {
		char *end = NULL;
		size_t i = 0;
		long number = 0;

		if (isdigit((unsigned char)*at) && normal_follows(text_of(text), at))
			number = strtol(at, &end, 10);
		if (number <= 2) {
			text_add(&result, at++, 1);
			continue;
		}
		while (i < count && known[i] != number)
			i++;
		if (i == count && count < NORMAL_PROCESSES)
			known[count++] = number;
		text_add(&result, (char[]){ (char)('A' + i) }, 1);
		at = end;
	}
	text_fini(text);
	*text = result;
}

static bool normal_is_unordered(const struct compat_file *file, const char *line, size_t len)
{
	for (size_t i = 0; i < file->unordered_count; i++) {
		if (memmem(line, len, file->unordered[i], strlen(file->unordered[i])) != NULL)
			return true;
	}
	return false;
}

static bool normal_is_left_out(const struct compat_case *c, const char *line, size_t len)
{
	return c->left_out != NULL && memmem(line, len, c->left_out, strlen(c->left_out)) != NULL;
}

/* Unordered lines first, in their own order. */
static void normal_order(const struct compat_file *file, const struct compat_case *c,
			 struct compat_text *text)
{
	struct compat_text result = { 0 };

	text_add(&result, "", 0);
	for (int pass = 0; pass < 2; pass++) {
		const char *line = text_of(text);

		while (*line != '\0') {
			size_t len = strcspn(line, "\n");

			len += line[len] == '\n' ? 1 : 0;
			if (!normal_is_left_out(c, line, len) &&
			    normal_is_unordered(file, line, len) == (pass == 0))
				text_add(&result, line, len);
			line += len;
		}
	}
	text_fini(text);
	*text = result;
}

/* What is no text of ours, so that a file of cases stays one: \xNN. */
static void normal_bytes(struct compat_text *text)
{
	struct compat_text result = { 0 };

	text_add(&result, "", 0);
	for (size_t i = 0; i < text->len; i++) {
		unsigned char byte = (unsigned char)text->bytes[i];
		char escaped[8];

		if (byte == '\n' || byte == '\t' || isprint(byte))
			text_add(&result, &text->bytes[i], 1);
		else
			text_add(&result, escaped,
				 (size_t)snprintf(escaped, sizeof(escaped), "\\x%02x", byte));
	}
	text_fini(text);
	*text = result;
}

void normal_text(const struct compat_file *file, const struct compat_case *c,
		 struct compat_text *text)
{
	normal_bytes(text);
	normal_numbers(text);
	normal_order(file, c, text);
}
