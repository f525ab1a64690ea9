/* SPDX-License-Identifier: MIT */
/*
 * result.c - see result.h.
 */
#include "result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESULT_ROOM 1024 /* samples of a series at first */

void result_free(struct result *result)
{
	for (size_t i = 0; i < RESULT_SERIES; i++)
		free(result->series[i].samples);
}

void result_figure(struct result *result, const char *name, double value)
{
	size_t i = 0;

	while (i < RESULT_FIGURES - 1 && result->figures[i].name != NULL)
		i++;
	result->figures[i] = (struct result_figure){ name, value };
}

/* The series @name; a new one if there is none yet. */
static struct result_series *result_series(struct result *result, const char *name)
{
	size_t i = 0;

	while (i < RESULT_SERIES - 1 && result->series[i].name != NULL &&
	       strcmp(result->series[i].name, name) != 0)
		i++;
	result->series[i].name = name;
	return &result->series[i];
}

int result_sample(struct result *result, const char *name, int64_t ns)
{
	struct result_series *series = result_series(result, name);

	if (series->used == series->room) {
		size_t room = series->room == 0 ? RESULT_ROOM : 2 * series->room;
		int64_t *samples = reallocarray(series->samples, room, sizeof(samples[0]));

		if (samples == NULL)
			return -ENOMEM;
		series->samples = samples;
		series->room = room;
	}
	series->samples[series->used++] = ns;
	return 0;
}

void result_note(struct result *result, const char *format, ...)
{
	char text[sizeof(result->notes[0])];
	va_list args;
	size_t i = 0;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	while (i < RESULT_NOTES - 1 && result->notes[i][0] != '\0' &&
	       strcmp(result->notes[i], text) != 0)
		i++;
	memcpy(result->notes[i], text, sizeof(text));
}

int result_fail(struct result *result, const char *format, ...)
{
	va_list args;

	if (result->failure[0] == '\0') {
		va_start(args, format);
		(void)vsnprintf(result->failure, sizeof(result->failure), format, args);
		va_end(args);
	}
	return RESULT_OVER;
}

int result_cannot(struct result *result, const char *format, ...)
{
	va_list args;

	if (result->cannot[0] == '\0') {
		va_start(args, format);
		(void)vsnprintf(result->cannot, sizeof(result->cannot), format, args);
		va_end(args);
	}
	return RESULT_OVER;
}
