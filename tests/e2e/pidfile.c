/* SPDX-License-Identifier: MIT */
/* pidfile.c - the file of --main-pid-file, written by the test itself; see pidfile.h. */
#include "pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node.h"

static char directory[256];
static char option[320];
static char beside[320];

int pidfile_setup(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	snprintf(directory, sizeof(directory), "%s/sexton-e2e-XXXXXX",
		 base && *base == '/' ? base : "/tmp");
	if (!mkdtemp(directory))
		return -1;
	snprintf(option, sizeof(option), "--main-pid-file=%s/pid", directory);
	snprintf(beside, sizeof(beside), "%s/new", directory);
	return 0;
}

int pidfile_teardown(void **state)
{
	/* Whatever the test put there; a directory as well. */
	remove(pidfile_path());
	remove(beside);
	rmdir(directory);
	return pidns_teardown(state);
}

const char *pidfile_option(void)
{
	return option;
}

const char *pidfile_path(void)
{
	return strchr(option, '=') + 1;
}

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) < 0)
		fail_msg("%s: %s", path, strerror(errno));
}

void pidfile_write(const char *text)
{
	write_to(pidfile_path(), text);
}

void pidfile_name(struct pidns *ns, const char *node)
{
	char text[16];

	snprintf(text, sizeof(text), "%d\n", (int)node_pid(ns, node));
	pidfile_write(text);
}

void pidfile_write_beside(const char *text)
{
	write_to(beside, text);
}

void pidfile_move_beside(void)
{
	if (rename(beside, pidfile_path()) < 0)
		fail_msg("rename: %s", strerror(errno));
}

void pidfile_wait_for(struct pidns *ns, const char *node)
{
	pidns_log(ns, 1, "pid %d (%s) is the main process now", (int)node_pid(ns, node), node);
}

void pidfile_hand_over(struct pidns *ns, const char *old, const char *next)
{
	pidfile_name(ns, next);
	node_signal(ns, old, SIGTERM);
	pidfile_wait_for(ns, next);
}
