/* SPDX-License-Identifier: MIT */
/* signals.c - signal numbers, names and masks; see sexton/signals.h. */
#include "sexton/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

#include "sexton/text.h"

/* Short names by number. libc's sigabbrev_np(3) is glibc's alone, and 32 and 33 have no name. */
static const char *const signals_names[] = {
	[SIGHUP] = "HUP",       [SIGINT] = "INT",       [SIGQUIT] = "QUIT", [SIGILL] = "ILL",
	[SIGTRAP] = "TRAP",     [SIGABRT] = "ABRT",     [SIGBUS] = "BUS",   [SIGFPE] = "FPE",
	[SIGKILL] = "KILL",     [SIGUSR1] = "USR1",     [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2",
	[SIGPIPE] = "PIPE",     [SIGALRM] = "ALRM",     [SIGTERM] = "TERM",
#ifdef SIGSTKFLT
	[SIGSTKFLT] = "STKFLT",
#endif
	[SIGCHLD] = "CHLD",     [SIGCONT] = "CONT",     [SIGSTOP] = "STOP", [SIGTSTP] = "TSTP",
	[SIGTTIN] = "TTIN",     [SIGTTOU] = "TTOU",     [SIGURG] = "URG",   [SIGXCPU] = "XCPU",
	[SIGXFSZ] = "XFSZ",     [SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF", [SIGWINCH] = "WINCH",
	[SIGIO] = "IO",         [SIGPWR] = "PWR",       [SIGSYS] = "SYS",
};

static const char *const signals_descriptions[] = {
	[SIGHUP] = "Hangup",
	[SIGINT] = "Interrupt",
	[SIGQUIT] = "Quit",
	[SIGILL] = "Illegal instruction",
	[SIGTRAP] = "Trace/breakpoint trap",
	[SIGABRT] = "Aborted",
	[SIGBUS] = "Bus error",
	[SIGFPE] = "Floating point exception",
	[SIGKILL] = "Killed",
	[SIGUSR1] = "User defined signal 1",
	[SIGSEGV] = "Segmentation fault",
	[SIGUSR2] = "User defined signal 2",
	[SIGPIPE] = "Broken pipe",
	[SIGALRM] = "Alarm clock",
	[SIGTERM] = "Terminated",
#ifdef SIGSTKFLT
	[SIGSTKFLT] = "Stack fault",
#endif
	[SIGCHLD] = "Child exited",
	[SIGCONT] = "Continued",
	[SIGSTOP] = "Stopped (signal)",
	[SIGTSTP] = "Stopped",
	[SIGTTIN] = "Stopped (tty input)",
	[SIGTTOU] = "Stopped (tty output)",
	[SIGURG] = "Urgent I/O condition",
	[SIGXCPU] = "CPU time limit exceeded",
	[SIGXFSZ] = "File size limit exceeded",
	[SIGVTALRM] = "Virtual timer expired",
	[SIGPROF] = "Profiling timer expired",
	[SIGWINCH] = "Window changed",
	[SIGIO] = "I/O possible",
	[SIGPWR] = "Power failure",
	[SIGSYS] = "Bad system call",
};

_Static_assert(sizeof(signals_descriptions) == sizeof(signals_names), "the same signals in both");

#define SIGNALS_NAMED ((int)(sizeof(signals_names) / sizeof(signals_names[0])))

/* Other names that users and old manual pages write. */
static const struct {
	const char *name;
	int sig;
} signals_historic[] = {
	{ "IOT", SIGABRT },
	{ "CLD", SIGCHLD },
	{ "POLL", SIGIO },
};

static bool signals_same(const char *text, size_t len, const char *name)
{
	return len == strlen(name) && strncasecmp(text, name, len) == 0;
}

static bool signals_starts(const char *text, size_t len, const char *prefix)
{
	return len >= strlen(prefix) && strncasecmp(text, prefix, strlen(prefix)) == 0;
}

/* Digits only, at most SIGNALS_MAX: -EINVAL for all else. */
static int signals_number(const char *text, size_t len)
{
	int value = 0;

	if (len == 0)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		value = value * 10 + (text[i] - '0');
		if (value > SIGNALS_MAX)
			return -EINVAL;
	}
	return value;
}

/* RTMIN, RTMIN+n, RTMAX, RTMAX-n: the number, which may be out of range, or -EINVAL. */
static int signals_real_time(const char *text, size_t len)
{
	bool from_max = signals_starts(text, len, "RTMAX");
	int offset;

	if (!from_max && !signals_starts(text, len, "RTMIN"))
		return -EINVAL;
	text += 5;
	len -= 5;
	if (len == 0)
		return from_max ? SIGNALS_MAX : SIGNALS_RTMIN;
	if (*text != (from_max ? '-' : '+'))
		return -EINVAL;
	offset = signals_number(text + 1, len - 1);
	if (offset < 0 || offset > SIGNALS_MAX - SIGNALS_RTMIN)
		return -EINVAL;
	return from_max ? SIGNALS_MAX - offset : SIGNALS_RTMIN + offset;
}

static int signals_named(const char *text, size_t len)
{
	for (int sig = 1; sig < SIGNALS_NAMED; sig++) {
		if (signals_names[sig] && signals_same(text, len, signals_names[sig]))
			return sig;
	}
	for (size_t i = 0; i < sizeof(signals_historic) / sizeof(signals_historic[0]); i++) {
		if (signals_same(text, len, signals_historic[i].name))
			return signals_historic[i].sig;
	}
	return signals_real_time(text, len);
}

int signals_parse(const char *text, unsigned int len, int *ret_sig)
{
	int sig = signals_number(text, len);

	if (sig < 0) {
		if (signals_starts(text, len, "SIG")) {
			text += 3;
			len -= 3;
		}
		sig = signals_named(text, len);
	}
	/* 0 is a number, but no signal. */
	if (sig < 1)
		return -EINVAL;
	*ret_sig = sig;
	return 0;
}

/* Copies @text and returns where its NUL is. */
static char *signals_put(char *to, const char *text)
{
	while ((*to = *text++) != '\0')
		to++;
	return to;
}

/* Any int in decimal. */
static void signals_put_number(char *to, int value)
{
	char digits[TEXT_NUMBER_SIZE];

	if (value < 0)
		*to++ = '-';
	/* Negated as unsigned: -INT_MIN is no int. */
	(void)text_number(value < 0 ? 0u - (unsigned int)value : (unsigned int)value, digits);
	signals_put(to, digits);
}

const char *signals_name(int sig, char ret_name[SIGNALS_NAME_SIZE])
{
	/* As kill -l of bash has it: the upper half counts down from RTMAX. */
	const int middle = SIGNALS_RTMIN + (SIGNALS_MAX - SIGNALS_RTMIN) / 2;

	if (sig >= 1 && sig < SIGNALS_NAMED && signals_names[sig]) {
		signals_put(ret_name, signals_names[sig]);
	} else if (sig == SIGNALS_RTMIN) {
		signals_put(ret_name, "RTMIN");
	} else if (sig == SIGNALS_MAX) {
		signals_put(ret_name, "RTMAX");
	} else if (sig > SIGNALS_RTMIN && sig <= middle) {
		signals_put_number(signals_put(ret_name, "RTMIN+"), sig - SIGNALS_RTMIN);
	} else if (sig > middle && sig < SIGNALS_MAX) {
		signals_put_number(signals_put(ret_name, "RTMAX-"), SIGNALS_MAX - sig);
	} else {
		signals_put_number(ret_name, sig);
	}
	return ret_name;
}

const char *signals_description(int sig, char ret_room[SIGNALS_NAME_SIZE])
{
	if (sig >= 1 && sig < SIGNALS_NAMED && signals_descriptions[sig])
		return signals_descriptions[sig];
	if (sig >= SIGNALS_RTMIN && sig <= SIGNALS_MAX)
		signals_put_number(signals_put(ret_room, "Real-time signal "), sig - SIGNALS_RTMIN);
	else
		signals_put_number(signals_put(ret_room, "Unknown signal "), sig);
	return ret_room;
}

bool signals_is_synchronous(int sig)
{
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGILL || sig == SIGFPE ||
	       sig == SIGTRAP || sig == SIGSYS;
}
