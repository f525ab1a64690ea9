/* SPDX-License-Identifier: MIT */
/*
 * report.h - a run as the one JSON object that is printed.
 */
#ifndef SEXTON_STORM_REPORT_H
#define SEXTON_STORM_REPORT_H

#include <stdbool.h>

struct run;

/* On stdout. @patient: the patience was set, so it is one of the parameters. False if it could not be
 * written. */
bool report_print(const struct run *run, bool patient);

#endif
