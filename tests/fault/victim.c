/* SPDX-License-Identifier: MIT */
/*
 * victim.c - the command that the fault tests run under sexton.
 *
 * Usage: victim stop | kill | guest, or victim hand-over | late | far FILE. Each event is one line,
 * written with one write(2) to stdout: "ready NAME" once it can be signalled, "NAME SIGNAL" when it
 * got one, "done NAME" right before its own end. Every process of it ends, too, when the write end of
 * the pipe on its stdin is closed: that is how a test helps where sexton was robbed of the means.
 *
 * stop: a worker in a session of its own that ends after a SIGTERM, an orphan zombie, and a main
 *	process that ends with 7 after a SIGTERM.
 * kill: a worker in a session of its own that goes on after a SIGTERM, a child of that worker that
 *	ends after one, and a main process that ends with 7 by itself.
 * guest: a process alone that ends after a SIGTERM.
 * hand-over: FILE names a worker in a session of its own that ends with 7 after a SIGTERM, and the
 *	main process ends with 3 by itself.
 * late: the same, but the worker writes FILE when it gets a SIGUSR1.
 * far: FILE names a child of the worker, whose end that one does not wait for.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CODE          7
#define CODE_OF_FIRST 3 /* of a main process that hands over */

static volatile sig_atomic_t got_int, got_term, got_usr1, usr1_value;
static const char *late_file; /* to be written when USR1 comes */

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (sig == SIGINT)
		got_int++;
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
	while (!got_int && !got_term && !got_usr1) {
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
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0 || sigaction(SIGINT, &action, NULL) < 0 ||
	    sigaction(SIGTERM, &action, NULL) < 0 || sigaction(SIGUSR1, &action, NULL) < 0)
		die("signals");
}

/* This is the process that takes over. */
static void write_pid(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || dprintf(fd, "%d\n", (int)getpid()) < 0)
		die(path);
	close(fd);
}

/* Says what it gets until it may end. */
static void __attribute__((noreturn)) live(const char *name, bool ends_on_term, int code)
{
	while (wait_for_news()) {
		if (got_int)
			say("%s INT\n", name);
		got_int = 0;
		if (got_usr1) {
			got_usr1 = 0;
			if (late_file != NULL)
				write_pid(late_file);
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

/* A process that lives in a session of its own, and perhaps has a child of the same kind. */
struct role {
	const char *name;
	bool ends_on_term;
	int code;
	const char *file; /* that names it; NULL: none does */
	const struct role *child;
};

static void spawn(const struct role *role)
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
		if (role->child != NULL)
			spawn(role->child);
		if (role->file != NULL)
			write_pid(role->file);
		say("ready %s\n", role->name);
		if (write(ready[1], "", 1) != 1)
			die("write");
		live(role->name, role->ends_on_term, role->code);
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

/* The main process ends by itself, and somebody is named to take over, at once or late. */
static int hand_over(const char *how, const char *file)
{
	const struct role successor = { "worker", true, CODE, file, NULL };
	const struct role late = { "worker", true, CODE, NULL, NULL };
	const struct role grandchild = { "grandchild", true, CODE, file, NULL };
	const struct role parent = { "worker", true, 0, NULL, &grandchild };

	if (strcmp(how, "late") == 0) {
		late_file = file;
		spawn(&late);
	} else if (strcmp(how, "far") == 0) {
		if (signal(SIGCHLD, SIG_IGN) == SIG_ERR)
			die("signal");
		spawn(&parent);
	} else if (strcmp(how, "hand-over") == 0) {
		spawn(&successor);
	} else {
		die("usage");
	}
	say("ready main\n");
	say("done main\n");
	return CODE_OF_FIRST;
}

int main(int argc, char **argv)
{
	const struct role worker = { "worker", true, 0, NULL, NULL };
	const struct role grandchild = { "grandchild", true, 0, NULL, NULL };
	const struct role deaf = { "worker", false, 0, NULL, &grandchild };

	listen_to_signals();
	if (argc == 3)
		return hand_over(argv[1], argv[2]);
	if (argc != 2)
		die("usage");
	if (strcmp(argv[1], "guest") == 0) {
		say("ready guest\n");
		live("guest", true, 0);
	}
	if (strcmp(argv[1], "stop") == 0) {
		spawn(&worker);
		leave_zombie();
		say("ready main\n");
		live("main", true, CODE);
	}
	if (strcmp(argv[1], "kill") != 0)
		die("usage");
	spawn(&deaf);
	say("ready main\n");
	say("done main\n");
	return CODE;
}
