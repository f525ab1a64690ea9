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
	struct log_fact fact = { .sig = info->si_signo, .pid = l->forward->main_pid };
	struct drain_mark mark = { 0 };
	int r;

	if (is_stop)
		mark = drain_mark(l->drain, sys_boot_ticks()); /* who comes later has not got it */
	r = forward_to_scope(l->forward, info);
	if (r == -ESRCH && l->policy.state != POLICY_RUNNING) {
		drain_forward(l->drain, info, is_stop); /* the scope is gone, its heirs are not */
		return;
	}
	fact.err = -r;
	if (r == 0)
		status_add(&l->status->forwarded, 1);
	/* Gone: its burial is on the way. */
	log_say(r == 0        ? LOG_FORWARDED
		: r == -ESRCH ? LOG_FORWARD_TOO_LATE
			      : LOG_FORWARD_REFUSED,
		&fact);
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
	if ((actions.set & (POLICY_FORWARD | POLICY_FORWARD_ROOTS)) != 0 && info != NULL)
		log_say(LOG_PASSING, &(struct log_fact){ .sig = info->si_signo });
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

/* Has the command got it already, from the terminal that sent it to the whole foreground? HUP goes
 * to the session's leader alone. */
static bool loop_is_shared(const struct loop *l, const siginfo_t *info)
{
	static const uint64_t shared = SIGNALS_BIT(SIGINT) | SIGNALS_BIT(SIGQUIT) |
				       SIGNALS_BIT(SIGTSTP) | SIGNALS_BIT(SIGTTIN) |
				       SIGNALS_BIT(SIGTTOU) | SIGNALS_BIT(SIGWINCH);

	return l->config->tty_signals_once && info->si_code == SI_KERNEL &&
	       signals_in(shared, info->si_signo);
}

/* Was it sent by the terminal that we left? Then it is for nobody. The kernel names us as the sender,
 * for it was our ioctl. */
static bool loop_is_handoff(struct loop *l, const siginfo_t *info)
{
	bool by_terminal = info->si_code == SI_KERNEL || loop_is_own(l, info);

	if (!by_terminal || !signals_in(l->handoff, info->si_signo))
		return false;
	l->handoff &= ~SIGNALS_BIT(info->si_signo);
	log_say(LOG_SIGNAL_OF_HANDOFF, &(struct log_fact){ .sig = info->si_signo });
	return true;
}

/*
 * Stops us with the command that was just told to stop; PID 1 the kernel lets run. Where the
 * terminal told both of us, with the signal it sent: the kernel stops nobody whom nobody could
 * continue (an orphaned process group, setpgid(2)), and then we must not stop either.
 */
static void loop_suspend(struct loop *l, int sig, bool shared)
{
	log_say(LOG_SUSPENDING, &(struct log_fact){ 0 });
	/* Whatever is refused: we just go on. */
	if (!shared) {
		sys_ignore(sys_kill(l->self, SIGSTOP));
	} else if (sys_kill(l->self, sig) == 0) {
		sys_ignore(sys_sigmask(SIG_UNBLOCK, SIGNALS_BIT(sig), NULL)); /* here we stop */
		sys_ignore(sys_sigmask(SIG_BLOCK, SIGNALS_BIT(sig), NULL));
	}
}

/* @info as it is to be sent on, its number already rewritten from @from. */
static void loop_pass_on(struct loop *l, siginfo_t *info, int from)
{
	struct policy_event event = { .type = POLICY_EV_SIGNAL, .now = sys_now() };
	bool had_it = from == info->si_signo && loop_is_shared(l, info);
	bool is_stop = signals_in(l->config->stop_signals, from) ||
		       signals_in(l->config->stop_signals, info->si_signo);

	if (is_stop)
		event.type = POLICY_EV_STOP_SIGNAL;
	/* What a shell says. Rewritten, or with a value, it is a message, and forwarded like any. */
	if (from == SIGCONT && info->si_signo == SIGCONT && info->si_code != SI_QUEUE &&
	    job_continued(l->job) && l->policy.state == POLICY_RUNNING)
		had_it = true; /* the command; its heirs have not */
	loop_step(l, &event, had_it ? NULL : info, is_stop);
	if (l->config->pause && l->leaving)
		log_say(LOG_PAUSE_ENDS, &(struct log_fact){ .sig = from });
}

