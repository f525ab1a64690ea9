/* SPDX-License-Identifier: MIT */
/* test_loop_room.c - a real-time signal whose receiver's queue is full waits, and nothing else does. */
#include "sexton/loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "sexton/signals.h"

#define FULL "a real-time signal waits for room in the receiver's queue"

/* A signal with a value from a stranger. */
static void step_value(int value)
{
	loop_raise_value(40, value);
}

/* The main process exits with 0 at the second second. */
static void assert_story(const char *log)
{
	fake_world_at(2 * SECOND, step_end, END(MAIN, 0));
	loop_assert_ends_with(0);
	assert_string_equal(fake_world_log(), log);
}

/* The first @count sendings find no room. */
static void no_room_for(unsigned int count)
{
	for (unsigned int i = 1; i <= count; i++)
		fake_sys_fail("pidfd_send_signal", i, EAGAIN);
}

static void it_is_sent_when_there_is_room_and_the_next_after_it(void **state)
{
	(void)state;
	no_room_for(3);
	step_value(1);
	step_value(2);
	step_value(3);
	assert_story("main:RTMIN+6=1 main:RTMIN+6=2 main:RTMIN+6=3 ");
	assert_int_equal(status_get(&fix.status.forwarded), 3);
	assert_int_equal(loop_said(FULL), 1);
}

static void it_is_tried_less_and_less_often(void **state)
{
	(void)state;
	no_room_for(6); /* at 0, 1, 3, 7, 15, 31 ms; the next time is at 63 */
	step_value(1);
	fake_world_at(MS(60), step_signal, SIGUSR1);
	assert_story("main:USR1 main:RTMIN+6=1 ");
	assert_int_equal(fake_sys_calls("pidfd_send_signal"), 6 + 1 + 1);
}

static void it_is_near_again_for_the_next_one(void **state)
{
	(void)state;
	no_room_for(4);
	step_value(1);
	fake_sys_fail("pidfd_send_signal", 6, EAGAIN);
	step_value(2);
	fake_world_at(MS(17), step_signal, SIGUSR1);
	assert_story("main:RTMIN+6=1 main:RTMIN+6=2 main:USR1 ");
}

static int64_t came_at;

static void note_time(struct fake_proc *proc, int sig)
{
	(void)proc;
	if (sig != 40)
		came_at = fake_sys.now;
}

static void other_signals_are_not_late_meanwhile(void **state)
{
	(void)state;
	no_room_for(6);
	fake_world_find(MAIN)->on_signal = note_time;
	step_value(1);
	fake_world_at(MS(40), step_signal, SIGUSR1); /* tried at 31 ms, and next at 63 */
	assert_story("main:USR1 main:RTMIN+6=1 ");
	assert_int_equal(came_at, MS(40));
}

/* A stop must be known, whether or not there is room for it. */
static void a_real_time_stop_signal_is_not_kept_from_the_policy(void **state)
{
	(void)state;
	fix.config.stop_signals |= SIGNALS_BIT(41);
	fix.config.stop_timeout_ns = MS(500);
	fake_sys_fail("pidfd_send_signal", 1, EAGAIN);
	fake_sys_fail("pidfd_send_signal", 2, EAGAIN);
	step_value(1);
	loop_raise_value(41, 7);
	fake_world_at(2 * SECOND, step_end, END(MAIN, 0));
	fake_world_find(MAIN)->dies_of = SIGNALS_BIT(SIGKILL);
	loop_assert_ends_with(137);
	assert_int_equal(fake_sys.now, MS(500));
}

static void what_is_rewritten_to_queue_waits_too(void **state)
{
	(void)state;
	fix.config.rewrite[SIGUSR2] = 41;
	no_room_for(1);
	step_value(1);
	step_signal(SIGUSR2);
	assert_story("main:RTMIN+6=1 main:RTMIN+7 ");
}

static void one_that_waits_for_a_main_process_that_has_gone_is_dropped(void **state)
{
	(void)state;
	fake_sys_fail("pidfd_send_signal", 1, EAGAIN);
	loop_child(300, "heir");
	step_value(1);
	fake_world_at(100, step_end, END(MAIN, 0)); /* before it is tried again */
	fake_world_at(SECOND, step_end, END(300, 0));
	loop_assert_ends_with(0);
	assert_string_equal(fake_world_log(), "heir:TERM heir:CONT ");
}

static void a_signalfd_that_cannot_be_changed_is_looked_past(void **state)
{
	(void)state;
	no_room_for(3);
	fake_sys_fail("signalfd", 2, EPERM); /* the first one made it */
	fake_sys_fail("signalfd", 3, EPERM);
	fake_sys_fail("signalfd", 5, EPERM);
	step_value(1);
	step_value(2);
	fake_world_at(MS(900), step_value, 3);
	assert_story("main:RTMIN+6=1 main:RTMIN+6=2 main:RTMIN+6=3 ");
}

static void other_signals_go_on_meanwhile(void **state)
{
	(void)state;
	no_room_for(1);
	step_value(1);
	step_value(2);
	step_signal(SIGUSR1);
	assert_story("main:USR1 main:RTMIN+6=1 main:RTMIN+6=2 ");
}

static void a_signal_that_does_not_queue_is_refused_as_before(void **state)
{
	(void)state;
	no_room_for(1);
	step_signal(SIGUSR1);
	assert_story("");
	assert_int_equal(loop_said("cannot forward USR1"), 1);
}

static void one_that_is_due_while_another_waits_is_refused(void **state)
{
	(void)state;
	fix.config.delay_ns[41] = MS(1);
	fake_sys_fail("pidfd_send_signal", 0, EAGAIN);
	loop_raise_value(41, 7);
	step_value(1);
	assert_story("");
	assert_int_equal(loop_said("cannot forward RTMIN+7"), 1);
}

static void nobody_waits_for_a_dead_receiver(void **state)
{
	(void)state;
	fake_sys_fail("pidfd_send_signal", 0, EAGAIN);
	fake_world_at(MS(5), step_end, END(MAIN, EXITED(3)));
	step_value(1);
	step_value(2);
	loop_assert_ends_with(3);
	assert_string_equal(fake_world_log(), "");
}

static void without_a_signalfd_it_is_the_same(void **state)
{
	(void)state;
	fix.loop.signal_fd = fake_world.signal_fd = -1;
	no_room_for(1);
	step_value(1);
	step_value(2);
	step_signal(SIGUSR1);
	assert_story("main:USR1 main:RTMIN+6=1 main:RTMIN+6=2 ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, loop_setup, loop_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_sent_when_there_is_room_and_the_next_after_it),
		TEST(it_is_tried_less_and_less_often),
		TEST(it_is_near_again_for_the_next_one),
		TEST(other_signals_are_not_late_meanwhile),
		TEST(a_real_time_stop_signal_is_not_kept_from_the_policy),
		TEST(what_is_rewritten_to_queue_waits_too),
		TEST(one_that_waits_for_a_main_process_that_has_gone_is_dropped),
		TEST(a_signalfd_that_cannot_be_changed_is_looked_past),
		TEST(other_signals_go_on_meanwhile),
		TEST(a_signal_that_does_not_queue_is_refused_as_before),
		TEST(one_that_is_due_while_another_waits_is_refused),
		TEST(nobody_waits_for_a_dead_receiver),
		TEST(without_a_signalfd_it_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
