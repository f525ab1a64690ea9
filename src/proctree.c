/* SPDX-License-Identifier: MIT */
/* proctree.c - who descends from us, read from /proc; see sexton/proctree.h. */
#include "sexton/proctree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "sexton/signals.h"
#include "sexton/sys.h"
#include "sexton/text.h"

#define PROCTREE_FIRST_SIZE 16384u /* bytes of the first mapping: some 300 processes */
#define PROCTREE_PATH_SIZE  64u
/* PF_KTHREAD of the kernel: where PID 1 is a machine's, the parent of its threads has no parent either. */
#define PROCTREE_PF_KTHREAD 0x00200000u
/* How far up a line of ancestors is followed: numbers that change hands could make it a ring. */
#define PROCTREE_DEPTH      1024

/* What a number and the end of a path look like to the directory and file readers below. */
typedef int proctree_visit(struct proctree *tree, pid_t owner, pid_t number);

void proctree_init(struct proctree *tree, bool children)
{
	*tree = (struct proctree){ .scan = !children };
}

void proctree_fini(struct proctree *tree)
{
	if (tree->procs != NULL)
		sys_unmap(tree->procs, tree->mapped);
	*tree = (struct proctree){ .scan = tree->scan };
}

/* "/proc/PID" + @middle [+ TID + "/children"]: every path this file opens. */
static void proctree_path(char path[PROCTREE_PATH_SIZE], pid_t pid, const char *middle, pid_t tid)
{
	size_t used = strlen(strcpy(path, "/proc/"));

	used += text_number((uint64_t)pid, path + used);
	used += strlen(strcpy(path + used, middle));
	if (tid != 0) {
		used += text_number((uint64_t)tid, path + used);
		strcpy(path + used, "/children");
	}
}

static bool proctree_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The unsigned number at *text, which is moved behind it and the blank that follows. */
static uint64_t proctree_number(const char **text)
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

static int proctree_read_stat(pid_t pid, struct proctree_proc *ret_proc, bool *ret_is_zombie)
{
	char path[PROCTREE_PATH_SIZE];
	char text[1280]; /* 52 fields, of at most 20 digits, and a name */
	ssize_t size;
	int fd;

	proctree_path(path, pid, "/stat", 0);
	fd = sys_open(path, O_RDONLY);
	if (fd < 0)
		return fd;
	size = sys_read(fd, text, sizeof(text) - 1);
	sys_close(fd);
	if (size <= 0)
		return size < 0 ? (int)size : -ESRCH;
	text[size] = '\0';
	return proctree_parse(text, ret_proc, ret_is_zombie);
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
	ssize_t size;
	int fd;

	proctree_path(path, pid, "/status", 0);
	fd = sys_open(path, O_RDONLY);
	if (fd < 0)
		return false;
	size = sys_read(fd, text, sizeof(text) - 1);
	sys_close(fd);
	text[size > 0 ? size : 0] = '\0';
	return signals_in(proctree_mask(text, "\nShdPnd:"), sig) &&
	       !signals_in(proctree_mask(text, "\nSigBlk:"), sig) &&
	       !signals_in(proctree_mask(text, "\nSigPnd:"), SIGKILL);
}

pid_t proctree_newest(void)
{
	char text[128]; /* "0.00 0.01 0.05 1/80 11206" */
	const char *last;
	ssize_t size;
	int fd = sys_open("/proc/loadavg", O_RDONLY);

	if (fd < 0)
		return 0;
	size = sys_read(fd, text, sizeof(text) - 1);
	sys_close(fd);
	text[size > 0 ? size : 0] = '\0';
	last = strrchr(text, ' ');
	if (last == NULL)
		return 0;
	last++;
	return (pid_t)proctree_number(&last);
}

static int proctree_grow(struct proctree *tree)
{
	size_t size = tree->mapped == 0 ? PROCTREE_FIRST_SIZE : tree->mapped * 2;
	struct proctree_proc *procs;

	if ((tree->count + 1) * sizeof(*procs) <= tree->mapped)
		return 0;
	procs = sys_map(size);
	if (procs == NULL)
		return -ENOMEM;
	if (tree->procs != NULL) {
		memcpy(procs, tree->procs, tree->count * sizeof(*procs));
		sys_unmap(tree->procs, tree->mapped);
	}
	tree->procs = procs;
	tree->mapped = size;
	return 0;
}

/* Remembers the first failure that does not just mean "it has gone". */
static void proctree_note(struct proctree *tree, int r)
{
	if (r < 0 && r != -ENOENT && r != -ESRCH && tree->trouble == 0)
		tree->trouble = r;
}

