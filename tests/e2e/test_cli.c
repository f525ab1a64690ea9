/* SPDX-License-Identifier: MIT */
/*
 * test_cli.c - the binary from outside: words in, exit codes and lines out.
 */
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pidns.h"

static int lines_of(const struct pidns_text *text)
{
	int count = 0;

	for (size_t i = 0; i < text->used; i++)
		count += text->text[i] == '\n';
	return count;
}

/* Runs sexton with @words: exit code @code, one line on stderr that has all of @parts in it. */
static void check_refusal(const char *const *words, int code, const char *const *parts)
{
	struct pidns *ns = pidns_start_words(NULL, words);

	pidns_end_with(ns, code);
	pidns_assert(ns, lines_of(&ns->log) == 1);
	pidns_assert(ns, strncmp(ns->log.text, "sexton: ", 8) == 0);
	for (int i = 0; parts[i]; i++)
		if (!strstr(ns->log.text, parts[i]))
			pidns_fail(ns, "the line does not have '%s'", parts[i]);
	pidns_assert(ns, ns->events.used == 0);
	pidns_kill(ns);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void wrong_options_are_named_with_their_value_and_end_with_125(void **state)
{
	(void)state;
	check_refusal(WORDS("--grace=5", "true"), 125, WORDS("--grace", "'5'", "allowed"));
	check_refusal(WORDS("--forward=everybody", "true"), 125,
		      WORDS("--forward", "'everybody'", "child", "group"));
	check_refusal(WORDS("--rewrite=FOO:TERM", "true"), 125, WORDS("--rewrite", "FOO"));
	check_refusal(WORDS("--stop-signals=65", "true"), 125, WORDS("--stop-signals", "65"));
	check_refusal(WORDS("--exit-code=best", "true"), 125,
		      WORDS("--exit-code", "best", "main", "last", "worst"));
	check_refusal(WORDS("-e", "256", "true"), 125, WORDS("256"));
	check_refusal(WORDS("--no-such-option", "true"), 125, WORDS("--no-such-option"));
	check_refusal(WORDS("-Z", "true"), 125, WORDS("-Z"));
	check_refusal(WORDS("--grace"), 125, WORDS("--grace"));
}

static void a_missing_command_ends_with_125(void **state)
{
	(void)state;
	check_refusal(WORDS("-v"), 125, WORDS("no command"));
	check_refusal(WORDS("--"), 125, WORDS("no command"));
}

static void a_command_that_is_not_there_ends_with_127(void **state)
{
	(void)state;
	check_refusal(WORDS("--", "/no/such/command", "x"), 127, WORDS("/no/such/command"));
	check_refusal(WORDS("--", "no-such-command-anywhere"), 127,
		      WORDS("no-such-command-anywhere"));
	check_refusal(WORDS("--", ""), 127, WORDS("''"));
}

/* A file of these contents, for one test. */
static const char *make_file(char *path, const void *contents, size_t size, mode_t mode)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, contents, size), size);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static void a_command_that_cannot_be_executed_ends_with_126_and_the_reason(void **state)
{
	static const char crlf[] = "#!/bin/sh\r\necho never\r\n";
	static const char no_interpreter[] = "#!/no/such/interpreter -x\n";
	static const char binary[] = "\0\1\2\3 echo never\n";
	static const char plain[] = "echo plain\n";
	static const struct {
		const void *contents;
		size_t size;
		mode_t mode;
		const char *reason;
	} files[] = {
		{ crlf, sizeof(crlf) - 1, 0755, "CRLF" },
		{ no_interpreter, sizeof(no_interpreter) - 1, 0755, "/no/such/interpreter" },
		{ binary, sizeof(binary) - 1, 0755, "" },
		{ plain, sizeof(plain) - 1, 0644, "permission" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[] = "/tmp/e2e-command-XXXXXX";

		make_file(path, files[i].contents, files[i].size, files[i].mode);
		check_refusal(WORDS("--", path), 126, WORDS(path, files[i].reason));
		unlink(path);
	}
	check_refusal(WORDS("--", "/tmp"), 126, WORDS("/tmp", "director"));
}

static void a_program_for_another_machine_is_126_with_wrong_architecture(void **state)
{
	char path[] = "/tmp/e2e-foreign-XXXXXX";
	Elf64_Ehdr header = { .e_type = ET_EXEC,
			      .e_machine = EM_S390,
			      .e_version = EV_CURRENT,
			      .e_ehsize = sizeof(header) };

	(void)state;
	memcpy(header.e_ident, ELFMAG, SELFMAG);
	header.e_ident[EI_CLASS] = ELFCLASS64;
	header.e_ident[EI_DATA] = ELFDATA2MSB;
	header.e_ident[EI_VERSION] = EV_CURRENT;
	make_file(path, &header, sizeof(header), 0755);
	check_refusal(WORDS("--", path), 126, WORDS(path, "wrong architecture"));
	unlink(path);
}

static void a_text_without_an_interpreter_line_runs_under_the_shell(void **state)
{
	static const char text[] = "echo word $1; exit 3\n";
	char path[] = "/tmp/e2e-text-XXXXXX";
	struct pidns *ns;

	(void)state;
	make_file(path, text, sizeof(text) - 1, 0755);
	ns = pidns_start(NULL, "--", path, "one");
	pidns_end_with(ns, 3);
	pidns_assert(ns, pidns_count(ns, "word one") == 1);
	pidns_kill(ns);
	unlink(path);
}

static void options_end_at_the_first_word_that_is_none(void **state)
{
	struct pidns *ns = pidns_start(NULL, "-v", "sh", "-c", "echo got $0 $1", "--grace=x", "-Z");

	(void)state;
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "got --grace=x -Z") == 1);
	pidns_kill(ns);
}

