/* SPDX-License-Identifier: MIT */
/*
 * pidns.c - listen to, signal and look into a namespace. See pidns.h; launch.c starts it.
 */
#include "pidns.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launch.h"

#define LIVE_MAX 64

static struct pidns *live[LIVE_MAX]; /* what a failed test leaves behind */

int64_t pidns_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void dump(const char *title, const struct pidns_text *text)
{
	fprintf(stderr, "--- %s\n%.*s", title, (int)text->used, text->text ? text->text : "");
}

void pidns_fail(struct pidns *ns, const char *format, ...)
{
	va_list args;
	char message[512];

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	dump("events", &ns->events);
	dump("log", &ns->log);
	fprintf(stderr, "---\n");
	fail_msg("%s", message);
	abort(); /* fail_msg() does not return, but does not say so */
}

const char *pidns_payload(void)
{
	const char *path = getenv("PAYLOAD");

	if (!path || access(path, X_OK) < 0)
		fail_msg("PAYLOAD does not name the payload program");
	return path;
}

bool pidns_refused(const char *call)
{
	const char *wrap = getenv("SEXTON_E2E_WRAP");
	char what[64];

	snprintf(what, sizeof(what), " %s=", call);
	return wrap && strstr(wrap, what);
}

struct pidns *pidns_start_words(const struct pidns_options *options, const char *const *words)
{
	static const struct pidns_options plain;
	struct pidns *ns = calloc(1, sizeof(*ns));

	for (int i = 0; ns && i < LIVE_MAX; i++) {
		if (live[i])
			continue;
		live[i] = ns;
		launch(ns, options ? options : &plain, words);
		return ns;
	}
	free(ns);
	fail_msg("no room for another namespace");
	abort();
}

static void forget(struct pidns *ns)
{
	for (int i = 0; i < LIVE_MAX; i++)
		if (live[i] == ns)
			live[i] = NULL;
}

void pidns_kill(struct pidns *ns)
{
	if (!ns->gone && ns->first > 0) {
		kill(ns->first, SIGKILL);
		waitpid(ns->first, NULL, 0);
	}
	for (int i = 0; i < 2; i++) {
		struct pidns_text *text = i ? &ns->log : &ns->events;

		if (text->fd > 0)
			close(text->fd);
		free(text->text);
	}
	if (ns->pidfd > 0)
		close(ns->pidfd);
	if (ns->verdict > 0)
		close(ns->verdict);
	forget(ns);
	free(ns);
}

int pidns_teardown(void **state)
{
	(void)state;
	for (int i = 0; i < LIVE_MAX; i++)
		if (live[i])
			pidns_kill(live[i]);
	return 0;
}

/* Takes what is there; at the end of the stream the descriptor is closed. */
static void take(struct pidns_text *text)
{
	ssize_t n;

	if (text->capacity - text->used < 65536) {
		text->capacity = text->capacity * 2 + 131072;
		text->text = realloc(text->text, text->capacity);
	}
	if (!text->text) {
		fail_msg("out of memory");
		abort();
	}
	n = read(text->fd, text->text + text->used, text->capacity - text->used - 1);
	if (n > 0)
		text->used += (size_t)n;
	text->text[text->used] = '\0';
	if (n == 0) {
		close(text->fd);
		text->fd = -1;
	}
}

/* Waits for more text or for sexton's end, and takes it in. False when the limit is over. */
static bool pump(struct pidns *ns, int64_t until, bool for_end)
{
	struct pollfd fds[] = {
		{ .fd = ns->events.fd, .events = POLLIN },
		{ .fd = ns->log.fd, .events = POLLIN },
		{ .fd = for_end && !ns->ended_at ? ns->pidfd : -1, .events = POLLIN },
	};
	int64_t rest = (until - pidns_now()) / 1000000;

	if (rest < 0)
		return false;
	if (poll(fds, 3, (int)rest) < 0 && errno != EINTR)
		fail_msg("poll: %s", strerror(errno));
	if (fds[2].revents)
		ns->ended_at = pidns_now();
	if (fds[0].revents)
		take(&ns->events);
	if (fds[1].revents)
		take(&ns->log);
	return true;
}

/*
 * Finds the @nth line that starts with @what (@anywhere: that contains it), and puts the number of
 * such lines seen until then in *ret_count. A prefix ends at the end of a word.
 */
static const char *find(const struct pidns_text *text, int nth, const char *what, bool anywhere,
			int *ret_count)
{
	size_t length = strlen(what);
	const char *line = text->text;
	int count = 0;

	*ret_count = 0;
	while (line && *line) {
		const char *end = strchr(line, '\n');
		const char *hit = NULL;

		if (!end)
			break;
		if (anywhere)
			hit = memmem(line, (size_t)(end - line), what, length);
		else if (strncmp(line, what, length) == 0 && isspace((int)line[length]))
			hit = line;
		if (hit)
			*ret_count = ++count;
		if (hit && count == nth)
			return line;
		line = end + 1;
	}
	return NULL;
}

