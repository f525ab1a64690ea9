/* SPDX-License-Identifier: MIT */
/* test_scope.c - whom a signal for the main process or its group reaches. */
#include "scope_test.h"

static void the_child_alone_gets_it_by_its_pidfd(void **state)
{
	(void)state;
	assert_sent(send_scope(SIGTERM, SI_USER, 0), "main:TERM ");
	assert_false(trace_has("kill("));
}

static void the_group_gets_it_by_the_pidfd(void **state)
{
	(void)state;
	forward.scope = CONFIG_FORWARD_GROUP;
	assert_sent(send_scope(SIGTERM, SI_USER, 0), "main:TERM helper:TERM ");
	assert_false(trace_has("kill("));
}

static void the_group_outlives_its_leader_by_the_pidfd(void **state)
{
	(void)state;
	forward.scope = CONFIG_FORWARD_GROUP;
	fake_world_vanish(MAIN);
	(void)fake_world_add(MAIN, 1, MAIN, "stranger with the same number");
	assert_sent(send_scope(SIGTERM, SI_USER, 0), "helper:TERM ");
}

static void the_group_gets_it_by_number_where_pidfds_know_no_groups(void **state)
{
	(void)state;
	forward.scope = CONFIG_FORWARD_GROUP;
	features.pidfd_group = false;
	assert_sent(send_scope(SIGHUP, SI_USER, 0), "main:HUP helper:HUP ");
	assert_true(trace_has("kill(-200,1)"));
	forward.scope = CONFIG_FORWARD_CHILD; /* which a pidfd does know */
	assert_sent(send_scope(SIGHUP, SI_USER, 0), "main:HUP ");
	assert_false(trace_has("kill(200,1)"));
}

static void the_child_gets_it_by_number_without_pidfds(void **state)
{
	(void)state;
	use_no_pidfds();
	assert_sent(send_scope(SIGTERM, SI_USER, 0), "main:TERM ");
	assert_true(trace_has("kill(200,15)"));
}

static void a_retired_number_is_not_used_for_child_or_group(void **state)
{
	(void)state;
	use_no_pidfds();
	targets.main = 0; /* as target_retire() leaves it */
	assert_not_sent(send_scope(SIGTERM, SI_USER, 0), -ESRCH);
	forward.scope = CONFIG_FORWARD_GROUP;
	fake_world_vanish(MAIN);
	fake_world_vanish(HELPER); /* it would hold the number of the group */
	assert_not_sent(send_scope(SIGTERM, SI_USER, 0), -ESRCH);
	assert_false(trace_has("kill("));
}

static void a_recycled_main_process_is_not_hit_by_its_pidfd(void **state)
{
	(void)state;
	fake_world_recycle(MAIN, "recycled");
	assert_not_sent(send_scope(SIGTERM, SI_USER, 0), -ESRCH);
}

static void a_queued_value_travels_to_the_child_either_way(void **state)
{
	(void)state;
	assert_sent(send_scope(40, SI_QUEUE, 7), "main:RTMIN+6=7 ");
	use_no_pidfds();
	assert_sent(send_scope(40, SI_QUEUE, 8), "main:RTMIN+6=8 ");
	assert_true(trace_has("sigqueueinfo(200,40)"));
}

static void a_queued_value_does_not_travel_to_a_group_by_number_but_the_signal_does(void **state)
{
	(void)state;
	forward.scope = CONFIG_FORWARD_GROUP;
	use_no_pidfds();
	assert_sent(send_scope(40, SI_QUEUE, 7), "main:RTMIN+6 helper:RTMIN+6 ");
}

/* The kernel refuses a siginfo that claims to come from it or from kill(2). */
static void only_a_queued_siginfo_is_passed_on(void **state)
{
	static const int codes[] = { SI_USER, SI_TKILL, SI_KERNEL, SI_TIMER, SI_MESGQ };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_sent(send_scope(SIGUSR1, codes[i], 9), "main:USR1 ");
	assert_false(trace_has("info"));
}

static void without_a_group_the_main_process_gets_it(void **state)
{
	(void)state;
	forward.scope = CONFIG_FORWARD_GROUP;
	fake_world_vanish(HELPER);
	fake_world_find(MAIN)->pgid = SELF; /* setpgid(2) was refused */
	fake_world_find(MAIN)->leader = -1;
	assert_sent(send_scope(SIGTERM, SI_USER, 0), "main:TERM ");
	use_no_pidfds();
	assert_sent(send_scope(SIGTERM, SI_USER, 0), "main:TERM ");
}

