/* SPDX-License-Identifier: MIT */
/*
 * sys.h - every system call, and nothing else.
 *
 * Purpose: the seam. Nothing above it calls libc I/O or the kernel, so tests can put a fake
 *	underneath (tests/unit) or make call N of the real program fail (tests/fault).
 * Owner: nobody; stateless. Any thread, but where a comment says otherwise.
 * Errors: a negative errno, 0 or a documented positive value on success; outputs (ret_x) are
 *	written on success only. A call that is interrupted by a signal handler cannot happen:
 *	there are none; EINTR after a stop and continue (signal(7)) is retried here where a retry
 *	is right.
 * Rules kept here: every descriptor is CLOEXEC at birth and never 0, 1 or 2, for a closed stderr
 *	must not become our eventfd; close(2) is never retried.
 */
#ifndef SEXTON_SYS_H
#define SEXTON_SYS_H

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#define SYS_MUST_CHECK __attribute__((warn_unused_result))

/* For a failure that changes nothing; the caller says why. */
static inline void sys_ignore(long result)
{
	(void)result;
}

/* Processes */
pid_t sys_getpid(void);
pid_t sys_getppid(void);
pid_t sys_getpgrp(void);
/* 0 in the child, its PID in the parent. */
pid_t sys_fork(void) SYS_MUST_CHECK;
/* Returns only on failure. */
int sys_execve(const char *path, char *const argv[], char *const envp[]) SYS_MUST_CHECK;
/* _exit(2): no atexit handlers, no flush. */
_Noreturn void sys_exit(int code);
/* The session and the process group of @pid, 0 where their leader is outside of our PID namespace. */
pid_t sys_getsid(pid_t pid) SYS_MUST_CHECK;
pid_t sys_getpgid(pid_t pid) SYS_MUST_CHECK;
int sys_setpgid(pid_t pid, pid_t pgid) SYS_MUST_CHECK;
int sys_setsid(void) SYS_MUST_CHECK;
/* Are we the leader of our session? */
bool sys_leads_session(void);
int sys_set_subreaper(void) SYS_MUST_CHECK;
/* Are we one, perhaps since before our exec? False where it cannot be found out. */
bool sys_is_subreaper(void);
int sys_set_parent_death(int sig) SYS_MUST_CHECK;
/* waitpid(2): the PID that was freed, 0 with WNOHANG and nobody dead. */
pid_t sys_waitpid(pid_t pid, int *ret_status, int options) SYS_MUST_CHECK;
/* Waits until child @pid, -1: any, is a zombie and returns its PID without freeing it (waitid(2) WNOWAIT).
 * @options: WNOHANG, then 0 is returned when nobody is dead, or 0. */
pid_t sys_wait_look(pid_t pid, int options) SYS_MUST_CHECK;
/* The signal that stopped our child @pid since the last call; 0: none did. Never blocks. */
int sys_wait_stop(pid_t pid) SYS_MUST_CHECK;
/* Have we a child, alive or dead? True where it cannot be found out. */
bool sys_has_children(void);
/* May waitid(2) be used with WNOWAIT? Probes without blocking: 0, or the negative errno of a
 * refusal. */
int sys_probe_look(void) SYS_MUST_CHECK;
/* Does the kernel know landlock(7), Linux 5.13, whether or not it is in use? 0, or a negative errno. */
int sys_probe_landlock(void) SYS_MUST_CHECK;

/* Signals. Masks: signals.h */
int sys_sigmask(int how, uint64_t mask, uint64_t *ret_old) SYS_MUST_CHECK; /* ret_old may be NULL */
int sys_sigaction(int sig, const struct sigaction *act, struct sigaction *ret_old) SYS_MUST_CHECK;
/*
 * Takes one pending signal of @mask with its full siginfo, waiting at most @timeout_ns (0: not at
 * all). The timed form of sigwaitinfo(2): the untimed one would block for ever when a signal that
 * the signalfd announced is discarded before it is taken, as SIGSTOP discards a pending SIGCONT and
 * SIGCONT a pending SIGTSTP (signal(7)). Returns 1 with a signal, 0 without.
 */
int sys_sigwaitinfo(uint64_t mask, siginfo_t *ret_info, int64_t timeout_ns) SYS_MUST_CHECK;
/* @fd: a signalfd that is to tell of @mask from now on, or -1: a new one. Returns it. */
int sys_signalfd(int fd, uint64_t mask) SYS_MUST_CHECK;
int sys_kill(pid_t pid, int sig) SYS_MUST_CHECK;
/* Lowers our own limit of queued signals (RLIMIT_SIGPENDING, getrlimit(2)) by an eighth. */
int sys_lower_sigpending(void) SYS_MUST_CHECK;
/* rt_sigqueueinfo(2) with the siginfo as it is. */
int sys_sigqueueinfo(pid_t pid, const siginfo_t *info) SYS_MUST_CHECK;
int sys_pidfd_open(pid_t pid) SYS_MUST_CHECK;
/* @info NULL: as kill(2). @flags: SYS_PIDFD_GROUP or 0. */
#define SYS_PIDFD_GROUP 4u /* PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9; not in Debian 12's headers */
int sys_pidfd_send_signal(int pidfd, int sig, const siginfo_t *info,
			  unsigned int flags) SYS_MUST_CHECK;