static void every_option_is_a_variable_that_the_command_does_not_see(void **state)
{
	static const char *const env[] = {
		"SEXTON_GRACE=300ms", "SEXTON_OK_EXIT=9",    "SEXTON_FORWARD=group",
		"SEXTON_VERBOSE=2",   "SEXTON_RELEASE=1.2",  "SEXTON_STOP_SIGNALS=HUP",
		"SEXTON_REWRITE=",    "SEXTON_ASK_WITH=INT", NULL,
	};
	const struct pidns_options options = { .env = env };
	struct pidns *ns;

	(void)state;
	ns = pidns_start(&options, "--", pidns_payload(), "report");
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "report env SEXTON_RELEASE=1.2") == 1);
	for (int i = 0; env[i]; i++)
		if (i != 4)
			pidns_assert(ns, pidns_count(ns, "report env %s", env[i]) == 0);
	pidns_assert(ns, pidns_log_count(ns, "buried pid") == 1);
	pidns_kill(ns);
	ns = pidns_start(&options, "--", pidns_payload(), "tree",
			 "main:leave,exit=9(a:ignore b:work=50)");
	pidns_end_with(ns, 0);
	pidns_assert(ns, pidns_count(ns, "got b INT") == 1);
	pidns_assert(ns, pidns_log_count(ns, "killing pid") == 1);
	pidns_kill(ns);
}

static void the_command_line_wins_over_the_environment(void **state)
{
	static const char *const env[] = { "SEXTON_ON_EXIT=leave", "SEXTON_EXIT_CODE=last", NULL };
	const struct pidns_options options = { .env = env };
	struct pidns *ns;

	(void)state;
	ns = pidns_start(&options, "--on-exit=drain", "--", pidns_payload(), "tree",
			 "main:leave,exit=3(a:work=50,exit=5)");
	pidns_end_with(ns, 5);
	pidns_all_finished(ns);
	pidns_kill(ns);
}

static void a_wrong_variable_is_named(void **state)
{
	static const char *const env[] = { "SEXTON_GRACE=soon", NULL };
	const struct pidns_options options = { .env = env };
	struct pidns *ns = pidns_start(&options, "--", "true");

	(void)state;
	pidns_end_with(ns, 125);
	pidns_assert(ns, pidns_log_count(ns, "SEXTON_GRACE") == 1);
	pidns_assert(ns, pidns_log_count(ns, "soon") == 1);
	pidns_kill(ns);
}

static void help_and_version_go_to_stdout_and_end_with_0(void **state)
{
	struct pidns *ns = pidns_start(NULL, "--help");

	(void)state;
	pidns_end_with(ns, 0);
	pidns_assert(ns, ns->log.used == 0);
	pidns_assert(ns, strstr(ns->events.text, "--stop-timeout") != NULL);
	pidns_kill(ns);
	ns = pidns_start(NULL, "--version");
	pidns_end_with(ns, 0);
	pidns_assert(ns, ns->log.used == 0 && lines_of(&ns->events) == 1);
	pidns_assert(ns, strncmp(ns->events.text, "sexton ", 7) == 0);
	pidns_kill(ns);
	ns = pidns_start(NULL, "-vV");
	pidns_end_with(ns, 0);
	pidns_assert(ns, strncmp(ns->events.text, "sexton ", 7) == 0);
	pidns_assert(ns, strstr(ns->events.text, "pidfd") != NULL);
	pidns_kill(ns);
}

static void sexton_writes_nothing_to_the_command_s_stdout(void **state)
{
	struct pidns *ns = pidns_start(NULL, "-vv", "--", "sh", "-c", "echo one; echo two");

	(void)state;
	pidns_end_with(ns, 0);
	assert_string_equal(ns->events.text, "one\ntwo\n");
	pidns_kill(ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDNS_TEST(wrong_options_are_named_with_their_value_and_end_with_125),
		PIDNS_TEST(a_missing_command_ends_with_125),
		PIDNS_TEST(a_command_that_is_not_there_ends_with_127),
		PIDNS_TEST(a_command_that_cannot_be_executed_ends_with_126_and_the_reason),
		PIDNS_TEST(a_program_for_another_machine_is_126_with_wrong_architecture),
		PIDNS_TEST(a_text_without_an_interpreter_line_runs_under_the_shell),
		PIDNS_TEST(options_end_at_the_first_word_that_is_none),
		PIDNS_TEST(every_option_is_a_variable_that_the_command_does_not_see),
		PIDNS_TEST(the_command_line_wins_over_the_environment),
		PIDNS_TEST(a_wrong_variable_is_named),
		PIDNS_TEST(help_and_version_go_to_stdout_and_end_with_0),
		PIDNS_TEST(sexton_writes_nothing_to_the_command_s_stdout),
	};

	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
