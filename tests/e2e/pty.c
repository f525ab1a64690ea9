/* SPDX-License-Identifier: MIT */
/*
 * pty.c - type, read and look at a terminal. See pty.h; pty_launch.c starts the session.
 */
#include "pty.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* Formats the pattern of the calls below. */
#define FORMAT(buffer, format)                                                                     \
	do {                                                                                       \
		va_list args_;                                                                     \
		va_start(args_, format);                                                           \
		vsnprintf(buffer, sizeof(buffer), format, args_);                                  \
		va_end(args_);                                                                     \
	} while (0)

void pty_fail(struct pty *p, const char *format, ...)
{
	char message[512];

	FORMAT(message, format);
	fprintf(stderr, "--- screen, waited for up to %zu of %zu\n%.*s\n", p->seen, p->screen.used,
		(int)p->screen.used, p->screen.text ? p->screen.text : "");
	fprintf(stderr, "--- events\n%.*s---\n", (int)p->events.used,
		p->events.text ? p->events.text : "");
	fail_msg("%s", message);
	abort(); /* fail_msg() does not return, but does not say so */
}

static int64_t limit(void)
{
	return pidns_now() + (int64_t)PIDNS_LIMIT_MS * 1000000;
}

/* Takes what is there. A terminal nobody has open any more answers EIO. */
static void take(struct pty *p, struct pidns_text *text)
{
	ssize_t n;

	if (text->capacity - text->used < 4096) {
		text->capacity = text->capacity * 2 + 16384;
		text->text = realloc(text->text, text->capacity);
	}
	if (!text->text)
		pty_fail(p, "out of memory");
	n = read(text->fd, text->text + text->used, text->capacity - text->used - 1);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0)
		text->used += (size_t)n;
	else
		text->fd = -1; /* closed with the session */
	text->text[text->used] = '\0';
}

/* Takes in what comes, waiting until the time @until for it. False when that is over. */
static bool pump(struct pty *p, int64_t until, bool for_end)
{
	struct pollfd fds[] = {
		{ .fd = p->screen.fd, .events = POLLIN },
		{ .fd = p->events.fd, .events = POLLIN },
		{ .fd = for_end ? p->pidfd : -1, .events = POLLIN },
	};
	int64_t rest = (until - pidns_now()) / 1000000;

	if (poll(fds, 3, rest < 0 ? 0 : (int)rest) < 0 && errno != EINTR)
		pty_fail(p, "poll: %s", strerror(errno));
	if (fds[0].revents)
		take(p, &p->screen);
	if (fds[1].revents)
		take(p, &p->events);
	return rest >= 0;
}

void pty_type(struct pty *p, const char *format, ...)
{
	char keys[1024];

	FORMAT(keys, format);
	if (write(p->master, keys, strlen(keys)) != (ssize_t)strlen(keys))
		pty_fail(p, "type: %s", strerror(errno));
}

void pty_command(struct pty *p, const char *format, ...)
{
	char line[1024];

	FORMAT(line, format);
	pty_type(p, "%s\n", line);
	pty_prompt(p);
}

void pty_command_until(struct pty *p, const char *line, const char *what)
{
	int64_t until = limit();
	const char *hit;
	size_t start;

	do {
		start = p->seen;
		pty_command(p, "%s", line);
		hit = strstr(p->screen.text + start, what);
		if (pidns_now() > until)
			pty_fail(p, "'%s' never says '%s'", line, what);
	} while (!hit || hit > p->screen.text + p->seen);
}

void pty_resize(struct pty *p, int rows, int columns)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };

	if (ioctl(p->master, TIOCSWINSZ, &size) < 0)
		pty_fail(p, "resize: %s", strerror(errno));
}

void pty_hang_up(struct pty *p)
{
	close(p->master);
	p->master = p->screen.fd = -1;
}

void pty_screen(struct pty *p, const char *format, ...)
{
	int64_t until = limit();
	char what[256];

	FORMAT(what, format);
	for (;;) {
		const char *hit = p->screen.text ? strstr(p->screen.text + p->seen, what) : NULL;

		if (hit) {
			p->seen = (size_t)(hit - p->screen.text) + strlen(what);
			return;
		}
		if (p->screen.fd < 0)
			pty_fail(p, "the screen is dark; '%s' did not come", what);
		if (!pump(p, until, false))
			pty_fail(p, "waited too long for '%s'", what);
	}
}

