/* SPDX-License-Identifier: MIT */
/*
 * run.c - one program, in a PID namespace of its own, watched from outside.
 *
 * All we do is to wait for facts: a byte on the events' pipe, a text that was printed, the end of
 * everything. A program that is not done in a generous time is killed, and its case "hangs".
 */
#include "compat.h"
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define RUN_LIMIT_MS  20000
#define RUN_FIRST_FD  20 /* above all that the program gets */
#define RUN_ENV_ROOM  (COMPAT_LINES + 8)
#define RUN_ARGV_ROOM (COMPAT_WORDS + 4)

enum { RUN_OUT, RUN_ERR, RUN_EVENTS, RUN_STARTED, RUN_STREAMS };

struct run {
	const struct compat_case *c;
	bool is_original;
	pid_t pid;
	int fds[RUN_STREAMS]; /* our ends; -1 at their end */
	int in;               /* the other end of stdin, -1: there is none */
	struct compat_text text[RUN_STREAMS];
	size_t seen[RUN_STREAMS]; /* of the text: what a step waited for */
	size_t next_step;
	int ready; /* bytes that no step has used */
	int stops;
	char exit[64]; /* by the stub's word */
};

static int run_high(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, RUN_FIRST_FD);

	if (fd < 0 || high < 0)
		compat_die("no descriptors: %s", strerror(errno));
	(void)close(fd);
	return high;
}

static void run_pipe(int *ret_read, int *ret_write)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		compat_die("no pipe: %s", strerror(errno));
	*ret_read = run_high(fds[0]);
	*ret_write = run_high(fds[1]);
}

/* A terminal that changes no byte. */
static void run_terminal(int *ret_master, int *ret_slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios mode;
	int slave;

	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
		compat_die("no terminal: %s", strerror(errno));
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || tcgetattr(slave, &mode) != 0)
		compat_die("no terminal: %s", strerror(errno));
	cfmakeraw(&mode);
	if (tcsetattr(slave, TCSANOW, &mode) != 0)
		compat_die("no raw terminal: %s", strerror(errno));
	*ret_master = run_high(master);
	*ret_slave = run_high(slave);
}

static int run_open_stdin(struct run *run)
{
	int end = -1;

	switch (run->c->in) {
	case STDIN_NULL:
		return run_high(open("/dev/null", O_RDONLY | O_CLOEXEC));
	case STDIN_CLOSED:
		break;
	case STDIN_PIPE:
		run_pipe(&end, &run->in);
		break;
	case STDIN_TERMINAL:
	case STDIN_BACKGROUND:
	case STDIN_JOB:
		run_terminal(&run->in, &end);
		break;
	}
	return end;
}

/* In a user namespace of our own where we are not root. */
static pid_t run_clone(struct inside *inside)
{
	unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | SIGCHLD;

	inside->uid = geteuid();
	inside->gid = getegid();
	inside->new_user = inside->uid != 0;
	if (inside->new_user)
		flags |= CLONE_NEWUSER;
	return (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, 0UL);
}

static bool run_has(char **envp, size_t count, const char *entry)
{
	size_t len = strcspn(entry, "=");

	for (size_t i = 0; i < count; i++) {
		if (strncmp(envp[i], entry, len + 1) == 0)
			return true;
	}
	return false;
}

/* The variables of the case, a PATH that leads to the probe, and what a sanitizer is told. */
static void run_environment(const struct compat_case *c, const char *path, char **envp)
{
	size_t count = 0;

	for (size_t i = 0; i < c->envs; i++)
		envp[count++] = (char *)(size_t)c->env[i];
	if (!run_has(envp, count, path))
		envp[count++] = (char *)(size_t)path;
	for (char **e = environ; *e != NULL && count < RUN_ENV_ROOM - 1; e++) {
		if (strstr(*e, "SAN_OPTIONS=") != NULL)
			envp[count++] = *e;
	}
	envp[count] = NULL;
}

