/* SPDX-License-Identifier: MIT */
/* test_drain_steps.c - asking in several steps, and asking guests. */
#include "sexton/drain.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "drain_fixture.h"
#include "sexton/sys.h"

#define SEC   INT64_C(1000000000)
#define GUEST 300

static void use_steps(void)
{
	fix.steps[0] = (struct config_step){ .sig = SIGINT, .time_ns = 2 * SEC };
	fix.steps[1] = (struct config_step){ .sig = SIGTERM, .time_ns = 3 * SEC };
	fix.steps[2] = (struct config_step){ .sig = SIGQUIT, .time_ns = CONFIG_NO_LIMIT };
}

static void ask_at(int64_t now)
{
	fake_sys.now = now;
	drain_ask(&fix.drain, PROCTREE_CHILDREN, false, now);
}

static void assert_due(int64_t when)
{
	assert_true(drain_due(&fix.drain) == when);
}

static void each_step_comes_when_the_one_before_is_over(void **state)
{
	(void)state;
	use_steps();
	drain_root(201, "a");
	ask_at(10 * SEC);
	drain_assert_log("a:INT a:CONT ");
	assert_due(12 * SEC);
	ask_at(12 * SEC - 1);
	drain_assert_log("");
	assert_due(12 * SEC);
	ask_at(12 * SEC);
	drain_assert_log("a:TERM a:CONT ");
	assert_due(15 * SEC);
	ask_at(15 * SEC);
	drain_assert_log("a:QUIT a:CONT ");
	assert_due(POLICY_NEVER);
	ask_at(1000 * SEC);
	drain_assert_log("");
	assert_int_equal(status_get(&fix.status.asked), 1);
}

static void each_process_has_a_clock_of_its_own(void **state)
{
	(void)state;
	use_steps();
	drain_root(201, "early");
	ask_at(10 * SEC);
	drain_root(202, "late");
	ask_at(11 * SEC);
	drain_assert_log("early:INT early:CONT late:INT late:CONT ");
	assert_due(12 * SEC);
	ask_at(12 * SEC);
	drain_assert_log("early:TERM early:CONT ");
	assert_due(13 * SEC);
	ask_at(13 * SEC);
	drain_assert_log("late:TERM late:CONT ");
	assert_due(15 * SEC);
}

static void one_that_has_gone_has_no_next_step(void **state)
{
	(void)state;
	use_steps();
	drain_root(201, "a")->dies_of = UINT64_MAX;
	ask_at(10 * SEC);
	ask_at(11 * SEC);
	assert_due(POLICY_NEVER);
}

static void a_single_step_has_no_next_one(void **state)
{
	(void)state;
	drain_root(201, "a");
	ask_at(10 * SEC);
	assert_due(POLICY_NEVER);
}

static void a_step_that_takes_for_ever_is_the_last(void **state)
{
	(void)state;
	use_steps();
	fix.steps[0].time_ns = CONFIG_NO_LIMIT;
	drain_root(201, "a");
	ask_at(10 * SEC);
	assert_due(POLICY_NEVER);
}

static void all_eight_steps_are_made_and_no_ninth(void **state)
{
	(void)state;
	for (int i = 0; i < CONFIG_STEPS_MAX; i++)
		fix.steps[i] = (struct config_step){ .sig = SIGUSR1, .time_ns = SEC };
	drain_root(201, "a");
	for (int i = 0; i < 2 * CONFIG_STEPS_MAX; i++)
		ask_at(10 * SEC + i * SEC);
	assert_string_equal(fake_world_log(),
			    "a:USR1 a:CONT a:USR1 a:CONT a:USR1 a:CONT a:USR1 a:CONT "
			    "a:USR1 a:CONT a:USR1 a:CONT a:USR1 a:CONT a:USR1 a:CONT ");
	assert_due(POLICY_NEVER);
}

static void a_step_that_is_refused_is_tried_again_a_second_later(void **state)
{
	(void)state;
	use_steps();
	drain_root(201, "a");
	ask_at(10 * SEC);
	fake_world_find(201)->forbidden = true;
	fake_world_clear_log();
	ask_at(12 * SEC);
	assert_due(13 * SEC);
	fake_world_find(201)->forbidden = false;
	ask_at(13 * SEC - 1);
	drain_assert_log("");
	ask_at(13 * SEC);
	drain_assert_log("a:TERM a:CONT ");
	assert_due(16 * SEC);
}

static void one_that_is_stopped_later_goes_on_from_that_step(void **state)
{
	siginfo_t info = { .si_signo = SIGINT, .si_code = SI_USER };

	(void)state;
	use_steps();
	drain_root(201, "a");
	drain_forward(&fix.drain, &info, true, 10 * SEC);
	drain_assert_log("a:INT ");
	ask_at(11 * SEC);
	drain_assert_log("");
	assert_due(12 * SEC);
	ask_at(12 * SEC);
	drain_assert_log("a:TERM a:CONT ");
}

