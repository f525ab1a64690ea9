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

/* What the last parse() has left. */
extern struct config config;
extern int code;
extern char *argv_copy[MAX_WORDS + 2];

/* Before and after each test. */
int forget(void **state);

/* Parses @words (without argv[0]), NULL at the end. */
enum cli_result parse(const char *const *envp, const char *const *words);

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, forget, forget)

#endif
