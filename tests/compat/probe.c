/* SPDX-License-Identifier: MIT */
/*
 * probe.c - the command of the compat cases: it looks at what it was given, and says so on stderr.
 *
 *	exit CODE                 at once
 *	die SIGNAL                by its own hand
 *	hold CODE                 until its stdin ends
 *	catch COUNT CODE [hold]   tells of COUNT signals, then exits (or holds before it does)
 *	census COUNT              until COUNT signals of number 64 came; tells which others did
 *	group SIGNAL              tells whether a worker in its group was sent SIGNAL as well
 *	inherit [hold]            tells what it inherited, once signal USR1 came
 *	env NAME...               tells these variables
 *	orphan CODE|-SIGNAL       leaves an orphan that ends so, then holds
 *	leave CODE [own-session]  exits, and leaves a process that waits to be asked
 *
 * Ready to be sent the next signal, it writes a byte to descriptor 9. Signals are blocked by system
 * call: libc hides 32 and 33.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROBE_EVENTS  9
#define PROBE_SIGNALS 64
#define PROBE_MARK    64

/* One line, one write. */
__attribute__((format(printf, 1, 2))) static void probe_say(const char *format, ...)
{
	char line[PATH_MAX + 128];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)len) != len)
		_exit(99);
}

static void probe_ready(void)
{
	if (write(PROBE_EVENTS, "r", 1) != 1)
		_exit(98);
}

static void probe_block(uint64_t *ret_old)
{
	uint64_t all = UINT64_MAX;

	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, ret_old, sizeof(all));
}

static int probe_take(siginfo_t *ret_info)
{
	uint64_t all = UINT64_MAX & ~(UINT64_C(1) << (SIGCHLD - 1));
	long sig;

	do {
		sig = syscall(SYS_rt_sigtimedwait, &all, ret_info, NULL, sizeof(all));
	} while (sig < 0 && errno == EINTR);
	return (int)sig;
}

