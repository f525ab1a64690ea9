/* SPDX-License-Identifier: MIT */
/* test_loop_signals.c - what becomes of a signal, who stops with whom, and what a voice hears. */
#include "sexton/loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop_voice.h"
#include "sexton/signals.h"

/* The main process exits with 0 at the second second, whatever came before. */
static void assert_story(const char *log)
{
	fake_world_at(2 * SECOND, step_end, END(MAIN, 0));
	loop_assert_ends_with(0);
	assert_string_equal(fake_world_log(), log);
}

#define END_OF_STORY "children died\nmain 200 exited with 0\nnone left\nleaving with 0\n"

/* Rewritten, dropped */

static void a_forwarded_signal_is_told_when_it_came_and_when_it_went(void **state)
{
	(void)state;
	step_signal(SIGUSR1);
	assert_story("main:USR1 ");
	assert_said("signal USR1\nforwarded: USR1\nnone dead\n" END_OF_STORY);
}

static void a_rewritten_signal_is_told_under_both_names(void **state)
{
	(void)state;
	fix.config.rewrite[SIGHUP] = SIGQUIT;
	step_signal(SIGHUP);
	assert_story("main:QUIT ");
	assert_said("signal HUP\nrewritten: 1 to 3\nforwarded: QUIT\nnone dead\n" END_OF_STORY);
}

static void a_dropped_signal_goes_nowhere_and_is_told(void **state)
{
	(void)state;
	fix.config.rewrite[SIGTERM] = 0;
	step_signal(SIGTERM);
	assert_story("");
	assert_said("signal TERM\nrewritten: 15 to 0\ndropped: TERM\nnone dead\n" END_OF_STORY);
}

static void a_signal_that_nobody_may_have_is_told_with_its_errno(void **state)
{
	(void)state;
	fake_world_find(MAIN)->forbidden = true;
	step_signal(SIGUSR1);
	assert_story("");
	assert_said("signal USR1\nrefused: USR1, 1\nnone dead\n" END_OF_STORY);
}

static void a_signal_for_a_dead_command_is_told_as_too_late(void **state)
{
	(void)state;
	fake_sys_fail("pidfd_send_signal", 1, ESRCH);
	step_signal(SIGUSR1);
	assert_story("");
	assert_said("signal USR1\ntoo late: USR1\nnone dead\n" END_OF_STORY);
}

static void what_we_raised_ourselves_is_not_even_told(void **state)
{
	(void)state;
	loop_raise(SIGPIPE, SI_USER, 100);
	loop_raise(SIGSEGV, SI_KERNEL, 0);
	assert_story("");
	assert_said(END_OF_STORY);
}

/* The hand-off: HUP and CONT of the terminal that we left (ioctl_tty(2)) */

static void the_terminal_s_hand_off_is_swallowed_once(void **state)
{
	(void)state;
	fix.loop.handoff = SIGNALS_BIT(SIGHUP) | SIGNALS_BIT(SIGCONT);
	loop_raise(SIGHUP, SI_KERNEL, 0);
	loop_raise(SIGCONT, SI_KERNEL, 0);
	loop_raise(SIGHUP, SI_KERNEL, 0); /* a real hang-up */
	assert_story("main:HUP ");
	assert_said("signal HUP\nof the hand-off: HUP\nsignal CONT\nof the hand-off: CONT\n"
		    "signal HUP\nforwarded: HUP\nnone dead\n" END_OF_STORY);
}

static void a_user_s_signal_is_not_taken_for_the_hand_off(void **state)
{
	(void)state;
	fix.loop.handoff = SIGNALS_BIT(SIGHUP) | SIGNALS_BIT(SIGCONT);
	loop_raise(SIGHUP, SI_USER, 999);
	loop_raise(SIGHUP, SI_KERNEL, 0);
	loop_raise(SIGTERM, SI_KERNEL, 0);
	assert_story("main:HUP main:TERM ");
}

static void a_swallowed_signal_neither_suspends_nor_stops(void **state)
{
	(void)state;
	fix.loop.handoff = SIGNALS_BIT(SIGHUP);
	fix.config.stop_signals |= SIGNALS_BIT(SIGHUP);
	fix.config.suspend_on = SIGNALS_BIT(SIGHUP);
	fix.config.stop_timeout_ns = MS(500);
	loop_raise(SIGHUP, SI_KERNEL, 0);
	assert_story("");
}

/* Stopping with the command */

