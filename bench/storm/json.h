/* SPDX-License-Identifier: MIT */
/*
 * json.h - strict JSON (RFC 8259) on a stdio stream.
 *
 * The caller puts the braces and commas; what is here makes no text that a strict reader refuses. Errors
 * are the stream's: ask ferror() at the end.
 */
#ifndef SEXTON_STORM_JSON_H
#define SEXTON_STORM_JSON_H

#include <stdio.h>

/* A string in quotes. Bytes that are no UTF-8 become U+FFFD, one each. */
void json_text(FILE *out, const char *text);

/* A number; 0 for what JSON has no word for (NaN, infinities) and for what is absurdly large: callers
 * leave such figures out. */
void json_number(FILE *out, double value);

#endif
