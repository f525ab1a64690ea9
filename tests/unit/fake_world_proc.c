/* SPDX-License-Identifier: MIT */
/* fake_world_proc.c - the /proc of the fake world; see fake_world.h. */
#include "fake_world_proc.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_sys_core.h"

#define FILE_SIZE 65536

enum kind { LOADAVG, STAT, STATUS, CHILDREN, ROOT, TASKS };

/* An open file; what it shows is written at its first read. */
static struct file {
	enum kind kind;
	int proc;   /* of which process: an index, -1 for none */
	int thread; /* CHILDREN: of which thread */
	bool written;
	size_t size, seen;
	char text[FILE_SIZE];
} files[FAKE_FDS];

static int open_file(enum kind kind, int proc, int thread)
{
	int fd = fake_new_fd(FAKE_NO_FILE);

	memset(&files[fd], 0, offsetof(struct file, text));
	files[fd].kind = kind;
	files[fd].proc = proc;
	files[fd].thread = thread;
	return fd;
}

static int thread_of(const struct fake_proc *proc, pid_t tid)
{
	for (int i = 0; i < proc->threads; i++)
		if (fake_world_tid(proc->pid, i) == tid)
			return i;
	return -1;
}

/* "/proc/PID/" + @rest */
static int open_of_process(const char *path, int proc, const char *rest)
{
	char *end;
	int thread;

	if (strcmp(rest, "stat") == 0)
		return open_file(STAT, proc, 0);
	if (strcmp(rest, "status") == 0)
		return open_file(STATUS, proc, 0);
	if (strcmp(rest, "task") == 0)
		return open_file(TASKS, proc, 0);
	if (strncmp(rest, "task/", 5) != 0)
		fake_die("no such file in the fake world", path);
	thread = thread_of(&fake_procs[proc], (pid_t)strtol(rest + 5, &end, 10));
	if (strcmp(end, "/children") != 0)
		fake_die("no such file in the fake world", path);
	return thread < 0 || fake_world.no_children ? -ENOENT : open_file(CHILDREN, proc, thread);
}

int fake_proc_open(const char *path)
{
	char *end;
	int proc;

	if (fake_world.no_proc)
		return -ENOENT;
	if (strcmp(path, "/proc") == 0)
		return open_file(ROOT, -1, 0);
	if (strcmp(path, "/proc/loadavg") == 0)
		return open_file(LOADAVG, -1, 0);
	if (strcmp(path, "/proc/thread-self/children") == 0)
		return fake_world.no_children ? -ENOENT : open_file(CHILDREN, 0, 0);
	if (strncmp(path, "/proc/", 6) != 0)
		return -ENOENT;
	if (strncmp(path, "/proc/self/", 11) == 0)
		return open_of_process(path, 0, path + 11);
	proc = fake_proc_index((pid_t)strtol(path + 6, &end, 10));
	if (*end != '/')
		fake_die("no such file in the fake world", path);
	return proc < 0 ? -ENOENT : open_of_process(path, proc, end + 1);
}

static size_t write_stat(char *text, const struct fake_proc *p)
{
	return (size_t)sprintf(
		text,
		"%d (%s) %c %d %d %d 7 -1 9 10 11 12 13 14 15 16 17 20 0 %d 21 %llu 23 24 25 26 27 "
		"28 "
		"29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 %d\n",
		p->pid, p->name, p->state, p->ppid, p->pgid, p->sid, p->threads,
		(unsigned long long)p->start, p->state == 'Z' ? p->status : 0);
}

static size_t write_children(char *text, pid_t parent, int thread)
{
	size_t used = 0;

	for (int i = 0; i < fake_proc_count; i++) {
		const struct fake_proc *p = &fake_procs[i];

		if (p->state != 0 && p->ppid == parent && p->born_of == thread)
			used += (size_t)snprintf(text + used, FILE_SIZE - used, "%d ", p->pid);
		if (used >= FILE_SIZE - 16)
			fake_die("too many children", "children");
	}
	return used;
}

