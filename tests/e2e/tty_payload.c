/* SPDX-License-Identifier: MIT */
/*
 * tty_payload.c - the payload's scenario at a terminal. See payload.h.
 */
#include "payload.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define EVENTS_FD 7 /* PTY_EVENTS_FD of pty.h */

struct listener {
	sigset_t set;
};

/* Tells of every signal; TERM ends us. */
static void *listen_main(void *arg)
{
	const struct listener *listener = arg;
	struct winsize size;
	siginfo_t info;

	for (;;) {
		if (sigwaitinfo(&listener->set, &info) < 0)
			continue; /* EINTR: stopped and continued */
		if (info.si_signo == SIGWINCH && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
			say("caught WINCH rows=%d columns=%d", size.ws_row, size.ws_col);
		else
			say("caught %s code=%d", signal_text(info.si_signo), info.si_code);
		if (info.si_signo == SIGTERM) {
			say("done tty");
			_exit(0);
		}
	}
	return NULL;
}

static bool has_word(int argc, char **argv, const char *word)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], word) == 0)
			return true;
	return false;
}

/* A thread listens to signals, this one blocks in read(2), as cat does: TTIN must hit it. */
static void read_lines(void)
{
	char line[256];
	ssize_t n;

	while ((n = read(STDIN_FILENO, line, sizeof(line) - 1)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			say("unread %s", strerror(errno));
			return;
		}
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		say("got %s", line);
	}
	say("eof");
}

int tty_main(int argc, char **argv)
{
	static const int heard[] = { SIGHUP,  SIGINT,  SIGQUIT,  SIGUSR1, SIGUSR2,
				     SIGTERM, SIGCONT, SIGWINCH, SIGPWR };
	static struct listener listener;
	pthread_t thread;

	if (dup2(EVENTS_FD, STDOUT_FILENO) < 0)
		die("no pipe for the events");
	sigemptyset(&listener.set);
	for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++)
		sigaddset(&listener.set, heard[i]);
	if (has_word(argc, argv, "stops")) {
		sigaddset(&listener.set, SIGTSTP);
		sigaddset(&listener.set, SIGTTIN);
		sigaddset(&listener.set, SIGTTOU);
	}
	sigprocmask(SIG_BLOCK, &listener.set, NULL);
	if (pthread_create(&thread, NULL, listen_main, &listener) != 0)
		die("pthread_create");
	say("ready tty pid=%d ppid=%d pgid=%d sid=%d foreground=%d", (int)getpid(), (int)getppid(),
	    (int)getpgrp(), (int)getsid(0), (int)tcgetpgrp(STDIN_FILENO));
	if (!has_word(argc, argv, "quiet"))
		read_lines();
	if (has_word(argc, argv, "quiet") || has_word(argc, argv, "hold"))
		pthread_join(thread, NULL);
	say("done tty");
	return 0;
}