static void run_arguments(const struct compat_file *file, const struct compat_case *c,
			  const char *words, const struct compat_program *program, char **argv)
{
	size_t count = 0;

	if (program->by_as) {
		argv[count++] = (char *)(size_t) "sexton";
		argv[count++] = (char *)(size_t) "--as";
		argv[count++] = (char *)(size_t)file->name;
	} else {
		argv[count++] = (char *)(size_t)(c->argv0 != NULL ? c->argv0 : file->name);
	}
	count += cases_words(words, argv + count, COMPAT_WORDS);
	argv[count] = NULL;
}

static void run_start(struct run *run, struct inside inside)
{
	inside.in = run_open_stdin(run);
	if (run->c->pipe_out)
		run_pipe(&run->fds[RUN_OUT], &inside.out);
	else
		run_terminal(&run->fds[RUN_OUT], &inside.out);
	run_pipe(&run->fds[RUN_ERR], &inside.err);
	run_pipe(&run->fds[RUN_EVENTS], &inside.events);
	run_pipe(&run->fds[RUN_STARTED], &inside.started);
	run->pid = run_clone(&inside);
	if (run->pid == 0)
		inside_start(&inside);
	if (run->pid < 0)
		compat_die("this machine allows no new PID namespace: %s", strerror(errno));
	if (inside.in >= 0)
		(void)close(inside.in);
	(void)close(inside.out);
	(void)close(inside.err);
	(void)close(inside.events);
	(void)close(inside.started);
}

/* The number of the init as we see it: the stub's first child. */
static pid_t run_init(const struct run *run)
{
	char path[64];
	FILE *stream;
	int pid = 0;

	if (run->c->place == PLACE_PID1)
		return run->pid;
	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", run->pid, run->pid);
	stream = fopen(path, "re");
	if (stream == NULL || fscanf(stream, "%d", &pid) != 1)
		pid = 0; /* gone: the step finds nobody */
	if (stream != NULL)
		(void)fclose(stream);
	return pid;
}

static void run_do(struct run *run, const struct compat_step *step)
{
	pid_t init;

	if (step->deed == DEED_RELEASE) {
		if (run->in >= 0)
			(void)close(run->in);
		run->in = -1;
		return;
	}
	init = step->deed == DEED_SEND ? run_init(run) : 0;
	if (init <= 0)
		return;
	if (step->has_value)
		(void)sigqueue(init, step->sig, (union sigval){ .sival_int = step->value });
	else
		(void)kill(init, step->sig);
}

/* Was @text printed after what the last step waited for? */
static bool run_printed(struct run *run, const char *text)
{
	for (int i = RUN_OUT; i <= RUN_ERR; i++) {
		const char *all = text_of(&run->text[i]);
		const char *at = strstr(all + run->seen[i], text);

		if (at != NULL) {
			run->seen[i] = (size_t)(at - all) + strlen(text);
			return true;
		}
	}
	return false;
}

static bool run_moment(struct run *run, const struct compat_step *step)
{
	switch (step->moment) {
	case MOMENT_READY:
		return run->ready > 0 && run->ready-- > 0;
	case MOMENT_STOPPED:
		return run->stops > 0 && run->stops-- > 0;
	case MOMENT_TEXT:
		return run_printed(run, step->text);
	case MOMENT_STARTED:
		return run->fds[RUN_STARTED] < 0;
	case MOMENT_CLOSED:
		return run->fds[RUN_EVENTS] < 0;
	case MOMENT_AT_ONCE:
		return true;
	}
	return false;
}

/* The next step that is for this program, NULL: there is none. */
static const struct compat_step *run_step(struct run *run)
{
	while (run->next_step < run->c->step_count) {
		const struct compat_step *step = &run->c->steps[run->next_step];

		if (!step->original_only || run->is_original)
			return step;
		run->next_step++;
	}
	return NULL;
}

static void run_steps(struct run *run)
{
	const struct compat_step *step;

	while ((step = run_step(run)) != NULL && run_moment(run, step)) {
		run_do(run, step);
		run->next_step++;
	}
}

