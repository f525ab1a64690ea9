/* SPDX-License-Identifier: MIT */
/* reaper_test.h - a reaper in the fake world, which buries and posts in the test's own thread. */
#ifndef SEXTON_TESTS_REAPER_TEST_H
#define SEXTON_TESTS_REAPER_TEST_H

#include "sexton/reaper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_world.h"

#define SELF 100
#define MAIN 200

static struct exitq exits;
static struct target targets;
static struct status status;
static struct reaper reaper;

static void configure(bool guarded, bool post_all)
{
	reaper = (struct reaper){
		.main_pid = MAIN,
		.guarded = guarded,
		.post_all = post_all,
		.exits = &exits,
		.targets = &targets,
		.status = &status,
	};
	reaper_init(&reaper);
}

static int setup(void **state)
{
	(void)state;
	fake_world_reset(SELF);
	memset(&status, 0, sizeof(status));
	assert_int_equal(exitq_init(&exits), 0);
	fake_world.bell = exits.bell;
	fake_world_add(MAIN, SELF, MAIN, "main");
	target_init(&targets, MAIN, true);
	configure(false, false);
	return 0;
}

static void add_dead(pid_t pid, int wait_status)
{
	fake_world_add(pid, SELF, pid, "child");
	fake_world_end(pid, wait_status);
}

/* What was posted since the last call: "main:200=0 heir:201=5 none:-1,-1 trouble:1 ". */
static const char *posted(void)
{
	static char text[8192];
	size_t used = 0;
	struct exitq_fact fact;

	text[0] = '\0';
	exitq_hush(&exits);
	while (exitq_take(&exits, &fact)) {
		char *at = text + used;
		size_t left = sizeof(text) - used;

		switch (fact.kind) {
		case EXITQ_HEIR:
			used += (size_t)snprintf(at, left, "heir:%d=%d ", fact.pid, fact.status);
			break;
		case EXITQ_MAIN:
			used += (size_t)snprintf(at, left, "main:%d=%d ", fact.pid, fact.status);
			break;
		case EXITQ_NONE_LEFT:
			used += (size_t)snprintf(at, left, "none:%d,%d ", fact.last, fact.worst);
			break;
		case EXITQ_TROUBLE:
			used += (size_t)snprintf(at, left, "trouble:%d ", -fact.status);
			break;
		case EXITQ_KIND_COUNT:
			fail();
		}
	}
	return text;
}

static void run(void)
{
	assert_null(reaper_run(&reaper));
}

/* The trace's lines about waiting, without the rest of it. */
static void assert_waits(const char *expected)
{
	char text[4096] = "";

	for (const char *line = fake_sys_trace(); *line != '\0'; line = strchr(line, '\n') + 1)
		if (strncmp(line, "wait", 4) == 0)
			strncat(text, line, (size_t)(strchr(line, '\n') + 1 - line));
	assert_string_equal(text, expected);
}

#endif
