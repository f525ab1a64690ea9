/* SPDX-License-Identifier: MIT */
/* proctree_proc.c - what /proc says of one process; see sexton/proctree.h. */
#include "proctree_part.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "sexton/signals.h"
#include "sexton/sys.h"
#include "sexton/text.h"

/* PF_KTHREAD of the kernel: where PID 1 is a machine's, the parent of its threads has no parent either. */
#define PROCTREE_PF_KTHREAD 0x00200000u
/* How far up a line of ancestors is followed: numbers that change hands could make it a ring. */
#define PROCTREE_DEPTH      1024

void proctree_path(char path[PROCTREE_PATH_SIZE], pid_t pid, const char *middle, pid_t tid)
{
	size_t used = strlen(strcpy(path, "/proc/"));

	used += text_number((uint64_t)pid, path + used);
	used += strlen(strcpy(path + used, middle));
	if (tid != 0) {
		used += text_number((uint64_t)tid, path + used);
		strcpy(path + used, "/children");
	}
}

bool proctree_digit(char c)
{
	return c >= '0' && c <= '9';
}

uint64_t proctree_number(const char **text)
{
	uint64_t value = 0;

	while (proctree_digit(**text))
		value = value * 10 + (uint64_t)(*(*text)++ - '0');
	return value;
}

/* Moves *text over @count fields of /proc/PID/stat. */
static void proctree_skip(const char **text, int count)
{
	for (; count > 0; count--) {
		while (**text != ' ' && **text != '\0')
			(*text)++;
		while (**text == ' ')
			(*text)++;
	}
}

/* Parses "PID (NAME) STATE PPID PGRP ..."; the name may hold blanks and parentheses. */
static int proctree_parse(const char *text, struct proctree_proc *ret_proc, bool *ret_is_zombie)
{
	struct proctree_proc proc = { 0 };
	const char *name = strchr(text, '(');
	const char *end = strrchr(text, ')');
	uint64_t threads;
	size_t length;

	if (name == NULL || end == NULL || end < name || end[1] != ' ')
		return -EPROTO;
	proc.pid = (pid_t)proctree_number(&text);
	length = (size_t)(end - name) - 1;
	if (length >= sizeof(proc.name))
		length = sizeof(proc.name) - 1;
	memcpy(proc.name, name + 1, length);
	text = end + 2;
	proc.state = *text; /* field 3 */
	proctree_skip(&text, 1);
	proc.ppid = (pid_t)proctree_number(&text); /* 4 */
	proctree_skip(&text, 1);
	proc.pgid = (pid_t)proctree_number(&text); /* 5 */
	proctree_skip(&text, 1);
	proc.sid = (pid_t)proctree_number(&text); /* 6 */
	proctree_skip(&text, 3);
	proc.is_kernel = (proctree_number(&text) & PROCTREE_PF_KTHREAD) != 0; /* 9 */
	proctree_skip(&text, 11);
	threads = proctree_number(&text); /* 20 */
	proctree_skip(&text, 2);
	proc.start = proctree_number(&text); /* 22 */
	proctree_skip(&text, 30);
	proc.status = (int)proctree_number(&text); /* 52 */
	*ret_proc = proc;
	/* A leader that left its other threads running shows as Z, but listens all the same. */
	*ret_is_zombie = (proc.state == 'Z' && threads <= 1) || proc.state == 'X';
	return 0;
}

/* The beginning of file @path, with a NUL behind it. Returns 0, -ESRCH if it is empty, or a negative errno. */
static int proctree_slurp(const char *path, char *text, size_t size)
{
	int fd = sys_open(path, O_RDONLY);
	ssize_t got;

	if (fd < 0)
		return fd;
	got = sys_read(fd, text, size - 1);
	sys_close(fd);
	if (got <= 0)
		return got < 0 ? (int)got : -ESRCH;
	text[got] = '\0';
	return 0;
}

