/* SPDX-License-Identifier: MIT */
/* drain.c - ask the roots, then their trees, then end it; see sexton/drain.h. */
#include "sexton/drain.h"

#include <errno.h>

#include "sexton/log.h"
#include "sexton/signals.h"
#include "sexton/sys.h"

/* After a refusal a step is tried again no sooner. */
#define DRAIN_RETRY_NS INT64_C(1000000000)

void drain_init(struct drain *d, const struct forward *forward, struct status *status,
		const struct config_step *steps)
{
	*d = (struct drain){
		.forward = forward,
		.status = status,
		.steps = steps,
		.is_init = forward->self == 1,
		.due = POLICY_NEVER,
		.blind_step = -1,
		.blind_due = POLICY_NEVER,
		.guest_fd = -1,
	};
	proctree_init(&d->tree, forward->features->children);
	asked_init(&d->asked);
}

void drain_forget_guest(struct drain *d)
{
	if (d->guest_fd >= 0)
		sys_close(d->guest_fd);
	d->guest_fd = -1;
}

void drain_fini(struct drain *d)
{
	proctree_fini(&d->tree);
	asked_fini(&d->asked);
	drain_forget_guest(d);
}

static int drain_reserve(struct drain *d)
{
	int r = asked_reserve(&d->asked, proctree_is_there);

	if (r < 0)
		log_warn_once(&d->warned, "no memory to remember who was asked", r);
	return r;
}

/* Can guests be seen, and signalled? */
static bool drain_knows_guests(const struct drain *d)
{
	return d->is_init && d->forward->features->pidfd && d->forward->features->proc;
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
		log_warn_once(&d->warned, "cannot see in /proc who is left",
			      r < 0 ? r : d->tree.trouble);
	d->failed_looks = r < 0 ? d->failed_looks + 1 : 0;
	if (r < 0 && d->forward->features->proc && d->failed_looks < DRAIN_FAILED_LOOKS)
		return -EAGAIN;
	return r;
}

/* Steps of asking */

/* When the step after @step is due that was made at @when: POLICY_NEVER if @step is the last one. */
static int64_t drain_after(const struct drain *d, int step, int64_t when)
{
	int64_t span = d->steps[step].time_ns;

	if (step + 1 >= CONFIG_STEPS_MAX || d->steps[step + 1].sig == 0)
		return POLICY_NEVER;
	return policy_after(when, span);
}

static void drain_note_due(struct drain *d, int64_t due)
{
	if (due < d->due)
		d->due = due;
}

/* Remembers that @proc was asked with the first step at @when. False without room for it. */
static bool drain_remember(struct drain *d, pid_t pid, uint64_t start, int64_t when)
{
	if (drain_reserve(d) < 0)
		return false;
	if (asked_find(&d->asked, pid, start) == NULL)
		asked_add(&d->asked, pid, start, 0)->due = drain_after(d, 0, when);
	return true;
}

/* Was it there when a stop signal went to all its like? Then the mark of that, else NULL. */
static const struct drain_mark *drain_mark_of(const struct drain *d,
					      const struct proctree_proc *proc)
{
	const struct drain_mark *marks[] = { &d->all_told, &d->group_told };

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const struct drain_mark *mark = marks[i];
		bool older = proc->start < mark->ticks ||
			     (proc->start == mark->ticks && proc->pid <= mark->newest);

		/* Whoever joined the group after its signal was not told: only older ones count. */
		if (older && (mark == &d->all_told || proc->pgid == d->forward->group))
			return mark;
	}
	return NULL;
}

static bool drain_was_asked(const struct drain *d, const struct proctree_proc *proc)
{
	return drain_mark_of(d, proc) != NULL ||
	       asked_find(&d->asked, proc->pid, proc->start) != NULL;
}

struct drain_mark drain_mark(const struct drain *d, uint64_t boot_ticks, int64_t now)
{
	struct drain_mark mark = { .when = now };

	if (d->forward->scope != CONFIG_FORWARD_CHILD && d->forward->features->proc) {
		mark.ticks = boot_ticks;
		mark.newest = proctree_newest();
	}
	return mark;
}

