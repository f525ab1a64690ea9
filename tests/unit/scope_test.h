/* SPDX-License-Identifier: MIT */
/*
 * scope_test.h - a scope in the fake world, which the test sends signals to.
 *
 * The main process leads a group and a session with a helper in them, and has a daemon that left both; a
 * stranger leads a group of its own. The world's log names who got what, by name and not by number: a
 * stranger that got a recycled number would stand in it as "stranger".
 */
#ifndef SEXTON_TESTS_SCOPE_TEST_H
#define SEXTON_TESTS_SCOPE_TEST_H

#include "sexton/scope.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_world.h"
#include "sexton/log.h"
#include "sexton/sys.h"

static struct forward_anchor anchor;

#define SELF   100
#define MAIN   200
#define HELPER 201
#define DAEMON 202

static struct feature features;
static struct target targets;
static struct forward forward;
static struct status status;
static struct scope scope;
static enum scope_reached reached; /* by the last signal */

static void start(pid_t self)
{
	fake_world_reset(self);
	fake_world_add(MAIN, self, MAIN, "main")->sid = MAIN;
	fake_world_add(HELPER, MAIN, MAIN, "helper")->sid = MAIN;
	fake_world_add(DAEMON, MAIN, DAEMON, "daemon")->sid = DAEMON;
	if (self != 1)
		(void)fake_world_add(300, 1, 300, "stranger");
	features = (struct feature){ true, true, true, true, true, true };
	status = (struct status){ 0 };
	target_init(&targets, MAIN, false);
	forward_init(&forward, &features, &targets, CONFIG_FORWARD_CHILD, MAIN,
		     sys_pidfd_open(MAIN), &anchor);
	forward.guarded = true;
	scope_init(&scope, &forward, &status);
	log_set(NULL, 0, 0);
}

static int setup(void **state)
{
	(void)state;
	start(SELF);
	target_reader_enter();
	return 0;
}

/* Of all descriptors only the main process's pidfd may be left. */
static int teardown(void **state)
{
	(void)state;
	target_reader_leave();
	scope_forget(&scope);
	return fake_sys_open_fds() == 1 && fake_sys_open_maps() == 0 ? 0 : -1;
}

static void use_no_pidfds(void)
{
	features.pidfd = features.pidfd_group = false;
	target_init(&targets, MAIN, true);
}

/* As the reaper leaves it. */
static void bury_main(void)
{
	fake_world_vanish(MAIN);
	targets.main = 0;
}

static void assert_sent(int result, const char *log)
{
	assert_int_equal(result, 0);
	assert_string_equal(fake_world_log(), log);
	fake_world_clear_log();
}

static void assert_not_sent(int result, int expected)
{
	assert_int_equal(result, expected);
	assert_string_equal(fake_world_log(), "");
}

static int send_to(bool main_lives, int sig, int code, int value)
{
	siginfo_t info = { .si_signo = sig, .si_code = code };
	int r;

	info.si_value.sival_int = value;
	r = scope_send(&scope, &info, main_lives, &reached);
	scope_forget(&scope);
	return r;
}

static int send_scope(int sig, int code, int value)
{
	return send_to(true, sig, code, value);
}

static bool trace_has(const char *text)
{
	return strstr(fake_sys_trace(), text) != NULL;
}

#endif
