/* SPDX-License-Identifier: MIT */
/*
 * report.c - see report.h.
 */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>

#include "clock.h"
#include "json.h"
#include "params.h"
#include "run.h"

static void report_key(const char *key, bool first)
{
	if (!first)
		(void)fputs(", ", stdout);
	json_text(stdout, key);
	(void)fputs(": ", stdout);
}

static void report_init(const struct run *run)
{
	(void)putchar('[');
	for (size_t i = 0; run->init[i] != NULL; i++) {
		if (i > 0)
			(void)fputs(", ", stdout);
		json_text(stdout, run->init[i]);
	}
	(void)putchar(']');
}

static void report_params(const struct run *run, bool patient)
{
	const struct scenario_param *param = run->scenario->params;
	size_t i = 0;

	(void)putchar('{');
	for (; param[i].name != NULL; i++) {
		report_key(param[i].name, i == 0);
		if (param[i].words != NULL)
			json_text(stdout, param[i].words[run->values[i]]);
		else
			(void)printf("%" PRId64, run->values[i]);
	}
	if (patient) {
		report_key(params_patience.name, i == 0);
		(void)printf("%" PRId64, run->patience / CLOCK_MS);
	}
	(void)putchar('}');
}

static void report_figures(const struct result *result)
{
	(void)putchar('{');
	for (size_t i = 0; i < RESULT_FIGURES && result->figures[i].name != NULL; i++) {
		report_key(result->figures[i].name, i == 0);
		json_number(stdout, result->figures[i].value);
	}
	(void)putchar('}');
}

static void report_samples(const struct result *result)
{
	(void)putchar('{');
	for (size_t i = 0; i < RESULT_SERIES && result->series[i].name != NULL; i++) {
		const struct result_series *series = &result->series[i];

		report_key(series->name, i == 0);
		for (size_t j = 0; j < series->used; j++)
			(void)printf("%s%" PRId64, j == 0 ? "[" : ", ", series->samples[j]);
		(void)fputs(series->used == 0 ? "[]" : "]", stdout);
	}
	(void)putchar('}');
}

static void report_notes(const struct result *result)
{
	(void)putchar('[');
	for (size_t i = 0; i < RESULT_NOTES && result->notes[i][0] != '\0'; i++) {
		if (i > 0)
			(void)fputs(", ", stdout);
		json_text(stdout, result->notes[i]);
	}
	(void)putchar(']');
}

bool report_print(const struct run *run, bool patient)
{
	const struct result *result = &run->result;
	bool cannot = result->cannot[0] != '\0';
	bool failed = !cannot && result->failure[0] != '\0';

	(void)putchar('{');
	report_key("scenario", true);
	json_text(stdout, run->scenario->name);
	report_key("init", false);
	report_init(run);
	report_key("parameters", false);
	report_params(run, patient);
	report_key("ok", false);
	(void)fputs(cannot || failed ? "false" : "true", stdout);
	if (cannot) {
		report_key("cannot", false);
		json_text(stdout, result->cannot);
	}
	if (failed) {
		report_key("failure", false);
		json_text(stdout, result->failure);
		report_key("last_words", false);
		json_text(stdout, result->words);
	}
	report_key("figures", false);
	report_figures(result);
	report_key("samples", false);
	report_samples(result);
	report_key("notes", false);
	report_notes(result);
	(void)fputs("}\n", stdout);
	return fflush(stdout) == 0 && !ferror(stdout);
}
