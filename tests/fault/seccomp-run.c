/* SPDX-License-Identifier: MIT */
/*
 * seccomp-run.c - runs a command in which some system calls are refused.
 *
 * Usage: seccomp-run RULE... -- COMMAND [ARGUMENT...], RULE = NAME=ERRNO, see the two tables. Stands
 * in for an old kernel (ENOSYS) or a strict sandbox (EPERM). The filter is a plain BPF program that
 * the command and all its descendants inherit; it needs root or sets no_new_privs.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "seccomp-run knows x86-64 and aarch64"
#endif

#define ANY UINT32_MAX /* whatever the argument is */

static const struct {
	const char *name;
	uint32_t number;
	unsigned int argument; /* index of the one that is looked at */
	uint32_t mask;         /* refused if all these bits are set, or ANY */
	uint32_t value;        /* mask 0: refused if it has this value */
} calls[] = {
	{ "pidfd_open", SYS_pidfd_open, 0, ANY, 0 },
	{ "pidfd_send_signal", SYS_pidfd_send_signal, 0, ANY, 0 },
	{ "pidfd_signal_group", SYS_pidfd_send_signal, 3, 4, 0 }, /* PIDFD_SIGNAL_PROCESS_GROUP */
	{ "clone3", SYS_clone3, 0, ANY, 0 },
	{ "clone_thread", SYS_clone, 0, CLONE_THREAD, 0 },
	{ "membarrier", SYS_membarrier, 0, ANY, 0 },
	{ "waitid", SYS_waitid, 0, ANY, 0 },
	{ "close_range", SYS_close_range, 0, ANY, 0 },
	{ "set_child_subreaper", SYS_prctl, 0, 0, PR_SET_CHILD_SUBREAPER },
	{ "sched_setattr", SYS_sched_setattr, 0, ANY, 0 },
	{ "signalfd4", SYS_signalfd4, 0, ANY, 0 },
	{ "eventfd2", SYS_eventfd2, 0, ANY, 0 },
	{ "setpgid", SYS_setpgid, 0, ANY, 0 },
	{ "rt_sigqueueinfo", SYS_rt_sigqueueinfo, 0, ANY, 0 },
};

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "ENOSYS", ENOSYS }, { "EPERM", EPERM },   { "EINVAL", EINVAL },
	{ "EACCES", EACCES }, { "EAGAIN", EAGAIN }, { "EMFILE", EMFILE },
};

/* The filter under construction. */
static struct sock_filter code[BPF_MAXINSNS];
static unsigned short used;

static void __attribute__((noreturn)) give_up(const char *what, const char *which)
{
	fprintf(stderr, "seccomp-run: %s: %s\n", which, what);
	exit(125);
}

static void add(uint16_t op, uint32_t k, uint8_t if_true, uint8_t if_false)
{
	code[used++] = (struct sock_filter){ .code = op, .k = k, .jt = if_true, .jf = if_false };
}

static void add_load(size_t offset)
{
	add(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void add_head(void)
{
	add_load(offsetof(struct seccomp_data, arch));
	add(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0); /* another architecture's numbers */
}

/* Refuses call @i with @error and goes on to the next rule otherwise. */
static void add_rule(size_t i, int error)
{
	uint32_t verdict = SECCOMP_RET_ERRNO | ((uint32_t)error & SECCOMP_RET_DATA);
	size_t low = offsetof(struct seccomp_data, args) + calls[i].argument * sizeof(uint64_t);

	add_load(offsetof(struct seccomp_data, nr));
	if (calls[i].mask == ANY) {
		add(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1);
		add(BPF_RET | BPF_K, verdict, 0, 0);
		return;
	}
	add(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 3);
	add_load(low); /* both architectures are little-endian */
	if (calls[i].mask != 0)
		add(BPF_JMP | BPF_JSET | BPF_K, calls[i].mask, 0, 1);
	else
		add(BPF_JMP | BPF_JEQ | BPF_K, calls[i].value, 0, 1);
	add(BPF_RET | BPF_K, verdict, 0, 0);
}

static void add_words(const char *rule)
{
	const char *equals = strchr(rule, '=');
	size_t length = equals ? (size_t)(equals - rule) : 0;
	int error = 0;

	for (size_t i = 0; equals && i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strcmp(equals + 1, errors[i].name) == 0)
			error = errors[i].number;
	if (error == 0)
		give_up("not of the form CALL=ERRNO, or no errno that is known here", rule);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strncmp(rule, calls[i].name, length) != 0 || calls[i].name[length] != '\0')
			continue;
		add_rule(i, error);
		return;
	}
	give_up("no system call that is known here", rule);
}

int main(int argc, char **argv)
{
	struct sock_fprog program = { .filter = code };
	int i = 1;

	add_head();
	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		add_words(argv[i]);
	if (i + 1 >= argc)
		give_up("RULE... -- COMMAND [ARGUMENT...]", "usage");
	add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	program.len = used;
	/* Root of its user namespace needs no no_new_privs, and what needs privileges still works. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 &&
	    (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	     prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0))
		give_up(strerror(errno), "seccomp");
	execvp(argv[i + 1], argv + i + 1);
	give_up(strerror(errno), argv[i + 1]);
}
