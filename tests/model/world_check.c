/* SPDX-License-Identifier: MIT */
/*
 * world_check.c - the rules that no story may break.
 *
 * They are written from the manual and not from policy.c: deadlines are worked out here once more,
 * from the moments at which the user's clock begins.
 */
#include "world.h"

#include <stddef.h>

static bool does(const struct world_step *step, unsigned int actions)
{
	return (step->actions.set & actions) != 0;
}

static bool has_come(int64_t when, int64_t now)
{
	return when != POLICY_NEVER && now >= when;
}

int64_t world_deadline(const struct world *w, int64_t *ret_half)
{
	const struct config *c = w->policy.config;
	int64_t deadline = POLICY_NEVER;

	*ret_half = POLICY_NEVER;
	if (w->left_at != POLICY_NEVER && c->on_exit == CONFIG_ON_EXIT_DRAIN &&
	    c->grace_ns != CONFIG_NO_LIMIT) {
		deadline = w->left_at + c->grace_ns;
		*ret_half = w->left_at + c->grace_ns / 2;
	}
	if (w->stop_at != POLICY_NEVER && c->stop_timeout_ns != CONFIG_NO_LIMIT &&
	    w->stop_at + c->stop_timeout_ns < deadline) {
		deadline = w->stop_at + c->stop_timeout_ns;
		*ret_half = w->stop_at + c->stop_timeout_ns / 2;
	}
	return deadline;
}

static int exit_code_wanted(const struct world *w)
{
	int main_code = policy_exit_code(w->policy.main_status);

	switch (w->policy.config->exit_code) {
	case CONFIG_EXIT_CODE_MAIN:
		break;
	case CONFIG_EXIT_CODE_LAST:
		return w->last >= 0 ? w->last : main_code;
	case CONFIG_EXIT_CODE_WORST:
		return w->worst > main_code ? w->worst : main_code;
	}
	return main_code;
}

static void check_exit(struct world *w, const struct world_step *step)
{
	bool leaves = w->policy.config->on_exit == CONFIG_ON_EXIT_LEAVE;

	if (!does(step, POLICY_EXIT)) {
		if (w->policy.state == POLICY_DONE)
			world_break(w, "the state is DONE without an EXIT");
		if (step->event.type == POLICY_EV_NONE_LEFT)
			world_break(w, "nobody is left, and there is no EXIT");
		return;
	}
	if (step->before == POLICY_DONE)
		world_break(w, "a second EXIT");
	if (w->policy.state != POLICY_DONE)
		world_break(w, "EXIT without the state DONE");
	if (w->procs[w->main].alive)
		world_break(w, "EXIT while the main process is alive");
	if (world_anybody_alive(w) && !leaves)
		world_break(w, "EXIT while somebody is alive");
	if (!leaves && step->event.type != POLICY_EV_NONE_LEFT)
		world_break(w, "EXIT before wait said that nobody is left");
	if (step->actions.exit_code != exit_code_wanted(w))
		world_break(w, "EXIT with the wrong code");
}

void world_check_actions(struct world *w, const struct world_step *step)
{
	const unsigned int kills = POLICY_KILL | POLICY_KILL_ALL;
	const unsigned int asks = POLICY_ASK_ROOTS | POLICY_ASK_ALL;
	bool is_signal =
		step->event.type == POLICY_EV_SIGNAL || step->event.type == POLICY_EV_STOP_SIGNAL;
	int64_t half;
	int64_t deadline = world_deadline(w, &half);

	if (w->policy.state >= POLICY_STATE_COUNT || !policy_state_name(w->policy.state))
		world_break(w, "a state that is none");
	check_exit(w, step);

	if (does(step, kills) && !has_come(deadline, step->event.now))
		world_break(w, "SIGKILL before the deadline");
	if (does(step, kills) && step->actions.round < 1)
		world_break(w, "a round of SIGKILL without a number");
	if (does(step, POLICY_KILL_ALL) && step->actions.round < POLICY_LAST_ROUND)
		world_break(w, "KILL_ALL before the last round");
	if (does(step, POLICY_ASK_ALL) && !has_come(half, step->event.now))
		world_break(w, "everybody is asked before half of the deadline");
	if (does(step, POLICY_ASK_ROOTS) && w->procs[w->main].alive)
		world_break(w, "roots are asked while the main process is alive");
	if (does(step, asks | kills) && w->left_at == POLICY_NEVER && w->stop_at == POLICY_NEVER)
		world_break(w, "somebody is asked in a run that nobody ended");

	if (!is_signal && does(step, POLICY_FORWARD | POLICY_FORWARD_ROOTS))
		world_break(w, "FORWARD without a signal");
	if (is_signal && step->before != POLICY_DONE &&
	    !does(step, POLICY_FORWARD | POLICY_FORWARD_ROOTS))
		world_break(w, "a signal goes nowhere");
	if (is_signal && step->before == POLICY_RUNNING && !does(step, POLICY_FORWARD))
		world_break(w, "a signal does not reach the main process");
}

