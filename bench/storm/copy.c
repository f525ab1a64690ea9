/* SPDX-License-Identifier: MIT */
/*
 * copy.c - see copy.h.
 */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "launch.h"

#define COPY_CHUNK (1 << 20)
#define COPY_NOEXEC                                                                                \
	0x0008 /* ST_NOEXEC of statfs(2), for which libc has only a name of statvfs(3) */

/* A file system whose pages can be given back and read again, and from which programs are run. */
static bool copy_is_disk(const char *directory)
{
	struct statfs fs;

	return statfs(directory, &fs) == 0 && fs.f_type != TMPFS_MAGIC &&
	       fs.f_type != RAMFS_MAGIC && (fs.f_flags & COPY_NOEXEC) == 0;
}

static int copy_make_directory(char ret_directory[static SHARED_PATH])
{
	const char *candidates[] = { "/var/tmp", getenv("TMPDIR"), "/tmp", "/var/cache" };
	int error = -EROFS;

	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
		int size;

		if (candidates[i] == NULL || candidates[i][0] != '/' ||
		    !copy_is_disk(candidates[i]))
			continue;
		size = snprintf(ret_directory, SHARED_PATH, "%s/sexton-storm.XXXXXX",
				candidates[i]);
		if (size > 0 && size < SHARED_PATH && mkdtemp(ret_directory) != NULL)
			return 0;
		error = -errno;
	}
	ret_directory[0] = '\0';
	return error;
}

/* All that @from holds, onto the disk and out of the cache. */
static int copy_bytes(int from, int to)
{
	ssize_t size;

	while ((size = sendfile(to, from, NULL, COPY_CHUNK)) > 0)
		;
	if (size < 0 || fsync(to) != 0)
		return -errno;
	return -posix_fadvise(to, 0, 0, POSIX_FADV_DONTNEED);
}

static int copy_file(const char *from_path, const char *to_path)
{
	int from = open(from_path, O_RDONLY | O_CLOEXEC);
	int to = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	int error = from < 0 || to < 0 ? -errno : copy_bytes(from, to);

	if (from >= 0)
		(void)close(from);
	if (to >= 0)
		(void)close(to);
	return error;
}

/* Where the copy of word @i goes: a directory of its own, so that two may have the same base name. */
static char *copy_place(const struct copy *copy, size_t i, const char *program)
{
	const char *slash = strrchr(program, '/');
	char *place;

	if (asprintf(&place, "%s/%zu/%s", copy->directory, i, slash == NULL ? program : slash + 1) <
	    0)
		return NULL;
	return place;
}

/* Makes or removes the directory that a copy is in. */
static int copy_parent(char *place, int (*change)(const char *path))
{
	char *slash = strrchr(place, '/');
	int error;

	*slash = '\0';
	error = change(place) == 0 ? 0 : -errno;
	*slash = '/';
	return error;
}

static int copy_mkdir(const char *path)
{
	return mkdir(path, 0700);
}

static bool copy_is_program(const char *path)
{
	struct stat stat_of;

	return stat(path, &stat_of) == 0 && S_ISREG(stat_of.st_mode) && access(path, X_OK) == 0;
}

/* Word @i of the init's command line: itself, or the path of its copy. */
static int copy_word(struct copy *copy, size_t i)
{
	char *word = copy->original[i];
	char path[PATH_MAX];
	int error;

	copy->argv[i] = word;
	if ((i > 0 && strchr(word, '/') == NULL) || launch_find(word, path, sizeof(path)) < 0 ||
	    !copy_is_program(path))
		return 0;
	copy->argv[i] = copy_place(copy, i, path);
	if (copy->argv[i] == NULL) {
		copy->argv[i] = word;
		return -ENOMEM;
	}
	error = copy_parent(copy->argv[i], copy_mkdir);
	return error < 0 ? error : copy_file(path, copy->argv[i]);
}

static int copy_make_weight(struct copy *copy, int64_t weight)
{
	int size = snprintf(copy->weight, SHARED_PATH, "%s/weight", copy->directory);
	int error = 0;
	int fd;

	if (size < 0 || size >= SHARED_PATH)
		return -ENAMETOOLONG;
	fd = open(copy->weight, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (ftruncate(fd, weight) != 0)
		error = -errno;
	(void)close(fd);
	return error;
}

int copy_make(struct copy *ret_copy, char *const *init, int64_t weight)
{
	size_t words = 0;
	int error;

	*ret_copy = (struct copy){ .original = init };
	while (init[words] != NULL)
		words++;
	ret_copy->argv = calloc(words + 1, sizeof(ret_copy->argv[0]));
	if (ret_copy->argv == NULL)
		return -ENOMEM;
	error = copy_make_directory(ret_copy->directory);
	if (error == 0)
		error = copy_make_weight(ret_copy, weight);
	for (size_t i = 0; error == 0 && i < words; i++)
		error = copy_word(ret_copy, i);
	return error;
}

void copy_remove(struct copy *copy)
{
	for (size_t i = 0; copy->argv != NULL && copy->argv[i] != NULL; i++) {
		if (copy->argv[i] == copy->original[i])
			continue;
		(void)unlink(copy->argv[i]);
		(void)copy_parent(copy->argv[i], rmdir);
		free(copy->argv[i]);
	}
	free(copy->argv);
	copy->argv = NULL;
	if (copy->weight[0] != '\0')
		(void)unlink(copy->weight);
	if (copy->directory[0] != '\0')
		(void)rmdir(copy->directory);
}
