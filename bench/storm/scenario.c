/* SPDX-License-Identifier: MIT */
/*
 * scenario.c - the table of scenarios.
 */
#include "scenario.h"

#include <string.h>

static const struct scenario *const scenario_table[] = {
	&burial_storm,   &burial_crowd,   &churn_scenario, &forward_scenario, &flood_scenario,
	&grace_scenario, &start_scenario, &rest_scenario,  &memory_scenario,
};

const struct scenario *scenario_at(size_t index)
{
	size_t count = sizeof(scenario_table) / sizeof(scenario_table[0]);

	return index < count ? scenario_table[index] : NULL;
}

const struct scenario *scenario_find(const char *name)
{
	const struct scenario *scenario;

	for (size_t i = 0; (scenario = scenario_at(i)) != NULL; i++)
		if (strcmp(scenario->name, name) == 0)
			return scenario;
	return NULL;
}
