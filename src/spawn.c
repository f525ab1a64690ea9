/* SPDX-License-Identifier: MIT */
/*
 * spawn.c - the child; see sexton/spawn.h.
 *
 * What the child needs is prepared before the fork, so that between fork and exec it only calls the
 * kernel. A failed exec is looked into by the child, which is about to end anyway: PID 1 parses no
 * foreign file. The parent only reads the words.
 */
#include "sexton/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "sexton/diagnose.h"
#include "sexton/exec.h"
#include "sexton/listen.h"
#include "sexton/log.h"
#include "sexton/signals.h"
#include "sexton/sys.h"
#include "sexton/tty.h"

/* Signals 1 to 31 and their dispositions are what dumb-init knows. */
#define SPAWN_LAST_OF_DEFAULT 31

/* What the child tells through the pipe when nothing could be executed. At most PIPE_BUF bytes:
 * written at once or not at all. */
struct spawn_report {
	int err;  /* positive errno of execve(2) */
	int code; /* 126 or 127 */
	char words[480];
};

struct spawn_plan {
	const struct config *config;
	const struct spawn_inherited *inherited;
	char **envp;
	char **shell_argv; /* room for argv with a shell before it; begins the mapped room */
	size_t room_size;
	pid_t own_pgid;
	int cwd;          /* the working directory, if we have left it; else -1 */
	int report;       /* write end of the pipe, -1: there is none */
	uint64_t handoff; /* for struct spawn_child */
	struct listen_variable listen;
};

int spawn_inherit(struct spawn_inherited *ret_inherited)
{
	struct sigaction by_default = { .sa_handler = SIG_DFL };
	int r;

	*ret_inherited = (struct spawn_inherited){ .sigchld = by_default };
	r = sys_sigmask(SIG_SETMASK, SIGNALS_ALL, &ret_inherited->mask);
	if (r < 0) /* a signal that is not blocked is lost on PID 1: worth a second try */
		r = sys_sigmask(SIG_SETMASK, SIGNALS_ALL, &ret_inherited->mask);
	if (r < 0) {
		log_line(LOG_WARN, "cannot block signals: %s; the command was not run",
			 sys_strerror(-r));
		return r;
	}
	if (sys_sigaction(SIGCHLD, &by_default, &ret_inherited->sigchld) < 0 &&
	    sys_sigaction(SIGCHLD, NULL, &ret_inherited->sigchld) < 0)
		ret_inherited->sigchld = by_default;
	return 0;
}

static size_t spawn_count(char **list)
{
	size_t count = 0;

	while (list[count] != NULL)
		count++;
	return count;
}

static int spawn_plan_init(struct spawn_plan *plan, const struct config *config,
			   const struct spawn_inherited *inherited)
{
	/* The shell, argv, the environment, and a NULL behind either. */
	size_t argc = spawn_count(config->argv);
	size_t size = (1 + argc + 1 + spawn_count(config->envp) + 1) * sizeof(char *);
	char **room = sys_map(size);

	if (room == NULL)
		return -ENOMEM;
	*plan = (struct spawn_plan){ .config = config,
				     .inherited = inherited,
				     .envp = config->envp,
				     .shell_argv = room,
				     .room_size = size,
				     .own_pgid = tty_own_group(),
				     .cwd = -1,
				     .report = -1 };
	memcpy(room + 1, config->argv, (argc + 1) * sizeof(*room));
	if (config->listen_pid)
		plan->envp = listen_environment(config->envp, room + argc + 2, &plan->listen);
	return 0;
}

static void spawn_plan_fini(struct spawn_plan *plan)
{
	if (plan->cwd >= 0)
		sys_close(plan->cwd);
	sys_unmap(plan->shell_argv, plan->room_size);
}

/*
 * Before the fork, so that the command can never find us in its directory. Only if the way back is
 * open to the child: a directory that we may not enter again is left after the exec.
 */
static void spawn_leave_cwd(struct spawn_plan *plan)
{
	int cwd = plan->config->keep_cwd ? -1 : sys_open(".", O_PATH | O_DIRECTORY);

	if (cwd < 0)
		return;
	if (sys_fchdir(cwd) == 0 && sys_chdir("/") == 0)
		plan->cwd = cwd;
	else
		sys_close(cwd);
}

/*
 * Before the fork, so that the terminal is free when the child's new session takes it. If we lead
 * its session the kernel sends HUP and CONT to the foreground, which is most often us
 * (ioctl_tty(2), Yelp/dumb-init#136).
 */
