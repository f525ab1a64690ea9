/* SPDX-License-Identifier: MIT */
/*
 * test_tty_session.c - a session of its own for the command (dumb-init's way), or no group of its
 * own at all.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "pty.h"

/* With a session, and with our own group. */
static const char *const session_ways[] = { "dumb-init", "sexton --setsid" };
static const char *const group_ways[] = { "dumb-init -c", "sexton --no-group" };

static const int suspend_signals[] = { SIGTSTP, SIGTTIN, SIGTTOU };

/* The command at the terminal, and the init in front of it. */
struct job {
	pid_t pid;
	pid_t init;
};

static struct job wait_job(struct pty *p)
{
	const char *line = pty_event(p, "ready tty");

	return (struct job){ .pid = (pid_t)pidns_field(line, "pid"),
			     .init = (pid_t)pidns_field(line, "ppid") };
}

static struct pty *start_job(const char *way, const char *command, struct job *ret_job)
{
	struct pty *p = pty_start(false, "", PTY_BASH);

	pty_prompt(p);
	pty_type(p, "%s %s\n", way, command);
	*ret_job = wait_job(p);
	return p;
}

/* A signal to the init, forwarded after all that came before it and had a lower number. */
static void fence(struct pty *p, const struct job *job)
{
	pty_signal(p, job->init, SIGPWR);
	pty_event(p, "caught PWR");
}

static void end_job(struct pty *p, const struct job *job)
{
	pty_signal(p, job->init, SIGTERM);
	pty_event(p, "done tty");
	pty_prompt(p);
	pty_assert(p, pty_foreground(p) == p->leader);
	pty_type(p, "exit $?\n");
	pty_end_with(p, 0);
}

/* The init leads the session, and no shell is there to hear of a stop. */
static struct pty *start_alone(const char *way, const char *option, struct job *ret_job)
{
	struct pty *p = pty_start(false, way, "payload", "tty", "quiet", option);

	*ret_job = wait_job(p);
	return p;
}

static void end_alone(struct pty *p, const struct job *job)
{
	pty_signal(p, job->init, SIGTERM);
	pty_event(p, "done tty");
	pty_end_with(p, 0);
}

static void wait_both(struct pty *p, const struct job *job, const char *states)
{
	pty_wait_state(p, job->pid, states);
	pty_wait_state(p, job->init, states);
}

static void check_job_control(const char *way)
{
	struct job job;
	struct pty *p = start_job(way, "payload tty", &job);

	pty_type(p, "one\n");
	pty_event(p, "got one");
	for (int i = 1; i <= 3; i++) {
		pty_type(p, PTY_CTRL_Z);
		pty_screen(p, "Stopped");
		pty_prompt(p);
		wait_both(p, &job, "T");
		pty_command(p, "echo mine");
		pty_type(p, "fg\n");
		pty_event(p, "caught CONT");
		pty_type(p, "two %d\n", i);
		pty_event(p, "got two %d", i);
		/* In our group CONT comes twice, the second time through the init: it must not undo
		 * the next Ctrl-Z. */
		fence(p, &job);
	}
	end_job(p, &job);
}

static void ctrl_z_stops_command_and_init_and_fg_continues_both(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		check_job_control(session_ways[i]);
		check_job_control(group_ways[i]);
	}
}

static void check_background(const char *way)
{
	struct job job;
	struct pty *p = start_job(way, "payload tty quiet", &job);

	pty_type(p, PTY_CTRL_Z);
	pty_screen(p, "Stopped");
	pty_prompt(p);
	pty_command(p, "bg");
	pty_event(p, "caught CONT");
	wait_both(p, &job, "S");
	pty_command(p, "echo mine");
	pty_type(p, "fg\n");
	pty_wait_not_foreground(p, p->leader);
	pty_type(p, PTY_CTRL_C);
	pty_event(p, "caught INT");
	end_job(p, &job);
}

static void bg_continues_both_in_the_background(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		check_background(session_ways[i]);
		check_background(group_ways[i]);
	}
}

