/* SPDX-License-Identifier: MIT */
/* test_proctree.c - the snapshot of who descends from us is right, whatever happens meanwhile. */
#include "sexton/proctree.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_world.h"

#define SELF 100

static struct proctree tree;

static int setup(void **state)
{
	(void)state;
	fake_world_reset(SELF);
	proctree_init(&tree, true);
	return 0;
}

/* Whatever a test did, no descriptor and no memory is left behind. */
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

static void assert_name_read_as(const char *name, const char *expected)
{
	struct proctree_proc proc;

	fake_world_find(201)->name = name;
	assert_int_equal(proctree_stat(201, &proc), 0);
	assert_string_equal(proc.name, expected);
	assert_int_equal(proc.pid, 201);
	assert_int_equal(proc.ppid, SELF);
	assert_int_equal(proc.pgid, 77);
	assert_int_equal(proc.state, 'S');
	assert_int_equal(proc.start, 123456789);
}

static void a_name_may_hold_blanks_parentheses_and_newlines(void **state)
{
	(void)state;
	fake_world_add(201, SELF, 77, "plain")->start = 123456789;
	assert_name_read_as("plain", "plain");
	assert_name_read_as("two words", "two words");
	assert_name_read_as(") Z 1 1 (", ") Z 1 1 (");
	assert_name_read_as("a) R 5 (b", "a) R 5 (b");
	assert_name_read_as("line\nfeed", "line\nfeed");
	assert_name_read_as("((", "((");
	assert_name_read_as("))", "))");
	assert_name_read_as("", "");
	assert_name_read_as("fifteen letters", "fifteen letters");
	assert_name_read_as("a kernel worker's longer name", "a kernel worker"); /* cut to fit */
}

static void a_stat_file_that_makes_no_sense_is_an_error(void **state)
{
	static const char *const texts[] = { "",         "7",          "7 name S 1", "7 )name( S 1",
					     "7 (name)", "7 (name)S 1" };
	struct proctree_proc proc;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		fake_sys_reset();
		fake_sys_file("/proc/7/stat", 0444, texts[i], 0);
		assert_true(proctree_stat(7, &proc) < 0);
	}
}

static void a_process_that_is_gone_is_an_error(void **state)
{
	struct proctree_proc proc;

	(void)state;
	assert_int_equal(proctree_stat(201, &proc), -ENOENT);
	fake_world_add(201, SELF, 201, "a");
	fake_sys_fail("read", 1, ESRCH);
	assert_int_equal(proctree_stat(201, &proc), -ESRCH);
}

static void children_are_direct_ones_and_descendants_are_all(void **state)
{
	(void)state;
	fake_world_add(201, SELF, 201, "a");
	fake_world_add(202, SELF, 202, "b");
	fake_world_add(203, 201, 201, "c");
	fake_world_add(204, 203, 999, "d");
	fake_world_add(205, 1, 205, "stranger");
	fake_world_add(206, 205, 206, "stranger's");
	assert_string_equal(snapshot(PROCTREE_CHILDREN), "201 202 ");
	assert_string_equal(snapshot(PROCTREE_DESCENDANTS), "201 202 203 204 ");
}

static void nobody_is_no_error(void **state)
{
	(void)state;
	assert_string_equal(snapshot(PROCTREE_CHILDREN), "");
	assert_string_equal(snapshot(PROCTREE_DESCENDANTS), "");
}

static void zombies_are_left_out_but_not_a_dead_leader_whose_threads_live(void **state)
{
	(void)state;
	fake_world_add(201, SELF, 201, "zombie")->state = 'Z';
	fake_world_add(202, SELF, 202, "leader")->state = 'Z';
	fake_world_find(202)->threads = 2;
	fake_world_add(203, SELF, 203, "vanishing")->state = 'X';
	fake_world_add(204, 202, 202, "child of a thread")->born_of = 1;
	for (int i = 0; i < 2; i++) {
		tree.scan = i == 1;
		assert_string_equal(snapshot(PROCTREE_DESCENDANTS), "202 204 ");
	}
}

static void children_of_every_thread_are_found(void **state)
{
	(void)state;
	fake_world_add(201, SELF, 201, "server")->threads = 40;
	fake_world_add(202, 201, 201, "by the leader");
	fake_world_add(203, 201, 201, "by thread 7")->born_of = 7;
	fake_world_add(204, 201, 201, "by thread 39")->born_of = 39;
	assert_string_equal(snapshot(PROCTREE_DESCENDANTS), "201 202 203 204 ");
}

