/* SPDX-License-Identifier: MIT */
/* run.c - one sexton with a fault plan in a PID namespace of its own; see run.h. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_NS (10000 * RUN_MS)

/* What the child needs; pipes are [0] to read, [1] to write. */
struct start {
	const struct run_setup *setup;
	int plan;
	int in[2], out[2], err[2];
	int go[2], verdict[2];
	uid_t uid;
	gid_t gid;
};

static void __attribute__((noreturn)) give_up(const char *what)
{
	dprintf(STDERR_FILENO, "fault test: %s: %s\n", what, strerror(errno));
	_exit(99);
}

int64_t run_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

void run_init(struct run *run)
{
	*run = (struct run){ .pidfd = -1, .lifeline = -1, .go = -1, .verdict = -1 };
	run->events.fd = run->log.fd = -1;
	run->plan = mmap(NULL, sizeof(*run->plan), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (run->plan == MAP_FAILED)
		give_up("mmap");
}

static void write_map(const char *path, unsigned int id)
{
	char text[32];
	int length = snprintf(text, sizeof(text), "0 %u 1", id);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, (size_t)length) != length)
		give_up(path);
	close(fd);
}

static void enter_user_namespace(const struct start *s)
{
	int fd = open("/proc/self/setgroups", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "deny", 4) != 4)
		give_up("setgroups");
	close(fd);
	write_map("/proc/self/uid_map", s->uid);
	write_map("/proc/self/gid_map", s->gid);
}

static void enter_namespace(const struct start *s)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	if (s->uid != 0)
		enter_user_namespace(s);
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		give_up("make / private");
	if (s->setup->proc == RUN_PROC &&
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		give_up("mount /proc");
	if (s->setup->proc == RUN_PROC_HIDDEN && mount("none", "/proc", "tmpfs", 0, "size=4k") < 0)
		give_up("hide /proc");
	if (s->setup->scratch && mount("none", RUN_SCRATCH, "tmpfs", 0, "size=64k") < 0)
		give_up("mount " RUN_SCRATCH);
}

static void __attribute__((noreturn)) become_sexton(const struct start *s)
{
	char *const envp[] = { (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };

	syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
	if (dup2(s->in[0], STDIN_FILENO) < 0 || dup2(s->out[1], STDOUT_FILENO) < 0 ||
	    dup2(s->err[1], STDERR_FILENO) < 0 || dup2(s->plan, FAULT_PLAN_FD) < 0)
		give_up("dup2");
	execve(s->setup->argv[0], (char *const *)s->setup->argv, envp);
	give_up(s->setup->argv[0]);
}

/* PID 1 where sexton is a subreaper: waits for everybody, and tells how sexton ended. */
static void __attribute__((noreturn)) be_stub(const struct start *s)
{
	pid_t sexton = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	int status;
	pid_t pid;
	char c = 0;

	if (sexton < 0)
		give_up("clone");
	if (sexton == 0)
		become_sexton(s);
	/* Pipes, of this run or another thread's, must be at their end when their last user is. */
	if (dup2(s->go[0], STDIN_FILENO) < 0 || dup2(s->verdict[1], STDOUT_FILENO) < 0 ||
	    syscall(SYS_close_range, 3U, ~0U, 0U) < 0)
		give_up("stub");
	if (write(STDOUT_FILENO, &c, 1) != 1)
		give_up("stub");
	while (read(STDIN_FILENO, &c, 1) < 0 && errno == EINTR)
		;
	while ((pid = waitpid(-1, &status, 0)) > 0)
		if (pid == sexton && write(STDOUT_FILENO, &status, sizeof(status)) < 0)
			give_up("stub");
	_exit(0);
}

static void make_pipe(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC) < 0)
		give_up("pipe");
}

/* The plan, copied into a file that can be handed down. */
static int share_plan(struct run *run)
{
	int fd = memfd_create("plan", MFD_CLOEXEC);
	struct fault_plan *shared;

	if (fd < 0 || ftruncate(fd, sizeof(*shared)) < 0)
		give_up("memfd");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED)
		give_up("mmap");
	memcpy(shared, run->plan, sizeof(*shared));
	munmap(run->plan, sizeof(*run->plan));
	run->plan = shared;
	return fd;
}

