/* SPDX-License-Identifier: MIT */
/* job.c - job control for the shell that started us; see sexton/job.h. */
#include "sexton/job.h"

#include <errno.h>
#include <signal.h>

#include "sexton/log.h"
#include "sexton/signals.h"
#include "sexton/sys.h"
#include "sexton/tty.h"

/* Passes the terminal on if @from is in its foreground. Did it? */
static bool job_pass(pid_t from, pid_t to)
{
	int err;
	int tty = tty_open(CONFIG_TTY_CONTROLLING, &err);
	int r;

	if (tty < 0)
		return false;
	r = tty_pass(tty, from, to);
	tty_close(tty);
	return r > 0;
}

void job_init(struct job *j, const struct config *config, const struct forward *forward)
{
	int tty, err;

	*j = (struct job){ .forward = forward, .own_pgid = sys_getpgrp() };
	/* A group without a number in our namespace cannot be given the terminal back. */
	if (config->group != CONFIG_GROUP_NEW || config->tty == CONFIG_TTY_NEVER || config->pause ||
	    forward->self == 1 || j->own_pgid <= 0)
		return;
	tty = tty_open(CONFIG_TTY_CONTROLLING, &err);
	if (tty < 0)
		return;
	j->watching = tty_foreground(tty) >= 0;
	tty_close(tty);
}

static void job_continue(const struct job *j)
{
	sys_ignore(forward_to_group(j->forward, SIGCONT)); /* nobody there: nobody to continue */
}

/*
 * Stops us with @sig. With @group as the terminal would have: the whole of our group, for a script
 * that waits for us is the shell's job as much as we are. Never with STOP: nobody could continue an
 * orphaned process group, so the kernel does not stop that with any other (setpgid(2)). Returns
 * whether we were stopped.
 */
static bool job_stop_ourselves(const struct job *j, int sig, bool group)
{
	siginfo_t info;

	log_say(LOG_SUSPENDING, &(struct log_fact){ 0 });
	/* A CONT from before is old news. */
	sys_ignore(sys_sigwaitinfo(SIGNALS_BIT(SIGCONT), &info, 0));
	/* 0 is our group. Its number may be 1, and kill(-1) is everybody. */
	if (sys_kill(group ? 0 : j->forward->self, sig) < 0)
		return false;
	/* Here we stop, for as long as the shell likes. */
	if (sys_sigmask(SIG_UNBLOCK, SIGNALS_BIT(sig), NULL) < 0)
		return false;
	sys_ignore(sys_sigmask(SIG_BLOCK, SIGNALS_BIT(sig), NULL)); /* else the next one stops us,
								      * no more */
	return sys_sigwaitinfo(SIGNALS_BIT(SIGCONT), &info, 0) > 0;
}

void job_mind(struct job *j)
{
	pid_t main_pid = j->forward->main_pid;
	int sig = j->watching ? sys_wait_stop(main_pid) : 0;
	bool wants_tty = sig == SIGTTIN || sig == SIGTTOU;
	bool had_tty;

	if (sig <= 0)
		return;
	/* It was in the background, and we are not (any more): what it wants is ours to give. */
	if (wants_tty && job_pass(j->own_pgid, main_pid)) {
		job_continue(j);
		return;
	}
	had_tty = job_pass(main_pid, j->own_pgid);
	/* Another signal, STOP most likely, was meant for the command alone, unless an init that is
	 * the command made it of a Ctrl-Z. */
	if (job_stop_ourselves(j, wants_tty ? sig : SIGTSTP,
			       wants_tty || had_tty || sig == SIGTSTP)) {
		(void)job_continued(j);
	} else if (wants_tty || sig == SIGTSTP) {
		/* Nobody is there who could continue us, or it. Without the terminal that it wants
		 * it would only stop again, and again. */
		if (job_pass(j->own_pgid, main_pid) || !wants_tty)
			job_continue(j);
	}
}

bool job_continued(struct job *j)
{
	if (!j->watching)
		return false;
	(void)job_pass(j->own_pgid, j->forward->main_pid); /* in the background it is not ours */
	job_continue(j);
	return true;
}

bool job_take_key(struct job *j, const siginfo_t *info)
{
	static const uint64_t keys = SIGNALS_BIT(SIGINT) | SIGNALS_BIT(SIGQUIT) |
				     SIGNALS_BIT(SIGTSTP) | SIGNALS_BIT(SIGWINCH);

	if (!j->watching || info->si_code != SI_KERNEL || !signals_in(keys, info->si_signo))
		return false;
	(void)job_pass(j->own_pgid, j->forward->main_pid);
	return forward_to_group(j->forward, info->si_signo) == 0;
}

void job_buried(struct job *j)
{
	const struct forward *f = j->forward;

	/* By number nobody can be looked for any more: then it goes back when we leave. */
	if (j->watching && f->main_pidfd >= 0 && f->features->pidfd_group &&
	    forward_to_group(f, 0) == -ESRCH)
		(void)job_pass(f->main_pid, j->own_pgid);
}

void job_fini(struct job *j)
{
	if (j->watching)
		(void)job_pass(j->forward->main_pid, j->own_pgid);
}
