/* SPDX-License-Identifier: MIT */
/* feature.c - what this kernel, or the sandbox around us, lets us do; see sexton/feature.h. */
#include "sexton/feature.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>

#include "sexton/proctree.h"
#include "sexton/sys.h"

/* Signal 0 to ourselves: everything is checked and nothing is sent. */
static void feature_probe_pidfd(struct feature *features)
{
	int pidfd = sys_pidfd_open(sys_getpid());
	int r;

	if (pidfd < 0)
		return;
	features->pidfd = sys_pidfd_send_signal(pidfd, 0, NULL, 0) == 0;
	/* We need not lead a process group: -ESRCH is a yes as well. An unknown flag is -EINVAL. */
	r = sys_pidfd_send_signal(pidfd, 0, NULL, SYS_PIDFD_GROUP);
	features->pidfd_group = features->pidfd && (r == 0 || r == -ESRCH);
	sys_close(pidfd);
}

/* A /proc of another PID namespace (unshare --pid without --mount-proc) would name strangers. */
static bool feature_probe_proc(void)
{
	char link[16];
	ssize_t size = sys_readlink("/proc/self", link, sizeof(link));
	pid_t shown = 0;

	for (ssize_t i = 0; i < size && link[i] >= '0' && link[i] <= '9'; i++)
		shown = shown * 10 + (link[i] - '0');
	return size > 0 && shown == sys_getpid();
}

static bool feature_probe_children(void)
{
	/* Ours is the only thread so far, so /proc/thread-self is /proc/self/task/PID. */
	int fd = sys_open("/proc/thread-self/children", O_RDONLY);

	if (fd < 0)
		return false;
	sys_close(fd);
	return true;
}

/* landlock(7) came with the same release; PIDFD_SIGNAL_PROCESS_GROUP later. */
static bool feature_probe_wait(const struct feature *features)
{
	return features->pidfd_group || sys_probe_landlock() == 0;
}

void feature_probe(struct feature *ret_feature)
{
	*ret_feature = (struct feature){ 0 };
	feature_probe_pidfd(ret_feature);
	ret_feature->look = sys_probe_look() == 0;
	ret_feature->proc = feature_probe_proc();
	ret_feature->children = ret_feature->proc && feature_probe_children();
	ret_feature->wait_by_pid = feature_probe_wait(ret_feature);
}
