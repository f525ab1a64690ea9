/* SPDX-License-Identifier: MIT */
/*
 * scenario.h - the stories of the torture test, and who may fail in them.
 *
 * Next: judge.h (what must be so at their end), torture.c (who plays them).
 */
#ifndef FAULT_SCENARIO_H
#define FAULT_SCENARIO_H

#include <stdbool.h>

#include "plan.h"

#define SCENARIOS 33

struct scenario {
	const char *name;
	const char *options[6];
	const char *command;         /* NULL: the victim */
	const char *mode;            /* the victim's argument */
	bool stop;                   /* USR1 and TERM are sent */
	const char *usr1;            /* what the command says of USR1; NULL: "main USR1 42" */
	const char *term;            /* and of TERM; NULL: "main TERM" */
	const char *brings;          /* an event that a run without failures has; NULL: no other */
	const char *file;            /* the victim's second argument: names who takes over */
	bool guest;                  /* somebody comes from outside before it is stopped */
	bool missing;                /* the command cannot be run */
	bool subreaper;              /* or at least not PID 1 */
	bool leave;                  /* its descendants are left alone */
	bool pause;                  /* there is no command, and TERM ends it with 0 */
	const char *name_as;         /* how its lines begin; NULL: "sexton: " */
	struct fault_rule always[1]; /* what fails in every case of this scenario */
	const char *calls;           /* only these functions, separated by blanks; NULL: all */
};

extern const struct scenario scenarios[SCENARIOS];

/* A story in which something fails. */
struct fault_case {
	const struct scenario *scenario;
	struct fault_rule rule;
};

#endif
