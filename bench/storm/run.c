/* SPDX-License-Identifier: MIT */
/*
 * run.c - see run.h; how the init is started is in launch.c.
 */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "interrupt.h"
#include "launch.h"

#define RUN_LOOK        (50 * CLOCK_MS) /* how long a blow of fate may stay unnoticed */
#define RUN_START_LIMIT (10 * CLOCK_S)  /* for an init to run its command */
#define RUN_STAGE_LIMIT (300 * CLOCK_S) /* for the inside, which is ours: something is very wrong */

/* Has the init ended? */
static bool run_gone(struct run *run)
{
	if (run->gone || waitpid(run->pid, &run->status, WNOHANG) != run->pid)
		return run->gone;
	run->gone_at = clock_now();
	run->gone = true;
	return true;
}

/* The end of what the init has written to its stderr. */
static void run_take_words(struct run *run)
{
	char *words = run->result.words;
	off_t end = lseek(run->words, 0, SEEK_END);
	off_t start = end > RESULT_WORDS ? end - RESULT_WORDS : 0;
	ssize_t size = end < 0 ? -1 : pread(run->words, words, RESULT_WORDS, start);
	ssize_t rest;

	if (size < 0)
		size = 0;
	while (size > 0 && words[size - 1] == '\n')
		size--;
	words[size] = '\0';
	for (ssize_t i = 0; i < size; i++)
		if (words[i] == '\0')
			words[i] = ' ';
	/* The cut may have gone through a character. */
	for (rest = 0; start > 0 && (words[rest] & 0xc0) == 0x80; rest++)
		;
	memmove(words, words + rest, (size_t)(size - rest + 1));
}

static int run_died(struct run *run)
{
	static const char early[] = "ended before the measurement was over";

	run_take_words(run);
	if (WIFEXITED(run->status))
		return result_fail(&run->result, "%s: exit status %d", early,
				   WEXITSTATUS(run->status));
	return result_fail(&run->result, "%s: killed by signal %d (%s)", early,
			   WTERMSIG(run->status), strsignal(WTERMSIG(run->status)));
}

int run_check(struct run *run)
{
	if (interrupt_pending())
		return -EINTR;
	/* Who gives up stays until the namespace ends, and its reason counts for more. */
	if (atomic_load(&run->shared->stage) == SHARED_FAILED)
		return result_cannot(&run->result, "%s", run->shared->complaint);
	if (run_gone(run))
		return run_died(run);
	return 0;
}

int run_await_word(struct run *run, _Atomic uint32_t *word, uint32_t old, int64_t ns)
{
	int64_t limit = clock_now() + ns;
	int64_t left = ns;

	/* Sleeps before it looks at anything else: who waits for a signal's way through the init must
	 * not take a processor from it. */
	while (atomic_load(word) == old) {
		int error;

		if (left <= 0)
			return 1;
		shared_wait(word, old, left < RUN_LOOK ? left : RUN_LOOK);
		if (atomic_load(word) != old)
			return 0;
		error = run_check(run);
		if (error < 0)
			return error;
		left = limit - clock_now();
	}
	return 0;
}

static int run_await_within(struct run *run, enum shared_stage stage, int64_t ns)
{
	_Atomic uint32_t *word = &run->shared->stage;
	uint32_t now;

	while ((now = atomic_load(word)) < stage) {
		int error = run_await_word(run, word, now, ns);

		if (error != 0)
			return error;
	}
	return now == SHARED_FAILED ? run_check(run) : 0;
}

int run_await(struct run *run, enum shared_stage stage)
{
	int error = run_await_within(run, stage, RUN_STAGE_LIMIT);

	if (error > 0)
		return result_fail(&run->result, "the command behind it came to no end");
	return error;
}

int run_await_exit(struct run *run, int64_t ns)
{
	int64_t limit = clock_now() + ns;
	sigset_t child;

	/* SIGCHLD is blocked, so one that comes between two looks is taken at the second. */
	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	while (!run_gone(run)) {
		struct timespec look = clock_span(RUN_LOOK);

		if (interrupt_pending())
			return -EINTR;
		if (clock_now() > limit)
			return 1;
		(void)sigtimedwait(&child, NULL, &look);
	}
	return 0;
}

int run_pause(struct run *run, int64_t ns)
{
	int64_t limit = clock_now() + ns;
	int64_t left = ns;

	do {
		int error = run_check(run);

		if (error < 0)
			return error;
		clock_pause(left < RUN_LOOK ? left : RUN_LOOK);
		left = limit - clock_now();
	} while (left > 0);
	return run_check(run);
}

void run_order(struct run *run, enum shared_order order)
{
	shared_set(&run->shared->order, order);
}

int run_unreadable(struct run *run, const char *what, int error)
{
	int check = run_check(run);

	if (check < 0)
		return check;
	return result_cannot(&run->result, "the init's %s cannot be read: %s", what,
			     strerror(-error));
}

/*
 * In a container all processes share one cgroup of the processor. Without it the scheduler gives each
 * session an equal part (sched(7), autogroups), and an init whose command has a session of its own gets
 * half of it alone.
 */
static void run_share_cpu(struct run *run)
{
	int error = cgroup_make(&run->cpu, &cgroup_cpu, 0);

	if (error == 0)
		memcpy(run->shared->home, run->cpu.home, SHARED_PATH);
	else
		result_note(&run->result,
			    "no cpu cgroup can be made here (%s): inits that give the command a "
			    "session are favoured, unless kernel.sched_autogroup_enabled is 0",
			    strerror(-error));
}

int run_prepare(struct run *run)
{
	run->shared = shared_make(run->path);
	if (run->shared == NULL)
		return result_cannot(&run->result, "no shared file can be made in /tmp: %s",
				     strerror(errno));
	memcpy(run->shared->values, run->values, sizeof(run->values));
	run->shared->patience = run->patience;
	run->pid = 0;
	run->gone = false;
	run->words = -1;
	run->cgroup = NULL;
	run_share_cpu(run);
	return 0;
}

int run_launch(struct run *run)
{
	int error = launch_init(run);

	if (error < 0)
		return error;
	error = run_await_within(run, SHARED_STARTED, RUN_START_LIMIT);
	if (error > 0)
		return result_fail(&run->result, "did not run its command within 10 s");
	(void)unlink(run->path);
	run->path[0] = '\0';
	return error;
}

void run_end(struct run *run)
{
	if (run->shared == NULL)
		return;
	if (run->pid > 0 && !run->gone) {
		/* All of the namespace dies with it, and is gone when the wait returns. */
		(void)kill(run->pid, SIGKILL);
		(void)waitpid(run->pid, &run->status, 0);
		run->gone = true;
	}
	cgroup_remove(&run->cpu);
	if (run->path[0] != '\0')
		(void)unlink(run->path);
	if (run->words >= 0)
		(void)close(run->words);
	shared_unmap(run->shared);
	run->shared = NULL;
}

int run_once(struct run *run, int (*measure)(struct run *run))
{
	int error = run_prepare(run);

	if (error == 0)
		error = run_launch(run);
	if (error == 0)
		error = measure(run);
	run_end(run);
	return error;
}