static void spawn_leave_tty(struct spawn_plan *plan)
{
	int r;

	if (plan->config->group != CONFIG_GROUP_SESSION || plan->config->tty == CONFIG_TTY_NEVER)
		return;
	r = sys_leave_tty(STDIN_FILENO);
	if (r < 0) {
		log_say(LOG_TTY_NOT_LEFT, &(struct log_fact){ .err = -r });
	} else if (sys_leads_session()) {
		log_say(LOG_LEFT_TTY, &(struct log_fact){ 0 });
		plan->handoff = SIGNALS_BIT(SIGHUP) | SIGNALS_BIT(SIGCONT);
	} else {
		log_say(LOG_LEFT_TTY_LED, &(struct log_fact){ 0 });
	}
}

/* A process group of its own, in the terminal's foreground where ours was. */
static void spawn_enter_group(const struct spawn_plan *plan, pid_t pid)
{
	int r = sys_setpgid(0, 0);
	int tty, err;

	if (r < 0 && sys_getpgrp() != pid) {
		log_line(LOG_WARN, "cannot give the command a process group of its own: %s",
			 sys_strerror(-r));
		return;
	}
	tty = tty_open(plan->config->tty, &err);
	if (tty < 0)
		return;
	if (err != 0)
		log_say(LOG_NO_CONTROLLING_TTY, &(struct log_fact){ .err = err });
	/* The other end of a pipeline is in our group and may want the terminal: a pager does. Who
	 * else wants it is helped by job.c, but not below PID 1. */
	if (sys_is_pipe(STDOUT_FILENO) && sys_getppid() != 1)
		r = tty_foreground(tty);
	else
		r = tty_pass(tty, plan->own_pgid, pid);
	tty_close(tty);
	if (r == -ENOTTY)
		log_say(LOG_NO_TTY, &(struct log_fact){ .err = -r });
	else if (r < 0)
		log_line(LOG_WARN, "cannot give the command the terminal: %s", sys_strerror(-r));
}

/* A session of its own, with the terminal that we left. */
static void spawn_enter_session(const struct spawn_plan *plan)
{
	int r = sys_setsid();

	if (r < 0) {
		log_line(LOG_WARN, "cannot give the command a session of its own: %s",
			 sys_strerror(-r));
		return;
	}
	r = plan->config->tty == CONFIG_TTY_NEVER ? 0 : sys_attach_tty(STDIN_FILENO);
	if (r < 0) /* none, or it is still another session's */
		log_say(LOG_TTY_NOT_ATTACHED, &(struct log_fact){ .err = -r });
	log_say(LOG_NEW_SESSION, &(struct log_fact){ 0 });
}

/* Adds @words to the report, cut where it is full. */
static void spawn_add_words(struct spawn_report *report, const char *words)
{
	size_t used = strlen(report->words);
	size_t len = strlen(words);
	size_t room = sizeof(report->words) - 1 - used;

	memcpy(report->words + used, words, len < room ? len : room);
}

static void spawn_say(const char *command, const struct spawn_report *report)
{
	log_line(LOG_WARN, "cannot run %s: %s", command[0] != '\0' ? command : "''", report->words);
}

/* What a failed exec ends with where it counts as an exit of the command's, and its words. */
static int spawn_exit_of(const struct config *config, const struct exec_blame *blame)
{
	const struct log_fact fact = { .text = config->argv[0], .err = blame->libc_err };

	log_say(LOG_EXEC_FAILED, &fact);
	if (blame->libc_err == ENOENT)
		return config->exec.not_found;
	return blame->libc_err == EACCES ? config->exec.forbidden : config->exec.other;
}

/* What a failed exec ends with else: why, in words that say what to mend. */
static void spawn_explain(const char *command, const struct exec_blame *blame,
			  struct spawn_report *ret_report)
{
	char reason[sizeof(ret_report->words)];

	*ret_report = (struct spawn_report){ .err = blame->err };
	ret_report->code = diagnose_exec(blame->path, blame->err, reason, sizeof(reason));
	if (strchr(command, '/') == NULL && strchr(blame->path, '/') != NULL) {
		spawn_add_words(ret_report, blame->path);
		spawn_add_words(ret_report, ": ");
	}
	spawn_add_words(ret_report, reason);
}