/* More than one read of a children file and one directory buffer hold, and than one mapping. */
static void the_mapping_grows_and_nobody_is_lost(void **state)
{
	(void)state;
	fake_sys.quiet = true;
	for (pid_t pid = 99001; pid <= 100500; pid++)
		fake_world_add(pid, SELF, pid, "many");
	for (int i = 0; i < 2; i++) {
		tree.scan = i == 1;
		assert_int_equal(proctree_read(&tree, PROCTREE_DESCENDANTS), 0);
		assert_int_equal(tree.count, 1500);
		for (size_t n = 0; n < tree.count; n++)
			assert_int_equal(tree.procs[n].pid, 99001 + (pid_t)n);
	}
	assert_int_equal(fake_sys_open_maps(), 1);
}

static void no_memory_is_told_and_leaves_nothing(void **state)
{
	(void)state;
	fake_sys.quiet = true;
	for (pid_t pid = 1001; pid <= 1500; pid++)
		fake_world_add(pid, SELF, pid, "many");
	fake_sys_fail("map", 2, ENOMEM);
	assert_int_equal(proctree_read(&tree, PROCTREE_DESCENDANTS), -ENOMEM);
	assert_int_equal(tree.count, 0);
	assert_int_equal(proctree_read(&tree, PROCTREE_DESCENDANTS), 0);
	assert_int_equal(tree.count, 500);
}

static void no_memory_below_a_root_is_told_too(void **state)
{
	(void)state;
	fake_sys.quiet = true;
	fake_world_add(500, SELF, 500, "root");
	for (pid_t pid = 1001; pid <= 1500; pid++)
		fake_world_add(pid, 500, pid, "many");
	fake_sys_fail("map", 2, ENOMEM);
	assert_int_equal(proctree_read(&tree, PROCTREE_DESCENDANTS), -ENOMEM);
	assert_int_equal(tree.count, 0);
}

static void the_middle_of_a_chain_vanishes(void)
{
	fake_world_vanish(202);
}

/* Whoever hangs below is ours a moment later, and in the next look. */
static void a_process_that_vanishes_in_mid_walk_spoils_nothing(void **state)
{
	(void)state;
	for (pid_t pid = 201; pid <= 204; pid++)
		fake_world_add(pid, pid == 201 ? SELF : pid - 1, pid, "chain");
	fake_world_add(300, SELF, 300, "other");
	fake_sys_before("open(/proc/202/task,", 1, the_middle_of_a_chain_vanishes);
	assert_string_equal(snapshot(PROCTREE_DESCENDANTS), "201 300 202 ");
	assert_string_equal(snapshot(PROCTREE_DESCENDANTS), "201 203 300 204 ");
}

static void one_that_vanishes_before_it_is_read_is_left_out(void **state)
{
	(void)state;
	fake_world_add(201, SELF, 201, "a");
	fake_world_add(202, SELF, 202, "b");
	fake_world_add(203, SELF, 203, "c");
	fake_sys_before("open(/proc/202/stat,", 1, the_middle_of_a_chain_vanishes);
	assert_string_equal(snapshot(PROCTREE_CHILDREN), "201 203 ");
	assert_int_equal(tree.trouble, 0);
}

static void the_middle_is_recycled(void)
{
	fake_world_recycle(202, "stranger");
}

/* Who is listed as a child is buried and its number given to another before it is read. */
static void a_stranger_with_a_child_s_number_is_left_out(void **state)
{
	(void)state;
	fake_world_add(201, SELF, 201, "a");
	fake_world_add(202, SELF, 202, "b");
	fake_world_add(203, SELF, 203, "c");
	fake_sys_before("open(/proc/202/stat,", 1, the_middle_is_recycled);
	assert_string_equal(snapshot(PROCTREE_CHILDREN), "201 203 ");
	assert_int_equal(tree.trouble, 0);
}

static void a_stranger_who_takes_the_number_a_moment_later_hides_nobody(void **state)
{
	(void)state;
	fake_world_add(201, SELF, 201, "a");
	fake_world_add(202, SELF, 202, "b");
	fake_sys_fail("open", 4, ENOENT); /* task, children, stat of 201, stat of 202 */
	fake_sys_before("kill(202,", 1, the_middle_is_recycled);
	assert_string_equal(snapshot(PROCTREE_CHILDREN), "201 ");
	assert_int_equal(tree.trouble, 0);
}

static void an_orphan_that_comes_to_us_in_mid_walk_is_kept(void **state)
{
	(void)state;
	for (pid_t pid = 201; pid <= 203; pid++)
		fake_world_add(pid, pid == 201 ? SELF : pid - 1, pid, "chain");
	fake_sys_before("open(/proc/203/stat,", 1, the_middle_of_a_chain_vanishes);
	assert_string_equal(snapshot(PROCTREE_DESCENDANTS), "201 202 203 ");
}

