/* SPDX-License-Identifier: MIT */
/*
 * spawn.h - the child: fork, group, session, terminal, inheritance, exec.
 *
 * Purpose: runs the command as if sexton were not there: mask, dispositions, cwd, umask, limits,
 *	descriptors and environment are what we were given.
 * Owner: main.c; main thread, before any other thread exists.
 * Errors: see spawn_run(). A failed exec is looked into by the child, which reports it through a
 *	CLOEXEC pipe; when no pipe is to be had, it logs the line itself and its exit code tells
 *	(spawn_run() then returns 0). With config.exec.is_an_exit that is so by design, as it was
 *	with those who promised these exit codes.
 * Next: exec.h, tty.h, diagnose.h.
 */
#ifndef SEXTON_SPAWN_H
#define SEXTON_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sexton/config.h"

/* What sexton was started with, to be given to the command unchanged. */
struct spawn_inherited {
	uint64_t mask;            /* signal mask */
	struct sigaction sigchld; /* disposition of SIGCHLD */
};

struct spawn_child {
	pid_t pid;
	uint64_t handoff; /* mask: the next one of each of these that arrives is no message to the
			   * command, the terminal sent it because we left it (ioctl_tty(2)) */
};

/*
 * First thing in main(): blocks every signal and sets SIGCHLD to SIG_DFL (an ignored SIGCHLD makes
 * wait(2) lose every status), and remembers what was there. Returns 0, or a negative errno and one
 * line on stderr when signals cannot be blocked: an init that cannot wait for them is none. A
 * disposition that cannot be changed is left as it was.
 */
int spawn_inherit(struct spawn_inherited *ret_inherited) __attribute__((warn_unused_result));

/*
 * Executes config->argv in our place, with what was inherited. Returns only on failure: the exit
 * code for it, one line was logged, and signals are blocked again.
 */
int spawn_step_aside(const struct config *config, const struct spawn_inherited *inherited)
	__attribute__((warn_unused_result));

/*
 * Forks and execs config->argv[0], looked up in the PATH of config->envp when it has no slash
 * (execvp(3) rules, but a file that is no text is never given to /bin/sh). The child gets what
 * config->group and config->tty say. With config->listen_pid a LISTEN_PID that names us is
 * rewritten to the child's PID and LISTEN_PIDFDID is then dropped (sd_listen_fds(3)). Before the
 * fork we go to "/", and the child back again, unless config->keep_cwd. Blocks until the exec
 * happened or a signal is pending, but not with config->exec.is_an_exit.
 *
 * Returns 0 and the child. Else a negative errno, *ret_code is the exit code of sexton
 * (config->own_failure, or of config->exec), one line was logged, and no child is left.
 */
int spawn_run(const struct config *config, const struct spawn_inherited *inherited,
	      struct spawn_child *ret_child, int *ret_code) __attribute__((warn_unused_result));

/*
 * After the exec: closes every descriptor >= 3 and goes to "/", so that sexton pins no socket, pipe
 * or mount of the command's (openSUSE/catatonit#12, #28), as far as config->keep_fds and
 * config->keep_cwd let it. Errors are logged and survived.
 */
void spawn_let_go(const struct config *config);

#endif
