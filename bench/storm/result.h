/* SPDX-License-Identifier: MIT */
/*
 * result.h - what a run found out, until it is printed as one JSON object.
 */
#ifndef SEXTON_STORM_RESULT_H
#define SEXTON_STORM_RESULT_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#define RESULT_FIGURES 10
#define RESULT_SERIES  2
#define RESULT_NOTES   8
#define RESULT_WORDS   400 /* bytes of the init's last words */

/* What functions return when the run is over and the result says why. */
#define RESULT_OVER (-ECANCELED)

struct result_figure {
	const char *name;
	double value;
};

struct result_series {
	const char *name;
	int64_t *samples; /* nanoseconds */
	size_t used;
	size_t room;
};

struct result {
	struct result_figure figures[RESULT_FIGURES];
	struct result_series series[RESULT_SERIES];
	char notes[RESULT_NOTES][256];
	char failure[256]; /* the init's; empty: none */
	char cannot[256];  /* this machine's; empty: nothing */
	char words[RESULT_WORDS + 1];
};

void result_free(struct result *result);

/* Texts that live longer than the result: @name. */
void result_figure(struct result *result, const char *name, double value);

/* 0, or -ENOMEM. */
__attribute__((warn_unused_result)) int result_sample(struct result *result, const char *name,
						      int64_t ns);

/* What the reader must know. The same note is kept once. */
__attribute__((format(printf, 2, 3))) void result_note(struct result *result, const char *format,
						       ...);

/* The init failed, or this machine cannot do it. The first reason is kept. Both return RESULT_OVER. */
__attribute__((format(printf, 2, 3))) int result_fail(struct result *result, const char *format,
						      ...);
__attribute__((format(printf, 2, 3))) int result_cannot(struct result *result, const char *format,
							...);

#endif
