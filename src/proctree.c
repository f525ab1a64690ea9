/* SPDX-License-Identifier: MIT */
/* proctree.c - who descends from us, snapshots of /proc; see sexton/proctree.h. */
#include "proctree_part.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "sexton/sys.h"

#define PROCTREE_FIRST_SIZE 16384u /* bytes of the first mapping: some 300 processes */

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
	pid_t sid;
	pid_t pgid;
	int r;

	(void)owner;
	if (number == sys_getpid())
		return 0;
	sid = sys_getsid(number);
	pgid = sys_getpgid(number);
	if (sid == -ESRCH || pgid == -ESRCH || (sid > 0 && sid != number) ||
	    (pgid > 0 && pgid != number))
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

	if (r < 0 || tree->count == 0)
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
