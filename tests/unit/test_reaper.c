/* SPDX-License-Identifier: MIT */
/* test_reaper.c - every child is buried, and main hears what it must know. */
#include "reaper_test.h"

#include <errno.h>
#include <sys/wait.h>

static void plain_burials_are_one_wait_each(void **state)
{
	(void)state;
	fake_world_end(MAIN, 0);
	add_dead(201, 5 << 8);
	run();
	assert_waits("waitpid(-1,0)\nwaitpid(-1,1)\nwaitpid(-1,1)\n");
	assert_string_equal(posted(), "main:200=0 heir:201=1280 none:5,5 ");
	assert_int_equal(status_get(&status.buried), 2);
}

static bool main_could_be_signalled;
static pid_t grave;

static void look_at_targets(void)
{
	main_could_be_signalled = targets.main != 0;
	grave = targets.grave;
}

static void guarded_burials_look_then_retire_then_bury(void **state)
{
	(void)state;
	configure(true, false);
	fake_world_end(MAIN, 0);
	main_could_be_signalled = true;
	fake_sys_before("waitpid(200,0)", 1, look_at_targets);
	run();
	assert_false(main_could_be_signalled);
	assert_int_equal(grave, MAIN);
	assert_int_equal(targets.grave, 0);
	assert_waits("wait_look(-1,0)\nwaitpid(200,0)\nwait_look(-1,1)\n");
	assert_string_equal(posted(), "main:200=0 none:-1,-1 ");
}

static void a_guarded_burial_of_another_leaves_the_main_process_a_target(void **state)
{
	(void)state;
	configure(true, false);
	add_dead(201, 0);
	fake_world_end(MAIN, 0);
	fake_sys_before("waitpid(201,0)", 1, look_at_targets);
	run();
	assert_true(main_could_be_signalled);
	assert_int_equal(grave, 201);
}

static void look_at_the_claim(void)
{
	assert_false(reaper_disown(&reaper, MAIN)); /* too late */
	assert_int_equal(atomic_load(&reaper.main_pid), 0);
}

static void a_guarded_burial_claims_the_main_process_while_it_is_a_zombie(void **state)
{
	(void)state;
	configure(true, false);
	fake_world_end(MAIN, 0);
	fake_sys_before("waitpid(200,0)", 1, look_at_the_claim);
	run();
	assert_int_equal(fake_sys_calls("waitpid"), 1);
	assert_string_equal(posted(), "main:200=0 none:-1,-1 ");
}

static void plain_burials_retire_nobody(void **state)
{
	(void)state;
	fake_world_end(MAIN, 0);
	run();
	assert_int_not_equal(targets.main, 0);
}

static void a_refused_burial_leaves_no_grave_behind(void **state)
{
	(void)state;
	configure(true, false);
	add_dead(201, 0);
	fake_world_vanish(MAIN);
	fake_sys_fail("waitpid", 1, EPERM);
	fake_sys_before("ppoll(", 1, look_at_targets);
	run();
	assert_int_equal(grave, 0);
	assert_string_equal(posted(), "trouble:1 none:-1,-1 ");
	assert_int_equal(status_get(&status.buried), 1);
}

static void orphans_are_buried_silently_while_the_main_process_lives(void **state)
{
	(void)state;
	add_dead(201, 1 << 8);
	add_dead(202, 9);
	fake_world_end(MAIN, 3 << 8);
	add_dead(203, 2 << 8);
	run();
	assert_string_equal(posted(), "main:200=768 heir:203=512 none:2,2 ");
	assert_int_equal(status_get(&status.buried), 4);
}

static void every_burial_is_posted_to_those_who_log_them(void **state)
{
	(void)state;
	configure(false, true);
	add_dead(201, 1 << 8);
	fake_world_end(MAIN, 0);
	add_dead(202, 0);
	run();
	assert_string_equal(posted(), "heir:201=256 main:200=0 heir:202=0 none:0,0 ");
}

static void the_main_process_s_number_may_come_again_as_an_heir(void **state)
{
	(void)state;
	fake_world_end(MAIN, 0);
	fake_world_add(201, SELF, 201, "keeps us waiting");
	assert_false(reaper_poll(&reaper, 64));
	add_dead(MAIN, 7 << 8);
	assert_false(reaper_poll(&reaper, 64));
	assert_string_equal(posted(), "main:200=0 heir:200=1792 ");
}

static void last_and_worst_are_of_the_heirs_alone(void **state)
{
	(void)state;
	add_dead(201, 99 << 8); /* before: no heir */
	fake_world_end(MAIN, 77 << 8);
	add_dead(202, 1 << 8);
	add_dead(203, SIGTERM); /* 143 */
	add_dead(204, 2 << 8);
	run();
	assert_string_equal(posted(), "main:200=19712 heir:202=256 heir:203=15 heir:204=512 "
				      "none:2,143 ");
}

