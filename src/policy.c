/* SPDX-License-Identifier: MIT */
/* policy.c - the pure decision; see sexton/policy.h. One function a kind of cell, one table. */
#include "sexton/policy.h"

#include <sys/wait.h>

typedef void policy_cell(struct policy *p, const struct policy_event *ev,
			 struct policy_actions *out);

int policy_exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int64_t policy_min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* A deadline @span from @now; an earlier one stays. */
static void policy_arm(struct policy *p, int64_t now, int64_t span)
{
	int64_t deadline = policy_after(now, span);

	if (deadline >= p->deadline)
		return;
	p->deadline = deadline;
	p->half = now + span / 2;
}

/* The first stop signal starts the clock; the user may repeat himself. */
static void policy_note_stop(struct policy *p, int64_t now)
{
	if (p->stopping)
		return;
	p->stopping = true;
	policy_arm(p, now, p->config->stop_timeout_ns);
}

static void policy_exit(struct policy *p, int code, struct policy_actions *out)
{
	p->state = POLICY_DONE;
	out->set = POLICY_EXIT;
	out->exit_code = config_is_ok_exit(p->config, code) ? 0 : code;
}

/* Are guests asked and waited for? By default if that has an end that is ours to see: whoever waits
 * for a runtime's deadline is killed with them by it. */
static bool policy_minds_guests(const struct policy *p)
{
	switch (p->config->guests) {
	case CONFIG_GUESTS_AUTO:
		return !p->stopping || p->deadline != POLICY_NEVER;
	case CONFIG_GUESTS_WAIT:
		return true;
	case CONFIG_GUESTS_IGNORE:
		break;
	}
	return false;
}

static void policy_ask(const struct policy *p, struct policy_actions *out)
{
	out->set |= p->ask_all ? POLICY_ASK_ALL : POLICY_ASK_ROOTS;
	if (policy_minds_guests(p))
		out->set |= POLICY_GUESTS;
}

static void policy_kill(struct policy *p, struct policy_actions *out)
{
	out->set |= p->round < POLICY_LAST_ROUND ? POLICY_KILL : POLICY_KILL_ALL;
	if (policy_minds_guests(p))
		out->set |= POLICY_GUESTS;
	out->round = p->round;
}

/* The main process has gone for good: from now on the rest is asked. */
static void policy_drain(struct policy *p, int64_t now)
{
	p->state = POLICY_DRAINING;
	p->look = policy_after(now, POLICY_LOOK_NS);
	if (!p->stopping) /* else the runtime owns the deadline, or --stop-timeout set it already */
		policy_arm(p, now, p->config->grace_ns);
}

/* Impossible, or of no interest. Written down so that the table has no holes. */
static void policy_ignore(struct policy *p, const struct policy_event *ev,
			  struct policy_actions *out)
{
	(void)p;
	(void)ev;
	(void)out;
}

static void policy_forward(struct policy *p, const struct policy_event *ev,
			   struct policy_actions *out)
{
	(void)ev;
	if (!p->config->pause) /* to whom? */
		out->set = POLICY_FORWARD;
}

static void policy_forward_stop(struct policy *p, const struct policy_event *ev,
				struct policy_actions *out)
{
	if (p->config->pause) {
		policy_exit(p, 0, out);
		return;
	}
	policy_note_stop(p, ev->now);
	out->set = POLICY_FORWARD;
}

static void policy_hold_stop(struct policy *p, const struct policy_event *ev,
			     struct policy_actions *out)
{
	(void)out;
	policy_note_stop(p, ev->now);
	/* Before it has come nobody is asked in its place, unless it would come too late. */
	if (p->half < ev->due && ev->due < p->deadline)
		p->half = ev->due;
}

static void policy_main_exited(struct policy *p, const struct policy_event *ev,
			       struct policy_actions *out)
{
	p->main_status = ev->status;
	if (ev->successor)
		return;
	if (p->config->on_exit == CONFIG_ON_EXIT_LEAVE) {
		policy_exit(p, policy_exit_code(ev->status), out);
		return;
	}
	if (p->config->on_exit == CONFIG_ON_EXIT_WAIT && !p->stopping) {
		p->state = POLICY_HANDOVER;
		return;
	}
	policy_drain(p, ev->now);
	policy_ask(p, out);
}

