/* SPDX-License-Identifier: MIT */
/*
 * launch.c - makes the namespace and starts sexton in it. See launch.h.
 *
 * Root makes a PID and a mount namespace; anybody else makes a user namespace around them, in which
 * he is root.
 */
#include "launch.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 64

/* Everything that the child needs; the pipes are [0] to read, [1] to write. */
struct plan {
	const struct pidns_options *options;
	char *argv[WORDS_MAX];
	char *envp[WORDS_MAX];
	uid_t uid;
	gid_t gid;
	int out[2], err[2];
	int verdict[2]; /* subreaper: the stub's words */
	int go[2];      /* subreaper: closed when the test has sexton's pidfd */
};

void launch_give_up(const char *what)
{
	dprintf(STDERR_FILENO, "harness: %s: %s\n", what, strerror(errno));
	_exit(99);
}

static void write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		launch_give_up(path);
	close(fd);
}

/* In a new user namespace: to be @uid outside is to be root inside. */
static void become_root(uid_t uid, gid_t gid)
{
	char map[64];

	write_map("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", (unsigned int)uid);
	write_map("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", (unsigned int)gid);
	write_map("/proc/self/gid_map", map);
}

void launch_enter_namespace(uid_t uid, gid_t gid)
{
	if (uid != 0)
		become_root(uid, gid);
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		launch_give_up("make / private");
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		launch_give_up("mount /proc");
}

static void set_up_namespace(const struct plan *plan)
{
	/* The parent is in another PID namespace, so there is no getppid() to look for a lost
	 * race with: the pipes of a test that died are at their end, which ends the payload too. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	if (plan->uid == 0 && plan->options->user_ns)
		become_root(plan->uid, plan->gid);
	launch_enter_namespace(plan->uid, plan->gid);
	if (plan->options->hide_proc && mount("none", "/proc", "tmpfs", 0, "size=4k") < 0)
		launch_give_up("hide /proc");
}

static void set_up_stream(int fd, enum pidns_stream kind, int pipe_end)
{
	int broken[2];

	switch (kind) {
	case PIDNS_PIPE:
		if (dup2(pipe_end, fd) < 0)
			launch_give_up("dup2");
		break;
	case PIDNS_CLOSED:
		close(fd);
		break;
	case PIDNS_BROKEN:
		if (pipe2(broken, O_CLOEXEC) < 0 || dup2(broken[1], fd) < 0)
			launch_give_up("broken pipe");
		close(broken[0]);
		break;
	}
}

static void __attribute__((noreturn)) run_sexton(const struct plan *plan)
{
	const struct pidns_options *options = plan->options;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* What ctest or a shell left open is none of the test's business. */
	syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
	set_up_stream(STDIN_FILENO, options->in, null);
	set_up_stream(STDOUT_FILENO, options->out, plan->out[1]);
	if (options->err == PIDNS_PIPE)
		set_up_stream(STDERR_FILENO, options->err, plan->err[1]);
	if (options->prepare)
		options->prepare(options->arg);
	if (options->err != PIDNS_PIPE)
		set_up_stream(STDERR_FILENO, options->err, plan->err[1]);
	execve(plan->argv[0], plan->argv, plan->envp);
	launch_give_up(plan->argv[0]);
}