static void keys_that_end_a_command_give_the_shell_its_status(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		const char *way = i < 2 ? session_ways[i] : group_ways[i - 2];
		struct pty *p = pty_start(false, "", PTY_BASH);

		pty_prompt(p);
		pty_type(p, "%s cat\nhello\n", way);
		pty_screen(p, "hello\n");
		pty_type(p, PTY_CTRL_C);
		pty_prompt(p);
		pty_type(p, "echo code $?\n");
		pty_screen(p, "code 130\n");
		pty_prompt(p);
		pty_type(p, "%s cat\nhello\n", way);
		pty_screen(p, "hello\n");
		pty_type(p, PTY_CTRL_BACKSLASH);
		pty_prompt(p);
		pty_type(p, "echo code $?\n");
		pty_screen(p, "code 131\n");
		pty_prompt(p);
		pty_type(p, "sh -c '%s true; read x; echo got $x'\nhello\n", way);
		pty_screen(p, "got hello\n");
		pty_prompt(p);
		pty_type(p, "exit\n");
		(void)pty_end(p);
		pty_teardown(NULL);
	}
}

static void a_signal_to_suspend_stops_the_session_and_the_init(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct job job;
		struct pty *p = start_alone(session_ways[i], NULL, &job);

		for (int k = 0; k < 3; k++) {
			pty_signal(p, job.init, suspend_signals[k]);
			wait_both(p, &job, "T");
			pty_signal(p, job.init, SIGCONT);
			pty_event(p, "caught CONT");
			wait_both(p, &job, "S");
		}
		pty_assert(p, pty_event_count(p, "caught CONT") == 3);
		end_alone(p, &job);
	}
}

static void a_signal_to_suspend_may_be_rewritten_and_the_init_stops_all_the_same(void **state)
{
	static const char *const ways[] = {
		"dumb-init -r 20:1 -r 21:10 -r 22:2",
		"sexton --setsid --rewrite TSTP:HUP --rewrite TTIN:USR1 --rewrite TTOU:INT",
	};
	static const char *const become[] = { "HUP", "USR1", "INT" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct job job;
		struct pty *p = start_alone(ways[i], NULL, &job);

		for (int k = 0; k < 3; k++) {
			pty_signal(p, job.init, suspend_signals[k]);
			pty_event(p, "caught %s", become[k]);
			pty_wait_state(p, job.init, "T");
			pty_wait_state(p, job.pid, "S");
			pty_signal(p, job.init, SIGCONT);
			pty_event(p, "caught CONT");
		}
		end_alone(p, &job);
	}
}

static void in_our_group_a_signal_to_suspend_is_forwarded_as_it_is(void **state)
{
	static const char *const names[] = { "TSTP", "TTIN", "TTOU" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct job job;
		struct pty *p = start_alone(group_ways[i], "stops", &job);

		for (int k = 0; k < 3; k++) {
			pty_signal(p, job.init, suspend_signals[k]);
			pty_event(p, "caught %s", names[k]);
			pty_wait_state(p, job.init, "T");
			pty_wait_state(p, job.pid, "S");
			pty_signal(p, job.init, SIGCONT);
			pty_event(p, "caught CONT");
		}
		end_alone(p, &job);
	}
}

static void a_background_start_does_not_take_the_terminal(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		const char *way = i < 2 ? session_ways[i] : group_ways[i - 2];
		struct job job;
		struct pty *p = start_job(way, "payload tty quiet &", &job);

		pty_prompt(p);
		pty_assert(p, pty_foreground(p) == p->leader);
		pty_type(p, PTY_CTRL_C); /* the shell's */
		pty_prompt(p);
		pty_command(p, "echo mine");
		fence(p, &job);
		pty_assert(p, pty_event_count(p, "caught INT") == 0);
		pty_command(p, "kill %%1");
		pty_event(p, "caught TERM");
		pty_type(p, "wait; exit 7\n");
		pty_end_with(p, 7);
	}
}