static void policy_main_found(struct policy *p, const struct policy_event *ev,
			      struct policy_actions *out)
{
	(void)ev;
	(void)out;
	p->state = POLICY_RUNNING;
}

/* They end with us, so they are asked, and have until the deadline, as others had. */
static void policy_none_but_guests(struct policy *p, int64_t now, struct policy_actions *out)
{
	if (p->state == POLICY_KILLING) {
		policy_kill(p, out);
		return;
	}
	if (p->state != POLICY_DRAINING)
		policy_drain(p, now);
	policy_ask(p, out);
}

static void policy_none_left(struct policy *p, const struct policy_event *ev,
			     struct policy_actions *out)
{
	/* Without a main process's status somebody else has waited for it: a failure of ours. */
	int code = p->main_status < 0 ? p->config->own_failure : policy_exit_code(p->main_status);

	if (ev->guests && policy_minds_guests(p)) {
		policy_none_but_guests(p, ev->now, out);
		return;
	}
	if (p->config->exit_code == CONFIG_EXIT_CODE_LAST && ev->last >= 0)
		code = ev->last;
	if (p->config->exit_code == CONFIG_EXIT_CODE_WORST && ev->worst > code)
		code = ev->worst;
	policy_exit(p, code, out);
}

/* RUNNING, HANDOVER and DRAINING: half-time, deadline, or time to look again. */
static void policy_timer(struct policy *p, const struct policy_event *ev,
			 struct policy_actions *out)
{
	if (ev->now >= p->deadline) {
		p->state = POLICY_KILLING;
		p->round = 1;
		p->look = policy_after(ev->now, POLICY_LOOK_NS);
		policy_kill(p, out);
		return;
	}
	if (ev->now >= p->half)
		p->ask_all = true;
	else if (ev->now < p->look)
		return;
	p->look = policy_after(ev->now, POLICY_LOOK_NS);
	policy_ask(p, out);
}

/* The heirs are told like any other time, and whoever that did not reach is asked. */
static void policy_handover_stop(struct policy *p, const struct policy_event *ev,
				 struct policy_actions *out)
{
	policy_note_stop(p, ev->now);
	policy_drain(p, ev->now);
	out->set = POLICY_FORWARD;
	policy_ask(p, out);
}

static void policy_forward_roots(struct policy *p, const struct policy_event *ev,
				 struct policy_actions *out)
{
	(void)p;
	(void)ev;
	out->set = POLICY_FORWARD_ROOTS;
}

static void policy_draining_stop(struct policy *p, const struct policy_event *ev,
				 struct policy_actions *out)
{
	policy_note_stop(p, ev->now);
	out->set = POLICY_FORWARD_ROOTS;
}

/* A root is gone: its orphans are roots now. Guests come and go without that, so not for each burial
 * is the whole of /proc looked through for them. */
static void policy_look_again(struct policy *p, const struct policy_event *ev,
			      struct policy_actions *out)
{
	(void)ev;
	out->set = p->ask_all ? POLICY_ASK_ALL : POLICY_ASK_ROOTS;
}

static void policy_killing_main_exited(struct policy *p, const struct policy_event *ev,
				       struct policy_actions *out)
{
	p->main_status = ev->status;
	if (p->config->on_exit == CONFIG_ON_EXIT_LEAVE)
		policy_exit(p, policy_exit_code(ev->status), out);
	else
		policy_kill(p, out);
}

static void policy_kill_again(struct policy *p, const struct policy_event *ev,
			      struct policy_actions *out)
{
	(void)ev;
	policy_kill(p, out);
}

static void policy_next_round(struct policy *p, const struct policy_event *ev,
			      struct policy_actions *out)
{
	if (ev->now < p->look)
		return;
	if (p->round < POLICY_LAST_ROUND)
		p->round++;
	p->look = policy_after(ev->now, POLICY_LOOK_NS);
	policy_kill(p, out);
}

#define CELL(event) [POLICY_EV_##event]

