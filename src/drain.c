/* SPDX-License-Identifier: MIT */
/* drain.c - ask the roots, then their trees, then end it; see sexton/drain.h. */
#include "sexton/drain.h"

#include <errno.h>

#include "sexton/log.h"
#include "sexton/signals.h"
#include "sexton/sys.h"

void drain_init(struct drain *d, const struct forward *forward, struct status *status, int ask_with)
{
	*d = (struct drain){
		.forward = forward,
		.status = status,
		.ask_with = ask_with,
		.is_init = forward->self == 1,
	};
	proctree_init(&d->tree, forward->features->children);
	asked_init(&d->asked);
}

void drain_fini(struct drain *d)
{
	proctree_fini(&d->tree);
	asked_fini(&d->asked);
}

/* The first failure of a drain is worth a line; the next thousand are the same one. */
static void drain_warn(struct drain *d, const char *what, int err)
{
	if (d->warned)
		return;
	d->warned = true;
	log_line(LOG_WARN, "%s: %s; going on", what, sys_strerror(-err));
}

static bool drain_is_alive(pid_t pid, uint64_t start)
{
	struct proctree_proc proc;
	int r = proctree_stat(pid, &proc);

	/* Who cannot be read for another reason (EMFILE) is better remembered for nothing. */
	return r == 0 ? proc.start == start : r != -ENOENT && r != -ESRCH;
}

static int drain_reserve(struct drain *d)
{
	int r = asked_reserve(&d->asked, drain_is_alive);

	if (r < 0)
		drain_warn(d, "no memory to remember who was asked", r);
	return r;
}

/*
 * Takes a snapshot. A negative errno means that nobody can be seen: no /proc, or not one of our
 * namespace. -EAGAIN: this look failed, which a full table of descriptors may explain; the next one,
 * a second later, may see more.
 */
static int drain_look(struct drain *d, enum proctree_reach reach)
{
	int r = d->forward->features->proc ? proctree_read(&d->tree, reach) : -ENOENT;

	/* Somebody is hidden from us: better all are asked at once than him never. */
	if (r == 0 && d->tree.trouble == -EACCES)
		r = -EACCES;
	/* The reaper is about to say so: nobody is left to be seen, and nothing to be warned of. */
	if (r < 0 && !sys_has_children()) {
		d->tree.count = 0;
		return 0;
	}
	if (r < 0 || d->tree.trouble < 0)
		drain_warn(d, "cannot see in /proc who is left", r < 0 ? r : d->tree.trouble);
	d->failed_looks = r < 0 ? d->failed_looks + 1 : 0;
	if (r < 0 && d->forward->features->proc && d->failed_looks < DRAIN_FAILED_LOOKS)
		return -EAGAIN;
	return r;
}

static bool drain_was_asked(const struct drain *d, const struct proctree_proc *proc)
{
	const struct drain_mark *mark = &d->group_asked;
	bool older = proc->start < mark->ticks ||
		     (proc->start == mark->ticks && proc->pid <= mark->newest);

	/* Whoever joined the group after its signal was not told: only older ones count. */
	if (older && proc->pgid == d->forward->main_pid)
		return true;
	return asked_find(&d->asked, proc->pid, proc->start) != NULL;
}

struct drain_mark drain_mark(const struct drain *d, uint64_t boot_ticks)
{
	struct drain_mark mark = { 0 };

	if (d->forward->scope == CONFIG_FORWARD_GROUP && d->forward->features->proc) {
		mark.ticks = boot_ticks;
		mark.newest = proctree_newest();
	}
	return mark;
}

void drain_note_scope_asked(struct drain *d, const struct drain_mark *mark)
{
	struct proctree_proc proc;

	d->group_asked = *mark;
	/* The main process is ours until it is buried; an answer about a successor of its number
	 * could only come later, when the drain has no use for it. */
	if (d->forward->features->proc && proctree_stat(d->forward->main_pid, &proc) == 0 &&
	    proc.ppid == d->forward->self && drain_reserve(d) == 0)
		asked_add(&d->asked, proc.pid, proc.start, 0);
}

/*
 * Asks one process; true if it need not be asked again. Room to remember it comes first: who cannot
 * be remembered is not asked, for the next look would ask again.
 */
static bool drain_ask_one(struct drain *d, const struct proctree_proc *proc, int round)
{
	char name[SIGNALS_NAME_SIZE];
	int r;

	if (drain_reserve(d) < 0)
		return false;
	r = forward_to_proc(d->forward, proc, d->ask_with, NULL, true);
	if (r == -ESRCH || r == -ENOTSUP)
		return false; /* gone, or out of reach until its parent has gone */
	if (r < 0) {
		drain_warn(d, "cannot ask a process to end", r);
		return false; /* the next look may have better luck */
	}
	status_add(&d->status->asked, 1);
	log_line(LOG_INFO, "asked pid %d (%s) with %s", proc->pid, proc->name,
		 signals_name(d->ask_with, name));
	asked_add(&d->asked, proc->pid, proc->start, round);
	return true;
}

