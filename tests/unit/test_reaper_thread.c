/* SPDX-License-Identifier: MIT */
/*
 * test_reaper_thread.c - the reaper as a thread of its own, on the real kernel.
 *
 * What the fake world cannot show: a wait that blocks, a second thread that ends it, and what the
 * waits of both threads leave to each other. A child lives until its end of a pipe is closed.
 */
#include "sexton/reaper.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sexton/signals.h"
#include "sexton/sys.h"

#define STACK ((size_t)256 * 1024)

static struct exitq exits;
static struct target targets;
static struct status status;
static struct reaper reaper;

/* A child that ends with @code when *ret_leash is closed. */
static pid_t child_on_a_leash(int *ret_leash, int code)
{
	int ends[2];
	pid_t pid;
	char byte;

	assert_int_equal(sys_pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(ends[1]);
		while (read(ends[0], &byte, 1) > 0)
			;
		_exit(code);
	}
	(void)close(ends[0]);
	*ret_leash = ends[1];
	return pid;
}

/* Until @pid is dead; it stays a zombie. */
static void await_death(pid_t pid)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

static void configure(pid_t main_pid, bool guarded)
{
	assert_int_equal(exitq_init(&exits), 0);
	target_init(&targets, main_pid, true);
	reaper = (struct reaper){
		.main_pid = main_pid,
		.guarded = guarded,
		.exits = &exits,
		.targets = &targets,
		.status = &status,
	};
	reaper_init(&reaper);
}

static void dismiss_beside(bool guarded)
{
	struct exitq_fact fact;
	pthread_t thread;
	int leash;
	int end;
	pid_t pid = child_on_a_leash(&leash, 5);

	configure(pid, guarded);
	assert_int_equal(sys_thread_create(&thread, reaper_run, &reaper, STACK), 0);
	assert_int_equal(reaper_dismiss(&reaper), 0);
	assert_int_equal(sys_thread_join(thread), 0); /* else the test hangs, and fails by time */
	assert_false(exitq_take(&exits, &fact));
	(void)close(leash);
	assert_int_equal(sys_waitpid(pid, &end, 0), pid); /* it was not buried, nor was it harmed */
	assert_int_equal(end, 5 << 8);
	assert_false(sys_has_children());
	sys_close(exits.bell);
}

static void a_dismissed_thread_ends_beside_a_living_child(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++)
		dismiss_beside(false);
}

static void a_dismissed_guarded_thread_does_too(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++)
		dismiss_beside(true);
}

/* It ended by itself before it was dismissed: then nobody is made who would be left unburied. */
static void a_thread_that_has_ended_is_dismissed_without_a_child(void **state)
{
	pthread_t thread;
	int end;

	(void)state;
	configure(0, false);
	assert_int_equal(sys_thread_create(&thread, reaper_run, &reaper, STACK), 0);
	assert_int_equal(sys_thread_join(thread), 0);
	assert_int_equal(reaper_dismiss(&reaper), 0);
	assert_int_equal(sys_waitpid(-1, &end, 0), -ECHILD);
	sys_close(exits.bell);
}

/* Two threads wait for the same children: main for stops, the reaper for ends. */

static void a_stop_is_told_once(void **state)
{
	siginfo_t info;
	int leash;
	int end;
	pid_t pid = child_on_a_leash(&leash, 0);

	(void)state;
	assert_int_equal(sys_wait_stop(pid), 0);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT), 0);
	assert_int_equal(sys_wait_stop(pid), SIGSTOP);
	assert_int_equal(sys_wait_stop(pid), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(sys_waitpid(pid, &end, 0), pid);
	(void)close(leash);
}

static void a_wait_for_stops_buries_nobody(void **state)
{
	int leash;
	int end;
	pid_t pid = child_on_a_leash(&leash, 7);

	(void)state;
	(void)close(leash);
	await_death(pid);
	assert_true(sys_wait_stop(pid) <= 0);
	assert_int_equal(sys_waitpid(pid, &end, 0), pid);
	assert_int_equal(end, 7 << 8);
	assert_true(sys_wait_stop(pid) < 0); /* nobody has the number */
}

static void a_wait_for_ends_takes_no_stop(void **state)
{
	siginfo_t info;
	int leash;
	int end;
	pid_t pid = child_on_a_leash(&leash, 0);

	(void)state;
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT), 0);
	assert_int_equal(sys_wait_look(-1, WNOHANG), 0);
	assert_int_equal(sys_waitpid(-1, &end, WNOHANG), 0);
	assert_true(sys_has_children());
	assert_int_equal(sys_wait_stop(pid), SIGSTOP);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(sys_waitpid(pid, &end, 0), pid);
	(void)close(leash);
}

/* The farewell's ground: a zombie holds the number of its group until it is buried. */
static void a_zombie_s_group_can_be_signalled_until_the_burial(void **state)
{
	int leash;
	int end;
	pid_t pid = child_on_a_leash(&leash, 0);

	(void)state;
	assert_int_equal(setpgid(pid, pid), 0);
	(void)close(leash);
	await_death(pid);
	assert_int_equal(sys_kill(-pid, 0), 0);
	assert_int_equal(sys_waitpid(pid, &end, 0), pid);
	assert_int_equal(sys_kill(-pid, 0), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dismissed_thread_ends_beside_a_living_child),
		cmocka_unit_test(a_dismissed_guarded_thread_does_too),
		cmocka_unit_test(a_thread_that_has_ended_is_dismissed_without_a_child),
		cmocka_unit_test(a_stop_is_told_once),
		cmocka_unit_test(a_wait_for_stops_buries_nobody),
		cmocka_unit_test(a_wait_for_ends_takes_no_stop),
		cmocka_unit_test(a_zombie_s_group_can_be_signalled_until_the_burial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
