/* SPDX-License-Identifier: MIT */
/* test_spawn_exec.c - the search in the PATH (sexton/exec.h) and a failed exec (sexton/spawn.h), on
 * the fake kernel. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "sexton/config.h"
#include "sexton/exec.h"
#include "spawn_fixture.h"

/* The PATH */

static void a_name_with_a_slash_is_not_searched(UNUSED void **state)
{
	int code;

	spawn_single("sub/tool");
	fake_sys_file("sub/tool", SPAWN_PROGRAM, "", 0);
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
	assert_int_equal(fake_sys_calls("execve"), 1);
}

static void the_search_goes_on_behind_what_cannot_be_executed(UNUSED void **state)
{
	static const int errors[] = { ENOENT, ENOTDIR, EACCES, ENAMETOOLONG, ELOOP, ESTALE };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		int code;

		spawn_reset(NULL);
		fake_sys_file("/one/tool", SPAWN_PROGRAM, "", errors[i]);
		fake_sys_file("/two/tool", SPAWN_PROGRAM, "", errors[i]);
		fake_sys_file("/three/tool", SPAWN_PROGRAM, "", 0);
		assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
		spawn_assert_order("execve(/one/tool,", "execve(/two/tool,");
		spawn_assert_order("execve(/two/tool,", "execve(/three/tool,");
	}
}

static void the_search_ends_at_an_error_of_the_file_itself(UNUSED void **state)
{
	static const int errors[] = { ETXTBSY, E2BIG, ENOMEM, EPERM, EIO };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		const char *words;

		spawn_reset(NULL);
		fake_sys_file("/one/tool", SPAWN_PROGRAM, "", errors[i]);
		fake_sys_file("/two/tool", SPAWN_PROGRAM, "", 0);
		assert_int_equal(spawn_run_failure(&words), CONFIG_EXIT_NOT_EXECUTABLE);
		assert_int_equal(-spawn_call.result, errors[i]);
		assert_int_equal(fake_sys_calls("execve"), 1);
		spawn_assert_says(words, "tool: /one/tool: ");
	}
}

static void an_empty_element_is_the_current_directory(UNUSED void **state)
{
	char *const paths[] = { SPAWN_WORD("PATH="), SPAWN_WORD("PATH=:/one"),
				SPAWN_WORD("PATH=/one:"), SPAWN_WORD("PATH=/one::/two") };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *envp[] = { paths[i], NULL };
		int code;

		spawn_reset(NULL);
		spawn_call.config.envp = envp;
		fake_sys_file("./tool", SPAWN_PROGRAM, "", 0);
		assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
	}
}

static void without_a_path_the_usual_directories_are_searched(UNUSED void **state)
{
	char *envp[] = { SPAWN_WORD("XPATH=/one"), NULL };
	int code;

	spawn_call.config.envp = envp;
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	fake_sys_file("/bin/tool", SPAWN_PROGRAM, "", 0);
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
	spawn_assert_order("execve(/usr/local/sbin/tool,", "execve(/bin/tool,");
}

static void an_element_that_is_too_long_is_passed_over(UNUSED void **state)
{
	static char path[5000] = "PATH=";
	char *envp[] = { path, NULL };
	int code;

	memset(path + 5, 'x', sizeof(path) - 5);
	memcpy(path + sizeof(path) - 6, ":/one", 6);
	spawn_call.config.envp = envp;
	fake_sys_file("/one/tool", SPAWN_PROGRAM, "", 0);
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
	assert_int_equal(fake_sys_calls("execve"), 1);
}

/* Failures */

static void what_is_nowhere_is_127_and_one_line(UNUSED void **state)
{
	const char *words;

	assert_int_equal(spawn_run_failure(&words), CONFIG_EXIT_NOT_FOUND);
	assert_int_equal(spawn_call.result, -ENOENT);
	assert_string_equal(words, "sexton: cannot run tool: not found in the PATH\n");
	spawn_assert_order("read(", "waitpid(200,0)\n");
}

static void a_directory_that_cannot_be_searched_does_not_make_it_found(UNUSED void **state)
{
	const char *words;

	/* /one/tool: EACCES, and stat(2) cannot see it either. */
	fake_sys_return("execve", -EACCES);
	assert_int_equal(spawn_run_failure(&words), CONFIG_EXIT_NOT_FOUND);
}

static void the_first_file_without_permission_is_blamed_when_nothing_follows(UNUSED void **state)
{
	const char *words;

	fake_sys_file("/two/tool", S_IFREG | 0644, "", EACCES);
	fake_sys_file("/three/tool", S_IFDIR | 0755, "", EACCES);
	assert_int_equal(spawn_run_failure(&words), CONFIG_EXIT_NOT_EXECUTABLE);
	assert_int_equal(spawn_call.result, -EACCES);
	assert_string_equal(words, "sexton: cannot run tool: /two/tool: the file has no execute "
				   "permission (chmod +x)\n");
}