static void loop_signal(struct loop *l, siginfo_t *info)
{
	int from = info->si_signo;
	struct log_fact fact = { .sig = from, .to = l->config->rewrite[from] };
	bool shared;

	if (from == SIGCHLD) { /* waited for in polled mode and for job control only */
		l->child_died = l->polled != NULL;
		job_mind(l->job);
		return;
	}
	/* A fault of our own cannot arrive here: blocked, it ends the process (signal(7)). */
	if ((loop_is_own(l, info) && !signals_in(l->handoff, from)) ||
	    (signals_is_synchronous(from) && info->si_code > 0))
		return;
	l->stirred = true;
	log_say(LOG_SIGNAL, &fact);
	if (loop_is_handoff(l, info) || job_take_key(l->job, info))
		return;
	shared = loop_is_shared(l, info);
	if (fact.to != from || signals_in(l->config->rewritten, from))
		log_say(LOG_SIGNAL_REWRITTEN, &fact);
	if (fact.to == 0) {
		log_say(LOG_SIGNAL_DROPPED, &fact); /* --rewrite=FROM:none */
	} else {
		info->si_signo = fact.to;
		loop_pass_on(l, info, from);
	}
	if (signals_in(l->config->suspend_on, from) && !l->leaving)
		loop_suspend(l, from, shared);
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

static void loop_take_exits(struct loop *l)
{
	struct exitq_fact fact;
	bool none_left = false;

	exitq_hush(l->exits); /* before the first take: [exitq-bell] */
	while (!l->leaving && exitq_take(l->exits, &fact)) {
		struct policy_event event = { .now = sys_now(), .status = fact.status };

		switch (fact.kind) {
		case EXITQ_HEIR:
			loop_say_burial(l, &fact);
			event.type = POLICY_EV_HEIR_EXITED;
			break;
		case EXITQ_MAIN:
			loop_say_burial(l, &fact);
			loop_say_farewell(l);
			event.type = POLICY_EV_MAIN_EXITED;
			break;
		case EXITQ_NONE_LEFT:
			event.type = POLICY_EV_NONE_LEFT;
			event.last = fact.last;
			event.worst = fact.worst;
			none_left = true;
			break;
		case EXITQ_TROUBLE:
			log_line(LOG_WARN, "cannot wait for children: %s; trying again",
				 sys_strerror(-fact.status));
			continue;
		case EXITQ_KIND_COUNT:
			continue;
		}
		loop_step(l, &event, NULL, false);
		if (l->policy.state != POLICY_RUNNING)
			job_buried(l->job);
	}
	/* Leaving without having waited for all (--on-exit=leave): are there any? */
	if (l->leaving && !none_left && !l->config->pause && log_says(LOG_NONE_LEFT))
		none_left = !sys_has_children();
	loop_say_calm(l, none_left);
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

uint64_t loop_mask(const struct loop *l)
{
	/* A storm of exits must not wake this thread: the reaper's, and no shell's job. */
	if (l->polled == NULL && !l->job->watching)
		return SIGNALS_ALL & ~SIGNALS_BIT(SIGCHLD);
	return SIGNALS_ALL;
}

int loop_run(struct loop *l)
{
	policy_init(&l->policy, l->config);
	l->self = sys_getpid();
	l->mask = loop_mask(l);
	l->wanted = 0;
	l->round = 0;
	l->child_died = l->polled != NULL; /* some may be dead already */
	l->deaf = false;
	l->stirred = false;
	l->told_children = false;
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
	job_fini(l->job);
	log_say(LOG_LEAVING, &(struct log_fact){ .code = l->exit_code });
	return l->exit_code;
}
