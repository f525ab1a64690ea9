/* SPDX-License-Identifier: MIT */
/* reaper.c - the blocking wait for any child; see sexton/reaper.h. */
#include "sexton/reaper.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "sexton/policy.h"
#include "sexton/signals.h"
#include "sexton/sys.h"

/* In a census the main process is tried before each burial, and every so many tries in vain. */
#define REAPER_LOOK_AFTER_MAIN 64u

void reaper_init(struct reaper *r)
{
	atomic_init(&r->dismissed, false);
	r->main_buried = false;
	r->in_trouble = false;
	r->told_trouble = false;
	r->claimed = 0;
	r->last = -1;
	r->worst = -1;
	census_init(&r->census);
}

/* @pid is dead. Is it the main process? Told once: later the number may belong to an heir. */
static bool reaper_is_main(struct reaper *r, pid_t pid)
{
	/* [reaper-adopt], reaper's end. Nearly always it is not, and no locked instruction is needed. */
	return atomic_load(&r->main_pid) == pid &&
	       atomic_compare_exchange_strong(&r->main_pid, &pid, 0);
}

/* @pid was freed. Tells main if main must know. */
static void reaper_note(struct reaper *r, pid_t pid, int status)
{
	struct exitq_fact fact = { .kind = EXITQ_HEIR, .pid = pid, .status = status };

	r->in_trouble = false;
	r->alone = false;
	status_add(&r->status->buried, 1);
	if (r->claimed == pid || reaper_is_main(r, pid)) {
		r->claimed = 0;
		r->main_buried = true;
		r->last = r->worst = -1; /* heirs are those of the last main process */
		fact.kind = EXITQ_MAIN;
	} else if (r->main_buried && atomic_load(&r->main_pid) == 0) {
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

	r->in_trouble = false;
	r->alone = true;
	if (r->pausing)
		return;
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

/* Look, retire, bury: see reaper_bury(). */
static pid_t reaper_bury_guarded(struct reaper *r, pid_t pid, int *ret_status, int options)
{
	pid = sys_wait_look(pid, options); /* a zombie, which still holds its PID */
	if (pid <= 0)
		return pid;
	if (pid == atomic_load_explicit(&r->main_pid, memory_order_relaxed) && r->farewell != 0 &&
	    !r->main_buried)
		sys_ignore(sys_kill(-pid, r->farewell)); /* it was alone in its group */
	/* [reaper-claim]: once /proc shows it no longer, it is known whose end that was. */
	if (reaper_is_main(r, pid))
		r->claimed = pid;
	target_retire(r->targets, pid); /* now nobody uses that number any more */
	pid = sys_waitpid(pid, ret_status, 0);
	target_buried(r->targets);
	return pid;
}

/* Waits for child @pid, -1: any. Returns its PID, which is free now, 0 with WNOHANG and nobody dead, or a
 * negative errno. */
static pid_t reaper_bury(struct reaper *r, pid_t pid, int *ret_status, int options)
{
	return r->guarded ? reaper_bury_guarded(r, pid, ret_status, options)
			  : sys_waitpid(pid, ret_status, options);
}

/* Polled mode. One thread does not race itself, but the number is gone all the same. */
static pid_t reaper_bury_polled(struct reaper *r, pid_t pid, int *ret_status)
{
	pid_t found;

	if (r->farewell != 0 && !r->main_buried) {
		found = reaper_bury_guarded(r, pid, ret_status, WNOHANG);
		if (found >= 0 || found == -ECHILD)
			return found; /* else it may not look: the others are not told farewell */
	}
	found = sys_waitpid(pid, ret_status, WNOHANG);
	if (found > 0) {
		target_retire(r->targets, found);
		target_buried(r->targets);
	}
	return found;
}

/* As reaper_bury() with WNOHANG, on whichever thread does it. */
static pid_t reaper_try(struct reaper *r, pid_t pid, int *ret_status, bool polled)
{
	return polled ? reaper_bury_polled(r, pid, ret_status)
		      : reaper_bury(r, pid, ret_status, WNOHANG);
}

/* The main process, if it is dead: the others wait until it is told. */
static pid_t reaper_try_main(struct reaper *r, int *ret_status, bool polled)
{
	pid_t pid = atomic_load_explicit(&r->main_pid, memory_order_relaxed);

	return pid > 0 ? reaper_try(r, pid, ret_status, polled) : 0;
}

/*
 * Buries by the numbers of a census, if there is one to be taken. Returns the PID that is free now, or 0. A wait
 * for any child would find the main process first, for it is the oldest; so it is looked after here too.
 */
static pid_t reaper_bury_listed(struct reaper *r, int *ret_status, bool polled)
{
	pid_t found = 0;
	pid_t pid;

	for (unsigned int tries = 0; found <= 0 && census_is_on(&r->census); tries++) {
		if (atomic_load_explicit(&r->dismissed, memory_order_relaxed))
			break;
		if (tries % REAPER_LOOK_AFTER_MAIN == 0)
			found = reaper_try_main(r, ret_status, polled);
		if (found > 0)
			break;
		pid = census_next(&r->census);
		if (pid == 0)
			break;
		found = reaper_try(r, pid, ret_status, polled);
		/* It lives, was buried, or is refused: not the end of anything. */
		census_note_tried(&r->census, found > 0);
	}
	return found > 0 ? found : 0;
}

/* Is a zombie there already? */
static pid_t reaper_bury_present(struct reaper *r, int *ret_status, bool polled)
{
	pid_t pid = reaper_try(r, -1, ret_status, polled);

	if (pid > 0)
		census_note_zombie(&r->census, pid);
	else
		census_note_none(&r->census);
	return pid;
}

/* The reaper thread's: waits for whoever is next. */
static pid_t reaper_bury_next(struct reaper *r, int *ret_status)
{
	pid_t pid = reaper_bury_listed(r, ret_status, false);

	if (pid == 0 && census_ask_now(&r->census))
		pid = reaper_bury_present(r, ret_status, false);
	return pid != 0 ? pid : reaper_bury(r, -1, ret_status, 0);
}

void reaper_adopt(struct reaper *r, pid_t pid)
{
	/* [reaper-adopt], main's end: seq_cst, the caller's look at the process comes after this. */
	atomic_store(&r->main_pid, pid);
}

bool reaper_disown(struct reaper *r, pid_t pid)
{
	return atomic_compare_exchange_strong(&r->main_pid, &pid, 0);
}

void reaper_take_over(struct reaper *r)
{
	/* Nothing of the thread's is touched by it any more: the post of NONE_LEFT was its last act,
	 * and orders what it wrote before ours [exitq-post]. */
	r->pausing = true;
	r->in_trouble = false;
}

void *reaper_run(void *reaper)
{
	struct reaper *r = reaper;
	int status;
	pid_t pid;

	/* 32 and 33 as well, which glibc unblocked in here: outside PID 1 a stray one would end us.
	 * Refused, it is what it is. */
	sys_ignore(sys_sigmask(SIG_SETMASK, SIGNALS_ALL, NULL));
	while ((pid = reaper_bury_next(r, &status)) != -ECHILD) {
		/* [reaper-dismiss], reaper's end. */
		if (atomic_load_explicit(&r->dismissed, memory_order_relaxed)) {
			census_fini(&r->census);
			return NULL;
		}
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

int reaper_dismiss(struct reaper *r)
{
	pid_t pid;

	/* [reaper-dismiss], main's end: the reaper hears of the child's end through the kernel, so
	 * after this store. */
	atomic_store_explicit(&r->dismissed, true, memory_order_relaxed);
	if (!sys_has_children())
		return 0; /* then its wait has ended, or is refused and will not be tried again */
	pid = sys_fork();
	if (pid == 0)
		sys_exit(0);
	return pid < 0 ? pid : 0;
}

bool reaper_poll(struct reaper *r, unsigned int max)
{
	for (unsigned int i = 0; i < max; i++) {
		int status;
		pid_t pid = reaper_bury_listed(r, &status, true);

		if (pid == 0)
			pid = reaper_bury_present(r, &status, true);
		if (pid > 0) {
			reaper_note(r, pid, status);
			continue;
		}
		if (pid == -ECHILD)
			reaper_note_none_left(r);
		else if (pid < 0)
			reaper_note_trouble(r, pid);
		else
			r->in_trouble = r->alone = false; /* the wait answers: nobody is dead now */
		return false;
	}
	return true;
}
