/* SPDX-License-Identifier: MIT */
/*
 * log.h - one write(2) a line.
 *
 * Purpose: the only way sexton speaks once it is running. No stdio, no malloc, no locale. What
 *	happens is said as a fact (log_say()), in the words of a voice: our own, or those of the
 *	init whose name we answer to, whose users read them to the letter. What only we have to
 *	say is a line (log_line()). To stderr, for stdout is the command's; a voice whose original
 *	spoke to stdout does so too.
 * Owner: the process (voice and levels are global). Set at start-up, before the fork; then main
 *	thread only, and the child until its exec. The reaper says nothing, it posts facts.
 * Errors: ignored. A stream that is closed, full or a broken pipe is no reason for PID 1 to
 *	stumble or wait: a line that does not go out within a twentieth of a
 *	second is dropped, and the next ones do not wait until one does go out. The SIGPIPE it may raise
 *	is dropped by the loop (si_pid is our own).
 * Next: voice.c (our own words), cli_tini.c and its neighbours (those of others).
 */
#ifndef SEXTON_LOG_H
#define SEXTON_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Our own levels, for log_line(). */
enum log_level {
	LOG_WARN,  /* always: something the user should know */
	LOG_INFO,  /* -v: what happens */
	LOG_DEBUG, /* -vv: every burial */
};

/* What can be said in somebody's own words, and what the fact then holds. */
#define LOG_SAYINGS(X)                                                                             \
	X(SUBREAPER)          /* orphans will come to us */                                        \
	X(NO_REAPING)         /* they will not: neither PID 1 nor a subreaper */                   \
	X(LEFT_TTY)           /* we led its session; the hand-off's HUP and CONT are expected */   \
	X(LEFT_TTY_LED)       /* somebody else leads its session */                                \
	X(TTY_NOT_LEFT)       /* .err */                                                           \
	X(STEPPING_ASIDE)     /* .text the command, an init itself */                              \
	X(FORK_FAILED)        /* .text the command, .err */                                        \
	X(SPAWNED)            /* .text the command, .pid */                                        \
	X(NO_CONTROLLING_TTY) /* in the child: stdin's is tried; .err */                           \
	X(NO_TTY)             /* in the child: there is none to hand over; .err */                 \
	X(TTY_NOT_ATTACHED)   /* in the child, a new session: .err */                              \
	X(NEW_SESSION)        /* in the child: done */                                             \
	X(EXEC_FAILED)        /* in the child: .text the command, .err */                          \
	X(SIGNAL)             /* .sig was taken */                                                 \
	X(PASSING)            /* .sig, as rewritten, is about to be sent on */                     \
	X(SIGNAL_OF_HANDOFF)  /* .sig is the terminal's, and swallowed */                          \
	X(SIGNAL_REWRITTEN)   /* .sig, .to (0: dropped) */                                         \
	X(SIGNAL_DROPPED)     /* .sig is rewritten to none */                                      \
	X(FORWARDED)          /* .sig, .pid */                                                     \
	X(FORWARD_TOO_LATE)   /* .sig, .pid is dead */                                             \
	X(FORWARD_REFUSED)    /* .sig, .pid, .err */                                               \
	X(SUSPENDING)         /* we stop ourselves */                                              \
	X(CHILDREN_DIED)      /* one or more burials follow */                                     \
	X(MAIN_EXITED)        /* .pid, .code */                                                    \
	X(MAIN_KILLED)        /* .pid, .sig, .core, .code 128 + signal */                          \
	X(HEIR_EXITED)        /* another child; .pid, .code */                                     \
	X(HEIR_KILLED)        /* .pid, .sig, .core, .code */                                       \
	X(REAPED_EXITED)      /* the same, where the user wants to be warned of each */            \
	X(REAPED_KILLED)                                                                           \
	X(NONE_DEAD)  /* no more burials now, some live */                                         \
	X(NONE_LEFT)  /* no child is left */                                                       \
	X(PAUSE_ENDS) /* .sig ends the pause */                                                    \
	X(LEAVING)    /* .code */

#define LOG_X(name) LOG_##name,
enum log_saying { LOG_SAYINGS(LOG_X) LOG_SAYING_COUNT };
#undef LOG_X

struct log_fact {
	pid_t pid;
	int sig;
	int to;
	int code;
	int err; /* positive errno */
	bool core;
	const char *text;
};

/* The levels of a voice, and how a line of each begins and where it goes. */
#define LOG_TONES 5

struct log_tone {
	const char *prefix; /* a template, see below */
	int fd;
};

/*
 * One line. A template is written as it stands, but for: %p .pid, %n .sig, %N its short name
 * (TERM), %D its description (Terminated), %t .to, %c .code, %e .err, %E its words, %s .text,
 * %C " (core dumped)" if .core, %P our own PID, %% a per cent sign. What the user wrote (%s) has
 * its control characters masked.
 */
struct log_words {
	unsigned char saying; /* enum log_saying */
	unsigned char tone;
	const char *text;
};

/* A list of them, as a voice has it, ends with this. */
#define LOG_END_OF_WORDS                                                                           \
	{                                                                                          \
		LOG_SAYING_COUNT, 0, NULL                                                          \
	}

struct log_voice {
	struct log_tone tones[LOG_TONES];
	int warning; /* the tone of log_line(LOG_WARN, ...), which is heard at any level */
	/* Its lines: none, one or more for a fact, in this order. Few facts have any, so it is a list. */
	const struct log_words *says;
};

/* Our own: tones are enum log_level. */
extern const struct log_voice log_own_voice;

/*
 * From now on facts are told by @voice (NULL: our own), up to and including tone @level. Our own
 * lines are heard up to @verbosity, and so are our own facts.
 */
void log_set(const struct log_voice *voice, int level, int verbosity);

/* In a child that has nothing left to do but to speak: its lines may wait for a second. */
void log_take_time(void);

/* Says a fact in the voice's words, if it has any and its level is reached. */
void log_say(enum log_saying what, const struct log_fact *fact) __attribute__((cold));

/* Would it? To leave out work that only a line needs. */
bool log_says(enum log_saying what);

/*
 * Writes a prefix + the message + newline in one write(2), cut at 512 bytes. @format knows %s (NULL
 * prints "(null)"), %d (int), %u (unsigned int), %l (int64_t) and %%. Control characters in the
 * message are printed as '?': a process name must not forge a line.
 */
void log_line(enum log_level level, const char *format, ...) __attribute__((cold));

/* A warning, "@what: the words of @err (negative); going on", unless *said: the first failure of a kind is
 * worth a line; the next thousand are the same one. */
void log_warn_once(bool *said, const char *what, int err) __attribute__((cold));

/* Is anything logged at @level? To leave out work that only a log line needs. */
bool log_enabled(enum log_level level);

#endif