static const char *wait_line(struct pidns *ns, struct pidns_text *text, int nth, const char *what)
{
	int64_t until = pidns_now() + (int64_t)PIDNS_LIMIT_MS * 1000000;
	bool anywhere = text == &ns->log;
	int count;

	for (;;) {
		const char *line = find(text, nth, what, anywhere, &count);

		if (line)
			return line;
		if (text->fd < 0)
			pidns_fail(ns, "all have gone; line '%s' came %d of %d times", what, count,
				   nth);
		if (!pump(ns, until, false))
			pidns_fail(ns, "waited too long for line '%s', came %d of %d times", what,
				   count, nth);
	}
}

/* Formats the pattern of the calls below. */
#define FORMAT(buffer, format)                                                                     \
	do {                                                                                       \
		va_list args_;                                                                     \
		va_start(args_, format);                                                           \
		vsnprintf(buffer, sizeof(buffer), format, args_);                                  \
		va_end(args_);                                                                     \
	} while (0)

const char *pidns_event(struct pidns *ns, int nth, const char *format, ...)
{
	char what[256];

	FORMAT(what, format);
	return wait_line(ns, &ns->events, nth, what);
}

const char *pidns_log(struct pidns *ns, int nth, const char *format, ...)
{
	char what[256];

	FORMAT(what, format);
	return wait_line(ns, &ns->log, nth, what);
}

int pidns_count(struct pidns *ns, const char *format, ...)
{
	char what[256];
	int count;

	FORMAT(what, format);
	find(&ns->events, -1, what, false, &count);
	return count;
}

int pidns_log_count(struct pidns *ns, const char *format, ...)
{
	char what[256];
	int count;

	FORMAT(what, format);
	find(&ns->log, -1, what, true, &count);
	return count;
}

int64_t pidns_field(const char *line, const char *key)
{
	char what[64];
	const char *end = strchr(line, '\n');
	const char *hit;

	snprintf(what, sizeof(what), " %s=", key);
	hit = memmem(line, end ? (size_t)(end - line) : strlen(line), what, strlen(what));
	if (!hit) {
		fail_msg("no %s= in: %.*s", key, (int)(end ? end - line : 200), line);
		abort();
	}
	return strtoll(hit + strlen(what), NULL, 10);
}

static bool is_before(const struct pidns_text *text, const char *first, const char *second,
		      bool anywhere)
{
	int count;
	const char *a = find(text, 1, first, anywhere, &count);
	const char *b = find(text, 1, second, anywhere, &count);

	return a && b && a < b;
}

bool pidns_before(struct pidns *ns, const char *first, const char *second)
{
	return is_before(&ns->events, first, second, false);
}

bool pidns_log_before(struct pidns *ns, const char *first, const char *second)
{
	return is_before(&ns->log, first, second, true);
}

void pidns_signal(struct pidns *ns, int sig)
{
	if (syscall(SYS_pidfd_send_signal, ns->pidfd, sig, NULL, 0) < 0)
		pidns_fail(ns, "signal %d to sexton: %s", sig, strerror(errno));
}

void pidns_queue(struct pidns *ns, int sig, int value)
{
	/* By number: nobody waits for sexton before the test does. */
	if (sigqueue(ns->host_pid, sig, (union sigval){ .sival_int = value }) < 0)
		pidns_fail(ns, "queue signal %d to sexton: %s", sig, strerror(errno));
}

int pidns_end(struct pidns *ns)
{
	int64_t until = pidns_now() + (int64_t)PIDNS_LIMIT_MS * 1000000;
	struct launch_verdict verdict = { 0 };
	int status;

	while (!ns->ended_at || ns->events.fd >= 0 || ns->log.fd >= 0)
		if (!pump(ns, until, true))
			pidns_fail(ns, "sexton is still there");
	if (waitpid(ns->first, &status, 0) != ns->first)
		fail_msg("waitpid: %s", strerror(errno));
	ns->gone = true;
	if (ns->verdict > 0) {
		if (read(ns->verdict, &verdict, sizeof(verdict)) != sizeof(verdict))
			pidns_fail(ns, "the stub said nothing");
		status = verdict.status;
		ns->escaped = verdict.escaped;
		ns->left = verdict.left;
	}
	/* The texts stay for the test to look at; the teardown frees them. */
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

void pidns_end_with(struct pidns *ns, int code)
{
	int got = pidns_end(ns);

	if (got != code)
		pidns_fail(ns, "sexton ended with %d, should be %d", got, code);
	if (ns->escaped || ns->left)
		pidns_fail(ns, "%d escaped, %d left behind", ns->escaped, ns->left);
}

void pidns_all_finished(struct pidns *ns)
{
	const char *line;
	char name[32];
	int count;

	for (int i = 1; (line = find(&ns->events, i, "ready", false, &count)); i++) {
		sscanf(line, "ready %31s", name);
		if (pidns_count(ns, "done %s", name) != 1)
			pidns_fail(ns, "%s did not come to its own end", name);
	}
	if (pidns_log_count(ns, "killing pid"))
		pidns_fail(ns, "sexton killed somebody");
}
