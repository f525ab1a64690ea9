/* SPDX-License-Identifier: MIT */
/*
 * calls.h - the functions of sexton/sys.h that the torture test makes fail, and how.
 *
 * One list drives the wrappers (wrap.c), the --wrap options of the linker (CMakeLists.txt) and the
 * cases (torture.c). check_calls.cmake fails when sys.h declares a function that stands neither
 * here nor among the exempt below.
 *
 * Each line: kind(type, name, parameters, arguments, errno...). Kinds: CALL returns a negative
 * errno, PATH does so too and has a path first (a rule may then be for some paths only), MEMORY
 * returns NULL. The errno values are such as a limit, a sandbox or an old kernel gives; ECHILD is
 * never one of them, for that would be a lie about the world.
 */
#ifndef FAULT_CALLS_H
#define FAULT_CALLS_H

/* clang-format off: one function a line, for check_calls.cmake */
#define FAULT_CALLS(CALL, PATH, MEMORY)                                                            \
	CALL(pid_t, sys_fork, (void), (), EAGAIN, ENOMEM)                                          \
	PATH(int, sys_execve, (const char *path, char *const argv[], char *const envp[]),          \
	     (path, argv, envp), EACCES, ENOENT)                                                   \
	CALL(pid_t, sys_getsid, (pid_t pid), (pid), EPERM, ENOSYS)                                 \
	CALL(pid_t, sys_getpgid, (pid_t pid), (pid), EPERM, ENOSYS)                                \
	CALL(int, sys_setpgid, (pid_t pid, pid_t pgid), (pid, pgid), EPERM, EACCES)                \
	CALL(int, sys_setsid, (void), (), EPERM)                                                   \
	CALL(int, sys_set_subreaper, (void), (), EINVAL, EPERM)                                    \
	CALL(int, sys_set_parent_death, (int sig), (sig), EPERM)                                   \
	CALL(pid_t, sys_waitpid, (pid_t pid, int *ret_status, int options),                        \
	     (pid, ret_status, options), EPERM, EINVAL)                                            \
	CALL(pid_t, sys_wait_look, (pid_t pid, int options), (pid, options), EPERM, ENOSYS)        \
	CALL(int, sys_wait_stop, (pid_t pid), (pid), EPERM, EINVAL)                                \
	CALL(int, sys_probe_look, (void), (), EPERM, ENOSYS)                                       \
	CALL(int, sys_sigmask, (int how, uint64_t mask, uint64_t *ret_old), (how, mask, ret_old),  \
	     EPERM)                                                                                \
	CALL(int, sys_sigaction,                                                                   \
	     (int sig, const struct sigaction *act, struct sigaction *ret_old),                    \
	     (sig, act, ret_old), EPERM)                                                           \
	CALL(int, sys_sigwaitinfo, (uint64_t mask, siginfo_t * ret_info, int64_t timeout_ns),      \
	     (mask, ret_info, timeout_ns), EPERM)                                                  \
	CALL(int, sys_signalfd, (int fd, uint64_t mask), (fd, mask), EMFILE, ENOSYS)               \
	CALL(int, sys_probe_landlock, (void), (), ENOSYS, EPERM)                                   \
	CALL(int, sys_lower_sigpending, (void), (), EPERM, EINVAL)                                 \
	CALL(int, sys_kill, (pid_t pid, int sig), (pid, sig), EPERM)                               \
	CALL(int, sys_sigqueueinfo, (pid_t pid, const siginfo_t *info), (pid, info), EPERM,        \
	     EAGAIN)                                                                               \
	CALL(int, sys_pidfd_open, (pid_t pid), (pid), EMFILE, ENOSYS, EPERM)                       \
	CALL(int, sys_pidfd_send_signal,                                                           \
	     (int pidfd, int sig, const siginfo_t *info, unsigned int flags),                      \
	     (pidfd, sig, info, flags), EPERM, ENOSYS)                                             \
	CALL(int, sys_pidfd_status, (int pidfd, int *ret_status), (pidfd, ret_status), ENOTTY,     \
	     EPERM)                                                                                \
	CALL(int, sys_ppoll, (struct pollfd * fds, unsigned int count, int64_t timeout_ns),        \
	     (fds, count, timeout_ns), ENOMEM, EPERM)                                              \
	CALL(int, sys_eventfd, (void), (), EMFILE, ENOSYS)                                         \
	CALL(int, sys_eventfd_ring, (int fd), (fd), EPERM)                                         \
	CALL(int, sys_eventfd_clear, (int fd), (fd), EPERM, EAGAIN)                                \
	PATH(int, sys_watch, (const char *path), (path), EMFILE, ENOSYS, EACCES)                   \
	CALL(int, sys_sched_slice, (uint64_t ns), (ns), EPERM)                                     \
	CALL(int, sys_thread_create,                                                               \
	     (pthread_t * ret_thread, void *(*run)(void *), void *arg, size_t stack),              \
	     (ret_thread, run, arg, stack), EAGAIN, EPERM)                                         \
	CALL(int, sys_thread_join, (pthread_t thread), (thread), EINVAL)                           \
	PATH(int, sys_open, (const char *path, int flags), (path, flags), EMFILE, EPERM)           \
	CALL(ssize_t, sys_read, (int fd, void *buf, size_t size), (fd, buf, size), EIO, EPERM)     \
	CALL(ssize_t, sys_pread, (int fd, void *buf, size_t size, off_t offset),                   \
	     (fd, buf, size, offset), EIO)                                                         \
	CALL(ssize_t, sys_write, (int fd, const void *buf, size_t size), (fd, buf, size), EPIPE,   \
	     EAGAIN)                                                                               \
	CALL(ssize_t, sys_write_now, (int fd, const void *buf, size_t size, int64_t patience_ns),  \
	     (fd, buf, size, patience_ns), EPIPE, EAGAIN)                                          \
	CALL(int, sys_close_range, (unsigned int first, unsigned int last), (first, last), EPERM)  \
	CALL(ssize_t, sys_getdents, (int fd, void *buf, size_t size), (fd, buf, size), EIO,        \
	     ENOMEM)                                                                               \
	PATH(ssize_t, sys_readlink, (const char *path, char *buf, size_t size), (path, buf, size), \
	     ENOENT, EACCES)                                                                       \
	PATH(int, sys_stat, (const char *path, struct stat *ret_stat), (path, ret_stat), EACCES,   \
	     EPERM)                                                                                \
	PATH(int, sys_access_exec, (const char *path), (path), EACCES)                             \
	PATH(int, sys_is_noexec_mount, (const char *path), (path), ENOSYS)                         \
	CALL(int, sys_pipe, (int ret_fds[2]), (ret_fds), EMFILE)                                   \
	PATH(int, sys_chdir, (const char *path), (path), EACCES)                                   \
	CALL(int, sys_fchdir, (int fd), (fd), EACCES, EPERM)                                       \
	MEMORY(void *, sys_map, (size_t size), (size), ENOMEM)                                     \
	CALL(pid_t, sys_tcgetpgrp, (int fd), (fd), EIO)                                            \
	CALL(int, sys_tcsetpgrp, (int fd, pid_t pgid), (fd, pgid), EPERM, EIO)                     \
	CALL(int, sys_leave_tty, (int fd), (fd), EIO, EPERM)                                       \
	CALL(int, sys_attach_tty, (int fd), (fd), EPERM, EIO)

/*
 * Exempt, and why (read by check_calls.cmake: one "name: reason" a line):
 * sys_getpid: cannot fail
 * sys_getppid: cannot fail
 * sys_getpgrp: cannot fail
 * sys_exit: does not return
 * sys_leads_session: cannot fail
 * sys_in_foreground: has no error, a refusal is no
 * sys_is_subreaper: has no error, a refusal is no
 * sys_has_children: has no error, a refusal is yes
 * sys_now: cannot fail (vDSO, a clock that is always there)
 * sys_boot_ticks: cannot fail (vDSO, a clock that is always there)
 * sys_close: has no result, because nothing can be done about one
 * sys_unmap: has no result, because nothing can be done about one
 * sys_give_back: has no result, it is a hint
 * sys_is_pipe: has no failure, only a no
 * sys_strerror: no system call
 */
/* clang-format on */

#define FAULT_ENUM(type, name, ...) FAULT_##name,
enum fault_call { FAULT_CALLS(FAULT_ENUM, FAULT_ENUM, FAULT_ENUM) FAULT_COUNT };
#undef FAULT_ENUM

#endif