/* A stop signal went to the scope */

static void note_told(enum scope_reached reached, const struct asked *told, int64_t when)
{
	const struct drain_mark mark = drain_mark(&fix.drain, fake_sys.boot_ticks, when);

	drain_note_told(&fix.drain, &mark, reached, told);
}

static void who_was_told_with_its_group_gets_the_next_steps(void **state)
{
	struct asked nobody = { 0 };

	(void)state;
	use_steps();
	fix.forward.scope = CONFIG_FORWARD_GROUP;
	drain_root(201, "member")->pgid = MAIN;
	drain_root(202, "other");
	note_told(SCOPE_GROUP, &nobody, 10 * SEC);
	ask_at(11 * SEC);
	drain_assert_log("other:INT other:CONT ");
	assert_due(12 * SEC);
	ask_at(12 * SEC);
	drain_assert_log("member:TERM member:CONT ");
	assert_due(13 * SEC);
}

static void who_was_told_with_everybody_gets_the_next_steps(void **state)
{
	struct asked nobody = { 0 };

	(void)state;
	drain_restart(1, true, true);
	use_steps();
	fix.forward.scope = CONFIG_FORWARD_TREE;
	drain_root(201, "old");
	note_told(SCOPE_EVERYBODY, &nobody, 10 * SEC);
	drain_root(202, "new"); /* within the same tick, by its number */
	ask_at(11 * SEC);
	drain_assert_log("new:INT new:CONT ");
	ask_at(12 * SEC);
	drain_assert_log("old:TERM old:CONT ");
}

static void who_was_told_one_by_one_is_asked_and_who_was_refused_is_not(void **state)
{
	struct asked told;

	(void)state;
	use_steps();
	fix.forward.scope = CONFIG_FORWARD_TREE;
	drain_root(201, "told");
	drain_root(202, "refused");
	asked_init(&told);
	assert_int_equal(asked_reserve(&told, proctree_is_there), 0);
	(void)asked_add(&told, 201, 1000, 0);
	asked_add(&told, 202, 1000, 0)->step = SCOPE_REFUSED;
	note_told(SCOPE_EACH, &told, 10 * SEC);
	asked_fini(&told);
	ask_at(11 * SEC);
	drain_assert_log("refused:INT refused:CONT ");
	ask_at(12 * SEC);
	drain_assert_log("told:TERM told:CONT ");
}

static void where_nobody_can_be_seen_all_get_each_step_once(void **state)
{
	(void)state;
	drain_restart(1, true, false);
	use_steps();
	drain_root(201, "a");
	ask_at(10 * SEC);
	drain_assert_log("a:INT a:CONT ");
	assert_due(12 * SEC);
	ask_at(11 * SEC);
	drain_assert_log("");
	assert_due(12 * SEC);
	ask_at(12 * SEC);
	drain_assert_log("a:TERM a:CONT ");
	ask_at(15 * SEC);
	drain_assert_log("a:QUIT a:CONT ");
	assert_due(POLICY_NEVER);
	ask_at(99 * SEC);
	drain_assert_log("");
}

/* Guests */

static void start_guests(void)
{
	drain_restart(1, true, true);
	drain_root(201, "root");
	fake_world_add(GUEST, 0, 0, "guest")->sid = 0;
	fake_world_add(GUEST + 1, GUEST, 0, "below")->sid = 0;
}

static void ask_with_guests(enum proctree_reach reach)
{
	drain_ask(&fix.drain, reach, true, fake_sys.now);
}

static void guests_are_roots_of_their_own_where_they_are_minded(void **state)
{
	(void)state;
	start_guests();
	ask_at(0);
	drain_assert_log("root:TERM root:CONT ");
	ask_with_guests(PROCTREE_CHILDREN);
	drain_assert_log("guest:TERM guest:CONT ");
	ask_with_guests(PROCTREE_DESCENDANTS);
	drain_assert_log("below:TERM below:CONT ");
	ask_with_guests(PROCTREE_DESCENDANTS);
	drain_assert_log("");
}

static void guests_have_steps_too(void **state)
{
	(void)state;
	start_guests();
	use_steps();
	fake_sys.now = 10 * SEC;
	ask_with_guests(PROCTREE_CHILDREN);
	drain_assert_log("root:INT root:CONT guest:INT guest:CONT ");
	fake_sys.now = 12 * SEC;
	ask_with_guests(PROCTREE_CHILDREN);
	drain_assert_log("root:TERM root:CONT guest:TERM guest:CONT ");
	assert_due(15 * SEC);
}

