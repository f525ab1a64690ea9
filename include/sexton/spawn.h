/* SPDX-License-Identifier: MIT */
/*
 * spawn.h - the child: fork, group, terminal, inheritance, exec.
 *
 * Purpose: runs the command as if sexton were not there: mask, dispositions, cwd, umask, limits,
 *	descriptors and environment are what we were given.
 * Owner: main.c; main thread, before any other thread exists.
 * Errors: see spawn_run(). The child reports a failed exec through a CLOEXEC pipe; when no pipe is
 *	to be had, it logs the line itself and its exit code tells (spawn_run() then returns 0).
 * Next: tty.h, diagnose.h.
 */
#ifndef SEXTON_SPAWN_H
#define SEXTON_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What sexton was started with, to be given to the command unchanged. */
struct spawn_inherited {
	uint64_t mask;            /* signal mask */
	struct sigaction sigchld; /* disposition of SIGCHLD */
};

/*
 * First thing in main(): blocks every signal and sets SIGCHLD to SIG_DFL (an ignored SIGCHLD makes
 * wait(2) lose every status), and remembers what was there. Returns 0, or a negative errno and one
 * line on stderr when signals cannot be blocked: an init that cannot wait for them is none. A
 * disposition that cannot be changed is left as it was.
 */
int spawn_inherit(struct spawn_inherited *ret_inherited) __attribute__((warn_unused_result));

/*
 * Forks and execs argv[0], looked up in the PATH of @envp when it has no slash (execvp(3) rules,
 * but a file that is no text is never given to /bin/sh). The child gets its own process group,
 * which is made the terminal's foreground where ours was. LISTEN_PID that names us is rewritten to
 * the child's PID and LISTEN_PIDFDID is then dropped (sd_listen_fds(3)). Blocks until the exec
 * happened.
 *
 * Returns 0 and the PID. Else a negative errno, *ret_code is the exit code of sexton (125 our own
 * failure, 126 found but not executable, 127 not found), one line was logged, and no child is left.
 */
int spawn_run(char **argv, char **envp, const struct spawn_inherited *inherited, pid_t *ret_pid,
	      int *ret_code) __attribute__((warn_unused_result));

/*
 * After the exec: closes every descriptor >= 3 and goes to "/", so that sexton pins no socket, pipe
 * or mount of the command's (openSUSE/catatonit#12, #28). Errors are logged and survived.
 */
void spawn_let_go(void);

#endif
