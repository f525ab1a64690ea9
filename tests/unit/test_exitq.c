/* SPDX-License-Identifier: MIT */
/*
 * test_exitq.c - the queue and its doorbell, alone and with two threads.
 *
 * The ordering test is the one that matters: a lost wake-up is for ever, for only the post that
 * finds the queue empty rings, and a queue that nobody empties is never empty again. So a taker
 * that waits at the bell in vain for TEST_PATIENCE_MS has found one. tests/mutants builds this file
 * against wrong queues, which must not pass.
 */
#include "sexton/exitq.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#ifndef TEST_PATIENCE_MS
#define TEST_PATIENCE_MS 30000
#endif
#ifndef TEST_POSTS
#define TEST_POSTS 2000000
#endif

static struct exitq test_q;

/*
 * Linked with --wrap: the two calls at the bell let the other thread run first or next, now and
 * then, so that the narrow places are wide on any machine, one with a single processor too.
 */
int __real_sys_eventfd_ring(int fd);
int __real_sys_eventfd_clear(int fd);
int __wrap_sys_eventfd_ring(int fd);
int __wrap_sys_eventfd_clear(int fd);

static void yield_now_and_then(void)
{
	static _Thread_local unsigned int random = 1;

	random = random * 1103515245 + 12345;
	if ((random >> 16) % 8 == 0)
		sched_yield();
}

int __wrap_sys_eventfd_ring(int fd)
{
	int r;

	yield_now_and_then();
	r = __real_sys_eventfd_ring(fd);
	yield_now_and_then();
	return r;
}

int __wrap_sys_eventfd_clear(int fd)
{
	yield_now_and_then();
	return __real_sys_eventfd_clear(fd);
}

static bool post(enum exitq_kind kind, int number)
{
	const struct exitq_fact fact = {
		.kind = kind, .pid = number + 1, .status = number, .last = -1, .worst = -1
	};

	return exitq_post(&test_q, &fact);
}

static void take(enum exitq_kind kind, int number)
{
	struct exitq_fact fact;

	assert_true(exitq_take(&test_q, &fact));
	assert_int_equal(fact.kind, kind);
	assert_int_equal(fact.pid, number + 1);
	assert_int_equal(fact.status, number);
	assert_int_equal(fact.last, -1);
	assert_int_equal(fact.worst, -1);
}

static void nothing_to_take(void)
{
	struct exitq_fact fact;

	assert_false(exitq_take(&test_q, &fact));
}

static bool bell_rings_within(int limit_ms)
{
	struct pollfd bell = { .fd = test_q.bell, .events = POLLIN };

	return poll(&bell, 1, limit_ms) == 1;
}

static bool bell_rings(void)
{
	return bell_rings_within(0);
}

static int setup(void **state)
{
	(void)state;
	return exitq_init(&test_q);
}

static int teardown(void **state)
{
	(void)state;
	return close(test_q.bell);
}

static void a_new_queue_is_empty_and_silent(void **state)
{
	(void)state;
	assert_false(bell_rings());
	nothing_to_take();
	assert_false(bell_rings());
}

static void a_fact_arrives_whole(void **state)
{
	const struct exitq_fact fact = {
		.kind = EXITQ_NONE_LEFT, .pid = 7, .status = 8, .last = 9, .worst = 10
	};
	struct exitq_fact got = { 0 };

	(void)state;
	assert_true(exitq_post(&test_q, &fact));
	assert_true(exitq_take(&test_q, &got));
	assert_int_equal(got.kind, fact.kind);
	assert_int_equal(got.pid, fact.pid);
	assert_int_equal(got.status, fact.status);
	assert_int_equal(got.last, fact.last);
	assert_int_equal(got.worst, fact.worst);
	nothing_to_take();
}

static void the_first_post_rings_and_the_next_need_not(void **state)
{
	(void)state;
	assert_true(post(EXITQ_HEIR, 0));
	assert_true(bell_rings());
	exitq_hush(&test_q);
	assert_true(post(EXITQ_HEIR, 1));
	/* The taker is awake and has not emptied the queue yet: a second ring is a wasted write. */
	assert_false(bell_rings());
	take(EXITQ_HEIR, 0);
	take(EXITQ_HEIR, 1);
	nothing_to_take();
	assert_true(post(EXITQ_HEIR, 2));
	assert_true(bell_rings());
}

