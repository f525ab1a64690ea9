/* SPDX-License-Identifier: MIT */
/* fake_sys.c - the functions of sexton/sys.h, as the fake has them; see fake_sys.h. */
#include "fake_sys.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "fake_sys_core.h"
#include "sexton/signals.h"
#include "sexton/sys.h"

/* Processes */

pid_t sys_getpid(void)
{
	FAKE_ANSWER(pid_t, "getpid", fake_sys.pid, "%s", "");
}

pid_t sys_getppid(void)
{
	FAKE_ANSWER(pid_t, "getppid", fake_sys.ppid, "%s", "");
}

pid_t sys_getpgrp(void)
{
	FAKE_ANSWER(pid_t, "getpgrp", fake_sys.pgrp, "%s", "");
}

pid_t sys_fork(void)
{
	long pid;

	if (!fake_note("fork", &pid, "%s", ""))
		return fake_sys.next_child;
	if (pid == 0)
		fake_sys.pid = fake_sys.next_child;
	return (pid_t)pid;
}

static void fake_append_list(struct fake_text *text, char *const list[], const char *end)
{
	for (; *list != NULL; list++) {
		fake_append(text, *list, strlen(*list));
		fake_append(text, end, strlen(end));
	}
}

int sys_execve(const char *path, char *const argv[], char *const envp[])
{
	static struct fake_text words;
	int file = fake_find_file(path);

	words.used = 0;
	fake_append_list(&words, argv, "|");
	fake_env.used = 0;
	fake_append(&fake_env, "", 0);
	fake_append_list(&fake_env, envp, "\n");
	FAKE_PLANNED(int, "execve", "%s,%s", path, words.bytes);
	if (file == FAKE_NO_FILE)
		return -ENOENT;
	if (fake_files[file].exec_err != 0)
		return -fake_files[file].exec_err;
	fake_end(FAKE_SYS_EXECUTED, 0);
}

_Noreturn void sys_exit(int code)
{
	long ignored;

	(void)fake_note("exit", &ignored, "%d", code);
	fake_end(FAKE_SYS_EXITED, code);
}

int sys_setpgid(pid_t pid, pid_t pgid)
{
	FAKE_PLANNED(int, "setpgid", "%d,%d", pid, pgid);
	if (pid == 0 || pid == fake_sys.pid)
		fake_sys.pgrp = pgid == 0 ? fake_sys.pid : pgid;
	return 0;
}

int sys_setsid(void)
{
	FAKE_ANSWER(int, "setsid", 0, "%s", "");
}

bool sys_leads_session(void)
{
	FAKE_ANSWER(bool, "leads_session", false, "%s", "");
}

bool sys_is_subreaper(void)
{
	FAKE_ANSWER(bool, "is_subreaper", false, "%s", "");
}

int sys_set_subreaper(void)
{
	FAKE_ANSWER(int, "set_subreaper", 0, "%s", "");
}

int sys_set_parent_death(int sig)
{
	FAKE_ANSWER(int, "set_parent_death", 0, "%d", sig);
}

pid_t sys_waitpid(pid_t pid, int *ret_status, int options)
{
	long found;

	if (!fake_note("waitpid", &found, "%d,%d", pid, options)) {
		if (fake_ops != NULL)
			return fake_ops->waitpid(pid, ret_status, options);
		found = fake_sys_calls("waitpid") == 1 ? fake_sys.next_child : -ECHILD;
	}
	if (found > 0)
		*ret_status = fake_sys.child_status;
	return (pid_t)found;
}

pid_t sys_wait_look(pid_t pid, int options)
{
	FAKE_ANSWER(pid_t, "wait_look",
		    fake_ops != NULL ? fake_ops->wait_look(pid, options) : -ECHILD, "%d,%d", pid,
		    options);
}

int sys_wait_stop(pid_t pid)
{
	FAKE_ANSWER(int, "wait_stop", 0, "%d", pid);
}

bool sys_has_children(void)
{
	FAKE_ANSWER(bool, "has_children", fake_ops != NULL && fake_ops->has_children(), "%s", "");
}

