/* SPDX-License-Identifier: MIT */
/*
 * loop.c - the main thread: facts -> events, actions -> calls; see sexton/loop.h.
 *
 * One turn: wait, take signals, take exits, mind the clock, and only then carry out what concerns
 * everybody (asking, killing). A thousand burials thus cost one look at /proc, and a drain that
 * found nobody left costs none.
 */
#include "loop_part.h"

#include <errno.h>

#include "sexton/log.h"
#include "sexton/signals.h"
#include "sexton/sys.h"

/* FORWARD goes out at once, for order's sake; looks at everybody wait until all facts are in. */
#define LOOP_LOOKS                                                                                 \
	(POLICY_ASK_ROOTS | POLICY_ASK_ALL | POLICY_KILL | POLICY_KILL_ALL | POLICY_GUESTS)

/* What was begun with the last signal is done, or given up. */
static void loop_finish_scope(struct loop *l)
{
	scope_forget(l->scope);
	l->again = POLICY_NEVER;
}

/* Comes back to it later, if there may be somebody who has not got it. */
static void loop_begin_again(struct loop *l, const struct drain_mark *mark, bool is_stop)
{
	if (!l->scope->unfinished) {
		loop_finish_scope(l);
		return;
	}
	l->again = sys_now() + SCOPE_AGAIN_NS;
	l->again_left = SCOPE_AGAIN_TIMES;
	l->again_is_stop = is_stop;
	l->again_mark = *mark;
}

static void loop_again(struct loop *l)
{
	scope_again(l->scope);
	if (l->again_is_stop)
		drain_note_told(l->drain, &l->again_mark, SCOPE_EACH, &l->scope->told);
	if (l->scope->unfinished && --l->again_left > 0)
		l->again = sys_now() + SCOPE_AGAIN_NS;
	else
		loop_finish_scope(l);
}

void loop_forward(struct loop *l, const siginfo_t *info, bool is_stop)
{
	struct log_fact fact = { .sig = info->si_signo, .pid = l->forward->main_pid };
	struct drain_mark mark = { 0 };
	enum scope_reached reached;
	int r;

	if (l->room_at != POLICY_NEVER && info->si_signo >= SIGNALS_QUEUED && !is_stop) {
		/* It would overtake the one that waits; only --delay lets two come at a time. */
		fact.err = EAGAIN;
		log_say(LOG_FORWARD_REFUSED, &fact);
		return;
	}
	if (l->again != POLICY_NEVER) /* who comes now is told this one as well */
		loop_finish_scope(l);
	if (is_stop) /* who comes later has not got it */
		mark = drain_mark(l->drain, sys_boot_ticks(), sys_now());
	r = scope_send(l->scope, info, l->policy.state == POLICY_RUNNING, &reached);
	if (r == -EAGAIN && loop_keep(l, info, is_stop)) {
		loop_finish_scope(l);
		return;
	}
	if (is_stop && r == 0)
		drain_note_told(l->drain, &mark, reached, &l->scope->told);
	loop_begin_again(l, &mark, is_stop);
	if (r == -ESRCH && l->policy.state != POLICY_RUNNING) {
		/* The scope is gone, its heirs are not. */
		drain_forward(l->drain, info, is_stop, sys_now());
		return;
	}
	fact.err = -r;
	if (r == 0 && reached != SCOPE_EACH)
		status_add(&l->status->forwarded, 1);
	/* Gone: its burial is on the way. */
	log_say(r == 0        ? LOG_FORWARDED
		: r == -ESRCH ? LOG_FORWARD_TOO_LATE
			      : LOG_FORWARD_REFUSED,
		&fact);
}

void loop_step(struct loop *l, const struct policy_event *event, const siginfo_t *info,
	       bool is_stop)
{
	enum policy_state before = l->policy.state;
	struct policy_actions actions = policy_step(&l->policy, event);

	if (l->policy.state != before)
		log_line(LOG_INFO, "%s -> %s", policy_state_name(before),
			 policy_state_name(l->policy.state));
	if ((actions.set & (POLICY_FORWARD | POLICY_FORWARD_ROOTS)) != 0 && info != NULL)
		log_say(LOG_PASSING, &(struct log_fact){ .sig = info->si_signo });
	if ((actions.set & POLICY_FORWARD) != 0 && info != NULL)
		loop_forward(l, info, is_stop);
	if ((actions.set & POLICY_FORWARD_ROOTS) != 0 && info != NULL)
		drain_forward(l->drain, info, is_stop, event->now);
	l->wanted |= actions.set & LOOP_LOOKS;
	if (actions.round > l->round)
		l->round = actions.round;
	if ((actions.set & POLICY_EXIT) != 0) {
		l->leaving = true;
		l->exit_code = actions.exit_code;
	}
}

static void loop_carry_out(struct loop *l)
{
	bool guests = (l->wanted & POLICY_GUESTS) != 0;
	unsigned int wanted = l->wanted;
	int64_t now;

	l->wanted = 0;
	if (wanted == 0)
		return;
	now = sys_now();
	if ((wanted & (POLICY_KILL | POLICY_KILL_ALL)) != 0) {
		drain_kill(l->drain, l->round, (wanted & POLICY_KILL_ALL) != 0, guests, now);
		return;
	}
	drain_ask(l->drain,
		  (wanted & POLICY_ASK_ALL) != 0 ? PROCTREE_DESCENDANTS : PROCTREE_CHILDREN, guests,
		  now);
	policy_look_by(&l->policy, drain_due(l->drain));
}

/* Polled mode: the reaper's work, a batch at a time so that signals are not kept waiting. */
static void loop_poll_reaper(struct loop *l)
{
	if (l->polled != NULL && (l->child_died || l->deaf || l->polled->in_trouble))
		l->child_died = reaper_poll(l->polled, LOOP_BATCH);
}

