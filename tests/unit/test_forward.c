/* SPDX-License-Identifier: MIT */
/*
 * test_forward.c - a signal reaches the right process, and no other.
 *
 * The world's log names who got what, by name and not by number: a stranger that got a recycled
 * number would stand in it as "stranger", a number that nobody has any more as "?201".
 */
#include "sexton/forward.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_world.h"
#include "sexton/sys.h"

static struct forward_anchor anchor;

#define SELF 100
#define MAIN 200

static struct feature features;
static struct target targets;
static struct forward forward;

/* The main process leads a group with a helper in it; a stranger leads one of its own. */
static int setup(void **state)
{
	(void)state;
	fake_world_reset(SELF);
	fake_world_add(MAIN, SELF, MAIN, "main");
	fake_world_add(201, MAIN, MAIN, "helper");
	fake_world_add(300, 1, 300, "stranger");
	features = (struct feature){ true, true, true, true, true, true };
	target_init(&targets, MAIN, false);
	forward_init(&forward, &features, &targets, CONFIG_FORWARD_CHILD, MAIN,
		     sys_pidfd_open(MAIN), &anchor);
	forward.guarded = true;
	target_reader_enter();
	return 0;
}

/* Of all descriptors only the main process's pidfd may be left. */
static int teardown(void **state)
{
	(void)state;
	forward_rest(&forward);
	target_reader_leave();
	return fake_sys_open_fds() == 1 ? 0 : -1;
}

static void use_no_pidfds(void)
{
	features.pidfd = features.pidfd_group = false;
	target_init(&targets, MAIN, true);
}

static void assert_sent(int result, const char *log)
{
	assert_int_equal(result, 0);
	assert_string_equal(fake_world_log(), log);
	fake_world_clear_log();
}

static void assert_not_sent(int result, int expected)
{
	assert_int_equal(result, expected);
	assert_string_equal(fake_world_log(), "");
}

/* What a snapshot says of @pid now. */
static struct proctree_proc seen(pid_t pid)
{
	struct proctree_proc proc;

	assert_int_equal(proctree_stat(pid, &proc), 0);
	return proc;
}

static int send_proc(const struct proctree_proc *proc)
{
	return forward_to_proc(&forward, proc, SIGTERM, NULL, true);
}

static bool trace_has(const char *text)
{
	return strstr(fake_sys_trace(), text) != NULL;
}

static void a_process_is_woken_so_that_it_can_act(void **state)
{
	struct proctree_proc proc = seen(201);

	(void)state;
	assert_sent(send_proc(&proc), "helper:TERM helper:CONT ");
	assert_sent(forward_to_proc(&forward, &proc, SIGKILL, NULL, false), "helper:KILL ");
}

static void a_siginfo_is_passed_on_to_a_process_too(void **state)
{
	struct proctree_proc proc = seen(MAIN);
	siginfo_t info = { .si_signo = 40, .si_code = SI_QUEUE };

	(void)state;
	info.si_value.sival_int = 3;
	assert_sent(forward_to_proc(&forward, &proc, 40, &info, false), "main:RTMIN+6=3 ");
	use_no_pidfds();
	assert_sent(forward_to_proc(&forward, &proc, 40, &info, false), "main:RTMIN+6=3 ");
}

static void the_helper_is_recycled(void)
{
	fake_world_recycle(201, "stranger");
}

static void one_recycled_since_the_snapshot_is_not_hit(void **state)
{
	struct proctree_proc proc = seen(201);

	(void)state;
	the_helper_is_recycled();
	assert_not_sent(send_proc(&proc), -ESRCH);
}

static void one_recycled_between_open_and_verify_is_not_hit(void **state)
{
	struct proctree_proc proc = seen(201);

	(void)state;
	fake_sys_before("open(/proc/201/stat", 1, the_helper_is_recycled);
	assert_not_sent(send_proc(&proc), -ESRCH);
}

static void the_helper_vanishes(void)
{
	fake_world_vanish(201);
}

static void one_that_vanishes_between_open_and_verify_counts_as_gone(void **state)
{
	struct proctree_proc proc = seen(201);

	(void)state;
	fake_sys_before("open(/proc/201/stat", 1, the_helper_vanishes);
	assert_not_sent(send_proc(&proc), -ESRCH);
}

/* /proc may even look right, within one tick of the clock: the pidfd knows better. */
static void the_helper_is_recycled_in_the_same_tick(void)
{
	uint64_t start = fake_world_find(201)->start;

	fake_world_recycle(201, "stranger")->start = start;
	fake_world_find(201)->ppid = MAIN;
}

static void one_recycled_within_a_tick_between_open_and_verify_is_not_hit(void **state)
{
	struct proctree_proc proc = seen(201);

	(void)state;
	fake_sys_before("open(/proc/201/stat", 1, the_helper_is_recycled_in_the_same_tick);
	assert_not_sent(send_proc(&proc), -ESRCH);
}