/* The child's last act. */
static _Noreturn void spawn_give_up(const struct spawn_plan *plan, pid_t pid,
				    const struct exec_blame *blame)
{
	const struct config *config = plan->config;
	struct spawn_report report;
	int err;
	int tty = config->group == CONFIG_GROUP_NEW ? tty_open(config->tty, &err) : -ENXIO;

	/* No signal may end us before the report is out, and a parent that does not read is EPIPE
	 * and no SIGPIPE. Where this is refused it goes as well as it goes. */
	sys_ignore(sys_sigmask(SIG_SETMASK, SIGNALS_ALL, NULL));
	/* Whoever called us would otherwise find the terminal in the hands of a dead group; a
	 * refusal changes nothing. A group without a number here (see tty.c) cannot be named. */
	if (tty >= 0 && plan->own_pgid > 0)
		sys_ignore(tty_pass(tty, pid, plan->own_pgid));
	log_take_time();
	if (config->exec.is_an_exit)
		sys_exit(spawn_exit_of(config, blame));
	spawn_explain(config->argv[0], blame, &report);
	if (plan->report < 0 ||
	    sys_write(plan->report, &report, sizeof(report)) != (ssize_t)sizeof(report))
		spawn_say(config->argv[0], &report);
	sys_exit(report.code);
}

/* A command in the wrong directory may do harm: better none. */
static void spawn_return_to_cwd(const struct spawn_plan *plan)
{
	int r = plan->cwd < 0 ? 0 : sys_fchdir(plan->cwd);

	if (r < 0)
		r = sys_fchdir(plan->cwd);
	if (r == 0)
		return;
	log_line(LOG_WARN, "cannot go back to the working directory: %s; the command was not run",
		 sys_strerror(-r));
	sys_exit(plan->config->own_failure);
}

/* Signals as they were: dispositions first, the mask last, so that a signal that came meanwhile
 * meets the child as the command would meet it. */
static void spawn_restore_signals(const struct config *config,
				  const struct spawn_inherited *inherited)
{
	struct sigaction by_default = { .sa_handler = SIG_DFL };
	struct sigaction old;
	uint64_t mask = config->default_signals ? 0 : inherited->mask;
	int r = sys_sigaction(SIGCHLD, &inherited->sigchld, NULL);

	if (r < 0)
		log_line(LOG_WARN, "cannot restore the disposition of SIGCHLD: %s",
			 sys_strerror(-r));
	for (int sig = 1; config->default_signals && sig <= SPAWN_LAST_OF_DEFAULT; sig++) {
		if (sys_sigaction(sig, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			sys_ignore(sys_sigaction(sig, &by_default, NULL)); /* as inherited then */
	}
	r = sys_sigmask(SIG_SETMASK, mask, NULL);
	if (r < 0) /* a command that hears no signal is worth a second try */
		r = sys_sigmask(SIG_SETMASK, mask, NULL);
	if (r < 0)
		log_line(LOG_WARN, "cannot restore the signal mask: %s", sys_strerror(-r));
}

static _Noreturn void spawn_child(struct spawn_plan *plan)
{
	const struct config *config = plan->config;
	struct exec_blame blame;
	pid_t pid = sys_getpid();

	listen_name(&plan->listen, pid);
	spawn_return_to_cwd(plan);
	switch (config->group) {
	case CONFIG_GROUP_NEW:
		spawn_enter_group(plan, pid);
		break;
	case CONFIG_GROUP_SESSION:
		spawn_enter_session(plan);
		break;
	case CONFIG_GROUP_SAME:
		break;
	}
	spawn_restore_signals(config, plan->inherited);
	exec_command(config, plan->envp, plan->shell_argv, &blame);
	spawn_give_up(plan, pid, &blame);
}

/* Waits for the exec. Returns true with a report if it failed, false if it happened, or if the
 * child ended without a word: then its status tells, like any other command's. */
static bool spawn_was_told(int fd, struct spawn_report *ret_report)
{
	size_t got = 0;
	ssize_t r;

	do {
		r = sys_read(fd, (char *)ret_report + got, sizeof(*ret_report) - got);
		if (r > 0)
			got += (size_t)r;
	} while (r > 0 && got < sizeof(*ret_report));
	if (r < 0)
		log_line(LOG_WARN, "cannot learn whether the command was executed: %s",
			 sys_strerror((int)-r));
	return got == sizeof(*ret_report);
}

/*
 * Waits until the pipe tells of the exec. Not if a signal comes first: an exec may hang, on a dead
 * file system or because the child was stopped by a key, and the main loop must hear of it. Then the
 * child meets a closed pipe, and speaks for itself. Where a call is refused, the pipe is waited for.
 */
static bool spawn_awaits_news(int fd)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = sys_signalfd(-1, SIGNALS_ALL), .events = POLLIN },
	};
	int ready;

	do {
		ready = sys_ppoll(fds, 2, -1);
	} while (ready == 0);
	if (fds[1].fd >= 0)
		sys_close(fds[1].fd);
	return ready < 0 || fds[0].revents != 0;
}