static int count_children(void)
{
	char text[65536];
	int fd = open("/proc/self/task/1/children", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	int count = 0;

	for (ssize_t i = 0; i < n; i++)
		count += text[i] == ' ';
	return n < 0 ? -1 : count;
}

/* PID 1 of a namespace in which sexton is a subreaper: waits, and looks who came past sexton. */
static void __attribute__((noreturn)) run_stub(const struct plan *plan)
{
	struct launch_verdict verdict = { 0 };
	pid_t sexton;
	pid_t pid;
	int status;
	char c = 0;

	sexton = fork();
	if (sexton < 0)
		launch_give_up("fork");
	if (sexton == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		run_sexton(plan);
	}
	if (write(plan->verdict[1], &c, 1) != 1)
		launch_give_up("tell the test");
	close(plan->go[1]);
	while (read(plan->go[0], &c, 1) < 0 && errno == EINTR)
		;
	while ((pid = waitpid(-1, &status, 0)) != sexton) {
		if (pid < 0)
			launch_give_up("waitpid");
		verdict.escaped++;
	}
	verdict.status = status;
	verdict.left = count_children();
	if (write(plan->verdict[1], &verdict, sizeof(verdict)) != sizeof(verdict))
		launch_give_up("tell the test");
	_exit(0);
}

/* SEXTON_E2E_WRAP's words, the binary, and @words. */
static void plan_words(struct plan *plan, const char *const *words)
{
	const char *binary = getenv("SEXTON");
	const char *wrap = getenv("SEXTON_E2E_WRAP");
	static char wrap_words[1024];
	char *save = NULL;
	int n = 0;

	if (!plan->options->direct) {
		if (!binary || access(binary, X_OK) < 0)
			fail_msg("SEXTON does not name the binary under test");
		snprintf(wrap_words, sizeof(wrap_words), "%s", wrap ? wrap : "");
		for (char *w = strtok_r(wrap_words, " ", &save); w && n < WORDS_MAX / 2;
		     w = strtok_r(NULL, " ", &save))
			plan->argv[n++] = w;
		plan->argv[n++] = (char *)binary;
	}
	for (int i = 0; words[i] && n < WORDS_MAX - 1; i++)
		plan->argv[n++] = (char *)words[i];
	plan->argv[n] = NULL;
}

/* A clean environment: the test's own, PATH, and what the sanitizers and coverage need. Of two with
 * the same name the first counts, so a test can overrule the sanitizers' options. */
static void plan_environment(struct plan *plan)
{
	static const char *const kept[] = { "PATH=",         "ASAN_OPTIONS=", "UBSAN_OPTIONS=",
					    "TSAN_OPTIONS=", "LSAN_OPTIONS=", "LD_LIBRARY_PATH=",
					    "GCOV_PREFIX=" };
	extern char **environ;
	int n = 0;

	for (int i = 0; plan->options->env && plan->options->env[i] && n < WORDS_MAX - 1; i++)
		plan->envp[n++] = (char *)plan->options->env[i];
	for (char **e = environ; *e; e++)
		for (size_t k = 0; k < sizeof(kept) / sizeof(kept[0]); k++)
			if (strncmp(*e, kept[k], strlen(kept[k])) == 0)
				plan->envp[n++] = *e;
	plan->envp[n] = NULL;
}

/* Finds sexton behind the stub: the stub's only child, by our numbers. */
static pid_t child_of_stub(pid_t stub)
{
	char path[64];
	char text[64] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)stub, (int)stub);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		fail_msg("%s: %s", path, strerror(errno));
	close(fd);
	return (pid_t)strtol(text, NULL, 10);
}

/* The test's side after the fork. */
static void attach(struct pidns *ns, struct plan *plan)
{
	struct pollfd ready = { .fd = plan->verdict[0], .events = POLLIN };
	char c = 0;

	close(plan->out[1]);
	close(plan->err[1]);
	ns->events.fd = plan->out[0];
	ns->log.fd = plan->err[0];
	ns->host_pid = ns->first;
	ns->inner_pid = 1;
	if (plan->options->subreaper) {
		close(plan->verdict[1]);
		close(plan->go[0]);
		ns->verdict = plan->verdict[0];
		if (poll(&ready, 1, PIDNS_LIMIT_MS) != 1 || read(ns->verdict, &c, 1) != 1)
			pidns_fail(ns, "the stub did not start");
		ns->host_pid = child_of_stub(ns->first);
		ns->inner_pid = 2;
	}
	ns->pidfd = (int)syscall(SYS_pidfd_open, ns->host_pid, 0);
	if (ns->pidfd < 0)
		fail_msg("pidfd_open: %s", strerror(errno));
	if (plan->options->subreaper)
		close(plan->go[1]);
}

void launch(struct pidns *ns, const struct pidns_options *options, const char *const *words)
{
	struct plan plan = { .options = options, .uid = geteuid(), .gid = getegid() };
	unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | SIGCHLD;

	ns->pidfd = ns->verdict = ns->events.fd = ns->log.fd = -1;
	plan_words(&plan, words);
	plan_environment(&plan);
	if (plan.uid != 0 || options->user_ns)
		flags |= CLONE_NEWUSER;
	if (pipe2(plan.out, O_CLOEXEC) < 0 || pipe2(plan.err, O_CLOEXEC) < 0)
		fail_msg("pipe: %s", strerror(errno));
	if (options->subreaper &&
	    (pipe2(plan.verdict, O_CLOEXEC) < 0 || pipe2(plan.go, O_CLOEXEC) < 0))
		fail_msg("pipe: %s", strerror(errno));
	fflush(NULL);
	/* With no stack of its own the child of clone(2) goes on here, as after fork(2). */
	ns->first = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (ns->first < 0)
		fail_msg("clone of a PID namespace: %s", strerror(errno));
	if (ns->first == 0) {
		dup2(plan.err[1], STDERR_FILENO);
		set_up_namespace(&plan);
		if (options->subreaper)
			run_stub(&plan);
		run_sexton(&plan);
	}
	attach(ns, &plan);
}
