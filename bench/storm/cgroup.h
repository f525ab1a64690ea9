/* SPDX-License-Identifier: MIT */
/*
 * cgroup.h - a cgroup of one controller, version 1 or 2, that exists for one run.
 */
#ifndef SEXTON_STORM_CGROUP_H
#define SEXTON_STORM_CGROUP_H

#include <stdint.h>

#include "shared.h"

struct cgroup {
	char path[SHARED_PATH];  /* the directory; empty: none */
	char procs[SHARED_PATH]; /* who writes a number here puts that process into it */
	char home[SHARED_PATH];  /* the same of the cgroup that we are in */
};

/* Of memory, with a limit; and of cpu, without one. */
extern const struct cgroup_controller cgroup_memory, cgroup_cpu;

/* Makes one below our own cgroup, or below the root. 0; else a negative errno, and @ret_cgroup->path is
 * where it was tried last (empty: this kernel has none of that kind). @limit_kb: of memory, else unused. */
__attribute__((warn_unused_result)) int cgroup_make(struct cgroup *ret_cgroup,
						    const struct cgroup_controller *controller,
						    int64_t limit_kb);

/* When all its processes have ended. Does nothing if there is none. */
void cgroup_remove(struct cgroup *cgroup);

#endif