int sys_probe_look(void)
{
	FAKE_ANSWER(int, "probe_look", 0, "%s", "");
}

int sys_probe_landlock(void)
{
	FAKE_ANSWER(int, "probe_landlock", 0, "%s", "");
}

/* Signals */

int sys_sigmask(int how, uint64_t mask, uint64_t *ret_old)
{
	uint64_t old = fake_sys.mask;

	FAKE_PLANNED(int, "sigmask", "%s,%016llx",
		     how == SIG_SETMASK ? "set"
		     : how == SIG_BLOCK ? "block"
					: "unblock",
		     (unsigned long long)mask);
	fake_sys.mask = how == SIG_SETMASK ? mask : how == SIG_BLOCK ? old | mask : old & ~mask;
	if (ret_old != NULL)
		*ret_old = old;
	return 0;
}

int sys_sigaction(int sig, const struct sigaction *act, struct sigaction *ret_old)
{
	struct sigaction old = { .sa_handler = SIG_DFL };

	if (sig == SIGCHLD)
		old = fake_sys.sigchld;
	else if (signals_in(fake_sys.ignored, sig))
		old.sa_handler = SIG_IGN;
	FAKE_PLANNED(int, "sigaction", "%d,%s", sig,
		     act == NULL                  ? "look"
		     : act->sa_handler == SIG_DFL ? "default"
		     : act->sa_handler == SIG_IGN ? "ignore"
						  : "handler");
	if (act != NULL && sig == SIGCHLD)
		fake_sys.sigchld = *act;
	else if (act != NULL && act->sa_handler == SIG_IGN)
		fake_sys.ignored |= SIGNALS_BIT(sig);
	else if (act != NULL)
		fake_sys.ignored &= ~SIGNALS_BIT(sig);
	if (ret_old != NULL)
		*ret_old = old;
	return 0;
}

int sys_sigwaitinfo(uint64_t mask, siginfo_t *ret_info, int64_t timeout_ns)
{
	long sig;

	/* A positive result is the signal that is taken. */
	if (!fake_note("sigwaitinfo", &sig, "%016llx,%lld", (unsigned long long)mask,
		       (long long)timeout_ns))
		return fake_ops != NULL ? fake_ops->sigwaitinfo(mask, ret_info, timeout_ns) : 0;
	if (sig <= 0)
		return (int)sig;
	memset(ret_info, 0, sizeof(*ret_info));
	ret_info->si_signo = (int)sig;
	return 1;
}

int sys_signalfd(int fd, uint64_t mask)
{
	FAKE_PLANNED(int, "signalfd", "%016llx", (unsigned long long)mask);
	fake_sys.signalfd_mask = mask;
	return fd >= 0 ? fd : fake_new_fd(FAKE_NO_FILE);
}

int sys_lower_sigpending(void)
{
	FAKE_ANSWER(int, "lower_sigpending", 0, "%s", "");
}

int sys_kill(pid_t pid, int sig)
{
	FAKE_ANSWER(int, "kill", fake_ops != NULL ? fake_ops->kill(pid, sig, NULL) : 0, "%d,%d",
		    pid, sig);
}

int sys_sigqueueinfo(pid_t pid, const siginfo_t *info)
{
	FAKE_ANSWER(int, "sigqueueinfo",
		    fake_ops != NULL ? fake_ops->kill(pid, info->si_signo, info) : 0, "%d,%d", pid,
		    info->si_signo);
}

/* Waiting and waking */

/* Who waits for ever gets what he waits for. */
static int fake_first_is_ready(struct pollfd *fds, int64_t timeout_ns)
{
	if (timeout_ns >= 0)
		return 0;
	fds[0].revents = POLLIN;
	return 1;
}