static void we_stop_after_the_command_was_told_to(void **state)
{
	(void)state;
	fix.config.suspend_on = SIGNALS_BIT(SIGTSTP);
	fix.config.rewrite[SIGTSTP] = SIGSTOP;
	step_signal(SIGTSTP);
	step_signal(SIGTTIN); /* not one of them */
	assert_story("main:STOP sexton:STOP main:TTIN ");
	assert_said("signal TSTP\nrewritten: 20 to 19\nforwarded: STOP\nsuspending\n"
		    "signal TTIN\nforwarded: TTIN\nnone dead\n" END_OF_STORY);
}

/* dumb-init -r 20:0: nobody is told, the shell gets its prompt all the same. */
static void we_stop_even_if_the_signal_was_dropped(void **state)
{
	(void)state;
	fix.config.suspend_on = SIGNALS_BIT(SIGTSTP);
	fix.config.rewrite[SIGTSTP] = 0;
	step_signal(SIGTSTP);
	assert_story("sexton:STOP ");
}

static void a_stop_that_is_refused_is_no_harm(void **state)
{
	(void)state;
	fix.config.suspend_on = SIGNALS_BIT(SIGTSTP);
	fake_sys_fail("kill", 1, EPERM);
	step_signal(SIGTSTP);
	step_signal(SIGUSR1);
	assert_story("main:TSTP main:USR1 ");
}

/* What a terminal sent to the whole foreground (--no-group) */

static void what_the_command_had_from_the_terminal_is_not_sent_twice(void **state)
{
	static const int shared[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH };

	(void)state;
	fix.config.tty_signals_once = true;
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		loop_raise(shared[i], SI_KERNEL, 0);
	assert_story("");
	assert_int_equal(status_get(&fix.status.forwarded), 0);
	assert_int_equal(loop_said("forwarded"), 0);
}

static void other_signals_and_other_senders_are_forwarded(void **state)
{
	(void)state;
	fix.config.tty_signals_once = true;
	loop_raise(SIGHUP, SI_KERNEL, 0); /* the session's leader alone gets it */
	loop_raise(SIGCONT, SI_KERNEL, 0);
	loop_raise(SIGINT, SI_USER, 999);
	loop_raise(SIGWINCH, SI_TKILL, 999);
	assert_story("main:HUP main:CONT main:INT main:WINCH ");
}

static void without_that_option_all_are_forwarded(void **state)
{
	(void)state;
	loop_raise(SIGINT, SI_KERNEL, 0);
	assert_story("main:INT ");
}

/* What the terminal sent is not what the user wants to be sent. */
static void a_rewritten_terminal_signal_is_forwarded_all_the_same(void **state)
{
	(void)state;
	fix.config.tty_signals_once = true;
	fix.config.rewrite[SIGINT] = SIGQUIT;
	fix.config.rewrite[SIGHUP] = SIGINT;
	loop_raise(SIGINT, SI_KERNEL, 0);
	loop_raise(SIGHUP, SI_KERNEL, 0);
	assert_story("main:QUIT main:INT ");
}

/* Ctrl-C, then the command exits: that was a stop, and no grace time runs. */
static void a_stop_that_the_command_had_already_is_a_stop(void **state)
{
	(void)state;
	fix.config.tty_signals_once = true;
	fix.config.grace_ns = 0; /* would kill at once, were it not a stop */
	loop_child(201, "slow");
	loop_raise(SIGINT, SI_KERNEL, 0);
	fake_world_at(SECOND, step_end, END(MAIN, 0));
	fake_world_at(60 * SECOND, step_end, END(201, 0));
	loop_assert_ends_with(0);
	assert_string_equal(fake_world_log(), "slow:TERM slow:CONT ");
	assert_int_equal(fake_sys.now, 60 * SECOND);
}

/* With job control */

static void stops_of_children_are_heard_only_with_job_control(void **state)
{
	(void)state;
	assert_false(signals_in(loop_mask(&fix.loop), SIGCHLD));
	assert_int_equal(loop_mask(&fix.loop) | SIGNALS_BIT(SIGCHLD), SIGNALS_ALL);
	fix.job.watching = true;
	assert_int_equal(loop_mask(&fix.loop), SIGNALS_ALL);
	fix.job.watching = false;
	fix.loop.polled = &fix.reaper;
	assert_int_equal(loop_mask(&fix.loop), SIGNALS_ALL);
}