static void loop_mind_clock(struct loop *l)
{
	struct policy_event event = { .type = POLICY_EV_TIMER };
	int64_t due = policy_deadline(&l->policy);
	int from;

	if (due == POLICY_NEVER && l->delay.held == 0 && l->again == POLICY_NEVER &&
	    l->room_at == POLICY_NEVER)
		return;
	event.now = sys_now();
	if (event.now >= l->room_at && !l->leaving)
		loop_retry(l);
	if (event.now >= l->again)
		loop_again(l);
	if (event.now >= due)
		loop_step(l, &event, NULL, false);
	while (!l->leaving && (from = delay_take_due(&l->delay, event.now)) != 0)
		loop_deliver(l, &l->held[from], from, false);
}

/* How long the next wait may last, in nanoseconds; -1: until something happens. */
static int64_t loop_timeout(const struct loop *l)
{
	int64_t due = policy_deadline(&l->policy);
	int64_t held = delay_next(&l->delay);
	int64_t left = -1;

	if (l->child_died)
		return 0; /* polled mode: more zombies wait */
	if (held < due)
		due = held;
	if (l->again < due)
		due = l->again;
	if (l->room_at < due)
		due = l->room_at;
	if (due != POLICY_NEVER) {
		left = due - sys_now();
		if (left < 0)
			return 0;
	}
	if (l->polled != NULL && l->polled->in_trouble && (left < 0 || left > REAPER_RETRY_NS))
		return REAPER_RETRY_NS;
	return left;
}

/* What loop_wait() waits for. A negative descriptor is passed over. */
enum {
	LOOP_SIGNALS,
	LOOP_BELL,
	LOOP_ALWAYS,
	LOOP_GUEST = LOOP_ALWAYS,
	LOOP_FILE,
	LOOP_MAIN,
	LOOP_FDS
};

static unsigned int loop_descriptors(const struct loop *l, struct pollfd fds[LOOP_FDS])
{
	const int numbers[LOOP_FDS] = {
		/* Else ready for ever: what is there cannot be taken, or is not to be yet. */
		[LOOP_SIGNALS] = l->deaf || l->misled ? -1 : l->signal_fd,
		[LOOP_BELL] = l->exits->bell,
		/* With a child again, an orphan of the guest's, its death is waited for: a guest that
		 * has gone would be ready for ever. */
		[LOOP_GUEST] = l->lingering && l->reaper->alone ? l->drain->guest_fd : -1,
		[LOOP_FILE] = l->successor->watch_fd,
		[LOOP_MAIN] = l->forward->main_is_far ? l->forward->main_pidfd : -1,
	};
	unsigned int count = LOOP_ALWAYS;

	for (unsigned int i = 0; i < LOOP_FDS; i++) {
		fds[i] = (struct pollfd){ .fd = numbers[i], .events = POLLIN };
		if (numbers[i] >= 0 && i >= count)
			count = i + 1;
	}
	return count;
}

static void loop_wait(struct loop *l)
{
	struct pollfd fds[LOOP_FDS];
	unsigned int count;
	int64_t timeout = loop_timeout(l);
	siginfo_t info;
	int r = -EBADF;

	if (l->misled)
		loop_listen(l);
	count = loop_descriptors(l, fds);
	/* A descriptor or a call is refused: what is left of them, and look round often. */
	if ((l->deaf || l->misled || l->signal_fd < 0) && (timeout < 0 || timeout > LOOP_BLIND_NS))
		timeout = LOOP_BLIND_NS;
	if (l->deaf || l->signal_fd >= 0)
		r = sys_ppoll(fds, count, timeout);
	if (r < 0 && !l->deaf) {
		if (timeout < 0 || timeout > LOOP_BLIND_NS)
			timeout = LOOP_BLIND_NS;
		if (sys_sigwaitinfo(l->mask, &info, timeout) > 0)
			loop_signal(l, &info);
		if (count > LOOP_ALWAYS)
			r = sys_ppoll(fds, count, 0);
	}
	l->main_ended = r > 0 && fds[LOOP_MAIN].revents != 0;
	l->file_changed = r > 0 && fds[LOOP_FILE].revents != 0;
}

uint64_t loop_mask(const struct loop *l)
{
	/* A storm of exits must not wake this thread: the reaper's, and no shell's job. */
	if (l->polled == NULL && !l->job->watching)
		return SIGNALS_ALL & ~SIGNALS_BIT(SIGCHLD);
	return SIGNALS_ALL;
}

/* No part of its caller, whose pages are given back. */
__attribute__((noinline)) int loop_run(struct loop *l)
{
	policy_init(&l->policy, l->config);
	delay_init(&l->delay, l->config->delay_ns);
	l->self = sys_getpid();
	l->mask = loop_mask(l);
	l->wanted = 0;
	l->round = 0;
	l->child_died = l->polled != NULL; /* some may be dead already */
	l->deaf = false;
	l->stirred = false;
	l->told_children = false;
	l->again = POLICY_NEVER;
	l->room_at = POLICY_NEVER;
	l->room_after = LOOP_ROOM_NS;
	l->told_full = false;
	l->misled = false;
	l->lingering = false;
	l->leaving = false;
	sys_give_back(); /* what only the start needed */
	while (!l->leaving) {
		loop_wait(l);
		loop_take_signals(l);
		loop_poll_reaper(l);
		loop_take_exits(l);
		loop_mind_successor(l);
		loop_mind_guests(l);
		loop_mind_clock(l);
		if (!l->leaving)
			loop_carry_out(l);
	}
	successor_fini(l->successor);
	job_fini(l->job);
	log_say(LOG_LEAVING, &(struct log_fact){ .code = l->exit_code });
	return l->exit_code;
}
