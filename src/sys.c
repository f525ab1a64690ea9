/* SPDX-License-Identifier: MIT */
/* sys.c - every system call; see sexton/sys.h. */
#include "sexton/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys_fd.h"

#define NS_PER_S INT64_C(1000000000)
/* From 32 to this libc handles none of the signals that it uses itself. */
#ifdef __GLIBC__
#define SYS_LIBC_UNHANDLED 32
#else
#define SYS_LIBC_UNHANDLED 34
#endif
/* Size of the kernel's sigset_t: libc's is larger. */
#define KERNEL_SIGSET_SIZE sizeof(uint64_t)

/* struct sched_attr of sched_setattr(2), version 0: glibc has none before 2.41, and the kernel's
 * header cannot be included beside <sched.h>. */
struct sys_sched_attr {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime;
	uint64_t deadline;
	uint64_t period;
};

/* The value of a libc call that answers -1 and errno. Where libcs carry substitutes for what kernels before
 * 2.6.27 had not, it is syscall(2). */
static int sys_result(long value)
{
	return value < 0 ? -errno : (int)value;
}

int sys_above_stdio(int fd)
{
	int moved;

	if (fd < 0)
		return -errno;
	if (fd > STDERR_FILENO)
		return fd;
	moved = sys_result(syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
	(void)close(fd); /* whether or not it could be moved, it must not stay there */
	return moved;
}

static struct timespec sys_timespec(int64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / NS_PER_S),
				  .tv_nsec = (long)(ns % NS_PER_S) };
}

pid_t sys_getpid(void)
{
	return getpid();
}

pid_t sys_getppid(void)
{
	return getppid();
}

pid_t sys_getpgrp(void)
{
	return getpgrp();
}

pid_t sys_fork(void)
{
	return sys_result(fork());
}

int sys_execve(const char *path, char *const argv[], char *const envp[])
{
	return sys_result(execve(path, argv, envp));
}

_Noreturn void sys_exit(int code)
{
	_exit(code);
}

pid_t sys_getsid(pid_t pid)
{
	return sys_result(getsid(pid));
}

pid_t sys_getpgid(pid_t pid)
{
	return sys_result(getpgid(pid));
}

int sys_setpgid(pid_t pid, pid_t pgid)
{
	return sys_result(setpgid(pid, pgid));
}

int sys_setsid(void)
{
	return setsid() < 0 ? -errno : 0;
}

bool sys_leads_session(void)
{
	return getsid(0) == getpid();
}

bool sys_is_subreaper(void)
{
	int is = 0;

	return prctl(PR_GET_CHILD_SUBREAPER, &is, 0, 0, 0) == 0 && is != 0;
}

int sys_set_subreaper(void)
{
	return sys_result(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
}

int sys_set_parent_death(int sig)
{
	return sys_result(prctl(PR_SET_PDEATHSIG, sig, 0, 0, 0));
}

pid_t sys_waitpid(pid_t pid, int *ret_status, int options)
{
	int status = 0;
	pid_t found;

	do {
		found = sys_result(waitpid(pid, &status, options));
	} while (found == -EINTR);
	if (found > 0)
		*ret_status = status;
	return found;
}

pid_t sys_wait_look(pid_t pid, int options)
{
	siginfo_t info = { 0 };
	int r;

	do {
		r = sys_result(waitid(pid < 0 ? P_ALL : P_PID, pid < 0 ? 0 : (id_t)pid, &info,
				      WEXITED | WNOWAIT | options));
	} while (r == -EINTR);
	return r < 0 ? r : info.si_pid;
}

int sys_wait_stop(pid_t pid)
{
	siginfo_t info = { 0 };
	int r = sys_result(waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG));

	return r < 0 ? r : info.si_pid != 0 ? info.si_status : 0;
}

bool sys_has_children(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WNOHANG) == 0 || errno != ECHILD;
}

int sys_probe_look(void)
{
	siginfo_t info = { 0 };
	int r = sys_result(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WNOHANG));

	return r == -ECHILD ? 0 : r;
}

int sys_probe_landlock(void)
{
	/* Asks for the version of its interface: LANDLOCK_CREATE_RULESET_VERSION, 1. */
	int r = sys_result(syscall(SYS_landlock_create_ruleset, NULL, 0, 1));

	return r >= 0 || r == -EOPNOTSUPP ? 0 : r;
}

int sys_sigmask(int how, uint64_t mask, uint64_t *ret_old)
{
	return sys_result(syscall(SYS_rt_sigprocmask, how, &mask, ret_old, KERNEL_SIGSET_SIZE));
}

