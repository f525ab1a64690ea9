/* SPDX-License-Identifier: MIT */
/* test_successor.c - who takes over from the main process, and why not. */
#include "successor_fixture.h"

#include <errno.h>
#include <stdio.h>

static void without_a_file_nobody_is_looked_for(void **state)
{
	(void)state;
	successor_init(&successor, NULL, &forward, &targets, &reaper);
	assert_false(successor_find(&successor, true));
	assert_false(successor_ask(&successor));
	assert_int_equal(fake_sys_calls("open"), 0);
	assert_string_equal(fake_sys_stderr(), "");
}

static void without_children_there_is_nobody_to_be_named(void **state)
{
	(void)state;
	fake_world_vanish(FAR);
	fake_world_vanish(SUCCESSOR);
	name("abc\n");
	assert_false(successor_find(&successor, true));
	assert_string_equal(fake_sys_stderr(), "");
	assert_int_equal(successor.watch_fd, -1);
}

static void the_named_child_is_the_main_process_for_all(void **state)
{
	(void)state;
	name("201\n");
	assert_true(successor_find(&successor, true));
	assert_main_is(SUCCESSOR);
	assert_false(forward.main_is_far);
	assert_int_equal(forward.group, SUCCESSOR);
	assert_int_equal(said("pid 201 (successor) is the main process now"), 1);
	assert_int_equal(successor.watch_fd, -1);
}

static void the_signals_go_to_it_by_its_pidfd(void **state)
{
	siginfo_t info = { .si_signo = SIGTERM, .si_code = SI_USER };

	(void)state;
	name("201\n");
	assert_true(successor_find(&successor, true));
	assert_int_equal(forward_to_main(&forward, &info), 0);
	assert_int_equal(forward_to_group(&forward, &info), 0);
	assert_string_equal(fake_world_log(), "successor:TERM successor:TERM ");
	fake_world_recycle(SUCCESSOR, "recycled");
	assert_int_equal(forward_to_main(&forward, &info), -ESRCH);
}

static void blanks_around_the_number_are_nothing(void **state)
{
	(void)state;
	name(" \t\n201 \r\n\n");
	assert_true(successor_find(&successor, true));
	assert_main_is(SUCCESSOR);
}

static void without_pidfds_a_child_is_signalled_by_number(void **state)
{
	siginfo_t info = { .si_signo = SIGTERM, .si_code = SI_USER };

	(void)state;
	start(false);
	name("201\n");
	assert_true(successor_find(&successor, true));
	assert_main_is(SUCCESSOR);
	assert_int_equal(forward.main_pidfd, -1);
	assert_int_equal(forward_to_main(&forward, &info), 0);
	assert_string_equal(fake_world_log(), "successor:TERM ");
	target_retire(&targets, SUCCESSOR); /* it is about to be buried */
	assert_int_equal(forward_to_main(&forward, &info), -ESRCH);
}

/* Reasons */

static void the_reason_is_said_once_for_each_main_process(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "abc\n", "holds no PID" },
		{ "201 202\n", "holds no PID" },
		{ "201x\n", "holds no PID" },
		{ "-201\n", "holds no PID" },
		{ "+201\n", "holds no PID" },
		{ "0\n", "holds no PID" },
		{ "2147483648\n", "holds no PID" },
		{ "20100000000\n", "holds no PID" },
		{ "300\n", "names no living descendant" }, /* a stranger */
		{ "1\n", "names no living descendant" },
		{ "100\n", "names no living descendant" }, /* we */
		{ "999\n", "names no living descendant" }, /* nobody */
		{ "200\n", "names no living descendant" }, /* the one that has gone */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char line[128];

		start(true);
		name(rows[i].text);
		(void)snprintf(line, sizeof(line), "--main-pid-file " FILE_NAME ": %s\n",
			       rows[i].words);
		assert_false(successor_find(&successor, true)); /* looks twice: the watch begins */
		assert_false(successor_ask(&successor));
		assert_int_equal(said(line), 1);
		assert_int_equal(said("--main-pid-file"), 1);
		assert_nobody();
		successor_fini(&successor);
		assert_false(successor_find(&successor, true)); /* the next one exited */
		assert_int_equal(said(line), 2);
		successor_fini(&successor);
		assert_int_equal(fake_sys_open_fds(), 1);
	}
}

static void a_zombie_takes_over_nothing(void **state)
{
	(void)state;
	fake_world_end(SUCCESSOR, 0);
	name("201\n");
	assert_false(successor_find(&successor, true));
	assert_int_equal(said("names no living descendant"), 1);
	assert_nobody();
}

/* The one that has gone wrote its own number, which somebody else has by now. */
static void whoever_got_the_old_number_is_not_meant(void **state)
{
	(void)state;
	(void)fake_world_add(MAIN, SELF, MAIN, "newcomer");
	name("200\n");
	assert_false(successor_find(&successor, true));
	assert_int_equal(said("names no living descendant"), 1);
	assert_nobody();
}

static void a_file_that_cannot_be_read_is_said_to_be_so(void **state)
{
	(void)state;
	name("201\n");
	fake_sys_fail("open", 1, EACCES);
	fake_sys_fail("open", 2, EACCES);
	assert_false(successor_find(&successor, true));
	assert_int_equal(said(FILE_NAME ": Permission denied"), 1);
	assert_nobody();
}

static void a_look_that_fails_for_now_is_made_again_after_the_watch_began(void **state)
{
	(void)state;
	name("201\n");
	fake_sys_fail("pidfd_open", 2, EMFILE); /* 1: of the main process */
	assert_true(successor_find(&successor, true));
	assert_int_equal(said("Too many open files"), 1);
	assert_main_is(SUCCESSOR);
}

