/* SPDX-License-Identifier: MIT */
/*
 * scenario.h - the scenarios: each is a file (or shares one with its relatives) with two halves.
 *
 * outside() runs in the process that measures: it launches the init (run.h), gives the orders, reads the
 * meters and fills in the result. inside() runs in the command behind the init (inside.h) and does what
 * containers do. What is to be added is a file with a struct scenario, and a line in scenario.c.
 */
#ifndef SEXTON_STORM_SCENARIO_H
#define SEXTON_STORM_SCENARIO_H

#include <stddef.h>
#include <stdint.h>

#include "shared.h"

struct run;

#define SCENARIO_CPUS 0 /* as a preset: the number of processors; only where 0 is out of range */

struct scenario_param {
	const char *name; /* NULL: the end of the list */
	const char *meaning;
	int64_t preset;
	int64_t least;
	int64_t most;
	const char *const *words; /* if not numbers: their names, the value is the index */
};

struct scenario {
	const char *name;
	const char *purpose;
	struct scenario_param params[SHARED_VALUES + 1];
	int64_t patience_ms; /* until something is given up; 0: nothing is waited for so */
	/* 0, -EINTR, or RESULT_OVER. Leaves nothing behind. */
	int (*outside)(struct run *run);
	void (*inside)(struct shared *shared);
};

extern const struct scenario burial_storm;
extern const struct scenario burial_crowd;
extern const struct scenario churn_scenario;
extern const struct scenario forward_scenario;
extern const struct scenario flood_scenario;
extern const struct scenario grace_scenario;
extern const struct scenario start_scenario;
extern const struct scenario rest_scenario;
extern const struct scenario memory_scenario;

/* The scenario at @index, NULL behind the last; and the one called @name, or NULL. */
const struct scenario *scenario_at(size_t index);
const struct scenario *scenario_find(const char *name);

#endif
