/* SPDX-License-Identifier: MIT */
/* fake_world_proc.h - between fake_world.c and fake_world_proc.c; tests use fake_world.h only. */
#ifndef SEXTON_FAKE_WORLD_PROC_H
#define SEXTON_FAKE_WORLD_PROC_H

#include "fake_world.h"

extern struct fake_proc fake_procs[FAKE_PROCS];
extern int fake_proc_count;

/* The index of who has the number, -1 if nobody. */
int fake_proc_index(pid_t pid);

/* fake_world.c: @proc, and all whose group is called after process @leader, get @sig. */
int fake_proc_deliver(struct fake_proc *proc, int sig, const siginfo_t *info);
int fake_proc_deliver_led(int leader, int sig);

int fake_proc_open(const char *path);
ssize_t fake_proc_read(int fd, void *buf, size_t size);
ssize_t fake_proc_getdents(int fd, void *buf, size_t size);
ssize_t fake_proc_readlink(const char *path, char *buf, size_t size);

#endif