static void without_proc_nobody_can_be_verified(void **state)
{
	(void)state;
	features.proc = features.children = false;
	name("201\n");
	assert_false(successor_find(&successor, true));
	assert_int_equal(said("names no living descendant"), 1);
	assert_nobody();
}

static void without_pidfds_nothing_holds_the_number_of_a_grandchild(void **state)
{
	(void)state;
	start(false);
	name("202\n");
	assert_false(successor_find(&successor, true));
	assert_int_equal(said("Operation not supported"), 1);
	assert_nobody();
}

/* A file that is not there yet */

static void the_directory_is_watched_and_nothing_said(void **state)
{
	(void)state;
	assert_false(successor_find(&successor, true));
	assert_non_null(strstr(fake_sys_trace(), "watch(/run)\n"));
	assert_true(successor.watch_fd >= 0);
	assert_string_equal(fake_sys_stderr(), "");
}

static void an_empty_file_is_one_that_is_still_being_written(void **state)
{
	(void)state;
	name("");
	assert_false(successor_find(&successor, true));
	assert_true(successor.watch_fd >= 0);
	assert_string_equal(fake_sys_stderr(), "");
}

static void the_root_is_a_directory_too(void **state)
{
	(void)state;
	successor_init(&successor, "/x.pid", &forward, &targets, &reaper);
	assert_false(successor_find(&successor, true));
	assert_non_null(strstr(fake_sys_trace(), "watch(/)\n"));
}

static void a_directory_of_too_long_a_name_is_not_watched(void **state)
{
	static char path[1100];

	(void)state;
	memset(path, 'd', sizeof(path) - 1);
	path[0] = path[1025] = '/';
	successor_init(&successor, path, &forward, &targets, &reaper);
	assert_false(successor_find(&successor, true));
	assert_int_equal(fake_sys_calls("watch"), 0);
}

static void a_watch_that_is_refused_leaves_the_signals(void **state)
{
	(void)state;
	fake_sys_fail("watch", 1, EMFILE);
	assert_false(successor_find(&successor, true));
	assert_int_equal(said("cannot watch for --main-pid-file: Too many open files"), 1);
	name("201\n");
	assert_true(successor_ask(&successor));
	assert_main_is(SUCCESSOR);
}

static void it_is_written(void)
{
	name("201\n");
}

static void what_is_written_while_the_watch_begins_is_seen(void **state)
{
	(void)state;
	fake_sys_before("watch(", 1, it_is_written);
	assert_true(successor_find(&successor, true));
	assert_main_is(SUCCESSOR);
	assert_int_equal(successor.watch_fd, -1);
}

static void a_change_is_looked_at_until_somebody_is_named(void **state)
{
	(void)state;
	assert_false(successor_find(&successor, true));
	fake_world.changed = true; /* another file */
	assert_false(successor_changed(&successor));
	assert_true(successor.watch_fd >= 0);
	it_is_written();
	fake_world.changed = true;
	assert_true(successor_changed(&successor));
	assert_main_is(SUCCESSOR);
	assert_int_equal(successor.watch_fd, -1);
	assert_string_equal(fake_sys_stderr(),
			    "sexton: pid 201 (successor) is the main process now\n");
}

static void a_watch_that_cannot_be_read_is_given_up(void **state)
{
	(void)state;
	assert_false(successor_find(&successor, true));
	fake_sys_fail("read", fake_sys_calls("read") + 1, EIO);
	fake_world.changed = true;
	it_is_written();
	assert_true(successor_changed(&successor));
	assert_int_equal(successor.watch_fd, -1);
	assert_main_is(SUCCESSOR);
}

static void when_it_matters_a_missing_file_is_said_to_be_missing(void **state)
{
	(void)state;
	assert_false(successor_find(&successor, true));
	assert_false(successor_ask(&successor));
	assert_false(successor_ask(&successor));
	assert_int_equal(said(FILE_NAME ": No such file or directory\n"), 1);
	assert_true(successor.watch_fd >= 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_file_nobody_is_looked_for),
		TEST(without_children_there_is_nobody_to_be_named),
		TEST(the_named_child_is_the_main_process_for_all),
		TEST(the_signals_go_to_it_by_its_pidfd),
		TEST(blanks_around_the_number_are_nothing),
		TEST(without_pidfds_a_child_is_signalled_by_number),
		TEST(the_reason_is_said_once_for_each_main_process),
		TEST(a_zombie_takes_over_nothing),
		TEST(whoever_got_the_old_number_is_not_meant),
		TEST(a_file_that_cannot_be_read_is_said_to_be_so),
		TEST(a_look_that_fails_for_now_is_made_again_after_the_watch_began),
		TEST(without_proc_nobody_can_be_verified),
		TEST(without_pidfds_nothing_holds_the_number_of_a_grandchild),
		TEST(the_directory_is_watched_and_nothing_said),
		TEST(an_empty_file_is_one_that_is_still_being_written),
		TEST(the_root_is_a_directory_too),
		TEST(a_directory_of_too_long_a_name_is_not_watched),
		TEST(a_watch_that_is_refused_leaves_the_signals),
		TEST(what_is_written_while_the_watch_begins_is_seen),
		TEST(a_change_is_looked_at_until_somebody_is_named),
		TEST(a_watch_that_cannot_be_read_is_given_up),
		TEST(when_it_matters_a_missing_file_is_said_to_be_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
