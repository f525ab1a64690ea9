/* SPDX-License-Identifier: MIT */
/* forward.c - a signal to the right process, and to no other; see sexton/forward.h. */
#include "sexton/forward.h"

#include <errno.h>

#include "sexton/sys.h"

/* The siginfo to pass on as it came: only a queued value is worth it, and only si_code < 0 may be
 * passed at all (pidfd_send_signal(2), rt_sigqueueinfo(2)). */
static const siginfo_t *forward_payload(const siginfo_t *info)
{
	return info != NULL && info->si_code == SI_QUEUE ? info : NULL;
}

bool forward_needs_guard(const struct feature *features, enum config_forward scope, int main_pidfd)
{
	return main_pidfd < 0 || !features->pidfd ||
	       (scope == CONFIG_FORWARD_GROUP && !features->pidfd_group);
}

/* One process or, with @group, its process group, by number. */
static int forward_by_number(pid_t pid, bool group, const siginfo_t *info)
{
	if (group)
		return sys_kill(-pid, info->si_signo); /* no call queues a value to a group */
	if (forward_payload(info) != NULL)
		return sys_sigqueueinfo(pid, info);
	return sys_kill(pid, info->si_signo);
}

static int forward_to_main(const struct forward *f, bool group, const siginfo_t *info)
{
	pid_t pid;
	int r;

	if (!forward_needs_guard(f->features, f->scope, f->main_pidfd))
		return sys_pidfd_send_signal(f->main_pidfd, info->si_signo, forward_payload(info),
					     group ? SYS_PIDFD_GROUP : 0);
	pid = target_lock_main(f->targets);
	r = pid != 0 ? forward_by_number(pid, group, info) : -ESRCH;
	target_unlock(f->targets);
	return r;
}

int forward_to_scope(const struct forward *f, const siginfo_t *info)
{
	int r;

	if (f->scope == CONFIG_FORWARD_CHILD)
		return forward_to_main(f, false, info);
	r = forward_to_main(f, true, info);
	/* No such group: the main process could not be given one (setpgid(2) refused). */
	return r == -ESRCH ? forward_to_main(f, false, info) : r;
}

int forward_to_group(const struct forward *f, int sig)
{
	pid_t pid;
	int r;

	if (f->main_pidfd >= 0 && f->features->pidfd_group)
		return sys_pidfd_send_signal(f->main_pidfd, sig, NULL, SYS_PIDFD_GROUP);
	pid = target_lock_main(f->targets);
	r = pid != 0 ? sys_kill(-pid, sig) : -ESRCH;
	target_unlock(f->targets);
	return r;
}

/* Is @proc still the process that the snapshot saw, and still below us? */
static int forward_verify(const struct forward *f, const struct proctree_proc *proc)
{
	struct proctree_proc now;
	int r = proctree_stat(proc->pid, &now);

	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	if (now.start != proc->start || (now.ppid != f->self && now.ppid != proc->ppid))
		return -ESRCH;
	return 0;
}

static int forward_by_pidfd(const struct forward *f, const struct proctree_proc *proc, int sig,
			    const siginfo_t *info, bool wake)
{
	int pidfd = sys_pidfd_open(proc->pid);
	int r;

	if (pidfd < 0)
		/* A thread has the number now: -EINVAL, on newer kernels -ENOENT. */
		return pidfd == -EINVAL || pidfd == -ENOENT ? -ESRCH : pidfd;
	/*
	 * Open, then verify, then send. If the number changed hands after the open, the pidfd's
	 * process is gone, and whatever /proc told us of the new owner, the send fails: -ESRCH.
	 */
	r = forward_verify(f, proc);
	if (r == 0)
		r = sys_pidfd_send_signal(pidfd, sig, forward_payload(info), 0);
	if (r == 0 && wake) /* it may have gone already */
		sys_ignore(sys_pidfd_send_signal(pidfd, SIGCONT, NULL, 0));
	sys_close(pidfd);
	return r;
}

/* Without pidfds: our own children only, for nobody but our reaper can free their numbers. */
static int forward_to_child(const struct forward *f, const struct proctree_proc *proc, int sig,
			    const siginfo_t *info, bool wake)
{
	siginfo_t plain = { .si_signo = sig, .si_code = SI_USER };
	pid_t grave;
	int r;

	if (proc->ppid != f->self)
		return -ENOTSUP;
	grave = target_lock_children(f->targets); /* before /proc is read: [target-grave] */
	r = proc->pid != grave ? forward_verify(f, proc) : -ESRCH;
	if (r == 0)
		r = forward_by_number(proc->pid, false, info != NULL ? info : &plain);
	if (r == 0 && wake) /* still inside: it cannot have been freed */
		sys_ignore(sys_kill(proc->pid, SIGCONT));
	target_unlock(f->targets);
	return r;
}

int forward_to_proc(const struct forward *f, const struct proctree_proc *proc, int sig,
		    const siginfo_t *info, bool wake)
{
	if (f->features->pidfd)
		return forward_by_pidfd(f, proc, sig, info, wake);
	return forward_to_child(f, proc, sig, info, wake);
}

int forward_to_all(const struct forward *f, int sig)
{
	if (f->self == 1)
		return sys_kill(-1, sig);
	if (f->main_pidfd < 0 || !f->features->pidfd_group)
		return -ENOTSUP;
	return sys_pidfd_send_signal(f->main_pidfd, sig, NULL, SYS_PIDFD_GROUP);
}
