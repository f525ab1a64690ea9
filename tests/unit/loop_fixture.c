/* SPDX-License-Identifier: MIT */
/* loop_fixture.c - see loop_fixture.h. */
#include "loop_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "sexton/log.h"
#include "sexton/sys.h"

static struct forward_anchor anchor;

#define SELF 100

struct loop_fixture fix;

static void reaper_thread(void)
{
	(void)reaper_poll(&fix.reaper, FAKE_PROCS);
}

static void child_signal(void)
{
	loop_raise(SIGCHLD, CLD_EXITED, MAIN);
}

static void start(pid_t self)
{
	fake_world_reset(self);
	target_reader_enter();
	log_set(NULL, 0, 0);
	memset(&fix, 0, sizeof(fix));
	config_init(&fix.config);
	fix.features = (struct feature){ true, true, true, true, true, true };
	fake_world_add(MAIN, self, MAIN, "main");
	target_init(&fix.targets, MAIN, false);
	assert_int_equal(exitq_init(&fix.exits), 0);
	forward_init(&fix.forward, &fix.features, &fix.targets, CONFIG_FORWARD_CHILD, MAIN,
		     sys_pidfd_open(MAIN), &anchor);
	fix.forward.guarded = true;
	fix.reaper = (struct reaper){
		.main_pid = MAIN,
		.post_all = true,
		.exits = &fix.exits,
		.targets = &fix.targets,
		.status = &fix.status,
	};
	reaper_init(&fix.reaper);
	fix.job = (struct job){ .forward = &fix.forward, .own_pgid = self };
	fix.loop = (struct loop){
		.config = &fix.config,
		.exits = &fix.exits,
		.reaper = &fix.reaper,
		.forward = &fix.forward,
		.scope = &fix.scope,
		.successor = &fix.successor,
		.drain = &fix.drain,
		.job = &fix.job,
		.held = fix.held,
		.status = &fix.status,
		.signal_fd = sys_signalfd(-1, SIGNALS_ALL),
	};
	fake_world.signal_fd = fix.loop.signal_fd;
	fake_world.bell = fix.exits.bell;
	fake_world.on_death = reaper_thread;
}

int loop_setup(void **state)
{
	(void)state;
	start(SELF);
	return 0;
}

int loop_setup_as_init(void **state)
{
	(void)state;
	start(1);
	return 0;
}

/* Left may be the doorbell, the main process's pidfd and the signalfd. */
int loop_teardown(void **state)
{
	(void)state;
	target_reader_leave();
	return fake_sys_open_fds() == 3 && fake_sys_open_maps() == 0 ? 0 : -1;
}

void loop_use_polled_mode(void)
{
	fix.loop.polled = &fix.reaper;
	fake_world.on_death = child_signal;
}

void loop_use_job_control(void)
{
	fake_sys_file("/dev/tty", S_IFCHR | 0666, "", 0);
	fake_sys.foreground = MAIN;
	fix.job.watching = true;
}

void loop_assert_ends_with(int code)
{
	int got;

	fix.forward.scope = fix.config.forward;
	scope_init(&fix.scope, &fix.forward, &fix.status);
	successor_init(&fix.successor, fix.config.main_pid_file, &fix.forward, &fix.targets,
		       &fix.reaper);
	drain_init(&fix.drain, &fix.forward, &fix.status, fix.config.ask);
	got = loop_run(&fix.loop);
	drain_fini(&fix.drain);
	scope_forget(&fix.scope);
	assert_int_equal(got, code); /* last: teardown looks for what was left behind */
}

void step_end(int end)
{
	fake_world_end(end & 0xffff, end >> 16);
}

void step_signal(int sig)
{
	loop_raise(sig, SI_USER, 0);
}

struct fake_proc *loop_child(pid_t pid, const char *name)
{
	return fake_world_add(pid, fake_sys.pid, pid, name);
}

void loop_raise(int sig, int code, pid_t sender)
{
	siginfo_t info = { .si_signo = sig, .si_code = code };

	info.si_pid = sender;
	fake_world_raise(&info);
}

void loop_raise_value(int sig, int value)
{
	siginfo_t info = { .si_signo = sig, .si_code = SI_QUEUE };

	info.si_value.sival_int = value;
	fake_world_raise(&info);
}

unsigned int loop_said(const char *words)
{
	unsigned int count = 0;

	for (const char *at = fake_sys_stderr(); (at = strstr(at, words)) != NULL; at++)
		count++;
	return count;
}

unsigned int loop_traced(const char *line)
{
	unsigned int count = 0;

	for (const char *at = fake_sys_trace(); *at != '\0'; at = strchr(at, '\n') + 1)
		count += strncmp(at, line, strlen(line)) == 0;
	return count;
}
