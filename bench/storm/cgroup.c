/* SPDX-License-Identifier: MIT */
/*
 * cgroup.c - see cgroup.h.
 */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

#define CGROUP_MOUNT "/sys/fs/cgroup"
#define CGROUP_GOING CLOCK_MS /* between two attempts to remove it */
#define CGROUP_TRIES 2000

struct cgroup_version {
	const char *mount;
	const char *limit; /* the file that takes the limit */
};

static const struct cgroup_version cgroup_v1 = { CGROUP_MOUNT "/memory", "memory.limit_in_bytes" };
static const struct cgroup_version cgroup_v2 = { CGROUP_MOUNT, "memory.max" };

/* Our own cgroup's path, from a line ID:CONTROLLERS:PATH of /proc/self/cgroup. */
static bool cgroup_is_line(const char *line, const struct cgroup_version *version,
			   const char **ret_path)
{
	const char *controllers = strchr(line, ':');
	const char *path = controllers == NULL ? NULL : strchr(controllers + 1, ':');
	const char *memory;

	if (path == NULL)
		return false;
	*ret_path = path + 1;
	if (version == &cgroup_v2)
		return path == controllers + 1;
	memory = strstr(controllers, "memory");
	return memory != NULL && memory < path;
}

static bool cgroup_find_own(const struct cgroup_version *version, char ret_path[static SHARED_PATH])
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[2 * SHARED_PATH];
	bool found = false;

	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), file) != NULL) {
		const char *path;

		line[strcspn(line, "\n")] = '\0';
		found = cgroup_is_line(line, version, &path) && strlen(path) < SHARED_PATH;
		if (found)
			memcpy(ret_path, path, strlen(path) + 1);
	}
	(void)fclose(file);
	return found;
}

static int cgroup_print(char ret_path[static SHARED_PATH], const char *directory, const char *name)
{
	int size = snprintf(ret_path, SHARED_PATH, "%s/%s", directory, name);

	return size < 0 || size >= SHARED_PATH ? -ENAMETOOLONG : 0;
}

static int cgroup_limit(const struct cgroup *cgroup, const struct cgroup_version *version,
			int64_t limit_kb)
{
	char path[SHARED_PATH];
	int error = cgroup_print(path, cgroup->path, version->limit);
	int fd;

	if (error < 0)
		return error;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = dprintf(fd, "%" PRId64 "K", limit_kb) < 0 ? -errno : 0;
	(void)close(fd);
	return error;
}

static int cgroup_make_in(struct cgroup *ret_cgroup, const struct cgroup_version *version,
			  const char *parent, int64_t limit_kb)
{
	char name[32];
	int error;

	(void)snprintf(name, sizeof(name), "sexton-storm.%d", getpid());
	error = cgroup_print(ret_cgroup->path, parent, name);
	if (error == 0)
		error = cgroup_print(ret_cgroup->procs, ret_cgroup->path, "cgroup.procs");
	if (error == 0 && mkdir(ret_cgroup->path, 0755) != 0)
		error = -errno;
	if (error < 0)
		return error;
	error = cgroup_limit(ret_cgroup, version, limit_kb);
	if (error < 0)
		(void)rmdir(ret_cgroup->path);
	return error;
}

static int cgroup_make_version(struct cgroup *ret_cgroup, const struct cgroup_version *version,
			       int64_t limit_kb)
{
	char own[SHARED_PATH];
	char parent[2 * SHARED_PATH];
	int error = -ENOENT;

	if (!cgroup_find_own(version, own))
		return -ENOENT;
	(void)snprintf(parent, sizeof(parent), "%s%s", version->mount, own);
	/* In a container the path may be one of the machine that is not to be seen here. */
	if (cgroup_print(ret_cgroup->home, parent, "cgroup.procs") == 0 &&
	    access(ret_cgroup->home, W_OK) == 0)
		error = cgroup_make_in(ret_cgroup, version, parent, limit_kb);
	else
		(void)cgroup_print(ret_cgroup->home, version->mount, "cgroup.procs");
	if (error < 0)
		error = cgroup_make_in(ret_cgroup, version, version->mount, limit_kb);
	return error;
}

int cgroup_make(struct cgroup *ret_cgroup, int64_t limit_kb)
{
	int error;

	*ret_cgroup = (struct cgroup){ .path = "" };
	error = cgroup_make_version(ret_cgroup, &cgroup_v1, limit_kb);
	if (error < 0 && ret_cgroup->path[0] == '\0')
		error = cgroup_make_version(ret_cgroup, &cgroup_v2, limit_kb);
	return error;
}

void cgroup_remove(struct cgroup *cgroup)
{
	if (cgroup->path[0] == '\0')
		return;
	/* Whoever has been waited for may still be on its way out. */
	for (int i = 0; i < CGROUP_TRIES && rmdir(cgroup->path) != 0 && errno == EBUSY; i++)
		clock_pause(CGROUP_GOING);
	cgroup->path[0] = '\0';
}