/* The stub's only child, by our numbers. */
static void find_sexton(struct run *run)
{
	struct pollfd ready = { .fd = run->verdict, .events = POLLIN };
	char text[64] = "";
	char path[64];
	char c;
	int fd;

	if (poll(&ready, 1, (int)(LIMIT_NS / RUN_MS)) != 1 || read(run->verdict, &c, 1) != 1)
		give_up("the stub did not start");
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)run->first, (int)run->first);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		give_up(path);
	close(fd);
	run->sexton = (pid_t)atoi(text);
}

static void attach(struct run *run, struct start *s)
{
	close(s->in[0]);
	close(s->out[1]);
	close(s->err[1]);
	close(s->go[0]);
	close(s->verdict[1]);
	close(s->plan);
	run->lifeline = s->in[1];
	run->events.fd = s->out[0];
	run->log.fd = s->err[0];
	run->go = s->go[1];
	run->verdict = s->verdict[0];
	run->sexton = run->first;
	if (s->setup->subreaper)
		find_sexton(run);
	run->pidfd = (int)syscall(SYS_pidfd_open, run->sexton, 0);
	if (run->pidfd < 0)
		give_up("pidfd_open");
	close(run->go);
	run->go = -1;
}

void run_start(struct run *run, const struct run_setup *setup)
{
	struct start s = { .setup = setup, .uid = geteuid(), .gid = getegid() };
	unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | SIGCHLD;
	sigset_t all, before;

	if (s.uid != 0)
		flags |= CLONE_NEWUSER;
	s.plan = share_plan(run);
	make_pipe(s.in);
	make_pipe(s.out);
	make_pipe(s.err);
	make_pipe(s.go);
	make_pipe(s.verdict);
	sigfillset(&all);
	if (pthread_sigmask(SIG_BLOCK, setup->blocked ? &all : NULL, &before) != 0)
		give_up("block signals");
	/* With no stack of its own the child of clone(2) goes on here, as after fork(2). */
	run->first = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (run->first < 0)
		give_up("clone of a PID namespace");
	if (run->first == 0) {
		enter_namespace(&s);
		if (setup->subreaper)
			be_stub(&s);
		become_sexton(&s);
	}
	if (pthread_sigmask(SIG_SETMASK, &before, NULL) != 0)
		give_up("unblock signals");
	attach(run, &s);
}

static void close_if_open(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void run_fini(struct run *run)
{
	if (run->first > 0) {
		kill(run->first, SIGKILL);
		waitpid(run->first, NULL, 0);
	}
	if (run->guest > 0)
		waitpid(run->guest, NULL, 0);
	close_if_open(&run->pidfd);
	close_if_open(&run->lifeline);
	close_if_open(&run->go);
	close_if_open(&run->verdict);
	close_if_open(&run->events.fd);
	close_if_open(&run->log.fd);
	munmap(run->plan, sizeof(*run->plan));
}

static void take(struct run_text *text)
{
	ssize_t n = read(text->fd, text->text + text->used, sizeof(text->text) - text->used - 1);

	if (n > 0)
		text->used += (size_t)n;
	else
		close_if_open(&text->fd); /* the end, or more than any sane run writes */
	text->text[text->used] = '\0';
}

/* Sexton is a zombie. As PID 1 it is ours, else the stub tells. */
static void take_end(struct run *run)
{
	run->ended = true;
	if (run->sexton != run->first) {
		if (read(run->verdict, &run->status, sizeof(run->status)) != sizeof(run->status))
			give_up("the stub said nothing");
		return;
	}
	if (waitpid(run->first, &run->status, 0) != run->first)
		give_up("waitpid");
	run->first = 0;
}

/* Waits for anything to happen, and takes it in. False when @until is over. */
static bool pump(struct run *run, int64_t until)
{
	struct pollfd fds[] = {
		{ .fd = run->events.fd, .events = POLLIN },
		{ .fd = run->log.fd, .events = POLLIN },
		{ .fd = run->ended ? -1 : run->pidfd, .events = POLLIN },
	};
	int64_t rest = (until - run_now()) / RUN_MS;

	if (rest < 0 || poll(fds, 3, (int)rest) < 0)
		return false;
	if (fds[0].revents)
		take(&run->events);
	if (fds[1].revents)
		take(&run->log);
	/* Last: what it wrote came before its end. */
	if (fds[2].revents && !fds[0].revents && !fds[1].revents)
		take_end(run);
	return true;
}

static int count(const struct run_text *text, const char *what, bool anywhere)
{
	size_t length = strlen(what);
	const char *line = text->text;
	int n = 0;

	for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		if (anywhere)
			n += memmem(line, (size_t)(end - line), what, length) != NULL;
		else
			n += (size_t)(end - line) >= length && memcmp(line, what, length) == 0;
	}
	return n;
}

