/* SPDX-License-Identifier: MIT */
/*
 * wrap.c - stands between sexton and sys.c, linked with --wrap, and makes calls fail; see plan.h.
 *
 * Without a plan behind FAULT_PLAN_FD every call goes through.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "plan.h"
#include "sexton/sys.h"

static struct fault_plan *wrap_plan;

__attribute__((constructor)) static void wrap_find_plan(void)
{
	void *memory = mmap(NULL, sizeof(*wrap_plan), PROT_READ | PROT_WRITE, MAP_SHARED,
			    FAULT_PLAN_FD, 0);

	if (memory == MAP_FAILED)
		return;
	close(FAULT_PLAN_FD);
	wrap_plan = memory;
}

/*
 * Asked by LeakSanitizer, in a build with it: it cannot look for leaks in stories without /proc, nor
 * read its options from the environment there. The end-to-end tests look for leaks.
 */
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
	return "detect_leaks=0";
}

static bool wrap_applies(const struct fault_rule *rule, enum fault_call call, const char *path)
{
	size_t length = strlen(rule->suffix);

	if (rule->nth == 0 || rule->call != call)
		return false;
	if (length == 0)
		return true;
	return path != NULL && strlen(path) >= length &&
	       strcmp(path + strlen(path) - length, rule->suffix) == 0;
}

/* Counts the call. Returns the positive errno it shall fail with, or 0. */
static int wrap_before(enum fault_call call, const char *path)
{
	int err = 0;

	if (wrap_plan == NULL)
		return 0;
	atomic_fetch_add(&wrap_plan->calls[call], 1);
	if (call == FAULT_sys_execve)
		atomic_fetch_add(&wrap_plan->execs, 1);
	for (int i = 0; i < FAULT_RULES_MAX; i++) {
		struct fault_rule *rule = &wrap_plan->rules[i];
		unsigned int n;

		if (!wrap_applies(rule, call, path))
			continue;
		n = atomic_fetch_add(&rule->seen, 1) + 1;
		if (n == rule->nth || (rule->for_ever && n > rule->nth))
			err = rule->err;
	}
	if (err != 0)
		atomic_fetch_add(&wrap_plan->fired, 1);
	return err;
}

/* Takes down what the kernel said, or was not asked. */
static void wrap_after(enum fault_call call, long result)
{
	if (wrap_plan == NULL)
		return;
	if (call == FAULT_sys_execve)
		atomic_fetch_add(&wrap_plan->execs_failed, 1);
	if ((call == FAULT_sys_waitpid || call == FAULT_sys_wait_look) && result == -ECHILD)
		atomic_fetch_add(&wrap_plan->none_left, 1);
}

#define WRAP(type, name, params, args, path)                                                       \
	type __real_##name params;                                                                 \
	type __wrap_##name params;                                                                 \
	type __wrap_##name params                                                                  \
	{                                                                                          \
		int err = wrap_before(FAULT_##name, path);                                         \
		type result = err != 0 ? (type)-err : __real_##name args;                          \
                                                                                                   \
		wrap_after(FAULT_##name, (long)result);                                            \
		return result;                                                                     \
	}
#define WRAP_CALL(type, name, params, args, ...) WRAP(type, name, params, args, NULL)
#define WRAP_PATH(type, name, params, args, ...) WRAP(type, name, params, args, path)
#define WRAP_MEMORY(type, name, params, args, ...)                                                 \
	type __real_##name params;                                                                 \
	type __wrap_##name params;                                                                 \
	type __wrap_##name params                                                                  \
	{                                                                                          \
		return wrap_before(FAULT_##name, NULL) != 0 ? NULL : __real_##name args;           \
	}

FAULT_CALLS(WRAP_CALL, WRAP_PATH, WRAP_MEMORY)