static void check_everybody_told(struct world *w, bool roots_only, const char *rule)
{
	for (int i = 0; i < WORLD_PROCS; i++) {
		const struct world_proc *p = &w->procs[i];

		if (p->alive && !p->told && !p->doomed && (!roots_only || p->parent == WORLD_US))
			world_break(w, rule);
	}
}

/* The timer that is set next, and what the one that went off must have done. */
static void check_timer(struct world *w, const struct world_step *step)
{
	int64_t now = step->event.now;
	int64_t next = policy_deadline(&w->policy);
	int64_t half;
	int64_t deadline = world_deadline(w, &half);
	bool busy = w->policy.state == POLICY_DRAINING || w->policy.state == POLICY_KILLING;
	bool at_rest = (w->policy.state == POLICY_HANDOVER || w->policy.state == POLICY_RUNNING) &&
		       deadline == POLICY_NEVER;

	if (at_rest && next != POLICY_NEVER)
		world_break(w, "a timer runs at rest");
	if (busy && (next == POLICY_NEVER || next > now + POLICY_LOOK_NS))
		world_break(w, "nobody looks for new children");
	if (w->policy.state != POLICY_KILLING && w->policy.state != POLICY_DONE && next > deadline)
		world_break(w, "the timer comes after the deadline");

	if (step->event.type != POLICY_EV_TIMER || step->before == POLICY_DONE)
		return;
	if (next <= now)
		world_break(w, "a deadline in the past is left standing");
	if (!has_come(half, now))
		return;
	if (!has_come(deadline, now)) {
		check_everybody_told(w, false, "half of the deadline is over, not all are asked");
	} else if (w->policy.state != POLICY_KILLING) {
		world_break(w, "the deadline is over and nobody kills");
	}
}

void world_check_outcome(struct world *w, const struct world_step *step)
{
	if (w->policy.state == POLICY_HANDOVER && w->procs[w->main].alive)
		world_break(w, "there is a main process, and it is not known");
	check_timer(w, step);
	if (does(step, POLICY_ASK_ROOTS))
		check_everybody_told(w, true, "ASK_ROOTS left out a root");
	if (does(step, POLICY_ASK_ALL | POLICY_KILL))
		check_everybody_told(w, false, "ASK_ALL or KILL left out somebody");
	if (w->policy.state == POLICY_DRAINING && (step->event.type == POLICY_EV_MAIN_EXITED ||
						   step->event.type == POLICY_EV_HEIR_EXITED))
		check_everybody_told(w, true, "an exit made a new root, and it is not asked");
}

void world_check_done(struct world *w)
{
	for (int type = 0; type < POLICY_EVENT_COUNT; type++) {
		struct policy policy = w->policy;
		const struct policy_event event = { .type = (enum policy_event_type)type,
						    .now = WORLD_NOW + 1000 * POLICY_LOOK_NS };

		if (policy_step(&policy, &event).set != 0)
			world_break(w, "an action after EXIT");
		if (policy.state != POLICY_DONE || policy_deadline(&policy) != POLICY_NEVER)
			world_break(w, "EXIT is not the end");
	}
}
