/* SPDX-License-Identifier: MIT */
/*
 * cli_fixture.h - cli_parse() on a made-up argv, environment and pair of streams.
 *
 * Brings its own sys_write(), sys_map() and sys_strerror(): what goes to stdout and stderr is kept,
 * and memory and stdout can be refused. Each parse() starts from nothing.
 */
#ifndef TEST_CLI_FIXTURE_H
#define TEST_CLI_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <sys/types.h>

#include <cmocka.h>

#include "sexton/cli.h"
#include "sexton/cli_option.h"
#include "sexton/log.h"

#define UNUSED    __attribute__((unused))
#define NS_PER_S  INT64_C(1000000000)
#define MAX_WORDS 16

struct stream {
	char text[8192];
	size_t used;
};

extern struct stream out;
extern struct stream err;
extern ssize_t write_limit; /* < 0: writing to stdout fails with it; > 0: so many bytes at most */
extern bool no_memory;
extern int writes;    /* so many calls */
extern pid_t own_pid; /* 1 at the start of each test */

/* What the last parse() has left. */
extern struct config config;
extern int code;
extern char *argv_copy[MAX_WORDS + 2];

/* Before and after each test. */
int forget(void **state);

/* Parses @words (without argv[0]), NULL at the end, as "sexton" or as @argv0. */
enum cli_result parse(const char *const *envp, const char *const *words);
enum cli_result parse_as(const char *argv0, const char *const *envp, const char *const *words);

#define WORDS(...)     ((const char *const[]){ __VA_ARGS__, NULL })
#define NO_ENV         ((const char *const[]){ NULL })
#define PARSE(...)     parse(NO_ENV, WORDS(__VA_ARGS__))
#define PARSE_ENV(...) parse(WORDS(__VA_ARGS__), WORDS("cmd"))
/* Options that must be taken. */
#define TAKEN(...)                                                                                 \
	do {                                                                                       \
		assert_int_equal(PARSE(__VA_ARGS__, "cmd"), CLI_RUN);                              \
		assert_string_equal(err.text, "");                                                 \
		assert_string_equal(config.argv[0], "cmd");                                        \
	} while (0)
#define TAKEN_ENV(...)                                                                             \
	do {                                                                                       \
		assert_int_equal(PARSE_ENV(__VA_ARGS__), CLI_RUN);                                 \
		assert_string_equal(err.text, "");                                                 \
	} while (0)

/* Exactly one line was said, and the code is 125. */
void assert_refused(enum cli_result result, const char *line);

/* The same, by what the line starts with and ends in. */
void assert_refused_so(enum cli_result result, const char *start, const char *end);

/* A value that the option called @name does not take, and the words that say why. */
struct wrong_value {
	const char *name;
	const char *value;
	const char *why;
};

/* Each is tried as --name=value, as --name value and as SEXTON_NAME=value. */
void assert_wrong_values(const struct wrong_value *values, size_t count);

/* The whole of what was said: the exit code, and both streams. */
#define assert_left(result, wanted_code, wanted_out, wanted_err)                                   \
	do {                                                                                       \
		assert_int_equal(result, CLI_LEAVE);                                               \
		assert_string_equal(out.text, wanted_out);                                         \
		assert_string_equal(err.text, wanted_err);                                         \
		assert_int_equal(code, wanted_code);                                               \
	} while (0)

/* Nothing was said, and the command is what begins with @first. */
#define assert_runs(result, first)                                                                 \
	do {                                                                                       \
		assert_int_equal(result, CLI_RUN);                                                 \
		assert_string_equal(err.text, "");                                                 \
		assert_string_equal(out.text, "");                                                 \
		assert_string_equal(config.argv[0], first);                                        \
	} while (0)

/* Says @what with the voice that the last parse() chose, at level @level. */
void say(enum log_saying what, int level);

#define TEST(name) cmocka_unit_test_setup_teardown(name, forget, forget)

#endif