int sys_ppoll(struct pollfd *fds, unsigned int count, int64_t timeout_ns)
{
	for (unsigned int i = 0; i < count; i++)
		fds[i].revents = 0;
	FAKE_ANSWER(int, "ppoll",
		    fake_ops != NULL ? fake_ops->ppoll(fds, count, timeout_ns)
				     : fake_first_is_ready(fds, timeout_ns),
		    "%u,%lld", count, (long long)timeout_ns);
}

int sys_eventfd(void)
{
	FAKE_PLANNED(int, "eventfd", "%s", "");
	return fake_new_fd(FAKE_NO_FILE);
}

int sys_eventfd_ring(int fd)
{
	FAKE_ANSWER(int, "eventfd_ring", fake_ops != NULL ? fake_ops->ring(fd) : 0, "%d", fd);
}

int sys_eventfd_clear(int fd)
{
	FAKE_ANSWER(int, "eventfd_clear", fake_ops != NULL ? fake_ops->clear(fd) : 0, "%d", fd);
}

int64_t sys_now(void)
{
	return fake_sys.now;
}

uint64_t sys_boot_ticks(void)
{
	return fake_sys.boot_ticks;
}

int sys_sched_slice(uint64_t ns)
{
	FAKE_ANSWER(int, "sched_slice", 0, "%llu", (unsigned long long)ns);
}

/* Threads: there are none, @run is not called. */

int sys_thread_create(pthread_t *ret_thread, void *(*run)(void *), void *arg, size_t stack)
{
	(void)run;
	(void)arg;
	FAKE_PLANNED(int, "thread_create", "%zu", stack);
	memset(ret_thread, 0, sizeof(*ret_thread));
	return 0;
}

int sys_thread_join(pthread_t thread)
{
	(void)thread;
	FAKE_ANSWER(int, "thread_join", 0, "%s", "");
}

/* Files and memory */

int sys_open(const char *path, int flags)
{
	int file = fake_find_file(path);

	FAKE_PLANNED(int, "open", "%s,%d", path, flags);
	if (file != FAKE_NO_FILE)
		return fake_new_fd(file);
	return fake_ops != NULL ? fake_ops->open(path) : -ENOENT;
}

/* A pipe's end reads what was written to any pipe: one at a time is enough for tests. */
static size_t fake_take(int fd, size_t at, void *buf, size_t size)
{
	const struct fake_fd *f = &fake_fds[fd];
	const char *bytes = f->file == FAKE_NO_FILE ? fake_pipe.bytes : fake_files[f->file].text;
	size_t total = f->file == FAKE_NO_FILE ? fake_pipe.used : strlen(bytes);

	if (at > total)
		at = total;
	if (size > total - at)
		size = total - at;
	memcpy(buf, bytes + at, size);
	return size;
}

ssize_t sys_read(int fd, void *buf, size_t size)
{
	size_t got;

	FAKE_PLANNED(ssize_t, "read", "%d,%zu", fd, size);
	if (!fake_is_open(fd) || fd < 3)
		return -EBADF;
	if (fake_ops != NULL && fake_fds[fd].file == FAKE_NO_FILE)
		return fake_ops->read(fd, buf, size);
	got = fake_take(fd, fake_fds[fd].seen, buf, size);
	fake_fds[fd].seen += got;
	return (ssize_t)got;
}

ssize_t sys_pread(int fd, void *buf, size_t size, off_t offset)
{
	FAKE_PLANNED(ssize_t, "pread", "%d,%zu,%lld", fd, size, (long long)offset);
	if (!fake_is_open(fd) || fd < 3)
		return -EBADF;
	return (ssize_t)fake_take(fd, (size_t)offset, buf, size);
}

ssize_t sys_write(int fd, const void *buf, size_t size)
{
	FAKE_PLANNED(ssize_t, "write", "%d,%zu", fd, size);
	if (!fake_is_open(fd))
		return -EBADF;
	fake_append(fd == 2 ? &fake_errors : fd == 1 ? &fake_output : &fake_pipe, buf, size);
	return (ssize_t)size;
}

ssize_t sys_write_now(int fd, const void *buf, size_t size, int64_t patience_ns)
{
	(void)patience_ns;
	return sys_write(fd, buf, size);
}

