/* SPDX-License-Identifier: MIT */
/* drain_fixture.c - see drain_fixture.h. */
#include "drain_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sexton/log.h"
#include "sexton/sys.h"

static struct forward_anchor anchor;

struct drain_fixture fix;

static void start(pid_t self, bool pidfds, bool proc)
{
	fake_world_reset(self);
	(void)fake_world_add(MAIN, self, MAIN, "main");
	memset(&fix, 0, sizeof(fix));
	fix.features = (struct feature){ pidfds, pidfds, true, proc, proc, true };
	fake_world.no_proc = !proc;
	target_init(&fix.targets, MAIN, !pidfds);
	forward_init(&fix.forward, &fix.features, &fix.targets, CONFIG_FORWARD_CHILD, MAIN,
		     pidfds ? sys_pidfd_open(MAIN) : -1, &anchor);
	fix.forward.guarded = true;
	fix.steps[0] = (struct config_step){ .sig = SIGTERM, .time_ns = CONFIG_NO_LIMIT };
	drain_init(&fix.drain, &fix.forward, &fix.status, fix.steps);
	fake_world_vanish(MAIN);
	log_set(NULL, 0, 0);
}

int drain_setup(void **state)
{
	(void)state;
	target_reader_enter();
	start(100, true, true);
	return 0;
}

int drain_teardown(void **state)
{
	unsigned int kept = fix.forward.main_pidfd >= 0;

	(void)state;
	drain_fini(&fix.drain);
	target_reader_leave();
	return fake_sys_open_fds() == kept && fake_sys_open_maps() == 0 ? 0 : -1;
}

void drain_restart(pid_t self, bool pidfds, bool proc)
{
	drain_fini(&fix.drain);
	start(self, pidfds, proc);
}

struct fake_proc *drain_root(pid_t pid, const char *name)
{
	return fake_world_add(pid, fake_sys.pid, pid, name);
}

void drain_assert_log(const char *log)
{
	assert_string_equal(fake_world_log(), log);
	fake_world_clear_log();
}

unsigned int drain_said(const char *words)
{
	unsigned int count = 0;

	for (const char *at = fake_sys_stderr(); (at = strstr(at, words)) != NULL; at++)
		count++;
	return count;
}
