/* SPDX-License-Identifier: MIT */
/*
 * test_target.c - no signal goes to a number that may have been freed.
 *
 * The process table is an array of flags: a burial clears one, and a reader that finds it cleared
 * inside its section would have signalled a stranger. tests/mutants builds this file against a
 * target.c that does not wait, which must not pass.
 */
#include "sexton/target.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

/* A retire that waits for itself would hang: SIGALRM ends the test and fails it. */
#define TEST_LIMIT_S 120

#define ROUNDS   1000
#define CHILDREN 8
#define MAIN_PID 100

static int enter(void **state)
{
	(void)state;
	target_reader_enter();
	return 0;
}

static int leave(void **state)
{
	(void)state;
	target_reader_leave();
	return 0;
}

static pid_t main_of(struct target *t)
{
	pid_t pid = target_lock_main(t);

	target_unlock(t);
	return pid;
}

static pid_t left_out_of(struct target *t)
{
	pid_t pid = target_lock_children(t);

	target_unlock(t);
	return pid;
}

static void the_main_process_can_be_signalled_until_it_is_retired(void **state)
{
	struct target t;

	(void)state;
	target_init(&t, MAIN_PID, false);
	assert_int_equal(main_of(&t), MAIN_PID);
	assert_int_equal(main_of(&t), MAIN_PID);
	target_retire(&t, MAIN_PID);
	assert_int_equal(main_of(&t), 0);
	target_buried(&t);
	assert_int_equal(main_of(&t), 0);
}

static void who_is_adopted_can_be_signalled_until_it_is_retired(void **state)
{
	struct target t;

	(void)state;
	target_init(&t, MAIN_PID, false);
	target_retire(&t, MAIN_PID);
	target_adopt(&t, MAIN_PID + 1);
	assert_int_equal(main_of(&t), MAIN_PID + 1);
	target_retire(&t, MAIN_PID); /* a new owner of the old number */
	assert_int_equal(main_of(&t), MAIN_PID + 1);
	target_retire(&t, MAIN_PID + 1);
	assert_int_equal(main_of(&t), 0);
}

static void who_is_disowned_is_signalled_by_nobody(void **state)
{
	struct target t;

	(void)state;
	target_init(&t, MAIN_PID, false);
	target_retire(&t, MAIN_PID);
	target_adopt(&t, MAIN_PID + 1);
	target_disown(&t, MAIN_PID + 1);
	assert_int_equal(main_of(&t), 0);
	target_adopt(&t, MAIN_PID + 2);
	assert_int_equal(main_of(&t), MAIN_PID + 2);
}

static void retiring_a_stranger_leaves_the_main_process(void **state)
{
	struct target t;

	(void)state;
	target_init(&t, MAIN_PID, false);
	target_retire(&t, MAIN_PID + 1);
	target_buried(&t);
	assert_int_equal(main_of(&t), MAIN_PID);
}

static void retiring_a_stranger_waits_for_nobody(void **state)
{
	struct target t;

	(void)state;
	target_init(&t, MAIN_PID, false);
	assert_int_equal(target_lock_main(&t), MAIN_PID);
	/* From inside the section: a grace period would never end. */
	target_retire(&t, MAIN_PID + 1);
	target_buried(&t);
	target_unlock(&t);
	assert_int_equal(main_of(&t), MAIN_PID);
}

static void a_child_that_is_being_buried_is_left_out_until_it_is_buried(void **state)
{
	struct target t;

	(void)state;
	target_init(&t, MAIN_PID, true);
	assert_int_equal(left_out_of(&t), 0);
	target_retire(&t, 7);
	assert_int_equal(left_out_of(&t), 7);
	assert_int_equal(main_of(&t), MAIN_PID);
	target_buried(&t);
	assert_int_equal(left_out_of(&t), 0);
}

static void the_main_process_is_left_out_like_any_child(void **state)
{
	struct target t;

	(void)state;
	target_init(&t, MAIN_PID, true);
	target_retire(&t, MAIN_PID);
	assert_int_equal(left_out_of(&t), MAIN_PID);
	assert_int_equal(main_of(&t), 0);
	target_buried(&t);
	assert_int_equal(left_out_of(&t), 0);
	assert_int_equal(main_of(&t), 0);
}

/* One container: its targets, and its process table. */
struct grave_yard {
	struct target target;
	_Atomic bool exists[CHILDREN]; /* of pid MAIN_PID + index; cleared by the burial */
	_Atomic bool reader_is_here;
};

