/* SPDX-License-Identifier: MIT */
/*
 * main.c - sexton-storm: measures a container's init, any of them.
 *
 *	sexton-storm SCENARIO [--set KEY=VALUE]... -- INIT [ARG...]
 *
 * Runs INIT as PID 1 of a new PID namespace with a command of its own behind it, which is this program
 * again (inside.h), and prints what it found as one JSON object. Read run.h next, then a scenario.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "inside.h"
#include "interrupt.h"
#include "params.h"
#include "report.h"
#include "run.h"
#include "scenario.h"

#define MAIN_USAGE 2

static const char main_usage[] = "sexton-storm SCENARIO [--set KEY=VALUE]... -- INIT [ARG...]";

static int main_help(void)
{
	(void)printf(
		"usage: %s\n\n"
		"Runs INIT as the first process of a new PID namespace, measures it, and prints "
		"one\n"
		"JSON object. Needs root, or a kernel that lets users make user namespaces.\n\n"
		"Scenarios and their parameters:\n",
		main_usage);
	params_help();
	return fflush(stdout) == 0 ? 0 : MAIN_USAGE;
}

static int main_complain(const char *what)
{
	(void)fprintf(stderr, "sexton-storm: %s; usage: %s, or --help\n", what, main_usage);
	return -EINVAL;
}

/* Fills in @run from the words on the command line. 0, or -EINVAL after a line on stderr. */
static int main_parse(int argc, char **argv, struct run *run, int64_t *ret_patience_ms)
{
	int i = 2;

	if (argc < 2)
		return main_complain("which scenario?");
	run->scenario = scenario_find(argv[1]);
	if (run->scenario == NULL) {
		(void)fprintf(stderr, "sexton-storm: there is no scenario \"%s\"; see --help\n",
			      argv[1]);
		return -EINVAL;
	}
	params_preset(run->scenario, run->values);
	for (; i < argc && strcmp(argv[i], "--") != 0; i += 2) {
		int error;

		if (strcmp(argv[i], "--set") != 0)
			return main_complain("the init comes after \"--\", parameters after --set");
		if (i + 1 == argc)
			return main_complain("--set wants KEY=VALUE");
		error = params_set(run->scenario, argv[i + 1], run->values, ret_patience_ms);
		if (error < 0)
			return error;
	}
	if (i + 1 >= argc)
		return main_complain("which init? It comes after \"--\"");
	run->init = argv + i + 1;
	return 0;
}

/* The init is measured from outside, so whatever it does we go on; and we end only after a clean-up. */
static void main_block(void)
{
	sigset_t child;

	(void)signal(SIGCHLD, SIG_DFL); /* ignored, there would be no exit to wait for */
	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &child, NULL);
	interrupt_block();
}

int main(int argc, char **argv)
{
	int64_t entered = clock_now();
	int64_t patience_ms = 0;
	struct run run = { .words = -1 };
	ssize_t size;
	int error;
	bool printed;

	if (argc >= 2 && strcmp(argv[1], "--inside") == 0)
		inside_main(argv, entered);
	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return main_help();
	if (main_parse(argc, argv, &run, &patience_ms) < 0)
		return MAIN_USAGE;
	size = readlink("/proc/self/exe", run.self, sizeof(run.self) - 1);
	if (size <= 0 || size == sizeof(run.self) - 1) {
		(void)fprintf(stderr, "sexton-storm: /proc must be mounted, and the program's path "
				      "be short\n");
		return MAIN_USAGE;
	}
	run.patience = (patience_ms > 0 ? patience_ms : run.scenario->patience_ms) * CLOCK_MS;
	main_block();
	error = run.scenario->outside(&run);
	if (error == -EINTR)
		interrupt_deliver(); /* ends us */
	printed = report_print(&run, patience_ms > 0);
	result_free(&run.result);
	interrupt_deliver();
	if (!printed)
		(void)fprintf(stderr, "sexton-storm: the result cannot be written to stdout\n");
	return printed ? 0 : MAIN_USAGE;
}