static void hush_silences_and_may_be_repeated(void **state)
{
	(void)state;
	assert_true(post(EXITQ_HEIR, 0));
	exitq_hush(&test_q);
	assert_false(bell_rings());
	exitq_hush(&test_q);
	take(EXITQ_HEIR, 0);
}

static void a_post_between_hush_and_take_is_taken_or_announced(void **state)
{
	(void)state;
	assert_true(post(EXITQ_HEIR, 0));
	exitq_hush(&test_q);
	take(EXITQ_HEIR, 0);
	assert_true(post(EXITQ_HEIR, 1));
	take(EXITQ_HEIR, 1);
	nothing_to_take();
	/* Announced as well, once too often, which costs a look; too seldom would cost the exit. */
	assert_true(bell_rings());
}

static void heirs_are_dropped_when_the_pool_is_empty_and_only_they(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < EXITQ_POOL; i++)
		assert_true(post(EXITQ_HEIR, i));
	assert_false(post(EXITQ_HEIR, EXITQ_POOL));
	assert_false(post(EXITQ_HEIR, EXITQ_POOL));
	assert_true(post(EXITQ_MAIN, 1000));
	assert_true(post(EXITQ_TROUBLE, 1001));
	assert_true(post(EXITQ_NONE_LEFT, 1002));
	for (i = 0; i < EXITQ_POOL; i++)
		take(EXITQ_HEIR, i);
	take(EXITQ_MAIN, 1000);
	take(EXITQ_TROUBLE, 1001);
	take(EXITQ_NONE_LEFT, 1002);
	nothing_to_take();
}

static void a_record_that_was_taken_can_be_posted_again(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < EXITQ_POOL; i++)
		assert_true(post(EXITQ_HEIR, i));
	take(EXITQ_HEIR, 0);
	assert_true(post(EXITQ_HEIR, EXITQ_POOL));
	assert_false(post(EXITQ_HEIR, EXITQ_POOL + 1));
	for (i = 1; i <= EXITQ_POOL; i++)
		take(EXITQ_HEIR, i);
	nothing_to_take();
}

static void the_facts_with_records_of_their_own_use_none_of_the_pool(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3 * EXITQ_POOL; i++) {
		assert_true(post(EXITQ_TROUBLE, i));
		take(EXITQ_TROUBLE, i);
	}
	for (i = 0; i < EXITQ_POOL; i++)
		assert_true(post(EXITQ_HEIR, i));
	assert_false(post(EXITQ_HEIR, i));
}

/* A poster that was stopped between the two halves of an enqueue: the tail is moved, the link from
 * the record before it is not made yet. */
static void a_half_done_post_is_not_waited_for_but_rings(void **state)
{
	struct exitq_record *record = &test_q.own[EXITQ_MAIN];

	(void)state;
	record->fact = (struct exitq_fact){
		.kind = EXITQ_MAIN, .pid = 6, .status = 5, .last = -1, .worst = -1
	};
	cds_wfcq_node_init(&record->node);
	test_q.posted_tail.p = &record->node;

	exitq_hush(&test_q);
	nothing_to_take();
	assert_true(bell_rings());

	test_q.posted_head.node.next = &record->node;
	exitq_hush(&test_q);
	take(EXITQ_MAIN, 5);
	nothing_to_take();
	assert_false(bell_rings());
}

static void init_passes_up_the_error_of_eventfd(void **state)
{
	struct rlimit old;
	struct rlimit none;
	struct exitq q;
	int r;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	r = exitq_init(&q);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(r, -EMFILE);
}

/* What the two threads of the ordering test share beside the queue. */
struct ordering {
	_Atomic bool give_up;   /* taker -> poster: it failed, go home */
	_Atomic uint64_t taken; /* taker -> poster: how many so far */
	uint64_t dropped;       /* poster's, read after the join */
	uint64_t attempts;
};

/*
 * Only posts that were accepted get a number, so the taker must see 0, 1, 2 ... without a gap. Now
 * and then the poster lets the taker empty the queue: the moment at which it falls asleep is where
 * wake-ups get lost, and a queue that is always full never comes near it.
 */