static void one_recycled_between_verify_and_send_is_not_hit(void **state)
{
	struct proctree_proc proc = seen(201);

	(void)state;
	fake_sys_before("pidfd_send_signal(", 1, the_helper_is_recycled);
	assert_not_sent(send_proc(&proc), -ESRCH);
}

static void one_recycled_between_signal_and_wake_is_not_woken(void **state)
{
	struct proctree_proc proc = seen(201);

	(void)state;
	fake_sys_before("pidfd_send_signal(", 2, the_helper_is_recycled);
	assert_sent(send_proc(&proc), "helper:TERM ");
}

static void one_that_left_our_tree_is_not_hit(void **state)
{
	struct proctree_proc proc = seen(201);

	(void)state;
	fake_world_find(201)->ppid = 1;
	assert_not_sent(send_proc(&proc), -ESRCH);
	fake_world_find(201)->ppid = SELF; /* an orphan of ours is ours still */
	assert_sent(send_proc(&proc), "helper:TERM helper:CONT ");
}

/* Our own child again, and of the same parent: only the time of its start tells. */
static void a_successor_in_the_same_place_is_not_hit(void **state)
{
	struct proctree_proc proc = seen(MAIN);

	(void)state;
	fake_world_recycle(MAIN, "successor")->ppid = SELF;
	assert_not_sent(send_proc(&proc), -ESRCH);
	use_no_pidfds();
	assert_not_sent(send_proc(&proc), -ESRCH);
}

/* Its parent's number is the same, and its own, and the tick of its start; the parent is a stranger's. */
static void the_child_of_a_stranger_with_its_parent_s_number_is_not_hit(void **state)
{
	struct proctree_proc proc = seen(201);

	(void)state;
	fake_world_vanish(201);
	fake_world_recycle(MAIN, "stranger");
	fake_world_add(201, MAIN, 201, "stranger's child")->start = proc.start;
	assert_not_sent(send_proc(&proc), -ESRCH);
}

static void main_goes_and_comes_back_a_stranger(void)
{
	fake_world_vanish(201);
	fake_world_recycle(MAIN, "stranger");
	fake_world_add(201, MAIN, 201, "stranger's child");
}

/* Read on the way up, its ancestors were ours; on the way back it has another parent. */
static void one_whose_ancestors_change_hands_while_they_are_read_is_not_hit(void **state)
{
	struct proctree_proc proc;

	(void)state;
	fake_world_add(202, 201, 202, "deep");
	proc = seen(202);
	/* 1: seen(); 2: is it the same; 3: on the way up; then 201 and the main process */
	fake_sys_before("open(/proc/201/stat,", 1, main_goes_and_comes_back_a_stranger);
	assert_not_sent(send_proc(&proc), -ESRCH);
}

static void one_that_cannot_be_verified_is_neither_hit_nor_called_gone(void **state)
{
	struct proctree_proc proc = seen(MAIN);

	(void)state;
	fake_sys_fail("open", 2, EMFILE); /* 1: seen() */
	fake_sys_fail("open", 3, EMFILE);
	assert_not_sent(send_proc(&proc), -EMFILE);
	use_no_pidfds();
	assert_not_sent(send_proc(&proc), -EMFILE);
}

static void a_thread_that_has_the_number_now_counts_as_gone(void **state)
{
	struct proctree_proc proc = seen(201);

	(void)state;
	fake_sys_fail("pidfd_open", 2, EINVAL);
	assert_not_sent(send_proc(&proc), -ESRCH);
	fake_sys_fail("pidfd_open", 3, EMFILE);
	assert_not_sent(send_proc(&proc), -EMFILE);
}

static void without_pidfds_only_direct_children_are_signalled(void **state)
{
	struct proctree_proc child = seen(MAIN);
	struct proctree_proc grandchild = seen(201);

	(void)state;
	use_no_pidfds();
	assert_sent(send_proc(&child), "main:TERM main:CONT ");
	assert_not_sent(send_proc(&grandchild), -ENOTSUP);
}

static void without_pidfds_the_grave_is_never_signalled(void **state)
{
	struct proctree_proc child = seen(MAIN);

	(void)state;
	use_no_pidfds();
	targets.grave = MAIN; /* as target_retire() leaves it */
	assert_not_sent(send_proc(&child), -ESRCH);
	target_buried(&targets);
	assert_sent(send_proc(&child), "main:TERM main:CONT ");
}

static void without_pidfds_a_child_is_verified_too(void **state)
{
	struct proctree_proc child = seen(MAIN);

	(void)state;
	use_no_pidfds();
	fake_world_recycle(MAIN, "stranger");
	assert_not_sent(send_proc(&child), -ESRCH);
	assert_false(trace_has("kill("));
}

static void everybody_is_reached_by_PID_1_with_one_call(void **state)
{
	(void)state;
	fake_world_reset(1);
	sys_ignore(sys_pidfd_open(1)); /* what teardown() expects to be left */
	fake_world_add(2, 1, 2, "a");
	fake_world_add(3, 2, 3, "b");
	forward.self = 1;
	assert_sent(forward_to_all(&forward, SIGTERM), "a:TERM b:TERM ");
	assert_true(trace_has("kill(-1,15)"));
}

