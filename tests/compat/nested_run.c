/* SPDX-License-Identifier: MIT */
/*
 * nested_run.c - runs many commands, a few at a time; see nested_run.h.
 */
#include "nested_run.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define AT_ONCE 6

static struct nested_paths paths;
static unsigned int run_number; /* in no other run at the same time */

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fail_msg("%s: %s", what, strerror(errno));
	abort(); /* fail_msg() does not return, but does not say so */
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Names of which init stand for which program: a variable of the environment names it. */
static const struct {
	const char *name, *variable;
} originals[] = {
	{ "tini", "TINI" },           { "docker-init", "TINI" },      { "dumb-init", "DUMB_INIT" },
	{ "catatonit", "CATATONIT" }, { "podman-init", "CATATONIT" }, { "sexton", "CATATONIT" },
};

static const char *program(const char *variable)
{
	const char *path = getenv(variable);

	if (path && access(path, X_OK) == 0)
		return path;
	fail_msg("%s does not name a program: is everything installed (./dev deps --test)?",
		 variable);
	abort();
}

/* A copy, for the original may lie where nobody (uid 65534) may not go. */
static void copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	struct stat st;

	need(in >= 0 && out >= 0 && fstat(in, &st) == 0, to);
	for (off_t at = 0; at < st.st_size;)
		need(sendfile(out, in, &at, (size_t)(st.st_size - at)) > 0, to);
	need(fchmod(out, 0755) == 0, to);
	close(in);
	close(out);
}

static void make_directory(const char *path, mode_t mode)
{
	need(mkdir(path, mode) == 0 && chmod(path, mode) == 0, path);
}

void nested_run_set_up(struct nested_paths *ret_paths)
{
	char path[160];

	snprintf(paths.root, sizeof(paths.root), "/tmp/sexton-nested-XXXXXX");
	need(mkdtemp(paths.root) != NULL && chmod(paths.root, 0755) == 0, paths.root);
	snprintf(paths.locked, sizeof(paths.locked), "%s/locked", paths.root);
	make_directory(paths.locked, 0);
	snprintf(path, sizeof(path), "%s/original", paths.root);
	make_directory(path, 0755);
	snprintf(path, sizeof(path), "%s/ours", paths.root);
	make_directory(path, 0755);
	snprintf(path, sizeof(path), "%s/ours/sexton", paths.root);
	copy(program("SEXTON"), path);
	for (size_t i = 0; i < sizeof(originals) / sizeof(originals[0]); i++) {
		snprintf(path, sizeof(path), "%s/original/%s", paths.root, originals[i].name);
		need(symlink(program(originals[i].variable), path) == 0, path);
		snprintf(path, sizeof(path), "%s/ours/%s", paths.root, originals[i].name);
		if (strcmp(originals[i].name, "sexton") != 0)
			need(symlink("sexton", path) == 0, path);
	}
	run_number = 100 * (unsigned int)getpid();
	need(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0, "become a subreaper");
	*ret_paths = paths;
}

/* Who outlived a run outside of a namespace is our child now. Returns how many there were. */
static int end_leftovers(void)
{
	char text[4096];
	int count = 0;
	int fd;
	ssize_t n;

	do {
		fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		if (fd >= 0)
			close(fd);
		text[n > 0 ? n : 0] = '\0';
		for (char *p = text; *p; p += strcspn(p, " "), p += *p == ' ') {
			pid_t pid = (pid_t)strtol(p, NULL, 10);

			kill(pid, SIGKILL);
			count += waitpid(pid, NULL, 0) == pid;
		}
	} while (n > 0);
	return count;
}

void nested_run_tear_down(void)
{
	char path[160];

	end_leftovers();
	for (size_t i = 0; i < sizeof(originals) / sizeof(originals[0]); i++) {
		snprintf(path, sizeof(path), "%s/original/%s", paths.root, originals[i].name);
		unlink(path);
		snprintf(path, sizeof(path), "%s/ours/%s", paths.root, originals[i].name);
		unlink(path);
	}
	for (const char *const *name = (const char *const[]){ "original", "ours", "locked", NULL };
	     *name; name++) {
		snprintf(path, sizeof(path), "%s/%s", paths.root, *name);
		rmdir(path);
	}
	rmdir(paths.root);
}

static void __attribute__((noreturn))
run_child(const struct nested_run *run, const int *out, const int *err)
{
	const char *words[8 + NESTED_WORDS + 1];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int n = 0;

	dup2(null, STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	dup2(err[1], STDERR_FILENO);
	/* What ctest or a shell left open is none of the test's business. */
	syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < 8 && run->place->before[i]; i++)
		words[n++] = run->place->before[i];
	for (int i = 0; i < NESTED_WORDS && run->words[i]; i++)
		words[n++] = run->words[i];
	words[n] = NULL;
	nested_place_enter(run->place, &paths, run->first, run_number);
	execvp(words[0], (char *const *)words);
	dprintf(STDERR_FILENO, "harness: %s: %s\n", words[0], strerror(errno));
	_exit(NESTED_PLACE_FAILED);
}

