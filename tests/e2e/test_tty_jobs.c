/* SPDX-License-Identifier: MIT */
/*
 * test_tty_jobs.c - started by an interactive shell, whose job control must go on working, with the
 * command in a process group of its own (tini's way).
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pty.h"

static const char *const ways[] = {
	"sexton", "tini --", "docker-init --", "catatonit --", "podman-init --",
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static struct pty *start_bash(void)
{
	struct pty *p = pty_start(false, "", PTY_BASH);

	pty_prompt(p);
	return p;
}

static struct pty *start_sh(void)
{
	struct pty *p = pty_start(false, "", PTY_SH);

	pty_prompt(p);
	return p;
}

/* Both shells that people use. */
static struct pty *(*const shells[])(void) = { start_bash, start_sh };
#define SHELLS (sizeof(shells) / sizeof(shells[0]))

/* The command at the terminal, and the init in front of it. */
struct job {
	pid_t pid;
	pid_t init;
};

static struct job start_job(struct pty *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static struct job start_job(struct pty *p, const char *format, ...)
{
	char command[256];
	const char *line;
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	pty_type(p, "%s\n", command);
	line = pty_event(p, "ready tty");
	return (struct job){ .pid = (pid_t)pidns_field(line, "pid"),
			     .init = (pid_t)pidns_field(line, "ppid") };
}

/* Ctrl-Z: the shell says that its job stopped and asks for the next command. */
static void stop_job(struct pty *p, const struct job *job)
{
	pty_type(p, PTY_CTRL_Z);
	pty_screen(p, "Stopped");
	pty_prompt(p);
	pty_wait_state(p, job->pid, "T");
	pty_wait_state(p, job->init, "T");
	pty_assert(p, pty_foreground(p) == p->leader);
}

static void continue_job(struct pty *p, const struct job *job)
{
	pty_type(p, "fg\n");
	pty_event(p, "caught CONT");
	pty_wait_foreground(p, job->pid);
}

/* A signal to the init, forwarded after all that came before it and had a lower number. */
static void fence(struct pty *p, const struct job *job)
{
	pty_signal(p, job->init, SIGPWR);
	pty_event(p, "caught PWR");
}

static void expect_code(struct pty *p, int code)
{
	pty_type(p, "echo code $?\n");
	pty_screen(p, "code %d\n", code);
	pty_prompt(p);
}

/* The end of the input ends the command, and the shell has its terminal again. */
static void end_job(struct pty *p)
{
	pty_type(p, PTY_CTRL_D);
	pty_event(p, "done tty");
	pty_prompt(p);
	pty_assert(p, pty_foreground(p) == p->leader);
}

static void end_shell(struct pty *p)
{
	pty_type(p, "exit 7\n");
	pty_end_with(p, 7);
}

static void check_stop_and_foreground(struct pty *p, const char *way)
{
	struct job job = start_job(p, "%s payload tty", way);
	int before;

	pty_type(p, "one\n");
	pty_event(p, "got one");
	/* A slow bash gives our group the terminal once more when the command has it already. Its
	 * next read then asks for it, and it is continued once more than we count. */
	pty_wait_foreground(p, job.pid);
	fence(p, &job);
	before = pty_event_count(p, "caught CONT");
	for (int i = 1; i <= 3; i++) {
		stop_job(p, &job);
		pty_command(p, "echo mine");
		continue_job(p, &job);
		pty_type(p, "two %d\n", i);
		pty_event(p, "got two %d", i);
		fence(p, &job);
		pty_assert(p, pty_event_count(p, "caught CONT") == before + i);
	}
	pty_type(p, PTY_CTRL_C);
	pty_event(p, "caught INT");
	fence(p, &job);
	pty_assert(p, pty_event_count(p, "caught INT") == 1);
	end_job(p);
	expect_code(p, 0);
	end_shell(p);
}

static void ctrl_z_stops_command_and_init_and_fg_continues_both(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++)
		for (size_t k = 0; k < SHELLS; k++)
			check_stop_and_foreground(shells[k](), ways[i]);
}