static struct grave_yard yards[ROUNDS];

static void yards_open(bool guard_all)
{
	int round;
	int child;

	for (round = 0; round < ROUNDS; round++) {
		target_init(&yards[round].target, MAIN_PID, guard_all);
		for (child = 0; child < CHILDREN; child++)
			yards[round].exists[child] = true;
		yards[round].reader_is_here = false;
	}
}

static void bury(struct grave_yard *yard, int child)
{
	target_retire(&yard->target, MAIN_PID + child);
	atomic_store_explicit(&yard->exists[child], false, memory_order_relaxed);
	target_buried(&yard->target);
}

/* Relaxed on purpose: the flag must not lend the section an order it has not got of its own. */
static bool exists(struct grave_yard *yard, int child)
{
	return atomic_load_explicit(&yard->exists[child], memory_order_relaxed);
}

/* Is it there until the kill(2)? In between the burier gets every chance it could wish for. */
static bool stays(struct grave_yard *yard, int child)
{
	bool there = exists(yard, child);

	sched_yield();
	for (int i = 0; i < 100; i++)
		there = there && exists(yard, child);
	return there;
}

static void wait_for_reader(struct grave_yard *yard)
{
	while (!atomic_load(&yard->reader_is_here))
		sched_yield();
}

static void *bury_main_of_each_yard(void *arg)
{
	int round;

	(void)arg;
	target_reader_enter();
	for (round = 0; round < ROUNDS; round++) {
		wait_for_reader(&yards[round]);
		bury(&yards[round], 0);
	}
	target_reader_leave();
	return NULL;
}

static void *bury_all_of_each_yard(void *arg)
{
	int round;
	int child;

	(void)arg;
	target_reader_enter();
	for (round = 0; round < ROUNDS; round++) {
		wait_for_reader(&yards[round]);
		for (child = CHILDREN - 1; child >= 0; child--)
			bury(&yards[round], child);
	}
	target_reader_leave();
	return NULL;
}

/* Signals the main process until it is gone. Returns how often that hit a freed number. */
static int signal_main(struct grave_yard *yard)
{
	int strangers = 0;
	pid_t pid;

	do {
		pid = target_lock_main(&yard->target);
		atomic_store(&yard->reader_is_here, true);
		if (pid != 0 && !stays(yard, pid - MAIN_PID))
			strangers++;
		target_unlock(&yard->target);
	} while (pid != 0);
	return strangers;
}

/* Signals all children until there are none. The list is read inside the section, as /proc is. */
static int signal_children(struct grave_yard *yard)
{
	int strangers = 0;
	int children;

	do {
		bool list[CHILDREN];
		pid_t left_out = target_lock_children(&yard->target);
		int child;

		children = 0;
		for (child = 0; child < CHILDREN; child++) {
			list[child] = exists(yard, child);
			children += list[child];
		}
		atomic_store(&yard->reader_is_here, true);
		for (child = 0; child < CHILDREN; child++)
			if (list[child] && MAIN_PID + child != left_out && !stays(yard, child))
				strangers++;
		target_unlock(&yard->target);
	} while (children > 0);
	return strangers;
}

static void many_rounds(bool guard_all, void *(*burier)(void *),
			int (*reader)(struct grave_yard *yard))
{
	int strangers = 0;
	pthread_t thread;
	int round;

	yards_open(guard_all);
	assert_int_equal(pthread_create(&thread, NULL, burier, NULL), 0);
	for (round = 0; round < ROUNDS; round++)
		strangers += reader(&yards[round]);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(strangers, 0);
}

static void nobody_signals_a_main_process_that_was_freed(void **state)
{
	(void)state;
	many_rounds(false, bury_main_of_each_yard, signal_main);
}

static void nobody_signals_a_child_that_was_freed(void **state)
{
	(void)state;
	many_rounds(true, bury_all_of_each_yard, signal_children);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_main_process_can_be_signalled_until_it_is_retired),
		TEST(who_is_adopted_can_be_signalled_until_it_is_retired),
		TEST(who_is_disowned_is_signalled_by_nobody),
		TEST(retiring_a_stranger_leaves_the_main_process),
		TEST(retiring_a_stranger_waits_for_nobody),
		TEST(a_child_that_is_being_buried_is_left_out_until_it_is_buried),
		TEST(the_main_process_is_left_out_like_any_child),
		TEST(nobody_signals_a_main_process_that_was_freed),
		TEST(nobody_signals_a_child_that_was_freed),
	};

	(void)alarm(TEST_LIMIT_S);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
