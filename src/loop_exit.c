/* SPDX-License-Identifier: MIT */
/* loop_exit.c - the main thread's exits: who was buried, who takes over, who is left; see sexton/loop.h. */
#include "loop_part.h"

#include <sys/wait.h>

#include "sexton/log.h"
#include "sexton/signals.h"
#include "sexton/sys.h"

static void loop_say_burial(struct loop *l, const struct exitq_fact *exit)
{
	bool killed = WIFSIGNALED(exit->status);
	struct log_fact fact = {
		.pid = exit->pid,
		.sig = killed ? WTERMSIG(exit->status) : 0,
		.code = policy_exit_code(exit->status),
		.core = killed && WCOREDUMP(exit->status),
	};

	if (!l->told_children)
		log_say(LOG_CHILDREN_DIED, &fact);
	l->told_children = true;
	l->stirred = true;
	if (exit->kind == EXITQ_MAIN)
		log_say(killed ? LOG_MAIN_KILLED : LOG_MAIN_EXITED, &fact);
	else if (l->config->warn_reaped)
		log_say(killed ? LOG_REAPED_KILLED : LOG_REAPED_EXITED, &fact);
	else
		log_say(killed ? LOG_HEIR_KILLED : LOG_HEIR_EXITED, &fact);
}

/* What dumb-init's users read when their command has exited. Who is told, and by whom, is decided
 * elsewhere: the reaper's farewell, or the drain. */
static void loop_say_farewell(const struct loop *l)
{
	struct log_fact fact = { .sig = SIGTERM, .to = l->config->rewrite[SIGTERM] };

	if (!l->config->farewell)
		return;
	if (signals_in(l->config->rewritten, SIGTERM))
		log_say(LOG_SIGNAL_REWRITTEN, &fact);
	if (fact.to == 0) {
		log_say(LOG_SIGNAL_DROPPED, &fact);
		return;
	}
	fact.sig = fact.to;
	log_say(LOG_FORWARDED, &fact);
}

/* The end of a turn. Nothing is said of the time between the last breath and the last burial. */
static void loop_say_calm(struct loop *l, bool none_left)
{
	if (none_left)
		log_say(LOG_NONE_LEFT, &(struct log_fact){ 0 });
	else if (l->stirred && (l->policy.state == POLICY_RUNNING || l->leaving))
		log_say(LOG_NONE_DEAD, &(struct log_fact){ 0 });
	l->stirred = false;
	l->told_children = false;
}

/* The main process has gone. Unless a stop is under way, somebody may have been named to take over. */
static void loop_main_exited(struct loop *l, int status)
{
	struct policy_event event = { .type = POLICY_EV_MAIN_EXITED, .status = status };

	l->main_ended = false; /* whatever its pidfd said: the next one lives */
	if (l->policy.state == POLICY_RUNNING && !l->policy.stopping)
		event.successor =
			successor_find(l->successor, l->config->on_exit == CONFIG_ON_EXIT_WAIT);
	event.now = sys_now();
	loop_step(l, &event, NULL, false);
	if (l->policy.state != POLICY_HANDOVER)
		successor_fini(l->successor);
	if (!l->leaving)
		loop_release(l);
}

/* A main process that is no child of ours has ended. */
static void loop_far_main_ended(struct loop *l)
{
	struct exitq_fact fact = { .kind = EXITQ_MAIN, .pid = l->forward->main_pid };

	if (!successor_ended(l->successor, &fact.status))
		return;
	loop_say_burial(l, &fact);
	loop_main_exited(l, fact.status);
}

/* No child is left, and guests are waited for: what they leave behind becomes ours, and it is us now who
 * must bury it, for the reaper has ended. */
static void loop_linger(struct loop *l)
{
	l->lingering = true;
	reaper_take_over(l->reaper);
	l->polled = l->reaper;
	l->child_died = true; /* some may be dead already */
	loop_listen(l);       /* to SIGCHLD too */
}

