/* SPDX-License-Identifier: MIT */
/*
 * nested_place.c - where an init is started; see nested_place.h.
 */
#include "nested_place.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From <linux/mount.h>, which <sys/mount.h> of older libcs excludes. */
#define PLACE_AT_RECURSIVE 0x8000
#define PLACE_ATTR_RDONLY  1

#define PLACE_UID  65534
#define PLACE_UIDS 30000u /* users [30000, 60000) for runs that need one of their own */

static bool is_mapped; /* root is so in our user namespace only, and alone there */

static void __attribute__((noreturn)) give_up(const char *what)
{
	dprintf(STDERR_FILENO, "harness: %s: %s\n", what, strerror(errno));
	_exit(NESTED_PLACE_FAILED);
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		give_up(path);
	close(fd);
}

void nested_place_become_root(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	if (uid == 0)
		return;
	if (unshare(CLONE_NEWUSER) < 0)
		give_up("a user namespace");
	write_text("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", (unsigned int)uid);
	write_text("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", (unsigned int)gid);
	write_text("/proc/self/gid_map", map);
	is_mapped = true;
}

static void mount_at(const char *where, const char *type, unsigned long flags)
{
	if (mount("none", where, type, flags, NULL) < 0)
		give_up(where);
}

static void change_mounts(unsigned int traits, bool first)
{
	struct {
		uint64_t set, clear, propagation, userns;
	} attr = { .set = PLACE_ATTR_RDONLY };

	if (!first && !(traits & (NESTED_READ_ONLY | NESTED_NO_PROC)))
		return;
	mount_at("/", NULL, MS_REC | MS_PRIVATE);
	if (traits & NESTED_NO_PROC)
		mount_at("/proc", "tmpfs", 0);
	else if (first)
		mount_at("/proc", "proc", 0);
	if ((traits & NESTED_READ_ONLY) &&
	    syscall(SYS_mount_setattr, AT_FDCWD, "/", PLACE_AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		give_up("make all mounts read-only");
}

static void change_streams(unsigned int traits)
{
	if (traits & (NESTED_NO_STDIN | NESTED_NO_STREAMS))
		close(STDIN_FILENO);
	if (traits & NESTED_NO_STREAMS) {
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
	}
}

static void change_signals(unsigned int traits)
{
	sigset_t all;

	if (traits & NESTED_NO_CHLD)
		signal(SIGCHLD, SIG_IGN);
	if (traits & NESTED_NO_HUP)
		signal(SIGHUP, SIG_IGN);
	if (traits & NESTED_NO_PIPE)
		signal(SIGPIPE, SIG_IGN);
	sigfillset(&all);
	if (traits & NESTED_NO_SIGNALS)
		sigprocmask(SIG_SETMASK, &all, NULL);
}

/* Where only one uid is mapped, as for a tester who is not root, that one must do. */
static void change_uid(uid_t uid)
{
	if (setgroups(0, NULL) < 0 && errno != EPERM)
		give_up("setgroups");
	if (setresgid(uid, uid, uid) < 0 && errno != EINVAL)
		give_up("setresgid");
	if (setresuid(uid, uid, uid) < 0 && errno != EINVAL)
		give_up("setresuid");
}

static void drop_privileges(uid_t uid)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	for (unsigned long cap = 0; cap < 64; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EINVAL)
			give_up("bounding set");
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	change_uid(uid);
	if (syscall(SYS_capset, &header, none) < 0)
		give_up("capset");
}

/*
 * The limit counts the processes of one user in one user namespace, and does not hold for root. So
 * the run gets a user of its own, or, where root is only one of a namespace, a namespace of its own.
 */
static void limit_processes(int processes, uid_t uid)
{
	struct rlimit limit = { .rlim_cur = (rlim_t)processes, .rlim_max = (rlim_t)processes };

	if (is_mapped && unshare(CLONE_NEWUSER) < 0)
		give_up("a user namespace");
	drop_privileges(uid);
	if (setrlimit(RLIMIT_NPROC, &limit) < 0)
		give_up("RLIMIT_NPROC");
}

/* A clean environment: nothing that one of the inits would listen to. */
static void change_environment(const struct nested_place *place, const struct nested_paths *paths)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%s/usr/bin:/bin",
		 place->traits & NESTED_LOCKED_PATH ? paths->locked : "",
		 place->traits & NESTED_LOCKED_PATH ? ":" : "");
	if (clearenv() != 0 || setenv("PATH", path, 1) < 0 || setenv("LC_ALL", "C", 1) < 0)
		give_up("environment");
}

void nested_place_enter(const struct nested_place *place, const struct nested_paths *paths,
			bool first, unsigned int number)
{
	unsigned int traits = place->traits;

	/* No terminal: what the tester's would say is another test's business. */
	if (setsid() < 0)
		give_up("setsid");
	if (!first && (traits & (NESTED_READ_ONLY | NESTED_NO_PROC)) && unshare(CLONE_NEWNS) < 0)
		give_up("a mount namespace");
	change_mounts(traits, first);
	change_environment(place, paths);
	if (place->processes > 0)
		limit_processes(place->processes, PLACE_UIDS + number % PLACE_UIDS);
	else if (traits & NESTED_NOBODY)
		drop_privileges(PLACE_UID);
	if ((traits & NESTED_NO_NEW_PRIVS) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		give_up("no_new_privs");
	change_signals(traits);
	change_streams(traits);
}
