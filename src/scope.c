/* SPDX-License-Identifier: MIT */
/* scope.c - whom a signal reaches: --forward; see sexton/scope.h. */
#include "sexton/scope.h"

#include <errno.h>

#include "sexton/log.h"
#include "sexton/signals.h"
#include "sexton/sys.h"

/* A session that the main process made itself counts from then on, and outlives it. */
static void scope_note_session(struct scope *s, bool main_lives)
{
	struct proctree_proc proc;

	if (main_lives && s->forward->features->proc &&
	    proctree_stat(s->forward->main_pid, &proc) == 0 &&
	    (proc.ppid == s->forward->self || s->forward->main_is_far))
		s->session = proc.sid;
}

void scope_init(struct scope *s, const struct forward *forward, struct status *status)
{
	*s = (struct scope){ .forward = forward, .status = status, .session = -1 };
	proctree_init(&s->tree, forward->features->children);
	asked_init(&s->told);
	if (forward->scope == CONFIG_FORWARD_SESSION)
		scope_note_session(s, true);
}

void scope_forget(struct scope *s)
{
	s->unfinished = false;
	asked_fini(&s->told);
	proctree_fini(&s->tree);
	forward_rest(s->forward);
}

static bool scope_has(const struct scope *s, const struct proctree_proc *proc)
{
	switch (s->forward->scope) {
	case CONFIG_FORWARD_CHILD:
		return proc->pid == s->forward->main_pid;
	case CONFIG_FORWARD_GROUP:
		return proc->pgid == s->forward->group;
	case CONFIG_FORWARD_SESSION:
		return proc->sid == s->session;
	case CONFIG_FORWARD_TREE:
	case CONFIG_FORWARD_ALL:
		break;
	}
	return true;
}

/* One of a look: sends to @proc if that has not got it yet. Sets *ret_new if it is worth a further look,
 * and *result to 0 when somebody got it, else to the first failure. */
static void scope_send_one(struct scope *s, const struct proctree_proc *proc, const siginfo_t *info,
			   bool *ret_new, int *result)
{
	int room;
	int r;

	if (!scope_has(s, proc) || asked_find(&s->told, proc->pid, proc->start) != NULL)
		return;
	room = asked_reserve(&s->told, proctree_is_there);
	if (room < 0)
		log_warn_once(&s->warned, "no memory to remember who got a signal", room);
	r = forward_to_proc(s->forward, proc, info->si_signo, info, false);
	/* Not gone, but its parent while its ancestors were read: the next look. */
	if (r == -ESRCH && proctree_is_there(proc->pid, proc->start))
		s->tree.moved = true;
	if (r == -ESRCH || r == -ENOTSUP) /* gone, or out of reach */
		return;
	if (r < 0)
		log_warn_once(&s->warned, "cannot forward a signal", r);
	else
		status_add(&s->status->forwarded, 1);
	if (r == 0 || *result == -ESRCH)
		*result = r;
	if (room < 0) {
		s->forgetful = true; /* a further look would find it again */
		return;
	}
	/* A refusal is remembered too: it would only be repeated. */
	asked_add(&s->told, proc->pid, proc->start, 0)->step = (short)(r < 0 ? SCOPE_REFUSED : 0);
	*ret_new = true;
}

/*
 * May somebody who was told have a child that is not there yet? A signal to one process does not keep a fork(2)
 * that has begun from its end, if there is a handler; whoever sleeps with it blocks it, and forks nothing.
 */
static bool scope_is_forking(const struct scope *s, int sig)
{
	for (size_t i = 0; i < s->tree.count; i++) {
		const struct proctree_proc *proc = &s->tree.procs[i];

		if ((proc->state == 'R' || proc->state == 'D') && scope_has(s, proc) &&
		    proctree_has_yet_to_take(proc->pid, sig))
			return true;
	}
	return false;
}

/* Everybody of the scope who can be found, one by one. 0, -ESRCH: nobody, or a negative errno. */
static int scope_send_each(struct scope *s, const siginfo_t *info, enum proctree_reach reach)
{
	int result = -ESRCH;
	int quiet = 0; /* looks in a row that found nobody new */
	bool fresh = true;

	s->forgetful = false;
	s->unfinished = false;
	for (int looks = 0; looks < SCOPE_LOOKS && quiet < SCOPE_QUIET_LOOKS; looks++) {
		int r = proctree_read(&s->tree, reach);

		if (r < 0 || s->tree.trouble < 0)
			log_warn_once(&s->warned, "cannot see in /proc whom a signal is for",
				      r < 0 ? r : s->tree.trouble);
		if (r < 0)
			return result == 0 ? 0 : r;
		fresh = false;
		for (size_t i = 0; i < s->tree.count; i++)
			scope_send_one(s, &s->tree.procs[i], info, &fresh, &result);
		/* The second quiet look began when nobody was in a fork(2) any more. */
		if (s->forgetful || (quiet > 0 && !fresh && !s->tree.moved))
			return result;
		quiet = fresh ? 0 : quiet + 1;
		s->unfinished = !fresh && scope_is_forking(s, info->si_signo);
		if (s->unfinished)
			return result; /* it needs the processor more than we do */
	}
	if (fresh)
		log_line(LOG_WARN,
			 "processes fork faster than they can be signalled: gave up after %d looks",
			 SCOPE_LOOKS);
	return result;
}

