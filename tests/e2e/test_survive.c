/* SPDX-License-Identifier: MIT */
/*
 * test_survive.c - PID 1 does not die of its own errors.
 */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "pidns.h"

/* A run with one signal passed on, a stop, leftovers, and an exit code; no events needed. */
static void check_silent_run(const struct pidns_options *options, const char *verbosity)
{
	struct pidns *ns;

	ns = pidns_start(options, verbosity, "--", pidns_payload(), "tree",
			 "main:leave,exit=4(a:work=50(b:work=50) c:twice,session,work=50)");
	pidns_end_with(ns, 4);
	pidns_kill(ns);
}

static void closed_streams_do_not_matter_in_any_combination(void **state)
{
	(void)state;
	for (unsigned int set = 1; set < 8; set++) {
		const struct pidns_options options = {
			.in = set & 1 ? PIDNS_CLOSED : PIDNS_PIPE,
			.out = set & 2 ? PIDNS_CLOSED : PIDNS_PIPE,
			.err = set & 4 ? PIDNS_CLOSED : PIDNS_PIPE,
		};

		check_silent_run(&options, "-vv");
	}
}

/* The descriptors 0 to 2 of the command must stay closed, not be ones of sexton's. */
static void a_closed_stream_is_closed_in_the_command_too(void **state)
{
	const struct pidns_options options = { .in = PIDNS_CLOSED, .err = PIDNS_CLOSED };
	struct pidns *ns = pidns_start(&options, "-vv", "--", pidns_payload(), "report");

	(void)state;
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "report fd 1 pipe:") == 1);
	pidns_assert(ns, pidns_count(ns, "report fd") == 1);
	pidns_kill(ns);
}

static void wait_one_second(void)
{
	const struct itimerspec second = { .it_value = { 1, 0 } };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	uint64_t n;

	/* The second is what is measured, not a wait for something. */
	assert_true(fd >= 0 && timerfd_settime(fd, 0, &second, NULL) == 0);
	assert_int_equal(read(fd, &n, sizeof(n)), sizeof(n));
	close(fd);
}

static void a_stderr_that_nobody_reads_makes_no_loop(void **state)
{
	const struct pidns_options options = { .err = PIDNS_BROKEN };
	struct pidns *ns;
	uint64_t before;
	int threads;

	(void)state;
	ns = pidns_start(&options, "-vv", "--", pidns_payload(), "tree",
			 "main:exit=4(a:work=50(b:leave) c:twice,session,work=50)");
	pidns_event(ns, 1, "ready main");
	for (int i = 1; i <= 5; i++) {
		pidns_signal(ns, SIGUSR1);
		pidns_event(ns, i, "got main USR1");
	}
	before = pidns_switches(ns, &threads);
	wait_one_second();
	/* A loop has no end of them; a sanitizer's own thread a few. Zero is e2e_idle's business. */
	pidns_assert(ns, pidns_switches(ns, &threads) - before < 100);
	/* Sexton's own SIGPIPE is its own; somebody else's is passed on. */
	pidns_assert(ns, pidns_count(ns, "got main PIPE") == 0);
	pidns_signal(ns, SIGPIPE);
	pidns_event(ns, 1, "got main PIPE");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 4);
	pidns_assert(ns, pidns_count(ns, "got main PIPE") == 1);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void take_as_stderr(void *arg)
{
	if (dup2(*(const int *)arg, STDERR_FILENO) < 0)
		_exit(99);
}

/* A log collector that hangs: the pipe is full, and nobody will ever read it. */
static void a_stderr_that_is_full_holds_up_neither_signals_nor_the_end(void **state)
{
	int fds[2];
	const struct pidns_options options = { .prepare = take_as_stderr, .arg = &fds[1] };
	struct pidns *ns;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	while (write(fds[1], "", 1) == 1)
		continue;
	assert_int_equal(fcntl(fds[1], F_SETFL, 0), 0);
	ns = pidns_start(&options, "-vv", "--grace=300ms", "--", pidns_payload(), "tree",
			 "main:exit=4(worker:ignore)");
	pidns_event(ns, 1, "ready main");
	pidns_signal(ns, SIGUSR1);
	pidns_event(ns, 1, "got main USR1");
	pidns_signal_inner(ns, (pid_t)pidns_field(pidns_event(ns, 1, "ready main"), "pid"),
			   SIGTERM);
	pidns_end_with(ns, 4);
	pidns_assert(ns, pidns_count(ns, "got worker TERM") == 1);
	pidns_kill(ns);
	close(fds[0]);
	close(fds[1]);
}

/* Without root the test says why it is skipped; where everything has to run, that is a failure. */
static void only_root_can(const char *what)
{
	if (geteuid() == 0)
		return;
	print_message("skipped: only root can %s\n", what);
	if (getenv("CI") != NULL)
		fail();
	skip();
}

static void become(uid_t uid)
{
	if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
		_exit(99);
}

/* Root without CAP_KILL may not signal others. The capability is gone after the next exec. */
static void may_not_kill(void *arg)
{
	(void)arg;
	if (prctl(PR_CAPBSET_DROP, CAP_KILL) < 0)
		_exit(99);
}