static void an_open_stat_file_does_not_tell_of_the_number_s_next_owner(void **state)
{
	(void)state;
	fake_world_add(201, SELF, 201, "a");
	fake_world_add(202, SELF, 202, "b");
	fake_sys_before("read(", 4, the_middle_is_recycled); /* children, 201, 202 */
	fake_sys_before("read(", 3, the_middle_is_recycled);
	assert_string_equal(snapshot(PROCTREE_CHILDREN), "201 ");
}

static void a_thread_that_vanishes_hides_no_other_s_children(void **state)
{
	(void)state;
	fake_world_add(201, SELF, 201, "server")->threads = 3;
	fake_world_add(202, 201, 201, "by the last thread")->born_of = 2;
	/* task, children, stat of 201; task of 201, children of its leader, of its thread 1 */
	fake_sys_fail("open", 6, ENOENT);
	assert_string_equal(snapshot(PROCTREE_DESCENDANTS), "201 202 ");
	assert_int_equal(tree.trouble, 0);
}

static void who_cannot_be_read_is_trouble_but_the_others_are_found(void **state)
{
	(void)state;
	fake_world_add(201, SELF, 201, "a");
	fake_world_add(202, SELF, 202, "b");
	fake_world_add(203, 202, 202, "c");
	fake_sys_fail("open", 3, EMFILE); /* task, children, stat of 201 */
	assert_string_equal(snapshot(PROCTREE_DESCENDANTS), "202 203 ");
	assert_int_equal(tree.trouble, -EMFILE);
	assert_string_equal(snapshot(PROCTREE_DESCENDANTS), "201 202 203 ");
	assert_int_equal(tree.trouble, 0);
}

/* As /proc mounted with hidepid has it: listed as a child, alive, and no such file. */
static void a_living_process_that_proc_hides_is_trouble(void **state)
{
	(void)state;
	fake_world_add(201, SELF, 201, "a");
	fake_world_add(202, SELF, 202, "b");
	fake_sys_fail("open", 3, ENOENT); /* task, children, stat of 201; hidepid=2 */
	fake_sys_fail("open", 4, ENOENT);
	assert_string_equal(snapshot(PROCTREE_CHILDREN), "202 ");
	assert_int_equal(tree.trouble, -EACCES);
	fake_sys_fail("open", 8, EPERM); /* hidepid=1 */
	assert_string_equal(snapshot(PROCTREE_CHILDREN), "202 ");
	assert_int_equal(tree.trouble, -EACCES);
}

static void when_nobody_could_be_read_that_is_an_error_and_not_an_empty_tree(void **state)
{
	static const char *const calls[] = { "open", "read", "getdents" };

	for (size_t i = 0; i < 2 * sizeof(calls) / sizeof(calls[0]); i++) {
		assert_int_equal(teardown(state), 0);
		setup(state);
		tree.scan = i % 2 == 1;
		fake_world_add(201, SELF, 201, "a");
		fake_sys_fail(calls[i / 2], 0, EACCES);
		assert_int_equal(proctree_read(&tree, PROCTREE_DESCENDANTS), -EACCES);
		assert_int_equal(tree.count, 0);
	}
}

static void without_proc_the_error_is_passed_on(void **state)
{
	(void)state;
	fake_world.no_proc = true;
	for (int i = 0; i < 2; i++) {
		tree.scan = i == 1;
		assert_int_equal(proctree_read(&tree, PROCTREE_CHILDREN), -ENOENT);
		assert_int_equal(tree.count, 0);
	}
	assert_int_equal(proctree_newest(), 0);
}

static int by_number(const void *a, const void *b)
{
	const struct proctree_proc *left = a;
	const struct proctree_proc *right = b;

	return left->pid - right->pid;
}

static void a_scan_and_a_walk_find_the_same(void **state)
{
	enum proctree_reach reaches[] = { PROCTREE_CHILDREN, PROCTREE_DESCENDANTS };
	struct proctree scan;
	unsigned int random = 1;

	(void)state;
	fake_sys.quiet = true;
	proctree_init(&scan, false);
	for (pid_t pid = 1000; pid < 1200; pid++) {
		random = random * 1103515245u + 12345u;
		fake_world_add(pid,
			       pid < 1004 ? (pid < 1002 ? SELF : 1)
					  : 1000 + (pid_t)(random >> 16) % (pid - 1000),
			       pid, "some");
		fake_world_find(pid)->state = random % 11 == 0 ? 'Z' : 'S';
	}
	/* A zombie has no children: they were handed on when it died. */
	for (pid_t pid = 1000; pid < 1200; pid++)
		while (fake_world_find(fake_world_find(pid)->ppid)->state == 'Z')
			fake_world_find(pid)->ppid = SELF;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(proctree_read(&tree, reaches[i]), 0);
		assert_int_equal(proctree_read(&scan, reaches[i]), 0);
		assert_true(tree.count > 10);
		assert_int_equal(tree.count, scan.count);
		qsort(tree.procs, tree.count, sizeof(*tree.procs), by_number);
		qsort(scan.procs, scan.count, sizeof(*scan.procs), by_number);
		assert_memory_equal(tree.procs, scan.procs, tree.count * sizeof(*tree.procs));
	}
	proctree_fini(&scan);
}

