/* SPDX-License-Identifier: MIT */
/* test_census.c - which children are proposed, when, and that nothing of it stays. */
#include "sexton/census.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sexton/sys.h"

#define MANY     100000
#define FIRST    1001 /* the number of child 0; the others follow, @stride apart */
#define NEAR     16   /* numbers in a row, at the end of the tries of neighbours */
#define PIECE    4096u
#define THE_FILE 7

static bool dead[MANY];
static bool gone[MANY];
static unsigned int tried[MANY];
static int count;
static int stride;
static unsigned int strangers; /* tries of numbers that are not our children's */
static char text[MANY * 8];
static size_t text_size;
static size_t text_seen;
static int open_files;
static int maps;
static size_t mapped;
static bool no_file;
static bool no_memory;
static size_t readable; /* bytes before a failure */
static struct census census;

int sys_open(const char *path, int flags)
{
	(void)flags;
	assert_string_equal(path, "/proc/self/task/1/children");
	if (no_file)
		return -ENOENT;
	text_size = text_seen = 0;
	for (int i = 0; i < count; i++)
		if (!gone[i])
			text_size += (size_t)sprintf(text + text_size, "%d ", FIRST + i * stride);
	open_files++;
	return THE_FILE;
}

ssize_t sys_read(int fd, void *buf, size_t size)
{
	assert_int_equal(fd, THE_FILE);
	if (size > PIECE)
		size = PIECE;
	if (size > text_size - text_seen)
		size = text_size - text_seen;
	if (text_seen + size > readable)
		return -ESRCH;
	memcpy(buf, text + text_seen, size);
	text_seen += size;
	return (ssize_t)size;
}

void sys_close(int fd)
{
	assert_int_equal(fd, THE_FILE);
	open_files--;
}

void *sys_map(size_t size)
{
	if (no_memory)
		return NULL;
	maps++;
	mapped = size;
	return malloc(size);
}

void sys_unmap(void *memory, size_t size)
{
	assert_int_equal(size, mapped);
	maps--;
	free(memory);
}

pid_t sys_getpid(void)
{
	return 1;
}

static int setup(void **state)
{
	(void)state;
	memset(dead, 0, sizeof(dead));
	memset(gone, 0, sizeof(gone));
	memset(tried, 0, sizeof(tried));
	count = 0;
	stride = NEAR + 1;
	strangers = 0;
	no_file = no_memory = false;
	mapped = 0;
	readable = sizeof(text);
	census_init(&census);
	return 0;
}

static void add(int many, bool are_dead)
{
	for (int i = 0; i < many; i++)
		dead[count++] = are_dead;
}

/* Zombies were there already, so many in a row, the last one just below child @next. */
static void run_up_to(int next, unsigned int zombies)
{
	for (unsigned int i = 0; i < zombies; i++)
		census_note_zombie(&census, FIRST + next * stride - 1);
}

/* The same, and nobody has a number near theirs. */
static void run_of(unsigned int zombies)
{
	run_up_to(-1, zombies);
}

/* Takes the census, if one is due. Returns how many it buried. */
static int take(void)
{
	int buried = 0;
	pid_t pid;

	while ((pid = census_next(&census)) != 0) {
		int i = (pid - FIRST) / stride;

		if (pid < FIRST || (pid - FIRST) % stride != 0 || i >= count) {
			strangers++;
			census_note_tried(&census, false);
			continue;
		}
		tried[i]++;
		census_note_tried(&census, dead[i] && !gone[i]);
		buried += dead[i] && !gone[i];
		gone[i] = gone[i] || dead[i];
	}
	assert_int_equal(open_files, 0);
	assert_int_equal(maps, 0);
	return buried;
}

static unsigned int tries(void)
{
	unsigned int sum = 0;

	for (int i = 0; i < count; i++)
		sum += tried[i];
	return sum;
}

static void everybody_who_is_dead_is_tried_once(void **state)
{
	(void)state;
	add(5000, false);
	add(2000, true);
	run_of(4);
	assert_int_equal(take(), 2000);
	for (int i = 0; i < count; i++)
		assert_in_range(tried[i], dead[i], 1);
}

static void the_living_are_not_all_tried_when_the_dead_stand_together(void **state)
{
	(void)state;
	add(5000, false);
	add(2000, true);
	run_of(4);
	take();
	/* The front, the dead, and a gap of 64 and 1/16. */
	assert_in_range(tries(), 2000 + 64 + 7000 / 16, 2000 + 64 + 7000 / 16 + 64);
}

static void without_a_run_there_is_no_census(void **state)
{
	(void)state;
	add(5000, false);
	add(2000, true);
	run_of(3);
	assert_int_equal(take(), 0);
	assert_int_equal(tries(), 0);
	census_note_none(&census); /* the run is over */
	run_of(3);
	assert_int_equal(take(), 0);
	assert_int_equal(tries(), 0);
}