/* Between the list of children and this look a number may have changed hands: is it still a child of
 * @owner's, or of ours, to whom its orphans come? */
static bool proctree_is_child(const struct proctree_proc *proc, pid_t owner)
{
	return owner == 0 || proc->ppid == owner || proc->ppid == sys_getpid();
}

/* Adds process @pid to the snapshot, unless it is gone or a zombie. @owner: its parent, 0 if that is
 * not known yet. */
static int proctree_add(struct proctree *tree, pid_t owner, pid_t pid)
{
	bool is_zombie;
	int r = proctree_grow(tree);

	if (r < 0)
		return r;
	r = proctree_read_stat(pid, &tree->procs[tree->count], &is_zombie);
	/* Without a file, and there: look again, it may be the number's next owner who is there. */
	if (owner != 0 && r == -ENOENT && sys_kill(pid, 0) != -ESRCH) {
		r = proctree_read_stat(pid, &tree->procs[tree->count], &is_zombie);
		if (r == -ENOENT && sys_kill(pid, 0) != -ESRCH)
			r = -EACCES;
	}
	/* Somebody's child, alive, and not to be read: a /proc mounted with hidepid=1 or 2. */
	if (owner != 0 && r == -EPERM)
		r = -EACCES;
	if (r == 0 && !is_zombie && proctree_is_child(&tree->procs[tree->count], owner))
		tree->count++;
	else
		tree->moved =
			true; /* its children were given to somebody who may have been read before */
	proctree_note(tree, r); /* the others are still worth the walk */
	return 0;
}

/* Visits each number in the text file @path: "12 34 56 ". */
static int proctree_each_word(struct proctree *tree, const char *path, pid_t owner,
			      proctree_visit *visit)
{
	char text[4096];
	pid_t number = 0;
	ssize_t size = 0;
	int r = 0;
	int fd = sys_open(path, O_RDONLY);

	if (fd < 0)
		return fd;
	while (r == 0 && (size = sys_read(fd, text, sizeof(text))) > 0) {
		for (ssize_t i = 0; i < size && r == 0; i++) {
			if (proctree_digit(text[i])) {
				number = number * 10 + (text[i] - '0');
			} else if (number != 0) {
				r = visit(tree, owner, number);
				number = 0;
			}
		}
	}
	sys_close(fd);
	return size < 0 && r == 0 ? (int)size : r;
}