static void guests_are_killed_with_theirs_after_they_were_asked(void **state)
{
	(void)state;
	start_guests();
	ask_with_guests(PROCTREE_CHILDREN);
	fake_world_clear_log();
	drain_kill(&fix.drain, 1, false, false, 0);
	drain_assert_log("root:KILL ");
	drain_kill(&fix.drain, 2, false, true, 0);
	drain_assert_log("guest:KILL below:TERM below:CONT ");
	assert_int_equal(drain_said("killing pid 300 (guest)"), 1);
	drain_kill(&fix.drain, 3, false, true, 0);
	drain_assert_log("below:KILL ");
}

static void without_pidfds_or_as_a_subreaper_guests_are_not_ours_to_ask(void **state)
{
	(void)state;
	drain_restart(1, false, true);
	drain_root(201, "root");
	fake_world_add(GUEST, 0, 0, "guest")->sid = 0;
	ask_with_guests(PROCTREE_CHILDREN);
	drain_assert_log("root:TERM root:CONT ");
	assert_false(drain_guests_left(&fix.drain));
	drain_restart(100, true, true);
	fake_world_add(GUEST, 0, 0, "guest")->sid = 0;
	ask_with_guests(PROCTREE_CHILDREN);
	drain_assert_log("");
	assert_false(drain_guests_left(&fix.drain));
	assert_int_equal(drain_said("sexton"), 0);
}

static void a_guest_that_is_left_is_waited_for_by_its_pidfd(void **state)
{
	int fd;

	(void)state;
	start_guests();
	assert_true(drain_guests_left(&fix.drain));
	fd = fix.drain.guest_fd;
	assert_true(fd >= 0);
	assert_true(drain_guests_left(&fix.drain)); /* the old one is closed */
	assert_int_equal(fix.drain.guest_fd, fd);
	fake_world_vanish(GUEST + 1);
	fake_world_vanish(GUEST);
	assert_false(drain_guests_left(&fix.drain));
	assert_int_equal(fix.drain.guest_fd, -1);
}

static void the_guest_is_recycled(void)
{
	(void)fake_world_recycle(GUEST, "another");
}

static void a_guest_whose_number_changes_hands_is_not_waited_for(void **state)
{
	(void)state;
	start_guests();
	fake_sys_before("pidfd_open(300)", 1, the_guest_is_recycled);
	assert_true(drain_guests_left(&fix.drain)); /* the next look, a second later, knows more */
	assert_int_equal(fix.drain.guest_fd, -1);
}

static void a_guest_without_a_descriptor_is_waited_for_all_the_same(void **state)
{
	(void)state;
	start_guests();
	fake_sys_fail("pidfd_open", 0, EMFILE);
	assert_true(drain_guests_left(&fix.drain));
	assert_true(fix.drain.guest_fd < 0);
}

static void guests_that_cannot_be_seen_are_not_waited_for_and_it_is_said(void **state)
{
	(void)state;
	start_guests();
	fake_sys_fail("getdents", 0, EIO);
	assert_true(drain_guests_left(&fix.drain)); /* one look may fail */
	assert_false(drain_guests_left(&fix.drain));
	assert_false(drain_guests_left(&fix.drain));
	assert_int_equal(drain_said("cannot see in /proc who came from outside"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, drain_setup, drain_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_step_comes_when_the_one_before_is_over),
		TEST(each_process_has_a_clock_of_its_own),
		TEST(one_that_has_gone_has_no_next_step),
		TEST(a_single_step_has_no_next_one),
		TEST(a_step_that_takes_for_ever_is_the_last),
		TEST(all_eight_steps_are_made_and_no_ninth),
		TEST(a_step_that_is_refused_is_tried_again_a_second_later),
		TEST(one_that_is_stopped_later_goes_on_from_that_step),
		TEST(who_was_told_with_its_group_gets_the_next_steps),
		TEST(who_was_told_with_everybody_gets_the_next_steps),
		TEST(who_was_told_one_by_one_is_asked_and_who_was_refused_is_not),
		TEST(where_nobody_can_be_seen_all_get_each_step_once),
		TEST(guests_are_roots_of_their_own_where_they_are_minded),
		TEST(guests_have_steps_too),
		TEST(guests_are_killed_with_theirs_after_they_were_asked),
		TEST(without_pidfds_or_as_a_subreaper_guests_are_not_ours_to_ask),
		TEST(a_guest_that_is_left_is_waited_for_by_its_pidfd),
		TEST(a_guest_whose_number_changes_hands_is_not_waited_for),
		TEST(a_guest_without_a_descriptor_is_waited_for_all_the_same),
		TEST(guests_that_cannot_be_seen_are_not_waited_for_and_it_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