static void where_few_live_the_front_says_so_and_nothing_more_is_read(void **state)
{
	(void)state;
	add(3, false);
	add(30000, true);
	run_of(4);
	assert_int_equal(take(), 1);
	assert_int_equal(tries(), 4);
	assert_true(text_seen <= CENSUS_FRONT_SIZE);
}

static void where_few_live_it_is_asked_less_and_less_often(void **state)
{
	unsigned int zombies = 0;
	int censuses = 0;

	(void)state;
	add(MANY, true);
	while (zombies < 30000) {
		run_of(1);
		zombies++;
		censuses += take();
	}
	assert_in_range(censuses, 25, 40); /* after 4, 20, 84, 340, 1364, 2388, ... */
}

static void who_was_passed_over_is_found_by_the_next_one(void **state)
{
	(void)state;
	add(3000, false);
	add(2000, true); /* too far from either end */
	add(3000, false);
	run_of(4);
	assert_int_equal(take(), 0);
	run_of(16); /* it did not pay */
	assert_int_equal(take(), 2000);
}

static void after_a_rest_the_next_one_is_hasty_again(void **state)
{
	(void)state;
	add(3000, false);
	add(2000, true);
	add(3000, false);
	run_of(4);
	assert_int_equal(take(), 0);
	census_note_none(&census);
	memset(tried, 0, sizeof(tried));
	run_of(16);
	assert_int_equal(take(), 0);
	assert_in_range(tries(), 64 + 8000 / 16, 64 + 8000 / 16 + 64);
}

static void the_scattered_are_found_as_well(void **state)
{
	(void)state;
	add(20, false);
	for (int i = 0; i < 500; i++) {
		add(9, false);
		add(1, true);
	}
	run_of(4);
	assert_int_equal(take(), 500);
}

static void one_that_paid_is_soon_followed_by_another(void **state)
{
	(void)state;
	add(1000, false);
	add(500, true);
	run_of(4);
	assert_int_equal(take(), 500);
	add(500, true);
	run_of(4);
	assert_int_equal(take(), 500);
}

static void one_that_did_not_pay_puts_the_next_one_off(void **state)
{
	(void)state;
	add(1000, false);
	add(3, true); /* not worth to read a thousand for */
	run_of(4);
	assert_int_equal(take(), 3);
	add(500, true);
	run_of(15);
	assert_int_equal(take(), 0);
	run_of(1);
	assert_int_equal(take(), 500);
}

static void what_was_learned_is_forgotten_in_time(void **state)
{
	(void)state;
	add(1, true);
	for (int i = 0; i < 8; i++) { /* as seldom as it gets */
		run_of(1024);
		take();
		dead[0] = true;
		gone[0] = false;
	}
	add(1000, false);
	add(500, true);
	dead[0] = false;
	run_of(1023);
	assert_int_equal(take(), 0);
	for (int i = 0; i < 100; i++)
		census_note_none(&census);
	run_of(16);
	assert_int_equal(take(), 500);
}

static void a_list_larger_than_the_buffer_is_read_as_far_as_it_goes(void **state)
{
	(void)state;
	census.limit = 4099;
	add(300, false);
	add(5000, true);
	run_of(4);
	/* 530 numbers of four digits, 241 of five, and three digits of the next. */
	assert_int_equal(take(), 530 + 241 - 300);
	assert_int_equal(strangers, NEAR + 1);
	assert_int_equal(mapped, 4099);
}

static void a_buffer_as_small_as_the_front_is_no_use(void **state)
{
	(void)state;
	census.limit = CENSUS_FRONT_SIZE;
	add(300, false);
	add(300, true);
	run_of(4);
	assert_int_equal(take(), 0);
	assert_int_equal(mapped, 0);
}

static void without_the_file_nobody_is_proposed(void **state)
{
	(void)state;
	no_file = true;
	add(300, false);
	add(300, true);
	run_of(4);
	assert_int_equal(take(), 0);
	run_of(15);
	no_file = false;
	assert_int_equal(take(), 0); /* it is not asked for every time */
	run_of(1);
	assert_int_equal(take(), 300);
}

static void without_memory_nobody_but_the_front_is_proposed(void **state)
{
	(void)state;
	no_memory = true;
	add(300, false);
	add(300, true);
	run_of(4);
	assert_int_equal(take(), 0);
	assert_in_range(tries(), 1, CENSUS_FRONT_SIZE / 5);
}

static void a_list_that_cannot_be_read_to_its_end_is_used_as_far_as_it_was(void **state)
{
	(void)state;
	readable = CENSUS_FRONT_SIZE + PIECE;
	add(300, false);
	add(3000, true);
	run_of(4);
	assert_int_equal(take(), 530 + 251 - 300);
}

