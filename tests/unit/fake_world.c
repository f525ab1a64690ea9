/* SPDX-License-Identifier: MIT */
/* fake_world.c - the processes of the fake world, signals and waits; see fake_world.h. */
#include "fake_world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "fake_sys_core.h"
#include "fake_world_pidfd.h"
#include "fake_world_proc.h"
#include "sexton/signals.h"
#include "sexton/sys.h"

#define STEPS   64
#define SIGNALS 256

struct fake_world fake_world;
struct fake_proc fake_procs[FAKE_PROCS]; /* [0] is us */
int fake_proc_count;

static struct fake_text received;
static unsigned int deaths;

static struct step {
	int64_t when; /* -1: done */
	void (*run)(int arg);
	int arg;
} steps[STEPS];
static unsigned int step_count;

static siginfo_t pending[SIGNALS];
static unsigned int pending_count;

/* The table */

int fake_proc_index(pid_t pid)
{
	for (int i = fake_proc_count - 1; i >= 0; i--)
		if (fake_procs[i].pid == pid && fake_procs[i].state != 0)
			return i;
	return -1;
}

struct fake_proc *fake_world_find(pid_t pid)
{
	int i = fake_proc_index(pid);

	return i >= 0 ? &fake_procs[i] : NULL;
}

pid_t fake_world_tid(pid_t pid, int thread)
{
	return thread == 0 ? pid : pid * 100 + thread;
}

struct fake_proc *fake_world_add(pid_t pid, pid_t ppid, pid_t pgid, const char *name)
{
	struct fake_proc *proc = &fake_procs[fake_proc_count];

	if (fake_proc_count == FAKE_PROCS || fake_world_find(pid) != NULL)
		fake_die("no room for a process, or its number is taken", name);
	*proc = (struct fake_proc){
		.pid = pid,
		.ppid = ppid,
		.pgid = pgid,
		.sid = 1,
		.start = fake_sys.boot_ticks,
		.state = 'S',
		.threads = 1,
		.name = name,
		.leader = -1,
	};
	fake_proc_count++;
	proc->leader = fake_proc_index(pgid);
	fake_world.newest = pid;
	return proc;
}

static bool descends_from_us(const struct fake_proc *proc)
{
	while (proc != NULL && proc->pid != fake_sys.pid)
		proc = proc->ppid != 0 ? fake_world_find(proc->ppid) : NULL;
	return proc != NULL;
}

void fake_world_vanish(pid_t pid)
{
	struct fake_proc *proc = fake_world_find(pid);
	pid_t heir;

	if (proc == NULL)
		fake_die("nobody has that number", "vanish");
	heir = descends_from_us(proc) ? fake_sys.pid : 1;
	for (int i = 0; i < fake_proc_count; i++) {
		if (fake_procs[i].state == 0 || fake_procs[i].ppid != pid)
			continue;
		fake_procs[i].ppid = heir;
		fake_procs[i].born_of = 0;
	}
	proc->state = 0;
}

void fake_world_end(pid_t pid, int status)
{
	struct fake_proc *proc = fake_world_find(pid);

	if (proc == NULL)
		fake_die("nobody has that number", "end");
	fake_world_vanish(pid);
	if (proc->ppid != fake_sys.pid)
		return;
	proc->state = 'Z';
	proc->threads = 1;
	proc->status = status;
	proc->died = ++deaths;
	if (fake_world.on_death != NULL)
		fake_world.on_death();
}

struct fake_proc *fake_world_recycle(pid_t pid, const char *name)
{
	fake_world_vanish(pid);
	fake_sys.boot_ticks++;
	return fake_world_add(pid, 1, pid, name);
}

/* Signals */

static void note_signal(const struct fake_proc *proc, pid_t pid, int sig, const siginfo_t *info)
{
	char line[96];
	char name[SIGNALS_NAME_SIZE];
	char value[16] = "";
	char nobody[16];

	(void)snprintf(nobody, sizeof(nobody), "?%d", pid);
	if (info != NULL && info->si_code == SI_QUEUE)
		(void)snprintf(value, sizeof(value), "=%d", info->si_value.sival_int);
	(void)snprintf(line, sizeof(line), "%s:%s%s ", proc != NULL ? proc->name : nobody,
		       signals_name(sig, name), value);
	if (!fake_sys.quiet)
		fake_append(&received, line, strlen(line));
}

