/* SPDX-License-Identifier: MIT */
/*
 * reuse_crowd.c - bystanders, as many as there are numbers, each for a moment; see reuse.h.
 *
 * A number that sexton frees is wanted at once: when all are taken, the crowd tries again and again
 * to make one more before it lets its oldest go. Bystanders are made with CLONE_VM, which copies no
 * memory: a tenth of the price of fork(2).
 */
#include "reuse.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_SIZE 8192
/* How often a crowd asks for a number that is not there before it gives one back. */
#define TRIES      8

/* Of so many bystanders one has a session of its own. For the scheduler each session is a party by
 * itself (sched(7), "The autogroup feature"): with half a hundred of them ready to run, whoever holds a
 * lock of the kernel that all need, DAMON that of libc's mapping, waits long for its turn. */
#define PER_SESSION 16

enum standing {
	STANDING_ALONE,  /* in the crowd's own group */
	STANDING_LEADER, /* of a process group: a stale group number finds it */
	STANDING_SESSION,
};

static struct {
	char stacks[REUSE_END][STACK_SIZE] __attribute__((aligned(16)));
	int free[REUSE_END]; /* a pile of free stacks */
	int free_count;
	int stack_of[REUSE_END]; /* by PID */
	uint32_t living;
	uint32_t made;
	int leave[2]; /* a byte for each that is to leave; the oldest reader gets it */
} crowd;

/* In the bystander. It shares our memory, errno too: system calls that cannot fail only. */
static int stand_by(void *arg)
{
	enum standing standing = (enum standing)(intptr_t)arg;
	char c;

	if (standing == STANDING_LEADER)
		syscall(SYS_setpgid, 0, 0);
	else if (standing == STANDING_SESSION)
		syscall(SYS_setsid);
	while (syscall(SYS_read, crowd.leave[0], &c, 1) != 1)
		;
	syscall(SYS_exit, 0);
	return 0;
}

static bool make_one(struct reuse *shared)
{
	enum standing standing = crowd.made % PER_SESSION == 0 ? STANDING_SESSION
				 : crowd.made % 2 == 0         ? STANDING_LEADER
							       : STANDING_ALONE;
	int stack = crowd.free[crowd.free_count - 1];
	pid_t pid = clone(stand_by, crowd.stacks[stack] + STACK_SIZE, CLONE_VM | SIGCHLD,
			  (void *)(intptr_t)standing);

	if (pid < 0 && errno != EAGAIN)
		reuse_give_up("clone of a bystander");
	if (pid < 0)
		return false;
	crowd.free_count--;
	crowd.stack_of[pid] = stack;
	crowd.living++;
	crowd.made++;
	atomic_fetch_add_explicit(&shared->born[pid], 1, memory_order_relaxed);
	return true;
}

static void note_hit(struct reuse *shared, pid_t pid, int sig)
{
	if (atomic_fetch_add(&shared->hit.count, 1) > 0)
		return;
	shared->hit.pid = (uint32_t)pid;
	shared->hit.sig = (uint32_t)sig;
	shared->hit.round = shared->round;
}

static void bury_one(struct reuse *shared)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);

	if (pid < 0)
		reuse_give_up("wait for a bystander");
	crowd.free[crowd.free_count++] = crowd.stack_of[pid];
	crowd.living--;
	if (WIFSIGNALED(status))
		note_hit(shared, pid, WTERMSIG(status));
}

/* All at once: on a busy machine they wait for their turns together, not one after the other. */
static void let_go(struct reuse *shared, uint32_t count)
{
	char bytes[REUSE_END] = { 0 };

	if (write(crowd.leave[1], bytes, count) != (ssize_t)count)
		reuse_give_up("let some leave");
	for (uint32_t i = 0; i < count; i++)
		bury_one(shared);
}

static void tell_full(struct reuse *shared)
{
	uint32_t full = atomic_fetch_add(&shared->full, 1) + 1;

	if (atomic_exchange(&shared->wanted, 0) != 0)
		reuse_tell(&shared->full, full);
}

static void set_up(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL); /* bystanders inherit it */
	if (pipe(crowd.leave) < 0)
		reuse_give_up("pipe");
	for (int i = 0; i < REUSE_END; i++)
		crowd.free[crowd.free_count++] = i;
}

/* With room for sexton and its family, and at rest: who starts shall not have to push in. */
static void make_room(struct reuse *shared)
{
	if (crowd.living > REUSE_WITH_ROOM)
		let_go(shared, crowd.living - REUSE_WITH_ROOM);
	while (crowd.living < REUSE_WITH_ROOM && make_one(shared))
		;
}

static void take_all(struct reuse *shared)
{
	for (int tries = 0; tries < TRIES && shared->needy == 0;)
		if (!make_one(shared)) {
			tell_full(shared);
			tries++;
		}
	if (crowd.living == 0) /* the others have all the numbers */
		sched_yield();
	else
		let_go(shared, 1);
}

void reuse_crowd(struct reuse *shared, int number)
{
	set_up();
	for (uint32_t round = 1;; round++) {
		reuse_await(&shared->round, round, "no next round");
		make_room(shared);
		reuse_tell(&shared->roomy[number], round);
		reuse_await(&shared->crowded, round, "nobody wants a crowd");
		while (shared->round == round)
			take_all(shared);
	}
}
