/* SPDX-License-Identifier: MIT */
/*
 * test_engines.c - where each name stays, what it keeps, and how docker and podman call it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "names.h"

/* Yelp/dumb-init's own test of this races; ours must not. */
static void the_command_never_finds_its_init_in_its_directory(void **state)
{
	const char *const *const movers[] = {
		WORDS("--"),
		WORDS("--as", "dumb-init", "--"),
		WORDS("--as", "catatonit", "--"),
	};
	const struct pidns_options options = { .prepare = names_make_place };

	(void)state;
	for (size_t i = 0; i < sizeof(movers) / sizeof(movers[0]); i++) {
		for (int run = 0; run < 200; run++) {
			struct pidns *ns = names_start(
				&options, movers[i],
				WORDS("sh", "-c",
				      "readlink /proc/$PPID/cwd && readlink /proc/$$/cwd"));

			pidns_end_with(ns, 0);
			pidns_assert(ns, strcmp(ns->events.text, "/\n/usr/bin\n") == 0);
			pidns_kill(ns);
		}
	}
}

static void each_name_keeps_what_its_original_keeps(void **state)
{
	const struct {
		const char *const *way;
		const char *cwd;
		bool closes;
	} names[] = {
		{ WORDS("--"), "/", true },
		{ WORDS("--as", "tini", "--"), "/usr/bin", false },
		{ WORDS("--as", "docker-init", "--"), "/usr/bin", false },
		{ WORDS("--as", "dumb-init", "--"), "/", false },
		{ WORDS("--as", "dumb-init", "-c", "--"), "/", false },
		{ WORDS("--as", "catatonit", "--"), "/", true },
		{ WORDS("--as", "podman-init", "--"), "/", true },
	};
	const struct pidns_options options = { .prepare = names_make_place };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct pidns *ns = names_start(&options, names[i].way,
					       WORDS(pidns_payload(), "tree", "main:ignore"));
		int command = (int)pidns_field(pidns_event(ns, 1, "ready main"), "pid");

		/* When a signal has come through, start-up is over. */
		pidns_signal(ns, SIGUSR2);
		pidns_event(ns, 1, "got main USR2");
		assert_string_equal(pidns_link(ns, "%d/fd/%d", command, NAMES_HELD_FD),
				    "/dev/zero");
		pidns_assert(ns, (strcmp(pidns_link(ns, "1/fd/%d", NAMES_HELD_FD), "/dev/zero") !=
				  0) == names[i].closes);
		assert_string_equal(pidns_link(ns, "1/cwd"), names[i].cwd);
		assert_string_equal(pidns_link(ns, "%d/cwd", command), "/usr/bin");
		pidns_kill(ns);
	}
}

/* dockerd asks whenever it is asked itself, from wherever it was started. */
static void prepare_nowhere(void *arg)
{
	static const char gone[] = "/run/gone";

	names_make_links(arg);
	if (mkdir(gone, 0755) < 0 || chdir(gone) < 0 || rmdir(gone) < 0)
		names_give_up(gone);
}

static void docker_init_says_its_version_without_proc_from_a_deleted_directory(void **state)
{
	const struct pidns_options options = {
		.direct = true,
		.hide_proc = true,
		.prepare = prepare_nowhere,
		.env = WORDS(PIDNS_NO_LEAK_CHECK),
	};
	struct pidns *ns = pidns_start(&options, NAMES_DIR "/docker-init", "--version");

	(void)state;
	pidns_end_with(ns, 0);
	assert_string_equal(ns->events.text, "tini version 0.19.0_sexton\n");
	/* Its own words have this prefix; a sanitizer has some on what it misses. */
	pidns_assert(ns, pidns_log_count(ns, "tini (") == 0);
	pidns_kill(ns);
}

static void docker_init_runs_a_command_without_proc_from_a_deleted_directory(void **state)
{
	const struct pidns_options options = {
		.direct = true,
		.hide_proc = true,
		.prepare = prepare_nowhere,
		.env = WORDS(PIDNS_NO_LEAK_CHECK),
	};
	struct pidns *ns =
		pidns_start(&options, NAMES_DIR "/docker-init", "--", pidns_payload(), "exit", "6");

	(void)state;
	pidns_end_with(ns, 6);
	/* Its own words have this prefix; a sanitizer has some on what it misses. */
	pidns_assert(ns, pidns_log_count(ns, "tini (") == 0);
	pidns_kill(ns);
}

/* podman resolves links and mounts the file itself. */
static void prepare_podman(void *arg)
{
	const char *sexton = getenv("SEXTON");
	int fd;

	names_make_links(arg);
	fd = open("/run/podman-init", O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
	if (!sexton || fd < 0 || mount(sexton, "/run/podman-init", NULL, MS_BIND, NULL) < 0)
		names_give_up("/run/podman-init");
	close(fd);
}

static void podman_init_runs_a_command_where_podman_mounts_it(void **state)
{
	const struct pidns_options options = { .direct = true, .prepare = prepare_podman };
	struct pidns *ns = pidns_start(&options, "/run/podman-init", "--", pidns_payload(), "tree",
				       "main:exit=4(a:work=100,twice,session)");

	(void)state;
	pidns_event(ns, 1, "ready main");
	pidns_signal(ns, SIGTERM);
	pidns_end_with(ns, 4);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(the_command_never_finds_its_init_in_its_directory),
		PIDNS_TEST(each_name_keeps_what_its_original_keeps),
		PIDNS_TEST(docker_init_says_its_version_without_proc_from_a_deleted_directory),
		PIDNS_TEST(docker_init_runs_a_command_without_proc_from_a_deleted_directory),
		PIDNS_TEST(podman_init_runs_a_command_where_podman_mounts_it),
	};

	return cmocka_run_group_tests_name("engines", tests, NULL, NULL);
}