static policy_cell *const policy_table[POLICY_STATE_COUNT][POLICY_EVENT_COUNT] = {
	[POLICY_RUNNING] = {
		CELL(SIGNAL) = policy_forward,
		CELL(STOP_SIGNAL) = policy_forward_stop,
		CELL(STOP_HELD) = policy_hold_stop,
		CELL(MAIN_EXITED) = policy_main_exited,
		CELL(MAIN_FOUND) = policy_ignore, /* asked for only when there is none */
		CELL(HEIR_EXITED) = policy_ignore, /* an orphan, of interest to the log only */
		CELL(NONE_LEFT) = policy_none_left,
		CELL(TIMER) = policy_timer,
	},
	[POLICY_HANDOVER] = {
		CELL(SIGNAL) = policy_forward,
		CELL(STOP_SIGNAL) = policy_handover_stop,
		CELL(STOP_HELD) = policy_hold_stop,
		CELL(MAIN_EXITED) = policy_ignore, /* it exited before */
		CELL(MAIN_FOUND) = policy_main_found,
		CELL(HEIR_EXITED) = policy_ignore,
		CELL(NONE_LEFT) = policy_none_left,
		CELL(TIMER) = policy_timer, /* --stop-timeout, with a stop signal that is held back */
	},
	[POLICY_DRAINING] = {
		CELL(SIGNAL) = policy_forward_roots,
		CELL(STOP_SIGNAL) = policy_draining_stop,
		CELL(STOP_HELD) = policy_ignore,   /* nothing is held back from the rest */
		CELL(MAIN_EXITED) = policy_ignore, /* it exited before */
		CELL(MAIN_FOUND) = policy_ignore,  /* too late: all are asked to end */
		CELL(HEIR_EXITED) = policy_look_again,
		CELL(NONE_LEFT) = policy_none_left,
		CELL(TIMER) = policy_timer,
	},
	[POLICY_KILLING] = {
		CELL(SIGNAL) = policy_forward_roots,
		CELL(STOP_SIGNAL) = policy_forward_roots,
		CELL(STOP_HELD) = policy_ignore,
		CELL(MAIN_EXITED) = policy_killing_main_exited,
		CELL(MAIN_FOUND) = policy_ignore,
		CELL(HEIR_EXITED) = policy_kill_again,
		CELL(NONE_LEFT) = policy_none_left,
		CELL(TIMER) = policy_next_round,
	},
	[POLICY_DONE] = {
		CELL(SIGNAL) = policy_ignore,
		CELL(STOP_SIGNAL) = policy_ignore,
		CELL(STOP_HELD) = policy_ignore,
		CELL(MAIN_EXITED) = policy_ignore,
		CELL(MAIN_FOUND) = policy_ignore,
		CELL(HEIR_EXITED) = policy_ignore,
		CELL(NONE_LEFT) = policy_ignore,
		CELL(TIMER) = policy_ignore,
	},
};

void policy_init(struct policy *policy, const struct config *config)
{
	*policy = (struct policy){
		.config = config,
		.state = POLICY_RUNNING,
		.half = POLICY_NEVER,
		.deadline = POLICY_NEVER,
		.look = POLICY_NEVER,
		.main_status = -1,
	};
}

struct policy_actions policy_step(struct policy *policy, const struct policy_event *event)
{
	struct policy_actions out = { 0 };

	policy_table[policy->state][event->type](policy, event, &out);
	return out;
}

void policy_look_by(struct policy *policy, int64_t due)
{
	if (policy->state != POLICY_KILLING)
		policy->look = policy_min(policy->look, due);
}

int64_t policy_deadline(const struct policy *policy)
{
	switch (policy->state) {
	case POLICY_RUNNING:
	case POLICY_HANDOVER:
	case POLICY_DRAINING:
		if (policy->ask_all)
			return policy_min(policy->look, policy->deadline);
		/* Half-time is never after the deadline. */
		return policy_min(policy->look, policy->half);
	case POLICY_KILLING:
		return policy->look;
	case POLICY_DONE:
	case POLICY_STATE_COUNT:
		break;
	}
	return POLICY_NEVER;
}

#define POLICY_NAME(name) #name,

const char *policy_state_name(enum policy_state state)
{
	static const char *const names[] = { POLICY_STATES(POLICY_NAME) };

	return names[state];
}

const char *policy_event_name(enum policy_event_type type)
{
	static const char *const names[] = { POLICY_EVENTS(POLICY_NAME) };

	return names[type];
}
