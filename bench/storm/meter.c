/* SPDX-License-Identifier: MIT */
/*
 * meter.c - see meter.h.
 */
#include "meter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

#define METER_LOOK       (300 * CLOCK_US)
#define METER_LOOKS      5 /* that must see the same */
#define METER_REST_LIMIT (2 * CLOCK_S)
#define METER_FAULTS     10 /* field of /proc/PID/stat, counted from the one behind the name */

int meter_cpu(pid_t pid, int64_t *ret_ns)
{
	struct timespec time;
	clockid_t clock;
	int error = clock_getcpuclockid(pid, &clock);

	if (error != 0)
		return -error;
	if (clock_gettime(clock, &time) != 0)
		return -errno;
	*ret_ns = (int64_t)time.tv_sec * CLOCK_S + time.tv_nsec;
	return 0;
}

int meter_cpu_at_rest(pid_t pid, int64_t *ret_ns)
{
	int64_t limit = clock_now() + METER_REST_LIMIT;
	int64_t before = -1;
	int64_t now = 0;
	int same = 0;

	while (same < METER_LOOKS && clock_now() < limit) {
		int error = meter_cpu(pid, &now);

		if (error < 0)
			return error;
		same = now == before ? same + 1 : 0;
		before = now;
		clock_pause(METER_LOOK);
	}
	*ret_ns = now;
	return 0;
}

/* The beginning of /proc/@pid/@name as a text. */
static int meter_read(pid_t pid, const char *name, char *ret_text, size_t room)
{
	char path[320];
	ssize_t size;
	int fd;
	int error;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	size = read(fd, ret_text, room - 1);
	error = -errno;
	(void)close(fd);
	if (size < 0)
		return error;
	ret_text[size] = '\0';
	return 0;
}

/* The number behind "\n@key:" in @text, or -1. */
static int64_t meter_field(const char *text, const char *key)
{
	size_t size = strlen(key);
	const char *line = text;

	while (line != NULL) {
		if (strncmp(line, key, size) == 0 && line[size] == ':')
			return strtoll(line + size + 1, NULL, 10);
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
	return -1;
}

/* Calls @visit with the name of each entry of /proc/@pid/@directory. */
static int meter_walk(pid_t pid, const char *directory,
		      void (*visit)(pid_t pid, const char *name, int64_t *sum), int64_t *ret_sum)
{
	char path[64];
	struct dirent *entry;
	int64_t sum = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, directory);
	dir = opendir(path);
	if (dir == NULL)
		return -errno;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			visit(pid, entry->d_name, &sum);
	(void)closedir(dir);
	*ret_sum = sum;
	return 0;
}

static void meter_add_switches(pid_t pid, const char *name, int64_t *sum)
{
	char path[300];
	char text[4096];

	(void)snprintf(path, sizeof(path), "task/%s/status", name);
	if (meter_read(pid, path, text, sizeof(text)) != 0)
		return; /* a thread that has just ended */
	*sum += meter_field(text, "voluntary_ctxt_switches");
	*sum += meter_field(text, "nonvoluntary_ctxt_switches");
}

int meter_switches(pid_t pid, int64_t *ret_switches)
{
	return meter_walk(pid, "task", meter_add_switches, ret_switches);
}

static void meter_add_one(pid_t pid, const char *name, int64_t *sum)
{
	(void)pid;
	(void)name;
	(*sum)++;
}

int meter_entries(pid_t pid, const char *directory, int64_t *ret_entries)
{
	return meter_walk(pid, directory, meter_add_one, ret_entries);
}

int meter_major_faults(pid_t pid, int64_t *ret_faults)
{
	char text[1024];
	char *save = NULL;
	char *field;
	int error = meter_read(pid, "stat", text, sizeof(text));

	if (error < 0)
		return error;
	/* The name may hold blanks and brackets; behind the last bracket come numbers. */
	field = strrchr(text, ')');
	field = field == NULL ? NULL : strtok_r(field + 1, " ", &save);
	for (int i = 1; field != NULL && i < METER_FAULTS; i++)
		field = strtok_r(NULL, " ", &save);
	if (field == NULL)
		return -EPROTO;
	*ret_faults = strtoll(field, NULL, 10);
	return 0;
}

int meter_memory(pid_t pid, struct meter_memory *ret_memory)
{
	char text[4096] = "";
	int error = meter_read(pid, "smaps_rollup", text, sizeof(text));
	/* The sums in status come from counters that each processor keeps and that may lag behind by
	 * some hundred kilobytes; smaps looks at the pages. */
	const char *rss = error == 0 ? "Rss" : "VmRSS";
	const char *anonymous = error == 0 ? "Anonymous" : "RssAnon";

	if (error < 0)
		error = meter_read(pid, "status", text, sizeof(text));
	if (error < 0)
		return error;
	ret_memory->rss_kb = meter_field(text, rss);
	ret_memory->anonymous_kb = meter_field(text, anonymous);
	return ret_memory->rss_kb < 0 || ret_memory->anonymous_kb < 0 ? -EPROTO : 0;
}
