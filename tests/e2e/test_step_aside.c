/* SPDX-License-Identifier: MIT */
/*
 * test_step_aside.c - a command that is an init itself is executed in our place, if that is asked.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "names.h"

static const char *const variable[] = { "SEXTON_STEP_ASIDE=1", NULL };

/* A script in NAMES_DIR named @name that tells its PID. */
static void make_script(const char *name)
{
	static const char text[] = "#!/bin/sh\necho \"me pid=$$\"\nexit 8\n";
	char path[64];
	int fd;

	snprintf(path, sizeof(path), NAMES_DIR "/%s", name);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
	if (fd < 0 || write(fd, text, sizeof(text) - 1) != (ssize_t)sizeof(text) - 1)
		names_give_up(path);
	close(fd);
}

static const char *const inits[] = { "systemd", "s6-svscan", "runit-init", "openrc-init",
				     "s6-linux-init" };

static void prepare_scripts(void *arg)
{
	names_make_links(arg);
	for (size_t i = 0; i < sizeof(inits) / sizeof(inits[0]); i++)
		make_script(inits[i]);
	make_script("server");
	make_script("init.sh");
}

/* What a command must find as it was, whoever starts it. */
static void prepare_odd(void *arg)
{
	const uint64_t mask = UINT64_C(1) << (SIGUSR1 - 1) | UINT64_C(1) << (40 - 1);

	names_make_links(arg);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask));
	if (chdir("/usr/bin") < 0)
		names_give_up("/usr/bin");
}

/* Who runs the command @path: PID 1 itself, or a child of it? */
static void check_pid(const struct pidns_options *options, const char *const *words, int pid)
{
	struct pidns *ns = pidns_start_words(options, words);

	pidns_end_with(ns, 8);
	if (pidns_field(pidns_event(ns, 1, "me"), "pid") != pid)
		pidns_fail(ns, "not process %d", pid);
	pidns_assert(ns, names_is_quiet(ns));
	pidns_kill(ns);
}

static void a_script_that_is_an_init_is_executed_in_our_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(inits) / sizeof(inits[0]); i++) {
		struct pidns_options options = { .prepare = prepare_scripts };
		char path[64];

		snprintf(path, sizeof(path), NAMES_DIR "/%s", inits[i]);
		check_pid(&options, WORDS("--step-aside", "--", path), 1);
		options.env = variable;
		check_pid(&options, WORDS("--", path), 1);
	}
}

