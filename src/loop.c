/* SPDX-License-Identifier: MIT */
/*
 * loop.c - the main thread: facts -> events, actions -> calls; see sexton/loop.h.
 *
 * One turn: wait, take signals, take exits, mind the clock, and only then carry out what concerns
 * everybody (asking, killing). A thousand burials thus cost one look at /proc, and a drain that
 * found nobody left costs none.
 */
#include "sexton/loop.h"

#include <errno.h>
#include <sys/wait.h>

#include "sexton/log.h"
#include "sexton/signals.h"
#include "sexton/sys.h"

/* Signals taken, and in polled mode zombies buried, before the other kind of fact has its turn. */
#define LOOP_BATCH    64u
/* How long a wait may last when ppoll(2) or its descriptors are not to be had. */
#define LOOP_BLIND_NS INT64_C(20000000)

/* FORWARD goes out at once, for order's sake; looks at everybody wait until all facts are in. */
#define LOOP_LOOKS (POLICY_ASK_ROOTS | POLICY_ASK_ALL | POLICY_KILL | POLICY_KILL_ALL)

static void loop_forward(struct loop *l, const siginfo_t *info, bool is_stop)
{
	char name[SIGNALS_NAME_SIZE];
	struct drain_mark mark = { 0 };
	int r;

	if (is_stop)
		mark = drain_mark(l->drain, sys_boot_ticks()); /* who comes later has not got it */
	r = forward_to_scope(l->forward, info);
	if (r == -ESRCH && l->policy.state != POLICY_RUNNING) {
		drain_forward(l->drain, info, is_stop); /* the scope is gone, its heirs are not */
		return;
	}
	if (r == 0) {
		status_add(&l->status->forwarded, 1);
		log_line(LOG_INFO, "forwarded %s to pid %d", signals_name(info->si_signo, name),
			 l->forward->main_pid);
	} else if (r != -ESRCH) { /* gone: its burial is on the way */
		log_line(LOG_WARN, "cannot forward %s to pid %d: %s",
			 signals_name(info->si_signo, name), l->forward->main_pid,
			 sys_strerror(-r));
	}
	if (is_stop && r == 0)
		drain_note_scope_asked(l->drain, &mark);
}

/* One event into the policy, and its actions out. @info and @is_stop concern FORWARD only. */
static void loop_step(struct loop *l, const struct policy_event *event, const siginfo_t *info,
		      bool is_stop)
{
	enum policy_state before = l->policy.state;
	struct policy_actions actions = policy_step(&l->policy, event);

	if (l->policy.state != before)
		log_line(LOG_INFO, "%s -> %s", policy_state_name(before),
			 policy_state_name(l->policy.state));
	if ((actions.set & POLICY_FORWARD) != 0 && info != NULL)
		loop_forward(l, info, is_stop);
	if ((actions.set & POLICY_FORWARD_ROOTS) != 0 && info != NULL)
		drain_forward(l->drain, info, is_stop);
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
	unsigned int wanted = l->wanted;

	l->wanted = 0;
	if ((wanted & (POLICY_KILL | POLICY_KILL_ALL)) != 0)
		drain_kill(l->drain, l->round, (wanted & POLICY_KILL_ALL) != 0);
	else if ((wanted & POLICY_ASK_ALL) != 0)
		drain_ask(l->drain, PROCTREE_DESCENDANTS);
	else if ((wanted & POLICY_ASK_ROOTS) != 0)
		drain_ask(l->drain, PROCTREE_CHILDREN);
}

/* Did we raise it ourselves: SIGPIPE or SIGXFSZ by a log line, SIGURG for a refused doorbell? */
static bool loop_is_own(const struct loop *l, const siginfo_t *info)
{
	return (info->si_code == SI_USER || info->si_code == SI_TKILL) && info->si_pid == l->self;
}

static void loop_signal(struct loop *l, siginfo_t *info)
{
	struct policy_event event = { .type = POLICY_EV_SIGNAL, .now = sys_now() };
	int from = info->si_signo;
	int to = l->config->rewrite[from];
	bool is_stop;

	if (from == SIGCHLD) { /* waited for in polled mode only */
		l->child_died = true;
		return;
	}
	/* A fault of our own cannot arrive here: blocked, it ends the process (signal(7)). */
	if (loop_is_own(l, info) || (signals_is_synchronous(from) && info->si_code > 0))
		return;
	if (to == 0)
		return; /* --rewrite=FROM:none */
	is_stop = signals_in(l->config->stop_signals, from) ||
		  signals_in(l->config->stop_signals, to);
	if (is_stop)
		event.type = POLICY_EV_STOP_SIGNAL;
	info->si_signo = to;
	loop_step(l, &event, info, is_stop);
}