static void a_refusal_is_passed_on(void **state)
{
	(void)state;
	fake_world_find(MAIN)->forbidden = true;
	assert_not_sent(send_scope(SIGTERM, SI_USER, 0), -EPERM);
	use_no_pidfds();
	assert_not_sent(send_scope(SIGTERM, SI_USER, 0), -EPERM);
}

/* A group whose main process was buried, while the scope goes on (--on-exit=wait) */

static int send_to_rest(int sig)
{
	return send_to(false, sig, SI_USER, 0);
}

static void start_group(void)
{
	forward.scope = CONFIG_FORWARD_GROUP;
	(void)fake_world_add(203, HELPER, MAIN, "late");
}

static void before_6_9_an_orphaned_group_gets_it_one_by_one(void **state)
{
	(void)state;
	start_group();
	features.pidfd_group = false;
	bury_main();
	assert_sent(send_to_rest(SIGTERM), "helper:TERM late:TERM ");
	assert_int_equal(reached, SCOPE_EACH);
	assert_false(trace_has("kill("));
}

static void without_pidfds_an_orphaned_group_gets_it_by_the_number_of_a_member(void **state)
{
	(void)state;
	start_group();
	use_no_pidfds();
	bury_main();
	assert_sent(send_to_rest(SIGTERM), "helper:TERM late:TERM ");
	assert_int_equal(reached, SCOPE_GROUP);
	assert_true(trace_has("kill(-200,15)"));
}

static void the_helper_is_in_another_group(void)
{
	fake_world_find(HELPER)->pgid = HELPER;
}

static void without_pidfds_a_member_that_left_the_group_does_not_hold_its_number(void **state)
{
	(void)state;
	forward.scope = CONFIG_FORWARD_GROUP;
	use_no_pidfds();
	bury_main();
	fake_sys_before("getpgid(201", 1, the_helper_is_in_another_group);
	assert_not_sent(send_to_rest(SIGTERM), -ESRCH);
	assert_false(trace_has("kill("));
}

static void an_orphaned_group_without_members_is_gone(void **state)
{
	(void)state;
	forward.scope = CONFIG_FORWARD_GROUP;
	bury_main();
	fake_world_vanish(HELPER);
	assert_not_sent(send_to_rest(SIGTERM), -ESRCH);
	features.pidfd_group = false;
	assert_not_sent(send_to_rest(SIGTERM), -ESRCH);
	use_no_pidfds();
	targets.main = 0;
	assert_not_sent(send_to_rest(SIGTERM), -ESRCH);
}

static void an_orphaned_group_that_nothing_can_show_is_gone(void **state)
{
	(void)state;
	forward.scope = CONFIG_FORWARD_GROUP;
	use_no_pidfds();
	bury_main();
	features.proc = features.children = false;
	fake_world.no_proc = true;
	assert_not_sent(send_to_rest(SIGTERM), -ESRCH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_child_alone_gets_it_by_its_pidfd),
		TEST(the_group_gets_it_by_the_pidfd),
		TEST(the_group_outlives_its_leader_by_the_pidfd),
		TEST(the_group_gets_it_by_number_where_pidfds_know_no_groups),
		TEST(the_child_gets_it_by_number_without_pidfds),
		TEST(a_retired_number_is_not_used_for_child_or_group),
		TEST(a_recycled_main_process_is_not_hit_by_its_pidfd),
		TEST(a_queued_value_travels_to_the_child_either_way),
		TEST(a_queued_value_does_not_travel_to_a_group_by_number_but_the_signal_does),
		TEST(only_a_queued_siginfo_is_passed_on),
		TEST(without_a_group_the_main_process_gets_it),
		TEST(a_refusal_is_passed_on),
		TEST(before_6_9_an_orphaned_group_gets_it_one_by_one),
		TEST(without_pidfds_an_orphaned_group_gets_it_by_the_number_of_a_member),
		TEST(without_pidfds_a_member_that_left_the_group_does_not_hold_its_number),
		TEST(an_orphaned_group_without_members_is_gone),
		TEST(an_orphaned_group_that_nothing_can_show_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
