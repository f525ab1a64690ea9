/* SPDX-License-Identifier: MIT */
/* test_proctree_guests.c - who came from outside, and who descends from whom. */
#include "sexton/proctree.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_world.h"

static struct proctree tree;

static int setup(void **state)
{
	(void)state;
	fake_world_reset(1);
	proctree_init(&tree, true);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	proctree_fini(&tree);
	return fake_sys_open_fds() == 0 && fake_sys_open_maps() == 0 ? 0 : -1;
}

/* "201 202 ", in the snapshot's order. */
static const char *snapshot(enum proctree_reach reach)
{
	static char text[4096];
	size_t used = 0;

	text[0] = '\0';
	assert_int_equal(proctree_read(&tree, reach), 0);
	for (size_t i = 0; i < tree.count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%d ",
					 tree.procs[i].pid);
	return text;
}

static bool trace_has(const char *text)
{
	return strstr(fake_sys_trace(), text) != NULL;
}

static struct fake_proc *add(pid_t pid, pid_t ppid, pid_t pgid, pid_t sid)
{
	struct fake_proc *proc = fake_world_add(pid, ppid, pgid, "proc");

	proc->sid = sid;
	return proc;
}

static void a_guest_has_no_parent_here(void **state)
{
	(void)state;
	(void)add(200, 1, 200, 1);
	(void)add(201, 200, 200, 1);
	(void)add(300, 0, 0, 0);     /* docker exec */
	(void)add(301, 0, 301, 301); /* nsenter, and a session of its own */
	(void)add(302, 0, 302, 0);   /* a group of its own */
	assert_string_equal(snapshot(PROCTREE_GUESTS), "300 301 302 ");
	assert_string_equal(tree.procs[0].name, "proc");
	assert_int_equal(tree.procs[0].start, 1000);
	assert_int_equal(tree.trouble, 0);
}

static void we_are_no_guest_and_without_one_nobody_is(void **state)
{
	(void)state;
	assert_string_equal(snapshot(PROCTREE_GUESTS), "");
	(void)add(200, 1, 200, 200);
	assert_string_equal(snapshot(PROCTREE_GUESTS), "");
	assert_string_equal(snapshot(PROCTREE_GUEST_TREES), "");
}

static void who_has_an_ancestor_s_session_or_group_is_not_even_read(void **state)
{
	(void)state;
	(void)add(200, 1, 200, 1);
	(void)add(201, 200, 200, 201);
	(void)add(300, 0, 0, 0);
	assert_string_equal(snapshot(PROCTREE_GUESTS), "300 ");
	assert_false(trace_has("/proc/200/stat"));
	assert_false(trace_has("/proc/201/stat"));
}

static void our_children_are_crossed_out_unread(void **state)
{
	(void)state;
	(void)add(200, 1, 200, 200);
	(void)add(201, 1, 201, 201);
	(void)add(300, 0, 0, 0);
	assert_string_equal(snapshot(PROCTREE_GUESTS), "300 ");
	assert_false(trace_has("/proc/200/stat"));
	assert_false(trace_has("/proc/201/stat"));
}

static void one_that_is_read_has_its_siblings_crossed_out(void **state)
{
	(void)state;
	(void)add(200, 1, 200, 200);
	for (pid_t pid = 201; pid < 210; pid++)
		(void)add(pid, 200, pid, pid);
	(void)add(300, 0, 0, 0);
	assert_string_equal(snapshot(PROCTREE_GUESTS), "300 ");
	assert_true(trace_has("/proc/201/stat"));
	assert_false(trace_has("/proc/202/stat"));
	assert_false(trace_has("/proc/209/stat"));
}

static void without_children_files_candidates_are_read_one_by_one(void **state)
{
	(void)state;
	fake_world.no_children = true;
	proctree_init(&tree, false);
	(void)add(200, 1, 200, 200);
	(void)add(201, 200, 201, 201);
	(void)add(300, 0, 0, 0);
	(void)add(301, 300, 301, 301);
	assert_string_equal(snapshot(PROCTREE_GUESTS), "300 ");
	assert_string_equal(snapshot(PROCTREE_GUEST_TREES), "300 ");
}

static void a_guest_that_is_a_zombie_is_none(void **state)
{
	(void)state;
	add(300, 0, 0, 0)->state = 'Z';
	(void)add(301, 0, 0, 0);
	assert_string_equal(snapshot(PROCTREE_GUESTS), "301 ");
}

static void a_guest_s_tree_comes_after_the_guests(void **state)
{
	(void)state;
	(void)add(200, 1, 200, 200);
	(void)add(201, 200, 200, 200);
	(void)add(300, 0, 0, 0);
	(void)add(301, 300, 301, 0);
	(void)add(302, 301, 302, 302);
	(void)add(310, 0, 310, 310);
	(void)add(311, 310, 310, 310);
	assert_string_equal(snapshot(PROCTREE_GUEST_TREES), "300 310 301 311 302 ");
	assert_string_equal(snapshot(PROCTREE_GUESTS), "300 310 ");
}

static void many_guests_need_a_larger_mapping(void **state)
{
	(void)state;
	for (pid_t pid = 300; pid < 1300; pid++)
		(void)add(pid, 0, 0, 0);
	fake_sys.quiet = true;
	assert_int_equal(proctree_read(&tree, PROCTREE_GUESTS), 0);
	assert_int_equal(tree.count, 1000);
	assert_int_equal(tree.procs[0].pid, 300);
	assert_int_equal(tree.procs[999].pid, 1299);
}