static void a_storm_drops_only_what_nobody_needs(void **state)
{
	(void)state;
	fake_sys.quiet = true;
	configure(false, true);
	reaper.census.limit = 0; /* the main process is to be the last */
	for (pid_t pid = 1001; pid <= 1300; pid++)
		add_dead(pid, 0);
	fake_world_end(MAIN, 4 << 8);
	run();
	assert_non_null(strstr(posted(), "main:200=1024 none:-1,-1 "));
	assert_int_equal(status_get(&status.buried), 301);
	assert_int_equal(status_get(&status.dropped), 300 - EXITQ_POOL);
}

/* Trouble */

static void a_refused_wait_is_told_once_and_tried_again_after_a_pause(void **state)
{
	(void)state;
	fake_world_end(MAIN, 0);
	fake_sys_fail("waitpid", 1, EPERM);
	fake_sys_fail("waitpid", 2, ENOSYS);
	fake_sys_fail("waitpid", 4, EPERM); /* in between one was buried */
	add_dead(201, 0);
	run();
	assert_string_equal(posted(), "trouble:1 main:200=0 heir:201=0 none:0,0 ");
	assert_int_equal(fake_sys_calls("ppoll"), 3);
	assert_int_equal(fake_sys.now, 3 * REAPER_RETRY_NS);
	assert_non_null(strstr(fake_sys_trace(), "ppoll(0,100000000)"));
}

static void a_look_that_is_refused_buries_nobody_and_tries_again(void **state)
{
	(void)state;
	configure(true, false);
	fake_world_end(MAIN, 0);
	fake_sys_fail("wait_look", 1, EPERM);
	run();
	assert_waits("wait_look(-1,0)\nwait_look(-1,1)\nwaitpid(200,0)\nwait_look(-1,1)\n");
	assert_string_equal(posted(), "trouble:1 main:200=0 none:-1,-1 ");
}

static void the_thread_blocks_every_signal_and_lives_with_a_refusal(void **state)
{
	(void)state;
	fake_world_end(MAIN, 0);
	fake_sys_fail("sigmask", 1, EPERM);
	run();
	assert_true(strstr(fake_sys_trace(), "sigmask(set,ffffffffffffffff)\nwaitpid") != NULL);
	assert_string_equal(posted(), "main:200=0 none:-1,-1 ");
}

/* Many children */

/* Lines of the trace that begin so. */
static unsigned int traced(const char *call)
{
	unsigned int count = 0;

	for (const char *line = fake_sys_trace(); *line != '\0'; line = strchr(line, '\n') + 1)
		count += strncmp(line, call, strlen(call)) == 0;
	return count;
}

static void add_crowd(void)
{
	for (pid_t pid = 1001; pid <= 1100; pid++)
		fake_world_add(pid, SELF, pid, "lives");
	for (pid_t pid = 1101; pid <= 1200; pid++)
		add_dead(pid, 0);
}

static void zombies_beside_many_who_live_are_buried_by_number(void **state)
{
	(void)state;
	add_crowd();
	assert_false(reaper_poll(&reaper, 1000));
	assert_int_equal(status_get(&status.buried), 100);
	assert_int_equal(traced("waitpid(-1,"), 4 + 1); /* a run, and that nobody is left */
	assert_string_equal(posted(), "");
}

static void guarded_burials_by_number_look_then_retire_then_bury(void **state)
{
	(void)state;
	configure(true, false);
	reaper.farewell = SIGTERM; /* then one that is polled looks as well */
	add_crowd();
	fake_sys_before("waitpid(1150,0)", 1, look_at_targets);
	assert_false(reaper_poll(&reaper, 1000));
	assert_int_equal(grave, 1150);
	assert_int_equal(targets.grave, 0);
	assert_int_equal(traced("wait_look(-1,"), 4 + 1);
	assert_int_equal(status_get(&status.buried), 100);
}

/* A child that dies after it is then its heir, and not an orphan while all is well. */
static void the_main_process_is_buried_before_who_died_after_it(void **state)
{
	(void)state;
	add_crowd();
	assert_true(reaper_poll(&reaper, 20)); /* well into the census */
	fake_world_end(MAIN, 3 << 8);
	assert_true(reaper_poll(&reaper, 1));
	assert_string_equal(posted(), "main:200=768 ");
}

