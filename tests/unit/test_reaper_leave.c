/* SPDX-License-Identifier: MIT */
/* test_reaper_leave.c - those who do not wait for all: the farewell, a dismissal, a pause. */
#include "reaper_test.h"

#include <errno.h>
#include <signal.h>

#include "sexton/signals.h"
#include "sexton/sys.h"

/* The farewell: a last signal for the main process's group, while its zombie holds the number */

static void use_farewell(bool guarded)
{
	configure(guarded, false);
	reaper.farewell = SIGTERM;
	fake_world_add(201, MAIN, MAIN, "member")->dies_of = SIGNALS_BIT(SIGTERM);
}

static size_t traced_at(const char *line)
{
	const char *at = strstr(fake_sys_trace(), line);

	assert_non_null(at);
	return (size_t)(at - fake_sys_trace());
}

static void the_farewell_is_sent_before_the_burial(void **state)
{
	(void)state;
	use_farewell(true);
	fake_world_end(MAIN, 0);
	run();
	assert_string_equal(fake_world_log(), "member:TERM ");
	assert_true(traced_at("kill(-200,15)\n") < traced_at("waitpid(200,0)\n"));
	assert_string_equal(posted(), "main:200=0 heir:201=15 none:143,143 ");
}

static void a_polled_farewell_is_sent_before_the_burial_too(void **state)
{
	(void)state;
	use_farewell(false);
	assert_false(reaper_poll(&reaper, 64)); /* nobody is dead */
	fake_world_end(MAIN, 0);
	assert_false(reaper_poll(&reaper, 64));
	assert_string_equal(fake_world_log(), "member:TERM ");
	assert_true(traced_at("kill(-200,15)\n") < traced_at("waitpid(200,0)\n"));
	assert_waits(
		"wait_look(-1,1)\nwait_look(-1,1)\nwaitpid(200,0)\nwaitpid(-1,1)\nwaitpid(-1,1)\n");
	assert_string_equal(posted(), "main:200=0 heir:201=15 none:143,143 ");
}

static void nobody_else_s_end_is_a_farewell(void **state)
{
	(void)state;
	use_farewell(true);
	add_dead(202, 0);
	fake_world_end(MAIN, 0);
	run();
	assert_true(traced_at("waitpid(202,0)\n") < traced_at("kill(-200,15)\n"));
	assert_int_equal(fake_sys_calls("kill"), 1);
}

/* An heir that got the main process's number is no main process, nor is its group. */
static void a_recycled_number_gets_no_farewell(void **state)
{
	for (int guarded = 0; guarded < 2; guarded++) {
		setup(state);
		use_farewell(guarded != 0);
		reaper.farewell = SIGUSR1; /* the member lives on */
		fake_world_end(MAIN, 0);
		fake_world_add(203, SELF, 203, "next");
		assert_false(reaper_poll(&reaper, 64));
		add_dead(MAIN, 0);
		assert_false(reaper_poll(&reaper, 64));
		assert_string_equal(posted(), "main:200=0 heir:200=0 ");
		assert_string_equal(fake_world_log(), "member:USR1 ");
	}
}

static void without_a_farewell_nobody_is_told(void **state)
{
	(void)state;
	use_farewell(true);
	reaper.farewell = 0; /* -r 15:0 */
	fake_world_end(MAIN, 0);
	fake_world_end(201, 0);
	run();
	assert_int_equal(fake_sys_calls("kill"), 0);
}

static void a_refused_farewell_does_not_keep_the_dead_unburied(void **state)
{
	(void)state;
	use_farewell(true);
	fake_sys_fail("kill", 0, EPERM);
	fake_world_end(MAIN, 3 << 8);
	fake_world_end(201, 0);
	run();
	assert_string_equal(posted(), "main:200=768 heir:201=0 none:0,0 ");
}

static void who_may_not_look_buries_without_a_farewell(void **state)
{
	(void)state;
	use_farewell(false);
	fake_sys_fail("wait_look", 0, EPERM);
	fake_world_end(MAIN, 3 << 8);
	assert_false(reaper_poll(&reaper, 64));
	assert_int_equal(fake_sys_calls("kill"), 0);
	assert_string_equal(posted(), "main:200=768 ");
}

/* Dismissed: the thread ends although children live */

static bool was_dismissed;

static void child_ends_at_once(void)
{
	was_dismissed = reaper.dismissed;
	add_dead(300, 0);
}

static void who_is_dismissed_ends_with_the_next_burial_and_says_nothing(void **state)
{
	for (int guarded = 0; guarded < 2; guarded++) {
		setup(state);
		configure(guarded != 0, true);
		fake_sys.next_child = 300;
		was_dismissed = false;
		fake_sys_before("fork(", 1, child_ends_at_once);
		assert_int_equal(reaper_dismiss(&reaper), 0);
		assert_true(was_dismissed); /* [reaper-dismiss]: before the fork */
		run();                      /* the main process lives: else it would not end */
		assert_string_equal(posted(), "");
		assert_non_null(fake_world_find(MAIN));
		assert_null(fake_world_find(300));
	}
}

static void dismiss(void *arg)
{
	(void)arg;
	sys_ignore(reaper_dismiss(&reaper));
}

static void the_child_that_dismisses_does_nothing_but_exit(void **state)
{
	int code = -1;

	(void)state;
	fake_sys_return("fork", 0);
	assert_int_equal(fake_sys_run(dismiss, NULL, &code), FAKE_SYS_EXITED);
	assert_int_equal(code, 0);
	assert_non_null(strstr(fake_sys_trace(), "fork()\nexit(0)\n"));
}

static void a_refused_fork_is_told(void **state)
{
	(void)state;
	fake_sys_fail("fork", 1, EAGAIN);
	fake_sys_fail("fork", 2, ENOMEM);
	assert_int_equal(reaper_dismiss(&reaper), -EAGAIN);
	assert_int_equal(reaper_dismiss(&reaper), -ENOMEM);
}

/* Pausing */

static void a_pause_is_not_over_when_nobody_is_left(void **state)
{
	(void)state;
	fake_world_vanish(MAIN);
	reaper.main_pid = 0;
	reaper.pausing = true;
	assert_false(reaper_poll(&reaper, 64));
	add_dead(201, 0);
	assert_false(reaper_poll(&reaper, 64));
	add_dead(202, 0);
	assert_false(reaper_poll(&reaper, 64));
	assert_string_equal(posted(), "");
	assert_int_equal(status_get(&status.buried), 2);
	assert_false(reaper.in_trouble);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_farewell_is_sent_before_the_burial),
		TEST(a_polled_farewell_is_sent_before_the_burial_too),
		TEST(nobody_else_s_end_is_a_farewell),
		TEST(a_recycled_number_gets_no_farewell),
		TEST(without_a_farewell_nobody_is_told),
		TEST(a_refused_farewell_does_not_keep_the_dead_unburied),
		TEST(who_may_not_look_buries_without_a_farewell),
		TEST(who_is_dismissed_ends_with_the_next_burial_and_says_nothing),
		TEST(the_child_that_dismisses_does_nothing_but_exit),
		TEST(a_refused_fork_is_told),
		TEST(a_pause_is_not_over_when_nobody_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