static void everybody_is_the_group_for_others_and_never_everybody(void **state)
{
	(void)state;
	assert_sent(forward_to_all(&forward, SIGTERM), "main:TERM helper:TERM ");
	features.pidfd_group = false;
	assert_not_sent(forward_to_all(&forward, SIGTERM), -ENOTSUP);
	features.pidfd_group = true;
	forward.group_pidfd = -1;
	assert_not_sent(forward_to_all(&forward, SIGTERM), -ENOTSUP);
	assert_false(trace_has("kill("));
}

static void the_reaper_is_guarded_whenever_a_number_may_be_used(void **state)
{
	static const struct {
		bool pidfd, group;
		enum config_forward scope;
		int main_pidfd;
		int guard;
	} rows[] = {
		{ true, true, CONFIG_FORWARD_CHILD, 7, false },
		{ true, true, CONFIG_FORWARD_GROUP, 7, false },
		{ true, false, CONFIG_FORWARD_CHILD, 7, false },
		{ true, false, CONFIG_FORWARD_GROUP, 7, true },
		{ true, true, CONFIG_FORWARD_CHILD, -1, true }, /* EMFILE at the fork */
		{ true, true, CONFIG_FORWARD_GROUP, -1, true },
		{ false, false, CONFIG_FORWARD_CHILD, -1, true },
		{ false, false, CONFIG_FORWARD_GROUP, -1, true },
		{ false, false, CONFIG_FORWARD_CHILD, 7, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct feature f = { .pidfd = rows[i].pidfd, .pidfd_group = rows[i].group };

		assert_int_equal(forward_needs_guard(&f, rows[i].scope, rows[i].main_pidfd),
				 rows[i].guard);
	}
}

/* The main process's group, whatever the scope (job control) */

static int send_group(int sig)
{
	siginfo_t info = { .si_signo = sig, .si_code = SI_USER };

	return forward_to_group(&forward, &info);
}

static void the_group_gets_a_plain_signal_whatever_the_scope(void **state)
{
	(void)state;
	assert_sent(send_group(SIGCONT), "main:CONT helper:CONT ");
	forward.scope = CONFIG_FORWARD_GROUP;
	assert_sent(send_group(SIGCONT), "main:CONT helper:CONT ");
	assert_false(trace_has("kill("));
}

static void by_number_it_is_the_group_of_the_published_process(void **state)
{
	(void)state;
	features.pidfd_group = false;
	assert_sent(send_group(SIGCONT), "main:CONT helper:CONT ");
	assert_true(trace_has("kill(-200,18)"));
	forward.group_pidfd = -1;
	features.pidfd_group = true; /* but there is no pidfd to use it with */
	assert_sent(send_group(SIGCONT), "main:CONT helper:CONT ");
}

static void by_number_a_retired_group_gets_nothing(void **state)
{
	(void)state;
	features.pidfd_group = false;
	target_retire(&targets, MAIN);
	fake_world_vanish(201);
	fake_world_recycle(MAIN, "stranger");
	assert_not_sent(send_group(SIGCONT), -ENOTSUP);
	assert_false(trace_has("kill("));
}

static void a_refusal_of_the_group_is_passed_up(void **state)
{
	(void)state;
	fake_sys_fail("pidfd_send_signal", 1, EPERM);
	assert_not_sent(send_group(SIGCONT), -EPERM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_process_is_woken_so_that_it_can_act),
		TEST(a_siginfo_is_passed_on_to_a_process_too),
		TEST(one_recycled_since_the_snapshot_is_not_hit),
		TEST(one_recycled_between_open_and_verify_is_not_hit),
		TEST(one_that_vanishes_between_open_and_verify_counts_as_gone),
		TEST(one_recycled_within_a_tick_between_open_and_verify_is_not_hit),
		TEST(one_recycled_between_verify_and_send_is_not_hit),
		TEST(one_recycled_between_signal_and_wake_is_not_woken),
		TEST(one_that_left_our_tree_is_not_hit),
		TEST(a_successor_in_the_same_place_is_not_hit),
		TEST(the_child_of_a_stranger_with_its_parent_s_number_is_not_hit),
		TEST(one_whose_ancestors_change_hands_while_they_are_read_is_not_hit),
		TEST(one_that_cannot_be_verified_is_neither_hit_nor_called_gone),
		TEST(a_thread_that_has_the_number_now_counts_as_gone),
		TEST(without_pidfds_only_direct_children_are_signalled),
		TEST(without_pidfds_the_grave_is_never_signalled),
		TEST(without_pidfds_a_child_is_verified_too),
		TEST(everybody_is_reached_by_PID_1_with_one_call),
		TEST(everybody_is_the_group_for_others_and_never_everybody),
		TEST(the_reaper_is_guarded_whenever_a_number_may_be_used),
		TEST(the_group_gets_a_plain_signal_whatever_the_scope),
		TEST(by_number_it_is_the_group_of_the_published_process),
		TEST(by_number_a_retired_group_gets_nothing),
		TEST(a_refusal_of_the_group_is_passed_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
