/* SPDX-License-Identifier: MIT */
/*
 * log.h - one write(2) a line, to stderr.
 *
 * Purpose: the only way sexton speaks once it is running. No stdio, no malloc, no locale. Never
 *	stdout: that is the command's.
 * Owner: the process (the level is one of the two global variables). Main thread only; the reaper
 *	says nothing, it posts facts.
 * Errors: ignored. A stderr that is closed, full or a broken pipe is no reason for PID 1 to
 *	stumble or wait: a line that does not go out at once is dropped. The SIGPIPE it may raise
 *	is dropped by the loop (si_pid is our own).
 */
#ifndef SEXTON_LOG_H
#define SEXTON_LOG_H

enum log_level {
	LOG_WARN,  /* always: something the user should know */
	LOG_INFO,  /* -v: what happens */
	LOG_DEBUG, /* -vv: every burial */
};

/* Lines above @verbosity are dropped from now on. */
void log_set_verbosity(int verbosity);

/*
 * Writes "sexton: " + the message + newline in one write(2), cut at 512 bytes. @format knows %s
 * (NULL prints "(null)"), %d (int), %u (unsigned int), %l (int64_t) and %%. Control characters in
 * the message are printed as '?': a process name must not forge a line.
 */
void log_line(enum log_level level, const char *format, ...) __attribute__((cold));

/* Is anything logged at @level? To leave out work that only a log line needs. */
int log_enabled(enum log_level level);

#endif