static void a_missing_interpreter_in_the_path_is_not_called_not_found(UNUSED void **state)
{
	const char *words;

	fake_sys_file("/two/tool", SPAWN_PROGRAM, "#!/opt/python\n", ENOENT);
	assert_int_equal(spawn_run_failure(&words), CONFIG_EXIT_NOT_EXECUTABLE);
	spawn_assert_says(words,
			  "/two/tool: the interpreter /opt/python of its #! line is missing");
}

static void an_empty_command_is_127(UNUSED void **state)
{
	const char *words;

	spawn_single("");
	fake_sys_file("/one/", S_IFDIR | 0755, "", EACCES);
	assert_int_equal(spawn_run_failure(&words), CONFIG_EXIT_NOT_FOUND);
	assert_string_equal(words, "sexton: cannot run '': the command is empty\n");
	assert_int_equal(fake_sys_calls("execve"), 0);
}

static void names_longer_than_any_path_are_refused_in_words(UNUSED void **state)
{
	char name[4900];
	const char *words;

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	spawn_single(name);
	assert_int_equal(spawn_run_failure(&words), CONFIG_EXIT_NOT_FOUND);
	spawn_reset(NULL);
	name[0] = '/';
	spawn_single(name);
	fake_sys_return("execve", -ENAMETOOLONG);
	assert_int_equal(spawn_run_failure(&words), CONFIG_EXIT_NOT_FOUND);
}

static void the_terminal_goes_back_when_nothing_was_executed(UNUSED void **state)
{
	const char *words;

	fake_sys.foreground = 100;
	(void)spawn_run_failure(&words);
	spawn_assert_order("tcsetpgrp(0,200)\n", "tcsetpgrp(0,100)\n");
	assert_int_equal(fake_sys.foreground, 100);
}

static void a_failed_child_blocks_all_signals_before_it_reports(UNUSED void **state)
{
	int code;

	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXITED);
	spawn_assert_order("execve(/three/tool,", "sigmask(set,ffffffffffffffff)\n");
	spawn_assert_order("sigmask(set,ffffffffffffffff)\n", "write(" SPAWN_REPORT ",");
}

static void without_a_path_the_one_of_the_name_counts(UNUSED void **state)
{
	static char *none[] = { NULL };
	char *shell_argv[5];
	struct exec_blame blame;

	spawn_call.config.default_path = CONFIG_LIBC_PATH;
	exec_command(&spawn_call.config, none, shell_argv, &blame);
	spawn_assert_order("execve(/bin/tool,", "execve(/usr/bin/tool,");
	assert_int_equal(fake_sys_calls("execve"), 2);
	assert_int_equal(blame.err, ENOENT);
}

/* The errno that execvp(3) would have left */

/* The command is searched in the usual three directories, which answer @one, @two and @three. */
static int libc_error(int one, int two, int three)
{
	char *shell_argv[5];
	struct exec_blame blame;

	spawn_reset(NULL);
	fake_sys_return("execve", -one);
	fake_sys_return("execve", -two);
	fake_sys_return("execve", -three);
	exec_command(&spawn_call.config, spawn_call.config.envp, shell_argv, &blame);
	return blame.libc_err;
}

static void libc_remembers_a_refusal_and_else_the_last_answer(UNUSED void **state)
{
	assert_int_equal(libc_error(ENOENT, ENOENT, ENOENT), ENOENT);
	assert_int_equal(libc_error(EACCES, ENOENT, ENOENT), EACCES);
	assert_int_equal(libc_error(ENOENT, EACCES, ENOTDIR), EACCES);
	assert_int_equal(libc_error(ENOENT, ENOENT, ENOTDIR), ENOTDIR);
	assert_int_equal(libc_error(ENOTDIR, ENOENT, ENOENT), ENOENT);
	assert_int_equal(libc_error(ENOENT, ESTALE, ENODEV), ENODEV);
}

static void libc_stops_at_an_error_of_the_file_itself_and_so_do_we(UNUSED void **state)
{
	assert_int_equal(libc_error(EACCES, ETXTBSY, ENOENT), ETXTBSY);
	assert_int_equal(fake_sys_calls("execve"), 2);
	assert_int_equal(libc_error(ENOENT, EPERM, EACCES), EPERM);
	assert_int_equal(fake_sys_calls("execve"), 2);
}