void sys_close(int fd)
{
	long ignored;

	(void)fake_note("close", &ignored, "%d", fd);
	if (!fake_is_open(fd) || fd < 3)
		fake_die("a descriptor is closed that is not open", "close");
	fake_fds[fd].open = false;
}

int sys_close_range(unsigned int first, unsigned int last)
{
	FAKE_PLANNED(int, "close_range", "%u,%u", first, last);
	for (unsigned int fd = first; fd <= last && fd < FAKE_FDS; fd++)
		fake_fds[fd].open = false;
	return 0;
}

ssize_t sys_getdents(int fd, void *buf, size_t size)
{
	FAKE_ANSWER(ssize_t, "getdents", fake_ops != NULL ? fake_ops->getdents(fd, buf, size) : 0,
		    "%d,%zu", fd, size);
}

ssize_t sys_readlink(const char *path, char *buf, size_t size)
{
	FAKE_PLANNED(ssize_t, "readlink", "%s,%zu", path, size);
	if (fake_ops != NULL)
		return fake_ops->readlink(path, buf, size);
	return fake_find_file(path) == FAKE_NO_FILE ? -ENOENT : -EINVAL;
}

int sys_stat(const char *path, struct stat *ret_stat)
{
	int file = fake_find_file(path);

	FAKE_PLANNED(int, "stat", "%s", path);
	if (file == FAKE_NO_FILE)
		return -ENOENT;
	memset(ret_stat, 0, sizeof(*ret_stat));
	ret_stat->st_mode = fake_files[file].mode;
	ret_stat->st_size = (off_t)strlen(fake_files[file].text);
	return 0;
}

int sys_access_exec(const char *path)
{
	int file = fake_find_file(path);
	int r = file == FAKE_NO_FILE ? -ENOENT : fake_files[file].mode & 0111 ? 0 : -EACCES;

	FAKE_ANSWER(int, "access_exec", r, "%s", path);
}

int sys_is_noexec_mount(const char *path)
{
	FAKE_ANSWER(int, "is_noexec_mount", 0, "%s", path);
}

int sys_pipe(int ret_fds[2])
{
	FAKE_PLANNED(int, "pipe", "%s", "");
	ret_fds[0] = fake_new_fd(FAKE_NO_FILE);
	ret_fds[1] = fake_new_fd(FAKE_NO_FILE);
	return 0;
}

int sys_chdir(const char *path)
{
	FAKE_ANSWER(int, "chdir", 0, "%s", path);
}

bool sys_is_pipe(int fd)
{
	FAKE_ANSWER(bool, "is_pipe", false, "%d", fd);
}

int sys_fchdir(int fd)
{
	FAKE_ANSWER(int, "fchdir", fd > 2 && fake_is_open(fd) ? 0 : -EBADF, "%d", fd);
}

/* Real memory, so that a sanitizer sees what is used after it was unmapped. */
void *sys_map(size_t size)
{
	long ignored;

	if (fake_note("map", &ignored, "%zu", size))
		return NULL; /* whatever the errno */
	for (unsigned int i = 0; i < FAKE_MAPS; i++) {
		void *memory;

		if (fake_maps[i].memory != NULL)
			continue;
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			      0);
		if (memory == MAP_FAILED)
			fake_die("no memory", "map");
		fake_maps[i].memory = memory;
		fake_maps[i].size = size;
		return memory;
	}
	fake_die("no mapping left", "a leak?");
}

void sys_unmap(void *memory, size_t size)
{
	long ignored;

	(void)fake_note("unmap", &ignored, "%zu", size);
	for (unsigned int i = 0; i < FAKE_MAPS; i++) {
		if (fake_maps[i].memory != memory || fake_maps[i].size != size)
			continue;
		fake_maps[i].memory = NULL;
		(void)munmap(memory, size);
		return;
	}
	fake_die("memory is unmapped that is not mapped", "unmap");
}

const char *sys_strerror(int err)
{
	return strerror(err);
}

void sys_give_back(void)
{
}