static void check_background(struct pty *p, const char *way)
{
	struct job job = start_job(p, "%s payload tty quiet", way);

	stop_job(p, &job);
	pty_command(p, "bg");
	pty_event(p, "caught CONT");
	pty_wait_state(p, job.pid, "S");
	pty_wait_state(p, job.init, "S");
	pty_command(p, "echo mine");
	pty_assert(p, pty_foreground(p) == p->leader);
	/* From bash a job that runs gets no CONT with this, and we hear of nothing. */
	pty_type(p, "fg\n");
	pty_wait_not_foreground(p, p->leader);
	pty_type(p, PTY_CTRL_C);
	pty_event(p, "caught INT");
	pty_resize(p, 50, 132);
	pty_event(p, "caught WINCH");
	fence(p, &job);
	pty_assert(p, pty_event_count(p, "caught INT") == 1);
	pty_assert(p, pty_event_count(p, "caught WINCH") == 1);
	stop_job(p, &job);
	continue_job(p, &job);
	pty_signal(p, job.init, SIGTERM);
	pty_event(p, "done tty");
	pty_prompt(p);
	expect_code(p, 0);
	end_shell(p);
}

static void bg_continues_both_in_the_background_and_fg_brings_them_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++)
		for (size_t k = 0; k < SHELLS; k++)
			check_background(shells[k](), ways[i]);
}

static void keys_that_end_a_command_give_the_shell_its_status(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = start_bash();

		pty_type(p, "%s cat\nhello\n", ways[i]);
		pty_screen(p, "hello\n");
		pty_type(p, PTY_CTRL_C);
		pty_prompt(p);
		expect_code(p, 130);
		pty_type(p, "%s cat\nhello\n", ways[i]);
		pty_screen(p, "hello\n");
		pty_type(p, PTY_CTRL_BACKSLASH);
		pty_prompt(p);
		expect_code(p, 131);
		end_shell(p);
	}
}

static void check_background_start(struct pty *p, const char *way)
{
	struct job job = start_job(p, "%s payload tty &", way);

	pty_prompt(p);
	pty_wait_state(p, job.pid, "T"); /* it wants to read */
	pty_wait_state(p, job.init, "T");
	pty_assert(p, pty_foreground(p) == p->leader);
	/* The shell hears of it a little later than we see it. */
	pty_command_until(p, "jobs -l", "Stopped (tty input)");
	/* In the background it can only stop again. */
	pty_command(p, "bg");
	pty_command_until(p, "jobs -l", "Stopped (tty input)");
	continue_job(p, &job);
	pty_type(p, "one\n");
	pty_event(p, "got one");
	end_job(p);
	end_shell(p);
}

static void a_background_start_leaves_the_terminal_to_the_shell(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++)
		for (size_t k = 0; k < SHELLS; k++)
			check_background_start(shells[k](), ways[i]);
}

static void a_command_in_the_background_that_never_reads_is_left_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = start_bash();
		struct job job = start_job(p, "%s payload tty quiet &", ways[i]);

		pty_prompt(p);
		pty_type(p, PTY_CTRL_C); /* the shell's */
		pty_prompt(p);
		pty_command(p, "%s true", ways[i]);
		fence(p, &job);
		pty_assert(p, pty_event_count(p, "caught") == 1);
		pty_command(p, "kill %%1");
		pty_event(p, "caught TERM");
		pty_command(p, "wait");
		end_shell(p);
	}
}

/* In there neither our group nor the shell's has a number: the two look the same. */
static void a_background_start_in_a_pid_namespace_leaves_the_terminal_to_the_shell(void **state)
{
	const char *unshare = geteuid() == 0 ? "unshare" : "unshare --user --map-root-user";

	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = start_bash();

		pty_type(p, "%s --pid --fork --kill-child %s payload tty quiet &\n", unshare,
			 ways[i]);
		pty_event(p, "ready tty");
		pty_assert(p, pty_foreground(p) == p->leader);
		pty_prompt(p);
		pty_type(p, PTY_CTRL_C); /* the shell's */
		pty_prompt(p);
		pty_command(p, "kill %%1; wait; echo mine");
		pty_type(p, "%s --pid --fork --kill-child %s payload tty\n", unshare, ways[i]);
		pty_event(p, "ready tty");
		pty_type(p, "one\n");
		pty_event(p, "got one");
		end_job(p);
		end_shell(p);
	}
}