static void libc_has_no_better_word_for_a_path_than_the_kernel(UNUSED void **state)
{
	static const int errors[] = { ENOENT, EACCES, ENOTDIR, ELOOP, EISDIR, ENAMETOOLONG };
	char *shell_argv[3];
	struct exec_blame blame;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		spawn_reset(NULL);
		spawn_single("/a/tool");
		fake_sys_return("execve", -errors[i]);
		exec_command(&spawn_call.config, spawn_call.config.envp, shell_argv, &blame);
		assert_int_equal(blame.libc_err, errors[i]);
		assert_int_equal(blame.err, errors[i]);
		assert_string_equal(blame.path, "/a/tool");
	}
	spawn_single("");
	exec_command(&spawn_call.config, spawn_call.config.envp, shell_argv, &blame);
	assert_int_equal(blame.libc_err, ENOENT);
}

static void
a_directory_that_refuses_a_look_is_a_refusal_to_libc_and_not_found_to_us(UNUSED void **state)
{
	char *shell_argv[5];
	struct exec_blame blame;

	fake_sys_return("execve", -EACCES);
	exec_command(&spawn_call.config, spawn_call.config.envp, shell_argv, &blame);
	assert_int_equal(blame.libc_err, EACCES);
	assert_int_equal(blame.err, ENOENT);
	assert_false(blame.found);
}

/* Scripts without a #! line */

static void a_script_without_an_interpreter_line_is_run_by_the_shell(UNUSED void **state)
{
	int code;

	fake_sys_file("/two/tool", SPAWN_PROGRAM, "echo hello\n", ENOEXEC);
	fake_sys_file("/bin/sh", SPAWN_PROGRAM, "", 0);
	assert_int_equal(spawn_run_child(&code), FAKE_SYS_EXECUTED);
	spawn_assert_order("execve(/two/tool,tool|a|-b|)\n",
			   "execve(/bin/sh,/bin/sh|/two/tool|a|-b|)\n");
}

static void what_is_no_text_is_never_given_to_the_shell(UNUSED void **state)
{
	static const char *const texts[] = { "\177ELF\2\1\1", "", "#!\n", "#! /bin/false\n",
					     "\xef\xbb\xbf#!/bin/sh\n" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *words;

		spawn_reset(NULL);
		fake_sys_file("/two/tool", SPAWN_PROGRAM, texts[i], ENOEXEC);
		fake_sys_file("/bin/sh", SPAWN_PROGRAM, "", 0);
		assert_int_equal(spawn_run_failure(&words), CONFIG_EXIT_NOT_EXECUTABLE);
		assert_null(strstr(fake_sys_trace(), "execve(/bin/sh"));
		assert_int_equal(spawn_call.result, -ENOEXEC);
	}
}

static void a_script_without_a_shell_to_run_it_says_so(UNUSED void **state)
{
	const char *words;

	fake_sys_file("/two/tool", SPAWN_PROGRAM, "echo hello\n", ENOEXEC);
	assert_int_equal(spawn_run_failure(&words), CONFIG_EXIT_NOT_EXECUTABLE);
	spawn_assert_says(words, "there is no /bin/sh to run it");
}

#define TEST(name) cmocka_unit_test_setup(name, spawn_reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_with_a_slash_is_not_searched),
		TEST(the_search_goes_on_behind_what_cannot_be_executed),
		TEST(the_search_ends_at_an_error_of_the_file_itself),
		TEST(an_empty_element_is_the_current_directory),
		TEST(without_a_path_the_usual_directories_are_searched),
		TEST(an_element_that_is_too_long_is_passed_over),
		TEST(what_is_nowhere_is_127_and_one_line),
		TEST(a_directory_that_cannot_be_searched_does_not_make_it_found),
		TEST(the_first_file_without_permission_is_blamed_when_nothing_follows),
		TEST(a_missing_interpreter_in_the_path_is_not_called_not_found),
		TEST(an_empty_command_is_127),
		TEST(names_longer_than_any_path_are_refused_in_words),
		TEST(the_terminal_goes_back_when_nothing_was_executed),
		TEST(a_failed_child_blocks_all_signals_before_it_reports),
		TEST(without_a_path_the_one_of_the_name_counts),
		TEST(libc_remembers_a_refusal_and_else_the_last_answer),
		TEST(libc_stops_at_an_error_of_the_file_itself_and_so_do_we),
		TEST(libc_has_no_better_word_for_a_path_than_the_kernel),
		TEST(a_directory_that_refuses_a_look_is_a_refusal_to_libc_and_not_found_to_us),
		TEST(a_script_without_an_interpreter_line_is_run_by_the_shell),
		TEST(what_is_no_text_is_never_given_to_the_shell),
		TEST(a_script_without_a_shell_to_run_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