/* Numbers in a row */

static void who_was_forked_in_a_row_is_found_without_the_list(void **state)
{
	(void)state;
	no_file = true;
	stride = 1;
	add(5000, false);
	add(2000, true);
	run_up_to(5000, 4);
	assert_int_equal(take(), 2000);
	assert_int_equal(tries(), 2000);
	assert_int_equal(strangers, NEAR);
	add(100, true); /* it paid: the next one is near */
	run_up_to(7000, 4);
	assert_int_equal(take(), 100);
}

static void a_number_that_is_missing_does_not_end_the_row(void **state)
{
	(void)state;
	no_file = true;
	stride = NEAR;
	add(100, true);
	run_up_to(0, 4);
	assert_int_equal(take(), 100);
}

static void the_living_end_the_row(void **state)
{
	(void)state;
	no_file = true;
	stride = 1;
	add(50, true);
	add(NEAR, false);
	add(50, true);
	run_up_to(0, 4);
	assert_int_equal(take(), 50);
}

static void a_short_row_is_not_enough_and_the_list_is_read(void **state)
{
	(void)state;
	stride = 1;
	add(1000, false);
	add(500, true);
	add(1000, false);
	add(31, true);
	run_up_to(2500, 4);
	census.thorough = true;
	assert_int_equal(take(), 531);
}

/* All there are stand in the front: there is nothing more to be read. */
static void a_handful_of_children_is_no_reason_to_map_anything(void **state)
{
	(void)state;
	add(5, false);
	run_of(4);
	assert_int_equal(take(), 0);
	assert_int_equal(tries(), 5);
	assert_int_equal(mapped, 0);
}

static void it_is_never_asked_more_seldom_than_so(void **state)
{
	int taken = 0;

	(void)state;
	add(1, false);
	for (int i = 0; i < 8; i++) { /* in vain, and forgotten a little */
		run_of(2048);
		take();
		census_note_none(&census);
	}
	memset(tried, 0, sizeof(tried));
	run_of(1024);
	taken = take();
	assert_int_equal(taken, 0);
	assert_int_equal(tries(), 1);
}

static void an_end_in_the_middle_gives_everything_back(void **state)
{
	(void)state;
	add(300, false);
	run_of(4);
	for (int i = 0; i < 60; i++) {
		assert_true(census_is_on(&census));
		assert_int_not_equal(census_next(&census), 0);
		census_note_tried(&census, false);
	}
	assert_int_equal(open_files + maps, 2);
	census_fini(&census);
	assert_int_equal(open_files + maps, 0);
	assert_false(census_is_on(&census));
}

static void no_child_at_all_is_no_census(void **state)
{
	(void)state;
	run_of(4);
	assert_int_equal(take(), 0);
}

static void every_other_burial_it_is_asked_and_in_a_run_each_time(void **state)
{
	(void)state;
	assert_false(census_ask_now(&census));
	assert_true(census_ask_now(&census));
	census_note_none(&census);
	assert_false(census_ask_now(&census));
	assert_true(census_ask_now(&census));
	census_note_zombie(&census, FIRST);
	assert_true(census_ask_now(&census));
	assert_true(census_ask_now(&census));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everybody_who_is_dead_is_tried_once),
		TEST(the_living_are_not_all_tried_when_the_dead_stand_together),
		TEST(without_a_run_there_is_no_census),
		TEST(where_few_live_the_front_says_so_and_nothing_more_is_read),
		TEST(where_few_live_it_is_asked_less_and_less_often),
		TEST(who_was_passed_over_is_found_by_the_next_one),
		TEST(after_a_rest_the_next_one_is_hasty_again),
		TEST(the_scattered_are_found_as_well),
		TEST(one_that_paid_is_soon_followed_by_another),
		TEST(one_that_did_not_pay_puts_the_next_one_off),
		TEST(what_was_learned_is_forgotten_in_time),
		TEST(a_list_larger_than_the_buffer_is_read_as_far_as_it_goes),
		TEST(a_buffer_as_small_as_the_front_is_no_use),
		TEST(without_the_file_nobody_is_proposed),
		TEST(without_memory_nobody_but_the_front_is_proposed),
		TEST(a_list_that_cannot_be_read_to_its_end_is_used_as_far_as_it_was),
		TEST(who_was_forked_in_a_row_is_found_without_the_list),
		TEST(a_number_that_is_missing_does_not_end_the_row),
		TEST(the_living_end_the_row),
		TEST(a_short_row_is_not_enough_and_the_list_is_read),
		TEST(a_handful_of_children_is_no_reason_to_map_anything),
		TEST(it_is_never_asked_more_seldom_than_so),
		TEST(an_end_in_the_middle_gives_everything_back),
		TEST(no_child_at_all_is_no_census),
		TEST(every_other_burial_it_is_asked_and_in_a_run_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