static void *poster(void *arg)
{
	struct ordering *o = arg;
	unsigned int random = 1;
	unsigned int until_pause = 1;
	int number = 0;

	while (number < TEST_POSTS && !atomic_load(&o->give_up)) {
		o->attempts++;
		if (!post(EXITQ_HEIR, number)) {
			o->dropped++;
			sched_yield();
			continue;
		}
		number++;
		if (--until_pause > 0)
			continue;
		random = random * 1103515245 + 12345;
		until_pause = 1 + (random >> 16) % 32;
		while (atomic_load(&o->taken) + (random >> 24) % 4 < (uint64_t)number &&
		       !atomic_load(&o->give_up))
			sched_yield();
	}
	/* As the reaper does it, whatever the state of the pool. */
	if (!post(EXITQ_MAIN, number) || !post(EXITQ_NONE_LEFT, number + 1))
		atomic_store(&o->give_up, true);
	return NULL;
}

/* Takes until NONE_LEFT has come. Returns NULL, or what went wrong. */
static const char *taker(struct ordering *o)
{
	struct exitq_fact fact;
	int number = 0;

	for (;;) {
		if (!bell_rings_within(TEST_PATIENCE_MS))
			return "nobody rang: a wake-up or a fact was lost";
		exitq_hush(&test_q);
		while (exitq_take(&test_q, &fact)) {
			if (fact.status != number || fact.pid != number + 1)
				return "a fact was lost, doubled, torn or out of order";
			if (fact.kind == EXITQ_NONE_LEFT)
				return number == TEST_POSTS + 1 ? NULL : "the end came early";
			if (fact.kind != (number == TEST_POSTS ? EXITQ_MAIN : EXITQ_HEIR))
				return "a fact of the wrong kind";
			number++;
			atomic_store(&o->taken, (uint64_t)number);
		}
	}
}

static void two_million_posts_arrive_once_each_and_in_order(void **state)
{
	struct ordering o = { 0 };
	const char *wrong;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, poster, &o), 0);
	wrong = taker(&o);
	if (wrong)
		atomic_store(&o.give_up, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	if (wrong)
		fail_msg("%s (after %llu)", wrong, (unsigned long long)o.taken);
	assert_false(o.give_up);
	assert_int_equal(o.attempts, TEST_POSTS + o.dropped);
	nothing_to_take();
}

/* The reaper in a storm: it never waits for main, so most of this is dropped, and counted. */
static void *storm(void *arg)
{
	struct ordering *o = arg;
	int number = 0;

	for (o->attempts = 0; o->attempts < TEST_POSTS; o->attempts++) {
		if (post(EXITQ_HEIR, number))
			number++;
		else
			o->dropped++;
	}
	o->taken = (uint64_t)number;
	if (!post(EXITQ_MAIN, number) || !post(EXITQ_NONE_LEFT, number + 1))
		atomic_store(&o->give_up, true);
	return NULL;
}

static void a_storm_drops_heirs_counts_them_and_never_loses_the_end(void **state)
{
	struct ordering o = { 0 };
	const char *wrong = NULL;
	struct exitq_fact fact = { 0 };
	pthread_t thread;
	int number = 0;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, storm, &o), 0);
	while (!wrong && fact.kind != EXITQ_NONE_LEFT) {
		if (!bell_rings_within(TEST_PATIENCE_MS))
			wrong = "nobody rang: a wake-up or a fact was lost";
		exitq_hush(&test_q);
		while (!wrong && exitq_take(&test_q, &fact))
			if (fact.status != number++)
				wrong = "a fact was lost, doubled or out of order";
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	if (wrong)
		fail_msg("%s (at %d)", wrong, number);
	assert_false(o.give_up);
	assert_int_equal(number, o.taken + 2);
	assert_int_equal(o.taken + o.dropped, TEST_POSTS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_queue_is_empty_and_silent),
		TEST(a_fact_arrives_whole),
		TEST(the_first_post_rings_and_the_next_need_not),
		TEST(hush_silences_and_may_be_repeated),
		TEST(a_post_between_hush_and_take_is_taken_or_announced),
		TEST(heirs_are_dropped_when_the_pool_is_empty_and_only_they),
		TEST(a_record_that_was_taken_can_be_posted_again),
		TEST(the_facts_with_records_of_their_own_use_none_of_the_pool),
		TEST(a_half_done_post_is_not_waited_for_but_rings),
		TEST(init_passes_up_the_error_of_eventfd),
		TEST(two_million_posts_arrive_once_each_and_in_order),
		TEST(a_storm_drops_heirs_counts_them_and_never_loses_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
