/* SPDX-License-Identifier: MIT */
/* sys_fd.h - what the files of the sys layer share. Of no use to others. */
#ifndef SEXTON_SYS_FD_H
#define SEXTON_SYS_FD_H

/* A descriptor that was just made, or -1 and errno: moved out of the way of 0, 1 and 2 where these were
 * closed. Returns it, or a negative errno. */
int sys_above_stdio(int fd);

#endif