int run_count(const struct run *run, const char *event)
{
	return count(&run->events, event, false);
}

int run_log_count(const struct run *run, const char *log)
{
	return count(&run->log, log, true);
}

enum run_news run_until(struct run *run, const char *event, const char *log, int nth,
			int64_t limit_ns)
{
	int64_t until = run_now() + limit_ns;

	for (;;) {
		if (run_count(run, event) > 0)
			return RUN_EVENT;
		if (log != NULL && run_log_count(run, log) >= nth)
			return RUN_LOG;
		if (run->ended)
			return RUN_END;
		if (!pump(run, until))
			return RUN_LATE;
	}
}

bool run_end(struct run *run, int64_t limit_ns)
{
	int64_t until = run_now() + limit_ns;

	while (!run->ended)
		if (!pump(run, until))
			return false;
	return true;
}

bool run_rest(struct run *run, int64_t limit_ns)
{
	int64_t until = run_now() + limit_ns;

	while (run->events.fd >= 0 || run->log.fd >= 0)
		if (!pump(run, until))
			return false;
	return true;
}

/* In a child of the test's: a user namespace, whose rights it takes, only who is alone may enter. */
static void __attribute__((noreturn)) be_guest(const struct run *run, const char *victim)
{
	const char *const argv[] = { victim, "guest", NULL };
	int in_namespace = CLONE_NEWPID | (geteuid() != 0 ? CLONE_NEWUSER : 0);
	char path[64];
	pid_t pid;

	/* Sexton's own pipes: of ours the other ends are left. */
	for (int fd = 0; fd < 2; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)run->sexton, fd);
		if (dup2(open(path, (fd == 0 ? O_RDONLY : O_WRONLY) | O_CLOEXEC), fd) < 0)
			give_up(path);
	}
	if (setns(run->pidfd, in_namespace) < 0)
		give_up("setns");
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid < 0)
		give_up("clone of a guest");
	if (pid == 0) {
		syscall(SYS_close_range, 3U, ~0U, 0U);
		execv(victim, (char *const *)argv);
		give_up(victim);
	}
	/* It waits, for the namespace ends only when all in it are buried. Pipes as in be_stub(). */
	syscall(SYS_close_range, 0U, ~0U, 0U);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	_exit(0);
}

void run_guest(struct run *run, const char *victim)
{
	run->guest = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (run->guest < 0)
		give_up("clone");
	if (run->guest == 0)
		be_guest(run, victim);
}

void run_signal(struct run *run, int sig)
{
	/* By number: nobody waits for sexton before we do. */
	int r = sig == SIGUSR1 ? sigqueue(run->sexton, sig, (union sigval){ .sival_int = 42 })
			       : kill(run->sexton, sig);

	/* ESRCH: with a stub it is gone already, and the next look says so. */
	if (r < 0 && errno != ESRCH)
		give_up("signal");
}

void run_help(struct run *run)
{
	close_if_open(&run->lifeline);
}

int64_t run_cpu_ns(const struct run *run)
{
	unsigned long user = 0;
	unsigned long system = 0;
	char text[1024] = "";
	char path[32];
	char *end;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)run->sexton);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) > 0 && (end = strrchr(text, ')')) != NULL)
		sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		       &system);
	close(fd);
	return (int64_t)(user + system) * (1000000000 / sysconf(_SC_CLK_TCK));
}

int run_code(const struct run *run)
{
	return WIFSIGNALED(run->status) ? -WTERMSIG(run->status) : WEXITSTATUS(run->status);
}
