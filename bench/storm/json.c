/* SPDX-License-Identifier: MIT */
/*
 * json.c - see json.h.
 */
#include "json.h"

#include <stddef.h>

#define JSON_MOST 1e15 /* what is larger is no figure of ours */

/* Bytes of the UTF-8 sequence at @at, 0 if it is none (overlong, a surrogate, beyond U+10FFFF). */
static size_t json_sequence(const unsigned char *at)
{
	size_t size = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;

	if (at[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0; /* the terminating 0 as well: nothing is read behind it */
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return size;
}

void json_text(FILE *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	(void)fputc('"', out);
	while (*at != '\0') {
		size_t size = json_sequence(at);

		if (size == 0)
			(void)fputs("\\ufffd", out);
		else if (*at == '"' || *at == '\\')
			(void)fprintf(out, "\\%c", *at);
		else if (*at < 0x20 || *at == 0x7f)
			(void)fprintf(out, "\\u%04x", *at);
		else
			(void)fwrite(at, 1, size, out);
		at += size == 0 ? 1 : size;
	}
	(void)fputc('"', out);
}

void json_number(FILE *out, double value)
{
	/* NaN fails every comparison. */
	if (!(value > -JSON_MOST && value < JSON_MOST))
		(void)fputc('0', out);
	else if (value == (double)(long long)value)
		(void)fprintf(out, "%.0f", value);
	else
		(void)fprintf(out, "%.3f", value);
}