int fake_proc_deliver(struct fake_proc *proc, int sig, const siginfo_t *info)
{
	if (proc->forbidden)
		return -EPERM;
	if (sig == 0 || (proc->state == 'Z' && proc->threads == 1))
		return 0;
	note_signal(proc, proc->pid, sig, info);
	if (proc->on_signal != NULL)
		proc->on_signal(proc, sig);
	if ((sig == SIGKILL || signals_in(proc->dies_of, sig)) && proc->state != 0)
		fake_world_end(proc->pid, sig);
	return 0;
}

/* Everybody whom @belongs(@number) chooses, as kill(2) does: one success will do. */
static int deliver_all(bool (*belongs)(const struct fake_proc *proc, int number), int number,
		       int sig)
{
	int r = -ESRCH;
	int count = fake_proc_count; /* who is born meanwhile has not got it */

	for (int i = 0; i < count; i++) {
		if (fake_procs[i].state == 0 || !belongs(&fake_procs[i], number))
			continue;
		if (fake_proc_deliver(&fake_procs[i], sig, NULL) == 0)
			r = 0;
		else if (r == -ESRCH)
			r = -EPERM;
	}
	return r;
}

static bool in_group(const struct fake_proc *proc, int pgid)
{
	return proc->pgid == pgid;
}

static bool led_by(const struct fake_proc *proc, int leader)
{
	return proc->leader == leader;
}

static bool not_us(const struct fake_proc *proc, int number)
{
	return proc->pid > 1 && proc->pid != fake_sys.pid && number == 0;
}

int fake_proc_deliver_led(int leader, int sig)
{
	return deliver_all(led_by, leader, sig);
}

static int world_kill(pid_t pid, int sig, const siginfo_t *info)
{
	siginfo_t own = { .si_signo = sig, .si_code = SI_USER };
	int i;

	own.si_pid = fake_sys.pid;
	if (pid == 0) {
		fake_world_raise(&own);
		return deliver_all(in_group, fake_sys.pgrp, sig);
	}
	if (pid == -1)
		return deliver_all(not_us, 0, sig);
	if (pid < 0)
		return deliver_all(in_group, -pid, sig);
	if (pid == fake_sys.pid) {
		if (sig == SIGSTOP) /* nobody can block it: here we stop, and are continued */
			note_signal(&fake_procs[0], pid, sig, NULL);
		else
			fake_world_raise(&own);
		return 0;
	}
	i = fake_proc_index(pid);
	if (i >= 0)
		return fake_proc_deliver(&fake_procs[i], sig, info);
	note_signal(NULL, pid, sig, info);
	return -ESRCH;
}

const char *fake_world_log(void)
{
	return received.bytes;
}

void fake_world_clear_log(void)
{
	received.used = 0;
	received.bytes[0] = '\0';
}

/* Waits for children */

static struct fake_proc *first_dead(pid_t pid, bool *ret_any)
{
	struct fake_proc *first = NULL;

	*ret_any = false;
	for (int i = 1; i < fake_proc_count; i++) {
		struct fake_proc *proc = &fake_procs[i];

		if (proc->state == 0 || proc->ppid != fake_sys.pid ||
		    (pid != -1 && proc->pid != pid))
			continue;
		*ret_any = true;
		if (proc->state == 'Z' && proc->threads == 1 &&
		    (first == NULL || proc->died < first->died))
			first = proc;
	}
	return first;
}

static pid_t world_waitpid(pid_t pid, int *ret_status, int options)
{
	bool any;
	struct fake_proc *proc = first_dead(pid, &any);

	if (!any)
		return -ECHILD;
	if (proc == NULL && (options & WNOHANG) != 0)
		return 0;
	if (proc == NULL)
		fake_die("nobody is dead, and nobody ever will be", "waitpid");
	*ret_status = proc->status;
	proc->state = 0;
	return proc->pid;
}

static pid_t world_wait_look(pid_t pid, int options)
{
	bool any;
	const struct fake_proc *proc = first_dead(pid, &any);

	if (!any)
		return -ECHILD;
	if (proc == NULL && (options & WNOHANG) != 0)
		return 0;
	if (proc == NULL)
		fake_die("nobody is dead, and nobody ever will be", "wait_look");
	return proc->pid;
}

static bool world_has_children(void)
{
	bool any;

	(void)first_dead(-1, &any);
	return any;
}

/* Waits for what happens */

void fake_world_raise(const siginfo_t *info)
{
	if (pending_count == SIGNALS)
		fake_die("too many signals", "raise");
	pending[pending_count++] = *info;
}

void fake_world_discard(int sig)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < pending_count; i++)
		if (pending[i].si_signo != sig)
			pending[kept++] = pending[i];
	pending_count = kept;
}

