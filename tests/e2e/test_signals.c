/* SPDX-License-Identifier: MIT */
/*
 * test_signals.c - which signals arrive, in which order, and with what.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "pidns.h"

static struct pidns *start_catch(const struct pidns_options *options, const char *option)
{
	struct pidns *ns = pidns_start(options, option, "--", pidns_payload(), "catch");

	pidns_event(ns, 1, "ready catch");
	return ns;
}

/* Ends the scenario, with the second URG, through the same forwarding as all the others. */
static void end_catch(struct pidns *ns)
{
	if (pidns_count(ns, "caught %d", SIGURG) == 0) {
		pidns_signal(ns, SIGURG);
		pidns_event(ns, 1, "caught %d", SIGURG);
	}
	pidns_signal(ns, SIGURG);
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "done catch") == 1);
}

static void check_every_signal(const struct pidns_options *options, const char *option)
{
	struct pidns *ns = start_catch(options, option);
	int sent = 0;

	for (int sig = 1; sig <= 64; sig++) {
		if (sig == SIGKILL || sig == SIGSTOP || sig == SIGCHLD || sig == 32 || sig == 33)
			continue;
		pidns_signal(ns, sig);
		pidns_event(ns, 1, "caught %d", sig);
		sent++;
	}
	assert_int_equal(sent, 59);
	end_catch(ns);
	for (int sig = 1; sig <= 64; sig++)
		pidns_assert(ns, pidns_count(ns, "caught %d", sig) <= 1);
	pidns_assert(ns, pidns_count(ns, "caught") == sent);
	pidns_kill(ns);
}

static void every_signal_arrives_once_the_synchronous_ones_too(void **state)
{
	(void)state;
	check_every_signal(NULL, "--forward=child");
}

static void every_signal_arrives_once_with_a_forwarding_to_the_group(void **state)
{
	(void)state;
	check_every_signal(NULL, "--forward=group");
}

static void every_signal_arrives_once_through_a_subreaper(void **state)
{
	(void)state;
	check_every_signal(&(struct pidns_options){ .subreaper = true }, "--forward=child");
}

/* ThreadSanitizer's own thread hears 32 from the start, before sexton can do anything about it. */
#ifndef E2E_UNDER_TSAN
static void the_two_signals_that_libc_hides_do_not_kill_a_subreaper(void **state)
{
	const struct pidns_options options = { .subreaper = true };

	(void)state;
	/* More than once: libc opens a window for them when the second thread is made. */
	for (int i = 0; i < 30; i++) {
		struct pidns *ns = start_catch(&options, "-v");

		pidns_signal(ns, 32);
		pidns_signal(ns, 33);
		pidns_signal(ns, SIGCHLD);
		pidns_signal(ns, SIGUSR1);
		pidns_event(ns, 1, "caught %d", SIGUSR1);
		end_catch(ns);
		pidns_assert(ns, pidns_count(ns, "caught %d", SIGCHLD) == 0);
		pidns_kill(ns);
	}
}
#endif

/* Two real-time signals take turns; each must keep its own order, and the kernel's among the two
 * that are pending together is its business. */
static void check_queue(const char *option, bool with_values)
{
	static const int sigs[] = { 35, 63 };
	struct pidns *ns = start_catch(NULL, option);

	for (int i = 1; i <= 200; i++)
		for (int k = 0; k < 2; k++)
			pidns_queue(ns, sigs[k], 1000 * (k + 1) + i);
	pidns_event(ns, 200, "caught %d", sigs[0]);
	pidns_event(ns, 200, "caught %d", sigs[1]);
	for (int i = 1; i <= 200 && with_values; i++)
		for (int k = 0; k < 2; k++) {
			const char *line = pidns_event(ns, i, "caught %d", sigs[k]);

			pidns_assert(ns, pidns_field(line, "value") == 1000 * (k + 1) + i);
			pidns_assert(ns, pidns_field(line, "code") == SI_QUEUE);
		}
	end_catch(ns);
	pidns_assert(ns, pidns_count(ns, "caught") == 400 + 1);
	pidns_kill(ns);
}

