/* SPDX-License-Identifier: MIT */
/*
 * test_asked.c - who was asked already.
 *
 * The memory is the test's own, so that it can be counted and refused.
 */
#include "sexton/asked.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sexton/sys.h"

#define FIRST (128 * sizeof(struct asked_entry)) /* bytes, on one page */

static size_t test_mapped; /* bytes mapped now */
static bool test_no_memory;

void *sys_map(size_t size)
{
	void *memory = test_no_memory ? NULL : calloc(1, size);

	if (memory)
		test_mapped += size;
	return memory;
}

void sys_unmap(void *memory, size_t size)
{
	assert_true(test_mapped >= size);
	test_mapped -= size;
	free(memory);
}

static bool everybody_lives(pid_t pid, uint64_t start)
{
	(void)pid;
	(void)start;
	return true;
}

static bool nobody_lives(pid_t pid, uint64_t start)
{
	(void)pid;
	(void)start;
	return false;
}

static bool every_third_lives(pid_t pid, uint64_t start)
{
	(void)start;
	return pid % 3 == 0;
}

static bool nobody_may_ask_me(pid_t pid, uint64_t start)
{
	(void)start;
	fail_msg("pid %d was looked at without need", (int)pid);
	return true;
}

static void add(struct asked *asked, pid_t pid, uint64_t start, int round)
{
	assert_int_equal(asked_reserve(asked, everybody_lives), 0);
	asked_add(asked, pid, start, round);
}

static int setup(void **state)
{
	static struct asked asked;

	test_mapped = 0;
	test_no_memory = false;
	asked_init(&asked);
	*state = &asked;
	return 0;
}

static int teardown(void **state)
{
	asked_fini(*state);
	return test_mapped == 0 ? 0 : -1;
}

static void an_empty_table_maps_nothing_and_finds_nobody(void **state)
{
	struct asked *asked = *state;

	assert_int_equal(test_mapped, 0);
	assert_null(asked_find(asked, 1, 1));
}

static void the_first_reserve_maps_one_page(void **state)
{
	struct asked *asked = *state;

	assert_int_equal(asked_reserve(asked, nobody_may_ask_me), 0);
	assert_int_equal(test_mapped, FIRST);
	assert_int_equal(asked->used, 0);
}

static void who_was_added_is_found_with_its_round(void **state)
{
	struct asked *asked = *state;
	const struct asked_entry *entry;

	add(asked, 42, 1000, 3);
	entry = asked_find(asked, 42, 1000);
	assert_non_null(entry);
	assert_int_equal(entry->pid, 42);
	assert_int_equal(entry->start, 1000);
	assert_int_equal(entry->round, 3);
}

static void a_recycled_number_is_a_new_process(void **state)
{
	struct asked *asked = *state;

	add(asked, 42, 1000, 0);
	assert_null(asked_find(asked, 42, 1001));
	add(asked, 42, 1001, 2);
	assert_int_equal(asked_find(asked, 42, 1000)->round, 0);
	assert_int_equal(asked_find(asked, 42, 1001)->round, 2);
	assert_int_equal(asked->used, 2);
}

static void adding_what_is_there_changes_nothing(void **state)
{
	struct asked *asked = *state;

	add(asked, 42, 1000, 1);
	add(asked, 42, 1000, 2);
	assert_int_equal(asked->used, 1);
	assert_int_equal(asked_find(asked, 42, 1000)->round, 1);
}

static void thousands_of_the_living_are_all_kept(void **state)
{
	struct asked *asked = *state;
	pid_t pid;

	for (pid = 1; pid <= 20000; pid++)
		add(asked, pid, (uint64_t)pid * 7, pid % 5);
	for (pid = 1; pid <= 20000; pid++) {
		const struct asked_entry *entry = asked_find(asked, pid, (uint64_t)pid * 7);

		assert_non_null(entry);
		assert_int_equal(entry->round, pid % 5);
	}
	assert_int_equal(asked->used, 20000);
	assert_null(asked_find(asked, 20001, 7));
}

static void capacity_is_a_power_of_two_and_never_full(void **state)
{
	struct asked *asked = *state;
	pid_t pid;

	for (pid = 1; pid <= 5000; pid++) {
		add(asked, pid, 1, 0);
		assert_int_equal(asked->capacity & (asked->capacity - 1), 0);
		assert_true(asked->used <= asked->capacity / 4 * 3);
	}
}

