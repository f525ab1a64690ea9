/* SPDX-License-Identifier: MIT */
/* fake_world_pidfd.h - what fake_world_pidfd.c answers the rest of the fake world. */
#ifndef SEXTON_FAKE_WORLD_PIDFD_H
#define SEXTON_FAKE_WORLD_PIDFD_H

#include "fake_world.h"

int fake_pidfd_open(pid_t pid);
int fake_pidfd_send_signal(int pidfd, int sig, const siginfo_t *info, unsigned int flags);
int fake_pidfd_status(int pidfd, int *ret_status);
int fake_pidfd_watch(const char *path);
ssize_t fake_pidfd_read(int fd, void *buf, size_t size);
pid_t fake_pidfd_getsid(pid_t pid);
pid_t fake_pidfd_getpgid(pid_t pid);
/* Is @fd, which is open, the pidfd of a process that has ended, or the changed directory? */
bool fake_pidfd_is_ready(int fd);

#endif
