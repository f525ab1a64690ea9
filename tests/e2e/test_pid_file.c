/* SPDX-License-Identifier: MIT */
/*
 * test_pid_file.c - the file of --main-pid-file: late, missing, wrong.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node.h"
#include "pidfile.h"

/* The main process ends, and nobody is named yet. */
static struct pidns *start_handover(const struct pidns_options *options, const char *spec)
{
	struct pidns *ns = node_start(options, spec, "--on-exit=wait", pidfile_option());

	node_signal(ns, "main", SIGTERM);
	pidns_log(ns, 1, "RUNNING -> HANDOVER");
	return ns;
}

/* Somebody was found: signals reach it alone, its status is ours. */
static void check_next(struct pidns *ns)
{
	pidns_log(ns, 1, "pid %d (next) is the main process now", (int)node_pid(ns, "next"));
	pidns_log(ns, 1, "HANDOVER -> RUNNING");
	pidns_signal(ns, SIGUSR2);
	pidns_event(ns, 1, "got next USR2");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 7);
	pidns_assert(ns, pidns_count(ns, "got other USR2") == 0);
	pidns_assert(ns, pidns_count(ns, "got other TERM") == 1);
	pidns_assert(ns, pidns_before(ns, "done next", "got other TERM"));
	pidns_all_finished(ns);
	pidns_kill(ns);
}

#define SPEC "main:exit=3(next:exit=7 other)"

static void a_file_that_is_written_after_the_exit_is_noticed(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start_handover(NULL, SPEC);
	pidfile_name(ns, "next");
	check_next(ns);
}

static void a_file_that_is_written_after_the_exit_is_noticed_by_a_subreaper(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start_handover(&(struct pidns_options){ .subreaper = true }, SPEC);
	pidfile_name(ns, "next");
	check_next(ns);
}

static void a_file_that_is_renamed_into_place_is_noticed(void **state)
{
	char text[16];
	struct pidns *ns;

	(void)state;
	ns = start_handover(NULL, SPEC);
	snprintf(text, sizeof(text), "%d", (int)node_pid(ns, "next"));
	pidfile_write_beside(text);
	pidns_assert(ns, pidns_log_count(ns, "is the main process now") == 0);
	pidfile_move_beside();
	check_next(ns);
}

static void blanks_around_the_number_do_not_matter(void **state)
{
	char text[32];
	struct pidns *ns;

	(void)state;
	ns = start_handover(NULL, SPEC);
	snprintf(text, sizeof(text), " \t%d \r\n\n", (int)node_pid(ns, "next"));
	pidfile_write(text);
	check_next(ns);
}

static void a_grandchild_that_is_named_late_takes_over(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start_handover(NULL, "main:exit=3(mid:nowait(next:exit=7) other)");
	pidfile_name(ns, "next");
	if (!node_no_pidfds()) {
		check_next(ns);
		return;
	}
	pidns_log(ns, 1, "--main-pid-file %s: Operation not supported", pidfile_path());
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 3);
	pidns_all_finished(ns);
}

static void who_comes_after_a_late_one_may_be_late_as_well(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start_handover(NULL, "main:exit=3(first:exit=4 next:exit=7 other)");
	pidfile_name(ns, "first");
	pidns_log(ns, 1, "(first) is the main process now");
	remove(pidfile_path());
	node_signal(ns, "first", SIGTERM);
	pidns_log(ns, 2, "RUNNING -> HANDOVER");
	pidfile_name(ns, "next");
	pidns_log(ns, 2, "HANDOVER -> RUNNING");
	check_next(ns);
}

static void without_a_file_signals_reach_our_children_and_one_warning_says_so(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start_handover(NULL, SPEC);
	pidns_assert(ns, pidns_log_count(ns, "--main-pid-file") == 0);
	for (int i = 1; i <= 2; i++) {
		pidns_signal(ns, SIGUSR1);
		pidns_event(ns, i, "got next USR1");
		pidns_event(ns, i, "got other USR1");
	}
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_log_count(ns, "--main-pid-file %s: No such file or directory",
					 pidfile_path()) == 1);
	pidns_assert(ns, pidns_log_count(ns, "--main-pid-file") == 1);
	pidns_assert(ns, pidns_count(ns, "got next TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "got other TERM") == 1);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

/* The wrong file gets one line that says @why; the right one that replaces it is found all the same. */
static void check_wrong(struct pidns *ns, const char *why, bool says_so_at_once)
{
	node_signal(ns, "main", SIGTERM);
	pidns_log(ns, 1, "RUNNING -> HANDOVER");
	pidns_assert(ns, pidns_log_count(ns, "--main-pid-file") == (says_so_at_once ? 1 : 0));
	pidns_signal(ns, SIGUSR1);
	pidns_event(ns, 1, "got next USR1");
	pidns_event(ns, 1, "got other USR1");
	pidns_log(ns, 1, "sexton: --main-pid-file %s: %s", pidfile_path(), why);
	pidns_assert(ns, pidns_log_count(ns, "--main-pid-file") == 1);
	remove(pidfile_path());
	pidfile_name(ns, "next");
	check_next(ns);
	remove(pidfile_path());
}

static void check_wrong_text(const struct pidns_options *options, const char *text, const char *why,
			     bool says_so_at_once)
{
	struct pidns *ns = node_start(options, SPEC, "--on-exit=wait", pidfile_option());

	pidfile_write(text);
	check_wrong(ns, why, says_so_at_once);
}

static void a_file_without_a_number_is_told_once_and_may_be_corrected(void **state)
{
	(void)state;
	check_wrong_text(NULL, "nobody\n", "holds no PID", true);
	check_wrong_text(NULL, "-1\n", "holds no PID", true);
	check_wrong_text(NULL, "0\n", "holds no PID", true);
	check_wrong_text(NULL, "2 2\n", "holds no PID", true);
	check_wrong_text(NULL, "99999999999\n", "holds no PID", true);
}

static void an_empty_file_is_one_that_is_being_written(void **state)
{
	(void)state;
	check_wrong_text(NULL, "", "No data available", false);
}

static void a_number_that_nobody_has_is_told_once(void **state)
{
	(void)state;
	check_wrong_text(NULL, "4194303\n", "names no living descendant", true);
	check_wrong_text(NULL, "2147483647\n", "names no living descendant", true);
}

static void the_number_of_sexton_itself_is_no_descendants(void **state)
{
	(void)state;
	check_wrong_text(NULL, "1\n", "names no living descendant", true);
}

static void the_number_of_a_stranger_is_no_descendants(void **state)
{
	(void)state;
	check_wrong_text(&(struct pidns_options){ .subreaper = true }, "1\n",
			 "names no living descendant", true);
}

static void the_number_of_the_one_that_has_gone_is_told_once(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, SPEC, "--on-exit=wait", pidfile_option());
	pidfile_name(ns, "main");
	check_wrong(ns, "names no living descendant", true);
}

static void the_number_of_a_zombie_is_told_once(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, "main:exit=3(next:exit=7,nowait(dead:leave) other)", "--on-exit=wait",
			pidfile_option());
	pidns_wait_zombies(ns, 1);
	pidfile_name(ns, "dead");
	check_wrong(ns, "names no living descendant", true);
}

