/* SPDX-License-Identifier: MIT */
/*
 * launch.h - from a prepared run to an init that has been executed; for run.c.
 */
#ifndef SEXTON_STORM_LAUNCH_H
#define SEXTON_STORM_LAUNCH_H

struct run;

/* Executes the init as PID 1 of a new namespace, with our inside as its command. 0, or RESULT_OVER. */
__attribute__((warn_unused_result)) int launch_init(struct run *run);

/* Where execvp(3) would find @name. 0, or a negative errno. */
__attribute__((warn_unused_result)) int launch_find(const char *name, char *ret_path,
						    unsigned long room);

#endif
