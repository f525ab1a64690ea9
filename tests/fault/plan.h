/* SPDX-License-Identifier: MIT */
/*
 * plan.h - what is to fail, shared by the test and the sexton under test.
 *
 * A page of shared memory behind descriptor FAULT_PLAN_FD, which the wrappers map and close before
 * main() begins. Neither the environment nor the descriptors of the command are disturbed, the
 * child counts its calls in the same page between fork and exec, and the test can see what really
 * happened underneath.
 */
#ifndef FAULT_PLAN_H
#define FAULT_PLAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "calls.h"

#define FAULT_PLAN_FD     1000
#define FAULT_RULES_MAX   4
#define FAULT_SUFFIX_SIZE 16

struct fault_rule {
	enum fault_call call;
	unsigned int nth;               /* from 1: this call fails; 0: no rule */
	bool for_ever;                  /* and all after it */
	int err;                        /* positive errno */
	char suffix[FAULT_SUFFIX_SIZE]; /* only calls whose path ends so count; empty: all */
	_Atomic unsigned int seen;
};

struct fault_plan {
	struct fault_rule rules[FAULT_RULES_MAX];
	_Atomic unsigned int calls[FAULT_COUNT];
	_Atomic unsigned int fired; /* calls that were made to fail */
	/* The truth, whatever sexton was told: */
	_Atomic unsigned int execs;        /* execve(2) was called */
	_Atomic unsigned int execs_failed; /* and came back */
	_Atomic unsigned int none_left;    /* the kernel itself said ECHILD to a wait */
};

#endif