static void a_fifo_is_not_waited_for(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, SPEC, "--on-exit=wait", pidfile_option());
	assert_int_equal(mkfifo(pidfile_path(), 0600), 0);
	check_wrong(ns, "No data available", false);
}

static void a_directory_is_told_once(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, SPEC, "--on-exit=wait", pidfile_option());
	assert_int_equal(mkdir(pidfile_path(), 0700), 0);
	check_wrong(ns, "Is a directory", true);
}

/* Root may read everything; a ring of links nobody can. */
static void a_file_that_cannot_be_read_is_told_once(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, SPEC, "--on-exit=wait", pidfile_option());
	assert_int_equal(symlink("pid", pidfile_path()), 0);
	check_wrong(ns, "Too many levels of symbolic links", true);
}

static void a_directory_that_is_not_there_is_looked_for_with_each_signal(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, SPEC, "--on-exit=wait", "--main-pid-file=/not/there/pid");
	node_signal(ns, "main", SIGTERM);
	pidns_log(ns, 1, "RUNNING -> HANDOVER");
	pidns_log(ns, 1, "cannot watch for --main-pid-file: No such file or directory");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_log_count(ns, "--main-pid-file /not/there/pid: No such") == 1);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void a_wrong_file_with_on_exit_drain_is_told_and_the_rest_drained(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = node_start(NULL, SPEC, pidfile_option());
	pidfile_write("1\n");
	node_signal(ns, "main", SIGTERM);
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_log_count(ns, "--main-pid-file") == 1);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void a_stop_in_the_hand_over_ends_the_wait_for_a_file(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = start_handover(NULL, "main:exit=3(next:exit=7,work=500 other)");
	pidns_signal(ns, SIGTERM);
	pidns_event(ns, 1, "got next TERM");
	pidfile_name(ns, "next");
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_log_count(ns, "is the main process now") == 0);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDFILE_TEST(a_file_that_is_written_after_the_exit_is_noticed),
		PIDFILE_TEST(a_file_that_is_written_after_the_exit_is_noticed_by_a_subreaper),
		PIDFILE_TEST(a_file_that_is_renamed_into_place_is_noticed),
		PIDFILE_TEST(blanks_around_the_number_do_not_matter),
		PIDFILE_TEST(a_grandchild_that_is_named_late_takes_over),
		PIDFILE_TEST(who_comes_after_a_late_one_may_be_late_as_well),
		PIDFILE_TEST(without_a_file_signals_reach_our_children_and_one_warning_says_so),
		PIDFILE_TEST(a_file_without_a_number_is_told_once_and_may_be_corrected),
		PIDFILE_TEST(an_empty_file_is_one_that_is_being_written),
		PIDFILE_TEST(a_number_that_nobody_has_is_told_once),
		PIDFILE_TEST(the_number_of_sexton_itself_is_no_descendants),
		PIDFILE_TEST(the_number_of_a_stranger_is_no_descendants),
		PIDFILE_TEST(the_number_of_the_one_that_has_gone_is_told_once),
		PIDFILE_TEST(the_number_of_a_zombie_is_told_once),
		PIDFILE_TEST(a_fifo_is_not_waited_for),
		PIDFILE_TEST(a_directory_is_told_once),
		PIDFILE_TEST(a_file_that_cannot_be_read_is_told_once),
		PIDFILE_TEST(a_directory_that_is_not_there_is_looked_for_with_each_signal),
		PIDFILE_TEST(a_wrong_file_with_on_exit_drain_is_told_and_the_rest_drained),
		PIDFILE_TEST(a_stop_in_the_hand_over_ends_the_wait_for_a_file),
	};

	return cmocka_run_group_tests_name("pid_file", tests, NULL, NULL);
}
