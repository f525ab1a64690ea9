/* SPDX-License-Identifier: MIT */
/*
 * payload.c - the program that the end-to-end tests run under sexton.
 *
 * Usage: payload SCENARIO [ARGUMENT...]. See payload.h for the scenarios and the lines they write.
 */
#include "payload.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

void die(const char *what)
{
	dprintf(STDERR_FILENO, "payload: %s: %s\n", what, strerror(errno));
	_exit(98);
}

void say(const char *format, ...)
{
	char line[2048];
	size_t length;
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line) - 40, format, args);
	va_end(args);
	length = strlen(line);
	length += (size_t)snprintf(line + length, 40, " at=%lld\n", (long long)now_ns());
	/* A test that closed our stdout does not listen; one that died is no reason to stay. */
	if (write(STDOUT_FILENO, line, length) < 0 && errno != EBADF)
		_exit(97);
}

const char *signal_text(int sig)
{
	static const char *const names[] = {
		[SIGHUP] = "HUP",     [SIGINT] = "INT",   [SIGQUIT] = "QUIT", [SIGUSR1] = "USR1",
		[SIGUSR2] = "USR2",   [SIGTERM] = "TERM", [SIGCONT] = "CONT", [SIGPIPE] = "PIPE",
		[SIGWINCH] = "WINCH", [SIGTSTP] = "TSTP", [SIGTTIN] = "TTIN", [SIGTTOU] = "TTOU",
		[SIGPWR] = "PWR",
	};
	static char number[16];

	if (sig > 0 && (size_t)sig < sizeof(names) / sizeof(names[0]) && names[sig])
		return names[sig];
	snprintf(number, sizeof(number), "%d", sig);
	return number;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} scenarios[] = {
	{ "tree", tree_main },       { "catch", catch_main },   { "raise", raise_main },
	{ "exit", exit_main },       { "report", report_main }, { "zombies", zombies_main },
	{ "crowd", crowd_main },     { "churn", churn_main },   { "tty", tty_main },
	{ "outside", outside_main }, { "jobs", jobs_main },     { "traced", traced_main },
	{ "bomb", bomb_main },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		if (strcmp(argv[1], scenarios[i].name) == 0)
			return scenarios[i].run(argc - 2, argv + 2);
	dprintf(STDERR_FILENO, "payload: no such scenario\n");
	return 98;
}
