/* SPDX-License-Identifier: MIT */
/* test_name.c - the names that mean something to us (sexton/name.h). */
#include "sexton/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define UNUSED __attribute__((unused))

static void every_name_is_recognised_wherever_it_lies(UNUSED void **state)
{
	static const char *const forms[] = { "%s",        "/sbin/%s",  "./%s",
					     "../a b/%s", "//usr//%s", "/tini-/tini/%s" };

	for (int name = NAME_SEXTON + 1; name < NAME_COUNT; name++) {
		for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
			char path[64];

			(void)snprintf(path, sizeof(path), forms[i], name_text((enum name)name));
			assert_int_equal(name_of(path), name);
			assert_string_equal(name_base(path), name_text((enum name)name));
			assert_true(name_is_init(path));
		}
	}
}

static void what_follows_a_name_does_not_count(UNUSED void **state)
{
	assert_int_equal(name_of("/usr/bin/tini-static"), NAME_TINI);
	assert_int_equal(name_of("tini-static-muslc-amd64"), NAME_TINI);
	assert_int_equal(name_of("docker-init.real"), NAME_DOCKER_INIT);
	assert_int_equal(name_of("dumb-init_1.2.5_x86_64"), NAME_DUMB_INIT);
	assert_int_equal(name_of("/catatonit.amd64"), NAME_CATATONIT);
	assert_int_equal(name_of("podman-init-"), NAME_PODMAN_INIT);
	assert_int_equal(name_of("pause-3.10"), NAME_PAUSE);
}

static void every_other_name_is_our_own(UNUSED void **state)
{
	static const char *const others[] = {
		"sexton",   "",        "/",       "tinier",   "xtini",      "TINI",
		"tin",      "tini/",   "tini/sh", "dumb-ini", "dumb-inits", "dumb",
		"docker",   "podman",  "paused",  "-tini",    "init-tini",  "catatoni",
		"tini\xc3", "tini+st", "/tini/x", "pauses",   "init-pause",
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(name_of(others[i]), NAME_SEXTON);
	assert_string_equal(name_text(NAME_SEXTON), "sexton");
}

static void an_init_is_known_by_its_whole_name(UNUSED void **state)
{
	static const char *const inits[] = {
		"/init",         "/sbin/init",  "init",        "/lib/systemd/systemd",
		"s6-svscan",     "/bin/runit",  "runit-init",  "runsvdir",
		"/sbin/openrc",  "openrc-init", "tini-static", "/usr/bin/dumb-init",
		"s6-linux-init", "./pause",
	};
	static const char *const others[] = {
		"",        "/",          "sexton",         "/init/",    "/init/sh", "initd",
		"init.sh", "telinit",    "systemd-nspawn", "systemctl", "s6-svc",   "s6-svscanctl",
		"runsv",   "openrc-run", "/systemd/bash",  "Init",
	};

	for (size_t i = 0; i < sizeof(inits) / sizeof(inits[0]); i++)
		if (!name_is_init(inits[i]))
			fail_msg("%s is an init", inits[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (name_is_init(others[i]))
			fail_msg("%s is no init", others[i]);
}

static void the_base_of_a_path_is_what_follows_its_last_slash(UNUSED void **state)
{
	assert_string_equal(name_base("a/b/c"), "c");
	assert_string_equal(name_base("c"), "c");
	assert_string_equal(name_base("/c"), "c");
	assert_string_equal(name_base("c/"), "");
	assert_string_equal(name_base(""), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_is_recognised_wherever_it_lies),
		cmocka_unit_test(what_follows_a_name_does_not_count),
		cmocka_unit_test(every_other_name_is_our_own),
		cmocka_unit_test(an_init_is_known_by_its_whole_name),
		cmocka_unit_test(the_base_of_a_path_is_what_follows_its_last_slash),
	};

	return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