static void start(struct nested_run *run)
{
	unsigned long flags = SIGCHLD | (run->first ? CLONE_NEWPID | CLONE_NEWNS : 0);
	int out[2], err[2];

	need(pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0, "pipe");
	fflush(NULL);
	run_number++;
	/* With no stack of its own the child of clone(2) goes on here, as after fork(2). */
	run->pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (run->pid == 0)
		run_child(run, out, err);
	need(run->pid > 0, "clone");
	run->pidfd = (int)syscall(SYS_pidfd_open, run->pid, 0);
	need(run->pidfd >= 0, "pidfd_open");
	close(out[1]);
	close(err[1]);
	run->out.fd = out[0];
	run->err.fd = err[0];
	run->until = now_ms() + NESTED_LIMIT_MS;
}

/* Takes what is there; what is too much is not kept. */
static void take(struct nested_text *text)
{
	char buffer[4096];
	size_t room = sizeof(text->text) - 1 - text->used;
	ssize_t n = read(text->fd, buffer, sizeof(buffer));

	if (n > 0) {
		size_t kept = (size_t)n < room ? (size_t)n : room;

		memcpy(text->text + text->used, buffer, kept);
		text->used += kept;
		return;
	}
	close(text->fd);
	text->fd = -1;
}

/* Takes every @what out of @text. */
static void cut(char *text, const char *what)
{
	size_t length = strlen(what);

	for (char *hit = text; (hit = strstr(hit, what));)
		memmove(hit, hit + length, strlen(hit + length) + 1);
}

/* "(1234)" and ":1234)" are a PID in every init's lines. */
static void cut_pids(char *text)
{
	for (char *p = text; *p; p++) {
		size_t digits = strspn(p + 1, "0123456789");

		if ((*p == '(' || *p == ':') && digits > 0 && p[1 + digits] == ')')
			memmove(p + 1, p + 1 + digits, strlen(p + 1 + digits) + 1);
	}
}

/* Has it ended? Then it is buried, and its texts are made comparable. */
static bool is_over(struct nested_run *run)
{
	char prefix[96];
	int status;

	if (!run->hung && now_ms() > run->until) {
		run->hung = true;
		kill(run->pid, SIGKILL);
	}
	if (!run->hung && (run->pidfd >= 0 || run->out.fd >= 0 || run->err.fd >= 0))
		return false;
	need(waitpid(run->pid, &status, 0) == run->pid, "waitpid");
	run->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	for (int i = 0; i < 3; i++) {
		int *fd = (int *[]){ &run->pidfd, &run->out.fd, &run->err.fd }[i];

		if (*fd >= 0)
			close(*fd);
		*fd = -1;
	}
	snprintf(prefix, sizeof(prefix), "%s/ours/", paths.root);
	cut(run->err.text, prefix);
	snprintf(prefix, sizeof(prefix), "%s/original/", paths.root);
	cut(run->err.text, prefix);
	cut_pids(run->err.text);
	return true;
}

/* Waits until something happens to any of @live. */
static void wait_for(struct nested_run *const *live, int count)
{
	struct pollfd fds[3 * AT_ONCE];

	for (int i = 0; i < count; i++) {
		fds[3 * i] = (struct pollfd){ .fd = live[i]->pidfd, .events = POLLIN };
		fds[3 * i + 1] = (struct pollfd){ .fd = live[i]->out.fd, .events = POLLIN };
		fds[3 * i + 2] = (struct pollfd){ .fd = live[i]->err.fd, .events = POLLIN };
	}
	need(poll(fds, 3 * (nfds_t)count, NESTED_LIMIT_MS) >= 0 || errno == EINTR, "poll");
	for (int i = 0; i < count; i++) {
		if (fds[3 * i].revents) {
			close(live[i]->pidfd);
			live[i]->pidfd = -1;
		}
		if (fds[3 * i + 1].revents)
			take(&live[i]->out);
		if (fds[3 * i + 2].revents)
			take(&live[i]->err);
	}
}

int nested_run_all(struct nested_run *runs, int count)
{
	struct nested_run *live[AT_ONCE] = { NULL };
	int lives = 0;
	int next = 0;

	while (next < count || lives > 0) {
		while (next < count && lives < AT_ONCE) {
			live[lives++] = &runs[next];
			start(&runs[next++]);
		}
		wait_for(live, lives);
		for (int i = lives; i-- > 0;)
			if (is_over(live[i]))
				live[i] = live[--lives];
	}
	return end_leftovers();
}
