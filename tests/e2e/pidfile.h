/* SPDX-License-Identifier: MIT */
/*
 * pidfile.h - the file of --main-pid-file, written by the test itself.
 *
 * It lies in a directory of its own, made for each test by pidfile_setup() and removed by
 * pidfile_teardown(): PIDFILE_TEST(name). The namespace sees the same file system.
 * Errors: every failure ends the test, as in pidns.h.
 */
#ifndef E2E_PIDFILE_H
#define E2E_PIDFILE_H

#include "pidns.h"

#define PIDFILE_TEST(name) cmocka_unit_test_setup_teardown(name, pidfile_setup, pidfile_teardown)
int pidfile_setup(void **state);
/* With pidns_teardown(). */
int pidfile_teardown(void **state);

/* "--main-pid-file=PATH", and PATH alone. */
const char *pidfile_option(void);
const char *pidfile_path(void);

/* Writes it in place: @text, or the PID of a node. */
void pidfile_write(const char *text);
void pidfile_name(struct pidns *ns, const char *node);
/* Writes another file in the directory. */
void pidfile_write_beside(const char *text);
/* Renames that one into place. */
void pidfile_move_beside(void);

/* Waits until sexton has taken this node for the main process. */
void pidfile_wait_for(struct pidns *ns, const char *node);
/* @next is named, then @old, the main process, is ended past sexton, and hands over. */
void pidfile_hand_over(struct pidns *ns, const char *old, const char *next);

#endif
