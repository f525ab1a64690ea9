/* SPDX-License-Identifier: MIT */
/*
 * test_reaper_crowd.c - every zombie is buried exactly once beside ten thousand children that live, on the
 * real kernel.
 *
 * What the reaper waits for is taken down: how often each number was freed, and how many waits were for any
 * child, which are those that cost. Sanitizers make forks so dear that the crowd is smaller there.
 */
#include "sexton/reaper.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sexton/sys.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIVING  1000
#define ZOMBIES 1000
#else
#define LIVING  10000
#define ZOMBIES 1000
#endif
#define ENDS  (3 * ZOMBIES)
#define FEW   30 /* waits for any: the first census may be in vain */
#define STACK ((size_t)256 * 1024)

static struct exitq exits;
static struct target targets;
static struct status status;
static struct reaper reaper;

static pid_t living[LIVING];
static pid_t ended[ENDS]; /* children that ended, or will */
static unsigned int ends;
static pid_t buried[ENDS]; /* and were freed by the reaper */
static _Atomic unsigned int burials;
static _Atomic unsigned int waits_for_any;
static bool no_list;

pid_t __real_sys_waitpid(pid_t pid, int *ret_status, int options);
pid_t __wrap_sys_waitpid(pid_t pid, int *ret_status, int options);
pid_t __real_sys_wait_look(pid_t pid, int options);
pid_t __wrap_sys_wait_look(pid_t pid, int options);
int __real_sys_open(const char *path, int flags);
int __wrap_sys_open(const char *path, int flags);

pid_t __wrap_sys_waitpid(pid_t pid, int *ret_status, int options)
{
	pid_t found = __real_sys_waitpid(pid, ret_status, options);

	atomic_fetch_add(&waits_for_any, pid == -1);
	if (found > 0) {
		buried[atomic_load(&burials) % ENDS] = found;
		atomic_fetch_add(&burials, 1);
	}
	return found;
}

pid_t __wrap_sys_wait_look(pid_t pid, int options)
{
	atomic_fetch_add(&waits_for_any, pid == -1);
	return __real_sys_wait_look(pid, options);
}

int __wrap_sys_open(const char *path, int flags)
{
	return no_list && strstr(path, "children") != NULL ? -ENOENT : __real_sys_open(path, flags);
}

static void note_end(pid_t pid)
{
	assert_in_range(ends, 0, ENDS - 2);
	ended[ends++] = pid;
}

static pid_t child(bool lives)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (lives)
			(void)pause();
		_exit(0);
	}
	if (!lives)
		note_end(pid);
	return pid;
}

/* One who lived so far. */
static void kill_child(int who)
{
	note_end(living[who]);
	assert_int_equal(kill(living[who], SIGKILL), 0);
}

static void await_zombie(pid_t pid)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

/* Each of them is a zombie when this returns. */
static void make_zombies(int count)
{
	for (int i = 0; i < count; i++)
		await_zombie(child(false));
}

/* One in twenty of those who lived so far. @from: behind the front of the list, and another for each
 * test, for who takes their places has numbers in a row. */
static void make_scattered_zombies(int from)
{
	for (int i = from; i < LIVING; i += 20) {
		kill_child(i);
		await_zombie(living[i]);
		living[i] = child(true);
	}
}

static int setup_crowd(void **state)
{
	(void)state;
	for (int i = 0; i < LIVING; i++)
		living[i] = child(true);
	return exitq_init(&exits);
}

static int teardown_crowd(void **state)
{
	(void)state;
	for (int i = 0; i < LIVING; i++)
		(void)kill(living[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	return 0;
}

static int setup(void **state)
{
	(void)state;
	target_init(&targets, living[0], true);
	reaper = (struct reaper){
		.main_pid = living[0], .exits = &exits, .targets = &targets, .status = &status
	};
	reaper_init(&reaper);
	ends = 0;
	atomic_store(&burials, 0);
	atomic_store(&waits_for_any, 0);
	no_list = false;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	return *(const pid_t *)a - *(const pid_t *)b;
}

static pthread_t start(void)
{
	pthread_t thread;

	assert_int_equal(sys_thread_create(&thread, reaper_run, &reaper, STACK), 0);
	return thread;
}

/* Ends the reaper when all who ended are buried, and looks at who was. */
static void end(pthread_t thread)
{
	while (atomic_load(&burials) < ends)
		sched_yield();
	assert_int_equal(reaper_dismiss(&reaper), 0); /* by a child that is buried as well */
	assert_int_equal(sys_thread_join(thread), 0);
	assert_int_equal(atomic_load(&burials), ends + 1);
	qsort(ended, ends, sizeof(*ended), by_number);
	qsort(buried, ends, sizeof(*buried), by_number); /* but for the last */
	assert_memory_equal(ended, buried, ends * sizeof(*ended));
}

static void bury_at_once(void)
{
	make_zombies(ZOMBIES);
	end(start());
}

static void each_is_buried_once_and_few_waits_are_for_any(void **state)
{
	(void)state;
	bury_at_once();
	assert_in_range(waits_for_any, 1, FEW);
}

static void guarded_it_is_the_same(void **state)
{
	(void)state;
	reaper.guarded = true;
	bury_at_once();
	assert_in_range(waits_for_any, 1, FEW);
}

/* Their numbers are too far from each other to be guessed: the list is read. */
static void the_scattered_are_buried_once_and_few_waits_are_for_any(void **state)
{
	(void)state;
	make_scattered_zombies(15);
	end(start());
	assert_in_range(waits_for_any, 1, FEW);
}

static void guarded_the_scattered_are_found_as_well(void **state)
{
	(void)state;
	reaper.guarded = true;
	make_scattered_zombies(16);
	end(start());
	assert_in_range(waits_for_any, 1, FEW);
}

static void without_the_list_all_waits_are_for_any(void **state)
{
	(void)state;
	no_list = true;
	make_scattered_zombies(17);
	end(start());
	assert_in_range(waits_for_any, LIVING / 20, LIVING / 20 + 20);
}

static void with_a_buffer_of_one_page_nobody_is_lost(void **state)
{
	(void)state;
	reaper.census.limit = 4096;
	make_scattered_zombies(18);
	end(start());
}

static void check_come_and_go(void)
{
	pthread_t thread;

	make_zombies(ZOMBIES / 2);
	thread = start();
	for (int i = 0; i < ZOMBIES; i++) {
		int who = 200 + i * 7 % (LIVING - 200);

		(void)child(false);
		if (i % 4 == 0) {
			kill_child(who);
			living[who] = child(true);
		}
	}
	end(thread);
}

static void children_may_come_and_go_meanwhile(void **state)
{
	(void)state;
	check_come_and_go();
}

static void guarded_they_may_come_and_go_as_well(void **state)
{
	(void)state;
	reaper.guarded = true;
	check_come_and_go();
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_is_buried_once_and_few_waits_are_for_any),
		TEST(guarded_it_is_the_same),
		TEST(the_scattered_are_buried_once_and_few_waits_are_for_any),
		TEST(guarded_the_scattered_are_found_as_well),
		TEST(without_the_list_all_waits_are_for_any),
		TEST(with_a_buffer_of_one_page_nobody_is_lost),
		TEST(children_may_come_and_go_meanwhile),
		TEST(guarded_they_may_come_and_go_as_well),
	};

	return cmocka_run_group_tests(tests, setup_crowd, teardown_crowd);
}