int sys_sigaction(int sig, const struct sigaction *act, struct sigaction *ret_old)
{
	return sys_result(sigaction(sig, act, ret_old));
}

int sys_sigwaitinfo(uint64_t mask, siginfo_t *ret_info, int64_t timeout_ns)
{
	struct timespec timeout = sys_timespec(timeout_ns);
	long sig = syscall(SYS_rt_sigtimedwait, &mask, ret_info, &timeout, KERNEL_SIGSET_SIZE);

	if (sig > 0)
		return 1;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

int sys_signalfd(int fd, uint64_t mask)
{
	/* SFD_CLOEXEC is O_CLOEXEC by definition (signalfd(2)). */
	return sys_above_stdio(
		(int)syscall(SYS_signalfd4, fd, &mask, KERNEL_SIGSET_SIZE, O_CLOEXEC | O_NONBLOCK));
}

int sys_kill(pid_t pid, int sig)
{
	return sys_result(kill(pid, sig));
}

int sys_sigqueueinfo(pid_t pid, const siginfo_t *info)
{
	return sys_result(syscall(SYS_rt_sigqueueinfo, pid, info->si_signo, info));
}

int sys_lower_sigpending(void)
{
	struct rlimit limit;

	/* Not setrlimit(3), for which musl asks each thread alone. */
	if (prlimit(0, RLIMIT_SIGPENDING, NULL, &limit) < 0)
		return -errno;
	limit.rlim_cur -= limit.rlim_cur / 8;
	return sys_result(prlimit(0, RLIMIT_SIGPENDING, &limit, NULL));
}

int sys_ppoll(struct pollfd *fds, unsigned int count, int64_t timeout_ns)
{
	struct timespec timeout = sys_timespec(timeout_ns < 0 ? 0 : timeout_ns);
	int ready = sys_result(ppoll(fds, count, timeout_ns < 0 ? NULL : &timeout, NULL));

	return ready == -EINTR ? 0 : ready;
}

int sys_eventfd(void)
{
	return sys_above_stdio(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

int sys_eventfd_ring(int fd)
{
	uint64_t one = 1;

	return write(fd, &one, sizeof(one)) == (ssize_t)sizeof(one) ? 0 : -errno;
}

int sys_eventfd_clear(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) == (ssize_t)sizeof(count) ? 0 : -errno;
}

int64_t sys_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* fails for an unknown clock only */
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

uint64_t sys_boot_ticks(void)
{
	struct timespec now;
	uint64_t hz = getauxval(AT_CLKTCK);

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * hz + (uint64_t)now.tv_nsec / ((uint64_t)NS_PER_S / hz);
}

int sys_sched_slice(uint64_t ns)
{
	struct sys_sched_attr attr = { .size = sizeof(attr) };
	int r = sys_result(syscall(SYS_sched_getattr, 0, &attr, sizeof(attr), 0));

	/* Only the slice changes, and only an ordinary thread's: a real-time init stays one. */
	if (r < 0 || attr.policy != SCHED_OTHER)
		return r;
	attr.runtime = ns;
	return sys_result(syscall(SYS_sched_setattr, 0, &attr, 0));
}

int sys_thread_create(pthread_t *ret_thread, void *(*run)(void *), void *arg, size_t stack)
{
	pthread_attr_t attr;
	/* The kernel's struct sigaction begins with the handler; libc's call refuses its own 32. */
	const unsigned long ignore[8] = { (unsigned long)SIG_IGN };
	uint64_t mask = 0;
	int r = sys_sigmask(SIG_BLOCK, 0, &mask);
	int err = pthread_attr_init(&attr);

	if (err != 0)
		return -err;
	/* The first pthread_create(3) unblocks what libc uses itself: glibc 32 and 33, musl 33 and 34. What it
	 * does not handle would end a process that is not PID 1. Blocked again, it is passed on. */
	for (int sig = 32; sig <= SYS_LIBC_UNHANDLED; sig++)
		sys_ignore(syscall(SYS_rt_sigaction, sig, ignore, NULL, KERNEL_SIGSET_SIZE));
	err = pthread_attr_setstacksize(&attr, stack);
	if (err == 0)
		err = pthread_create(ret_thread, &attr, run, arg);
	if (r == 0)
		sys_ignore(sys_sigmask(SIG_SETMASK, mask, NULL));
	(void)pthread_attr_destroy(&attr); /* cannot fail on Linux */
	return -err;
}

int sys_thread_join(pthread_t thread)
{
	return -pthread_join(thread, NULL);
}

int sys_open(const char *path, int flags)
{
	return sys_above_stdio(
		(int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC | O_LARGEFILE));
}

ssize_t sys_read(int fd, void *buf, size_t size)
{
	ssize_t got;

	do {
		got = read(fd, buf, size);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

ssize_t sys_pread(int fd, void *buf, size_t size, off_t offset)
{
	ssize_t got;

	do {
		got = pread(fd, buf, size, offset);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

ssize_t sys_write(int fd, const void *buf, size_t size)
{
	ssize_t put;

	do {
		put = write(fd, buf, size);
	} while (put < 0 && errno == EINTR);
	return put < 0 ? -errno : put;
}

ssize_t sys_write_now(int fd, const void *buf, size_t size, int64_t patience_ns)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };

	/* Not O_NONBLOCK: the open file belongs to others as well. */
	if (sys_ppoll(&ready, 1, patience_ns) == 0)
		return -EAGAIN;
	return sys_write(fd, buf, size);
}

void sys_close(int fd)
{
	(void)close(fd); /* never retried: after EINTR the descriptor is gone (close(2)) */
}

ssize_t sys_getdents(int fd, void *buf, size_t size)
{
	return sys_result(syscall(SYS_getdents64, fd, buf, size));
}

ssize_t sys_readlink(const char *path, char *buf, size_t size)
{
	return sys_result(readlink(path, buf, size));
}

int sys_stat(const char *path, struct stat *ret_stat)
{
	return sys_result(stat(path, ret_stat));
}

int sys_access_exec(const char *path)
{
	return sys_result(access(path, X_OK));
}

int sys_is_noexec_mount(const char *path)
{
	struct statfs fs; /* statvfs(3) only puts the same flags elsewhere */

	if (statfs(path, &fs) < 0)
		return -errno;
	return (fs.f_flags & ST_NOEXEC) != 0;
}

int sys_pipe(int ret_fds[2])
{
	int fds[2];

	if (syscall(SYS_pipe2, fds, O_CLOEXEC) < 0)
		return -errno;
	ret_fds[0] = sys_above_stdio(fds[0]);
	ret_fds[1] = sys_above_stdio(fds[1]);
	if (ret_fds[0] >= 0 && ret_fds[1] >= 0)
		return 0;
	for (int i = 0; i < 2; i++)
		if (ret_fds[i] >= 0)
			sys_close(ret_fds[i]);
	return -EMFILE;
}

bool sys_is_pipe(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

int sys_chdir(const char *path)
{
	return sys_result(chdir(path));
}

int sys_fchdir(int fd)
{
	return sys_result(fchdir(fd));
}

void *sys_map(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void sys_unmap(void *memory, size_t size)
{
	(void)munmap(memory, size); /* fails only for memory that is not ours */
}

/* cmake/small.ld */
extern char sexton_given_back[] __attribute__((weak));
extern char sexton_given_back_end[] __attribute__((weak));

void sys_give_back(void)
{
	uintptr_t page = getauxval(AT_PAGESZ);
	uintptr_t begin = ((uintptr_t)sexton_given_back + page - 1) & ~(page - 1);
	uintptr_t end = (uintptr_t)sexton_given_back_end & ~(page - 1);

	if (begin < end) /* whatever it answers, nothing has changed */
		(void)madvise((void *)begin, end - begin, MADV_DONTNEED);
}

#ifndef __GLIBC__
/* glibc's words where other libcs have others, for what the calls of this file may answer: users
 * look for them, and the inits whose names we answer to printed them. */
static const char *sys_words(int err)
{
	switch (err) {
	case EIO:
		return "Input/output error";
	case ENOMEM:
		return "Cannot allocate memory";
	case ECHILD:
		return "No child processes";
	case EBUSY:
		return "Device or resource busy";
	case EXDEV:
		return "Invalid cross-device link";
	case EMFILE:
		return "Too many open files";
	case ENOTTY:
		return "Inappropriate ioctl for device";
	case ENAMETOOLONG:
		return "File name too long";
	case ELOOP:
		return "Too many levels of symbolic links";
	case EOVERFLOW:
		return "Value too large for defined data type";
	case ELIBBAD:
		return "Accessing a corrupted shared library";
	case EOPNOTSUPP:
		return "Operation not supported";
	case ETIMEDOUT:
		return "Connection timed out";
	case EUCLEAN:
		return "Structure needs cleaning";
	case EDQUOT:
		return "Disk quota exceeded";
	default:
		return strerror(err);
	}
}
#endif

const char *sys_strerror(int err)
{
#ifdef __GLIBC__
	const char *words = strerrordesc_np(err); /* strerror() would ask the locale */
#else
	const char *words = sys_words(err);
#endif
	return words != NULL ? words : "unknown error";
}