static void drain_note_main_told(struct drain *d, int64_t when)
{
	struct proctree_proc proc;

	/* The main process is ours until it is buried; an answer about a successor of its number
	 * could only come later, when the drain has no use for it. */
	if (d->forward->features->proc && proctree_stat(d->forward->main_pid, &proc) == 0 &&
	    (proc.ppid == d->forward->self || d->forward->main_is_far))
		(void)drain_remember(d, proc.pid, proc.start, when);
}

void drain_note_told(struct drain *d, const struct drain_mark *mark, enum scope_reached reached,
		     const struct asked *told)
{
	for (size_t i = 0; i < told->capacity; i++) {
		const struct asked_entry *entry = &told->entries[i];

		if (entry->pid != 0 && entry->step != SCOPE_REFUSED)
			(void)drain_remember(d, entry->pid, entry->start, mark->when);
	}
	switch (reached) {
	case SCOPE_EVERYBODY:
		d->all_told = *mark;
		d->blind_step = 0; /* where nobody can be seen, that was it */
		d->blind_due = drain_after(d, 0, mark->when);
		return;
	case SCOPE_GROUP:
		d->group_told = *mark;
		break;
	case SCOPE_MAIN:
		break;
	case SCOPE_EACH:
		return;
	}
	drain_note_main_told(d, mark->when);
}

/* Sends the signal of @step. 0, -EAGAIN when a later look may have better luck, or -ESRCH: there is nobody to
 * send it to. */
static int drain_send_step(struct drain *d, const struct proctree_proc *proc, int step)
{
	char name[SIGNALS_NAME_SIZE];
	int r = forward_to_proc(d->forward, proc, d->steps[step].sig, NULL, true);

	if (r == -ESRCH || r == -ENOTSUP)
		return -ESRCH; /* gone, or out of reach until its parent has gone */
	if (r < 0) {
		log_warn_once(&d->warned, "cannot ask a process to end", r);
		return -EAGAIN;
	}
	log_line(LOG_INFO, "asked pid %d (%s) with %s", proc->pid, proc->name,
		 signals_name(d->steps[step].sig, name));
	return 0;
}

/*
 * Asks one process; true if it need not be asked again. Room to remember it comes first: who cannot
 * be remembered is not asked, for the next look would ask again.
 */
static bool drain_ask_one(struct drain *d, const struct proctree_proc *proc, int round, int64_t now)
{
	struct asked_entry *entry;

	if (drain_reserve(d) < 0 || drain_send_step(d, proc, 0) < 0)
		return false;
	status_add(&d->status->asked, 1);
	entry = asked_add(&d->asked, proc->pid, proc->start, round);
	entry->due = drain_after(d, 0, now);
	drain_note_due(d, entry->due);
	return true;
}

/* Its time for this step is over. */
static void drain_ask_further(struct drain *d, const struct proctree_proc *proc,
			      struct asked_entry *entry, int64_t now)
{
	int r = drain_send_step(d, proc, entry->step + 1);

	if (r == -EAGAIN) {
		entry->due = now + DRAIN_RETRY_NS;
	} else {
		entry->step++;
		entry->due = drain_after(d, entry->step, now);
	}
}

/* One of a look. Returns true if it was asked for the first time. */
static bool drain_mind_one(struct drain *d, const struct proctree_proc *proc, int64_t now)
{
	struct asked_entry *entry = asked_find(&d->asked, proc->pid, proc->start);
	const struct drain_mark *mark = drain_mark_of(d, proc);

	if (entry == NULL && mark == NULL)
		return drain_ask_one(d, proc, 0, now);
	/* Told with all its like, it gets the next steps like any other. */
	if (entry == NULL && drain_after(d, 0, mark->when) != POLICY_NEVER &&
	    drain_remember(d, proc->pid, proc->start, mark->when))
		entry = asked_find(&d->asked, proc->pid, proc->start);
	if (entry == NULL)
		return false;
	if (entry->due <= now)
		drain_ask_further(d, proc, entry, now);
	drain_note_due(d, entry->due);
	return false;
}

