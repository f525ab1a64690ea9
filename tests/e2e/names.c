/* SPDX-License-Identifier: MIT */
/* names.c - the binary under other names; see names.h. */
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORDS_MAX 32

void names_give_up(const char *what)
{
	dprintf(STDERR_FILENO, "harness: %s: %s\n", what, strerror(errno));
	_exit(99);
}

void names_make_links(void *arg)
{
	static const char *const names[] = { "sexton",    "tini",        "docker-init", "dumb-init",
					     "catatonit", "podman-init", "pause" };
	const char *sexton = getenv("SEXTON");
	const char *payload = getenv("PAYLOAD");
	char path[64];

	(void)arg;
	/* What is under it now is not needed, and nobody outside sees it. */
	if (mount("none", "/run", "tmpfs", 0, "size=64k") < 0 || mkdir(NAMES_DIR, 0755) < 0)
		names_give_up(NAMES_DIR);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), NAMES_DIR "/%s", names[i]);
		if (!sexton || symlink(sexton, path) < 0)
			names_give_up(path);
	}
	if (!payload || symlink(payload, NAMES_DIR "/init") < 0)
		names_give_up(NAMES_DIR "/init");
}

void names_make_place(void *arg)
{
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	(void)arg;
	if (fd < 0 || dup2(fd, NAMES_HELD_FD) < 0 || fcntl(NAMES_HELD_FD, F_SETFD, 0) < 0 ||
	    chdir("/usr/bin") < 0)
		names_give_up("a place to start from");
}

static size_t add_words(const char **line, size_t used, const char *const *words)
{
	while (*words && used < WORDS_MAX - 1)
		line[used++] = *words++;
	line[used] = NULL;
	return used;
}

struct pidns *names_start(const struct pidns_options *options, const char *const *way,
			  const char *const *command)
{
	const char *line[WORDS_MAX];

	add_words(line, add_words(line, 0, way), command);
	return pidns_start_words(options, line);
}

struct pidns *names_start_outside(const char *const *env, const char *const *before,
				  const char *const *way, const char *const *command)
{
	struct pidns_options options = { .direct = true, .env = env };
	static char wrap[1024]; /* the words are pointers into it until the start */
	const char *line[WORDS_MAX];
	const char *sexton = getenv("SEXTON");
	const char *wrapper = getenv("SEXTON_E2E_WRAP");
	char *save = NULL;
	size_t n = add_words(line, 0, WORDS(pidns_payload(), "outside"));

	assert_non_null(sexton);
	n = add_words(line, n, before);
	snprintf(wrap, sizeof(wrap), "%s", wrapper ? wrapper : "");
	for (char *w = strtok_r(wrap, " ", &save); w; w = strtok_r(NULL, " ", &save))
		n = add_words(line, n, WORDS(w));
	n = add_words(line, n, WORDS(sexton));
	n = add_words(line, n, way);
	add_words(line, n, command);
	return pidns_start_words(&options, line);
}

bool names_is_quiet(struct pidns *ns)
{
	const char *end = ns->log.text ? strchr(ns->log.text, '\n') : NULL;

	return ns->log.used == 0 || (getenv("SEXTON_E2E_WRAP") && end && end[1] == '\0' &&
				     pidns_log_count(ns, "no reaper thread") == 1);
}
