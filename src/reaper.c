/* SPDX-License-Identifier: MIT */
/* reaper.c - the blocking wait for any child; see sexton/reaper.h. */
#include "sexton/reaper.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "sexton/policy.h"
#include "sexton/signals.h"
#include "sexton/sys.h"

void reaper_init(struct reaper *r)
{
	r->main_buried = false;
	r->in_trouble = false;
	r->told_trouble = false;
	r->last = -1;
	r->worst = -1;
}

/* @pid was freed. Tells main if main must know. */
static void reaper_note(struct reaper *r, pid_t pid, int status)
{
	struct exitq_fact fact = { .kind = EXITQ_HEIR, .pid = pid, .status = status };

	r->in_trouble = false;
	status_add(&r->status->buried, 1);
	if (pid == r->main_pid && !r->main_buried) { /* later the number may belong to an heir */
		r->main_buried = true;
		fact.kind = EXITQ_MAIN;
	} else if (r->main_buried) {
		r->last = policy_exit_code(status);
		if (r->last > r->worst)
			r->worst = r->last;
	} else if (!r->post_all) {
		return; /* an orphan while all is well: nobody needs to know */
	}
	if (!exitq_post(r->exits, &fact))
		status_add(&r->status->dropped, 1);
}

static void reaper_note_none_left(struct reaper *r)
{
	struct exitq_fact fact = { .kind = EXITQ_NONE_LEFT, .last = r->last, .worst = r->worst };

	(void)exitq_post(r->exits, &fact); /* has a record of its own: cannot be dropped */
}

/* wait(2) was refused, by a sandbox or a bug: main says so once. Nothing is lost, only late. */
static void reaper_note_trouble(struct reaper *r, int err)
{
	struct exitq_fact fact = { .kind = EXITQ_TROUBLE, .status = err };

	r->in_trouble = true;
	if (r->told_trouble)
		return;
	r->told_trouble = true;
	(void)exitq_post(r->exits, &fact); /* has a record of its own: cannot be dropped */
}

/* Waits for any child. Returns its PID, which is free now, or a negative errno. */
static pid_t reaper_bury_one(struct reaper *r, int *ret_status)
{
	pid_t pid;

	if (!r->guarded)
		return sys_waitpid(-1, ret_status, 0);
	pid = sys_wait_look(); /* a zombie, which still holds its PID */
	if (pid < 0)
		return pid;
	target_retire(r->targets, pid); /* now nobody uses that number any more */
	pid = sys_waitpid(pid, ret_status, 0);
	target_buried(r->targets);
	return pid;
}

void *reaper_run(void *reaper)
{
	struct reaper *r = reaper;
	int status;
	pid_t pid;

	/* 32 and 33 as well, which glibc unblocked in here: outside PID 1 a stray one would end us.
	 * Refused, it is what it is. */
	sys_ignore(sys_sigmask(SIG_SETMASK, SIGNALS_ALL, NULL));
	while ((pid = reaper_bury_one(r, &status)) != -ECHILD) {
		if (pid > 0) {
			reaper_note(r, pid, status);
			continue;
		}
		reaper_note_trouble(r, pid);
		/* The one pause in sexton: there is no event to wait for. */
		sys_ignore(sys_ppoll(NULL, 0, REAPER_RETRY_NS));
	}
	reaper_note_none_left(r);
	return NULL;
}

bool reaper_poll(struct reaper *r, unsigned int max)
{
	for (unsigned int i = 0; i < max; i++) {
		int status;
		pid_t pid = sys_waitpid(-1, &status, WNOHANG);

		if (pid > 0) {
			/* One thread does not race itself, but the number is gone all the same. */
			target_retire(r->targets, pid);
			target_buried(r->targets);
			reaper_note(r, pid, status);
			continue;
		}
		if (pid == -ECHILD)
			reaper_note_none_left(r);
		else if (pid < 0)
			reaper_note_trouble(r, pid);
		else
			r->in_trouble = false; /* the wait answers: nobody is dead now */
		return false;
	}
	return true;
}
