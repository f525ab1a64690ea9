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

enum { TONE_WARN, TONE_FACT };

const struct log_voice spawn_voice = {
	.tones = {
		[TONE_WARN] = { "[w] ", 2 },
		[TONE_FACT] = { "[f] ", 1 },
	},
	.warning = TONE_WARN,
	.says = (const struct log_words[]){
		{ LOG_LEFT_TTY, TONE_FACT, "left" },
		{ LOG_LEFT_TTY_LED, TONE_FACT, "left, led" },
		{ LOG_TTY_NOT_LEFT, TONE_FACT, "not left: %E" },
		{ LOG_FORK_FAILED, TONE_WARN, "no fork for %s: %E" },
		{ LOG_SPAWNED, TONE_FACT, "spawned %s" },
		{ LOG_SPAWNED, TONE_FACT, "as %p" },
		{ LOG_NO_CONTROLLING_TTY, TONE_FACT, "none controls: %E" },
		{ LOG_NO_TTY, TONE_FACT, "no tty: %E" },
		{ LOG_TTY_NOT_ATTACHED, TONE_FACT, "not attached: %E" },
		{ LOG_NEW_SESSION, TONE_FACT, "new session" },
		{ LOG_EXEC_FAILED, TONE_WARN, "no exec of %s: %E" },
		LOG_END_OF_WORDS,
	},
};

int spawn_reset(UNUSED void **state)
{
	fake_sys_reset();
	fake_sys_file(".", S_IFDIR | 0755, "", EACCES);
	memset(&spawn_call, 0, sizeof(spawn_call));
	config_init(&spawn_call.config);
	spawn_call.config.argv = default_argv;
	spawn_call.config.envp = default_envp;
	log_set(NULL, 0, 0);
	spawn_call.inherited.mask = SIGNALS_BIT(SIGUSR1);
	spawn_call.inherited.sigchld.sa_handler = SIG_IGN;
	spawn_call.child.pid = SPAWN_UNTOLD;
	spawn_call.code = SPAWN_UNTOLD;
	return 0;
}

static void body(UNUSED void *arg)
{
	spawn_call.result = spawn_run(&spawn_call.config, &spawn_call.inherited, &spawn_call.child,
				      &spawn_call.code);
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

static void body_aside(UNUSED void *arg)
{
	spawn_call.code = spawn_step_aside(&spawn_call.config, &spawn_call.inherited);
}

enum fake_sys_end spawn_run_aside(int *ret_code)
{
	fake_sys.mask = SIGNALS_ALL;
	return fake_sys_run(body_aside, NULL, ret_code);
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
	assert_int_equal(spawn_call.child.pid, SPAWN_UNTOLD);
	assert_int_equal(spawn_call.code, code);
	*ret_words = fake_sys_stderr();
	return spawn_call.code;
}

void spawn_use_voice(void)
{
	spawn_call.config.voice = &spawn_voice;
	spawn_call.config.exec = (struct config_exec){
		.is_an_exit = true, .not_found = 11, .forbidden = 12, .other = 13
	};
	log_set(&spawn_voice, TONE_FACT, 0);
}

void spawn_single(const char *command)
{
	static char name[5000];
	static char *argv[] = { name, NULL };

	(void)snprintf(name, sizeof(name), "%s", command);
	spawn_call.config.argv = argv;
}

void spawn_assert_order(const char *first, const char *second)
{
	const char *at = strstr(fake_sys_trace(), first);

	if (at == NULL || strstr(at, second) == NULL)
		fail_msg("no %s before %s in\n%s", first, second, fake_sys_trace());
}

void spawn_assert_no_call(const char *call)
{
	size_t length = strlen(call);

	for (const char *line = fake_sys_trace(); line != NULL && *line != '\0';) {
		if (strncmp(line, call, length) == 0)
			fail_msg("%s in\n%s", call, fake_sys_trace());
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
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