/* The reaper thread buries; SIGCHLD is for the job alone. */
static void a_child_s_signal_does_not_make_main_bury_beside_the_reaper(void **state)
{
	(void)state;
	loop_use_job_control();
	loop_raise(SIGCHLD, CLD_STOPPED, MAIN);
	assert_story("");
	assert_int_equal(fake_sys_calls("wait_stop"), 1);
	assert_int_equal(loop_traced("ppoll(2,0)"), 0);
	assert_int_equal(fake_sys.foreground, 100); /* at the end it is given back */
}

static void a_continued_job_continues_the_command_s_group_once(void **state)
{
	(void)state;
	loop_use_job_control();
	fake_world_add(201, MAIN, MAIN, "member");
	step_signal(SIGCONT);
	fake_world_at(SECOND, step_end, END(201, 0));
	assert_story("main:CONT member:CONT ");
}

/* Not CONT is what the user wants the command to get then. */
static void a_rewritten_continuation_is_sent_as_it_was_rewritten(void **state)
{
	(void)state;
	loop_use_job_control();
	fix.config.rewrite[SIGCONT] = SIGUSR1;
	fix.config.rewrite[SIGUSR2] = SIGCONT;
	step_signal(SIGCONT);
	fake_world_at(SECOND, step_signal, SIGUSR2);
	assert_story("main:USR1 main:CONT ");
}

/* Its number is half of the message. */
static void a_continuation_with_a_value_is_forwarded_with_it(void **state)
{
	(void)state;
	loop_use_job_control();
	loop_raise(SIGCONT, SI_QUEUE, 999);
	assert_story("main:CONT=0 ");
}

/* Its group may be gone: the heirs hear it as they hear every signal. */
static void heirs_hear_that_we_were_continued(void **state)
{
	(void)state;
	loop_use_job_control();
	loop_child(201, "heir");
	fake_world_at(SECOND, step_end, END(MAIN, 0));
	fake_world_at(2 * SECOND, step_signal, SIGCONT);
	fake_world_at(3 * SECOND, step_end, END(201, 0));
	loop_assert_ends_with(0);
	assert_string_equal(fake_world_log(), "heir:TERM heir:CONT heir:CONT ");
}

static void step_key(int sig)
{
	assert_int_equal(fake_sys.foreground, 100);
	loop_raise(sig, SI_KERNEL, 0);
}

/* Ctrl-C in a drain: the command's group is empty, so we have the terminal, and the heirs hear it. */
static void a_key_in_a_drain_is_a_stop_for_the_heirs(void **state)
{
	(void)state;
	loop_use_job_control();
	loop_child(201, "heir");
	fake_world_at(SECOND, step_end, END(MAIN, 0));
	fake_world_at(2 * SECOND, step_key, SIGINT);
	fake_world_at(3 * SECOND, step_end, END(201, 0));
	loop_assert_ends_with(0);
	assert_string_equal(fake_world_log(), "heir:TERM heir:CONT heir:INT ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, loop_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_forwarded_signal_is_told_when_it_came_and_when_it_went),
		TEST(a_rewritten_signal_is_told_under_both_names),
		TEST(a_dropped_signal_goes_nowhere_and_is_told),
		TEST(a_signal_that_nobody_may_have_is_told_with_its_errno),
		TEST(a_signal_for_a_dead_command_is_told_as_too_late),
		TEST(what_we_raised_ourselves_is_not_even_told),
		TEST(the_terminal_s_hand_off_is_swallowed_once),
		TEST(a_user_s_signal_is_not_taken_for_the_hand_off),
		TEST(a_swallowed_signal_neither_suspends_nor_stops),
		TEST(we_stop_after_the_command_was_told_to),
		TEST(we_stop_even_if_the_signal_was_dropped),
		TEST(a_stop_that_is_refused_is_no_harm),
		TEST(what_the_command_had_from_the_terminal_is_not_sent_twice),
		TEST(other_signals_and_other_senders_are_forwarded),
		TEST(without_that_option_all_are_forwarded),
		TEST(a_rewritten_terminal_signal_is_forwarded_all_the_same),
		TEST(a_stop_that_the_command_had_already_is_a_stop),
		TEST(stops_of_children_are_heard_only_with_job_control),
		TEST(a_child_s_signal_does_not_make_main_bury_beside_the_reaper),
		TEST(a_continued_job_continues_the_command_s_group_once),
		TEST(a_rewritten_continuation_is_sent_as_it_was_rewritten),
		TEST(a_continuation_with_a_value_is_forwarded_with_it),
		TEST(heirs_hear_that_we_were_continued),
		TEST(a_key_in_a_drain_is_a_stop_for_the_heirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