static void a_command_that_may_not_be_signalled_does_not_end_sexton(void **state)
{
	const struct pidns_options options = { .prepare = may_not_kill };
	struct pidns *ns;
	pid_t main_pid;

	(void)state;
	only_root_can("start a command as another user");
	ns = pidns_start(&options, "--grace=200ms", "-vv", "--", pidns_payload(), "tree",
			 "main:user=64272,ignore,exit=4(left:user=64272,work=50)");
	main_pid = (pid_t)pidns_field(pidns_event(ns, 1, "ready main"), "pid");
	pidns_signal(ns, SIGUSR1);
	pidns_log(ns, 1, "cannot forward USR1");
	pidns_signal(ns, SIGTERM);
	pidns_log(ns, 1, "cannot forward TERM");
	pidns_signal_inner(ns, main_pid, SIGKILL);
	/* The one that is left cannot be asked either; sexton stays until it has gone. */
	pidns_log(ns, 1, "buried pid %d: killed by KILL", (int)main_pid);
	pidns_signal_inner(ns, (pid_t)pidns_field(pidns_event(ns, 1, "ready left"), "pid"),
			   SIGTERM);
	pidns_event(ns, 1, "done left");
	pidns_end_with(ns, 128 + SIGKILL);
	pidns_assert(ns, pidns_count(ns, "got main") == 0);
	pidns_kill(ns);
}

static void hide_others(void *arg)
{
	if (mount("proc", "/proc", "proc", MS_REMOUNT, arg) < 0)
		_exit(99);
	become(64273);
}

/* ssh-agent and setuid programs are not dumpable. The children file lists them all the same. */
static void a_leftover_that_proc_hides_is_asked_all_the_same(void **state)
{
	char modes[][10] = { "hidepid=1", "hidepid=2" };

	(void)state;
	only_root_can("mount a /proc that hides processes");
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		const struct pidns_options options = { .prepare = hide_others, .arg = modes[i] };
		struct pidns *ns;

		ns = pidns_start(&options, "--grace=20s", "--", pidns_payload(), "tree",
				 "main:leave,exit=4(seen:work=200 agent:hidden,work=50)");
		pidns_end_with(ns, 4);
		pidns_assert(ns, pidns_count(ns, "got agent TERM") == 1);
		/* Not only when nobody is left whom /proc shows. */
		pidns_assert(ns, pidns_before(ns, "got agent TERM", "done seen"));
		pidns_all_finished(ns);
		pidns_kill(ns);
	}
}

static void no_threads(void *arg)
{
	/* Counted per user, and root is not limited: sexton runs as somebody whom nobody else is. */
	const struct rlimit limit = { 2, 2 };

	become(*(const uid_t *)arg);
	setrlimit(RLIMIT_NPROC, &limit);
}

static void without_a_second_thread_everything_works_from_one(void **state)
{
	/* Nor is any other test of the same kind that runs at the same time. */
	uid_t nobody_else = 100000 + (uid_t)getpid();
	const struct pidns_options options = { .prepare = no_threads, .arg = &nobody_else };
	struct pidns *ns;
	int threads;

	(void)state;
	only_root_can("become a user without processes");
	ns = pidns_start(&options, "-vv", "--", pidns_payload(), "tree", "main:exit=4,work=50");
	pidns_event(ns, 1, "ready main");
	pidns_log(ns, 1, "no reaper thread");
	pidns_signal(ns, SIGUSR1);
	pidns_event(ns, 1, "got main USR1");
	pidns_switches(ns, &threads);
	assert_int_equal(threads, 1);
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 4);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void no_descriptors(void *arg)
{
	/* One beyond the streams, which the loader of a dynamic sexton needs. */
	const struct rlimit limit = { 4, 4 };

	(void)arg;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void without_a_free_descriptor_the_command_runs_or_the_failure_is_named(void **state)
{
	static const char *const env[] = { PIDNS_NO_LEAK_CHECK, NULL };
	const struct pidns_options options = { .prepare = no_descriptors, .env = env };
	struct pidns *ns = pidns_start(&options, "--", pidns_payload(), "exit", "6");
	int code;

	(void)state;
	code = pidns_end(ns);
	/* Never a silent loss: either the code of the command, or 125 with a reason. */
	pidns_assert(ns, code == 6 || (code == 125 && pidns_log_count(ns, "sexton:") > 0));
	pidns_kill(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(closed_streams_do_not_matter_in_any_combination),
		PIDNS_TEST(a_closed_stream_is_closed_in_the_command_too),
		PIDNS_TEST(a_stderr_that_nobody_reads_makes_no_loop),
		PIDNS_TEST(a_stderr_that_is_full_holds_up_neither_signals_nor_the_end),
		PIDNS_TEST(a_command_that_may_not_be_signalled_does_not_end_sexton),
		PIDNS_TEST(a_leftover_that_proc_hides_is_asked_all_the_same),
		PIDNS_TEST(without_a_second_thread_everything_works_from_one),
		PIDNS_TEST(without_a_free_descriptor_the_command_runs_or_the_failure_is_named),
	};

	return cmocka_run_group_tests_name("survive", tests, NULL, NULL);
}
