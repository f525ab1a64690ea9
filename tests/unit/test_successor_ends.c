/* SPDX-License-Identifier: MIT */
/* test_successor_ends.c - a successor that ends while it is taken on, is far from us, or one of many. */
#include "successor_fixture.h"

#include <errno.h>

/* Buried between the look that verifies it and its publication. The looks at /proc/201/stat: is it
 * alive, is it below us, and after it was published once more. */
#define LAST_LOOK 3

static void it_is_buried_unnoticed(void)
{
	fake_world_vanish(FAR);
	fake_world_vanish(SUCCESSOR);
}

static void one_that_was_buried_unnoticed_is_taken_back(void **state)
{
	(void)state;
	name("201\n");
	fake_sys_before("open(/proc/201/stat", LAST_LOOK, it_is_buried_unnoticed);
	assert_false(successor_find(&successor, true));
	assert_int_equal(said("names no living descendant"), 1);
	assert_nobody();
}

static void it_is_dead(void)
{
	fake_world_find(SUCCESSOR)->state = 'Z';
}

static void one_that_is_dead_by_then_is_taken_back(void **state)
{
	(void)state;
	name("201\n");
	fake_sys_before("open(/proc/201/stat", LAST_LOOK, it_is_dead);
	assert_false(successor_find(&successor, true));
	assert_nobody();
}

static void its_number_is_another_s(void)
{
	(void)fake_world_recycle(SUCCESSOR, "another");
	fake_world_find(SUCCESSOR)->ppid = SELF;
}

static void one_whose_number_is_another_s_by_then_is_taken_back(void **state)
{
	(void)state;
	name("201\n");
	fake_sys_before("open(/proc/201/stat", LAST_LOOK, its_number_is_another_s);
	/* The second look, with the watch, finds the other one: the file names that now. */
	fake_sys_fail("watch", 1, EMFILE);
	assert_false(successor_find(&successor, true));
	assert_nobody();
}

static void it_is_buried_and_told(void)
{
	it_is_buried_unnoticed();
	reaper.main_pid = 0; /* as reaper_is_main() leaves it */
}

static void one_whose_end_is_told_was_the_main_process_for_a_moment(void **state)
{
	(void)state;
	name("201\n");
	fake_sys_before("open(/proc/201/stat", LAST_LOOK, it_is_buried_and_told);
	assert_true(successor_find(&successor, true));
	assert_int_equal(forward.main_pid, SUCCESSOR);
	/* But its number is free, and whoever has it next must not be signalled. */
	assert_int_equal(published(), 0);
}

static void its_number_is_another_s_of_the_same_tick(void)
{
	uint64_t tick = fake_world_find(SUCCESSOR)->start;

	its_number_is_another_s();
	fake_world_find(SUCCESSOR)->start = tick;
}

/* Ticks are long: its pidfd shows that it is not the one that was verified. */
static void one_whose_number_is_another_s_of_the_same_tick_is_taken_back(void **state)
{
	(void)state;
	name("201\n");
	fake_sys_before("open(/proc/201/stat", LAST_LOOK, its_number_is_another_s_of_the_same_tick);
	fake_sys_fail("watch", 1, EMFILE);
	assert_false(successor_find(&successor, true));
	assert_nobody();
}

static void its_parent_is_another(void)
{
	fake_world_find(SUCCESSOR)->ppid = 1;
}

static void one_that_is_not_below_us_is_refused_whatever_its_number_was(void **state)
{
	(void)state;
	name("201\n");
	fake_sys_before("pidfd_open(201", 1, its_number_is_another_s);
	fake_sys_before("open(/proc/201/stat", 1, its_parent_is_another);
	assert_false(successor_find(&successor, true));
	assert_nobody();
}

/* No child of ours */

static void start_far(void)
{
	name("202\n");
	assert_true(successor_find(&successor, true));
	assert_main_is(FAR);
	assert_true(forward.main_is_far);
}

static void assert_ended(int expected)
{
	int ended = -1;

	assert_true(successor_ended(&successor, &ended));
	assert_int_equal(ended, expected);
	assert_false(forward.main_is_far);
	assert_int_equal(reaper.main_pid, 0);
	assert_int_equal(published(), 0);
}

static void of_a_far_zombie_the_status_is_in_proc(void **state)
{
	(void)state;
	start_far();
	fake_world_find(FAR)->state = 'Z';
	fake_world_find(FAR)->status = EXITED(9);
	assert_ended(EXITED(9));
}

/* Who may not trace it is shown a 0, whatever it was. */
static void of_a_far_zombie_a_status_of_0_is_not_believed_in_silence(void **state)
{
	(void)state;
	start_far();
	fake_world_find(FAR)->state = 'Z';
	fake_world_find(FAR)->status = 0;
	assert_ended(0);
	assert_non_null(strstr(fake_sys_stderr(),
			       "pid 202 is not our child: its exit status is taken for 0"));
}

/* The pidfd of the one before it was readable, in the same turn. */
static void a_far_one_that_lives_has_not_ended(void **state)
{
	int ended = -1;

	(void)state;
	start_far();
	assert_false(successor_ended(&successor, &ended));
	assert_true(forward.main_is_far);
	assert_int_equal(published(), FAR);
	fake_world_find(FAR)->status = SIGKILL;
	fake_world_vanish(FAR);
	assert_ended(SIGKILL);
}