/* "kill -STOP server; kill -CONT server" says nothing to us: stopped as well, we would stay it. */
static void who_stops_a_background_command_does_not_make_us_deaf(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = start_bash();
		struct job job = start_job(p, "%s payload tty quiet &", ways[i]);

		pty_prompt(p);
		for (int k = 1; k <= 3; k++) {
			pty_signal(p, job.pid, SIGSTOP);
			pty_wait_state(p, job.pid, "T");
			pty_signal(p, job.pid, SIGCONT);
			pty_event(p, "caught CONT");
			fence(p, &job);
			pty_wait_state(p, job.init, "S");
		}
		pty_signal(p, job.init, SIGTERM);
		pty_event(p, "done tty");
		pty_command(p, "wait; echo mine");
		end_shell(p);
	}
}

/* A pager reads its keys, whatever becomes of the command in front of it. */
static void the_other_end_of_a_pipeline_keeps_the_terminal(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = start_bash();
		struct job job = start_job(p,
					   "%s payload tty quiet | "
					   "sh -c 'while read x; do echo read $x; done </dev/tty'",
					   ways[i]);

		pty_type(p, "one\n");
		pty_screen(p, "read one\n");
		pty_resize(p, 50, 132);
		pty_event(p, "caught WINCH");
		pty_type(p, "two\n");
		pty_screen(p, "read two\n");
		pty_type(p, PTY_CTRL_Z);
		pty_screen(p, "Stopped");
		pty_prompt(p);
		pty_type(p, "fg\n");
		pty_event(p, "caught CONT");
		pty_type(p, "three\n");
		pty_screen(p, "read three\n");
		pty_type(p, PTY_CTRL_D);
		pty_signal(p, job.init, SIGTERM);
		pty_event(p, "done tty");
		pty_prompt(p);
		end_shell(p);
	}
}

static void a_background_job_that_gets_the_foreground_while_it_runs_may_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = start_bash();
		/* It reads when the first line is there, so after the fg. */
		struct job job =
			start_job(p, "%s sh -c 'payload tty quiet; exec payload tty' &", ways[i]);
		const char *line;

		pty_prompt(p);
		pty_type(p, "fg\n");
		pty_wait_not_foreground(p, p->leader); /* the shell says the name before */
		pty_signal(p, job.pid, SIGTERM);
		line = pty_event(p, "ready tty");
		pty_type(p, "one\n");
		pty_event(p, "got one");
		pty_wait_foreground(p, (pid_t)pidns_field(line, "pid"));
		end_job(p);
		end_shell(p);
	}
}

static void a_script_goes_on_reading_when_the_command_has_ended(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = start_bash();

		pty_type(p, "sh -c '%s true; read x; echo got $x'\nhello\n", ways[i]);
		pty_screen(p, "got hello\n");
		pty_prompt(p);
		/* And one that nobody could continue: its group is an orphan. */
		pty_type(p, "exec sh -c '%s true; read x; echo got $x; exit 7'\nhello\n", ways[i]);
		pty_screen(p, "got hello\n");
		pty_end_with(p, 7);
	}
}

static void ctrl_z_stops_the_script_around_us_too(void **state)
{
	static const char *const lines[] = { "sh -c '%s payload tty; echo after'",
					     "%s payload tty | (cat; echo after)" };

	(void)state;
	for (size_t i = 0; i < WAYS * 2; i++) {
		struct pty *p = start_bash();
		char command[128];
		struct job job;

		snprintf(command, sizeof(command), i % 2 ? lines[1] : lines[0], ways[i / 2]);
		job = start_job(p, "%s", command);
		/* In a pipeline once it wants to read. The CONT that it then gets would take back a
		 * Ctrl-Z that was typed before it. */
		pty_wait_foreground(p, job.pid);
		fence(p, &job);
		pty_type(p, PTY_CTRL_Z);
		pty_screen(p, "Stopped");
		pty_prompt(p);
		pty_type(p, "fg\n");
		pty_event(p, "caught CONT");
		pty_type(p, "one\n");
		pty_event(p, "got one");
		pty_wait_foreground(p, job.pid);
		pty_type(p, PTY_CTRL_D);
		pty_screen(p, "after\n");
		pty_prompt(p);
		end_shell(p);
	}
}