/* Asks everybody at once, where nobody can be seen, and once only. */
static void drain_ask_blindly(struct drain *d)
{
	int r;

	if (d->asked_blindly)
		return;
	r = forward_to_all(d->forward, d->ask_with);
	if (r < 0 && r != -ESRCH) {
		drain_warn(d, "cannot ask everybody to end", r);
		return;
	}
	d->asked_blindly = true;
	sys_ignore(forward_to_all(d->forward, SIGCONT)); /* none may be left to be woken */
}

void drain_ask(struct drain *d, enum proctree_reach reach)
{
	bool fresh = true;
	int looks;

	if (!d->forward->features->pidfd)
		reach = PROCTREE_CHILDREN; /* the rest is asked when it has become ours */
	/* A process that forks while its tree is walked is caught by the next look. For the roots
	 * one look will do: whoever becomes ours later, an exit or the next second announces. */
	looks = reach == PROCTREE_DESCENDANTS ? DRAIN_LOOKS : 1;
	for (; fresh && looks > 0; looks--) {
		int r = drain_look(d, reach);

		fresh = false;
		if (r < 0) {
			if (r != -EAGAIN)
				drain_ask_blindly(d);
			return;
		}
		for (size_t i = 0; i < d->tree.count; i++) {
			const struct proctree_proc proc = d->tree.procs[i];

			if (!drain_was_asked(d, &proc) && drain_ask_one(d, &proc, 0))
				fresh = true;
		}
	}
}

void drain_forward(struct drain *d, const siginfo_t *info, bool is_stop)
{
	int r = drain_look(d, PROCTREE_CHILDREN);

	if (r == -EAGAIN) /* a signal cannot wait for the next second */
		r = drain_look(d, PROCTREE_CHILDREN);
	if (r < 0) {
		r = forward_to_all(d->forward, info->si_signo);
		if (r < 0 && r != -ESRCH)
			drain_warn(d, "cannot forward a signal", r);
		d->asked_blindly = d->asked_blindly || (is_stop && r == 0);
		return;
	}
	for (size_t i = 0; i < d->tree.count; i++) {
		const struct proctree_proc proc = d->tree.procs[i];
		bool room = is_stop && drain_reserve(d) == 0;

		r = forward_to_proc(d->forward, &proc, info->si_signo, info, false);
		if (r == -ESRCH)
			continue;
		if (r < 0)
			drain_warn(d, "cannot forward a signal", r);
		else
			status_add(&d->status->forwarded, 1);
		if (room && r == 0)
			asked_add(&d->asked, proc.pid, proc.start, 0);
	}
}

/* Nobody can be seen: those left are killed nameless, if they were asked. */
static void drain_kill_blindly(struct drain *d, bool naming)
{
	int r;

	if (!d->asked_blindly) {
		drain_ask_blindly(d); /* killed in the next round */
		return;
	}
	if (naming)
		log_line(LOG_WARN, "killing whoever is left; /proc does not name them");
	r = forward_to_all(d->forward, SIGKILL);
	if (r < 0 && r != -ESRCH)
		drain_warn(d, "cannot kill", r);
}

static bool drain_may_kill(const struct drain *d, const struct proctree_proc *proc, int round,
			   bool everyone)
{
	const struct asked_entry *entry = asked_find(&d->asked, proc->pid, proc->start);

	if (entry != NULL)
		return everyone || entry->round < round;
	return everyone || drain_was_asked(d, proc); /* as a member of the group */
}

static void drain_name(const struct proctree_proc *proc, unsigned int named)
{
	char state[2] = { proc->state, '\0' };

	if (named < DRAIN_NAMED)
		log_line(LOG_WARN, "killing pid %d (%s), state %s, parent %d: it did not end",
			 proc->pid, proc->name, state, proc->ppid);
}

void drain_kill(struct drain *d, int round, bool everyone)
{
	bool naming = d->named_round != round;
	unsigned int named = 0;
	int r = drain_look(d, PROCTREE_DESCENDANTS);

	if (r < 0) {
		if (r == -EAGAIN)
			return;         /* nobody was named yet */
		if (naming || everyone) /* the last round has no end */
			drain_kill_blindly(d, naming);
		d->named_round = round;
		return;
	}
	/* All names first: a child's end lets its parent exit before that one has been named. */
	for (size_t i = 0; i < d->tree.count && naming; i++)
		if (drain_may_kill(d, &d->tree.procs[i], round, everyone))
			drain_name(&d->tree.procs[i], named++);
	if (named > DRAIN_NAMED)
		log_line(LOG_WARN, "and %u more", named - DRAIN_NAMED);
	d->named_round = round;
	for (size_t i = 0; i < d->tree.count; i++) {
		const struct proctree_proc proc = d->tree.procs[i];

		if (!drain_may_kill(d, &proc, round, everyone)) {
			if (!drain_was_asked(d, &proc)) /* in this very round */
				(void)drain_ask_one(d, &proc, round);
			continue;
		}
		r = forward_to_proc(d->forward, &proc, SIGKILL, NULL, false);
		if (r == 0)
			status_add(&d->status->killed, 1);
		else if (r != -ESRCH && r != -ENOTSUP) /* out of reach until its parent has gone */
			drain_warn(d, "cannot kill", r);
	}
	if (everyone && d->is_init)
		sys_ignore(forward_to_all(d->forward, SIGKILL)); /* no fork gets past kill(-1) */
}
