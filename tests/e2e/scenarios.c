/* SPDX-License-Identifier: MIT */
/*
 * scenarios.c - the payload's scenarios that are no tree. See payload.h.
 */
#include "payload.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The kernel's masks, not libc's: these cover 32 and 33 too. */
static void raw_mask(int how, uint64_t set)
{
	if (syscall(SYS_rt_sigprocmask, how, &set, NULL, sizeof(set)) < 0)
		die("rt_sigprocmask");
}

/* The first argument as a number. */
static int number_of(int argc, char **argv, int missing)
{
	return argc > 0 ? (int)strtol(argv[0], NULL, 10) : missing;
}

int catch_main(int argc, char **argv)
{
	const uint64_t all = UINT64_MAX;
	int urgent = 0;
	siginfo_t info;
	long sig;

	(void)argc;
	(void)argv;
	raw_mask(SIG_SETMASK, all);
	say("ready catch pid=%d", (int)getpid());
	for (;;) {
		sig = syscall(SYS_rt_sigtimedwait, &all, &info, NULL, sizeof(all));
		if (sig < 0 && errno == EINTR)
			continue;
		if (sig < 0)
			die("rt_sigtimedwait");
		/* The second URG is the end of it: one that no kind of forwarding can change. */
		if (sig == SIGURG && ++urgent == 2)
			break;
		say("caught %ld value=%d code=%d from=%d", sig,
		    info.si_code == SI_QUEUE ? info.si_value.sival_int : 0, info.si_code,
		    (int)info.si_pid);
	}
	say("done catch");
	return 0;
}

int raise_main(int argc, char **argv)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	kill(getpid(), number_of(argc, argv, SIGKILL));
	return 98;
}

int exit_main(int argc, char **argv)
{
	return number_of(argc, argv, 98);
}

static void report_file(const char *path, const char *const *keys)
{
	char line[512];
	FILE *file = fopen(path, "r");

	if (!file)
		die(path);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		for (size_t i = 0; keys[i]; i++)
			if (strncmp(line, keys[i], strlen(keys[i])) == 0)
				printf("report %s\n", line);
	}
	fclose(file);
}

/* Descriptors with what they are open on; not the one that we read the list with. */
static void report_descriptors(void)
{
	char link[64];
	char target[256];
	ssize_t n;

	for (int fd = 0; fd < 1024; fd++) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		/* Each start has pipes of its own; what a number leads to is the same. */
		if (fd <= 2)
			target[strcspn(target, "[")] = '\0';
		printf("report fd %d %s flags=%d\n", fd, target, fcntl(fd, F_GETFD));
	}
}

static void report_scheduling(void)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = { .size = sizeof(attr) };

	if (syscall(SYS_sched_getattr, 0, &attr, sizeof(attr), 0) == 0)
		printf("report sched policy=%u nice=%d runtime=%llu flags=%llu\n", attr.policy,
		       attr.nice, (unsigned long long)attr.runtime, (unsigned long long)attr.flags);
	printf("report timerslack %d dumpable %d subreaper %d\n", prctl(PR_GET_TIMERSLACK),
	       prctl(PR_GET_DUMPABLE), 0);
}

int report_main(int argc, char **argv)
{
	static const char *const status[] = {
		"Umask:", "SigBlk:", "SigIgn:", "SigCgt:", "SigPnd:",  "ShdPnd:", "Uid:",
		"Gid:",   "Groups:", "Cap",     "NoNewPr", "Threads:", NULL
	};
	static const char *const everything[] = { "", NULL };
	extern char **environ;
	char cwd[4096];

	(void)argv;
	report_file("/proc/self/status", status);
	report_file("/proc/self/limits", everything);
	report_descriptors();
	report_scheduling();
	printf("report cwd %s\n", getcwd(cwd, sizeof(cwd)) ? cwd : "?");
	for (char **e = environ; *e; e++)
		printf("report env %s\n", *e);
	for (int i = 0; i < argc; i++)
		printf("report argument %s\n", argv[i]);
	fflush(stdout);
	say("me pid=%d", (int)getpid());
	return 0;
}

void count_processes(int *ret_zombies, int *ret_all)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	if (!dir)
		die("/proc");
	*ret_zombies = *ret_all = 0;
	while ((entry = readdir(dir))) {
		char path[300];
		char text[512];
		char *paren;
		ssize_t n;
		int fd;

		if (!isdigit((int)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		if (fd >= 0)
			close(fd);
		if (n <= 0)
			continue;
		text[n] = '\0';
		paren = strrchr(text, ')');
		++*ret_all;
		*ret_zombies += paren && paren[2] == 'Z';
	}
	closedir(dir);
}

/*
 * The kernel has no event for "somebody else was buried": looks again until nobody is there but
 * those who were there before us, which have the numbers below ours.
 */
static void wait_for_burials(int64_t since, int living)
{
	int zombies;
	int all;

	do {
		sched_yield();
		count_processes(&zombies, &all);
	} while ((zombies > 0 || all > getpid() + living) &&
		 now_ns() - since < INT64_C(25000000000));
	say("left zombies=%d processes=%d", zombies, all);
}

/* @n children of a process that ends when all of them are dead, beside @living orphans. */
static void leave_zombies(volatile int n, int living) /* volatile: across vfork(2) */
{
	int zombies;
	int all;
	pid_t holder = fork();

	if (holder < 0)
		die("fork");
	if (holder == 0) {
		for (int i = 0; i < n; i++) {
			/* NOLINTNEXTLINE(clang-analyzer-*): nothing but _exit(2) follows */
			pid_t pid = vfork();

			if (pid == 0)
				_exit(3);
			if (pid < 0)
				die("fork");
		}
		do
			count_processes(&zombies, &all);
		while (zombies < n);
		say("zombies %d", zombies);
		_exit(0);
	}
	waitpid(holder, NULL, 0);
	wait_for_burials(now_ns(), living);
}

int zombies_main(int argc, char **argv)
{
	leave_zombies(number_of(argc, argv, 0), 0);
	return 0;
}

int crowd_main(int argc, char **argv)
{
	int living = number_of(argc, argv, 0);
	pid_t holder = fork();

	if (holder < 0)
		die("fork");
	if (holder == 0) {
		for (int i = 0; i < living; i++) {
			pid_t pid = fork();

			if (pid < 0)
				die("fork");
			if (pid == 0)
				for (;;)
					pause();
		}
		_exit(0);
	}
	waitpid(holder, NULL, 0);
	leave_zombies(number_of(argc - 1, argv + 1, 0), living);
	return 0;
}

int churn_main(int argc, char **argv)
{
	int n = number_of(argc, argv, 0);

	/* A hundred at a time: their parent ends without a wait, at least half of them behind it.
	 */
	for (int i = 0; i < n; i += 100) {
		pid_t parent = fork();

		if (parent < 0)
			die("fork");
		if (parent == 0) {
			for (int k = 0; k < 100; k++) {
				/* NOLINTNEXTLINE(clang-analyzer-*): nothing but _exit(2) follows */
				pid_t pid = k % 10 == 9 ? fork() : vfork();

				if (pid == 0)
					_exit(3);
				if (pid < 0)
					die("fork");
			}
			_exit(0);
		}
		if (waitpid(parent, NULL, 0) != parent)
			die("waitpid");
	}
	wait_for_burials(now_ns(), 0);
	return 0;
}
