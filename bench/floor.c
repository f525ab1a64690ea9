/* SPDX-License-Identifier: MIT */
/*
 * floor.c - the least that an init can be: what every other one is measured against.
 *
 *	sexton-floor [--ignore-sigchld] COMMAND [ARG...]
 *
 * Runs the command and waits for whatever child ends, in a bare loop: no signal is handled or forwarded,
 * nothing is logged. Ends with the command's status when no child is left. With --ignore-sigchld the
 * kernel buries the children itself, which no init can beat; then the exit status is always 0.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	bool ignore = argc > 1 && strcmp(argv[1], "--ignore-sigchld") == 0;
	char **command = argv + 1 + ignore;
	int code = 0;
	int status;
	pid_t main_child;
	pid_t pid;

	if (argc < 2 + ignore) {
		(void)fputs("usage: sexton-floor [--ignore-sigchld] COMMAND [ARG...]\n", stderr);
		return 2;
	}
	(void)signal(SIGCHLD, ignore ? SIG_IGN : SIG_DFL);
	main_child = fork();
	if (main_child < 0) {
		(void)fprintf(stderr, "sexton-floor: cannot fork: %s\n", strerror(errno));
		return 125;
	}
	if (main_child == 0) {
		(void)signal(SIGCHLD, SIG_DFL);
		(void)execvp(command[0], command);
		(void)fprintf(stderr, "sexton-floor: %s: %s\n", command[0], strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	while ((pid = waitpid(-1, &status, 0)) > 0)
		if (pid == main_child)
			code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return code;
}
