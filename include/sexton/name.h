/* SPDX-License-Identifier: MIT */
/*
 * name.h - the names that mean something to us.
 *
 * Purpose: which container init a file name stands for, and which commands are an init themselves.
 * Owner: nobody; pure functions over their arguments, any thread.
 * Next: cli.h (who answers to the names), spawn.h (who steps aside for an init).
 */
#ifndef SEXTON_NAME_H
#define SEXTON_NAME_H

#include <stdbool.h>

/* The container inits whose place we take. The order is that of the texts. */
#define NAMES(X)                                                                                   \
	X(TINI, "tini")                                                                            \
	X(DOCKER_INIT, "docker-init") /* tini, as docker calls it */                               \
	X(DUMB_INIT, "dumb-init")                                                                  \
	X(CATATONIT, "catatonit")                                                                  \
	X(PODMAN_INIT, "podman-init") /* catatonit, as podman calls it */                          \
	X(PAUSE, "pause")             /* of Kubernetes */

#define NAME_X(id, text) NAME_##id,
enum name { NAME_SEXTON, NAMES(NAME_X) NAME_COUNT };
#undef NAME_X

/* "tini", "docker-init", ... */
const char *name_text(enum name name);

/* What follows the last slash of @path. */
const char *name_base(const char *path);

/*
 * Whose name is @path? Directories do not count, nor does what follows the name after '-', '_' or
 * '.': tini-static, dumb-init_1.2.5_x86_64 and catatonit.real are the inits they seem to be. Every
 * other name is our own.
 */
enum name name_of(const char *path);

/*
 * Is the command @path an init that wants to be PID 1 itself: systemd, s6, runit, openrc, any
 * "init", or one of the names above?
 */
bool name_is_init(const char *path);

#endif