void fake_world_at(int64_t when, void (*step)(int arg), int arg)
{
	if (step_count == STEPS)
		fake_die("too many steps", "at");
	steps[step_count++] = (struct step){ .when = when, .run = step, .arg = arg };
}

/* Time passes: to the next step that is due by @due, or to @due. False: nothing more will happen. */
static bool pass_time(int64_t due)
{
	struct step *next = NULL;
	void (*run)(int arg);

	for (unsigned int i = 0; i < step_count; i++)
		if (steps[i].when >= 0 && (next == NULL || steps[i].when < next->when))
			next = &steps[i];
	if (next == NULL || next->when > due) {
		if (due == INT64_MAX)
			fake_die("a wait that nothing will end", fake_errors.bytes);
		fake_sys.now = due;
		return false;
	}
	if (next->when > fake_sys.now)
		fake_sys.now = next->when;
	next->when = -1;
	run = next->run;
	run(next->arg);
	return true;
}

static int64_t due_after(int64_t timeout_ns)
{
	return timeout_ns < 0 ? INT64_MAX : fake_sys.now + timeout_ns;
}

/* Is one pending that the signalfd tells of? */
static bool is_told(void)
{
	for (unsigned int i = 0; i < pending_count; i++)
		if (signals_in(fake_sys.signalfd_mask, pending[i].si_signo))
			return true;
	return false;
}

static int mark_ready(struct pollfd *fds, unsigned int count)
{
	int ready = 0;

	for (unsigned int i = 0; i < count; i++) {
		bool is_ready =
			fds[i].fd >= 0 && ((fds[i].fd == fake_world.signal_fd && is_told()) ||
					   (fds[i].fd == fake_world.bell && fake_world.rung) ||
					   fake_pidfd_is_ready(fds[i].fd));

		fds[i].revents = is_ready ? POLLIN : 0;
		ready += is_ready;
	}
	return ready;
}

static int world_ppoll(struct pollfd *fds, unsigned int count, int64_t timeout_ns)
{
	int64_t due = due_after(timeout_ns);
	int ready;

	while ((ready = mark_ready(fds, count)) == 0 && pass_time(due))
		;
	return ready;
}

static int world_sigwaitinfo(uint64_t mask, siginfo_t *ret_info, int64_t timeout_ns)
{
	int64_t due = due_after(timeout_ns);

	do {
		for (unsigned int i = 0; i < pending_count; i++) {
			if (!signals_in(mask, pending[i].si_signo))
				continue;
			*ret_info = pending[i];
			pending_count--;
			memmove(&pending[i], &pending[i + 1],
				(pending_count - i) * sizeof(pending[0]));
			return 1;
		}
	} while (timeout_ns != 0 && pass_time(due));
	return 0;
}

static int world_ring(int fd)
{
	if (fd != fake_world.bell)
		return -EBADF;
	fake_world.rung = true;
	return 0;
}

static int world_clear(int fd)
{
	bool was = fake_world.rung;

	if (fd != fake_world.bell)
		return -EBADF;
	fake_world.rung = false;
	return was ? 0 : -EAGAIN;
}

void fake_world_reset(pid_t self)
{
	static const struct fake_ops ops = {
		.waitpid = world_waitpid,
		.wait_look = world_wait_look,
		.has_children = world_has_children,
		.sigwaitinfo = world_sigwaitinfo,
		.kill = world_kill,
		.pidfd_open = fake_pidfd_open,
		.pidfd_send_signal = fake_pidfd_send_signal,
		.pidfd_status = fake_pidfd_status,
		.watch = fake_pidfd_watch,
		.getsid = fake_pidfd_getsid,
		.getpgid = fake_pidfd_getpgid,
		.ppoll = world_ppoll,
		.ring = world_ring,
		.clear = world_clear,
		.open = fake_proc_open,
		.read = fake_pidfd_read,
		.getdents = fake_proc_getdents,
		.readlink = fake_proc_readlink,
	};

	fake_sys_reset();
	fake_sys.pid = self;
	fake_sys.boot_ticks = 1000;
	fake_ops = &ops;
	fake_proc_count = 0;
	deaths = step_count = pending_count = 0;
	fake_world_clear_log();
	fake_world = (struct fake_world){
		.shown_self = self, .signal_fd = -1, .bell = -1, .watch_fd = -1
	};
	(void)fake_world_add(self, self == 1 ? 0 : 1, self, "sexton");
	if (self != 1)
		(void)fake_world_add(1, 0, 1, "init");
}
