/* SPDX-License-Identifier: MIT */
/* spawn_fixture.c - see spawn_fixture.h. */
#include "spawn_fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "sexton/signals.h"

static char *default_argv[] = { SPAWN_WORD("tool"), SPAWN_WORD("a"), SPAWN_WORD("-b"), NULL };
static char *default_envp[] = { SPAWN_WORD("A=1"), SPAWN_WORD("PATH=/one:/two:/three"),
				SPAWN_WORD("LANG=C"), NULL };

struct spawn_call spawn_call;

int spawn_reset(UNUSED void **state)
{
	fake_sys_reset();
	memset(&spawn_call, 0, sizeof(spawn_call));
	spawn_call.argv = default_argv;
	spawn_call.envp = default_envp;
	spawn_call.inherited.mask = SIGNALS_BIT(SIGUSR1);
	spawn_call.inherited.sigchld.sa_handler = SIG_IGN;
	spawn_call.pid = SPAWN_UNTOLD;
	spawn_call.code = SPAWN_UNTOLD;
	return 0;
}

static void body(UNUSED void *arg)
{
	spawn_call.result = spawn_run(spawn_call.argv, spawn_call.envp, &spawn_call.inherited,
				      &spawn_call.pid, &spawn_call.code);
}

enum fake_sys_end spawn_run_child(int *ret_code)
{
	fake_sys_return("fork", 0);
	fake_sys.mask = SIGNALS_ALL;
	return fake_sys_run(body, NULL, ret_code);
}

void spawn_run_parent(void)
{
	unsigned int fds = fake_sys_open_fds();
	unsigned int maps = fake_sys_open_maps();
	int code;

	assert_int_equal(fake_sys_run(body, NULL, &code), FAKE_SYS_RETURNED);
	assert_int_equal(fake_sys_open_fds(), fds);
	assert_int_equal(fake_sys_open_maps(), maps);
}

int spawn_run_failure(const char **ret_words)
{
	int code;

	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXITED);
	assert_string_equal(fake_sys_stderr(), "");
	fake_sys.pid = 100;
	fake_sys.pgrp = 100;
	spawn_run_parent();
	assert_in_range(-spawn_call.result, 1, 4095);
	assert_int_equal(spawn_call.pid, SPAWN_UNTOLD);
	assert_int_equal(spawn_call.code, code);
	*ret_words = fake_sys_stderr();
	return spawn_call.code;
}

void spawn_single(const char *command)
{
	static char name[5000];
	static char *argv[] = { name, NULL };

	(void)snprintf(name, sizeof(name), "%s", command);
	spawn_call.argv = argv;
}

void spawn_assert_order(const char *first, const char *second)
{
	const char *at = strstr(fake_sys_trace(), first);

	if (at == NULL || strstr(at, second) == NULL)
		fail_msg("no %s before %s in\n%s", first, second, fake_sys_trace());
}

void spawn_assert_says(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("no \"%s\" in \"%s\"", words, text);
}

unsigned int spawn_lines(const char *text)
{
	unsigned int count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}
