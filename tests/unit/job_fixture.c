/* SPDX-License-Identifier: MIT */
/* job_fixture.c - see job_fixture.h. */
#include "job_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "sexton/sys.h"

static struct forward_anchor anchor;

struct job_fixture fix;

static pid_t foreground_after;

int job_setup(void **state)
{
	(void)state;
	fake_world_reset(SELF);
	fake_world_add(MAIN, SELF, MAIN, "main");
	fake_world_add(201, MAIN, MAIN, "member");
	fake_world_add(99, 1, SELF, "script"); /* that waits for us, in our group */
	fake_sys_file("/dev/tty", S_IFCHR | 0666, "", 0);
	fake_sys.pgrp = SELF;
	fake_sys.foreground = MAIN;
	fake_sys.mask = SIGNALS_ALL;
	memset(&fix, 0, sizeof(fix));
	config_init(&fix.config);
	fix.features = (struct feature){ true, true, true, true, true, true };
	target_init(&fix.targets, MAIN, false);
	forward_init(&fix.forward, &fix.features, &fix.targets, CONFIG_FORWARD_CHILD, MAIN,
		     sys_pidfd_open(MAIN), &anchor);
	fix.forward.guarded = true;
	job_init(&fix.job, &fix.config, &fix.forward);
	target_reader_enter();
	return 0;
}

/* Of all descriptors only the main process's pidfd may be left: no terminal is. */
int job_teardown(void **state)
{
	(void)state;
	target_reader_leave();
	return fake_sys_open_fds() == 1 ? 0 : -1;
}

/* An orphaned process group is not stopped: the signal is gone, and that was all. */
static void nobody_is_there(void)
{
	fix.stops++;
	fake_world_discard(SIGTSTP);
	fake_world_discard(SIGTTIN);
	fake_world_discard(SIGTTOU);
	fix.foreground_in_stop = fake_sys.foreground;
}

/* We were stopped (who has the terminal meanwhile is the shell's affair), and are continued. */
static void shell_continues_us(void)
{
	siginfo_t cont = { .si_signo = SIGCONT, .si_code = SI_USER };

	nobody_is_there();
	fake_sys.foreground = foreground_after;
	fake_world_raise(&cont);
}

void job_use_shell(pid_t foreground)
{
	fix.stops = 0;
	foreground_after = foreground;
	fake_sys_before("sigmask(unblock,", 1, shell_continues_us);
}

void job_use_no_shell(void)
{
	fix.stops = 0;
	fake_sys_before("sigmask(unblock,", 1, nobody_is_there);
}

void job_use_pipeline(void)
{
	fake_sys_return("is_pipe", 1);
	fake_sys.foreground = SELF;
	job_init(&fix.job, &fix.config, &fix.forward);
	assert_non_null(strstr(fake_sys_trace(), "is_pipe(1)"));
}

void job_use_our_group(void)
{
	struct fake_proc *command = fake_world_find(MAIN);

	fake_world_vanish(201);
	command->pgid = SELF;
	command->leader = fake_world_find(SELF)->leader;
	fake_sys.foreground = SELF;
}

void job_command_stops(int sig)
{
	fake_sys_return("wait_stop", sig);
	job_mind(&fix.job);
}

void job_assert_log(const char *log)
{
	assert_string_equal(fake_world_log(), log);
	fake_world_clear_log();
}