/* The command takes none for a while, and its user's queue holds few. */
static void a_full_queue_holds_back_real_time_signals_and_loses_none(void **state)
{
	struct pidns *ns;
	pid_t command = 2;

	(void)state;
	ns = pidns_start(NULL, "--", "setpriv", "--reuid=65534", "--clear-groups", "prlimit",
			 "--sigpending=20", pidns_payload(), "catch");
	pidns_event(ns, 1, "ready catch");
	pidns_signal_inner(ns, command, SIGSTOP);
	while (strstr(pidns_proc(ns, "%d/status", command), "(stopped)") == NULL)
		sched_yield();
	for (int i = 1; i <= 200; i++)
		pidns_queue(ns, 40, i);
	pidns_log(ns, 1, "sexton: a real-time signal waits for room");
	pidns_signal(ns, SIGUSR1);
	pidns_signal(ns, SIGCONT);
	for (int i = 1; i <= 200; i++)
		pidns_assert(ns, pidns_field(pidns_event(ns, i, "caught 40"), "value") == i);
	pidns_assert(ns, pidns_before(ns, "caught 10", "caught 40"));
	end_catch(ns);
	pidns_kill(ns);
}

static void real_time_signals_keep_their_order_number_and_value(void **state)
{
	(void)state;
	check_queue("--forward=child", true);
}

static void a_group_gets_real_time_signals_in_their_order_and_number(void **state)
{
	(void)state;
	/* Values too, but for kernels without pidfds for groups: by number there is no call. */
	check_queue("--forward=group", !pidns_refused("pidfd_signal_group") &&
					       !pidns_refused("pidfd_open") &&
					       !pidns_refused("pidfd_send_signal"));
}

static void rewritten_and_dropped_signals(void **state)
{
	struct pidns *ns = start_catch(NULL, "--rewrite=SIGTERM:quit,usr1:0,34:RTMIN+3,HUP:none");

	(void)state;
	pidns_signal(ns, SIGTERM);
	pidns_event(ns, 1, "caught %d", SIGQUIT);
	pidns_signal(ns, SIGUSR1);
	pidns_signal(ns, SIGHUP);
	pidns_queue(ns, 34, 77);
	pidns_assert(ns, pidns_field(pidns_event(ns, 1, "caught 37"), "value") == 77);
	end_catch(ns);
	pidns_assert(ns, pidns_count(ns, "caught") == 2 + 1);
	pidns_kill(ns);
}

static void a_rewritten_stop_signal_still_stops_the_run(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = pidns_start(NULL, "--rewrite=TERM:QUIT", "--grace=100ms", "--", pidns_payload(),
			 "tree", "main(slow:work=500)");
	pidns_event(ns, 1, "ready main");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "got main QUIT") == 1);
	pidns_assert(ns, pidns_count(ns, "got main TERM") == 0);
	/* A stop has no deadline: the grace time of 100 ms does not count. */
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void the_set_of_stop_signals_can_be_changed(void **state)
{
	struct pidns *ns;

	(void)state;
	/* HUP stops here, so the slow one has all the time it needs. */
	ns = pidns_start(NULL, "--stop-signals=HUP", "--rewrite=HUP:INT", "--grace=100ms", "--",
			 pidns_payload(), "tree", "main(slow:work=500)");
	pidns_event(ns, 1, "ready main");
	pidns_signal(ns, SIGHUP);
	pidns_end_with(ns, 0);
	pidns_all_finished(ns);
	pidns_kill(ns);
	/* TERM does not, so the main process has ended by itself and the grace time counts. */
	ns = pidns_start(NULL, "--stop-signals=HUP", "--grace=100ms", "--", pidns_payload(), "tree",
			 "main(slow:ignore)");
	pidns_event(ns, 1, "ready main");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_log_count(ns, "killing pid") == 1);
	pidns_kill(ns);
}

