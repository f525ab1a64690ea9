/* SPDX-License-Identifier: MIT */
/*
 * test_reuse.c - no signal reaches whoever has the number now.
 *
 * Environment: SEXTON; REUSE, the program of reuse.h; SECCOMP_RUN, which refuses system calls.
 * Usage: e2e_reuse [PATTERN], to run only those whose names fit (cmocka_set_test_filter).
 * Kernel: Linux 6.14, where each PID namespace has a pid_max of its own. On an older one this would
 *	be the whole machine's, so it is tried as root of a user namespace, who may not write that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pidns.h"

#ifndef E2E_REUSE_SIGNALS
#define E2E_REUSE_SIGNALS "200000"
#endif

#define WORDS_MAX 24

/* How sexton is run. Rules are seccomp-run's. */
struct reuse_case {
	const char *options[4];
	const char *rules[4];
	bool no_thread; /* it must find that it cannot have a second one */
	bool no_pidfds; /* ... any */
	bool no_group_pidfd;
};

static const char *from_environment(const char *name)
{
	const char *value = getenv(name);

	if (!value)
		fail_msg("%s is not set", name);
	return value;
}

/* @words[*n ..]: the launcher, if there are rules, and sexton. */
static void add_sexton(const struct reuse_case *c, const char **words, int *n)
{
	if (c->rules[0]) {
		words[(*n)++] = from_environment("SECCOMP_RUN");
		for (int i = 0; i < 4 && c->rules[i]; i++)
			words[(*n)++] = c->rules[i];
		words[(*n)++] = "--";
	}
	words[(*n)++] = from_environment("SEXTON");
}

/* A refusal that has no effect would test the same thing twice. */
static void check_mode(const struct reuse_case *c)
{
	const struct pidns_options options = { .direct = true };
	const char *words[WORDS_MAX] = { NULL };
	struct pidns *ns;
	int n = 0;

	add_sexton(c, words, &n);
	words[n] = "--version";
	words[n + 1] = "-v";
	ns = pidns_start_words(&options, words);
	pidns_end_with(ns, 0);
	pidns_assert(ns, strstr(ns->events.text, c->no_pidfds ? "pidfd: no" : "pidfd: yes"));
	pidns_assert(ns, strstr(ns->events.text,
				c->no_group_pidfd ? "process groups: no" : "process groups: yes"));
	pidns_kill(ns);
	words[n] = "-v";
	words[n + 1] = "/bin/true";
	ns = pidns_start_words(&options, words);
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_log_count(ns, "no reaper thread") == (c->no_thread ? 1 : 0));
	pidns_kill(ns);
}

static void not_one_signal_reaches_a_bystander(void **state)
{
	static const char *const env[] = { PIDNS_NO_LEAK_CHECK, NULL };
	const struct pidns_options options = { .direct = true, .user_ns = true, .env = env };
	const struct reuse_case *c = *state;
	const char *words[WORDS_MAX] = { from_environment("REUSE"), E2E_REUSE_SIGNALS };
	const char *line;
	struct pidns *ns;
	int n = 2;

	check_mode(c);
	add_sexton(c, words, &n);
	words[n++] = "--on-exit=wait";
	for (int i = 0; i < 4 && c->options[i]; i++)
		words[n++] = c->options[i];
	ns = pidns_start_words(&options, words);
	for (int i = 1; (line = pidns_event(ns, i, "reuse")), strncmp(line, "reuse round", 11) == 0;
	     i++)
		;
	pidns_end_with(ns, 0);
	if (pidns_count(ns, "reuse bystanders hit:") > 0)
		fail_msg("%s", pidns_event(ns, 1, "reuse bystanders hit:"));
	line = pidns_event(ns, 1, "reuse end");
	print_message("%s", line);
	/* It sent, and to whom it should; numbers went round, every single one; nothing went wrong. */
	pidns_assert(ns, pidns_field(line, "sent") >= strtol(E2E_REUSE_SIGNALS, NULL, 10));
	pidns_assert(ns, pidns_field(line, "before") > 0 && pidns_field(line, "after") > 0);
	pidns_assert(ns, pidns_field(line, "recycled") >= 10 && pidns_field(line, "least") >= 2);
	pidns_assert(ns, ns->log.used == 0);
	pidns_kill(ns);
}

#define NO_PIDFDS                                                                                  \
	.rules = { "pidfd_open=ENOSYS", "pidfd_send_signal=ENOSYS" }, .no_pidfds = true,           \
	.no_group_pidfd = true
#define NO_GROUP_PIDFD .rules = { "pidfd_signal_group=EINVAL" }, .no_group_pidfd = true
#define ONE_THREAD     .rules = { "eventfd2=ENOSYS" }, .no_thread = true
#define ONE_THREAD_NO_PIDFDS                                                                       \
	.rules = { "eventfd2=ENOSYS", "pidfd_open=ENOSYS", "pidfd_send_signal=ENOSYS" },           \
	.no_thread = true, .no_pidfds = true, .no_group_pidfd = true

/* A case: the mode, what --forward= reaches, and the fields of both. */
#define CASE(mode, scope, ...)                                                                     \
	{                                                                                          \
		.name = "not_one_signal_reaches_a_bystander_" mode "_" scope,                      \
		.test_func = not_one_signal_reaches_a_bystander, .teardown_func = pidns_teardown,  \
		.initial_state = &(struct reuse_case)                                              \
		{                                                                                  \
			.options = { "--forward=" scope }, __VA_ARGS__                             \
		}                                                                                  \
	}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE("plain", "child", .rules = { NULL }),
		CASE("plain", "group", .rules = { NULL }),
		CASE("plain", "tree", .rules = { NULL }),
		CASE("guarded", "child", NO_PIDFDS),
		CASE("guarded", "group", NO_PIDFDS),
		CASE("guarded_before_6_9", "group", NO_GROUP_PIDFD),
		CASE("single_threaded", "child", ONE_THREAD),
		CASE("single_threaded", "group", ONE_THREAD),
		CASE("single_threaded_without_pidfds", "child", ONE_THREAD_NO_PIDFDS),
		CASE("single_threaded_without_pidfds", "group", ONE_THREAD_NO_PIDFDS),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("reuse", tests, NULL, NULL);
}
