/* SPDX-License-Identifier: MIT */
/* loop_signal.c - the main thread's signals: taken, held back, passed on; see sexton/loop.h. */
#include "loop_part.h"

#include <errno.h>

#include "sexton/log.h"
#include "sexton/signals.h"
#include "sexton/sys.h"

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

static bool loop_is_stop(const struct loop *l, int from, int to)
{
	return signals_in(l->config->stop_signals, from) || signals_in(l->config->stop_signals, to);
}

void loop_deliver(struct loop *l, const siginfo_t *info, int from, bool had_it)
{
	bool is_stop = loop_is_stop(l, from, info->si_signo);
	struct policy_event event = { .type = POLICY_EV_SIGNAL };

	/* With a successor there is a main process to send it to again. */
	if (l->policy.state == POLICY_HANDOVER && successor_ask(l->successor))
		loop_step(l,
			  &(struct policy_event){ .type = POLICY_EV_MAIN_FOUND, .now = sys_now() },
			  NULL, false);
	if (is_stop)
		event.type = POLICY_EV_STOP_SIGNAL;
	event.now = sys_now();
	loop_step(l, &event, had_it ? NULL : info, is_stop);
}

/* Is it to be held back (--delay)? From the rest, when the main process has gone, nothing is. */
static bool loop_hold(struct loop *l, const siginfo_t *info, int from)
{
	struct policy_event event = { .type = POLICY_EV_STOP_HELD, .now = sys_now() };
	char name[SIGNALS_NAME_SIZE];

	if ((l->policy.state != POLICY_RUNNING && l->policy.state != POLICY_HANDOVER) ||
	    !delay_hold(&l->delay, from, event.now))
		return false;
	l->held[from] = *info;
	log_line(LOG_INFO, "%s is held back for %l ms", signals_name(from, name),
		 l->config->delay_ns[from] / 1000000);
	event.due = l->delay.due[from];
	if (loop_is_stop(l, from, info->si_signo))
		loop_step(l, &event, NULL, false);
	return true;
}

void loop_release(struct loop *l)
{
	for (int from = 1; from <= SIGNALS_MAX && l->delay.held != 0; from++) {
		if (!delay_take(&l->delay, from))
			continue;
		if (!loop_is_stop(l, from, l->held[from].si_signo))
			loop_deliver(l, &l->held[from], from, false);
	}
}

/* @info as it is to be sent on, its number already rewritten from @from. */
static void loop_pass_on(struct loop *l, siginfo_t *info, int from)
{
	bool had_it = from == info->si_signo && loop_is_shared(l, info);

	/* What a shell says. Rewritten, or with a value, it is a message, and forwarded like any. */
	if (from == SIGCONT && info->si_signo == SIGCONT && info->si_code != SI_QUEUE &&
	    job_continued(l->job) && l->policy.state == POLICY_RUNNING)
		had_it = true; /* the command; its heirs have not */
	if (!had_it && !l->config->pause && loop_hold(l, info, from))
		return;
	/* A second one is for now, and the first with it: twice the same, or, where signals queue, both. */
	if (delay_take(&l->delay, from) && from >= SIGNALS_QUEUED)
		loop_deliver(l, &l->held[from], from, false);
	loop_deliver(l, info, from, had_it);
	if (l->config->pause && l->leaving)
		log_say(LOG_PAUSE_ENDS, &(struct log_fact){ .sig = from });
}

void loop_signal(struct loop *l, siginfo_t *info)
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

/* Those that stay in our own queue, in their order, while one waits for room: until that is full too and
 * their sender is told (sigqueue(3), EAGAIN). A stop is never kept from the policy. */
static uint64_t loop_queued(const struct loop *l)
{
	uint64_t queued = 0;

	for (int from = 1; from <= SIGNALS_MAX; from++) {
		int to = l->config->rewrite[from];

		if (to >= SIGNALS_QUEUED && !loop_is_stop(l, from, to))
			queued |= SIGNALS_BIT(from);
	}
	return queued;
}

void loop_listen(struct loop *l)
{
	l->mask = loop_mask(l) & (l->room_at == POLICY_NEVER ? UINT64_MAX : ~loop_queued(l));
	l->misled = l->signal_fd >= 0 && sys_signalfd(l->signal_fd, l->mask) < 0;
}

bool loop_keep(struct loop *l, const siginfo_t *info, bool is_stop)
{
	if (info->si_signo < SIGNALS_QUEUED || l->room_at != POLICY_NEVER)
		return false;
	log_warn_once(&l->told_full, "a real-time signal waits for room in the receiver's queue",
		      -EAGAIN);
	l->waiting = *info;
	l->waiting_is_stop = is_stop;
	l->room_at = sys_now() + l->room_after;
	if (l->room_after < 32 * LOOP_ROOM_NS)
		l->room_after *= 2;
	loop_listen(l);
	return true;
}

void loop_retry(struct loop *l)
{
	siginfo_t info = l->waiting;

	l->room_at = POLICY_NEVER;
	if (l->policy.state == POLICY_RUNNING)
		loop_forward(l, &info, l->waiting_is_stop);
	else /* it was for a main process that has gone */
		log_say(LOG_FORWARD_TOO_LATE,
			&(struct log_fact){ .sig = info.si_signo, .pid = l->forward->main_pid });
	if (l->room_at != POLICY_NEVER)
		return; /* no room yet */
	l->room_after = LOOP_ROOM_NS;
	loop_listen(l);
}

void loop_take_signals(struct loop *l)
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
