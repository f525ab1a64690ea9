/* SPDX-License-Identifier: MIT */
/* scenario.c - the stories of the torture test; see scenario.h. */
#include "scenario.h"

#include <errno.h>
#include <stddef.h>

#include "run.h"

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

/* Who a signal is for, and who takes over. */
#define SCOPE_CALLS                                                                                \
	"sys_kill sys_getsid sys_getpgid sys_pidfd_open sys_pidfd_send_signal sys_open sys_read "  \
	"sys_getdents sys_map"
#define SUCCESSOR_CALLS                                                                            \
	"sys_open sys_read sys_watch sys_pidfd_open sys_pidfd_send_signal sys_pidfd_status "       \
	"sys_ppoll sys_waitpid sys_readlink sys_eventfd"
#define PID_FILE RUN_SCRATCH "/victim.pid"

/* What a value queued for one is worth to several, where they cannot be told apart. */
#define ANY_VALUE "main USR1 "

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
	  .usr1 = "main USR1 0", /* Linux has no call that queues one to a group by number */
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
	{ .name = "tree_stop",
	  .options = { "--forward=tree" },
	  .mode = "stop",
	  .stop = true,
	  .usr1 = ANY_VALUE,
	  .brings = "worker USR1 42",
	  .calls = SCOPE_CALLS " sys_readlink" },
	{ .name = "tree_stop_as_subreaper",
	  .options = { "--forward=tree" },
	  .mode = "stop",
	  .stop = true,
	  .subreaper = true,
	  .usr1 = ANY_VALUE,
	  .brings = "worker USR1 42",
	  .calls = SCOPE_CALLS },
	{ .name = "guarded_tree_stop_as_subreaper",
	  .options = { "--forward=tree" },
	  .mode = "stop",
	  .stop = true,
	  .subreaper = true,
	  .usr1 = ANY_VALUE,
	  .always = RULE(sys_pidfd_open, ENOSYS),
	  .calls = SCOPE_CALLS },
	{ .name = "session_scope_stop",
	  .options = { "--forward=session", "--setsid" },
	  .mode = "stop",
	  .stop = true,
	  .usr1 = ANY_VALUE,
	  .calls = SCOPE_CALLS " sys_readlink" },
	{ .name = "stop_with_a_delay",
	  .options = { "--delay=TERM:50ms,USR1:20ms" },
	  .mode = "stop",
	  .stop = true,
	  .calls = "sys_ppoll sys_sigwaitinfo sys_signalfd sys_pidfd_send_signal sys_write_now" },
	{ .name = "drain_in_two_steps",
	  .options = { "--ask-with=INT:50ms,TERM", "--grace=5s" },
	  .mode = "stop",
	  .stop = true,
	  .brings = "worker INT",
	  .calls = SCOPE_CALLS " sys_ppoll" },
	{ .name = "hand_over",
	  .options = { "-v", "--on-exit=wait", "--main-pid-file=" PID_FILE },
	  .mode = "hand-over",
	  .file = PID_FILE,
	  .stop = true,
	  .usr1 = "worker USR1 ",
	  .term = "worker TERM",
	  .brings = "worker USR1 42",
	  .calls = SUCCESSOR_CALLS },
	{ .name = "late_hand_over",
	  .options = { "-v", "--on-exit=wait", "--main-pid-file=" PID_FILE },
	  .mode = "late",
	  .file = PID_FILE,
	  .stop = true,
	  .usr1 = "worker USR1 ",
	  .term = "worker TERM",
	  .brings = "worker USR1 42",
	  .calls = SUCCESSOR_CALLS },
	{ .name = "far_hand_over",
	  .options = { "-v", "--on-exit=wait", "--main-pid-file=" PID_FILE },
	  .mode = "far",
	  .file = PID_FILE,
	  .stop = true,
	  .usr1 = "", /* to whom it goes is a question of what fails */
	  .term = "worker TERM",
	  .brings = "grandchild TERM",
	  .calls = SUCCESSOR_CALLS },
	{ .name = "stop_with_a_guest",
	  .options = { "--exec=wait", "--forward=tree" },
	  .mode = "stop",
	  .stop = true,
	  .guest = true,
	  .usr1 = ANY_VALUE,
	  .brings = "guest TERM",
	  .calls = "sys_getsid sys_getpgid sys_pidfd_open sys_pidfd_send_signal sys_signalfd "
		   "sys_sigwaitinfo sys_ppoll sys_getdents sys_map sys_waitpid sys_open" },
};