static void the_dead_are_forgotten_before_the_table_doubles(void **state)
{
	struct asked *asked = *state;
	pid_t pid;

	/* 30,000 come and go: the memory is that of the first page all the time. */
	for (pid = 1; pid <= 30000; pid++) {
		assert_int_equal(asked_reserve(asked, nobody_lives), 0);
		asked_add(asked, pid, 1, 0);
		assert_int_equal(test_mapped, FIRST);
	}
}

static void forgetting_keeps_each_of_the_living(void **state)
{
	struct asked *asked = *state;
	pid_t pid;

	for (pid = 1; pid <= 3000; pid++) {
		assert_int_equal(asked_reserve(asked, every_third_lives), 0);
		asked_add(asked, pid, (uint64_t)pid, 1);
	}
	for (pid = 3; pid <= 3000; pid += 3)
		assert_non_null(asked_find(asked, pid, (uint64_t)pid));
	/* A thousand live: 2,048 slots hold them below three quarters. */
	assert_true(asked->capacity <= 2048);
}

static void the_living_are_not_looked_at_while_there_is_room(void **state)
{
	struct asked *asked = *state;
	int i;

	for (i = 0; i < 96; i++) { /* three quarters of the first 128 */
		assert_int_equal(asked_reserve(asked, nobody_may_ask_me), 0);
		asked_add(asked, i + 1, 1, 0);
	}
}

static void no_memory_for_the_first_page_is_told(void **state)
{
	struct asked *asked = *state;

	test_no_memory = true;
	assert_int_equal(asked_reserve(asked, everybody_lives), -ENOMEM);
	assert_null(asked_find(asked, 1, 1));
	test_no_memory = false;
	assert_int_equal(asked_reserve(asked, everybody_lives), 0);
}

static void no_memory_to_double_uses_what_is_left_and_loses_nobody(void **state)
{
	struct asked *asked = *state;
	pid_t pid;
	pid_t last;
	int r = 0;

	assert_int_equal(asked_reserve(asked, everybody_lives), 0);
	test_no_memory = true;
	for (pid = 1; pid <= 1000; pid++) {
		r = asked_reserve(asked, everybody_lives);
		if (r < 0)
			break;
		asked_add(asked, pid, 1, 0);
	}
	assert_int_equal(r, -ENOMEM);
	last = pid - 1;
	assert_int_equal(last, 127); /* one of 128 stays free, or a search would never end */
	for (pid = 1; pid <= last; pid++)
		assert_non_null(asked_find(asked, pid, 1));
	assert_null(asked_find(asked, 1000, 1));
}

static void the_dead_make_room_when_there_is_no_memory(void **state)
{
	struct asked *asked = *state;
	pid_t pid;

	assert_int_equal(asked_reserve(asked, everybody_lives), 0);
	test_no_memory = true;
	for (pid = 1; pid <= 127; pid++) {
		assert_int_equal(asked_reserve(asked, everybody_lives), 0);
		asked_add(asked, pid, 1, 0);
	}
	assert_int_equal(asked_reserve(asked, every_third_lives), 0);
	assert_int_equal(asked->used, 42);
	for (pid = 1; pid <= 127; pid++)
		assert_int_equal(asked_find(asked, pid, 1) != NULL, pid % 3 == 0);
}

static void fini_gives_the_memory_back(void **state)
{
	struct asked *asked = *state;
	pid_t pid;

	for (pid = 1; pid <= 2000; pid++)
		add(asked, pid, 1, 0);
	asked_fini(asked);
	assert_int_equal(test_mapped, 0);
	assert_null(asked_find(asked, 1, 1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_table_maps_nothing_and_finds_nobody),
		TEST(the_first_reserve_maps_one_page),
		TEST(who_was_added_is_found_with_its_round),
		TEST(a_recycled_number_is_a_new_process),
		TEST(adding_what_is_there_changes_nothing),
		TEST(thousands_of_the_living_are_all_kept),
		TEST(capacity_is_a_power_of_two_and_never_full),
		TEST(the_dead_are_forgotten_before_the_table_doubles),
		TEST(forgetting_keeps_each_of_the_living),
		TEST(the_living_are_not_looked_at_while_there_is_room),
		TEST(no_memory_for_the_first_page_is_told),
		TEST(no_memory_to_double_uses_what_is_left_and_loses_nobody),
		TEST(the_dead_make_room_when_there_is_no_memory),
		TEST(fini_gives_the_memory_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
