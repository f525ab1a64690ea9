/* SPDX-License-Identifier: MIT */
/*
 * demo.c - the command that ./dev run shows sexton with.
 *
 * It runs as sexton's command in a PID namespace of its own and does what containers do: it leaves
 * 2,000 zombies behind and a worker that no process group reaches, and is then stopped.
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEMO_ZOMBIES  2000
#define DEMO_PATIENCE 5.0 /* seconds before we say that something is wrong */
#define DEMO_WORK_MS  1000

static bool demo_coloured;

static double demo_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* One line of the account: who speaks, and what there is to say. */
__attribute__((format(printf, 2, 3))) static void demo_say(const char *who, const char *format, ...)
{
	va_list args;

	(void)printf("%s%-8s%s ", demo_coloured ? "\033[1;32m" : "", who,
		     demo_coloured ? "\033[0m" : "");
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	(void)printf("\n");
	(void)fflush(stdout);
}

static _Noreturn void demo_die(const char *what)
{
	(void)fprintf(stderr, "demo: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The state of process @pid and its parent, from /proc/PID/stat. False when it is gone. */
static bool demo_stat(const char *pid, char *ret_state, int *ret_parent)
{
	char path[64];
	char text[512];
	const char *after_name;
	FILE *file;
	size_t size;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	size = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	text[size] = '\0';
	after_name = strrchr(text, ')');
	if (after_name == NULL || strlen(after_name) < 4)
		return false;
	*ret_state = after_name[2];
	*ret_parent = (int)strtol(after_name + 3, NULL, 10);
	return true;
}

/* Zombies whose parent is @parent; 0 counts those of any parent. */
static int demo_count_zombies(int parent)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	if (proc == NULL)
		demo_die("cannot read /proc");
	while ((entry = readdir(proc)) != NULL) {
		char state;
		int its_parent;

		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    demo_stat(entry->d_name, &state, &its_parent) && state == 'Z' &&
		    (parent == 0 || its_parent == parent))
			count++;
	}
	(void)closedir(proc);
	return count;
}

/* A parent that forks, never waits, and says when all its children are dead; then it sleeps. */
static _Noreturn void demo_careless_parent(int ready)
{
	siginfo_t info;
	int made = 0;

	for (int i = 0; i < DEMO_ZOMBIES; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0)
			break; /* a limit of this machine: show what it lets us show */
		/* Seen dead, and left unburied. */
		(void)waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
		made++;
	}
	if (write(ready, &made, sizeof(made)) != sizeof(made))
		_exit(1);
	for (;;)
		(void)pause();
}

static void demo_zombies(void)
{
	double start;
	double seconds;
	int ready[2];
	int made;
	int left;
	pid_t careless;

	if (pipe(ready) != 0)
		demo_die("cannot make a pipe");
	careless = fork();
	if (careless < 0)
		demo_die("cannot fork");
	if (careless == 0)
		demo_careless_parent(ready[1]);
	if (read(ready[0], &made, sizeof(made)) != sizeof(made))
		demo_die("the careless parent is gone");
	demo_say("demo", "process %d forked %d children and waits for none: %d zombies", careless,
		 made, demo_count_zombies(careless));

	start = demo_now();
	(void)kill(careless, SIGKILL);
	(void)waitpid(careless, NULL, 0); /* its zombies are sexton's now */
	do {
		left = demo_count_zombies(0);
		seconds = demo_now() - start;
	} while (left > 0 && seconds < DEMO_PATIENCE);
	demo_say("demo", "it was killed, PID 1 inherited them: %d left after %.0f ms", left,
		 seconds * 1000);
	(void)close(ready[0]);
	(void)close(ready[1]);
}

/* In a session of its own, its parent gone: no signal to a process or group of ours reaches it. */
static _Noreturn void demo_worker(int ready)
{
	sigset_t term;
	double start;
	int sig;

	(void)setsid();
	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &term, NULL);
	if (write(ready, "", 1) != 1)
		_exit(1);
	(void)close(ready);
	if (sigwait(&term, &sig) != 0)
		_exit(1);
	start = demo_now();
	demo_say("worker", "got SIGTERM from PID %d and needs a second to finish", getppid());
	(void)poll(NULL, 0, DEMO_WORK_MS); /* the work */
	demo_say("worker", "finished after %.2f s, nobody killed it", demo_now() - start);
	_exit(0);
}

static void demo_start_worker(void)
{
	int ready[2];
	char byte;
	pid_t middle;

	if (pipe(ready) != 0)
		demo_die("cannot make a pipe");
	middle = fork();
	if (middle < 0)
		demo_die("cannot fork");
	if (middle == 0) {
		pid_t worker = fork();

		if (worker == 0)
			demo_worker(ready[1]);
		_exit(worker < 0);
	}
	(void)waitpid(middle, NULL, 0);
	(void)close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		demo_die("cannot start the worker");
	(void)close(ready[0]);
	demo_say("demo", "started a worker: double-forked, in a session of its own");
}

int main(void)
{
	sigset_t term;
	int sig;

	demo_coloured = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	demo_say("demo", "PID 1 of this new PID namespace is sexton, the demo is PID %d", getpid());
	demo_zombies();
	demo_start_worker();

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &term, NULL);
	demo_say("demo", "sends SIGTERM to PID %d, as \"docker stop\" does", getppid());
	(void)kill(getppid(), SIGTERM);
	if (sigwait(&term, &sig) != 0)
		demo_die("cannot wait for SIGTERM");
	demo_say("demo", "got SIGTERM back as the main process, and exits at once");
	return 0;
}
