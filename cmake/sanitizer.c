/* SPDX-License-Identifier: MIT */
/*
 * sanitizer.c - the sanitizers' options, built into the program under test.
 *
 * They look for their variables in /proc/self/environ, and some tests take /proc away. Every finding
 * ends the program with 99, an exit code no test expects. No leak checker: as PID 1, without /proc
 * or descriptors, it cannot work; leaks are the unit tests' business.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0:detect_stack_use_after_return=1:exitcode=99";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "print_stacktrace=1:halt_on_error=1:exitcode=99";
}

const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "halt_on_error=1:second_deadlock_stack=1:exitcode=99";
}
