/* SPDX-License-Identifier: MIT */
/*
 * pidns.h - the real binary as the first process of a PID namespace of its own.
 *
 * Purpose: what all end-to-end tests share: start, listen, signal, look, and collect the end.
 * Environment: SEXTON, the binary under test; PAYLOAD, the program it runs (payload.c);
 *	SEXTON_E2E_WRAP, optional words put in front of the binary (a seccomp launcher, say).
 * Waiting: always for an event, never for time. What does not come within PIDNS_LIMIT_MS fails the
 *	test, with everything seen so far on stderr. Sanitizers and slow machines fit in easily.
 * Errors: every failure ends the test (cmocka's fail()); pidns_teardown() then ends the namespaces.
 * Next: payload.c (the lines that its processes write), test_article.c (the simplest user).
 */
#ifndef E2E_PIDNS_H
#define E2E_PIDNS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <sys/types.h>

#include <cmocka.h>

#define PIDNS_LIMIT_MS 60000

enum pidns_stream {
	PIDNS_PIPE,   /* stdin: /dev/null; stdout, stderr: read by the test */
	PIDNS_CLOSED, /* no descriptor there */
	PIDNS_BROKEN, /* a pipe that nobody reads */
};

struct pidns_options {
	bool subreaper; /* sexton is no PID 1: a stub that does nothing but wait(2) is */
	bool direct;    /* no sexton at all: the words are the command itself */
	bool user_ns;   /* root, too, makes a user namespace around the others */
	bool hide_proc; /* an empty directory is mounted over /proc */
	enum pidns_stream in, out, err;
	const char *const *env;     /* added to the environment, NULL-terminated */
	void (*prepare)(void *arg); /* runs right before the exec of sexton */
	void *arg;
};

/* For options.env, where a sanitizer would change what the test looks at or cannot work: it takes
 * the signals of a crash for itself, and needs /proc and a descriptor to look for leaks. */
#define PIDNS_NO_CRASH_HANDLERS                                                                    \
	"ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:handle_sigfpe=0:exitcode=99",                  \
		"TSAN_OPTIONS=handle_segv=0:handle_sigbus=0:handle_sigfpe=0:exitcode=99"
#define PIDNS_NO_LEAK_CHECK "LSAN_OPTIONS=detect_leaks=0"

/* What was read from one stream so far. */
struct pidns_text {
	int fd; /* -1: at its end */
	char *text;
	size_t used;
	size_t capacity;
};

struct pidns {
	pid_t host_pid;  /* sexton's PID outside */
	pid_t inner_pid; /* and inside: 1, or 2 as a subreaper */
	int pidfd;       /* of sexton */
	struct pidns_text events;
	struct pidns_text log;
	pid_t first;      /* PID 1 of the namespace, as we see it: sexton or the stub */
	int verdict;      /* subreaper: the stub's pipe */
	bool gone;        /* waited for */
	int escaped;      /* subreaper: processes that were orphaned past sexton */
	int left;         /* subreaper: how many were there when sexton had gone */
	int64_t ended_at; /* CLOCK_MONOTONIC ns, when sexton's end was seen */
};

/* pidns_start(&options or NULL, "word", ...): sexton's words, and the command's. The harness owns
 * what it returns: a failed test jumps out of its own stack frame. */
#define pidns_start(options, ...)                                                                  \
	pidns_start_words(options, (const char *const[]){ __VA_ARGS__, NULL })
struct pidns *pidns_start_words(const struct pidns_options *options, const char *const *words);

/* Does SEXTON_E2E_WRAP refuse this system call ("NAME=ERRNO" is a word of it)? */
bool pidns_refused(const char *call);

/* Path of the payload program. */
const char *pidns_payload(void);

/* cmocka teardown: ends and frees what the test left behind. */
int pidns_teardown(void **state);

/* A test of file @name with pidns_teardown. */
#define PIDNS_TEST(name) cmocka_unit_test_teardown(name, pidns_teardown)

/* Ends the namespace if it has not ended, and frees @ns. The teardown does it for those left. */
void pidns_kill(struct pidns *ns);

/* Waits for the @nth event line (from 1) that starts with the words of @format. */
const char *pidns_event(struct pidns *ns, int nth, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Waits for the @nth line of the log that contains @format's text. */
const char *pidns_log(struct pidns *ns, int nth, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* How many such lines there are by now. After pidns_end() that is all there ever were. */
int pidns_count(struct pidns *ns, const char *format, ...) __attribute__((format(printf, 2, 3)));
int pidns_log_count(struct pidns *ns, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The number behind " KEY=" in @line. */
int64_t pidns_field(const char *line, const char *key);

/* Does the first event with prefix @first stand before the first one with prefix @second? */
bool pidns_before(struct pidns *ns, const char *first, const char *second);
/* The same for lines of the log that contain these texts. */
bool pidns_log_before(struct pidns *ns, const char *first, const char *second);

void pidns_signal(struct pidns *ns, int sig);
void pidns_queue(struct pidns *ns, int sig, int value);
/* Signals another process of the namespace, by its number in there, from outside. */
void pidns_signal_inner(struct pidns *ns, pid_t inner, int sig);

/* Waits until sexton has gone: its exit code, or minus the signal that killed it. */
int pidns_end(struct pidns *ns);
/* The same, and fails if it is not @code. */
void pidns_end_with(struct pidns *ns, int code);

/* Fails if a process that reported "ready" did not report "done", or sexton said that it kills. */
void pidns_all_finished(struct pidns *ns);

/* Reads a file under /proc as the namespace sees it, e.g. "1/status"; NULL if it is not there. The
 * text is valid until the next call. */
const char *pidns_proc(struct pidns *ns, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Target of a link there; "" if it is not there. Valid until the next call. */
const char *pidns_link(struct pidns *ns, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The number behind "KEY:\t" in a status file, @base 10 or 16. */
uint64_t pidns_status(struct pidns *ns, pid_t inner, const char *key, int base);
/* Does sexton block @sig? May be asked from the first moment on. */
bool pidns_blocks(struct pidns *ns, int sig);
/* Zombies, and all processes, of the namespace now. */
int pidns_zombies(struct pidns *ns);
int pidns_processes(struct pidns *ns);
/* Looks until there are @n zombies: the kernel has no event for a death that is not ours. */
void pidns_wait_zombies(struct pidns *ns, int n);

/* Context switches of all threads of sexton so far; *ret_threads how many threads, all asleep. */
uint64_t pidns_switches(struct pidns *ns, int *ret_threads);

/* CLOCK_MONOTONIC in ns. */
int64_t pidns_now(void);

/* Prints events and log, and fails. */
void pidns_fail(struct pidns *ns, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));
#define pidns_assert(ns, condition)                                                                \
	do {                                                                                       \
		if (!(condition))                                                                  \
			pidns_fail(ns, "%s:%d: not so: %s", __FILE__, __LINE__, #condition);       \
	} while (0)

#endif
