/* SPDX-License-Identifier: MIT */
/*
 * test_pause.c - no command: a place that stays, and buries whoever is orphaned to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "names.h"

#define WORDS_MAX 8
#define CALLS     (sizeof(calls) / sizeof(calls[0]))

/* Everybody who asks for it. */
static const char *const *const calls[] = {
	WORDS("--as", "catatonit", "-P"),
	WORDS("--as", "podman-init", "-P"),
	WORDS("--as", "pause"),
	WORDS("-P"),
	WORDS("--pause"),
};

/* What podman's pause process inherits as ignored. */
static const int ignored_by_podman[] = { SIGALRM, SIGHUP,  SIGINT,    SIGPIPE, SIGQUIT,
					 SIGPOLL, SIGPROF, SIGVTALRM, SIGXCPU, SIGXFSZ };

static void prepare_podman(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < sizeof(ignored_by_podman) / sizeof(ignored_by_podman[0]); i++)
		signal(ignored_by_podman[i], SIG_IGN);
}

/* Can no signal be lost any more? */
static bool is_ready(struct pidns *ns)
{
	char *sexton;
	bool is_there;

	if (!pidns_refused("signalfd4"))
		return pidns_blocks(ns, SIGTERM);
	/* Then it waits in sigtimedwait(2), during which /proc does not call them blocked. */
	sexton = realpath(getenv("SEXTON"), NULL);
	is_there = sexton && strcmp(pidns_link(ns, "%d/exe", (int)ns->inner_pid), sexton) == 0;
	free(sexton);
	return is_there && pidns_switches(ns, &(int){ 0 }) > 0;
}

/* Starts it, and waits until no signal can be lost. */
static struct pidns *start(const struct pidns_options *options, const char *const *words)
{
	struct pidns *ns = pidns_start_words(options, words);
	int64_t until = pidns_now() + (int64_t)PIDNS_LIMIT_MS * 1000000;

	while (!is_ready(ns)) {
		if (pidns_now() > until)
			pidns_fail(ns, "it does not get ready");
		sched_yield();
	}
	return ns;
}

static void __attribute__((noreturn)) give_up(const char *what)
{
	dprintf(STDERR_FILENO, "enter: %s: %s\n", what, strerror(errno));
	_exit(99);
}

/*
 * Runs the payload in the namespace, as nsenter and "podman exec" do: its parent is outside, its
 * own orphans go to PID 1. The lines that it writes are events. Returns when it has ended.
 */
static void enter(struct pidns *ns, const char *scenario, const char *argument)
{
	int kinds = CLONE_NEWPID | CLONE_NEWNS | (geteuid() != 0 ? CLONE_NEWUSER : 0);
	char path[64];
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		int out;

		snprintf(path, sizeof(path), "/proc/%d/fd/1", (int)ns->host_pid);
		if (kinds & CLONE_NEWUSER && setns(ns->pidfd, CLONE_NEWUSER) < 0)
			give_up("user namespace");
		out = open(path, O_WRONLY | O_CLOEXEC);
		if (out < 0 || dup2(out, STDOUT_FILENO) < 0)
			give_up(path);
		if (setns(ns->pidfd, kinds & ~CLONE_NEWUSER) < 0)
			give_up("namespaces");
		pid = fork(); /* the next child is in there */
		if (pid == 0) {
			execl(pidns_payload(), "payload", scenario, argument, NULL);
			give_up(pidns_payload());
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			give_up("fork");
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 97);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		pidns_fail(ns, "payload %s in the namespace: status %#x", scenario, status);
}

/* @n processes die below a parent that does not wait, all are orphaned to PID 1 at once, and they
 * are gone: the payload stays until they are. The @nth time in this namespace. */
static void orphan(struct pidns *ns, int nth, const char *n)
{
	const char *line;

	enter(ns, "zombies", n);
	line = pidns_event(ns, nth, "left");
	if (pidns_field(line, "zombies") != 0)
		pidns_fail(ns, "zombies are left");
}

static void it_buries_orphans_for_ever_also_after_a_time_without_children(void **state)
{
	(void)state;
	for (size_t i = 0; i < CALLS; i++) {
		struct pidns *ns = start(NULL, calls[i]);

		for (int nth = 1; nth <= 5; nth++) {
			orphan(ns, nth, "3");
			/* There is nobody at all but PID 1. */
			pidns_assert(ns, pidns_processes(ns) == 1);
		}
		pidns_signal(ns, SIGTERM);
		pidns_end_with(ns, 0);
		pidns_kill(ns);
	}
}

