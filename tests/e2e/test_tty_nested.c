/* SPDX-License-Identifier: MIT */
/*
 * test_tty_nested.c - an init under an init on a terminal: an image has one, and "docker run --init"
 * puts another in front of it.
 */
#include <signal.h>
#include <string.h>

#include "pty.h"

static const char *const ways[] = {
	"sexton sexton",
	"tini -- tini --",
	"tini -- dumb-init",
	"dumb-init tini --",
	"dumb-init dumb-init",
	"docker-init -- catatonit --",
	"catatonit -- dumb-init",
	"sexton sexton --setsid",
	"sexton --setsid sexton",
	"sexton sexton --no-group",
	"sexton --no-group sexton",
	"podman-init -- tini -- sexton",
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* Reads, and gets each key and each new size once; @init is the outer one. */
static void check_keys(struct pty *p, pid_t init)
{
	pty_type(p, "one\n");
	pty_event(p, "got one");
	pty_type(p, PTY_CTRL_C);
	pty_event(p, "caught INT");
	pty_type(p, PTY_CTRL_BACKSLASH);
	pty_event(p, "caught QUIT");
	pty_resize(p, 50, 132);
	pty_event(p, "caught WINCH");
	/* Forwarded after all that came before it. */
	pty_signal(p, init, SIGPWR);
	pty_event(p, "caught PWR");
	pty_assert(p, pty_event_count(p, "caught INT") == 1);
	pty_assert(p, pty_event_count(p, "caught QUIT") == 1);
	pty_assert(p, pty_event_count(p, "caught WINCH") == 1);
	pty_assert(p, pty_event_count(p, "caught HUP") == 0);
	pty_type(p, "two\n");
	pty_event(p, "got two");
}

static void as_pid_1_reads_and_keys_work(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = pty_start(true, ways[i], "payload", "tty");

		pty_event(p, "ready tty");
		check_keys(p, p->leader);
		pty_type(p, PTY_CTRL_D);
		pty_end_with(p, 0);
	}
}

static void as_pid_1_a_hang_up_arrives_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = pty_start(true, ways[i], "payload", "tty", "hold");

		pty_event(p, "ready tty");
		pty_hang_up(p);
		pty_event(p, "caught HUP");
		pty_signal(p, p->leader, SIGPWR);
		pty_event(p, "caught PWR");
		pty_assert(p, pty_event_count(p, "caught HUP") == 1);
		pty_signal(p, p->leader, SIGTERM);
		pty_event(p, "done tty");
		pty_end_with(p, 0);
	}
}

/* Not with a session for the command under an init that leads the terminal's: it has to do without
 * the terminal then, as it was with the originals. */
static void as_pid_1_a_shell_has_its_jobs(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p;

		if (strstr(ways[i], "- dumb-init") || strstr(ways[i], "n sexton --setsid"))
			continue;
		p = pty_start(true, ways[i], PTY_BASH);

		pty_prompt(p);
		pty_type(p, "cat\nhello\n");
		pty_screen(p, "hello\n");
		pty_type(p, PTY_CTRL_Z);
		pty_screen(p, "Stopped");
		pty_prompt(p);
		pty_type(p, "fg\nagain\n");
		pty_screen(p, "again\n");
		pty_type(p, PTY_CTRL_C);
		pty_prompt(p);
		pty_type(p, "exit 7\n");
		pty_end_with(p, 7);
	}
}

static void from_a_shell_reads_and_keys_work(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = pty_start(false, "", PTY_BASH);
		pid_t shell = p->leader;

		pty_prompt(p);
		/* $$ becomes the outer init. */
		pty_type(p, "sh -c 'echo init $$.; exec %s payload tty'\n", ways[i]);
		pty_event(p, "ready tty");
		check_keys(p, (pid_t)pty_number(p, "init "));
		pty_type(p, PTY_CTRL_D);
		pty_event(p, "done tty");
		pty_prompt(p);
		pty_assert(p, pty_foreground(p) == shell);
		pty_type(p, "%s cat\nhello\n", ways[i]);
		pty_screen(p, "hello\n");
		pty_type(p, PTY_CTRL_C);
		pty_prompt(p);
		pty_type(p, "exit $?\n");
		pty_end_with(p, 130);
	}
}

/* Not under dumb-init, with itself or under --setsid: its STOP reaches the group of the inner init,
 * and not the command behind that, as it was with the original. */
static void from_a_shell_ctrl_z_stops_all_and_fg_continues_all(void **state)
{
	static const char *const lines[] = {
		"sexton sexton payload tty",
		"tini -- tini -- payload tty",
		"tini -- dumb-init payload tty",
		"docker-init -- catatonit -- payload tty",
		"catatonit -- dumb-init payload tty",
		"sexton sexton --no-group payload tty",
		"podman-init -- tini -- sexton payload tty",
		"sh -c 'tini -- dumb-init payload tty'; true",
		"sh -c 'sexton sexton payload tty; true' | cat",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct pty *p = pty_start(false, "", PTY_BASH);
		const char *line;
		pid_t pid, init;

		pty_prompt(p);
		pty_type(p, "%s\n", lines[i]);
		line = pty_event(p, "ready tty");
		pid = (pid_t)pidns_field(line, "pid");
		init = (pid_t)pidns_field(line, "ppid");
		if (strstr(lines[i], "| cat") != NULL)
			pty_wait_foreground(p, pid); /* it gets it when it wants to read */
		for (int k = 1; k <= 3; k++) {
			pty_type(p, PTY_CTRL_Z);
			pty_screen(p, "Stopped");
			pty_prompt(p);
			pty_wait_state(p, pid, "T"); /* else it might read what we type */
			pty_command(p, "echo mine");
			pty_type(p, "fg\n");
			pty_event(p, "caught CONT");
			pty_type(p, "line %d\n", k);
			pty_event(p, "got line %d", k);
			/* Without a group of its own CONT comes twice, the second time through the
			 * init: it must not undo the next Ctrl-Z. */
			pty_signal(p, init, SIGPWR);
			pty_event(p, "caught PWR");
		}
		pty_type(p, PTY_CTRL_D);
		pty_event(p, "done tty");
		pty_prompt(p);
		pty_type(p, "exit 7\n");
		pty_end_with(p, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PTY_TEST(as_pid_1_reads_and_keys_work),
		PTY_TEST(as_pid_1_a_hang_up_arrives_once),
		PTY_TEST(as_pid_1_a_shell_has_its_jobs),
		PTY_TEST(from_a_shell_reads_and_keys_work),
		PTY_TEST(from_a_shell_ctrl_z_stops_all_and_fg_continues_all),
	};

	return cmocka_run_group_tests_name("tty_nested", tests, NULL, NULL);
}
