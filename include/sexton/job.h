/* SPDX-License-Identifier: MIT */
/*
 * job.h - job control for the shell that started us.
 *
 * Purpose: the command has a process group of its own, so Ctrl-Z stops it and not us, and the shell
 *	that waits for us would wait for ever. When the command stops we give the terminal back
 *	and stop as well; when the shell continues us we pass the terminal on and continue the
 *	command's group. A command that was started in the background and wants the terminal gets
 *	it once we have it. At the end the terminal goes back to our group.
 * Owner: loop.c, main thread. Only with CONFIG_GROUP_NEW, a terminal of ours, and not as PID 1:
 *	there is no shell above that, and a stop of PID 1 is what its engine wants.
 * Errors: none; a refused call leaves everything as it is.
 * Sources: setpgid(2), tcsetpgrp(3), "Implementing a Shell" in the manual of GNU libc.
 * Next: tty.h, forward.h.
 */
#ifndef SEXTON_JOB_H
#define SEXTON_JOB_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "sexton/config.h"
#include "sexton/forward.h"

struct job {
	const struct forward *forward;
	pid_t own_pgid;
	bool watching; /* SIGCHLD must be waited for: it tells of stops */
	bool piped; /* stdout is a pipe: the terminal stays with our group, where the other end of
			* the pipeline is, until the command wants it; see spawn.c */
	bool suspending; /* Ctrl-Z was sent on to the command, which has not stopped yet */
};

/* After the fork. Sets .watching. */
void job_init(struct job *j, const struct config *config, const struct forward *forward);

/*
 * SIGCHLD was taken: has the main process stopped? Then everything above happens, and this returns
 * when we were continued. Not when a STOP was sent to it while it had not got the terminal: that
 * concerns the command alone.
 */
void job_mind(struct job *j);

/* SIGCONT was taken. Returns true if it was passed on to the command's group (to the command, where
 * there is no such group). */
bool job_continued(struct job *j);

/*
 * Is @info a key that was typed (Ctrl-C, Ctrl-\, Ctrl-Z), or a new window size, while our group was
 * in the foreground? A shell that brings a job which runs in the background to the foreground says
 * nothing, so it is the first that we hear of it. Then the command's group gets it as if it had been
 * in the foreground, whatever is rewritten or dropped, and the terminal with it. False: it is a
 * signal like any other, or nobody is there to get it.
 */
bool job_take_key(struct job *j, const siginfo_t *info);

/*
 * The main process, or an heir after it, was buried. Is its group empty, the terminal comes back: a
 * Ctrl-C that waits for nobody could not end a drain.
 */
void job_buried(struct job *j);

/* We are leaving: the terminal goes back. */
void job_fini(struct job *j);

#endif
