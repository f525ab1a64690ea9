/* SPDX-License-Identifier: MIT */
/* scenario.c - the stories of the torture test; see scenario.h. */
#include "scenario.h"

#include <errno.h>
#include <stddef.h>

#define RULE(which, error)                                                                         \
	{                                                                                          \
		{                                                                                  \
			.call = FAULT_##which, .nth = 1, .for_ever = true, .err = error            \
		}                                                                                  \
	}

/* What the two later ways of working do differently. */
#define SIGNALLING_CALLS                                                                           \
	"sys_kill sys_sigqueueinfo sys_wait_look sys_waitpid sys_probe_look sys_pidfd_open "       \
	"sys_sigwaitinfo sys_open sys_read sys_map sys_thread_create sys_eventfd sys_readlink"
#define POLLED_CALLS                                                                               \
	"sys_waitpid sys_sigwaitinfo sys_signalfd sys_ppoll sys_eventfd sys_eventfd_ring "         \
	"sys_eventfd_clear sys_kill"

/* What comes before the command, where another's name or an option makes a difference. */
#define START_CALLS                                                                                \
	"sys_fork sys_execve sys_setpgid sys_setsid sys_set_subreaper sys_sigmask sys_sigaction "  \
	"sys_open sys_chdir sys_fchdir sys_pipe sys_map sys_read sys_write_now sys_close_range "   \
	"sys_tcgetpgrp sys_leave_tty sys_attach_tty"
const struct scenario scenarios[SCENARIOS] = {
	{ .name = "stop", .options = { "--parent-death=HUP" }, .mode = "stop", .stop = true },
	{ .name = "stop_as_subreaper",
	  .mode = "stop",
	  .stop = true,
	  .subreaper = true,
	  .calls = "sys_set_subreaper sys_open sys_waitpid sys_pidfd_send_signal" },
	{ .name = "drain_with_a_deadline", .options = { "--grace=60ms" }, .mode = "kill" },
	{ .name = "missing_command", .command = "/nonexistent/command", .missing = true },
	{ .name = "refused_command", .missing = true, .always = RULE(sys_execve, EACCES) },
	{ .name = "guarded_stop",
	  .mode = "stop",
	  .stop = true,
	  .always = RULE(sys_pidfd_open, ENOSYS),
	  .calls = SIGNALLING_CALLS },
	{ .name = "guarded_group_stop",
	  .options = { "--forward=group" },
	  .mode = "stop",
	  .stop = true,
	  .no_value = true,
	  .always = RULE(sys_pidfd_open, EPERM),
	  .calls = SIGNALLING_CALLS },
	{ .name = "guarded_drain_with_a_deadline",
	  .options = { "--grace=60ms" },
	  .mode = "kill",
	  .always = RULE(sys_pidfd_open, ENOSYS),
	  .calls = SIGNALLING_CALLS },
	{ .name = "polled_stop",
	  .mode = "stop",
	  .stop = true,
	  .always = RULE(sys_thread_create, EPERM),
	  .calls = POLLED_CALLS },
	{ .name = "polled_drain_with_a_deadline",
	  .options = { "--grace=60ms" },
	  .mode = "kill",
	  .always = RULE(sys_thread_create, EAGAIN),
	  .calls = POLLED_CALLS },
	{ .name = "session_stop",
	  .options = { "--setsid" },
	  .mode = "stop",
	  .stop = true,
	  .calls = START_CALLS },
	{ .name = "leave_as_subreaper",
	  .options = { "--on-exit=leave" },
	  .mode = "kill",
	  .subreaper = true,
	  .leave = true },
	{ .name = "guarded_leave_as_subreaper",
	  .options = { "--on-exit=leave" },
	  .mode = "kill",
	  .subreaper = true,
	  .leave = true,
	  .always = RULE(sys_pidfd_open, ENOSYS),
	  .calls = SIGNALLING_CALLS " sys_fork sys_thread_join" },
	{ .name = "polled_leave_as_subreaper",
	  .options = { "--on-exit=leave" },
	  .mode = "kill",
	  .subreaper = true,
	  .leave = true,
	  .always = RULE(sys_thread_create, EPERM),
	  .calls = POLLED_CALLS },
	{ .name = "tini_stop",
	  .options = { "--as", "tini" },
	  .mode = "stop",
	  .stop = true,
	  .name_as = " tini (",
	  .calls = START_CALLS },
	{ .name = "tini_leaves",
	  .options = { "--as", "tini" },
	  .mode = "kill",
	  .subreaper = true,
	  .leave = true,
	  .name_as = " tini (",
	  .calls = START_CALLS },
	{ .name = "tini_missing_command",
	  .options = { "--as", "tini" },
	  .command = "/nonexistent/command",
	  .missing = true,
	  .name_as = " tini (",
	  .calls = START_CALLS },
	{ .name = "dumb_init_stop",
	  .options = { "--as", "dumb-init" },
	  .mode = "stop",
	  .stop = true,
	  .name_as = "[dumb-init] ",
	  .calls = START_CALLS },
	{ .name = "dumb_init_leaves",
	  .options = { "--as", "dumb-init" },
	  .mode = "kill",
	  .subreaper = true,
	  .leave = true,
	  .name_as = "[dumb-init] ",
	  .calls = START_CALLS " " POLLED_CALLS " sys_wait_look sys_fork sys_thread_join" },
	{ .name = "polled_dumb_init_leaves",
	  .options = { "--as", "dumb-init" },
	  .mode = "kill",
	  .subreaper = true,
	  .leave = true,
	  .name_as = "[dumb-init] ",
	  .always = RULE(sys_thread_create, EPERM),
	  .calls = POLLED_CALLS " sys_wait_look" },
	{ .name = "catatonit_stop",
	  .options = { "--as", "catatonit" },
	  .mode = "stop",
	  .stop = true,
	  .name_as = "(catatonit:",
	  .calls = START_CALLS },
	{ .name = "pause",
	  .options = { "--as", "catatonit", "-P" },
	  .pause = true,
	  .name_as = "(catatonit:" },
	{ .name = "pause_as_subreaper",
	  .options = { "--as", "podman-init", "-P" },
	  .pause = true,
	  .subreaper = true,
	  .name_as = "(catatonit:",
	  .calls = START_CALLS " " POLLED_CALLS },
};
