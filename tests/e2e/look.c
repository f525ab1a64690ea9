/* SPDX-License-Identifier: MIT */
/*
 * look.c - what /proc says about the processes of a namespace. See pidns.h.
 *
 * The namespace's own /proc is reached through the root directory of its first process, so that the
 * numbers in it are the ones that the payload reports.
 */
#include "pidns.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Reads a whole file into @buffer; false if it is not there. */
static bool read_file(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n;

	if (fd < 0)
		return false;
	while (used + 1 < size && (n = read(fd, buffer + used, size - used - 1)) > 0)
		used += (size_t)n;
	close(fd);
	buffer[used] = '\0';
	return used > 0;
}

static void proc_path(struct pidns *ns, char *path, size_t size, const char *format, va_list args)
{
	int n = snprintf(path, size, "/proc/%d/root/proc/", (int)ns->first);

	vsnprintf(path + n, size - (size_t)n, format, args);
}

const char *pidns_proc(struct pidns *ns, const char *format, ...)
{
	static char text[16384];
	char path[256];
	va_list args;

	va_start(args, format);
	proc_path(ns, path, sizeof(path), format, args);
	va_end(args);
	return read_file(path, text, sizeof(text)) ? text : NULL;
}

const char *pidns_link(struct pidns *ns, const char *format, ...)
{
	static char target[PATH_MAX];
	char path[256];
	va_list args;
	ssize_t n;

	va_start(args, format);
	proc_path(ns, path, sizeof(path), format, args);
	va_end(args);
	n = readlink(path, target, sizeof(target) - 1);
	target[n < 0 ? 0 : n] = '\0';
	return target;
}

uint64_t pidns_status(struct pidns *ns, pid_t inner, const char *key, int base)
{
	const char *text = pidns_proc(ns, "%d/status", (int)inner);
	char what[64];
	const char *hit;

	snprintf(what, sizeof(what), "\n%s:", key);
	hit = text ? strstr(text, what) : NULL;
	if (!hit)
		pidns_fail(ns, "no %s in the status of %d", key, (int)inner);
	return strtoull(hit + strlen(what), NULL, base);
}

bool pidns_blocks(struct pidns *ns, int sig)
{
	static const char key[] = "\nSigBlk:";
	char path[64];
	char text[8192];
	const char *hit;

	/* Our own /proc: the namespace's may not be mounted yet. */
	snprintf(path, sizeof(path), "/proc/%d/status", (int)ns->host_pid);
	if (!read_file(path, text, sizeof(text)) || !(hit = strstr(text, key)))
		pidns_fail(ns, "%s: %s", path, strerror(errno));
	return strtoull(hit + strlen(key), NULL, 16) >> (sig - 1) & 1;
}

/* Counts the processes of the namespace in @state, or in any if that is 0. */
static int count_state(struct pidns *ns, char state)
{
	char path[64];
	struct dirent *entry;
	int count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/root/proc", (int)ns->first);
	dir = opendir(path);
	if (!dir)
		pidns_fail(ns, "%s: %s", path, strerror(errno));
	while ((entry = readdir(dir))) {
		const char *stat;
		const char *paren;

		if (!isdigit((int)entry->d_name[0]))
			continue;
		stat = pidns_proc(ns, "%s/stat", entry->d_name);
		paren = stat ? strrchr(stat, ')') : NULL;
		if (paren && (state == 0 || paren[2] == state))
			count++;
	}
	closedir(dir);
	return count;
}

int pidns_zombies(struct pidns *ns)
{
	return count_state(ns, 'Z');
}

int pidns_processes(struct pidns *ns)
{
	return count_state(ns, 0);
}

void pidns_wait_zombies(struct pidns *ns, int n)
{
	int64_t until = pidns_now() + (int64_t)PIDNS_LIMIT_MS * 1000000;

	while (pidns_zombies(ns) != n) {
		if (pidns_now() > until)
			pidns_fail(ns, "%d zombies, should be %d", pidns_zombies(ns), n);
		sched_yield();
	}
}

/* Is process @pid of our /proc number @inner of this namespace? */
static bool is_inner(struct pidns *ns, const char *pid, pid_t inner)
{
	char path[300];
	char ours[64] = "";
	char theirs[64] = "";
	char text[4096];
	const char *line;
	const char *last;

	snprintf(path, sizeof(path), "/proc/%s/ns/pid", pid);
	if (readlink(path, theirs, sizeof(theirs) - 1) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)ns->first);
	if (readlink(path, ours, sizeof(ours) - 1) < 0 || strcmp(ours, theirs) != 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	if (!read_file(path, text, sizeof(text)))
		return false;
	line = strstr(text, "\nNSpid:");
	if (!line)
		return false;
	line++;
	last = line + strcspn(line, "\n");
	while (last > line && !isspace((int)last[-1]))
		last--;
	return strtol(last, NULL, 10) == (long)inner;
}

void pidns_signal_inner(struct pidns *ns, pid_t inner, int sig)
{
	struct dirent *entry;
	pid_t pid = 0;
	DIR *dir = opendir("/proc");

	while (dir && !pid && (entry = readdir(dir)))
		if (isdigit((int)entry->d_name[0]) && is_inner(ns, entry->d_name, inner))
			pid = (pid_t)strtol(entry->d_name, NULL, 10);
	if (dir)
		closedir(dir);
	if (!pid)
		pidns_fail(ns, "no process %d in the namespace", (int)inner);
	if (kill(pid, sig) < 0)
		pidns_fail(ns, "signal %d to process %d: %s", sig, (int)inner, strerror(errno));
}

static uint64_t switches_of(const char *text)
{
	static const char *const keys[] = { "\nvoluntary_ctxt_switches:",
					    "\nnonvoluntary_ctxt_switches:" };
	uint64_t sum = 0;

	for (int i = 0; i < 2; i++) {
		const char *hit = strstr(text, keys[i]);

		sum += hit ? strtoull(hit + strlen(keys[i]), NULL, 10) : 0;
	}
	return sum;
}

uint64_t pidns_switches(struct pidns *ns, int *ret_threads)
{
	int64_t until = pidns_now() + (int64_t)PIDNS_LIMIT_MS * 1000000;
	char path[300];
	char text[8192];

	for (;;) {
		struct dirent *entry;
		uint64_t sum = 0;
		int awake = 0;
		DIR *dir;

		*ret_threads = 0;
		snprintf(path, sizeof(path), "/proc/%d/task", (int)ns->host_pid);
		dir = opendir(path);
		if (!dir)
			pidns_fail(ns, "%s: %s", path, strerror(errno));
		while ((entry = readdir(dir))) {
			snprintf(path, sizeof(path), "/proc/%d/task/%s/status", (int)ns->host_pid,
				 entry->d_name);
			if (!isdigit((int)entry->d_name[0]) || !read_file(path, text, sizeof(text)))
				continue;
			(*ret_threads)++;
			sum += switches_of(text);
			if (!strstr(text, "\nState:\tS"))
				awake++;
		}
		closedir(dir);
		if (!awake)
			return sum;
		if (pidns_now() > until)
			pidns_fail(ns, "sexton does not come to rest");
	}
}