ssize_t fake_proc_read(int fd, void *buf, size_t size)
{
	struct file *file = &files[fd];

	if (file->proc >= 0 && fake_procs[file->proc].state == 0)
		return -ESRCH; /* whoever has the number now */
	if (!file->written && file->kind == LOADAVG)
		file->size =
			(size_t)sprintf(file->text, "0.00 0.01 0.05 1/80 %d\n", fake_world.newest);
	else if (!file->written && file->kind == STAT)
		file->size = write_stat(file->text, &fake_procs[file->proc]);
	else if (!file->written && file->kind == STATUS)
		file->size = (size_t)sprintf(file->text,
					     "Name:\tx\nSigPnd:\t%016llx\nShdPnd:\t%016llx\n",
					     (unsigned long long)fake_procs[file->proc].doomed,
					     (unsigned long long)fake_procs[file->proc].pending);
	else if (!file->written)
		file->size = write_children(file->text, fake_procs[file->proc].pid, file->thread);
	file->written = true;
	if (size > file->size - file->seen)
		size = file->size - file->seen;
	memcpy(buf, file->text + file->seen, size);
	file->seen += size;
	return (ssize_t)size;
}

/* The lowest number not below @from that the directory shows, 0 if none. */
static pid_t next_number(const struct file *file, pid_t from)
{
	const struct fake_proc *p = file->proc >= 0 ? &fake_procs[file->proc] : fake_procs;
	int count = file->kind == TASKS ? p->threads : fake_proc_count;
	pid_t best = 0;

	for (int i = 0; i < count; i++) {
		pid_t number = file->kind == TASKS ? fake_world_tid(p->pid, i) : fake_procs[i].pid;
		bool shown = file->kind == TASKS || fake_procs[i].state != 0;

		if (shown && number >= from && (best == 0 || number < best))
			best = number;
	}
	return best;
}

static size_t put_entry(char *buf, size_t size, const char *name)
{
	struct dirent64 entry = { .d_ino = 1 };
	size_t need = (offsetof(struct dirent64, d_name) + strlen(name) + 1 + 7) & ~(size_t)7;

	if (need > size)
		return 0;
	entry.d_reclen = (unsigned short)need;
	memcpy(buf, &entry, offsetof(struct dirent64, d_name));
	strcpy(buf + offsetof(struct dirent64, d_name), name);
	return need;
}

ssize_t fake_proc_getdents(int fd, void *buf, size_t size)
{
	static const char *const others[] = { ".", "..", "self", "loadavg" };
	struct file *file = &files[fd];
	size_t used = 0;
	pid_t number;

	if (file->proc >= 0 && fake_procs[file->proc].state == 0)
		return -ENOENT;
	for (unsigned int i = 0; i < 4 && file->seen == 0; i++)
		used += put_entry((char *)buf + used, size - used, others[i]);
	while ((number = next_number(file, (pid_t)file->seen)) != 0) {
		char name[16];
		size_t need;

		(void)snprintf(name, sizeof(name), "%d", number);
		need = put_entry((char *)buf + used, size - used, name);
		if (need == 0)
			break;
		used += need;
		file->seen = (size_t)number + 1;
	}
	if (file->seen == 0)
		file->seen = 1;
	else if (number == 0 && used == 0)
		return 0;
	return (ssize_t)used;
}

ssize_t fake_proc_readlink(const char *path, char *buf, size_t size)
{
	char text[16];

	if (strcmp(path, "/proc/self") != 0 || fake_world.no_proc || fake_world.shown_self == 0)
		return -ENOENT;
	(void)snprintf(text, sizeof(text), "%d", fake_world.shown_self);
	if (size > strlen(text))
		size = strlen(text);
	memcpy(buf, text, size);
	return (ssize_t)size;
}
