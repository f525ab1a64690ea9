/* SPDX-License-Identifier: MIT */
/*
 * sender.c - see sender.h.
 */
#include "sender.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "clock.h"
#include "inside.h"
#include "realtime.h"

#define SENDER_SIGNAL      SIGUSR1
#define SENDER_WARM_UP     20
#define SENDER_STORM_LIMIT (60 * CLOCK_S)
#define SENDER_LOST_MOST   20 /* in a row: nothing will come any more */

struct sender_tally {
	int64_t sent;
	int64_t lost;
	int lost_in_a_row;
	uint32_t dice;
};

static sigset_t sender_set(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SENDER_SIGNAL);
	return set;
}

void sender_block(void)
{
	sigset_t set = sender_set();

	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

_Noreturn void sender_receive(struct shared *shared)
{
	sigset_t set = sender_set();
	/* Out of the init's: a new cgroup has no share for real-time processes (RT_GROUP_SCHED), and what we
	 * need of the processor is not the namespace's. */
	int error = *shared->home != '\0' ? inside_move(shared->home) : 0;

	shared->realtime = error < 0 ? -error : -realtime_enter();
	shared_set(&shared->stage, SHARED_READY);
	for (;;) {
		if (sigwaitinfo(&set, NULL) != SENDER_SIGNAL)
			continue;
		atomic_store(&shared->last, clock_now());
		shared_raise(&shared->count);
	}
}

/* The next pause: spread out, so that the sender keeps no step with what it measures, and the same in
 * each run (xorshift). */
static int64_t sender_gap(uint32_t *dice, struct sender_pace pace)
{
	*dice ^= *dice << 13;
	*dice ^= *dice >> 17;
	*dice ^= *dice << 5;
	return pace.least +
	       (int64_t)((double)*dice / UINT32_MAX * (double)(pace.most - pace.least));
}

/* One signal: 0, and the latency in *ret_ns; 1 if it was lost. */
static int sender_try(struct run *run, int64_t *ret_ns)
{
	struct shared *shared = run->shared;
	uint32_t seen = atomic_load(&shared->count);
	int64_t start = clock_now();
	int error;

	if (kill(run->pid, SENDER_SIGNAL) != 0)
		return run_unreadable(run, "signals", -errno);
	error = run_await_word(run, &shared->count, seen, run->patience);
	if (error == 0)
		*ret_ns = atomic_load(&shared->last) - start;
	return error;
}

static int sender_await_storm(struct run *run)
{
	int error = run_await_word(run, &run->shared->storming, 0, SENDER_STORM_LIMIT);

	return error > 0 ? result_cannot(&run->result, "the load came to no end of its storms")
			 : error;
}

static int sender_loop(struct run *run, int64_t signals, struct sender_pace pace,
		       struct sender_tally *tally)
{
	for (int64_t i = -SENDER_WARM_UP; i < signals; i++) {
		int64_t latency = 0;
		int error = pace.in_storms ? sender_await_storm(run) : 0;
		int lost = error < 0 ? error : sender_try(run, &latency);

		if (lost < 0)
			return lost;
		if (i >= 0) {
			tally->sent++;
			tally->lost += lost;
			if (lost == 0 && result_sample(&run->result, "latency_ns", latency) < 0)
				return result_cannot(&run->result, "no memory for the samples");
		}
		tally->lost_in_a_row = lost ? tally->lost_in_a_row + 1 : 0;
		if (tally->lost_in_a_row == SENDER_LOST_MOST) {
			if (i < 0) /* not one has come: then these are what counts */
				tally->sent = tally->lost = SENDER_LOST_MOST;
			result_note(&run->result, "stopped after %d lost signals in a row",
				    SENDER_LOST_MOST);
			return 0;
		}
		error = run_pause(run, sender_gap(&tally->dice, pace));
		if (error < 0)
			return error;
	}
	return 0;
}

int sender_send(struct run *run, int64_t signals, struct sender_pace pace)
{
	struct sender_tally tally = { .dice = 2463534242U };
	int inside = run->shared->realtime;
	int outside = -realtime_enter();
	int error = sender_loop(run, signals, pace, &tally);

	realtime_leave();
	if (inside != 0 || outside != 0)
		result_note(
			&run->result,
			"sender and receiver are ordinary processes, for SCHED_FIFO is refused: %s",
			strerror(outside != 0 ? outside : inside));
	result_figure(&run->result, "sent", (double)tally.sent);
	result_figure(&run->result, "lost", (double)tally.lost);
	result_figure(&run->result, "realtime", inside == 0 && outside == 0);
	return error;
}