/* Asks everybody at once, where nobody can be seen: each step once, when it is due. */
static void drain_ask_blindly(struct drain *d, int64_t now)
{
	int step = d->blind_step + 1;
	int r;

	if (d->blind_step < 0 || d->blind_due <= now) {
		r = forward_to_all(d->forward, d->steps[step].sig);
		if (r < 0 && r != -ESRCH) {
			log_warn_once(&d->warned, "cannot ask everybody to end", r);
			return;
		}
		d->blind_step = step;
		d->blind_due = drain_after(d, step, now);
		sys_ignore(forward_to_all(d->forward, SIGCONT)); /* none may be left to be woken */
	}
	drain_note_due(d, d->blind_due);
}

/* What is to be said to those of the last look. True if somebody was new. */
static bool drain_mind_all(struct drain *d, int64_t now)
{
	bool fresh = false;

	for (size_t i = 0; i < d->tree.count; i++) {
		const struct proctree_proc proc = d->tree.procs[i];

		if (drain_mind_one(d, &proc, now))
			fresh = true;
	}
	return fresh;
}

/* Guests, or their trees as well. Who hides from this look is not ours, and ends with us. */
static bool drain_look_at_guests(struct drain *d, enum proctree_reach reach)
{
	int r = drain_knows_guests(d) ? proctree_read(&d->tree, reach) : -ENOTSUP;

	if (r < 0 && r != -ENOTSUP)
		log_warn_once(&d->warned, "cannot see in /proc who came from outside", r);
	return r == 0;
}

static bool drain_ask_once(struct drain *d, enum proctree_reach reach, bool guests, int64_t now)
{
	enum proctree_reach of_guests =
		reach == PROCTREE_CHILDREN ? PROCTREE_GUESTS : PROCTREE_GUEST_TREES;
	int r = drain_look(d, reach);
	bool fresh = r == 0 && drain_mind_all(d, now);

	if (r < 0 && r != -EAGAIN)
		drain_ask_blindly(d, now);
	if (guests && drain_look_at_guests(d, of_guests) && drain_mind_all(d, now))
		fresh = true;
	return fresh;
}

void drain_ask(struct drain *d, enum proctree_reach reach, bool guests, int64_t now)
{
	int looks;

	d->due = POLICY_NEVER;
	if (!d->forward->features->pidfd)
		reach = PROCTREE_CHILDREN; /* the rest is asked when it has become ours */
	/* A process that forks while its tree is walked is caught by the next look. For the roots
	 * one look will do: whoever becomes ours later, an exit or the next second announces. */
	looks = reach == PROCTREE_DESCENDANTS ? DRAIN_LOOKS : 1;
	while (looks-- > 0 && drain_ask_once(d, reach, guests, now))
		;
	forward_rest(d->forward);
}

int64_t drain_due(const struct drain *d)
{
	return d->due;
}

void drain_forward(struct drain *d, const siginfo_t *info, bool is_stop, int64_t now)
{
	int r = drain_look(d, PROCTREE_CHILDREN);

	if (r == -EAGAIN) /* a signal cannot wait for the next second */
		r = drain_look(d, PROCTREE_CHILDREN);
	if (r < 0) {
		r = forward_to_all(d->forward, info->si_signo);
		if (r < 0 && r != -ESRCH)
			log_warn_once(&d->warned, "cannot forward a signal", r);
		if (is_stop && r == 0 && d->blind_step < 0) {
			d->blind_step = 0;
			d->blind_due = drain_after(d, 0, now);
		}
		return;
	}
	for (size_t i = 0; i < d->tree.count; i++) {
		const struct proctree_proc proc = d->tree.procs[i];
		bool room = is_stop && drain_reserve(d) == 0;

		r = forward_to_proc(d->forward, &proc, info->si_signo, info, false);
		if (r == -ESRCH)
			continue;
		if (r < 0)
			log_warn_once(&d->warned, "cannot forward a signal", r);
		else
			status_add(&d->status->forwarded, 1);
		if (room && r == 0)
			(void)drain_remember(d, proc.pid, proc.start, now);
	}
}

