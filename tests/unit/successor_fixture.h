/* SPDX-License-Identifier: MIT */
/*
 * successor_fixture.h - a hand-over in the fake world: the main process was just buried.
 *
 * We are PID 100, the main process was PID 200. A successor leads a group of its own and is our child, for
 * it was orphaned; it has a child, which is far from us. A stranger is nobody's concern.
 */
#ifndef SEXTON_SUCCESSOR_FIXTURE_H
#define SEXTON_SUCCESSOR_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "fake_world.h"
#include "sexton/log.h"
#include "sexton/successor.h"
#include "sexton/sys.h"

static struct forward_anchor anchor;

#define SELF      100
#define MAIN      200
#define SUCCESSOR 201
#define FAR       202
#define STRANGER  300
#define FILE_NAME "/run/x.pid"

#define EXITED(code) ((code) << 8)

static struct feature features;
static struct target targets;
static struct exitq exits;
static struct status status;
static struct reaper reaper;
static struct forward forward;
static struct successor successor;

static void name(const char *text)
{
	fake_sys_file(FILE_NAME, S_IFREG | 0644, text, 0);
}

static void start(bool pidfds)
{
	fake_world_reset(SELF);
	(void)fake_world_add(MAIN, SELF, MAIN, "main");
	(void)fake_world_add(SUCCESSOR, MAIN, SUCCESSOR, "successor");
	(void)fake_world_add(FAR, SUCCESSOR, FAR, "far");
	(void)fake_world_add(STRANGER, 1, STRANGER, "stranger");
	features = (struct feature){ pidfds, pidfds, true, true, true, true };
	target_init(&targets, MAIN, !pidfds);
	forward_init(&forward, &features, &targets, CONFIG_FORWARD_CHILD, MAIN,
		     pidfds ? sys_pidfd_open(MAIN) : -1, &anchor);
	forward.guarded = true;
	reaper = (struct reaper){
		.main_pid = 0, /* its end was told */
		.exits = &exits,
		.targets = &targets,
		.status = &status,
	};
	reaper_init(&reaper);
	fake_world_vanish(MAIN);
	target_retire(&targets, MAIN);
	successor_init(&successor, FILE_NAME, &forward, &targets, &reaper);
	log_set(NULL, 0, 1);
}

static int setup(void **state)
{
	(void)state;
	target_reader_enter();
	start(true);
	return 0;
}

/* Left are the pidfds of the main process and of its group. */
static int teardown(void **state)
{
	bool of_main = forward.main_pidfd >= 0;
	bool of_group = forward.group_pidfd >= 0 && forward.group_pidfd != forward.main_pidfd;

	(void)state;
	successor_fini(&successor);
	target_reader_leave();
	return fake_sys_open_fds() == 0u + of_main + of_group && fake_sys_open_maps() == 0 ? 0 : -1;
}

static unsigned int said(const char *words)
{
	unsigned int count = 0;

	for (const char *at = fake_sys_stderr(); (at = strstr(at, words)) != NULL; at++)
		count++;
	return count;
}

static pid_t published(void)
{
	pid_t pid = target_lock_main(&targets);

	target_unlock(&targets);
	return pid;
}

static void assert_main_is(pid_t pid)
{
	assert_int_equal(forward.main_pid, pid);
	assert_int_equal(reaper.main_pid, pid);
	assert_int_equal(published(), pid);
}

/* Nobody took over: all is as the reaper left it. */
static void assert_nobody(void)
{
	assert_int_equal(forward.main_pid, MAIN);
	assert_int_equal(reaper.main_pid, 0);
	assert_int_equal(published(), 0);
}

#endif
