/* SPDX-License-Identifier: MIT */
/*
 * victim.c - the command that the fault tests run under sexton.
 *
 * Usage: victim stop | kill. Each event is one line, written with one write(2) to stdout: "ready
 * NAME" once it can be signalled, "NAME SIGNAL" when it got one, "done NAME" right before its own
 * end. Every process of it ends, too, when the write end of the pipe on its stdin is closed: that
 * is how a test helps where sexton was robbed of the means.
 *
 * stop: a worker in a session of its own that ends after a SIGTERM, an orphan zombie, and a main
 *	process that ends with 7 after a SIGTERM.
 * kill: a worker in a session of its own that goes on after a SIGTERM, a child of that worker that
 *	ends after one, and a main process that ends with 7 by itself.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CODE 7

static volatile sig_atomic_t got_term, got_usr1, usr1_value;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (sig == SIGTERM)
		got_term++;
	if (sig == SIGUSR1) {
		got_usr1++;
		usr1_value = info->si_value.sival_int;
	}
}

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	char line[128];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (write(STDOUT_FILENO, line, (size_t)length) != length)
		_exit(97);
}

static void __attribute__((noreturn)) die(const char *what)
{
	dprintf(STDERR_FILENO, "victim: %s: %s\n", what, strerror(errno));
	_exit(98);
}

/* Signals are blocked but in here. Returns false when stdin is at its end. */
static bool wait_for_news(void)
{
	struct pollfd in = { .fd = STDIN_FILENO };
	sigset_t none;

	sigemptyset(&none);
	while (!got_term && !got_usr1) {
		int ready = ppoll(&in, 1, NULL, &none);

		if (ready > 0)
			return false;
		if (ready < 0 && errno != EINTR)
			die("ppoll");
	}
	return true;
}

static void listen_to_signals(void)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0 || sigaction(SIGTERM, &action, NULL) < 0 ||
	    sigaction(SIGUSR1, &action, NULL) < 0)
		die("signals");
}

/* Says what it gets until it may end. */
static void __attribute__((noreturn)) live(const char *name, bool ends_on_term, int code)
{
	while (wait_for_news()) {
		if (got_usr1) {
			got_usr1 = 0;
			say("%s USR1 %d\n", name, (int)usr1_value);
		}
		if (!got_term)
			continue;
		got_term = 0;
		say("%s TERM\n", name);
		if (ends_on_term)
			break;
	}
	say("done %s\n", name);
	_exit(code);
}

/* Forks a process that lives in a session of its own, and perhaps has a child of the same kind. */
static void spawn(const char *name, bool ends_on_term, const char *child)
{
	int ready[2];
	char c;
	pid_t pid;

	if (pipe(ready) < 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		if (setsid() < 0)
			die("setsid");
		if (child != NULL)
			spawn(child, true, NULL);
		say("ready %s\n", name);
		if (write(ready[1], "", 1) != 1)
			die("write");
		live(name, ends_on_term, 0);
	}
	if (read(ready[0], &c, 1) != 1)
		die("read");
	close(ready[0]);
	close(ready[1]);
}

/* A zombie whose parent ends without having waited for it. */
static void leave_zombie(void)
{
	siginfo_t info;
	pid_t parent = fork();
	pid_t zombie;

	if (parent < 0)
		die("fork");
	if (parent > 0) {
		if (waitpid(parent, NULL, 0) != parent)
			die("waitpid");
		return;
	}
	zombie = fork();
	if (zombie < 0)
		die("fork");
	if (zombie > 0 && waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT) < 0)
		die("waitid");
	_exit(0);
}

int main(int argc, char **argv)
{
	bool stop = argc == 2 && strcmp(argv[1], "stop") == 0;
	bool kill = argc == 2 && strcmp(argv[1], "kill") == 0;

	if (!stop && !kill)
		die("usage");
	listen_to_signals();
	if (stop) {
		spawn("worker", true, NULL);
		leave_zombie();
		say("ready main\n");
		live("main", true, CODE);
	}
	spawn("worker", false, "grandchild");
	say("ready main\n");
	say("done main\n");
	return CODE;
}
