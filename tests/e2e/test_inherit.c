/* SPDX-License-Identifier: MIT */
/*
 * test_inherit.c - what the command gets, and what sexton keeps.
 *
 * The oracle is the same program without sexton: its report must be the same, line by line.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pidns.h"

#define KEPT_FD 7

/* A mask, dispositions, a directory and limits that nobody has by chance. */
static void prepare_odd(void *arg)
{
	const uint64_t mask = UINT64_C(1) << (SIGUSR1 - 1) | UINT64_C(1) << (SIGTERM - 1) |
			      UINT64_C(1) << (40 - 1) | UINT64_C(1) << (33 - 1);
	const struct rlimit files = { 777, 888 };
	const struct rlimit core = { 0, 4096 };
	int fd = open("/dev/zero", O_RDONLY);

	(void)arg;
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(42, SIG_IGN);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask));
	umask(027);
	setrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_CORE, &core);
	setpriority(PRIO_PROCESS, 0, 3);
	dup2(fd, KEPT_FD);
	dup2(fd, 700);
	close(fd);
	if (chdir("/usr/bin") < 0)
		_exit(99);
}

/* Ignores and blocks the one signal that sexton cannot do without. */
static void prepare_no_sigchld(void *arg)
{
	sigset_t set;

	(void)arg;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGCHLD, SIG_IGN);
}

static void prepare_everything_blocked(void *arg)
{
	const uint64_t all = UINT64_MAX;

	(void)arg;
	for (int sig = 1; sig <= 64; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && sig != 32 && sig != 33)
			signal(sig, SIG_IGN);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all));
}

/* The lines "report ..." of a run, in one text of their own. */
static char *report_of(const struct pidns_options *options)
{
	struct pidns *ns;
	char *text;
	size_t used = 0;

	if (options->direct)
		ns = pidns_start(options, pidns_payload(), "report", "one", "", "two words");
	else
		ns = pidns_start(options, "--", pidns_payload(), "report", "one", "", "two words");
	pidns_end_with(ns, 0);
	text = calloc(1, ns->events.used + 1);
	assert_non_null(text);
	for (const char *line = ns->events.text; *line;) {
		size_t length = strcspn(line, "\n") + 1;

		if (strncmp(line, "report ", 7) == 0) {
			memcpy(text + used, line, length);
			used += length;
		}
		line += length;
	}
	pidns_assert(ns, used > 1000);
	pidns_kill(ns);
	return text;
}

static void check_same_report(void (*prepare)(void *))
{
	static const char *const env[] = {
		"A=1", "EMPTY=", "ODD= = x", "SEXTON_RELEASE=7", PIDNS_NO_CRASH_HANDLERS, NULL
	};
	struct pidns_options options = { .prepare = prepare, .env = env };
	char *with = report_of(&options);
	char *without;

	options.direct = true;
	without = report_of(&options);
	if (strcmp(with, without) != 0)
		fprintf(stderr, "--- without sexton\n%s--- with sexton\n%s", without, with);
	assert_string_equal(with, without);
	free(with);
	free(without);
}

static void nothing_special_is_passed_on_unchanged(void **state)
{
	(void)state;
	check_same_report(NULL);
}

static void mask_dispositions_cwd_umask_limits_and_descriptors_are_passed_on(void **state)
{
	(void)state;
	check_same_report(prepare_odd);
}

static void an_ignored_and_blocked_sigchld_is_passed_on(void **state)
{
	(void)state;
	check_same_report(prepare_no_sigchld);
}

static void everything_blocked_and_ignored_is_passed_on(void **state)
{
	(void)state;
	check_same_report(prepare_everything_blocked);
}

/* With these, sexton must do its work all the same. */
static void check_work(void (*prepare)(void *))
{
	const struct pidns_options options = { .prepare = prepare };
	struct pidns *ns;

	ns = pidns_start(&options, "--", pidns_payload(), "exit", "5");
	pidns_end_with(ns, 5);
	pidns_kill(ns);
	ns = pidns_start(&options, "--", pidns_payload(), "tree",
			 "main:exit=4(a:work=50(b:work=50) c:twice,session,work=50)");
	pidns_event(ns, 1, "ready main");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 4);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void an_ignored_and_blocked_sigchld_does_not_cost_the_exit_status(void **state)
{
	(void)state;
	check_work(prepare_no_sigchld);
}

