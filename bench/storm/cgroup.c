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
	const char *file; /* that a cgroup of this controller has */
};

struct cgroup_controller {
	const char *name;
	bool limited; /* that file takes a limit in bytes */
	struct cgroup_version v1, v2;
};

const struct cgroup_controller cgroup_memory = {
	.name = "memory",
	.limited = true,
	.v1 = { CGROUP_MOUNT "/memory", "memory.limit_in_bytes" },
	.v2 = { CGROUP_MOUNT, "memory.max" },
};

const struct cgroup_controller cgroup_cpu = {
	.name = "cpu",
	.v1 = { CGROUP_MOUNT "/cpu", "cpu.shares" },
	.v2 = { CGROUP_MOUNT, "cpu.weight" },
};

/* Our own cgroup's path, from a line ID:CONTROLLER[,CONTROLLER]...:PATH of /proc/self/cgroup. @name: the
 * controller of version 1, "" for version 2. */
static bool cgroup_is_line(char *line, const char *name, const char **ret_path)
{
	char *controllers = strchr(line, ':');
	char *path = controllers == NULL ? NULL : strchr(controllers + 1, ':');
	char *one;

	if (path == NULL)
		return false;
	*path = '\0';
	*ret_path = path + 1;
	if (*name == '\0')
		return controllers[1] == '\0';
	controllers++;
	while ((one = strsep(&controllers, ",")) != NULL)
		if (strcmp(one, name) == 0)
			return true;
	return false;
}

static bool cgroup_find_own(const char *name, char ret_path[static SHARED_PATH])
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[2 * SHARED_PATH];
	bool found = false;

	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), file) != NULL) {
		const char *path;

		line[strcspn(line, "\n")] = '\0';
		found = cgroup_is_line(line, name, &path) && strlen(path) < SHARED_PATH;
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

/* Has the new cgroup the controller (in version 2 it must be handed down)? Then sets its limit. */
static int cgroup_equip(const struct cgroup *cgroup, const struct cgroup_controller *controller,
			const char *file, int64_t limit_kb)
{
	char path[SHARED_PATH];
	int error = cgroup_print(path, cgroup->path, file);
	int fd;

	if (error < 0)
		return error;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ENOTSUP : -errno;
	if (controller->limited && dprintf(fd, "%" PRId64 "K", limit_kb) < 0)
		error = -errno;
	(void)close(fd);
	return error;
}

static int cgroup_make_in(struct cgroup *ret_cgroup, const struct cgroup_controller *controller,
			  const char *parent, const char *file, int64_t limit_kb)
{
	char name[32];
	int error;

	(void)snprintf(name, sizeof(name), "sexton-storm.%d", getpid());
	error = cgroup_print(ret_cgroup->path, parent, name);
	if (error == 0)
		error = cgroup_print(ret_cgroup->procs, ret_cgroup->path, "cgroup.procs");
	if (error < 0)
		return error;
	(void)rmdir(ret_cgroup->path); /* of one with our number that was killed by SIGKILL */
	if (mkdir(ret_cgroup->path, 0755) != 0)
		return -errno;
	error = cgroup_equip(ret_cgroup, controller, file, limit_kb);
	if (error < 0)
		(void)rmdir(ret_cgroup->path);
	return error;
}

/* @name: as for cgroup_is_line(). */
static int cgroup_make_version(struct cgroup *ret_cgroup,
			       const struct cgroup_controller *controller,
			       const struct cgroup_version *version, const char *name,
			       int64_t limit_kb)
{
	char own[SHARED_PATH];
	char parent[2 * SHARED_PATH];
	int error = -ENOENT;

	if (!cgroup_find_own(name, own))
		return -ENOENT;
	(void)snprintf(parent, sizeof(parent), "%s%s", version->mount, own);
	/* In a container the path may be one of the machine that is not to be seen here. */
	if (cgroup_print(ret_cgroup->home, parent, "cgroup.procs") == 0 &&
	    access(ret_cgroup->home, W_OK) == 0)
		error = cgroup_make_in(ret_cgroup, controller, parent, version->file, limit_kb);
	else
		(void)cgroup_print(ret_cgroup->home, version->mount, "cgroup.procs");
	if (error < 0)
		error = cgroup_make_in(ret_cgroup, controller, version->mount, version->file,
				       limit_kb);
	return error;
}

int cgroup_make(struct cgroup *ret_cgroup, const struct cgroup_controller *controller,
		int64_t limit_kb)
{
	int error;

	*ret_cgroup = (struct cgroup){ .path = "" };
	error = cgroup_make_version(ret_cgroup, controller, &controller->v1, controller->name,
				    limit_kb);
	if (error < 0 && ret_cgroup->path[0] == '\0')
		error = cgroup_make_version(ret_cgroup, controller, &controller->v2, "", limit_kb);
	if (error < 0)
		ret_cgroup->procs[0] = '\0';
	return error;
}

void cgroup_remove(struct cgroup *cgroup)
{
	if (cgroup->procs[0] == '\0')
		return;
	/* Whoever has been waited for may still be on its way out. */
	for (int i = 0; i < CGROUP_TRIES && rmdir(cgroup->path) != 0 && errno == EBUSY; i++)
		clock_pause(CGROUP_GOING);
	cgroup->procs[0] = '\0';
}