static void probe_hold(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static void probe_tell(const siginfo_t *info)
{
	if (info->si_code == SI_QUEUE)
		probe_say("caught %d with %d", info->si_signo, info->si_value.sival_int);
	else
		probe_say("caught %d", info->si_signo);
}

static int probe_catch(int count, int code, bool hold)
{
	siginfo_t info;

	probe_block(NULL);
	for (int i = 0; i < count; i++) {
		probe_ready();
		(void)probe_take(&info);
		probe_tell(&info);
	}
	if (hold) {
		probe_ready();
		probe_hold();
	}
	return code;
}

/* A set of signals, in words. */
static void probe_say_set(const char *what, uint64_t set)
{
	char text[PROBE_SIGNALS * 4] = "";
	size_t len = 0;

	for (int sig = 1; sig <= PROBE_SIGNALS; sig++) {
		if ((set >> (sig - 1) & 1) != 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %d", sig);
	}
	probe_say("%s:%s", what, len > 0 ? text : " none");
}

static int probe_census(int count)
{
	uint64_t seen = 0;
	siginfo_t info;
	int sig;

	probe_block(NULL);
	probe_ready();
	while (count > 0) {
		sig = probe_take(&info);
		if (sig != PROBE_MARK) {
			seen |= UINT64_C(1) << (sig - 1);
			continue;
		}
		count--;
		probe_ready();
	}
	probe_say_set("forwarded", seen);
	return 0;
}

/* The worker: tells the main process what it was sent before the mark. */
static _Noreturn void probe_work(int fd)
{
	siginfo_t info;
	int sig;
	char last = 0;

	while ((sig = probe_take(&info)) != PROBE_MARK)
		last = (char)sig;
	_exit(write(fd, &last, 1) == 1 ? 0 : 97);
}

static int probe_group(int expected)
{
	siginfo_t info;
	int fds[2];
	char got = 0;
	pid_t worker;

	probe_block(NULL);
	if (pipe(fds) != 0)
		return 96;
	worker = fork();
	if (worker == 0)
		probe_work(fds[1]);
	probe_ready();
	(void)probe_take(&info);
	probe_tell(&info);
	(void)kill(worker, PROBE_MARK);
	if (read(fds[0], &got, 1) != 1)
		return 95;
	(void)waitpid(worker, NULL, 0);
	probe_say("the worker %s", got == expected ? "caught it too" : "was sent nothing");
	return 0;
}

static const char *probe_whose(pid_t id, pid_t own, pid_t parents)
{
	if (id == own)
		return "its own";
	return id == parents ? "its parent's" : "somebody else's";
}

static void probe_say_link(const char *what, const char *format, int pid)
{
	char path[64];
	char target[PATH_MAX] = "";

	(void)snprintf(path, sizeof(path), format, pid);
	if (readlink(path, target, sizeof(target) - 1) < 0)
		(void)snprintf(target, sizeof(target), "(%s)", strerror(errno));
	probe_say("%s: %s", what, target);
}

static void probe_say_status(uint64_t blocked)
{
	FILE *stream = fopen("/proc/self/status", "re");
	char line[256];
	uint64_t ignored = 0;

	while (stream != NULL && fgets(line, sizeof(line), stream) != NULL) {
		if (strncmp(line, "SigIgn:", 7) == 0)
			ignored = strtoull(line + 7, NULL, 16);
	}
	if (stream != NULL)
		(void)fclose(stream);
	probe_say_set("ignored", ignored);
	probe_say_set("blocked", blocked);
}

static void probe_say_terminal(void)
{
	pid_t foreground = tcgetpgrp(STDIN_FILENO);

	if (foreground < 0)
		probe_say("terminal: none (%s)", strerror(errno));
	else
		probe_say("terminal: in the foreground is %s group",
			  probe_whose(foreground, getpgrp(), getpgid(getppid())));
}

/* What the parent still holds is looked at when it has forwarded a signal: by then it has let go of
 * what it wanted to let go. */
static int probe_inherit(bool hold)
{
	uint64_t blocked;
	siginfo_t info;
	char path[64];
	pid_t parent = getppid();

	probe_block(&blocked);
	probe_ready();
	(void)probe_take(&info);
	probe_say("group: %s", probe_whose(getpgrp(), getpid(), getpgid(parent)));
	probe_say("session: %s", probe_whose(getsid(0), getpid(), getsid(parent)));
	probe_say_terminal();
	probe_say_status(blocked);
	probe_say_link("directory", "/proc/%d/cwd", getpid());
	probe_say_link("directory of the init", "/proc/%d/cwd", parent);
	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", parent, PROBE_EVENTS);
	probe_say("descriptor 9 in the init: %s", access(path, F_OK) == 0 ? "open" : "closed");
	if (hold) {
		probe_ready();
		probe_hold();
	}
	return 0;
}

static int probe_env(char **names)
{
	for (; *names != NULL; names++) {
		const char *value = getenv(*names);

		if (value != NULL)
			probe_say("%s=%s", *names, value);
		else
			probe_say("%s is not set", *names);
	}
	return 0;
}

static int probe_die(int sig)
{
	uint64_t none = 0;

	(void)signal(sig, SIG_DFL);
	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
	(void)raise(sig);
	return 94;
}

static int probe_end(int how)
{
	return how < 0 ? probe_die(-how) : how;
}

/* The orphan ends when it is one: its parent was waited for. */
static int probe_orphan(int how)
{
	int fds[2];
	pid_t parent;
	char byte;

	if (pipe(fds) != 0)
		return 96;
	parent = fork();
	if (parent == 0) {
		if (fork() != 0)
			_exit(0);
		(void)close(fds[1]);
		(void)!read(fds[0], &byte, 1);
		_exit(probe_end(how));
	}
	(void)waitpid(parent, NULL, 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
	probe_ready();
	probe_hold();
	return 0;
}

static int probe_leave(int code, bool own_session)
{
	siginfo_t info;
	int fds[2];
	char byte;

	probe_block(NULL);
	if (pipe(fds) != 0)
		return 96;
	if (fork() == 0) {
		if (own_session)
			(void)setsid();
		(void)!write(fds[1], "", 1);
		(void)probe_take(&info);
		probe_say("the one that was left caught %d", info.si_signo);
		_exit(0);
	}
	(void)!read(fds[0], &byte, 1);
	return code;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int first = argc > 2 ? atoi(argv[2]) : 0;
	int second = argc > 3 ? atoi(argv[3]) : 0;

	if (strcmp(what, "exit") == 0)
		return first;
	if (strcmp(what, "die") == 0)
		return probe_die(first);
	if (strcmp(what, "hold") == 0) {
		probe_ready();
		probe_hold();
		return first;
	}
	if (strcmp(what, "catch") == 0)
		return probe_catch(first, second, argc > 4);
	if (strcmp(what, "census") == 0)
		return probe_census(first);
	if (strcmp(what, "group") == 0)
		return probe_group(first);
	if (strcmp(what, "inherit") == 0)
		return probe_inherit(argc > 2);
	if (strcmp(what, "env") == 0)
		return probe_env(argv + 2);
	if (strcmp(what, "orphan") == 0)
		return probe_orphan(first);
	if (strcmp(what, "leave") == 0)
		return probe_leave(first, argc > 3);
	probe_say("probe: what is %s", what);
	return 93;
}