static void everything_blocked_and_ignored_does_not_keep_sexton_from_its_work(void **state)
{
	(void)state;
	check_work(prepare_everything_blocked);
}

static void descriptors_stay_open_in_the_command_and_are_closed_in_sexton(void **state)
{
	const struct pidns_options options = { .prepare = prepare_odd };
	struct pidns *ns;
	int command;

	(void)state;
	ns = pidns_start(&options, "--", pidns_payload(), "tree", "main:ignore");
	command = (int)pidns_field(pidns_event(ns, 1, "ready main"), "pid");
	/* When a signal has come through, start-up is over. */
	pidns_signal(ns, SIGUSR2);
	pidns_event(ns, 1, "got main USR2");
	assert_string_equal(pidns_link(ns, "%d/fd/%d", command, KEPT_FD), "/dev/zero");
	assert_string_equal(pidns_link(ns, "%d/fd/700", command), "/dev/zero");
	for (int fd = 3; fd < 1000; fd++) {
		const char *target = pidns_link(ns, "%d/fd/%d", (int)ns->inner_pid, fd);

		/* What sexton needs itself is anonymous: pidfd, eventfd, signalfd. */
		pidns_assert(ns, *target == '\0' || strncmp(target, "anon_inode:", 11) == 0 ||
					 strncmp(target, "pidfd:", 6) == 0);
	}
	/* The streams stay: people write to /proc/1/fd/1. */
	pidns_assert(ns, strncmp(pidns_link(ns, "1/fd/1"), "pipe:", 5) == 0);
	pidns_assert(ns, strncmp(pidns_link(ns, "1/fd/2"), "pipe:", 5) == 0);
	assert_string_equal(pidns_link(ns, "1/cwd"), "/");
	assert_string_equal(pidns_link(ns, "%d/cwd", command), "/usr/bin");
	pidns_kill(ns);
}

static void listen_pid_names_the_command_if_it_named_sexton(void **state)
{
	static const char *const env[] = { "LISTEN_PID=1", "LISTEN_FDS=2", "LISTEN_FDNAMES=a:b",
					   "LISTEN_PIDFDID=4711", NULL };
	const struct pidns_options options = { .env = env };
	struct pidns *ns = pidns_start(&options, "--", pidns_payload(), "report");
	int pid;

	(void)state;
	pidns_end_with(ns, 0);
	pid = (int)pidns_field(pidns_event(ns, 1, "me"), "pid");
	pidns_assert(ns, pid > 1);
	pidns_assert(ns, pidns_count(ns, "report env LISTEN_PID=%d", pid) == 1);
	pidns_assert(ns, pidns_count(ns, "report env LISTEN_PID=1") == 0);
	pidns_assert(ns, pidns_count(ns, "report env LISTEN_FDS=2") == 1);
	pidns_assert(ns, pidns_count(ns, "report env LISTEN_FDNAMES=a:b") == 1);
	pidns_assert(ns, pidns_count(ns, "report env LISTEN_PIDFDID=4711") == 0);
	pidns_kill(ns);
}

static void listen_pid_of_somebody_else_is_left_alone(void **state)
{
	static const char *const env[] = { "LISTEN_PID=4711", "LISTEN_FDS=2", "LISTEN_PIDFDID=12",
					   NULL };
	const struct pidns_options options = { .env = env };
	struct pidns *ns = pidns_start(&options, "--", pidns_payload(), "report");

	(void)state;
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "report env LISTEN_PID=4711") == 1);
	pidns_assert(ns, pidns_count(ns, "report env LISTEN_PIDFDID=12") == 1);
	pidns_kill(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(nothing_special_is_passed_on_unchanged),
		PIDNS_TEST(mask_dispositions_cwd_umask_limits_and_descriptors_are_passed_on),
		PIDNS_TEST(an_ignored_and_blocked_sigchld_is_passed_on),
		PIDNS_TEST(everything_blocked_and_ignored_is_passed_on),
		PIDNS_TEST(an_ignored_and_blocked_sigchld_does_not_cost_the_exit_status),
		PIDNS_TEST(everything_blocked_and_ignored_does_not_keep_sexton_from_its_work),
		PIDNS_TEST(descriptors_stay_open_in_the_command_and_are_closed_in_sexton),
		PIDNS_TEST(listen_pid_names_the_command_if_it_named_sexton),
		PIDNS_TEST(listen_pid_of_somebody_else_is_left_alone),
	};

	return cmocka_run_group_tests_name("inherit", tests, NULL, NULL);
}
