/* SPDX-License-Identifier: MIT */
/*
 * flood.c - queued real-time signals with values, as fast as they can be sent.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "run.h"
#include "scenario.h"

enum { FLOOD_SIGNALS };

#define FLOOD_PAUSE  (50 * CLOCK_US) /* of a sender that was refused */
#define FLOOD_LOOK   CLOCK_MS
#define FLOOD_UNSEEN 4096 /* signals between two looks at anything else */

/* SIGRTMIN itself is a favourite of libraries. */
static int flood_signal(void)
{
	return SIGRTMIN + 1;
}

static void flood_take(struct shared *shared, const siginfo_t *info, int64_t *highest)
{
	int64_t value = info->si_value.sival_int;

	if (info->si_code != SI_QUEUE || value < 0 || value >= shared->values[FLOOD_SIGNALS] ||
	    shared->seen[value]) {
		shared->wrong++;
	} else {
		shared->seen[value] = 1;
		if (value < *highest)
			shared->disordered++;
		else
			*highest = value;
	}
	atomic_store(&shared->last, clock_now());
	(void)atomic_fetch_add(&shared->count,
			       1); /* wakes nobody: that would cost more than a signal */
}

static void flood_inside(struct shared *shared)
{
	int64_t highest = -1;
	siginfo_t info;
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, flood_signal());
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	shared_set(&shared->stage, SHARED_READY);
	for (;;)
		if (sigwaitinfo(&set, &info) == flood_signal())
			flood_take(shared, &info, &highest);
}

struct flood_tally {
	int64_t sent;
	int64_t refused;
	int64_t begun;
};

/* When something last went in or came out. */
static int64_t flood_last_move(struct run *run, int64_t accepted)
{
	int64_t last = atomic_load(&run->shared->last);

	return last > accepted ? last : accepted;
}

static int flood_send(struct run *run, struct flood_tally *tally)
{
	int64_t signals = run->values[FLOOD_SIGNALS];
	int64_t accepted = clock_now();

	tally->begun = accepted;
	while (tally->sent < signals) {
		union sigval value = { .sival_int = (int)tally->sent };
		int error;

		if (sigqueue(run->pid, flood_signal(), value) == 0) {
			error = ++tally->sent % FLOOD_UNSEEN == 0 ? run_check(run) : 0;
			if (error < 0)
				return error;
			continue;
		}
		if (errno != EAGAIN)
			return run_unreadable(run, "signals", -errno);
		if (tally->refused++ == 0 || tally->sent == 0)
			accepted = clock_now();
		error = run_pause(run, FLOOD_PAUSE);
		if (error < 0)
			return error;
		if (clock_now() - flood_last_move(run, accepted) > run->patience)
			return 0; /* its queue stays full: what was sent is what counts */
	}
	return 0;
}

/* Until all have arrived, or none has for as long as the patience lasts. */
static int flood_await(struct run *run, const struct flood_tally *tally)
{
	int64_t accepted = clock_now();

	while (atomic_load(&run->shared->count) < tally->sent &&
	       clock_now() - flood_last_move(run, accepted) <= run->patience) {
		int error = run_pause(run, FLOOD_LOOK);

		if (error < 0)
			return error;
	}
	return 0;
}

static void flood_tell(struct run *run, const struct flood_tally *tally)
{
	struct result *result = &run->result;
	const struct shared *shared = run->shared;
	int64_t delivered = atomic_load(&run->shared->count);
	int64_t span = atomic_load(&run->shared->last) - tally->begun;
	struct rlimit limit;

	result_figure(result, "sent", (double)tally->sent);
	result_figure(result, "delivered", (double)delivered);
	result_figure(result, "lost",
		      (double)(delivered < tally->sent ? tally->sent - delivered : 0));
	result_figure(result, "out_of_order", shared->disordered);
	result_figure(result, "wrong_value", shared->wrong);
	result_figure(result, "refused", (double)tally->refused);
	if (delivered > 0 && span > 0)
		result_figure(result, "signals_per_s",
			      (double)delivered * (double)CLOCK_S / (double)span);
	if (getrlimit(RLIMIT_SIGPENDING, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		result_note(result, "at most %llu signals may be queued here (RLIMIT_SIGPENDING)",
			    (unsigned long long)limit.rlim_cur);
}

static int flood_measure(struct run *run)
{
	struct flood_tally tally = { 0 };
	int error = run_await(run, SHARED_READY);

	if (error < 0)
		return error;
	error = flood_send(run, &tally);
	if (error == 0)
		error = flood_await(run, &tally);
	flood_tell(run, &tally);
	return error;
}

static int flood_outside(struct run *run)
{
	return run_once(run, flood_measure);
}

const struct scenario flood_scenario = {
	.name = "flood",
	.purpose = "queued real-time signals as fast as they can be sent",
	.params = { [FLOOD_SIGNALS] = { "signals", "how many", 100000, 1, SHARED_SIGNALS, NULL } },
	.patience_ms = 2000,
	.outside = flood_outside,
	.inside = flood_inside,
};