static void run_events(struct run *run)
{
	struct compat_text *events = &run->text[RUN_EVENTS];
	size_t *seen = &run->seen[RUN_EVENTS];

	while (*seen < events->len) {
		const char *e = events->bytes + *seen;

		if (e[0] == INSIDE_READY)
			run->ready++;
		else if (e[0] == INSIDE_STOPPED)
			run->stops++;
		else if (events->len - *seen < 2)
			return; /* its number is on the way */
		else
			(void)snprintf(run->exit, sizeof(run->exit), "%s%d",
				       e[0] == INSIDE_KILLED ? "killed by " : "",
				       (unsigned char)e[1]);
		*seen += e[0] == INSIDE_READY || e[0] == INSIDE_STOPPED ? 1 : 2;
	}
}

static void run_take(struct run *run, int stream)
{
	char bytes[8192];
	ssize_t got = read(run->fds[stream], bytes, sizeof(bytes));

	if (got > 0) {
		text_add(&run->text[stream], bytes, (size_t)got);
	} else if (got == 0 || errno != EINTR) { /* a terminal ends with EIO */
		(void)close(run->fds[stream]);
		run->fds[stream] = -1;
	}
}

static int64_t run_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until all streams are at their end, which is when the namespace is empty. */
static bool run_watch(struct run *run)
{
	int64_t limit = run_now_ms() + RUN_LIMIT_MS;
	bool in_time = true;

	for (;;) {
		struct pollfd polled[RUN_STREAMS];
		bool open = false;

		for (int i = 0; i < RUN_STREAMS; i++) {
			polled[i] = (struct pollfd){ .fd = run->fds[i], .events = POLLIN };
			open = open || run->fds[i] >= 0;
		}
		if (!open)
			return in_time;
		if (in_time && run_now_ms() >= limit) {
			in_time = false;
			(void)kill(run->pid, SIGKILL);
		}
		(void)poll(polled, RUN_STREAMS, in_time ? (int)(limit - run_now_ms()) : 1000);
		for (int i = 0; i < RUN_STREAMS; i++) {
			if (polled[i].revents != 0)
				run_take(run, i);
		}
		run_events(run);
		run_steps(run);
	}
}

static void run_tell(struct run *run, bool in_time, int status)
{
	size_t len;

	if (!in_time)
		(void)snprintf(run->exit, sizeof(run->exit), "hangs");
	else if (run->c->place == PLACE_PID1)
		(void)snprintf(run->exit, sizeof(run->exit), "%s%d",
			       WIFEXITED(status) ? "" : "killed by ",
			       WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	len = strlen(run->exit);
	if (run_step(run) != NULL)
		(void)snprintf(run->exit + len, sizeof(run->exit) - len, " before step %zu",
			       run->next_step + 1);
}

void run_case(const struct compat_file *file, const struct compat_case *c, const char *run_words,
	      const struct compat_program *program, const char *probe_dir,
	      struct compat_outcome *ret_outcome)
{
	struct run run = { .c = c, .is_original = program->is_original, .in = -1 };
	char *argv[RUN_ARGV_ROOM];
	char *envp[RUN_ENV_ROOM];
	char path[4096];
	bool in_time;
	int status = 0;

	(void)snprintf(path, sizeof(path), "PATH=%s:/usr/bin:/bin", probe_dir);
	run_environment(c, path, envp);
	run_arguments(file, c, run_words, program, argv);
	run_start(&run, (struct inside){ .c = c,
					 .path = program->path,
					 .cwd = strcmp(c->cwd, "probe") == 0 ? probe_dir : c->cwd,
					 .argv = argv,
					 .envp = envp });
	in_time = run_watch(&run);
	(void)waitpid(run.pid, &status, 0);
	run_tell(&run, in_time, status);
	if (run.in >= 0)
		(void)close(run.in);
	text_fini(&run.text[RUN_EVENTS]);
	*ret_outcome = (struct compat_outcome){ 0 };
	ret_outcome->part[PART_OUTPUT] = run.text[RUN_OUT];
	ret_outcome->part[PART_ERROR] = run.text[RUN_ERR];
	text_add(&ret_outcome->part[PART_EXIT], run.exit, strlen(run.exit));
	normal_text(file, c, &ret_outcome->part[PART_OUTPUT]);
	normal_text(file, c, &ret_outcome->part[PART_ERROR]);
}