/* In the parent: returns 0 once the command runs, else a negative errno; see spawn_run(). */
static int spawn_watch(const struct spawn_plan *plan, pid_t pid, int fd, int *ret_code)
{
	struct spawn_report report;
	int status;

	/* Here as well as in the child, so that the group is there before a signal must reach it.
	 * The child may be faster (EACCES after its exec, ESRCH), and it warns of a refusal. */
	if (plan->config->group == CONFIG_GROUP_NEW)
		sys_ignore(sys_setpgid(pid, pid));
	if (fd < 0 || !spawn_awaits_news(fd) || !spawn_was_told(fd, &report))
		return 0;
	spawn_say(plan->config->argv[0], &report);
	/* ECHILD if SIGCHLD could not be set to its default; then it is gone as well. */
	sys_ignore(sys_waitpid(pid, &status, 0));
	*ret_code = report.code;
	return -report.err;
}

static void spawn_say_no_fork(const char *command, int err)
{
	if (log_says(LOG_FORK_FAILED))
		log_say(LOG_FORK_FAILED, &(struct log_fact){ .text = command, .err = err });
	else
		log_line(LOG_WARN, "cannot fork for %s: %s%s", command, sys_strerror(err),
			 err == EAGAIN ? " (a limit on the number of processes is reached)" : "");
}

static int spawn_fork(struct spawn_plan *plan, pid_t *ret_pid, int *ret_code)
{
	const struct config *config = plan->config;
	int fds[2] = { -1, -1 };
	pid_t pid;
	int r;

	/* Without a pipe (EMFILE, ENFILE) the child speaks for itself. */
	if (config->exec.is_an_exit || sys_pipe(fds) < 0)
		fds[0] = fds[1] = -1;
	plan->report = fds[1];
	pid = sys_fork();
	if (pid == 0) {
		if (fds[0] >= 0)
			sys_close(fds[0]); /* or a parent that does not read would not be EPIPE */
		spawn_child(plan);
	}
	if (fds[1] >= 0)
		sys_close(fds[1]);
	if (pid > 0)
		log_say(LOG_SPAWNED, &(struct log_fact){ .text = config->argv[0], .pid = pid });
	r = pid < 0 ? pid : spawn_watch(plan, pid, fds[0], ret_code);
	if (fds[0] >= 0)
		sys_close(fds[0]);
	if (pid < 0) {
		spawn_say_no_fork(config->argv[0], -r);
		*ret_code = config->own_failure;
	}
	if (r == 0)
		*ret_pid = pid;
	return r;
}

int spawn_run(const struct config *config, const struct spawn_inherited *inherited,
	      struct spawn_child *ret_child, int *ret_code)
{
	struct spawn_plan plan;
	pid_t pid;
	int r = spawn_plan_init(&plan, config, inherited);

	if (r < 0) {
		log_line(LOG_WARN, "cannot start %s: %s", config->argv[0], sys_strerror(-r));
		*ret_code = config->own_failure;
		return r;
	}
	spawn_leave_cwd(&plan);
	spawn_leave_tty(&plan);
	r = spawn_fork(&plan, &pid, ret_code);
	if (r == 0)
		*ret_child = (struct spawn_child){ .pid = pid, .handoff = plan.handoff };
	spawn_plan_fini(&plan);
	return r;
}

int spawn_step_aside(const struct config *config, const struct spawn_inherited *inherited)
{
	struct spawn_plan plan;
	struct spawn_report report;
	struct exec_blame blame;
	int r = spawn_plan_init(&plan, config, inherited);
	int code;

	if (r < 0) {
		log_line(LOG_WARN, "cannot start %s: %s", config->argv[0], sys_strerror(-r));
		return config->own_failure;
	}
	log_say(LOG_STEPPING_ASIDE, &(struct log_fact){ .text = config->argv[0] });
	spawn_restore_signals(config, inherited);
	/* Its PID is ours: the environment that we were given is right for it. */
	exec_command(config, config->envp, plan.shell_argv, &blame);
	sys_ignore(sys_sigmask(SIG_SETMASK, SIGNALS_ALL, NULL)); /* a signal would end us early */
	if (config->exec.is_an_exit) {
		code = spawn_exit_of(config, &blame);
	} else {
		spawn_explain(config->argv[0], &blame, &report);
		spawn_say(config->argv[0], &report);
		code = report.code;
	}
	spawn_plan_fini(&plan);
	return code;
}

void spawn_let_go(const struct config *config)
{
	int r = config->keep_fds ? 0 : sys_close_range(3, UINT_MAX);

	if (r < 0)
		log_line(LOG_WARN, "cannot close the command's descriptors here: %s",
			 sys_strerror(-r));
	r = config->keep_cwd ? 0 : sys_chdir("/");
	if (r < 0)
		log_line(LOG_WARN, "cannot leave the working directory: %s", sys_strerror(-r));
}