static void loop_take_signals(struct loop *l)
{
	siginfo_t info;
	int taken = 1;

	for (unsigned int i = 0; i < LOOP_BATCH && !l->leaving && taken > 0; i++) {
		taken = sys_sigwaitinfo(l->mask, &info, 0);
		if (taken > 0)
			loop_signal(l, &info);
	}
	if (taken < 0 && !l->deaf)
		log_line(LOG_WARN, "cannot take signals: %s; trying again", sys_strerror(-taken));
	l->deaf = taken < 0;
}

static void loop_log_burial(const struct loop *l, const struct exitq_fact *fact)
{
	char name[SIGNALS_NAME_SIZE];
	bool is_orphan = fact->kind == EXITQ_HEIR;
	enum log_level level = is_orphan && l->config->warn_reaped ? LOG_WARN : LOG_DEBUG;

	if (fact->kind == EXITQ_MAIN)
		level = LOG_INFO;
	if (WIFSIGNALED(fact->status))
		log_line(level, "buried pid %d: killed by %s%s", fact->pid,
			 signals_name(WTERMSIG(fact->status), name),
			 WCOREDUMP(fact->status) ? " (core dumped)" : "");
	else
		log_line(level, "buried pid %d: exited with %d", fact->pid,
			 WEXITSTATUS(fact->status));
}

static void loop_take_exits(struct loop *l)
{
	struct exitq_fact fact;

	exitq_hush(l->exits); /* before the first take: [exitq-bell] */
	while (!l->leaving && exitq_take(l->exits, &fact)) {
		struct policy_event event = { .now = sys_now(), .status = fact.status };

		switch (fact.kind) {
		case EXITQ_HEIR:
			loop_log_burial(l, &fact);
			event.type = POLICY_EV_HEIR_EXITED;
			break;
		case EXITQ_MAIN:
			loop_log_burial(l, &fact);
			event.type = POLICY_EV_MAIN_EXITED;
			break;
		case EXITQ_NONE_LEFT:
			event.type = POLICY_EV_NONE_LEFT;
			event.last = fact.last;
			event.worst = fact.worst;
			break;
		case EXITQ_TROUBLE:
			log_line(LOG_WARN, "cannot wait for children: %s; trying again",
				 sys_strerror(-fact.status));
			continue;
		case EXITQ_KIND_COUNT:
			continue;
		}
		loop_step(l, &event, NULL, false);
	}
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

	if (due == POLICY_NEVER)
		return;
	event.now = sys_now();
	if (event.now >= due)
		loop_step(l, &event, NULL, false);
}

/* How long the next wait may last, in nanoseconds; -1: until something happens. */
static int64_t loop_timeout(const struct loop *l)
{
	int64_t due = policy_deadline(&l->policy);
	int64_t left = -1;

	if (l->child_died)
		return 0; /* polled mode: more zombies wait */
	if (due != POLICY_NEVER) {
		left = due - sys_now();
		if (left < 0)
			return 0;
	}
	if (l->polled != NULL && l->polled->in_trouble && (left < 0 || left > REAPER_RETRY_NS))
		return REAPER_RETRY_NS;
	return left;
}

static void loop_wait(struct loop *l)
{
	struct pollfd fds[] = {
		{ .fd = l->signal_fd, .events = POLLIN },
		{ .fd = l->exits->bell, .events = POLLIN }, /* a negative one is passed over */
	};
	int64_t timeout = loop_timeout(l);
	siginfo_t info;

	if (l->deaf)
		fds[0].fd = -1; /* ready for ever, as long as its signal cannot be taken */
	else if (l->signal_fd >= 0 && sys_ppoll(fds, 2, timeout) >= 0)
		return;
	/* A descriptor or a call is refused: what is left of them, and look round often. */
	if (timeout < 0 || timeout > LOOP_BLIND_NS)
		timeout = LOOP_BLIND_NS;
	if (l->deaf)
		sys_ignore(sys_ppoll(fds, 2, timeout));
	else if (sys_sigwaitinfo(l->mask, &info, timeout) > 0)
		loop_signal(l, &info);
}

int loop_run(struct loop *l)
{
	policy_init(&l->policy, l->config);
	l->self = sys_getpid();
	l->mask = SIGNALS_ALL;
	if (l->polled == NULL)
		l->mask &= ~SIGNALS_BIT(SIGCHLD); /* a storm of exits must not wake this thread */
	l->wanted = 0;
	l->round = 0;
	l->child_died = l->polled != NULL; /* some may be dead already */
	l->deaf = false;
	l->leaving = false;
	while (!l->leaving) {
		loop_wait(l);
		loop_take_signals(l);
		loop_poll_reaper(l);
		loop_take_exits(l);
		loop_mind_clock(l);
		if (!l->leaving)
			loop_carry_out(l);
	}
	return l->exit_code;
}