static void two_thousand_zombies_at_once_are_buried(void **state)
{
	(void)state;
	for (size_t i = 0; i < CALLS; i++) {
		struct pidns *ns = start(NULL, calls[i]);

		orphan(ns, 1, "2000");
		pidns_assert(ns, pidns_processes(ns) == 1);
		pidns_signal(ns, SIGINT);
		pidns_end_with(ns, 0);
		pidns_kill(ns);
	}
}

static void it_ends_with_0_on_term_and_on_int(void **state)
{
	static const int ends[] = { SIGTERM, SIGINT };

	(void)state;
	for (size_t i = 0; i < CALLS; i++) {
		for (int k = 0; k < 4; k++) {
			const struct pidns_options options = { .subreaper = k >= 2 };
			struct pidns *ns = start(&options, calls[i]);

			pidns_signal(ns, ends[k % 2]);
			pidns_end_with(ns, 0);
			pidns_kill(ns);
		}
	}
}

static void it_ends_and_buries_with_podmans_signals_inherited_as_ignored(void **state)
{
	static const int ends[] = { SIGTERM, SIGINT };

	(void)state;
	for (size_t i = 0; i < CALLS; i++) {
		for (int k = 0; k < 2; k++) {
			const struct pidns_options options = { .prepare = prepare_podman };
			struct pidns *ns = start(&options, calls[i]);

			orphan(ns, 1, "3");
			pidns_signal(ns, ends[k]);
			pidns_end_with(ns, 0);
			pidns_kill(ns);
		}
	}
}

static void ignore_sigchld(void *arg)
{
	sigset_t set;

	(void)arg;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGCHLD, SIG_IGN);
}

static void it_buries_with_an_ignored_and_blocked_sigchld(void **state)
{
	const struct pidns_options options = { .prepare = ignore_sigchld };
	struct pidns *ns = start(&options, calls[0]);

	(void)state;
	orphan(ns, 1, "3");
	orphan(ns, 2, "3");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	pidns_kill(ns);
}

/* Does signal @sig end the call number @i? Our own name has its stop signals. */
static bool is_an_end(size_t i, int sig)
{
	return sig == SIGTERM || sig == SIGINT || (i >= 3 && sig == SIGQUIT);
}

/* As PID 1, and where the kernel does not shield it. */
static void every_other_signal_is_ignored(void **state)
{
	(void)state;
	for (size_t k = 0; k < CALLS * 2; k++) {
		size_t i = k / 2;
		const struct pidns_options options = { .subreaper = k % 2 };
		struct pidns *ns = start(&options, calls[i]);

		/* The lowest numbers are taken first: nothing may overtake the end. */
		for (int sig = 1; sig <= 64; sig++)
			if (!is_an_end(i, sig) && sig != SIGKILL && sig != SIGSTOP && sig != 32 &&
			    sig != 33)
				pidns_signal(ns, sig);
		orphan(ns, 1, "3");
		(void)pidns_switches(ns, &(int){ 0 }); /* it has taken them and sleeps */
		pidns_assert(ns, !ns->ended_at);
		orphan(ns, 2, "3");
		pidns_signal(ns, SIGTERM);
		assert_int_equal(pidns_end(ns),
				 0); /* below the stub those orphans are the stub's */
		pidns_kill(ns);
	}
}

static void prepare_link(void *arg)
{
	names_make_links(arg);
	prepare_podman(arg);
}

/* Podman knows its pause process by these two. */
static void it_keeps_its_environment_and_its_name(void **state)
{
	const struct pidns_options options = {
		.direct = true,
		.prepare = prepare_link,
		.env = WORDS("_PODMAN_PAUSE=1", "SEXTON_RELEASE=7", "XDG_RUNTIME_DIR=/run"),
	};
	struct pidns *ns = start(&options, WORDS(NAMES_DIR "/catatonit", "-P"));
	const char *environ_text;

	(void)state;
	orphan(ns, 1, "3");
	/* The first of several, each with a NUL behind it. */
	environ_text = pidns_proc(ns, "1/environ");
	pidns_assert(ns, environ_text && strcmp(environ_text, "_PODMAN_PAUSE=1") == 0);
	assert_string_equal(pidns_proc(ns, "1/comm"), "catatonit\n");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 0);
	pidns_kill(ns);
}

