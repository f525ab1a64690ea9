/* SPDX-License-Identifier: MIT */
/* successor.c - who takes over from the main process; see sexton/successor.h. */
#include "sexton/successor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "sexton/log.h"
#include "sexton/sys.h"

#define SUCCESSOR_DIRECTORY_SIZE 1024 /* a longer one is not watched */
#define SUCCESSOR_DIGITS         10   /* of the largest PID there can be */

void successor_init(struct successor *s, const char *path, struct forward *forward,
		    struct target *targets, struct reaper *reaper)
{
	*s = (struct successor){
		.path = path,
		.forward = forward,
		.targets = targets,
		.reaper = reaper,
		.watch_fd = -1,
	};
}

void successor_fini(struct successor *s)
{
	if (s->watch_fd >= 0)
		sys_close(s->watch_fd);
	s->watch_fd = -1;
}

/* Says why nobody takes over, once for each main process that exits. */
static void successor_warn(struct successor *s, const char *why)
{
	if (s->warned)
		return;
	s->warned = true;
	log_line(LOG_WARN, "--main-pid-file %s: %s", s->path, why);
}

/* The number in the file. -ENOENT, -ENODATA: it is not there, or still empty. -EINVAL: it holds no number. */
static int successor_read(const struct successor *s, pid_t *ret_pid)
{
	/* Of a FIFO or a terminal nothing is expected, and no wait. */
	int fd = sys_open(s->path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	char text[SUCCESSOR_DIGITS + 54]; /* blanks around it */
	int64_t number = 0;
	ssize_t size;
	size_t at;
	size_t digits;

	if (fd < 0)
		return fd;
	size = sys_read(fd, text, sizeof(text) - 1);
	sys_close(fd);
	if (size <= 0)
		return size < 0 ? (int)size : -ENODATA;
	text[size] = '\0';
	at = strspn(text, " \t\r\n");
	digits = strspn(text + at, "0123456789");
	if (digits == 0 || digits > SUCCESSOR_DIGITS ||
	    strspn(text + at + digits, " \t\r\n") != (size_t)size - at - digits)
		return -EINVAL;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (text[at + i] - '0');
	if (number < 1 || number > INT32_MAX)
		return -EINVAL;
	*ret_pid = (pid_t)number;
	return 0;
}

static bool successor_lives(const struct proctree_proc *proc)
{
	return proc->state != 'Z' && proc->state != 'X';
}

/* Is @pid, which @pidfd holds or is -1, alive and below us? */
static int successor_verify(const struct successor *s, pid_t pid, int pidfd,
			    struct proctree_proc *ret_proc)
{
	const struct forward *f = s->forward;
	int r = f->features->proc ? proctree_stat(pid, ret_proc) : -ENOENT;

	if (r < 0)
		return r;
	if (!successor_lives(ret_proc) || !proctree_descends(pid, f->self, NULL))
		return -ESRCH;
	/* Nothing but a pidfd could hold the number of somebody else's child. */
	return pidfd < 0 && ret_proc->ppid != f->self ? -ENOTSUP : 0;
}

/*
 * Is @proc still alive, now that it is published? The tick of its start is not proof enough, its number may
 * have changed hands: with a pidfd the number was its own all the time if it has not been buried by the end.
 */
static bool successor_still_lives(const struct successor *s, const struct proctree_proc *proc,
				  int pidfd)
{
	struct proctree_proc now;

	if (proctree_stat(proc->pid, &now) < 0 || now.start != proc->start ||
	    !successor_lives(&now))
		return false;
	if (pidfd < 0)
		return now.ppid == s->forward->self;
	return sys_pidfd_send_signal(pidfd, 0, NULL, 0) != -ESRCH;
}

/* Publishes @proc. False if it was buried before that was seen. */
static bool successor_publish(struct successor *s, const struct proctree_proc *proc, int pidfd)
{
	reaper_adopt(s->reaper, proc->pid);
	target_adopt(s->targets, proc->pid);
	/* [reaper-adopt] and [target-adopt]: does it still live, its end will be told. */
	if (successor_still_lives(s, proc, pidfd))
		return true;
	target_disown(s->targets, proc->pid);
	/* Refused, its end is on the way to us: it was the main process for a moment. */
	return !reaper_disown(s->reaper, proc->pid);
}

static int successor_adopt(struct successor *s, pid_t pid)
{
	struct forward *f = s->forward;
	struct proctree_proc proc;
	int pidfd = -1;
	int r;

	if (pid == f->main_pid)
		return -ESRCH; /* the one that has gone wrote it */
	if (f->features->pidfd)
		pidfd = sys_pidfd_open(pid);
	if (f->features->pidfd && pidfd < 0)
		return pidfd;
	/* Open, then verify: what /proc says of a number that changed hands later is not used, for its
	 * pidfd is that of a dead process. */
	r = successor_verify(s, pid, pidfd, &proc);
	if (r == 0 && !successor_publish(s, &proc, pidfd))
		r = -ESRCH;
	if (r < 0) {
		if (pidfd >= 0)
			sys_close(pidfd);
		return r;
	}
	forward_take_main(f, &proc, pidfd);
	s->start = proc.start;
	log_line(LOG_INFO, "pid %d (%s) is the main process now", proc.pid, proc.name);
	return 0;
}

/* One try. @matters: also a file that is not there yet is worth a line. */
static bool successor_try(struct successor *s, bool matters)
{
	pid_t pid = 0;
	int r = successor_read(s, &pid);
	bool missing = r == -ENOENT || r == -ENODATA;

	if (r == -EINVAL) {
		successor_warn(s, "holds no PID");
		return false;
	}
	if (r == 0)
		r = successor_adopt(s, pid);
	if (r == 0) {
		successor_fini(s);
		return true;
	}
	if (missing && !matters)
		return false;
	if (!missing && (r == -ESRCH || r == -ENOENT || r == -EINVAL))
		successor_warn(s, "names no living descendant");
	else
		successor_warn(s, sys_strerror(-r));
	return false;
}

/* Watches the directory of the file. Where that is refused, signals are the next occasion to look. */
static bool successor_watch(struct successor *s)
{
	char directory[SUCCESSOR_DIRECTORY_SIZE];
	size_t length = (size_t)(strrchr(s->path, '/') - s->path);

	if (length >= sizeof(directory))
		return false;
	memcpy(directory, s->path, length);
	directory[length] = '\0';
	s->watch_fd = sys_watch(length == 0 ? "/" : directory);
	if (s->watch_fd < 0)
		log_line(LOG_INFO, "cannot watch for --main-pid-file: %s",
			 sys_strerror(-s->watch_fd));
	return s->watch_fd >= 0;
}

bool successor_find(struct successor *s, bool waits)
{
	s->warned = false;
	/* Nobody is left: there is nobody to be named, and nothing to be said. */
	if (s->path == NULL || !sys_has_children())
		return false;
	if (successor_try(s, !waits))
		return true;
	/* Once more after the watch began: it may have been written in between. */
	return waits && successor_watch(s) && successor_try(s, false);
}

bool successor_changed(struct successor *s)
{
	char events[4096];
	ssize_t size = sys_read(s->watch_fd, events, sizeof(events));

	/* What has changed does not matter. What is left to read announces itself again. */
	if (size <= 0 && size != -EAGAIN)
		successor_fini(s); /* it would be readable for ever */
	return successor_try(s, false);
}

bool successor_ask(struct successor *s)
{
	return s->path != NULL && successor_try(s, true);
}

/*
 * The wait(2) status of a main process that its own parent buries. A zombie shows 0 to who may not trace it
 * (proc_pid_stat(5)), so only what is no 0 is believed.
 */
static int successor_status(const struct successor *s, const struct proctree_proc *zombie)
{
	int status = 0;

	if (sys_pidfd_status(s->forward->main_pidfd, &status) == 0)
		return status;
	if (zombie != NULL && zombie->status != 0)
		return zombie->status;
	log_line(LOG_WARN, "pid %d is not our child: its exit status is taken for 0",
		 s->forward->main_pid);
	return 0;
}

bool successor_ended(struct successor *s, int *ret_status)
{
	struct forward *f = s->forward;
	struct proctree_proc proc;
	bool same = proctree_stat(f->main_pid, &proc) == 0 && proc.start == s->start;

	if (same && successor_lives(&proc))
		return false;   /* it was said of the one before it */
	f->main_is_far = false; /* its pidfd has told all that it can */
	/* [reaper-claim]: has our reaper buried it, it has claimed it before. */
	if ((same && proc.ppid == f->self) || !reaper_disown(s->reaper, f->main_pid))
		return false;
	target_disown(s->targets, f->main_pid);
	*ret_status = successor_status(s, same ? &proc : NULL);
	return true;
}