int proctree_read_stat(pid_t pid, struct proctree_proc *ret_proc, bool *ret_is_zombie)
{
	char path[PROCTREE_PATH_SIZE];
	char text[1280]; /* 52 fields, of at most 20 digits, and a name */
	int r;

	proctree_path(path, pid, "/stat", 0);
	r = proctree_slurp(path, text, sizeof(text));
	return r < 0 ? r : proctree_parse(text, ret_proc, ret_is_zombie);
}

int proctree_stat(pid_t pid, struct proctree_proc *ret_proc)
{
	bool is_zombie;
	int r = proctree_read_stat(pid, ret_proc, &is_zombie);

	if (r == 0)
		ret_proc->state = is_zombie ? 'Z' : ret_proc->state == 'Z' ? 'S' : ret_proc->state;
	return r;
}

bool proctree_is_there(pid_t pid, uint64_t start)
{
	struct proctree_proc proc;
	int r = proctree_stat(pid, &proc);

	/* Who cannot be read for another reason (EMFILE) is better taken for there. */
	return r == 0 ? proc.start == start : r != -ENOENT && r != -ESRCH;
}

/* Is @pid the number of the anchor, and has been all the time until now? */
static bool proctree_is_anchor(const struct proctree_anchor *anchor, pid_t pid)
{
	return anchor != NULL && anchor->pid == pid &&
	       sys_pidfd_send_signal(anchor->pidfd, 0, NULL, 0) != -ESRCH;
}

/*
 * On the way up each number is read while its child has it as a parent, and on the way back, from the top
 * down, each is read again. A parent that its child still has at the end was the same all the time, so
 * what was read of its number in between was read of it.
 */
static bool proctree_climb(pid_t pid, pid_t ancestor, const struct proctree_anchor *anchor,
			   int depth)
{
	struct proctree_proc first;
	struct proctree_proc again;

	if (depth == 0 || proctree_stat(pid, &first) < 0)
		return false;
	if (first.ppid == ancestor || proctree_is_anchor(anchor, first.ppid))
		return true;
	if (first.ppid <= 0 || !proctree_climb(first.ppid, ancestor, anchor, depth - 1) ||
	    proctree_stat(pid, &again) < 0)
		return false;
	return again.start == first.start && (again.ppid == first.ppid || again.ppid == ancestor);
}

bool proctree_descends(pid_t pid, pid_t ancestor, const struct proctree_anchor *anchor)
{
	return proctree_climb(pid, ancestor, anchor, PROCTREE_DEPTH);
}

/* The mask behind "@key:" in a status file, 0 if it is not there. */
static uint64_t proctree_mask(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	uint64_t mask = 0;

	if (at == NULL)
		return 0;
	for (at += strlen(key); *at == '\t' || *at == ' '; at++)
		;
	for (; proctree_digit(*at) || (*at >= 'a' && *at <= 'f'); at++)
		mask = mask * 16 + (uint64_t)(proctree_digit(*at) ? *at - '0' : *at - 'a' + 10);
	return mask;
}

bool proctree_has_yet_to_take(pid_t pid, int sig)
{
	char path[PROCTREE_PATH_SIZE];
	char text[4096];

	proctree_path(path, pid, "/status", 0);
	return proctree_slurp(path, text, sizeof(text)) == 0 &&
	       signals_in(proctree_mask(text, "\nShdPnd:"), sig) &&
	       !signals_in(proctree_mask(text, "\nSigBlk:"), sig) &&
	       !signals_in(proctree_mask(text, "\nSigPnd:"), SIGKILL);
}

pid_t proctree_newest(void)
{
	char text[128]; /* "0.00 0.01 0.05 1/80 11206" */
	const char *last;

	if (proctree_slurp("/proc/loadavg", text, sizeof(text)) < 0)
		return 0;
	last = strrchr(text, ' ');
	if (last == NULL)
		return 0;
	last++;
	return (pid_t)proctree_number(&last);
}
