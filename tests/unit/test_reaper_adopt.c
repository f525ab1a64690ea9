/* SPDX-License-Identifier: MIT */
/* test_reaper_adopt.c - another main process, and who buries when the reaper has ended. */
#include "reaper_test.h"

static void who_was_adopted_is_told_as_the_main_process(void **state)
{
	(void)state;
	add_dead(201, 5 << 8);
	fake_world_end(MAIN, 3 << 8);
	assert_false(reaper_poll(&reaper, 1) && reaper_poll(&reaper, 1) && reaper_poll(&reaper, 1));
	assert_string_equal(posted(), "main:200=768 none:-1,-1 ");
	add_dead(202, 4 << 8);
	reaper_adopt(&reaper, 202);
	add_dead(203, 5 << 8);
	(void)reaper_poll(&reaper, 10);
	assert_string_equal(posted(), "main:202=1024 heir:203=1280 none:5,5 ");
	assert_int_equal(reaper.main_pid, 0);
}

static void its_end_is_told_once(void **state)
{
	(void)state;
	fake_world_end(MAIN, 0);
	fake_world_add(201, SELF, 201, "successor");
	(void)reaper_poll(&reaper, 10);
	assert_string_equal(posted(), "main:200=0 "); /* taken before another is adopted */
	reaper_adopt(&reaper, 201);
	fake_world_end(201, 0);
	(void)reaper_poll(&reaper, 10);
	assert_string_equal(posted(), "main:201=0 none:-1,-1 ");
	add_dead(201, 0); /* its number comes again */
	(void)reaper_poll(&reaper, 10);
	assert_string_equal(posted(), "heir:201=0 none:0,0 ");
}

static void who_was_disowned_in_time_is_an_heir(void **state)
{
	(void)state;
	fake_world_end(MAIN, 0);
	fake_world_add(201, SELF, 201, "successor");
	(void)reaper_poll(&reaper, 10);
	assert_string_equal(posted(), "main:200=0 ");
	reaper_adopt(&reaper, 201);
	assert_true(reaper_disown(&reaper, 201));
	fake_world_end(201, 0);
	(void)reaper_poll(&reaper, 10);
	assert_string_equal(posted(), "heir:201=0 none:0,0 ");
}

static void who_was_told_already_cannot_be_disowned(void **state)
{
	(void)state;
	fake_world_end(MAIN, 0);
	fake_world_add(201, SELF, 201, "successor");
	(void)reaper_poll(&reaper, 10);
	reaper_adopt(&reaper, 201);
	fake_world_end(201, 0);
	(void)reaper_poll(&reaper, 10);
	assert_false(reaper_disown(&reaper, 201));
	assert_false(reaper_disown(&reaper, MAIN));
}

static void a_farewell_is_for_the_first_main_process_alone(void **state)
{
	(void)state;
	configure(true, false);
	reaper.farewell = SIGTERM;
	fake_world_end(MAIN, 0);
	fake_world_add(201, SELF, 201, "successor");
	fake_world_add(202, 1, 201, "member");
	(void)reaper_poll(&reaper, 10);
	reaper_adopt(&reaper, 201);
	fake_world_end(201, 0);
	fake_world_clear_log();
	(void)reaper_poll(&reaper, 10);
	assert_string_equal(fake_world_log(), "");
}

static void an_answer_that_nobody_is_left_stands_until_a_child_is_seen(void **state)
{
	(void)state;
	assert_false(reaper.alone);
	(void)reaper_poll(&reaper, 10);
	assert_false(reaper.alone);
	fake_world_end(MAIN, 0);
	(void)reaper_poll(&reaper, 10);
	assert_true(reaper.alone);
	fake_world_add(201, SELF, 201, "orphan");
	(void)reaper_poll(&reaper, 10);
	assert_false(reaper.alone); /* alive */
	fake_world_end(201, 0);
	(void)reaper_poll(&reaper, 1);
	assert_false(reaper.alone); /* buried, and there may be more */
	(void)reaper_poll(&reaper, 1);
	assert_true(reaper.alone);
}

static void the_thread_s_last_word_is_that_it_is_alone(void **state)
{
	(void)state;
	fake_world_end(MAIN, 0);
	run();
	assert_waits("waitpid(-1,0)\nwaitpid(-1,1)\n");
	assert_true(reaper.alone);
}

static void who_takes_over_buries_and_does_not_say_again_that_nobody_is_left(void **state)
{
	(void)state;
	fake_world_end(MAIN, 0);
	run();
	assert_string_equal(posted(), "main:200=0 none:-1,-1 ");
	reaper_take_over(&reaper);
	add_dead(201, 6 << 8);
	(void)reaper_poll(&reaper, 10);
	assert_string_equal(posted(), "heir:201=1536 ");
	assert_true(reaper.alone);
	assert_int_equal(reaper.last, 6);
	assert_int_equal(reaper.worst, 6);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_was_adopted_is_told_as_the_main_process),
		TEST(its_end_is_told_once),
		TEST(who_was_disowned_in_time_is_an_heir),
		TEST(who_was_told_already_cannot_be_disowned),
		TEST(a_farewell_is_for_the_first_main_process_alone),
		TEST(an_answer_that_nobody_is_left_stands_until_a_child_is_seen),
		TEST(the_thread_s_last_word_is_that_it_is_alone),
		TEST(who_takes_over_buries_and_does_not_say_again_that_nobody_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