static void parents_come_before_their_children_whatever_their_numbers(void **state)
{
	(void)state;
	fake_world_add(900, SELF, 900, "root");
	fake_world_add(500, 900, 900, "child");
	fake_world_add(700, 500, 900, "grandchild");
	fake_world_add(101, 700, 900, "youngest");
	for (int i = 0; i < 2; i++) {
		tree.scan = i == 1;
		assert_string_equal(snapshot(PROCTREE_DESCENDANTS), "900 500 700 101 ");
	}
}

static void without_children_files_nothing_is_asked_of_them(void **state)
{
	(void)state;
	proctree_init(&tree, false);
	fake_world.no_children = true;
	fake_world_add(201, SELF, 201, "a");
	fake_world_add(202, 201, 201, "b");
	assert_string_equal(snapshot(PROCTREE_CHILDREN), "201 ");
	assert_string_equal(snapshot(PROCTREE_DESCENDANTS), "201 202 ");
	assert_null(strstr(fake_sys_trace(), "task"));
}

static void the_newest_number_is_the_last_one_given_out(void **state)
{
	(void)state;
	fake_world_add(300, SELF, 300, "a");
	fake_world_add(200, SELF, 200, "after the numbers wrapped");
	assert_int_equal(proctree_newest(), 200);
	fake_sys_reset();
	fake_sys_file("/proc/loadavg", 0444, "0.20 0.18 0.12", 0);
	assert_int_equal(proctree_newest(), 0); /* not a number alone */
	fake_sys_fail("read", 2, EIO);
	assert_int_equal(proctree_newest(), 0);
}

static void fini_gives_the_memory_back_and_can_be_repeated(void **state)
{
	(void)state;
	fake_world_add(201, SELF, 201, "a");
	assert_string_equal(snapshot(PROCTREE_CHILDREN), "201 ");
	assert_int_equal(fake_sys_open_maps(), 1);
	proctree_fini(&tree);
	proctree_fini(&tree);
	assert_int_equal(fake_sys_open_maps(), 0);
	assert_string_equal(snapshot(PROCTREE_CHILDREN), "201 ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_may_hold_blanks_parentheses_and_newlines),
		TEST(a_stat_file_that_makes_no_sense_is_an_error),
		TEST(a_process_that_is_gone_is_an_error),
		TEST(children_are_direct_ones_and_descendants_are_all),
		TEST(nobody_is_no_error),
		TEST(zombies_are_left_out_but_not_a_dead_leader_whose_threads_live),
		TEST(children_of_every_thread_are_found),
		TEST(the_mapping_grows_and_nobody_is_lost),
		TEST(no_memory_is_told_and_leaves_nothing),
		TEST(no_memory_below_a_root_is_told_too),
		TEST(a_process_that_vanishes_in_mid_walk_spoils_nothing),
		TEST(one_that_vanishes_before_it_is_read_is_left_out),
		TEST(a_stranger_with_a_child_s_number_is_left_out),
		TEST(a_stranger_who_takes_the_number_a_moment_later_hides_nobody),
		TEST(an_orphan_that_comes_to_us_in_mid_walk_is_kept),
		TEST(an_open_stat_file_does_not_tell_of_the_number_s_next_owner),
		TEST(a_thread_that_vanishes_hides_no_other_s_children),
		TEST(a_living_process_that_proc_hides_is_trouble),
		TEST(who_cannot_be_read_is_trouble_but_the_others_are_found),
		TEST(when_nobody_could_be_read_that_is_an_error_and_not_an_empty_tree),
		TEST(without_proc_the_error_is_passed_on),
		TEST(a_scan_and_a_walk_find_the_same),
		TEST(parents_come_before_their_children_whatever_their_numbers),
		TEST(without_children_files_nothing_is_asked_of_them),
		TEST(the_newest_number_is_the_last_one_given_out),
		TEST(fini_gives_the_memory_back_and_can_be_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