/* @guests: some are left, as a look found before wait(2) said that no child is. */
static void loop_none_but_guests(struct loop *l, int last, int worst, bool guests)
{
	struct policy_event event = { .type = POLICY_EV_NONE_LEFT,
				      .last = last,
				      .worst = worst,
				      .guests = guests,
				      .now = sys_now() };

	loop_step(l, &event, NULL, false);
	if (!l->leaving && !l->lingering)
		loop_linger(l);
}

/* The reaper's last word: no child is left. */
static void loop_none_left(struct loop *l, int last, int worst)
{
	struct policy_event event = { .type = POLICY_EV_HEIR_EXITED };
	bool guests;

	/* A main process that is no child of ours has gone with them, and perhaps its pidfd was not looked
	 * at since. Its status comes first. */
	if (l->forward->main_is_far)
		loop_far_main_ended(l);
	if (l->leaving)
		return;
	guests = l->config->guests != CONFIG_GUESTS_IGNORE && drain_guests_left(l->drain);
	if (!guests && l->forward->self == 1) {
		/* One that has ended since may have left us a child, before it was gone: look again. */
		reaper_take_over(l->reaper);
		(void)reaper_poll(l->reaper, LOOP_BATCH);
		if (!l->reaper->alone) {
			loop_linger(l);
			event.now = sys_now();
			loop_step(l, &event, NULL, false);
			return;
		}
	}
	loop_none_but_guests(l, last, worst, guests);
}

/* First the guests, then our children: what a guest leaves behind becomes ours before it is gone. */
void loop_mind_guests(struct loop *l)
{
	bool guests;

	if (!l->lingering || l->leaving)
		return;
	guests = drain_guests_left(l->drain);
	l->child_died = reaper_poll(l->reaper, LOOP_BATCH);
	loop_take_exits(l); /* what is told of them comes before the end */
	if (l->reaper->alone && !l->leaving)
		loop_none_but_guests(l, l->reaper->last, l->reaper->worst, guests);
	else /* a child's end is waited for now; a guest that has ended would be readable all the while */
		drain_forget_guest(l->drain);
}

/* The watched file has changed, or a main process that is not our child has ended. */
void loop_mind_successor(struct loop *l)
{
	if (l->main_ended)
		loop_far_main_ended(l);
	if (l->file_changed && l->policy.state == POLICY_HANDOVER &&
	    successor_changed(l->successor))
		loop_step(l,
			  &(struct policy_event){ .type = POLICY_EV_MAIN_FOUND, .now = sys_now() },
			  NULL, false);
	if (l->policy.state != POLICY_HANDOVER)
		successor_fini(l->successor);
	l->main_ended = false;
	l->file_changed = false;
}

void loop_take_exits(struct loop *l)
{
	struct exitq_fact fact;
	bool none_left = false;

	exitq_hush(l->exits); /* before the first take: [exitq-bell] */
	while (!l->leaving && exitq_take(l->exits, &fact)) {
		struct policy_event event = { .type = POLICY_EV_HEIR_EXITED, .now = sys_now() };

		switch (fact.kind) {
		case EXITQ_HEIR:
			loop_say_burial(l, &fact);
			loop_step(l, &event, NULL, false);
			break;
		case EXITQ_MAIN:
			loop_say_burial(l, &fact);
			loop_say_farewell(l);
			loop_main_exited(l, fact.status);
			break;
		case EXITQ_NONE_LEFT:
			loop_none_left(l, fact.last, fact.worst);
			none_left = l->leaving;
			break;
		case EXITQ_TROUBLE:
			log_line(LOG_WARN, "cannot wait for children: %s; trying again",
				 sys_strerror(-fact.status));
			continue;
		case EXITQ_KIND_COUNT:
			continue;
		}
		if (l->policy.state != POLICY_RUNNING)
			job_buried(l->job);
	}
	/* Leaving without having waited for all (--on-exit=leave): are there any? */
	if (l->leaving && !none_left && !l->config->pause && log_says(LOG_NONE_LEFT))
		none_left = !sys_has_children();
	loop_say_calm(l, none_left);
}