static void a_shell_inside_has_jobs_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = start_bash();

		pty_type(p, "PS1='inner> ' %s bash --norc --noprofile --noediting -i\n", ways[i]);
		pty_screen(p, "inner> ");
		pty_type(p, "cat\nhello\n");
		pty_screen(p, "hello\n");
		pty_type(p, PTY_CTRL_Z);
		pty_screen(p, "Stopped");
		pty_screen(p, "inner> ");
		pty_type(p, "suspend\n");
		pty_screen(p, "Stopped");
		pty_prompt(p);
		pty_type(p, "fg\n");
		pty_screen(p, "inner> ");
		pty_type(p, "fg\nagain\n");
		pty_screen(p, "again\n");
		pty_type(p, PTY_CTRL_C);
		pty_screen(p, "inner> ");
		pty_type(p, "exit 5\n");
		pty_prompt(p);
		expect_code(p, 5);
		end_shell(p);
	}
}

static void nobody_stops_who_could_not_be_continued(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct pty *p = pty_start(false, ways[i], "payload", "tty");

		pty_event(p, "ready tty");
		for (int k = 1; k <= 3; k++) {
			pty_type(p, PTY_CTRL_Z);
			pty_event(p, "caught CONT");
			pty_type(p, "line %d\n", k);
			pty_event(p, "got line %d", k);
		}
		pty_type(p, PTY_CTRL_D);
		pty_end_with(p, 0);
	}
}

/* A Ctrl-C must reach somebody when the command and its group are gone, and others are waited for. */
static void keys_come_to_us_when_nobody_of_the_command_is_left(void **state)
{
	struct pty *p = start_bash();
	pid_t init;

	(void)state;
	pty_type(p, "sh -c 'echo init $$.; exec sexton --on-exit=wait "
		    "sh -c \"setsid payload tty quiet & read x\"'\n");
	init = (pid_t)pty_number(p, "init ");
	pty_event(p, "ready tty");
	pty_type(p, "\n"); /* the end of the command */
	if (!pidns_refused("pidfd_open") && !pidns_refused("pidfd_send_signal") &&
	    !pidns_refused("pidfd_signal_group")) { /* else we cannot know, see job.h */
		pty_wait_foreground(p, init);
		pty_type(p, PTY_CTRL_C);
		pty_event(p, "caught INT");
	}
	pty_signal(p, init, SIGTERM);
	pty_event(p, "done tty");
	pty_prompt(p);
	end_shell(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PTY_TEST(ctrl_z_stops_command_and_init_and_fg_continues_both),
		PTY_TEST(bg_continues_both_in_the_background_and_fg_brings_them_back),
		PTY_TEST(keys_that_end_a_command_give_the_shell_its_status),
		PTY_TEST(a_background_start_leaves_the_terminal_to_the_shell),
		PTY_TEST(a_command_in_the_background_that_never_reads_is_left_alone),
		PTY_TEST(a_background_start_in_a_pid_namespace_leaves_the_terminal_to_the_shell),
		PTY_TEST(who_stops_a_background_command_does_not_make_us_deaf),
		PTY_TEST(the_other_end_of_a_pipeline_keeps_the_terminal),
		PTY_TEST(a_background_job_that_gets_the_foreground_while_it_runs_may_read),
		PTY_TEST(a_script_goes_on_reading_when_the_command_has_ended),
		PTY_TEST(ctrl_z_stops_the_script_around_us_too),
		PTY_TEST(a_shell_inside_has_jobs_of_its_own),
		PTY_TEST(nobody_stops_who_could_not_be_continued),
		PTY_TEST(keys_come_to_us_when_nobody_of_the_command_is_left),
	};

	return cmocka_run_group_tests_name("tty_jobs", tests, NULL, NULL);
}
