/* SPDX-License-Identifier: MIT */
/* inside.c - from a fresh process to the program; see inside.h. */
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define INSIDE_SIGNALS 64

static _Noreturn void inside_fail(const char *what)
{
	(void)dprintf(STDERR_FILENO, "compat: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static void inside_write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		inside_fail(path);
	(void)close(fd);
}

static void inside_become_root(const struct inside *inside)
{
	char map[64];

	inside_write_file("/proc/self/setgroups", "deny");
	(void)snprintf(map, sizeof(map), "0 %u 1", inside->uid);
	inside_write_file("/proc/self/uid_map", map);
	(void)snprintf(map, sizeof(map), "0 %u 1", inside->gid);
	inside_write_file("/proc/self/gid_map", map);
}

static void inside_move(int from, int to)
{
	if (from < 0)
		(void)close(to);
	else if (dup2(from, to) != to)
		inside_fail("cannot place a descriptor");
}

/* The terminal becomes our session's, in whose foreground we are. */
static void inside_take_terminal(const struct inside *inside)
{
	if (inside->c->in < STDIN_TERMINAL)
		return;
	if (ioctl(STDIN_FILENO, TIOCSCTTY, 0) != 0)
		inside_fail("cannot take the terminal");
}

/* All dispositions default but those the case wants ignored, and its mask. The kernel's mask knows
 * the two signals that libc hides. */
static void inside_set_signals(const struct compat_case *c)
{
	for (int sig = 1; sig <= INSIDE_SIGNALS; sig++) {
		bool ignored = (c->ignored >> (sig - 1) & 1) != 0;

		(void)signal(sig, ignored ? SIG_IGN : SIG_DFL);
	}
	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &c->blocked, NULL, sizeof(c->blocked));
}

static _Noreturn void inside_exec(const struct inside *inside)
{
	const struct rlimit none = { 0, 0 };

	if (chdir(inside->cwd) != 0)
		inside_fail(inside->cwd);
	if (setrlimit(RLIMIT_CORE, &none) != 0) /* commands die by signals here */
		inside_fail("cannot limit cores");
	inside_set_signals(inside->c);
	(void)execve(inside->path, inside->argv, inside->envp);
	inside_fail(inside->path);
}

static void inside_tell(char what, int number)
{
	char bytes[2] = { what, (char)number };
	size_t len = what == INSIDE_STOPPED ? 1 : 2;

	if (write(COMPAT_EVENTS, bytes, len) != (ssize_t)len)
		_exit(125);
}

/* Whose terminal is it when the job has ended? */
static void inside_say_terminal(pid_t job)
{
	bool back = tcgetpgrp(STDIN_FILENO) == job;

	(void)dprintf(STDERR_FILENO, "terminal at the end: %s\n",
		      back ? "the job's" : "a dead group's");
}

/* PID 1 of those who run as PID 2. With its end the kernel ends what is left. */
static _Noreturn void inside_be_stub(const struct inside *inside, pid_t init)
{
	bool gone = false;
	int status;
	pid_t pid;

	while (!gone || inside->c->place == PLACE_PID2_LAST) {
		pid = waitpid(-1, &status, WUNTRACED);
		if (pid < 0)
			break;
		if (pid != init)
			continue;
		if (WIFSTOPPED(status)) {
			inside_tell(INSIDE_STOPPED, 0);
			continue;
		}
		gone = true;
		if (inside->c->in == STDIN_JOB)
			inside_say_terminal(init);
		if (WIFEXITED(status))
			inside_tell(INSIDE_EXITED, WEXITSTATUS(status));
		else
			inside_tell(INSIDE_KILLED, WTERMSIG(status));
	}
	_exit(0);
}

_Noreturn void inside_start(const struct inside *inside)
{
	pid_t init;

	/* Our errors go where the program's will go, and the runner's death is ours. */
	inside_move(inside->err, STDERR_FILENO);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		inside_fail("cannot follow the runner");
	if (inside->new_user)
		inside_become_root(inside);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 &&
	    mount(NULL, "/proc", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		inside_fail("cannot make mounts private");
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
		inside_fail("cannot mount /proc");
	if (setsid() < 0)
		inside_fail("cannot start a session");
	inside_move(inside->out, STDOUT_FILENO);
	inside_move(inside->events, COMPAT_EVENTS);
	inside_move(inside->in, STDIN_FILENO);
	inside_take_terminal(inside);
	if (inside->c->place == PLACE_PID1)
		inside_exec(inside);
	init = fork();
	if (init < 0)
		inside_fail("cannot fork");
	if (init > 0) {
		/* The runner's ends, for a pipe that we hold never ends. */
		(void)close_range(COMPAT_EVENTS + 1, ~0U, 0);
		inside_be_stub(inside, init);
	}
	if (inside->c->in >= STDIN_BACKGROUND && setpgid(0, 0) != 0)
		inside_fail("cannot go to the background");
	(void)signal(SIGTTOU, SIG_IGN); /* until the dispositions are set */
	if (inside->c->in == STDIN_JOB && tcsetpgrp(STDIN_FILENO, getpid()) != 0)
		inside_fail("cannot go to the foreground");
	inside_exec(inside);
}