static void without_a_group_a_key_arrives_once(void **state)
{
	struct job job;
	struct pty *p = start_job("sexton --no-group", "payload tty", &job);

	(void)state;
	/* Two that come at the same time are one: it takes some to see that there are two. */
	for (int i = 1; i <= 20; i++) {
		pty_type(p, PTY_CTRL_C);
		pty_event(p, "caught INT");
		pty_type(p, PTY_CTRL_BACKSLASH);
		pty_event(p, "caught QUIT");
		pty_resize(p, 50, 100 + i);
		pty_event(p, "caught WINCH");
		fence(p, &job);
		pty_assert(p, pty_event_count(p, "caught INT") == i);
		pty_assert(p, pty_event_count(p, "caught QUIT") == i);
		pty_assert(p, pty_event_count(p, "caught WINCH") == i);
	}
	end_job(p, &job);
}

/* The shell's terminal: nobody may end up stopped where nobody can say "fg". */
static void without_a_group_nobody_stops_who_could_not_be_continued(void **state)
{
	struct pty *p = pty_start(false, "sexton --no-group", "payload", "tty");
	struct job job = wait_job(p);

	(void)state;
	for (int k = 1; k <= 3; k++) {
		pty_type(p, PTY_CTRL_Z);
		pty_type(p, "line %d\n", k);
		pty_event(p, "got line %d", k);
		fence(p, &job);
	}
	pty_type(p, PTY_CTRL_D);
	pty_end_with(p, 0);
}

/* We led the terminal's session: the kernel hangs us up when we leave it (ioctl_tty(2)). */
static void check_hand_off(bool pid1, const char *way, const char *text_hup, const char *text_cont)
{
	struct pty *p = pty_start(pid1, way, "payload", "tty");

	pty_event(p, "ready tty");
	pty_screen(p, "%s", text_hup);
	pty_screen(p, "%s", text_cont);
	pty_signal(p, p->leader, SIGPWR);
	pty_event(p, "caught PWR");
	pty_assert(p, pty_event_count(p, "caught HUP") == 0);
	pty_assert(p, pty_event_count(p, "caught CONT") == 0);
	/* What a user sends is forwarded. */
	pty_signal(p, p->leader, SIGHUP);
	pty_event(p, "caught HUP");
	pty_signal(p, p->leader, SIGCONT);
	pty_event(p, "caught CONT");
	pty_type(p, PTY_CTRL_D);
	pty_end_with(p, 0);
}

static void the_hang_up_of_the_hand_off_is_swallowed_and_told(void **state)
{
	(void)state;
	for (int pid1 = 0; pid1 < 2; pid1++) {
		check_hand_off(pid1, "dumb-init -v",
			       "[dumb-init] Ignoring tty hand-off signal 1.\n",
			       "[dumb-init] Ignoring tty hand-off signal 18.\n");
		check_hand_off(pid1, "sexton -v --setsid",
			       "sexton: HUP is the terminal's that we left: not forwarded\n",
			       "sexton: CONT is the terminal's that we left: not forwarded\n");
	}
}

/* With "never" the terminal stays with us: keys come through us, and once. */
static void with_never_the_foreground_stays_with_us(void **state)
{
	struct job job;
	struct pty *p = start_job("sexton --tty=never", "payload tty quiet", &job);

	(void)state;
	pty_assert(p, pty_foreground(p) == job.init);
	pty_type(p, PTY_CTRL_C);
	pty_event(p, "caught INT");
	fence(p, &job);
	pty_assert(p, pty_event_count(p, "caught INT") == 1);
	end_job(p, &job);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PTY_TEST(ctrl_z_stops_command_and_init_and_fg_continues_both),
		PTY_TEST(bg_continues_both_in_the_background),
		PTY_TEST(keys_that_end_a_command_give_the_shell_its_status),
		PTY_TEST(a_signal_to_suspend_stops_the_session_and_the_init),
		PTY_TEST(a_signal_to_suspend_may_be_rewritten_and_the_init_stops_all_the_same),
		PTY_TEST(in_our_group_a_signal_to_suspend_is_forwarded_as_it_is),
		PTY_TEST(a_background_start_does_not_take_the_terminal),
		PTY_TEST(without_a_group_a_key_arrives_once),
		PTY_TEST(without_a_group_nobody_stops_who_could_not_be_continued),
		PTY_TEST(the_hang_up_of_the_hand_off_is_swallowed_and_told),
		PTY_TEST(with_never_the_foreground_stays_with_us),
	};

	return cmocka_run_group_tests_name("tty_session", tests, NULL, NULL);
}
