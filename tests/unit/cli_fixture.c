/* SPDX-License-Identifier: MIT */
/* cli_fixture.c - see cli_fixture.h. */
#include "cli_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sexton/sys.h"

struct stream out;
struct stream err;
ssize_t write_limit;
bool no_memory;
int writes;
pid_t own_pid;
static void *mapped;

struct config config;
int code;

ssize_t sys_write(int fd, const void *buf, size_t size)
{
	struct stream *to = fd == 1 ? &out : &err;

	assert_in_range(fd, 1, 2);
	writes++;
	if (fd == 1 && write_limit < 0)
		return write_limit;
	if (fd == 1 && write_limit > 0 && size > (size_t)write_limit)
		size = (size_t)write_limit;
	assert_in_range(to->used + size, 0, sizeof(to->text) - 1);
	memcpy(to->text + to->used, buf, size);
	to->used += size;
	to->text[to->used] = '\0';
	return (ssize_t)size;
}

ssize_t sys_write_now(int fd, const void *buf, size_t size, int64_t patience_ns)
{
	(void)patience_ns;
	return sys_write(fd, buf, size);
}

void *sys_map(size_t size)
{
	assert_null(mapped);
	mapped = no_memory ? NULL : calloc(1, size);
	return mapped;
}

pid_t sys_getpid(void)
{
	return own_pid;
}

const char *sys_strerror(int error)
{
	return strerror(error);
}

int forget(UNUSED void **state)
{
	memset(&out, 0, sizeof(out));
	memset(&err, 0, sizeof(err));
	free(mapped);
	mapped = NULL;
	write_limit = 0;
	no_memory = false;
	writes = 0;
	own_pid = 1;
	code = -1;
	return 0;
}

char *argv_copy[MAX_WORDS + 2];

enum cli_result parse_as(const char *argv0, const char *const *envp, const char *const *words)
{
	pid_t pid = own_pid;
	int argc = 0;

	forget(NULL);
	own_pid = pid;
	memset(argv_copy, 0, sizeof(argv_copy));
	argv_copy[argc++] = (char *)(uintptr_t)argv0;
	for (; *words; words++) {
		assert_in_range(argc, 1, MAX_WORDS);
		argv_copy[argc++] = (char *)(uintptr_t)*words;
	}
	return cli_parse(&config, argc, argv_copy, (char **)(uintptr_t)envp, &code);
}

enum cli_result parse(const char *const *envp, const char *const *words)
{
	return parse_as("sexton", envp, words);
}

void say(enum log_saying what, int level)
{
	static const struct log_fact fact = {
		.pid = 7,
		.sig = 15,
		.to = 2,
		.code = 3,
		.err = 1,
		.text = "cmd",
	};

	memset(&out, 0, sizeof(out));
	memset(&err, 0, sizeof(err));
	log_set(config.voice, level, 0);
	log_say(what, &fact);
}

void assert_refused(enum cli_result result, const char *line)
{
	assert_int_equal(result, CLI_LEAVE);
	assert_int_equal(code, 125);
	assert_string_equal(out.text, "");
	assert_string_equal(err.text, line);
}

void assert_refused_so(enum cli_result result, const char *start, const char *end)
{
	assert_int_equal(result, CLI_LEAVE);
	assert_int_equal(code, 125);
	assert_string_equal(out.text, "");
	assert_in_range(err.used, strlen(start) + strlen(end), 511); /* 512 would be a cut line */
	assert_memory_equal(err.text, start, strlen(start));
	assert_string_equal(err.text + err.used - strlen(end), end);
	assert_ptr_equal(strchr(err.text, '\n'), err.text + err.used - 1);
}

static const struct cli_option *option_named(const char *name)
{
	for (size_t i = 0; i < cli_option_count; i++) {
		if (strcmp(cli_option_table[i].name, name) == 0)
			return &cli_option_table[i];
	}
	fail_msg("no option --%s", name);
	return NULL;
}

static void assert_wrong(enum cli_result result, const char *what, const char *value,
			 const char *why, const char *allowed)
{
	char line[512];

	snprintf(line, sizeof(line), "sexton: %s: '%s': %s; allowed are %s\n", what, value, why,
		 allowed);
	assert_refused(result, line);
}

void assert_wrong_values(const struct wrong_value *values, size_t count)
{
	char word[128];
	char name[64];
	char variable[CLI_OPTION_VARIABLE_SIZE];

	for (size_t i = 0; i < count; i++) {
		const char *value = values[i].value;
		const char *why = values[i].why;
		const struct cli_option *option = option_named(values[i].name);

		snprintf(name, sizeof(name), "--%s", option->name);
		snprintf(word, sizeof(word), "%s=%s", name, value);
		assert_wrong(PARSE(word, "cmd"), name, value, why, option->allowed);
		if (option->placeholder)
			assert_wrong(PARSE(name, value, "cmd"), name, value, why, option->allowed);
		cli_option_variable(option, variable);
		snprintf(word, sizeof(word), "%s=%s", variable, value);
		assert_wrong(PARSE_ENV(word), variable, value, why, option->allowed);
	}
}
