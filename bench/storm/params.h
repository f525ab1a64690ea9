/* SPDX-License-Identifier: MIT */
/*
 * params.h - a scenario's parameters on the command line.
 */
#ifndef SEXTON_STORM_PARAMS_H
#define SEXTON_STORM_PARAMS_H

#include <stdint.h>

#include "scenario.h"

/* What can be set in every scenario that gives up after some time; for tests that cannot wait. */
extern const struct scenario_param params_patience;

void params_preset(const struct scenario *scenario, int64_t ret_values[static SHARED_VALUES]);

/* Sets what @words says (KEY=VALUE). 0; else -EINVAL, and why is on stderr. *@ret_patience_ms is written
 * if that is what was set. */
__attribute__((warn_unused_result)) int params_set(const struct scenario *scenario,
						   const char *words,
						   int64_t ret_values[static SHARED_VALUES],
						   int64_t *ret_patience_ms);

/* All scenarios and their parameters, on stdout. */
void params_help(void);

#endif