/* A sandbox refuses the two calls that would spare the reading. */
static void who_cannot_be_asked_for_his_session_is_read(void **state)
{
	(void)state;
	(void)add(200, 1, 200, 1);
	(void)add(300, 0, 0, 0);
	fake_sys_fail("getsid", 0, EPERM);
	fake_sys_fail("getpgid", 0, EPERM);
	assert_string_equal(snapshot(PROCTREE_GUESTS), "300 ");
}

static void one_that_vanishes(void)
{
	fake_world_vanish(300);
}

static void a_guest_that_goes_meanwhile_is_no_trouble(void **state)
{
	(void)state;
	(void)add(300, 0, 0, 0);
	(void)add(301, 0, 0, 0);
	fake_sys_before("open(/proc/300/stat", 1, one_that_vanishes);
	assert_string_equal(snapshot(PROCTREE_GUESTS), "301 ");
	assert_int_equal(tree.trouble, 0);
}

static void a_guest_that_goes_before_it_was_asked_for_its_group_is_not_read(void **state)
{
	(void)state;
	(void)add(300, 0, 0, 0);
	fake_sys_before("getpgid(300", 1, one_that_vanishes);
	assert_string_equal(snapshot(PROCTREE_GUESTS), "");
	assert_int_equal(fake_sys_calls("open"), 1); /* /proc alone */
}

static void what_cannot_be_read_is_trouble(void **state)
{
	(void)state;
	(void)add(300, 0, 0, 0);
	(void)add(301, 0, 0, 0);
	fake_sys_fail("open", 3, EMFILE);
	assert_string_equal(snapshot(PROCTREE_GUESTS), "301 ");
	assert_int_equal(tree.trouble, -EMFILE);
	fake_world_vanish(301);
	fake_sys_fail("open", fake_sys_calls("open") + 3, EMFILE);
	assert_int_equal(proctree_read(&tree, PROCTREE_GUESTS), -EMFILE);
	assert_int_equal(tree.count, 0);
}

static void without_proc_or_memory_it_is_a_failure(void **state)
{
	(void)state;
	(void)add(300, 0, 0, 0);
	fake_sys_fail("map", 1, ENOMEM);
	assert_int_equal(proctree_read(&tree, PROCTREE_GUESTS), -ENOMEM);
	fake_world.no_proc = true;
	assert_int_equal(proctree_read(&tree, PROCTREE_GUESTS), -ENOENT);
	assert_int_equal(tree.count, 0);
}

static void session_and_status_are_read_as_well(void **state)
{
	struct proctree_proc proc;

	(void)state;
	(void)add(200, 1, 7, 6);
	assert_int_equal(proctree_stat(200, &proc), 0);
	assert_int_equal(proc.sid, 6);
	assert_int_equal(proc.pgid, 7);
	assert_int_equal(proc.status, 0);
	fake_world_end(200, 9 << 8);
	assert_int_equal(proctree_stat(200, &proc), 0);
	assert_int_equal(proc.state, 'Z');
	assert_int_equal(proc.status, 9 << 8);
}

/* Who descends from whom */

static void children_and_their_children_descend_and_others_do_not(void **state)
{
	(void)state;
	(void)add(200, 1, 200, 200);
	(void)add(201, 200, 200, 200);
	(void)add(202, 201, 200, 200);
	(void)add(300, 0, 0, 0);
	(void)add(301, 300, 0, 0);
	assert_true(proctree_descends(200, 1, NULL));
	assert_true(proctree_descends(202, 1, NULL));
	assert_true(proctree_descends(202, 200, NULL));
	assert_false(proctree_descends(200, 201, NULL));
	assert_false(proctree_descends(200, 200, NULL));
	assert_false(proctree_descends(1, 1, NULL));
	assert_false(proctree_descends(300, 1, NULL));
	assert_false(proctree_descends(301, 1, NULL));
	assert_false(proctree_descends(999, 1, NULL));
}

static void a_parent_that_cannot_be_read_ends_the_line(void **state)
{
	(void)state;
	(void)add(200, 1, 200, 200);
	(void)add(201, 200, 200, 200);
	fake_sys_fail("open", 2, EMFILE);
	assert_false(proctree_descends(201, 1, NULL));
	assert_true(proctree_descends(201, 1, NULL));
}

/* Numbers that change hands during the walk may show one. */
static void a_ring_of_parents_has_an_end(void **state)
{
	(void)state;
	(void)add(200, 201, 200, 200);
	(void)add(201, 200, 200, 200);
	fake_sys.quiet = true;
	assert_false(proctree_descends(201, 1, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_guest_has_no_parent_here),
		TEST(we_are_no_guest_and_without_one_nobody_is),
		TEST(who_has_an_ancestor_s_session_or_group_is_not_even_read),
		TEST(our_children_are_crossed_out_unread),
		TEST(one_that_is_read_has_its_siblings_crossed_out),
		TEST(without_children_files_candidates_are_read_one_by_one),
		TEST(a_guest_that_is_a_zombie_is_none),
		TEST(a_guest_s_tree_comes_after_the_guests),
		TEST(many_guests_need_a_larger_mapping),
		TEST(who_cannot_be_asked_for_his_session_is_read),
		TEST(a_guest_that_goes_meanwhile_is_no_trouble),
		TEST(a_guest_that_goes_before_it_was_asked_for_its_group_is_not_read),
		TEST(what_cannot_be_read_is_trouble),
		TEST(without_proc_or_memory_it_is_a_failure),
		TEST(session_and_status_are_read_as_well),
		TEST(children_and_their_children_descend_and_others_do_not),
		TEST(a_parent_that_cannot_be_read_ends_the_line),
		TEST(a_ring_of_parents_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