static void of_a_far_one_that_was_buried_the_pidfd_knows(void **state)
{
	(void)state;
	start_far();
	fake_world_find(FAR)->status = SIGKILL;
	fake_world_vanish(FAR);
	assert_ended(SIGKILL);
	assert_int_equal(said("status"), 0);
}

static void whoever_has_its_number_now_is_not_asked(void **state)
{
	(void)state;
	start_far();
	fake_world_find(FAR)->status = EXITED(9);
	fake_world_recycle(FAR, "another")->state = 'Z';
	fake_world_find(FAR)->status = EXITED(1);
	assert_ended(EXITED(9));
}

static void on_an_older_kernel_it_is_taken_for_0_with_a_line(void **state)
{
	(void)state;
	start_far();
	fake_world.no_pidfd_status = true;
	fake_world_vanish(FAR);
	assert_ended(0);
	assert_int_equal(said("pid 202 is not our child: its exit status is taken for 0"), 1);
}

static void one_that_became_ours_is_told_by_the_reaper(void **state)
{
	int ended = -1;

	(void)state;
	start_far();
	fake_world_find(FAR)->ppid = SELF;
	fake_world_end(FAR, EXITED(9));
	assert_false(successor_ended(&successor, &ended));
	assert_int_equal(ended, -1);
	assert_int_equal(reaper.main_pid, FAR); /* who will */
	assert_false(forward.main_is_far);      /* its pidfd is not waited for any more */
}

static void one_that_the_reaper_told_of_is_not_told_twice(void **state)
{
	int ended = -1;

	(void)state;
	start_far();
	fake_world_vanish(FAR);
	reaper.main_pid = 0; /* it became ours, was buried, and is on the way to us */
	assert_false(successor_ended(&successor, &ended));
	assert_int_equal(ended, -1);
}

/* One after the other: what is not needed any more is closed, and nothing else. */

static void the_group_s_pidfd_stays_while_its_group_does(void **state)
{
	int group_pidfd = forward.group_pidfd;

	(void)state;
	fake_world_find(SUCCESSOR)->pgid = MAIN;
	fake_world_find(FAR)->pgid = MAIN;
	name("201\n");
	assert_true(successor_find(&successor, true));
	assert_int_equal(forward.group, MAIN);
	assert_int_equal(forward.group_pidfd, group_pidfd);
	assert_int_not_equal(forward.main_pidfd, group_pidfd);
	assert_int_equal(fake_sys_open_fds(), 2);
	name("202\n");
	assert_true(successor_find(&successor, true));
	assert_int_equal(forward.group_pidfd, group_pidfd);
	assert_int_equal(fake_sys_open_fds(), 2);
}

static void another_group_s_leader_has_one_pidfd_for_both(void **state)
{
	(void)state;
	fake_world_find(SUCCESSOR)->pgid = MAIN;
	name("201\n");
	assert_true(successor_find(&successor, true));
	name("202\n"); /* from a group that outlived its leader to one's own */
	assert_true(successor_find(&successor, true));
	assert_int_equal(forward.group, FAR);
	assert_int_equal(forward.group_pidfd, forward.main_pidfd);
	assert_int_equal(fake_sys_open_fds(), 1);
}

static void a_group_whose_leader_is_not_the_main_process_has_no_pidfd(void **state)
{
	(void)state;
	fake_world_find(FAR)->pgid = SUCCESSOR;
	name("202\n");
	assert_true(successor_find(&successor, true));
	assert_int_equal(forward.group, SUCCESSOR);
	assert_int_equal(forward.group_pidfd, -1);
	assert_int_equal(fake_sys_open_fds(), 1);
}

static void a_hundred_hand_overs_leave_no_descriptor(void **state)
{
	(void)state;
	(void)fake_world_add(203, SELF, SUCCESSOR, "in the same group");
	for (int i = 0; i < 100; i++) {
		name(i % 3 == 0 ? "201\n" : i % 3 == 1 ? "203\n" : "202\n");
		assert_true(successor_find(&successor, true));
	}
	assert_int_equal(fake_sys_open_fds(), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_that_was_buried_unnoticed_is_taken_back),
		TEST(one_that_is_dead_by_then_is_taken_back),
		TEST(one_whose_number_is_another_s_by_then_is_taken_back),
		TEST(one_whose_end_is_told_was_the_main_process_for_a_moment),
		TEST(one_whose_number_is_another_s_of_the_same_tick_is_taken_back),
		TEST(one_that_is_not_below_us_is_refused_whatever_its_number_was),
		TEST(of_a_far_zombie_the_status_is_in_proc),
		TEST(of_a_far_zombie_a_status_of_0_is_not_believed_in_silence),
		TEST(a_far_one_that_lives_has_not_ended),
		TEST(of_a_far_one_that_was_buried_the_pidfd_knows),
		TEST(whoever_has_its_number_now_is_not_asked),
		TEST(on_an_older_kernel_it_is_taken_for_0_with_a_line),
		TEST(one_that_became_ours_is_told_by_the_reaper),
		TEST(one_that_the_reaper_told_of_is_not_told_twice),
		TEST(the_group_s_pidfd_stays_while_its_group_does),
		TEST(another_group_s_leader_has_one_pidfd_for_both),
		TEST(a_group_whose_leader_is_not_the_main_process_has_no_pidfd),
		TEST(a_hundred_hand_overs_leave_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