/* Nobody can be seen: those left are killed nameless, if they were asked. */
static void drain_kill_blindly(struct drain *d, bool naming, int64_t now)
{
	int r;

	if (d->blind_step < 0) {
		drain_ask_blindly(d, now); /* killed in the next round */
		return;
	}
	if (naming)
		log_line(LOG_WARN, "killing whoever is left; /proc does not name them");
	r = forward_to_all(d->forward, SIGKILL);
	if (r < 0 && r != -ESRCH)
		log_warn_once(&d->warned, "cannot kill", r);
}

static bool drain_may_kill(const struct drain *d, const struct proctree_proc *proc, int round,
			   bool everyone)
{
	const struct asked_entry *entry = asked_find(&d->asked, proc->pid, proc->start);

	if (entry != NULL)
		return everyone || entry->round < round;
	return everyone || drain_was_asked(d, proc); /* as one of many */
}

static void drain_name(const struct proctree_proc *proc, unsigned int named)
{
	char state[2] = { proc->state, '\0' };

	if (named < DRAIN_NAMED)
		log_line(LOG_WARN, "killing pid %d (%s), state %s, parent %d: it did not end",
			 proc->pid, proc->name, state, proc->ppid);
}

static void drain_kill_one(struct drain *d, const struct proctree_proc *proc)
{
	int r = forward_to_proc(d->forward, proc, SIGKILL, NULL, false);

	if (r == 0)
		status_add(&d->status->killed, 1);
	else if (r != -ESRCH && r != -ENOTSUP) /* out of reach until its parent has gone */
		log_warn_once(&d->warned, "cannot kill", r);
}

/*
 * Kills whom it may of the last look, and asks the others. All names first: a child's end lets its parent
 * exit before that one has been named. *named: how many were so far; NULL: they have been.
 */
static void drain_kill_all(struct drain *d, int round, bool everyone, int64_t now,
			   unsigned int *named)
{
	for (size_t i = 0; i < d->tree.count && named != NULL; i++)
		if (drain_may_kill(d, &d->tree.procs[i], round, everyone))
			drain_name(&d->tree.procs[i], (*named)++);
	for (size_t i = 0; i < d->tree.count; i++) {
		const struct proctree_proc proc = d->tree.procs[i];

		if (drain_may_kill(d, &proc, round, everyone))
			drain_kill_one(d, &proc);
		else if (!drain_was_asked(d, &proc)) /* in this very round */
			(void)drain_ask_one(d, &proc, round, now);
	}
}

void drain_kill(struct drain *d, int round, bool everyone, bool guests, int64_t now)
{
	bool naming = d->named_round != round;
	unsigned int named = 0;
	int r = drain_look(d, PROCTREE_DESCENDANTS);

	if (r == -EAGAIN)
		return; /* nobody was named yet */
	d->named_round = round;
	if (r == 0)
		drain_kill_all(d, round, everyone, now, naming ? &named : NULL);
	else if (naming || everyone) /* the last round has no end */
		drain_kill_blindly(d, naming, now);
	if (guests && drain_look_at_guests(d, PROCTREE_GUEST_TREES))
		drain_kill_all(d, round, everyone, now, naming ? &named : NULL);
	if (named > DRAIN_NAMED)
		log_line(LOG_WARN, "and %u more", named - DRAIN_NAMED);
	if (r == 0 && everyone && d->is_init)
		sys_ignore(forward_to_all(d->forward, SIGKILL)); /* no fork gets past kill(-1) */
	forward_rest(d->forward);
}

bool drain_guests_left(struct drain *d)
{
	drain_forget_guest(d);
	/* One look that fails is no proof that they have gone; but the wait must have an end. */
	if (!drain_look_at_guests(d, PROCTREE_GUESTS))
		return drain_knows_guests(d) && ++d->failed_guests < DRAIN_FAILED_LOOKS;
	d->failed_guests = 0;
	for (size_t i = 0; i < d->tree.count && d->guest_fd < 0; i++) {
		const struct proctree_proc *guest = &d->tree.procs[i];

		d->guest_fd = sys_pidfd_open(guest->pid);
		/* Its number may have changed hands before that. */
		if (d->guest_fd >= 0 && !proctree_is_there(guest->pid, guest->start))
			drain_forget_guest(d);
	}
	return d->tree.count > 0;
}