/* Kubernetes' own has nothing that it could hold, and so closes nothing. */
static void it_lets_go_of_descriptors_and_of_its_directory_if_its_original_does(void **state)
{
	const struct pidns_options options = { .prepare = names_make_place };

	(void)state;
	for (size_t i = 0; i < CALLS; i++) {
		bool keeps = strcmp(calls[i][0], "--as") == 0 && strcmp(calls[i][1], "pause") == 0;
		struct pidns *ns = start(&options, calls[i]);

		orphan(ns, 1, "1");
		for (int fd = 3; fd < 64; fd++) {
			const char *target = pidns_link(ns, "1/fd/%d", fd);
			bool own = *target == '\0' || strncmp(target, "anon_inode:", 11) == 0;

			pidns_assert(ns, own == (!keeps || fd != NAMES_HELD_FD));
		}
		pidns_assert(ns, strncmp(pidns_link(ns, "1/fd/1"), "pipe:", 5) == 0);
		assert_string_equal(pidns_link(ns, "1/cwd"), keeps ? "/usr/bin" : "/");
		pidns_kill(ns);
	}
}

static void it_waits_for_nobody_who_is_alive(void **state)
{
	const struct pidns_options options = { .subreaper = true };
	struct pidns *ns;

	(void)state;
	/* Jobs that it inherited, as podman's does: they are not asked, and do not keep it. */
	for (size_t i = 0; i < CALLS; i++) {
		struct pidns_options direct = { .direct = true };
		const char *sexton = getenv("SEXTON");
		const char *line[WORDS_MAX + 4] = { pidns_payload(), "jobs", "1", sexton };

		for (size_t n = 0; calls[i][n]; n++)
			line[4 + n] = calls[i][n];
		assert_non_null(sexton);
		direct.subreaper = options.subreaper;
		ns = start(&direct, line);
		pidns_event(ns, 1, "ready job1");
		pidns_signal(ns, SIGTERM);
		assert_int_equal(pidns_end(ns), 0);
		pidns_assert(ns, ns->left == 1);
		pidns_kill(ns);
	}
}

#ifndef E2E_UNDER_TSAN /* which has a thread that wakes up all the time */
static void at_rest_it_uses_no_time(void **state)
{
	const struct itimerspec two_seconds = { .it_value = { 2, 0 } };
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	uint64_t before[CALLS];
	struct pidns *ns[CALLS];
	int threads;
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < CALLS; i++) {
		ns[i] = start(NULL, calls[i]);
		orphan(ns[i], 1, "3");
		before[i] = pidns_switches(ns[i], &threads);
	}
	/* The measurement itself. */
	assert_true(timer >= 0 && timerfd_settime(timer, 0, &two_seconds, NULL) == 0);
	assert_int_equal(read(timer, &n, sizeof(n)), sizeof(n));
	close(timer);
	for (size_t i = 0; i < CALLS; i++) {
		/* Without a descriptor for signals it looks round, see loop.h. */
		if (!pidns_refused("signalfd4"))
			pidns_assert(ns[i], pidns_switches(ns[i], &threads) == before[i]);
		pidns_assert(ns[i], threads == 1);
		pidns_kill(ns[i]);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(it_buries_orphans_for_ever_also_after_a_time_without_children),
		PIDNS_TEST(two_thousand_zombies_at_once_are_buried),
		PIDNS_TEST(it_ends_with_0_on_term_and_on_int),
		PIDNS_TEST(it_ends_and_buries_with_podmans_signals_inherited_as_ignored),
		PIDNS_TEST(it_buries_with_an_ignored_and_blocked_sigchld),
		PIDNS_TEST(every_other_signal_is_ignored),
		PIDNS_TEST(it_keeps_its_environment_and_its_name),
		PIDNS_TEST(it_lets_go_of_descriptors_and_of_its_directory_if_its_original_does),
		PIDNS_TEST(it_waits_for_nobody_who_is_alive),
#ifndef E2E_UNDER_TSAN
		PIDNS_TEST(at_rest_it_uses_no_time),
#endif
	};

	return cmocka_run_group_tests_name("pause", tests, NULL, NULL);
}