void scope_again(struct scope *s)
{
	/* Whom it reaches now is in .told, and a failure has been logged. */
	sys_ignore(scope_send_each(s, &s->info, PROCTREE_DESCENDANTS));
}

/* Is the process table ours alone? A look that failed is no yes. */
static bool scope_no_guests(struct scope *s)
{
	return proctree_read(&s->tree, PROCTREE_GUESTS) == 0 && s->tree.count == 0 &&
	       s->tree.trouble == 0;
}

/* Session and tree where single descendants cannot be reached: the main process's group, and of our own
 * children those that are in the scope and not in that group. */
static int scope_send_near(struct scope *s, const siginfo_t *info, bool main_lives,
			   enum scope_reached *ret_reached)
{
	const struct forward *f = s->forward;
	int result = forward_to_group(f, info);
	int r = f->features->proc ? proctree_read(&s->tree, PROCTREE_CHILDREN) : -ENOENT;
	bool group_told = result == 0;
	bool ignored = false;

	*ret_reached = group_told ? SCOPE_GROUP : SCOPE_EACH;
	if (!group_told)
		result = -ESRCH;
	for (size_t i = 0; r == 0 && i < s->tree.count; i++) {
		const struct proctree_proc *proc = &s->tree.procs[i];

		if (group_told && proc->pgid == f->group)
			continue;
		scope_send_one(s, proc, info, &ignored, &result);
	}
	if (result != -ESRCH || !main_lives)
		return result;
	*ret_reached = SCOPE_MAIN;
	return forward_to_main(f, info);
}

/* The group of a main process that was buried, where only its members still hold its number. */
static int scope_send_orphaned_group(struct scope *s, const siginfo_t *info)
{
	const struct forward *f = s->forward;
	int r;

	if (!f->features->proc)
		return -ESRCH;
	if (f->features->pidfd)
		return scope_send_each(s, info, PROCTREE_DESCENDANTS);
	r = proctree_read(&s->tree, PROCTREE_CHILDREN);
	for (size_t i = 0; r == 0 && i < s->tree.count; i++) {
		if (!scope_has(s, &s->tree.procs[i]))
			continue;
		if (forward_to_group_of(f, &s->tree.procs[i], info->si_signo) == 0)
			return 0;
	}
	return -ESRCH;
}

static int scope_send_group(struct scope *s, const siginfo_t *info, bool main_lives,
			    enum scope_reached *ret_reached)
{
	const struct forward *f = s->forward;
	int r = forward_to_group(f, info);

	*ret_reached = SCOPE_GROUP;
	if (r == -ENOTSUP) {
		r = scope_send_orphaned_group(s, info);
		if (f->features->pidfd)
			*ret_reached = SCOPE_EACH;
	}
	if (r != -ESRCH || !main_lives)
		return r;
	/* No such group: the main process could not be given one (setpgid(2) refused). */
	*ret_reached = SCOPE_MAIN;
	return forward_to_main(f, info);
}

static int scope_send_far(struct scope *s, const siginfo_t *info, bool main_lives,
			  enum scope_reached *ret_reached)
{
	const struct forward *f = s->forward;
	bool sees = f->features->pidfd && f->features->proc;
	int r;

	/* A queued value travels to single processes only. */
	if (f->scope == CONFIG_FORWARD_TREE && f->self == 1 &&
	    (!sees || (info->si_code != SI_QUEUE && scope_no_guests(s)))) {
		*ret_reached = SCOPE_EVERYBODY;
		return forward_to_all(f, info->si_signo);
	}
	*ret_reached = SCOPE_EACH;
	scope_note_session(s, main_lives);
	if (!sees)
		return scope_send_near(s, info, main_lives, ret_reached);
	r = scope_send_each(s, info, PROCTREE_DESCENDANTS);
	if (r == 0 || r == -EAGAIN || !main_lives)
		return r;
	/* It cannot be seen, but it is there: better it alone than nobody. */
	*ret_reached = SCOPE_MAIN;
	return forward_to_main(f, info);
}

int scope_send(struct scope *s, const siginfo_t *info, bool main_lives,
	       enum scope_reached *ret_reached)
{
	s->info = *info;
	switch (s->forward->scope) {
	case CONFIG_FORWARD_CHILD:
		*ret_reached = SCOPE_MAIN;
		return forward_to_main(s->forward, info);
	case CONFIG_FORWARD_GROUP:
		return scope_send_group(s, info, main_lives, ret_reached);
	case CONFIG_FORWARD_SESSION:
	case CONFIG_FORWARD_TREE:
		return scope_send_far(s, info, main_lives, ret_reached);
	case CONFIG_FORWARD_ALL:
		break;
	}
	*ret_reached = SCOPE_EVERYBODY;
	return forward_to_all(s->forward, info->si_signo);
}