static void under_another_name_it_is_as_well(void **state)
{
	const struct pidns_options options = { .prepare = prepare_scripts, .env = variable };
	const char *const *const ways[] = {
		WORDS("--as", "docker-init", "--", NAMES_DIR "/systemd"),
		WORDS("--as", "tini", "-g", "--", NAMES_DIR "/systemd"),
		WORDS("--as", "dumb-init", NAMES_DIR "/systemd"),
		WORDS("--as", "catatonit", "--", NAMES_DIR "/systemd"),
		WORDS("--as", "podman-init", "--", NAMES_DIR "/systemd"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		check_pid(&options, ways[i], 1);
}

static void it_is_looked_up_in_the_path(void **state)
{
	const struct pidns_options options = {
		.prepare = prepare_scripts,
		.env = WORDS("PATH=" NAMES_DIR ":/usr/bin:/bin"),
	};

	(void)state;
	check_pid(&options, WORDS("--step-aside", "--", "systemd"), 1);
}

static void unasked_an_init_is_run_as_any_command(void **state)
{
	struct pidns_options options = { .prepare = prepare_scripts };

	(void)state;
	check_pid(&options, WORDS("--", NAMES_DIR "/systemd"), 2);
	check_pid(&options, WORDS("--as", "docker-init", "--", NAMES_DIR "/systemd"), 2);
	options.env = WORDS("SEXTON_STEP_ASIDE=0");
	check_pid(&options, WORDS("--", NAMES_DIR "/systemd"), 2);
}

static void a_command_that_is_no_init_is_run_as_any_command(void **state)
{
	const struct pidns_options options = { .prepare = prepare_scripts, .env = variable };

	(void)state;
	check_pid(&options, WORDS("--", NAMES_DIR "/server"), 2);
	check_pid(&options, WORDS("--", NAMES_DIR "/init.sh"), 2);
	check_pid(&options, WORDS("--as", "docker-init", "--", NAMES_DIR "/server"), 2);
	/* The directory's name is not the command's. */
	check_pid(&options, WORDS("--", "/bin/sh", "-c", "echo me pid=$$; exit 8", "init"), 2);
}

static void one_of_our_own_names_is_stepped_aside_for(void **state)
{
	const struct pidns_options options = { .prepare = names_make_links };
	struct pidns *ns = pidns_start(&options, "--step-aside", "--", NAMES_DIR "/tini", "-vv",
				       "--", pidns_payload(), "exit", "3");

	(void)state;
	pidns_end_with(ns, 3);
	pidns_assert(ns, strstr(ns->events.text, "[INFO  tini (1)] Spawned child process") != NULL);
	pidns_kill(ns);
	ns = pidns_start(&options, "--step-aside", "--", NAMES_DIR "/dumb-init", "-v", "--",
			 pidns_payload(), "exit", "4");
	pidns_end_with(ns, 4);
	pidns_assert(ns, pidns_log_count(ns, "[dumb-init] Child spawned with PID 2.") == 1);
	pidns_kill(ns);
}

/* The lines "report ..." of a run as PID 1; each start has a PATH and words of its own. */
static char *report_of(const struct pidns_options *options, const char *const *words)
{
	struct pidns *ns = pidns_start_words(options, words);
	size_t used = 0;
	char *text;

	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_field(pidns_event(ns, 1, "me"), "pid") == 1);
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

/* Mask, SIGCHLD, LISTEN_PID, directory, descriptors, and all the rest. */
static void the_init_finds_everything_as_if_sexton_had_not_been_there(void **state)
{
	static const char *const env[] = { "LISTEN_PID=1", "LISTEN_FDS=2", "LISTEN_PIDFDID=4711",
					   PIDNS_NO_CRASH_HANDLERS, NULL };
	static const char init[] = NAMES_DIR "/init";
	struct pidns_options options = { .prepare = prepare_odd, .env = env };
	const char *const *const ways[] = {
		WORDS("--step-aside", "--", init, "report", "one", "", "two words"),
		WORDS("--as", "docker-init", "--", init, "report", "one", "", "two words"),
		WORDS("--as", "catatonit", "--", init, "report", "one", "", "two words"),
	};
	const char *const with_variable[] = { "LISTEN_PID=1",        "LISTEN_FDS=2",
					      "LISTEN_PIDFDID=4711", PIDNS_NO_CRASH_HANDLERS,
					      "SEXTON_STEP_ASIDE=1", NULL };
	char *without;

	(void)state;
	options.direct = true;
	without = report_of(&options, WORDS(init, "report", "one", "", "two words"));
	options.direct = false;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char *with;

		options.env = i == 0 ? env : with_variable;
		with = report_of(&options, ways[i]);
		if (strcmp(with, without) != 0)
			fprintf(stderr, "--- without sexton\n%s--- with sexton\n%s", without, with);
		assert_string_equal(with, without);
		free(with);
	}
	free(without);
}

static void stepping_aside_is_told_at_v(void **state)
{
	const struct pidns_options options = { .prepare = prepare_scripts };
	struct pidns *ns = pidns_start(&options, "-v", "--step-aside", "--", NAMES_DIR "/systemd");

	(void)state;
	pidns_end_with(ns, 8);
	assert_string_equal(ns->log.text,
			    "sexton: " NAMES_DIR "/systemd is an init itself: stepping aside\n");
	pidns_kill(ns);
}

static void an_init_that_is_not_there_is_reported_as_any_command(void **state)
{
	static const char missing[] = "/nowhere/init";
	const struct pidns_options options = { .prepare = prepare_scripts, .env = variable };
	const struct {
		const char *const *words;
		int code;
		const char *line;
	} cases[] = {
		{ WORDS("--", missing), 127, "sexton: cannot run /nowhere/init: " },
		{ WORDS("--as", "tini", "--", missing), 127,
		  "[FATAL tini (1)] exec /nowhere/init failed: No such file or directory\n" },
		{ WORDS("--as", "docker-init", "--", missing), 127,
		  "exec /nowhere/init failed: No such file or directory\n" },
		{ WORDS("--as", "dumb-init", "--", missing), 2,
		  "[dumb-init] /nowhere/init: No such file or directory\n" },
		{ WORDS("--as", "catatonit", "--", missing), 1,
		  "failed to exec pid1: No such file or directory\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pidns *ns = pidns_start_words(&options, cases[i].words);

		pidns_end_with(ns, cases[i].code);
		pidns_assert(ns, strstr(ns->log.text, cases[i].line) != NULL);
		pidns_assert(ns, strchr(ns->log.text, '\n')[1] == '\0');
		pidns_kill(ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(a_script_that_is_an_init_is_executed_in_our_place),
		PIDNS_TEST(under_another_name_it_is_as_well),
		PIDNS_TEST(it_is_looked_up_in_the_path),
		PIDNS_TEST(unasked_an_init_is_run_as_any_command),
		PIDNS_TEST(a_command_that_is_no_init_is_run_as_any_command),
		PIDNS_TEST(one_of_our_own_names_is_stepped_aside_for),
		PIDNS_TEST(the_init_finds_everything_as_if_sexton_had_not_been_there),
		PIDNS_TEST(stepping_aside_is_told_at_v),
		PIDNS_TEST(an_init_that_is_not_there_is_reported_as_any_command),
	};

	return cmocka_run_group_tests_name("step_aside", tests, NULL, NULL);
}
