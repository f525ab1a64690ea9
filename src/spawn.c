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
#include <limits.h>
#include <string.h>

#include "sexton/config.h"
#include "sexton/diagnose.h"
#include "sexton/log.h"
#include "sexton/signals.h"
#include "sexton/sys.h"
#include "sexton/text.h"
#include "sexton/tty.h"

#define SPAWN_DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define SPAWN_SHELL        "/bin/sh"
#define SPAWN_LISTEN_PID   "LISTEN_PID="
#define SPAWN_PIDFDID      "LISTEN_PIDFDID="

/* What the child tells through the pipe when nothing could be executed. At most PIPE_BUF bytes:
 * written at once or not at all. */
struct spawn_report {
	int err;  /* positive errno of execve(2) */
	int code; /* 126 or 127 */
	char words[480];
};

struct spawn_plan {
	char **argv;
	char **envp;
	char **shell_argv; /* argv with SPAWN_SHELL before it; begins the mapped room */
	size_t room_size;
	const struct spawn_inherited *inherited;
	pid_t own_pgid;
	int report; /* write end of the pipe, -1: there is none */
	char listen_pid[sizeof(SPAWN_LISTEN_PID) + TEXT_NUMBER_SIZE];
};

/* What a failed exec is to be blamed on. */
struct spawn_blame {
	int err;    /* positive errno of execve(2) */
	bool found; /* a file of that name is there */
	char path[PATH_MAX];
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

/* Is @entry of the environment the variable @prefix ("NAME=")? Its value then, else NULL. */
static const char *spawn_value(const char *entry, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(entry, prefix, len) == 0 ? entry + len : NULL;
}

/* Does @entry say LISTEN_PID=@digits? */
static bool spawn_is_our_listen_pid(const char *entry, const char *digits)
{
	const char *value = spawn_value(entry, SPAWN_LISTEN_PID);

	return value != NULL && strcmp(value, digits) == 0;
}

static size_t spawn_count(char **list)
{
	size_t count = 0;

	while (list[count] != NULL)
		count++;
	return count;
}

/*
 * The command's environment. Sockets handed to us (LISTEN_PID is ours) are the command's: the
 * number is replaced by one that the child fills in. LISTEN_PIDFDID names our pidfd inode, and
 * sd_listen_fds(3) answers "none" on a mismatch, so it goes. Somebody else's sockets stay so.
 */
static char **spawn_prepare_environment(struct spawn_plan *plan, char **envp, char **room)
{
	char own[TEXT_NUMBER_SIZE];
	bool ours = false;
	size_t used = 0;

	(void)text_number((uint64_t)sys_getpid(), own);
	for (char **e = envp; *e != NULL; e++) {
		bool is_ours = spawn_is_our_listen_pid(*e, own);

		if (spawn_value(*e, SPAWN_PIDFDID) == NULL)
			room[used++] = is_ours ? plan->listen_pid : *e;
		ours = ours || is_ours;
	}
	room[used] = NULL;
	return ours ? room : envp;
}

static int spawn_plan_init(struct spawn_plan *plan, char **argv, char **envp,
			   const struct spawn_inherited *inherited)
{
	/* The shell, argv, the environment, and a NULL behind either. */
	size_t argc = spawn_count(argv);
	size_t size = (1 + argc + 1 + spawn_count(envp) + 1) * sizeof(char *);
	char **room = sys_map(size);

	if (room == NULL)
		return -ENOMEM;
	*plan = (struct spawn_plan){ .argv = argv,
				     .shell_argv = room,
				     .room_size = size,
				     .inherited = inherited,
				     .own_pgid = sys_getpgrp(),
				     .report = -1,
				     .listen_pid = SPAWN_LISTEN_PID };
	memcpy(plan->shell_argv + 1, argv, (argc + 1) * sizeof(*argv));
	plan->envp = spawn_prepare_environment(plan, envp, room + argc + 2);
	return 0;
}

static void spawn_plan_fini(struct spawn_plan *plan)
{
	sys_unmap(plan->shell_argv, plan->room_size);
}

/* Returns only when @path was not executed: the positive errno. */
static int spawn_try(struct spawn_plan *plan, char *path)
{
	char shell[] = SPAWN_SHELL;
	int r = sys_execve(path, plan->argv, plan->envp);

	if (r != -ENOEXEC || !diagnose_is_script(path))
		return -r;
	plan->shell_argv[0] = shell;
	plan->shell_argv[1] = path;
	r = sys_execve(shell, plan->shell_argv, plan->envp);
	/* A shell that cannot be executed is not what the user asked for: the script is blamed. */
	return r == -E2BIG || r == -ENOMEM ? -r : ENOEXEC;
}

/* Does the search go on after @err? The list of execvp(3), and what else a stale or odd directory
 * in the PATH may answer. */
static bool spawn_goes_on(int err)
{
	switch (err) {
	case ENOENT:
	case ENOTDIR:
	case EACCES:
	case ENAMETOOLONG:
	case ELOOP:
	case ESTALE:
	case ENODEV:
	case ENXIO:
	case ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

/* Puts "@directory/@name" together. Returns false if it is longer than any path may be. */
static bool spawn_join(char ret_path[PATH_MAX], const char *directory, size_t len, const char *name)
{
	size_t name_size = strlen(name) + 1;

	if (len == 0) { /* an empty element is the current directory; "./-x" is no option of sh's */
		directory = ".";
		len = 1;
	}
	if (len + 1 + name_size > PATH_MAX)
		return false;
	memcpy(ret_path, directory, len);
	ret_path[len] = '/';
	memcpy(ret_path + len + 1, name, name_size);
	return true;
}

/*
 * Tries each directory of the PATH. The first file that is there but cannot be executed gets the
 * blame, and only if a file is there: EACCES of a directory that we may not look into (/root/bin in
 * the PATH of an ordinary user) is no "permission denied", and ENOENT of a file that exists is a
 * missing interpreter and no "not found".
 */
static void spawn_search(struct spawn_plan *plan, const char *name, struct spawn_blame *ret_blame)
{
	const char *element = SPAWN_DEFAULT_PATH;
	char path[PATH_MAX];
	struct stat st;

	for (char **e = plan->envp; *e != NULL; e++) {
		const char *value = spawn_value(*e, "PATH=");

		if (value != NULL) {
			element = value;
			break;
		}
	}
	for (;; element++) {
		size_t len = strcspn(element, ":");

		if (spawn_join(path, element, len, name)) {
			int err = spawn_try(plan, path);
			bool last = !spawn_goes_on(err);
			bool found = last || err == ELOOP || sys_stat(path, &st) == 0;

			if (last || (found && !ret_blame->found)) {
				ret_blame->err = err;
				ret_blame->found = true;
				memcpy(ret_blame->path, path, sizeof(path));
			}
			if (last)
				return;
		}
		element += len;
		if (*element == '\0')
			return;
	}
}

/* Executes the command. Returns only when that failed. */
static void spawn_exec(struct spawn_plan *plan, struct spawn_blame *ret_blame)
{
	char *name = plan->argv[0];
	size_t size = strlen(name) + 1;

	*ret_blame = (struct spawn_blame){ .err = ENOENT };
	memcpy(ret_blame->path, name, size < PATH_MAX ? size : PATH_MAX - 1);
	if (size == 1)
		return;
	if (strchr(name, '/') != NULL)
		ret_blame->err = spawn_try(plan, name);
	else
		spawn_search(plan, name, ret_blame);
}

/* A process group of its own, in the terminal's foreground where ours was. */
static void spawn_enter_group(const struct spawn_plan *plan, pid_t pid)
{
	int r = sys_setpgid(0, 0);

	if (r < 0 && sys_getpgrp() != pid) {
		log_line(LOG_WARN, "cannot give the command a process group of its own: %s",
			 sys_strerror(-r));
		return;
	}
	r = tty_hand_over(plan->own_pgid, pid);
	if (r < 0)
		log_line(LOG_WARN, "cannot give the command the terminal: %s", sys_strerror(-r));
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

/* The child's last act. */
static _Noreturn void spawn_give_up(const struct spawn_plan *plan, pid_t pid,
				    const struct spawn_blame *blame)
{
	struct spawn_report report = { .err = blame->err };
	char reason[sizeof(report.words)];

	/* No signal may end us before the report is out, and a parent that does not read is EPIPE
	 * and no SIGPIPE. Where this is refused it goes as well as it goes. */
	sys_ignore(sys_sigmask(SIG_SETMASK, SIGNALS_ALL, NULL));
	/* Whoever called us would otherwise find the terminal in the hands of a dead group; a
	 * refusal changes nothing. A group without a number here (see tty.c) cannot be named. */
	if (plan->own_pgid > 0)
		sys_ignore(tty_hand_over(pid, plan->own_pgid));
	report.code = diagnose_exec(blame->path, blame->err, reason, sizeof(reason));
	if (strchr(plan->argv[0], '/') == NULL && strchr(blame->path, '/') != NULL) {
		spawn_add_words(&report, blame->path);
		spawn_add_words(&report, ": ");
	}
	spawn_add_words(&report, reason);
	if (plan->report < 0 ||
	    sys_write(plan->report, &report, sizeof(report)) != (ssize_t)sizeof(report))
		spawn_say(plan->argv[0], &report);
	sys_exit(report.code);
}

static _Noreturn void spawn_child(struct spawn_plan *plan)
{
	struct spawn_blame blame;
	pid_t pid = sys_getpid();
	int r;

	(void)text_number((uint64_t)pid, plan->listen_pid + strlen(SPAWN_LISTEN_PID));
	spawn_enter_group(plan, pid);
	r = sys_sigaction(SIGCHLD, &plan->inherited->sigchld, NULL);
	if (r < 0)
		log_line(LOG_WARN, "cannot restore the disposition of SIGCHLD: %s",
			 sys_strerror(-r));
	/* Last: a signal that came meanwhile meets the child as the command would meet it. */
	r = sys_sigmask(SIG_SETMASK, plan->inherited->mask, NULL);
	if (r < 0) /* a command that hears no signal is worth a second try */
		r = sys_sigmask(SIG_SETMASK, plan->inherited->mask, NULL);
	if (r < 0)
		log_line(LOG_WARN, "cannot restore the signal mask: %s", sys_strerror(-r));
	spawn_exec(plan, &blame);
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

/* In the parent: returns 0 once the command runs, else a negative errno; see spawn_run(). */
static int spawn_watch(const struct spawn_plan *plan, pid_t pid, int fd, int *ret_code)
{
	struct spawn_report report;
	int status;

	/* Here as well as in the child, so that the group is there before a signal must reach it.
	 * The child may be faster (EACCES after its exec, ESRCH), and it warns of a refusal. */
	sys_ignore(sys_setpgid(pid, pid));
	if (fd < 0 || !spawn_was_told(fd, &report))
		return 0;
	spawn_say(plan->argv[0], &report);
	/* ECHILD if SIGCHLD could not be set to its default; then it is gone as well. */
	sys_ignore(sys_waitpid(pid, &status, 0));
	*ret_code = report.code;
	return -report.err;
}

static int spawn_fork(struct spawn_plan *plan, pid_t *ret_pid, int *ret_code)
{
	int fds[2];
	pid_t pid;
	int r;

	/* Without a pipe (EMFILE, ENFILE) the child speaks for itself. */
	if (sys_pipe(fds) < 0)
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
	r = pid < 0 ? pid : spawn_watch(plan, pid, fds[0], ret_code);
	if (fds[0] >= 0)
		sys_close(fds[0]);
	if (pid < 0) {
		log_line(LOG_WARN, "cannot fork for %s: %s%s", plan->argv[0], sys_strerror(-r),
			 r == -EAGAIN ? " (a limit on the number of processes is reached)" : "");
		*ret_code = CONFIG_EXIT_OWN_FAILURE;
	}
	if (r == 0)
		*ret_pid = pid;
	return r;
}

int spawn_run(char **argv, char **envp, const struct spawn_inherited *inherited, pid_t *ret_pid,
	      int *ret_code)
{
	struct spawn_plan plan;
	int r = spawn_plan_init(&plan, argv, envp, inherited);

	if (r < 0) {
		log_line(LOG_WARN, "cannot start %s: %s", argv[0], sys_strerror(-r));
		*ret_code = CONFIG_EXIT_OWN_FAILURE;
		return r;
	}
	r = spawn_fork(&plan, ret_pid, ret_code);
	spawn_plan_fini(&plan);
	return r;
}

void spawn_let_go(void)
{
	int r = sys_close_range(3, UINT_MAX);

	if (r < 0)
		log_line(LOG_WARN, "cannot close the command's descriptors here: %s",
			 sys_strerror(-r));
	r = sys_chdir("/");
	if (r < 0)
		log_line(LOG_WARN, "cannot leave the working directory: %s", sys_strerror(-r));
}
