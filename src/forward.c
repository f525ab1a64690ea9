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

void forward_init(struct forward *f, const struct feature *features, struct target *targets,
		  enum config_forward scope, pid_t main_pid, int main_pidfd,
		  struct forward_anchor *anchor)
{
	*f = (struct forward){
		.features = features,
		.targets = targets,
		.scope = scope,
		.self = sys_getpid(),
		.main_pid = main_pid,
		.main_pidfd = main_pidfd,
		.group = main_pid, /* if setpgid(2) was not refused */
		.group_pidfd = main_pidfd,
		.anchor = anchor,
	};
	*anchor = (struct forward_anchor){ 0 };
}

void forward_take_main(struct forward *f, const struct proctree_proc *proc, int pidfd)
{
	/* A leader's group is called after it, whatever an older one of that number was. */
	bool other_group = proc->pgid != f->group || proc->pgid == proc->pid;

	if (f->main_pidfd >= 0 && (f->main_pidfd != f->group_pidfd || other_group))
		sys_close(f->main_pidfd);
	if (f->group_pidfd >= 0 && f->main_pidfd != f->group_pidfd && other_group)
		sys_close(f->group_pidfd);
	f->main_pid = proc->pid;
	f->main_pidfd = pidfd;
	f->main_is_far = proc->ppid != f->self;
	if (other_group) {
		f->group = proc->pgid;
		f->group_pidfd = proc->pgid == proc->pid ? pidfd : -1;
	}
}

/* One process by number. */
static int forward_by_number(pid_t pid, const siginfo_t *info)
{
	if (forward_payload(info) != NULL)
		return sys_sigqueueinfo(pid, info);
	return sys_kill(pid, info->si_signo);
}

int forward_to_main(const struct forward *f, const siginfo_t *info)
{
	pid_t pid;
	int r;

	if (f->main_pidfd >= 0 && f->features->pidfd)
		return sys_pidfd_send_signal(f->main_pidfd, info->si_signo, forward_payload(info),
					     0);
	pid = target_lock_main(f->targets);
	r = pid != 0 ? forward_by_number(pid, info) : -ESRCH;
	target_unlock(f->targets);
	return r;
}

int forward_to_group(const struct forward *f, const siginfo_t *info)
{
	pid_t pid;
	int r;

	if (f->group_pidfd >= 0 && f->features->pidfd_group)
		return sys_pidfd_send_signal(f->group_pidfd, info->si_signo, forward_payload(info),
					     SYS_PIDFD_GROUP);
	/* 0 is our own group, and kill(-1) is everybody. */
	if (!f->guarded || f->main_is_far || f->group <= 1)
		return -ENOTSUP;
	/* A main process that is not buried holds its own number and that of the group it is in. */
	pid = target_lock_main(f->targets);
	r = -ENOTSUP;
	if (pid != 0 && (pid == f->group || sys_getpgid(pid) == f->group))
		r = sys_kill(-f->group, info->si_signo);
	target_unlock(f->targets);
	return r;
}

/* Has @proc's number still the process that the snapshot saw? 0, 1 if it is our child; -ESRCH; or another
 * negative errno. */
static int forward_look(const struct forward *f, const struct proctree_proc *proc)
{
	struct proctree_proc now;
	int r = proctree_stat(proc->pid, &now);

	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	return now.start != proc->start ? -ESRCH : now.ppid == f->self;
}

void forward_rest(const struct forward *f)
{
	struct forward_anchor *a = f->anchor;

	if (a->of.pid != 0)
		sys_close(a->of.pidfd);
	a->of.pid = 0;
}

/*
 * @proc, which its pidfd holds, descends from @ancestor. So does its parent, and nearly always the next one is
 * a child of that parent, or of @proc: the way up to it need not be read again and again.
 */
static void forward_drop_anchor(const struct forward *f, const struct proctree_proc *proc,
				pid_t ancestor)
{
	struct forward_anchor *a = f->anchor;
	struct proctree_proc now;
	int pidfd;

	if (a->of.pid == proc->ppid && a->ancestor == ancestor)
		return;
	forward_rest(f);
	pidfd = sys_pidfd_open(proc->ppid);
	if (pidfd < 0)
		return;
	/* Opened, then verified: is that still its parent? */
	if (proctree_stat(proc->pid, &now) < 0 || now.ppid != proc->ppid) {
		sys_close(pidfd);
		return;
	}
	a->of = (struct proctree_anchor){ .pid = proc->ppid, .pidfd = pidfd };
	a->ancestor = ancestor;
}

static bool forward_descends(const struct forward *f, const struct proctree_proc *proc,
			     pid_t ancestor)
{
	const struct forward_anchor *a = f->anchor;
	bool known = a->of.pid != 0 && a->ancestor == ancestor;

	if (!proctree_descends(proc->pid, ancestor, known ? &a->of : NULL))
		return false;
	if (proc->ppid > 0 && proc->ppid != ancestor)
		forward_drop_anchor(f, proc, ancestor);
	return true;
}

/* Is @proc, whose number its pidfd holds, still the process that the snapshot saw, and one of ours? */
static int forward_verify(const struct forward *f, const struct proctree_proc *proc)
{
	int r = forward_look(f, proc);

	if (r != 0)
		return r < 0 ? r : 0;
	/* The same start may be another's: ticks are long. What counts is whom it descends from. */
	if (forward_descends(f, proc, f->self))
		return 0;
	return proc->guest && forward_descends(f, proc, 0) ? 0 : -ESRCH;
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

/* Without pidfds: opens a section in which the number of @proc, a child of ours, may be used. 0, or a
 * negative errno, and then it may not. target_unlock() follows in any case. */
static int forward_lock_child(const struct forward *f, const struct proctree_proc *proc)
{
	pid_t grave = target_lock_children(f->targets); /* before /proc is read: [target-grave] */

	/* Nobody but our reaper can free the numbers of our own children. */
	int r;

	if (proc->ppid != f->self)
		return -ENOTSUP;
	if (proc->pid == grave)
		return -ESRCH;
	r = forward_look(f, proc);
	if (r < 0)
		return r;
	return r == 1 ? 0 : -ESRCH;
}

static int forward_to_child(const struct forward *f, const struct proctree_proc *proc, int sig,
			    const siginfo_t *info, bool wake)
{
	siginfo_t plain = { .si_signo = sig, .si_code = SI_USER };
	int r = forward_lock_child(f, proc);

	if (r == 0)
		r = forward_by_number(proc->pid, info != NULL ? info : &plain);
	if (r == 0 && wake) /* still inside: it cannot have been freed */
		sys_ignore(sys_kill(proc->pid, SIGCONT));
	target_unlock(f->targets);
	return r;
}

int forward_to_group_of(const struct forward *f, const struct proctree_proc *proc, int sig)
{
	int r = forward_lock_child(f, proc);

	/* Has it gone to another group since, its old one is held by nobody we know. */
	if (r == 0 && (proc->pgid <= 1 || sys_getpgid(proc->pid) != proc->pgid))
		r = -ESRCH;
	if (r == 0)
		r = sys_kill(-proc->pgid, sig);
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
	if (f->group_pidfd < 0 || !f->features->pidfd_group)
		return -ENOTSUP;
	return sys_pidfd_send_signal(f->group_pidfd, sig, NULL, SYS_PIDFD_GROUP);
}
