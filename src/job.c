/* SPDX-License-Identifier: MIT */
/* job.c - job control for the shell that started us; see sexton/job.h. */
#include "sexton/job.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

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

static int job_tell_group(const struct job *j, int sig)
{
	const siginfo_t info = { .si_signo = sig, .si_code = SI_USER };

	return forward_to_group(j->forward, &info);
}

/*
 * Passes it on to the command. A group that does not exist, because all of it are gone or setpgid(2)
 * was refused, must not have it: tcsetpgrp(3) may allow that, and then keys reach nobody.
 */
static bool job_give(const struct job *j)
{
	int r = j->piped ? -ESRCH : job_tell_group(j, 0);

	return (r == 0 || r == -EPERM) && job_pass(j->own_pgid, j->forward->group);
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
	j->piped = j->watching && sys_is_pipe(STDOUT_FILENO);
	tty_close(tty);
}

/* The command's group; where it has none, the command. */
static int job_continue(const struct job *j)
{
	const siginfo_t cont = { .si_signo = SIGCONT, .si_code = SI_USER };
	int r = forward_to_group(j->forward, &cont);

	return r == -ESRCH || r == -ENOTSUP ? forward_to_main(j->forward, &cont) : r;
}

/*
 * Stops us with @sig, as the terminal would have: the whole of our group, for a script that waits
 * for us is the shell's job as much as we are. Never with STOP: nobody could continue an orphaned
 * process group, so the kernel does not stop that with any other (setpgid(2)). Returns whether we
 * were stopped.
 */
static bool job_stop_ourselves(int sig)
{
	siginfo_t info;

	log_say(LOG_SUSPENDING, &(struct log_fact){ 0 });
	/* A CONT from before is old news. */
	sys_ignore(sys_sigwaitinfo(SIGNALS_BIT(SIGCONT), &info, 0));
	/* 0 is our group. Its number may be 1, and kill(-1) is everybody. */
	if (sys_kill(0, sig) < 0)
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
	int sig = j->watching ? sys_wait_stop(j->forward->main_pid) : 0;
	bool wants_tty = sig == SIGTTIN || sig == SIGTTOU;
	bool had_tty;

	if (sig <= 0)
		return;
	if (wants_tty)
		j->piped = false; /* so it is the one that needs the terminal */
	/* Continued with the terminal, it would lose the TSTP that waits for it. */
	if (j->suspending) {
		sig = SIGTSTP;
		wants_tty = false;
	}
	j->suspending = false;
	/* It was in the background, and we are not (any more): what it wants is ours to give. */
	if (wants_tty && job_give(j)) {
		sys_ignore(job_continue(j)); /* nobody there: nobody to continue */
		return;
	}
	had_tty = job_pass(j->forward->group, j->own_pgid);
	/* A STOP may be what an init that is the command made of a Ctrl-Z. Without the terminal it is
	 * somebody's who wants the command stopped and will continue it, and not us. Stopped, we
	 * would forward nothing, and nobody would continue us. */
	if (sig == SIGSTOP && !had_tty)
		return;
	if (job_stop_ourselves(wants_tty ? sig : SIGTSTP)) {
		(void)job_continued(j);
	} else if (sig != SIGSTOP) {
		/* Nobody is there who could continue us, or it. Without the terminal that it wants
		 * it would only stop again, and again. */
		if (job_give(j) || !wants_tty)
			sys_ignore(job_continue(j));
	}
}

bool job_continued(struct job *j)
{
	if (!j->watching)
		return false;
	j->suspending = false;
	(void)job_give(j); /* in the background it is not ours */
	return job_continue(j) == 0;
}

bool job_take_key(struct job *j, const siginfo_t *info)
{
	static const uint64_t keys = SIGNALS_BIT(SIGINT) | SIGNALS_BIT(SIGQUIT) |
				     SIGNALS_BIT(SIGTSTP) | SIGNALS_BIT(SIGWINCH);

	if (!j->watching || info->si_code != SI_KERNEL || !signals_in(keys, info->si_signo))
		return false;
	(void)job_give(j);
	if (job_tell_group(j, info->si_signo) < 0)
		return false;
	j->suspending = j->suspending || info->si_signo == SIGTSTP;
	return true;
}

void job_buried(struct job *j)
{
	const struct forward *f = j->forward;

	/* By number nobody can be looked for any more: then it goes back when we leave. */
	if (j->watching && f->group_pidfd >= 0 && f->features->pidfd_group &&
	    job_tell_group(j, 0) == -ESRCH)
		(void)job_pass(f->group, j->own_pgid);
}

void job_fini(struct job *j)
{
	if (j->watching)
		(void)job_pass(j->forward->group, j->own_pgid);
}