/* The wait(2) status of a process that somebody has waited for (PIDFD_GET_INFO, Linux 6.15). -ESRCH:
 * nobody has yet; -ENOTTY: an older kernel. */
int sys_pidfd_status(int pidfd, int *ret_status) SYS_MUST_CHECK;

/* Waiting and waking */
/* ppoll(2) with the mask unchanged. @timeout_ns < 0: for ever. Returns the number of ready fds;
 * EINTR counts as 0 ready. */
int sys_ppoll(struct pollfd *fds, unsigned int count, int64_t timeout_ns) SYS_MUST_CHECK;
int sys_eventfd(void) SYS_MUST_CHECK;
int sys_eventfd_ring(int fd) SYS_MUST_CHECK;
int sys_eventfd_clear(int fd) SYS_MUST_CHECK; /* -EAGAIN when it was clear */
/* An inotify(7) descriptor, readable when a file in directory @path was made, written, or moved there. */
int sys_watch(const char *path) SYS_MUST_CHECK;
/* CLOCK_MONOTONIC nanoseconds. Cannot fail (vDSO). */
int64_t sys_now(void);
/* CLOCK_BOOTTIME in clock ticks (sysconf _SC_CLK_TCK), the unit of /proc/PID/stat field 22. */
uint64_t sys_boot_ticks(void);
/* The calling thread asks for a scheduler slice of @ns (sched_setattr(2), Linux 6.12). */
int sys_sched_slice(uint64_t ns) SYS_MUST_CHECK;

/* Threads. The caller's signal mask stays; the new thread's may lack 32 and 33 (glibc). */
int sys_thread_create(pthread_t *ret_thread, void *(*run)(void *), void *arg,
		      size_t stack) SYS_MUST_CHECK;
int sys_thread_join(pthread_t thread) SYS_MUST_CHECK;

/* Files and memory */
int sys_open(const char *path, int flags) SYS_MUST_CHECK; /* O_CLOEXEC is added */
ssize_t sys_read(int fd, void *buf, size_t size) SYS_MUST_CHECK;
ssize_t sys_pread(int fd, void *buf, size_t size, off_t offset) SYS_MUST_CHECK;
ssize_t sys_write(int fd, const void *buf, size_t size) SYS_MUST_CHECK;
/* A write(2) that waits @patience_ns at most: -EAGAIN when @fd took nothing until then (a full
 * pipe, a stopped terminal). At most PIPE_BUF bytes, which a pipe takes whole; another writer may still be faster. */
ssize_t sys_write_now(int fd, const void *buf, size_t size, int64_t patience_ns) SYS_MUST_CHECK;
void sys_close(int fd);
/* Closes first..last. Falls back to /proc/self/fd, then to the RLIMIT_NOFILE range, where
 * close_range(2) is refused, the latter no further than 65535. */
int sys_close_range(unsigned int first, unsigned int last) SYS_MUST_CHECK;
/* getdents64(2): bytes filled, 0 at the end. */
ssize_t sys_getdents(int fd, void *buf, size_t size) SYS_MUST_CHECK;
ssize_t sys_readlink(const char *path, char *buf, size_t size) SYS_MUST_CHECK;
int sys_stat(const char *path, struct stat *ret_stat) SYS_MUST_CHECK;
/* access(2) X_OK, and whether the file lies on a noexec mount (statvfs(3)). */
int sys_access_exec(const char *path) SYS_MUST_CHECK;
int sys_is_noexec_mount(const char *path) SYS_MUST_CHECK; /* 1, 0 */
int sys_pipe(int ret_fds[2]) SYS_MUST_CHECK;
/* Is @fd one end of a pipe? False where it cannot be found out. */
bool sys_is_pipe(int fd);
int sys_chdir(const char *path) SYS_MUST_CHECK;
int sys_fchdir(int fd) SYS_MUST_CHECK;
/* Anonymous zeroed memory, NULL when there is none. */
void *sys_map(size_t size) SYS_MUST_CHECK;
void sys_unmap(void *memory, size_t size);
/* Takes out of memory what of this program is not needed while it rests: it comes back from the file when it
 * is. Where the program was not laid out for it (cmake/small.ld), this does nothing. */
void sys_give_back(void);

/* Terminals */
pid_t sys_tcgetpgrp(int fd) SYS_MUST_CHECK;
int sys_tcsetpgrp(int fd, pid_t pgid) SYS_MUST_CHECK;
/*
 * Is our process group in the foreground of our controlling terminal? Of groups that have no number
 * in our PID namespace sys_tcgetpgrp() and sys_getpgrp() cannot tell one from the other. A read of
 * nothing can: the kernel first asks whether the reader may read (job_control() in n_tty.c), and
 * answers -EIO to one in the background. Else 0, or -EAGAIN while another reader waits. SIGTTIN must
 * be blocked, for it would be sent instead. False where it cannot be found out.
 */
bool sys_in_foreground(void);
/* We, or as its session's leader all of the session, let go of it (TIOCNOTTY, ioctl_tty(2)). */
int sys_leave_tty(int fd) SYS_MUST_CHECK;
/* A session leader takes it, if nobody's session has it (TIOCSCTTY). */
int sys_attach_tty(int fd) SYS_MUST_CHECK;

/* The words for a positive errno, never translated ("No such file or directory"). */
const char *sys_strerror(int err);

#endif