void pty_prompt(struct pty *p)
{
	pty_screen(p, "%s", PTY_PROMPT);
}

long pty_number(struct pty *p, const char *key)
{
	size_t start;

	pty_screen(p, "%s", key);
	start = p->seen;
	pty_screen(p, ".");
	return strtol(p->screen.text + start, NULL, 10);
}

/* Finds the first whole line from @line on that starts with @what; a prefix ends where a word does. */
static const char *find_event(const char *line, const char *what)
{
	size_t length = strlen(what);

	for (; line && strchr(line, '\n'); line = strchr(line, '\n') + 1)
		if (strncmp(line, what, length) == 0 && isspace((int)line[length]))
			return line;
	return NULL;
}

const char *pty_event(struct pty *p, const char *format, ...)
{
	int64_t until = limit();
	char what[256];

	FORMAT(what, format);
	for (;;) {
		const char *start = p->events.text ? p->events.text + p->heard : NULL;
		const char *line = find_event(start, what);

		if (line) {
			p->heard = (size_t)(strchr(line, '\n') + 1 - p->events.text);
			return line;
		}
		if (p->events.fd < 0)
			pty_fail(p, "all have gone; event '%s' did not come", what);
		if (!pump(p, until, false))
			pty_fail(p, "waited too long for event '%s'", what);
	}
}

int pty_event_count(struct pty *p, const char *format, ...)
{
	const char *line = p->events.text;
	char what[256];
	int count = 0;

	FORMAT(what, format);
	while ((line = find_event(line, what))) {
		line = strchr(line, '\n') + 1;
		count++;
	}
	return count;
}

/* The state letter of /proc/PID/stat; 0 if there is no such process. */
static char state_of(pid_t pid)
{
	char path[64];
	char text[512];
	const char *paren;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	paren = strrchr(text, ')');
	return paren ? paren[2] : '\0';
}

void pty_wait_state(struct pty *p, pid_t pid, const char *states)
{
	int64_t until = limit();
	char state;

	while (!(state = state_of(pid)) || !strchr(states, state)) {
		if (!pump(p, 0, false) && pidns_now() > until)
			pty_fail(p, "process %d is in state %c, not %s", (int)pid,
				 state ? state : '-', states);
		sched_yield();
	}
}

pid_t pty_foreground(struct pty *p)
{
	return tcgetpgrp(p->master);
}

void pty_wait_foreground(struct pty *p, pid_t pgid)
{
	int64_t until = limit();

	while (pty_foreground(p) != pgid) {
		if (!pump(p, 0, false) && pidns_now() > until)
			pty_fail(p, "group %d is in the foreground, not %d", (int)pty_foreground(p),
				 (int)pgid);
		sched_yield();
	}
}

void pty_wait_not_foreground(struct pty *p, pid_t pgid)
{
	int64_t until = limit();

	while (pty_foreground(p) == pgid) {
		if (!pump(p, 0, false) && pidns_now() > until)
			pty_fail(p, "group %d is still in the foreground", (int)pgid);
		sched_yield();
	}
}

void pty_signal(struct pty *p, pid_t pid, int sig)
{
	if (kill(pid, sig) < 0)
		pty_fail(p, "signal %d to process %d: %s", sig, (int)pid, strerror(errno));
}

int pty_end(struct pty *p)
{
	struct pollfd end = { .fd = p->pidfd, .events = POLLIN };
	int64_t until = limit();
	int status;

	while (p->events.fd >= 0 || poll(&end, 1, 0) == 0) {
		if (!pump(p, until, p->events.fd < 0))
			pty_fail(p, "the session does not end");
	}
	if (waitpid(p->leader, &status, 0) != p->leader)
		pty_fail(p, "waitpid: %s", strerror(errno));
	while (p->screen.fd >= 0 && pump(p, until, false))
		; /* its last words, up to EIO: nobody has the terminal open now */
	p->leader = 0;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

void pty_end_with(struct pty *p, int code)
{
	int got = pty_end(p);

	if (got != code)
		pty_fail(p, "the session ended with %d, should be %d", got, code);
	pty_teardown(NULL);
}
