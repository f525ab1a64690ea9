/* SPDX-License-Identifier: MIT */
/* sys_close.c - closing many descriptors, on any kernel; see sexton/sys.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sexton/sys.h"

/* Descriptors closed one by one where they cannot be listed: engines set limits of a thousand
 * million, and PID 1 must not be deaf for minutes. */
#define CLOSE_BLINDLY_MAX 65535u

/* Closes what /proc/self/fd lists in first..last. */
static int sys_close_listed(unsigned int first, unsigned int last)
{
	char buf[1024];
	ssize_t size;
	int dir = sys_open("/proc/self/fd", O_RDONLY | O_DIRECTORY);

	if (dir < 0)
		return dir;
	/* Closing changes the directory under the reader: begin again until a pass closes nothing.
	 */
	for (bool closed = true; closed;) {
		closed = false;
		(void)lseek(dir, 0, SEEK_SET); /* a directory is seekable */
		while ((size = sys_getdents(dir, buf, sizeof(buf))) > 0) {
			for (ssize_t at = 0; at < size;) {
				const struct dirent64 *entry = (const void *)(buf + at);
				unsigned int fd = 0;

				at += entry->d_reclen;
				if (entry->d_name[0] == '.')
					continue;
				for (const char *c = entry->d_name; *c != '\0'; c++)
					fd = fd * 10 + (unsigned int)(*c - '0');
				if (fd >= first && fd <= last && (int)fd != dir) {
					sys_close((int)fd);
					closed = true;
				}
			}
		}
	}
	sys_close(dir);
	return size < 0 ? (int)size : 0;
}

int sys_close_range(unsigned int first, unsigned int last)
{
	struct rlimit limit;

	if (first > last || syscall(SYS_close_range, first, last, 0) == 0)
		return 0;
	if (sys_close_listed(first, last) == 0)
		return 0;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	if (limit.rlim_cur < last)
		last = (unsigned int)limit.rlim_cur;
	if (last > CLOSE_BLINDLY_MAX)
		last = CLOSE_BLINDLY_MAX;
	for (unsigned int fd = first; fd <= last; fd++)
		sys_close((int)fd);
	return 0;
}