/* Visits each entry of the directory @path whose name is a number. */
static int proctree_each_entry(struct proctree *tree, const char *path, pid_t owner,
			       proctree_visit *visit)
{
	_Alignas(struct dirent64) char buf[4096];
	ssize_t size = 0;
	int r = 0;
	int fd = sys_open(path, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return fd;
	while (r == 0 && (size = sys_getdents(fd, buf, sizeof(buf))) > 0) {
		for (ssize_t at = 0; at < size && r == 0;) {
			const struct dirent64 *entry = (const void *)(buf + at);
			const char *name = entry->d_name;

			at += entry->d_reclen;
			if (proctree_digit(*name))
				r = visit(tree, owner, (pid_t)proctree_number(&name));
		}
	}
	sys_close(fd);
	return size < 0 && r == 0 ? (int)size : r;
}

/* Adds the children of one thread. */
static int proctree_add_thread(struct proctree *tree, pid_t pid, pid_t tid)
{
	char path[PROCTREE_PATH_SIZE];
	int r;

	proctree_path(path, pid, "/task/", tid);
	r = proctree_each_word(tree, path, pid, proctree_add);
	return r == -ENOENT || r == -ESRCH ? 0 : r; /* the thread has just gone */
}

/* Adds the children of @pid: of all its threads, for any of them may have forked. */
static int proctree_add_children(struct proctree *tree, pid_t pid)
{
	char path[PROCTREE_PATH_SIZE];

	proctree_path(path, pid, "/task", 0);
	return proctree_each_entry(tree, path, pid, proctree_add_thread);
}

/* Adds all that descends from those in the snapshot, parents before children. */
static int proctree_walk_down(struct proctree *tree)
{
	int r;

	for (size_t i = 0; i < tree->count; i++) {
		r = proctree_add_children(tree, tree->procs[i].pid);
		if (r == -ENOMEM)
			return r;
		proctree_note(tree, r);
		/* It has just gone; its children are in the list of somebody who was read before. */
		tree->moved = tree->moved || r < 0;
	}
	return 0;
}

static int proctree_walk(struct proctree *tree, enum proctree_reach reach)
{
	int r = proctree_add_children(tree, sys_getpid());

	return r < 0 || reach == PROCTREE_CHILDREN ? r : proctree_walk_down(tree);
}

/* Moves the children of @parent among procs[*selected ..] to the front of that range. */
static void proctree_select(struct proctree *tree, size_t *selected, pid_t parent)
{
	for (size_t i = *selected; i < tree->count; i++) {
		struct proctree_proc found = tree->procs[i];

		if (found.ppid != parent)
			continue;
		tree->procs[i] = tree->procs[*selected];
		tree->procs[(*selected)++] = found;
	}
}

/* Without children files: reads everybody, then selects by parent. Quadratic, and rarely needed. */
static int proctree_scan(struct proctree *tree, enum proctree_reach reach)
{
	size_t selected = 0;
	int r = proctree_each_entry(tree, "/proc", 0, proctree_add);

	if (r < 0)
		return r;
	proctree_select(tree, &selected, sys_getpid());
	for (size_t i = 0; i < selected && reach == PROCTREE_DESCENDANTS; i++)
		proctree_select(tree, &selected, tree->procs[i].pid);
	tree->count = selected;
	return 0;
}

/* Guests */

/*
 * Adds process @number, unread, if it may be a guest. A guest has its session and its process group from
 * outside, which shows as 0, or from itself: what the others have they got from an ancestor in here. Two
 * cheap calls thus spare nearly everybody the reading of its stat.
 */
static int proctree_add_candidate(struct proctree *tree, pid_t owner, pid_t number)
{
	pid_t sid = sys_getsid(number);
	pid_t pgid = sys_getpgid(number);
	int r;

	(void)owner;
	if (number == sys_getpid() || sid == -ESRCH || pgid == -ESRCH ||
	    (sid > 0 && sid != number) || (pgid > 0 && pgid != number))
		return 0;
	r = proctree_grow(tree);
	if (r == 0)
		tree->procs[tree->count++] = (struct proctree_proc){ .pid = number };
	return r;
}

/* @number, a child of @owner's, is no guest: in the list of candidates its parent is noted. The list is
 * in the order of /proc, ascending; in any other a candidate is missed here, and read later. */
static int proctree_cross_out(struct proctree *tree, pid_t owner, pid_t number)
{
	size_t low = 0;
	size_t high = tree->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (tree->procs[middle].pid < number)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < tree->count && tree->procs[low].pid == number)
		tree->procs[low].ppid = owner;
	return 0;
}

static void proctree_cross_out_children(struct proctree *tree, pid_t owner)
{
	char path[PROCTREE_PATH_SIZE];

	proctree_path(path, owner, "/task/", owner);
	/* Refused or missing, it spares us nothing. */
	sys_ignore(proctree_each_word(tree, path, owner, proctree_cross_out));
}

static int proctree_guests(struct proctree *tree)
{
	pid_t crossed_out = sys_getpid();
	size_t kept = 0;
	int r = proctree_each_entry(tree, "/proc", 0, proctree_add_candidate);

	if (r < 0)
		return r;
	proctree_cross_out_children(tree, crossed_out);
	for (size_t i = 0; i < tree->count; i++) {
		struct proctree_proc *proc = &tree->procs[i];
		bool is_zombie = false;

		if (proc->ppid != 0)
			continue;
		r = proctree_read_stat(proc->pid, proc, &is_zombie);
		proctree_note(tree, r);
		if (r < 0 || is_zombie || proc->is_kernel) {
			proc->ppid = -1;
		} else if (proc->ppid != 0 && proc->ppid != crossed_out) {
			crossed_out = proc->ppid;
			proctree_cross_out_children(tree, crossed_out);
		}
	}
	for (size_t i = 0; i < tree->count; i++)
		if (tree->procs[i].ppid == 0)
			tree->procs[kept++] = tree->procs[i];
	tree->count = kept;
	return 0;
}

int proctree_read(struct proctree *tree, enum proctree_reach reach)
{
	int r;

	tree->count = 0;
	tree->trouble = 0;
	tree->moved = false;
	if (reach == PROCTREE_GUESTS || reach == PROCTREE_GUEST_TREES)
		r = proctree_guests(tree);
	else
		r = tree->scan ? proctree_scan(tree, reach) : proctree_walk(tree, reach);
	if (r == 0 && reach == PROCTREE_GUEST_TREES && !tree->scan)
		r = proctree_walk_down(tree);
	for (size_t i = 0; i < tree->count; i++)
		tree->procs[i].guest = reach == PROCTREE_GUESTS || reach == PROCTREE_GUEST_TREES;
	if (r == 0 && tree->count == 0)
		r = tree->trouble; /* somebody may be there all the same */
	if (r < 0)
		tree->count = 0;
	return r;
}