static void a_number_that_is_refused_is_neither_the_end_nor_trouble(void **state)
{
	(void)state;
	add_crowd();
	for (unsigned int i = 10; i < 40; i++) /* in the front, and in a row */
		fake_sys_fail("waitpid", i, i % 2 == 0 ? ECHILD : EPERM);
	assert_false(reaper_poll(&reaper, 1000));
	assert_int_equal(status_get(&status.buried), 100);
	assert_false(reaper.in_trouble);
	assert_string_equal(posted(), "");
}

/* Polled mode */

static void a_poll_never_blocks(void **state)
{
	(void)state;
	assert_false(reaper_poll(&reaper, 64));
	assert_waits("waitpid(-1,1)\n");
	assert_int_equal(WNOHANG, 1);
	assert_string_equal(posted(), "");
}

static void a_poll_buries_a_batch_and_tells_that_there_may_be_more(void **state)
{
	(void)state;
	for (pid_t pid = 201; pid <= 205; pid++)
		add_dead(pid, 0);
	assert_true(reaper_poll(&reaper, 3));
	assert_int_equal(status_get(&status.buried), 3);
	assert_false(reaper_poll(&reaper, 3));
	assert_int_equal(status_get(&status.buried), 5);
}

static void a_poll_tells_when_nobody_is_left(void **state)
{
	(void)state;
	fake_world_end(MAIN, 6 << 8);
	add_dead(201, 8 << 8);
	assert_false(reaper_poll(&reaper, 64));
	assert_string_equal(posted(), "main:200=1536 heir:201=2048 none:8,8 ");
}

/* One thread does not race itself, but a number that was freed is nobody's to signal. */
static void a_poll_retires_the_main_process_it_buries(void **state)
{
	(void)state;
	target_init(&targets, MAIN, false);
	reaper.targets = &targets;
	assert_int_equal(target_lock_main(&targets), MAIN);
	target_unlock(&targets);
	fake_world_end(MAIN, 0);
	assert_false(reaper_poll(&reaper, 64));
	assert_int_equal(target_lock_main(&targets), 0);
	target_unlock(&targets);
}

static void a_refused_poll_is_in_trouble_until_the_next_burial(void **state)
{
	(void)state;
	fake_sys_fail("waitpid", 1, EPERM);
	fake_sys_fail("waitpid", 2, EPERM);
	assert_false(reaper_poll(&reaper, 64));
	assert_true(reaper.in_trouble);
	assert_false(reaper_poll(&reaper, 64));
	assert_string_equal(posted(), "trouble:1 ");
	fake_world_end(MAIN, 0);
	assert_false(reaper_poll(&reaper, 64));
	assert_false(reaper.in_trouble);
	assert_string_equal(posted(), "main:200=0 none:-1,-1 ");
}

/* The wait answers again, though nobody is dead: the trouble is over as well. */
static void a_poll_that_finds_nobody_dead_is_out_of_trouble(void **state)
{
	(void)state;
	fake_sys_fail("waitpid", 1, EPERM);
	assert_false(reaper_poll(&reaper, 64));
	assert_true(reaper.in_trouble);
	assert_false(reaper_poll(&reaper, 64));
	assert_false(reaper.in_trouble);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plain_burials_are_one_wait_each),
		TEST(guarded_burials_look_then_retire_then_bury),
		TEST(a_guarded_burial_of_another_leaves_the_main_process_a_target),
		TEST(a_guarded_burial_claims_the_main_process_while_it_is_a_zombie),
		TEST(plain_burials_retire_nobody),
		TEST(a_refused_burial_leaves_no_grave_behind),
		TEST(orphans_are_buried_silently_while_the_main_process_lives),
		TEST(every_burial_is_posted_to_those_who_log_them),
		TEST(the_main_process_s_number_may_come_again_as_an_heir),
		TEST(last_and_worst_are_of_the_heirs_alone),
		TEST(a_storm_drops_only_what_nobody_needs),
		TEST(a_refused_wait_is_told_once_and_tried_again_after_a_pause),
		TEST(a_look_that_is_refused_buries_nobody_and_tries_again),
		TEST(the_thread_blocks_every_signal_and_lives_with_a_refusal),
		TEST(zombies_beside_many_who_live_are_buried_by_number),
		TEST(guarded_burials_by_number_look_then_retire_then_bury),
		TEST(the_main_process_is_buried_before_who_died_after_it),
		TEST(a_number_that_is_refused_is_neither_the_end_nor_trouble),
		TEST(a_poll_never_blocks),
		TEST(a_poll_buries_a_batch_and_tells_that_there_may_be_more),
		TEST(a_poll_tells_when_nobody_is_left),
		TEST(a_poll_retires_the_main_process_it_buries),
		TEST(a_refused_poll_is_in_trouble_until_the_next_burial),
		TEST(a_poll_that_finds_nobody_dead_is_out_of_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
