/* SPDX-License-Identifier: MIT */
/* proctree_part.h - what the files of proctree share. Of no use to others. */
#ifndef SEXTON_PROCTREE_PART_H
#define SEXTON_PROCTREE_PART_H

#include "sexton/proctree.h"

#define PROCTREE_PATH_SIZE 64u

/* "/proc/PID" + @middle [+ TID + "/children"]: every path that is opened. */
void proctree_path(char path[PROCTREE_PATH_SIZE], pid_t pid, const char *middle, pid_t tid);

bool proctree_digit(char c);

/* The unsigned number at *text, which is moved behind its digits. */
uint64_t proctree_number(const char **text);

/* As proctree_stat(), with the state as it stands there. */
int proctree_read_stat(pid_t pid, struct proctree_proc *ret_proc, bool *ret_is_zombie);

#endif
