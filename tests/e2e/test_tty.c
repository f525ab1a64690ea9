/* SPDX-License-Identifier: MIT */
/*
 * test_tty.c - PID 1 on a terminal whose session it leads, as with "docker run -t".
 */
#include <signal.h>
#include <string.h>

#include "pty.h"

/* The ways to call it, and to hand the terminal over: tini's with a process group of its own, and
 * dumb-init's with a session of its own. */
static const char *const ways[] = {
	"sexton",         "tini --",         "docker-init --", "catatonit --",
	"podman-init --", "sexton --setsid", "dumb-init",
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* What a user does with jobs in an interactive shell. */
static void control_jobs(struct pty *p)
{
	pty_prompt(p);
	pty_type(p, "cat\nhello\n");
	pty_screen(p, "hello\n");
	pty_type(p, PTY_CTRL_Z);
	pty_screen(p, "Stopped");
	pty_prompt(p);
	pty_type(p, "jobs\n");
	pty_screen(p, "Stopped");
	pty_screen(p, "cat");
	pty_prompt(p);
	pty_type(p, "bg\n");
	pty_screen(p, "cat");
	pty_prompt(p);
	pty_command_until(p, "jobs", "Stopped"); /* it wants to read: a shell hears of it later */
	pty_type(p, "fg\n");
	pty_screen(p, "cat");
	pty_type(p, "again\n");
	pty_screen(p, "again\n");
	pty_type(p, PTY_CTRL_C);
	pty_prompt(p);
	pty_type(p, "echo code $?\n");
	pty_screen(p, "code 130\n");
	pty_prompt(p);
	pty_type(p, "cat\nhello\n");
	pty_screen(p, "hello\n");
	pty_type(p, PTY_CTRL_BACKSLASH);
	pty_screen(p, "Quit");
	pty_prompt(p);
	pty_type(p, "echo code $?\n");
	pty_screen(p, "code 131\n");
	pty_prompt(p);
	pty_type(p, PTY_CTRL_C); /* at the prompt it is the shell's */
	pty_prompt(p);
	pty_type(p, "exit 7\n");
	pty_end_with(p, 7);
}

static void job_control_works_in_sh(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++)
		control_jobs(pty_start(true, ways[i], PTY_SH));
}

static void job_control_works_in_bash(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++)
		control_jobs(pty_start(true, ways[i], PTY_BASH));
}

/* A signal to sexton, forwarded after all that came before it and had a lower number. */
static void fence(struct pty *p)
{
	pty_signal(p, p->leader, SIGPWR);
	pty_event(p, "caught PWR");
}

static void keys_arrive_exactly_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = pty_start(true, ways[i], "payload", "tty");

		pty_event(p, "ready tty");
		pty_type(p, PTY_CTRL_C);
		pty_event(p, "caught INT");
		pty_type(p, PTY_CTRL_BACKSLASH);
		pty_event(p, "caught QUIT");
		fence(p);
		pty_assert(p, pty_event_count(p, "caught INT") == 1);
		pty_assert(p, pty_event_count(p, "caught QUIT") == 1);
		pty_assert(p, pty_event_count(p, "caught HUP") == 0);
		pty_assert(p, pty_event_count(p, "caught CONT") == 0);
		pty_type(p, PTY_CTRL_D);
		pty_end_with(p, 0);
	}
}

static void a_plain_command_ends_with_ctrl_c_and_its_status(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = pty_start(true, ways[i], "cat");

		pty_type(p, "hello\n");
		pty_screen(p, "hello\n");
		pty_type(p, PTY_CTRL_C);
		pty_end_with(p, 130);
	}
}

static void a_new_window_size_arrives_exactly_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = pty_start(true, ways[i], "payload", "tty");

		pty_event(p, "ready tty");
		pty_resize(p, 50, 132);
		pty_event(p, "caught WINCH rows=50 columns=132");
		fence(p);
		pty_assert(p, pty_event_count(p, "caught WINCH") == 1);
		pty_type(p, PTY_CTRL_D);
		pty_end_with(p, 0);
	}
}