static const char group_spec[] = "main:work=50(same:ignore other:ignore,group)";

static void a_signal_to_the_child_reaches_the_main_process_alone(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = pidns_start(NULL, "--grace=100ms", "--stop-timeout=1s", "--", pidns_payload(), "tree",
			 group_spec);
	pidns_event(ns, 1, "ready main");
	pidns_signal(ns, SIGUSR1);
	pidns_event(ns, 1, "got main USR1");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "got same USR1") == 0);
	pidns_assert(ns, pidns_count(ns, "got other USR1") == 0);
	pidns_kill(ns);
}

static void a_signal_to_the_group_reaches_the_group_and_no_other(void **state)
{
	struct pidns *ns;

	(void)state;
	ns = pidns_start(NULL, "-g", "--stop-timeout=1s", "--", pidns_payload(), "tree",
			 group_spec);
	pidns_event(ns, 1, "ready main");
	pidns_signal(ns, SIGUSR1);
	pidns_event(ns, 1, "got main USR1");
	pidns_event(ns, 1, "got same USR1");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "got other USR1") == 0);
	/* Both were asked once, one with the group, the other after the main process. */
	pidns_assert(ns, pidns_count(ns, "got same TERM") == 1);
	pidns_assert(ns, pidns_count(ns, "got other TERM") == 1);
	pidns_assert(ns, pidns_before(ns, "got same TERM", "done main"));
	pidns_assert(ns, pidns_before(ns, "done main", "got other TERM"));
	pidns_kill(ns);
}

static void the_command_has_a_process_group_of_its_own(void **state)
{
	struct pidns *ns = pidns_start(NULL, "--", pidns_payload(), "tree", "main:leave");
	const char *line;

	(void)state;
	pidns_end_with(ns, 0);
	line = pidns_event(ns, 1, "ready main");
	pidns_assert(ns, pidns_field(line, "pgid") == pidns_field(line, "pid"));
	pidns_kill(ns);
}

static void a_stop_that_comes_before_the_command_has_started_is_not_lost(void **state)
{
	(void)state;
	/* As soon as sexton has blocked TERM: the command is not there yet, or not executed yet. */
	for (int i = 0; i < 100; i++) {
		struct pidns *ns = pidns_start(NULL, "--", "sleep", "60");

		while (!pidns_blocks(ns, SIGTERM))
			sched_yield();
		pidns_signal(ns, SIGTERM);
		pidns_end_with(ns, 128 + SIGTERM);
		pidns_kill(ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(every_signal_arrives_once_the_synchronous_ones_too),
		PIDNS_TEST(every_signal_arrives_once_with_a_forwarding_to_the_group),
		PIDNS_TEST(every_signal_arrives_once_through_a_subreaper),
#ifndef E2E_UNDER_TSAN
		PIDNS_TEST(the_two_signals_that_libc_hides_do_not_kill_a_subreaper),
#endif
		PIDNS_TEST(a_full_queue_holds_back_real_time_signals_and_loses_none),
		PIDNS_TEST(real_time_signals_keep_their_order_number_and_value),
		PIDNS_TEST(a_group_gets_real_time_signals_in_their_order_and_number),
		PIDNS_TEST(rewritten_and_dropped_signals),
		PIDNS_TEST(a_rewritten_stop_signal_still_stops_the_run),
		PIDNS_TEST(the_set_of_stop_signals_can_be_changed),
		PIDNS_TEST(a_signal_to_the_child_reaches_the_main_process_alone),
		PIDNS_TEST(a_signal_to_the_group_reaches_the_group_and_no_other),
		PIDNS_TEST(the_command_has_a_process_group_of_its_own),
		PIDNS_TEST(a_stop_that_comes_before_the_command_has_started_is_not_lost),
	};

	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
