/* SPDX-License-Identifier: MIT */
/*
 * copy.h - an init's program as a fresh copy on a disk, so that its pages are nobody else's.
 *
 * A page of a file is charged to the cgroup that touches it first. The pages of an installed init are in
 * the machine's cache and charged to whoever ran it before: no limit of ours would reach them.
 */
#ifndef SEXTON_STORM_COPY_H
#define SEXTON_STORM_COPY_H

#include <stdint.h>

#include "shared.h"

struct copy {
	char directory[SHARED_PATH]; /* empty: none */
	char weight[SHARED_PATH];    /* a file of the size that was asked for, with nothing in it */
	char **argv;                 /* the init's, with the copies in it */
	char *const *original;
};

/* Copies each word of @init that is a program: the first, and what is named by a path (an init behind a
 * wrapper). Base names stay, for some inits look at theirs. 0, or a negative errno; copy_remove() after
 * both. */
__attribute__((warn_unused_result)) int copy_make(struct copy *ret_copy, char *const *init,
						  int64_t weight);

void copy_remove(struct copy *copy);

#endif