static void a_hang_up_arrives_exactly_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = pty_start(true, ways[i], "payload", "tty", "hold");

		pty_event(p, "ready tty");
		pty_hang_up(p);
		pty_event(p, "caught HUP");
		fence(p);
		pty_assert(p, pty_event_count(p, "caught HUP") == 1);
		pty_signal(p, p->leader, SIGTERM);
		pty_event(p, "done tty");
		pty_end_with(p, 0);
	}
}

static void a_hang_up_ends_a_shell_and_its_jobs(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = pty_start(true, ways[i], PTY_BASH);

		pty_prompt(p);
		pty_type(p, "payload tty quiet hold &\n");
		pty_event(p, "ready tty");
		pty_command(p, "cat >/dev/null &");
		pty_type(p, "cat\nhello\n");
		pty_screen(p, "hello\n");
		pty_hang_up(p);
		/* By the shell's HUP and our TERM; a shell that sees the end of its input first
		 * hangs nobody up. */
		pty_event(p, "done tty");
		(void)pty_end(p);
		pty_teardown(NULL);
	}
}

static void the_first_read_works(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = pty_start(true, ways[i], "tac");

		pty_type(p, "1\n2\n3\n" PTY_CTRL_D);
		pty_screen(p, "3\n2\n1\n");
		pty_end_with(p, 0);
	}
}

static void the_command_is_in_the_foreground_before_it_runs(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = pty_start(true, ways[i], "payload", "tty");
		const char *line = pty_event(p, "ready tty");
		int64_t pid = pidns_field(line, "pid");

		pty_assert(p, pidns_field(line, "pgid") == pid);
		pty_assert(p, pidns_field(line, "foreground") == pid);
		pty_assert(p, pidns_field(line, "sid") ==
				      (strstr(ways[i], "setsid") || strstr(ways[i], "dumb") ? pid
											    : 1));
		pty_type(p, PTY_CTRL_D);
		pty_end_with(p, 0);
	}
}

static void with_never_the_foreground_stays_where_it_is(void **state)
{
	struct pty *p = pty_start(true, "sexton --tty=never", "payload", "tty", "quiet");
	const char *line = pty_event(p, "ready tty");

	(void)state;
	pty_assert(p, pidns_field(line, "foreground") == 1);
	pty_assert(p, pidns_field(line, "pgid") == pidns_field(line, "pid"));
	pty_type(p, PTY_CTRL_C);
	pty_event(p, "caught INT"); /* through sexton */
	fence(p);
	pty_assert(p, pty_event_count(p, "caught INT") == 1);
	pty_signal(p, p->leader, SIGTERM);
	pty_end_with(p, 0);
}

static void without_a_group_of_its_own_keys_arrive_exactly_once(void **state)
{
	struct pty *p = pty_start(true, "sexton --no-group", "payload", "tty");
	const char *line = pty_event(p, "ready tty");

	(void)state;
	pty_assert(p, pidns_field(line, "pgid") == 1);
	pty_type(p, PTY_CTRL_C);
	pty_event(p, "caught INT");
	pty_resize(p, 50, 132);
	pty_event(p, "caught WINCH");
	fence(p);
	pty_assert(p, pty_event_count(p, "caught INT") == 1);
	pty_assert(p, pty_event_count(p, "caught WINCH") == 1);
	pty_signal(p, p->leader, SIGINT); /* a user's is forwarded */
	pty_event(p, "caught INT");
	pty_type(p, "hello\n" PTY_CTRL_D);
	pty_event(p, "got hello");
	pty_end_with(p, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PTY_TEST(job_control_works_in_sh),
		PTY_TEST(job_control_works_in_bash),
		PTY_TEST(keys_arrive_exactly_once),
		PTY_TEST(a_plain_command_ends_with_ctrl_c_and_its_status),
		PTY_TEST(a_new_window_size_arrives_exactly_once),
		PTY_TEST(a_hang_up_arrives_exactly_once),
		PTY_TEST(a_hang_up_ends_a_shell_and_its_jobs),
		PTY_TEST(the_first_read_works),
		PTY_TEST(the_command_is_in_the_foreground_before_it_runs),
		PTY_TEST(with_never_the_foreground_stays_where_it_is),
		PTY_TEST(without_a_group_of_its_own_keys_arrive_exactly_once),
	};

	return cmocka_run_group_tests_name("tty", tests, NULL, NULL);
}
