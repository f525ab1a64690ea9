/* SPDX-License-Identifier: MIT */
/*
 * pty.h - a user at a terminal.
 *
 * Purpose: what the terminal tests share: a pseudo-terminal whose session leader is an interactive
 *	shell or sexton itself, hands that type, eyes that read the screen and look into /proc.
 * Session: the leader's words are found in a PATH that begins with the binary under test, under its
 *	own name and under all that it answers to, and with the payload as "payload". The terminal
 *	does not echo, so what stands on the screen is what programs wrote. The shells' prompt is
 *	PTY_PROMPT. SEXTON_E2E_WRAP's words stand in front of the leader's.
 * Events: what payloads say goes not to the screen but through a pipe, which a flush (Ctrl-C) or a
 *	hang-up leaves alone. It is at its end when nobody of the session is left.
 * Waiting: always for an event or a state, never for time; PIDNS_LIMIT_MS as in pidns.h.
 * Errors: every failure ends the test with screen and events on stderr; pty_teardown() ends the
 *	processes. One session at a time.
 * Next: tty_payload.c (what runs at the terminal), test_tty.c (the simplest user).
 */
#ifndef E2E_PTY_H
#define E2E_PTY_H

#include "pidns.h"

#define PTY_PROMPT "prompt> "

/* The shells that people have in containers, and the one at their desk. */
#define PTY_SH   "sh", "-i"
#define PTY_BASH "bash", "--norc", "--noprofile", "--noediting", "-i"

/* What the keys send. */
#define PTY_CTRL_C         "\x03"
#define PTY_CTRL_D         "\x04"
#define PTY_CTRL_Z         "\x1a"
#define PTY_CTRL_BACKSLASH "\x1c"

/* Descriptor of the events' pipe in the session. */
#define PTY_EVENTS_FD 7

struct pty {
	pid_t leader; /* of the session, in our numbers */
	int pidfd;    /* of it */
	int master;   /* -1: hung up */
	int events_fd;
	struct pidns_text screen;
	struct pidns_text events;
	size_t seen;  /* how far the screen was read by pty_screen() */
	size_t heard; /* the same of the events */
};

/*
 * Starts a session. Its leader's words are those of @way, cut at the blanks, and then the others.
 * @pid1: the leader is PID 1 of a namespace of its own, as with "docker run -t".
 */
#define pty_start(pid1, way, ...)                                                                  \
	pty_start_words(pid1, way, (const char *const[]){ __VA_ARGS__, NULL })
struct pty *pty_start_words(bool pid1, const char *way, const char *const *words);

/* cmocka teardown. */
int pty_teardown(void **state);
#define PTY_TEST(name) cmocka_unit_test_teardown(name, pty_teardown)

void pty_type(struct pty *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Types a line and waits for the prompt behind what it wrote. */
void pty_command(struct pty *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Types a line again and again until that stands between it and the prompt. */
void pty_command_until(struct pty *p, const char *line, const char *what);
void pty_resize(struct pty *p, int rows, int columns);
/* The user's window is closed. */
void pty_hang_up(struct pty *p);

/* Waits for text on the screen behind what was waited for before. */
void pty_screen(struct pty *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pty_prompt(struct pty *p);
/* Waits for @key, a number and a '.' behind what was waited for before; the number. */
long pty_number(struct pty *p, const char *key);

/* Waits for a line that starts with the words of @format behind what was waited for before. */
const char *pty_event(struct pty *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* How many such lines there are by now, from the first. */
int pty_event_count(struct pty *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Waits until process @pid of our /proc is in one of these states ("T", "SR"). */
void pty_wait_state(struct pty *p, pid_t pid, const char *states);
/* Waits until the terminal's foreground group is @pgid; returns it as it is now. */
void pty_wait_foreground(struct pty *p, pid_t pgid);
/* Waits until some other group is. */
void pty_wait_not_foreground(struct pty *p, pid_t pgid);
pid_t pty_foreground(struct pty *p);

void pty_signal(struct pty *p, pid_t pid, int sig);

/* Waits until the leader and all who heard of the events have gone: its exit code, or minus the
 * signal that killed it. The session is over then. */
int pty_end(struct pty *p);
/* The same, and fails if it is not @code. */
void pty_end_with(struct pty *p, int code);

/* Prints screen and events, and fails. */
void pty_fail(struct pty *p, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));
#define pty_assert(p, condition)                                                                   \
	do {                                                                                       \
		if (!(condition))                                                                  \
			pty_fail(p, "%s:%d: not so: %s", __FILE__, __LINE__, #condition);          \
	} while (0)

#endif
