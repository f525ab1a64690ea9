/* SPDX-License-Identifier: MIT */
/*
 * pty_launch.c - starts and clears away the session of a terminal. See pty.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "launch.h"

#include "pty.h"

#define WORDS_MAX 64

static const char *const names[] = {
	"sexton", "tini", "docker-init", "dumb-init", "catatonit", "podman-init", "payload",
};
#define NAMES (sizeof(names) / sizeof(names[0]))

static struct pty *live;                            /* what a failed test leaves behind */
static char directory[] = "/tmp/sexton-pty-XXXXXX"; /* of the names */

static void forget_directory(void)
{
	char path[64];

	for (size_t i = 0; i < NAMES; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		unlink(path);
	}
	rmdir(directory);
}

/* A directory in which the binary under test has all its names. */
static void make_directory(void)
{
	const char *binary = getenv("SEXTON");
	static bool made;
	char path[64];

	if (made)
		return;
	if (!binary || access(binary, X_OK) < 0)
		fail_msg("SEXTON does not name the binary under test");
	if (!mkdtemp(directory))
		fail_msg("%s: %s", directory, strerror(errno));
	made = true;
	atexit(forget_directory);
	for (size_t i = 0; i < NAMES; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		if (symlink(i == NAMES - 1 ? pidns_payload() : binary, path) < 0)
			fail_msg("%s: %s", path, strerror(errno));
	}
}

/* A user's environment, and what the sanitizers and coverage need. */
static void enter_environment(void)
{
	static const char *const kept[] = { "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
					    "LSAN_OPTIONS", "GCOV_PREFIX",   "LD_LIBRARY_PATH" };
	const char *values[sizeof(kept) / sizeof(kept[0])];
	char path[128];

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		values[i] = getenv(kept[i]);
	clearenv(); /* the strings stay where they are */
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (values[i])
			setenv(kept[i], values[i], 1);
	snprintf(path, sizeof(path), "%s:/usr/local/bin:/usr/bin:/bin", directory);
	setenv("PATH", path, 1);
	setenv("PS1", PTY_PROMPT, 1);
	setenv("TERM", "dumb", 1);
	setenv("LC_ALL", "C", 1);
}

static void __attribute__((noreturn)) run_leader(int slave, int events, char **argv)
{
	const struct rlimit no_core = { 0, 0 };

	if (login_tty(slave) < 0 || dup2(events, PTY_EVENTS_FD) < 0)
		launch_give_up("terminal");
	/* What ctest or a shell left open is none of the session's business. */
	syscall(SYS_close_range, 3U, PTY_EVENTS_FD - 1U, 0U);
	syscall(SYS_close_range, PTY_EVENTS_FD + 1U, ~0U, 0U);
	setrlimit(RLIMIT_CORE, &no_core); /* for Ctrl-\ */
	enter_environment();
	execvp(argv[0], argv);
	launch_give_up(argv[0]);
}

/* The words of SEXTON_E2E_WRAP, of @way, and @words. */
static void plan_words(const char *way, const char *const *words, char **argv)
{
	const char *wrap = getenv("SEXTON_E2E_WRAP");
	static char text[2048];
	char *save = NULL;
	int n = 0;

	snprintf(text, sizeof(text), "%s %s", wrap ? wrap : "", way);
	for (char *w = strtok_r(text, " ", &save); w && n < WORDS_MAX / 2;
	     w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	for (int i = 0; words[i] && n < WORDS_MAX - 1; i++)
		argv[n++] = (char *)words[i];
	argv[n] = NULL;
}

/* A terminal that writes what programs write, and nothing else. */
static void open_terminal(int *ret_master, int *ret_slave)
{
	const struct winsize size = { .ws_row = 24, .ws_col = 80 };
	struct termios modes;

	if (openpty(ret_master, ret_slave, NULL, NULL, &size) < 0 ||
	    tcgetattr(*ret_slave, &modes) < 0)
		fail_msg("openpty: %s", strerror(errno));
	modes.c_lflag &= ~(tcflag_t)ECHO;
	modes.c_oflag &= ~(tcflag_t)OPOST;
	if (tcsetattr(*ret_slave, TCSANOW, &modes) < 0)
		fail_msg("tcsetattr: %s", strerror(errno));
	fcntl(*ret_master, F_SETFD, FD_CLOEXEC);
}

struct pty *pty_start_words(bool pid1, const char *way, const char *const *words)
{
	unsigned long flags = SIGCHLD | (pid1 ? CLONE_NEWPID | CLONE_NEWNS : 0);
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char *argv[WORDS_MAX];
	int events[2];
	int slave;

	if (live)
		fail_msg("another session is still there");
	make_directory();
	plan_words(way, words, argv);
	live = calloc(1, sizeof(*live));
	if (!live || pipe2(events, O_CLOEXEC) < 0)
		fail_msg("start: %s", strerror(errno));
	open_terminal(&live->master, &slave);
	/* What is orphaned comes to us, for the teardown. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		fail_msg("subreaper: %s", strerror(errno));
	if (pid1 && uid != 0)
		flags |= CLONE_NEWUSER;
	fflush(NULL);
	/* With no stack of its own the child of clone(2) goes on here, as after fork(2). */
	live->leader = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (live->leader < 0)
		fail_msg("clone: %s", strerror(errno));
	if (live->leader == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (pid1)
			launch_enter_namespace(uid, gid);
		run_leader(slave, events[1], argv);
	}
	close(slave);
	close(events[1]);
	live->screen.fd = live->master;
	live->events.fd = live->events_fd = events[0];
	live->pidfd = (int)syscall(SYS_pidfd_open, live->leader, 0);
	if (live->pidfd < 0)
		fail_msg("pidfd_open: %s", strerror(errno));
	return live;
}

/* Kills our children, those orphaned to us too. Returns false when there are none. */
static bool kill_children(void)
{
	char text[4096];
	char path[64];
	char *end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	for (char *word = text;; word = end) {
		pid_t pid = (pid_t)strtol(word, &end, 10);

		if (end == word)
			break;
		kill(pid, SIGKILL);
	}
	return waitpid(-1, NULL, 0) > 0;
}

int pty_teardown(void **state)
{
	(void)state;
	if (!live)
		return 0;
	while (kill_children())
		;
	if (live->master >= 0)
		close(live->master);
	close(live->pidfd);
	close(live->events_fd);
	free(live->screen.text);
	free(live->events.text);
	free(live);
	live = NULL;
	return 0;
}
