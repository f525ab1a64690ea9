/* SPDX-License-Identifier: MIT */
/*
 * params.c - see params.h.
 */
#include "params.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

const struct scenario_param params_patience = {
	"patience_ms", "without progress until something is given up", 0, 10, 600000, NULL
};

void params_preset(const struct scenario *scenario, int64_t ret_values[static SHARED_VALUES])
{
	const struct scenario_param *param = scenario->params;

	for (size_t i = 0; i < SHARED_VALUES; i++)
		ret_values[i] = 0;
	for (size_t i = 0; param[i].name != NULL; i++) {
		bool cpus = param[i].preset == SCENARIO_CPUS && param[i].least > SCENARIO_CPUS;

		ret_values[i] = cpus ? sysconf(_SC_NPROCESSORS_ONLN) : param[i].preset;
	}
}

/* @text as a value of @param. 0 or -EINVAL. */
static int params_parse(const struct scenario_param *param, const char *text, int64_t *ret_value)
{
	char *end;

	if (param->words != NULL) {
		for (int64_t i = 0; param->words[i] != NULL; i++) {
			if (strcmp(param->words[i], text) != 0)
				continue;
			*ret_value = i;
			return 0;
		}
		(void)fprintf(stderr, "sexton-storm: %s is one of:", param->name);
		for (size_t i = 0; param->words[i] != NULL; i++)
			(void)fprintf(stderr, " %s", param->words[i]);
		(void)fprintf(stderr, "; \"%s\" is not\n", text);
		return -EINVAL;
	}
	errno = 0;
	*ret_value = strtoll(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && *ret_value >= param->least &&
	    *ret_value <= param->most)
		return 0;
	(void)fprintf(stderr,
		      "sexton-storm: %s is a number from %" PRId64 " to %" PRId64
		      "; \"%s\" is not\n",
		      param->name, param->least, param->most, text);
	return -EINVAL;
}

static bool params_is(const struct scenario_param *param, const char *words, size_t length)
{
	return strlen(param->name) == length && strncmp(param->name, words, length) == 0;
}

int params_set(const struct scenario *scenario, const char *words,
	       int64_t ret_values[static SHARED_VALUES], int64_t *ret_patience_ms)
{
	const struct scenario_param *param = scenario->params;
	size_t length = strcspn(words, "=");

	if (words[length] == '\0') {
		(void)fprintf(stderr, "sexton-storm: --set wants KEY=VALUE; \"%s\" is not\n",
			      words);
		return -EINVAL;
	}
	for (size_t i = 0; param[i].name != NULL; i++)
		if (params_is(&param[i], words, length))
			return params_parse(&param[i], words + length + 1, &ret_values[i]);
	if (scenario->patience_ms > 0 && params_is(&params_patience, words, length))
		return params_parse(&params_patience, words + length + 1, ret_patience_ms);
	(void)fprintf(stderr, "sexton-storm: %s has no parameter \"%.*s\"; see --help\n",
		      scenario->name, (int)length, words);
	return -EINVAL;
}

static void params_help_one(const struct scenario_param *param)
{
	(void)printf("        %-12s %s (", param->name, param->meaning);
	if (param->words != NULL) {
		for (size_t i = 0; param->words[i] != NULL; i++)
			(void)printf("%s%s", i == 0 ? "" : ", ", param->words[i]);
		(void)printf("; default %s)\n", param->words[param->preset]);
		return;
	}
	(void)printf("%" PRId64 " to %" PRId64, param->least, param->most);
	if (param->preset >= param->least)
		(void)printf("; default %" PRId64, param->preset);
	(void)printf(")\n");
}

void params_help(void)
{
	const struct scenario *scenario;

	for (size_t i = 0; (scenario = scenario_at(i)) != NULL; i++) {
		(void)printf("  %-9s %s\n", scenario->name, scenario->purpose);
		for (size_t j = 0; scenario->params[j].name != NULL; j++)
			params_help_one(&scenario->params[j]);
		if (scenario->patience_ms > 0)
			(void)printf("        %-12s %s (default %" PRId64 ")\n",
				     params_patience.name, params_patience.meaning,
				     scenario->patience_ms);
	}
}
